"""A policy baseline: nothing changes against it by itself, layers and quotas carry over in every regime."""

import numpy as np
import pytest

from cge.errors import RequestError
from cge.scenarios.economy.baseline import rebased
from cge.scenarios.economy.run import Runner
from cge.scenarios.economy.setting import setting
from cge.scenarios.economy.verbs import run
from cge.scenarios.files.scenario import Scenario

FLOW = {"exporters": "KOR", "importers": "USA", "sectors": "STL"}
AT = {"exporter": "KOR", "importer": "USA", "sector": "STL"}


def scenario(name, *shocks):
    return Scenario(name=name, title=name, question="?", sources=["x"], shocks=shocks)


def rate_quota(volume, above=10):
    rates = {"in_quota_rate": 0, "out_of_quota_rate": above, "layer": "section232"}
    return FLOW | {"quota": "tariff-rate", "volume": volume, "rent_owners": {"importer": 1}} | rates


NOTHING = scenario("nothing")


@pytest.mark.parametrize(("volume", "above", "regime"), [(3.0, 10, "slack"), (1.02, 60, "binding"), (0.3, 10, "above")])
def test_nothing_changes_against_a_baseline_in_any_regime_of_its_quota(world, volume, above, regime):
    place = rebased(setting(world), scenario("base", rate_quota(volume, above)))
    runner = Runner(place)
    result = runner.solve(NOTHING)
    assert abs(result.welfare[["ev_pct", "real_gdp_pct", "terms_of_trade_pct"]]).max().max() < 1e-7
    assert abs(result.trade["volume_pct"]).max() < 1e-6
    row = result.rents.set_index("exporter").loc["KOR"]
    rows = row if hasattr(row, "columns") else row.to_frame().T
    assert set(rows["regime"]) == {regime}
    assert result.proof["baseline"] == "base"


def test_the_change_from_a_baseline_is_the_one_between_two_solutions(world, runner):
    base = scenario("base", {"instrument": "import_tariff"} | FLOW | {"sectors": "AGR", "add": 20})
    more = {"instrument": "import_tariff", "exporters": "EU27", "importers": "USA", "sectors": "AGR", "add": 10}
    step = Runner(rebased(setting(world), base)).solve(scenario("step", more))
    start, end = (runner.solve(s) for s in (base, scenario("both", *base.shocks, more)))
    volumes = [1 + r.trade["volume_pct"] / 100 for r in (start, end)]
    np.testing.assert_allclose(1 + step.trade["volume_pct"] / 100, volumes[1] / volumes[0], rtol=2e-4)


def test_layers_carry_over_so_that_a_measure_can_be_taken_off(world):
    base = scenario(
        "base", {"instrument": "import_tariff", "layer": "section232", "set": 30} | FLOW | {"sectors": "AGR"}
    )
    place = rebased(setting(world), base)
    at = AT | {"sector": "AGR"}
    assert float(place.benchmark.data["tariff"].sel(layer="section232", **at)) == pytest.approx(0.3)
    off = scenario("off", {"instrument": "import_tariff", "layer": "section232", "set": 0} | FLOW | {"sectors": "AGR"})
    tm = Runner(place).solve(off).equilibrium["tm"]
    assert float(tm.sel(**at)) == pytest.approx(
        float(world.data["tariff"].drop_sel(layer="section232").sum("layer").sel(**at))
    )


def test_a_scenario_replaces_a_quota_of_the_baseline(world):
    place = rebased(setting(world), scenario("base", rate_quota(1.02)))
    result = Runner(place).solve(scenario("t", FLOW | {"quota": "hard", "volume": 0.5}))
    flow = result.trade.set_index(["exporter", "importer", "sector"]).loc[("KOR", "USA", "STL"), "volume_pct"]
    assert flow == pytest.approx(-50.0)


def test_a_quota_that_the_baseline_left_slack_can_be_removed(world):
    place = rebased(setting(world), scenario("base", rate_quota(3.0)))
    cheaper = {"instrument": "iceberg_cost", "set": -30} | FLOW
    kept, gone = (
        Runner(place).solve(scenario(name, *blocks, cheaper))
        for name, blocks in (("kept", ()), ("gone", [{"quota": "remove"} | FLOW]))
    )
    assert set(kept.rents.query("exporter == 'KOR'")["regime"]) == {"above"}
    assert set(gone.rents.query("exporter == 'KOR'")["regime"]) <= {"none"}
    flows = [r.trade.set_index(["exporter", "importer", "sector"])["volume_pct"] for r in (kept, gone)]
    assert flows[1]["KOR", "USA", "STL"] > flows[0]["KOR", "USA", "STL"] + 1


def test_rents_that_are_no_quotas_are_refused_and_a_baseline_is_named(world, tmp_path):
    rents = {"non_tariff": {"importer": 1}, "add": 5} | FLOW
    with pytest.raises(RequestError, match="cannot be told from quotas"):
        rebased(setting(world), scenario("base", rents))
    with pytest.raises(RequestError, match="did you mean us-universal-10"):
        run(["no-change"], world, baseline="us-universl-10", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
