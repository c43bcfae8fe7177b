"""Taxes on factor income by factor and industry: owners of factors look at what is left after them.

A mobile factor earns the same in every industry after tax, and a sluggish one moves between rewards after tax. Revenue
is part of the regional household's income either way, so that without differences between industries only the weights
of employment change. `td` moves beside them.

Source: Corong, Hertel, McDougall, Tsigas and van der Mensbrugghe (2017), "The standard GTAP model, version 7", Journal
of Global Economic Analysis 2(1), section 2 (tinc, EVOS).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from cge.block import Array, Block, Given, Part, Table
from cge.equation import equation, quantity
from cge.notation import symbols
from cge.symbols import MONEY, PART, RF, RFS, WITHIN, YEARLY, R

TAX = symbols(
    "instrument", ("tinc", RFS, WITHIN, "t^E_{rfs}", "tax on factor income by industry", "tinc0", "factor_use")
)["tinc"]
PARAMETERS = symbols(
    "parameter",
    ("tinc0", RFS, WITHIN, r"\bar t^E_{rfs}", "benchmark tax on factor income by industry"),
    ("kept", RFS, PART, r"\phi^E_{rfs}", "industry in a factor's income after tax"),
    ("kept_income", RF, MONEY, r"\bar W^E_{rf}", "factor income after tax"),
    ("net_rental", R, YEARLY, r"\bar r^E_r", "rental per unit of capital after tax"),
)


@quantity(RFS, r"\phi^O_{rfs}", replaces=True)
def employed(m: Any, r: Any, f: Any, s: Any) -> Any:
    """Industry in the employment of a factor, whose units are its income after tax at the benchmark, share."""
    return m.kept[r, f, s]


@quantity(RFS, r"\tau^O_{rfs}", replaces=True)
def owner_wedge(m: Any, r: Any, f: Any, s: Any) -> Any:
    """What the tax leaves of a factor's reward in an industry, over the benchmark's part."""
    return (1.0 - m.tinc[r, f, s]) / (1.0 - m.tinc0[r, f, s])


@quantity(("region",), r"\rho^K_r", replaces=True)
def rental_rate(m: Any, r: Any) -> Any:
    """Rental of a unit of capital after tax at the benchmark, rate a year."""
    return m.net_rental[r]


@equation("direct_taxes", defines=True, replaces="direct_tax_revenue")
def income_tax_revenue(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Revenue of taxes on factor income, and of the direct tax beside them (share of benchmark income).

    Source: Corong et al. (2017), section 2.
    """
    own = m.total(
        ("factor", "sector"),
        lambda f, s: m.has_tinc[r, f, s] * m.factor_use[r, f, s] / m.income0[r],
        lambda f, s: m.tinc[r, f, s] * m.factor_tax_base[r, f, s],
    )
    return m.direct_taxes[r], own + (m.td[r] - m.td0[r]) * m.factor_earnings[r]


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    rate = given["income_tax"].where(np.isfinite(given["income_tax"]), p["td0"])
    used = p["factor_use"] > 0.0
    rate = rate.where(used, 0.0)
    # rounding apart, the rates yield the direct tax of the benchmark
    paid = (rate * p["factor_use"]).sum(("factor", "sector"))
    wanted = p["td0"] * p["factor_use"].sum(("factor", "sector"))
    close = abs(paid - wanted) <= 1e-4 * abs(wanted) + 1e-9
    rate = rate * xr.where(close & (paid != 0.0), wanted / paid.where(paid != 0.0, 1.0), 1.0)
    left = p["factor_use"] * (1.0 - rate)
    whole = left.sum("sector")
    owned, gross = ((income * p["share_capital"]).where(p["share_capital"] > 0.0, 0.0).sum("factor")
                    for income in (whole, p["endowment"]))  # fmt: skip
    return {
        "tinc0": rate,
        "kept": (left / whole.where(whole != 0.0)).fillna(0.0),
        "kept_income": whole,
        "net_rental": p["rental"] * (owned / gross.where(gross != 0.0)).fillna(1.0),
    }


def _coordinates(p: Table, x: Table) -> dict[str, Array]:
    return {"income_tax": p["factor_use"] * x["qf"], "factors": p["kept_income"] * x["endow"]}


def _weights(p: Table, x: Table) -> dict[str, Array]:
    return {"income_tax": x["tinc"] * x["pf"], "factors": x["w"]}


def _accounts(p: Table, x: Table) -> dict[str, Array]:
    paid = x["tinc"] * p["factor_use"] * x["qf"] * x["pf"]
    beside = (x["td"] - p["td0"]) * (p["factor_use"] * x["qf"] * x["pf"]).sum(("factor", "sector"))
    return {"direct_tax": paid.sum(("factor", "sector")) + beside + x["lumpsum"] * x["cpi"] * p["income0"]}


INCOME_TAX = Block(
    name="income-tax",
    title="factor income is taxed by factor and industry, and owners look at what is left",
    symbols=(TAX, *PARAMETERS.values()),
    equations=(income_tax_revenue,),
    quantities=(employed, owner_wedge, rental_rate),
    givens={
        "income_tax": Given(
            RFS, np.nan, -5.0, 0.99, "rate of the tax on factor income by industry; without it the direct tax's"
        )
    },
    calibrate=_calibrate,
    tax_bases={"tinc": ("factor_use", lambda m, r, f, s: m.factor_tax_base[r, f, s])},
    movable=("tinc",),
    parts={"income_tax": Part("allocative_efficiency", "region", "tax on factor income x employment")},
    coordinates=_coordinates,
    weights=_weights,
    accounts=_accounts,
)  # fmt: skip
