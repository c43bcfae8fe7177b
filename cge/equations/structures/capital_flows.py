r"""Capital that moves between regions by its returns, at a stated elasticity; its owners stay where they are.

    stock that works in a region = benchmark stock x (return / return of the world) ** elasticity

with the return net of direct tax over the price of investment, and the return of the world such that what moves in is
what moves out. A fund holds what moves: who sends capital abroad is paid the world's average reward on it, who
receives some pays that. What the capital earns in a host beyond it stays there, and vanishes as the elasticity rises.

Zero is a fixed stock in each region; infinity would be one return in the world. Unlike the long run, the world's
capital is given, and what it earns is its owners': EV needs no correction for added capital.

Sources: Ianchovichina and McDougall (2000), "Theoretical structure of dynamic GTAP", GTAP Technical Paper 17 (the
global trust); of the elasticity, de Mooij and Ederveen (2003), "Taxation and foreign direct investment: a synthesis of
empirical research", International Tax and Public Finance 10 (foreign-owned stocks fall by 3 % for a point of tax, which
at a tax of a third is an elasticity of 2 to the net return; of the whole stock it is that times its part in foreign
hands).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from cge.block import Block, Given, Mask
from cge.equation import equation, quantity
from cge.errors import PolicyError
from cge.forms import power
from cge.notation import symbols
from cge.symbols import ELASTICITY, FLAG, INDEX, PART, RF, SHARE, WORLD

from .ownership import CLAIMS, OWNERSHIP

if TYPE_CHECKING:
    from cge.model import Model

PULL, PLACED = symbols(
    "variable",
    ("pull", RF, INDEX, r"\hat q_{rf}", "capital over what its return calls to a region", 1.0, "roams"),
    ("placed", (), WORLD, "K^W", "capital that moved into all regions together, at benchmark rewards; zero", 0.0),
).values()
WORLD_RETURN = symbols("instrument", ("rworld", (), INDEX, r"\hat r^W", "return to capital that moves, of the world"))[
    "rworld"
]
ROAMS, MOBILITY, NET_CAPITAL, NET_PART, IN_WORLD = symbols(
    "parameter",
    ("roams", RF, FLAG, r"\mathbb{1}^W_{rf}", "capital that may move abroad"),
    ("sigma_mobility", RF, ELASTICITY, r"\epsilon^K_{rf}", "of the stock in a region to its return"),
    ("net_capital", RF, SHARE, r"\bar K^N_{rf}", "reward of capital that may move, net of direct tax"),
    ("net_part", RF, PART, r"\omega^{KN}_{rf}", "the same as a part of the world's"),
    ("in_world", RF, WORLD, r"\bar K^W_{rf}", "the same as a share of the world's income"),
).values()

GIVENS = {
    "capital_mobility": Given(
        ("region",), 1.0, 0.0, 20.0, "elasticity of the stock of capital in a region to its return over the world's"
    )
}


@equation(PULL, defines=True)
def called_by_its_return(m: Any, r: Any, f: Any) -> tuple[Any, Any]:
    """Capital in a region over what its return net of tax calls there (index); held at one, with stocks freed.

    Source: Ianchovichina and McDougall (2000), GTAP Technical Paper 17.
    """
    own = m.w[r, f] * m.left_by_tax[r] / m.pinv[r]
    return m.pull[r, f], m.endow[r, f] / power(own / m.rworld[()], m.sigma_mobility[r, f])


@equation(PLACED, defines=True)
def placed_abroad(m: Any) -> tuple[Any, Any]:
    """Capital that moved into all regions less what moved out (share of world income); held at zero.

    Source: Ianchovichina and McDougall (2000), GTAP Technical Paper 17.
    """
    return m.placed[()], m.total(("region", "factor"), lambda r, f: m.in_world[r, f], lambda r, f: m.endow[r, f] - 1.0)


@quantity((), r"w^W")
def paid_by_fund(m: Any) -> Any:
    """Average reward of the world's capital net of direct tax, index."""
    return m.total(
        ("region", "factor"), lambda r, f: m.net_part[r, f], lambda r, f: m.endow[r, f] * m.w[r, f] * m.left_by_tax[r]
    )


@equation(CLAIMS, defines=True, replaces="claims_on_capital")
def claims_on_the_fund(m: Any, r: Any) -> tuple[Any, Any]:
    """Income of a region's capital abroad less that of foreigners' here, that of the fund included (share of income).

    Source: Ianchovichina and McDougall (2000), GTAP Technical Paper 17.
    """
    sent = m.total(("factor",), lambda f: m.net_capital[r, f], lambda f: 1.0 - m.endow[r, f])
    return m.claims[r], m.earned_abroad[r] - m.earned_here[r] + sent * m.paid_by_fund[()]


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    roams = (p["is_capital"] * (p["endowment"] > 0.0) * p["invests"]).drop_attrs().transpose(*RF)
    net = roams * (p["endowment"] * (1.0 - p["td0"])).drop_attrs()
    world = float(net.sum())
    return {
        "roams": roams,
        "sigma_mobility": roams * given["capital_mobility"],
        "net_capital": (net / p["income0"].drop_attrs()).transpose(*RF),
        "net_part": net / (world or 1.0),
        "in_world": net / float(p["income0"].sum()),
    }


def _held(model: Model) -> dict[str, Mask]:
    roams = model.exists["pull"]
    if not roams.any():
        raise PolicyError("capital that moves abroad needs a factor whose role is capital, in a region that invests")
    if not model.constants["sigma_mobility"].any():
        raise PolicyError("capital_mobility is zero in every region, so none moves; use capital 'fixed', or give one")
    return {"pull": roams, "endow": ~roams, "placed": np.array(True), "rworld": np.array(False)}


CAPITAL_FLOWS = Block(
    name="capital-flows",
    title="capital moves between regions by its returns, at an elasticity (capital_mobility, 1 if none is given), and"
    " what it earns abroad is its owners'",
    option=("capital", "mobile"),
    needs=(OWNERSHIP,),
    symbols=(PULL, PLACED, WORLD_RETURN, ROAMS, MOBILITY, NET_CAPITAL, NET_PART, IN_WORLD),
    equations=(called_by_its_return, placed_abroad, claims_on_the_fund),
    quantities=(paid_by_fund,),
    givens=GIVENS,
    calibrate=_calibrate,
    held=_held,
    instruments=frozenset({"rworld"}),
    moves=frozenset({"td"}),
    closures={"mobile-capital": {"capital": "mobile"}},
)
