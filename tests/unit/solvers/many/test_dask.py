"""A scheduler and workers of their own on this machine, as on a cluster: killed, slow, of another version, silent."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("distributed")

from distributed import Client

from cge.errors import InstallError
from cge.solvers.many import cluster
from cge.solvers.many.batch import run_batch
from cge.solvers.many.batch_folder import read_rows, read_table
from cge.solvers.problem import Problem
from tests import batches
from tests.solved import world

ROOT = Path(__file__).parents[4]
P = world(3, regions=3, sectors=2).parameters
JOBS = 8


def started(module, *arguments, root=ROOT):
    paths = str(root)
    command = [sys.executable, "-m", f"distributed.cli.{module}", *map(str, arguments)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": paths}, cwd=root, **quiet)


class Cluster:
    """A scheduler and its workers, each a process."""

    def __init__(self, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.folder = folder
        self.address = f"tcp://127.0.0.1:{port}"
        self.scheduler = started("dask_scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
        self.workers = []

    def add(self, number=1, root=ROOT):
        options = ("--host", "127.0.0.1", "--nthreads", 1, "--no-nanny", "--no-dashboard")
        where = ("--local-directory", self.folder)
        self.workers += [started("dask_worker", self.address, *options, *where, root=root) for _ in range(number)]
        alive = sum(worker.poll() is None for worker in self.workers)
        with Client(self.address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(alive, timeout=60)


@contextmanager
def scheduler(folder):
    made = Cluster(folder)
    try:
        yield made
    finally:
        for process in (*made.workers, made.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def problem():
    return Problem(P)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    with scheduler(tmp_path_factory.mktemp("dask")) as made:
        made.add(2)
        yield made


@pytest.fixture(scope="module")
def expected(problem, tmp_path_factory):
    out = tmp_path_factory.mktemp("expected") / "out"
    return incomes(out, run(problem, out, workers=0))


def run(problem, out, reduce=batches.income, **how):
    return run_batch(problem, batches.jobs(JOBS), out, reduce, version="1", **how)


def incomes(out, rows):
    return read_table(out, rows.values(), "income").set_index(["job", "region"])["income"].sort_index()


@pytest.mark.slow
def test_results_are_those_of_this_process_to_the_last_bit(problem, expected, two, tmp_path):
    rows = run(problem, tmp_path / "dask", dask=two.address)
    assert incomes(tmp_path / "dask", rows).equals(expected)
    rows = run(problem, tmp_path / "local", workers=2)
    assert incomes(tmp_path / "local", rows).equals(expected)


@pytest.mark.slow
def test_a_slow_worker_holds_up_nobody(problem, two, tmp_path):
    ended = []
    reduce = partial(batches.slow, at="j0", seconds=3.0)
    run(problem, tmp_path / "out", reduce, dask=two.address, progress=lambda row, *_: ended.append(row.key))
    assert ended[-1] == "j0"
    assert len(ended) == JOBS


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing(problem, expected, two, tmp_path):
    reduce = partial(batches.die_once, at="j3", marker=tmp_path / "killed")
    rows = run(problem, tmp_path / "out", reduce, dask=two.address)
    assert incomes(tmp_path / "out", rows).equals(expected)
    assert sum(worker.wait(timeout=1) == -signal.SIGKILL for worker in two.workers if worker.poll() is not None) == 1
    two.add()


CLIENT = """
import os, signal, sys
from tests import batches
from tests.solved import world
from cge.solvers.many.batch import run_batch
from cge.solvers.problem import Problem

def watch(row, done, count):
    if done == 3:
        os.kill(os.getpid(), signal.SIGKILL)

problem = Problem(world(3, regions=3, sectors=2).parameters)
out, address = sys.argv[1:]
run_batch(problem, batches.jobs({jobs}), out, batches.income, version="1", dask=address, progress=watch)
"""


@pytest.mark.slow
def test_a_client_that_is_killed_leaves_a_scheduler_that_goes_on(problem, expected, two, tmp_path):
    paths = str(ROOT)
    command = [sys.executable, "-c", CLIENT.format(jobs=JOBS), str(tmp_path / "out"), two.address]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    before = read_rows(tmp_path / "out")
    assert len(before) == 3
    rows = run(problem, tmp_path / "out", dask=two.address)
    assert all(rows[key] == row for key, row in before.items())
    assert incomes(tmp_path / "out", rows).equals(expected)


@pytest.mark.slow
def test_a_scheduler_that_is_killed_is_told_and_what_ended_is_kept(problem, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER", 5.0)
    with scheduler(tmp_path / "dask") as made:
        made.add()

        def kill(row, done, count):
            if done == 3:
                made.scheduler.kill()

        with pytest.raises(InstallError, match=r"is gone; every run that had ended is kept: start it again"):
            run(problem, tmp_path / "out", dask=made.address, progress=kill)
    before = read_rows(tmp_path / "out")
    assert 3 <= len(before) < JOBS
    rows = run(problem, tmp_path / "out", workers=0)
    assert all(rows[key] == row for key, row in before.items())
    assert incomes(tmp_path / "out", rows).equals(expected)


@pytest.mark.slow
def test_a_worker_of_another_version_is_refused_with_the_reason(problem, tmp_path):
    other = tmp_path / "other"
    for room in ("cge", "calibration", "scenarios", "solvers", "tests"):
        shutil.copytree(ROOT / room, other / room, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "cge" / "symbols.py").open("a") as file:
        file.write("# another version\n")
    with scheduler(tmp_path / "dask") as made:
        made.add(root=other)
        with pytest.raises(InstallError, match=r"worker at tcp://.* has cge \w+ where the sender has \w+; install the"):
            run(problem, tmp_path / "out", dask=made.address)


def test_a_scheduler_that_does_not_answer_takes_the_time_that_is_said(problem, tmp_path, monkeypatch):
    """Where nothing listens, and where something listens and never says a word."""
    monkeypatch.setattr(cluster, "ANSWER", 1.0)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        for address in ("tcp://127.0.0.1:9", f"tcp://127.0.0.1:{mute.getsockname()[1]}"):
            start = time.monotonic()
            with pytest.raises(OSError, match=r"1 s"):
                cluster._greet(address)
            # Dask's own client would go on for five times as long as it is told; a busy machine is slow, not that slow
            assert time.monotonic() - start < 5.0 * max(1.0, _second())


def _second():
    """How long a second's wait takes on this machine now."""
    start = time.monotonic()
    with ThreadPoolExecutor(1) as thread:  # a browser that another test left open has a loop in this one
        thread.submit(lambda: asyncio.run(asyncio.sleep(1.0))).result()
    return time.monotonic() - start
