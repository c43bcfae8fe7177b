"""Specific factors and their capacity against closed forms; labour in an economy of specific capital (Jones 1971)."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cge.accounts import benchmark_point
from cge.calibration.shares import calibrate
from cge.checks import check_matching, check_replication
from cge.closure import Closure
from cge.decomposition import decompose
from cge.equations.structures import BLOCKS
from cge.model import Model
from cge.parameters import Parameters
from cge.solvers import Problem
from cge.solvers.sensitivity import Shock, trace
from tests.economies import elasticities, random_benchmark
from tests.truth import record

SOURCE = "Jones (1971)"
HELD = Closure(saving="real-exchange-rates", labour="supply")


def economy(seed: int = 1, **given: float) -> Parameters:
    """Two regions, two sectors, capital specific."""
    benchmark = random_benchmark(seed, 2, 2, specific=False)
    values = elasticities(benchmark, seed, **given)
    eta = values["eta_factor"].copy()
    eta.loc[{"factor": "CAP"}] = 0.0
    return calibrate(benchmark, values.assign(eta_factor=eta)).including([BLOCKS["capacity"]])


def lost(p: Parameters, share: float, sectors: tuple[str, ...] = ("s0", "s1")) -> xr.DataArray:
    level = xr.ones_like(p.data["stuck"])
    for sector in sectors:
        level.loc[{"region": "r0", "factor": "CAP", "sector": sector}] = 1.0 - share
    return level


@pytest.mark.parametrize("closure", [Closure(), HELD], ids=["standard", "short"])
def test_square_at_rest_and_certified(closure: Closure) -> None:
    p = economy()
    model = Model(p, closure.structure())
    system = model.system(closure.held(model))
    check_matching(system)
    assert check_replication(system) < 1e-10
    found = Problem(p, closure).solve({"capacity": lost(p, 0.3, ("s0",))})
    assert found.proof.walras < 1e-9
    assert found.proof.identities < 1e-9
    np.testing.assert_allclose(found.data["qf"].sel(region="r0", factor="CAP", sector="s0"), 0.7, rtol=1e-10)


@pytest.mark.parametrize("closure", [Closure(), HELD], ids=["standard", "short"])
def test_capacity_is_the_same_cut_of_a_specific_endowment(closure: Closure) -> None:
    p = economy()
    problem = Problem(p, closure)
    endow = xr.ones_like(p.data["endowment"])
    endow.loc[{"region": "r0", "factor": "CAP"}] = 0.6
    every, whole = problem.solve({"capacity": lost(p, 0.4)}).data, problem.solve({"endow": endow}).data
    names = ("qf", "pf", "y", "flow", "c", "income")
    got, want = (np.concatenate([x[name].values.ravel() for name in names]) for x in (every, whole))
    record("capacity of all industries against the endowment, volumes and prices", want, got, 1e-9, SOURCE)


def test_labour_among_industries_with_specific_capital() -> None:
    """Cobb-Douglas: an industry employs (price of value added / wage)^(1 / share of capital), and all is employed."""
    p = economy(esubva=1.0)
    x = Problem(p, Closure()).solve({"tm": p.data["tm0"] + 0.3}).data
    capital = p.data["share_factor"].sel(factor="CAP")
    taxed = (1.0 + x["tf"]) / (1.0 + p.data["tf0"])
    wage = (x["w"] * taxed).sel(factor="LAB")
    employed = (x["pva"] / wage) ** (1.0 / capital)
    record("employment by industry, specific capital", employed, x["qf"].sel(factor="LAB"), 1e-9, SOURCE)
    share = p.data["employment"].sel(factor="LAB")
    record("all labour is employed", 1.0, (share * employed).sum("sector"), 1e-9, SOURCE)


def test_the_decomposition_closes_and_has_the_lost_capacity() -> None:
    p = economy()
    problem = Problem(p, Closure(), certificate="arrays")
    base = benchmark_point(p)
    path = trace(problem, {"lost": Shock({"capacity": lost(p, 0.3, ("s0",)) - base["capacity"]})}, 8)
    found = decompose(problem.model.parameters, path)
    assert abs(found.residual).max() < 1e-5 * abs(found.ev).max()
    assert float(found.total("capacity").sel(region="r0")) < 0.0
