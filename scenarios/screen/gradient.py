"""Drivers of an outcome on the screen."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cge.scenarios.economy.gradient import Drivers

from .console import table as _table

SHOWN = 20
CAPTION = "effect: of one percentage point of a rate, one per cent of an index, a tenth of an elasticity; first order"


def gradient(found: Drivers, rows: int = SHOWN) -> Group:
    """The largest effects, with both slopes at a kink."""
    aim = found.goal
    head = Text(f"{aim.name} at {found.scenario}: {found.gradient.value:,.6g} {aim.unit}\n", style="bold")
    notes = [
        Text(f"at a kink: the quota on {name} is at the edge of its regime, so there are two slopes", style="bold")
        for name in found.gradient.kinks
    ]
    return Group(head, *notes, _rows(found, rows))


def _rows(found: Drivers, rows: int) -> Table:
    numbers = [name for name in found.table.columns if name not in ("instrument", "cell")]
    more = len(found.table) - rows
    table = _table(
        "What moves it most", caption=CAPTION + (f"; {more:,} smaller ones in gradient.csv" if more > 0 else "")
    )
    for name in ("instrument", "cell"):
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name.replace("_", "\n"), justify="right")
    for row in found.table.head(rows).to_dict("records"):
        table.add_row(row["instrument"], row["cell"], *(f"{row[name]:,.4g}" for name in numbers))
    return table
