"""A path of shocks reaches what Newton's method reaches, goes around turns, and says what it does where it cannot."""

import numpy as np
import pytest

from cge.errors import SolveError
from cge.solvers.methods.homotopy import Homotopy
from cge.solvers.methods.logarithms import LogNewton
from cge.solvers.methods.newton import Newton
from cge.solvers.methods.path import follow
from tests.fuzz.cases import problem, shock, world
from tests.fuzz.judge import faults
from tests.points import system


def test_the_path_ends_where_newton_ends():
    s = system("full")
    newton = LogNewton(s)
    goal = s.model.start()
    goal["tm"] = goal["tm"] + 1.0
    goal["tfp"] = goal["tfp"] * 0.8
    done = []
    found = follow(newton, s.model.start(), goal, watch=done.append)
    assert found.converged
    assert done == sorted(done)
    assert done[-1] == 1.0
    expected = newton.solve(goal)
    np.testing.assert_allclose(s.pack(found.values), s.pack(expected.values), rtol=1e-9, atol=1e-11)
    for name in ("tm", "tfp"):
        np.testing.assert_array_equal(found.values[name], goal[name])


def test_a_path_that_leads_nowhere_ends_before_it():
    """No endowment is left at the end of the path: what is returned is not converged, and holds the goal."""
    s = system("plain")
    goal = s.model.start()
    goal["endow"] = goal["endow"] - 1.5
    done = [0.0]
    found = follow(LogNewton(s), s.model.start(), goal, watch=done.append)
    assert not found.converged
    assert 0.3 < done[-1] == found.done < 1.0
    assert "falls to zero by" in found.end
    np.testing.assert_array_equal(found.values["endow"], goal["endow"])
    assert np.isfinite(s.pack(found.values)).all()


def test_a_path_goes_around_the_point_where_it_turns_back():
    """A fixed real wage leaves no equilibrium beyond a fold; the path goes around it and comes back."""
    s, asked = problem(8, "arrays"), shock(8, "tariffs").instruments
    s = s.prepared(asked, store=None)
    start = s.model.start()
    goal = {**start, **{name: level.values for name, level in asked.items()}}
    newton = LogNewton(s.model.system(s.closure.held(s.model)))
    found = follow(newton, start, goal)
    assert not found.converged
    assert found.end.startswith("turns back at 22.7 % of it and leads to another equilibrium without it")
    at = {**found.values, **{name: Homotopy(start, goal, s.model.symbols).at(found.done)[name] for name in asked}}
    system = newton.system
    assert np.abs(system.residuals(at)).max() < 1e-10
    assert newton.weakest(at)[0] < 0.1 * newton.weakest(start)[0]  # towards zero with the root of what is left
    with pytest.raises(SolveError, match=r"turns back at 22.7 %.*Try a smaller shock"):
        s.solve(asked)


@pytest.mark.parametrize(("number", "kind"), [(65, "technology"), (85, "prohibitive")])
def test_no_leap_past_a_turn_is_a_result(number, kind):
    """Newton's method finds an equilibrium, but another than the one to which the benchmark leads."""
    s, asked = problem(number, "arrays"), shock(number, kind)
    found = s.solve(asked.instruments)
    assert found.proof.method == "path"
    system = s.model.system(s.closure.held(s.model))
    logs = LogNewton(system)
    on_the_path = {name: found.data[name].values for name in s.model.symbols}
    goal = {**s.model.start(), **{name: level.values for name, level in asked.instruments.items()}}
    other = Newton(system).solve(goal)
    assert other.converged
    assert not logs.negative(other.values)
    assert np.abs(np.log(other.values["py"] / on_the_path["py"])).max() > 0.01
    assert logs.beyond(other.values)
    assert not logs.beyond(on_the_path)


def test_an_equilibrium_beyond_a_turn_is_told_of_where_the_path_ends():
    """The path ends with a negative demand; Newton's method leaps to an equilibrium that is none of its own."""
    with pytest.raises(SolveError, match=r"with v\[r0\] = -1\.09\. There is an equilibrium beyond a turn"):
        problem(88, "arrays").solve(shock(88, "prohibitive").instruments)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        pytest.param(145, "everything", id="a step from a tenth of the way leads beyond its end"),
        pytest.param(72, "prohibitive", id="a quota on a flow of nearly nothing"),
        pytest.param(35, "deficits", id="income of one region a thousandfold"),
    ],
)
def test_far_solutions_are_reached(number, kind):
    s, asked = problem(number, "arrays"), shock(number, kind)
    found = s.solve(asked.instruments, asked.quotas)
    assert {"path", "tightening"} & set(found.proof.method.split("+"))
    assert not faults(world(number), asked, s, found)


def test_quantities_so_large_that_rounding_is_all_that_is_left_of_a_residual():
    """Once a case for a path; with the circle of definitions broken at few unknowns, Newton's method gets there."""
    s, asked = problem(93, "arrays"), shock(93, "everything")
    assert not faults(world(93), asked, s, s.solve(asked.instruments, asked.quotas))


@pytest.mark.parametrize("number", [6, 15, 17])
def test_quotas_whose_volumes_rise_with_their_premiums_are_solved_through_their_regimes(number):
    """A tighter limit widens the volume that goes with its premium, so that no limit can be tightened step by step."""
    s, asked = problem(number, "arrays"), shock(number, "quotas")
    found = s.solve(asked.instruments, asked.quotas)
    assert "tightening" in found.proof.method
    assert "above" in {quota.regime for quota in found.quotas}
    assert not faults(world(number), asked, s, found)
    free = s.solve(asked.instruments)
    perverse = [quota for quota in found.quotas if quota.premium > 0.0 and _volume(found, quota) > _volume(free, quota)]
    assert perverse


def _volume(found, quota):
    (flow,) = quota.flows
    return float(found.data["flow"].loc[flow])
