"""What jobs of a batch keep in tests. Worker processes import this module, so it stands beside the tests."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_info

from cge.errors import SolveError
from cge.solvers.equilibrium import Equilibrium
from cge.solvers.many.batch import Job, Kept


def jobs(number: int) -> list[Job]:
    """Jobs j0, j1, ... with productivity 1, 1.01, ... everywhere."""
    return [Job(f"j{k}", {"tfp": 1.0 + k / 100.0}) for k in range(number)]


def income(solved: Equilibrium, job: Job) -> Kept:
    """Income by region, with the process that found it."""
    table = solved.data["income"].to_series().rename("income").reset_index()
    return Kept({"income": table.assign(process=os.getpid())}, {"checked": 0.5})


def die_once(solved: Equilibrium, job: Job, *, at: str, marker: Path) -> Kept:
    """Kill the process, the first time that this job is solved."""
    if job.key == at and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return income(solved, job)


def die_always(solved: Equilibrium, job: Job, *, at: str) -> Kept:
    """Kill every process that solves this job."""
    if job.key == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return income(solved, job)


def slow(solved: Equilibrium, job: Job, *, at: str, seconds: float) -> Kept:
    """Take long for this job."""
    if job.key == at:
        time.sleep(seconds)
    return income(solved, job)


def fail(solved: Equilibrium, job: Job, *, at: str, error: type[Exception]) -> Kept:
    """Fail for this job."""
    if job.key == at:
        raise error("not this one")
    return income(solved, job)


def unproved(solved: Equilibrium, job: Job) -> Kept:
    """Refuse every solution."""
    raise SolveError("not proved")


def threads(solved: Equilibrium, job: Job) -> Kept:
    """Threads that each native library may use in the process that solves."""
    rows = [{"library": pool["filepath"], "threads": pool["num_threads"], "process": os.getpid()}
            for pool in threadpool_info()]  # fmt: skip
    return Kept({"threads": pd.DataFrame(rows)})
