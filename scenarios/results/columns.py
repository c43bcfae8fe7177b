"""Keys and columns that several tables of results have."""

from __future__ import annotations

from .table import Column

MONEY, PERCENT, NUMBER = ",.0f", ",.3f", ",.4g"
"""Formats of shown numbers."""

USD, CHANGE, INCOME = "million USD", "%", "% of benchmark income"
WHOSE = "household"
"""Column of welfare.csv, and entry of the proof, that says whose EV and CV these are."""

REGION, SECTOR = Column("region", "", "region"), Column("sector", "", "sector")
EXPORTER, IMPORTER = Column("exporter", "", "exporter"), Column("importer", "", "importer")
FLOW = (EXPORTER, IMPORTER, SECTOR)


def money(name: str, heading: str, meaning: str = "") -> Column:
    """A column of money, million USD."""
    return Column(name, USD, heading, meaning, MONEY)


def percent(name: str, heading: str, meaning: str = "", unit: str = CHANGE) -> Column:
    """A column of shares or changes, %."""
    return Column(name, unit, heading, meaning, PERCENT)
