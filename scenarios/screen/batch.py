"""Batches on the screen."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cge.scenarios.economy.batch import Batch

from .console import table as _table
from .screen import EV_SHARE, notes_by_name

FAILURES, CELLS, ROWS = 10, 8, 60
"""Failed runs, columns of a grid, and rows of a spread, that are shown; files hold all."""


def summary(done: Batch) -> list[RenderableType]:
    """EV of a batch: its spread over the draws, or cells side by side; then what failed, and the worst proof."""
    parts: list[RenderableType] = []
    if (done.runs["status"] == "solved").any():
        parts.append(_spread(done) if "draw" in done.keys else _cells(done))
    for job, reason in list(done.failures["reason"].items())[:FAILURES]:
        parts.append(Text(f"{job}: {reason}", style="red"))
    if len(done.failures) > FAILURES:
        parts.append(Text(f"... and {len(done.failures) - FAILURES} more; see runs.csv", style="red"))
    parts += notes_by_name(done.notes)
    counts = ", ".join(f"{count} {status}" for status, count in done.runs["status"].value_counts().items())
    worst = "; ".join(
        f"worst {head} {done.runs[column].max():.0e}"
        for head, column in (("residual", "max_residual"), ("Walras", "walras"), ("accounts", "identities"))
        if column in done.runs
    )
    parts.append(Text(f"{len(done.runs)} runs: {counts}" + (f"; {worst}" if worst else "")))
    return parts


def _spread(done: Batch) -> Table:
    spread = done.quantiles().reset_index()
    number = done.runs["draw"].max()
    left = len(spread) - ROWS
    shown = _table(
        f"EV in % of benchmark income: at the default elasticities, and quantiles of {number} draws",
        caption=f"{left} rows more: cge.batch(...).quantiles(), or welfare.csv" if left > 0 else "",
    )
    labels = [key for key in done.keys if key != "draw"]
    for column in spread.columns:
        head = f"{100 * column:g} %" if isinstance(column, float) else str(column)
        shown.add_column(head, justify="left" if head in (*labels, "region") else "right", no_wrap=True)
    for row in spread.head(ROWS).to_dict("records"):
        cells = [_word(row[label]) for label in (*labels, "region")]
        shown.add_row(*cells, *(_ev(row[column]) for column in spread.columns[len(cells) :]))
    return shown


def _cells(done: Batch) -> Table:
    solved = done.runs[done.runs["status"] == "solved"]
    wide = done.welfare.pivot(index="region", columns="job", values="ev_pct")
    wide = wide.loc[done.welfare["region"].unique(), solved.index[:CELLS]]
    more = f"; {len(solved) - CELLS} more columns in welfare.csv" if len(solved) > CELLS else ""
    shown = _table("EV in % of benchmark income", caption=f"columns: {', '.join(done.keys)}{more}")
    shown.add_column("region", no_wrap=True, vertical="bottom")
    for job in wide.columns:
        shown.add_column("\n".join(_word(solved.loc[job, key]) for key in done.keys), justify="right")
    for region, row in wide.iterrows():
        shown.add_row(str(region), *(_ev(value) for value in row))
    return shown


def _word(label: Any) -> str:
    """A label of a run; nothing for what does not vary in it."""
    return str(label) if isinstance(label, str) else "" if label != label else f"{label:g}"


def _ev(value: float) -> str:
    return EV_SHARE.shown(value)
