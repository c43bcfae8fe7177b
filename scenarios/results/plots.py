"""`results.plot`: drawings of a result or a comparison for notebooks and papers, under the names that tables have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cge.errors import RequestError, nearest
from cge.plots import bars, heatmap, ready

from .letters import drawn, lettering
from .registry import TABLES, WELFARE

if TYPE_CHECKING:
    from .groups import Groups
    from .results import Comparison

SHOWN = 15
"""Rows of a plot of bars: those that the scenarios move most."""


class Plots:
    """Plots of scenarios side by side; `plot()` is `plot.bar()`. Each takes the axes to draw on, and gives them back.

    Raises:
        InstallError: matplotlib is not installed (the extra plot).
        RequestError: there is no such column, region or scenario.
    """

    def __init__(self, results: Comparison) -> None:
        self._results = results

    def __call__(self, column: str = "ev_pct", **more: Any) -> Any:
        """The same as `bar`."""
        return self.bar(column, **more)

    def bar(self, column: str = "ev_pct", *, groups: Groups = (), world: bool = False, ax: Any = None) -> Any:
        """A column of the welfare tables by region, a bar a scenario; the regions that move most.

        Args:
            column: of the welfare table.
            groups, world: rows beside the regions.
            ax: axes of matplotlib; new ones if not given.
        """
        table = self._results.table(column, groups=groups, world=world)
        table = table.loc[table.abs().max(axis=1).nlargest(SHOWN).index]
        of = WELFARE.column(column)
        ready()
        with lettering():
            return bars(_lettered(table), f"{of.heading}, {of.unit}", self._title, ax)

    def exports(self, scenario: str | None = None, *, ax: Any = None) -> Any:
        """Change of exports by exporter (rows) and importer (columns), per cent of the benchmark's fob value."""
        flows = self._one(scenario).trade
        sums = flows.groupby(["exporter", "importer"], sort=False)[["base_musd", "new_musd"]].sum()
        change = 100.0 * (sums["new_musd"] / sums["base_musd"] - 1.0)
        return self._heatmap(change.unstack(), "change of exports, %", scenario, ax)

    def sectors(self, column: str = "output_pct", scenario: str | None = None, *, ax: Any = None) -> Any:
        """A column of the table of industries by region (rows) and sector (columns)."""
        table = self._one(scenario).sectors
        known = [str(name) for name in table.columns if name not in ("region", "sector")]
        if column not in known:
            raise RequestError([TABLES["sectors"].unknown(column, known)])
        wide = table.pivot(index="region", columns="sector", values=column)
        wide = wide.loc[table["region"].unique(), table["sector"].unique()]
        of = TABLES["sectors"].column(column)
        return self._heatmap(wide, f"{of.heading}, {of.unit}", scenario, ax)

    def _heatmap(self, table: pd.DataFrame, label: str, scenario: str | None, ax: Any) -> Any:
        ready()
        with lettering():
            return heatmap(_lettered(table), label, drawn(self._one(scenario).title), ax)

    def _one(self, scenario: str | None) -> Any:
        names = self._results.names
        if scenario is None and len(names) == 1:
            return self._results.results[0]
        if scenario not in names:
            raise RequestError(
                [f"say which scenario; there is no {scenario!r}{nearest(str(scenario), names)} in {', '.join(names)}"]
            )
        return self._results[scenario]

    @property
    def _title(self) -> str:
        return drawn(self._results.results[0].title) if len(self._results) == 1 else ""


def _lettered(table: pd.DataFrame) -> pd.DataFrame:
    """Labels in letters that the fonts have."""
    return table.rename(index=lambda name: drawn(str(name)), columns=lambda name: drawn(str(name)))
