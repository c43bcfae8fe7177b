"""Newton's method in logarithms: slower than `Newton`, for shocks that leave it stranded.

With an elasticity of thirty, a price that halves moves a quantity by a factor of a billion: in levels, a residual of
that size says little about where to go. In logarithms of positive variables and of both sides of an equation, demand
and supply are nearly straight lines, whatever the elasticity, and no step can make a price negative.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import lapack

from cge.model import Values
from cge.quotas import Limits, flags, nearest, pull
from cge.system import System

from .condense import SMALL, Condenser
from .homotopy import Homotopy
from .newton import SINGULAR, TOLERANCE, NewtonResult

LONGEST = 2.0
"""Largest change of a logarithm in one step."""

CROSSING = 8
"""Steps in which a plane across a path must be reached."""

CONTRACTION = 0.5
"""Largest ratio of a step to the one before it, on the way to such a plane."""

ROUNDING = 1e-12
"""Step that is nothing but rounding: where quantities are large, no residual is smaller than theirs."""

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


class LogNewton:
    """Newton's method for one system, in logarithms.

    Args:
        system: a square system.

    Attributes:
        positive: which unknowns must be positive in an equilibrium (`cge.notation.Domain`).
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self._condenser = Condenser(system.groups, system.core)
        rows = system.rows.get("quota_regime", np.empty(0, dtype=int))
        self._quotas = rows - system.core.start
        self.positive = np.zeros(system.size, dtype=bool)
        self._logged = np.zeros(system.size, dtype=bool)
        self._offset = np.zeros(system.size)  # of a rate the logarithm of one plus the rate counts
        for name, columns in system.columns.items():
            symbol, there = system.model.symbols[name], columns[columns >= 0]
            self.positive[there], self._logged[there] = symbol.positive, symbol.logged
            self._offset[there] = symbol.offset

    def solve(
        self,
        values: Values,
        *,
        tolerance: float = TOLERANCE,
        iterations: int = 50,
        watch: Callable[[int, float], None] | None = None,
        bounds: Limits | None = None,
    ) -> NewtonResult:
        """Solve from a point; arguments and result are those of `Newton.solve`.

        Args:
            values, tolerance, iterations, watch: as there.
            bounds: limits whose regimes are chosen anew at every point, by `cge.quotas.nearest`; by default each stays
                in the regime that it has in `values`.
        """
        here = self._sides(values, bounds)
        for count in range(iterations + 1):
            size = _largest(here.plain)
            if watch:
                watch(count, size)
            if size <= tolerance:
                return NewtonResult(here.values, size, count, True)
            if count == iterations or not np.isfinite(size):
                break
            step = self._step(here)
            trial = None if step is None else self._search(here, step, bounds)
            if trial is None:
                break
            here = trial
        return NewtonResult(here.values, _largest(here.plain), count, False)

    def coordinates(self, values: Values) -> Vector:
        """The core's unknowns, in logarithms where they are."""
        core = self.system.core
        x = self.system.pack(values)[core]
        with np.errstate(divide="ignore"):
            return np.where(self._logged[core], np.log(np.where(self._logged[core], x + self._offset[core], 1.0)), x)

    def point(self, coordinates: Vector, values: Values, held: Values) -> Values:
        """The point of coordinates, with the defined unknowns of `values` and everything that is held as in `held`."""
        core = self.system.core
        x = self.system.pack(values)
        with np.errstate(over="ignore"):
            levels = np.exp(np.where(self._logged[core], coordinates, 0.0)) - self._offset[core]
        x[core] = np.where(self._logged[core], levels, coordinates)
        return self.system.unpack(x, held)

    def cross(
        self, guess: Vector, row: Vector, values: Values, way: Homotopy
    ) -> tuple[tuple[Values, Vector] | None, int]:
        """Solve where a path of equilibria crosses a plane.

        Args:
            guess: coordinates of a point of the plane, and its share of the way.
            row: across the plane; of the same size.
            values: a point near by.
            way: of what is held.

        Returns:
            The point with its coordinates and share, if any, and the steps of Newton's method.
        """
        x, last = guess, np.inf
        for count in range(CROSSING + 1):
            here = self._sides(self.point(x[:-1], values, way.at(x[-1])), None)
            if _largest(here.plain) <= TOLERANCE:
                return (here.values, x), count
            step = self._along(here, way.rates(x[-1]), row, np.append(-here.residual(here.logs), 0.0))
            if step is not None and norm(step) <= ROUNDING:
                return (here.values, x), count
            if step is None or not norm(step) <= CONTRACTION * last or not np.abs(step).max() <= LONGEST:
                break  # a shorter way to a nearer plane is cheaper than to go on
            x, last = x + step, norm(step)
        return None, count

    def tangent(self, values: Values, share: float, row: Vector, way: Homotopy) -> Vector | None:
        """Direction in which a path leaves one of its points, of length one, with `row` rising; None if it has none."""
        here = self._sides(self.system.unpack(self.system.pack(values), way.at(share)), None)
        step = self._along(here, way.rates(share), row, np.append(np.zeros(row.size - 1), 1.0))
        return None if step is None else step / norm(step)

    def _along(self, here: _Point, rates: Values, row: Vector, right: Vector) -> Vector | None:
        """Change of the coordinates and of the share that moves residual and row by `right`, to first order."""
        matrix = np.vstack([self._slopes(here, rates) * np.append(self._scale(here.values), 1.0), row])
        if not (np.isfinite(right).all() and np.isfinite(matrix).all()):
            return None
        step, singular = lapack.dgesv(matrix, right)[2:]
        return None if singular or not np.isfinite(step).all() else np.asarray(step)

    def beyond(self, values: Values) -> bool:
        """Whether a point lies beyond a turn of the path of equilibria from the benchmark.

        The determinant of the Jacobian changes its sign at every turn, so that of such a point differs from the
        benchmark's; a singular Jacobian has none. The equation of a limit that binds counts with its sign changed:
        where tighter limits raise their own premiums more than those of others, all regimes have one sign.

        Source: Kehoe (1980), "An index theorem for general equilibrium models with production"; Murty (1974).
        """
        return self._orientation(values) * self._at_benchmark < 0.0

    @cached_property
    def _at_benchmark(self) -> float:
        return self._orientation(self.system.model.benchmark)

    def _orientation(self, values: Values) -> float:
        """Sign of the determinant of the core's Jacobian, which is that of the whole; zero if it is singular."""
        here = self._sides(values, None)
        matrix = self._slopes(here) * self._scale(here.values)
        factors, pivots, _ = lapack.dgetrf(matrix)
        condition, _ = lapack.dgecon(factors, np.linalg.norm(matrix, 1))
        if not condition > SINGULAR:
            return 0.0
        swaps = np.count_nonzero(pivots != np.arange(pivots.size)) + np.count_nonzero(values["binds"] > 0.0)
        return float(np.sign(np.diag(factors)).prod() * (-1.0) ** swaps)

    def negative(self, values: Values) -> str:
        """The unknown that must be positive and is furthest from it, with its value; empty if all are."""
        x = self.system.pack(values)
        wrong = self.positive & ~(x > 0.0)
        return self._told(int(np.where(wrong, x, np.inf).argmin()), x) if wrong.any() else ""

    def fallen(self, before: Values, after: Values) -> str:
        """The unknown that must be positive and is the first to fall to zero from one point to another, by name."""
        x, y = self.system.pack(before), self.system.pack(after)
        fell = self.positive & (x > 0.0) & ~(y > 0.0)
        return self.system.column_names[int((y / np.where(fell, x, np.inf)).argmin())] if fell.any() else ""

    def furthest(self, values: Values) -> str:
        """The unknown that has gone furthest from its benchmark in proportion, with its value."""
        x, y = self.system.pack(self.system.model.start()), self.system.pack(values)
        with np.errstate(all="ignore"):
            way = np.where(self.positive & (y > 0.0), np.abs(np.log(y / x)), np.abs(y - x))
        return self._told(int(way.argmax()), y)

    def _told(self, position: int, x: Vector) -> str:
        return f"{self.system.column_names[position]} = {x[position]:.3g}"

    def weakest(self, values: Values) -> tuple[float, str]:
        """How little the equations may move when the unknowns do, and which unknowns those are.

        Returns:
            Smallest over largest singular value of the Jacobian, and the names of the unknowns that move most in the
            direction of the smallest; one and nothing for a system of which it would take minutes.
        """
        matrix = self.system.linearise(values).jacobian.toarray() if self.system.size <= 4 * SMALL else np.eye(1)
        if matrix.shape == (1, 1) or not np.isfinite(matrix).all():
            return 1.0, ""
        _, sizes, directions = np.linalg.svd(matrix)
        first = np.argsort(-np.abs(directions[-1]))[:3]
        return float(sizes[-1] / sizes[0]), ", ".join(self.system.column_names[k] for k in first)

    def _sides(self, values: Values, bounds: Limits | None) -> _Point:
        values = self.system.complete(values)
        if bounds is not None:
            state = nearest(values["premium"], values["volume"], bounds)
            values = self.system.complete({**values, **flags(state, bounds)})
        left, right = self.system.core_sides(values)
        logs = (left > 0.0) & (right > 0.0)
        weight = np.ones(left.size)
        logs[self._quotas] &= values["binds"] > 0.0
        if bounds is not None:
            weight[self._quotas] = np.where(values["binds"] > 0.0, pull(bounds), 1.0)
        return _Point(values, left, right, logs, weight)

    def _step(self, here: _Point) -> Vector | None:
        """Change of the core's unknowns, of the positive ones in logarithms; None where there is none."""
        slopes, residual = self._slopes(here), here.residual(here.logs)
        if not (np.isfinite(slopes).all() and np.isfinite(residual).all()):
            return None
        step, singular = lapack.dgesv(slopes, -residual)[2:]
        if singular:
            return None
        with np.errstate(all="ignore"):  # an unknown may have come down to zero
            step = step / self._scale(here.values)
        return step if np.isfinite(step).all() else None

    def _slopes(self, here: _Point, rates: Values | None = None) -> Vector:
        """Jacobian of the core's residual (core x core), dense; the unknowns not yet in logarithms.

        Args:
            here: the point.
            rates: at which what is held moves with the share of a way, whose column is the last.
        """
        system, core = self.system, self.system.core
        weights = np.ones(system.height), np.ones(system.height)
        for weight, side in zip(weights, (here.left, here.right), strict=True):
            weight[core][here.logs] = 1.0 / side[here.logs]
        found = system.linearise(here.values, weights, wrt=tuple(rates or ()))
        if rates is None:
            return self._condenser.core(found.jacobian)
        wide = sp.hstack([found.jacobian, sp.csr_array(found.push(rates)[:, None])])
        return self._condenser.core(sp.csr_array(wide))

    def _scale(self, values: Values) -> Vector:
        """Change of each of the core's unknowns for a change of its logarithm; one where it is not in logarithms."""
        core = self.system.core
        return np.where(self._logged[core], np.abs((self.system.pack(values) + self._offset)[core]), 1.0)

    def _search(self, here: _Point, step: Vector, bounds: Limits | None) -> _Point | None:
        """The longest tried step that lowers the residual."""
        core = self.system.core
        logged, offset = self._logged[core], self._offset[core]
        x = self.system.pack(here.values)
        start = x[core] + offset
        size = float(np.linalg.norm(here.weight * here.residual(here.logs)))
        length = min(1.0, LONGEST / float(np.abs(step[logged]).max(initial=1e-300)))
        for _ in range(20):
            moved = length * step
            x[core] = np.where(logged, start * np.exp(np.where(logged, moved, 0.0)), start + moved) - offset
            trial = self._sides(self.system.unpack(x, here.values), bounds)
            logs = here.logs.copy()
            logs[self._quotas] = trial.logs[self._quotas]  # a limit in another regime has another equation
            new = float(np.linalg.norm(trial.weight * trial.residual(logs)))
            if new < (1.0 - 1e-4 * length) * size:  # false where it is not a number
                return trial
            length /= 2.0
        return None


class _Point:
    """A completed point with both sides of the core's equations."""

    def __init__(self, values: Values, left: Vector, right: Vector, logs: Flags, weight: Vector) -> None:
        self.values, self.left, self.right = values, left, right
        self.logs, self.weight = logs, weight
        self.plain = left - right

    def residual(self, logs: Flags) -> Vector:
        """Difference of logarithms where both sides were positive, of levels elsewhere."""
        with np.errstate(all="ignore"):
            return np.where(logs, np.log(self.left) - np.log(self.right), self.plain)


def norm(step: Vector) -> float:
    """Length of a step along a path: of the shock's share, its last entry, and the root mean square of the rest."""
    return float(np.sqrt(np.mean(step[:-1] ** 2) + step[-1] ** 2))


def _largest(residual: Vector) -> float:
    return float(np.abs(residual).max(initial=0.0)) if np.isfinite(residual).all() else float("inf")
