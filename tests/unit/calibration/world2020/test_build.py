"""The build: each repair of the raw table, and the published files against the raw data and known figures."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cge.calibration.__main__ import main
from cge.calibration.benchmark import Benchmark
from cge.calibration.table import DATA, SCHEMA
from cge.calibration.world2020 import sources, world
from cge.calibration.world2020.build import FLOWS, GDP, Build, build, checks, merchandise, region_map, sector_map
from cge.calibration.world2020.report import write_report
from cge.calibration.world2020.tariffs import check_table, tariff_layers
from cge.errors import DataError

SHARED = Path(__file__).resolve().parents[5] / "shared"
raw_data = [
    pytest.mark.source_data,
    pytest.mark.skipif(not (SHARED / "data" / "mrio").is_dir(), reason=f"the raw tables are not in {SHARED}"),
]


def table() -> xr.Dataset:
    """A raw table of two countries, two sectors and the final columns C, I and Cx."""
    users = ["x", "y", "C", "I", "Cx"]
    rng = np.random.default_rng(0)
    use = rng.uniform(1, 2, (2, 2, 2, 5))
    return xr.Dataset(
        {
            "use": (("exporter", "sector", "importer", "user"), use),
            "tax": (("importer", "user"), rng.uniform(0.1, 0.2, (2, 5))),
        },
        coords={"exporter": ["a", "b"], "importer": ["a", "b"], "sector": ["x", "y"], "user": users},
    )


def test_value_added_is_raised_by_moving_inputs_to_stocks() -> None:
    raw = table()
    raw["use"].loc[{"importer": "a", "user": "x"}] *= 4  # an industry that buys more than it sells
    before = world._value_added(raw)
    assert float(before.sel(region="a", sector="x")) < 0
    log = world.Log()
    mended = world.raise_value_added(raw, 0.02, log)
    output, added = world._output(mended), world._value_added(mended)
    low = {"region": "a", "sector": "x"}
    assert float(added.sel(low)) == pytest.approx(0.02 * float(output.sel(low)))
    xr.testing.assert_allclose(output, world._output(raw))
    # every good is bought as before, only by another column
    xr.testing.assert_allclose(mended["use"].sum("user"), raw["use"].sum("user"))
    others = before.where(before >= 0.02 * output)
    xr.testing.assert_allclose(added.where(others.notnull()), others)
    assert [row[:2] for row in log.rows] == [("value added raised", "a x")]


def test_an_industry_without_output_is_logged() -> None:
    raw = table()
    raw["use"].loc[{"exporter": "b", "sector": "y"}] = 0.0
    raw["use"].loc[{"importer": "b", "user": "y"}] = 0.0
    raw["tax"].loc[{"importer": "b", "user": "y"}] = 0.0
    log = world.Log()
    world.raise_value_added(raw, 0.0, log)
    assert ("industry without output", "b y") in [row[:2] for row in log.rows]


def test_purchases_abroad_join_consumption() -> None:
    raw = table()
    joined = world.purchases_abroad(raw, world.Log())
    assert "Cx" not in joined["user"].values
    for name in ("use", "tax"):
        expected = raw[name].sel(user=["C", "Cx"]).sum("user")
        xr.testing.assert_allclose(joined[name].sel(user="C", drop=True), expected)
    assert float(raw["use"].sel(user="C").sum()) < float(joined["use"].sel(user="C").sum())  # the input is untouched


def test_negative_stocks_come_out_of_consumption() -> None:
    bought = table()["use"].sum("exporter").rename(importer="region")
    bought.loc[{"region": "a", "sector": "y", "user": "I"}] = -0.5
    log = world.Log()
    met = world._net_inventories(bought, log)
    cell = {"region": "a", "sector": "y"}
    assert float(met.sel({**cell, "user": "I"})) == 0
    assert float(met.sel({**cell, "user": "C"})) == pytest.approx(float(bought.sel({**cell, "user": "C"})) - 0.5)
    xr.testing.assert_allclose(met.sum("user"), bought.sum("user"))
    assert [row[1] for row in log.rows] == ["a y"]
    bought.loc[{"region": "a", "sector": "y", "user": "I"}] = -1e3
    with pytest.raises(ValueError, match="exceeds half of consumption"):
        world._net_inventories(bought, log)


def test_proxies_are_averaged_and_gaps_filled() -> None:
    values = pd.Series({"CAN": 0.5, "DEU": 0.6, "FRA": 0.7, "GBR": 0.8, "USA": 0.4, "KOR": np.nan})
    filled = world._by_proxy(values, "labour_from")
    assert filled["DEU"] == 0.6
    assert filled["AUT"] == pytest.approx(0.7)  # Germany, France, Britain
    assert filled["KOR"] == pytest.approx(0.6)  # no value: the mean of all
    assert not filled.isna().any()


def test_maps_cover_every_label_and_nest() -> None:
    regions, sectors = sources.regions(), sources.sectors()
    assert len(regions) == 77
    assert len(sectors) == 30
    for column, count in (("r29", 29), ("r12", 12)):
        assert regions[column].nunique() == count
    for column, count in (("s28", 28), ("s12", 12)):
        assert sectors[column].nunique() == count
    assert (regions.groupby("r29")["r12"].nunique() == 1).all()
    assert (sectors.groupby("s28")["s12"].nunique() == 1).all()
    kept = {"KOR", "USA", "CHN", "JPN", "EU27", "CAN", "MEX", "VNM"}
    assert kept <= set(regions["r12"])
    for column in ("labour_from", "government_from"):
        assert set(" ".join(regions[column]).split()) <= set(regions.index)


def test_the_small_benchmark_is_the_large_one_added_up() -> None:
    large, small = Benchmark.load("world2020-29x28"), Benchmark.load("world2020-12x12")
    regions, sectors = sources.regions(), sources.sectors()
    added = large.aggregate(
        dict(zip(regions["r29"], regions["r12"], strict=True)), dict(zip(sectors["s28"], sectors["s12"], strict=True))
    )
    for name in SCHEMA:
        np.testing.assert_allclose(added.data[name], small.data[name], rtol=1e-9, atol=1e-6)


def test_published_emissions_are_those_of_the_world_and_of_who_produces() -> None:
    data = Benchmark.load("world2020-29x28").data
    industries, households = data["emissions"], data["household_emissions"]
    # EDGAR, fossil CO2 of 2018 without international bunkers: 36.6 Gt, of which power stations 13.9; Korea 0.695
    assert float(industries.sum() + households.sum()) / 1e6 == pytest.approx(36.63, abs=0.02)
    assert float(industries.sel(sector="UTL").sum()) / 1e6 == pytest.approx(13.86, abs=0.02)
    korea = float(industries.sel(region="KOR").sum() + households.sel(region="KOR"))
    assert korea / 1e3 == pytest.approx(695.4, abs=0.5)
    output = data["domestic"] + data["trade"].sum("importer").rename(exporter="region")
    assert not industries.values[(output.transpose("region", "sector") == 0.0).values].any()
    steel = (industries / output).sel(sector="STL")
    assert float(steel.sel(region="IND")) > float(steel.sel(region="KOR")) > float(steel.sel(region="EU27")) > 0.3


@pytest.mark.parametrize("name", ["world2020-29x28", "world2022-29x28"])
def test_published_emissions_of_lumps_go_where_the_energy_is_bought(name: str) -> None:
    data = Benchmark.load(name).data
    output = data["domestic"] + data["trade"].sum("importer").rename(exporter="region")
    intensity = data["emissions"] / output.where(output > 0.0)  # kt a million USD
    world = data["emissions"].sum("region")
    assert float(world.sel(sector="STL")) > 4.0 * float(world.sel(sector="NFM"))  # by output it was 1.6 times
    rubber, minerals = intensity.sel(sector="RUB"), intensity.sel(sector="NMM")
    without_accounts = ["VNM", "SAU", "AFR", "ROW", "PHL", "THA"]
    assert float((rubber / minerals).sel(region=without_accounts).max()) < 0.3
    assert float(rubber.sel(region=without_accounts).max()) < 1.0  # some 3 to 5 before


def test_published_tables_hold_what_their_page_says() -> None:
    data = Benchmark.load("world2020-29x28").data
    for name in ("title", "year", "unit", "sources", "licences", "attribution", "notes"):
        assert data.attrs[name], name
    assert "Global Tariff Database" in data.attrs["sources"]
    services = ["UTL", "CON", "TRD", "TRN", "ACI", "FIN", "PRO", "PUB"]
    assert float(abs(data.tariff.sel(sector=services)).max()) == 0
    assert float(data.tariff.sel(exporter="EU27", importer="EU27").max()) == 0
    assert float(data.tariff.max()) < 0.95
    countries = [r for r in data.region.values if r not in ("EU27", "XSE", "MER", "EFTA", "EEU", "AFR", "ROW")]
    for country in countries:
        assert float(data.trade.sel(exporter=country, importer=country).sum()) == 0, country
    assert float(data.trade.sel(exporter="EU27", importer="EU27").sum()) > 2e6
    for region, sector in (("SGP", "ENE"), ("SGP", "MIN"), ("BRN", "AUT"), ("CHL", "AUT")):
        own = {"region": region, "sector": sector}
        assert float(data.domestic.sel(own)) == 0
        assert float(data.trade.sel(exporter=region, sector=sector).sum()) == 0
        assert float(data.intermediate.sel(own).sum() + data.factor_income.sel(own).sum()) == 0
        assert float(data.intermediate_tax.sel(own).sum()) == 0
    assert float(data.trade.where(data.trade > 0).min()) >= 0.01 - 1e-9
    used = data.factor_income.sum("region")
    assert set(used.sector.values[(used.sel(factor="LND") > 0).values]) == {"AGR"}
    assert set(used.sector.values[(used.sel(factor="NAT") > 0).values]) == {"ENE", "MIN"}
    rents = data.rent.where(data.rent > 0).to_series().dropna()
    assert set(rents.index) == {("KOR", "USA", "STL"), ("MER", "USA", "STL")}
    assert float(abs(data.government_saving).max()) == 0


@pytest.mark.parametrize(("region", "known"), GDP.items())
def test_gdp_is_that_of_the_source(region: str, known: float) -> None:
    gdp = Benchmark.load("world2020-29x28").gdp.sel(region=region)
    assert float(gdp) / 1e3 == pytest.approx(known, abs=0.5)


@pytest.mark.parametrize(("sector", "known"), FLOWS.items())
def test_exports_from_korea_to_the_united_states(sector: str, known: float) -> None:
    value = merchandise(Benchmark.load("world2020-29x28").data).sel(exporter="KOR", importer="USA", sector=sector)
    assert float(value) / 1e3 == pytest.approx(known, rel=0.005)


def test_the_notice_and_the_report_travel_with_the_data() -> None:
    notice = (DATA / "NOTICE").read_text(encoding="utf-8")
    for source in ("OECD", "CC BY 4.0", "Teti", "United States government", "Bank of Korea"):
        assert source in notice
    report = (DATA / "build-report.md").read_text(encoding="utf-8")
    for name in ("world2020-12x12", "world2020-29x28"):
        assert Benchmark.load(name).sha256[:16] in report


def test_a_missing_source_is_told_without_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--shared", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert "mrio_icio2020_77x30.npz is absent; pass --shared" in told
    assert not (tmp_path / "out").exists()


def test_an_unknown_column_of_the_map_is_an_error() -> None:
    with pytest.raises(KeyError):
        region_map("r30")
    assert sector_map("s28")["OTM"] == "OTM"


@pytest.fixture(scope="module")
def result() -> Build:
    return build(SHARED)


class TestFromRawData:
    """The build from ../shared."""

    pytestmark = raw_data

    def test_rebuild_equals_the_published_files(self, result: Build) -> None:
        assert set(result.benchmarks) == {"world2020-12x12", "world2020-29x28"}
        for name, rebuilt in result.benchmarks.items():
            published = Benchmark.load(name)
            assert published.data.attrs == rebuilt.data.attrs
            for variable in SCHEMA:
                np.testing.assert_allclose(
                    rebuilt.data[variable], published.data[variable], rtol=1e-9, atol=1e-6, err_msg=variable
                )

    def test_known_figures(self, result: Build) -> None:
        table = checks(result, SHARED).set_index("what")
        assert table["deviation_pct"].abs().max() < 0.3
        assert table.loc["largest change of an industry's output, bn USD (a quota rent)", "built"] < 0.1
        assert table.loc["maps of countries and sectors equal the source's own (1 = yes)", "built"] == 1

    def test_trade_weighted_tariffs(self, result: Build) -> None:
        data = result.countries.data
        table = check_table(data[["tariff"]], merchandise(data)).dropna(subset="expected_pct")
        assert len(table) == 7
        assert table["difference"].abs().max() < 0.05

    def test_each_users_bill_is_unchanged(self, result: Build) -> None:
        """Tariffs are carved out of taxes: final spending and GDP stay those of the source."""
        raw = sources.mrio(SHARED)
        data = result.countries.data
        spent = (data.final + data.final_tax).sum(("sector", "agent"))
        final = ["C", "I", "Cx"]
        source = raw["use"].sel(user=final).sum(("exporter", "sector", "user")) + raw["tax"].sel(user=final).sum("user")
        industries = [u for u in raw["user"].values if u not in final]
        value_added = raw["use"].sum(("sector", "importer", "user")).rename(exporter="importer") - (
            raw["use"].sel(user=industries).sum(("exporter", "sector", "user"))
            + raw["tax"].sel(user=industries).sum("user")
        )
        gdp = value_added + raw["tax"].sum("user")
        np.testing.assert_allclose(result.countries.gdp, gdp.rename(importer="region"), rtol=2e-3)
        moved = float(abs(spent - source.rename(importer="region")).sum())
        assert moved < 2000  # million USD: inputs moved to stocks, and specks; tariffs are 314,000

    def test_the_log_names_every_blemish(self, result: Build) -> None:
        log = result.log
        assert list(log.columns) == ["what", "where", "by_how_much", "why"]
        for what in (
            "industry without output",
            "value added raised",
            "direct purchases abroad (column Cx)",
            "tariff revenue carved out of product taxes",
            "negative investment (stock change) met from consumption",
            "labour share replaced",
            "quota rent carved out of capital income",
            "tariffs on services set to zero",
        ):
            assert what in set(log["what"]), what
        assert {"SGP ENE", "SGP MIN", "BRN AUT", "CHL AUT"} <= set(log["where"])
        assert "LTU PET" in set(log.loc[log["what"] == "value added raised", "where"])

    def test_the_report_is_the_published_one(self, result: Build, tmp_path: Path) -> None:
        write_report(result, SHARED, tmp_path / "report.md")
        published = (DATA / "build-report.md").read_text(encoding="utf-8")
        # numbers may differ in the last digits on another machine; the text may not
        text = [line for line in published.splitlines() if not line.startswith("|")]
        again = (tmp_path / "report.md").read_text(encoding="utf-8").splitlines()
        assert [line for line in again if not line.startswith("|")] == text

    def test_conventions_can_be_overridden(self) -> None:
        other = world.build_world(
            SHARED,
            tariff_layers,
            world.Conventions(land_share=0.0, speck=0.0, value_added_floor=0.01),
        )[0]
        assert float(other.data.factor_income.sel(factor="LND").sum()) == 0
        assert float(other.data.trade.where(other.data.trade > 0).min()) < 0.01

    def test_the_command_keeps_what_is_there(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        kept = tmp_path / "world2020-12x12.nc"
        kept.write_text("mine")
        assert main(["--shared", str(SHARED), "--out", str(tmp_path)]) == 1
        assert "pass --overwrite" in capsys.readouterr().err
        assert kept.read_text() == "mine"
        assert [p.name for p in tmp_path.iterdir()] == ["world2020-12x12.nc"]
        assert main(["--shared", str(SHARED), "--out", str(tmp_path), "--overwrite"]) == 0
        assert Benchmark.load(kept).sectors
        with pytest.raises(DataError):
            Benchmark.load(tmp_path / "build-report.md")
