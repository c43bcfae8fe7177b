"""Altertax: other tariffs in the benchmark, shares kept, layers kept, and a report beside ordinary recalibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

import cge
from cge.calibration.shares import calibrate
from cge.calibration.update.altertax import kept, unit_elasticities, value_shares
from cge.errors import DataError, RequestError
from cge.model import Model
from cge.scenarios.cli import app
from cge.scenarios.files.scenario import Scenario
from tests.small_world import small_world


@pytest.fixture(scope="module")
def benchmark():
    return small_world(rents=False)


@pytest.fixture(scope="module")
def rates():
    """The United States charges 30 % on Korea's goods; nothing else is said."""
    return xr.DataArray(
        [[[0.30, 0.30]]],
        dims=("exporter", "importer", "sector"),
        coords={"exporter": ["KOR"], "importer": ["USA"], "sector": ["AGR", "STL"]},
    )


@pytest.fixture(scope="module")
def made(benchmark, rates):
    return cge.altertax(benchmark, rates)


def test_the_new_tariffs_are_in_and_the_others_stay(benchmark, rates, made):
    new, old = (b.data["tariff"].sum("layer") for b in (made.benchmark, benchmark))
    np.testing.assert_allclose(new.sel(exporter="KOR", importer="USA", sector=["AGR", "STL"]), 0.30, rtol=1e-12)
    asked = (new["exporter"] == "KOR") & (new["importer"] == "USA") & new["sector"].isin(["AGR", "STL"])
    np.testing.assert_allclose(new.where(~asked), old.where(~asked), atol=1e-14)
    for layer in benchmark.data["layer"].values:  # what was there stays in its layer
        np.testing.assert_array_equal(
            made.benchmark.data["tariff"].sel(layer=layer), benchmark.data["tariff"].sel(layer=layer)
        )


def test_shares_are_kept_where_theory_says_so_and_better_than_by_ordinary_elasticities(made, benchmark):
    shares = made.shares
    assert shares.loc["origin in imports of a good", "altertax max"] < 1e-7
    assert shares.loc["input in costs of an industry", "altertax max"] < 1e-7
    assert shares.loc["factor in value added", "altertax max"] < 1e-7
    assert shares.loc["imports in purchases of a good", "altertax max"] < 1e-7
    assert shares.loc["origin in imports of a good", "ordinary max"] > 1.0
    old, new = value_shares(benchmark), value_shares(made.ordinary)
    name = "origin in imports of a good"
    assert shares.loc[name, "ordinary max"] == pytest.approx(100.0 * float(abs(new[name] - old[name]).max()))
    assert "KOR" in shares.loc[name, "ordinary where"] or "EU27" in shares.loc[name, "ordinary where"]


def test_the_result_is_a_benchmark_that_replicates_itself(made):
    model = Model(
        calibrate(made.benchmark, unit_elasticities(elasticities(made.benchmark))), cge.CLOSURES["standard"].structure()
    )
    system = model.system(cge.CLOSURES["standard"].held(model))
    assert abs(system.residuals(model.start())).max() < 1e-9


def elasticities(benchmark):
    from cge.scenarios.economy.setting import setting

    return setting(benchmark).elasticities


def test_unit_elasticities_keep_what_is_one_good_or_one_market(benchmark):
    given = elasticities(benchmark)
    ones = unit_elasticities(given)
    assert (ones["esubm"] == 1.0).all()
    assert (ones["frisch"] == -1.0).all()
    finite = np.isfinite(given["eta_factor"])
    np.testing.assert_array_equal(np.isfinite(ones["eta_factor"]), finite)
    np.testing.assert_array_equal(ones["eta_factor"] == 0.0, given["eta_factor"] == 0.0)


def test_rates_by_layer_change_that_layer(benchmark):
    layer = str(benchmark.data["layer"].values[0])
    rates = benchmark.data["tariff"].sel(layer=[layer]) * 0.5
    made = cge.altertax(benchmark, rates)
    np.testing.assert_allclose(made.benchmark.data["tariff"].sel(layer=layer), rates.isel(layer=0), rtol=1e-12)
    assert list(made.benchmark.data["layer"].values) == list(benchmark.data["layer"].values)


def test_a_scenario_says_the_tariffs_too(benchmark):
    shock = {
        "instrument": "import_tariff",
        "exporters": "KOR",
        "importers": "USA",
        "sectors": ["AGR", "STL"],
        "set": 30,
    }
    told = Scenario(name="thirty", title="t", question="q", sources=["s"], leaves_out="l", shocks=[shock])
    made = cge.altertax(benchmark, told)
    new = made.benchmark.data["tariff"].sum("layer").sel(exporter="KOR", importer="USA", sector=["AGR", "STL"])
    np.testing.assert_allclose(new, 0.30, rtol=1e-12)
    assert "thirty" in made.benchmark.data.attrs["title"]


def test_a_series_of_rates_is_taken_by_its_labels(benchmark, rates, made):
    series = rates.to_series().sample(frac=1.0, random_state=1).rename("rate")
    again = cge.altertax(benchmark, series)
    np.testing.assert_allclose(again.benchmark.data["tariff"], made.benchmark.data["tariff"], atol=1e-14)


def test_it_is_saved_with_its_report_and_overwrites_nothing(made, tmp_path):
    path = made.save(tmp_path / "new.nc")
    assert cge.Benchmark.load(path).sha256 == made.benchmark.sha256
    shares = pd.read_csv(tmp_path / "new.altertax.csv", index_col=0)
    assert list(shares.index) == list(made.shares.index)
    totals = pd.read_csv(tmp_path / "new.totals.csv", header=[0, 1], index_col=0)
    assert totals["tariff revenue", "altertax"]["USA"] > totals["tariff revenue", "before"]["USA"]
    with pytest.raises(FileExistsError):
        made.save(path)


def test_bad_rates_are_told_all_at_once(benchmark, rates):
    with pytest.raises(DataError) as told:
        cge.altertax(benchmark, rates.assign_coords(exporter=["KORR"]).rename(sector="sectors"))
    assert "did you mean KOR" in str(told.value)
    assert "axis sectors" in str(told.value)
    with pytest.raises(DataError, match="-100 %"):
        cge.altertax(benchmark, rates * 0.0 - 1.0)
    with pytest.raises(RequestError):
        cge.altertax(benchmark, "no-such-scenario")


def test_nothing_changes_without_a_change(benchmark):
    zero = benchmark.data["tariff"].sum("layer")
    made = cge.altertax(benchmark, zero)
    assert kept(benchmark, same=made.benchmark)["same max"].max() < 1e-8


def test_the_command_writes_a_benchmark_that_runs(benchmark, tmp_path):
    table, out = benchmark.save(tmp_path / "small.nc"), tmp_path / "new.nc"
    words = ["altertax", "us-universal-10", "--benchmark", str(table), "--out", str(out)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "Shares kept" in done.output
    tariff = cge.Benchmark.load(out).data["tariff"].sum("layer")
    added = (tariff - benchmark.data["tariff"].sum("layer")).sel(importer="USA", exporter="KOR", sector="STL")
    assert float(added) == pytest.approx(0.10)
    assert (tmp_path / "new.altertax.csv").is_file()
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 2
    wrong = CliRunner().invoke(app, [*words[:-1], str(tmp_path / "new.xlsx")])
    assert wrong.exit_code == 2
