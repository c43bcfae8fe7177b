"""Files of benchmarks: written whole under names of their own, and read with distrust."""

import os
import time
from pathlib import Path
from threading import Barrier, Thread

import netCDF4
import pytest

from cge.calibration import store
from cge.calibration.atomic import whole
from cge.calibration.benchmark import Benchmark
from cge.errors import DataError
from tests.small_world import small_world


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """A file of some kilobytes that declares terabytes: chunks that were never written take no room."""
    path = tmp_path / "huge.nc"
    with netCDF4.Dataset(path, "w") as file:
        for name, length in {"exporter": 7_350, "importer": 7_350, "sector": 7_350}.items():
            file.createDimension(name, length)
        file.createVariable("trade", "f8", ("exporter", "importer", "sector"), zlib=True, chunksizes=(10, 10, 10))
    return path


@pytest.mark.parametrize("read", [Benchmark.load, store.load])
def test_a_small_file_that_declares_terabytes_is_refused_unread(huge, read):
    assert huge.stat().st_size < 20_000
    start = time.process_time()
    with pytest.raises(DataError, match=r"declares 2,958\.\d GiB, more than the 4 GiB that a table may take"):
        read(huge)
    assert time.process_time() - start < 2.0


def test_nobody_s_file_is_taken_for_an_unfinished_one(tmp_path):
    mine = tmp_path / "world.nc.part"
    mine.write_text("mine")
    path = small_world().save(tmp_path / "world.nc")
    assert mine.read_text() == "mine"
    assert sorted(tmp_path.iterdir()) == [path, mine]
    assert path.stat().st_mode & 0o777 == 0o666 & ~os.umask(os.umask(0o022))


def test_two_that_write_one_file_do_not_mix(tmp_path):
    target, both = tmp_path / "one.txt", Barrier(2)

    def write(letter: str) -> None:
        with whole(target) as unfinished, unfinished.open("w") as file:
            for _ in range(10):
                file.write(letter)
                file.flush()
                both.wait(60)

    threads = [Thread(target=write, args=(letter,)) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_text() in ("a" * 10, "b" * 10)
    assert list(tmp_path.iterdir()) == [target]


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    target = tmp_path / "a[1]*.txt"
    target.write_text("before")

    def fail() -> None:
        with whole(target) as unfinished:
            unfinished.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_killed_process_left_is_swept_after_an_hour(tmp_path):
    target = tmp_path / "a[1]*.txt"
    old, fresh = (tmp_path / f".{target.name}-{name}.part" for name in ("old", "fresh"))
    for file in (old, fresh):
        file.write_text("half")
    os.utime(old, (time.time() - 7200,) * 2)
    with whole(target) as unfinished:
        unfinished.write_text("new")
    assert sorted(tmp_path.iterdir()) == sorted([fresh, target])
