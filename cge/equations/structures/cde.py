r"""CDE private demand under GTAP's non-homothetic regional household.

Private utility :math:`U` and spending :math:`x` of a region are bound by the constant difference of elasticities,

    sum_s B_s Z_s = 1,  Z_s = U ** (beta_s gamma_s) (p_s / x) ** beta_s,  B_s proportional to share_s / beta_s,

and budget shares are those of the benchmark times :math:`Z_s`. The elasticity of spending in utility, :math:`\phi`, is
the mean of :math:`\gamma_s` at the budget shares of the point, so that the regional household, Cobb-Douglas in the
utilities of consumption, government and saving, divides income in proportions that move with it:

    private spending = y D_p Phi / phi,  government = y D_g Phi,  net saving = y D_s Phi
    Phi = 1 / (D_p / phi + D_g + D_s)

Its welfare is in `cge.nonhomothetic`. With beta equal over goods, demand is CES with elasticity one less beta; with
gamma equal over goods too, the upper level is Cobb-Douglas.

Sources: Hanoch (1975), "Production and demand models with direct or indirect implicit additivity", Econometrica 43(3);
Hertel (1997), "Global Trade Analysis", ch. 2; McDougall (2003), "A new regional household demand system for GTAP",
GTAP Technical Paper 20.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from cge.block import Block, Given
from cge.equation import equation, quantity
from cge.errors import ModelError
from cge.forms import power
from cge.nonhomothetic import NONHOMOTHETIC
from cge.notation import Measure, symbols
from cge.symbols import FLAG, INDEX, RS, SHARE, SIGNED, R

EXPONENT = Measure("parameter of the CDE")

UTILITY, SPENT, VALUE, EXPANSION, UPPER = symbols(
    "variable",
    ("up", R, INDEX, "U^P_r", "utility of private consumption", 1.0, "spends"),
    ("spent", R, INDEX, "x^P_r", "private spending", 1.0, "spends"),
    ("cde_value", R, INDEX, r"\zeta^P_r", "sum of budget shares of the CDE before they are scaled to one", 1.0,
     "spends"),
    ("expansion", R, INDEX, r"\varphi^P_r", "elasticity of private spending in utility, over its benchmark", 1.0,
     "spends"),
    ("upper", R, INDEX, r"\Phi_r", "elasticity of income in the utility of the regional household", 1.0),
).values()  # fmt: skip

PARAMETERS = symbols(
    "parameter",
    ("spends", R, FLAG, r"\mathbb{1}^U_r", "households consume"),
    ("cde_beta", RS, EXPONENT, r"\beta^P_{rs}", "substitution parameter, one less alpha (SUBPAR)"),
    ("cde_gamma", RS, EXPONENT, r"\gamma^P_{rs}", "expansion parameter (INCPAR)"),
    ("cde_weight", RS, SIGNED, "B^P_{rs}", "weight of a good in the CDE"),
    ("share_gamma", RS, SIGNED, r"\omega^\gamma_{rs}", "good in the mean expansion parameter at the benchmark"),
    ("private0", R, SHARE, r"\bar x^P_r", "benchmark private spending"),
    ("government0", R, SHARE, r"\bar G^P_r", "benchmark government spending"),
)

GIVENS = {
    "cde_substitution": Given(
        RS, np.nan, -20.0, 1.0, "substitution parameter of the CDE, one less alpha (GTAP: SUBPAR); not zero"
    ),
    "cde_expansion": Given(RS, np.nan, 1e-3, 20.0, "expansion parameter of the CDE (GTAP: INCPAR)"),
}
"""Without them the CDE nearest to the income elasticities and the Frisch parameter (see `fitted`)."""

LOWEST = 0.02
"""Smallest substitution parameter of a fitted CDE: at zero the form is another."""


@quantity(RS, r"Z_{rs}")
def cde_term(m: Any, r: Any, s: Any) -> Any:
    """Budget share of a good before shares are scaled to one, over its benchmark."""
    beta = m.cde_beta[r, s]
    return power(m.up[r], beta * m.cde_gamma[r, s]) * power(m.consumer_price[r, s] / m.spent[r], beta)


@equation(UTILITY)
def private_utility(m: Any, r: Any) -> tuple[Any, Any]:
    """Utility of private consumption, which spending and prices give implicitly (index).

    Source: Hanoch (1975); Hertel (1997), ch. 2.
    """
    return m.total(("sector",), lambda s: m.cde_weight[r, s], lambda s: m.cde_term[r, s]), 1.0


@equation(VALUE, defines=True)
def budget_of_the_cde(m: Any, r: Any) -> tuple[Any, Any]:
    """Sum of budget shares before they are scaled to one (index).

    Source: Hanoch (1975).
    """
    return m.cde_value[r], m.total(("sector",), lambda s: m.share_cpi[r, s], lambda s: m.cde_term[r, s])


@equation(EXPANSION, defines=True)
def elasticity_of_private_spending(m: Any, r: Any) -> tuple[Any, Any]:
    """Elasticity of private spending in its utility: the mean expansion parameter at the point's budget shares (index).

    Source: McDougall (2003), section 3.
    """
    mean = m.total(("sector",), lambda s: m.share_gamma[r, s], lambda s: m.cde_term[r, s])
    return m.expansion[r], mean / m.cde_value[r]


@equation(UPPER, defines=True)
def elasticity_of_income(m: Any, r: Any) -> tuple[Any, Any]:
    """Elasticity of income in the utility of the regional household, which makes its three shares sum to one (index).

    Source: McDougall (2003), section 3.
    """
    goods = m.spending_power[r] * (m.private0[r] / m.expansion[r] + m.government0[r])
    saved = m.saving_power[r] * (m.saving0[r] - m.worn0[r])
    return m.upper[r], m.v[r] * (1.0 - m.worn0[r]) / (goods + saved)


@equation("v", defines=True, replaces="supernumerary_income")
def net_income(m: Any, r: Any) -> tuple[Any, Any]:
    """Income that the regional household divides: nothing is subsistence (index).

    Source: Hertel (1997), ch. 2.
    """
    return m.v[r], (m.income[r] - m.worn[r]) / (1.0 - m.worn0[r])


@equation(SPENT)
def private_spending(m: Any, r: Any) -> tuple[Any, Any]:
    """Private spending: its share falls where its elasticity in utility rises (index).

    Source: McDougall (2003), section 3.
    """
    return m.spent[r], m.spending_power[r] * m.upper[r] / m.expansion[r]


@equation("c", defines=True, replaces="consumption")
def cde_consumption(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    """Household demand for a good: its budget share times spending, over its price (index).

    Source: Hanoch (1975); Hertel (1997), ch. 2.
    """
    share = m.cde_term[r, s] / m.cde_value[r]
    return m.c[r, s], share * m.spent[r] / m.consumer_price[r, s]


@equation("g", defines=True, replaces="government_demand")
def government_share(m: Any, r: Any) -> tuple[Any, Any]:
    """Spending on government: a share of income that moves with the elasticity of income in utility (index).

    Source: McDougall (2003), section 3.
    """
    return m.g[r], m.spending_power[r] * m.upper[r] / m.pg[r]


@equation("saving", defines=True, replaces="regional_saving")
def net_saving(m: Any, r: Any) -> tuple[Any, Any]:
    """Saving: a share of net income that moves likewise, and depreciation where income is net of it (share of benchmark
    income).

    Source: McDougall (2003), section 3.
    """
    return m.saving[r], (m.saving0[r] - m.worn0[r]) * m.saving_power[r] * m.upper[r] + m.worn[r]


def fitted(p: Mapping[str, xr.DataArray]) -> tuple[xr.DataArray, xr.DataArray]:
    """Parameters of the CDE nearest to the linear expenditure system of the same income elasticities [region, sector].

    Own-price elasticities of the system are about -eta_s / -Frisch: that is alpha. Expansion parameters follow from the
    income elasticities, eta_s = gamma_s beta_s + mean(gamma alpha) + alpha_s - mean(alpha), with mean(gamma) one.

    Source: Hertel (1997), appendix to ch. 2; Liu, Surry, Dimaranan and Hertel (1998), "CDE calibration", GTAP data base
    documentation.
    """
    like = p["share_cpi"]
    share, free = (array.transpose(*RS).values for array in (like, 1.0 - p["subsistence"]))
    phi = (share * free).sum(1, keepdims=True)
    eta = free / np.where(phi != 0.0, phi, 1.0)
    alpha = np.clip(phi * eta, 0.0, 1.0 - LOWEST)
    mean = (share * alpha).sum(1, keepdims=True)
    gamma = np.ones_like(alpha)
    for _ in range(200):  # gamma enters its own mean
        gamma = (eta - alpha + mean - (share * gamma * alpha).sum(1, keepdims=True)) / (1.0 - alpha)
        gamma = np.clip(gamma, 0.05, 10.0)
        total = (share * gamma).sum(1, keepdims=True)
        gamma = gamma / np.where(total != 0.0, total, 1.0)
    axes = like.transpose(*RS)
    return axes.copy(data=1.0 - alpha), axes.copy(data=gamma)


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    share = p["share_cpi"]
    near = fitted(p)
    beta, gamma = (
        own.where(np.isfinite(own), usual)
        for own, usual in zip((given["cde_substitution"], given["cde_expansion"]), near, strict=True)
    )
    weight = share / beta.where(beta != 0.0, np.nan)
    bought = share != 0.0
    mixed = (beta.where(bought).max("sector") > 0.0) & (beta.where(bought).min("sector") < 0.0)
    faults = [f"{share['region'].values[r]} {share['sector'].values[s]}: the substitution parameter is zero; give one "
              "near it, such as 0.001"
              for r, s in np.argwhere((bought & (beta == 0.0)).transpose("region", "sector").values)]  # fmt: skip
    faults += [f"{region}: substitution parameters lie on both sides of zero" for region in mixed.region.values[mixed]]
    if faults:
        raise ModelError(faults, "block cde")
    consumes = (p["private"].sum("sector") != 0.0).astype(float)
    mean, total = (share * gamma).sum("sector"), weight.sum("sector")
    return {
        "spends": consumes,
        "cde_beta": beta,
        "cde_gamma": gamma,
        "cde_weight": weight / total.where(total != 0.0, 1.0),
        "share_gamma": share * gamma / mean.where(mean != 0.0, 1.0),
        "private0": p["private"].sum("sector") / p["income0"],
        "government0": p["government"] / p["income0"],
    }


CDE = Block(
    name="cde",
    title="private demand is CDE, and the shares of consumption, government and saving move with utility (McDougall"
    " 2003)",
    symbols=(UTILITY, SPENT, VALUE, EXPANSION, UPPER, *PARAMETERS.values()),
    equations=(
        private_utility, budget_of_the_cde, elasticity_of_private_spending, elasticity_of_income, net_income,
        private_spending, cde_consumption, government_share, net_saving,
    ),
    quantities=(cde_term,),
    givens=GIVENS,
    calibrate=_calibrate,
    household=NONHOMOTHETIC,
    prices=("spent",),
)  # fmt: skip
