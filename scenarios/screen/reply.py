"""A best reply on the screen."""

from __future__ import annotations

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table

from cge.scenarios.economy.reply import Reply
from cge.scenarios.results.registry import WELFARE

from .console import table as _table
from .optimum import optimum


def reply(found: Reply) -> Group:
    """Options ranked in every situation, then the games."""
    parts: list[RenderableType] = []
    for (situation, column), rows in found.options.groupby(["situation", "column"], sort=False):
        head = WELFARE.column(str(column))
        table = _table(
            f"{found.question.region} under {situation}: what each option adds to {head.heading}, {head.unit}",
            caption="range, P (beats doing nothing) and best (beats all others) of the draws; all in options.csv",
        )
        _filled(table, rows, found)
        parts.append(table)
    parts += [optimum(game) for game in found.games]
    return Group(*parts)


def _filled(table: Table, rows: pd.DataFrame, found: Reply) -> None:
    table.add_column("option")
    for horizon in found.question.horizons:
        table.add_column(horizon, justify="right", no_wrap=True)
    drawn = "mean" in rows
    for name in ("range", "P", "best") if drawn else ():
        table.add_column(name, justify="right", no_wrap=True)
    last = found.question.uncertain_at if drawn else found.question.horizons[-1]
    order = rows[rows["horizon"] == last].sort_values("rank")["option"]
    for option in order:
        own = rows[rows["option"] == option].set_index("horizon")
        cells = [f"{own.loc[h, 'gain']:+.3f}" if h in own.index else "" for h in found.question.horizons]
        if drawn:
            row = own.loc[found.question.uncertain_at]
            cells += [f"{row['low']:+.3f} {row['high']:+.3f}", f"{row['positive']:.2f}", f"{row['best']:.2f}"]
        table.add_row(str(option), *cells)
