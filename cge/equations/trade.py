"""Trade: Armington demand in two levels, import prices with every wedge, international margins."""

from __future__ import annotations

from typing import Any

from cge.equation import equation, quantity
from cge.forms import power, unit_cost, unit_cost_of_two
from cge.symbols import FLOW


@quantity(FLOW, r"p^{FOB}_{irs}")
def fob_price(m: Any, i: Any, r: Any, s: Any) -> Any:
    """Price at the exporter's border with export tax and quota premium, over its benchmark value."""
    tax = (1.0 + m.te[i, r, s]) / (1.0 + m.te0[i, r, s])
    premium = (1.0 + m.rho[i, r, s]) / (1.0 + m.rho0[i, r, s])
    return m.px[i, s] * tax * premium


@quantity(FLOW, r"X^S_{irs}")
def shipped(m: Any, i: Any, r: Any, s: Any) -> Any:
    """Volume that leaves the exporter for each unit that arrives at the benchmark."""
    return m.tau[i, r, s] * m.mix[i, r, s] * m.flow[i, r, s]


@quantity(FLOW, r"p^{CIF}_{irs}")
def cif_price(m: Any, i: Any, r: Any, s: Any) -> Any:
    """Price at the importer's border of a unit shipped, before tariff and iceberg cost, over its benchmark value."""
    margins = m.total(("margin",), lambda k: m.share_margin[k, i, r, s], lambda k: m.pt[k])
    return m.share_fob[i, r, s] * m.fob_price[i, r, s] + margins


@quantity(("region", "sector", "margin"), r"T^S_{rsm}")
def margin_sale(m: Any, r: Any, s: Any, k: Any) -> Any:
    """Services that a supplier sells for a margin, by Shephard's lemma, index."""
    return m.qt[k] * m.pt[k] / m.px[r, s]


@equation("pt", defines=True)
def margin_price(m: Any, k: Any) -> tuple[Any, Any]:
    r"""Price of a world transport margin, Cobb-Douglas over its suppliers (index).

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

    Source: Hertel (1997), ch. 2; iceberg cost: Samuelson (1954); quota premium: Elbehri and Pearson (2005),
    GTAP Technical Paper 18.
    """
    duty = (1.0 + m.tm[i, r, s]) / (1.0 + m.tm0[i, r, s])
    return m.pms[i, r, s], m.tau[i, r, s] * m.mix[i, r, s] * duty * m.cif_price[i, r, s]


@equation("pm", defines=True)
def import_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Price of the import composite over origins (index).

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

    Source: Armington (1969).
    """
    return m.pa[r, s], unit_cost_of_two(m.share_home[r, s], m.pd[r, s], m.pm[r, s], m.sigma_d[r, s])


@equation("qd", defines=True)
def home_demand(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Demand for the home good (index).

    Source: Armington (1969).
    """
    return m.qd[r, s], m.qa[r, s] * power(m.pa[r, s] / m.pd[r, s], m.sigma_d[r, s])


@equation("qm", defines=True)
def import_demand(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Demand for the import composite (index).

    Source: Armington (1969).
    """
    return m.qm[r, s], m.qa[r, s] * power(m.pa[r, s] / m.pm[r, s], m.sigma_d[r, s])


@equation("flow", defines=True)
def trade_flow(m: Any, i: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Demand for imports by origin (index).

    Source: Armington (1969).
    """
    demand = m.qm[r, s] * power(m.pm[r, s] / m.pms[i, r, s], m.sigma_m[r, s])
    return m.flow[i, r, s], demand


@equation("qt", defines=True)
def margin_demand(m: Any, k: Any) -> tuple[Any, Any]:
    r"""Margins used by all flows, in proportion to the volume shipped (index).

    Source: Hertel (1997), ch. 2.
    """
    return m.qt[k], m.total(
        ("exporter", "importer", "sector"),
        lambda i, r, s: m.use_margin[k, i, r, s],
        lambda i, r, s: m.shipped[i, r, s],
    )


@equation("qx", defines=True)
def exports(m: Any, i: Any, s: Any) -> tuple[Any, Any]:
    r"""Sales abroad: volumes shipped and margin services (index).

    Source: Hertel (1997), ch. 2.
    """
    goods = m.total(("importer",), lambda r: m.sales_flow[i, r, s], lambda r: m.shipped[i, r, s])
    services = m.total(("margin",), lambda k: m.sales_margin[i, s, k], lambda k: m.margin_sale[i, s, k])
    return m.qx[i, s], goods + services
