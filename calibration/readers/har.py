"""Header array files (HAR), the binary form of GEMPACK and of the GTAP data base: read and written.

A file is a sequence of Fortran's unformatted records: a length of four bytes, the record, the length again. An array
("header") is a record with its name of four letters; one with its type, its storage, 70 letters of text and its
dimensions; and its numbers, first index fastest, in as many records as they need:

- `1C` strings, `2I` and `2R` integers and reals in two dimensions,
- `RE` reals in up to seven dimensions, each with the name of a set and its elements; `RL` the same without sets,
- `FULL` as blocks with their bounds, or `SPSE` as pairs of position and value.

Every record but the name begins with four blanks, and counts down how many follow. Reals have single precision.
Source: GEMPACK's manual, "Header array files: optional names, technical details".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cge.calibration.atomic import whole
from cge.errors import AbsentError, DataError

RANK = 7
RECORD = 28_000
"""Bytes of numbers in a record that is written: GEMPACK's own buffer takes no more."""
WIDTH = 12
"""Letters of a set's name and of an element."""


@dataclass(frozen=True, eq=False)
class Header:
    """One array of a file.

    Attributes:
        values: numbers (float64 or int64), or strings as an array of objects.
        text: what it is, up to 70 letters.
        sets: name of the set of every dimension; empty where the file has none.
        labels: elements of every dimension; empty with `sets`.
    """

    values: npt.NDArray[Any]
    text: str = ""
    sets: tuple[str, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()


def is_har(path: str | Path) -> bool:
    """Whether a file begins as a header array file does: a record of four letters."""
    with Path(path).open("rb") as file:
        start = file.read(12)
    return len(start) == 12 and start[:4] == start[8:] and start[:4] in (b"\4\0\0\0", b"\0\0\0\4")


def read_har(path: str | Path) -> dict[str, Header]:
    """Read every array of a file.

    Returns:
        Name (without blanks) to array.

    Raises:
        AbsentError: there is no such file.
        DataError: it is no header array file, is cut short, or holds a type that is not known.
    """
    file = Path(path)
    if not file.is_file():
        raise AbsentError(f"there is no file {file}; check the path")
    if not is_har(file):
        raise DataError(["it does not begin with the name of an array, as header array files do"], str(file))
    records = _Records(file.read_bytes(), str(file))
    found: dict[str, Header] = {}
    for name in records:
        if len(name) != 4:
            raise records.fault(f"a record of {len(name)} bytes stands where the name of an array should")
        records.name = name.decode("latin-1").strip()
        if records.name in found:
            raise records.fault("the file holds it twice")
        found[records.name] = _header(records)
    return found


def write_har(path: str | Path, headers: Mapping[str, Header], *, overwrite: bool = False) -> Path:
    """Write arrays in GEMPACK's form, reals in single precision.

    Args:
        path: of the file.
        headers: name of up to four letters to array; reals with sets become `RE`, without `2R` or `RL`.
        overwrite: replace a file that is there.

    Raises:
        FileExistsError: the file is there.
        DataError: names, sets or numbers that the form cannot hold, all of them.
    """
    faults = [fault for name, header in headers.items() for fault in _unfit(name, header)]
    if faults:
        raise DataError(faults, f"what {path} should hold")
    target = Path(path)
    if target.exists() and not overwrite:
        raise FileExistsError(f"{target} exists and is kept; choose another name or pass overwrite=True")
    with whole(target) as unfinished, unfinished.open("wb") as out:
        for name, header in headers.items():
            for record in (name.ljust(4).encode("latin-1"), *_written(name, header)):
                length = struct.pack("<i", len(record))
                out.write(length + record + length)
    return target


class _Records:
    """The records of a file, one by one, with what to say where one is at fault."""

    def __init__(self, data: bytes, file: str) -> None:
        self.data, self.file, self.name, self.at = data, file, "", 0
        self.order = "<" if data[:1] == b"\4" else ">"

    def __iter__(self) -> Iterator[bytes]:
        while self.at < len(self.data):
            yield self.take()

    def take(self) -> bytes:
        """The next record."""
        start = self.at + 4
        length = self.ints(self.data, self.at, 1)[0] if start <= len(self.data) else -1
        end = start + length
        if length < 0 or end + 4 > len(self.data):
            raise self.fault(f"the file ends within it, at byte {len(self.data)}; copy the file again, in binary mode")
        if self.ints(self.data, end, 1)[0] != length:
            raise self.fault(f"the record at byte {self.at} does not end with its length; the file is damaged")
        self.at = end + 4
        return self.data[start:end]

    def ints(self, record: bytes, at: int, count: int) -> tuple[int, ...]:
        """Whole numbers of a record."""
        try:
            return struct.unpack_from(f"{self.order}{count}i", record, at)
        except struct.error:
            raise self.fault(f"a record of {len(record)} bytes is too short for what it should hold") from None

    def numbers(self, record: bytes, at: int, count: int, kind: str) -> npt.NDArray[Any]:
        """Numbers of a record; `kind` is f or i."""
        if len(record) < at + 4 * count:
            raise self.fault(f"a record of {len(record)} bytes should hold {count} numbers")
        return np.frombuffer(record, dtype=f"{self.order}{kind}4", count=count, offset=at)

    def fault(self, what: str) -> DataError:
        """The error that says what is wrong with the array that is being read."""
        return DataError([f"array {self.name}: {what}" if self.name else what], self.file)


def _header(records: _Records) -> Header:
    info = records.take()
    kind, storage, text = (part.decode("latin-1") for part in (info[4:6], info[6:10], info[10:80]))
    dims = records.ints(info, 84, records.ints(info, 80, 1)[0])
    sets: tuple[str, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()
    values: npt.NDArray[Any]
    if kind == "1C":
        values = np.array(_strings(records), dtype=object)
    elif kind in ("2I", "2R"):
        values = _matrix(records, dims, kind)
        values = values.ravel() if dims[1] == 1 else values
    elif kind in ("RE", "RL") and storage in ("FULL", "SPSE"):
        if kind == "RE":
            sets, labels = _sets(records, dims)
        flat = _blocks(records, dims) if storage == "FULL" else _pairs(records, dims)
        rank = len(sets) if kind == "RE" else max([k + 1 for k, d in enumerate(dims) if d > 1], default=0)
        values = np.ascontiguousarray(flat.reshape(dims[:rank], order="F"))
    else:
        raise records.fault(f"its type {kind} {storage} is not known (known: 1C, 2I, 2R, RE and RL, FULL or SPSE)")
    return Header(values, text.strip(), sets, labels)


def _strings(records: _Records) -> list[str]:
    found: list[str] = []
    while True:
        record = records.take()
        left, _, count = records.ints(record, 4, 3)
        width = (len(record) - 16) // count if count else 0
        found += [record[16 + k * width : 16 + (k + 1) * width].decode("latin-1").rstrip() for k in range(count)]
        if left <= 1:
            return found


def _matrix(records: _Records, dims: tuple[int, ...], kind: str) -> npt.NDArray[Any]:
    values = np.zeros(dims, dtype=np.int64 if kind == "2I" else np.float64)
    while True:
        record = records.take()
        left, _, _, a, b, c, d = records.ints(record, 4, 7)
        count = (b - a + 1) * (d - c + 1)
        numbers = records.numbers(record, 32, count, "i" if kind == "2I" else "f")
        values[a - 1 : b, c - 1 : d] = numbers.reshape((b - a + 1, d - c + 1), order="F")
        if left <= 1:
            return values


def _sets(records: _Records, dims: tuple[int, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    record = records.take()
    rank = records.ints(record, 12, 1)[0]
    names = [record[32 + WIDTH * k : 32 + WIDTH * (k + 1)].decode("latin-1").strip() for k in range(rank)]
    status = record[32 + WIDTH * rank : 32 + (WIDTH + 1) * rank].decode("latin-1")
    known: dict[str, tuple[str, ...]] = {}
    for name, state in zip(names, status, strict=True):
        if state == "k" and name not in known:
            known[name] = tuple(_strings(records))
    labels = []
    for name, state, size in zip(names, status, dims, strict=False):
        one = (name,) if state == "e" else tuple(map(str, range(1, size + 1)))  # an element for a set, or only a size
        labels.append(known.get(name, one))
        if len(labels[-1]) != size:
            raise records.fault(f"set {name} has {len(labels[-1])} elements, and its dimension {size}")
    return tuple(names), tuple(labels)


def _blocks(records: _Records, dims: tuple[int, ...]) -> npt.NDArray[np.float64]:
    records.take()  # the dimensions once more
    values = np.zeros(dims)
    while True:
        bounds = records.ints(records.take(), 8, 2 * RANK)
        record = records.take()
        place = tuple(slice(a - 1, b) for a, b in zip(bounds[::2], bounds[1::2], strict=True))
        shape = [s.stop - s.start for s in place]
        values[place] = records.numbers(record, 8, int(np.prod(shape)), "f").reshape(shape, order="F")
        if records.ints(record, 4, 1)[0] <= 1:
            return values.ravel(order="F")


def _pairs(records: _Records, dims: tuple[int, ...]) -> npt.NDArray[np.float64]:
    records.take()  # how many there are
    values = np.zeros(int(np.prod(dims)))
    while True:
        record = records.take()
        left, _, count = records.ints(record, 4, 3)
        at = records.numbers(record, 16, count, "i") - 1
        if count and (at.min() < 0 or at.max() >= len(values)):
            raise records.fault(f"a position lies outside its {len(values)} cells")
        values[at] = records.numbers(record, 16 + 4 * count, count, "f")
        if left <= 1:
            return values


def _unfit(name: str, header: Header) -> list[str]:
    values = header.values
    faults = []
    if not 1 <= len(name) <= 4 or not name.isascii():
        faults.append(f"array {name}: a name has one to four letters")
    if values.dtype.kind not in "fiuOU" or (values.dtype.kind in "iu" and values.ndim > 2):
        faults.append(f"array {name}: {values.ndim} dimensions of {values.dtype} cannot be held; give reals or strings")
    if values.ndim > RANK:
        faults.append(f"array {name} has {values.ndim} dimensions; a header holds seven")
    if values.dtype.kind == "f" and (~np.isfinite(values) | (abs(values) > np.finfo(np.float32).max)).any():
        faults.append(f"array {name} holds numbers that single precision cannot; give finite ones under 3e38")
    if header.sets and (
        len(header.sets) != values.ndim or tuple(map(len, header.labels)) != values.shape or values.dtype.kind != "f"
    ):
        faults.append(f"array {name}: sets and labels go with reals, one a dimension, and a label an element")
    words = [*header.sets, *(label for labels in header.labels for label in labels)]
    faults += [
        f"array {name}: {word!r} has more than {WIDTH} letters, or others than Latin ones; shorten it"
        for word in dict.fromkeys(words)
        if len(word) > WIDTH or not _latin(word)
    ]
    twice = [s for s, labels in zip(header.sets, header.labels, strict=False) if len(set(labels)) < len(labels)]
    faults += [f"array {name}: set {s} repeats an element; every element must be unique" for s in twice]
    if not _latin(header.text) or (values.dtype.kind in "OU" and not all(_latin(str(v)) for v in values.ravel())):
        faults.append(f"array {name}: its text has letters that Latin-1 lacks; write it without")
    return faults


def _latin(word: str) -> bool:
    return all(ord(letter) < 256 for letter in word)


def _written(name: str, header: Header) -> Iterator[bytes]:
    """The records of an array after its name."""
    values = header.values
    if values.dtype.kind in "OU":
        words = [str(word) for word in values.ravel()]
        width = max([len(word) for word in words] + [1])
        yield _info("1C", header.text, (len(words), width))
        yield from _written_strings(words, width)
    elif values.dtype.kind in "iu" or (values.ndim <= 2 and not header.sets):
        yield from _written_matrix(header)
    else:
        yield from _written_reals(name, header)


def _written_matrix(header: Header) -> Iterator[bytes]:
    kind, form = ("2R", "<f4") if header.values.dtype.kind == "f" else ("2I", "<i4")
    table = header.values.astype(form).reshape((*header.values.shape, 1, 1)[:2])
    yield _info(kind, header.text, table.shape)
    places = list(_slabs(table.shape))
    for k, (rows, columns) in enumerate(places):
        edges = (rows.start + 1, rows.stop, columns.start + 1, columns.stop)
        yield _packed(len(places) - k, *table.shape, *edges) + table[rows, columns].tobytes(order="F")


def _written_reals(name: str, header: Header) -> Iterator[bytes]:
    dims = (*header.values.shape, *(1,) * (RANK - header.values.ndim))
    yield _info("RE" if header.sets else "RL", header.text, dims)
    if header.sets:
        distinct = dict(zip(header.sets, header.labels, strict=True))
        rank = len(header.sets)
        names = b"".join(s.ljust(WIDTH).encode("latin-1") for s in header.sets)
        start = _packed(len(distinct), -1, rank) + name.ljust(WIDTH).encode("latin-1") + struct.pack("<i", -1)
        yield start + names + b"k" * rank + struct.pack(f"<{rank + 1}i", *[0] * (rank + 1))
        for labels in distinct.values():
            yield from _written_strings(labels, WIDTH)
    values = np.asarray(header.values, dtype="<f4").reshape(dims, order="F")
    places = list(_slabs(dims))
    yield _packed(2 * len(places) + 1, RANK, *dims)
    for k, place in enumerate(places):
        left = 2 * (len(places) - k)
        yield _packed(left, *(edge for s in place for edge in (s.start + 1, s.stop)))
        yield _packed(left - 1) + values[place].tobytes(order="F")


def _slabs(dims: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Blocks of an array that each fit into a record, in the order of its numbers."""
    most = RECORD // 4
    inner = 0
    while inner < len(dims) and int(np.prod(dims[: inner + 1])) <= most:
        inner += 1
    if inner == len(dims):
        yield tuple(slice(0, d) for d in dims)
        return
    step = max(1, most // int(np.prod(dims[:inner], dtype=int)))
    whole = tuple(slice(0, d) for d in dims[:inner])
    for outer in product(*(range(d) for d in reversed(dims[inner + 1 :]))):
        rest = tuple(slice(k, k + 1) for k in reversed(outer))
        for start in range(0, dims[inner], step):
            yield (*whole, slice(start, min(start + step, dims[inner])), *rest)


def _written_strings(words: list[str] | tuple[str, ...], width: int) -> Iterator[bytes]:
    step = max(1, RECORD // width)
    parts = [words[k : k + step] for k in range(0, len(words), step)] or [words]
    for k, part in enumerate(parts):
        text = b"".join(word.ljust(width).encode("latin-1") for word in part)
        yield _packed(len(parts) - k, len(words), len(part)) + text


def _info(kind: str, text: str, dims: tuple[int, ...]) -> bytes:
    about = text[:70].ljust(70).encode("latin-1")
    return b"    " + kind.encode() + b"FULL" + about + struct.pack(f"<i{len(dims)}i", len(dims), *dims)


def _packed(*numbers: int) -> bytes:
    return b"    " + struct.pack(f"<{len(numbers)}i", *numbers)
