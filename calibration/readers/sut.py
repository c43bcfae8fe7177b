"""Supply and use tables of one country in two sheets: make with imports and valuation, and use at purchasers' prices.

Supply: products in rows; industries, imports cif, duties, taxes less subsidies, margins in columns. Use: products in
rows, then value added; industries and final users in columns. The labels of products and industries are the same in
both sheets. What the other columns and rows are, a source in ESA's transmission layout says by its codes (P7, D21X31,
OTTM; D1, D29X39, B2A3G; P3_S14 ...) and any other by `accounts`.
Source: Eurostat (2008), Manual of Supply, Use and Input-Output Tables; United Nations (2018), Handbook.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.calibration.log import Entry, Log
from cge.calibration.raw import About, RawTable, square

from .grid import BOOKS, Grid, Source
from .labelled import Labelled, drop_totals, find, name

NAME = "sut"
EXPECTS = "supply and use in two sheets with the same products and industries, named Supply... and Use..."
CODES = {
    "P7": "rest-of-world", "P6": "rest-of-world", "D21X31": "tax:product", "D212": "tax:tariff", "OTTM": "margin",
    "P3_S14": "household", "P3_S15": "household", "P3_S13": "government", "P51G": "investment", "P5M": "stocks",
    "P52": "stocks", "P53": "stocks", "D1": "labour", "D29X39": "tax:production", "B2A3G": "capital",
}  # fmt: skip
"""Transaction codes of the European System of Accounts (2010) and their roles."""


def recognises(source: Source) -> bool:
    """Whether a workbook has a sheet of supply and one of use."""
    return source.suffix in BOOKS and len(_sheets(source.grids)) == 2


def read(source: Source, *, region: str = "HOME") -> tuple[RawTable, Log]:
    """Read both sheets.

    Args:
        source: the workbook.
        region: label of the country.

    Raises:
        DataError: products or industries that differ between the sheets, cells that are no numbers.
    """
    grids = _sheets(source.grids)
    supply, left = drop_totals(find(grids["supply"]))
    use, right = drop_totals(find(grids["use"]))
    supply_rows, supply_columns = _names(supply.rows), _names(supply.columns)
    use_rows, use_columns = _names(use.rows), _names(use.columns)
    goods = [x for x in use_rows if x in supply_rows]
    industries = [x for x in supply_columns if x in use_columns]
    valued = [x for x in supply_columns if x not in industries]
    adjusted = [x for x in supply_rows if x not in goods]
    paid = [x for x in use_rows if x not in goods]
    final = [x for x in use_columns if x not in industries]
    accounts = (
        [(f"i:{x}", x, "industry") for x in industries]
        + [(f"p:{x}", x, "good") for x in goods]
        + [(x, x, CODES.get(x, "")) for x in dict.fromkeys([*valued, *paid, *final])]
    )
    frame = pd.DataFrame(
        [("" if role == "rest-of-world" else region, label, role, "") for _, label, role in accounts],
        index=pd.Index([account for account, _, _ in accounts], name="account"),
        columns=["region", "label", "role", "contents"],
    )
    at = {account: k for k, account in enumerate(frame.index)}
    flows = np.zeros((len(at), len(at)))
    made = dict(zip(supply_columns, supply.values.T, strict=True))
    for good in goods:
        row = supply_rows.index(good)
        for seller in supply_columns:
            flows[at[f"i:{seller}" if seller in industries else seller], at[f"p:{good}"]] += made[seller][row]
    for i, seller in enumerate(use_rows):
        for j, buyer in enumerate(use_columns):
            row = at[f"p:{seller}" if seller in goods else seller]
            flows[row, at[f"i:{buyer}" if buyer in industries else buyer]] += use.values[i, j]
    log = left + right + _adjustments(supply, adjusted)
    about = About(prices="purchaser", source="; ".join([*supply.titles, *use.titles]))
    return RawTable(square(flows, list(frame.index)), frame, about=about), log


def _adjustments(supply: Labelled, names: list[str]) -> Log:
    """Rows of the supply table that are no product: they only redistribute, so they are left out and told."""
    log = Log()
    for label in names:
        row = supply.values[_names(supply.rows).index(label)]
        cells = ", ".join(f"{name(supply.columns[k])} {row[k]:+g}" for k in np.flatnonzero(row))
        why = f"it redistributes and sums to {row.sum():g} ({cells}); products and industries balance without it"
        log += [Entry("adjustment row left out", label, amount=float(np.abs(row).sum()) / 2, why=why)]
    return log


def _names(labels: list[tuple[str, ...]]) -> list[str]:
    return [name(label) for label in labels]


def _sheets(grids: list[Grid]) -> dict[str, Grid]:
    """The sheets of supply and use, by their names."""
    found: dict[str, Grid] = {}
    for grid in grids:
        word = grid.name.strip().lower()
        for kind, words in (("supply", ("supply", "make")), ("use", ("use",))):
            if word.startswith(words):
                found.setdefault(kind, grid)
    return found
