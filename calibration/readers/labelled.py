"""A block of numbers with its labels, found in a grid with titles above, footnotes below and totals at its edges."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from cge.calibration.log import Entry, Log
from cge.errors import DataError

from .grid import ABSENT, NIL, Grid, letters

Label = tuple[str, ...]
Side = Literal["row", "column"]
TOTAL = re.compile(r"(grand\s+|sub)?(total|totals|sum|tot|gesamt|somme|totaal)(\b.*)?|.*\btotal", re.IGNORECASE)
"""Labels that announce a total; it is dropped only where the numbers say so too."""


@dataclass
class Labelled:
    """Numbers with a label of one or two levels for every row and column.

    Attributes:
        rows, columns: labels, upper level first.
        values: [row, column]; a blank or a dash is zero.
        lines, places: where each row and column stands, as a user finds it.
        blank: where the cell is blank.
        decimals: that a text file prints.
        titles, notes: lines above and below.
    """

    rows: list[Label]
    columns: list[Label]
    values: np.ndarray
    lines: list[str]
    places: list[str]
    blank: np.ndarray
    decimals: int | None = None
    titles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def without(self, rows: list[int], columns: list[int]) -> Labelled:
        """The block less some rows and columns."""
        keep = [k for k in range(len(self.rows)) if k not in rows]
        stay = [k for k in range(len(self.columns)) if k not in columns]
        return Labelled(
            [self.rows[k] for k in keep], [self.columns[k] for k in stay], self.values[np.ix_(keep, stay)],
            [self.lines[k] for k in keep], [self.places[k] for k in stay], self.blank[np.ix_(keep, stay)],
            self.decimals, self.titles, self.notes,
        )  # fmt: skip

    @property
    def rounding(self) -> float:
        """Gap that rounding of the printed numbers explains in a sum over a row or column (2.6 standard deviations)."""
        if self.decimals is None:
            return 1e-9 * float(np.abs(self.values).sum() or 1.0)
        return 0.75 * 10.0**-self.decimals * max(self.values.shape) ** 0.5 + 1e-9


def find(grid: Grid) -> Labelled:
    """The labelled block of a grid.

    Raises:
        DataError: there is none, or cells within it are text where numbers belong: each with its place.
    """
    first, labels = _corner(grid)
    levels = _header(grid, first, labels)
    stop = max(k for k in range(first, len(grid.rows)) if _is_data(grid, k, labels))
    last = max((k for k in range(labels, grid.width) if any(grid.at(r, k) is not None for r in levels)), default=labels)
    lines = [k for k in range(first, stop + 1) if _is_data(grid, k, labels) or _has_label(grid, k, labels)]
    places = [k for k in range(labels, last + 1) if any(grid.at(r, k) is not None for r in [*levels, *lines])]
    faults: list[str] = []
    values = np.zeros((len(lines), len(places)))
    blank = np.zeros(values.shape, dtype=bool)
    for i, row in enumerate(lines):
        for j, column in enumerate(places):
            cell = grid.at(row, column)
            blank[i, j] = cell is None
            if isinstance(cell, float):
                values[i, j] = cell
            elif isinstance(cell, str) and cell not in NIL:
                faults.append(_text_fault(grid, row, column, cell))
    for column in (c for c in places if all(grid.at(r, c) is None for r in levels)):
        faults.append(f"column {letters(column)} holds numbers without a label; name or remove it")
    if faults:
        raise DataError(faults, grid.name or "the table")
    leading = [c for c in range(labels) if any(grid.at(k, c) is not None for k in lines)]
    rows = _filled([[_word(grid.at(k, c)) for c in leading] for k in lines])
    columns = _filled([[_word(grid.at(r, c)) for r in levels] for c in places])
    return Labelled(
        rows, columns, values, [f"row {k + 1}" for k in lines], [f"column {letters(k)}" for k in places], blank,
        grid.decimals,
        [_line(grid, k) for k in range(first) if k not in levels and _line(grid, k)],
        [_line(grid, k) for k in range(stop + 1, len(grid.rows)) if _line(grid, k)],
    )  # fmt: skip


def _corner(grid: Grid) -> tuple[int, int]:
    """First row of data and number of columns before its numbers."""
    if not any(isinstance(c, float) for row in grid.rows for c in row):
        raise DataError(["it holds no numbers; give a table"], grid.name or "the file")
    candidates = [k for k in range(len(grid.rows)) if any(isinstance(c, float) for c in grid.rows[k][1:])]
    for first in candidates:
        leading = grid.rows[first]
        labels = next((k for k, c in enumerate(leading) if isinstance(c, float)), 0)
        texts = [k for k in range(labels) if any(isinstance(grid.at(r, k), str) and grid.at(r, k) not in NIL
                 for r in candidates if r >= first)]  # fmt: skip
        above = [k for k in range(first) if sum(isinstance(c, str) for c in grid.rows[k][1:]) >= 1]
        if texts and above:
            headed = max(texts) + 1
            return first, headed
    told = "there is no table in it: no row of labels with rows of a label and numbers under it"
    raise DataError([told], grid.name or "the file")


def _is_data(grid: Grid, row: int, labels: int) -> bool:
    return _has_label(grid, row, labels) and any(isinstance(c, float) for c in grid.rows[row][labels:])


def _has_label(grid: Grid, row: int, labels: int) -> bool:
    return any(isinstance(grid.at(row, k), str | float) for k in range(labels)) and len(grid.rows[row]) > labels


def _header(grid: Grid, first: int, labels: int) -> list[int]:
    """Rows of labels above the data: those right above it that name most of the columns."""
    counts = {k: sum(c is not None for c in grid.rows[k][labels:]) for k in range(first)}
    most = max(counts.values(), default=0)
    rows: list[int] = []
    for k in range(first - 1, -1, -1):
        if not rows and all(cell is None for cell in grid.rows[k]):
            continue  # a blank line between labels and numbers, as pandas leaves one
        if counts[k] < max(1, 0.5 * most) and (not rows or counts[k] < 2):
            break
        rows.insert(0, k)
    return rows


def _filled(labels: list[list[str]]) -> list[Label]:
    """Labels whose upper levels, where blank under a merged cell, are those before them."""
    filled: list[Label] = []
    before: list[str] = []
    for label in labels:
        whole = list(label)
        for level in range(len(whole) - 1):
            if not whole[level] and before and whole[-1] and not TOTAL.fullmatch(whole[-1]):
                whole[level] = before[level]
        before = whole
        filled.append(tuple(whole))
    return filled


def _word(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:g}"
    return str(cell) if cell is not None else ""


def _line(grid: Grid, row: int) -> str:
    return "; ".join(_word(cell) for cell in grid.rows[row] if cell is not None)


def _text_fault(grid: Grid, row: int, column: int, cell: str) -> str:
    spot = grid.spot(row, column)
    if cell.lower() in ABSENT:
        return f"{spot} is {cell!r}, a value that is not known; give a number, or leave it blank for zero"
    return f"{spot} is {cell!r}, not a number; correct it"


def drop_totals(block: Labelled) -> tuple[Labelled, Log]:
    """The block without rows and columns of totals, each checked against the sum of what it adds up.

    Raises:
        DataError: a total that its label announces does not add up; where, and by how much.
    """
    log, wrong = Log(), list[Wrong]()
    gone: dict[Side, list[int]] = {"row": [], "column": []}
    announced: dict[Side, list[int]] = {
        "row": [k for k, label in enumerate(block.rows) if announces(label)],
        "column": [k for k, label in enumerate(block.columns) if announces(label)],
    }
    sides: tuple[Side, Side] = ("row", "column")
    for side in sides:
        values = block.values if side == "row" else block.values.T
        names = block.rows if side == "row" else block.columns
        across = block.columns if side == "row" else block.rows
        parts = [k for k in range(len(names)) if k not in announced[side]]
        inner = [k for k in range(len(across)) if k not in announced["column" if side == "row" else "row"]]
        for k in announced[side]:
            gap = values[k, inner] - values[np.ix_(parts, inner)].sum(0)
            bad = np.flatnonzero(np.abs(gap) > block.rounding)
            if len(bad) >= max(2, 0.5 * len(inner)):
                continue  # it is no sum of all: a subtotal, or an account with such a name
            wrong += [Wrong(side, names[k], across[inner[j]], float(values[k, inner[j]]), float(gap[j])) for j in bad]
            gone[side].append(k)
            log += [Entry(f"{side} of totals left out", name(names[k]), why="it is the sum of the others")]
    if wrong:
        raise DataError(_told(wrong), "the table")
    return block.without(gone["row"], gone["column"]), log


@dataclass(frozen=True)
class Wrong:
    """A total that is not the sum of its cells: its side and label, for which account, what it says, and the gap."""

    side: Side
    label: Label
    account: Label
    says: float
    gap: float


def _told(wrong: list[Wrong]) -> list[str]:
    """Totals that do not add up; where two cross with the same gap it is the cell there that is wrong."""
    faults, met = [], list[Wrong]()
    for over in (w for w in wrong if w.side == "row"):
        beside = next((w for w in wrong if w.side == "column" and abs(w.gap - over.gap) <= 1e-9 * abs(w.gap)), None)
        if beside:
            met += [over, beside]
            where = f"row {name(beside.account)}, column {name(over.account)}"
            size = f"{abs(over.gap):.6g} too {'little' if over.gap > 0 else 'much'}"
            faults.append(f"{where} is {size}, as both its totals say; correct the cell, or the totals")
    for w in (w for w in wrong if w not in met):
        where, sums = f"{w.side} {name(w.label)} says {w.says:.10g} for {name(w.account)}", f"{w.says - w.gap:.10g}"
        faults.append(f"{where}, whose cells add up to {sums}: {w.gap:+.6g}; correct the cells or remove the total")
    return faults


def announces(label: Label) -> bool:
    """Whether a label announces a total."""
    return bool(TOTAL.fullmatch(label[-1])) or bool(label[0] and TOTAL.fullmatch(label[0]))


def name(label: Label) -> str:
    """A label in one line."""
    return " ".join(part for part in label if part) or "(blank)"
