"""Saving and investment: national saving, the balance of each region, and the global bank."""

from __future__ import annotations

from typing import Any

from .registry import equation


@equation("saving", household="regional", defines=True)
def regional_saving(m: Any, r: Any) -> tuple[Any, Any]:
    r"""The regional household saves a fixed share of supernumerary income (share of benchmark income).

    .. math:: S_r = \bar S_r v_r

    Source: Hertel (1997), ch. 2; Lluch (1973).
    """
    return m.saving[r], m.saving0[r] * m.v[r]


@equation("saving", household="separate", defines=True)
def private_and_public_saving(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Saving of the household and of government (share of benchmark income).

    .. math:: S_r = \bar S^H_r v_r + S^G_r P_r

    A region that does not invest saves nothing (see `supernumerary_private_income`).

    Source: Löfgren, Harris and Robinson (2002); Lluch (1973).
    """
    return m.saving[r], m.household_saving0[r] * m.v[r] + m.invests[r] * m.sg[r] * m.cpi[r]


@equation("inv", defines=True)
def investment_balance(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Investment is national and foreign saving (index).

    .. math:: p^I_r I_r \bar I_r = S_r + B_r P^W + \Omega

    The sum of these balances over regions follows from the rest of the system (Walras' law), so the slack
    :math:`\Omega`, the same for every region, is zero at a solution.

    Source: Hertel (1997), ch. 2.
    """
    funds = m.saving[r] + m.sf[r] * m.pworld[()] + m.walras[()]
    return m.inv[r], funds * m.income0[r] / m.investment[r] / m.pinv[r]


@equation("gap", defines=True)
def expected_return(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Expected net return to capital over the world's (index); a global bank holds it at one.

    .. math:: \frac{\rho_r}{\rho} = \frac{r_r w^K_r/p^I_r - \delta_r}{r_r - \delta_r}
        \Big(\frac{1-\delta_r+\bar\iota_r I_r}{1-\delta_r+\bar\iota_r}\Big)^{-\epsilon_r} \Big/ \rho

    Source: Hertel (1997), ch. 2 (RORDELTA = 1).
    """
    capital = m.total(("factor",), lambda f: m.share_capital[r, f], lambda f: m.w[r, f])
    net = (m.rental[r] * capital / m.pinv[r] - m.depreciation[r]) / (m.rental[r] - m.depreciation[r])
    kept = 1.0 - m.depreciation[r]
    stock = (kept + m.investment_rate[r] * m.inv[r]) / (kept + m.investment_rate[r])
    return m.gap[r], net * stock ** (-m.flexibility[r]) / m.rorg[()]


@equation("lending", defines=True)
def world_lending(m: Any) -> tuple[Any, Any]:
    r"""Foreign saving of all regions together (share of world income); a global bank holds it at zero.

    .. math:: B = \sum_r E^0_r B_r \Big/ \sum_r E^0_r

    Source: Hertel (1997), ch. 2.
    """
    world = m.total(("region",), lambda r: m.income0[r], lambda r: 1.0)
    return m.lending[()], m.total(("region",), lambda r: m.income0[r] / world, lambda r: m.sf[r])
