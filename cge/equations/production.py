"""Production: nested CES technology, zero profit, and the split of output between home and foreign markets."""

from __future__ import annotations

from typing import Any

from cge.forms import power, unit_cost, unit_cost_of_two

from .registry import equation


def factor_user_price(m: Any, r: Any, f: Any, s: Any) -> Any:
    """Factor reward with the factor tax, index."""
    return m.pf[r, f, s] * (1.0 + m.tf[r, f, s]) / (1.0 + m.tf0[r, f, s])


def input_user_price(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Armington price with the tax on intermediates, index."""
    return m.pa[r, g] * (1.0 + m.ti[r, g, s]) / (1.0 + m.ti0[r, g, s])


def cost_of_output(m: Any, r: Any, s: Any) -> Any:
    """Cost per unit of the technology's output at zero profit: the price net of tax, times productivity."""
    return m.py[r, s] * (1.0 - m.to[r, s]) / (1.0 - m.to0[r, s]) * m.tfp[r, s]


def activity(m: Any, r: Any, s: Any) -> Any:
    """Volume of inputs per benchmark input: output over productivity."""
    return m.y[r, s] / m.tfp[r, s]


def input_demand(m: Any, r: Any, g: Any, s: Any) -> Any:
    r"""Demand of industry s for intermediate g.

    .. math:: (Y_{rs}/a_{rs}) (c_{rs}/p^N_{rs})^{\sigma^T} (p^N_{rs}/p^{N}_{rgs})^{\sigma^N}
    """
    bundle = activity(m, r, s) * power(cost_of_output(m, r, s) / m.pn[r, s], m.sigma_top[r, s])
    return bundle * power(m.pn[r, s] / input_user_price(m, r, g, s), m.sigma_n[r, s])


@equation("pva", defines=True)
def value_added_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Unit cost of value added (index).

    .. math:: p^{VA}_{rs} = \Big[\sum_f \theta^F_{rfs}
        \Big(p^F_{rfs} \frac{1+t^F_{rfs}}{1+\bar t^F_{rfs}}\Big)^{1-\sigma^{VA}_{rs}}\Big]^{1/(1-\sigma^{VA}_{rs})}

    Source: Hertel (1997), "Global Trade Analysis", ch. 2; Rutherford (2002).
    """
    return m.pva[r, s], unit_cost(
        m,
        ("factor",),
        lambda f: m.share_factor[r, f, s],
        lambda f: factor_user_price(m, r, f, s),
        m.sigma_va[r, s],
    )


@equation("pn", defines=True)
def intermediate_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Unit cost of the intermediate bundle (index).

    .. math:: p^N_{rs} = \Big[\sum_g \theta^N_{rgs}
        \Big(p^A_{rg} \frac{1+t^N_{rgs}}{1+\bar t^N_{rgs}}\Big)^{1-\sigma^N_{rs}}\Big]^{1/(1-\sigma^N_{rs})}

    Source: Hertel (1997), ch. 2; Rutherford (2002).
    """
    return m.pn[r, s], unit_cost(
        m,
        ("input",),
        lambda g: m.share_input[r, g, s],
        lambda g: input_user_price(m, r, g, s),
        m.sigma_n[r, s],
    )


@equation("y")
def zero_profit(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""The price net of the output tax covers unit cost (index).

    .. math:: p^Y_{rs} \frac{1-t^Y_{rs}}{1-\bar t^Y_{rs}} a_{rs} = \big[\theta^{VA}_{rs}
        (p^{VA}_{rs})^{1-\sigma^T_{rs}} + (1-\theta^{VA}_{rs}) (p^N_{rs})^{1-\sigma^T_{rs}}\big]^{1/(1-\sigma^T_{rs})}

    Source: Hertel (1997), ch. 2.
    """
    return cost_of_output(m, r, s), unit_cost_of_two(m.share_va[r, s], m.pva[r, s], m.pn[r, s], m.sigma_top[r, s])


@equation("qf", defines=True)
def factor_demand(m: Any, r: Any, f: Any, s: Any) -> tuple[Any, Any]:
    r"""Demand of an industry for a factor, by Shephard's lemma (index); c is the cost of output.

    .. math:: F_{rfs} = \frac{Y_{rs}}{a_{rs}} \Big(\frac{c_{rs}}{p^{VA}_{rs}}\Big)^{\sigma^T_{rs}}
        \Big(\frac{p^{VA}_{rs} (1+\bar t^F_{rfs})}{p^F_{rfs}(1+t^F_{rfs})}\Big)^{\sigma^{VA}_{rs}}

    Source: Hertel (1997), ch. 2.
    """
    value_added = activity(m, r, s) * power(cost_of_output(m, r, s) / m.pva[r, s], m.sigma_top[r, s])
    share = power(m.pva[r, s] / factor_user_price(m, r, f, s), m.sigma_va[r, s])
    return m.qf[r, f, s], value_added * share


@equation("pd", where=("perfect",), defines=True)
def home_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""One good for all markets: the home price is the basic price (index).

    .. math:: p^D_{rs} = p^Y_{rs}

    Source: Hertel (1997), ch. 2.
    """
    return m.pd[r, s], m.py[r, s]


@equation("px", where=("perfect",), defines=True)
def export_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""One good for all markets: the export price is the basic price (index).

    .. math:: p^X_{rs} = p^Y_{rs}

    Source: Hertel (1997), ch. 2.
    """
    return m.px[r, s], m.py[r, s]


@equation("py", where=("perfect",))
def output_market(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""One good for all markets: output equals sales at home and abroad (index).

    .. math:: Y_{rs} = \phi^D_{rs} D_{rs} + (1-\phi^D_{rs}) X_{rs}

    Source: Hertel (1997), ch. 2.
    """
    sales = m.sales_home[r, s] * m.qd[r, s] + (1.0 - m.sales_home[r, s]) * m.qx[r, s]
    return m.y[r, s], sales


@equation("pd", where=("transforms",))
def home_sales(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Supply to the home market on a CET frontier meets demand (index).

    .. math:: Y_{rs} (p^D_{rs}/p^Y_{rs})^{\omega_{rs}} = D_{rs}

    Source: Powell and Gruen (1968), "The constant elasticity of transformation production frontier".
    """
    return m.y[r, s] * (m.pd[r, s] / m.py[r, s]) ** m.omega[r, s], m.qd[r, s]


@equation("px", where=("transforms",))
def export_sales(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Supply to foreign markets on a CET frontier meets demand (index).

    .. math:: Y_{rs} (p^X_{rs}/p^Y_{rs})^{\omega_{rs}} = X_{rs}

    Source: Powell and Gruen (1968).
    """
    return m.y[r, s] * (m.px[r, s] / m.py[r, s]) ** m.omega[r, s], m.qx[r, s]


@equation("py", where=("transforms",), defines=True)
def output_revenue(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Revenue of a unit of output on a CET frontier (index).

    .. math:: p^Y_{rs} = \big[\phi^D_{rs} (p^D_{rs})^{1+\omega_{rs}}
        + (1-\phi^D_{rs}) (p^X_{rs})^{1+\omega_{rs}}\big]^{1/(1+\omega_{rs})}

    Source: Powell and Gruen (1968).
    """
    return m.py[r, s], unit_cost_of_two(m.sales_home[r, s], m.pd[r, s], m.px[r, s], -m.omega[r, s])
