r"""Labour supply: employment follows the real wage with an elasticity.

    employment = (real wage) ** elasticity

The elasticity is a supply elasticity of labour, or, with a rate of unemployment as a datum, that of a wage curve:
where the real wage falls with unemployment, w = u^(-beta), employment is (1 - u0 w^(-1/beta)) / (1 - u0), whose
elasticity at the benchmark is u0 / ((1 - u0) beta). Zero is a fixed supply.

Source: Blanchflower and Oswald (1994), "The wage curve"; of beta, Nijkamp and Poot (2005), "The last word on the wage
curve?", Journal of Economic Surveys 19(3): 0.07 after correction for publication bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from cge.block import Block, Given, Mask
from cge.equation import equation
from cge.forms import power
from cge.notation import symbols
from cge.symbols import ELASTICITY, FLAG, INDEX, RF

if TYPE_CHECKING:
    from cge.model import Model

SUPPLY = symbols(
    "variable",
    ("lsup", RF, INDEX, r"\bar\ell_{rf}", "labour supply: endowment over what the real wage calls forth", 1.0, "works"),
)["lsup"]
WORKS, RESPONSE = symbols(
    "parameter",
    ("works", RF, FLAG, r"\mathbb{1}^E_{rf}", "labour, where its supply follows the real wage"),
    ("sigma_labour", RF, ELASTICITY, r"\epsilon^L_{rf}", "of labour supply to the real wage"),
).values()

GIVENS = {
    "labour_supply": Given(
        ("region",), np.nan, 0.0, 20.0, "elasticity of labour supply to the real wage net of direct tax"
    ),
    "unemployment": Given(
        ("region",), np.nan, 0.0, 0.9, "rate of unemployment in the benchmark; with it the supply curve is a wage curve"
    ),
    "wage_curve": Given(
        ("region",), 0.1, 0.01, 1.0, "elasticity of the wage to unemployment, minus (Blanchflower and Oswald 1994: 0.1)"
    ),
}
USUAL = 0.3
"""Elasticity of supply where neither it nor unemployment is given. Source: Chetty, Guren, Manoli and Weber (2011), "Are
micro and macro labor supply elasticities consistent?", American Economic Review 101(3): steady-state elasticities on
the extensive margin of 0.25 to 0.3."""


@equation(SUPPLY, defines=True)
def labour_supply(m: Any, r: Any, f: Any) -> tuple[Any, Any]:
    """Employment over what the real wage calls forth (index); a closure holds it at one and frees employment.

    Source: Blanchflower and Oswald (1994), "The wage curve", MIT Press, ch. 4.
    """
    return m.lsup[r, f], m.endow[r, f] / power(m.rw[r, f], m.sigma_labour[r, f])


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    u, beta, elasticity = (given[name] for name in ("unemployment", "wage_curve", "labour_supply"))
    curve = u / ((1.0 - u) * beta)
    response = elasticity.where(np.isfinite(elasticity), curve.where(np.isfinite(curve), USUAL))
    works = p["is_labour"] * (p["endowment"] > 0.0)
    return {"works": works, "sigma_labour": response * works}


def _held(model: Model) -> dict[str, Mask]:
    works = model.exists["lsup"]
    return {"lsup": works, "endow": ~works}


LABOUR_SUPPLY = Block(
    name="labour-supply",
    title="employment follows the real wage with an elasticity, or along a wage curve",
    option=("labour", "supply"),
    symbols=(SUPPLY, WORKS, RESPONSE),
    equations=(labour_supply,),
    givens=GIVENS,
    calibrate=_calibrate,
    held=_held,
    moves=frozenset({"td"}),
    closures={"labour-supply": {"labour": "supply"}},
)
