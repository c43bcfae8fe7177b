"""Income: what factors earn, what every tax and rent yields, and where regional income comes from."""

from __future__ import annotations

from typing import Any

from cge.equation import equation, quantity
from cge.symbols import FLOW

from .demand import GOVERNMENT, HOUSEHOLD, INVESTMENT
from .quotas import EXPORTER, IMPORTER, TREASURY


@quantity(FLOW, r"B^M_{irs}")
def tariff_base(m: Any, i: Any, r: Any, s: Any) -> Any:
    """Value that a tariff falls on, over the benchmark duty-paid value."""
    return m.pms[i, r, s] * m.flow[i, r, s] / (1.0 + m.tm[i, r, s])


@quantity(FLOW, r"B^X_{irs}")
def export_tax_base(m: Any, i: Any, r: Any, s: Any) -> Any:
    """Basic value of what is shipped, over its benchmark value."""
    return m.px[i, s] * m.shipped[i, r, s]


@quantity(("region", "sector"), r"B^Y_{rs}")
def output_tax_base(m: Any, r: Any, s: Any) -> Any:
    """Value of output at basic prices, over its benchmark value."""
    return m.py[r, s] * m.y[r, s]


@quantity(("region", "factor", "sector"), r"B^F_{rfs}")
def factor_tax_base(m: Any, r: Any, f: Any, s: Any) -> Any:
    """Reward of a factor in an industry, over its benchmark value."""
    return m.pf[r, f, s] * m.qf[r, f, s]


@quantity(("region", "input", "sector"), r"B^N_{rgs}")
def input_tax_base(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Market value of an input, over its benchmark value."""
    return m.input_basic_price[r, g, s] * m.input_volume[r, g, s]


def final_tax_base(m: Any, r: Any, s: Any, agent: int) -> Any:
    """Market value of what an agent buys of a good, over its benchmark value."""
    volume = {HOUSEHOLD: m.c, GOVERNMENT: m.government_volume, INVESTMENT: m.investment_volume}[agent]
    return m.final_basic_price[r, s, agent] * volume[r, s]


@quantity(("region",), r"E^B_r")
def transfer_from_abroad(m: Any, r: Any) -> Any:
    """Foreign saving of a region that does not invest, which is income there, share of benchmark income."""
    return (1.0 - m.invests[r]) * (m.sf[r] * m.pworld[()] + m.walras[()])


@equation("factor_earnings", defines=True)
def factor_income(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Factor income net of factor taxes (share of benchmark income).

    Source: Hertel (1997), ch. 2.
    """
    return m.factor_earnings[r], m.total(
        ("factor", "sector"),
        lambda f, s: m.factor_use[r, f, s] / m.income0[r],
        lambda f, s: m.pf[r, f, s] * m.qf[r, f, s],
    )


@equation("tariffs", defines=True)
def tariff_revenue(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Tariff revenue (share of benchmark income).

    Source: Hertel (1997), ch. 2.
    """
    return m.tariffs[r], m.total(
        ("exporter", "sector"),
        lambda i, s: m.has_tm[i, r, s] * m.duty_paid[i, r, s] / m.income0[r],
        lambda i, s: m.tm[i, r, s] * m.tariff_base[i, r, s],
    )


@equation("export_taxes", defines=True)
def export_tax_revenue(m: Any, i: Any) -> tuple[Any, Any]:
    r"""Export tax revenue (share of benchmark income).

    Source: Hertel (1997), ch. 2.
    """
    return m.export_taxes[i], m.total(
        ("importer", "sector"),
        lambda r, s: m.has_te[i, r, s] * m.trade[i, r, s] / m.income0[i],
        lambda r, s: m.te[i, r, s] * m.export_tax_base[i, r, s],
    )


@equation("output_taxes", defines=True)
def output_tax_revenue(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Output tax revenue (share of benchmark income).

    Source: Hertel (1997), ch. 2.
    """
    return m.output_taxes[r], m.total(
        ("sector",),
        lambda s: m.has_to[r, s] * m.output[r, s] / m.income0[r],
        lambda s: m.to[r, s] * m.output_tax_base[r, s],
    )


@equation("factor_taxes", defines=True)
def factor_tax_revenue(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Factor tax revenue (share of benchmark income).

    Source: Hertel (1997), ch. 2.
    """
    return m.factor_taxes[r], m.total(
        ("factor", "sector"),
        lambda f, s: m.has_tf[r, f, s] * m.factor_use[r, f, s] / m.income0[r],
        lambda f, s: m.tf[r, f, s] * m.factor_tax_base[r, f, s],
    )


@equation("input_taxes", defines=True)
def input_tax_revenue(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Revenue of taxes on intermediates (share of benchmark income).

    Source: Hertel (1997), ch. 2.
    """
    return m.input_taxes[r], m.total(
        ("input", "sector"),
        lambda g, s: m.has_ti[r, g, s] * m.input_use[r, g, s] / m.income0[r],
        lambda g, s: m.ti[r, g, s] * m.input_tax_base[r, g, s],
    )


@equation("final_taxes", defines=True)
def final_tax_revenue(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Revenue of taxes on the goods of household, government and investment (share of benchmark income).

    Source: Hertel (1997), ch. 2.
    """

    def revenue(agent: int) -> Any:
        return m.total(
            ("sector",),
            lambda s: m.has_tc[r, s, agent] * m.final_use[r, s, agent] / m.income0[r],
            lambda s: m.tc[r, s, agent] * final_tax_base(m, r, s, agent),
        )

    return m.final_taxes[r], revenue(HOUSEHOLD) + revenue(GOVERNMENT) + revenue(INVESTMENT)


@equation("direct_taxes", defines=True)
def direct_tax_revenue(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Direct tax revenue (share of benchmark income).

    Source: Löfgren, Harris and Robinson (2002).
    """
    return m.direct_taxes[r], m.td[r] * m.factor_earnings[r]


def _rent(m: Any, owner: int, i: Any, r: Any, s: Any) -> Any:
    """Rent on a flow that an owner earns, over its benchmark basic value."""
    fob = m.px[i, s] * (1.0 + m.te[i, r, s])
    return m.rent[owner, i, r, s] * fob * m.shipped[i, r, s]


@equation("rent_abroad", defines=True)
def rent_of_exporters(m: Any, i: Any) -> tuple[Any, Any]:
    r"""Rents that exporting firms keep (share of benchmark income).

    Source: Bach and Pearson (1996), GTAP Technical Paper 4.
    """
    return m.rent_abroad[i], m.total(
        ("importer", "sector"),
        lambda r, s: m.rentable[i, r, s] * m.trade[i, r, s] / m.income0[i],
        lambda r, s: _rent(m, EXPORTER, i, r, s),
    )


@equation("rent_home", defines=True)
def rent_of_importers(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Rents that importing firms keep (share of benchmark income).

    Source: Bach and Pearson (1996).
    """
    return m.rent_home[r], _rent_at_home(m, r, IMPORTER)


@equation("rent_treasury", defines=True)
def rent_of_treasury(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Rents that the treasury takes, by auction or as out-of-quota duty (share of benchmark income).

    Source: Bach and Pearson (1996).
    """
    return m.rent_treasury[r], _rent_at_home(m, r, TREASURY)


def _rent_at_home(m: Any, r: Any, owner: int) -> Any:
    return m.total(
        ("exporter", "sector"),
        lambda i, s: m.rentable[i, r, s] * m.trade[i, r, s] / m.income0[r],
        lambda i, s: _rent(m, owner, i, r, s),
    )


@equation("income")
def regional_income(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Regional income: factors, taxes and rents (share of benchmark income).

    Net transfers and factor income from other regions are fixed in units of the world price. In a region that does
    not invest, foreign saving is a transfer and adds to income.

    Source: Hertel (1997), ch. 2.
    """
    taxes = (
        m.tariffs[r] + m.export_taxes[r] + m.output_taxes[r] + m.factor_taxes[r] + m.input_taxes[r] + m.final_taxes[r]
    )
    rents = m.rent_abroad[r] + m.rent_home[r] + m.rent_treasury[r]
    received = m.transfers0[r] * m.pworld[()]
    return m.income[r], m.factor_earnings[r] + taxes + rents + received + m.transfer_from_abroad[r]
