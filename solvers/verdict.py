"""How good rates are for each player: the gain that is left, the curvature, rates at a bound, and IPOPT's own word.

IPOPT gets the whole problem in the unknowns and the free rates, on the compiled Pyomo model, with the multipliers of
the adjoint, and may take no step: it accepts the point as a stationary one or does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .certificate import ipopt
from .certificate.compiled import CompiledModel
from .certificate.stationary import Objective, stationary
from .game import Game, Vector

FEW = 12
"""Up to this many rates the Hessian is whole; of more, its eigenvalues are those that some steps of Lanczos see."""
LANCZOS = 12


@dataclass(frozen=True)
class Verdict:
    """How good rates are for a player.

    Attributes:
        value: of the player's outcome.
        left: gain that is left to second order, in units of the outcome; predicted regret in an equilibrium of several.
        eigenvalue: largest of the Hessian in scaled rates over its largest size: negative at a maximum.
        bound: rates at a bound, by name, with the bound.
        ipopt: what IPOPT says of the player's first-order conditions, 0 for accepted; none if it was not asked.
        infeasible: largest gradient of the Lagrangian that it found, the outcome in shares of income.
    """

    value: float
    left: float
    eigenvalue: float
    bound: dict[str, float]
    ipopt: int | None = None
    infeasible: float = float("nan")


def judge(game: Game, logs: Vector, compiled: CompiledModel | None = None) -> list[Verdict]:
    """How good rates are for each player, the others' being what they are.

    Args:
        game: players and the walk.
        logs: logarithms of one plus the rates.
        compiled: the Pyomo model, for IPOPT's word.
    """
    values, slopes = game.at(logs)
    free = game.free(logs, slopes)
    verdicts = []
    for k, (player, span) in enumerate(zip(game.players, game.spans, strict=True)):
        own = free[span]
        largest, left = _second(game, k, logs, slopes, own) if own.any() else (-1.0, 0.0)
        held = {name: float(np.expm1(log)) for name, log, is_free in zip(player.names, logs[span], own, strict=True)
                if not is_free}  # fmt: skip
        status, size = _certified(game, k, logs, free, compiled) if compiled is not None else (None, float("nan"))
        verdicts.append(Verdict(float(values[k]), left, largest, held, status, size))
    return verdicts


def _second(game: Game, k: int, logs: Vector, slopes: Vector, free: NDArray[np.bool_]) -> tuple[float, float]:
    """Largest eigenvalue of a player's scaled Hessian over its size, and the gain that is left to second order."""
    where = np.flatnonzero(free)

    def product(direction: Vector) -> Vector:
        whole = np.zeros(free.size)
        whole[where] = np.ravel(direction)
        return game.product(k, logs, slopes, whole)[where]

    n, here = where.size, slopes[game.spans[k]][where]
    if n <= FEW:
        hessian = np.column_stack([product(unit) for unit in np.eye(n)])
        values, vectors = np.linalg.eigh((hessian + hessian.T) / 2.0)
        parts = vectors.T @ here
        return float(values[-1] / np.abs(values).max()), float((parts**2 / (2.0 * np.abs(values))).sum())
    values = _lanczos(product, n)
    size = float(np.abs(values).max())
    return float(values[-1] / size), float((here**2).sum() / (2.0 * size))


def _lanczos(product: Callable[[Vector], Vector], size: int) -> Vector:
    """Ritz values of a symmetric operator after a few steps of Lanczos, which its extreme eigenvalues bound."""
    way = np.random.default_rng(1).normal(size=size)
    basis = [way / np.linalg.norm(way)]
    projected = np.zeros((LANCZOS, LANCZOS))
    for k in range(LANCZOS):
        image = product(basis[k])
        projected[: k + 1, k] = projected[k, : k + 1] = [float(image @ one) for one in basis]
        for one in basis:
            image = image - float(image @ one) * one
        left = float(np.linalg.norm(image))
        if left < 1e-10 or k + 1 == LANCZOS:
            return np.asarray(np.linalg.eigvalsh(projected[: k + 1, : k + 1]), dtype=float)
        basis.append(image / left)
    return np.asarray(np.linalg.eigvalsh(projected), dtype=float)


def _certified(game: Game, k: int, logs: Vector, free: NDArray[np.bool_], compiled: CompiledModel) -> tuple[int, float]:
    """IPOPT's status and the largest gradient of the Lagrangian, for one player, the other rates held."""
    problem, player = game.walk.problem, game.players[k]
    system, values = problem.system, game.walk.values
    groups: list[tuple[str, NDArray[np.int64]]] = []
    count = 0
    for choice, span in game.parts[k]:
        mine = free[span]
        numbers = np.where(mine, count + np.cumsum(mine) - 1, -1)
        groups.append((choice.symbol, np.where(choice.groups >= 0, numbers[choice.groups], -1)))
        count += int(mine.sum())
    adjoint = game.walk.adjoint(game.symbols)
    objective = Objective(0.0, np.zeros(system.size), np.zeros(count), np.zeros(system.height))
    for weight, goal in player.goals:
        share = weight / game.money
        direct, held = adjoint.direct(goal)
        objective.value += share * goal.value(problem.model, values)
        objective.unknowns += share * direct
        for symbol, numbers in groups:
            cells = numbers >= 0
            objective.rates += share * np.bincount(numbers[cells], held[symbol][cells], count)
        objective.multipliers += share * adjoint.multipliers(goal)
    rates = np.expm1(logs[game.spans[k]])[free[game.spans[k]]]
    with ipopt.ALONE:
        return stationary(compiled, system, values, groups, rates, objective)
