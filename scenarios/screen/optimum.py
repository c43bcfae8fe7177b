"""An optimum on the screen: rates, and how good they are."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table

from cge.scenarios.economy.optimum import Optimum

from .console import table as _table

SHOWN = 40
CAPTION = (
    "left: gain that a player could still have, predicted; eigenvalue: largest of the scaled Hessian, negative at a "
    "maximum; regret: by searching anew"
)


def optimum(found: Optimum) -> Group:
    """Rates and verdicts."""
    return Group(_rates(found), _verdict(found))


def _rates(found: Optimum) -> Table:
    more = len(found.rates) - SHOWN
    table = _table(found.scenario.title, caption=f"{more:,} more in rates.csv" if more > 0 else "")
    for name in ("player", "instrument", "rate"):
        table.add_column(name, no_wrap=True)
    for name in ("rate\n%", "falls on\nm USD", "at its\nbound"):
        table.add_column(name, justify="right")
    for row in found.rates.head(SHOWN).to_dict("records"):
        numbers = (f"{row['rate_pct']:,.2f}", f"{row['size_musd']:,.0f}", row["bound"])
        table.add_row(row["player"], row["instrument"], row["rate"], *numbers)
    return table


def _verdict(found: Optimum) -> Table:
    table = _table("How good", caption=CAPTION)
    for name in ("player", "goal", "unit"):
        table.add_column(name)
    numbers = ("value", "left", "eigenvalue", "regret")
    for name in numbers:
        table.add_column(name, justify="right")
    for row in found.verdict.to_dict("records"):
        cells = (f"{row[name]:,.4g}" if row[name] == row[name] else "" for name in numbers)
        table.add_row(row["player"], row["goal"], row["unit"], *cells)
    return table
