"""Rates from which no player gains alone: a Nash equilibrium of players that each choose their own.

First-order conditions of all players at once: each rate's own secant steps until they are short, then Anderson's mixing
of the last steps, which brings in how the players answer one another.

Sources: Anderson (1965), "Iterative procedures for nonlinear integral equations", Journal of the ACM 12; Ossa (2014),
"Trade wars and trade talks with data", American Economic Review 104.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cge.errors import SolveError

from .game import Game, Vector
from .optimum import FAR, GAIN, ROUNDS, STEP

NEAR = 0.03
"""Steps of all rates from which on cross effects count, in logarithms."""
MEMORY = 10
"""Steps that the search remembers."""


def nash(game: Game, start: float = 0.1) -> Vector:
    """Rates from which no player gains by a small change of its own.

    First-order conditions of all players: each rate's own secant steps until they are short, then Anderson's mixing.

    Raises:
        SolveError: the search does not end.
    """
    low, high = game.bounds
    here = np.clip(np.full(len(low), np.log1p(start)), low, high)
    _, slopes = game.at(here)
    bend = _curvature(game, here, slopes)
    pairs: list[tuple[Vector, Vector]] = []
    for _ in range(ROUNDS):
        free = game.free(here, slopes)
        if (bend > 0.0).all() and (np.where(free, slopes, 0.0) ** 2 / (2.0 * bend)).max() < GAIN * game.money / 10.0:
            return here
        near = bool((np.abs(np.where(free, slopes / bend, 0.0)) < NEAR).all())
        step = np.where(free, _mixed(slopes / bend, pairs) if near else slopes / bend, 0.0)
        # beyond where the outcome is concave there is no Newton step: go on the way that it rises
        step = np.where(free & (bend <= 0.0), np.copysign(FAR, slopes), np.clip(step, -FAR, FAR))
        there = np.clip(here + step, low, high)
        _, new = game.at(there)
        if near:
            pairs.append((there - here, (new - slopes) / bend))
        else:
            far = np.abs(there - here) > NEAR / 4.0
            bend = np.where(far, (slopes - new) / np.where(far, there - here, 1.0), bend)
        here, slopes = there, new
    raise SolveError(
        "no Nash equilibrium was found: the answers of the players to one another do not settle; try other bounds, "
        "fewer rates, or another start"
    )


def _mixed(residual: Vector, pairs: Sequence[tuple[Vector, Vector]]) -> Vector:
    """Step from a residual, with what the last steps taught: Anderson's mixing."""
    if not pairs:
        return residual
    moves, changes = (np.column_stack(part) for part in zip(*pairs[-MEMORY:], strict=True))
    shares = np.linalg.lstsq(changes, residual, rcond=1e-10)[0]
    return np.asarray(residual - (moves + changes) @ shares)


def _curvature(game: Game, here: Vector, slopes: Vector) -> Vector:
    """Own curvature of every rate, a positive number, from one step of all in common."""
    _, new = game.at(here + STEP)
    bend = (slopes - new) / STEP
    usual = float(np.median(bend[bend > 0.0])) if (bend > 0.0).any() else float(np.abs(bend).max())
    return np.where(bend > 0.05 * usual, bend, usual)
