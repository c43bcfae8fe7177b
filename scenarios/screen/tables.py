"""Tables and benchmarks on the screen: what a file is and what is wrong with it, never more than a screen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cge.calibration import summary
from cge.calibration.benchmark import Benchmark
from cge.calibration.check import Checked

LINES = 24
"""Lines of a screen."""
WIDTH = 110


def checked(found: Checked) -> str:
    """What a file is, the causes of what is wrong first, then notes; cut to a screen with what is left out counted."""
    table = f"{found.table!r}"[1:-1] if found.table is not None else ""
    head = f"{found.file} {'is sound' if found.sound else f'has {_count(found.faults)}'}: {found.layout}"
    lines = textwrap.wrap(f"{head}, {table}" if table else head, WIDTH)
    blocks = [_item(text, "  - ") for text in found.faults] + [_item(text, "  . ") for text in found.notes]
    counts = found.log.table()["step"].value_counts(sort=False)
    entries = [f"{step} ({n})" if n > 1 else str(step) for step, n in counts.items()]
    if entries:
        blocks.append(_item("reading: " + "; ".join(entries), "  . "))
    for k, block in enumerate(blocks):
        if len(lines) + len(block) > LINES - 1:
            return "\n".join([*lines, f"  and {len(blocks) - k} more"])
        lines += block
    return "\n".join(lines)


def benchmark(table: Benchmark) -> RenderableType:
    """A benchmark by region and by sector, and what is not known of its labels."""
    unit = table.contents.unit or "million"
    worst = float(table.identities()["relative"].abs().max())
    told = f"{table!r}"[1:-1]
    unknown = [Text(f"not known: {line}") for line in table.contents.unknown()[:4]]
    return Group(
        Text(f"{told}\nlargest imbalance {worst:.1e} of an account; {unit}, year {table.contents.year}"),
        _frame(summary.regions(table).reset_index()), _frame(summary.sectors(table).reset_index()), *unknown,
    )  # fmt: skip


def differences(frame: pd.DataFrame) -> RenderableType:
    """What differs between two benchmarks."""
    return _frame(frame.reset_index()) if len(frame) else Text("the two benchmarks have the same labels and numbers")


def _count(faults: Iterable[str]) -> str:
    number = len(tuple(faults))
    return f"{number} fault{'s' if number != 1 else ''}"


def _item(text: str, mark: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark))


def _frame(frame: pd.DataFrame) -> Table:
    shown = Table(box=None, pad_edge=False)
    for name in frame.columns:
        numbers = pd.api.types.is_numeric_dtype(frame[name])
        shown.add_column(str(name), justify="right" if numbers else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        shown.add_row(*(_cell(value) for value in row))
    return shown


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if pd.isna(value) else (f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:,.4g}")
    return str(value)
