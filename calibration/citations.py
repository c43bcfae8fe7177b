"""The literature that tables of elasticities cite by key, in one list."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from cge.errors import DataError, nearest

LIST = Path(__file__).parent / "data" / "sources.csv"


@cache
def citations() -> Mapping[str, str]:
    """Every work that is cited, by key."""
    with LIST.open(encoding="utf-8") as file:
        return {row["key"]: row["citation"] for row in csv.DictReader(line for line in file if line[0] != "#")}


def citation(key: str) -> str:
    """Authors, year, title and place of a work.

    Raises:
        DataError: no work has that key.
    """
    if key not in citations():
        raise DataError([f"no source has the key {key}{nearest(key, citations())}; add it to {LIST.name}"])
    return citations()[key]
