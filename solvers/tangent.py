"""How a solution moves: slopes of every variable along directions of what is held, and paths with their slopes.

The Jacobian of all equations in everything, unknown or held, gives the slopes in one linear solve. They are what
`cge.decomposition.attribute` needs to tell several shocks apart.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy.linalg
import scipy.sparse as sp
import xarray as xr
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve_triangular

from cge.model import System, Values

from .condense import Condenser
from .equilibrium import dataset
from .problem import Problem

Instruments = Mapping[str, xr.DataArray | float]


def slopes(system: System, values: Values, directions: Mapping[str, Values]) -> dict[str, Values]:
    """Derivatives of a solution along directions of what the system holds.

    Args:
        system: a square system.
        values: a solution of it.
        directions: for each shock, the rate at which held symbols move; full arrays, absent symbols stay. What is
            not held at an entry is ignored there.

    Returns:
        For each shock, the rate of every symbol; zero where a symbol does not exist.
    """
    model = system.model
    nothing = {name: np.zeros(model.shape(symbol), dtype=bool) for name, symbol in model.symbols.items()}
    wide = model.system(nothing)
    _, jacobian = wide.linearise(values)
    order = np.empty(system.height, dtype=int)
    for name, rows in system.rows.items():
        order[rows[rows >= 0]] = wide.rows[name][rows >= 0]
    by_column = jacobian[order].tocsc()
    unknown = np.empty(system.size, dtype=int)
    for name, columns in system.columns.items():
        unknown[columns[columns >= 0]] = wide.columns[name][columns >= 0]
    rest = np.setdiff1d(np.arange(wide.size), unknown)
    push = np.zeros((wide.size, len(directions)))
    for k, direction in enumerate(directions.values()):
        for name, rate in direction.items():
            if name in wide.columns:
                there = wide.columns[name] >= 0
                push[wide.columns[name][there], k] = rate[there]
    push[unknown] = 0.0
    push[unknown] = _respond(system, by_column[:, unknown].tocsr(), -(by_column[:, rest] @ push[rest]))
    result = {}
    for k, shock in enumerate(directions):
        result[shock] = {name: np.zeros(model.shape(symbol)) for name, symbol in model.symbols.items()}
        for name, columns in wide.columns.items():
            result[shock][name][columns >= 0] = push[columns[columns >= 0], k]
    return result


def _respond(system: System, matrix: sp.csr_array, right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Solve with the defined variables eliminated: they are triangular, the core is dense."""
    core = system.core
    defined = slice(0, core.start)
    triangle, border = matrix[defined, defined], matrix[defined, core]

    def define(b: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(spsolve_triangular(triangle, b, lower=True, unit_diagonal=True)) if core.start else b

    first = define(right[defined])
    dense = Condenser(system.groups, core).core(matrix)
    inner = scipy.linalg.solve(dense, right[core] - matrix[core, defined] @ first)
    return np.concatenate([first - define(border @ inner), inner])


def trace(problem: Problem, shocks: Mapping[str, Instruments], steps: int) -> tuple[list[xr.Dataset], list[xr.Dataset]]:
    """Certified solutions at equal steps along the straight line of several shocks together, with their slopes.

    Args:
        problem: parameters and closure.
        shocks: for each shock, the level that its instruments have at the end if it comes alone; where several
            move the same instrument, their changes add up.
        steps: how many; the points are one more.

    Returns:
        Points, and for each point a dataset of slopes with a leading axis `shock`, as
        `cge.decomposition.attribute` takes them.

    Raises:
        SolveError: there is no certified solution somewhere on the way.
        ValueError: an instrument is unknown, or its array does not fit.
    """
    touched = {name for levels in shocks.values() for name in levels}
    base = problem.solve({}).data
    labelled = {name: base[name] for name in touched if name in base}
    changes = {
        shock: {name: level - labelled.get(name, 0.0) for name, level in levels.items()}
        for shock, levels in shocks.items()
    }
    points, rates = [], []
    for step in range(steps + 1):
        share = step / steps
        levels = {
            name: labelled.get(name, 0.0) + share * sum(change.get(name, 0.0) for change in changes.values())
            for name in touched
        }
        point = problem.solve(levels).data
        system = problem.model.system(problem.closure.held(problem.model))
        directions = {
            shock: {
                name: np.asarray((change + xr.zeros_like(point[name])).transpose(*point[name].dims).values)
                for name, change in moved.items()
            }
            for shock, moved in changes.items()
        }
        values = {name: point[name].values.astype(float) for name in problem.model.symbols}
        found = slopes(system, values, directions)
        points.append(point)
        rates.append(xr.concat([dataset(problem.model, rate) for rate in found.values()], "shock"))
        rates[-1] = rates[-1].assign_coords(shock=list(found))
    return points, rates
