"""An optimum on the screen: rates, and how good they are."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cge.scenarios.economy.optimum import Optimum

from .console import table as _table

SHOWN, BOUND = 40, 5
CAPTION = (
    "left: gain that a player could still have, predicted; eigenvalue: largest of the scaled Hessian, negative at a "
    "maximum; ipopt: 0 if it accepts the point as stationary; regret: by searching anew; price: of the target"
)


def optimum(found: Optimum) -> Group:
    """Rates and verdicts."""
    runs = [f"{row['player']} {row['instrument']} {row['rate']} ({row['bound']})"
            for row in found.rates[found.rates["bound"] != ""].to_dict("records")]  # fmt: skip
    told = f"runs to its bound, so that the bound decides and no optimum does: {', '.join(runs[:BOUND])}"
    more = f" and {len(runs) - BOUND} more" if len(runs) > BOUND else ""
    return Group(_rates(found), _verdict(found), *([Text(told + more, style="yellow")] if runs else []))


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
    numbers = ("value", "left", "eigenvalue", "ipopt", "regret", "price")
    for name in numbers:
        table.add_column(name, justify="right")
    for row in found.verdict.to_dict("records"):
        cells = (f"{row[name]:,.4g}" if row[name] is not None and row[name] == row[name] else "" for name in numbers)
        table.add_row(row["player"], row["goal"], row["unit"], *cells)
    return table
