"""Prices of CO2 on fuels, carbon markets and full content at the border, as scenarios write them."""

from __future__ import annotations

import numpy as np
import pytest

from cge.calibration.benchmark import Benchmark
from cge.embodied import intensity, with_all_inputs
from cge.errors import PolicyError
from cge.scenarios.economy.run import Runner
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.names.horizon import Financing
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
    output, fuels, all_of_them = (solve(runner, price | more) for more in ({"fuels": False}, {}, {"households": True}))
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
    whole, d = with_all_inputs(p, intensity(p)), p.data
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
        ({"carbon_price": 50, "regions": "EU27", "households": True, "fuels": False}, "write fuels: true, or leave"),
        ({"carbon_market": 5, "regions": "KOR", "trade": False, "limit": 5}, "limit needs trade"),
        ({"carbon_market": 5, "regions": "KOR", "credits": "korea-vietnm"}, "did you mean korea-vietnam"),
        ({"carbon_market": 5, "regions": "KOR", "credits": {"sellers": "KOR"}}, "KOR has a cap and sells credits"),
        (
            {"carbon_market": 5, "regions": "KOR", "credits": {"sellers": "USA", "share_of_proceeds": 5}},
            "goes to a fund",
        ),
    ],
)
def test_faults_are_told(shock, told):
    place = energy_setting("standard")
    with pytest.raises((PolicyError, ValueError), match=told):
        bind(scenario(shock), place.benchmark, place.parameters)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"carbon_market": 5, "regions": "KOR"}, {"carbon_market": 5, "regions": "USA"}, "in one market already"),
        ({"carbon_price": 5, "regions": "KOR"}, {"carbon_market": 5, "regions": "KOR"}, "has a carbon price already"),
    ],
)
def test_markets_and_prices_that_clash_are_told(first, second, told):
    place = energy_setting("standard")
    with pytest.raises(PolicyError, match=told):
        bind(scenario(first, second), place.benchmark, place.parameters)


TWO = {"carbon_market": {"KOR": 20, "EU27": 10}, "regions": ["KOR", "EU27"]}


def test_a_limit_on_permits_splits_the_price_and_keeps_what_is_bought(runner):
    """Korea buys all that it may at Europe's price and pays more at home; a loose limit changes nothing."""
    free, tight, loose = (solve(runner, TWO | more) for more in ({}, {"limit": 2}, {"limit": 50}))
    np.testing.assert_allclose(loose.permits.sold_kt, free.permits.sold_kt, rtol=1e-9)
    permits = tight.permits
    assert permits.sold_kt["KOR"] == pytest.approx(-0.02 * 0.8 * base_of("KOR"), rel=1e-9)
    assert permits.sold_kt.sum() == pytest.approx(0.0, abs=1e-3)
    assert permits.price_usd["KOR"] > free.permits.price_usd["KOR"] > permits.price_usd["EU27"]
    paid = 1e-3 * permits.sold_kt["EU27"] * permits.price_usd["EU27"]
    assert permits.sold_musd["EU27"] == pytest.approx(paid, rel=1e-9)
    assert permits.sold_musd["KOR"] == pytest.approx(-paid, rel=1e-9)
    assert any("KOR buys all that it may" in note for note in tight.notes)
    kt = tight.emissions.groupby("region")[["base_kt", "new_kt"]].sum()
    cap = 0.8 * kt.base_kt["KOR"] + 0.9 * kt.base_kt["EU27"]
    assert kt.new_kt[["KOR", "EU27"]].sum() == pytest.approx(cap, rel=1e-9)


def base_of(region):
    data = energy_setting("standard").parameters.data
    return float((data["emissions0"].sum("sector") + data["household_emissions0"]).sel(region=region))


def test_credits_of_a_seller_without_a_cap_pay_a_fund(runner):
    """The seller's own price is that of the market less the share; the fund gets the share of what is sold."""
    terms = {"sellers": "USA", "baseline": 100, "share_of_proceeds": 10, "fund": "EU27"}
    permits = solve(runner, {"carbon_market": 20, "regions": "KOR", "credits": terms}).permits
    assert permits.price_usd["USA"] == pytest.approx(0.9 * permits.price_usd["KOR"], rel=1e-9)
    assert permits.allowances_kt["USA"] == pytest.approx(base_of("USA"), rel=1e-9)
    paid = -permits.sold_musd["KOR"]
    assert paid == pytest.approx(1e-3 * permits.price_usd["KOR"] * permits.sold_kt["USA"], rel=1e-9)
    assert permits.sold_musd["EU27"] == pytest.approx(0.1 * paid, rel=1e-9)
    assert permits.sold_musd.sum() == pytest.approx(0.0, abs=1e-6)


def test_a_seller_above_its_baseline_has_nothing_to_sell(runner):
    terms = {"sellers": "USA", "baseline": 50}
    found = solve(runner, {"carbon_market": 5, "regions": "KOR", "credits": terms})
    assert list(found.permits.index) == ["KOR"]
    assert float(found.equilibrium["co2"].sel(region="USA")) == 0.0
    assert any("USA emits more than its baseline" in note for note in found.notes)


def test_allowances_by_output_keep_output_and_by_people_move_money_alone(runner):
    """Free allowances by output leave the cap where it is and output higher; a rule of sharing leaves the price."""
    bare, free, people = (
        solve(runner, TWO | more) for more in ({}, {"output_based": 100}, {"allowances": "population"})
    )
    steel = [result.sectors.set_index(["region", "sector"]).output_pct["KOR", "STL"] for result in (bare, free)]
    assert steel[0] < steel[1]
    assert free.permits.price_usd["KOR"] > bare.permits.price_usd["KOR"]
    assert free.permits.emissions_kt.sum() == pytest.approx(bare.permits.emissions_kt.sum(), rel=1e-9)
    assert people.permits.price_usd["KOR"] == pytest.approx(bare.permits.price_usd["KOR"], rel=1e-3)
    contents = energy_setting("standard").benchmark.contents
    heads = {region: contents.population(region) for region in ("KOR", "EU27")}
    share = people.permits.allowances_kt["KOR"] / people.permits.allowances_kt.sum()
    assert share == pytest.approx(heads["KOR"] / sum(heads.values()), rel=1e-9)


def test_tables_of_co2_add_up(runner):
    """Sources sum to emissions, leakage to what the world does, and trade holds what others emit."""
    found = solve(runner, {"carbon_price": 50, "regions": "EU27", "households": True})
    sources = found.co2_sources.groupby(["region", "emitter"])[["base_kt", "new_kt"]].sum()
    emissions = found.emissions.set_index(["region", "emitter"])
    for column in ("base_kt", "new_kt"):
        np.testing.assert_allclose(sources[column], emissions[column].reindex(sources.index), rtol=1e-9)
    leakage = found.leakage
    world = leakage.loc["world"]
    assert world.base_kt == pytest.approx(emissions.base_kt.sum(), rel=1e-12)
    assert world.change_kt == pytest.approx(leakage.change_kt["EU27"] * (1.0 - world.leakage_pct / 100.0), rel=1e-9)
    assert leakage.acts["EU27"] == "yes"
    assert set(leakage.acts.drop(["EU27", "world"])) == {"no"}
    trade = found.carbon_trade.set_index(["exporter", "importer"])
    assert bool((trade.base_full_kt > trade.base_direct_kt).all())
    out = trade.loc["EU27"]
    assert out.new_direct_kt.sum() < out.base_direct_kt.sum()


def test_a_rebate_gives_back_what_was_paid(runner):
    price = {"carbon_price": 50, "regions": "EU27"}
    exports = []
    for scope in (False, "direct", "full"):
        trade = solve(runner, price | {"rebate": scope}).trade
        own = trade[(trade.exporter == "EU27") & (trade.sector == "STL") & (trade.importer != "EU27")]
        exports.append(own.new_musd.sum() / own.base_musd.sum())
    assert exports[0] < exports[1] < exports[2]


def test_a_benchmark_without_emissions_has_no_market():
    place = energy_setting("standard")
    empty = Benchmark(place.benchmark.data.assign(emissions=0.0 * place.benchmark.data["emissions"]))
    from cge.calibration.shares import calibrate

    parameters = calibrate(empty, place.elasticities)
    with pytest.raises(PolicyError, match="the benchmark has no such emissions of KOR"):
        bind(scenario({"carbon_market": 10, "regions": "KOR", "households": False}), empty, parameters)


@pytest.mark.slow
@pytest.mark.parametrize(("horizon", "financing"), [("short", None), ("long", None), (None, "direct-tax")])
def test_a_market_holds_at_every_horizon_and_financing(horizon, financing):
    place = energy_setting("standard").at(horizon, None if financing is None else Financing.read(financing))
    found = solve(Runner(place), TWO)
    permits = found.permits
    assert permits.price_usd["KOR"] == pytest.approx(permits.price_usd["EU27"], rel=1e-9)
    assert permits.sold_musd.sum() == pytest.approx(0.0, abs=1e-6)
    assert permits.emissions_kt.sum() == pytest.approx(0.8 * base_of("KOR") + 0.9 * base_of("EU27"), rel=1e-9)
