"""Solves by the Jacobian of a whole system and by its transpose: slopes of solutions, and their adjoints.

The defined variables are eliminated, which costs two triangular solves; the core is dense and has factors of its own.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve_triangular

from cge.system import System

from .condense import Condenser
from .factors import BlockFactors

Matrix = NDArray[np.float64]


class Factors:
    """Factors of the Jacobian of a system at a point.

    Args:
        system: square.
        jacobian: in its unknowns, from `System.linearise`.
        condenser: of the system, which knows the order of elimination already.

    Attributes:
        core: factors of what is left when the defined variables are eliminated.
    """

    def __init__(self, system: System, jacobian: sp.csr_array, condenser: Condenser | None = None) -> None:
        core = system.core
        defined = slice(0, core.start)
        self._core, self._defined = core, defined
        self._triangle, self._border = jacobian[defined, defined], jacobian[defined, core]
        self._side = jacobian[core, defined]
        dense = (condenser or Condenser(system.groups, core)).core(jacobian)
        self.core = BlockFactors(dense, system.core_rows, system.core_columns)

    def solve(self, right: Matrix, *, transposed: bool = False) -> Matrix:
        """The solution for right sides [row] or [row, side]; with the transpose, of `jacobian.T @ x = right`."""
        first, last = right[self._defined], right[self._core]
        if transposed:
            # of an LU by blocks the factors change places
            inner = self.core.solve(last - self._border.T @ self._define(first, transposed=True), transposed=True)
            return np.concatenate([self._define(first - self._side.T @ inner, transposed=True), inner])
        start = self._define(first)
        inner = self.core.solve(last - self._side @ start)
        return np.concatenate([start - self._define(self._border @ inner), inner])

    def _define(self, right: Matrix, *, transposed: bool = False) -> Matrix:
        """Solve with the triangle of the definitions."""
        if not self._core.start:
            return right
        triangle = self._triangle.T.tocsr() if transposed else self._triangle
        return np.asarray(spsolve_triangular(triangle, right, lower=not transposed, unit_diagonal=True))
