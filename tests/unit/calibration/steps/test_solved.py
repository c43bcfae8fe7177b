"""Steps proved by a solved policy: a split in alike parts moves nothing, the size of the rest of the world little."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cge.calibration import layout
from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.calibration.small_country import small_country
from cge.calibration.steps.agents import agents
from cge.calibration.steps.make import make
from cge.calibration.steps.margins import margins
from cge.calibration.steps.negatives import negatives
from cge.calibration.steps.rest_of_world import rest_of_world
from cge.calibration.steps.split import split_region, split_sector
from cge.closure import Closure
from cge.errors import ModelError, RequestError
from cge.parameters import Parameters
from cge.solvers.equilibrium import Equilibrium
from cge.solvers.problem import Problem
from cge.welfare import ev as ev_of
from cge.welfare import welfare
from tests.unit.calibration.steps.test_steps import national, ready, world


def elasticities(benchmark: Benchmark) -> xr.Dataset:
    """One set for every sector and factor."""
    sector = {"sector": benchmark.sectors}
    factor = {"factor": [str(f) for f in benchmark.data["factor"].values]}

    def all_(value: float, axis: dict[str, list[str]]) -> xr.DataArray:
        return xr.DataArray(np.full(len(next(iter(axis.values()))), value), dims=tuple(axis), coords=axis)

    named = {"esubm": 4.0, "esubd": 2.0, "esubva": 0.8, "cet": np.inf, "income_elasticity": 1.0}
    return xr.Dataset(
        {name: all_(value, sector) for name, value in named.items()}
        | {"eta_factor": all_(np.inf, factor), "esubt": 0.0, "esubn": 0.0, "esubg": 1.0, "esubi": 0.0, "frisch": -2.0}
    )


def ev(
    benchmark: Benchmark, given: xr.Dataset, importer: str, rate: float, closure: Closure | None = None
) -> dict[str, float]:
    """EV in % of income by region after a tariff on all imports of a region."""
    parameters = calibrate(benchmark, given)
    tm = parameters.data["tm0"].copy()
    abroad = [r for r in benchmark.regions if not r.startswith(importer)]
    home = [r for r in benchmark.regions if r.startswith(importer)]
    tm.loc[{"exporter": abroad, "importer": home}] += rate
    point = Problem(parameters, closure or Closure()).solve({"tm": tm}).data
    return {str(r): float(v) for r, v in welfare(parameters, point)["ev_pct"].items()}


def test_a_split_in_alike_parts_leaves_every_result_as_it_is() -> None:
    raw = world()
    plain, _ = layout.benchmark(ready(raw))
    whole = ev(plain, elasticities(plain), "A", 0.2)
    by_sector, _ = layout.benchmark(ready(split_sector(raw, "x", {"x1": 0.5, "x2": 0.5})[0]))
    parts = ev(by_sector, elasticities(by_sector), "A", 0.2)
    assert parts == pytest.approx(whole, rel=1e-8)
    by_region, _ = layout.benchmark(ready(split_region(raw, "A", {"A1": 0.5, "A2": 0.5})[0]))
    parts = ev(by_region, elasticities(by_region), "A", 0.2)
    assert parts["A1"] == pytest.approx(whole["A"], rel=1e-8)
    assert parts["A2"] == pytest.approx(whole["A"], rel=1e-8)
    assert parts["B"] == pytest.approx(whole["B"], rel=1e-8)


def country(times: float) -> Benchmark:
    raw = national()
    for step in (margins, make, negatives, agents):
        raw, _ = step(raw)
    return layout.benchmark(rest_of_world(raw, times=times)[0])[0]


def test_results_do_not_depend_on_the_size_of_the_rest_of_the_world() -> None:
    found = {}
    for times in (1e2, 1e4, 1e6):
        benchmark = country(times)
        found[times] = ev(benchmark, elasticities(benchmark), "HOME", 0.1)["HOME"]
    assert abs(found[1e4] - found[1e6]) < 1e-3 * abs(found[1e6])
    assert abs(found[1e2] - found[1e6]) < 0.05 * abs(found[1e6])


SMALL = Closure(blocks=("small-country",))


def small(times: float, eta: float, closure: Closure = SMALL) -> tuple[Equilibrium, Parameters]:
    """HOME puts 20 points on its imports; the rest of the world is as large as asked for."""
    benchmark = country(times)
    parameters = calibrate(benchmark, small_country(elasticities(benchmark), benchmark, export_demand=eta))
    tm = parameters.data["tm0"].copy()
    tm.loc[{"exporter": "ROW", "importer": "HOME"}] += 0.2
    return Problem(parameters, closure).solve({"tm": tm}), parameters


@pytest.mark.parametrize("eta", [1.0, 3.0])
def test_a_small_country_takes_import_prices_and_meets_the_demand_for_exports_that_is_given(eta: float) -> None:
    """Exactly, and whatever the size of the rest of the world; a large one without the closure comes near."""
    found = {}
    for times in (2.0, 1e4):
        solved, parameters = small(times, eta)
        x = solved.data
        np.testing.assert_allclose(x["px"].sel(region="ROW") / x["pworld"], 1.0, atol=1e-9)
        price = (x["px"] / x["pworld"]).sel(region="HOME")
        sold = x["flow"].sel(exporter="HOME", importer="ROW")
        np.testing.assert_allclose(np.log(sold), -eta * np.log(price), atol=1e-9)
        assert float(abs(price - 1.0).max()) > 1e-3
        found[times] = ev_of(parameters, x)
    home = {times: float(x.sel(region="HOME")) for times, x in found.items()}
    assert home[2.0] == pytest.approx(home[1e4], rel=1e-9)
    limit, parameters = small(1e6, eta, Closure())
    near = ev_of(parameters, limit.data)
    assert home[1e4] == pytest.approx(float(near.sel(region="HOME")), rel=1e-4)
    # the rest of the world's welfare: what it loses on dearer exports of HOME, and on what it sells there
    assert float(found[1e4].sel(region="ROW")) == pytest.approx(float(near.sel(region="ROW")), rel=1e-2)


def test_a_small_country_says_what_it_needs() -> None:
    benchmark = country(2.0)
    with pytest.raises(ModelError, match="which region is the rest of the world is not said"):
        Problem(calibrate(benchmark, elasticities(benchmark)), SMALL)
    with pytest.raises(RequestError, match=r"no region 'RWO' \(did you mean ROW"):
        small_country(elasticities(benchmark), benchmark, export_demand=3.0, rest="RWO")
    with pytest.raises(RequestError, match="HOME buys inputs, so its prices follow the country's"):
        small_country(elasticities(benchmark), benchmark, export_demand=3.0, rest="HOME")
    with pytest.raises(RequestError, match="export_demand of one is -1"):
        small_country(elasticities(benchmark), benchmark, export_demand={"one": -1.0})
