"""Sums over cells, and the second derivatives that Newton's method on the dual needs, for any number of cells.

With A [sum, cell] the second derivatives are A diag(slope) A'. Where every cell is in at most one sum of a control, as
with totals, the block of two controls is a table of slopes added up by the pair of sums that a cell is in, which takes
one pass over the cells; a general product of sparse matrices takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from .controls import Vector

Places = npt.NDArray[np.int64]
FULL = 4
"""A block of two controls is kept as a full table up to as many times the number of cells."""


class Sums:
    """The sums of all controls over the cells that may move.

    Args:
        matrix: [sum, cell].
        sizes: sums of every control, in the order of the rows.
    """

    def __init__(self, matrix: Any, sizes: Sequence[int]) -> None:
        ends = np.cumsum([0, *sizes])
        self._at = [slice(int(a), int(b)) for a, b in pairwise(ends)]
        self._parts = [matrix[at] for at in self._at]
        self._places = [_places(part) for part in self._parts]
        self._back: list[Any] = [None if place is not None else part.T.tocsr() for part, place in self._pairs()]
        self._joint: dict[tuple[int, int], Places] = {}
        for a, b in combinations(range(len(self._at)), 2):
            one, other, wide = self._places[a], self._places[b], self._parts[b].shape[0] + 1
            if one is not None and other is not None and self._parts[a].shape[0] * wide <= FULL * matrix.shape[1]:
                self._joint[a, b] = one * wide + other

    def _pairs(self) -> list[tuple[Any, Places | None]]:
        return list(zip(self._parts, self._places, strict=True))

    def of(self, cells: Vector) -> Vector:
        """A x: every sum."""
        return np.concatenate(
            [
                part @ cells if place is None else np.bincount(place, cells, part.shape[0] + 1)[:-1]
                for part, place in self._pairs()
            ]
        )

    def spread(self, multipliers: Vector) -> Vector:
        """A' y: what the multipliers of its sums come to in every cell."""
        total: Any = 0.0
        for at, place, back in zip(self._at, self._places, self._back, strict=True):
            own = multipliers[at]
            total = total + (back @ own if place is None else np.append(own, 0.0)[place])
        return np.asarray(total)

    def curvature(self, slope: Vector) -> Curvature:
        """A diag(slope) A'."""
        own, cross = [], {}
        for part, place in self._pairs():
            size = part.shape[0]
            own.append(
                np.bincount(place, slope, size + 1)[:-1] if place is not None else (part * slope).tocsr() @ part.T
            )
        for a, b in combinations(range(len(self._at)), 2):
            shape = self._parts[a].shape[0] + 1, self._parts[b].shape[0] + 1
            if (a, b) in self._joint:
                table = np.bincount(self._joint[a, b], slope, shape[0] * shape[1]).reshape(shape)
                cross[a, b] = table[:-1, :-1].astype(np.float32)
            else:
                cross[a, b] = (self._parts[a] * slope).tocsr() @ self._parts[b].T
        return Curvature(self._at, own, cross)


class Curvature:
    """A symmetric matrix by blocks of controls: those on the diagonal (a vector where diagonal), and those above it."""

    def __init__(self, at: Sequence[slice], own: Sequence[Any], cross: dict[tuple[int, int], Any]) -> None:
        self._at, self._own, self._cross = at, own, cross

    def diagonal(self) -> Vector:
        """Its diagonal [sum]."""
        return np.concatenate([x if isinstance(x, np.ndarray) else x.diagonal() for x in self._own])

    def __matmul__(self, y: Vector) -> Vector:
        result = np.empty_like(y)
        for at, own in zip(self._at, self._own, strict=True):
            result[at] = own * y[at] if isinstance(own, np.ndarray) else own @ y[at]
        for (a, b), block in self._cross.items():
            one, other = (y[self._at[k]].astype(block.dtype, copy=False) for k in (a, b))
            result[self._at[a]] += block @ other
            result[self._at[b]] += block.T @ one
        return result


def _places(part: Any) -> Places | None:
    """The sum of every cell, one past the last where it is in none; None if a cell is in several or is weighted."""
    size, cells = part.shape
    place = np.full(cells, size, dtype=np.int64)
    place[part.indices] = np.repeat(np.arange(size), np.diff(part.indptr))
    alone = int((place < size).sum()) == part.nnz and bool((part.data == 1.0).all())
    return place if alone else None
