"""6. Regions without an account: investment, government, trade.

A region that does not invest takes foreign saving as income, and spends what its government saves; one without a
government has no budget to balance; one that trades with nobody has no price in common with the others.
"""

import numpy as np
import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.calibration.update import updated_benchmark
from cge.closure import CLOSURES
from cge.errors import DataError, PolicyError, SolveError
from cge.solvers import Problem
from tests.economies import ROLES, elasticities, random_benchmark
from tests.truth import record

SEPARATE = [name for name, closure in CLOSURES.items() if closure.household == "separate"]


def worst(benchmark, parameters, solved) -> float:
    """Of the accounts that `updated_benchmark` draws up from the benchmark; the solver's own are the same."""
    found = float(updated_benchmark(benchmark, parameters, solved.data).identities()["relative"].abs().max())
    assert solved.proof.identities == pytest.approx(found, abs=1e-12)
    return found


def without(*agents: str, saves: float = 0.0) -> Benchmark:
    """A world whose region r1 has its household buy what some agents would, with a government that saves."""
    data = random_benchmark(8, 3, 2).data.copy(deep=True)
    for name in ("final", "final_tax"):
        array = data[name]
        for agent in agents:
            array.loc[{"region": "r1", "agent": "C"}] += array.sel(region="r1", agent=agent)
            array.loc[{"region": "r1", "agent": agent}] = 0.0
    arrays = {name: array for name, array in data.items() if name not in ("direct_tax", "government_saving")}
    saving = data["government_saving"] * 0.0
    saving.loc[{"region": "r1"}] = saves
    labels = {axis: data[axis].values.tolist() for axis in ("factor", "layer")}
    roles = {name: {"role": ROLES[name]} for name in labels["factor"]}
    names = (data["region"].values.tolist(), data["sector"].values.tolist())
    return Benchmark.from_arrays(*names, **labels, **arrays, government_saving=saving, contents={"factors": roles})


@pytest.mark.parametrize("saves", [0.0, 15.0])
@pytest.mark.parametrize("closure", CLOSURES)
def test_a_region_without_investment_is_solved(closure: str, saves: float) -> None:
    benchmark = without("I", saves=saves)
    parameters = calibrate(benchmark, elasticities(benchmark, 1))
    tariff = parameters.data["tm0"] + 0.1 * (parameters.data["trade"] > 0.0)
    solved = Problem(parameters, CLOSURES[closure], certificate="arrays").solve({"tm": tariff})
    what = "largest imbalance of an account, share of its turnover, one region without investment"
    record(what, 0.0, worst(benchmark, parameters, solved), 1e-9, "national accounts")
    assert float(solved.data["saving"].sel(region="r1")) == pytest.approx(0.0, abs=1e-12)
    assert not np.allclose(solved.data["c"], 1.0)


@pytest.mark.parametrize("closure", CLOSURES)
def test_a_region_without_government_is_solved_or_refused_by_name(closure: str) -> None:
    benchmark = without("G")
    parameters = calibrate(benchmark, elasticities(benchmark, 1))
    if closure in SEPARATE:
        with pytest.raises(PolicyError, match="government consumption of r1 is zero"):
            Problem(parameters, CLOSURES[closure], certificate="arrays")
        return
    tariff = parameters.data["tm0"] + 0.1 * (parameters.data["trade"] > 0.0)
    solved = Problem(parameters, CLOSURES[closure], certificate="arrays").solve({"tm": tariff})
    what = "largest imbalance of an account, share of its turnover, one region without government"
    record(what, 0.0, worst(benchmark, parameters, solved), 1e-9, "national accounts")


@pytest.mark.parametrize("closure", SEPARATE)
def test_a_region_without_any_budget_is_solved_until_a_policy_gives_it_one(closure: str) -> None:
    world = random_benchmark(8, 3, 2, taxes=False).data.copy(deep=True)
    final = world["final"]
    final.loc[{"region": "r1", "agent": "C"}] += final.sel(region="r1", agent="G")
    final.loc[{"region": "r1", "agent": "G"}] = 0.0
    for name in ("direct_tax", "government_saving"):
        world[name].loc[{"region": "r1"}] = 0.0
    benchmark = Benchmark(world)
    parameters = calibrate(benchmark, elasticities(benchmark, 1))
    problem = Problem(parameters, CLOSURES[closure], certificate="arrays")
    tariff = 0.1 * (parameters.data["trade"] > 0.0)
    elsewhere = tariff.where(tariff["importer"] != "r1", 0.0)
    what = "largest imbalance of an account, share of its turnover, one region without any budget"
    record(what, 0.0, worst(benchmark, parameters, problem.solve({"tm": elsewhere})), 1e-9, "national accounts")
    with pytest.raises(SolveError, match="government consumption of r1 is zero"):
        problem.solve({"tm": tariff})


def test_a_region_that_trades_with_nobody_is_refused_by_name() -> None:
    data = random_benchmark(8, 3, 2, deficits=False, taxes=False).data.copy(deep=True)
    trade = data["trade"]
    sold = trade.sel(exporter="r1").sum("importer")
    for region in ("r0", "r2"):
        apart = trade.sel(exporter="r1", importer=region).copy()
        trade.loc[{"exporter": region, "importer": region}] = trade.sel(exporter=region, importer="r1").values
        trade.loc[{"exporter": region, "importer": "r1"}] = 0.0
        trade.loc[{"exporter": "r1", "importer": region}] = 0.0
        assert bool((apart > 0.0).all())
    trade.loc[{"exporter": "r1", "importer": "r1"}] = sold.values
    benchmark = Benchmark(data)  # each buys of itself what it sold to r1, or bought of it: trade was balanced by good
    with pytest.raises(DataError, match="r1 trades with nobody else"):
        calibrate(benchmark, elasticities(benchmark))
