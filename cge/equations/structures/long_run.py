r"""The long run: each region's capital adjusts until it earns what it earned at the benchmark.

Held are the rental of capital net of direct tax over the price of the goods that capital is made of, and the stock of
capital over investment, which keeps it up. The stock, and the household's propensity to save, give way:

    rental (1 - t) / (price of investment) = its benchmark value;  stock / investment = its benchmark value

With goods and government in the benchmark's proportions and :math:`b` the propensity to save, a household whose
propensity is :math:`s b` spends :math:`(1 - s b)/(1 - b)` of what it would on them.

The stock is no gift: `cge.welfare.ev_net` takes off what its upkeep and the waiting for it cost (docs/welfare.md).

Sources: Francois, McDonald and Nordström (1996), "Trade liberalization and capital accumulation in the GTAP model",
GTAP Technical Paper 7; Rutherford and Tarr (2003), "Regional trading arrangements for Chile: do the results differ with
a dynamic model?".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from cge.block import Array, Block, Mask, Part, Table
from cge.equation import equation, quantity
from cge.errors import PolicyError
from cge.notation import symbols
from cge.symbols import FLAG, INDEX, RF, R

if TYPE_CHECKING:
    from cge.model import Model

RETURN, DEPTH = symbols(
    "variable",
    ("real_return", RF, INDEX, r"\hat r_{rf}", "rental of capital net of direct tax over the price of investment", 1.0,
     "accumulates"),
    ("depth", R, INDEX, r"\hat k_r", "stock of capital over investment", 1.0, "thrifty"),
).values()  # fmt: skip
THRIFT = symbols("instrument", ("thrift", R, INDEX, "s_r", "propensity to save, over the benchmark's", 1.0, "thrifty"))[
    "thrift"
]
ACCUMULATES, THRIFTY = symbols(
    "parameter",
    ("accumulates", RF, FLAG, r"\mathbb{1}^A_{rf}", "capital, in a region that invests"),
    ("thrifty", R, FLAG, r"\mathbb{1}^H_r", "the region invests, and its households save"),
).values()


@quantity(("region",), "v^C_r", replaces=True)
def spending_power(m: Any, r: Any) -> Any:
    """Supernumerary income for goods and government at the propensity to save of the point, index."""
    b = m.propensity_to_save[r]
    return m.v[r] * (1.0 - b * m.thrift[r]) / (1.0 - b)


@quantity(("region",), "v^S_r", replaces=True)
def saving_power(m: Any, r: Any) -> Any:
    """Supernumerary income for saving at the propensity to save of the point, index."""
    return m.v[r] * m.thrift[r]


@equation(RETURN, defines=True)
def real_return(m: Any, r: Any, f: Any) -> tuple[Any, Any]:
    """Rental of capital net of direct tax over the price of investment (index); the long run holds it at one.

    Source: Francois, McDonald and Nordström (1996), GTAP Technical Paper 7.
    """
    return m.real_return[r, f], m.w[r, f] * (1.0 - m.td[r]) / (1.0 - m.td0[r]) / m.pinv[r]


@equation(DEPTH, defines=True)
def capital_over_investment(m: Any, r: Any) -> tuple[Any, Any]:
    """Stock of capital over investment (index); the long run holds it at one, so that investment is its upkeep.

    Source: Francois, McDonald and Nordström (1996), GTAP Technical Paper 7.
    """
    stock = m.total(("factor",), lambda f: m.share_capital[r, f], lambda f: m.endow[r, f])
    return m.depth[r], stock / m.inv[r]


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    saves = (p["saving0"] > 0.0) & (p["household_saving0"] > 0.0)
    capital = (p["is_capital"] * (p["endowment"] > 0.0)).transpose("region", "factor")
    return {
        "accumulates": capital * p["invests"],
        "thrifty": p["invests"] * saves * (capital.sum("factor") > 0.0),
    }


def _held(model: Model) -> dict[str, Mask]:
    grows, saves = model.exists["real_return"], model.exists["depth"]
    if not grows.any():
        raise PolicyError("the long run needs a factor whose role is capital, in a region that invests")
    return {"real_return": grows, "endow": ~grows, "depth": saves, "thrift": ~saves}


def _log(x: Array) -> Array:
    return np.log(x)


def _coordinates(p: Table, x: Table) -> dict[str, Array]:
    grows = p["accumulates"]
    stock = p["endowment"] * x["endow"]
    return {
        "factors": stock * (1.0 - grows),
        "capital": stock * grows,
        "thrift": _log(x["pinv"] / x.structure.household.price_of_spending(p, x)),  # type: ignore[attr-defined]
    }


def _weights(p: Table, x: Table) -> dict[str, Array]:
    wants = x.structure.household.preferences(p, x)  # type: ignore[attr-defined]
    return {
        "factors": x["w"],
        "capital": x["w"],
        "thrift": p["income0"] * wants.saving * (x["saving_power"] - x["v"]),
    }


LONG_RUN = Block(
    name="long-run",
    title="each region's capital adjusts until its rental net of tax over the price of investment is the benchmark's;"
    " the propensity to save keeps investment at its upkeep",
    option=("capital", "long"),
    symbols=(RETURN, DEPTH, THRIFT, ACCUMULATES, THRIFTY),
    equations=(real_return, capital_over_investment),
    quantities=(spending_power, saving_power),
    calibrate=_calibrate,
    held=_held,
    instruments=frozenset({"thrift"}),
    moves=frozenset({"td"}),
    parts={
        "capital": Part("capital", "region", "reward x capital added: its user cost"),
        "thrift": Part("investment_saving", "region", "saving beyond the benchmark's propensity x its relative price"),
    },
    coordinates=_coordinates,
    weights=_weights,
    closures={"long": {"capital": "long"}},
)
