"""Linear conditions that a table is balanced to, each with its labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import xarray as xr

from cge.errors import DataError, nearest

Vector = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Control:
    """A family of sums over cells of a table that must come out as given.

    Attributes:
        name: what the sums are, such as "total by origin, good".
        labels: one a sum.
        matrix: coefficient of every cell in every sum [sum, cell], cells in the order of the table's array.
        target: what every sum should be.
        low, high: how far below and above its target a sum may end; zero and zero: exact.
        pulled: whether a sum prefers its target inside its band; False: the band is a pure inequality.
    """

    name: str
    labels: tuple[str, ...]
    matrix: Any
    target: Vector
    low: Vector = field(repr=False)
    high: Vector = field(repr=False)
    pulled: bool = True

    def __post_init__(self) -> None:
        bad = ~np.isfinite(self.target) | ~(self.low >= 0.0) | ~(self.high >= 0.0)
        if bad.any():
            faults = [
                f"{self.name} {label}: target {t:g}, band {a:g} below and {b:g} above; "
                "give finite targets and bands of at least 0"
                for label, t, a, b, wrong in zip(self.labels, self.target, self.low, self.high, bad, strict=True)
                if wrong
            ]
            raise DataError(faults, "the controls")

    def __len__(self) -> int:
        return len(self.labels)


def totals(
    cells: xr.DataArray,
    target: xr.DataArray,
    groups: Mapping[str, Mapping[str, str]] | None = None,
    band: float | xr.DataArray = 0.0,
    name: str = "",
) -> Control:
    """Sums over the axes that a target lacks.

    Args:
        cells: the table, any dims, with labels.
        target: what the sums are to be, in the table's unit, over some of its dims; NaN where nothing is known.
        groups: per dim, the group of labels that the target is about; a label in no group enters no sum.
        band: how far from its target a sum may end, in the table's unit; one number or an array like the target.
        name: of the sums in messages and reports.

    Raises:
        DataError: dims or labels that the table has not.
    """
    groups = groups or {}
    dims = [str(d) for d in target.dims]
    faults = [
        f"the target has the axis {d}{nearest(d, map(str, cells.dims))}, which the table has not"
        for d in dims
        if d not in cells.dims
    ]
    faults += [f"groups of {d} are given, and the target has no axis {d}" for d in groups if d not in dims]
    if faults:
        raise DataError(faults, "the controls")
    number = np.zeros((1,) * cells.ndim, dtype=np.int64)
    known = np.ones((1,) * cells.ndim, dtype=bool)
    for dim in dims:
        wanted = [str(label) for label in target[dim].values]
        have = [str(label) for label in cells[dim].values]
        of = [groups[dim].get(label, "") if dim in groups else label for label in have]
        faults += [f"{dim} {w} of the target is no {dim} of the table{nearest(w, of)}" for w in wanted if w not in of]
        place = {label: k for k, label in enumerate(wanted)}
        at = np.array([place.get(label, -1) for label in of], dtype=np.int64)
        shape = [len(have) if d == dim else 1 for d in cells.dims]
        number = number * len(wanted) + at.reshape(shape)
        known = known & (at >= 0).reshape(shape)
    if faults:
        raise DataError(faults, "the controls")
    wide = xr.DataArray(band).broadcast_like(target).transpose(*dims).values.ravel().astype(float)
    values = target.values.ravel().astype(float)
    labels = [" ".join(map(str, key)) or "all" for key in product(*(target[d].values for d in dims))]
    column = np.broadcast_to(np.where(known, number, -1), cells.shape).ravel()
    matrix = _members(column, len(labels))
    keep = np.isfinite(values)
    return Control(
        name or "total by " + ", ".join(dims),
        tuple(label for label, kept in zip(labels, keep, strict=True) if kept),
        matrix if keep.all() else matrix[keep],
        values[keep],
        wide[keep],
        wide[keep],
    )


def equal(cells: xr.DataArray, first: str, second: str, name: str = "accounts") -> Control:
    """Receipts of every account equal its payments: the sums along two axes with the same labels agree.

    Args:
        cells: a square table, such as a social accounting matrix [receiver, payer].
        first, second: its two axes.
        name: of the sums in messages and reports.

    Raises:
        DataError: the two axes have not the same labels.
    """
    labels = [str(label) for label in cells[first].values]
    others = [str(label) for label in cells[second].values]
    if sorted(labels) != sorted(others):
        apart = sorted(set(labels) ^ set(others))
        raise DataError(
            [f"{label} is an account of only one of {first} and {second}" for label in apart], "the controls"
        )
    zero = xr.DataArray(np.zeros(len(labels)), dims=first, coords={first: labels})
    inward = totals(cells, zero)
    outward = totals(cells, zero.rename({first: second}))
    nothing = np.zeros(len(labels))
    return Control(name, tuple(labels), (inward.matrix - outward.matrix).tocsr(), nothing, nothing, nothing)


def limits(
    cells: xr.DataArray,
    lower: xr.DataArray,
    upper: xr.DataArray,
    groups: Mapping[str, Mapping[str, str]] | None = None,
    name: str = "",
) -> Control:
    """Sums that stay between two bounds, with no preference inside; -inf or inf: no bound. For `programme` only.

    Args:
        cells, groups, name: as in `totals`.
        lower, upper: bounds, in the table's unit, over some of its dims.

    Raises:
        DataError: as `totals`; a lower bound above its upper one.
    """
    finite = xr.where(np.isfinite(lower), lower, xr.where(np.isfinite(upper), upper, 0.0))
    made = totals(cells, finite, groups, name=name or "limits by " + ", ".join(map(str, finite.dims)))
    dims = finite.dims
    low, high = (x.transpose(*dims).values.ravel().astype(float) for x in (lower, upper))
    return Control(
        made.name, made.labels, made.matrix, made.target, made.target - low, high - made.target, pulled=False
    )


def _members(column: npt.NDArray[np.int64], sums: int) -> Any:
    """Matrix of ones [sum, cell] from the sum of every cell (-1: none)."""
    inside = column >= 0
    start = np.concatenate([[0], np.cumsum(inside)]).astype(np.int32)
    rows = column[inside].astype(np.int32)
    return sp.csc_array((np.ones(len(rows)), rows, start), shape=(sums, len(column))).tocsr()


@dataclass(frozen=True)
class Stack:
    """All controls as one system over the cells that may move.

    Attributes:
        free: which cells may move [cell]; the others are kept, or must be zero for some sum to be zero.
        start: the table with the cells that must be zero set to it [cell].
        matrix: [sum, free cell].
        target: less what the kept cells contribute.
        low, high: bands.
        pulled: whether a sum prefers its target inside its band.
        scale: turnover of every sum, which its gap is measured by.
        names: of every sum.
        sizes: sums of every control.
    """

    free: Mask
    start: Vector
    matrix: Any
    target: Vector
    low: Vector
    high: Vector
    pulled: Mask
    scale: Vector
    names: tuple[str, ...]
    sizes: tuple[int, ...]

    @property
    def loose(self) -> Mask:
        """Sums with a band."""
        return np.asarray((self.low > 0.0) | (self.high > 0.0))


def stacked(values: Vector, free: Mask, controls: Sequence[Control]) -> Stack:
    """Put controls one under another.

    Args:
        values: the table [cell].
        free: cells that may move [cell]; a zero never does.
        controls: what it is balanced to.

    Raises:
        DataError: sums that no cell can bring to their target, each with what it is and should be.
    """
    matrix = sp.vstack([c.matrix for c in controls], format="csr")
    target, low, high = (np.concatenate([getattr(c, k) for c in controls]) for k in ("target", "low", "high"))
    names = tuple(f"{c.name} {label}" for c in controls for label in c.labels)
    free = free & (values != 0.0)
    start = values.copy()
    while True:
        kept = matrix @ np.where(free, 0.0, start)
        movable = matrix[:, np.flatnonzero(free)] if not free.all() else matrix
        net = movable @ start[free]
        size = abs(movable) @ abs(start[free])
        scale = np.maximum(size + abs(kept), abs(target))
        up, down = size + net > 1e-14 * size, size - net > 1e-14 * size  # has a positive term, a negative one
        _refuse_out_of_reach(names, target - kept, low, high, up, down, 1e-9 * scale, start_of=net)
        # a sum of terms of one sign that is zero has no term: those cells are zero, and may leave others so
        empty = (up != down) & (abs(target - kept) <= 1e-13 * scale) & ~(low > 0.0) & ~(high > 0.0)
        if not empty.any():
            break
        gone = np.flatnonzero(free)[np.unique(movable[np.flatnonzero(empty)].indices)]
        start[gone] = 0.0
        free[gone] = False
    pulled = np.repeat([c.pulled for c in controls], [len(c) for c in controls])
    floor = 1e-15 * max(float(abs(values).sum()), 1e-300)
    return Stack(
        free,
        start,
        movable,
        target - kept,
        low,
        high,
        pulled,
        np.maximum(scale, floor),
        names,
        tuple(map(len, controls)),
    )


def _refuse_out_of_reach(
    names: Sequence[str],
    target: Vector,
    low: Vector,
    high: Vector,
    up: Mask,
    down: Mask,
    slack: Vector,
    start_of: Vector,
) -> None:
    """Raise if a sum must be positive without a positive term, or negative without a negative one."""
    short = (target - low > slack) & ~up
    over = (target + high < -slack) & ~down
    faults = []
    for k in np.flatnonzero(short | over).tolist():
        sign = "positive" if short[k] else "negative"
        faults.append(
            f"{names[k]}: its cells that may move are {start_of[k]:.6g} and must become {target[k]:.6g}, and none of "
            f"them is {sign}; give it a {sign} cell that may move, or another target"
        )
    if faults:
        raise DataError(faults, "the controls")
