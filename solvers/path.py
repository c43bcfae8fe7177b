"""A path from the benchmark to a large shock, in steps that Newton's method can take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from cge.model import Values
from cge.symbols import INSTRUMENTS, RATE, Symbol

from .logarithms import LogNewton

SMALLEST = 2e-3
"""Shortest step, as a share of the path."""

SINGULAR, TURNING = 1e-13, 0.2
"""Singular values of the Jacobian, smallest over largest: where it is singular; where, as a share of its value at the
start, a path is about to turn back (the smallest falls with the square root of what is left of the way)."""


@dataclass(frozen=True)
class PathResult:
    """Where a path ended.

    Attributes:
        values: the last point, or, not converged, the unknowns of the furthest point with the goal's instruments.
        converged: whether the path was gone to its end.
        iterations: steps of Newton's method.
        done: share of the path that was gone.
        negative: unknown that must be positive and would not be further on; empty if the path ended for another reason.
        undetermined: unknowns that no equation determines where the path ended; empty if all are.
        turns: unknowns that run away from the path where it ended, as they do where it turns back; empty if none do.
        furthest: unknown that is furthest from the benchmark where the path ended, with its value.
    """

    values: Values
    converged: bool
    iterations: int
    done: float
    negative: str = ""
    undetermined: str = ""
    turns: str = ""
    furthest: str = ""


def follow(
    newton: LogNewton, start: Values, goal: Values, *, watch: Callable[[float], None] | None = None
) -> PathResult:
    """Solve along the way from one setting of the instruments to another.

    Indices go their way in equal proportions, rates as powers (one plus the rate) and everything else in a straight
    line. The path ends where an unknown that must be positive is not.

    Args:
        newton: method and system.
        start: a solved point.
        goal: the same with everything that is held at its final value.
        watch: called with the share of the path that is done.
    """
    system = newton.system
    done, step, last, count = 0.0, 0.25, 1.0, 0
    here, before = start, start
    while done < 1.0:
        step = min(step, 1.0 - done)
        share = done + step
        held = between(start, goal, share) if share < 1.0 else goal
        guess = system.pack(here)
        if done > 0.0:  # go on in the direction of the last step
            guess = newton.beyond(system.pack(before), guess, step / last)
        found = newton.solve(system.unpack(guess, held), iterations=10)
        count += found.iterations
        negative = newton.negative(found.values)
        if found.converged and not negative:
            done, last, before, here = share, step, here, found.values
            step *= 2.0
            if watch:
                watch(done)
        else:
            step /= 2.0
            if step < SMALLEST:
                values = system.unpack(system.pack(here), goal)
                lost = negative if found.converged else ""
                slack, names = (1.0, "") if lost else newton.weakest(here)
                undetermined = names if slack < SINGULAR else ""
                turns = names if not undetermined and slack < TURNING * newton.weakest(start)[0] else ""
                return PathResult(values, False, count, done, lost, undetermined, turns, newton.furthest(here))
    return PathResult(here, True, count, 1.0)


def between(start: Values, goal: Values, share: float) -> Values:
    """The instruments at a share of the way."""
    symbols: Mapping[str, Symbol] = INSTRUMENTS
    result = {}
    for name, end in goal.items():
        begin = start[name]
        offset = 0.0
        if name in symbols:
            offset = 1.0 if symbols[name].unit == RATE else 0.0
        geometric = name in symbols and symbols[name].unit.startswith(("index", RATE))
        positive = (begin + offset > 0.0) & (end + offset > 0.0) if geometric else np.zeros(begin.shape, dtype=bool)
        with np.errstate(all="ignore"):
            curved = (begin + offset) ** (1.0 - share) * (end + offset) ** share - offset
        result[name] = np.where(positive, curved, (1.0 - share) * begin + share * end)
    return result
