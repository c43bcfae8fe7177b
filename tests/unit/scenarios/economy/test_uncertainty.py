"""How sure results are: ranges by quadrature and by samples, shares, the delta method, and where they are shown."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cge.errors import RequestError
from cge.scenarios.cli import app
from cge.scenarios.economy.delta import delta_of
from cge.scenarios.economy.draws import Draws, drawn
from cge.scenarios.economy.economy import economy
from cge.scenarios.economy.uncertainty import read_draws, uncertain_of
from cge.scenarios.results import ranges
from cge.scenarios.results.results import Result
from tests.small_world import small_world

BORDER = [{"parameter": "esubm", "together": ["esubd"], "sd": 0.15, "common": 0.3}]


@pytest.fixture(scope="module")
def place():
    return economy(small_world(rents=False))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def stroud(place, folder):
    asked = {"method": "stroud", "of": BORDER}
    return uncertain_of(place.runner, "us-universal-10", folder, draws=asked, tables=["sectors"], workers=0)


def ev(found):
    rows = found.welfare
    return rows[(rows["region"] == "KOR") & (rows["column"] == "ev_musd")].iloc[0]


def test_quadrature_and_sample_agree(place, stroud, tmp_path):
    asked = {"method": "sobol", "number": 128, "of": BORDER}
    sample = ev(uncertain_of(place.runner, "us-universal-10", tmp_path, draws=asked, workers=0))
    quadrature = ev(stroud)
    error = sample["sd"] / np.sqrt(128)
    assert quadrature["mean"] == pytest.approx(sample["mean"], abs=2.0 * error)
    assert quadrature["sd"] == pytest.approx(sample["sd"], rel=0.1)
    assert quadrature["default"] == sample["default"]
    assert sample["low"] < sample["mean"] < sample["high"]


def test_the_delta_method_agrees_and_checks_itself(place, stroud):
    found = delta_of(place.runner, "us-universal-10", "ev.KOR", draws={"method": "stroud", "of": BORDER})
    row = ev(stroud)
    assert found.value == pytest.approx(row["default"], rel=1e-9)
    assert found.sd == pytest.approx(row["sd"], rel=0.05)
    assert found.shares.sum() == pytest.approx(1.0)
    assert found.below < found.value < found.above
    assert found.bend < 0.1


def test_shares_add_up_and_agree_with_the_derivatives(place, stroud):
    shares = stroud.shares("ev_musd").loc[("us-universal-10", "KOR")]
    assert shares.sum() == pytest.approx(1.0)
    assert shares["rest"] < 0.01
    exact = delta_of(place.runner, "us-universal-10", "ev.KOR", draws={"method": "stroud", "of": BORDER}).shares
    for name, share in exact.items():
        assert shares[name] == pytest.approx(share, abs=0.05)


def test_every_entry_of_a_table_has_a_range(stroud):
    rows = stroud.table("sectors")
    assert {"default", "mean", "sd", "low", "high", "positive"} <= set(rows)
    assert not rows.drop(columns="default").isna().any().any()
    assert rows["positive"].between(0.0, 1.0).all()


def test_ranges_stand_beside_the_result_and_only_beside_it(place, stroud, folder):
    assert Result.load(folder / "us-universal-10").name == "us-universal-10"
    found = ranges.read(folder / "us-universal-10")
    assert found is not None
    assert set(found["table"]) == {"welfare", "sectors"}
    told = ranges.sentence("KOR", found[found["table"] == "welfare"].set_index(["region", "column"]), {"KOR": "Korea"})
    assert told.startswith("Korea loses with a probability of ")
    lines = (folder / "us-universal-10" / ranges.FILE).read_text()
    (folder / "us-universal-10" / ranges.FILE).write_text(lines.replace(ranges.mark(folder / "us-universal-10"), "x"))
    assert ranges.read(folder / "us-universal-10") is None  # of another result
    (folder / "us-universal-10" / ranges.FILE).write_text(lines)
    assert len(pd.read_csv(folder / "uncertainty" / "shares.csv")) == 3


def test_a_stopped_sweep_goes_on_with_the_same_numbers(place, stroud, folder):
    asked = {"method": "stroud", "of": BORDER}
    index = folder / "uncertainty" / "batch.jsonl"
    lines = index.read_text().splitlines()
    index.write_text("\n".join(lines[:4]) + "\n")  # as if it had been killed
    told = []
    again = uncertain_of(
        place.runner, "us-universal-10", folder, draws=asked, tables=["sectors"], workers=0,
        progress=lambda event: told.append(event.name),
    )  # fmt: skip
    assert len([name for name in told if "draw=" in name]) == len(lines) - 4
    pd.testing.assert_frame_equal(again.welfare, stroud.welfare)


def test_a_rate_is_uncertain_too(place, tmp_path):
    asked = {"method": "stroud", "of": [{"rate": "add", "distribution": "normal", "sd": 2.0}]}
    found = ev(uncertain_of(place.runner, "us-universal-10", tmp_path, draws=asked, workers=0))
    by_slopes = delta_of(place.runner, "us-universal-10", "ev.KOR", draws=asked)
    assert found["sd"] == pytest.approx(by_slopes.sd, rel=0.05)
    assert list(by_slopes.shares.index) == ["add"]


def test_numbers_that_move_shares_are_solved_for(place):
    asked = {"method": "stroud", "of": [{"parameter": "income_elasticity", "sd": 0.1, "labels": "AGR"}]}
    found = delta_of(place.runner, "us-universal-10", "ev.KOR", draws=asked)
    assert found.sd > 0.0
    assert found.bend < 0.2


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"of": [{"parameter": "esubmm"}]}, "did you mean esubm"),
        ({"of": [{"parameter": "esubm", "labels": "STEL"}]}, "did you mean STL"),
        ({"of": [{"parameter": "esubm", "sd": 3.0, "distribution": "normal"}]}, "outside 0.01 to 10000"),
        ({"of": [{"parameter": "esubm", "sd": "wide"}]}, "give a number, 20 %"),
        ({"of": [{"parameter": "esubva", "sd": "standard-errors"}]}, "published of esubm alone"),
        ({"of": [{"parameter": "esubm", "common": 1.5}]}, "share of the variance"),
        ({"of": [{"rate": "addd", "sd": 1.0}]}, "did you mean add"),
        ({"method": "sobl"}, "sobol"),
        ({"method": "stroud", "number": 10}, "says itself"),
        ({"of": BORDER, "correlations": [{"between": ["esubm", "esubva"], "value": 0.5}]}, "not uncertain here"),
        ({"of": BORDER, "correlations": [{"between": ["esubm", "esubm"], "value": 1.5}]}, "less than 1"),
    ],
)
def test_faults_are_told_and_nothing_is_drawn(place, tmp_path, asked, said):
    with pytest.raises(RequestError, match=said):
        uncertain_of(place.runner, "us-universal-10", tmp_path / "none", draws=asked, workers=0)
    assert not (tmp_path / "none" / "uncertainty").exists()


def test_correlations_between_kinds():
    where = economy(small_world(rents=False)).setting
    asked = Draws.model_validate(
        {
            "method": "sobol", "number": 512, "of": [*BORDER, {"parameter": "esubva", "sd": 0.2}],
            "correlations": [{"between": ["esubm", "esubva"], "value": 0.5}],
        }
    )  # fmt: skip
    table = pd.DataFrame([one.factors for one in drawn(asked, where, {}).values()]).corr()
    assert table.loc["esubm.STL", "esubva.STL"] == pytest.approx(0.5, abs=0.08)
    assert table.loc["esubm.STL", "esubm.AGR"] == pytest.approx(0.3, abs=0.08)
    assert read_draws({"method": "stroud"}).number is None


def test_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bench = ["--benchmark", "world2022-12x12"]
    done = CliRunner().invoke(app, ["uncertainty", "us-universal-10", "--how", "delta", *bench])
    assert done.exit_code == 0, done.output
    assert "standard deviation" in done.output
    (tmp_path / "bad.yaml").write_text("of:\n- {parameter: esubmm}\n")
    bad = CliRunner().invoke(app, ["uncertainty", "us-universal-10", "--file", "bad.yaml", *bench])
    assert bad.exit_code == 2, bad.output
