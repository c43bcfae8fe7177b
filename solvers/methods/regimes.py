"""The regime of every quota: guess, solve, check each inequality, move what fails.

Limits move all at once, and one at a time where that does not help (`cge.quotas.Pivots`). Where a guess has no
solution, limits tighten from what trade would be without them: in one go if that can be, with regimes that may change
at every step of Newton's method; else along a path that goes from one regime to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cge.errors import SolveError
from cge.model import Values
from cge.quotas import Limits, Pivots, flags, nearest, regimes

from .logarithms import LogNewton
from .path import Edge, PathResult, follow

Point = Callable[[Values, Values, bool], tuple[Values, int, str]]
"""Solves a smooth system from a start to a goal, by a path of shocks if need be and allowed.

It gives the point, the steps, and the way in a word."""

State = tuple[str, ...]

WIDER = 0.01
"""How far beyond the volumes without them limits begin to tighten, in logarithms."""

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Settled:
    """A point at which every limit is in the regime that its inequalities ask for."""

    values: Values
    state: State
    steps: int
    ways: frozenset[str]


def guessed(binds0: Vector, bounds: Limits, last: State | None = None) -> State:
    """Regimes to try first.

    A premium of the benchmark goes on while its limit does not grow, and every other limit is slack; those of an
    earlier solution stay where they can be.

    Args:
        binds0: whether each limit binds at the benchmark.
        bounds: limits.
        last: regimes of an earlier solution.
    """
    if last is None:
        return tuple(
            "binding" if bound and k <= 1.0 else "slack" for bound, k in zip(binds0, bounds.limit, strict=True)
        )
    ends = zip(last, np.isfinite(bounds.limit), np.isfinite(bounds.high), strict=True)
    return tuple(
        "slack" if not limited else "binding" if now == "above" and not ceiling else now
        for now, limited, ceiling in ends
    )


def find(point: Point, newton: LogNewton, start: Values, target: Values, bounds: Limits, state: State) -> Settled:
    """The point and the regimes.

    Args:
        point: solver of smooth systems.
        newton: method for what changes regimes as it goes.
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
        return _tighten(point, newton, start, target, bounds)


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


def _tighten(point: Point, newton: LogNewton, start: Values, target: Values, bounds: Limits) -> Settled:
    """From trade without limits to the limits."""
    slack = ("slack",) * len(bounds.limit)
    open_ = replace(bounds, limit=np.full(len(slack), np.inf))
    first = settle(point, Settled(start, slack, 0, frozenset()), target, open_, path=True)
    ways = first.ways | {"tightening"}
    system = newton.system
    goal = {**target, **flags(slack, bounds)}
    found = newton.solve(system.unpack(system.pack(first.values), goal), bounds=bounds)
    if found.converged and not newton.negative(found.values) and not newton.beyond(found.values):
        state = nearest(found.values["premium"], found.values["volume"], bounds)
        last = Settled(found.values, state, first.steps + found.iterations, ways)
        with suppress(SolveError):  # the path below goes more carefully
            return settle(point, last, target, bounds, path=False)
    widest = np.exp(WIDER) * np.maximum(first.values["volume"], bounds.limit)
    edges = Edges(newton, bounds, widest)
    # in logarithms even a volume that counts as nothing must be that of its flows
    _, volume = system.model.evaluate(system.model.equations["volume_under_limit"], first.values, {})
    begin = {
        **first.values,
        "volume": volume.reshape(widest.shape),
        "limit": np.where(np.isfinite(widest), widest, 1.0),
        "licence": bounds.licence,
    }
    end = follow(newton, begin, goal, edges=edges)
    if not end.converged:
        raise SolveError(_stuck(end, system.model.parameters.labels["quota"]))
    return settle(
        point, Settled(end.values, edges.state, first.steps + end.iterations, ways), target, bounds, path=False
    )


class Edges:
    """Regimes along a path on which limits tighten in proportion; their edges are planes in its coordinates.

    Args:
        newton: method, for the coordinates.
        bounds: limits at the end of the path.
        widest: limits at its start, at which all are slack.

    Attributes:
        state: regime of each limit.
    """

    def __init__(self, newton: LogNewton, bounds: Limits, widest: Vector) -> None:
        self.state: State = ("slack",) * len(widest)
        self._bounds, self._widest = bounds, widest
        system = newton.system
        self._size = system.size - system.core.start + 1
        self._premium, self._volume = (system.columns[name] - system.core.start for name in ("premium", "volume"))

    def around(self) -> Iterator[Edge]:
        """The edges of the present regimes."""
        for k, now in enumerate(self.state):
            if not np.isfinite(self._bounds.limit[k]):
                continue
            low, high = (float(np.log1p(end[k])) for end in (self._bounds.low, self._bounds.high))
            start = float(np.log(self._widest[k]))
            premium, excess = np.zeros((2, self._size))
            premium[self._premium[k]] = 1.0
            excess[self._volume[k]], excess[-1] = 1.0, start - np.log(self._bounds.limit[k])
            if now == "slack":
                yield Edge((k, "binding"), excess, start, premium)
            elif now == "above":
                yield Edge((k, "binding"), -excess, -start, -premium)
            else:
                yield Edge((k, "slack"), -premium, -low, -excess)
                if np.isfinite(high):
                    yield Edge((k, "above"), premium, high, excess)

    def enter(self, edge: Edge) -> Values:
        """Change the regime of a limit to the one beyond its edge; gives what the regimes hold then."""
        limit, regime = edge.beyond
        self.state = (*self.state[:limit], regime, *self.state[limit + 1 :])
        held = flags(self.state, self._bounds)
        return {name: held[name] for name in ("binds", "above", "bound")}


def _stuck(end: PathResult, names: Sequence[str]) -> str:
    premium = end.values["premium"]
    tight = int(premium.argmax())
    quotas = "quota" if len(names) == 1 else f"{len(names)} quotas"
    return (
        f"no equilibrium found under the {quotas}: the path of equilibria that tightens them from trade without them "
        f"{end.end}. The highest premium at the nearest point is {premium[tight]:.3g}, on the quota on {names[tight]}. "
        "Try wider quotas, or a tariff-rate quota, whose premium has a ceiling."
    )
