"""Final demand: the regional household, goods of government and investment, use of goods."""

from __future__ import annotations

from typing import Any

from cge.equation import equation, quantity
from cge.forms import power, unit_cost

HOUSEHOLD, GOVERNMENT, INVESTMENT = 0, 1, 2
"""Positions on the agent axis."""


@quantity(("region", "sector", "agent"), r"p^{CB}_{rsa}")
def final_basic_price(m: Any, r: Any, s: Any, a: Any) -> Any:
    """Armington price of what an agent buys, before the tax on final demand, index."""
    return m.pa[r, s]


@quantity(("region", "sector", "agent"), r"p^{CU}_{rsa}")
def final_paid_price(m: Any, r: Any, s: Any, a: Any) -> Any:
    """What an agent pays for what costs one before tax at the benchmark."""
    return m.final_basic_price[r, s, a] * (1.0 + m.tc[r, s, a])


@quantity(("region", "sector", "agent"), r"p^C_{rsa}")
def final_price(m: Any, r: Any, s: Any, a: Any) -> Any:
    """Armington price with the tax on final demand, index."""
    return m.final_paid_price[r, s, a] / (1.0 + m.tc0[r, s, a])


@quantity(("region", "sector"), "p^H_{rs}")
def consumer_price(m: Any, r: Any, s: Any) -> Any:
    """Price of a good to the household, index."""
    return m.final_price[r, s, HOUSEHOLD]


@quantity(("region", "sector"), "G^G_{rs}")
def government_volume(m: Any, r: Any, s: Any) -> Any:
    """A good that government buys, by Shephard's lemma, index."""
    return m.g[r] * power(m.pg[r] / m.final_price[r, s, GOVERNMENT], m.sigma_g[r])


@quantity(("region", "sector"), "I^I_{rs}")
def investment_volume(m: Any, r: Any, s: Any) -> Any:
    """A good that investment takes, by Shephard's lemma, index."""
    return m.inv[r] * power(m.pinv[r] / m.final_price[r, s, INVESTMENT], m.sigma_i[r])


@quantity(("region",), r"z^H_r")
def household_emissions(m: Any, r: Any) -> Any:
    """CO2 of households over its benchmark value: it moves with the volume of their consumption."""
    return m.total(("sector",), lambda s: m.share_cpi[r, s], lambda s: m.c[r, s])


@quantity(("region",), r"\kappa^P_r")
def cost_of_subsistence(m: Any, r: Any) -> Any:
    """Value of subsistence consumption, share of benchmark income."""
    return m.total(
        ("sector",),
        lambda s: m.subsistence_cost[r, s],
        lambda s: m.consumer_price[r, s],
    )


@quantity(("region",), "b^S_r")
def propensity_to_save(m: Any, r: Any) -> Any:
    """Saving in the household's supernumerary income at the benchmark, share."""
    return (m.saving0[r] - m.worn0[r]) / (m.super_regional[r] - m.worn0[r])


@quantity(("region",), "v^C_r")
def spending_power(m: Any, r: Any) -> Any:
    """Supernumerary income for goods and government, index."""
    return m.v[r]


@quantity(("region",), "v^S_r")
def saving_power(m: Any, r: Any) -> Any:
    """Supernumerary income for saving, index."""
    return m.v[r]


@quantity(("region",), r"\delta^I_r")
def worn(m: Any, r: Any) -> Any:
    """Depreciation that income is net of, share of benchmark income; none where income is gross."""
    return 0.0


@quantity(("region",), r"\bar\delta^I_r")
def worn0(m: Any, r: Any) -> Any:
    """Its benchmark value, share of benchmark income."""
    return 0.0


@equation("v", defines=True)
def supernumerary_income(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Income above the cost of subsistence, which the regional household divides (index).

    The household's utility is Stone-Geary over goods, government and saving, so that EV covers all three.

    Source: Lluch (1973), "The extended linear expenditure system"; saving and government in utility: Hertel
    (1997), ch. 2, and McDougall (2003), GTAP Technical Paper 20.
    """
    free = m.income[r] - m.worn[r] - m.cost_of_subsistence[r]
    return m.v[r], free / (m.super_regional[r] - m.worn0[r])


@equation("c", defines=True)
def consumption(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Household demand for a good, linear expenditure system; Cobb-Douglas where subsistence is zero (index).

    Source: Stone (1954), "Linear expenditure systems and demand analysis"; Lluch (1973).
    """
    free = 1.0 - m.subsistence[r, s]
    return m.c[r, s], m.subsistence[r, s] + free * m.spending_power[r] / m.consumer_price[r, s]


@equation("pg", defines=True)
def government_price(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Price of government consumption (index).

    Source: Hertel (1997), ch. 2.
    """
    return m.pg[r], _agent_price(m, r, GOVERNMENT, m.sigma_g[r])


@equation("pinv", defines=True)
def investment_price(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Price of investment (index).

    Source: Hertel (1997), ch. 2.
    """
    return m.pinv[r], _agent_price(m, r, INVESTMENT, m.sigma_i[r])


def _agent_price(m: Any, r: Any, agent: int, sigma: Any) -> Any:
    return unit_cost(
        m,
        ("sector",),
        lambda s: m.share_final[r, s, agent],
        lambda s: m.final_price[r, s, agent],
        sigma,
    )


@equation("g", defines=True)
def government_demand(m: Any, r: Any) -> tuple[Any, Any]:
    r"""The regional household's spending on government is a fixed share of supernumerary income (index).

    Source: Hertel (1997), ch. 2.
    """
    return m.g[r], m.spending_power[r] / m.pg[r]


@equation("cpi", defines=True)
def consumer_price_index(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Consumer price index, Laspeyres (index).

    Source: ILO (2004), "Consumer price index manual", ch. 1.
    """
    return m.cpi[r], m.total(
        ("sector",),
        lambda s: m.share_cpi[r, s],
        lambda s: m.consumer_price[r, s],
    )


@quantity(("region",), r"P^*_r")
def prices_of_partners(m: Any, r: Any) -> Any:
    """Consumer prices of a region's partners, weighted with trade; of the world's factors where it has none, index."""
    partners = m.total(("exporter",), lambda i: m.partner[i, r], lambda i: m.cpi[i])
    return partners + (1.0 - m.trades_abroad[r]) * m.pworld[()]


@equation("qa", defines=True)
def composite_market(m: Any, r: Any, g: Any) -> tuple[Any, Any]:
    r"""The composite meets the demands of industries, household, government and investment (index).

    Source: Hertel (1997), ch. 2.
    """
    industries = m.total(("sector",), lambda s: m.use_input[r, g, s], lambda s: m.input_volume[r, g, s])
    return m.qa[r, g], (
        industries
        + m.use_final[r, g, HOUSEHOLD] * m.c[r, g]
        + m.use_final[r, g, GOVERNMENT] * m.government_volume[r, g]
        + m.use_final[r, g, INVESTMENT] * m.investment_volume[r, g]
    )
