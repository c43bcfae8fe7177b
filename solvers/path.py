"""A path from the benchmark to a large shock, in steps that Newton's method can take."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cge.model import Values

from .newton import Newton, NewtonResult

SMALLEST = 1e-4
"""Shortest step, as a share of the path."""


def follow(
    newton: Newton, start: Values, goal: Values, *, watch: Callable[[float], None] | None = None
) -> NewtonResult:
    """Solve along the straight line from one setting of the instruments to another.

    Args:
        newton: method and system.
        start: a solved point.
        goal: the same with everything that is held at its final value.
        watch: called with the share of the path that is done.

    Returns:
        The end of the path, or, not converged, the furthest point that was reached.
    """
    system = newton.system
    done, step, last, count = 0.0, 0.25, 1.0, 0
    here, before = start, start
    while done < 1.0:
        step = min(step, 1.0 - done)
        share = done + step
        held = {name: np.asarray((1.0 - share) * start[name] + share * goal[name]) for name in goal}
        guess = system.pack(here)
        if done > 0.0:  # go on in the direction of the last step
            guess = guess + (guess - system.pack(before)) * step / last
        result = newton.solve(system.unpack(guess, held), iterations=12)
        count += result.iterations
        if result.converged:
            done, last, before, here = share, step, here, result.values
            step *= 2.0
            if watch:
                watch(done)
        else:
            step /= 2.0
            if step < SMALLEST:
                return NewtonResult(system.unpack(system.pack(here), goal), result.residual, count, False)
    return NewtonResult(here, result.residual, count, True)
