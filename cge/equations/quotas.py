"""Quantity limits: import and export quotas, tariff-rate quotas, and the rents of them and of non-tariff measures.

A limit on a group of flows is in one of three regimes. Slack: the premium is at its lower end and the volume is under
the limit. Binding: the volume is at the limit and the premium is between its ends. Above: the premium is at its upper
end, the out-of-quota rate, and the volume exceeds the limit. The regime's flags are instruments, so that each regime is
a smooth system; the solver finds the regimes and checks every inequality (`cge.quotas`).

A benchmark may limit a part of a flow: product categories whose quotas are full, beside others that never fill theirs.
The two parts are then varieties of one origin, which buyers substitute as they do origins: the premium is on the part
under the limit, and the flow is their CES aggregate. Its volume shipped changes with the mix of the two, and its rent
is that of the limited part.
"""

from __future__ import annotations

from typing import Any

from cge.equation import equation, quantity
from cge.forms import power, unit_cost_of_two
from cge.symbols import FLOW

EXPORTER, IMPORTER, TREASURY = 0, 1, 2
"""Positions on the owner axis."""


@quantity(("quota",), r"q_k")
def in_quota_share(m: Any, k: Any) -> Any:
    """Share of the volume that enters under the limit, whose premium the licence holders earn."""
    return 1.0 - m.above[k] + m.above[k] * m.limit[k] / m.volume[k]


@quantity(FLOW, r"\beta^W_{irs}")
def limited_part(m: Any, i: Any, r: Any, s: Any) -> Any:
    """Part of a flow's benchmark volume that its limit is on."""
    whole = m.total(("quota",), lambda k: m.member[k, i, r, s], lambda k: m.whole[k])
    return m.limited[i, r, s] + (1.0 - m.limited[i, r, s]) * whole


@quantity(FLOW, r"\zeta^\beta_{irs}")
def limited_price(m: Any, i: Any, r: Any, s: Any) -> Any:
    """Price of the limited part of a flow over that of the rest, over its benchmark value; both before tariffs."""
    unit = m.share_fob[i, r, s] / (1.0 + m.rho0[i, r, s])
    fob = unit * m.px[i, s] * (1.0 + m.te[i, r, s]) / (1.0 + m.te0[i, r, s])
    margins = m.total(("margin",), lambda k: m.share_margin[k, i, r, s], lambda k: m.pt[k])
    measures = m.total(("owner",), lambda o: m.every_owner[o], lambda o: m.ntm[o, i, r, s])
    premium = m.total(("quota",), lambda k: m.member[k, i, r, s], lambda k: m.premium[k])
    then = unit * m.rho0[i, r, s] / m.limited_part[i, r, s] / (1.0 - unit * m.rho0[i, r, s])
    return (1.0 + fob * premium / (fob * (1.0 + measures) + margins)) / (1.0 + then)


@equation("mix", defines=True)
def mix_of_parts(m: Any, i: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Volume shipped for a unit of a flow that consists of a limited part and the rest (index).

    Source: Armington (1969), the two parts as varieties with the elasticity among origins.
    """
    part, z, sigma = m.limited_part[i, r, s], m.limited_price[i, r, s], m.sigma_m[r, s]
    value = part + (1.0 - part) * m.share_fob[i, r, s] * m.rho0[i, r, s] / (1.0 + m.rho0[i, r, s])
    volume = part * power(z, -sigma) + 1.0 - part
    return m.mix[i, r, s], power(unit_cost_of_two(value, z, 1.0, sigma), sigma) * volume


@equation("cover", defines=True)
def cover_of_the_limit(m: Any, i: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Part of a flow's volume that is under its limit (index).

    Source: Armington (1969).
    """
    part, asked = m.limited_part[i, r, s], power(m.limited_price[i, r, s], -m.sigma_m[r, s])
    return m.cover[i, r, s], asked / (part * asked + 1.0 - part)


@equation("volume")  # not a definition: it would close a circle through rents, import prices and flows
def volume_under_limit(m: Any, k: Any) -> tuple[Any, Any]:
    r"""Imports under a limit, on arrival (index).

    Source: Bach and Pearson (1996), "Implementing quotas in GTAP", GTAP Technical Paper 4.
    """
    return m.volume[k], m.total(
        ("exporter", "importer", "sector"),
        lambda i, r, s: m.quota_weight[k, i, r, s],
        lambda i, r, s: m.flow[i, r, s] * m.mix[i, r, s] * m.cover[i, r, s],
    )


@equation("premium")
def quota_regime(m: Any, k: Any) -> tuple[Any, Any]:
    r"""A binding limit holds the volume, any other the premium (index, ad valorem rate).

    Source: van der Mensbrugghe, Beghin and Mitchell (2003), "Modeling tariff rate quotas in a global context".
    """
    slack = 1.0 - m.binds[k]
    return m.binds[k] * m.volume[k] + slack * m.premium[k], m.binds[k] * m.limit[k] + slack * m.bound[k]


@equation("rent", defines=True)
def rent_by_owner(m: Any, o: Any, i: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Rent premium of a flow that an owner earns; above the limit the treasury takes it as duty (ad valorem rate).

    Source: Elbehri and Pearson (2005), GTAP Technical Paper 18 (as corrected in July 2005).
    """

    def earned(k: Any) -> Any:
        inside = m.in_quota_share[k]
        return m.premium[k] * (m.licence[k, o] * inside + m.is_treasury[o] * (1.0 - inside))

    quotas = m.total(("quota",), lambda k: m.member[k, i, r, s], earned)
    return m.rent[o, i, r, s], m.ntm[o, i, r, s] + m.limited_part[i, r, s] * m.cover[i, r, s] * quotas


@equation("rho", defines=True)
def rent_premium(m: Any, i: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Rent premium of a flow, all owners together (ad valorem rate).

    Source: Bach and Pearson (1996).
    """
    return m.rho[i, r, s], m.total(("owner",), lambda o: m.every_owner[o], lambda o: m.rent[o, i, r, s])
