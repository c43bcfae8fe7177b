"""Newton's method on the condensed core, with a globalisation that survives large shocks.

Defined variables are recomputed from their definitions at every trial point, so the iteration runs in the core
alone and its residual is exact. Steps keep positive variables positive and shrink until the residual falls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from cge.model import System, Values
from cge.symbols import INDEX

from .condense import Condenser

TOLERANCE = 1e-11
"""Largest residual of a converged point; residuals are relative to the benchmark."""


@dataclass(frozen=True)
class NewtonResult:
    """Where Newton's method ended.

    Attributes:
        values: the point.
        residual: its largest absolute residual.
        iterations: steps taken.
        converged: whether the residual is at the tolerance.
    """

    values: Values
    residual: float
    iterations: int
    converged: bool


class Newton:
    """Newton's method for one system; keeps the order of elimination between solves.

    Args:
        system: a square system.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self._condenser = Condenser(system.groups, system.core)
        positive = np.zeros(system.size, dtype=bool)
        for name, columns in system.columns.items():
            if system.model.symbols[name].unit.startswith(INDEX):
                positive[columns[columns >= 0]] = True
        self._positive = positive[system.core]

    def solve(
        self,
        values: Values,
        *,
        tolerance: float = TOLERANCE,
        iterations: int = 30,
        watch: Callable[[int, float], None] | None = None,
    ) -> NewtonResult:
        """Solve from a point; instruments keep the values that they have in it.

        Args:
            values: start; its unknowns are a guess, everything else is data.
            tolerance: largest absolute residual at which to stop.
            iterations: most steps to take.
            watch: called with the iteration and its residual.
        """
        values = self.system.complete(values)
        residual = self._core(values)
        size = _size(residual)
        for count in range(iterations + 1):
            if watch:
                watch(count, size)
            if size <= tolerance:
                return NewtonResult(values, size, count, True)
            if count == iterations or not np.isfinite(size):
                break
            step = self._step(values)
            trial = None if step is None else self._search(values, step, size)
            if trial is None:
                break
            values, size = trial
        return NewtonResult(values, size, count, False)

    def _core(self, values: Values) -> NDArray[np.float64]:
        return self.system.core_residuals(values)

    def _step(self, values: Values) -> NDArray[np.float64] | None:
        residual, matrix = self.system.linearise(values)
        core = self._condenser.core(matrix)
        if not np.isfinite(core).all():
            return None
        try:
            factors = scipy.linalg.lu_factor(core, check_finite=False, overwrite_a=True)
        except (ValueError, scipy.linalg.LinAlgError):
            return None
        step = -scipy.linalg.lu_solve(factors, residual[self.system.core], check_finite=False)
        return step if np.isfinite(step).all() else None

    def _search(self, values: Values, step: NDArray[np.float64], size: float) -> tuple[Values, float] | None:
        """The longest tried step that keeps positive variables positive and lowers the residual."""
        x = self.system.pack(values)
        core = x[self.system.core].copy()
        falling = self._positive & (step < 0.0)
        length = min(1.0, 0.9 * float(np.min(-core[falling] / step[falling], initial=np.inf)))
        for _ in range(12):
            x[self.system.core] = core + length * step
            trial = self.system.complete(self.system.unpack(x, values))
            new = _size(self._core(trial))
            if new < (1.0 - 1e-4 * length) * size:
                return trial, new
            length /= 2.0
        return None


def _size(residual: NDArray[np.float64]) -> float:
    return float(np.abs(residual).max(initial=0.0)) if np.isfinite(residual).all() else float("inf")
