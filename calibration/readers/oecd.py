"""OECD Inter-Country Input-Output tables as text, editions 2018 to 2025.

One line a seller and one column a buyer, named COUNTRY_INDUSTRY and COUNTRY_DEMAND; below them the taxes less
subsidies on products, value added and output. 2021 and before: one tax row a country (AUS_TAXSUB), VALU, OUTPUT,
column TOTAL; 2023 and 2025: TLS, VA, OUT, column OUT. Million USD at basic prices.
Source: OECD, readme files of the editions.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from cge.calibration.log import Entry, Log
from cge.calibration.raw import About, RawTable
from cge.errors import DataError

from . import mrio
from .grid import Source

NAME = "oecd"
EXPECTS = (
    "OECD ICIO as .csv: COUNTRY_INDUSTRY in lines and columns, COUNTRY_HFCE ... INVNT, lines TLS or _TAXSUB, VA or VALU"
)
ROLES = {
    "HFCE": "household", "NPISH": "household", "NPS": "household", "DPABR": "household", "DIRP": "household",
    "P33": "household", "NONRES": "household", "GGFC": "government", "GFCF": "investment", "INVNT": "stocks",
    "INV": "stocks", "TAXSUB": "tax:product", "TLS": "tax:product", "TXS": "tax:product", "VA": "value-added",
    "VALU": "value-added", "DISC": "adjustment",
}  # fmt: skip
TOTALS = {"OUT", "OUTPUT", "TOTAL"}
SPLIT = {"CN1": "CHN", "CN2": "CHN", "CHN1": "CHN", "CHN2": "CHN", "MX1": "MEX", "MX2": "MEX"}
"""Parts of countries that some editions tell apart, and their country."""


def recognises(source: Source) -> bool:
    """Whether the first line has the final users of two countries in OECD's names."""
    first = source.first_line[1:]
    users = [cell for cell in first if re.fullmatch(r"[A-Z]{3}_(HFCE|GGFC)", cell)]
    return len(users) >= 2 and any(re.fullmatch(r"[A-Z]{2}[A-Z0-9]_[0-9A-Z_]+", cell) for cell in first)


def read(source: Source) -> tuple[RawTable, Log]:
    """Read an edition.

    Raises:
        DataError: lines or columns that the layout does not have, totals that the cells do not add up to.
    """
    frame = pd.read_csv(source.path, index_col=0, keep_default_na=False, na_values=[""], low_memory=False)
    frame = frame.fillna(0.0)
    text = [str(c) for c in frame.columns if not pd.api.types.is_numeric_dtype(frame[c])]
    if text:
        raise DataError(
            [f"column {c} holds text where numbers belong; restore the file" for c in text[:5]], source.path.name
        )
    outputs = {side: frame.filter(items=sorted(TOTALS), axis=side) for side in ("index", "columns")}
    frame = frame.drop(index=outputs["index"].index, columns=outputs["columns"].columns)
    rows = [_key(str(name)) for name in frame.index]
    columns = [_key(str(name)) for name in frame.columns]
    regions = list(dict.fromkeys(region for region, label in columns if (region and label in ROLES) or region in SPLIT))
    strange = [str(frame.index[k]) for k, (region, label) in enumerate(rows) if not region and label not in ROLES]
    if strange:
        told = f"lines {', '.join(strange[:8])} are not of the layout: {EXPECTS}"
        raise DataError([told], source.path.name)
    values = frame.to_numpy(dtype=float)
    raw = mrio.table(
        rows, columns, values, roles=ROLES, countries=mrio.by_iso3(r for r in regions if r not in SPLIT)
        | {r: frozenset({SPLIT[r]}) for r in regions if r in SPLIT},
        products=products, about=about(source.path.name),
    )  # fmt: skip
    return raw, _checked(raw, outputs["columns"], source.path.name)


def about(name: str) -> About:
    """What the numbers are; the year is the last of the file's name."""
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", name.replace("_", " ").replace("ICIO", "ICIO "))
    return About(
        "million USD", "USD", int(years[-1]) if years else None, "basic",
        "OECD Inter-Country Input-Output Tables", "OECD terms, with attribution",
    )  # fmt: skip


def products(label: str) -> str:
    """ISIC Rev. 4 of an industry: 01T02, A01_02, C10T12, C17_18, C24A and the like."""
    special = {"C24A": ("241", "2431"), "C24B": ("242", "2432"), "C302T309": ("302", "303", "304", "309")}
    if label in special:
        return mrio.isic(special[label])
    numbers = re.findall(r"\d{2,3}", label)
    if not numbers or re.search(r"\d[A-Z]$", label):
        return ""
    if "T" in label.lstrip("T") and len(numbers) == 2 and len(numbers[0]) == 2:
        known = {f"{k:02d}" for k in (*range(1, 4), *range(5, 10), *range(10, 34), *range(35, 40), *range(41, 44),
                 *range(45, 48), *range(49, 54), 55, 56, *range(58, 67), 68, *range(69, 76), *range(77, 83), 84,
                 *range(85, 89), *range(90, 100))}  # fmt: skip
        numbers = [f"{k:02d}" for k in range(int(numbers[0]), int(numbers[1]) + 1) if f"{k:02d}" in known]
    return mrio.isic(numbers)


def _key(name: str) -> mrio.Key:
    region, cut, label = name.partition("_")
    return (region, label) if cut else ("", name)


def _checked(raw: RawTable, stated: pd.DataFrame, name: str) -> Log:
    """Compare what industries sell with the column of output, where the file has one."""
    if stated.empty:
        return Log()
    column = stated.iloc[:, 0]
    column = column[[label.replace("_", ".", 1) in raw.accounts.index for label in map(str, column.index)]]
    names = [str(label).replace("_", ".", 1) for label in column.index]
    industry = (raw.accounts.loc[names, "role"] == "industry").to_numpy()
    sold = raw.flows.sel(seller=names).sum("buyer").values
    gap = np.where(industry, column.to_numpy() - sold, 0.0)
    allowed = 1e-3 * np.abs(sold) + 1.0
    if (np.abs(gap) > allowed).any():
        worst = int(np.argmax(np.abs(gap) / allowed))
        stated_there, there = float(column.iloc[worst]), float(sold[worst])
        told = f"output of {column.index[worst]} is {stated_there:.6g}, its cells add up to {there:.6g}"
        raise DataError([f"{told}; restore the file"], name)
    return Log.of(Entry("totals left out", name, why="output lines and columns are sums of the cells"))
