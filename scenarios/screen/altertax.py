"""An altertax on the screen: shares kept, and what the new tariffs change."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table

from cge.scenarios.economy.altertax import Altertax

from .console import table as _table

CAPTION = "changes of shares in percentage points: mean with the shares as weights, largest, and where that is"


def altertax(made: Altertax) -> Group:
    """How far shares moved with elasticities of one and with the ordinary ones, and totals of every region."""
    return Group(_shares(made), _totals(made))


def _shares(made: Altertax) -> Table:
    table = _table("Shares kept", caption=CAPTION)
    table.add_column("share")
    for way in ("altertax", "ordinary"):
        for what in ("mean", "max", "where"):
            table.add_column(f"{way}\n{what}", justify="left" if what == "where" else "right")
    for name, row in made.shares.iterrows():
        cells = [value if isinstance(value, str) else f"{value:.4f}" for value in row]
        table.add_row(str(name), *cells)
    return table


def _totals(made: Altertax) -> Table:
    totals = made.totals()
    table = _table("Tariffs and totals", caption="imports and revenue in million USD; before: the benchmark")
    table.add_column("region")
    wanted = [
        (figure, way)
        for figure in ("average tariff, %", "tariff revenue", "imports")
        for way in ("before", "altertax", "ordinary")
    ]
    for figure, way in wanted:
        table.add_column(f"{figure}\n{way}", justify="right")
    for region, row in totals.iterrows():
        cells = [f"{row[key]:,.2f}" if key[0].endswith("%") else f"{row[key]:,.0f}" for key in wanted]
        table.add_row(str(region), *cells)
    return table
