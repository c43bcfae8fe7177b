"""Tariffs of 2020: the blemishes are gone, the measures are in, and the weighted rates are right."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cge.calibration.world2020 import tariffs as t
from cge.calibration.world2020 import us_measures as us

SHARED = Path(__file__).resolve().parents[5] / "shared"
WORLD = Path(t.__file__).parents[1] / "data" / "world2020-29x28.nc"

needs_raw = [
    pytest.mark.source_data,
    pytest.mark.skipif(not (SHARED / "data" / "mrio").is_dir(), reason="raw tables not beside the project"),
]


@pytest.fixture(scope="module")
def trade():
    with np.load(SHARED / "data" / "mrio" / "mrio_icio2020_77x30.npz") as raw:
        countries, sectors = list(map(str, raw["countries"])), list(map(str, raw["sectors"]))
        n, k = len(countries), len(sectors)
        value = raw["Z"].reshape(n, k, n, k).sum(3, dtype=float)
        value += raw["F"].reshape(n, k, n, -1).sum(3, dtype=float)
    fine = xr.DataArray(
        value.clip(0),
        dims=("exporter", "fine", "importer"),
        coords={"exporter": countries, "fine": sectors, "importer": countries},
    )
    sector_of = t.model_sectors(SHARED)
    parts = [
        fine.sel(fine=[f for f in sector_of if sector_of[f] == s]).sum("fine").assign_coords(sector=s)
        for s in dict.fromkeys(sector_of.values())
    ]
    return xr.concat(parts, "sector").transpose("exporter", "importer", "sector")


@pytest.fixture(scope="module")
def built(trade):
    return t.tariff_layers(SHARED, trade)


def cell(built, layer, exporter, importer, sector):
    pick = {"layer": layer, "exporter": exporter, "importer": importer, "sector": sector}
    return float(built[0]["tariff"].sel(pick))


class TestBuild:
    pytestmark = needs_raw

    def test_axes_and_range(self, built):
        rate = built[0]["tariff"]
        assert rate.dims == ("layer", "exporter", "importer", "sector")
        assert rate.shape == (3, 77, 77, 28)
        assert rate.layer.values.tolist() == ["mfn", "section232", "section301"]
        assert bool(np.isfinite(rate).all())
        assert bool((rate >= 0).all())
        assert float(rate.max()) < 0.5

    def test_axis_is_the_model_s(self, built):
        with np.load(SHARED / "data" / "mrio" / "benchmark2020_29x28.npz") as raw:
            assert built[0].sector.values.tolist() == list(map(str, raw["sectors"]))

    @pytest.mark.parametrize(("exporter", "importer", "layer", "expected"), t.EXPECTED)
    def test_weighted_rates(self, built, trade, exporter, importer, layer, expected):
        rate = built[0]["tariff"].sel(layer=layer)
        found = 100 * t.weighted_tariff(rate, trade, exporter, importer)
        assert found == pytest.approx(expected, abs=0.06)

    def test_check_table_agrees(self, built, trade):
        table = t.check_table(built[0], trade)
        assert table["difference"].abs().max() < 0.06
        assert table["expected_pct"].notna().sum() == len(t.EXPECTED)
        china = table[(table["flow"] == "CHN to USA")].set_index("layer")["built_pct"]
        # Duty collected on China in 2024 is 10.9 % with the weights of 2024.
        assert china.sum() == pytest.approx(11.4, abs=0.3)
        assert china["section301"] == pytest.approx(8.2, abs=0.2)

    def test_services_and_home_sales_are_free(self, built):
        rate = built[0]["tariff"]
        goods = set(us.sector_codes()["sector"])
        services = [s for s in rate.sector.values if s not in goods]
        assert len(services) == 8
        assert not rate.sel(sector=services).any()
        home = rate.where(rate.exporter == rate.importer, 0.0)
        assert not home.any()

    def test_trade_inside_the_union_is_free(self, built):
        inside = built[0]["tariff"].sel(exporter=list(t.EU27), importer=list(t.EU27))
        assert not inside.any()

    def test_food_keeps_preferences_in_proportion(self, built, trade):
        with np.load(SHARED / "data" / "mrio" / "mrio_icio2020_77x30.npz") as raw:
            c, s = list(map(str, raw["countries"])), list(map(str, raw["sectors"]))
            old = raw["tariff_2020"][:, s.index("FOO"), c.index("MYS")].astype(float)
        new = built[0]["tariff"].sel(layer="mfn", importer="MYS", sector="FOO").values
        assert old.max() > 0.9
        assert new.max() == pytest.approx(0.184, abs=0.002)
        np.testing.assert_allclose(new / new.max(), old / old.max(), atol=1e-12)
        # Importers under the limit are left alone: Korea's food is dear, but not an outlier.
        assert cell(built, "mfn", "NZL", "KOR", "FOO") > 0.2

    def test_us_preferences(self, built):
        assert cell(built, "mfn", "KOR", "USA", "MCH") < 0.002
        assert cell(built, "mfn", "JPN", "USA", "AUT") == pytest.approx(0.025, abs=0.001)
        assert cell(built, "mfn", "VNM", "USA", "TEX") == pytest.approx(0.156, abs=0.002)
        assert cell(built, "mfn", "JOR", "USA", "FOO") < 0.02  # 58.7 % in the raw table

    def test_steel_duty_falls_where_it_fell_in_2020(self, built):
        partners = us.us_partners()
        steel = built[0]["tariff"].sel(layer="section232", importer="USA", sector="STL").to_series()
        free = partners.index[partners["steel"] != "tariff"]
        assert sorted(free) == ["ARG", "AUS", "BRA", "CAN", "KOR", "MEX"]
        assert not steel[free].any()
        paying = ["DEU", "JPN", "GBR", "TUR", "TWN", "VNM", "CHN"]
        assert (steel[paying] > 0.08).all()
        assert steel.max() <= us.STEEL_RATE
        # By 2024 the EU, Japan and the United Kingdom had quotas: all get the payers' mean.
        assert steel["DEU"] == steel["JPN"] == steel["GBR"]
        assert 0.09 < steel["DEU"] < 0.13
        assert steel["DEU"] > 0.0226 - 0.0034  # not what the EU paid in 2024

    def test_aluminium_duty(self, built):
        metal = built[0]["tariff"].sel(layer="section232", importer="USA", sector="NFM").to_series()
        assert metal.max() <= us.ALUMINIUM_RATE
        assert metal["IND"] > 0.05
        assert metal["KOR"] > 0  # Korea's quota is on steel alone
        assert not metal[["ARG", "AUS", "CAN", "MEX"]].any()

    def test_measures_fall_on_nothing_else(self, built):
        rate = built[0]["tariff"]
        others = rate.where(rate.importer != "USA", 0.0).sel(layer=["section232", "section301"])
        assert not others.any()
        s301 = rate.sel(layer="section301", importer="USA")
        assert not s301.where(s301.exporter != "CHN", 0.0).any()
        s232 = rate.sel(layer="section232", importer="USA").drop_sel(sector=["STL", "NFM"])
        assert not s232.any()

    def test_layers_on_china_add_up_to_the_duty_collected(self, built):
        paid = us.us_duties(SHARED).loc["CHINA", "collected"]
        total = built[0]["tariff"].sel(exporter="CHN", importer="USA").sum("layer").to_series()
        np.testing.assert_allclose(total[paid.index], paid, atol=1e-12)

    def test_log_says_what_where_how_much_and_why(self, built):
        log = built[1]
        assert list(log.columns) == ["what", "where", "by_how_much", "why"]
        assert (log.map(len) > 0).all().all()
        food = log[log["what"].str.startswith("food")]
        assert sorted(w.split()[1].strip(",") for w in food["where"]) == ["EGY", "JOR", "MYS", "SAU", "VNM"]

    def test_trade_s_order_does_not_matter(self, built, trade):
        turned = trade.isel(exporter=slice(None, None, -1)).transpose("sector", "importer", "exporter")
        again, _ = t.tariff_layers(SHARED, turned)
        xr.testing.assert_identical(again, built[0])

    def test_bad_trade_lists_all_faults(self, trade):
        with pytest.raises(ValueError, match=r"exporter lacks KOR; sector lacks STL"):
            t.tariff_layers(SHARED, trade.drop_sel(exporter="KOR").drop_sel(sector="STL"))
        with pytest.raises(ValueError, match="negative or missing"):
            t.tariff_layers(SHARED, trade.where(trade.exporter != "KOR"))

    def test_quota_agrees_with_raw(self):
        assert us.steel_measures(SHARED).index.tolist() == ["KOR", "BRA", "ARG"]


def test_missing_files_are_all_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mrio_icio2020_77x30.*us_tariffs_2024w"):
        t.tariff_layers(tmp_path, xr.DataArray())


def test_committed_benchmark_carries_the_layers():
    if not WORLD.is_file():
        pytest.skip("no committed benchmark yet")
    data = xr.open_dataset(WORLD)
    if "provisional" in str(data.attrs.get("title", "")):
        pytest.skip("the committed benchmark still has provisional tariffs")
    us_rate = data["tariff"].sel(importer="USA")
    assert float(us_rate.sel(layer="section301", exporter="CHN", sector="AUT")) > 0.15
    assert float(us_rate.sel(layer="section232", exporter="EU27", sector="STL")) > 0.08
    assert float(us_rate.sel(layer="section232", exporter="KOR", sector="STL")) == 0.0


def test_weighted_tariff_by_hand():
    coords = {"exporter": ["A", "B"], "importer": ["A", "B"], "sector": ["STL", "TRN"]}
    trade = xr.DataArray([[[100.0, 9], [10, 9]], [[30, 9], [100, 9]]], coords, list(coords))
    rate = xr.DataArray([[[0.9, 0.0], [0.2, 0]], [[0.1, 0], [0.9, 0]]], coords, list(coords))
    assert t.weighted_tariff(rate, trade) == pytest.approx((10 * 0.2 + 30 * 0.1) / 40)
    assert t.weighted_tariff(rate, trade, importer="B") == pytest.approx(0.2)
    assert np.isnan(t.weighted_tariff(rate, 0 * trade))


class TestQuotaRent:
    def test_by_hand(self):
        # Half of the value at a premium of 12.5 %: 0.5 * 0.125 / 1.125 of the value is rent.
        assert us.rent_in_value("KOR") == pytest.approx(1 / 18)
        assert us.uniform_premium("KOR") == pytest.approx(1 / 17)

    @pytest.mark.parametrize("country", ["KOR", "BRA", "ARG"])
    def test_cases_are_ordered_and_below_the_tariff(self, country):
        low, mid, high = (us.uniform_premium(country, c) for c in ("lower", "default", "upper"))
        assert 0 <= low <= mid <= high < us.STEEL_RATE

    def test_quota_is_seventy_per_cent(self):
        table = us.steel_measures()
        mean = np.mean([4.40, 3.46, 3.62])
        assert table.loc["KOR", "quota_mt"] == pytest.approx(0.7 * mean, abs=0.01)
        assert table.loc["KOR", "reference_mt"] == pytest.approx(mean, abs=0.01)
        assert (table["source"].str.len() > 20).all()

    def test_no_quota_no_rent(self):
        with pytest.raises(KeyError, match="JPN had no steel quota"):
            us.rent_in_value("JPN")

    def test_contradiction_is_an_error(self, tmp_path):
        (tmp_path / "data" / "steel").mkdir(parents=True)
        raw = pd.DataFrame([{"country": "Korea", "value": "3.10 announced"}])
        raw.to_csv(tmp_path / "data" / "steel" / "steel_232_quotas.csv", index=False)
        with pytest.raises(ValueError, match=r"2.68 Mt here, but raw data say: 3.10"):
            us.steel_measures(tmp_path)


def test_every_partner_is_known():
    partners = us.us_partners()
    assert len(partners) == 76
    assert partners.index.is_unique
    assert set(partners["steel"]) == {"tariff", "quota", "exempt"}
    assert set(partners[["steel_2024", "aluminium_2024"]].to_numpy().ravel()) == {"", "trq"}
    assert (partners.loc[list(t.EU27), ["steel_2024", "aluminium_2024"]] == "trq").all().all()
