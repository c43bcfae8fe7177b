"""Altertax: a benchmark with other tariffs and the old shares, beside what ordinary recalibration would make of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.atomic import whole
from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.calibration.table import FLOW, SCHEMA, labels_of
from cge.calibration.update import LAYER, updated_benchmark
from cge.calibration.update.altertax import kept, unit_elasticities
from cge.errors import DataError, KeptError, RequestError, nearest
from cge.progress import Progress, silent
from cge.scenarios.files.scenario import Scenario
from cge.shown import card
from cge.solvers import Problem

from .baseline import rebased
from .setting import DEFAULT_METHOD, Setting

Tariffs = xr.DataArray | pd.Series | Scenario | str | Path


@dataclass(frozen=True)
class Altertax:
    """A benchmark with other tariffs.

    Attributes:
        benchmark: with the new tariffs in their layers.
        ordinary: the same tariffs by ordinary elasticities.
        before: the benchmark that was changed.
        shares: how far shares of costs, spending and imports moved, percentage points (see `kept`).
    """

    benchmark: Benchmark
    ordinary: Benchmark
    before: Benchmark
    shares: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Altertax: {self.benchmark!r}; totals() compares>"

    def _repr_html_(self) -> str:
        return card("Altertax", {"benchmark": self.benchmark}, self.totals(), "million USD and %, by region")

    def totals(self) -> pd.DataFrame:
        """GDP, imports (cif), tariff revenue, million USD, and the average tariff, % [region; figure and way]."""
        parts = {"before": self.before, "altertax": self.benchmark, "ordinary": self.ordinary}
        return pd.concat({way: _figures(b) for way, b in parts.items()}, axis=1).swaplevel(axis=1).sort_index(axis=1)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the benchmark, and beside it the report as `<name>.altertax.csv` and `<name>.totals.csv`.

        Raises:
            KeptError: one of the three is there; nothing is written.
        """
        target = Path(path)
        tables = {target.with_suffix(".altertax.csv"): self.shares, target.with_suffix(".totals.csv"): self.totals()}
        there = [str(file) for file in (target, *tables) if file.exists()]
        if there and not overwrite:
            raise KeptError(f"{', '.join(there)} exist and are kept; choose another name or say overwrite")
        self.benchmark.save(target, overwrite=overwrite)
        for file, table in tables.items():
            with whole(file) as unfinished:
                table.to_csv(unfinished)
        return target


def retaxed(where: Setting, tariffs: Tariffs, *, method: str = DEFAULT_METHOD, progress: Progress = silent) -> Altertax:
    """Put other tariffs into a benchmark and keep its shares as far as theory allows.

    Args:
        where: the benchmark; what is held meanwhile; elasticities of the ordinary recalibration that the report
            compares with.
        tariffs: what they are to be: a scenario (name in the library, file, or Scenario) whose tariffs are set, added
            to or scaled, by layer; or rates as labelled values over exporter, importer and sector (others keep
            theirs), and over layer too if only some layers change. A rate is a fraction of the cif value.
        method: of the solver.
        progress: told every stage.

    Returns:
        The benchmark, calibrated with elasticities of one, and the report.

    Raises:
        RequestError: a name that is not known.
        DataError: rates with labels that the benchmark has not, or of -100 % and less.
        SolveError: no certified solution.
    """
    unit = replace(where, elasticities=unit_elasticities(where.elasticities))
    if isinstance(tariffs, Scenario | str | Path):
        ways = [rebased(each, tariffs, method, progress).benchmark for each in (unit, where)]
        name = tariffs.name if isinstance(tariffs, Scenario) else Path(tariffs).stem
    else:
        layers = _layers(where.benchmark, tariffs)
        ways = [_at_rates(each, layers, method, progress) for each in (unit, where)]
        name = "given tariffs"
    title = f"{where.benchmark.data.attrs.get('title', 'benchmark')}, altertax to {name}"
    made = Benchmark(ways[0].data.assign_attrs(title=title, altertax_from=where.benchmark.sha256))
    return Altertax(made, ways[1], where.benchmark, kept(where.benchmark, altertax=made, ordinary=ways[1]))


def refuse_to_replace(path: Path, *, overwrite: bool) -> None:
    """Refuse, before anything is solved, a file that would not be written.

    Raises:
        RequestError: it is not named as a benchmark is.
        KeptError: it is there, and is kept.
    """
    if path.suffix != ".nc":
        raise RequestError([f"{path} is no name of a benchmark; let it end in .nc"])
    if path.exists() and not overwrite:
        raise KeptError([f"{path} exists and is kept; choose another name, or pass --overwrite"])


def _layers(benchmark: Benchmark, tariffs: xr.DataArray | pd.Series) -> xr.DataArray:
    """Rates by layer after the change [layer, exporter, importer, sector]."""
    old = benchmark.data["tariff"]
    given = tariffs.to_xarray() if isinstance(tariffs, pd.Series) else tariffs
    axes = ("layer", *FLOW)
    faults = [
        f"tariffs have the axis {d}{nearest(str(d), axes)}; use {', '.join(axes)}" for d in given.dims if d not in axes
    ]
    for axis in set(given.dims) & set(axes):
        known = labels_of(benchmark.data, str(axis))
        faults += [
            f"{axis} {label} of the tariffs is unknown{nearest(str(label), known)}"
            for label in map(str, given[axis].values)
            if label not in known
        ]
    if not faults and not bool((given.fillna(0.0) > -1.0).all()):
        faults.append("tariffs are -100 % or lower on some flows; give fractions above -1")
    if faults:
        raise DataError(faults, "the tariffs")
    if "layer" in given.dims:
        return given.astype(float).reindex_like(old.drop_attrs()).combine_first(old).transpose(*axes)
    total = old.sum("layer")
    rate = (given.astype(float) + 0.0 * total).reindex_like(total).transpose(*FLOW)
    added = (rate - total).where(rate.notnull(), 0.0).where(benchmark.data["trade"] > 0.0, 0.0)
    labels = labels_of(benchmark.data, "layer")
    if LAYER in labels:
        return (old + added * (old["layer"] == LAYER)).transpose(*axes)
    return xr.concat([old, added.expand_dims(layer=[LAYER])], "layer").transpose(*axes)


def _at_rates(where: Setting, layers: xr.DataArray, method: str, progress: Progress) -> Benchmark:
    """The benchmark that a setting becomes at other tariffs."""
    parameters = calibrate(where.benchmark, where.elasticities)
    problem = Problem(parameters, where.closure, method=method)
    solved = problem.solve({"tm": layers.sum("layer").transpose(*parameters.data["tm0"].dims)}, progress=progress)
    after = updated_benchmark(where.benchmark, parameters, solved.data)
    tariff = xr.Variable(SCHEMA["tariff"].dims, np.asarray(layers.values), after.data["tariff"].attrs)
    data = after.data.drop_dims("layer").assign_coords(layer=layers["layer"].values).assign(tariff=tariff)
    return Benchmark(data)


def _figures(benchmark: Benchmark) -> pd.DataFrame:
    data = benchmark.data
    cif = benchmark.cif.where(data["exporter"] != data["importer"], 0.0)
    bought = cif.sum(("exporter", "sector"))
    revenue = (cif * data["tariff"].sum("layer")).sum(("exporter", "sector"))
    figures = {
        "GDP": benchmark.gdp.values,
        "imports": bought.values,
        "tariff revenue": revenue.values,
        "average tariff, %": 100.0 * (revenue / bought.where(bought > 0.0)).values,
    }
    return pd.DataFrame(figures, index=pd.Index(benchmark.regions, name="region"))
