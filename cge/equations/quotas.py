"""Quantity limits: import and export quotas, tariff-rate quotas, and the rents of them and of non-tariff measures.

A limit on a group of flows is in one of three regimes. Slack: the premium is at its lower end and the volume is under
the limit. Binding: the volume is at the limit and the premium is between its ends. Above: the premium is at its upper
end, the out-of-quota rate, and the volume exceeds the limit. The regime's flags are instruments, so that each regime is
a smooth system; the solver finds the regimes and checks every inequality (`cge.quotas`).
"""

from __future__ import annotations

from typing import Any

from cge.equation import equation, quantity

EXPORTER, IMPORTER, TREASURY = 0, 1, 2
"""Positions on the owner axis."""


@quantity(("quota",), r"q_k")
def in_quota_share(m: Any, k: Any) -> Any:
    """Share of the volume that enters under the limit, whose premium the licence holders earn."""
    return 1.0 - m.above[k] + m.above[k] * m.limit[k] / m.volume[k]


@equation("volume")  # not a definition: it would close a circle through rents, import prices and flows
def volume_under_limit(m: Any, k: Any) -> tuple[Any, Any]:
    r"""Imports under a limit, on arrival (index).

    Source: Bach and Pearson (1996), "Implementing quotas in GTAP", GTAP Technical Paper 4.
    """
    return m.volume[k], m.total(
        ("exporter", "importer", "sector"),
        lambda i, r, s: m.quota_weight[k, i, r, s],
        lambda i, r, s: m.flow[i, r, s],
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
    return m.rent[o, i, r, s], m.ntm[o, i, r, s] + quotas


@equation("rho", defines=True)
def rent_premium(m: Any, i: Any, r: Any, s: Any) -> tuple[Any, Any]:
    r"""Rent premium of a flow, all owners together (ad valorem rate).

    Source: Bach and Pearson (1996).
    """
    return m.rho[i, r, s], m.total(("owner",), lambda o: m.every_owner[o], lambda o: m.rent[o, i, r, s])
