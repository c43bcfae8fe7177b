"""The same balancing as a Pyomo model solved by IPOPT: for small tables, inequalities and dual values.

It writes the problem of `cge.calibration.balancing.dual` down as it is stated, cell by cell, and shares no algebra
with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xarray as xr

from cge.errors import InstallError

from .controls import Control, Stack, Vector
from .dual import prepared
from .report import Balanced, finished

if TYPE_CHECKING:
    import pyomo.environ as pyo

Distance = Literal["entropy", "least squares"]
OPTIONS = {"tol": 1e-11, "max_iter": 500, "print_level": 0, "sb": "yes", "bound_relax_factor": 0.0}
FLOOR = 1e-12
"""Least size of a cell of the entropy, as a share of its given size: the logarithm needs more than zero."""


def programme(
    cells: xr.DataArray,
    controls: Sequence[Control],
    weight: float | xr.DataArray = 1.0,
    distance: Distance = "entropy",
    tolerance: float = 1e-7,
) -> Balanced:
    """Nearest table that meets the controls, by IPOPT.

    Args:
        cells, controls, weight: as in `entropy`; controls may be `limits` too.
        distance: what is made least, as `cge.calibration.balancing.dual` defines it.
        tolerance: largest gap of a sum, as a share of its turnover.

    Returns:
        As `entropy`; the multiplier of a sum is its dual value.

    Raises:
        DataError: as `entropy`.
        BalanceError: controls that contradict each other.
        InstallError: IPOPT is not installed.
    """
    import pyomo.environ as pyo  # at first use: balancing by the dual does without

    from cge.solvers.certificate.library import point_pyomo_here

    point_pyomo_here()
    values, w, stack = prepared(cells, controls, weight)
    size = max(float(abs(values).mean()), 1e-300)
    x0 = stack.start[stack.free] / size
    model = _model(stack, x0, w[stack.free], size, distance)
    solver = pyo.SolverFactory("cyipopt")
    if not solver.available(exception_flag=False):
        raise InstallError("the programme needs IPOPT: python -m cge.solvers.install.native")
    solver.solve(model, options=OPTIONS)
    moved = stack.start.copy()
    moved[stack.free] = np.array([pyo.value(model.x[k]) for k in model.x]) * np.sign(x0) * size
    multipliers = np.zeros(len(stack.target))
    for k in model.sum:
        multipliers[k] = -float(model.dual.get(model.sum[k], 0.0))
    return finished(cells, moved.reshape(cells.shape), controls, tolerance, multipliers, stack)


def _model(stack: Stack, x0: Vector, w: Vector, size: float, distance: Distance) -> pyo.ConcreteModel:
    """Sizes of cells and discrepancies of sums with a band; all money in units of the mean cell."""
    import pyomo.environ as pyo

    model = pyo.ConcreteModel()
    start = abs(x0)
    least = FLOOR if distance == "entropy" else 0.0
    model.x = pyo.Var(range(len(x0)), initialize=dict(enumerate(start)), bounds=lambda _, k: (least * start[k], None))
    target, low, high = stack.target / size, stack.low / size, stack.high / size
    loose = np.flatnonzero(stack.loose)
    model.e = pyo.Var(loose.tolist(), initialize=0.0, bounds=lambda _, k: (_bound(-low[k]), _bound(high[k])))
    rows = {k: slice(stack.matrix.indptr[k], stack.matrix.indptr[k + 1]) for k in range(len(target))}
    sign = np.sign(x0)

    def total(m: pyo.ConcreteModel, k: int) -> object:
        terms = zip(stack.matrix.indices[rows[k]], stack.matrix.data[rows[k]], strict=True)
        made = sum(float(a * sign[i]) * m.x[int(i)] for i, a in terms)
        if isinstance(made, int):
            return pyo.Constraint.Skip
        return made - (m.e[k] if stack.loose[k] else 0.0) == float(target[k])

    model.sum = pyo.Constraint(range(len(target)), rule=total)
    firm = np.maximum(abs(target), np.maximum(low, high))
    spread = sum(m_e**2 / (2.0 * float(firm[k])) for k, m_e in model.e.items() if stack.pulled[k])
    if distance == "entropy":
        apart = sum((x * pyo.log(x / float(start[k])) - x + float(start[k])) / float(w[k]) for k, x in model.x.items())
    else:
        apart = sum((x - float(start[k])) ** 2 / (2.0 * float(w[k]) * float(start[k])) for k, x in model.x.items())
    model.distance = pyo.Objective(expr=apart + spread)
    model.dual = pyo.Suffix(direction=pyo.Suffix.IMPORT)
    return model


def _bound(x: Any) -> float | None:
    """A bound; None: there is none."""
    return float(x) if np.isfinite(x) else None
