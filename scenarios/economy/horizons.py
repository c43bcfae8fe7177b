"""The same scenarios at several horizons, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

import pandas as pd
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.closure import Closure
from cge.progress import Progress
from cge.scenarios.names.horizon import THREE
from cge.scenarios.results.groups import Groups
from cge.scenarios.results.results import Comparison
from cge.shown import card, line

from .economy import More, economy
from .run import Source, several


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

    def __repr__(self) -> str:
        return line("Horizons", {"at": ", ".join(self.names), "scenarios": ", ".join(self.scenarios)})

    def _repr_html_(self) -> str:
        return card("Horizons", {}, self.table(), "EV net of the cost of added capital, % of benchmark income")

    @property
    def together(self) -> Comparison:
        """All results side by side, each under the name of its scenario with its horizon, for reports and tables."""
        found = [
            replace(self.at[horizon][name], name=f"{name}, {horizon}")
            for name in self.scenarios
            for horizon in self.names
        ]
        return Comparison(tuple(found))

    def report(self, file: str | Path, groups: Groups = (), *, overwrite: bool = False) -> Path:
        """Write the report on all horizons; see `Comparison.report`."""
        return self.together.report(file, groups, overwrite=overwrite)

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
    benchmark: str | Path | Benchmark | None = None,
    closure: str | Closure | None = None,
    elasticities: str | Path | xr.Dataset | None = None,
    out: str | Path | None = None,
    *,
    names: Iterable[str] = THREE,
    reuse: bool | None = True,
    overwrite: bool = False,
    progress: Progress | None = None,
    **more: Unpack[More],
) -> Horizons:
    """Solve scenarios at several horizons.

    Args:
        names: of the horizons (`cge.scenarios.names.horizon.HORIZONS`); short, medium and long if not given.
        out: folder of results, one folder a horizon in it.
        scenarios, reuse, overwrite, progress: see `Economy.run`.
        benchmark, closure, elasticities, more: what `economy` takes, but for its horizon.

    Raises:
        RequestError, KeptError, DataError, SolveError: as `Economy.run` does.
    """
    chosen = several(scenarios)
    found = {}
    for name in names:
        place = None if out is None else Path(out) / name
        asked: More = {**more, "horizon": name}
        at = economy(benchmark, closure, elasticities, progress=progress, **asked)
        found[name] = at.run(chosen, place, reuse=reuse, overwrite=overwrite, progress=progress)
    return Horizons(found)
