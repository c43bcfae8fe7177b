"""The same scenarios at several horizons, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.closure import Closure
from cge.scenarios.names.groups import OwnGroups
from cge.scenarios.names.horizon import THREE
from cge.scenarios.results.results import Comparison

from .run import Progress, Source, compare, several
from .setting import DEFAULT_BENCHMARK, DEFAULT_CLOSURE, DEFAULT_ELASTICITIES, DEFAULT_METHOD


@dataclass(frozen=True)
class Horizons:
    """Scenarios at several horizons.

    Attributes:
        at: the comparison at each horizon, by name.
    """

    at: Mapping[str, Comparison]

    @property
    def names(self) -> list[str]:
        """Names of the horizons."""
        return list(self.at)

    @property
    def scenarios(self) -> list[str]:
        """Names of the scenarios."""
        return next(iter(self.at.values())).names

    @property
    def welfare(self) -> pd.DataFrame:
        """Welfare tables under one another: index (`horizon`, `scenario`, `region`)."""
        return pd.concat({name: comparison.welfare for name, comparison in self.at.items()}, names=["horizon"])

    def table(self, column: str = "ev_net_pct") -> pd.DataFrame:
        """One column of the welfare tables: index `region`, columns (`scenario`, `horizon`).

        Raises:
            RequestError: there is no such column.
        """
        found = {name: comparison.table(column) for name, comparison in self.at.items()}
        table = pd.concat(found, axis=1, names=["horizon", "scenario"]).swaplevel(axis=1)
        return table[[(scenario, name) for scenario in self.scenarios for name in self.names]]


def horizons(
    scenarios: Source | Iterable[Source],
    benchmark: str | Path | Benchmark = DEFAULT_BENCHMARK,
    closure: str | Closure = DEFAULT_CLOSURE,
    elasticities: str | Path | xr.Dataset = DEFAULT_ELASTICITIES,
    out: str | Path | None = None,
    *,
    names: Iterable[str] = THREE,
    baseline: Source | None = None,
    groups: OwnGroups = None,
    financing: str | Mapping[str, Any] | None = None,
    overwrite: bool = False,
    method: str = DEFAULT_METHOD,
    progress: Progress | None = None,
) -> Horizons:
    """Solve scenarios at several horizons.

    Args:
        names: of the horizons (`cge.scenarios.names.horizon.HORIZONS`); short, medium and long if not given.
        out: folder of results, one folder a horizon in it.
        scenarios, benchmark, closure, elasticities, baseline, groups, financing, overwrite, method, progress: as
            `cge.compare` takes them.

    Raises:
        RequestError, KeptError, DataError, SolveError: as `cge.compare` does.
    """
    chosen = several(scenarios)
    found = {}
    for name in names:
        place = None if out is None else Path(out) / name
        found[name] = compare(
            chosen, benchmark, closure, elasticities, place, baseline=baseline, groups=groups, horizon=name,
            financing=financing, overwrite=overwrite, method=method, progress=progress,
        )  # fmt: skip
    return Horizons(found)
