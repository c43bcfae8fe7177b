"""The accounts of a solution: balanced without the model's help, and a benchmark that replicates itself."""

import numpy as np
import pytest
import xarray as xr

from cge import accounts
from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.calibration.update import identities, updated_benchmark
from cge.errors import DataError
from cge.model import Model
from cge.solvers.problem import Problem
from tests.solved import CLOSURES, problem, shock, world


def moved(seed, closure="regional", cet=None, eta=0.0):
    """World and solution after a shock of everything that the closure holds."""
    found = problem(seed, closure, cet, eta)
    free = {"bank": {"sf"}, "unemployment": {"endow"}}.get(closure, set())
    levels = {k: v for k, v in shock(found.parameters, seed).items() if k not in free}
    return world(seed, cet, eta), found.solve(levels).data


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize(("seed", "cet", "eta"), [(1, None, 0.0), (2, 2.0, 0.5)])
def test_every_account_balances_after_any_shock(seed, closure, cet, eta):
    w, data = moved(seed, closure, cet, eta)
    assert abs(identities(w.benchmark, w.parameters, data).relative).max() < 1e-9
    updated_benchmark(w.benchmark, w.parameters, data)


def test_the_benchmark_itself_comes_back():
    w = world(3)
    base = accounts.benchmark_point(w.parameters)
    same = updated_benchmark(w.benchmark, w.parameters, base).data
    for name, array in w.benchmark.data.data_vars.items():
        other = same[name].sel(layer=array.layer) if "layer" in array.dims else same[name]
        xr.testing.assert_allclose(other, array, rtol=1e-10)
    assert float(abs(same.tariff.sel(layer="scenario")).max()) < 1e-15


def test_a_scenario_s_tariff_is_a_layer_of_its_own():
    w, data = moved(1)
    new = updated_benchmark(w.benchmark, w.parameters, data).data
    np.testing.assert_allclose(new.tariff.sum("layer"), data.tm, rtol=1e-12)
    kept = w.benchmark.data.tariff
    xr.testing.assert_equal(new.tariff.sel(layer=kept.layer), kept)


@pytest.mark.parametrize("household", ["regional", "deficit"])
def test_it_replicates_without_iteration(household):
    w, data = moved(2, household)
    new = updated_benchmark(w.benchmark, w.parameters, data)
    model = Model(calibrate(new, w.elasticities), CLOSURES[household].structure())
    system = model.system(CLOSURES[household].held(model))
    assert abs(system.residuals(model.start())).max() < 1e-9


def test_the_way_back_leads_to_the_old_benchmark():
    """CES functions calibrated at another point are the same functions: undo the shock there, and all is as before.

    Trade balances, so that the new basket of the numeraire only changes the unit of account.
    """
    w = world(4, deficits=False, margins=False, rents=False)
    assert abs(w.parameters.data.sf0).max() < 1e-12
    plain = w.elasticities.assign(frisch=-1.0, income_elasticity=xr.ones_like(w.elasticities.esubm))
    p = calibrate(w.benchmark, plain)
    new = updated_benchmark(w.benchmark, p, Problem(p).solve({"tm": p.data.tm0 + 0.15}).data)
    q = calibrate(new, plain)
    back = updated_benchmark(new, q, Problem(q).solve({"tm": p.data.tm0}).data)
    unit = float(w.benchmark.gdp.sum() / back.gdp.sum())
    for name in ("domestic", "trade", "intermediate", "final", "factor_income", "output_tax"):
        np.testing.assert_allclose(back.data[name] * unit, w.benchmark.data[name], rtol=1e-8, atol=1e-9)


def test_a_point_that_is_no_solution_is_refused():
    w, data = moved(1)
    wrong = data.assign(y=data.y * 1.001)
    with pytest.raises(DataError, match="industry account"):
        updated_benchmark(w.benchmark, w.parameters, wrong)


@pytest.mark.parametrize("lost", ["pd", "flow", "c", "pf", "inv"])
def test_a_slip_in_any_block_shows(lost):
    """The identities are no tautology: a price or volume that is off by 1e-6 unbalances some account."""
    w, data = moved(1)
    wrong = data.assign({lost: data[lost] * (1.0 + 1e-6)})
    assert abs(identities(w.benchmark, w.parameters, wrong).relative).max() > 1e-9


@pytest.mark.parametrize("closure", ["regional", "bank", "lump-sum", "deficit"])
def test_net_transfers_are_income_that_no_trade_pays_for(closure):
    w = world(1)
    size = 0.02 * float(w.benchmark.gdp.isel(region=0))
    sent = xr.zeros_like(w.benchmark.gdp)
    sent[0], sent[1] = size, -size
    rich = Benchmark(w.benchmark.data.assign(net_transfers=sent))
    np.testing.assert_allclose(w.benchmark.foreign_saving - rich.foreign_saving, sent, atol=1e-9)
    np.testing.assert_allclose(rich.saving - w.benchmark.saving, sent, atol=1e-9)
    xr.testing.assert_allclose(rich.gdp, w.benchmark.gdp)
    parameters = calibrate(rich, w.elasticities)
    free = {"bank": {"sf"}}.get(closure, set())
    levels = {k: v for k, v in shock(parameters, 1).items() if k not in free}
    data = Problem(parameters, CLOSURES[closure]).solve(levels).data
    assert abs(identities(rich, parameters, data).relative).max() < 1e-9
    xr.testing.assert_allclose(updated_benchmark(rich, parameters, data).data.net_transfers, rich.data.net_transfers)


def test_transfers_of_the_world_sum_to_zero():
    b = world(1).benchmark
    with pytest.raises(DataError, match="net transfers"):
        Benchmark(b.data.assign(net_transfers=xr.ones_like(b.gdp)))
