"""Elimination of defined variables from a linear system, block by block.

A definition `X = f(...)` has a unit diagonal block in the Jacobian, so eliminating X costs two sparse products and
no factorisation. What remains, the core, is small and dense; blocks that fill on the way go on as dense arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

Blocks = dict[int, dict[int, Any]]
"""Row to column to block, a sparse or a dense array."""

SMALL = 600
"""Up to this many unknowns a system is eliminated as one dense triangle: its blocks would cost more than they save."""

FULL = 0.2
"""Share of non-zeros from which a block is dense."""


class Condenser:
    """Schur complement of a matrix on its core.

    Args:
        groups: ranges of rows (and columns) whose diagonal block is the identity.
        core: range of the rest.
    """

    def __init__(self, groups: Mapping[str, slice], core: slice) -> None:
        self._spans = [*groups.values(), core]
        self._last = len(self._spans) - 1
        self._order: list[int] | None = None

    def core(self, matrix: sp.csr_array) -> NDArray[np.float64]:
        """The core's matrix after elimination, dense (core x core, and columns beyond it where the matrix has some).

        Raises:
            ValueError: a diagonal block is not the identity, so an equation does not define its variable.
        """
        if self._order is not None and matrix.shape[0] <= SMALL:
            return self._triangle(matrix.toarray())
        blocks = self._split(matrix)
        if self._order is None:
            self._check(blocks)
            self._order = self._cheapest_first(blocks)
        for b in self._order:
            pivot = blocks.pop(b)
            pivot.pop(b)
            for row in blocks.values():
                factor = row.pop(b, None)
                if factor is None:
                    continue
                for j, block in pivot.items():
                    row[j] = _less(row.get(j), factor, block)
        rest = blocks[self._last].get(self._last)
        if rest is None:
            start = self._spans[-1].start
            return np.zeros((matrix.shape[0] - start, matrix.shape[1] - start))
        return _array(rest)

    def _triangle(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same at once: each definition uses those before it and the core, so together they are a unit triangle."""
        first = self._spans[-1].start
        with np.errstate(all="ignore"):  # what is not finite shows in the core
            effect = solve_triangular(
                matrix[:first, :first], matrix[:first, first:], lower=True, unit_diagonal=True, check_finite=False
            )
            return np.asarray(matrix[first:, first:] - matrix[first:, :first] @ effect)

    def _split(self, matrix: sp.csr_array) -> Blocks:
        result: Blocks = {}
        last = slice(self._spans[-1].start, matrix.shape[1])
        for i, rows in enumerate(self._spans):
            band = matrix[rows].tocsc()
            result[i] = {}
            for j, columns in enumerate([*self._spans[:-1], last]):
                if band.indptr[columns.stop] > band.indptr[columns.start]:
                    result[i][j] = band[:, columns].tocsr()
        return result

    def _check(self, blocks: Blocks) -> None:
        for b in range(self._last):
            off = blocks[b][b] - sp.eye_array(blocks[b][b].shape[0], format="csr")
            if abs(off).max() > 1e-12:
                raise ValueError(f"group {b} of the system does not define its variables")

    def _cheapest_first(self, blocks: Blocks) -> list[int]:
        """Order of elimination that makes little fill, judged by the pattern (Markowitz on blocks)."""
        pattern = {i: {j: block.nnz for j, block in row.items()} for i, row in blocks.items()}
        sizes = [max(span.stop - span.start, 1) for span in self._spans]
        order: list[int] = []
        left = set(range(self._last))
        while left:

            def cost(b: int) -> float:
                into = sum(row[b] for i, row in pattern.items() if i != b and b in row)
                out = sum(n for j, n in pattern[b].items() if j != b)
                return into * out / sizes[b]

            best = min(sorted(left), key=cost)
            left.remove(best)
            order.append(best)
            pivot = pattern.pop(best)
            for i, row in pattern.items():
                into = row.pop(best, 0)
                for j, n in pivot.items():
                    if into and j != best:
                        full = sizes[i] * sizes[j]
                        row[j] = min(full, row.get(j, 0) + into * n // sizes[best])
        return order


def _less(target: Any, factor: Any, block: Any) -> Any:
    """`target - factor @ block`, dense once it has filled; a dense target is changed in place."""
    if isinstance(target, np.ndarray) and not isinstance(factor, np.ndarray):
        rows = np.flatnonzero(np.diff(factor.indptr))
        target[rows] -= _array(factor[rows] @ block)
        return target
    update = factor @ block
    result = -update if target is None else target - update
    if not isinstance(result, np.ndarray) and result.nnz > FULL * result.shape[0] * result.shape[1]:
        return result.toarray()
    return result


def _array(block: Any) -> NDArray[np.float64]:
    return block if isinstance(block, np.ndarray) else np.asarray(block.toarray())
