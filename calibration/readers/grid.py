"""Grids of cells from text files and workbooks, with numbers read as people write them."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cge.errors import DataError

Cell = str | float | None
NIL = frozenset({"-", "\N{EN DASH}", "\N{EM DASH}", "\N{MINUS SIGN}"})
"""What statistical offices print for a value that is zero."""
ABSENT = frozenset({"..", "...", ":", "n/a", "na", "n.a.", "nan", "#n/a", "#ref!", "#value!", "#div/0!", "x", "c"})
"""What they print for a value that is not known or not told; it is never read as zero."""
TEXT = (".csv", ".txt", ".tsv")
BOOKS = (".xlsx", ".xls", ".xlsb", ".xlsm", ".ods")

_POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?(\d{1,3}([. ]\d{3})+|\d+)?(,\d*)?([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Grid:
    """Cells of one sheet or text file.

    Attributes:
        name: of the sheet; empty for a text file.
        rows: cells by row; texts are stripped, numbers are floats, blanks are None.
        decimals: most decimals that a text file prints; None for a workbook.
    """

    name: str
    rows: list[list[Cell]]
    decimals: int | None = None

    @cached_property
    def width(self) -> int:
        """Columns of the widest row."""
        return max((len(row) for row in self.rows), default=0)

    def at(self, row: int, column: int) -> Cell:
        """A cell, None beyond the end of a short row."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def spot(self, row: int, column: int) -> str:
        """A cell's place as a user finds it: line and column of a text file, or the name of the sheet's cell."""
        if self.decimals is None:
            return f"{self.name}!{letters(column)}{row + 1}"
        return f"line {row + 1}, column {column + 1}"


@dataclass(frozen=True)
class Source:
    """A file to be read: its path, and what of it tells its kind."""

    path: Path

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of the file, or of all files of a folder with their names."""
        digest = hashlib.sha256()
        for path in sorted(self.path.rglob("*")) if self.path.is_dir() else [self.path]:
            if path.is_file():
                digest.update(path.name.encode() if self.path.is_dir() else b"")
                with path.open("rb") as file:
                    while block := file.read(1 << 20):
                        digest.update(block)
        return digest.hexdigest()

    @property
    def suffix(self) -> str:
        """The file's suffix in small letters."""
        return self.path.suffix.lower()

    @cached_property
    def head(self) -> str:
        """The first 64 kB of a text file; empty for others."""
        if self.path.is_dir() or self.suffix not in TEXT:
            return ""
        with self.path.open("rb") as file:
            return decode(file.read(1 << 16), cut=True)

    @cached_property
    def first_line(self) -> list[str]:
        """Cells of the first line of a text file."""
        line = self.head.splitlines()[0] if self.head.strip() else ""
        return [cell.strip().strip('"') for cell in line.split(delimiter(self.head))] if line else []

    @cached_property
    def grids(self) -> list[Grid]:
        """The sheets of a workbook, or a text file as one."""
        if self.suffix in BOOKS:
            return _book(self.path)
        return [_text(self.path.read_bytes(), self.path.name)]


def decode(data: bytes, *, cut: bool = False) -> str:
    """Text of a file in UTF-8, with or without a byte order mark, in UTF-16 with one, or in Windows' code page 1252."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="ignore" if cut else "strict")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if cut and error.start > len(data) - 4:
            return data[: error.start].decode("utf-8-sig")
        return data.decode("cp1252", errors="replace")


def encoding(data: bytes) -> str:
    """Which encoding `decode` took."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "Windows-1252"
    return "UTF-8"


def delimiter(text: str) -> str:
    """Semicolon, tab or comma: the one that most lines have most often."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    counts = {mark: sorted(line.count(mark) for line in lines)[len(lines) // 2] if lines else 0 for mark in ";\t,"}
    return max(counts, key=lambda mark: counts[mark]) if any(counts.values()) else ","


def letters(column: int) -> str:
    """A column's letters in a workbook."""
    name = ""
    while column >= 0:
        name = chr(ord("A") + column % 26) + name
        column = column // 26 - 1
    return name


def number(cell: str, *, comma: bool) -> float | None:
    """A text as a number, with a decimal comma or point and groups of three digits; None if it is none."""
    text = cell.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ").strip()
    text = text.replace("\N{MINUS SIGN}", "-")
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    if not any(sign.isdigit() for sign in text):
        return None
    if comma and _COMMA.fullmatch(text):
        return float(text.replace(".", "").replace(" ", "").replace(",", "."))
    if not comma and _POINT.fullmatch(text.replace(" ", "")):
        return float(text.replace(",", "").replace(" ", ""))
    return None


def has_decimal_comma(cells: list[str], what: str) -> bool:
    """Whether numbers have a decimal comma: told by those that can be read in one way only.

    Raises:
        DataError: some can only have a comma and others only a point, or none tells.
    """
    comma = [c for c in cells if re.fullmatch(r"[+-]?\d*,\d+", c) and not re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", c)]
    point = [c for c in cells if re.fullmatch(r"[+-]?\d*\.\d+", c) and not re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", c)]
    if comma and point:
        told = f"{comma[0]} has a decimal comma and {point[0]} a decimal point; write all numbers in one way"
        raise DataError([told], what)
    grouped = [c for c in cells if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", c)]
    if grouped and not comma and not point:
        told = f"{grouped[0]} may be {grouped[0].replace(',', '')} or {grouped[0].replace(',', '.')}; write no groups"
        raise DataError([told], what)
    return bool(comma)


def _text(data: bytes, what: str) -> Grid:
    text = decode(data)
    mark = delimiter(text)
    raw = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark)]
    cells = [cell for row in raw for cell in row if any(c.isdigit() for c in cell)]
    comma = mark != "," and has_decimal_comma(cells, what)
    if mark == "," and any("," in cell for cell in cells):
        comma = has_decimal_comma([c for c in cells if "," in c], what)
    decimal = "," if comma else "."
    numbers = [cell for cell in cells if number(cell, comma=comma) is not None]
    places = Counter(len(cell.partition(decimal)[2].rstrip("0")) for cell in numbers)
    rows: list[list[Cell]] = [[_cell(cell, comma=comma) for cell in row] for row in raw]
    return Grid("", rows, max(places, default=0))


def _cell(cell: str, *, comma: bool) -> Cell:
    value = number(cell, comma=comma)
    return value if value is not None else (cell or None)


def _book(path: Path) -> list[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        return [
            Grid(
                name,
                [
                    [_of_book(cell) for cell in row]
                    for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                ],
            )
            for name in book.sheet_names
        ]
    except (CalamineError, OSError) as error:
        told = f"it cannot be read as a workbook ({error}); save it again as .xlsx or .csv"
        raise DataError([told], path.name) from error


def _of_book(cell: object) -> Cell:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return float(cell) if math.isfinite(cell) else str(cell)
    text = str(cell).strip()
    if not text:
        return None
    value = number(text, comma=False) if re.fullmatch(r"[+-]?\d+(\.\d+)?", text) else None
    return value if value is not None else text
