r"""Capital accounts: income and saving net of depreciation, and net investment that moves alike in every region.

The regional household divides what is left of income after the capital that wears out in a year is replaced, at the
price of investment; investment is its net saving, what replaces the worn capital, and foreign saving. What wears out
is a fixed share of the stock, which the endowment of capital moves.

Source: Hertel (1997), "Global Trade Analysis", ch. 2; Corong, Hertel, McDougall, Tsigas and van der Mensbrugghe (2017),
"The standard GTAP model, version 7", Journal of Global Economic Analysis 2(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from cge.block import Array, Block, Given, Mask, Part, Table
from cge.equation import equation, quantity
from cge.errors import ModelError, PolicyError
from cge.notation import symbols
from cge.symbols import ELASTICITY, INDEX, RETURN, SHARE, R

if TYPE_CHECKING:
    from cge.model import Model

PARAMETERS = symbols(
    "parameter",
    ("depreciation0", R, SHARE, r"\bar\delta^E_r", "benchmark depreciation of capital"),
    ("own_flexibility", R, ELASTICITY, r"\epsilon^R_r", "expected return to the capital stock, by region"),
)


@quantity(R, r"K_r")
def capital_stock(m: Any, r: Any) -> Any:
    """Capital at the beginning of the year, index: the endowment of capital."""
    return m.total(("factor",), lambda f: m.share_capital[r, f], lambda f: m.endow[r, f])


@quantity(R, r"\delta^I_r", replaces=True)
def worn(m: Any, r: Any) -> Any:
    """Depreciation at the price of investment, share of benchmark income."""
    return m.depreciation0[r] * m.capital_stock[r] * m.pinv[r]


@quantity(R, r"\bar\delta^I_r", replaces=True)
def worn0(m: Any, r: Any) -> Any:
    """Its benchmark value, share of benchmark income."""
    return m.depreciation0[r]


@equation("gap", defines=True, replaces="expected_return")
def expected_return_on_the_stock(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Expected net return to capital over the world's (index), where the stock at the beginning of the year moves too.

    Source: Hertel (1997), ch. 2 (RORDELTA = 1); Corong et al. (2017), section 2.
    """
    reward = m.total(("factor",), lambda f: m.share_capital[r, f], lambda f: m.w[r, f])
    rate = m.rental_rate[r]
    net = (rate * reward / m.pinv[r] - m.depreciation[r]) / (rate - m.depreciation[r])
    kept = 1.0 - m.depreciation[r]
    grown = (kept + m.investment_rate[r] * m.inv[r] / m.capital_stock[r]) / (kept + m.investment_rate[r])
    return m.gap[r], net * grown ** (-m.own_flexibility[r]) / m.rorg[()]


def worn_out(p: Mapping[str, xr.DataArray]) -> xr.DataArray:
    """Benchmark depreciation [region], million USD; none where nothing is invested."""
    rate = p["investment_rate"]
    stock = (p["investment"] / rate.where(rate != 0.0)).fillna(0.0)
    return p["invests"] * p["depreciation"] * stock


def _net(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    lost = worn_out(p) / p["income0"]
    faults = [
        f"{region}: depreciation is {share:.0%} of income and leaves nothing for goods; correct its capital stock"
        for region, share in zip(lost["region"].values, lost.values, strict=True)
        if not share < 1.0
    ]
    if faults:
        raise ModelError(faults, "block net-income")
    own = given["rorflex"]
    return {"depreciation0": lost, "own_flexibility": own.where(np.isfinite(own), p["flexibility"])}


def _coordinates(p: Table, x: Table) -> dict[str, Array]:
    return {"upkeep": p["income0"] * p["depreciation0"] * x["capital_stock"]}


def _weights(p: Table, x: Table) -> dict[str, Array]:
    return {"upkeep": -x["pinv"]}


NET_INCOME = Block(
    name="net-income",
    title="income and saving are net of the depreciation of capital",
    symbols=tuple(PARAMETERS.values()),
    equations=(expected_return_on_the_stock,),
    quantities=(capital_stock, worn, worn0),
    givens={
        "rorflex": Given(
            R, np.nan, 0.0, 1000.0, "elasticity of the expected return to the capital stock, minus (GTAP: RORFLEX)"
        )
    },
    calibrate=_net,
    parts={"upkeep": Part("endowment", "region", "price of investment x depreciation of capital added")},
    coordinates=_coordinates,
    weights=_weights,
)

PACE, WORLD_PACE = (
    symbols("variable", ("pace", R, RETURN, "n^I_r", "net investment over the world's, index", 1.0, "investment"))[
        "pace"
    ],
    symbols("instrument", ("world_pace", (), INDEX, "n^W", "net investment of the world"))["world_pace"],
)
REPLACED = symbols("parameter", ("replaced0", R, SHARE, r"\bar\delta^R_r", "depreciation in benchmark investment"))[
    "replaced0"
]


@equation(PACE, defines=True)
def pace_of_investment(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Net investment of a region over the world's (index); held at one, a global bank invests in fixed proportions.

    Source: Hertel (1997), ch. 2 (RORDELTA = 0).
    """
    stock = m.total(("factor",), lambda f: m.share_capital[r, f], lambda f: m.endow[r, f])
    net = (m.inv[r] - m.replaced0[r] * stock) / (1.0 - m.replaced0[r])
    return m.pace[r], net / m.world_pace[()]


def _replaced(p: Mapping[str, xr.DataArray], _: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    there = p["investment"] != 0.0
    part = (worn_out(p) / p["investment"].where(there)).fillna(0.0)
    faults = [
        f"{region}: net investment is zero, and cannot move in proportion; use the closure global-bank"
        for region, share in zip(part["region"].values, part.values, strict=True)
        if abs(share - 1.0) < 1e-6
    ]
    if float((p["investment"] - worn_out(p)).sum()) <= 0.0:
        faults.append("net investment of the world is not above zero; correct depreciation and stocks of capital")
    if faults:
        raise ModelError(faults, "block fixed-shares")
    return {"replaced0": part}


def _held(model: Model) -> dict[str, Mask]:
    invests = model.exists["pace"]
    if not invests.any():
        raise PolicyError("a global bank lends to regions that invest, and none does; use fixed foreign saving")
    return {"pace": invests, "sf": ~invests, "lending": np.array(True), "world_pace": np.array(False)}


FIXED_SHARES = Block(
    name="fixed-shares",
    title="a global bank invests in fixed proportions: net investment of every region moves alike (Hertel 1997,"
    " RORDELTA = 0)",
    option=("saving", "shares"),
    symbols=(PACE, WORLD_PACE, REPLACED),
    equations=(pace_of_investment,),
    calibrate=_replaced,
    held=_held,
    instruments=frozenset({"world_pace"}),
    closures={"global-bank-fixed-shares": {"saving": "shares"}},
)
