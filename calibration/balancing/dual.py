"""Entropy and least squares with errors in variables, by the dual: one multiplier a control, any number of cells.

Of all tables with the signs of the given one that meet the controls, the nearest is found. With x0 the given cell, w
its weight (how freely it moves, 0: kept) and e the discrepancy of a total that has a band, the distance is

    entropy        sum (|x| ln(x / x0) - |x| + |x0|) / w  +  sum e^2 / (2 |target|)
    least squares  sum (x - x0)^2 / (2 w |x0|)            +  sum e^2 / (2 |target|)

so that a total with a band is as firm as a cell of its size, until it reaches the end of its band. Entropy with w = 1
and no bands is GRAS. Sources: Golan, Judge and Robinson (1994), Review of Economics and Statistics 76(3); Robinson,
Cattaneo and El-Said (2001), Economic Systems Research 13(1) (errors in variables); Stone, Champernowne and Meade
(1942), Review of Economic Studies 9(2), and Byron (1978), Journal of the Royal Statistical Society A 141(3) (least
squares).

Given the multipliers every cell is a formula, so the unknowns are as many as the controls. The dual is convex; Newton's
method with conjugate gradients solves it. The matrix of second derivatives has a row a control, however many the cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import xarray as xr

from cge.errors import DataError

from .controls import Control, Stack, Vector, stacked
from .curvature import Curvature, Sums
from .infeasible import disagreements
from .report import Balanced, BalanceError, finished

STEPS = 200
INNER = 400
FLAT = 1e-3
"""Curvature of what is at its bound, over its curvature inside: with none, a step would not leave the bound again."""


class _Response(Protocol):
    """Cells at given sums of multipliers, their slopes, and the dual's value."""

    def __call__(self, pull: Vector) -> tuple[Vector, Vector, float]:
        """Return cells, their derivatives, and the integral of the cells."""


def entropy(
    cells: xr.DataArray, controls: Sequence[Control], weight: float | xr.DataArray = 1.0, tolerance: float = 1e-10
) -> Balanced:
    """Nearest table in the sense of cross-entropy; every cell keeps its sign, zero stays zero.

    Args:
        cells: the table, any dims.
        controls: what it must meet, exactly or within a band; see `totals` and `equal`.
        weight: how freely a cell moves, of the table's dims or one number: the square of its standard error relative
            to that of the other cells. 0 keeps a cell.
        tolerance: largest gap of a sum, as a share of its turnover.

    Raises:
        DataError: controls that no cell can meet, or weights that are negative.
        BalanceError: controls that contradict each other, each with what it lacks.
    """

    def response(x0: Vector, w: Vector) -> _Response:
        sign, size = np.sign(x0), abs(x0)
        rate, firm = sign * w, 1.0 / w
        base = float(size @ firm)

        def at(pull: Vector) -> tuple[Vector, Vector, float]:
            moved = np.multiply(rate, pull)
            np.clip(moved, -700.0, 700.0, out=moved)
            np.exp(moved, out=moved)
            moved *= size
            return sign * moved, w * moved, float(moved @ firm) - base

        return at

    return _nearest(cells, controls, weight, tolerance, response)


def least_squares(
    cells: xr.DataArray, controls: Sequence[Control], weight: float | xr.DataArray = 1.0, tolerance: float = 1e-10
) -> Balanced:
    """Nearest table in the sense of weighted least squares; a cell that would change its sign becomes zero.

    Arguments and errors are those of `entropy`.
    """

    def response(x0: Vector, w: Vector) -> _Response:
        variance = w * abs(x0)

        def at(pull: Vector) -> tuple[Vector, Vector, float]:
            x = x0 + variance * pull
            inside = x * x0 > 0.0
            x = np.where(inside, x, 0.0)
            value = float((pull * x - np.where(variance > 0.0, (x - x0) ** 2 / (2.0 * variance), 0.0)).sum())
            return x, np.where(inside, variance, FLAT * variance), value

        return at

    return _nearest(cells, controls, weight, tolerance, response)


def _nearest(
    cells: xr.DataArray,
    controls: Sequence[Control],
    weight: float | xr.DataArray,
    tolerance: float,
    response: Callable[[Vector, Vector], _Response],
) -> Balanced:
    _, w, stack = prepared(cells, controls, weight)
    apart = disagreements(controls)
    if apart:
        raise BalanceError(apart, "the controls")
    multipliers, moved = _newton(stack, response(stack.start[stack.free], w[stack.free]), tolerance)
    result = stack.start.copy()
    result[stack.free] = moved
    return finished(cells, result.reshape(cells.shape), controls, tolerance, multipliers, stack)


def prepared(
    cells: xr.DataArray, controls: Sequence[Control], weight: float | xr.DataArray
) -> tuple[Vector, Vector, Stack]:
    """The table as a vector, weights of its cells, and the controls over those that may move.

    Raises:
        DataError: negative weights, numbers that are not finite, controls out of reach, or a pure inequality.
    """
    values = cells.values.astype(float).ravel()
    w = np.broadcast_to(xr.DataArray(weight).broadcast_like(cells).transpose(*cells.dims).values, cells.shape).ravel()
    faults = []
    if not np.isfinite(values).all():
        faults.append(f"{int((~np.isfinite(values)).sum())} cells are no finite number; fill them with data or zero")
    if not (w >= 0.0).all() or not np.isfinite(w).all():
        faults.append("weights are negative or no finite number; 0 keeps a cell, 1 is the usual")
    if not controls:
        faults.append("there is no control to balance to; give totals or accounts")
    if faults:
        raise DataError(faults, "the table to balance")
    return values, w.astype(float), stacked(values, w > 0.0, controls)


def _newton(stack: Stack, response: _Response, tolerance: float) -> tuple[Vector, Vector]:
    """Multipliers and cells at the minimum of the dual, or where no further step leads down."""
    if not stack.pulled.all():
        told = "a control of limits has no target for its sums; give totals with a band, or use programme"
        raise DataError([told], "the controls")
    sums = Sums(stack.matrix, stack.sizes)
    kappa = np.where(stack.loose, np.maximum(abs(stack.target), np.maximum(stack.low, stack.high)), 0.0)

    def discrepancy(y: Vector) -> tuple[Vector, Vector, float]:
        e = np.clip(-kappa * y, -stack.low, stack.high)
        inside = np.where((e > -stack.low) & (e < stack.high), kappa, FLAT * kappa)
        half = np.divide(e**2, 2.0 * kappa, out=np.zeros_like(e), where=kappa > 0.0)
        return e, inside, float((-y * e - half).sum())

    def at(y: Vector, pull: Vector) -> tuple[Vector, Vector, Vector, float]:
        x, slope, integral = response(pull)
        _, inside, of_e = discrepancy(y)
        return x, slope, inside, integral - float(stack.target @ y) + of_e

    y, pull = np.zeros(len(stack.target)), np.zeros(stack.matrix.shape[1])
    x, slope, inside, value = at(y, pull)
    for _ in range(STEPS):
        gap = sums.of(x) - stack.target - discrepancy(y)[0]
        off = float((abs(gap) / stack.scale).max(initial=0.0))
        if off <= 0.1 * tolerance or not np.isfinite(off):
            break
        step = _conjugate(sums.curvature(slope), inside, -gap, min(0.1, np.sqrt(off)))
        along = sums.spread(step)
        downhill = float(gap @ step)
        noise = 1e-12 * float(abs(x).sum())
        length = 1.0
        while length > 1e-10:
            x_new, slope_new, inside_new, value_new = at(y + length * step, pull + length * along)
            if value_new <= value + 1e-4 * length * downhill or -downhill * length <= noise:
                break
            length *= 0.5
        else:
            break
        y, pull = y + length * step, pull + length * along
        x, slope, inside, value = x_new, slope_new, inside_new, value_new
    return y, x


def _conjugate(curvature: Curvature, inside: Vector, right: Vector, tolerance: float) -> Vector:
    """Solve (curvature + inside) d = right by conjugate gradients, scaled by the diagonal."""
    diagonal = curvature.diagonal() + inside
    scale = 1.0 / np.where(diagonal > 0.0, diagonal, 1.0)
    d = np.zeros_like(right)
    rest = right.copy()
    z = scale * rest
    p = z
    size = start = float(rest @ z)
    for _ in range(INNER):
        if size <= tolerance**2 * start or size == 0.0:
            break
        image = curvature @ p + inside * p
        curve = float(p @ image)
        if curve <= 1e-14 * float(p @ (diagonal * p)):
            break  # no curvature is left in what remains: dependent controls
        d = d + (size / curve) * p
        rest = rest - (size / curve) * image
        z = scale * rest
        size, last = float(rest @ z), size
        p = z + (size / last) * p
    return d if d.any() else scale * right
