r"""The rates that serve an outcome best: Newton's method with a trust region, within bounds.

The direction of a step comes from conjugate gradients on exact derivatives (`Game.product`), cut at the edge of the
region within which the quadratic is trusted, or where the outcome is not concave (Steihaug). Rates at a bound that
they would pass stay there.

Sources: Steihaug (1983), "The conjugate gradient method and trust regions in large scale optimization", SIAM Journal on
Numerical Analysis 20; Lin and More (1999), "Newton's method for large bound-constrained optimization problems", SIAM
Journal on Optimization 9; Ossa (2014), "Trade wars and trade talks with data", American Economic Review 104.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from cge.errors import SolveError
from cge.goal import Goal

from .game import Game, Player, Vector

STEP = 0.02
"""First step of the search of one rate, in logarithms."""
GAIN = 1e-10
"""Gain that is left to second order, share of what the outcome is measured against, at which a search ends."""
CLOSE = 1e-8
"""Distance to the best single rate at which its search ends, in logarithms."""
FAR = 0.25
"""Longest move of a rate in one step, in logarithms."""
ROUNDS = 60
INNER = 40
"""Products of one step."""
WEIGHT, DEAR = 0.25, 1e4
"""First weight of a target, and that from which on it is out of reach."""
FORCING = 0.03
"""Share of the slope that a step may leave."""


def best(game: Game, start: float) -> Vector:
    """The best rates of the only player, from one tariff for all, and from nothing of other instruments.

    Returns:
        Logarithms of one plus the rates.

    Raises:
        SolveError: no solution at rates that the search came to.
    """
    low, high = game.bounds
    first = np.concatenate(
        [np.full(len(c.names), np.log1p(start) if c.symbol == "tm" or len(low) == 1 else 0.0) for c, _ in game.parts[0]]
    )
    return best_from(game, np.clip(first, low, high))


def best_from(game: Game, first: Vector) -> Vector:
    """The best rates of the only player, from given ones (logarithms)."""
    return _one(game, float(first[0])) if len(first) == 1 else _many(game, first)


def cheapest(game: Game, start: float, goal: Goal, least: float) -> tuple[Game, Vector, float]:
    """The only player's best rates among those that bring another outcome to a level.

    They are the best ones where that outcome counts too, with the weight at which the level is just reached.

    Returns:
        The game with the target among the goals, logarithms of one plus the rates, and the weight: what a unit of the
        target costs the player at the margin; zero where it costs nothing.

    Raises:
        SolveError: no such rates reach the level.
    """
    (player,) = game.players

    def at(weight: float, first: Vector | None) -> tuple[Game, Vector, float]:
        whole = Player(player.name, (*player.goals, (weight, goal)), player.choices)
        own = Game(game.walk, [whole], game.money * (1.0 + weight), game.levels_beside)
        logs = best(own, start) if first is None else best_from(own, first)
        own.at(logs)
        return own, logs, goal.value(game.walk.problem.model, game.walk.values) - least

    own, logs, gap = at(0.0, None)
    if gap >= 0.0:
        return own, logs, 0.0
    low, high = 0.0, WEIGHT
    while gap < 0.0:
        own, logs, gap = at(high, logs)
        if gap < 0.0 and high > DEAR:
            raise SolveError(
                f"no rates of {player.name} bring {goal.name} to {least:,.6g}: the most that was found is "
                f"{gap + least:,.6g} {goal.unit}"
            )
        low, high = (high, 4.0 * high) if gap < 0.0 else (low, high)
    kept = logs
    found = float(brentq(lambda weight: at(weight, kept)[2], low, high, xtol=1e-9, rtol=1e-9))
    own, logs, _ = at(found, kept)
    return own, logs, found


def _many(game: Game, first: Vector) -> Vector:
    """Steps of a trust region until the gain that is left is nothing."""
    low, high = game.bounds
    scale = game.scale
    here, radius = first, 2.0 * FAR
    (value,), slopes = game.at(here)
    for _ in range(ROUNDS):
        free = game.free(here, slopes)
        step, gain = _step(game, here, slopes, free, radius)
        if gain <= 0.0:
            break
        there = np.clip(here + step / scale, low, high)
        try:
            (new,), ahead = game.at(there)
        except SolveError:  # too far
            game.at(here)
            radius /= 4.0
            continue
        done = gain < GAIN * game.money
        ratio = (new - value) / gain
        if ratio > 0.1 or done:
            here, value, slopes = there, float(new), ahead
        else:
            game.at(here)
        if done:
            break
        size = float(np.linalg.norm(step))
        radius = size / 4.0 if ratio < 0.25 else max(radius, 2.0 * size) if ratio > 0.75 else radius
    return here


def _step(game: Game, here: Vector, slopes: Vector, free: NDArray[np.bool_], radius: float) -> tuple[Vector, float]:
    """A step in scaled logarithms, and the gain that the quadratic promises (Steihaug)."""
    slope = np.where(free, slopes, 0.0)
    step, rest = np.zeros_like(slope), slope.copy()
    way, curved = rest.copy(), np.zeros_like(slope)  # curved: Hessian times step
    goal = FORCING * float(np.linalg.norm(slope))
    for _ in range(INNER):
        if np.linalg.norm(rest) <= goal:
            break
        bent = np.where(free, game.product(0, here, slopes, way), 0.0)
        bend = -float(way @ bent)
        length = float(rest @ rest) / bend if bend > 0.0 else np.inf
        if bend <= 0.0 or np.linalg.norm(step + length * way) >= radius:
            length = _to_edge(step, way, radius)
            step, curved = step + length * way, curved + length * bent
            break
        step, curved = step + length * way, curved + length * bent
        new = rest + length * bent
        way = new + way * float(new @ new) / float(rest @ rest)
        rest = new
    return step, float(slope @ step + 0.5 * step @ curved)


def _to_edge(step: Vector, way: Vector, radius: float) -> float:
    """How far along a way the edge of the region is."""
    a, b, c = float(way @ way), float(step @ way), float(step @ step) - radius**2
    return float((-b + np.sqrt(max(b * b - a * c, 0.0))) / a) if a > 0.0 else 0.0


def _one(game: Game, start: float) -> Vector:
    """The best single rate: secants on the slope within a bracket."""
    (low,), (high,) = game.bounds

    def at(rate: float) -> float:
        return float(game.at(np.array([rate]))[1][0])

    here, there = start, min(start + STEP, float(high)) if start < high else start - STEP
    first, second = at(here), at(there)
    for _ in range(ROUNDS):
        bend = (second - first) / (there - here) if there != here else -1.0
        if bend < 0.0 and abs(second / bend) < CLOSE:
            break
        if (second > 0.0 and there >= high) or (second < 0.0 and there <= low):
            break  # it runs to its bound
        move = -second / bend if bend < 0.0 else np.copysign(FAR, second)
        here, first = there, second
        there = float(np.clip(here + np.clip(move, -FAR, FAR), low, high))
        second = at(there)
    return np.array([there])
