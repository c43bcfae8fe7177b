"""Production: nested CES technology, zero profit, and the split of output between home and foreign markets."""

from __future__ import annotations

from typing import Any

from cge.equation import equation, quantity
from cge.forms import power, unit_cost, unit_cost_of_two


@quantity(("region", "factor", "sector"), r"p^{FU}_{rfs}")
def factor_price(m: Any, r: Any, f: Any, s: Any) -> Any:
    """Factor reward with the factor tax, index."""
    return m.pf[r, f, s] * (1.0 + m.tf[r, f, s]) / (1.0 + m.tf0[r, f, s])


@quantity(("region", "input", "sector"), r"p^{NB}_{rgs}")
def input_basic_price(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Armington price of what an industry buys, before the tax on intermediates, index."""
    return m.pa[r, g]


@quantity(("region", "input", "sector"), r"p^{NU}_{rgs}")
def input_price(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Armington price with the tax on intermediates, index."""
    return m.input_basic_price[r, g, s] * (1.0 + m.ti[r, g, s]) / (1.0 + m.ti0[r, g, s])


@quantity(("region", "sector"), r"c_{rs}")
def unit_revenue(m: Any, r: Any, s: Any) -> Any:
    """Cost per unit of the technology's output at zero profit: the price net of tax, times productivity."""
    return m.py[r, s] * (1.0 - m.to[r, s]) / (1.0 - m.to0[r, s]) * m.tfp[r, s]


@quantity(("region", "sector"), r"y_{rs}")
def activity(m: Any, r: Any, s: Any) -> Any:
    """Volume of inputs per benchmark input: output over productivity."""
    return m.y[r, s] / m.tfp[r, s]


@quantity(("region", "input", "sector"), r"N_{rgs}")
def input_volume(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Demand of an industry for an intermediate, by Shephard's lemma, index."""
    bundle = m.activity[r, s] * power(m.unit_revenue[r, s] / m.pn[r, s], m.sigma_top[r, s])
    return bundle * power(m.pn[r, s] / m.input_price[r, g, s], m.sigma_n[r, s])


@quantity(("region", "sector"), r"z_{rs}")
def industry_emissions(m: Any, r: Any, s: Any) -> Any:
    """CO2 of an industry over its benchmark value: it moves with output."""
    return m.y[r, s]


@equation("pva", defines=True)
def value_added_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Unit cost of value added (index).

    Source: Hertel (1997), "Global Trade Analysis", ch. 2; Rutherford (2002).
    """
    return m.pva[r, s], unit_cost(
        m,
        ("factor",),
        lambda f: m.share_factor[r, f, s],
        lambda f: m.factor_price[r, f, s],
        m.sigma_va[r, s],
    )


@equation("pn", defines=True)
def intermediate_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Unit cost of the intermediate bundle (index).

    Source: Hertel (1997), ch. 2; Rutherford (2002).
    """
    return m.pn[r, s], unit_cost(
        m,
        ("input",),
        lambda g: m.share_input[r, g, s],
        lambda g: m.input_price[r, g, s],
        m.sigma_n[r, s],
    )


@equation("y")
def zero_profit(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""The price net of the output tax covers unit cost (index).

    Source: Hertel (1997), ch. 2.
    """
    return m.unit_revenue[r, s], unit_cost_of_two(m.share_va[r, s], m.pva[r, s], m.pn[r, s], m.sigma_top[r, s])


@equation("qf", defines=True)
def factor_demand(m: Any, r: Any, f: Any, s: Any) -> tuple[Any, Any]:
    r"""Demand of an industry for a factor, by Shephard's lemma (index); c is the cost of output.

    Source: Hertel (1997), ch. 2.
    """
    value_added = m.activity[r, s] * power(m.unit_revenue[r, s] / m.pva[r, s], m.sigma_top[r, s])
    share = power(m.pva[r, s] / m.factor_price[r, f, s], m.sigma_va[r, s])
    return m.qf[r, f, s], value_added * share


@equation("pd", where=("one_good",), defines=True)
def home_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""One good for all markets: the home price is the basic price (index).

    Source: Hertel (1997), ch. 2.
    """
    return m.pd[r, s], m.py[r, s]


@equation("px", where=("one_good",), defines=True)
def export_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""One good for all markets: the export price is the basic price (index).

    Source: Hertel (1997), ch. 2.
    """
    return m.px[r, s], m.py[r, s]


@equation("py", where=("one_good",))
def output_market(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""One good for all markets: output equals sales at home and abroad (index).

    Source: Hertel (1997), ch. 2.
    """
    sales = m.sales_home[r, s] * m.qd[r, s] + (1.0 - m.sales_home[r, s]) * m.qx[r, s]
    return m.y[r, s], sales


@equation("pd", where=("transforms",))
def home_sales(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Supply to the home market on a CET frontier meets demand (index).

    Source: Powell and Gruen (1968), "The constant elasticity of transformation production frontier".
    """
    return m.y[r, s] * (m.pd[r, s] / m.py[r, s]) ** m.omega[r, s], m.qd[r, s]


@equation("px", where=("transforms",))
def export_sales(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Supply to foreign markets on a CET frontier meets demand (index).

    Source: Powell and Gruen (1968).
    """
    return m.y[r, s] * (m.px[r, s] / m.py[r, s]) ** m.omega[r, s], m.qx[r, s]


@equation("py", where=("transforms",), defines=True)
def output_revenue(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Revenue of a unit of output on a CET frontier (index).

    Source: Powell and Gruen (1968).
    """
    return m.py[r, s], unit_cost_of_two(m.sales_home[r, s], m.pd[r, s], m.px[r, s], -m.omega[r, s])
