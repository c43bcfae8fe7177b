"""Many runs of one problem: scenarios, draws or cells of a grid, with results that stream to disk.

A batch's folder holds one file a solved job, `KEY.FINGERPRINT.nc` (a Dataset) or `.csv` (a DataFrame), and
`batch.jsonl` with one line for every job that ended. A job's fingerprint covers the problem, the job, the function
that reduces its result and the code, so a batch that was killed goes on where it was, and a job that changed is run
anew. See docs/decisions/0009-batch.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import cge
from cge.parameters import ParameterError, Parameters
from cge.quotas import Quota
from cge.symbols import INSTRUMENTS, PARAMETERS

from .equilibrium import Equilibrium, SolveError
from .problem import Problem

INDEX = "batch.jsonl"
_FIRST_LINE = {"format": "cge batch", "version": 1}
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_UNFINISHED = ".part"

Reduced = xr.Dataset | pd.DataFrame
Reduce = Callable[[Equilibrium], Reduced]


@dataclass(frozen=True, eq=False)
class Job:
    """One run.

    Attributes:
        key: its name, unique in the batch and good as a file's name.
        instruments: see `Problem.solve`.
        quotas: see `Problem.solve`.
        parameters: those that differ from the problem's, such as a draw of elasticities; see `differences`.

    Raises:
        ValueError: the key is no good as a file's name.
    """

    key: str
    instruments: Mapping[str, xr.DataArray | float] = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    parameters: Mapping[str, xr.DataArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError(
                f"the key of a job, {self.key!r}, is not the name of a file: use up to 100 letters, digits and ._+-, "
                "with a letter or a digit first"
            )


@dataclass(frozen=True)
class Row:
    """How a job ended: a line of the index.

    Attributes:
        key: of the job.
        status: "solved"; "unsolved" (there is no certified equilibrium, and another try would find none); or
            "error" (anything else; a batch that resumes tries it again).
        reason: why it is not solved.
        seconds: that it took, on its worker.
        fingerprint: of everything that its result depends on.
        file: of its result, in the batch's folder; "" if it has none.
        max_residual, walras: of its proof.
    """

    key: str
    status: str
    reason: str
    seconds: float
    fingerprint: str
    file: str = ""
    max_residual: float | None = None
    walras: float | None = None


Progress = Callable[[Row, int, int], None]
"""Called with a job that ended, the number of jobs that did, and that of all."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What comes back from a worker."""

    status: str
    reason: str = ""
    seconds: float = 0.0
    reduced: Reduced | None = None
    max_residual: float | None = None
    walras: float | None = None


def whole(equilibrium: Equilibrium) -> xr.Dataset:
    """Every variable and instrument: what a batch keeps unless it is told otherwise."""
    return equilibrium.data


def differences(base: Parameters, other: Parameters) -> dict[str, xr.DataArray]:
    """The parameters in which a set differs from another: what a job needs of a draw."""
    changed = [name for name, array in other.arrays.items() if not np.array_equal(array, base.arrays[name])]
    return {name: other.data[name] for name in changed}


def run_batch(
    problem: Problem,
    jobs: Iterable[Job],
    out: str | Path,
    *,
    reduce: Reduce = whole,
    workers: int | None = None,
    dask: str | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Run jobs and keep what `reduce` makes of each; jobs that the folder holds already are not run again.

    Worker processes import the caller's main module, so a script calls this under `if __name__ == "__main__":`.

    Args:
        problem: what all jobs have in common; it is sent to every worker once.
        jobs: the runs.
        out: folder of the results; see `collect`.
        reduce: makes the small part of a solution that is kept; a module's function, or a partial of one. A
            DataFrame's named index becomes columns.
        workers: number of local processes; one for every physical core if None, and none at all if 0: then
            everything runs in this process, and Dask is not needed.
        dask: address of a Dask scheduler, to use its workers and not local processes; they need this package.
        progress: called when a job has ended.

    Returns:
        One row for every job, in their order: index `key`, and the columns of `Row`. A job that failed has a row
        with its reason, and harms no other.

    Raises:
        ValueError: two jobs have the same key.
        FileExistsError: the folder holds files that are no batch's.
        ModuleNotFoundError: worker processes are wanted and Dask is not installed.
    """
    jobs = list(jobs)
    _check_keys(jobs)
    base = _problem_fingerprint(problem, reduce)
    fingerprints = {job.key: _job_fingerprint(base, job) for job in jobs}
    with _Folder(Path(out)) as folder:
        left = [job for job in jobs if not folder.holds(job.key, fingerprints[job.key])]
        done = len(jobs) - len(left)
        # closed at once on an interrupt, and its processes with it
        with closing(_outcomes(problem, left, reduce, workers, dask)) as ended:
            for job, outcome in ended:
                row = folder.add(job.key, fingerprints[job.key], outcome)
                done += 1
                if progress:
                    progress(row, done, len(jobs))
        return _frame(folder.rows[job.key] for job in jobs)


def read_index(out: str | Path) -> pd.DataFrame:
    """How every job ended that a batch's folder knows of: index `key`, and the columns of `Row`."""
    return _frame(_read_rows(Path(out)).values())


def collect(out: str | Path, keys: Iterable[str] | None = None) -> Reduced:
    """The results of a batch as one: a Dataset along `job`, or a DataFrame with the column `job` first.

    Args:
        out: the batch's folder.
        keys: of the jobs, in the order that is wanted; all that are solved if None.

    Raises:
        KeyError: a job among `keys` is not solved.
        ValueError: there is no solved job, or some are Datasets and others DataFrames.
    """
    folder = Path(out)
    solved = {key: row for key, row in _read_rows(folder).items() if row.file}
    wanted = list(solved) if keys is None else list(keys)
    missing = [key for key in wanted if key not in solved]
    if missing:
        raise KeyError(f"{folder} holds no result of {', '.join(missing)}")
    parts = [_read(folder / solved[key].file) for key in wanted]
    tables = [part for part in parts if isinstance(part, pd.DataFrame)]
    datasets = [part for part in parts if isinstance(part, xr.Dataset)]
    if not parts or (tables and datasets):
        raise ValueError(f"{folder} holds " + ("tables and datasets; collect them apart" if parts else "no result"))
    if datasets:
        return xr.concat(datasets, pd.Index(wanted, name="job"), join="outer", combine_attrs="drop_conflicts")
    stacked = pd.concat(dict(zip(wanted, tables, strict=True)), names=["job"])
    return stacked.reset_index(level=0).reset_index(drop=True)


def run_job(problem: Problem, job: Job, reduce: Reduce) -> Outcome:
    """Run one job; whatever goes wrong with it is its outcome."""
    start = time.perf_counter()
    try:
        solved = _with_parameters(problem, job.parameters).solve(job.instruments, job.quotas)
        reduced = reduce(solved)
        if not isinstance(reduced, Reduced):
            raise TypeError(f"reduce made a {type(reduced).__name__}, not a Dataset or a DataFrame")
    except Exception as error:
        seconds = time.perf_counter() - start
        if isinstance(error, SolveError):
            return Outcome("unsolved", str(error), seconds)
        return Outcome("error", f"{type(error).__name__}: {error}", seconds)
    proof = solved.proof
    return Outcome("solved", "", time.perf_counter() - start, reduced, proof.max_residual, proof.walras)


def instruments_of(jobs: Iterable[Job]) -> frozenset[str]:
    """Instruments that the model needs for all jobs, so that it is built and compiled once."""
    return frozenset(name for job in jobs for name in job.instruments.keys() & INSTRUMENTS.keys())


def _outcomes(
    problem: Problem, jobs: Sequence[Job], reduce: Reduce, workers: int | None, dask: str | None
) -> Generator[tuple[Job, Outcome]]:
    """Every job with its outcome, in the order in which they end."""
    if not jobs:
        return
    problem.prepare(instruments_of(jobs))
    if workers == 0 and dask is None:
        yield from ((job, run_job(problem, job, reduce)) for job in jobs)
        return
    try:
        from . import cluster
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"worker processes need Dask ({error}): pip install 'cge[batch]', or run in this process with workers=0",
            name=error.name,
        ) from error
    yield from cluster.outcomes(problem, jobs, reduce, workers, dask)


def _with_parameters(problem: Problem, changed: Mapping[str, xr.DataArray]) -> Problem:
    if not changed:
        return problem
    unknown = sorted(changed.keys() - PARAMETERS.keys())
    if unknown:
        raise ParameterError(f"parameters: {', '.join(unknown)} is unknown")
    return problem.with_parameters(Parameters(problem.parameters.data.assign(changed)))


def _check_keys(jobs: Sequence[Job]) -> None:
    # names of files, some systems of which do not tell A from a
    keys = [job.key.casefold() for job in jobs]
    twice = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
    if twice:
        raise ValueError(f"jobs with the same key: {', '.join(twice)}; a key names one job")


# fingerprints


def _problem_fingerprint(problem: Problem, reduce: Reduce) -> bytes:
    digest = hashlib.sha256()
    text = (_code(), problem.parameters.sha256, repr(problem.closure), problem.method, problem.certificate)
    digest.update("\n".join(text).encode())
    digest.update(pickle.dumps(reduce, protocol=5))
    return digest.digest()


def _job_fingerprint(base: bytes, job: Job) -> str:
    digest = hashlib.sha256(base + repr(job.quotas).encode())
    for part in (job.instruments, job.parameters):
        for name, value in sorted(part.items()):
            array = xr.DataArray(value)
            digest.update(f"\n{name} {array.dims}".encode())
            for axis in array.dims:
                digest.update(f"\n{[str(label) for label in array[axis].values]}".encode())
            digest.update(np.ascontiguousarray(array.values, dtype="<f8").tobytes())
        digest.update(b"\n\n")
    return digest.hexdigest()


@cache
def _code() -> str:
    """Hash of the source that a solution depends on."""
    root = Path(cge.__file__).parent
    files = [file for room in ("", "equations", "solvers") for file in sorted((root / room).glob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


# files


class _Folder:
    """A batch's folder while it is written to.

    Attributes:
        rows: the last line of every job.
    """

    def __init__(self, path: Path) -> None:
        if path.exists() and not path.is_dir():
            raise FileExistsError(f"{path} is a file; give a folder")
        if not (path / INDEX).is_file() and path.is_dir() and any(path.iterdir()):
            raise FileExistsError(f"{path} holds files that are no batch's, which are kept; give another folder")
        self.path = path
        self.rows = _read_rows(path) if (path / INDEX).is_file() else {}

    def __enter__(self) -> _Folder:
        self.path.mkdir(parents=True, exist_ok=True)
        for file in self.path.glob(f".*{_UNFINISHED}"):  # of a batch that was killed
            file.unlink()
        index = self.path / INDEX
        fresh = not index.is_file()
        torn = not fresh and not index.read_bytes().endswith(b"\n")
        self._index = index.open("a", encoding="utf-8")
        if fresh:
            self._write(_FIRST_LINE)
        elif torn:
            self._index.write("\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._index.close()

    def holds(self, key: str, fingerprint: str) -> bool:
        """Whether nothing is left to do for a job."""
        row = self.rows.get(key)
        if row is None or row.fingerprint != fingerprint:
            return False
        return row.status == "unsolved" or (row.status == "solved" and (self.path / row.file).is_file())

    def add(self, key: str, fingerprint: str, outcome: Outcome) -> Row:
        """Keep an outcome: first its file, in one step, then its line; last an older result of the job goes."""
        file = "" if outcome.reduced is None else self._keep(f"{key}.{fingerprint[:12]}", outcome.reduced)
        proof = (outcome.max_residual, outcome.walras)
        row = Row(key, outcome.status, outcome.reason, outcome.seconds, fingerprint, file, *proof)
        self._write(asdict(row))
        old = self.rows.get(key)
        if old and old.file and old.file != file:
            (self.path / old.file).unlink(missing_ok=True)
        self.rows[key] = row
        return row

    def _keep(self, stem: str, reduced: Reduced) -> str:
        name = stem + (".nc" if isinstance(reduced, xr.Dataset) else ".csv")
        unfinished = self.path / f".{name}{_UNFINISHED}"
        if isinstance(reduced, xr.Dataset):
            packed = {n: {"zlib": True, "complevel": 1} for n, a in reduced.items() if a.ndim and a.dtype.kind in "fiu"}
            reduced.to_netcdf(unfinished, engine="netcdf4", encoding=packed)
        else:
            named = [level for level in reduced.index.names if level is not None]
            (reduced.reset_index() if named else reduced).to_csv(unfinished, index=False)
        unfinished.replace(self.path / name)
        return name

    def _write(self, line: Mapping[str, Any]) -> None:
        self._index.write(json.dumps(line) + "\n")
        self._index.flush()
        os.fsync(self._index.fileno())


def _read_rows(folder: Path) -> dict[str, Row]:
    """The last line of every job in a batch's index."""
    first, *lines = (folder / INDEX).read_text(encoding="utf-8").splitlines() or [""]
    if _parsed(first) != _FIRST_LINE:
        raise FileExistsError(f"{folder / INDEX} is not the index of a batch, or one of another version")
    known = {f.name for f in fields(Row)}
    rows = [line for line in map(_parsed, lines) if line is not None and line.keys() == known]
    return {row["key"]: Row(**row) for row in rows}


def _parsed(line: str) -> dict[str, Any] | None:
    """A line of the index; None for one that a killed batch left unfinished."""
    try:
        value: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return value


def _read(file: Path) -> Reduced:
    if file.suffix == ".nc":
        with xr.open_dataset(file, engine="netcdf4") as data:
            return data.load()
    # a code such as NA is a label; only an empty cell is no number
    return pd.read_csv(file, keep_default_na=False, na_values=[""], float_precision="round_trip")


def _frame(rows: Iterable[Row]) -> pd.DataFrame:
    table = pd.DataFrame([asdict(row) for row in rows], columns=[f.name for f in fields(Row)])
    return table.astype({"max_residual": float, "walras": float}).set_index("key")
