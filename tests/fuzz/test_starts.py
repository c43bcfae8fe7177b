"""Whatever the way to a solution, it is the same one."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cge.scenarios.economy.run import Runner
from cge.scenarios.economy.setting import setting
from cge.scenarios.files import library
from cge.solvers import Problem
from cge.solvers.methods.logarithms import LogNewton
from cge.solvers.methods.newton import Newton
from cge.solvers.methods.path import follow
from tests.energy_world import fitting
from tests.fuzz import cases as fuzz
from tests.fuzz.judge import beyond, found_after_all
from tests.points import random_point, system
from tests.solved import problem, shock, world
from tests.truth import record

SOURCE = "theory guarantees it only under gross substitutes; see docs/solving.md"


@pytest.mark.parametrize("closure", ["standard", "unemployment"])
def test_random_starts_and_a_stepped_path_lead_to_one_point(closure):
    s = system("full", closure)
    start = s.model.start()
    goal = start | {"tm": start["tm"] + 0.6, "tfp": start["tfp"] * 0.9}
    expected = s.pack(Newton(s).solve(goal).values)
    logs = LogNewton(s)
    ends = [follow(logs, start, goal).values]
    for seed in range(3):
        found = logs.solve(s.unpack(s.pack(random_point(s.model, seed, 0.3)), goal))
        assert found.converged
        ends.append(found.values)
    got = np.array([s.pack(values) for values in ends])
    record("starts up to 30 % off, a stepped path: every unknown", expected, got, 1e-8, SOURCE)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_reverse_shock_returns(seed):
    """There and back, the way back starting at the solution."""
    solver = problem(seed)
    there = solver.solve(shock(world(seed).parameters, seed, 3.0))
    back = solver.solve({}, start=there)
    base = solver.solve({})
    gaps = [float(np.abs(back.data[name] - base.data[name]).max()) for name in ("y", "flow", "c", "pa", "income")]
    record("the way back from a shock of every instrument ends at the benchmark", 0.0, max(gaps), 1e-9, SOURCE)


@pytest.mark.parametrize("seed", [3, 4])
def test_half_the_shock_on_the_way_changes_nothing(seed):
    p, solver = world(seed).parameters, problem(seed)
    end: dict[str, xr.DataArray] = shock(p, seed, 3.0, tm=True, tfp=True, te=True)
    base = {"tm": p.data["tm0"], "te": p.data["te0"], "tfp": xr.ones_like(end["tfp"])}
    half = solver.solve({name: 0.5 * (base[name] + level) for name, level in end.items()})
    two, one = solver.solve(end, start=half), solver.solve(end)
    gaps = [float(np.abs(two.data[name] - one.data[name]).max()) for name in ("y", "flow", "c", "pa", "income")]
    record("a shock in one step and in two", 0.0, max(gaps), 1e-9, SOURCE)


def test_the_search_for_missed_equilibria_finds_those_that_exist():
    """The twin of the fuzz's check that random starts find nothing where a case was refused."""
    solver, asked = fuzz.problem(0, "arrays"), fuzz.shock(0, "everything")
    solver.solve(asked.instruments)
    found = found_after_all(solver, asked, 0)
    record("twin: random starts that lead to an equilibrium where there is one", 0, found, 0.5, SOURCE, differs=True)


INDEX = "index theorem, Kehoe (1980): the sign of the Jacobian's determinant"


def test_no_policy_of_the_library_leads_beyond_a_turn(request):
    """A solution beyond a turn of the path from the benchmark would be one of several."""
    name = request.config.getoption("--library")
    place = setting(name)
    runner, found = Runner(place), []
    problems: dict[str, Problem] = {}
    for scenario in runner.scenarios(fitting(library.names(), name)):
        policy = runner.bind(scenario)
        key = policy.parameters.sha256
        if key not in problems:
            problems[key] = Problem(policy.parameters, place.closure, certificate="arrays")
        able = problems[key].prepared(policy.instruments, policy.quotas, policy.swaps, store=None)
        found.append(beyond(able, able.solve(policy.instruments, policy.quotas, policy.swaps)))
    record(f"policies of the library, {name}: solutions beyond a turn", 0.0, found, 0.5, INDEX)
