"""An independent judge of solutions: it uses nothing that the solver used to find or to prove them."""

from __future__ import annotations

import numpy as np

from cge.calibration.update import identities
from cge.closure import CLOSURES
from cge.model import Model, Values
from cge.quotas import Quota, flags, limits, nearest, violation
from cge.solvers import Equilibrium, Problem
from cge.solvers.methods.logarithms import LogNewton
from tests.fuzz.cases import Shock, World

EQUATIONS = 1e-8
"""Largest residual of an equation on plain numbers, relative to its sides where these exceed one."""

ACCOUNTS = 1e-9
"""Largest deviation of an account of the world after the shock, share of its turnover."""


def faults(world: World, shock: Shock, problem: Problem, found: Equilibrium) -> list[str]:
    """What is wrong with a solution; empty if nothing is.

    Args:
        world, shock: what was asked.
        problem: that was solved; only its list of equations is used.
        found: what came back.
    """
    model, data = _model(problem, shock), found.data
    values: Values = {name: data[name].values.astype(float) for name in model.symbols}
    told = []
    for name, symbol in model.symbols.items():
        there = values[name][model.exists[name]]
        if not np.isfinite(there).all():
            told.append(f"{name} is not finite")
        if symbol.positive and symbol.kind == "variable" and not (there > 0.0).all():
            told.append(f"{name} is {there.min():.3g}")
    held = CLOSURES[world.closure].held(model)
    for name, level in shock.instruments.items():
        there = model.exists[name] & held.get(name, np.array(True))  # what the closure frees may move
        asked = np.asarray(level.transpose(*data[name].dims).values)
        if not np.array_equal(asked[there], values[name][there]):
            told.append(f"{name} is not what was asked")
    view = model.view(values)
    for equation in model.equations.values():
        for index in np.argwhere(model.rows(equation)):
            left, right = equation.body(view, *map(int, index))
            if not abs(left - right) <= EQUATIONS * max(1.0, abs(left), abs(right)):
                told.append(f"{equation.name}{tuple(map(int, index))} is out by {left - right:.1e}")
    accounts = identities(world.benchmark, world.parameters, data)
    worst = float(accounts["relative"].abs().max())
    if not worst <= ACCOUNTS:
        told.append(f"an account is out by {worst:.1e} of its turnover")
    if not abs(float(data["walras"])) <= ACCOUNTS:
        told.append(f"Walras' slack is {float(data['walras']):.1e}")
    return told + [fault for quota in shock.quotas for fault in _quota(quota, world, found)]


def _model(problem: Problem, shock: Shock) -> Model:
    """The model that a solve for a shock uses."""
    return problem.prepared(shock.instruments, shock.quotas, store=None).model


def beyond(problem: Problem, found: Equilibrium) -> bool:
    """Whether a solution of a prepared problem lies beyond a turn of the path, so that there are others."""
    model = problem.model
    system = model.system(problem.closure.held(model))
    return LogNewton(system).beyond({name: found.data[name].values.astype(float) for name in model.symbols})


def found_after_all(problem: Problem, shock: Shock, seed: int, starts: int = 4) -> int:
    """How many random starts, up to far off in every price and quantity, lead to an equilibrium that was not found.

    Quotas change their regimes on the way; at the end their inequalities must hold.
    """
    model = _model(problem, shock)
    system = model.system(problem.closure.held(model))
    newton = LogNewton(system)
    bounds = limits(model.parameters, shock.quotas)
    slack = flags(["slack"] * bounds.limit.size, bounds)
    levels = {name: level.transpose(*model.symbols[name].dims).values for name, level in shock.instruments.items()}
    goal = {**model.start(), **slack, **levels}
    rng, benchmark, count = np.random.default_rng([seed, 3]), system.pack(model.start()), 0
    for spread in np.linspace(0.2, 2.0, starts):
        start = np.where(newton.positive, benchmark * np.exp(rng.normal(0.0, spread, benchmark.size)), benchmark)
        with np.errstate(all="ignore"):
            end = newton.solve(system.unpack(start, goal), iterations=40, bounds=bounds)
        premium, volume = end.values["premium"], end.values["volume"]
        broken = violation(nearest(premium, volume, bounds), premium, volume, bounds)
        count += int(end.converged and not newton.negative(end.values) and broken <= EQUATIONS)
    return count


def _quota(quota: Quota, world: World, found: Equilibrium) -> list[str]:
    """The inequalities of a quota, from the flow and its rents alone."""
    (flow,) = quota.flows
    volume, premium = (float(found.data[name].loc[flow]) for name in ("flow", "rho"))
    slack = premium <= 1e-9 and volume <= quota.volume * (1.0 + 1e-6)
    binding = abs(volume / quota.volume - 1.0) <= 1e-6 and -1e-9 <= premium <= quota.ceiling * (1.0 + 1e-6)
    above = abs(premium - quota.ceiling) <= 1e-9 and volume >= quota.volume * (1.0 - 1e-6)
    if slack or binding or above:
        return []
    return [f"the quota on {quota.name}: volume {volume:.4g}, premium {premium:.4g}"]
