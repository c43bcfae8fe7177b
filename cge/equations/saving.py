"""Saving and investment: national saving, the balance of each region, and the global bank."""

from __future__ import annotations

from typing import Any

from cge.equation import equation, quantity


@quantity(("region",), r"p^S_r")
def saving_price(m: Any, r: Any) -> Any:
    """Price of a unit of saving: a capital good of the region, index."""
    return m.pinv[r]


@equation("saving", defines=True)
def regional_saving(m: Any, r: Any) -> tuple[Any, Any]:
    r"""The regional household saves a fixed share of supernumerary income, and replaces worn-out capital where income
    is net of it (share of benchmark income).

    Source: Hertel (1997), ch. 2; Lluch (1973).
    """
    return m.saving[r], (m.saving0[r] - m.worn0[r]) * m.saving_power[r] + m.worn[r]


@equation("inv", defines=True)
def investment_balance(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Investment is national and foreign saving (index).

    The sum of these balances over regions follows from the rest of the system (Walras' law), so the slack
    :math:`\Omega`, the same for every region, is zero at a solution.

    Source: Hertel (1997), ch. 2.
    """
    funds = m.saving[r] + m.sf[r] * m.pworld[()] + m.walras[()]
    return m.inv[r], funds * m.income0[r] / m.investment[r] / m.pinv[r]


@quantity(("region",), r"\rho^K_r")
def rental_rate(m: Any, r: Any) -> Any:
    """Rental of a unit of capital at the benchmark, rate a year."""
    return m.rental[r]


@equation("gap", defines=True)
def expected_return(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Expected net return to capital over the world's (index); a global bank holds it at one.

    Source: Hertel (1997), ch. 2 (RORDELTA = 1).
    """
    capital = m.total(("factor",), lambda f: m.share_capital[r, f], lambda f: m.w[r, f])
    rate = m.rental_rate[r]
    net = (rate * capital / m.pinv[r] - m.depreciation[r]) / (rate - m.depreciation[r])
    kept = 1.0 - m.depreciation[r]
    stock = (kept + m.investment_rate[r] * m.inv[r]) / (kept + m.investment_rate[r])
    return m.gap[r], net * stock ** (-m.flexibility[r]) / m.rorg[()]


@equation("lending", defines=True)
def world_lending(m: Any) -> tuple[Any, Any]:
    r"""Foreign saving of all regions together (share of world income); a global bank holds it at zero.

    Source: Hertel (1997), ch. 2.
    """
    world = m.total(("region",), lambda r: m.income0[r], lambda r: 1.0)
    return m.lending[()], m.total(("region",), lambda r: m.income0[r] / world, lambda r: m.sf[r])
