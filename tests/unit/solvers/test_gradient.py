"""Adjoint gradients against differences, in every class of instrument and elasticity, and at a kink."""

import numpy as np
import pytest
import xarray as xr

from cge.errors import RequestError
from cge.goal import goal
from cge.quotas import Quota
from cge.scenarios.economy.setting import setting
from cge.solvers import Problem
from cge.solvers.gradient import gradient
from cge.welfare import ev
from tests.small_world import STEEL, small_world

INSTRUMENTS = ("tm", "te", "to", "tfp", "tau", "endow", "tf", "ti", "tc", "ntm")
ELASTICITIES = ("sigma_d", "sigma_m", "sigma_top", "sigma_va", "sigma_n", "sigma_g", "sigma_i")
NOISE = 3e-5
"""Relative: central differences of solutions that are right to 1e-11, with steps of 1e-4, and third derivatives."""


@pytest.fixture(scope="module")
def world():
    return setting(small_world(rents=False))


@pytest.fixture(scope="module")
def problem(world):
    # elasticities that are neither zero nor one, so that each can move both ways
    data = world.parameters.data.copy(deep=True)
    for k, name in enumerate(ELASTICITIES):
        data[name].values[...] = np.where(data[name].values > 0.0, data[name].values, 0.4) + 0.07 * k
    data["sigma_g"].values[0] = 1.0
    return Problem(world.parameters.anew(data)).prepared(INSTRUMENTS)


@pytest.fixture(scope="module")
def shock(problem):
    tm = problem.model.parameters.data["tm0"].copy()
    tm.loc[{"importer": "USA"}] += 0.15
    return tm


def worth(problem, levels):
    found = problem.solve(levels)
    return float(ev(found.parameters, found.data).sel(region="KOR"))


@pytest.fixture(scope="module")
def found(problem, shock):
    aim = goal(problem.model, "ev", {"region": ["KOR"]})
    return gradient(problem, problem.solve({"tm": shock}), aim, INSTRUMENTS + ELASTICITIES)


def test_value_is_that_of_the_welfare_table(problem, shock, found):
    assert found.value == pytest.approx(worth(problem, {"tm": shock}), rel=1e-12)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_instruments_against_differences(problem, shock, found, name):
    slope = found.slopes[name]
    cell = np.unravel_index(int(np.abs(slope.values).argmax()), slope.shape)
    base = shock.transpose(*slope.dims).values if name == "tm" else problem.model.benchmark[name]
    worths = []
    for step in (1e-4, -1e-4):
        level = slope.copy(data=base.copy())
        level.values[cell] += step
        worths.append(worth(problem, {"tm": shock} | {name: level}))
    assert slope.values[cell] != 0.0
    assert (worths[0] - worths[1]) / 2e-4 == pytest.approx(slope.values[cell], rel=NOISE)


@pytest.mark.parametrize("name", ELASTICITIES)
def test_elasticities_against_differences(problem, shock, found, name):
    slope = found.slopes[name]
    # Korea's good, or the one of elasticity one, whose derivative has a form of its own
    cell = (0,) if name == "sigma_g" else np.unravel_index(int(np.abs(slope.values).argmax()), slope.shape)
    own = problem.parameters
    worths = []
    for step in (1e-3, -1e-3):
        data = own.data.copy(deep=True)
        data[name].values[cell] += step
        worths.append(worth(problem.with_parameters(own.anew(data)), {"tm": shock}))
    assert (worths[0] - worths[1]) / 2e-3 == pytest.approx(slope.values[cell], rel=2e-4)


def test_a_lump_sum_in_the_regional_budget_moves_nothing(problem, shock):
    aim = goal(problem.model, "ev", {"region": ["KOR"]})
    one = gradient(problem, problem.solve({"tm": shock}), aim, ["lumpsum", "td"])
    assert abs(one.slopes["lumpsum"]).max() < 1e-6
    assert abs(one.slopes["td"]).max() < 1e-6


@pytest.mark.parametrize("name", ["output", "trade_value", "real_exchange_rate", "trade_balance"])
def test_other_outcomes_against_differences(problem, shock, name):
    labels = {"output": {"region": ["KOR"], "sector": ["STL"]}, "trade_value": {"importer": ["USA"]}}
    aim = goal(problem.model, name, labels.get(name, {"region": ["KOR"]}))
    slope = gradient(problem, problem.solve({"tm": shock}), aim, ["tfp"]).slopes["tfp"]
    cell = np.unravel_index(int(np.abs(slope.values).argmax()), slope.shape)
    values = []
    for step in (1e-4, -1e-4):
        level = slope.copy(data=problem.model.benchmark["tfp"].copy())
        level.values[cell] += step
        data = problem.solve({"tm": shock, "tfp": level}).data
        values.append(aim.value(problem.model, {key: data[key].values for key in problem.model.symbols}))
    assert (values[0] - values[1]) / 2e-4 == pytest.approx(slope.values[cell], rel=NOISE, abs=1e-6)


def test_left_and_right_slopes_at_a_kink(world):
    flow = (tuple(STEEL.values()),)
    problem = Problem(world.parameters).prepared(["tfp"], [Quota(flow, 1.0)])
    found = problem.solve({}, [Quota(flow, 1.0)])
    aim = goal(problem.model, "ev", {"region": ["USA"]})
    one = gradient(problem, found, aim, ["tfp"])
    cell = {"region": "KOR", "sector": "STL"}
    assert one.kinks
    assert np.isnan(float(one.slopes["tfp"].sel(cell)))
    for side, step in ((one.right, 1e-5), (one.left, -1e-5)):
        level = xr.ones_like(one.slopes["tfp"])
        level.loc[cell] += step
        there = problem.solve({"tfp": level}, [Quota(flow, 1.0)])
        worths = [float(ev(each.parameters, each.data).sel(region="USA")) for each in (there, found)]
        assert (worths[0] - worths[1]) / step == pytest.approx(float(side["tfp"].sel(cell)), rel=1e-3)
    assert float(one.left["tfp"].sel(cell)) != pytest.approx(float(one.right["tfp"].sel(cell)), rel=0.05)


@pytest.mark.parametrize(
    ("name", "labels", "said"),
    [
        ("evv", {}, "did you mean ev"),
        ("ev", {"region": ["KRO"]}, "did you mean KOR"),
        ("ev", {"sector": ["STL"]}, "has no axis sector"),
        ("py", {"region": ["KOR"]}, "name the labels of one"),
    ],
)
def test_outcomes_that_are_not(problem, name, labels, said):
    with pytest.raises(RequestError, match=said):
        goal(problem.model, name, labels)


def test_an_instrument_that_is_not(problem, shock):
    with pytest.raises(RequestError, match="sigma_d"):
        gradient(problem, problem.solve({"tm": shock}), goal(problem.model, "ev"), ["sigma_dd"])
