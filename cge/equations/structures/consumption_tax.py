"""A tax on household consumption in equal points on every good, which a closure may free to balance the budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from cge.block import Block, Charge
from cge.notation import symbols
from cge.symbols import FLAG, RATE, R

SURTAX = symbols("instrument", ("surtax", R, RATE, "t^H_r", "tax on household consumption, on top", 0.0))["surtax"]
CONSUMES = symbols("parameter", ("consumes", ("agent",), FLAG, r"\mathbb{1}^C_a", "the agent is the household"))[
    "consumes"
]


def _surtax(m: Any, r: Any, s: Any, a: Any) -> Any:
    return m.surtax[r]


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    return {"consumes": (p["final_use"]["agent"] == "C").astype(float)}


CONSUMPTION_TAX = Block(
    name="consumption-tax",
    title="real government consumption and saving are fixed; equal points of tax on household consumption balance the"
    " budget",
    option=("government", "consumption-tax"),
    symbols=(SURTAX, CONSUMES),
    calibrate=_calibrate,
    charges=(Charge("tc", "surtax", _surtax, "consumes"),),
    instruments=frozenset({"surtax"}),
    closures={"consumption-tax": {"household": "separate", "government": "consumption-tax"}},
)
