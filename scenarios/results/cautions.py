"""What a reader must know of the numbers of one result: what EV leaves out, and what makes real GDP move."""

from __future__ import annotations

from cge.closure import Closure
from cge.scenarios.policy.bind import Policy

FOREIGN = (
    "EV leaves out investment that foreign saving pays for, and that moves here; read real consumption, investment and "
    "absorption beside it"
)
WEDGES = (
    "real GDP: with fixed factors it moves through taxes, tariffs and rents alone, whatever they do to capital and "
    "employment; --horizon short and long let these follow"
)

MOVERS = frozenset({"endow", "tfp", "tau", "capacity", "abroad"})
"""Instruments that change what a region can make, or what arrives of it."""


def cautions(closure: Closure, policy: Policy) -> tuple[str, ...]:
    """Notes on what the closure and the policy make of EV and real GDP."""
    moved = {*policy.instruments, *(swap.free for swap in policy.swaps)}
    found = []
    if closure.saving != "fixed" or "sf" in moved:
        found.append(FOREIGN)
    if closure.labour == "fixed" and closure.capital == "fixed" and moved and not moved & MOVERS:
        found.append(WEDGES)
    return tuple(found)
