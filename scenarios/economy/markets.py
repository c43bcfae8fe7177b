"""Solving policies with markets of permits: which limits bind is found by solving, asking and solving again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cge.errors import PolicyError, SolveError
from cge.progress import Progress
from cge.scenarios.blocks.permit_market import PermitMarket, State, settled
from cge.scenarios.policy.bind import Policy
from cge.solvers import Equilibrium, Problem


def solve(problem: Problem, policy: Policy, progress: Progress | None = None) -> tuple[Equilibrium, Policy]:
    """The equilibrium of a policy, and the policy with the limits of its markets that bind there.

    Raises:
        SolveError: no certified solution, or none at which the same limits bind as were taken to.
    """
    seen: set[tuple[State, ...]] = set()
    while True:
        found = problem.solve(policy.instruments, policy.quotas, policy.swaps, progress=progress)
        wanted = _wanted(problem, policy, found)
        if wanted == tuple(market.state for market in policy.markets):
            notes = (note for market in policy.markets for note in market.notes())
            return found, replace(policy, notes=(*policy.notes, *notes))
        if wanted in seen:
            raise SolveError(
                f"{policy.markets[0].name}: no price at which the same members buy all that they may; change the limit"
            )
        seen.add(wanted)
        markets = tuple(replace(market, state=state) for market, state in zip(policy.markets, wanted, strict=True))
        instruments, swaps = settled(markets, policy.instruments, policy.swaps)
        policy = replace(policy, markets=markets, instruments=instruments, swaps=swaps)


def refuse_binding(problem: Problem, policy: Policy, found: Equilibrium, what: str) -> None:
    """Require that no limit of a market binds at a solution that took none to.

    Raises:
        PolicyError: one does.
    """
    if _wanted(problem, policy, found) != tuple(market.state for market in policy.markets):
        raise PolicyError([f"a limit of the {policy.markets[0].name} binds, or a seller has nothing to sell; {what}"])


def refuse_limits(policy: Policy, what: str) -> None:
    """Require that a policy has no market whose limits might bind.

    Raises:
        PolicyError: it has one.
    """
    if any(_may_bind(market) for market in policy.markets):
        raise PolicyError([f"the {policy.markets[0].name} has a limit or sellers without a cap; {what}"])


def _may_bind(market: PermitMarket) -> bool:
    return bool(np.isfinite(market.most.values).any() or (market.sellers.values > 0.0).any())


def _wanted(problem: Problem, policy: Policy, found: Equilibrium) -> tuple[State, ...]:
    return tuple(market.next(problem.model.parameters, found.data) for market in policy.markets)
