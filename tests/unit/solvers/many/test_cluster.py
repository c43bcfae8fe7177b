"""Batches on real worker processes, which are killed on the way; nothing is lost, doubled or left behind."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest

pytest.importorskip("distributed")

import dask
from distributed import Client, LocalCluster

from cge.errors import InstallError
from cge.quotas import Quota
from cge.solvers.certificate import compiled
from cge.solvers.certificate.store import Store
from cge.solvers.many.batch import Job, run_batch
from cge.solvers.many.batch_folder import INDEX, read_rows, read_table
from cge.solvers.many.cluster import Shipment, cores
from cge.solvers.problem import Problem
from tests import batches
from tests.solved import world

ROOT = Path(__file__).parents[4]
P = world(3, regions=3, sectors=2).parameters
JOBS = 12


@pytest.fixture(scope="module")
def problem():
    return Problem(P)


@pytest.fixture(scope="module")
def expected(problem, tmp_path_factory):
    """What the jobs give in this process."""
    out = tmp_path_factory.mktemp("expected") / "out"
    return incomes(out, run_batch(problem, batches.jobs(JOBS), out, batches.income, version="1", workers=0))


def incomes(out, rows):
    return read_table(out, rows.values(), "income").set_index(["job", "region"])["income"]


def processes(out, rows, table="income"):
    return set(read_table(out, rows.values(), table)["process"]) - {os.getpid()}


def assert_gone(pids):
    """Processes have ended, or do so without being asked."""
    there = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    assert psutil.wait_procs(there, timeout=60)[1] == []


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_and_doubles_nothing(problem, expected, tmp_path):
    out, marker = tmp_path / "out", tmp_path / "killed"
    told = []
    rows = run_batch(
        problem,
        batches.jobs(JOBS),
        out,
        partial(batches.die_once, at="j5", marker=marker),
        version="1",
        workers=2,
        progress=lambda row, done, count: told.append((row.key, done, len(read_rows(out)))),
    )
    assert marker.exists()
    assert {row.status for row in rows.values()} == {"solved"}
    # each job ended once, and was on disk when it did
    assert sorted(key for key, _, _ in told) == sorted(rows)
    assert [(done, there) for _, done, there in told] == [(k, k) for k in range(1, JOBS + 1)]
    assert len((out / INDEX).read_text().splitlines()) == JOBS + 1
    assert len(list((out / "jobs").iterdir())) == JOBS
    np.testing.assert_allclose(incomes(out, rows), expected, rtol=1e-12)
    assert len(processes(out, rows)) >= 2
    assert_gone(processes(out, rows))


@pytest.mark.slow
def test_a_job_that_kills_every_worker_is_recorded_and_harms_no_other(problem, expected, tmp_path):
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        rows = run_batch(
            problem, batches.jobs(4), tmp_path, partial(batches.die_always, at="j1"), version="1", workers=2
        )
    assert {key: row.status for key, row in rows.items()} == {
        "j0": "solved",
        "j1": "error",
        "j2": "solved",
        "j3": "solved",
    }
    assert "KilledWorker" in rows["j1"].reason
    kept = incomes(tmp_path, rows)
    np.testing.assert_allclose(kept, expected.loc[kept.index], rtol=1e-12)
    assert_gone(processes(tmp_path, rows))


KILLED = """
import os, signal, sys
from tests import batches
from tests.solved import world
from cge.solvers.many.batch import run_batch
from cge.solvers.problem import Problem

def watch(row, done, count):
    if done == {after}:
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    problem = Problem(world(3, regions=3, sectors=2).parameters)
    run_batch(problem, batches.jobs({jobs}), sys.argv[1], batches.income, version="1", workers=2, progress=watch)
"""


@pytest.mark.slow
def test_a_batch_that_is_killed_goes_on_where_it_was(problem, expected, tmp_path):
    out, script = tmp_path / "out", tmp_path / "killed.py"
    script.write_text(KILLED.format(after=5, jobs=JOBS))
    paths = str(ROOT)
    done = subprocess.run([sys.executable, script, out], env=os.environ | {"PYTHONPATH": paths}, check=False)
    assert done.returncode == -signal.SIGKILL
    before = read_rows(out)
    assert len(before) == 5
    assert_gone(processes(out, before))
    ran = []
    rows = run_batch(
        problem,
        batches.jobs(JOBS),
        out,
        batches.income,
        version="1",
        workers=0,
        progress=lambda row, *_: ran.append(row.key),
    )
    assert sorted(ran) == sorted(rows.keys() - before.keys())
    assert all(rows[key] == row for key, row in before.items())
    np.testing.assert_allclose(incomes(out, rows), expected, rtol=1e-12)


STOPPED = """
import os, signal, sys, threading, time
import psutil; from tests import batches
from tests.solved import world
from cge.solvers.many.batch import run_batch
from cge.solvers.problem import Problem

def stop():
    me = psutil.Process()
    while len(me.children(recursive=True)) < {started}:
        time.sleep(0.01)
    os.killpg(0, signal.SIGINT)

if __name__ == "__main__":
    problem = Problem(world(3, regions=3, sectors=2).parameters)
    threading.Thread(target=stop, daemon=True).start()
    try:
        run_batch(problem, batches.jobs({jobs}), sys.argv[1], batches.income, version="1", workers=2)
    except KeyboardInterrupt:
        sys.exit(130)
"""


@pytest.mark.slow
@pytest.mark.parametrize("started", [2])
def test_ctrl_c_while_workers_start_ends_them_and_says_nothing(tmp_path, started):
    """It reaches all processes of the terminal: none of those that start may tell its traceback, and none stays."""
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED.format(started=started, jobs=300))
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    process = subprocess.Popen(
        [sys.executable, script, tmp_path / "out"], env=os.environ | {"PYTHONPATH": paths}, stderr=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    told = process.communicate(timeout=240)
    assert (process.returncode, told) == (130, ("", ""))
    left = [p for p in psutil.process_iter() if p.pid != os.getpid() and str(script) in " ".join(_command(p))]
    assert psutil.wait_procs(left, timeout=60)[1] == []


def _command(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_script_without_its_guard_is_told_what_to_write(tmp_path):
    script = tmp_path / "unguarded.py"
    lines = KILLED.format(after=0, jobs=2).split('if __name__ == "__main__":')
    script.write_text(lines[0] + "if True:" + lines[1])
    paths = str(ROOT)
    command = [sys.executable, script, tmp_path / "out"]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "which must call this under `if __name__ == '__main__':`; or run everything" in done.stderr.splitlines()[-1]


def test_a_running_scheduler_is_used_and_left_as_it_was(problem, tmp_path):
    """One worker with two threads: jobs take turns in it, with one thread of BLAS, on two problems."""
    free = np.argwhere((P.data.trade.values > 0) & (P.data.rho0.values == 0.0))
    region, sector = P.labels["region"], P.labels["sector"]
    flows = [(region[i], region[r], sector[s]) for i, r, s in free if i != r][:2]
    asked = [(), (Quota((flows[0],), 0.8),), (Quota(tuple(flows), 0.8),)] * 2
    jobs = [Job(f"q{k}", {"tfp": 1.01}, quotas) for k, quotas in enumerate(asked)]
    with LocalCluster(
        n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address="127.0.0.1:0", processes=True
    ) as cluster:
        address = cluster.scheduler_address
        rows = run_batch(problem, jobs, tmp_path / "out", batches.threads, version="1", dask=address)
        with Client(address) as client:
            assert client.submit(sum, [1, 2]).result() == 3
            assert (
                client.run_on_scheduler(lambda dask_scheduler: [n for n in dask_scheduler.worker_plugins if "cge" in n])
                == []
            )
    assert {row.reason for row in rows.values()} == {""}
    table = read_table(tmp_path / "out", rows.values(), "threads")
    assert set(table["threads"]) == {1}
    assert len(processes(tmp_path / "out", rows, "threads")) == 1


def test_a_worker_with_other_code_refuses(problem, tmp_path, monkeypatch):
    problem = problem.prepared()
    shipment = Shipment.of(problem)
    again = shipment.unpack(Store((tmp_path,)))
    assert not again._functions_of.compiled.fresh
    assert [file.name for file in tmp_path.iterdir()] == [f"{shipment.fingerprint}.model"]
    monkeypatch.setattr(compiled, "source_sha256", lambda _: "another version")
    with pytest.raises(InstallError, match="another version of cge or Pyomo"):
        shipment.unpack(Store((tmp_path,)))


def test_there_is_a_core_for_a_worker():
    assert 1 <= cores() <= os.cpu_count()
