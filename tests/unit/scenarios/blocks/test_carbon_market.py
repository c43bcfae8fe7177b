"""Prices of CO2 on fuels, carbon markets and full content at the border, as scenarios write them."""

from __future__ import annotations

import numpy as np
import pytest

from cge.calibration.benchmark import Benchmark
from cge.errors import PolicyError
from cge.scenarios.blocks.carbon import embodied, intensity
from cge.scenarios.economy.run import Runner
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import bind
from tests.energy_world import energy_setting


def scenario(*shocks):
    return Scenario(name="t", title="t", question="?", sources=["x"], shocks=shocks)


@pytest.fixture(scope="module")
def runner():
    return Runner(energy_setting("standard"))


def solve(runner, *shocks):
    return runner.solve(scenario(*shocks))


def change(result):
    kt = result.emissions.groupby("region")[["base_kt", "new_kt"]].sum()
    return 100.0 * (kt.new_kt / kt.base_kt - 1.0)


def test_a_carbon_market_brings_its_structure_and_has_one_price(runner):
    """Cuts by region add up to one cap; a cut of zero sells credits; trade at home in the price of all."""
    market = {"carbon_market": {"KOR": 10, "USA": 0}, "regions": ["KOR", "USA"]}
    found = solve(runner, market)
    kt = found.emissions.groupby("region")[["base_kt", "new_kt"]].sum()
    cap = 0.9 * kt.base_kt["KOR"] + kt.base_kt["USA"]
    assert kt.new_kt[["KOR", "USA"]].sum() == pytest.approx(cap, rel=1e-9)
    co2 = found.equilibrium["co2"].to_series()
    assert co2["KOR"] > 0.0
    assert co2["KOR"] == pytest.approx(co2["USA"], rel=1e-9)
    assert list(found.swaps["move_unit"]) == ["USD a tonne"]
    permits = found.equilibrium["permits"] * runner.parameters.data["income0"]
    assert float(permits.sum()) == pytest.approx(0.0, abs=1e-6)
    assert float(permits.sel(region="USA")) > 1.0
    apart = solve(runner, market | {"trade": False})
    prices = apart.equilibrium["co2"].to_series()
    assert prices["KOR"] > co2["KOR"] > abs(prices["USA"]) + 1e-9


def test_who_is_not_covered_pays_nothing(runner):
    found = solve(runner, {"carbon_market": 5, "regions": "KOR", "sectors": ["STL", "UTL"], "households": False})
    table = found.emissions.set_index(["region", "emitter"])
    covered = table.loc["KOR"].loc[["STL", "UTL"]]
    assert covered.new_kt.sum() == pytest.approx(0.95 * covered.base_kt.sum(), rel=1e-9)
    added = found.equilibrium["ti"] - runner.parameters.data["ti0"]
    assert float(abs(added.sel(region="KOR", sector="TRN")).max()) < 1e-12 < 1e-3
    assert float(added.sel(region="KOR", sector="STL").max()) > 1e-3


def test_a_price_on_fuels_cuts_more_than_one_on_output(runner):
    price = {"carbon_price": 50, "regions": "EU27"}
    output, fuels, all_of_them = (
        solve(runner, price | more) for more in ({}, {"fuels": True}, {"fuels": True, "households": True})
    )
    cut = [-change(result)["EU27"] for result in (output, fuels, all_of_them)]
    assert 0.0 < 2.0 * cut[0] < cut[1] < cut[2]
    two = solve(runner, price | {"carbon_price": 20, "fuels": True}, price | {"carbon_price": 30, "fuels": True})
    np.testing.assert_allclose(two.equilibrium["y"], fuels.equilibrium["y"], rtol=1e-9)


def test_a_swap_that_frees_the_price_of_carbon_frees_it_on_fuels():
    runner = Runner(energy_setting())
    found = solve(
        runner,
        {
            "hold": {"outcome": "emissions", "regions": "KOR", "at": {"change_pct": -10}},
            "free": {"instrument": "carbon_price", "regions": "KOR"},
        },
    )
    industry = found.emissions[(found.emissions.region == "KOR") & (found.emissions.emitter != "households")]
    assert industry.new_kt.sum() == pytest.approx(0.9 * industry.base_kt.sum(), rel=1e-9)
    assert float(found.equilibrium["co2"].sel(region="KOR")) > 1.0
    assert float(found.equilibrium["co2"].drop_sel(region="KOR").max()) == 0.0


def test_the_full_content_of_the_world_is_what_the_world_emits():
    """What all final demand embodies is the emissions of all industries; direct content is no more than the full."""
    world = energy_setting("standard")
    p = world.parameters
    whole, d = embodied(p), p.data
    assert bool((whole >= intensity(p) * (1.0 - 1e-12)).all())
    services = (d["share_margin_supply"] * d["margin_total"]).sum("margin")
    origin = d["trade"] / d["absorption"].rename(region="importer")
    per_use = (whole * d["domestic"] / d["absorption"]) + (whole.rename(region="exporter") * origin).sum(
        "exporter"
    ).rename(importer="region")
    embodied_in_demand = float((per_use * d["final_use"].sum("agent")).sum() + (whole * services).sum())
    assert embodied_in_demand == pytest.approx(float(d["emissions0"].sum()), rel=1e-9)


@pytest.mark.parametrize(
    ("shock", "told"),
    [
        ({"carbon_market": {"KOR": 10}, "regions": ["KOR", "USA"]}, "it says no cut of USA; give one, zero or more"),
        ({"carbon_market": 10, "regions": "ATLANTIS"}, "ATLANTIS"),
        ({"carbon_price": 50, "regions": "EU27", "households": True}, "write fuels: true, or use --closure energy"),
    ],
)
def test_faults_are_told(shock, told):
    place = energy_setting("standard")
    with pytest.raises(PolicyError, match=told):
        bind(scenario(shock), place.benchmark, place.parameters)


def test_a_benchmark_without_emissions_has_no_market():
    place = energy_setting("standard")
    empty = Benchmark(place.benchmark.data.assign(emissions=0.0 * place.benchmark.data["emissions"]))
    from cge.calibration.shares import calibrate

    parameters = calibrate(empty, place.elasticities)
    with pytest.raises(PolicyError, match="the benchmark has no such emissions of KOR"):
        bind(scenario({"carbon_market": 10, "regions": "KOR", "households": False}), empty, parameters)
