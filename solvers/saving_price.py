"""The price of saving at a solution by the integral along the path to it, where the structure has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import xarray as xr

from cge.accounts import benchmark_point
from cge.errors import SolveError
from cge.pool import POOL, pooled_along
from cge.quotas import Quota, phased

from .equilibrium import Equilibrium
from .problem import Problem

STEPS = 2
"""Of the path: with parabolas, the error is some 1e-7 of EV for a tariff of 10 % (docs/gtap.md)."""


def with_saving_price(
    problem: Problem,
    solved: Equilibrium,
    instruments: Mapping[str, xr.DataArray | float],
    quotas: Sequence[Quota] = (),
    freed: Sequence[str] = (),
    standing: Sequence[Quota] = (),
    steps: int = STEPS,
) -> tuple[Equilibrium, str]:
    """A solution with the price of saving along the straight line of what is held, and what to say about it.

    Args:
        problem: that was solved.
        solved: its solution.
        instruments, quotas: as `Problem.solve` took them.
        freed: instruments that swaps freed: on the line they move to where they ended.
        standing: those of the quotas that are in force from the start.
        steps: of the path.

    Returns:
        The solution and nothing to say; as it was, with a note, where a point on the way has no solution.
    """
    if POOL not in solved.data:
        return solved, ""
    base = benchmark_point(solved.parameters)
    ends: dict[str, xr.DataArray | float] = {
        name: solved.data[name] if name in freed else value for name, value in instruments.items()
    }
    ends |= {name: solved.data[name] for name in freed}
    at = [k / steps for k in range(steps + 1)]
    points = [base]
    try:
        for share in at[1:-1]:
            levels = {name: base[name] + share * (value - base[name]) for name, value in ends.items()}
            limits = [q if q in standing else phased(solved.parameters, q, share) for q in quotas]
            points.append(problem.solve(levels, limits).data)
    except SolveError as error:
        first = str(error).split(".")[0]
        return solved, f"the price of saving is at mean weights, since a point on the way has no solution: {first}"
    return replace(solved, data=pooled_along(solved.parameters, at, [*points, solved.data])[-1]), ""
