"""Supply of transport margins by a CES over regions, where the standard structure has Cobb-Douglas.

Source: Corong, Hertel, McDougall, Tsigas and van der Mensbrugghe (2017), "The standard GTAP model, version 7", Journal
of Global Economic Analysis 2(1), section 2 (ESUBS).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from cge.block import Block, Given
from cge.equation import equation, quantity
from cge.forms import power, unit_cost
from cge.notation import symbols
from cge.symbols import ELASTICITY, M

SIGMA = symbols("parameter", ("sigma_s", M, ELASTICITY, r"\sigma^S_m", "among suppliers of a margin"))["sigma_s"]


@quantity(("region", "sector", "margin"), r"T^S_{rsm}", replaces=True)
def margin_sale(m: Any, r: Any, s: Any, k: Any) -> Any:
    """Services that a supplier sells for a margin, by Shephard's lemma, index."""
    return m.qt[k] * power(m.pt[k] / m.px[r, s], m.sigma_s[k])


@equation("pt", defines=True, replaces="margin_price")
def margin_price_of_suppliers(m: Any, k: Any) -> tuple[Any, Any]:
    r"""Price of a world transport margin, CES over its suppliers (index).

    Source: Corong et al. (2017), section 2.
    """
    return m.pt[k], unit_cost(
        m,
        ("region", "sector"),
        lambda r, s: m.share_margin_supply[r, s, k],
        lambda r, s: m.px[r, s],
        m.sigma_s[k],
    )


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    return {"sigma_s": given["esubs"]}


MARGIN_SUPPLY = Block(
    name="margin-supply",
    title="regions' transport services substitute in a margin with an elasticity of their own (GTAP's ESUBS)",
    symbols=(SIGMA,),
    equations=(margin_price_of_suppliers,),
    quantities=(margin_sale,),
    givens={"esubs": Given(M, 1.0, 0.0, 50.0, "elasticity among the suppliers of a margin (GTAP: ESUBS)")},
    calibrate=_calibrate,
)
