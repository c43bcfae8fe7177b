"""The field of signs of the library's scenarios, as `python docs/signs.py` wrote it."""

from __future__ import annotations

import csv
from pathlib import Path

SIGNS = Path(__file__).parent / "signs.csv"
KEYS = ("horizon", "financing", "owner")
NOTHING = 0.005
"""Per cent under which a number has no sign."""


def field_of(name: str) -> list[dict[str, str]]:
    """Rows of a scenario of the library: horizon, financing, owner, and `REGION_ev` and `REGION_gdp`, per cent.

    Args:
        name: of the scenario.

    Returns:
        One row a case; none for a scenario that the file does not hold.
    """
    if not SIGNS.exists():
        return []
    with SIGNS.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["scenario"] == name]


def sign(text: str) -> str:
    """`+`, `-` or `0` of a number in the file; empty where there is none."""
    if not text:
        return ""
    number = float(text)
    return "0" if abs(number) < NOTHING else "+" if number > 0.0 else "-"
