"""The fingerprint of the code sees every module in every folder, in a linked tree as in an installed copy."""

import shutil
from pathlib import Path

import pytest

from cge import source

TREE = Path(source.__file__).resolve().parent


@pytest.fixture(params=["linked", "installed"])
def root(request, tmp_path):
    """A copy of the package's modules: with links to the rooms beside it, or with the rooms inside it."""
    inside = request.param == "installed"
    shutil.copytree(TREE, tmp_path / "cge", ignore=lambda _, names: [n for n in names if n in source.ROOMS])
    for room in source.ROOMS:
        shutil.copytree(TREE.parent / room, tmp_path / "cge" / room if inside else tmp_path / room)
        if not inside:
            (tmp_path / "cge" / room).symlink_to(tmp_path / room)
    return tmp_path / "cge"


def fingerprint(root, monkeypatch, *asked):
    monkeypatch.setattr(source, "ROOT", root)
    source.source_sha256.cache_clear()
    try:
        return source.source_sha256(*asked)
    finally:
        source.source_sha256.cache_clear()


@pytest.mark.parametrize("rooms", [source.ROOMS, ()])
def test_it_is_that_of_the_tree(root, monkeypatch, rooms):
    copied = fingerprint(root, monkeypatch, rooms)
    assert copied == fingerprint(TREE, monkeypatch, rooms)


@pytest.mark.parametrize(
    ("name", "acts"), [("equations/deep/new.py", True), ("scenarios/blocks/deep/new.py", True), ("new.txt", False)]
)
def test_it_sees_new_files_in_new_folders(root, monkeypatch, name, acts):
    before = fingerprint(root, monkeypatch)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("x = 1\n")
    assert (fingerprint(root, monkeypatch) != before) == acts


def test_rooms_that_are_not_asked_for_and_what_only_shows_results_do_not_enter(root, monkeypatch):
    core, whole = fingerprint(root, monkeypatch, ()), fingerprint(root, monkeypatch, source.ROOMS, ("screen",))
    for folder in ("scenarios/blocks", "scenarios/screen"):
        (root / folder / "new.py").write_text("x = 1\n")
        assert fingerprint(root, monkeypatch, ()) == core
    assert fingerprint(root, monkeypatch, source.ROOMS, ("screen",)) != whole
    (root / "scenarios/blocks/new.py").unlink()
    assert fingerprint(root, monkeypatch, source.ROOMS, ("screen",)) == whole


RATE = 2.0


def doubled(x):
    return RATE * x


def own(number):
    """A function of a user's own with a helper, and a value that it encloses."""

    def body(m, r):
        return doubled(m.income[r]) + number

    return body


def test_what_a_users_function_does_is_its_fingerprint(monkeypatch):
    first = source.value_sha256({"body": own(1.0), "dims": ("region",)})
    assert source.value_sha256({"dims": ("region",), "body": own(1.0)}) == first  # another object, the same text
    assert source.value_sha256({"body": own(2.0), "dims": ("region",)}) != first
    monkeypatch.setitem(globals(), "RATE", 3.0)  # what a helper uses
    assert source.value_sha256({"body": own(1.0), "dims": ("region",)}) != first
