"""How a solution moves: slopes of every variable along directions of what is held, and paths of solutions.

The derivatives of all equations in what is held and in the unknowns give the slopes in one linear solve. They are what
`cge.decomposition` needs to tell several shocks apart.

Along a path a quota may begin or cease to bind. There the solution has a kink, which an integral must not step over:
`trace` finds it, and cuts the path into stretches that are smooth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from scipy.optimize import brentq

from cge.accounts import benchmark_point
from cge.decomposition import Stretch
from cge.model import Values
from cge.progress import Event, Progress
from cge.quotas import Limits, Quota, flags, limits, phased
from cge.system import System

from .equilibrium import Equilibrium, dataset
from .methods.linear import Factors
from .problem import Problem

REGIMES = ("slack", "binding", "above")
TOUCH = 1e-9
"""How near to the edge of its regime a quota is at it."""


@dataclass(frozen=True)
class Shock:
    """One part of a policy.

    Attributes:
        changes: of instruments against the benchmark; those of several shocks add up.
        quotas: its own; no two shocks have a flow in common.
    """

    changes: Mapping[str, xr.DataArray] = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()


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
    moving = tuple(dict.fromkeys(name for direction in directions.values() for name in direction))
    found = system.linearise(values, wrt=moving)
    right = np.column_stack([found.push(direction) for direction in directions.values()])
    move = Factors(system, found.jacobian).solve(-right)
    shapes = {name: model.shape(symbol) for name, symbol in model.symbols.items()}
    result = {}
    for k, (shock, direction) in enumerate(directions.items()):
        result[shock] = {name: np.zeros(shape) for name, shape in shapes.items()}
        result[shock] |= found.held.unpack(found.held.pack(direction), shapes)
        for name, columns in system.columns.items():
            result[shock][name][columns >= 0] = move[columns[columns >= 0], k]
    return result


def trace(
    problem: Problem,
    shocks: Mapping[str, Shock],
    steps: int,
    *,
    by_shock: bool = False,
    standing: Sequence[Quota] = (),
    progress: Progress | None = None,
) -> list[Stretch]:
    """Certified solutions along the straight line of several shocks together, at equal steps and at every kink.

    Args:
        problem: parameters and closure.
        shocks: by name.
        steps: how many.
        by_shock: slopes too, with a leading axis `shock`.
        standing: quotas that are in force from the start and stay.
        progress: told every step.

    Returns:
        Smooth stretches, one after the other, as `cge.decomposition` takes them.

    Raises:
        SolveError: there is no certified solution somewhere on the way.
        ValueError: an instrument is unknown, or its array does not fit.
    """
    line = _Line(problem, shocks, standing)
    here = line.solve(0.0)
    knots: list[_Knot] = [here]
    for step in range(1, steps + 1):
        there = line.solve(step / steps, here)
        knots += [*line.kinks(here, there), there]
        here = there
        if progress:
            progress(Event(f"step {step} of {steps}", step / steps))
    return [line.stretch(smooth, by_shock) for smooth in _smooth(knots)]


@dataclass(frozen=True)
class _Knot:
    """A solution at a share of the shocks, in the regimes of the stretches that it ends and begins."""

    at: float
    found: Equilibrium
    before: tuple[str, ...]
    after: tuple[str, ...]


def _smooth(knots: list[_Knot]) -> Iterator[list[_Knot]]:
    """Cut where the regime before a knot is not that after it."""
    first = 0
    for n, knot in enumerate(knots):
        last = n == len(knots) - 1
        if n > first and (last or knot.before != knot.after):
            if knots[first].at < knot.at:
                yield knots[first : n + 1]
            first = n


class _Line:
    """The straight line of several shocks."""

    def __init__(self, problem: Problem, shocks: Mapping[str, Shock], standing: Sequence[Quota]) -> None:
        self.shocks = shocks
        self.standing = standing
        self.quotas = [*standing, *(quota for shock in shocks.values() for quota in shock.quotas)]
        touched = {name for shock in shocks.values() for name in shock.changes}
        self.problem = problem.prepared(touched, self.quotas, store=None)
        self.parameters = self.problem.model.parameters
        point = benchmark_point(self.parameters)
        self.base = {name: point[name] for name in touched if name in point}

    def solve(self, at: float, start: _Knot | None = None) -> _Knot:
        levels = {
            name: self.base.get(name, 0.0)
            + at * sum(shock.changes[name] for shock in self.shocks.values() if name in shock.changes)
            for name in {name for shock in self.shocks.values() for name in shock.changes}
        }
        quotas = [self._phased(quota, at) for quota in self.quotas]
        found = self.problem.solve(levels, quotas, start=start.found if start else None)
        state = tuple(quota.regime for quota in found.quotas)
        return _Knot(at, found, state, state)

    def kinks(self, here: _Knot, there: _Knot) -> list[_Knot]:
        """Where, between two knots, a quota passes from one regime into the next."""
        moved = [k for k, (a, b) in enumerate(zip(here.after, there.before, strict=True)) if a != b]
        if not moved:
            return []
        k = moved[0]
        up = REGIMES.index(there.before[k]) > REGIMES.index(here.after[k])
        following = REGIMES[REGIMES.index(here.after[k]) + (1 if up else -1)]
        found = self._edge(k, here, there, following if up else here.after[k])
        common = found.after if found is here else found.before
        edge = _Knot(found.at, found.found, _with(common, k, here.after[k]), _with(common, k, following))
        return [*self.kinks(here, edge), edge, *self.kinks(edge, there)]

    def _edge(self, k: int, here: _Knot, there: _Knot, upper: str) -> _Knot:
        """The solution at which a quota is at the edge between two regimes, of which the upper one is named.

        Below the edge the premium is under its end, or the volume under the limit; above it, over.
        """
        seen = {here.at: here, there.at: there}

        def side(at: float) -> float:
            if at not in seen:
                seen[at] = self.solve(at, here)
            bounds = self._limits(at)
            end = bounds.low[k] if upper == "binding" else bounds.high[k]
            quota = seen[at].found.quotas[k]
            return quota.premium - float(end) + quota.fill - 1.0

        for knot in (here, there):
            if abs(side(knot.at)) < TOUCH:
                return knot
        root = float(brentq(side, here.at, there.at, xtol=1e-11))
        side(root)
        return seen[root]

    def _limits(self, at: float, only: Shock | None = None) -> Limits:
        """Limits at a share of all shocks, or of one of them with the others at the benchmark."""
        share = [at if only is None or quota in only.quotas else 0.0 for quota in self.quotas]
        phases = zip(self.quotas, share, strict=True)
        return limits(self.parameters, [self._phased(quota, part) for quota, part in phases])

    def _phased(self, quota: Quota, share: float) -> Quota:
        return quota if quota in self.standing else phased(self.parameters, quota, share)

    def stretch(self, knots: list[_Knot], by_shock: bool) -> Stretch:
        state = knots[0].after
        points = tuple(knot.found.data for knot in knots)
        rates = tuple(self._slopes(knot, state) for knot in knots) if by_shock else ()
        return Stretch(tuple(knot.at for knot in knots), points, rates)

    def _slopes(self, knot: _Knot, state: tuple[str, ...]) -> xr.Dataset:
        model = self.problem.model
        begin = flags(state, self._limits(0.0))
        directions = {}
        for name, shock in self.shocks.items():
            end = flags(state, self._limits(1.0, shock))
            changes = {
                key: np.broadcast_to(change.transpose(*model.symbols[key].dims).values, model.benchmark[key].shape)
                for key, change in shock.changes.items()
            }
            # where it is moved
            changes |= {f"{key}_set": change for key, change in changes.items() if f"{key}_set" in model.symbols}
            directions[name] = changes | {key: end[key] - begin[key] for key in ("limit", "bound", "licence")}
        values = {name: knot.found.data[name].values.astype(float) for name in model.symbols}
        system = model.system(self.problem.closure.held(model))
        rates = slopes(system, values | flags(state, self._limits(knot.at)), directions)
        table = xr.concat([dataset(model, rate) for rate in rates.values()], "shock", combine_attrs="override")
        return table.assign_coords(shock=list(rates))


def _with(state: tuple[str, ...], k: int, regime: str) -> tuple[str, ...]:
    return (*state[:k], regime, *state[k + 1 :])
