"""What survives other assumptions, on the screen."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from cge.scenarios.economy.robustness import Robustness
from cge.scenarios.results.registry import WELFARE

from .console import table as _table


def robustness(found: Robustness, regions: Sequence[str] = ()) -> Group:
    """Signs and ranks: what survives, and what flips them."""
    head = WELFARE.column(found.column)
    signs, ranks = found.signs, found.ranks
    parts: list[RenderableType] = [
        _shown(_of(signs, regions), f"Signs of {head.heading} ({head.unit})", ("least", "most", "positive", "negative"))
    ]
    if len(ranks):
        parts.append(_shown(_of(ranks, regions), f"Which scenario has the higher {head.heading}", ("better",)))
    lost = found.batch.failures
    if len(lost):
        text = f"{len(lost)} of {len(found.batch.runs)} settings are left out, as {lost['reason'].iloc[0]}"
        parts.append(Text(text, style="yellow"))
    return Group(*parts)


def _of(table: pd.DataFrame, regions: Sequence[str]) -> pd.DataFrame:
    return table[table["region"].isin(regions)] if regions else table


def _shown(rows: pd.DataFrame, title: str, numbers: Sequence[str]) -> RenderableType:
    count = int(rows["settings"].max()) if len(rows) else 0
    table = _table(
        f"{title}: {count} settings",
        caption="flips: what turns it when it alone changes, with the share of the pairs of settings that it turns",
    )
    words = [name for name in ("scenario", "other", "region") if name in rows]
    for name in words:
        table.add_column(name, no_wrap=name == "region")
    for name in (*numbers, "survives"):
        table.add_column(name, justify="right")
    table.add_column("flips")
    for row in rows.to_dict("records"):
        cells = [f"{row[name]:.3f}" if name in ("least", "most") else f"{row[name]:.0%}" for name in numbers]
        table.add_row(*(str(row[name]) for name in words), *cells, "yes" if row["survives"] else "no", row["flips"])
    return table
