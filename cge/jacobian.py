"""The Jacobian of a system as a sparse matrix whose pattern is worked out once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from .dual import Array, Dual

Block = tuple[Dual, NDArray[np.int64]]
"""Derivatives of a block of entries of one equation, and the row of each entry, or -1."""


class Pattern:
    """Where the derivatives of a system's equations go in its Jacobian.

    At every point an equation has the same derivatives, in the same order: only their numbers differ.

    Args:
        blocks: equations at any point.
        shape: of the Jacobian.
    """

    def __init__(self, blocks: Iterable[Block], shape: tuple[int, int]) -> None:
        self._kept: list[list[tuple[tuple[int, ...], NDArray[np.int64]]]] = []
        cells: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
        for dual, rows in blocks:
            self._kept.append([])
            for columns, slope in dual.parts.values():
                full = np.broadcast_shapes(rows.shape, columns.shape, slope.shape)
                row, column = (np.broadcast_to(a, full).ravel() for a in (rows, columns))
                kept = np.flatnonzero((row >= 0) & (column >= 0))
                self._kept[-1].append((full, kept))
                cells.append(row[kept] * shape[1] + column[kept])
        filled, slots = np.unique(np.concatenate(cells), return_inverse=True)
        self._slots = slots.astype(np.int32)
        self._indices = (filled % shape[1]).astype(np.int32)
        self._starts = np.searchsorted(filled, np.arange(shape[0] + 1) * shape[1]).astype(np.int32)
        self._shape = shape

    def matrix(self, duals: Iterable[Dual]) -> sp.csr_array:
        """The Jacobian at a point, from the equations' derivatives there."""
        slopes: list[Array] = [np.empty(0)]
        for dual, kept in zip(duals, self._kept, strict=True):
            for (_, slope), (full, cells) in zip(dual.parts.values(), kept, strict=True):
                slopes.append(np.broadcast_to(slope, full).ravel()[cells])
        data = np.bincount(self._slots, np.concatenate(slopes), self._indices.size)
        return sp.csr_array((data, self._indices.copy(), self._starts.copy()), shape=self._shape)
