"""Newton's method in logarithms: slower than `Newton`, for shocks that leave it stranded.

With an elasticity of thirty, a price that halves moves a quantity by a factor of a billion: in levels, a residual of
that size says little about where to go. In logarithms of positive variables and of both sides of an equation, demand
and supply are nearly straight lines, whatever the elasticity, and no step can make a price negative.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import lapack

from cge.model import System, Values
from cge.quotas import Limits, flags, nearest, pull
from cge.symbols import INDEX, RATE

from .condense import Condenser
from .newton import TOLERANCE, NewtonResult

LONGEST = 2.0
"""Largest change of a logarithm in one step."""

SMALL = 600
"""Up to this many unknowns a system is factorised whole: elimination would cost more than it saves."""

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


class LogNewton:
    """Newton's method for one system, in logarithms.

    Args:
        system: a square system.

    Attributes:
        positive: which unknowns must be positive: all indices but the expected return, which may be a loss, and income.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self._condenser = Condenser(system.groups, system.core)
        rows = system.rows.get("quota_regime", np.empty(0, dtype=int))
        self._quotas = rows - system.core.start
        self.positive = np.zeros(system.size, dtype=bool)
        self._offset = np.zeros(system.size)  # of a rate the logarithm of one plus the rate counts
        for name, columns in system.columns.items():
            index = system.model.symbols[name].unit.startswith(INDEX) and name != "gap"
            if index or name == "income":
                self.positive[columns[columns >= 0]] = True
            elif system.model.symbols[name].unit == RATE:
                self._offset[columns[columns >= 0]] = 1.0
        self._logged = (self.positive | (self._offset > 0.0))[system.core]

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

    def beyond(self, before: Vector, here: Vector, share: float) -> Vector:
        """The unknowns a share of the last step further on, the positive ones in proportion."""
        with np.errstate(all="ignore"):
            onward = here * (here / before) ** share
        usable = self.positive & (here > 0.0) & (before > 0.0)
        return np.where(usable, onward, here + (here - before) * share)

    def negative(self, values: Values) -> str:
        """The unknown that must be positive and is furthest from it, by name; empty if all are."""
        x = self.system.pack(values)
        wrong = self.positive & ~(x > 0.0)
        return self.system.column_names[int(np.where(wrong, x, np.inf).argmin())] if wrong.any() else ""

    def furthest(self, values: Values) -> str:
        """The positive unknown that has gone furthest from its benchmark, in words."""
        x = np.where(self.positive, self.system.pack(values), 1.0)
        with np.errstate(all="ignore"):
            far = int(np.abs(np.log(x)).argmax())
        return f"{self.system.column_names[far]} = {x[far]:.3g}"

    def weakest(self, values: Values) -> tuple[float, str]:
        """How little the equations may move when the unknowns do, and which unknowns those are.

        Returns:
            Smallest over largest singular value of the Jacobian, and the names of the unknowns that move most in the
            direction of the smallest; one and nothing for a system of which it would take minutes.
        """
        matrix = self.system.linearise(values)[1].toarray() if self.system.size <= 4 * SMALL else np.eye(1)
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
        system, core = self.system, self.system.core
        left, right = system.linearise_sides(here.values)
        weights = [np.ones(system.height), np.ones(system.height)]
        for weight, side in zip(weights, (here.left, here.right), strict=True):
            weight[core][here.logs] = 1.0 / side[here.logs]
        matrix = (sp.diags_array(weights[0]) @ left - sp.diags_array(weights[1]) @ right).tocsr()
        residual = here.residual(here.logs)
        if system.size <= SMALL:
            dense, right_side = matrix.toarray(), np.zeros(system.height)
            right_side[core] = -residual
        else:
            dense, right_side = self._condenser.core(matrix), -residual
        if not (np.isfinite(dense).all() and np.isfinite(right_side).all()):
            return None
        factors, pivots, singular = lapack.dgetrf(dense)
        if singular:
            return None
        step = lapack.dgetrs(factors, pivots, right_side)[0][-residual.size :]
        step = step / np.where(self._logged, np.abs((system.pack(here.values) + self._offset)[core]), 1.0)
        return step if np.isfinite(step).all() else None

    def _search(self, here: _Point, step: Vector, bounds: Limits | None) -> _Point | None:
        """The longest tried step that lowers the residual."""
        core = self.system.core
        logged, offset = self._logged, self._offset[core]
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


def _largest(residual: Vector) -> float:
    return float(np.abs(residual).max(initial=0.0)) if np.isfinite(residual).all() else float("inf")
