"""Tables as people have them in sheets: input-output tables of one or more regions, and square accounts.

A sheet's rows sell and its columns buy. Accounts that stand in both are industries where the table also has rows or
columns of its own; a table whose rows are its columns is a social accounting matrix (see `sam`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cge.calibration.log import Entry, Log
from cge.calibration.raw import About, RawTable
from cge.errors import DataError, nearest

from . import mrio, sam
from .grid import BOOKS, TEXT, Source, encoding
from .labelled import Label, Labelled, drop_totals, find, name

NAME = "sheet"
EXPECTS = "a sheet or text file with labels above and to the left of the numbers; rows sell, columns buy"


def recognises(source: Source) -> bool:
    """Whether it is a file of cells."""
    return source.suffix in (*TEXT, *BOOKS)


def read(source: Source, *, sheet: str | None = None, region: str = "HOME") -> tuple[RawTable, Log]:
    """Read a sheet.

    Args:
        source: the file.
        sheet: name of the workbook's sheet; needed where it has more than one table.
        region: label of the one country of a table that does not name regions.

    Raises:
        DataError: no table, labels at fault, cells that are no numbers; the cause first.
    """
    block, log = drop_totals(unique(find(chosen(source, sheet))))
    about = About(decimals=block.decimals, source="; ".join([*block.titles, *block.notes]))
    if source.suffix in TEXT:
        code = encoding(source.path.read_bytes())
        log += [Entry("text read", source.path.name, why=f"as {code}")] if code != "UTF-8" else []
    if set(block.rows) == set(block.columns):
        return sam.square_accounts(block, region, about), log
    block, paired = same_accounts(block)
    raw = input_output(block, region, about)
    return raw, log + paired


def chosen(source: Source, sheet: str | None):  # type: ignore[no-untyped-def]
    """The sheet asked for, or the only one that holds a table."""
    grids = source.grids
    if sheet is not None:
        named = {grid.name: grid for grid in grids}
        if sheet not in named:
            told = f"there is no sheet {sheet!r}{nearest(sheet, named)}; it has {', '.join(named)}"
            raise DataError([told], source.path.name)
        return named[sheet]
    full = [grid for grid in grids if any(isinstance(c, float) for row in grid.rows for c in row)]
    if len(full) != 1:
        names = ", ".join(grid.name for grid in full)
        if not full:
            raise DataError(["it holds no numbers; give a table"], source.path.name)
        told = f"it has {len(full)} sheets with numbers ({names}); say which with sheet: NAME"
        raise DataError([told], source.path.name)
    return full[0]


def unique(block: Labelled) -> Labelled:
    """The block, if no label stands twice.

    Raises:
        DataError: each repeated row or column with its place and whether the numbers repeat too.
    """
    faults = []
    for side in ("row", "column"):
        labels = block.rows if side == "row" else block.columns
        places = block.lines if side == "row" else block.places
        values = block.values if side == "row" else block.values.T
        seen: dict[Label, int] = {}
        for k, label in enumerate(labels):
            key = tuple(" ".join(part.split()).casefold() for part in label)
            if key not in seen:
                seen[key] = k
                continue
            first = seen[key]
            alike = np.allclose(values[first], values[k], rtol=1e-9, atol=1e-12)
            what = "with the same numbers: remove it" if alike else "with other numbers: rename one or add them up"
            faults.append(f"{places[k]} ({name(label)}) repeats {places[first]} ({name(labels[first])}), {what}")
    faults += list(_spellings(block))
    if faults:
        raise DataError(faults, "the table")
    return block


def _spellings(block: Labelled) -> Iterator[str]:
    """Rows and columns whose labels differ in case or spaces only."""
    columns = {tuple(" ".join(p.split()).casefold() for p in label): k for k, label in enumerate(block.columns)}
    exact = set(block.columns)
    for k, label in enumerate(block.rows):
        key = tuple(" ".join(part.split()).casefold() for part in label)
        if label not in exact and key in columns:
            column = columns[key]
            yield (
                f"{block.lines[k]} is {name(label)!r} and {block.places[column]} {name(block.columns[column])!r}: "
                "one account in two spellings; write both alike"
            )


def same_accounts(block: Labelled) -> tuple[Labelled, Log]:
    """Columns under another name than their row take the row's, where place and numbers leave no doubt.

    A row and a column are one account if they stand at the same place of every region, neither has another
    partner, and what the row sells is what the column pays, to within rounding, in every region.
    """
    if len(block.rows[0]) != 2 or len(block.columns[0]) != 2:
        return block, Log()
    order = {side: _places(labels) for side, labels in (("row", block.rows), ("column", block.columns))}
    inner = set(block.rows) & set(block.columns)
    lone = [label for label in block.rows if label not in inner and label[0] in order["column"]]
    renamed: dict[Label, Label] = {}
    for region, label in lone:
        place = order["row"][region].index(label)
        other = order["column"][region][place] if place < len(order["column"][region]) else label
        if (region, other) in inner or other == label:
            continue
        sold = block.values[block.rows.index((region, label))].sum()
        paid = block.values[:, block.columns.index((region, other))].sum()
        if abs(sold - paid) <= max(4 * block.rounding, 1e-6 * abs(sold)):
            renamed[region, other] = (region, label)
    pairs = {(new[1], old[1]) for old, new in renamed.items()}
    if len(renamed) != len(lone) or len(pairs) * len({r for r, _ in lone}) != len(renamed):
        return block, Log()
    block.columns = [renamed.get(label, label) for label in block.columns]
    why = "same place in every region, and the row's sales are the column's payments"
    return block, Log(
        tuple(Entry("column takes its row's label", f"{old} is {new}", why=why) for new, old in sorted(pairs))
    )


def _places(labels: list[Label]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for upper, label in labels:
        found.setdefault(upper, []).append(label)
    return found


def input_output(block: Labelled, region: str, about: About) -> RawTable:
    """A table with accounts in rows and columns, rows that are only paid, and columns that only buy.

    Raises:
        DataError: no account stands in both, or the table is written with buyers in rows.
    """
    if len(block.rows[0]) == 1:
        block.rows = [(region, *label) for label in block.rows]
        block.columns = [(region, *label) for label in block.columns]
    inner = [label for label in block.rows if label in set(block.columns)]
    regions = list(dict.fromkeys(label[0] for label in inner))
    if not inner and len(block.columns) == 1:
        told = "it is a list with one number a line; name its columns seller, buyer and value, with accounts beside it"
        raise DataError([f"{told} (docs/own-table.md, the two tables)"], "the table")
    if not inner:
        told = "no account stands both in a row and in a column; an industry has the same label in both"
        raise DataError([told], "the table")
    _oriented(block, set(inner), regions)
    faults = [
        f"{place} ({name(label)}) is no industry with {'column' if what == 'row' else 'row'} of its own, yet its "
        f"region {label[0]!r} is none of {', '.join(regions)}{nearest(label[0], regions)}; correct the label"
        for what, label, place in _strangers(block, inner, regions)
    ]
    faults += _halves(block, set(inner))
    if faults:
        raise DataError(faults, "the table")
    return mrio.table(block.rows, block.columns, block.values, roles={}, about=about)  # type: ignore[arg-type]


def _oriented(block: Labelled, inner: set[Label], regions: list[str]) -> None:
    """Refuse a table whose rows buy and columns sell."""
    rows = [label for label in block.rows if label not in inner]
    columns = [label for label in block.columns if label not in inner]
    if len(regions) < 2 or not columns:
        return
    paid = [label for label in columns if label[0] not in regions]
    final = [label for label in rows if label[0] in regions]
    if len(paid) == len(columns) and len(final) == len(rows) and final:
        told = (
            f"rows and columns are swapped: {', '.join(map(name, paid[:4]))} stand above the numbers, where buyers "
            f"belong, and {', '.join(map(name, final[:3]))} ... at the left, where sellers belong; transpose the sheet"
        )
        raise DataError([told], "the table")


def _halves(block: Labelled, inner: set[Label]) -> Iterator[str]:
    """Accounts with a row or a column alone, where their like in another region has both."""
    whole = {label[1] for label in inner}
    regions = {label[0] for label in inner}
    for side, other, labels, places in (
        ("row", "column", block.rows, block.lines),
        ("column", "row", block.columns, block.places),
    ):
        for label, place in zip(labels, places, strict=True):
            if label not in inner and label[0] in regions and label[1] in whole:
                where = ", ".join(sorted(region for region, name in inner if name == label[1])[:3])
                yield (
                    f"{place} ({name(label)}) has no {other}, though {label[1]} has a {side} and a {other} in {where}: "
                    f"add its {other}, with zeros if it {'buys' if side == 'row' else 'sells'} nothing"
                )


def _strangers(block: Labelled, inner: list[Label], regions: list[str]) -> Iterator[tuple[str, Label, str]]:
    """Columns of a region that no industry belongs to, where every other column has one."""
    for k, label in enumerate(block.columns):
        if label not in inner and label[0] not in regions and nearest(label[0], regions):
            yield "column", label, block.places[k]
    for k, label in enumerate(block.rows):
        if label not in inner and label[0] not in regions and nearest(label[0], regions):
            yield "row", label, block.lines[k]
