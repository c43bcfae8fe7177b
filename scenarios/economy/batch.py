"""Many runs at once: scenarios, cells of a grid, draws of elasticities; one tidy table of what they give."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from cge.accounts import household
from cge.calibration.contents import Contents
from cge.calibration.draws import draw
from cge.calibration.matching import Choice, elasticities_for
from cge.calibration.rows import BOUNDS
from cge.calibration.shares import with_elasticities
from cge.errors import KeptError, RequestError
from cge.progress import Event, Progress, silent
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import Policy
from cge.scenarios.results.registry import WHOSE, made
from cge.scenarios.results.results import SPENT, without_ev
from cge.scenarios.results.table import Solved
from cge.solvers import Equilibrium, Problem
from cge.solvers.many.batch import Job, Kept, differences, run_batch
from cge.solvers.many.batch_folder import Row, read_table

from .plan import Draws, Plan, cells
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
        runs: one row a run: index `job`; `scenario`, a column for every number that varies, `draw` (0 at the default
            elasticities; none without draws), `status` ("solved"; "unsolved" where there is no certified equilibrium;
            or "error"), `reason`, `seconds`, and its proof: residuals, Walras, accounts, the verdict of IPOPT.
        elasticities: the draws: `draw, parameter`, the labels, `value`; empty without draws.
        notes: what the benchmark cannot separate, by scenario.
    """

    folder: Path
    runs: pd.DataFrame
    elasticities: pd.DataFrame
    notes: Mapping[str, tuple[str, ...]]
    _rows: Sequence[Row]

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
    found = runner.scenarios(chosen.scenarios)
    runner = _at_baseline(found, runner)
    where = runner.setting
    grid = _grid(chosen, found, runner)
    drawn = _drawn(chosen.draws, where)
    changed = {k: differences(where.parameters, with_elasticities(where.parameters, e)) for k, e in drawn.items()}
    what: dict[str, dict[str, Any]] = {}
    jobs = []
    for scenario, point, policy in grid:
        for number in [0, *drawn] if drawn else [None]:
            labels = {**point} | ({} if number is None else {"draw": number})
            key = "+".join([scenario, *(f"{name}={value:.12g}" for name, value in labels.items())])
            what[key] = {"scenario": scenario} | labels
            parameters = changed.get(number or 0, {})
            jobs.append(Job(key, policy.instruments, tuple(policy.quotas), tuple(policy.swaps), parameters))
    try:
        rows = run_batch(
            Problem(where.parameters, where.closure, method=runner.method),
            jobs,
            out,
            partial(keep, chosen.tables, where.benchmark.contents, where.closure.government == SPENT),
            version=_version(where, chosen.tables),
            workers=workers,
            dask=dask,
            progress=lambda row, done, count: progress(Event(row.status, 1.0, row.key, done, count)),
        )
    except KeptError:
        raise
    except OSError as error:
        fault = f"no scheduler answers at {dask}; check the address" if dask else f"cannot write to {out}"
        raise RequestError([f"{fault} ({error})"]) from error
    runs = pd.DataFrame([what[key] | _flat(row) for key, row in rows.items()], index=pd.Index(rows, name="job"))
    notes = {scenario: (*where.notes, *policy.notes) for scenario, _, policy in grid if (*where.notes, *policy.notes)}
    done = Batch(Path(out), runs, _listed(drawn, where.elasticities), notes, tuple(rows.values()))
    _write(done, chosen.tables)
    return done


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


def _at_baseline(found: Sequence[Scenario], runner: Runner) -> Runner:
    """The runner at the baseline that the scenarios of a plan name.

    Raises:
        RequestError: they name different ones; a batch has one benchmark.
    """
    for what, otherwise in (("baseline", "the benchmark"), ("horizon", "medium"), ("financing", "as the closure says")):
        asked = what in runner.setting.names
        if not asked and len({str(getattr(scenario, what)) for scenario in found}) > 1:
            told = ", ".join(f"{scenario.name}: {getattr(scenario, what) or otherwise}" for scenario in found)
            raise RequestError([f"the scenarios have different {what}s ({told}); make one batch of each"])
    return runner.of(found[0])


def _grid(chosen: Plan, found: Sequence[Scenario], runner: Runner) -> list[tuple[str, dict[str, float], Policy]]:
    """Scenario, point and policy of every cell, each checked against the benchmark.

    Raises:
        RequestError: listing the faults of all.
    """
    names = [scenario.name for scenario in found]
    faults = [
        f"{each.label} varies for {each.scenario}, which is not in the batch ({', '.join(names)}); correct the name"
        for each in chosen.vary
        if each.scenario not in (None, *names)
    ]
    grid = []
    for scenario in found:
        try:
            for point, cell in cells(scenario, chosen.vary):
                grid.append((scenario.name, point, runner.bind(cell)))
        except RequestError as error:
            faults += error.faults
    if faults:
        raise RequestError(faults)
    return grid


def _drawn(draws: Draws | None, where: Setting) -> dict[int, xr.Dataset]:
    """Elasticities by number of the draw, from 1; none without draws."""
    if draws is None:
        return {}
    name = where.names["elasticities"]
    choice = Choice.read(name) if name != "own" else Choice("lower")
    if choice.base != "default":
        raise RequestError(
            [f"draws lie between the lower and upper sets, not around {name}; use default or a .csv file"]
        )
    lower, upper = (elasticities_for(where.benchmark, choice, column)[0] for column in BOUNDS)
    drawn = draw(where.elasticities, lower, upper, draws.number, seed=draws.seed, distribution=draws.distribution)
    return dict(enumerate(drawn, start=1))


def _flat(row: Row) -> dict[str, Any]:
    return {"status": row.status, "reason": row.reason, "seconds": row.seconds, **row.proof}


def _listed(drawn: Mapping[int, xr.Dataset], default: xr.Dataset) -> pd.DataFrame:
    """The elasticities that are drawn, one row each."""
    if not drawn:
        return pd.DataFrame(columns=["draw", "parameter", "value"])
    whole = xr.concat(list(drawn.values()), pd.Index(drawn, name="draw"))
    parts = [
        whole[name].to_series().rename("value").reset_index().assign(parameter=str(name))
        for name in whole.data_vars
        if "draw" in whole[name].dims and bool((whole[name] != default[name]).any())
    ]
    listed = pd.concat(parts)
    labels = [column for column in listed.columns if column not in ("draw", "parameter", "value")]
    return listed[["draw", "parameter", *labels, "value"]].reset_index(drop=True)


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
