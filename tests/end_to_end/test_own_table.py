"""The two worked examples of docs/own-table.md, as a user runs them, and every made-up table beside the project."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cge.calibration import recipe
from cge.calibration.benchmark import Benchmark
from cge.scenarios.cli import app

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "own_table"
SHARED = ROOT.parent / "shared"
CASES = SHARED / "cases" / "tables"
PAGE = (ROOT / "docs" / "own-table.md").read_text(encoding="utf-8")


def call(*arguments: str, status: int = 0) -> str:
    """Output of a command, its lines joined."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == status, result.output
    return " ".join(result.output.split())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh folder with the example's files, as the place where the commands run."""
    for path in EXAMPLES.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sam(mended: int) -> None:
    """Write sam.xlsx as the example's script does."""
    spec = importlib.util.spec_from_file_location("make_sam", EXAMPLES / "make_sam.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write(Path("sam.xlsx"), module.sam(), mended)


@pytest.mark.slow
def test_a_sam_with_three_faults_to_a_solved_counterfactual(folder: Path) -> None:
    told = []
    for mended in range(3):
        sam(mended)
        told.append(call("check", "sam.xlsx", status=2))
    assert "SAM!G19 is 'n/a', a value that is not known" in told[0]
    assert "row c-ind, column hh-rur is 20 too little, as both its totals say" in told[1]
    assert "row total says 1111 for c-ind, whose cells add up to 1035: +76" in told[1]
    assert "has 1 fault" in told[2]
    for sentence in ("SAM!G19 is 'n/a'", "is 20 too little, as both its totals say", "says 1111 for c-ind"):
        assert sentence in PAGE
    sam(3)
    assert "sam.xlsx is sound" in call("check", "sam.xlsx")
    before = (folder / "sam.xlsx").read_bytes()
    assert "done rest_of_world" in call("calibrate", "national.yaml")
    assert "kept rest_of_world" in call("calibrate", "national.yaml")
    assert (folder / "sam.xlsx").read_bytes() == before
    benchmark = Benchmark.load("national/national.nc")
    log = pd.read_csv("national/log.csv")
    assert {"account merged", "margin taken out of the price", "rest of the world made"} <= set(log["step"])
    assert float(benchmark.data["net_transfers"].sel(region="HOME")) == pytest.approx(30 + 9 - 12 - 5)
    shown = call("show", "national/national.nc")
    assert "net_transfers" in shown
    call("run", "free-trade.yaml", "--benchmark", "national/national.nc", "--closure", "small-country.yaml")
    welfare = pd.read_csv("results/free-trade/welfare.csv", index_col="region")
    assert welfare.loc["HOME", "ev_pct"] == pytest.approx(-1.1, abs=0.15)
    proof = json.loads(Path("results/free-trade/proof.json").read_text())
    assert proof["closure"] == "small-country.yaml"


@pytest.mark.slow
def test_the_world_in_regions_and_sectors_of_one_s_own(folder: Path) -> None:
    call("calibrate", "eight.yaml")
    benchmark = Benchmark.load("eight/eight.nc")
    assert len(benchmark.regions) == 8
    assert len(benchmark.sectors) == 10
    assert benchmark.contents.countries("Partners") >= {"CAN", "GBR", "VNM"}
    out = call(
        "run", "korea-cptpp", "steel.yaml", "metals.yaml", "--benchmark", "eight/eight.nc", "--groups", "groups.yaml"
    )
    assert "Korea States Steel binding" in out
    cptpp = pd.read_csv("results/korea-cptpp/welfare.csv", index_col="region")
    assert cptpp.loc["Korea", "ev_pct"] > 0.0
    assert cptpp.loc["China", "ev_pct"] < 0.0
    metals = pd.read_csv("results/own-metals/welfare.csv", index_col="region")
    assert metals.loc["China", "ev_pct"] < 0.0
    assert "the two benchmarks have the same labels and numbers" in call("diff", "eight/eight.nc", "eight/eight.nc")


@pytest.mark.slow
@pytest.mark.source_data
@pytest.mark.skipif(not (SHARED / "data" / "mrio").is_dir(), reason="needs the raw tables in ../shared/data")
def test_the_embedded_benchmarks_are_what_their_recipes_make(tmp_path: Path) -> None:
    for name in ("world2020-12x12", "world2020-29x28", "world2022-12x12", "world2022-29x28", "world2022-81x28"):
        room, _, size = name.partition("-")
        path = ROOT / "calibration" / room / f"recipe-{size}.yaml"
        text = path.read_text(encoding="utf-8").replace("../shared", str(SHARED))
        own = tmp_path / room / path.name
        own.parent.mkdir(exist_ok=True)
        own.write_text(text, encoding="utf-8")
        done = recipe.run(own, tmp_path / room / "kept")
        assert done.benchmark.sha256 == Benchmark.load(name).sha256


SOUND = {
    "01_mrio_3x4_ok.csv": "balance to 5e-06",
    "04_mrio_negative_inventories.csv": "HOM.MFG to HOM.INVNT -35",
    "05_mrio_decimal_comma_cp1252_footnotes.csv": "column takes its row's label",
    "08_supply_use_with_margins_and_byproducts.xlsx": "balance to the last digit",
    "09_sam_two_level_header_title_rows_bom.csv": "balance to the last digit",
    "10_sam_single_country_ifpri.xlsx": "use the step `rest_of_world`",
}
FAULTY = {
    "02_mrio_one_region_in_billions.csv": "columns of HOM are 0.001 times what the others are in",
    "03_mrio_rows_and_columns_swapped.csv": "rows and columns are swapped",
    "06_mrio_near_duplicates_and_totals.csv": "row 19 (HOM SRV) repeats row 6",
    "07_mrio_3pct_off_and_empty_industry_that_buys.csv": "RST.NRG pays 1,427.13 but sells nothing",
    "12_map_partial_and_colliding.yaml": "sectors in no group: ENE, MIN",
}


@pytest.mark.skipif(not CASES.is_dir(), reason="needs the made-up tables in ../shared/cases/tables")
@pytest.mark.parametrize(("name", "told"), [*SOUND.items(), *FAULTY.items()])
def test_every_made_up_table_is_told_as_its_page_says(name: str, told: str) -> None:
    output = call("check", str(CASES / name), status=2 if name in FAULTY else 0)
    assert told in output
    assert len(output) < 110 * 24
