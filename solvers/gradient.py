"""The derivative of one outcome in every instrument and elasticity at once, at a solution: the adjoint method.

One linear solve with the transpose of the Jacobian gives the multipliers of an outcome; their product with the
derivatives of all equations in what is held is the gradient, whatever the number of instruments.

A quota that is at the edge between two regimes makes a kink: the outcome has a slope to the left and another to the
right, and no derivative.

Source: Giles and Pierce (2000), "An introduction to the adjoint approach to design", Flow, Turbulence and Combustion
65.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cge.errors import RequestError, nearest
from cge.goal import Goal
from cge.model import Model, Values
from cge.quotas import MARGIN
from cge.symbols import QUOTAS

from .equilibrium import Equilibrium, Regime
from .methods.linear import Factors
from .problem import Problem

Vector = NDArray[np.float64]

PAIRED = "sf"
"""Instrument whose entries cannot move one by one: the foreign savings of all regions sum to zero."""

DIFFERENCE = 1e-5
"""Largest move of any number in the differences of first derivatives: their error is 1e-10 of third derivatives."""

EDGE = 10.0 * MARGIN
"""How near to the edge of its regime a quota counts as at it: of the premium as a rate, and of the volume."""


@dataclass(frozen=True)
class Gradient:
    """Derivatives of an outcome at a solution.

    Attributes:
        goal: whose.
        value: of it there.
        slopes: by instrument or elasticity, labelled over its own axes: units of the outcome per unit of a rate, index
            or elasticity. Zero where the entry does not exist or is no free choice.
        left, right: at a kink, the slopes to either side by name; empty elsewhere. `slopes` holds NaN then wherever
            the two differ.
        kinks: quotas at the edge of their regime.
    """

    goal: Goal
    value: float
    slopes: dict[str, xr.DataArray]
    left: dict[str, xr.DataArray] = field(default_factory=dict)
    right: dict[str, xr.DataArray] = field(default_factory=dict)
    kinks: tuple[str, ...] = ()


class Adjoint:
    """Derivatives at one point in one regime; any number of goals share its factors.

    Args:
        problem: prepared for the instruments.
        values: a solution of its system.
        wrt: instruments and elasticities.
        factors: of the Jacobian at the point, where they are known.
    """

    def __init__(self, problem: Problem, values: Values, wrt: Iterable[str], factors: Factors | None = None) -> None:
        self.model, self.values = problem.model, values
        self._system = problem.system
        self._found = self._system.linearise(values, wrt=tuple(wrt))
        self.factors = factors or Factors(self._system, self._found.jacobian, problem.newton.condenser)

    def slopes(self, goal: Goal) -> Values:
        """Derivatives by name, full arrays."""
        held, size = self._found.held, self._system.size
        direct = goal.slopes(self.model, self.values, held.columns, size + held.count)
        total = direct[size:] - self._found.pull(self.multipliers(goal))
        return held.unpack(total, self._shapes)

    @property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: array.shape for name, array in (self.model.constants | self.values).items()}

    def direct(self, goal: Goal) -> tuple[Vector, Values]:
        """Derivatives of an outcome with all else held: in every unknown, and in what is held by name."""
        held, size = self._found.held, self._system.size
        both = goal.slopes(self.model, self.values, held.columns, size + held.count)
        return both[:size], held.unpack(both[size:], self._shapes)

    def multipliers(self, goal: Goal) -> Vector:
        """Derivatives of an outcome in the residual of every equation, less sign [row]."""
        return self.factors.solve(self.direct(goal)[0], transposed=True)

    def product(self, goal: Goal, direction: Values) -> Values:
        """The Hessian of an outcome in what is held, times a direction of it, by name, full arrays.

        With the multipliers held, the slopes of the Lagrangian along the direction (and along how the unknowns follow
        it) are differences of first derivatives at two points of the tangent; neither is solved for.
        """
        held, size = self._found.held, self._system.size
        follow = self.factors.solve(-self._found.push(direction))
        move = {name: np.zeros_like(self.values[name]) for name in self._system.columns}
        move = self._system.unpack(follow, move)
        pairs = {name: held.cells[name] for name in held.names if name in self.values}
        for name, cells in pairs.items():
            move.setdefault(name, np.zeros_like(self.values[name])).ravel()[cells] = direction[name].ravel()[cells]
        largest = max((float(np.abs(array).max(initial=0.0)) for array in move.values()), default=0.0)
        if largest == 0.0:
            return held.unpack(np.zeros(held.count), self._shapes)
        rows = self.multipliers(goal)
        step = DIFFERENCE / largest
        sides = []
        for sign in (step, -step):
            there = {name: array + sign * move[name] if name in move else array for name, array in self.values.items()}
            found = self._system.linearise(there, wrt=held.names)
            direct = goal.slopes(self.model, there, held.columns, size + held.count)
            sides.append(direct - np.concatenate([found.jacobian.T @ rows, found.pull(rows)]))
        bent = (sides[0] - sides[1]) / (2.0 * step)
        back = self.factors.solve(bent[:size], transposed=True)
        return held.unpack(bent[size:] - self._found.pull(back), self._shapes)


def gradient(problem: Problem, found: Equilibrium, goal: Goal, wrt: Iterable[str]) -> Gradient:
    """The derivative of an outcome in every entry of instruments and elasticities.

    Args:
        problem: prepared with the quotas and swaps of the solution, and for the instruments (`Problem.prepared`).
        found: the solution; the regimes of its quotas are held.
        goal: see `cge.goal.goal`, at the problem's model.
        wrt: names of instruments and elasticities of the model.

    Raises:
        RequestError: a name that is not known, or several quotas at the edge of their regimes.
    """
    model = problem.model
    names = tuple(dict.fromkeys(wrt))
    _check(model, names)
    # what swaps and charges move around its level has slopes in its level
    levels = {f"{name}_set": name for name in names if f"{name}_set" in model.symbols}
    if levels:
        both = _gradient(problem, found, goal, (*names, *levels))
        return _joined(both, levels)
    return _gradient(problem, found, goal, names)


def _gradient(problem: Problem, found: Equilibrium, goal: Goal, names: tuple[str, ...]) -> Gradient:
    """The same, symbol by symbol."""
    model = problem.model
    values = point(model, found)
    here = Adjoint(problem, values, names).slopes(goal)
    at = goal.value(model, values)
    edges = [(k, quota) for k, quota in enumerate(found.quotas) if _other(quota, values, k)]
    if not edges:
        return Gradient(goal, at, _labelled(model, here))
    if len(edges) > 1:
        raise RequestError(
            [f"{len(edges)} quotas are at the edge of their regimes ({', '.join(q.name for _, q in edges)}); the "
             "outcome has more than two slopes there: move a limit or a rate by a little"]
        )  # fmt: skip
    (k, quota), left, right = edges[0], {}, {}
    there, grows = _across(problem, values, names, goal, k, quota)
    binding, other = (here, there) if quota.regime == "binding" else (there, here)
    open_above = "above" in (quota.regime, _other(quota, values, k))
    for name in names:
        # imports that would grow meet the limit; beyond it, those that would shrink do
        meets = grows[name] < 0.0 if open_above else grows[name] > 0.0
        right[name] = np.where(meets, binding[name], other[name])
        left[name] = np.where(meets, other[name], binding[name])
    one = {name: np.where(np.isclose(left[name], right[name], rtol=1e-6), here[name], np.nan) for name in names}
    labelled = [_labelled(model, each) for each in (one, left, right)]
    return Gradient(goal, at, labelled[0], labelled[1], labelled[2], (quota.name,))


def _joined(found: Gradient, levels: dict[str, str]) -> Gradient:
    """Slopes in the levels of what is moved, with those where it is not."""

    def one(slopes: dict[str, xr.DataArray]) -> dict[str, xr.DataArray]:
        sums = {name: slopes[name] + slopes[level].values for level, name in levels.items() if name in slopes}
        return {name: array for name, array in (slopes | sums).items() if name not in levels}

    return replace(found, slopes=one(found.slopes), left=one(found.left), right=one(found.right))


def point(model: Model, found: Equilibrium) -> Values:
    """A solution as a point of a model; what it lacks is at the benchmark."""
    values = model.start()
    for name, array in values.items():
        if name in found.data and found.data[name].shape == array.shape:
            values[name] = np.array(found.data[name].values, dtype=float)
    return values


def _check(model: Model, names: tuple[str, ...]) -> None:
    known = [name for name in model.structure.held if name not in (*QUOTAS, PAIRED)] + sorted(model.elasticities)
    faults = [
        f"there is no instrument or elasticity {name!r}{nearest(name, known)}" for name in names if name not in known
    ]
    if PAIRED in names:
        faults = ["foreign saving has no slopes by region: what one receives another gives; set both in a scenario"]
    if faults or not names:
        raise RequestError(faults or ["name at least one instrument or elasticity"])


def _other(quota: Regime, values: Values, k: int) -> str:
    """The regime beyond the edge that a quota is at; empty if it is at none."""
    low = float(values["bound"][k])
    if quota.regime == "binding":
        return "slack" if abs(quota.premium - low) < EDGE else ""
    return "binding" if abs(quota.fill - 1.0) < EDGE else ""


def _across(
    problem: Problem, values: Values, names: tuple[str, ...], goal: Goal, k: int, quota: Regime
) -> tuple[Values, Values]:
    """Slopes in the regime beyond the edge, and those of the volume where the limit does not bind."""
    other = {name: array.copy() for name, array in values.items()}
    other["binds"][k] = 0.0 if quota.regime == "binding" else 1.0
    adjoint = Adjoint(problem, other, names)
    free = adjoint if quota.regime == "binding" else Adjoint(problem, values, names)
    volume = Goal("volume", "index", lambda m, q: m.volume[q], (np.array([k]),), np.ones(1))
    return adjoint.slopes(goal), free.slopes(volume)


def _labelled(model: Model, slopes: Values) -> dict[str, xr.DataArray]:
    result = {}
    for name, array in slopes.items():
        symbol = model.structure.symbols[name]
        coords = {axis: model.axis_labels[axis] for axis in symbol.dims}
        result[name] = xr.DataArray(array, dims=symbol.dims, coords=coords, name=name)
    return result
