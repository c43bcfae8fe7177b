"""Trade: Armington demand in two levels, import prices with every wedge, international margins."""

from __future__ import annotations

from typing import Any

from cge.forms import power, unit_cost, unit_cost_of_two

from .registry import equation


def fob_price(m: Any, i: Any, r: Any, s: Any) -> Any:
    """Price at the exporter's border with export tax and quota premium, over its benchmark value."""
    tax = (1.0 + m.te[i, r, s]) / (1.0 + m.te0[i, r, s])
    premium = (1.0 + m.rho[i, r, s]) / (1.0 + m.rho0[i, r, s])
    return m.px[i, s] * tax * premium


def shipped(m: Any, i: Any, r: Any, s: Any) -> Any:
    """Volume that leaves the exporter for each unit that arrives at the benchmark."""
    return m.tau[i, r, s] * m.flow[i, r, s]


def cif_price(m: Any, i: Any, r: Any, s: Any) -> Any:
    """Price at the importer's border of a unit shipped, before tariff and iceberg cost, over its benchmark value."""
    margins = m.total(("margin",), lambda k: m.share_margin[k, i, r, s], lambda k: m.pt[k])
    return m.share_fob[i, r, s] * fob_price(m, i, r, s) + margins


@equation("pt", defines=True)
def margin_price(m: Any, k: Any) -> tuple[Any, Any]:
    r"""Price of a world transport margin, Cobb-Douglas over its suppliers (index).

    .. math:: p^T_m = \prod_{rs} (p^X_{rs})^{\theta^T_{rsm}}

    Source: Hertel (1997), ch. 2 (the global transport sector).
    """
    return m.pt[k], unit_cost(
        m,
        ("region", "sector"),
        lambda r, s: m.share_margin_supply[r, s, k],
        lambda r, s: m.px[r, s],
        1.0,
    )


@equation("pms", defines=True)
def duty_paid_price(m: Any, i: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Price of imports by origin: fob price, margins, iceberg cost and tariff (index).

    .. math:: p^{MS}_{irs} = \tau_{irs} \frac{1+t^M_{irs}}{1+\bar t^M_{irs}} \Big[\phi^X_{irs} p^X_{is}
        \frac{(1+t^X_{irs})(1+\varrho_{irs})}{(1+\bar t^X_{irs})(1+\bar\varrho_{irs})}
        + \sum_m \phi^T_{mirs} p^T_m\Big]

    Source: Hertel (1997), ch. 2; iceberg cost: Samuelson (1954); quota premium: Elbehri and Pearson (2005),
    GTAP Technical Paper 18.
    """
    duty = (1.0 + m.tm[i, r, s]) / (1.0 + m.tm0[i, r, s])
    return m.pms[i, r, s], m.tau[i, r, s] * duty * cif_price(m, i, r, s)


@equation("pm", defines=True)
def import_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Price of the import composite over origins (index).

    .. math:: p^M_{rs} = \Big[\sum_i \theta^M_{irs} (p^{MS}_{irs})^{1-\sigma^M_{rs}}\Big]^{1/(1-\sigma^M_{rs})}

    Source: Armington (1969), "A theory of demand for products distinguished by place of production".
    """
    return m.pm[r, s], unit_cost(
        m,
        ("exporter",),
        lambda i: m.share_origin[i, r, s],
        lambda i: m.pms[i, r, s],
        m.sigma_m[r, s],
    )


@equation("pa", defines=True)
def composite_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Price of the composite of home goods and imports (index).

    .. math:: p^A_{rs} = \big[\theta^D_{rs} (p^D_{rs})^{1-\sigma^D_{rs}}
        + (1-\theta^D_{rs}) (p^M_{rs})^{1-\sigma^D_{rs}}\big]^{1/(1-\sigma^D_{rs})}

    Source: Armington (1969).
    """
    return m.pa[r, s], unit_cost_of_two(m.share_home[r, s], m.pd[r, s], m.pm[r, s], m.sigma_d[r, s])


@equation("qd", defines=True)
def home_demand(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Demand for the home good (index).

    .. math:: D_{rs} = A_{rs} (p^A_{rs}/p^D_{rs})^{\sigma^D_{rs}}

    Source: Armington (1969).
    """
    return m.qd[r, s], m.qa[r, s] * power(m.pa[r, s] / m.pd[r, s], m.sigma_d[r, s])


@equation("qm", defines=True)
def import_demand(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Demand for the import composite (index).

    .. math:: M_{rs} = A_{rs} (p^A_{rs}/p^M_{rs})^{\sigma^D_{rs}}

    Source: Armington (1969).
    """
    return m.qm[r, s], m.qa[r, s] * power(m.pa[r, s] / m.pm[r, s], m.sigma_d[r, s])


@equation("flow", defines=True)
def trade_flow(m: Any, i: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Demand for imports by origin (index).

    .. math:: M_{irs} = M_{rs} (p^M_{rs}/p^{MS}_{irs})^{\sigma^M_{rs}}

    Source: Armington (1969).
    """
    demand = m.qm[r, s] * power(m.pm[r, s] / m.pms[i, r, s], m.sigma_m[r, s])
    return m.flow[i, r, s], demand


@equation("qt", defines=True)
def margin_demand(m: Any, k: Any) -> tuple[Any, Any]:
    r"""Margins used by all flows, in proportion to the volume shipped (index).

    .. math:: T_m = \sum_{irs} \phi^T_{mirs} \tau_{irs} M_{irs}

    Source: Hertel (1997), ch. 2.
    """
    return m.qt[k], m.total(
        ("exporter", "importer", "sector"),
        lambda i, r, s: m.use_margin[k, i, r, s],
        lambda i, r, s: shipped(m, i, r, s),
    )


@equation("qx", defines=True)
def exports(m: Any, i: Any, s: Any) -> tuple[Any, Any]:
    r"""Sales abroad: volumes shipped and margin services (index).

    .. math:: X_{is} = \sum_r \phi^X_{irs} \tau_{irs} M_{irs} + \sum_m \phi^T_{ism} T_m p^T_m / p^X_{is}

    Source: Hertel (1997), ch. 2.
    """
    goods = m.total(("importer",), lambda r: m.sales_flow[i, r, s], lambda r: shipped(m, i, r, s))
    services = m.total(("margin",), lambda k: m.sales_margin[i, s, k], lambda k: m.qt[k] * m.pt[k] / m.px[i, s])
    return m.qx[i, s], goods + services
