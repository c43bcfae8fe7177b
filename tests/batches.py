"""What jobs of a batch keep in tests. Worker processes import this module, so it stands beside the tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_info

from cge.solvers.batch import Job, Kept
from cge.solvers.equilibrium import Equilibrium, SolveError


def jobs(number: int) -> list[Job]:
    """Jobs j0, j1, ... with productivity 1, 1.01, ... everywhere."""
    return [Job(f"j{k}", {"tfp": 1.0 + k / 100.0}) for k in range(number)]


def income(solved: Equilibrium) -> Kept:
    """Income by region, with the process that found it."""
    table = solved.data["income"].to_series().rename("income").reset_index()
    return Kept({"income": table.assign(process=os.getpid())}, {"checked": 0.5})


def die_once(solved: Equilibrium, *, job: int, marker: Path) -> Kept:
    """Kill the process, the first time that this job is solved."""
    if _is(solved, job) and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return income(solved)


def die_always(solved: Equilibrium, *, job: int) -> Kept:
    """Kill every process that solves this job."""
    if _is(solved, job):
        os.kill(os.getpid(), signal.SIGKILL)
    return income(solved)


def fail(solved: Equilibrium, *, job: int, error: type[Exception]) -> Kept:
    """Fail for this job."""
    if _is(solved, job):
        raise error("not this one")
    return income(solved)


def unproved(solved: Equilibrium) -> Kept:
    """Refuse every solution."""
    raise SolveError("not proved")


def threads(solved: Equilibrium) -> Kept:
    """Threads that each native library may use in the process that solves."""
    rows = [{"library": pool["filepath"], "threads": pool["num_threads"], "process": os.getpid()}
            for pool in threadpool_info()]  # fmt: skip
    return Kept({"threads": pd.DataFrame(rows)})


def _is(solved: Equilibrium, job: int) -> bool:
    return abs(float(solved.data["tfp"].max()) - 1.0 - job / 100.0) < 1e-9
