r"""Players, the rates that each chooses, and what these do to their outcomes: the problem reduced to the rates.

A point is solved for from the last one (`Walk`), and the gradient in all rates is one adjoint solve. Rates go by their
logarithm, :math:`y = \log(1+t)`, each times the root of what it falls on, so that all are alike in curvature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cge.errors import RequestError
from cge.goal import Goal

from .gradient import Adjoint
from .walk import Walk

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """Rates of one instrument that a player chooses.

    Attributes:
        symbol: the instrument.
        groups: number of the rate that each cell of the instrument has, -1 for cells that are not chosen.
        names: of the rates.
        sizes: what each rate falls on, at the benchmark.
        low, high: bounds of the rates.
        label: tells it from a player's other choices.
    """

    symbol: str
    groups: NDArray[np.int64]
    names: tuple[str, ...]
    sizes: Vector
    low: float
    high: float
    label: str = ""


@dataclass(frozen=True)
class Player:
    """Who chooses what, for what.

    Attributes:
        name: of the player.
        goals: weight of each outcome, and the outcome.
        choices: what is chosen.
    """

    name: str
    goals: tuple[tuple[float, Goal], ...]
    choices: tuple[Choice, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of all rates, with the label of the choice where there are several."""
        several = len(self.choices) > 1
        return tuple(f"{c.label} {name}".strip() if several else name for c in self.choices for name in c.names)

    @cached_property
    def sizes(self) -> Vector:
        """What all rates fall on."""
        return np.concatenate([np.zeros(0), *(choice.sizes for choice in self.choices)])

    @cached_property
    def scale(self) -> Vector:
        """Of the logarithms of one plus the rates."""
        total = self.sizes.sum()
        return np.asarray(np.sqrt(np.maximum(self.sizes, 1e-6 * total) / total))


@dataclass
class Game:
    """Players on one walk of solutions.

    Args:
        walk: that evaluates.
        players: one, or several.
        money: what gains are compared with, units of the outcome.
        _base: full arrays of instruments beside the rates; those of the walk where there are none.

    Raises:
        RequestError: a player has nothing to choose.
    """

    walk: Walk
    players: Sequence[Player]
    money: float
    _base: dict[str, Vector] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(player.names for player in self.players):
            idle = [player.name for player in self.players if not player.names]
            raise RequestError([f"{name} has no instrument: there is nothing that its rates fall on" for name in idle])
        for symbol in self.symbols:
            self._base.setdefault(symbol, np.array(self.walk.levels(symbol)))
        self._adjoint: Adjoint | None = None

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Instruments that anybody chooses."""
        return tuple(dict.fromkeys(choice.symbol for player in self.players for choice in player.choices))

    @cached_property
    def spans(self) -> list[slice]:
        """Where each player's rates are among all."""
        return _spans([len(player.names) for player in self.players])

    @cached_property
    def parts(self) -> list[list[tuple[Choice, slice]]]:
        """Choices of each player, and where their rates are among all."""
        found = []
        for player, span in zip(self.players, self.spans, strict=True):
            inner = _spans([len(choice.names) for choice in player.choices])
            at = [slice(span.start + own.start, span.start + own.stop) for own in inner]
            found.append(list(zip(player.choices, at, strict=True)))
        return found

    def levels(self, logs: Vector) -> dict[str, Vector]:
        """Instruments at rates, given by their logarithms."""
        return self._spread(np.expm1(logs), {name: array.copy() for name, array in self._base.items()})

    @property
    def levels_beside(self) -> dict[str, Vector]:
        """Instruments where nobody chooses."""
        return dict(self._base)

    def _spread(self, rates: Vector, arrays: dict[str, Vector]) -> dict[str, Vector]:
        """Arrays of instruments with numbers of the rates in their cells."""
        for part in self.parts:
            for choice, span in part:
                chosen = choice.groups >= 0
                arrays[choice.symbol][chosen] = rates[span][choice.groups[chosen]]
        return arrays

    def _gathered(self, k: int, cells: dict[str, Vector]) -> Vector:
        """Sums over the cells of each rate of one player."""
        sums = []
        for choice, _ in self.parts[k]:
            chosen = choice.groups >= 0
            sums.append(np.bincount(choice.groups[chosen], cells[choice.symbol][chosen], len(choice.names)))
        return np.concatenate(sums)

    def at(self, logs: Vector) -> tuple[Vector, Vector]:
        """Outcome of every player, and its derivative in the player's own logarithms, scaled [rate]."""
        self.walk.at(self.levels(logs))
        adjoint = self._adjoint = self.walk.adjoint(self.symbols)
        values, slopes = np.zeros(len(self.players)), np.zeros(len(logs))
        for k, (player, span) in enumerate(zip(self.players, self.spans, strict=True)):
            for weight, goal in player.goals:
                values[k] += weight * goal.value(self.walk.problem.model, self.walk.values)
                slopes[span] += weight * self._gathered(k, adjoint.slopes(goal))
            slopes[span] *= np.exp(logs[span]) / player.scale
        return values, slopes

    def product(self, k: int, logs: Vector, slopes: Vector, direction: Vector) -> Vector:
        """The Hessian of a player's outcome in its own scaled logarithms, times a direction of them.

        At the point of the last `at`, whose derivatives it uses: no point is solved for.
        """
        if self._adjoint is None:
            raise RequestError(["a product is taken where the game was evaluated last"])
        player, span = self.players[k], self.spans[k]
        move = np.exp(logs[span]) / player.scale
        whole = np.zeros(len(logs))
        whole[span] = move * direction
        zeros = {name: np.zeros_like(array) for name, array in self._base.items()}
        way = self._spread(whole, zeros)
        total = np.zeros(len(direction))
        for weight, goal in player.goals:
            total += weight * self._gathered(k, self._adjoint.product(goal, way))
        # the second derivative of a rate in its logarithm is one plus the rate
        return np.asarray(move * total + slopes[span] * direction / player.scale)

    @cached_property
    def scale(self) -> Vector:
        """Of all logarithms."""
        return np.concatenate([player.scale for player in self.players])

    @cached_property
    def bounds(self) -> tuple[Vector, Vector]:
        """Of all logarithms."""
        choices = [choice for part in self.parts for choice, _ in part]
        counts = [len(choice.names) for choice in choices]
        low, high = ([getattr(choice, end) for choice in choices] for end in ("low", "high"))
        return np.repeat(np.log1p(low), counts), np.repeat(np.log1p(high), counts)

    def free(self, logs: Vector, slopes: Vector) -> NDArray[np.bool_]:
        """Rates that a bound does not hold against their slope."""
        low, high = self.bounds
        return ~(((logs >= high - 1e-12) & (slopes > 0.0)) | ((logs <= low + 1e-12) & (slopes < 0.0)))


def _spans(counts: Sequence[int]) -> list[slice]:
    ends = np.cumsum([0, *counts])
    return [slice(int(a), int(b)) for a, b in pairwise(ends)]
