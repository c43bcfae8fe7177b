r"""The rates that serve an outcome best, for one player or for several that each answer the others (Nash).

The problem is reduced to the rates: a point is solved for from the last one (`Walk`), and the gradient in all rates is
one adjoint solve. Rates go by their logarithm, :math:`y = \log(1+t)`, each times the root of what it falls on, so that
all are alike in curvature. What it ends at is solved for and certified anew, and judged: the gain that is left to first
order, :math:`g^2/2|H|`, and the largest eigenvalue of the Hessian, which is negative at a maximum.

Sources: Ossa (2014), "Trade wars and trade talks with data", American Economic Review 104; Anderson (1965), "Iterative
procedures for nonlinear integral equations", Journal of the ACM 12; Byrd, Lu, Nocedal and Zhu (1995), "A limited memory
algorithm for bound constrained optimization", SIAM Journal on Scientific Computing 16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse.linalg import LinearOperator, eigsh

from cge.errors import RequestError, SolveError
from cge.goal import Goal

from .walk import Walk

Vector = NDArray[np.float64]

STEP = 0.02
"""Common step of all rates, in logarithms, that shows the curvature."""
FEW = 12
"""Up to this many rates the Hessian is whole; of more, its largest eigenvalue."""
GAIN = 1e-10
"""Gain that is left to first order, share of what the outcome is measured against, at which a search ends."""
CLOSE = 1e-8
"""Distance to the best single rate at which its search ends, in logarithms."""
FAR = 0.25
"""Longest move of a rate in one step of the search for an equilibrium, in logarithms."""
NEAR = 0.03
"""Steps of all rates from which on cross effects count, in logarithms."""
ROUNDS = 60
MEMORY = 10
"""Steps that the search for an equilibrium remembers."""


@dataclass(frozen=True)
class Player:
    """Who chooses what, for what.

    Attributes:
        name: of the player.
        goals: outcomes and the weight of each.
        symbol: instrument whose rates are chosen.
        groups: number of the rate that each cell of the instrument has, -1 for cells that are not chosen.
        names: of the rates.
        sizes: what each rate falls on, at the benchmark.
        low, high: bounds of the rates.
    """

    name: str
    goals: tuple[tuple[float, Goal], ...]
    symbol: str
    groups: NDArray[np.int64]
    names: tuple[str, ...]
    sizes: Vector
    low: float
    high: float

    @cached_property
    def scale(self) -> Vector:
        """Of the logarithms of one plus the rates."""
        return np.asarray(np.sqrt(np.maximum(self.sizes, 1e-6 * self.sizes.sum()) / self.sizes.sum()))


@dataclass(frozen=True)
class Verdict:
    """How good rates are for a player.

    Attributes:
        value: of the player's outcome.
        left: gain that is left to first order, in units of the outcome; predicted regret in an equilibrium of several.
        eigenvalue: largest of the Hessian in scaled rates over its largest size: negative at a maximum.
        bound: rates at a bound, by name, with the bound.
    """

    value: float
    left: float
    eigenvalue: float
    bound: dict[str, float]


@dataclass
class Game:
    """Players on one walk of solutions.

    Args:
        walk: that evaluates.
        players: one, or several.
        money: what gains are compared with, units of the outcome.
        _base: full arrays of instruments beside the rates; those of the walk where there are none.
    """

    walk: Walk
    players: Sequence[Player]
    money: float
    _base: dict[str, Vector] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(player.names for player in self.players):
            idle = [player.name for player in self.players if not player.names]
            raise RequestError([f"{name} has no instrument: there is nothing that its rates fall on" for name in idle])
        for player in self.players:
            self._base.setdefault(player.symbol, np.array(self.walk.levels(player.symbol)))

    @cached_property
    def spans(self) -> list[slice]:
        """Where each player's rates are among all."""
        ends = np.cumsum([0, *(len(player.names) for player in self.players)])
        return [slice(int(a), int(b)) for a, b in pairwise(ends)]

    def levels(self, logs: Vector) -> dict[str, Vector]:
        """Instruments at rates, given by their logarithms."""
        result = {name: array.copy() for name, array in self._base.items()}
        for player, span in zip(self.players, self.spans, strict=True):
            chosen = player.groups >= 0
            result[player.symbol][chosen] = np.expm1(logs[span])[player.groups[chosen]]
        return result

    def at(self, logs: Vector) -> tuple[Vector, Vector]:
        """Outcome of every player, and its derivative in the player's own logarithms, scaled [rate]."""
        self.walk.at(self.levels(logs))
        adjoint = self.walk.adjoint(dict.fromkeys(player.symbol for player in self.players))
        values, slopes = np.zeros(len(self.players)), np.zeros(len(logs))
        for k, (player, span) in enumerate(zip(self.players, self.spans, strict=True)):
            for weight, goal in player.goals:
                values[k] += weight * goal.value(self.walk.problem.model, self.walk.values)
                cells = adjoint.slopes(goal)[player.symbol]
                chosen = player.groups >= 0
                sums = np.bincount(player.groups[chosen], cells[chosen], len(player.names))
                slopes[span] += weight * sums * np.exp(logs[span]) / player.scale
        return values, slopes

    @cached_property
    def scale(self) -> Vector:
        """Of all logarithms."""
        return np.concatenate([player.scale for player in self.players])

    @cached_property
    def bounds(self) -> tuple[Vector, Vector]:
        """Of all logarithms."""
        counts = [len(player.names) for player in self.players]
        low, high = ([getattr(player, end) for player in self.players] for end in ("low", "high"))
        return np.repeat(np.log1p(low), counts), np.repeat(np.log1p(high), counts)


def best(game: Game, start: float) -> Vector:
    """The best rates of the only player, from one rate for all.

    Returns:
        Logarithms of one plus the rates.

    Raises:
        SolveError: no solution at rates that the search came to.
    """
    low, high = game.bounds
    first = np.clip(np.full(len(low), np.log1p(start)), low, high)
    if len(first) == 1:
        return _one(game, float(first[0]))
    scale = game.scale

    def loss(z: Vector) -> tuple[float, Vector]:
        try:
            values, slopes = game.at(z / scale)
        except SolveError:  # too far: the search shortens its step
            return 1e6, np.zeros_like(z)
        return -values[0] / game.money, -slopes / game.money

    found = minimize(
        loss, first * scale, jac=True, method="L-BFGS-B", bounds=list(zip(low * scale, high * scale, strict=True)),
        options={"maxiter": 200, "maxcor": 30, "ftol": 1e-13, "gtol": 1e-9, "maxls": 30},
    )  # fmt: skip
    return np.asarray(found.x / scale)


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
        free = _free(here, slopes, low, high)
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


def _free(here: Vector, slopes: Vector, low: Vector, high: Vector) -> NDArray[np.bool_]:
    """Rates that a bound does not hold against their slope."""
    return ~(((here >= high - 1e-12) & (slopes > 0.0)) | ((here <= low + 1e-12) & (slopes < 0.0)))


def judge(game: Game, logs: Vector) -> list[Verdict]:
    """How good rates are for each player, the others' being what they are."""
    values, slopes = game.at(logs)
    low, high = game.bounds
    free = _free(logs, slopes, low, high)
    verdicts = []
    for k, (player, span) in enumerate(zip(game.players, game.spans, strict=True)):
        where = np.flatnonzero(free[span]) + span.start
        largest, left = _second(game, logs, slopes, where) if where.size else (-1.0, 0.0)
        held = {
            player.names[n - span.start]: float(np.expm1(logs[n])) for n in range(span.start, span.stop) if not free[n]
        }
        verdicts.append(Verdict(float(values[k]), left, largest, held))
    game.at(logs)
    return verdicts


def _second(game: Game, logs: Vector, slopes: Vector, where: NDArray[np.int64]) -> tuple[float, float]:
    """Largest eigenvalue of the scaled Hessian over its size, and the gain that is left to second order."""
    scale = game.scale[where]

    def product(direction: Vector) -> Vector:
        step = 1e-4 / max(float(np.abs(direction / scale).max()), 1e-30)
        sides = []
        for sign in (1.0, -1.0):
            moved = logs.copy()
            moved[where] += sign * step * direction / scale
            sides.append(game.at(moved)[1][where])
        return np.asarray((sides[0] - sides[1]) / (2.0 * step))

    n, here = len(where), slopes[where]
    if n <= FEW:
        hessian = np.column_stack([product(unit) for unit in np.eye(n)])
        values, vectors = np.linalg.eigh((hessian + hessian.T) / 2.0)
        parts = vectors.T @ here
        return float(values[-1] / np.abs(values).max()), float((parts**2 / (2.0 * np.abs(values))).sum())
    operator: Any = LinearOperator((n, n), matvec=product, dtype=float)
    large = eigsh(operator, k=1, which="LA", tol=0.05, maxiter=40, return_eigenvectors=False)
    size = float(np.linalg.norm(product(np.ones(n) / np.sqrt(n))))
    return float(large[0]) / size, float((here**2).sum() / (2.0 * size))
