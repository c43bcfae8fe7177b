"""IPOPT as a judge of optima: whether a point of the whole problem, in unknowns and rates, is a stationary one.

    maximise g(x, r)   subject to   F(x, r) = 0

on the compiled Pyomo model, with multipliers from the adjoint and no step allowed. The objective is that of the arrays:
the Pyomo model holds the equations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from cge.model import Values
from cge.system import System

from .compiled import CompiledModel
from .ipopt import TOLERANCE

Vector = NDArray[np.float64]

STATIONARY = 1e-6
"""Largest gradient of the Lagrangian of an optimum, the outcome in shares of income."""


@dataclass
class Objective:
    """An outcome at a point, as a share of income, with its derivatives.

    Attributes:
        value: of it.
        unknowns: derivative in each unknown, the others held.
        rates: derivative in each rate, the unknowns held.
        multipliers: of the system's rows.
    """

    value: float
    unknowns: Vector
    rates: Vector
    multipliers: Vector


def stationary(
    compiled: CompiledModel,
    system: System,
    values: Values,
    groups: Sequence[tuple[str, NDArray[np.int64]]],
    rates: Vector,
    objective: Objective,
) -> tuple[int, float]:
    """IPOPT's status at a point, 0 for accepted; and the largest gradient of the Lagrangian that it has seen.

    Args:
        compiled: the Pyomo model.
        system: the unknowns.
        values: the point.
        groups: symbols of instruments, and the number of the rate of each cell, or -1.
        rates: at the point.
        objective: to maximise.
    """
    import cyipopt

    whole = _Whole(compiled, system, values, groups, rates, objective)
    size = system.size + rates.size
    free, zeros = np.full(size, np.inf), np.zeros(system.height)
    solver = cyipopt.Problem(n=size, m=system.height, problem_obj=whole, lb=-free, ub=free, cl=zeros, cu=zeros)
    options = {
        "tol": STATIONARY, "constr_viol_tol": TOLERANCE, "max_iter": 0, "nlp_scaling_method": "none",
        "warm_start_init_point": "yes", "print_level": 0, "sb": "yes",
    }  # fmt: skip
    for name, value in options.items():
        solver.add_option(name, value)
    start = np.concatenate([system.pack(values), rates])
    _, info = solver.solve(start, lagrange=whole.multipliers, zl=np.zeros(size), zu=np.zeros(size))
    return int(info["status"]), whole.infeasible


class _Whole:
    """What cyipopt calls: minus the outcome, and the equations in unknowns and rates."""

    def __init__(
        self,
        compiled: CompiledModel,
        system: System,
        values: Values,
        groups: Sequence[tuple[str, NDArray[np.int64]]],
        rates: Vector,
        objective: Objective,
    ) -> None:
        self._program, self._objective = compiled.program, objective
        self._point = compiled.primals(system.model, values)
        self._height = system.height
        self._column = np.full(self._point.size, -1)
        for name, columns in system.columns.items():
            own = columns >= 0
            self._column[compiled.positions[name][own]] = columns[own]
        for name, numbers in groups:
            own = (numbers >= 0) & (compiled.positions[name] >= 0)
            self._column[compiled.positions[name][own]] = system.size + numbers[own]
        self._base = np.concatenate([system.pack(values), rates])
        self.infeasible = float("nan")
        self._pattern = self._sparse(self._base)[:2]
        self.multipliers = self._ordered(system, values)

    def _at(self, x: Vector) -> Vector:
        """The compiled model's point where unknowns and rates are."""
        own = self._column >= 0
        point = self._point.copy()
        point[own] += (x - self._base)[self._column[own]]
        return point

    def _sparse(self, x: Vector) -> tuple[Any, Any, Any]:
        """Rows, columns and values of the Jacobian in unknowns and rates."""
        rows, columns = self._program.jacobian_pattern
        column = self._column[columns]
        kept = column >= 0
        data = self._program.jacobian(self._at(x))[kept]
        whole = sp.coo_array((data, (rows[kept], column[kept])), shape=(self._height, self._base.size))
        whole.sum_duplicates()  # a rate falls on several cells
        return whole.coords[0], whole.coords[1], whole.data

    def _ordered(self, system: System, values: Values) -> Vector:
        """The multipliers in the order and with the signs of the Pyomo model's rows: a row is known by what it does to
        a direction that no two rows do alike."""
        direction = np.random.default_rng(1).uniform(0.5, 1.5, system.size)
        mine = system.linearise(values).jacobian @ direction
        row, column, data = self._sparse(self._base)
        unknown = column < system.size
        theirs = np.bincount(row[unknown], data[unknown] * direction[column[unknown]], system.height)
        order, place = np.argsort(np.abs(mine)), np.argsort(np.abs(theirs))
        found = np.empty(system.height)
        found[place] = self._objective.multipliers[order] * np.sign(mine[order]) * np.sign(theirs[place])
        return found

    def objective(self, x: Vector) -> float:
        move = x - self._base
        slopes = np.concatenate([self._objective.unknowns, self._objective.rates])
        return -self._objective.value - float(slopes @ move)

    def gradient(self, x: Vector) -> Vector:
        return -np.concatenate([self._objective.unknowns, self._objective.rates])

    def constraints(self, x: Vector) -> Vector:
        return self._program.residuals(self._at(x))

    def jacobianstructure(self) -> tuple[Any, Any]:
        return self._pattern

    def jacobian(self, x: Vector) -> Vector:
        return np.asarray(self._sparse(x)[2])

    def hessianstructure(self) -> tuple[Any, Any]:
        return np.array([], dtype=int), np.array([], dtype=int)

    def hessian(self, x: Vector, multipliers: Vector, factor: float) -> Vector:
        return np.array([])

    def intermediate(self, mode: int, count: int, objective: float, primal: float, dual: float, *_: float) -> bool:
        self.infeasible = dual
        return True
