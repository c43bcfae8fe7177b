"""The table of a benchmark: its accounts, their axes and labels, and the error that lists its faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from cge.errors import nearest

AGENTS = ("C", "G", "I")
OWNERS = ("exporter", "importer", "treasury")
LAYERS = ("mfn", "section232", "section301")
FACTORS = ("LAB", "CAP", "NAT", "LND")
DATA = Path(__file__).parent / "data"

MONEY = "million USD"
"""Unit of the accounts that are money; the currency is the contents', which may say another one."""

FLOW = ("exporter", "importer", "sector")


@dataclass(frozen=True)
class Account:
    """One variable of the table: its axes, its meaning, whether it may be negative, and be left out (its default)."""

    dims: tuple[str, ...]
    description: str
    signed: bool = False
    unit: str = MONEY
    optional: bool = False
    default: float = 0.0


SCHEMA: Mapping[str, Account] = {
    "domestic": Account(("region", "sector"), "home sales of own output at basic prices"),
    "trade": Account(FLOW, "sales abroad at basic prices, before export tax and quota rent"),
    "export_tax": Account(FLOW, "taxes less subsidies on exports", signed=True),
    "rent": Account(FLOW, "quota rent contained in the price that the importer pays"),
    "limited": Account(
        FLOW,
        "share of a flow's volume under the limit that its rent is of; what is left is not limited",
        unit="share",
        optional=True,
        default=1.0,
    ),
    "rent_share": Account(("owner", *FLOW), "who receives the quota rent", unit="share"),
    "margin_use": Account(("margin", *FLOW), "international margins that a flow uses"),
    "margin_supply": Account(("region", "margin"), "international margins that a region sells"),
    "tariff": Account(("layer", *FLOW), "ad valorem rate on the customs value", True, "rate"),
    "valuation": Account(
        FLOW,
        "customs value, which tariffs are charged on, over the cif value",
        unit="ratio",
        optional=True,
        default=1.0,
    ),
    "intermediate": Account(
        ("region", "input", "sector"),
        "Armington good bought by an industry, tariffs included, before product tax; negative: a by-product it sells",
        signed=True,
    ),
    "intermediate_tax": Account(("region", "input", "sector"), "taxes less subsidies on intermediate purchases", True),
    "final": Account(
        ("region", "sector", "agent"),
        "Armington good bought by an agent, tariffs included, before product tax",
    ),
    "final_tax": Account(("region", "sector", "agent"), "taxes less subsidies on final purchases", True),
    "factor_income": Account(("region", "factor", "sector"), "factor income net of factor tax"),
    "factor_tax": Account(("region", "factor", "sector"), "taxes less subsidies on factors", True),
    "output_tax": Account(("region", "sector"), "taxes less subsidies on output", True),
    "direct_tax": Account(("region",), "direct taxes less transfers to the household", True),
    "government_saving": Account(("region",), "saving of the government", True),
    "net_transfers": Account(
        ("region",), "transfers and factor income received from other regions less paid to them", True, optional=True
    ),
    "capital_stock": Account(("region",), "stock of capital; zero where it is not known", optional=True),
    "depreciation": Account(("region",), "share of the stock that wears out in a year", unit="rate", optional=True),
    "emissions": Account(("region", "sector"), "CO2 that an industry emits", unit="kt CO2", optional=True),
    "household_emissions": Account(("region",), "CO2 that households emit", unit="kt CO2", optional=True),
}

FIXED: Mapping[str, tuple[str, ...]] = {"agent": AGENTS, "owner": OWNERS}
SAME = {"exporter": "region", "importer": "region", "input": "sector"}
AXES = (
    "region", "exporter", "importer", "sector", "input",
    "factor", "agent", "layer", "margin", "owner",
)  # fmt: skip


def labels_of(data: xr.Dataset, axis: str) -> list[str]:
    """Labels of an axis."""
    return [str(label) for label in data[axis].values]


def axis_of(axis: str, labels: Sequence[str]) -> xr.Variable:
    """An axis with labels, as a coordinate."""
    return xr.Variable((axis,), np.array(list(labels), dtype=object))


def unknown(name: str) -> str:
    """What is wrong with a variable that is no account."""
    return f"variable {name} is unknown{nearest(name, SCHEMA)}; rename or remove it"
