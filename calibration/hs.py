"""From codes of the Harmonized System to the 28 sectors of the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from .table import DATA

DIGITS = (6, 8, 10)
"""Lengths of a tariff line's code."""


def concordance(path: Path = DATA / "hs_sectors.csv") -> dict[str, str]:
    """HS prefix to sector: the longest prefix of a line's code decides."""
    table = pd.read_csv(path, comment="#", dtype=str)
    return dict(zip(table["hs"], table["sector"], strict=True))


def sectors_of(lines: pd.Series, prefixes: Mapping[str, str]) -> pd.Series:
    """Sector of every line; "" where no prefix matches (chapters 98 and 99, say)."""
    longest = max(map(len, prefixes))

    def sector(line: str) -> str:
        return next((prefixes[line[:n]] for n in range(longest, 1, -1) if line[:n] in prefixes), "")

    return lines.map({line: sector(line) for line in lines.unique()})
