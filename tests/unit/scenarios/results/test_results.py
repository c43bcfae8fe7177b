"""Results on disk: complete or not at all, never rounded, never overwritten unasked."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cge.errors import DataError, RequestError
from cge.scenarios.results.folder import LOCK
from cge.scenarios.results.proof import matches
from cge.scenarios.results.results import Comparison, Result

WELFARE = [
    "region", "ev_musd", "ev_pct", "cv_musd", "ev_net_musd", "ev_net_pct", "ev_steady_pct", "real_gdp_pct",
    "real_consumption_pct", "real_government_pct", "real_investment_pct", "real_absorption_pct",
    "terms_of_trade_pct",
    "tariff_revenue_musd", "quota_rent_musd",
        "household",
]  # fmt: skip
COLUMNS = {
    "welfare.csv": WELFARE,
    "trade.csv": ["exporter", "importer", "sector", "base_musd", "value_pct", "volume_pct", "new_musd",
        "import_base_musd", "import_new_musd", "tariff_base_pct", "tariff_pct",
    ],
    "sectors.csv": ["region", "sector", "output_pct", "price_pct", "users_price_pct", "employment_pct"],
    "rents.csv": [
        "exporter", "importer", "sector", "regime", "base_premium_pct", "premium_pct", "fill", "owner", "receiver",
        "base_musd", "new_musd", "limited_pct",
    ],
    "emissions.csv": ["region", "emitter", "base_kt", "new_kt", "change_pct"],
    "swaps.csv": ["swap", "outcome", "unit", "base", "now", "instrument", "move", "move_unit"],
}  # fmt: skip
PROOF = {
    "benchmark_residual", "max_residual", "walras", "ipopt_status", "ipopt_version", "benchmark_sha256",
    "scenario_sha256", "seconds", "identities",
}  # fmt: skip


def test_files_have_the_documented_columns_and_keys(result, tmp_path):
    folder = result.save(tmp_path / "a" / "b")
    for name, columns in COLUMNS.items():
        assert list(pd.read_csv(folder / name).columns) == columns
    proof = json.loads((folder / "proof.json").read_text())
    assert set(proof) >= PROOF
    assert proof["ipopt_status"] == 0
    with xr.open_dataset(folder / "equilibrium.nc") as data:
        assert {"y", "flow", "tm", "income"} <= set(data)
        assert all("unit" in data[name].attrs for name in data)


def test_what_is_read_is_what_was_written_to_the_last_digit(result, tmp_path):
    again = Result.load(result.save(tmp_path / "r"))
    for name in ("welfare", "trade", "sectors", "rents", "swaps", "emissions"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(result, name), check_exact=True, check_dtype=False)
    assert again.proof == result.proof
    assert (again.name, again.title, again.notes) == (result.name, result.title, result.notes)
    for name in result.equilibrium:
        np.testing.assert_array_equal(again.equilibrium[name].values, result.equilibrium[name].values)


def test_a_folder_that_holds_something_is_kept(result, tmp_path):
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "mine.txt").write_text("precious")
    with pytest.raises(FileExistsError, match="kept"):
        result.save(folder)
    assert [p.name for p in folder.iterdir()] == ["mine.txt"]
    result.save(folder, overwrite=True)
    assert not (folder / "mine.txt").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == [LOCK, "r"]


def test_a_write_that_fails_leaves_what_was_there(result, tmp_path):
    folder = result.save(tmp_path / "r")
    before = (folder / "proof.json").read_text()

    def fail(_):
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        result.save(folder, overwrite=True, extra=[fail])
    assert (folder / "proof.json").read_text() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == [LOCK, "r"]


def test_incomplete_or_strange_folders_are_told(result, tmp_path):
    with pytest.raises(RequestError, match="run it first"):
        Result.load(tmp_path / "none")
    folder = result.save(tmp_path / "r")
    (folder / "trade.csv").unlink()
    with pytest.raises(DataError, match=r"trade.csv cannot be read \(No such file"):
        Result.load(folder)
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(RequestError, match="is a file"):
        result.save(file)


def test_fingerprints_must_all_match(result, tmp_path):
    folder = result.save(tmp_path / "r")
    proof = dict(result.proof)
    assert matches(folder, proof)
    for key in ("benchmark_sha256", "scenario_sha256", "parameters_sha256", "closure_sha256", "code_sha256"):
        assert not matches(folder, proof | {key: "other"})
    assert not matches(tmp_path / "none", proof)


def test_a_comparison_puts_results_side_by_side(result):
    both = Comparison((result, replace(result, name="again")))
    assert list(both.table("ev_pct").columns) == ["us-universal-10", "again"]
    assert both.welfare.index.names == ["scenario", "region"]
    assert len(both.rents) == 2 * len(result.rents)
    assert both["again"].name == "again"
    with pytest.raises(RequestError, match="did you mean ev_pct"):
        both.table("ev_pc")
    with pytest.raises(KeyError, match="did you mean again"):
        both["agan"]


def test_the_published_formula_is_a_table_of_every_result(result, tmp_path):
    kept = Result.load(result.save(tmp_path / "one"))
    pd.testing.assert_frame_equal(kept.first_order, result.first_order)
    parts = result.first_order[["terms_of_trade_pct", "volume_of_trade_pct"]].sum(axis=1)
    np.testing.assert_allclose(result.first_order["total_pct"], parts)
    # the tariff lowers the volume of trade where it is, and the terms of trade of its partners
    assert (
        result.first_order.loc["USA", "volume_of_trade_pct"] < 0.0 < result.first_order.loc["USA", "terms_of_trade_pct"]
    )
