"""Factor markets: mobile factors have one reward, sluggish and specific ones a reward in each industry."""

from __future__ import annotations

from typing import Any

from cge.equation import equation, quantity
from cge.forms import unit_cost
from cge.symbols import RFS


@quantity(RFS, r"\phi^O_{rfs}")
def employed(m: Any, r: Any, f: Any, s: Any) -> Any:
    """Industry in the employment of a factor, whose units are what its owner earns at the benchmark, share."""
    return m.employment[r, f, s]


@quantity(RFS, r"\tau^O_{rfs}")
def owner_wedge(m: Any, r: Any, f: Any, s: Any) -> Any:
    """What the owner of a factor keeps of its reward in an industry, over the benchmark's part."""
    return 1.0


@equation("pf", where=("mobile",), defines=True)
def mobile_reward(m: Any, r: Any, f: Any, s: Any) -> tuple[Any, Any]:
    r"""A mobile factor earns the same in every industry (index).

    Source: Hertel (1997), ch. 2.
    """
    return m.pf[r, f, s], m.w[r, f] / m.owner_wedge[r, f, s]


@equation("w", where=("mobile",))
def mobile_market(m: Any, r: Any, f: Any) -> tuple[Any, Any]:
    r"""The endowment of a mobile factor is employed (index).

    Source: Hertel (1997), ch. 2.
    """
    return m.endow[r, f], m.total(("sector",), lambda s: m.employed[r, f, s], lambda s: m.qf[r, f, s])


@equation("pf", where=("sluggish",))
def sluggish_market(m: Any, r: Any, f: Any, s: Any) -> tuple[Any, Any]:
    r"""Supply of a sluggish factor to an industry meets demand; at elasticity zero it is specific (index).

    Source: Hertel (1997), ch. 2 (sluggish endowments); Powell and Gruen (1968).
    """
    kept = m.pf[r, f, s] * m.owner_wedge[r, f, s]
    return m.endow[r, f] * (kept / m.w[r, f]) ** m.eta[r, f], m.qf[r, f, s]


@equation("w", where=("sluggish",), defines=True)
def average_reward(m: Any, r: Any, f: Any) -> tuple[Any, Any]:
    r"""Average reward of a sluggish factor on its CET frontier (index).

    Source: Powell and Gruen (1968).
    """
    return m.w[r, f], unit_cost(
        m,
        ("sector",),
        lambda s: m.employed[r, f, s],
        lambda s: m.pf[r, f, s] * m.owner_wedge[r, f, s],
        -m.eta[r, f],
    )


@equation("rw", defines=True)
def real_reward(m: Any, r: Any, f: Any) -> tuple[Any, Any]:
    r"""Reward of a factor net of direct tax in consumer goods (index); a closure may hold it and free employment.

    Source: Dervis, de Melo and Robinson (1982), "General equilibrium models for development policy".
    """
    return m.rw[r, f], m.w[r, f] * (1.0 - m.td[r]) / (1.0 - m.td0[r]) / m.cpi[r]


@equation("pworld", defines=True)
def world_price(m: Any) -> tuple[Any, Any]:
    r"""World factor price index, the default numeraire and the unit of foreign saving (index).

    Source: Hertel (1997), ch. 2 (pfactwld).
    """
    return m.pworld[()], m.total(("region", "factor"), lambda r, f: m.share_world[r, f], lambda r, f: m.w[r, f])
