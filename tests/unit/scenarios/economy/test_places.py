"""Batches whose settings vary: closure, baseline, horizon, benchmark and single elasticities as keys."""

import pytest
from typer.testing import CliRunner

import cge
from cge.errors import RequestError
from cge.scenarios.cli import app
from cge.scenarios.economy.places import changed
from cge.scenarios.economy.plan import Vary, read_vary
from cge.scenarios.economy.setting import elasticities_of
from cge.scenarios.files.scenario import Scenario
from tests.small_world import small_world


@pytest.fixture(scope="module")
def small():
    return small_world(rents=False)


def test_each_setting_gives_what_a_run_on_it_gives(small, tmp_path):
    vary = [
        {"key": "closure", "values": ["standard", "labour-supply"]},
        {"key": "esubm.STL", "values": [4.0, "x1"]},
    ]
    done = cge.batch("us-universal-10", tmp_path / "b", vary=vary, benchmark=small, workers=0)
    assert list(done.runs.columns[:3]) == ["scenario", "closure", "esubm.STL"]
    assert set(done.runs["status"]) == {"solved"}
    assert len(done.runs) == 4
    own = changed(elasticities_of(small), {"esubm.STL": 4.0})
    alone = cge.run("us-universal-10", small, "labour-supply", own)["us-universal-10"].welfare["ev_pct"]
    same = done.welfare[(done.welfare["closure"] == "labour-supply") & (done.welfare["esubm.STL"] == 4.0)]
    same = same.set_index("region")["ev_pct"]
    assert same.to_numpy() == pytest.approx(alone.to_numpy(), rel=1e-9)
    again = cge.batch("us-universal-10", tmp_path / "b", vary=vary, benchmark=small, workers=0)
    assert again.runs["seconds"].to_list() == done.runs["seconds"].to_list()  # nothing was run anew


def test_a_baseline_is_a_key_and_contradictions_are_rows(small, tmp_path):
    vary = [
        {"key": "baseline", "values": ["none", "us-universal-10"]},
        {"key": "closure", "values": ["standard", "long"]},
        {"key": "horizon", "values": ["medium"]},
    ]
    shock = {"instrument": "import_tariff", "importers": "KOR", "exporters": "USA", "sectors": "all", "set": 0}
    opened = Scenario(name="opened", title="t", question="?", sources=["x"], shocks=[shock])
    done = cge.batch(opened, tmp_path / "b", vary=vary, benchmark=small, workers=0)
    refused = done.runs[done.runs["status"] == "refused"]
    assert set(refused["closure"]) == {"long"}
    assert refused["reason"].str.contains("give one of them").all()
    solved = done.runs[done.runs["status"] == "solved"]
    assert list(solved["baseline"]) == ["none", "us-universal-10"]
    assert done.welfare.groupby("baseline")["ev_pct"].sum().nunique() == 2


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ({"key": "closure", "values": ["standrad"]}, "did you mean standard"),
        ({"key": "horizon", "values": ["shrot"]}, "did you mean short"),
        ({"key": "esubm.STEEL", "values": [4.0]}, "esubm has no sector 'STEEL'"),
        ({"key": "esubm", "values": [-4.0]}, "out of range"),
        ({"key": "esubm", "values": ["half"]}, "factors such as x0.5"),
        ({"key": "closure", "values": [1.0]}, "takes names"),
        ({"key": "structure", "values": ["enrgy"]}, "did you mean energy"),
    ],
)
def test_faults_are_told_before_anything_is_run(small, tmp_path, vary, said):
    with pytest.raises(RequestError, match=said):
        cge.batch("us-universal-10", tmp_path / "b", vary=vary, benchmark=small, workers=0)
    assert not (tmp_path / "b").exists()


def test_what_the_setting_fixes_does_not_vary(small, tmp_path):
    with pytest.raises(RequestError, match="give it once"):
        cge.batch(
            "us-universal-10", tmp_path / "b", vary={"key": "horizon", "values": ["long"]}, benchmark=small,
            workers=0, horizon="short",
        )  # fmt: skip


def test_the_command_line_reads_names_and_factors():
    assert read_vary("closure=standard,long") == {"key": "closure", "values": ["standard", "long"]}
    assert Vary(**read_vary("esubm.STL=4,x0.5")).values == (4.0, "x0.5")
    assert CliRunner().invoke(app, ["batch", "us-universal-10", "--vary", "closure=stndard"]).exit_code == 2
