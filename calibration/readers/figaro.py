"""FIGARO inter-country input-output tables of Eurostat as text: the matrix and the flat format.

Matrix: first column `rowLabels`, then COUNTRY_CODE in lines and columns; final users COUNTRY_P3_S13 ... P5M; below,
taxes and value added under W2_. Flat: refArea, rowPi, counterpartArea, colPi, obsValue with the same codes.
Million EUR at basic prices. Source: Eurostat, FIGARO tables, explanatory notes.
"""

from __future__ import annotations

import re

import pandas as pd

from cge.calibration.log import Log
from cge.calibration.raw import About, RawTable
from cge.errors import DataError

from . import mrio
from .grid import Source, delimiter

NAME = "figaro"
EXPECTS = "FIGARO as .csv: rowLabels and COUNTRY_CODE, or refArea, rowPi, counterpartArea, colPi, obsValue"
FLAT = ("refArea", "rowPi", "counterpartArea", "colPi", "obsValue")
ROLES = {
    "P3_S14": "household", "P3_S15": "household", "P3_S13": "government", "P51G": "investment", "P5M": "stocks",
    "P52": "stocks", "P53": "stocks", "P52_P53": "stocks", "D21X31": "tax:product", "OP_RES": "adjustment",
    "OP_NRES": "adjustment", "D1": "labour", "D29X39": "tax:production", "B2A3G": "capital",
}  # fmt: skip
ISO3 = {
    "AR": "ARG", "AT": "AUT", "AU": "AUS", "BE": "BEL", "BG": "BGR", "BR": "BRA", "CA": "CAN", "CH": "CHE", "CN": "CHN",
    "CY": "CYP", "CZ": "CZE", "DE": "DEU", "DK": "DNK", "EE": "EST", "EL": "GRC", "ES": "ESP", "FI": "FIN", "FR": "FRA",
    "GB": "GBR", "GR": "GRC", "HR": "HRV", "HU": "HUN", "ID": "IDN", "IE": "IRL", "IN": "IND", "IT": "ITA", "JP": "JPN",
    "KR": "KOR", "LT": "LTU", "LU": "LUX", "LV": "LVA", "MT": "MLT", "MX": "MEX", "NL": "NLD", "NO": "NOR", "PL": "POL",
    "PT": "PRT", "RO": "ROU", "RU": "RUS", "SA": "SAU", "SE": "SWE", "SI": "SVN", "SK": "SVK", "TR": "TUR", "UK": "GBR",
    "US": "USA", "ZA": "ZAF", "FIGW1": "ROW", "WRL_REST": "ROW", "W1": "ROW",
}  # fmt: skip
"""Eurostat's country codes, which are ISO 3166-1 alpha-2 but for EL and UK."""


def recognises(source: Source) -> bool:
    """Whether the first line is that of either format."""
    first = source.first_line
    matrix = any(re.fullmatch(r"[A-Z0-9]{2,5}_P3_S1[345]", cell) for cell in first)
    return matrix or set(FLAT) <= set(first)


def read(source: Source) -> tuple[RawTable, Log]:
    """Read a table in either format.

    Raises:
        DataError: lines that are not of the layout.
    """
    mark = delimiter(source.head)
    if set(FLAT) <= set(source.first_line):
        long = pd.read_csv(source.path, sep=mark, keep_default_na=False)
        long["row"] = long["refArea"] + "_" + long["rowPi"]
        long["column"] = long["counterpartArea"] + "_" + long["colPi"]
        wide = long.pivot_table(index="row", columns="column", values="obsValue", aggfunc="sum", sort=False)
        frame = wide.fillna(0.0)
    else:
        frame = pd.read_csv(source.path, sep=mark, index_col=0, keep_default_na=False, na_values=[""]).fillna(0.0)
    rows = [_key(str(name)) for name in frame.index]
    columns = [_key(str(name)) for name in frame.columns]
    industries = set(rows) & set(columns)
    strange = sorted({label for _, label in {*rows, *columns} - industries if label not in ROLES})
    if strange:
        raise DataError([f"{', '.join(strange[:8])} are not of the layout: {EXPECTS}"], source.path.name)
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", source.path.stem.replace("_", " "))
    about = About("million EUR", "EUR", int(years[-1]) if years else None, "basic", "Eurostat, FIGARO", "CC BY 4.0")
    countries = {r: frozenset({ISO3[r]}) for r, _ in columns if r in ISO3}
    raw = mrio.table(
        rows, columns, frame.to_numpy(dtype=float), roles=ROLES, about=about, countries=countries, products=products
    )
    return raw, Log()


def products(label: str) -> str:
    """ISIC Rev. 4 divisions of a NACE code: A01, C10T12 or C10-12, D35, E37T39, J59_60, L68."""
    if label in ("L68A", "L68B", "L"):
        return mrio.isic(["68"])
    numbers = re.findall(r"\d\d", label)
    if len(numbers) == 2 and re.search(r"\d(T|-)\d", label):
        numbers = [
            f"{k:02d}"
            for k in range(int(numbers[0]), int(numbers[1]) + 1)
            if k not in (4, 34, 40, 44, 48, 54, 57, 67, 76, 83, 89)
        ]
    return mrio.isic(numbers)


def _key(name: str) -> mrio.Key:
    """Region and code; W2 stands for the whole of the domestic economy, so its rows belong to each buyer."""
    for region in ("WRL_REST",):
        if name.startswith(region + "_"):
            return region, name[len(region) + 1 :]
    region, _, label = name.partition("_")
    return ("" if region in ("W2", "DOM") else region), label
