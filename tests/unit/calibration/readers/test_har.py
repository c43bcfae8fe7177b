"""Header array files: what is written comes back, files of another program are read, damaged ones are told."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from cge.calibration.readers.har import RECORD, Header, is_har, read_har, write_har
from cge.errors import AbsentError, DataError

OTHER = Path(__file__).parent / "cgelab.har"
"""Written by cgelab 0.7's own writer (MIT licence), from made numbers."""


def labels(letter, count):
    return tuple(f"{letter}{k}" for k in range(count))


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    goods, regions, seven = labels("g", 30), labels("r", 40), (2, 1, 3, 2, 2, 2, 2)
    return {
        "NAME": Header(np.array(["one", "two words", ""], dtype=object), "strings"),
        "MANY": Header(np.array(labels("item", 5000), dtype=object), "more strings than a record holds"),
        "INTS": Header(np.arange(6).reshape(2, 3), "whole numbers"),
        "FLOW": Header(rng.random((30, 40, 40)), "many records", ("COMM", "REG", "REG"), (goods, regions, regions)),
        "WIDE": Header(rng.random((3, 20_000)), "no sets, two dimensions"),
        "CUBE": Header(rng.random((3, 4, 2)), "no sets, three dimensions"),
        "LINE": Header(rng.random(5), "a vector"),
        "ALL7": Header(rng.random(seven), "seven", labels("S", 7), tuple(labels("x", n) for n in seven)),
    }  # fmt: skip


def test_what_is_written_comes_back_in_single_precision(arrays, tmp_path):
    path = write_har(tmp_path / "a.har", arrays)
    found = read_har(path)
    assert is_har(path)
    assert list(found) == list(arrays)
    for name, header in arrays.items():
        got = found[name]
        assert (got.text, got.sets, got.labels) == (header.text, header.sets, header.labels)
        if header.values.dtype.kind == "f":
            np.testing.assert_array_equal(got.values, header.values.astype(np.float32))
        else:
            np.testing.assert_array_equal(got.values, header.values)


def test_no_record_is_longer_than_gempack_reads(arrays, tmp_path):
    data = write_har(tmp_path / "a.har", arrays).read_bytes()
    at, count = 0, 0
    while at < len(data):
        (length,) = struct.unpack_from("<i", data, at)
        assert length <= RECORD + 100
        at, count = at + 8 + length, count + 1
    assert count > 30


def test_nothing_is_overwritten_unasked(arrays, tmp_path):
    path = write_har(tmp_path / "a.har", arrays)
    with pytest.raises(FileExistsError, match="kept"):
        write_har(path, {"LINE": arrays["LINE"]})
    write_har(path, {"LINE": arrays["LINE"]}, overwrite=True)
    assert list(read_har(path)) == ["LINE"]


def test_another_program_reads_what_is_written(arrays, tmp_path):
    har = pytest.importorskip("cgelab.har", reason="needs cgelab, of the extra peers")
    own = {name: arrays[name] for name in ("INTS", "FLOW", "CUBE", "LINE")}
    write_har(tmp_path / "own.har", own)
    found = har.read_har(tmp_path / "own.har")
    for name, header in own.items():
        read = np.asarray(found[name].array, dtype=float).reshape(header.values.shape)
        np.testing.assert_allclose(read, header.values, rtol=1e-6)
    assert list(found["FLOW"].sets) == list(own["FLOW"].sets)


def test_the_files_of_another_program_are_read():
    found = read_har(OTHER)
    assert found["TRAD"].sets == ("COMM", "REG", "REG")
    assert found["TRAD"].labels == (("a", "bb"), ("r1", "r2", "r3"), ("r1", "r2", "r3"))
    np.testing.assert_allclose(found["TRAD"].values, np.arange(1.0, 19.0).reshape(2, 3, 3) / 3.0, rtol=1e-7)
    assert list(found["SETS"].values) == ["a", "bb"]
    np.testing.assert_array_equal(found["YEAR"].values, [[2017, 2022]])
    np.testing.assert_allclose(found["RATE"].values, [[0.1, 0.2], [0.3, 1e6]], rtol=1e-7)
    np.testing.assert_array_equal(found["CUBE"].values, np.arange(24.0).reshape(2, 3, 4))


def record(body, order="<"):
    length = struct.pack(f"{order}i", len(body))
    return length + body + length


def sparse(order="<"):
    """A sparse array of 2 x 3 in two records, as the manual describes it, in either order of bytes."""

    def pack(*numbers):
        return b"    " + struct.pack(f"{order}{len(numbers)}i", *numbers)

    strings = [b"a".ljust(12) + b"b".ljust(12), b"x".ljust(12) + b"y".ljust(12) + b"z".ljust(12)]
    info = b"    RESPSE" + b"sparse".ljust(70) + struct.pack(f"{order}8i", 7, 2, 3, 1, 1, 1, 1, 1)
    sets = pack(2, -1, 2) + b"COEF".ljust(12) + struct.pack(f"{order}i", -1) + b"ONE".ljust(12) + b"TWO".ljust(12)
    parts = [
        b"SPRS", info, sets + b"kk" + struct.pack(f"{order}3i", 0, 0, 0),
        pack(1, 2, 2) + strings[0], pack(1, 3, 3) + strings[1], pack(3, 4, 4) + b" " * 80,
        pack(2, 3, 2) + struct.pack(f"{order}2i2f", 1, 4, 1.5, 2.5), pack(1, 3, 1) + struct.pack(f"{order}if", 6, 3.5),
    ]  # fmt: skip
    return b"".join(record(part, order) for part in parts)


@pytest.mark.parametrize("order", ["<", ">"])
def test_sparse_arrays_of_either_order_of_bytes_are_read(order, tmp_path):
    path = tmp_path / "s.har"
    path.write_bytes(sparse(order))
    found = read_har(path)["SPRS"]
    np.testing.assert_array_equal(found.values, [[1.5, 0.0, 0.0], [0.0, 2.5, 3.5]])
    assert found.labels == (("a", "b"), ("x", "y", "z"))


def test_damaged_files_are_told_with_the_array(arrays, tmp_path):
    path = write_har(tmp_path / "a.har", arrays)
    whole = path.read_bytes()
    path.write_bytes(whole[:-500])
    with pytest.raises(DataError, match="array ALL7: the file ends within it"):
        read_har(path)
    path.write_bytes(whole.replace(b"REFULL", b"XXFULL", 1))
    with pytest.raises(DataError, match="array FLOW: its type XX FULL is not known"):
        read_har(path)
    path.write_bytes(b"seller,buyer,value\n")
    with pytest.raises(DataError, match="does not begin with the name of an array"):
        read_har(path)
    with pytest.raises(AbsentError):
        read_har(tmp_path / "none.har")


def test_what_the_form_cannot_hold_is_refused_all_at_once(tmp_path):
    bad = {
        "TOOLONG": Header(np.ones(2)),
        "NAN": Header(np.array([np.nan, 1e39])),
        "SETS": Header(np.ones((2, 2)), "", ("A", "B"), (("x", "a label too long"), ("y", "y"))),
        "LBL": Header(np.ones(3), "", ("A",), (("x", "y"),)),
    }
    with pytest.raises(DataError) as told:
        write_har(tmp_path / "a.har", bad)
    text = str(told.value)
    assert len(told.value.faults) == 5
    for part in ("TOOLONG", "NAN", "a label too long", "repeats", "LBL"):
        assert part in text
    assert not (tmp_path / "a.har").exists()
