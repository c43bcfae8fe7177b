"""Final demand: the regional household (or household and government), government goods, investment, use of goods."""

from __future__ import annotations

from typing import Any

from cge.forms import power, unit_cost

from .production import input_demand
from .registry import equation

HOUSEHOLD, GOVERNMENT, INVESTMENT = 0, 1, 2
"""Positions on the agent axis."""


def final_price(m: Any, r: Any, s: Any, agent: int) -> Any:
    """Armington price with the tax on final demand, index."""
    return m.pa[r, s] * (1.0 + m.tc[r, s, agent]) / (1.0 + m.tc0[r, s, agent])


def cost_of_subsistence(m: Any, r: Any) -> Any:
    """Value of subsistence consumption, share of benchmark income."""
    return m.total(
        ("sector",),
        lambda s: m.subsistence_cost[r, s],
        lambda s: final_price(m, r, s, HOUSEHOLD),
    )


def disposable_income(m: Any, r: Any) -> Any:
    """Income of the private household after direct and lump-sum taxes, share of benchmark income."""
    earned = m.factor_earnings[r] - m.direct_taxes[r] + m.rent_abroad[r] + m.rent_home[r]
    received = m.transfers0[r] * m.pworld[()] + transfer_from_abroad(m, r)
    return earned + received - m.lumpsum[r] * m.cpi[r]


def transfer_from_abroad(m: Any, r: Any) -> Any:
    """Foreign saving of a region that does not invest, which is income there, share of benchmark income."""
    return (1.0 - m.invests[r]) * (m.sf[r] * m.pworld[()] + m.walras[()])


@equation("v", household="regional", defines=True)
def supernumerary_income(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Income above the cost of subsistence, which the regional household divides (index).

    .. math:: v_r = \Big(E_r - \sum_s \kappa_{rs} C^0_{rs} p^C_{rs}\Big) \Big/ \bar v_r

    The household's utility is Stone-Geary over goods, government and saving, so that EV covers all three.

    Source: Lluch (1973), "The extended linear expenditure system"; saving and government in utility: Hertel
    (1997), ch. 2, and McDougall (2003), GTAP Technical Paper 20.
    """
    return m.v[r], (m.income[r] - cost_of_subsistence(m, r)) / m.super_regional[r]


@equation("v", household="separate", defines=True)
def supernumerary_private_income(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Disposable income above the cost of subsistence, which the private household divides (index).

    .. math:: v_r = \Big((1-t^D_r) E^F_r + Q^X_r + Q^M_r - T_r P_r - \sum_s \kappa_{rs} C^0_{rs} p^C_{rs}\Big)
        \Big/ \bar v_r

    In a region that does not invest, foreign saving is a transfer to the household, which spends what the government
    saves: nothing else can take it up.

    Source: Lluch (1973).
    """
    lent = (1.0 - m.invests[r]) * m.sg[r] * m.cpi[r]
    return m.v[r], (disposable_income(m, r) + lent - cost_of_subsistence(m, r)) / m.super_private[r]


@equation("c", defines=True)
def consumption(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Household demand for a good, linear expenditure system; Cobb-Douglas where subsistence is zero (index).

    .. math:: C_{rs} = \kappa_{rs} + (1-\kappa_{rs}) v_r / p^C_{rs}

    Source: Stone (1954), "Linear expenditure systems and demand analysis"; Lluch (1973).
    """
    free = 1.0 - m.subsistence[r, s]
    return m.c[r, s], m.subsistence[r, s] + free * m.v[r] / final_price(m, r, s, HOUSEHOLD)


@equation("pg", defines=True)
def government_price(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Price of government consumption (index).

    .. math:: p^G_r = \Big[\sum_s \theta^G_{rs} (p^G_{rs})^{1-\sigma^G_r}\Big]^{1/(1-\sigma^G_r)}

    Source: Hertel (1997), ch. 2.
    """
    return m.pg[r], _agent_price(m, r, GOVERNMENT, m.sigma_g[r])


@equation("pinv", defines=True)
def investment_price(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Price of investment (index).

    .. math:: p^I_r = \Big[\sum_s \theta^I_{rs} (p^I_{rs})^{1-\sigma^I_r}\Big]^{1/(1-\sigma^I_r)}

    Source: Hertel (1997), ch. 2.
    """
    return m.pinv[r], _agent_price(m, r, INVESTMENT, m.sigma_i[r])


def _agent_price(m: Any, r: Any, agent: int, sigma: Any) -> Any:
    return unit_cost(
        m,
        ("sector",),
        lambda s: m.share_final[r, s, agent],
        lambda s: final_price(m, r, s, agent),
        sigma,
    )


@equation("g", household="regional", defines=True)
def government_demand(m: Any, r: Any) -> tuple[Any, Any]:
    r"""The regional household's spending on government is a fixed share of supernumerary income (index).

    .. math:: G_r = v_r / p^G_r

    Source: Hertel (1997), ch. 2.
    """
    return m.g[r], m.v[r] / m.pg[r]


@equation("g", household="separate", defines=True)
def government_budget(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Government spends what it takes in and does not save (index); a closure may hold G and free a tax.

    .. math:: p^G_r G_r G^0_r = E_r - (1-t^D_r) E^F_r - Q^X_r - Q^M_r + T_r P_r - S^G_r P_r

    Source: Löfgren, Harris and Robinson (2002), "A standard CGE model in GAMS", IFPRI.
    """
    spending = m.income[r] - disposable_income(m, r) - m.sg[r] * m.cpi[r]
    return m.g[r], spending * m.income0[r] / m.government[r] / m.pg[r]


@equation("cpi", defines=True)
def consumer_price_index(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Consumer price index, Laspeyres (index).

    .. math:: P_r = \sum_s \omega_{rs} p^C_{rs}

    Source: ILO (2004), "Consumer price index manual", ch. 1.
    """
    return m.cpi[r], m.total(
        ("sector",),
        lambda s: m.share_cpi[r, s],
        lambda s: final_price(m, r, s, HOUSEHOLD),
    )


@equation("qa", defines=True)
def composite_market(m: Any, r: Any, g: Any) -> tuple[Any, Any]:
    r"""The composite meets the demands of industries, household, government and investment (index).

    .. math:: A_{rg} = \sum_s \phi^N_{rgs} N_{rgs} + \phi^C_{rg} C_{rg}
        + \phi^G_{rg} G_r (p^G_r/p^G_{rg})^{\sigma^G_r} + \phi^I_{rg} I_r (p^I_r/p^I_{rg})^{\sigma^I_r}

    Source: Hertel (1997), ch. 2.
    """
    industries = m.total(("sector",), lambda s: m.use_input[r, g, s], lambda s: input_demand(m, r, g, s))
    government = m.g[r] * power(m.pg[r] / final_price(m, r, g, GOVERNMENT), m.sigma_g[r])
    investment = m.inv[r] * power(m.pinv[r] / final_price(m, r, g, INVESTMENT), m.sigma_i[r])
    return m.qa[r, g], (
        industries
        + m.use_final[r, g, HOUSEHOLD] * m.c[r, g]
        + m.use_final[r, g, GOVERNMENT] * government
        + m.use_final[r, g, INVESTMENT] * investment
    )
