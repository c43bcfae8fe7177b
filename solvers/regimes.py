"""The regime of every quota: guess, solve, check each inequality, move what fails.

Limits move all at once, and one at a time where that does not help (`cge.quotas.Pivots`). Where a guess has no
solution, limits tighten from what trade would be without them, in one go if that can be, with regimes that may change
at every step of Newton's method.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cge.model import Values
from cge.quotas import Limits, Pivots, flags, nearest, regimes

from .equilibrium import SolveError

Point = Callable[[Values, Values, bool], tuple[Values, int, str]]
"""Solves a smooth system from a start to a goal, by a path of shocks if need be and allowed.

It gives the point, the steps, and the way in a word."""

Switch = Callable[[Values, Values, Limits], tuple[Values, int] | None]
"""Solves with regimes that may change at every step: from start, goal and limits to the point, if any, and steps."""

State = tuple[str, ...]

SMALLEST = 0.05
"""Shortest step of a tightening, as a share of its way in logarithms."""


@dataclass(frozen=True)
class Settled:
    """A point at which every limit is in the regime that its inequalities ask for."""

    values: Values
    state: State
    steps: int
    ways: frozenset[str]


def find(point: Point, switch: Switch, start: Values, target: Values, bounds: Limits, state: State) -> Settled:
    """The point and the regimes.

    Args:
        point: solver of smooth systems.
        switch: solver that may change regimes as it goes.
        start: where to start.
        target: everything that is held, but for the flags of the quotas.
        bounds: limits.
        state: first guess.

    Raises:
        SolveError: no point, or no regimes, were found.
    """
    guess = Settled(start, state, 0, frozenset())
    if not state:
        return settle(point, guess, target, bounds, path=True)
    try:
        return settle(point, guess, target, bounds, path=False)
    except SolveError:
        return _tighten(point, switch, start, target, bounds)


def settle(point: Point, last: Settled, target: Values, bounds: Limits, *, path: bool) -> Settled:
    """Solve and move regimes until every inequality holds."""
    values, state, steps, ways = last.values, last.state, last.steps, last.ways
    pivots = Pivots()
    while True:
        values, more, way = point(values, {**target, **flags(state, bounds)}, path)
        steps, ways = steps + more, ways | {way}
        wanted = regimes(state, values["premium"], values["volume"], bounds)
        if wanted == state:
            return Settled(values, state, steps, ways)
        moved = pivots.move(state, wanted)
        if moved is None:
            raise SolveError("the regimes go round in a circle")
        state = moved


def _tighten(point: Point, switch: Switch, start: Values, target: Values, bounds: Limits) -> Settled:
    """From trade without limits to the limits."""
    count = len(bounds.limit)
    open_ = replace(bounds, limit=np.full(count, np.inf))
    here = settle(point, Settled(start, ("slack",) * count, 0, frozenset()), target, open_, path=True)
    widest = np.maximum(here.values["volume"], bounds.limit)
    done, step = 0.0, 1.0
    while done < 1.0:
        share = min(1.0, done + step)
        with np.errstate(invalid="ignore"):  # an infinite limit stays
            limit = np.where(np.isinf(bounds.limit), np.inf, widest ** (1.0 - share) * bounds.limit**share)
        try:
            here = _switched(point, switch, here, target, replace(bounds, limit=limit))
        except SolveError as error:
            step /= 2.0
            if step < SMALLEST:
                raise SolveError(_stuck(here, bounds, limit, done)) from error
        else:
            done, step = share, 2.0 * step
    return replace(here, ways=here.ways | {"tightening"})


def _switched(point: Point, switch: Switch, last: Settled, target: Values, bounds: Limits) -> Settled:
    found = switch(last.values, target, bounds)
    if found is None:
        raise SolveError("no point with any regimes")
    values, steps = found
    state = nearest(values["premium"], values["volume"], bounds)
    return settle(point, Settled(values, state, last.steps + steps, last.ways), target, bounds, path=False)


def _stuck(here: Settled, bounds: Limits, limit: NDArray[np.float64], done: float) -> str:
    tight = int(np.where(np.isfinite(limit), here.values["premium"], -np.inf).argmax())
    return (
        f"no equilibrium found under the {len(limit)} quotas: tightened from trade without them, they lead on to "
        f"{100.0 * done:.3g} % of the way. The highest premium there is {here.values['premium'][tight]:.3g} on quota "
        f"{tight + 1}, at {limit[tight]:.3g} of benchmark imports, to go to {bounds.limit[tight]:.3g}. "
        "Try wider quotas, or a tariff-rate quota, whose premium has a ceiling."
    )
