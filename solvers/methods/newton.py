"""Newton's method on the condensed core, with a globalisation that survives large shocks.

Defined variables are recomputed from their definitions at every trial point, so the iteration runs in the core
alone and its residual is exact. Steps keep positive variables positive and shrink until the residual falls.

An evaluation of the core takes a small part of the time of its factorisation. So a solve begins with the factors of the
benchmark's Jacobian, which all solves of a system share, and mends them by what each step teaches (Broyden 1965). Where
that leaves too much of the residual, they give way to the factors of the point at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from cge.model import Values
from cge.system import System

from .condense import Condenser
from .factors import BlockFactors

TOLERANCE = 1e-11
"""Largest residual of a converged point; residuals are relative to the benchmark."""

SLOW = 0.3
"""Share of the residual that a step with mended factors may leave before they are replaced."""


SINGULAR = 1e-14
"""Reciprocal condition number under which a system is singular."""


@dataclass(frozen=True)
class NewtonResult:
    """Where Newton's method ended.

    Attributes:
        values: the point.
        residual: its largest absolute residual.
        iterations: steps taken.
        converged: whether the residual is at the tolerance.
        factorisations: of the core's Jacobian, those that it began with not counted.
        secants: the last factors that it made; none if it made none.
    """

    values: Values
    residual: float
    iterations: int
    converged: bool
    factorisations: int = 0
    secants: Secants | None = None


class Secants:
    """Steps with one factorised Jacobian, which Broyden's rank-one updates mend after each.

    Args:
        factors: of the Jacobian.
    """

    def __init__(self, factors: BlockFactors) -> None:
        self._factors = factors
        self._steps: list[NDArray[np.float64]] = []

    def again(self) -> Secants:
        """The same factors with no update."""
        return Secants(self._factors)

    def step(self, residual: NDArray[np.float64]) -> NDArray[np.float64]:
        """The step from a point with this residual; the last one must have been taken in full.

        Source: Kelley (1995), "Iterative methods for linear and nonlinear equations", ch. 7.
        """
        step = -self._factors.solve(residual)
        for taken, following in pairwise(self._steps):
            step += following * (taken @ step) / (taken @ taken)
        if self._steps:
            last = self._steps[-1]
            step /= 1.0 - (last @ step) / (last @ last)
        self._steps.append(step)
        return np.asarray(step)


@dataclass(frozen=True)
class _Trial:
    """A point that a step led to; whether the whole step was taken."""

    values: Values
    residual: NDArray[np.float64]
    size: float
    whole: bool


class Newton:
    """Newton's method for one system; keeps the order of elimination and the benchmark's factors between solves.

    Args:
        system: a square system.
        mend: whether factors serve more than one step; if not, every step is Newton's own.
    """

    def __init__(self, system: System, *, mend: bool = True) -> None:
        self.system = system
        self._mend = mend
        self._benchmark: Secants | None = None
        self.condenser = Condenser(system.groups, system.core)
        positive = np.zeros(system.size, dtype=bool)
        for name, columns in system.columns.items():
            if system.model.symbols[name].positive:
                positive[columns[columns >= 0]] = True
        self._positive = positive[system.core]

    def solve(
        self,
        values: Values,
        *,
        tolerance: float = TOLERANCE,
        iterations: int = 30,
        watch: Callable[[int, float], None] | None = None,
        kept: Secants | None = None,
    ) -> NewtonResult:
        """Solve from a point; instruments keep the values that they have in it.

        Args:
            values: start; its unknowns are a guess, everything else is data.
            tolerance: largest absolute residual at which to stop.
            iterations: most steps to take.
            watch: called with the iteration and its residual.
            kept: factors to begin with in the place of the benchmark's, of a point nearby.
        """
        here = self._trial(values, whole=True)
        secants: Secants | None = None
        made: Secants | None = None
        fresh = 0
        for count in range(iterations + 1):
            if watch:
                watch(count, here.size)
            if here.size <= tolerance:
                return NewtonResult(here.values, here.size, count, True, fresh, made)
            if count == iterations or not np.isfinite(here.size):
                break
            if count == 0 and self._mend:
                secants = kept.again() if kept else self._from_benchmark()
            trial = None if secants is None else self._search(here, secants.step(here.residual), tries=1)
            if trial is None:
                fresh += 1
                secants = made = self._factorise(here.values)
                trial = None if secants is None else self._search(here, secants.step(here.residual))
            if trial is None:
                break
            if not (self._mend and trial.whole and trial.size < SLOW * here.size):
                secants = None
            here = trial
        return NewtonResult(here.values, here.size, count, False, fresh, made)

    def _from_benchmark(self) -> Secants | None:
        if self._benchmark is None:
            self._benchmark = self._factorise(self.system.model.benchmark)
        return None if self._benchmark is None else self._benchmark.again()

    def loose(self, values: Values) -> list[str]:
        """Unknowns of the core that the equations leave undetermined at a point; none if the core is regular."""
        core = self.condenser.core(self.system.linearise(self.system.complete(values)).jacobian)
        # rows and columns of one size, so that the condition number means something
        for axis in (1, 0):
            largest = np.abs(core).max(axis=axis, keepdims=True)
            core = core / np.where(largest > 0.0, largest, 1.0)
        factors, pivots, _ = scipy.linalg.lapack.dgetrf(core)  # the wrapper warns of what is sought here
        condition, _ = scipy.linalg.lapack.dgecon(factors, np.linalg.norm(core, 1))
        if condition > SINGULAR:
            return []
        small = np.abs(np.diag(factors)) < SINGULAR
        factors[np.diag_indices(len(small))] += np.where(small, SINGULAR, 0.0)
        null = np.abs(scipy.linalg.lu_solve((factors, pivots), np.ones(len(small)), check_finite=False))
        names = self.system.column_names[self.system.core]
        levers = [k for k, name in enumerate(names) if name.startswith("lever")]
        return [names[k] for k in levers if null[k] > 1e-3 * null.max()] or [names[int(null.argmax())]]

    def _factorise(self, values: Values) -> Secants | None:
        """The factors at a point; None where there are none."""
        core = self.condenser.core(self.system.linearise(values).jacobian)
        if not np.isfinite(core).all():
            return None
        try:
            return Secants(BlockFactors(core, self.system.core_rows, self.system.core_columns))
        except (ValueError, scipy.linalg.LinAlgError):
            return None

    def _search(self, here: _Trial, step: NDArray[np.float64], tries: int = 12) -> _Trial | None:
        """The longest tried step that keeps positive variables positive and lowers the residual."""
        if not np.isfinite(step).all():
            return None
        x = self.system.pack(here.values)
        core = x[self.system.core].copy()
        falling = self._positive & (step < 0.0)
        length = min(1.0, 0.9 * float(np.min(-core[falling] / step[falling], initial=np.inf)))
        for _ in range(tries):
            x[self.system.core] = core + length * step
            trial = self._trial(self.system.unpack(x, here.values), whole=length == 1.0)
            if trial.size < (1.0 - 1e-4 * length) * here.size:
                return trial
            length /= 2.0
        return None

    def _trial(self, values: Values, *, whole: bool) -> _Trial:
        complete = self.system.complete(values)
        residual = self.system.core_residuals(complete)
        return _Trial(complete, residual, _size(residual), whole)


def _size(residual: NDArray[np.float64]) -> float:
    return float(np.abs(residual).max(initial=0.0)) if np.isfinite(residual).all() else float("inf")
