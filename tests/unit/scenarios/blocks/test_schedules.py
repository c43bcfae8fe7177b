"""Tables of rates in scenarios: which layer they replace, sectors that hold several, and every refusal."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.errors import PolicyError
from cge.scenarios.blocks.schedules import Schedule
from cge.scenarios.economy.setting import elasticities_of
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import bind

FLOWS = {"exporters": "KOR", "importers": "USA"}


def scenario(**keys):
    return Scenario(name="t", title="t", question="?", sources=["x"], shocks=[FLOWS | keys])


@pytest.fixture
def write(tmp_path):
    count = iter(range(9))

    def write(text):
        file = tmp_path / f"rates{next(count)}.csv"
        file.write_text(text)
        return str(file)

    return write


def test_a_table_replaces_a_layer_and_leaves_the_others_and_other_goods(write, world, parameters):
    file = write("sector,rate_pct\nAGR,30\n")
    tm = bind(scenario(schedule=file), world, parameters).instruments["tm"]
    layers = world.data["tariff"].sel(exporter="KOR", importer="USA")
    assert float(tm.sel(exporter="KOR", importer="USA", sector="AGR")) == pytest.approx(
        0.3 + float(layers.sel(sector="AGR").drop_sel(layer="mfn").sum())
    )
    changed = abs(tm - parameters.data["tm0"]) > 1e-12
    assert int(changed.sum()) == 1


def test_a_table_by_partner_gives_each_its_own(write, world, parameters):
    file = write("exporter,sector,rate_pct\nKOR,AGR,30\nEU27,AGR,10\n")
    tm = bind(scenario(schedule=file, exporters="all"), world, parameters).instruments["tm"]
    rest = world.data["tariff"].drop_sel(layer="mfn").sum("layer").sel(importer="USA", sector="AGR")
    for exporter, rate in (("KOR", 0.3), ("EU27", 0.1)):
        at = {"exporter": exporter}
        assert float(tm.sel(importer="USA", sector="AGR", **at)) == pytest.approx(rate + float(rest.sel(**at)))


def test_a_sector_that_holds_several_takes_their_weighted_mean(write):
    table = Benchmark.load("world2020-12x12")
    parameters = calibrate(table, elasticities_of(table))
    file = write("sector,rate_pct,musd\nCHM,10,3\nPHA,20,1\n")
    tm = bind(scenario(schedule=file, exporters="CHN", layer="section301"), table, parameters).instruments["tm"]
    rest = table.data["tariff"].drop_sel(layer="section301").sum("layer")
    at = {"exporter": "CHN", "importer": "USA", "sector": "CHM"}
    np.testing.assert_allclose(float(tm.sel(**at)), 0.125 + float(rest.sel(**at)), atol=1e-12)


def test_what_does_not_fit_the_benchmark_is_told(write, world, parameters):
    for text, told in (
        ("sector,rate_pct\nAGRI,1\n", r"sectors that the benchmark has not: AGRI \(did you mean AGR\?\)"),
        ("exporter,sector,rate_pct\nCHN,AGR,1\n", "exporters that the benchmark has not: CHN"),
        ("sector,rate_pct\nMCH,1\n", "sectors that the benchmark has not: MCH"),
    ):
        with pytest.raises(PolicyError, match=told):
            bind(scenario(schedule=write(text)), world, parameters)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sector,rate\nAGR,1\n", "there is no column rate_pct; it has sector, rate"),
        ("sector,rate_pct\nAGR,1\nAGR,2\n", "AGR comes twice"),
        ("sector,rate_pct\nAGR,-100\n", "the rate of AGR is not a number above -100 % and up to 10,000 %"),
        ("sector,rate_pct\nAGR,much\n", "the rate_pct of AGR: 'much' is not a number"),
        ("sector,rate_pct,musd\nAGR,1,-2\n", "musd must not be negative"),
    ],
)
def test_each_fault_of_a_table_has_its_message(write, text, told):
    with pytest.raises(ValidationError, match=told):
        Schedule.model_validate(FLOWS | {"schedule": write(text)})


def test_an_unknown_table_offers_the_nearest():
    with pytest.raises(ValidationError, match=r"us-column2: unknown schedule .did you mean us-column2-china"):
        Schedule.model_validate(FLOWS | {"schedule": "us-column2"})
    with pytest.raises(ValidationError, match="a schedule needs exporters"):
        Schedule.model_validate({"schedule": "us-column2-china", "importers": "USA"})


def test_the_fingerprint_follows_the_table(write):
    one, two = (scenario(schedule=write(f"sector,rate_pct\nAGR,{rate}\n")) for rate in (1, 2))
    assert one.sha256 != two.sha256


def test_an_edited_file_is_read_anew_with_another_fingerprint(write, world, parameters):
    file = write("sector,rate_pct\nAGR,30\n")
    chosen = scenario(schedule=file)
    at = {"exporter": "KOR", "importer": "USA", "sector": "AGR"}
    before = chosen.sha256, float(bind(chosen, world, parameters).instruments["tm"].sel(**at))
    Path(file).write_text("sector,rate_pct\nAGR,60\n", encoding="utf-8")
    after = chosen.sha256, float(bind(chosen, world, parameters).instruments["tm"].sel(**at))
    assert after[0] != before[0]
    assert after[1] == pytest.approx(before[1] + 0.3)
    Path(file).write_text("sector,rate_pct\nAGR,much\n", encoding="utf-8")
    with pytest.raises(PolicyError, match="'much' is not a number"):
        bind(chosen, world, parameters)
