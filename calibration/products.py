"""What goods and services can be called: the 28 sectors of the package, ISIC Rev. 4 and the Harmonized System.

A sector of a benchmark says what it holds in any of the three. Whatever is named by the package's sectors (groups,
elasticities) reads it through `sectors_of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import pandas as pd

from .table import DATA

ISIC: Mapping[str, tuple[str, ...]] = {
    "AGR": ("01", "02", "03"),
    "FOO": ("10", "11", "12"),
    "ENE": ("05", "06"),
    "MIN": ("07", "08", "09"),
    "TEX": ("13", "14", "15"),
    "WPP": ("16", "17", "18"),
    "PET": ("19",),
    "CHM": ("20",),
    "PHA": ("21",),
    "RUB": ("22",),
    "NMM": ("23",),
    "STL": ("241", "2431"),
    "NFM": ("242", "2432"),
    "FAB": ("25",),
    "ELE": ("26",),
    "EEQ": ("27",),
    "MCH": ("28",),
    "AUT": ("29",),
    "SHP": ("301",),
    "OTM": ("302", "303", "304", "309", "31", "32", "33"),
    "UTL": ("35", "36", "37", "38", "39"),
    "CON": ("41", "42", "43"),
    "TRD": ("45", "46", "47"),
    "TRN": ("49", "50", "51", "52", "53"),
    "ACI": ("55", "56", "58", "59", "60", "61", "62", "63"),
    "FIN": ("64", "65", "66", "68"),
    "PRO": ("69", "70", "71", "72", "73", "74", "75", "77", "78", "79", "80", "81", "82", "84"),
    "PUB": ("85", "86", "87", "88", "90", "91", "92", "93", "94", "95", "96", "97", "98", "99"),
}
"""Divisions (and, for metals and transport equipment, groups and classes) of ISIC Rev. 4 in each of the 28 sectors.

The sectors are those of the OECD's tables, defined by ISIC Rev. 4 (United Nations, Statistical Papers M 4/Rev. 4)."""

SYSTEMS = ("isic", "hs")
"""Other classifications than the package's own, as prefixes of a code: `isic:24`, `hs:7208`."""


@cache
def names() -> Mapping[str, str]:
    """The 28 sectors of the package: code to name in words."""
    table = pd.read_csv(DATA / "sectors.csv", keep_default_na=False, dtype=str).drop_duplicates("s28")
    return dict(zip(table["s28"], table["name28"], strict=True))


@cache
def _codes() -> Mapping[str, Mapping[str, str]]:
    """System to code to the sector that holds it."""
    goods = pd.read_csv(DATA / "hs_sectors.csv", comment="#", dtype=str, keep_default_na=False)
    isic = {code: sector for sector, codes in ISIC.items() for code in codes}
    return {"isic": isic, "hs": dict(zip(goods["hs"], goods["sector"], strict=True))}


def fault(code: str) -> str:
    """What is wrong with a product's code; empty if nothing is."""
    system, colon, number = code.partition(":")
    if not colon:
        return "" if code in names() else f"is none of the 28 sectors ({', '.join(names())}), isic:NN or hs:NN"
    if system not in SYSTEMS:
        return f"names the classification {system!r}; use isic:NN (Rev. 4), hs:NN, or a code of the 28 sectors"
    if not number.isdigit() or len(number) < 2 or (system == "hs" and len(number) % 2):
        size = "2 to 4" if system == "isic" else "2, 4 or 6"
        return f"is no code of {system}: it has {size} digits"
    return "" if _held(system, number) else f"is in none of the 28 sectors; check the code of {system}"


@cache
def _held(system: str, number: str) -> frozenset[str]:
    """The sectors that hold a code: those of the codes below it, and that of the longest code above it."""
    codes = _codes()[system]
    found = {sector for code, sector in codes.items() if code.startswith(number)}
    above = [number[:size] for size in range(len(number), 1, -1) if number[:size] in codes]
    return frozenset(found | {codes[above[0]]} if above else found)


def sectors_of(codes: Iterable[str]) -> frozenset[str]:
    """The sectors of the package that hold products.

    Args:
        codes: sectors of the package, `isic:NN` or `hs:NN`, of any depth.

    Returns:
        Codes of the 28 sectors that hold any part of them.
    """
    found: set[str] = set()
    for code in codes:
        system, colon, number = code.partition(":")
        found |= _held(system, number) if colon else {code}
    return frozenset(found)
