"""A workbook of results: notes first, welfare side by side, and one sheet a table, with units and formats."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from cge.errors import RequestError
from cge.scenarios.results.folder import check_writable
from cge.scenarios.results.groups import Groups
from cge.scenarios.results.registry import TABLES
from cge.scenarios.results.results import Comparison
from cge.scenarios.results.table import Column

from .frames import Shown, shown, side_by_side
from .told import assumptions

ROWS = 1_048_575
"""Rows under the head of a sheet that a workbook can hold."""

FORMATS = {",.0f": "#,##0", ",.1f": "#,##0.0", ",.3f": "#,##0.000", ".3f": "0.000", "+,.3f": "+#,##0.000;-#,##0.000;0"}
"""Formats of the registry as a workbook writes them; any other is left to it."""


def write(results: Comparison, file: Path, groups: Groups = (), tables: Iterable[str] = TABLES) -> Path:
    """Write a workbook. Text is text, whatever it begins with; what is no number is an empty cell.

    Raises:
        RequestError: a table has more rows than a sheet, or the file cannot be written.
    """
    check_writable(file.parent)
    sheets = [shown(results, name, groups) for name in tables]
    long = [f"{s.table.name} has {len(s.frame):,} rows, and a sheet {ROWS:,}" for s in sheets if len(s.frame) > ROWS]
    if long:
        raise RequestError([f"{text}; leave the table out, or write Parquet or CSV" for text in long])
    file.parent.mkdir(parents=True, exist_ok=True)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(str(file), options) as book:
        styles = _Styles(book)
        _notes(book, styles, results, sheets)
        _compared(book, styles, results, groups)
        for sheet in sheets:
            _table(book, styles, sheet)
    return file


class _Styles:
    """Formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book, self._numbers = book, dict[str, Any]()
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1})
        self.bold = book.add_format({"bold": True})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def number(self, column: Column) -> Any:
        """The format of a column's numbers."""
        if column.format not in self._numbers:
            self._numbers[column.format] = self._book.add_format({"num_format": FORMATS.get(column.format, "General")})
        return self._numbers[column.format]


def _table(book: Workbook, styles: _Styles, of: Shown) -> None:
    sheet = book.add_worksheet(of.table.name)
    for k, column in enumerate(of.columns):
        _column(sheet, styles, k, head(column), column, of.frame[column.name].tolist())
    sheet.freeze_panes(1, 1 + len(of.table.keys))
    sheet.autofilter(0, 0, max(1, len(of.frame)), len(of.columns) - 1)


def _compared(book: Workbook, styles: _Styles, results: Comparison, groups: Groups) -> None:
    columns, frame = side_by_side(results, groups=groups)
    sheet = book.add_worksheet("comparison")
    for k, level in enumerate(("region", "name")):
        _column(sheet, styles, k, level, Column(level, "", level), frame.index.get_level_values(level).tolist())
    cells = [(name, column) for name in results.names for column in columns]
    for k, (name, column) in enumerate(cells, start=2):
        _column(sheet, styles, k, f"{name}\n{head(column)}", column, frame[(name, column.name)].tolist())
    sheet.freeze_panes(1, 2)


def head(column: Column) -> str:
    """The head of a column: words, and the unit under them."""
    return f"{column.heading}\n{column.unit}" if column.unit else column.heading


def _column(sheet: Any, styles: _Styles, k: int, title: str, column: Column, values: list[Any]) -> None:
    sheet.write_string(0, k, title, styles.head)
    widest = max([len(line) for line in title.split("\n")] + [len(str(v)) for v in values[:500] if column.text])
    sheet.set_column(k, k, min(40, max(10, widest + 2)), None if column.text else styles.number(column))
    for row, value in enumerate(values, start=1):
        if isinstance(value, str):
            sheet.write_string(row, k, value)
        elif isinstance(value, float) and math.isinf(value):
            sheet.write_string(row, k, "inf" if value > 0 else "-inf")
        elif value is not None and value == value:
            sheet.write_number(row, k, value)


def _notes(book: Workbook, styles: _Styles, results: Comparison, sheets: list[Shown]) -> None:
    sheet = book.add_worksheet("notes")
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 28)
    sheet.set_column(2, 2, 90)
    rows: list[tuple[str, str, str]] = []
    for result in results:
        rows += [(result.name, what, text) for what, text in (("title", result.title), *assumptions(result))]
    rows.append(("", "", ""))
    rows.append(("sheet", "column", "meaning"))
    for of in sheets:
        rows.append((of.table.name, "", f"{of.table.title}: {of.table.row}. {of.table.note}".strip()))
        rows += [(of.table.name, head(c).replace("\n", ", "), c.meaning or c.heading) for c in of.table.columns]
    for row, cells in enumerate(rows):
        for k, text in enumerate(cells):
            sheet.write_string(row, k, text, styles.wrapped if k == 2 else styles.bold if k == 0 else None)
