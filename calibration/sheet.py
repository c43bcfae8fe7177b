"""Tables of a user as text: what stands in a CSV file, read as it stands or refused by name."""

from __future__ import annotations

import csv
import io
import math
import re
from pathlib import Path

import pandas as pd

from cge.errors import AbsentError, DataError

MOST = 5_000_000
"""Characters that a table may have."""

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}

DECIMAL_COMMA = re.compile(r"[-+]?(0,\d+|\d+,(\d{1,2}|\d{4,}))")
"""A number whose comma is no separator of thousands."""


def read_sheet(path: Path) -> pd.DataFrame:
    """A CSV file as text: nothing is guessed, so that 01, NA and True stay what they are.

    Lines that begin with # before the head are comments, and rows without anything in them are passed over. The
    separator is the one of the head: commas, semicolons or tabs; where it is no comma, and some number shows that its
    comma cannot be one of thousands (2,5 or 0,125), numbers have decimal commas (see `number`).

    Args:
        path: of the file, in UTF-8.

    Returns:
        One column of text for every word of the head, blanks around cells removed; the index is the line in the file,
        and `attrs["decimal"]` the mark that the numbers may have beside the point.

    Raises:
        AbsentError: there is no such file.
        DataError: listing the lines that do not fit the head; or no text, no head, a column twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read(MOST + 1)
    except FileNotFoundError:
        raise AbsentError([f"there is no file {path}; check the path"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError([f"cannot be read as text ({error}); save it as CSV in UTF-8"], str(path)) from None
    if len(text) > MOST:
        raise DataError([f"has more than {MOST:,} characters; give a table of rates or elasticities"], str(path))
    lines = re.split(r"\r\n|\r|\n", text)
    skipped = next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    if skipped == len(lines):
        raise DataError(["is empty; begin with the names of its columns"], str(path))
    separator = max(SEPARATORS, key=lines[skipped].count)
    reader = csv.reader(io.StringIO("\n".join(lines[skipped:])), delimiter=separator)
    try:
        rows = [(skipped + reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise DataError([f"line {skipped + reader.line_num}: {error}"], str(path)) from None
    head, *body = [(line, row) for line, row in rows if any(row)]
    names = head[1]
    while names and not names[-1]:  # a spreadsheet's empty columns at the right
        names.pop()
    faults = [f"column {name!r} comes twice; keep one" for name in dict.fromkeys(names) if names.count(name) > 1]
    faults += [
        f"line {line} has {len(row)} cells and the head has {len(names)}, with {SEPARATORS[separator]} between them"
        for line, row in body
        if len(row) < len(names) or any(row[len(names) :])
    ]
    if faults:
        raise DataError(faults, str(path))
    cells = [row[: len(names)] for _, row in body]
    table = pd.DataFrame(cells, columns=names, index=[line for line, _ in body], dtype=object)
    comma = separator != "," and any(DECIMAL_COMMA.fullmatch(cell) for row in cells for cell in row)
    table.attrs["decimal"] = "," if comma else "."
    return table


def number(text: str, decimal: str = ".") -> float:
    """The number that a cell holds.

    Args:
        text: of the cell.
        decimal: the decimal mark that is allowed beside the point.

    Raises:
        ValueError: saying why it is none, and what to write.
    """
    text = text.strip()
    if "," in text:
        if decimal != "," and re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", text):
            raise ValueError(
                f"{text!r} is not a number; write {text.replace(',', '')}, without separators of thousands"
            )
        if decimal != "," or text.count(",") > 1 or "." in text:
            raise ValueError(f"{text!r} is not a number; write a point before decimals and no other mark")
        text = text.replace(",", ".")
    try:
        value = float(text) if not re.search(r"[_\s]", text) else math.nan
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise ValueError(f"{text!r} is not a number" if text else "the cell is empty; write a number")
    return value


def numbers(table: pd.DataFrame, column: str, key: str) -> tuple[pd.Series, list[str]]:
    """A column of numbers.

    Args:
        table: as `read_sheet` gives it.
        column: to read.
        key: column whose text names a row in a fault.

    Returns:
        Numbers, not a number where there is none, and the faults.
    """
    faults, values = [], []
    for line, row in table.iterrows():
        try:
            values.append(number(row[column], table.attrs["decimal"]))
        except ValueError as error:
            faults.append(f"line {line}: the {column} of {row[key]}: {error}")
            values.append(math.nan)
    return pd.Series(values, index=table.index, dtype=float), faults
