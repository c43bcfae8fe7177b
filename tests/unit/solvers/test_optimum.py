"""Best rates and equilibria of players against formulas, a brute grid, and themselves."""

import numpy as np
import pytest

from cge.calibration.benchmark import Benchmark
from cge.errors import RequestError, SolveError
from cge.goal import goal
from cge.solvers import Problem
from cge.solvers.certificate.compiled import CompiledModel
from cge.solvers.game import Choice, Game, Player
from cge.solvers.nash import nash
from cge.solvers.optimum import best, cheapest
from cge.solvers.verdict import judge
from cge.solvers.walk import Walk
from cge.welfare import ev
from tests.drawn import Economy, one_factor
from tests.economies import elasticities
from tests.identities.test_gains import home_share


def player(model, region, low=0.0, high=3.0):
    """One rate on all that a region imports."""
    k = model.axis_labels["region"].index(region)
    groups = np.full(model.exists["tm"].shape, -1)
    groups[:, k][model.exists["tm"][:, k]] = 0
    groups[k, k] = -1
    sizes = np.array([model.constants["trade"][groups == 0].sum()])
    choice = Choice("tm", groups, ("all",), sizes, low, high)
    return Player(region, ((1.0, goal(model, "ev", {"region": [region]})),), (choice,))


def by_partner(model, region, high=3.0):
    """A rate a partner."""
    k = model.axis_labels["region"].index(region)
    groups = np.full(model.exists["tm"].shape, -1)
    others = [r for r in range(groups.shape[0]) if r != k]
    for n, r in enumerate(others):
        groups[r, k][model.exists["tm"][r, k]] = n
    sizes = np.array([model.constants["trade"][groups == n].sum() for n in range(len(others))])
    choice = Choice("tm", groups, tuple(model.axis_labels["region"][r] for r in others), sizes, -0.5, high)
    return Player(region, ((1.0, goal(model, "ev", {"region": [region]})),), (choice,))


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
    idle = Player(one.name, one.goals, ())
    with pytest.raises(RequestError, match="has no instrument"):
        Game(Walk(problem), [idle], money)


def test_a_small_country_takes_one_over_epsilon():
    economy = one_factor(3, 2, sigma=5.0, small=1e-4)
    problem = Problem(economy.parameters, certificate="arrays").prepared(["tm"], store=None)
    first = problem.model.axis_labels["region"][0]
    money = float(problem.model.constants["income0"][0])
    logs = best(Game(Walk(problem), [player(problem.model, first)], money), 0.3)
    assert float(np.expm1(logs[0])) == pytest.approx(0.25, rel=1e-3)


def symmetric(sigma):
    """Two countries that are alike."""
    benchmark = Benchmark.from_arrays(
        ["a", "b"], ["s"], factor=["LAB"], domestic=np.full((2, 1), 800.0),
        trade=np.array([[[0.0], [200.0]], [[200.0], [0.0]]]), intermediate=np.zeros((2, 1, 1)),
        final=np.array([[[1000.0, 0.0, 0.0]]] * 2), factor_income=np.full((2, 1, 1), 1000.0),
    )  # fmt: skip
    return Economy(benchmark, elasticities(benchmark, esubm=sigma, esubd=sigma, income_elasticity=1.0, frisch=-1.0))


def test_players_who_are_alike_choose_alike_and_lose_by_it():
    problem = Problem(symmetric(4.0).parameters, certificate="arrays").prepared(["tm"], store=None)
    money = float(problem.model.constants["income0"].max())
    players = [player(problem.model, name) for name in ("a", "b")]
    logs = nash(Game(Walk(problem), players, money))
    assert logs[0] == pytest.approx(logs[1], abs=1e-8)
    values, _ = Game(Walk(problem), players, money).at(logs)
    assert values.max() < 0.0
    together = Player("both", players[0].goals + players[1].goals, players[0].choices + players[1].choices)
    joint = best(Game(Walk(problem), [together], money), 0.2)
    assert np.expm1(joint) == pytest.approx([0.0, 0.0], abs=1e-6)  # alike, and together: free trade


def test_many_rates_are_a_maximum_that_ipopt_accepts():
    economy = one_factor(5, 4, sigma=5.0)
    problem = Problem(economy.parameters).prepared(["tm"], store=None)
    money = float(problem.model.constants["income0"].max())
    compiled = CompiledModel(problem.model, None)
    game = Game(Walk(problem), [by_partner(problem.model, problem.model.axis_labels["region"][0])], money)
    logs = best(game, 0.3)
    (verdict,) = judge(game, logs, compiled)
    assert verdict.ipopt == 0
    assert verdict.infeasible < 1e-8
    assert verdict.eigenvalue < 0.0
    assert verdict.left < 1e-10 * money
    (peak,), _ = game.at(logs)
    for k in range(len(logs)):
        for move in (-0.02, 0.02):
            other = logs.copy()
            other[k] += move
            assert game.at(other)[0][0] < peak
    (away,) = judge(game, logs + 0.05, compiled)
    assert away.ipopt != 0


def test_products_with_the_hessian_are_differences_of_gradients():
    problem, money = world(5, 4, 5.0)
    game = Game(Walk(problem), [by_partner(problem.model, problem.model.axis_labels["region"][0])], money)
    logs = np.log1p(np.array([0.1, 0.3, 0.2]))
    direction, step = np.array([1.0, -0.5, 0.3]), 1e-4
    ends = [game.at(logs + sign * step * direction / game.scale)[1] for sign in (1.0, -1.0)]
    _, slopes = game.at(logs)
    found = game.product(0, logs, slopes, direction)
    assert found == pytest.approx((ends[0] - ends[1]) / (2.0 * step), rel=1e-5)


def test_a_target_is_reached_at_the_least_cost():
    problem, money = world(5, 4, 5.0)
    model = problem.model
    region = model.axis_labels["region"][0]
    game = Game(Walk(problem), [by_partner(model, region)], money)
    revenue = goal(model, "tariff_revenue", {"region": [region]})
    logs = best(game, 0.3)
    game.at(logs)
    usual = revenue.value(model, game.walk.values)
    with_target, logs, price = cheapest(game, 0.3, revenue, 1.05 * usual)
    _, slopes = game.at(logs)
    assert revenue.value(model, game.walk.values) == pytest.approx(1.05 * usual, rel=1e-6)
    assert price > 0.0
    assert np.abs(with_target.at(logs)[1]).max() < 1e-4 * np.abs(slopes).max()  # stationary with it, not without
    with pytest.raises(SolveError, match="the most that was found is"):
        cheapest(game, 0.3, revenue, 100.0 * usual)
