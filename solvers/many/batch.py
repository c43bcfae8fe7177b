"""Many runs of one problem: scenarios, draws or cells of a grid, with results that stream to disk.

Jobs run in this process, on local processes or on a Dask cluster (`cluster`), on problems that they share
(`job_problems`). What is kept of each goes into a folder (`batch_folder`) at once, so that a batch that was killed goes
on where it was. See docs/decisions/0009-batch.md.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import category

import numpy as np
import pandas as pd
import xarray as xr

from cge.errors import ModelError, RequestError, SolveError
from cge.parameters import Parameters
from cge.quotas import Quota
from cge.solvers.equilibrium import Equilibrium
from cge.solvers.problem import Problem
from cge.solvers.saving_price import with_saving_price
from cge.swaps import Swap
from cge.symbols import PARAMETERS

from .batch_folder import BatchFolder, Outcome, Row
from .job_problems import Place, share

LONGEST, BYTES = 150, 200
"""Most characters and bytes of a key: systems allow 255 bytes, and tables have endings."""
_PROOF = (
    "benchmark_residual",
    "max_residual",
    "walras",
    "identities",
    "ipopt_status",
    "ipopt_iterations",
    "method",
    "iterations",
)


@dataclass(frozen=True, eq=False)
class Job:
    """One run.

    Attributes:
        key: its name, unique in the batch and good as a file's name.
        instruments: see `Problem.solve`.
        quotas, swaps: see `Problem.solve`.
        parameters: those that differ from the problem's, such as a draw of elasticities; see `differences`.

    Raises:
        RequestError: the key is no good as a file's name.
    """

    key: str
    instruments: Mapping[str, xr.DataArray | float] = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    swaps: tuple[Swap, ...] = ()
    parameters: Mapping[str, xr.DataArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _names_a_file(self.key):
            raise RequestError(
                f"the key of a job, {self.key!r}, is not the name of a file: use up to 150 letters, digits and ._+=- "
                "(200 bytes), with a letter or a digit first"
            )


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of a solution.

    Attributes:
        tables: by name; their index is not written.
        checks: numbers that belong to its proof beside the solver's own.
    """

    tables: Mapping[str, pd.DataFrame]
    checks: Mapping[str, float] = field(default_factory=dict)


Reduce = Callable[[Equilibrium, Job], Kept]
Progress = Callable[[Row, int, int], None]
"""Called with a job that ended, the number of jobs that did, and that of all."""


def differences(base: Parameters, other: Parameters) -> dict[str, xr.DataArray]:
    """The parameters in which a set differs from another: what a job needs of a draw."""
    changed = [name for name, array in other.arrays.items() if not np.array_equal(array, base.arrays[name])]
    return {name: other.data[name] for name in changed}


def run_batch(
    problem: Problem,
    jobs: Iterable[Job],
    out: str | Path,
    reduce: Reduce,
    *,
    version: str,
    workers: int | None = None,
    dask: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Row]:
    """Run jobs and keep what `reduce` makes of each; jobs that the folder holds already are not run again.

    Local processes import the caller's main module, so a script calls this under `if __name__ == "__main__":`.

    Args:
        problem: what all jobs have in common; it is sent to every worker once.
        jobs: the runs.
        out: folder of the results; see `batch_folder`.
        reduce: makes the small part of a solution that is kept; a module's function, or a partial of one. A SolveError
            in it says that the solution is not one after all.
        version: fingerprint of what every result depends on beside problem and job: the code, and what `reduce` keeps.
        workers: number of local processes; one for every physical core if None, and none at all if 0: then
            everything runs in this process, and Dask is not needed.
        dask: address of a Dask scheduler, to use its workers and not local processes; they need this package.
        progress: called when a job has ended.

    Returns:
        How every job ended, by key in their order. A job that failed has its reason there, and harms no other.

    Raises:
        RequestError: two jobs have the same key, or a number of workers below zero.
        KeptError: the folder holds files that are no batch's, or another batch is writing to it.
        ModuleNotFoundError: worker processes are wanted and Dask is not installed.
        OSError: no scheduler answers at the address.
        RuntimeError: local processes do not start.
    """
    jobs = list(jobs)
    _check_keys(jobs)
    if workers is not None and workers < 0:
        raise RequestError(f"workers is {workers}; give 0 for none, or how many")
    base = "\n".join((version, problem.parameters.sha256, problem.closure.sha256, problem.method, problem.certificate))
    fingerprints = {job.key: _fingerprint(base, job) for job in jobs}
    with BatchFolder(Path(out)) as folder:
        left = [job for job in jobs if not folder.holds(job.key, fingerprints[job.key])]
        done = len(jobs) - len(left)
        # closed at once on an interrupt, and its processes with it
        with closing(_outcomes(problem, left, reduce, workers, dask)) as ended:
            for key, outcome in ended:
                row = folder.add(key, fingerprints[key], outcome)
                done += 1
                if progress:
                    progress(row, done, len(jobs))
        return {job.key: folder.rows[job.key] for job in jobs}


def run_job(problem: Problem, job: Job, unlimited: tuple[Quota, ...], reduce: Reduce) -> Outcome:
    """Run one job; whatever goes wrong with it is its outcome.

    Args:
        problem: one that has all that the job needs.
        job: the run.
        unlimited: see `job_problems.Place`.
        reduce: see `run_batch`.
    """
    start = time.perf_counter()
    try:
        own, quotas = _with_parameters(problem, job.parameters), (*job.quotas, *unlimited)
        solved = own.solve(job.instruments, quotas, job.swaps)
        freed = tuple(dict.fromkeys(swap.free for swap in job.swaps))
        solved, _ = with_saving_price(own, solved, job.instruments, quotas, freed)
        kept = reduce(solved, job)
        tables = {name: table.to_csv(index=False) for name, table in kept.tables.items()}
    except SolveError as error:
        return Outcome("unsolved", str(error), time.perf_counter() - start)
    except Exception as error:
        return Outcome("error", f"{type(error).__name__}: {error}", time.perf_counter() - start)
    proof = {name: getattr(solved.proof, name) for name in _PROOF} | dict(kept.checks)
    return Outcome("solved", "", time.perf_counter() - start, tables, proof)


def _outcomes(
    problem: Problem, jobs: Sequence[Job], reduce: Reduce, workers: int | None, dask: str | None
) -> Generator[tuple[str, Outcome]]:
    """Every job's key with its outcome, in the order in which they end."""
    if not jobs:
        return
    problems, places = share(
        problem, [(job.quotas, job.swaps) for job in jobs], {name for job in jobs for name in job.instruments}
    )
    placed: list[tuple[Job, Place]] = list(zip(jobs, places, strict=True))
    if workers == 0 and dask is None:
        yield from ((j.key, run_job(problems[at.problem], j, at.unlimited, reduce)) for j, at in placed)
        return
    try:
        from . import cluster
    except ModuleNotFoundError as error:
        need = "pip install dask distributed psutil threadpoolctl; or run in this process with workers=0"
        raise ModuleNotFoundError(f"worker processes need Dask ({error}): {need}", name=error.name) from error
    yield from cluster.outcomes(problems, placed, reduce, workers, dask)


def _with_parameters(problem: Problem, changed: Mapping[str, xr.DataArray]) -> Problem:
    unknown = sorted(changed.keys() - PARAMETERS.keys())
    if unknown:
        raise ModelError(f"parameters: {', '.join(unknown)} is unknown")
    return problem.with_parameters(Parameters(problem.parameters.data.assign(changed))) if changed else problem


def _names_a_file(key: str) -> bool:
    """Whether a key is the name of a file on every system: letters and digits of any script, and some marks."""
    inside = all(letter.isalnum() or letter in "._+=-" or category(letter).startswith("M") for letter in key)
    return inside and key[:1].isalnum() and len(key) <= LONGEST and len(key.encode()) <= BYTES


def _check_keys(jobs: Sequence[Job]) -> None:
    # names of files, some systems of which do not tell A from a
    keys = pd.Series([job.key.casefold() for job in jobs], dtype=object)
    twice = keys[keys.duplicated()].unique()
    if len(twice):
        raise RequestError(f"jobs with the same key: {', '.join(twice)}; a key names one job")


def _fingerprint(base: str, job: Job) -> str:
    """Everything that a job's result depends on, as a hash."""
    swaps = [(swap.sha256, swap.change, swap.level) for swap in job.swaps]
    digest = hashlib.sha256(f"{base}\n{job.quotas!r}\n{swaps}".encode())
    for part in (job.instruments, job.parameters):
        digest.update(b"\n\n")
        for name, value in sorted(part.items()):
            array = xr.DataArray(value)
            labels = [(axis, *map(str, array[axis].values)) for axis in array.dims]
            digest.update(f"\n{name} {labels}".encode())
            digest.update(np.ascontiguousarray(array.values, dtype="<f8").tobytes())
    return digest.hexdigest()
