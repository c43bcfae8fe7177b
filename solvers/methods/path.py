"""A path of equilibria from the benchmark to a large shock, around the points where it turns back.

The share of the shock is one more unknown, and a plane across the path one more equation: at a turn, where no step in
the shock leads on, the path itself goes on. Where the path meets the edge of a quota's regime, it goes on in the next.

Source: Keller (1977), "Numerical solution of bifurcation and nonlinear eigenvalue problems"; Allgower and Georg
(1990), "Numerical continuation methods", ch. 6 and 15 (piecewise paths).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cge.model import Values

from .homotopy import Homotopy
from .logarithms import LogNewton, norm
from .newton import TOLERANCE

STEPS, BEYOND = 500, 60
"""Steps of Newton's method after which a path is given up: in all, and since it left nothing for something."""

FIRST, SHORTEST = 0.25, 1e-5
"""First and shortest step, in the norm of a path: of the shock's share and the root mean square of what moves."""

EASY = 5
"""Steps of Newton's method up to which the next step along the path is twice as long."""

FARTHEST = 500.0
"""Logarithm of an unknown that has run away to zero or infinity; an industry that closes may come down to 1e-200."""

HARDLY, FAR = 1e-3, np.log(20.0)
"""A path that is given up runs away if on its last share of the shock an unknown went as far (in logarithms)."""

LOOSEST = -3.0
"""Share of a tightening, negative where limits widen again, at which it is given up."""

INSIDE = 1e-9
"""How far a point may lie beyond an edge."""

SINGULAR = TOLERANCE
"""Singular values of the Jacobian, smallest over largest, at which a residual that counts as none leaves unknowns
free to move by as much as their benchmark."""

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Edge:
    """Where a path goes over into another regime: the plane `row @ x = end` in its coordinates and share.

    Attributes:
        beyond: limit and its regime beyond the edge.
        row: rises towards the edge.
        end: at the edge.
        inward: row that rises on the way on into the next regime.
    """

    beyond: tuple[int, str]
    row: Vector
    end: float
    inward: Vector


class Edges(Protocol):
    """Regimes of quotas along a path."""

    def around(self) -> Iterator[Edge]:
        """The edges of the present regimes."""

    def enter(self, edge: Edge) -> Values:
        """Go over into the regime beyond an edge; gives what the regimes hold then."""


@dataclass(frozen=True)
class PathResult:
    """Where a path ended.

    Attributes:
        values: the point with the whole shock, or, where the path did not reach it, the unknowns of the point that came
            nearest to it with the goal's instruments.
        converged: whether the path reached the whole shock with everything positive that must be.
        iterations: steps of Newton's method.
        done: largest share of the shock on the path.
        end: what the path does instead, in words; empty if it converged.
    """

    values: Values
    converged: bool
    iterations: int
    done: float
    end: str = ""


def follow(
    newton: LogNewton,
    start: Values,
    goal: Values,
    *,
    edges: Edges | None = None,
    watch: Callable[[float], None] | None = None,
) -> PathResult:
    """Solve along the way from one setting of the instruments to another.

    What is held goes its way as `Homotopy` says; final demands may be negative on it.

    Args:
        newton: method and system.
        start: a solved point.
        goal: the same with everything that is held at its final value.
        edges: of the regimes of quotas that tighten on the way.
        watch: called with the share of the path that is done.
    """
    walk = _Walk(newton, start, goal, edges)
    nearest, done, lost, end = start, 0.0, "", ""
    while not end:
        before = walk.values
        if not walk.advance():
            end = walk.stuck()
            break
        share, negative = walk.share, newton.fallen(before, walk.values)
        if share > done:
            nearest, done = walk.values, share
            if watch:
                watch(done)
        if negative and not lost:
            lost = f"leaves nothing for {negative}, which falls to zero by {_percent(share)} of it; followed on, it "
            walk.budget = min(walk.budget, walk.count + BEYOND)
        if share == 1.0 and not newton.negative(walk.values):
            return PathResult(walk.values, True, walk.count, 1.0)
        if share == 1.0:
            end = f"ends where every equation holds with {newton.negative(walk.values)}"
        elif share < (LOOSEST if edges else 0.0):
            end = "leads away from it" if edges else "leads to another equilibrium without it"
        elif np.abs(walk.x).max() > FARTHEST:
            end = f"runs away at {_percent(share)}, with {newton.furthest(walk.values)}"
    turned = f"turns back at {_percent(done)} of it and " if walk.share < done else ""
    system = newton.system
    return PathResult(system.unpack(system.pack(nearest), goal), False, walk.count, done, lost + turned + end)


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g} %"


class _Walk:
    """A point on a path, and how to go on from it.

    Attributes:
        x: coordinates of the point, and its share of the shock.
        values: the point.
        count: steps of Newton's method so far.
        budget: how many it may take.
    """

    def __init__(self, newton: LogNewton, start: Values, goal: Values, edges: Edges | None) -> None:
        self._newton, self._way, self._edges = newton, Homotopy(start, goal, newton.system.model.symbols), edges
        self.values, self.count, self.budget = start, 0, STEPS
        self.x = np.append(newton.coordinates(start), 0.0)
        self._direction = newton.tangent(start, 0.0, np.append(np.zeros(self.x.size - 1), 1.0), self._way)
        self._step = FIRST
        self._points = [self.x]

    @property
    def share(self) -> float:
        return float(self.x[-1])

    def advance(self) -> bool:
        """Go on to the next point, or to the edge that comes first; false if there is no way on."""
        while self._direction is not None and self._step > SHORTEST and self.count < self.budget:
            length, before = self._step, self.count
            if self._direction[-1] > 0.0:
                length = min(length, (1.0 - self.share) / self._direction[-1])
            found, edge = self._not_beyond(self._at(self.x + length * self._direction, self._direction)), None
            if found and (crossed := self._first(found[1])):
                edge, part = crossed
                found = self._cross(self.x + part * (found[1] - self.x), edge.row)
                if found and (self._first(found[1]) or found[1][-1] > 1.0 or norm(found[1] - self.x) < SHORTEST):
                    found = None  # the step was too long to tell which edge comes first
            if found:
                self._go(*found, edge)
                self._step = 2.0 * length if self.count - before <= EASY else length
                return True
            self._step = length / 2.0
        return False

    def _at(self, guess: Vector, direction: Vector) -> tuple[Values, Vector] | None:
        """The point of the path in the plane through a guess, if any."""
        if abs(guess[-1] - 1.0) > 1e-12:
            return self._cross(guess, _across(direction))
        found = self._newton.solve(self._newton.point(guess[:-1], self.values, self._way.goal), iterations=10)
        self.count += found.iterations
        return (found.values, np.append(self._newton.coordinates(found.values), 1.0)) if found.converged else None

    def _not_beyond(self, found: tuple[Values, Vector] | None) -> tuple[Values, Vector] | None:
        """A point, or the one with the whole shock on the way to it if it lies beyond that."""
        if found is None or found[1][-1] <= 1.0:
            return found
        part = (1.0 - self.share) / (found[1][-1] - self.share)
        return self._at(self.x + part * (found[1] - self.x), found[1] - self.x)

    def _first(self, there: Vector) -> tuple[Edge, float] | None:
        """The edge that is crossed first on the way to a point, and the share of the way; None if none is."""
        found: tuple[Edge, float] | None = None
        for edge in self._edges.around() if self._edges else ():
            before, after = edge.row @ self.x - edge.end, edge.row @ there - edge.end
            if after > INSIDE and after > before:
                part = max(0.0, -before / (after - before))
                found = (edge, part) if found is None or part < found[1] else found
        return found

    def _cross(self, guess: Vector, row: Vector) -> tuple[Values, Vector] | None:
        """The point in a plane, if any."""
        found, steps = self._newton.cross(guess, row, self.values, self._way)
        self.count += steps
        return found

    def _go(self, values: Values, there: Vector, edge: Edge | None) -> None:
        """Move to a point and over the edge if it is at one, or to the turn before it."""
        onward = _across(there - self.x)
        if edge and self._edges:
            held, onward = self._edges.enter(edge), edge.inward
            self._way, values = self._way.holding(held), values | held
        direction = self._newton.tangent(values, float(there[-1]), onward, self._way)
        if not edge and (turn := self._turn(there, direction)):
            values, there = turn
            direction = self._newton.tangent(values, float(there[-1]), onward, self._way)
        self.values, self.x, self._direction = values, there, direction
        self._points.append(there)

    def _turn(self, there: Vector, direction: Vector | None) -> tuple[Values, Vector] | None:
        """The point between here and there at which the path turns back, if it does and is not near one of them."""
        if self._direction is None or direction is None or not self._direction[-1] > 0.0 > direction[-1]:
            return None
        part = self._direction[-1] / (self._direction[-1] - direction[-1])
        if not 0.1 < part < 0.9:
            return None
        return self._not_beyond(self._cross(self.x + part * (there - self.x), _across(there - self.x)))

    def stuck(self) -> str:
        """Why there is no way on."""
        if self.count >= self.budget:
            end = "runs away" if self._steep() else "is given up"
            return f"{end} at {_percent(self.share)}, with {self._newton.furthest(self.values)}"
        slack, names = self._newton.weakest(self.values)
        if slack < SINGULAR:
            return f"ends where the model does not determine {names}: no equation moves with it"
        return f"leads no further than {_percent(self.share)}, with {self._newton.furthest(self.values)}"

    def _steep(self) -> bool:
        """Whether the last stretch, on which hardly anything of the shock was added, led far."""
        stretch = list(takewhile(lambda x: abs(x[-1] - self.share) < HARDLY, reversed(self._points)))
        return bool(np.ptp(stretch, axis=0).max() > FAR)


def _across(direction: Vector) -> Vector:
    """Row of the plane across a direction, in the inner product of `norm`."""
    return np.append(direction[:-1] / (direction.size - 1), direction[-1])
