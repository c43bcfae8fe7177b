"""The long run against an economy with its transition, and what added capital costs."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cge.accounts import benchmark_point
from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import Capital, calibrate
from cge.closure import CLOSURES, Closure
from cge.decomposition import decompose
from cge.parameters import Parameters
from cge.solvers import Problem
from cge.solvers.sensitivity import Shock, trace
from cge.welfare import ev, ev_net, ev_steady, real_gdp, welfare
from tests.economies import elasticities
from tests.points import SHAPES, parameters
from tests.truth import record

ALPHA, DELTA, RHO = 0.35, 0.04, 0.06
SOURCE = "Ramsey (1928), Cass (1965), Koopmans (1965)"


def true_gain(productivity: float) -> float:
    """Permanent consumption worth as much as the transition after a rise of productivity, share of income.

    One good, Cobb-Douglas technology, logarithmic utility. The saddle path is followed from the new steady state back
    to the old stock; on it, the value of the plan is its flow of utility and what saving adds to it.
    """

    def steady(a: float) -> float:
        return float((ALPHA * a / (RHO + DELTA)) ** (1.0 / (1.0 - ALPHA)))

    def net(a: float, k: float) -> float:
        return float(a * k**ALPHA - DELTA * k)

    before, after = steady(1.0), steady(productivity)
    spent = net(productivity, after)
    bend = spent * ALPHA * (1.0 - ALPHA) * productivity * after ** (ALPHA - 2.0)
    incline = (RHO + np.sqrt(RHO**2 + 4.0 * bend)) / 2.0

    def path(k: float, c: np.ndarray) -> np.ndarray:
        growth = ALPHA * productivity * k ** (ALPHA - 1.0) - DELTA - RHO
        return np.asarray(c * growth / (net(productivity, k) - c))

    off = 1e-5 * (after - before)
    start = [spent - incline * off]
    c = float(solve_ivp(path, (after - off, before), start, rtol=1e-11, atol=1e-12).y[0, -1])
    value = np.log(c) + (net(productivity, before) - c) / c  # times rho, by the equation of Hamilton, Jacobi, Bellman
    return float((np.exp(value) - net(1.0, before)) / before**ALPHA)


@cache
def one_good() -> Parameters:
    """The same economy twice, with next to no trade: income 100, of which capital earns its share and wears out."""
    income, trade = 100.0, 1e-4
    invested = DELTA * ALPHA * income / (RHO + DELTA)
    flows = np.array([[0.0, trade], [trade, 0.0]])[..., None]
    benchmark = Benchmark.from_arrays(
        ["a", "b"],
        ["good"],
        factor=["L", "K"],
        domestic=np.full((2, 1), income - trade),
        trade=flows,
        intermediate=np.zeros((2, 1, 1)),
        final=np.array([[[income - invested, 0.0, invested]]] * 2),
        factor_income=np.array([[[(1.0 - ALPHA) * income], [ALPHA * income]]] * 2),
        contents={"factors": {"L": {"role": "labour"}, "K": {"role": "capital"}}},
    )
    given = elasticities(benchmark, esubva=1.0, frisch=-1.0)
    return calibrate(benchmark, given, Capital(rental=RHO + DELTA, depreciation=DELTA))


@pytest.mark.parametrize(("rise", "band"), [(0.01, 2e-5), (0.1, 2e-3)])
def test_a_long_run_gains_what_the_transition_is_worth(rise: float, band: float) -> None:
    p = one_good()
    found = Problem(p, CLOSURES["long"]).solve({"tfp": (1.0 + rise) * p.data["output"] ** 0})
    truth, income = true_gain(1.0 + rise), p.data["income0"]
    net = ev_net(p, found.data) / income
    free, steady = ev(p, found.data) / income, ev_steady(p, found.data) / income
    grown = (1.0 + rise) ** (1.0 / (1.0 - ALPHA)) - 1.0
    record("EV net of the long run against Ramsey's transition", truth, net.values, band, SOURCE, relative=False)
    record("stock of the long run, A^(1/(1-alpha))", 1.0 + grown, found.data["endow"].sel(factor="K"), 1e-9, SOURCE)
    np.testing.assert_allclose(free, grown, rtol=1e-6)
    np.testing.assert_allclose(free, real_gdp(p, found.data) - 1.0, rtol=1e-6)
    upkeep = DELTA * ALPHA / (RHO + DELTA)
    np.testing.assert_allclose(steady, (1.0 - upkeep) * grown, rtol=1e-6)
    assert (steady > net).all()
    assert (free > 1.4 * net).all(), "EV counts the added capital as free"


@pytest.mark.parametrize("shape", [*SHAPES])
def test_without_added_capital_ev_net_is_ev(shape: str) -> None:
    p = parameters(shape)
    table = welfare(p, Problem(p).solve({"tm": p.data["tm0"] + 0.1}).data)
    assert (table["ev_net_musd"] == table["ev_musd"]).all()
    assert table["ev_steady_pct"].isna().all()


@pytest.mark.parametrize(
    "closure", [Closure(capital="long"), Closure("separate", government="direct-tax", capital="long")]
)
def test_the_decomposition_shows_the_cost_of_added_capital(closure: Closure) -> None:
    """EV less the part of added capital is EV net, to the second order of the shock."""
    p = parameters("taxed")
    problem = Problem(p, closure, certificate="arrays")
    base = benchmark_point(p)
    gaps = []
    for size in (0.02, 0.01):
        change = {"tm": (base["tm"] * 0.0 + size).where(p.labelled["duty_paid"] > 0.0, 0.0)}
        path = trace(problem, {"tariffs": Shock(change)}, 4)
        found = decompose(problem.model.parameters, path)
        assert abs(found.residual).max() < 1e-6 * abs(found.ev).max()
        end = path[-1].points[-1]
        own = found.ev - found.total("capital")
        gaps.append(float(abs(own - ev_net(problem.model.parameters, end)).max()))
        assert gaps[-1] < 0.2 * float(abs(found.total("capital")).max())
    assert gaps[1] < 0.35 * gaps[0]
