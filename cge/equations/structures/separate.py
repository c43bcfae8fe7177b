"""A private household and a government of their own: the household consumes and saves, the government taxes and spends.

In the base structure one regional household pools all income. Here a direct and a lump-sum tax move money between the
two, so that a closure can balance the government's budget; welfare is that of the household, whose utility holds
neither government consumption nor its saving.
"""

from __future__ import annotations

from typing import Any

import xarray as xr

from cge.block import Array, Block, Part, Table
from cge.equation import equation, quantity
from cge.household import Preferences, StoneGeary


@quantity(("region",), r"E^H_r")
def disposable_income(m: Any, r: Any) -> Any:
    """Income of the private household after direct and lump-sum taxes, share of benchmark income."""
    earned = m.factor_earnings[r] - m.direct_taxes[r] + m.rent_abroad[r] + m.rent_home[r]
    received = m.transfers0[r] * m.pworld[()] + m.transfer_from_abroad[r]
    return earned + received - m.lumpsum[r] * m.cpi[r]


@quantity(("region",), "b^S_r", replaces=True)
def propensity_to_save(m: Any, r: Any) -> Any:
    """Saving in the private household's supernumerary income at the benchmark, share."""
    return (m.household_saving0[r] - m.worn0[r]) / (m.super_private[r] - m.worn0[r])


@equation("v", defines=True, replaces="supernumerary_income")
def supernumerary_private_income(m: Any, r: Any) -> tuple[Any, Any]:
    """Disposable income above the cost of subsistence, which the private household divides (index).

    In a region that does not invest, foreign saving is a transfer to the household, which spends what the government
    saves: nothing else can take it up.

    Source: Lluch (1973), "The extended linear expenditure system".
    """
    lent = (1.0 - m.invests[r]) * m.sg[r] * m.cpi[r]
    net = m.disposable_income[r] + lent - m.worn[r]
    return m.v[r], (net - m.cost_of_subsistence[r]) / (m.super_private[r] - m.worn0[r])


@equation("g", defines=True, replaces="government_demand")
def government_budget(m: Any, r: Any) -> tuple[Any, Any]:
    """Government spends what it takes in and does not save (index); a closure may hold G and free a tax.

    Source: Löfgren, Harris and Robinson (2002), "A standard CGE model in GAMS", IFPRI.
    """
    spending = m.income[r] - m.disposable_income[r] - m.sg[r] * m.cpi[r]
    return m.g[r], spending * m.income0[r] / m.government[r] / m.pg[r]


@equation("saving", defines=True, replaces="regional_saving")
def private_and_public_saving(m: Any, r: Any) -> tuple[Any, Any]:
    """Saving of the household and of government (share of benchmark income); none in a region that does not invest.

    Source: Löfgren, Harris and Robinson (2002); Lluch (1973).
    """
    private = (m.household_saving0[r] - m.worn0[r]) * m.saving_power[r] + m.worn[r]
    return m.saving[r], private + m.invests[r] * m.sg[r] * m.cpi[r]


def _preferences(p: Table, x: Table) -> Preferences:
    goods = p["private"] / p["income0"] - p["subsistence_cost"]
    return Preferences(p["subsistence_cost"], goods, xr.zeros_like(p["income0"]), p["household_saving0"] - x["worn0"])


def _coordinates(p: Table, x: Table) -> dict[str, Array]:
    return {
        "public_consumption": p["government"] * x["g"],
        "public_saving": p["income0"] * x["sg"] * x["cpi"] / x["pinv"],
    }


def _weights(p: Table, x: Table) -> dict[str, Array]:
    return {"public_consumption": -x["pg"], "public_saving": -x["pinv"]}


SEPARATE = Block(
    name="separate",
    title="a private household consumes and saves, a government taxes and spends; EV covers the household's consumption"
    " and saving",
    option=("household", "separate"),
    equations=(supernumerary_private_income, government_budget, private_and_public_saving),
    quantities=(disposable_income, propensity_to_save),
    moves=frozenset({"td", "lumpsum", "sg"}),
    household=StoneGeary("private household: consumption and saving", _preferences),
    parts={
        "public_consumption": Part("public", "region", "price x government consumption"),
        "public_saving": Part("public", "region", "price of investment x real government saving"),
    },
    coordinates=_coordinates,
    weights=_weights,
    accounts=lambda p, x: {"government_saving": x["sg"] * x["cpi"] * p["income0"]},
)
