"""How sure results are, on the screen."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cge.scenarios.economy.delta import Delta
from cge.scenarios.economy.uncertainty import Uncertainty
from cge.scenarios.results.registry import WELFARE

from .console import table as _table

SHOWN = ("ev_pct", "real_gdp_pct")
DRIVERS = 5
STRAIGHT = 0.1
"""Bend up to which the first order is good."""


def uncertainty(found: Uncertainty, columns: Sequence[str] = SHOWN) -> Group:
    """Ranges of EV and real GDP by scenario and region, and what drives the spread."""
    welfare = found.welfare
    number = int(found.batch.runs["draw"].max())
    parts: list[RenderableType] = []
    for name, rows in welfare.groupby("scenario", sort=False):
        table = _table(
            f"{name}: {found.interval:.0%} ranges of {number} draws ({found.draws.method})",
            caption="P: probability that the number is above zero; all entries are in ranges.csv",
        )
        table.add_column("region", no_wrap=True)
        for column in columns:
            head = WELFARE.column(column)
            table.add_column(f"{head.heading}\n{head.unit}", justify="right")
            for text in ("low", "high", "P"):
                table.add_column(text, justify="right", no_wrap=True)
        for region, own in rows.groupby("region", sort=False):
            cells = [cell for column in columns for cell in _cells(own[own["column"] == column])]
            table.add_row(str(region), *cells)
        parts.append(table)
    failed = len(found.batch.failures)
    return Group(*parts, *([Text(f"{failed} draws have no solution and are left out", style="red")] if failed else []))


def _cells(row: pd.DataFrame) -> list[str]:
    if not len(row):
        return [""] * 4
    one = row.iloc[0]
    return [f"{one['default']:.3f}", f"{one['low']:.3f}", f"{one['high']:.3f}", f"{one['positive']:.2f}"]


def drivers(found: Uncertainty, column: str = "ev_pct", number: int = DRIVERS) -> Table:
    """The uncertain numbers that a region's spread hangs on most."""
    shares = found.shares(column)
    table = _table("Shares of the variance of EV by what is uncertain, %", caption="all in shares.csv")
    for name in shares.index.names:
        table.add_column(str(name), no_wrap=True)
    table.add_column("largest")
    table.add_column("not linear", justify="right")
    for key, row in shares.iterrows():
        order = row.drop("rest").abs().sort_values(ascending=False).index[:number]
        told = ", ".join(f"{name} {100.0 * row[name]:.0f}" for name in order)
        words = key if isinstance(key, tuple) else (key,)
        table.add_row(*map(str, words), told, f"{100.0 * row['rest']:.0f}")
    return table


def delta(found: Delta, scenario: str) -> Group:
    """The delta method's answer, with its check."""
    unit = found.goal.unit
    good = "good here" if found.bend < STRAIGHT else "not good enough here: draw a sample"
    lines = [
        f"{found.goal.name} at {scenario}: {found.value:,.6g} {unit}, standard deviation {found.sd:,.4g}, "
        f"range {found.low:,.6g} to {found.high:,.6g}, above zero with a probability of {found.positive:.3f}",
        f"check: one standard deviation below and above it is {found.below:,.6g} and {found.above:,.6g}, off the "
        f"straight line by {found.bend:.2f} standard deviations; the first order is {good}",
    ]
    table = _table("Shares of the variance, %")
    table.add_column("what is uncertain")
    table.add_column("share", justify="right")
    for name, share in found.shares.head(2 * DRIVERS).items():
        table.add_row(str(name), f"{100.0 * float(share):.1f}")
    return Group(*map(Text, lines), table)
