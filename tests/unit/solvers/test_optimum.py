"""Best rates and equilibria of players against formulas, a brute grid, and themselves."""

import numpy as np
import pytest

from cge.errors import RequestError
from cge.goal import goal
from cge.solvers import Problem
from cge.solvers.optimum import Game, Player, best, judge, nash
from cge.solvers.walk import Walk
from cge.welfare import ev
from tests.drawn import one_factor
from tests.identities.test_gains import home_share


def player(model, region, low=0.0, high=3.0):
    """One rate on all that a region imports."""
    k = model.axis_labels["region"].index(region)
    groups = np.full(model.exists["tm"].shape, -1)
    groups[:, k][model.exists["tm"][:, k]] = 0
    groups[k, k] = -1
    sizes = np.array([model.constants["trade"][groups == 0].sum()])
    return Player(region, ((1.0, goal(model, "ev", {"region": [region]})),), "tm", groups, ("all",), sizes, low, high)


def world(seed, regions, sigma):
    economy = one_factor(seed, regions, sigma=sigma)
    problem = Problem(economy.parameters, certificate="arrays").prepared(["tm"], store=None)
    return problem, float(problem.model.constants["income0"].max())


def levels(problem, game, logs):
    return {
        name: problem.parameters.data["tm0"].transpose("exporter", "importer", "sector").copy(data=array)
        for name, array in game.levels(logs).items()
    }


@pytest.mark.parametrize("sigma", [2.5, 5.0, 9.0])
def test_the_optimal_tariff_of_two_countries(sigma):
    """1 / (epsilon lambda_ff): Gros (1987); Costinot and Rodriguez-Clare (2014)."""
    problem, money = world(3, 2, sigma)
    first, second = problem.model.axis_labels["region"]
    game = Game(Walk(problem), [player(problem.model, first)], money)
    logs = best(game, 0.3)
    found = problem.solve(levels(problem, game, logs))
    share = float(home_share(found).sel(region=second))
    assert float(np.expm1(logs[0])) == pytest.approx(1.0 / ((sigma - 1.0) * share), abs=1e-6)
    (verdict,) = judge(game, logs)
    assert verdict.eigenvalue < 0.0
    assert verdict.left < 1e-9 * money
    assert not verdict.bound
    assert verdict.value == pytest.approx(float(ev(found.parameters, found.data).sel(region=first)), rel=1e-9)


def test_no_rate_of_a_grid_is_better():
    problem, money = world(5, 3, 5.0)
    game = Game(Walk(problem), [player(problem.model, problem.model.axis_labels["region"][0])], money)
    logs = best(game, 0.3)
    (peak,), _ = game.at(logs)
    for rate in np.linspace(0.0, 1.0, 21):
        assert game.at(np.log1p(np.array([rate])))[0][0] <= peak


def test_players_of_a_nash_equilibrium_gain_by_nothing_that_a_grid_knows():
    problem, money = world(5, 3, 5.0)
    names = problem.model.axis_labels["region"]
    game = Game(Walk(problem), [player(problem.model, name) for name in names], money)
    logs = nash(game)
    peaks, slopes = game.at(logs)
    assert max(verdict.left for verdict in judge(game, logs)) < 1e-9 * money
    assert np.abs(slopes).max() < 1e-5 * money
    for k in range(len(names)):
        for rate in np.linspace(0.0, 0.8, 9):
            other = logs.copy()
            other[k] = np.log1p(rate)
            assert game.at(other)[0][k] <= peaks[k] + 1e-9 * money


def test_a_rate_at_its_bound_is_named():
    problem, money = world(3, 2, 5.0)
    game = Game(Walk(problem), [player(problem.model, problem.model.axis_labels["region"][0], high=0.1)], money)
    logs = best(game, 0.05)
    (verdict,) = judge(game, logs)
    assert verdict.bound == {"all": pytest.approx(0.1)}


def test_a_player_without_instruments():
    problem, money = world(3, 2, 5.0)
    one = player(problem.model, problem.model.axis_labels["region"][0])
    idle = Player(one.name, one.goals, "tm", np.full(one.groups.shape, -1), (), np.zeros(0), 0.0, 1.0)
    with pytest.raises(RequestError, match="has no instrument"):
        Game(Walk(problem), [idle], money)
