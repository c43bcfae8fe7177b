"""Factors of a dense matrix that has large blocks of zeros, by block elimination.

Prices that clear no market by themselves, such as unit costs, do not depend on quantities. So a core has wide blocks of
zeros, and a pair of one block of rows and one of columns can be eliminated by its own factors: few columns remain that
it touches. Two factorisations of half the size take a quarter of the time of one of the whole.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Places = NDArray[np.int64]

SMALLEST = 100
"""Blocks with fewer rows are left to the factorisation of the rest."""

SAFE = 1e-9
"""Smallest reciprocal condition number of a block that is eliminated by itself."""


@dataclass(frozen=True)
class _Pivot:
    """An eliminated block: `x[columns] = inverse @ (b[rows] - ...) - share @ x[touched]`.

    Attributes:
        rows, columns: of the block.
        factors: of the block.
        touched: other columns in which its rows have entries.
        share: the block's inverse times those entries.
        others: rows that are left.
        effect: their entries in the block's columns.
    """

    rows: Places
    columns: Places
    factors: tuple[Matrix, NDArray[Any]]
    touched: Places
    share: Matrix
    others: Places
    effect: Matrix


class BlockFactors:
    """LU factors of a square matrix, block by block where that is cheaper.

    Args:
        matrix: dense and square; it is overwritten.
        rows, columns: ranges of rows and of columns that belong together.
    """

    def __init__(self, matrix: Matrix, rows: Sequence[slice] = (), columns: Sequence[slice] = ()) -> None:
        self._pivots: list[_Pivot] = []
        size = matrix.shape[0]
        left, free = np.ones(size, dtype=bool), np.ones(size, dtype=bool)
        pairs = [(r, c) for r in rows for c in columns if r.stop - r.start == c.stop - c.start >= SMALLEST]
        while pairs:
            touched = [_touched(matrix, r, c, free) for r, c in pairs]
            best = int(np.argmin([len(t) for t in touched]))
            pair, other = pairs.pop(best), touched[best]
            length = pair[0].stop - pair[0].start
            pivot = self._eliminate(matrix, *pair, other, left) if 2 * len(other) < length else None
            if pivot is None:
                continue
            self._pivots.append(pivot)
            left[pivot.rows], free[pivot.columns] = False, False
            pairs = [(r, c) for r, c in pairs if r != pair[0] and c != pair[1]]
        self._rows, self._columns = np.flatnonzero(left), np.flatnonzero(free)
        rest = matrix[np.ix_(self._rows, self._columns)] if self._pivots else matrix
        with warnings.catch_warnings():  # a singular whole gives steps that are not finite, and nobody takes them
            warnings.simplefilter("ignore", scipy.linalg.LinAlgWarning)
            self._rest = scipy.linalg.lu_factor(rest, check_finite=False, overwrite_a=True)

    def _eliminate(
        self, matrix: Matrix, rows: slice, columns: slice, touched: Places, left: NDArray[np.bool_]
    ) -> _Pivot | None:
        block = np.array(matrix[rows, columns], order="F")  # as LAPACK wants it, which then makes no copy
        norm = np.linalg.norm(block, 1)
        with warnings.catch_warnings():  # a singular block is left to the whole
            warnings.simplefilter("ignore", scipy.linalg.LinAlgWarning)
            factors = scipy.linalg.lu_factor(block, check_finite=False, overwrite_a=True)
        if scipy.linalg.lapack.dgecon(factors[0], norm)[0] < SAFE:
            return None
        left = left.copy()
        left[rows] = False
        others = np.flatnonzero(left)
        share = scipy.linalg.lu_solve(factors, matrix[rows, touched], check_finite=False)
        effect = matrix[others, columns]
        matrix[np.ix_(others, touched)] -= effect @ share
        at = np.arange(matrix.shape[0])
        return _Pivot(at[rows], at[columns], factors, touched, share, others, effect)

    def solve(self, right: Matrix, *, transposed: bool = False) -> Matrix:
        """The solution for right sides [row] or [row, side]; with the transpose, for sides over columns."""
        if transposed:
            return self._solve_transposed(right)
        right, x = right.copy(), np.empty_like(right)
        for pivot in self._pivots:
            x[pivot.columns] = scipy.linalg.lu_solve(pivot.factors, right[pivot.rows], check_finite=False)
            right[pivot.others] -= pivot.effect @ x[pivot.columns]
        x[self._columns] = scipy.linalg.lu_solve(self._rest, right[self._rows], check_finite=False)
        for pivot in reversed(self._pivots):
            x[pivot.columns] -= pivot.share @ x[pivot.touched]
        return x

    def _solve_transposed(self, right: Matrix) -> Matrix:
        """The same steps transposed, in the opposite order."""
        right, x = right.copy(), np.empty_like(right)
        for pivot in self._pivots:
            right[pivot.touched] -= pivot.share.T @ right[pivot.columns]
        x[self._rows] = scipy.linalg.lu_solve(self._rest, right[self._columns], trans=1, check_finite=False)
        for pivot in reversed(self._pivots):
            known = right[pivot.columns] - pivot.effect.T @ x[pivot.others]
            x[pivot.rows] = scipy.linalg.lu_solve(pivot.factors, known, trans=1, check_finite=False)
        return x


def _touched(matrix: Matrix, rows: slice, columns: slice, free: NDArray[np.bool_]) -> Places:
    """Columns outside a block, not yet eliminated, in which its rows have entries."""
    entries = np.any(matrix[rows] != 0.0, axis=0) & free
    entries[columns] = False
    return np.flatnonzero(entries)
