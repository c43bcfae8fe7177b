"""Which controls cannot be met together, and what each of them lacks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import scipy.sparse as sp
import xarray as xr

from .controls import Control, Stack, stacked

PROGRAMME = 400_000
"""Nonzeros of the controls up to which the least violation is looked for by a linear programme."""


def disagreements(controls: Sequence[Control]) -> list[str]:
    """Pairs of exact controls over the same cells whose targets add up to different sums."""
    covers = [np.asarray(c.matrix.sum(axis=0)).ravel() for c in controls]
    faults = []
    for (a, over_a), (b, over_b) in combinations(zip(controls, covers, strict=True), 2):
        if not over_a.any() or not np.array_equal(over_a, over_b):
            continue
        room = float(sum(band.sum() for band in (a.low, a.high, b.low, b.high)))
        x, y = float(a.target.sum()), float(b.target.sum())
        if abs(x - y) > room + 1e-10 * float(abs(a.target).sum() + abs(b.target).sum()):
            faults.append(
                f"{a.name}: {len(a)} targets add up to {x:.10g}, and {b.name}: {len(b)} targets over the same cells "
                f"to {y:.10g}, {x - y:+.6g} apart; scale one to the other, or give one of them a band"
            )
    return faults


def contradictions(
    cells: xr.DataArray, controls: Sequence[Control], sums: pd.DataFrame, stack: Stack | None
) -> list[str]:
    """What stands in the way, the plainest cause first.

    Args:
        cells: the table as given.
        controls: what cannot be met.
        sums: every sum where the method stopped, with its gap.
        stack: the system that was solved; made here if None.
    """
    faults = disagreements(controls)
    if faults:
        return faults
    stack = stack or stacked(cells.values.astype(float).ravel(), np.ones(cells.size, dtype=bool), controls)
    if stack.matrix.nnz <= PROGRAMME:
        faults = _least_violation(stack)
        if faults:
            return faults
    worst = (sums["gap"].abs() / sums["turnover"].where(sums["turnover"] > 0.0, 1.0)).sort_values(ascending=False)
    return [
        f"{row.control} {row.sum} ends at {row.after:.6g}, {row.gap:+.6g} from its target {row.target:.6g} or its "
        "band; it contradicts other controls, or signs and zeros that stay: widen its band or free cells"
        for row in sums.loc[worst.index[: max(1, int((worst > 1e-8).sum()))]].itertuples()
    ]


def _least_violation(stack: Stack) -> list[str]:
    """The sums that fail, and by how much, when as little as possible fails."""
    from scipy.optimize import linprog  # at first use: most tables balance

    sign = np.sign(stack.start[stack.free])
    A = stack.matrix @ sp.diags_array(sign)
    count, cells = A.shape
    unit = sp.diags_array(stack.scale)
    system = sp.hstack([A, unit, -unit], format="csr")  # size of every cell, and what every sum lacks or has too much
    bounds = sp.vstack([system, -system], format="csr")
    right = np.concatenate([stack.target + stack.high, -(stack.target - stack.low)])
    cost = np.concatenate([np.zeros(cells), np.ones(2 * count)])
    found = linprog(
        cost, A_ub=bounds[np.isfinite(right)], b_ub=right[np.isfinite(right)], bounds=(0.0, None), method="highs"
    )
    if found.status != 0 or found.x is None:
        return []
    lack = (found.x[cells : cells + count] - found.x[cells + count :]) * stack.scale
    order = np.argsort(-abs(lack) / stack.scale, kind="stable")
    return [
        f"{stack.names[k]} cannot be {stack.target[k]:.6g} with the other controls: it falls {abs(lack[k]):.6g} "
        f"{'short' if lack[k] > 0 else 'over'}; correct it or those that share its cells, or give one a band"
        for k in order
        if abs(lack[k]) > 1e-7 * stack.scale[k]
    ]
