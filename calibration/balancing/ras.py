"""The classical iterations for a matrix and its row and column totals: RAS, and GRAS with negative cells.

RAS: Stone (1961), Input-Output and National Accounts, OECD. GRAS: Junius and Oosterhaven (2003), Economic Systems
Research 15(1), in the form of Lenzen, Wood and Gallego (2007), ibid. 19(4), and Temurshoev, Miller and Bouwmeester
(2013), ibid. 25(3), for rows without positive cells. At any point rows are exact or columns are; both in the end.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from cge.errors import DataError

from .controls import Control, Vector, totals
from .infeasible import disagreements
from .report import Balanced, BalanceError, finished

SWEEPS = 10_000


def ras(cells: xr.DataArray, rows: xr.DataArray, columns: xr.DataArray, tolerance: float = 1e-10) -> Balanced:
    """Scale rows and columns in turn until both totals are met; zero stays zero.

    Args:
        cells: matrix [row, column] without negative cells.
        rows, columns: totals over its first and its second axis, in its unit.
        tolerance: largest gap of a total, as a share of it.

    Raises:
        DataError: a negative cell or total (then `gras`).
        BalanceError: no such matrix, with the totals that contradict each other.
    """
    negative = int((cells.values < 0.0).sum() + (rows.values < 0.0).sum() + (columns.values < 0.0).sum())
    if negative:
        raise DataError([f"{negative} cells or totals are negative; use gras, which keeps signs"], "the table for RAS")
    return gras(cells, rows, columns, tolerance)


def gras(cells: xr.DataArray, rows: xr.DataArray, columns: xr.DataArray, tolerance: float = 1e-10) -> Balanced:
    """The same with negative cells: positive ones are multiplied and negative ones divided by the multipliers.

    Args:
        cells: matrix [row, column]; every cell keeps its sign, zero stays zero.
        rows, columns: totals over its first and its second axis, of any sign.
        tolerance: largest gap of a total, as a share of the turnover of its cells.

    Raises:
        BalanceError: no such matrix, with the totals that contradict each other.
    """
    if cells.ndim != 2:
        raise DataError([f"the table has {cells.ndim} axes; RAS and GRAS take two (use entropy)"], "the table")
    controls: list[Control] = [totals(cells, rows.rename("rows")), totals(cells, columns.rename("columns"))]
    up, down = np.maximum(cells.values, 0.0), np.maximum(-cells.values, 0.0)
    apart = disagreements(controls)
    if apart:
        raise BalanceError(apart, "the controls")
    u, v = (
        rows.reindex({cells.dims[0]: cells[cells.dims[0]]}).values,
        columns.reindex({cells.dims[1]: cells[cells.dims[1]]}).values,
    )
    r, s = np.ones(len(u)), np.ones(len(v))
    for _ in range(SWEEPS):
        r = _multiplier(up @ s, down @ _over(s), u)
        right, left = r @ up, _over(r) @ down
        gap = abs(s * right - left * _over(s) - v) / np.maximum(s * right + left * _over(s), abs(v) + 1e-300)
        if not np.isfinite(gap).all() or gap.max(initial=0.0) <= tolerance:
            break
        s = _multiplier(right, left, v)
    moved = r[:, None] * up * s - down * np.outer(_over(r), _over(s))
    return finished(cells, moved, controls, tolerance)


def _over(x: Vector) -> Vector:
    """One over x; zero for the zero of a line whose total is zero."""
    return np.divide(1.0, x, out=np.zeros_like(x), where=x != 0.0)


def _multiplier(positive: Vector, negative: Vector, total: Vector) -> Vector:
    """The root x > 0 of positive x - negative / x = total; one where there is no cell, NaN where there is no root."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        root = np.sqrt(total**2 + 4.0 * positive * negative)
        # of the two forms of the root the one without cancellation
        found = np.where(total >= 0.0, (total + root) / (2.0 * positive), 2.0 * negative / (root - total))
        found = np.where((positive == 0.0) & (total < 0.0), -negative / total, found)
    found = np.where((found > 0.0) | ((total == 0.0) & (negative == 0.0)), found, np.nan)
    return np.where((positive == 0.0) & (negative == 0.0), 1.0, found)
