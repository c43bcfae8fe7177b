"""Capacity of a factor in an industry: a fire, an earthquake, a blockade, or a plant that is built.

The market of a factor that cannot move is that of each industry: what is there meets what is wanted. Capacity scales
what is there, industry by industry, where the endowment scales all of a region's. A plant that is built where capital
moves freely adds to what the region has, and other capital makes room for it.

Source: Jones (1971), "A three-factor model in theory, trade, and history".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from cge.block import Array, Block, Part, Table
from cge.equation import equation
from cge.notation import symbols
from cge.symbols import FLAG, INDEX, RFS

CAPACITY_OF = symbols(
    "instrument",
    ("capacity", RFS, INDEX, r"\kappa^F_{rfs}", "capacity of a factor in an industry", 1.0, "placeable"),
)["capacity"]
STUCK, PLACEABLE = symbols(
    "parameter",
    ("stuck", RFS, FLAG, r"\mathbb{1}^\kappa_{rfs}", "the factor is specific to the industry"),
    ("placeable", RFS, FLAG, r"\mathbb{1}^\pi_{rfs}", "the factor is specific, or moves freely"),
).values()


@equation("w", where=("mobile",), replaces="mobile_market")
def mobile_market_with_capacity(m: Any, r: Any, f: Any) -> tuple[Any, Any]:
    """The endowment of a mobile factor, with the capacity that is added in industries, is employed (index).

    Source: Hertel (1997), "Global Trade Analysis", ch. 2.
    """
    there = m.total(("sector",), lambda s: m.employed[r, f, s], lambda s: m.capacity[r, f, s])
    wanted = m.total(("sector",), lambda s: m.employed[r, f, s], lambda s: m.qf[r, f, s])
    return m.endow[r, f] * there, wanted


@equation("pf", where=("sluggish",), replaces="sluggish_market")
def market_with_capacity(m: Any, r: Any, f: Any, s: Any) -> tuple[Any, Any]:
    """Supply of a sluggish factor to an industry meets demand; a specific one's is scaled by its capacity (index).

    Source: Jones (1971), "A three-factor model in theory, trade, and history".
    """
    kept = m.pf[r, f, s] * m.owner_wedge[r, f, s]
    supply = m.endow[r, f] * (kept / m.w[r, f]) ** m.eta[r, f]
    return supply * m.capacity[r, f, s], m.qf[r, f, s]


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    specific = p["sluggish"] * (p["eta"] == 0.0)
    used = p["factor_use"] > 0.0
    return {"stuck": specific * used, "placeable": (specific + p["mobile"]) * used}


def _coordinates(p: Table, x: Table) -> dict[str, Array]:
    return {"capacity": p["factor_use"] * x["endow"] * (x["capacity"] - 1.0)}


CAPACITY = Block(
    name="capacity",
    title="capacity of factors, industry by industry",
    symbols=(CAPACITY_OF, STUCK, PLACEABLE),
    equations=(mobile_market_with_capacity, market_with_capacity),
    calibrate=_calibrate,
    instruments=frozenset({"capacity"}),
    movable=("capacity",),
    parts={"capacity": Part("endowment", "region", "reward x capacity of factors in industries")},
    coordinates=_coordinates,
    weights=lambda p, x: {"capacity": x["pf"]},
)
