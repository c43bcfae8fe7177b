"""World Input-Output Database (2013 and 2016 releases) and ADB's tables, which keep its layout.

Four lines of labels above (industry code, description, country, c-code) and four columns at the left; final users
c37 to c41, F1 to F5 or CONS_h ... INVEN; below the industries a block of country TOT, or without one: intermediate
consumption, taxes less subsidies on products, cif/fob adjustment, purchases abroad and by non-residents, value
added, international margins, output. Million USD at basic prices.
Sources: Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International Economics 23(3); Asian
Development Bank, Multiregional Input-Output Tables.
"""

from __future__ import annotations

import re

import numpy as np

from cge.calibration.log import Entry, Log
from cge.calibration.raw import About, RawTable
from cge.errors import DataError

from . import mrio
from .grid import Grid, Source

NAME = "wiod"
EXPECTS = "WIOD or ADB MRIO workbook: code, description, country and c-number above and to the left of the numbers"
USERS = {
    "CONS_h": "household", "CONS_np": "household", "CONS_g": "government", "GFCF": "investment", "INVEN": "stocks",
    "c37": "household", "c38": "household", "c39": "government", "c41": "investment", "c42": "stocks",
    "F1": "household", "F2": "household", "F3": "government", "F4": "investment", "F5": "stocks",
}  # fmt: skip
PAID = {
    "TXSP": "tax:product", "r61": "tax:product", "r99": "tax:product",
    "EXP_adj": "adjustment", "r62": "adjustment",
    "PURR": "adjustment", "r63": "adjustment", "PURNR": "adjustment", "r67": "adjustment",
    "VA": "value-added", "r64": "value-added", "IntTTM": "margin", "r65": "margin", "r68": "margin",
}  # fmt: skip
WORDS = (
    (r"total intermediate", "II_fob"), (r"taxes less subsid", "TXSP"), (r"cif.*fob", "EXP_adj"),
    (r"direct purchases abroad", "PURR"), (r"purchases .*non-?resid", "PURNR"), (r"value added", "VA"),
    (r"(international )?(transport|trade).*margin", "IntTTM"), (r"(gross )?output|total supply", "GO"),
)  # fmt: skip
"""Descriptions of the lines below the industries, which the releases number differently."""
TOTALS = {"II_fob", "GO"}


def recognises(source: Source) -> bool:
    """Whether a sheet has c-numbers and countries in its first lines and columns."""
    return source.suffix in (".xlsx", ".xlsb", ".xls") and any(_corner(grid) is not None for grid in source.grids)


def read(source: Source) -> tuple[RawTable, Log]:
    """Read a workbook of either release, or of ADB.

    Raises:
        DataError: lines below the industries that are not of the layout, totals that do not add up.
    """
    grid, (first, left) = next((g, c) for g in source.grids if (c := _corner(g)) is not None)
    columns = [j for j in range(left, grid.width) if grid.at(first - 2, j) is not None]
    buyers = [_buyer(grid, first, j) for j in columns]
    keep = [k for k, (region, label) in enumerate(buyers) if label not in ("GO", "TOT") and region not in ("TOT", "")]
    rows, values, outputs = [], [], {}
    for i in range(first, len(grid.rows)):
        line = np.array([_number(grid, i, columns[k]) for k in keep])
        key = _seller(grid, i, left)
        if key is None:
            continue
        if key[1] in TOTALS:
            outputs[key[1]] = line
            continue
        rows.append(key)
        values.append(line)
    stacked, kept = np.array(values), [buyers[k] for k in keep]
    twice = [key for key in dict.fromkeys(rows) if rows.count(key) > 1]
    if twice:
        raise DataError([f"lines of {region} {label} repeat; remove one" for region, label in twice], source.path.name)
    log = _checked(rows, kept, stacked, outputs, source.path.name)
    roles = USERS | PAID
    raw = mrio.table(rows, kept, stacked, roles=roles, countries=_countries(kept), about=_about(grid, source.path.name))
    return raw, log


def _corner(grid: Grid) -> tuple[int, int] | None:
    """First line and column of the numbers: below and right of cells that hold the first c-number."""
    for i in range(min(len(grid.rows), 12)):
        for j in range(min(len(grid.rows[i]), 8)):
            if re.fullmatch(r"c0?1", str(grid.at(i, j))) and i >= 2 and grid.at(i - 1, j) is not None:
                left = [
                    k
                    for k in range(j)
                    if i + 1 < len(grid.rows) and str(grid.at(i + 1, k)) in ("c1", "c01", "r1", "r01")
                ]
                code = [k for k in range(j) if i + 1 < len(grid.rows) and grid.at(i + 1, k) == grid.at(i - 1, j)]
                if left or code:
                    return i + 1, j
    return None


def _buyer(grid: Grid, first: int, column: int) -> mrio.Key:
    """Country and label of a column: the industry's code, or the code of a final user."""
    number, country = str(grid.at(first - 1, column) or ""), str(grid.at(first - 2, column) or "")
    code = str(grid.at(first - 4, column) or "") if first >= 4 else ""
    label = code if code in USERS else (number if number in USERS else (code or number))
    return _country(country), label


def _seller(grid: Grid, row: int, left: int) -> mrio.Key | None:
    """Country and label of a line; None for lines without numbers, notes and blanks."""
    if not any(isinstance(c, float) for c in grid.rows[row][left:]):
        return None
    lead = [str(grid.at(row, k) or "") for k in range(left)]
    country = _country(next((cell for cell in lead if re.fullmatch(r"[A-Z]{3}|RoW|ROW|RoU", cell)), ""))
    if country in ("", "TOT"):
        words = " ".join(lead)
        code = next((c for c in lead if c in PAID or c in TOTALS), "")
        by_words = next((found for pattern, found in WORDS if re.search(pattern, words, re.IGNORECASE)), "")
        label = by_words or code
        if not label:
            raise DataError(
                [f"row {row + 1} ({'; '.join(filter(None, lead))}) is not of the layout: {EXPECTS}"], grid.name
            )
        return "", label
    number = next((c for c in lead if re.fullmatch(r"[cr]\d+", c)), "")
    code = lead[0] if re.fullmatch(r"[A-Za-z0-9_&-]{1,12}", lead[0]) and lead[0] != country else ""
    return country, code or number


def _country(code: str) -> str:
    return {"ROM": "ROU", "RoW": "ROW"}.get(code, code)


def _number(grid: Grid, row: int, column: int) -> float:
    cell = grid.at(row, column)
    if cell is None:
        return 0.0
    if not isinstance(cell, float):
        raise DataError([f"{grid.spot(row, column)} is {cell!r}, not a number; restore the file"], grid.name)
    return cell


def _checked(
    rows: list[mrio.Key], columns: list[mrio.Key], values: np.ndarray, totals: dict[str, np.ndarray], name: str
) -> Log:
    """Compare the columns' sums with the line of output."""
    if "GO" not in totals:
        return Log()
    stated, industries = totals["GO"], set(rows)
    gap = np.where([key in industries for key in columns], stated - values.sum(0), 0.0)
    allowed = 1e-3 * np.abs(stated) + 1.0
    if (np.abs(gap) > allowed).any():
        k = int(np.argmax(np.abs(gap) / allowed))
        told = f"output of {' '.join(columns[k])} is {stated[k]:.6g}, its column adds up to {stated[k] - gap[k]:.6g}"
        raise DataError([f"{told}; restore the file"], name)
    return Log.of(Entry("totals left out", name, why="intermediate consumption and output are sums of the cells"))


def _countries(columns: list[mrio.Key]) -> dict[str, frozenset[str]]:
    return mrio.by_iso3(dict.fromkeys(region for region, _ in columns if len(region) == 3))


def _about(grid: Grid, name: str) -> About:
    titles = " ".join(str(c) for row in grid.rows[:4] for c in row[:4] if isinstance(c, str))
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", f"{titles} {grid.name}") or re.findall(r"(?:19|20)\d\d", name)
    adb = "ADB" in f"{titles} {name} {grid.name}".upper()
    return About(
        "million USD", "USD", int(years[0]) if years else None, "basic",
        "Asian Development Bank, MRIO" if adb else "World Input-Output Database",
        "ADB terms, with attribution" if adb else "CC BY 4.0",
    )  # fmt: skip
