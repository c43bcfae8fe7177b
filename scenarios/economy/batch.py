"""Many runs at once: scenarios, cells of a grid, draws of elasticities; one tidy table of what they give."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cge.accounts import household
from cge.calibration.contents import Contents
from cge.errors import KeptError, RequestError
from cge.progress import Event, Progress, silent
from cge.scenarios.results.columns import WHOSE
from cge.scenarios.results.registry import made
from cge.scenarios.results.results import SPENT, without_ev
from cge.scenarios.results.table import Solved
from cge.shown import card, line
from cge.solvers import Equilibrium, Problem
from cge.solvers.many.batch import Job, Kept, run_batch
from cge.solvers.many.batch_folder import Row, read_table

from .lots import Lot, lot_of
from .places import places
from .plan import Plan
from .run import Runner, code_sha256
from .setting import Setting

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PROOF = ("status", "max_residual", "walras", "identities")
"""What every row of a table says of the run that it comes from."""


@dataclass(frozen=True, eq=False)
class Batch:
    """What the runs of a batch give.

    Attributes:
        folder: that holds them.
        runs: one row a run: index `job`; `scenario`, a column for all that varies, `draw` (0 at the defaults;
            none without draws), `status` ("solved"; "unsolved" where there is no certified equilibrium; "refused"
            where parts of the setting contradict each other; or "error"), `reason`, `seconds`, and its proof:
            residuals, Walras, accounts, the verdict of IPOPT.
        elasticities: the draws: `draw, parameter`, the labels, `value`; empty without draws.
        notes: what the benchmark cannot separate, by scenario.
        factors: standard normal numbers of the draws [draw, uncertain number]; empty without distributions.
    """

    folder: Path
    runs: pd.DataFrame
    elasticities: pd.DataFrame
    notes: Mapping[str, tuple[str, ...]]
    _rows: Sequence[Row]
    factors: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __repr__(self) -> str:
        return line("Batch", self._facts)

    def _repr_html_(self) -> str:
        return card("Batch", self._facts, self.runs, "table(NAME), quantiles(), failures")

    @property
    def _facts(self) -> dict[str, object]:
        return {"folder": self.folder, "runs": len(self.runs), "not solved": len(self.failures)}

    @property
    def keys(self) -> list[str]:
        """Columns that tell the runs apart."""
        return list(self.runs.columns[: list(self.runs.columns).index("status")])

    @cached_property
    def welfare(self) -> pd.DataFrame:
        """The welfare tables under one another; see `table`."""
        return self.table("welfare")

    def table(self, name: str) -> pd.DataFrame:
        """A table of every run that is solved, under one another.

        Args:
            name: of one of the tables that the batch keeps.

        Returns:
            Columns `job`, those of `keys`, those of the table, and those of `PROOF`; see docs/results.md.

        Raises:
            RequestError: the batch does not keep this table.
        """
        kept = sorted({table for row in self._rows for table in row.tables})
        if name not in kept:
            raise RequestError([f"no run of this batch has a table {name!r}; there are {', '.join(kept) or 'none'}"])
        parts = read_table(self.folder, self._rows, name)
        proof = [column for column in PROOF if column in self.runs]
        joined = parts.join(self.runs[[*self.keys, *proof]], on="job")
        own = [column for column in parts.columns if column != "job"]
        return joined[["job", *self.keys, *own, *proof]]

    @property
    def failures(self) -> pd.DataFrame:
        """The runs that are not solved."""
        return self.runs[self.runs["status"] != "solved"]

    def quantiles(self, column: str = "ev_pct", at: Sequence[float] = QUANTILES) -> pd.DataFrame:
        """How a column of the welfare table is spread over the draws.

        Args:
            column: of the welfare table.
            at: shares of the draws.

        Returns:
            One row a region of every scenario and cell; columns `default` (draw 0), and the quantiles.

        Raises:
            RequestError: the batch has no draws.
        """
        if "draw" not in self.keys:
            raise RequestError(["the batch has no draws; give draws=100, say"])
        by = [*(key for key in self.keys if key != "draw"), "region"]
        drawn = self.welfare[self.welfare["draw"] > 0].groupby(by, sort=False, dropna=False)[column]
        spread = drawn.quantile(np.array(at)).unstack()
        default = self.welfare[self.welfare["draw"] == 0].set_index(by)[column].rename("default")
        return pd.concat([default, spread], axis=1).rename_axis(index=by)


def run_plan(
    chosen: Plan,
    out: str | Path,
    runner: Runner,
    *,
    workers: int | None = None,
    dask: str | None = None,
    progress: Progress = silent,
) -> Batch:
    """Run every scenario of a plan at every value of what varies and at every draw.

    What is solved stands in the folder at once; the same call again runs what is missing, failed by accident or
    changed. Local processes import the caller's main module, so a script calls this under
    `if __name__ == "__main__":`.

    Args:
        chosen: scenarios, numbers that vary, draws, tables that are kept of every run.
        out: folder of the batch: `runs.csv`, a file for every table, `elasticities.csv`, and the runs themselves.
        runner: what they are run on.
        workers: number of local processes; one for every physical core if None; 0 for this process alone.
        dask: address of a Dask scheduler whose workers are used in place of local processes.
        progress: called when a run has ended.

    Returns:
        The batch. Runs that failed have their reasons there, and harm no other.

    Raises:
        RequestError: listing what is wrong with the scenarios or the setting; or no scheduler answers.
        KeptError: the folder holds something else, which is kept, or another batch is writing to it.
        ModuleNotFoundError: worker processes are wanted and Dask is not installed.
    """
    if workers is not None and workers < 0:
        raise RequestError([f"workers is {workers}; give 0 for none, or how many"])
    lots = [lot_of(chosen, place, runner) for place in places(runner, chosen.vary)]
    count = sum(len(lot.jobs) for lot in lots)
    rows: dict[str, Row] = {}
    for lot in lots:
        rows |= _run(lot, chosen, out, workers, dask, _told(progress, len(rows), count))
    what = {key: labels for lot in lots for key, labels in lot.what.items()}
    runs = [what[key] | _flat(row) for key, row in rows.items()]
    index = list(rows)
    for lot in lots:
        runs += [labels | {"status": "refused", "reason": lot.reason} for labels in lot.refused.values()]
        index += list(lot.refused)
    notes = {name: told for lot in lots for name, told in lot.notes.items()}
    listed = [lot.elasticities for lot in lots if len(lot.elasticities)] or [lots[0].elasticities]
    table = pd.DataFrame(runs, index=pd.Index(index, name="job"))
    factors = next((lot.factors for lot in lots if len(lot.factors)), pd.DataFrame())
    done = Batch(Path(out), table, pd.concat(listed, ignore_index=True), notes, tuple(rows.values()), factors)
    _write(done, chosen.tables)
    return done


def _run(
    lot: Lot, chosen: Plan, out: str | Path, workers: int | None, dask: str | None, progress: Callable[..., None]
) -> dict[str, Row]:
    """The rows of the runs on one setting."""
    if lot.runner is None:
        return {}
    where = lot.runner.setting
    try:
        return run_batch(
            Problem(where.parameters, where.closure, method=lot.runner.method),
            lot.jobs,
            out,
            partial(keep, chosen.tables, where.benchmark.contents, where.closure.government == SPENT),
            version=_version(where, chosen.tables),
            workers=workers,
            dask=dask,
            progress=progress,
        )
    except KeptError:
        raise
    except OSError as error:
        fault = f"no scheduler answers at {dask}; check the address" if dask else f"cannot write to {out}"
        raise RequestError([f"{fault} ({error})"]) from error


def _told(progress: Progress, before: int, count: int) -> Callable[[Row, int, int], None]:
    return lambda row, done, _: progress(Event(row.status, 1.0, row.key, before + done, count))


def _version(where: Setting, tables: Sequence[str]) -> str:
    """What all runs of a batch depend on beside their jobs."""
    benchmark = where.benchmark
    return hashlib.sha256(f"{code_sha256()}{benchmark.sha256}{benchmark.contents.sha256}{tables}".encode()).hexdigest()


def keep(tables: Sequence[str], contents: Contents, spent: bool, solved: Equilibrium, job: Job) -> Kept:
    """The tables of a solution; without EV where government spends what the policy yields."""
    found = dict(made(Solved(solved, tuple(job.swaps), contents), tables))
    if "welfare" in found:
        found["welfare"] = without_ev(found["welfare"]) if spent else found["welfare"]
        found["welfare"] = found["welfare"].assign(**{WHOSE: household(solved.data)})
    return Kept({name: t.reset_index() if t.index.name else t for name, t in found.items()})


def _flat(row: Row) -> dict[str, Any]:
    return {"status": row.status, "reason": row.reason, "seconds": row.seconds, **row.proof}


def _write(done: Batch, tables: Sequence[str]) -> None:
    """The collected tables, each in one step."""
    whole = {"runs": done.runs.reset_index()}
    if (done.runs["status"] == "solved").any():
        whole |= {name: done.table(name) for name in tables}
    if len(done.elasticities):
        whole["elasticities"] = done.elasticities
    for name, table in whole.items():
        handle, unfinished = tempfile.mkstemp(prefix=f".{name}-", dir=done.folder)
        os.close(handle)
        table.to_csv(unfinished, index=False)
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(done.folder / f"{name}.csv")
