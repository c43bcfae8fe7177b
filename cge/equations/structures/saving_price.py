r"""GTAP's price of saving: a global bank pools savings and owns a share of every region's net investment.

    d ln p^S_r = d ln p^I_r + sum_k (net investment_k - net saving_k) / (net investment of the world) d ln p^I_k

The second term is the same for every region, and an integral along the path from the benchmark. It enters welfare and
no equation of the solution. At a single point weights are means of the benchmark's and the point's; `pool` holds what
the integral along a path adds, which runs and decompositions set (`cge.pool`).

Source: Hertel (1997), "Global Trade Analysis", ch. 2; Corong, Hertel, McDougall, Tsigas and van der Mensbrugghe (2017),
"The standard GTAP model, version 7", Journal of Global Economic Analysis 2(1) (E_psave).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from cge.block import Array, Block, Part, Table
from cge.equation import quantity
from cge.errors import ModelError
from cge.forms import exp, log
from cge.notation import symbols
from cge.symbols import INDEX, MONEY, SIGNED, R

from .capital import worn_out

POOL = symbols(
    "instrument", ("pool", (), INDEX, r"\Psi^0", "price of saving along the path, over that of mean weights")
)["pool"]
PARAMETERS = symbols(
    "parameter",
    ("owned0", R, SIGNED, r"\bar\omega^B_r", "investment less saving, share of the world's net investment"),
    ("wears", R, MONEY, r"\bar\delta^B_r", "benchmark depreciation of capital"),
)


@quantity(R, "N^I_r")
def net_investment(m: Any, r: Any) -> Any:
    """Investment less depreciation, whether or not income is net of it, million USD."""
    stock = m.total(("factor",), lambda f: m.share_capital[r, f], lambda f: m.endow[r, f])
    return m.pinv[r] * (m.investment[r] * m.inv[r] - m.wears[r] * stock)


@quantity(R, r"\omega^B_r")
def owned(m: Any, r: Any) -> Any:
    """Investment less saving, share of the world's net investment."""
    world = m.total(("region",), lambda k: 1.0 + 0.0 * m.income0[k], lambda k: m.net_investment[k])
    return (m.investment[r] * m.pinv[r] * m.inv[r] - m.income0[r] * m.saving[r]) / world


@quantity((), r"\Psi")
def pooled(m: Any) -> Any:
    """Price of saving over that of a region's own investment at mean weights, index."""
    mean = m.total(
        ("region",), lambda k: 1.0 + 0.0 * m.income0[k], lambda k: (m.owned0[k] + m.owned[k]) / 2.0 * log(m.pinv[k])
    )
    return exp(mean)


@quantity(R, "p^S_r", replaces=True)
def saving_price(m: Any, r: Any) -> Any:
    """Price of saving: that of investment at home, and a share of that in every region, index."""
    return m.pinv[r] * m.pooled[()] * m.pool[()]


def _calibrate(p: Mapping[str, xr.DataArray], _: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    lost = worn_out(p)
    world = float((p["investment"] - lost).sum())
    if world <= 0.0:
        raise ModelError("net investment of the world is not above zero, and nothing is pooled", "block saving-price")
    return {"owned0": (p["investment"] - p["income0"] * p["saving0"]) / world, "wears": lost}


def _coordinates(p: Table, x: Table) -> dict[str, Array]:
    price = x["pinv"]
    logs: Array = np.log(price)
    return {"price_of_saving": _partner(logs)}


def _weights(p: Table, x: Table) -> dict[str, Array]:
    saved = p["income0"] * (x["saving"] - x["worn"])
    return {"price_of_saving": -_whose(saved) * _partner(x["owned"])}


def _partner(array: Array) -> Array:
    return _renamed(array, "exporter")


def _whose(array: Array) -> Array:
    return _renamed(array, "importer")


def _renamed(array: Array, axis: str) -> Array:
    if isinstance(array, xr.Variable):
        return xr.Variable((axis,), array.values)
    return array.rename(region=axis)


SAVING_PRICE = Block(
    name="saving-price",
    title="saving is priced at the net investment of all regions that a global bank pools (GTAP's psave)",
    symbols=(POOL, *PARAMETERS.values()),
    quantities=(net_investment, owned, pooled, saving_price),
    calibrate=_calibrate,
    instruments=frozenset({"pool"}),
    parts={
        "price_of_saving": Part("investment_saving", "importer", "saving x the price of investment in every region"),
    },
    coordinates=_coordinates,
    weights=_weights,
)
