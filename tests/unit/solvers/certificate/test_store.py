"""Compiled models on disk: shared, read-only, damaged, full or switched off, every solve goes on; a bad one is told."""

import os
import time

import numpy as np
import pytest

from cge.errors import InstallError
from cge.solvers.certificate import compiled
from cge.solvers.certificate.compiled import CompiledModel, fingerprint
from cge.solvers.certificate.store import KEPT, DamagedError, Store, default_folders, health, pack, unpack
from tests.points import system

MODEL = system("full").model
KEY = fingerprint(MODEL)
OTHER = "0" * 64


@pytest.fixture(scope="module")
def packed():
    return compiled.packed(MODEL, Store(()))


@pytest.fixture
def store(tmp_path, packed):
    store = Store((tmp_path / "shared", tmp_path / "own"))
    store.keep(KEY, packed)
    return store


def file(store, k=0):
    return store.folders[k] / f"{KEY}.model"


def test_what_is_packed_is_unpacked(packed):
    arrays = unpack(packed, KEY)
    for name, array in unpack(pack(KEY, arrays), KEY).items():
        np.testing.assert_array_equal(array, arrays[name])
    with pytest.raises(DamagedError, match="another model's"):
        unpack(packed, OTHER)


def test_a_folder_that_cannot_be_written_to_is_read_and_the_next_one_written(tmp_path, packed):
    """Whoever runs the tests may be root, to whom no folder is read-only: a file stands where the folder would be."""
    shared = tmp_path / "shared"
    shared.write_text("in the way")
    store = Store((shared, tmp_path / "own"))
    assert store.read(KEY) is None
    assert store.keep(KEY, packed) == tmp_path / "own" / f"{KEY}.model"
    assert store.read(KEY) == packed
    assert Store((shared,)).keep(KEY, packed) is None
    assert CompiledModel(MODEL, Store((shared,))).fresh


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write to every folder")
def test_a_folder_of_another_user_is_used(store):
    file(store).parent.chmod(0o555)
    assert not CompiledModel(MODEL, store).fresh


def test_a_file_whose_time_cannot_be_set_is_used(store, monkeypatch):
    """As for a file of another user's, which can be read and not touched."""

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "utime", refuse)
    assert not CompiledModel(MODEL, store).fresh


def test_others_may_read_what_is_kept(store):
    assert file(store).stat().st_mode & 0o444 == 0o444


DAMAGES = {
    "empty": lambda b: b"",
    "its first line alone": lambda b: b.split(b"\n")[0],
    "cut in the line": lambda b: b[:40],
    "cut": lambda b: b[: len(b) // 2],
    "a byte more": lambda b: b + b"\n",
    "one bit": lambda b: b[:-2000] + bytes([b[-2000] ^ 1]) + b[-1999:],
    "no JSON": lambda b: b"\x00" * len(b),
    "a list": lambda b: b"[]\n" + b,
    "of another version": lambda b: b.replace(b"model 2", b"model 1", 1),
    "brackets": lambda b: b"[" * 900 + b"\n",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_model_is_told_removed_and_made_anew(store, packed, caplog, damage):
    file(store).write_bytes(DAMAGES[damage](packed))
    assert health(store.folders[0])[2] == [file(store)]
    assert CompiledModel(MODEL, store).fresh
    (told,) = caplog.messages
    assert "damaged" in told
    assert str(file(store)) in told
    assert "\n" not in told
    assert health(store.folders[0])[2] == []
    assert not CompiledModel(MODEL, store).fresh


def test_a_damaged_model_is_no_news_where_another_folder_has_a_good_one(store, packed, caplog):
    Store(store.folders[1:]).keep(KEY, packed)
    file(store).write_bytes(b"")
    assert store.read(KEY) == packed
    assert caplog.messages == []


def test_the_models_used_last_are_kept_and_what_is_no_model_is_left_alone(tmp_path):
    store = Store((tmp_path,))
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    half, old, young = tmp_path / ("a" * 64), tmp_path / ".cge-1.part", tmp_path / ".cge-2.part"
    half.mkdir()  # of an older format
    for part in (old, young):
        part.touch()
    os.utime(old, (0, 0))
    for k in range(KEPT + 3):
        kept = store.keep(f"{k:064x}", pack(f"{k:064x}", {"x": np.zeros(3)}))
        os.utime(kept, (time.time() - 100 + k, time.time() - 100 + k))
    assert health(tmp_path)[0] == KEPT
    assert store.read(f"{2:064x}") is None
    assert store.read(f"{KEPT + 2:064x}") is not None
    assert {f.name for f in tmp_path.iterdir() if f.suffix != ".model"} == {"mine.txt", ".cge-2.part"}
    assert len(store.clean()) == KEPT + 1
    assert [f.name for f in tmp_path.iterdir()] == ["mine.txt"]


def test_a_full_disk_costs_the_model_and_leaves_nothing(store, packed, tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    fresh = Store((tmp_path / "full",))
    assert fresh.keep(KEY, packed) is None
    assert list((tmp_path / "full").iterdir()) == []


def test_a_full_temporary_folder_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(InstallError, match="another folder with TMPDIR"):
        CompiledModel(MODEL, None)


def test_the_switch_names_a_folder_or_none(monkeypatch, tmp_path):
    monkeypatch.delenv("CGE_CACHE", raising=False)
    assert len(default_folders()) == 2
    monkeypatch.setenv("CGE_CACHE", str(tmp_path))
    assert Store().folders == (tmp_path,)
    monkeypatch.setenv("CGE_CACHE", "off")
    assert Store().folders == ()
    assert CompiledModel(MODEL).fresh
    assert CompiledModel(MODEL).fresh
