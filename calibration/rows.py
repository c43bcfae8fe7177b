"""Rows of elasticities from a file: a whole table, or only what differs from one.

A row names a parameter, what it is for (a sector, a factor, or nothing) and its value; bounds and a source if it has
them. The package's own table has all of them in every row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import pandas as pd

from cge.errors import DataError, nearest

from .rules import RULES
from .sheet import number, read_sheet

COLUMNS = ("parameter", "index", "default", "lower", "upper", "unit", "source")
NEEDED = ("parameter", "index", "default")
SETS = ("default", "lower", "upper")
SetName = Literal["default", "lower", "upper"]
BOUNDS: tuple[SetName, SetName] = ("lower", "upper")


def read_rows(file: Path) -> pd.DataFrame:
    """The rows of a file.

    Args:
        file: CSV with the columns `parameter`, `index`, `default`, and if wanted `lower` and `upper`, `unit`, `source`.

    Returns:
        Columns `parameter`, `index` (text), `default`, `lower`, `upper` (numbers; the bounds are not a number in a row
        without bounds).

    Raises:
        DataError: listing all faults: columns that are missing or unknown, parameters that are unknown, rows given
            twice, values that are no numbers or out of range, one bound without the other.
        AbsentError: if the file is not there.
    """
    table = read_sheet(file)
    faults = [f"column {c} is missing; the columns are {', '.join(COLUMNS)}" for c in NEEDED if c not in table]
    faults += [
        f"column {c} is unknown{nearest(str(c), COLUMNS)}; rename or remove it" for c in table if c not in COLUMNS
    ]
    if faults:
        raise DataError(faults, file.name)
    rows = [
        _row({str(k): str(v).strip() for k, v in row.items()}, table.attrs["decimal"], faults)
        for row in table.to_dict("records")
    ]
    found = pd.DataFrame(rows, columns=["parameter", "index", *SETS])
    keys = (found["parameter"] + " " + found["index"]).str.strip()
    faults += [f"{key} is given twice; keep one" for key in keys[keys.duplicated()]]
    if faults:
        raise DataError(faults, file.name)
    return found


def named(rows: pd.DataFrame, index: str) -> list[str]:
    """The sectors (or factors) that rows are for, in the order of the file."""
    of = [name for name, rule in RULES.items() if rule.index == index]
    return list(dict.fromkeys(rows.loc[rows["parameter"].isin(of), "index"]))


def without_bounds(rows: pd.DataFrame) -> list[str]:
    """Rows that have no bounds, between which elasticities could be drawn."""
    bare = rows[rows["lower"].isna()]
    return [f"{parameter} {index}".strip() for parameter, index in zip(bare["parameter"], bare["index"], strict=True)]


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """What is wrong with a word that is none of those known."""
    return f"{what} {word or '(empty)'} is unknown{nearest(word, known)}; rename or remove it"


def _row(row: Mapping[str, str], decimal: str, faults: list[str]) -> tuple[object, ...]:
    """The values of a row; its faults are added to the list."""
    name, index = row["parameter"], row["index"]
    values = dict.fromkeys(SETS, math.nan)
    if name not in RULES:
        faults.append(unknown("parameter", name, RULES))
        return name, index, *values.values()
    rule, label = RULES[name], f"{name} {index}".strip()
    if bool(index) != bool(rule.index):
        faults.append(f"{label}: give {'no index' if index else f'a {rule.index} as its index'}")
    bounded = any(row.get(bound) for bound in BOUNDS)
    for column in SETS if bounded else ("default",):
        text = row.get(column, "")
        try:
            values[column] = number(text, decimal)
        except ValueError:
            faults.append(f"{label}: {column} is {text or 'empty'}; give a number")
        else:
            faults += rule.fault(f"{label}: {column}", values[column])
    default, lower, upper = values.values()
    if lower > default or default > upper:
        faults.append(f"{label}: lower, default, upper must not fall ({lower:g}, {default:g}, {upper:g})")
    return name, index, *values.values()
