"""A batch's folder: what was changed in it after it was written is run anew, and the others are kept."""

import json

import pytest

from cge.solvers.many.batch_folder import INDEX, BatchFolder, Outcome, read_rows

KEYS = ("a", "b", "c")


@pytest.fixture
def folder(tmp_path):
    with BatchFolder(tmp_path / "out") as kept:
        for key in KEYS:
            kept.add(key, "f" * 64, Outcome("solved", tables={"t": f"x\n{key}\n"}, proof={"walras": 1e-12}))
    return tmp_path / "out"


def held(folder):
    with BatchFolder(folder) as kept:
        return [key for key in KEYS if kept.holds(key, "f" * 64)]


def test_what_was_written_is_held(folder):
    assert held(folder) == list(KEYS)


def test_a_table_that_was_changed_is_told_and_run_anew(folder, caplog):
    (folder / read_rows(folder)["b"].file("t")).write_text("x\n9\n")
    assert held(folder) == ["a", "c"]
    assert "b is run anew" in caplog.text
    (folder / read_rows(folder)["b"].file("t")).unlink()
    assert held(folder) == ["a", "c"]


@pytest.mark.parametrize("change", [b'"walras": 0.5', b'"walras": 1e-1', b"\xff\xfe\x00\xff: 1e-12", b""])
def test_a_line_that_was_changed_is_run_anew(folder, change):
    lines = (folder / INDEX).read_bytes().split(b"\n")
    lines[2] = lines[2].replace(b'"walras": 1e-12', change)
    (folder / INDEX).write_bytes(b"\n".join(lines))
    assert held(folder) == ["a", "c"]


def test_lines_of_an_older_version_are_read(folder):
    first, *lines = (folder / INDEX).read_text().splitlines()
    new = ("sha256", "line_sha256")
    old = [json.dumps({k: v for k, v in json.loads(line).items() if k not in new}) for line in lines]
    (folder / INDEX).write_text("\n".join([first, *old]) + "\n")
    assert held(folder) == list(KEYS)
