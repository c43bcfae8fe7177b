"""Owned capital against closed forms: MacDougall's two countries, and what capital that moves by its returns does."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import xarray as xr

from cge.accounts import benchmark_point
from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.checks import check_matching, check_replication
from cge.closure import CLOSURES, Closure
from cge.decomposition import decompose
from cge.equations.structures import BLOCKS
from cge.errors import PolicyError
from cge.model import Model
from cge.parameters import Parameters
from cge.solvers import Problem
from cge.solvers.sensitivity import Shock, trace
from cge.welfare import ev, ev_net, real_gdp
from tests.economies import elasticities, random_benchmark
from tests.truth import record

SOURCE = "MacDougall (1960), Economic Record 36"
ALPHA, EVERY = 0.35, 3000.0
OWN = [BLOCKS["capacity"], BLOCKS["ownership"]]
MOBILE = Closure(capital="mobile")
PAID = Closure("separate", government="direct-tax", capital="mobile", labour="supply")
CASES = {"fixed": Closure(), "mobile": MOBILE, "mobile, separate": PAID}


def world(mobility: float | xr.DataArray = 1.0) -> Parameters:
    """Three regions and sectors with taxes of every kind."""
    benchmark = random_benchmark(1, 3, 3)
    values = elasticities(benchmark, 1)
    held = xr.DataArray(
        [[0.0, 8.0, 2.0], [3.0, 0.0, 1.0], [0.0, 5.0, 0.0]],
        dims=("region", "importer"),
        coords=dict.fromkeys(("region", "importer"), benchmark.regions),
    )
    return calibrate(benchmark, values.assign(owned_abroad=held, capital_mobility=mobility)).including(OWN)


def moved(p: Parameters, size: float, owner: str = "r0", host: str = "r1", sector: str = "s1") -> xr.DataArray:
    array = xr.zeros_like(p.data["may_own"])
    array.loc[{"exporter": owner, "importer": host, "sector": sector}] = size
    return array


@pytest.mark.parametrize("closure", CASES.values(), ids=CASES)
def test_square_at_rest_certified_and_income_of_the_world_is_zero(closure: Closure) -> None:
    p = world()
    model = Model(p, closure.structure())
    system = model.system(closure.held(model))
    check_matching(system)
    assert check_replication(system) < 1e-10
    problem = Problem(p, closure)
    for shocks in ({"abroad": moved(p, 0.01)}, {"tm": p.data["tm0"] + 0.1}):
        found = problem.solve(shocks)
        assert found.proof.walras < 1e-9
        assert found.proof.identities < 1e-9
        income = found.data["claims"] * p.data["income0"]
        assert float(abs(income).max()) > 1e-3
        record("income of owned capital, the whole world", 0.0, float(income.sum()), 1e-9, "theory", relative=False)


@pytest.mark.parametrize("closure", CASES.values(), ids=CASES)
def test_twice_the_numeraire_is_twice_the_money_and_nothing_else(closure: Closure) -> None:
    p = world()
    problem = Problem(p, closure, certificate="arrays")
    shocks = {"tm": p.data["tm0"] + 0.1, "abroad": moved(p, 0.01)}
    one, two = (problem.solve({**shocks, "pworld": level}).data for level in (1.0, 2.0))
    for name, times in (("claims", 2.0), ("income", 2.0), ("y", 1.0), ("endow", 1.0)):
        record(f"numeraire doubled, owned capital: {name}", times * one[name], two[name], 1e-9, "homogeneity")


@pytest.mark.parametrize("closure", [Closure(), PAID], ids=["fixed", "mobile, separate"])
def test_the_decomposition_closes_with_the_owners(closure: Closure) -> None:
    p = world()
    problem = Problem(p, closure, certificate="arrays")
    base = benchmark_point(problem.model.parameters)
    duty = (base["tm"] * 0.0 + 0.1).where(p.labelled["duty_paid"] > 0.0, 0.0)
    path = trace(problem, {"both": Shock({"tm": duty, "abroad": moved(p, 0.01)})}, 4)
    found = decompose(problem.model.parameters, path)
    assert abs(found.residual).max() < 1e-5 * abs(found.ev).max()
    assert float(found.total("claims").sel(region="r0")) > 0.0


def test_a_direct_tax_on_foreigners_is_the_hosts() -> None:
    """What the owner gets of a unit is its reward less the host's tax, over what tax left at the benchmark."""
    p = world()
    found = Problem(p, Closure(), certificate="arrays").solve({"abroad": moved(p, 0.01), "td": p.data["td0"] + 0.05})
    x, host = found.data, {"region": "r1"}
    left = (1.0 - x["td"].sel(host)) / (1.0 - p.data["td0"].sel(host))
    plant = 0.01 * float(left * x["pf"].sel(region="r1", factor="CAP", sector="s1"))
    share = p.data["factor_use"].sel(factor="CAP") / p.data["factor_use"].sel(factor="CAP").sum("sector")
    taxed = (1.0 - x["td"]) / (1.0 - p.data["td0"]) * (share * x["pf"].sel(factor="CAP")).sum("sector")
    gain = (taxed - 1.0) * xr.DataArray([0.0, 8.0, 2.0], coords={"region": p.labels["region"]}, dims="region")
    lost = (taxed.sel(region="r0") - 1.0) * 3.0
    want = plant + float(gain.sum() - lost) / float(p.data["income0"].sel(region="r0"))
    record("claims of an owner, by hand", want, float(x["claims"].sel(region="r0")), 1e-10, SOURCE)


@cache
def one_good(mobility: float = 1.0) -> Parameters:
    """One good at one price in two countries alike, Cobb-Douglas, without taxes."""
    income, invested = 100.0, 20.0
    half = np.array([[0.0, income / 2.0], [income / 2.0, 0.0]])[..., None]
    benchmark = Benchmark.from_arrays(
        ["a", "b"],
        ["good"],
        factor=["L", "K"],
        domestic=np.full((2, 1), income / 2.0),
        trade=half,
        intermediate=np.zeros((2, 1, 1)),
        final=np.array([[[income - invested, 0.0, invested]]] * 2),
        factor_income=np.array([[[(1.0 - ALPHA) * income], [ALPHA * income]]] * 2),
        contents={"factors": {"L": {"role": "labour"}, "K": {"role": "capital"}}},
    )
    given = elasticities(benchmark, esubva=1.0, frisch=-1.0, esubm=EVERY, esubd=EVERY)
    return calibrate(benchmark, given.assign(capital_mobility=mobility)).including(OWN)


def test_capital_that_moves_gains_its_owners_and_hosts_macdougalls_triangle() -> None:
    """A tenth of the capital of a works in b: output there is 1.1^alpha, and b pays its marginal product."""
    p, part = one_good(), 0.1
    capacity = xr.ones_like(p.data["placeable"])
    capacity.loc[{"factor": "K"}] = np.array([[1.0 - part], [1.0 + part]])
    x = Problem(p, Closure()).solve({"capacity": capacity, "abroad": moved(p, ALPHA * part, "a", "b", "good")})
    made = np.array([1.0 - part, 1.0 + part]) ** ALPHA
    paid = part * ALPHA * (1.0 + part) ** (ALPHA - 1.0) * np.array([1.0, -1.0])
    band = 3e-5  # home goods and imports are all but one good
    record("GDP where capital moved", made, real_gdp(p, x.data).values, band, SOURCE)
    record("EV of owners and hosts", made + paid - 1.0, ev(p, x.data).values / 100.0, band, SOURCE, relative=False)


@pytest.mark.parametrize("mobility", [0.5, 5.0])
def test_capital_follows_productivity_by_its_elasticity(mobility: float) -> None:
    """K of a over K of b is A^(e/(1+e(1-alpha))), and a fund that pays the average shares the gain."""
    p, rise = one_good(mobility), 1.05
    tfp = xr.ones_like(p.data["output"])
    tfp.loc[{"region": "a"}] = rise
    found = Problem(p, MOBILE).solve({"tfp": tfp})
    ratio = rise ** (mobility / (1.0 + mobility * (1.0 - ALPHA)))
    stock = 2.0 * np.array([ratio, 1.0]) / (1.0 + ratio)
    record("capital by region, moved by returns", stock, found.data["endow"].sel(factor="K").values, 3e-5, SOURCE)
    level = np.array([rise, 1.0])
    made = level * stock**ALPHA
    fund = ALPHA * (made.sum() / 2.0) * (1.0 - stock)
    record("EV where capital moves by returns", made + fund - 1.0, ev(p, found.data).values / 100.0, 5e-5, SOURCE,
           relative=False)  # fmt: skip
    np.testing.assert_array_equal(ev_net(found.parameters, found.data), ev(found.parameters, found.data))


def test_a_region_without_mobility_keeps_its_stock_and_none_at_all_is_refused() -> None:
    mobility = xr.DataArray([0.0, 1.0, 1.0], dims="region", coords={"region": ["r0", "r1", "r2"]})
    found = Problem(world(mobility), MOBILE, certificate="arrays").solve({"tm": world().data["tm0"] + 0.1}).data
    stock = found["endow"].sel(factor="CAP")
    assert float(stock.sel(region="r0")) == pytest.approx(1.0, abs=1e-12)
    assert float(abs(stock - 1.0).max()) > 1e-4
    with pytest.raises(PolicyError, match="capital_mobility"):
        Problem(world(0.0), MOBILE, certificate="arrays")
    assert CLOSURES["mobile-capital"] == MOBILE
