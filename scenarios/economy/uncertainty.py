"""How sure every number of a result is: distributions in, a range and the probability of a sign for every entry out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd
from pydantic import ValidationError
from scipy.stats import norm

from cge.calibration.points import QUADRATURES
from cge.errors import RequestError, SolveError
from cge.progress import Progress, silent
from cge.scenarios.files.faults import explain
from cge.scenarios.files.text import parse, plain, text_of
from cge.scenarios.names.vocabulary import Frozen
from cge.scenarios.results import ranges as beside
from cge.scenarios.results.registry import TABLES

from .batch import Batch, run_plan
from .draws import Correlation, Draws, Spread
from .economy import economy
from .options import Options
from .plan import plan
from .run import Runner, Source, several, solved

FOLDER = "uncertainty"
"""Of the draws, beside the folders of the results."""
INTERVAL = 0.9
NUMBER = 200
"""Draws of a sample, if nobody says otherwise."""
STATISTICS = ("default", "mean", "sd", "low", "high", "positive")


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What the draws of a batch say.

    Attributes:
        batch: its runs, with the default as draw 0.
        draws: what was uncertain, and how it was drawn.
        interval: share of the draws that lie between `low` and `high`.
    """

    batch: Batch
    draws: Draws
    interval: float = INTERVAL

    def table(self, name: str = "welfare") -> pd.DataFrame:
        """Every entry of a table with its range.

        Args:
            name: of one of the tables that the batch keeps.

        Returns:
            One row an entry: what tells the runs apart, the table's keys, `column`, and `default`, `mean`, `sd`, `low`,
            `high` (of a sample its quantiles, of a quadrature those of a normal distribution) and `positive`, the
            probability that it is above zero.

        Raises:
            SolveError: a draw of a quadrature has no solution: without it the rest mean nothing.
        """
        self._refuse_holes()
        rows = self.batch.table(name)
        labels = [key for key in self.batch.keys if key != "draw"]
        keys = [*labels, *(column.name for column in TABLES[name].keys)]
        columns = [c.name for c in TABLES[name].columns if not c.text and c.name in rows]
        long = rows.melt([*keys, "draw"], columns, "column", "value").dropna(subset="value")
        by = [*keys, "column"]
        default = long[long["draw"] == 0].set_index(by)["value"].rename("default")
        groups = long[long["draw"] > 0].groupby(by, sort=False, dropna=False)["value"]
        found = pd.DataFrame({"mean": groups.mean(), "sd": groups.std(ddof=0)})
        tail = (1.0 - self.interval) / 2.0
        if self.draws.method in QUADRATURES:
            wide = float(norm.ppf(1.0 - tail)) * found["sd"]
            found = found.assign(low=found["mean"] - wide, high=found["mean"] + wide)
            with np.errstate(all="ignore"):
                place = np.where(found["sd"] > 0.0, found["mean"] / found["sd"], np.sign(found["mean"]) * np.inf)
            found["positive"] = norm.cdf(np.where(np.isnan(place), 0.0, place))
        else:
            found["low"], found["high"] = groups.quantile(tail), groups.quantile(1.0 - tail)
            signs = long[long["draw"] > 0].assign(value=(np.sign(long["value"]) + 1.0) / 2.0)
            found["positive"] = signs.groupby(by, sort=False, dropna=False)["value"].mean()
        return found.join(default)[list(STATISTICS)].reset_index()

    @property
    def welfare(self) -> pd.DataFrame:
        """The ranges of the welfare table; see `table`."""
        return self.table("welfare")

    def shares(self, column: str = "ev_pct") -> pd.DataFrame:
        """Shares of the variance of a column of the welfare table, by uncertain number.

        Each is its slope times its covariance with the outcome over the outcome's variance (a linear fit on the
        standard normal numbers), so that what numbers have in common is split among them; they add up to the share that
        is linear, and `rest` is what no straight line explains.

        Returns:
            Index what tells the runs apart, and `region`; columns the uncertain numbers, and `rest`.

        Raises:
            RequestError: no distributions, or too few draws to tell the numbers apart.
        """
        factors = self.batch.factors
        if not len(factors.columns):
            raise RequestError(["draws between the sets have no distributions; say what is uncertain (of: ...)"])
        if len(factors) < len(factors.columns) + 2:
            need = len(factors.columns) + 2
            raise RequestError([f"{len(factors)} draws do not tell {len(factors.columns)} numbers apart; draw {need}"])
        by = [*(key for key in self.batch.keys if key != "draw"), "region"]
        rows, index = [], []
        for key, part in self.batch.welfare.query("draw > 0").groupby(by, sort=False, dropna=False):
            outcome = part.set_index("draw")[column].dropna()
            if len(outcome) >= len(factors.columns) + 2:
                rows.append(_explained(factors.loc[outcome.index], outcome))
                index.append(key)
        return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(index, names=by))

    @property
    def told_apart(self) -> bool:
        """Whether there are enough draws for `shares`."""
        return bool(len(self.batch.factors.columns)) and len(self.batch.factors) >= len(self.batch.factors.columns) + 2

    def _refuse_holes(self) -> None:
        lost = self.batch.failures
        if self.draws.method in QUADRATURES and len(lost):
            raise SolveError(
                f"{len(lost)} of the points of {self.draws.method} have no solution ({lost.index[0]}: "
                f"{lost['reason'].iloc[0]}); draw a sample instead, or give smaller spreads"
            )

    def ranges(self, tables: Iterable[str]) -> pd.DataFrame:
        """The ranges of several tables under one another, with how they were found."""
        parts = [self.table(name).assign(table=name) for name in tables]
        many = int(self.batch.runs["draw"].max())
        return pd.concat(parts, ignore_index=True).assign(interval=self.interval, draws=many, method=self.draws.method)


def _explained(factors: pd.DataFrame, outcome: pd.Series) -> dict[str, float]:
    """Share of the variance of an outcome by factor, and the rest."""
    x = factors.to_numpy(dtype=float) - factors.to_numpy(dtype=float).mean(axis=0)
    y = outcome.to_numpy(dtype=float) - float(outcome.mean())
    total = float((y**2).sum())
    if total == 0.0:
        return dict.fromkeys(map(str, factors.columns), 0.0) | {"rest": 0.0}
    slopes = np.linalg.lstsq(x, y, rcond=None)[0]
    shares = slopes * (x * y[:, None]).sum(axis=0) / total
    return dict(zip(map(str, factors.columns), map(float, shares), strict=True)) | {"rest": 1.0 - float(shares.sum())}


def uncertainty(
    scenarios: Source | Iterable[Source],
    out: str | Path = "results",
    *,
    draws: Draws | Mapping[str, Any] | str | Path | None = None,
    tables: Sequence[str] = ("welfare",),
    interval: float = INTERVAL,
    workers: int | None = None,
    dask: str | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    **more: Unpack[Options],
) -> Uncertainty:
    """How sure the results of scenarios are.

    Args:
        scenarios, out, draws, tables, interval, workers, dask, overwrite: see `uncertain_of`, as for what is raised.
        progress: called when a draw has ended.
        more: what `economy` takes.
    """
    runner = economy(progress=progress, **more).runner.watched(progress)
    return uncertain_of(
        runner, scenarios, out, draws=draws, tables=tables, interval=interval, workers=workers, dask=dask,
        overwrite=overwrite, progress=progress,
    )  # fmt: skip


def uncertain_of(
    runner: Runner,
    scenarios: Source | Iterable[Source],
    out: str | Path = "results",
    *,
    draws: Draws | Mapping[str, Any] | str | Path | None = None,
    tables: Sequence[str] = ("welfare",),
    interval: float = INTERVAL,
    workers: int | None = None,
    dask: str | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Uncertainty:
    """How sure the results of scenarios are, on what a runner solves.

    The draws are a batch in `out/uncertainty`, so that the same call goes on where one was stopped. Each scenario's
    result is put into `out` with its ranges beside it, where tables and reports find them.

    Args:
        runner: what is solved on.
        scenarios: names in the library, files, or Scenarios.
        out: folder of results, and of the draws.
        draws: what is uncertain and how it is drawn: a `Draws`, what it holds, or a YAML file of it. By default
            `NUMBER` points of a Latin hypercube over `draws.BORDER`.
        tables: that are kept of every draw, and get ranges.
        interval: share of the draws between the ends of a range.
        workers, dask: see `run_plan`.
        overwrite: replace results of other settings that `out` holds.
        progress: called when a draw has ended.

    Raises:
        RequestError: what is wrong with scenarios or distributions.
        SolveError: no solution at the default, or at a point of a quadrature.
    """
    if not 0.0 < interval < 1.0:
        raise RequestError([f"interval is {interval:g}; give a share between 0 and 1, such as 0.9"])
    kept = tuple(dict.fromkeys(("welfare", *tables)))
    chosen = several(scenarios)
    asked = read_draws(draws)
    whole = plan(chosen, (), asked, kept)
    results = solved(runner, chosen, out, overwrite=overwrite)
    done = run_plan(
        whole, Path(out) / FOLDER, runner, workers=workers, dask=dask, progress=progress or silent
    )  # fmt: skip
    found = Uncertainty(done, asked, interval)
    ranges = found.ranges(kept)
    ranges.to_csv(Path(out) / FOLDER / beside.FILE, index=False)
    if found.told_apart:
        done.factors.to_csv(Path(out) / FOLDER / "factors.csv")
        found.shares().to_csv(Path(out) / FOLDER / "shares.csv")
    for name in results.names:
        beside.write(ranges[ranges["scenario"] == name].drop(columns="scenario"), Path(out) / name)
    return found


def asked(file: Path | None, method: str | None, number: int | None, seed: int | None) -> Draws:
    """Distributions of a file, with another way to draw them.

    Raises:
        RequestError: all that is wrong with them.
    """
    given = read_draws(file).model_dump(exclude_unset=True) if file else {}
    other = {"method": method, "number": number, "seed": seed}
    given |= {key: value for key, value in other.items() if value is not None}
    if given.get("method") in QUADRATURES and number is None:
        given.pop("number", None)
    return read_draws(given)


def read_draws(source: Draws | Mapping[str, Any] | str | Path | None) -> Draws:
    """Distributions and how they are drawn, from a file or from what it holds.

    Raises:
        RequestError: all that is wrong with it.
    """
    if isinstance(source, Draws):
        return source
    name = "the distributions"
    if isinstance(source, str | Path):
        name = Path(source).name
        given = dict(plain(parse(name, text_of(Path(source), "distributions"), "give `method` and `of`")))
    else:
        given = dict(source or {})
    if not given.get("of") and given.get("method", "latin-hypercube") == "latin-hypercube":
        given["of"] = ({"parameter": "esubm", "together": ["esubd"], "sd": "quartiles", "common": "studies"},)
    if given.get("method", "latin-hypercube") not in QUADRATURES:
        given.setdefault("number", NUMBER)
    try:
        return Draws.model_validate(given)
    except ValidationError as error:
        models: Mapping[str, type[Frozen]] = {"of": Spread, "correlations": Correlation}
        told = [explain(e, e["loc"], models.get(str(e["loc"][0]) if e["loc"] else "", Draws)) for e in error.errors()]
        raise RequestError(told, name) from None
