"""Horizons side by side on the screen."""

from __future__ import annotations

from rich.console import Group

from cge.scenarios.economy.horizons import Horizons
from cge.scenarios.results.registry import WELFARE

from .console import table as _table

CAPTION = (
    "% of benchmark income: equivalent variation less the user cost of added capital (docs/horizons.md); real GDP, %"
)
SHOWN = ("ev_net_pct", "real_gdp_pct")


def side_by_side(found: Horizons) -> Group:
    """Every scenario at every horizon: EV net of the cost of added capital, and real GDP, per cent."""
    tables = []
    for name in found.scenarios:
        rows = {horizon: found.at[horizon][name].welfare for horizon in found.names}
        table = _table(f"{name}: {found.at[found.names[0]][name].title}", caption=CAPTION)
        table.add_column("region", no_wrap=True, vertical="bottom")
        for horizon in found.names:
            table.add_column(f"{horizon}\nEV net", justify="right", no_wrap=True)
            table.add_column("\nGDP", justify="right", no_wrap=True)
        for region in rows[found.names[0]].index:
            values = [(column, rows[horizon].loc[region, column]) for horizon in found.names for column in SHOWN]
            table.add_row(str(region), *(WELFARE.column(column).shown(value) for column, value in values))
        tables.append(table)
    return Group(*tables)
