"""Duties in force in scenarios: layers that are put in place, those that they replace, and every refusal."""

import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.measures import read_measures
from cge.calibration.shares import calibrate
from cge.errors import PolicyError
from cge.scenarios.economy.baseline import rebased
from cge.scenarios.economy.run import Runner
from cge.scenarios.economy.setting import elasticities_of, setting
from cge.scenarios.files import library
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import bind, place

FORCE = {"measures": "us-2025-26", "date": "2025-12-15", "replaces": ["mfn", "section232", "section301"]}
FLOW = {"exporter": "KOR", "importer": "USA", "sector": "STL"}


@pytest.fixture(scope="module")
def small():
    return Benchmark.load("world2020-12x12")


@pytest.fixture(scope="module")
def numbers(small):
    return calibrate(small, elasticities_of(small))


def scenario(*blocks, **keys):
    return Scenario(name="t", title="t", question="?", sources=["x"], shocks=blocks, **keys)


def layers(small, numbers, *blocks):
    return place(scenario(*blocks), small, numbers).layers


def test_the_list_takes_the_place_of_the_benchmarks_layers_on_its_flows_alone(small, numbers):
    got = layers(small, numbers, FORCE)
    given = read_measures("us-2025-26").on("2025-12-15").set_index(["exporter", "sector"])
    assert float(got["s232_steel"].sel(FLOW)) == pytest.approx(given.loc[("KOR", "STL"), "s232_steel"] / 100)
    assert float(got["section232"].sel(importer="USA").sum()) == 0.0
    other = {"importer": "KOR", "exporter": "USA"}
    assert (got["mfn"].sel(other) == small.data["tariff"].sel(layer="mfn").sel(other)).all()
    assert float(got["ieepa_recip"].sel(importer="JPN").sum()) == 0.0


def test_layers_can_be_left_out_or_put_alone_and_partners_treated_as_another(small, numbers):
    got = layers(small, numbers, FORCE | {"without": ["ieepa_recip"]})
    assert float(got["ieepa_recip"].sum()) == 0.0
    alone = layers(small, numbers, {"measures": "us-2025-26", "date": "2025-12-15", "layers": ["s232_steel"]})
    assert "ieepa_recip" not in alone
    assert (alone["mfn"] == small.data["tariff"].sel(layer="mfn")).all()
    whole = layers(small, numbers, FORCE)
    treated = {k: FORCE[k] for k in ("measures", "date")} | {"treated_as": "CHN", "exporters": "KOR"}
    with pytest.raises(PolicyError, match="a shock before it has set or changed"):
        layers(small, numbers, FORCE, treated)
    as_china = place(scenario(FORCE, treated, wins="last"), small, numbers).layers
    china = FLOW | {"exporter": "CHN", "sector": "ELE"}
    assert float(as_china["s301_china"].sel(china | {"exporter": "KOR"})) == pytest.approx(
        float(whole["s301_china"].sel(china)), abs=0.01
    )
    assert float(whole["s301_china"].sel(china | {"exporter": "KOR"})) == 0.0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"date": "2025-09-20"}, "the nearest is 2025-08-30"),
        ({"measures": "us-2025-27"}, "did you mean us-2025-26"),
        ({"without": ["ieepa"]}, "no layer ieepa"),
        ({"treated_as": "KRO"}, "no partner KRO"),
    ],
)
def test_names_that_the_list_does_not_know_are_refused_with_the_nearest(change, told):
    with pytest.raises(PolicyError, match=told):
        scenario(FORCE | change)


def test_a_benchmark_whose_regions_are_not_known_is_refused(small, numbers):
    bare = Benchmark(small.data.drop_attrs())
    with pytest.raises(PolicyError, match="which countries KOR"):
        bind(scenario(FORCE), bare, numbers)
    with pytest.raises(PolicyError, match="unknown layer 'section233'"):
        bind(scenario(FORCE | {"replaces": ["section233"]}), small, numbers)


def test_unknown_dates_of_the_baselines_are_refused_with_the_nearest():
    with pytest.raises(PolicyError, match="the nearest is 2026-03-01"):
        library.load("us-duties-2026-02-20")


def test_a_scenario_starts_from_the_baseline_that_it_names_unless_another_is_asked_for(small):
    runner = Runner(setting(small))
    base = library.load("us-duties-2025-01-01")
    again = scenario(*base.shocks, baseline="us-duties-2025-01-01")
    result = runner.solve(again)
    assert result.proof["baseline"] == "us-duties-2025-01-01"
    assert abs(result.welfare["ev_pct"]).max() < 1e-7
    tariff = runner.of(again).setting.benchmark.data["tariff"]
    assert float(tariff.sel(layer="s301_china", importer="USA", exporter="CHN", sector="ELE")) == pytest.approx(0.0496)
    other = Runner(rebased(setting(small), "no-change"))
    assert other.of(again) is other
