r"""The small country: world prices of its imports are given, and its exports meet a demand of a given elasticity.

The rest of the world buys each of the country's goods along a demand curve in its price over that of the rest's own
goods, with the elasticity `sigma_d` of the rest, whatever the rest's income is; what else the rest spends goes to its
own goods. World prices, and with them foreign saving, are counted in the rest's factors, from which alone it makes its
goods at constant returns, so that no import price moves. No result of the country depends on how large the rest is.

Source: de Melo and Robinson (1989), "Product differentiation and the treatment of foreign trade in computable general
equilibrium models of small economies", Journal of International Economics 27.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from cge.block import Block, Given
from cge.equation import equation
from cge.errors import ModelError
from cge.forms import power
from cge.notation import symbols
from cge.symbols import FLAG, PART, RF, R

ABROAD, WEIGHT = symbols(
    "parameter",
    ("abroad", R, FLAG, r"\mathbb{1}^{RW}_r", "the rest of the world of a small country"),
    ("share_abroad", RF, PART, r"\omega^{RW}_{rf}", "factor in the income of the rest of the world"),
).values()


@equation("qm", defines=True, replaces="import_demand")
def export_demand(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Demand for the import composite; that of the rest of the world has a given elasticity in its price (index).

    Source: de Melo and Robinson (1989); elsewhere Armington (1969).
    """
    given = power(m.pd[r, s] / m.pm[r, s], m.sigma_d[r, s])
    chosen = m.qa[r, s] * power(m.pa[r, s] / m.pm[r, s], m.sigma_d[r, s])
    return m.qm[r, s], m.abroad[r] * given + (1.0 - m.abroad[r]) * chosen


@equation("qd", defines=True, replaces="home_demand")
def home_demand_beside(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Demand for the home good; in the rest of the world what imports leave of spending on the good (index).

    Source: Armington (1969).
    """
    home = m.share_home[r, s]
    spent = m.pa[r, s] * m.qa[r, s] - (1.0 - home) * m.pm[r, s] * m.qm[r, s]
    left = spent / (home + (1.0 - m.abroad[r])) / m.pd[r, s]  # the denominator is the share where the flag is one
    chosen = m.qa[r, s] * power(m.pa[r, s] / m.pd[r, s], m.sigma_d[r, s])
    return m.qd[r, s], m.abroad[r] * left + (1.0 - m.abroad[r]) * chosen


@equation("pworld", defines=True, replaces="world_price")
def price_abroad(m: Any) -> tuple[Any, Any]:
    r"""Factor prices of the rest of the world, the numeraire and the unit of foreign saving (index).

    Source: de Melo and Robinson (1989).
    """
    return m.pworld[()], m.total(("region", "factor"), lambda r, f: m.share_abroad[r, f], lambda r, f: m.w[r, f])


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    rest = given["abroad"]
    if float(rest.sum()) != 1.0:
        told = "which region is the rest of the world is not said: write a closure with export_demand and rest, or call"
        raise ModelError([f"{told} cge.calibration.small_country.small_country"], "block small-country")
    earned = p["factor_use"].sum("sector") * rest
    return {"abroad": rest, "share_abroad": earned / earned.sum()}


SMALL_COUNTRY = Block(
    name="small-country",
    title="world prices of a country's imports are given, and its exports meet a demand of a given elasticity",
    symbols=(ABROAD, WEIGHT),
    equations=(export_demand, home_demand_beside, price_abroad),
    givens={"abroad": Given(("region",), 0.0, 0.0, 1.0, "the rest of the world of a small country: one for it")},
    calibrate=_calibrate,
)
