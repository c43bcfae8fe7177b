"""The 2022 benchmarks: the fit on small tables, the published files against controls and figures, and the rebuild."""

from pathlib import Path

import numpy as np
import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.table import DATA
from cge.calibration.world2022 import build as building
from cge.calibration.world2022 import fit, in_force, published_figures, raw, steel, tariffs
from cge.calibration.world2022.report import write_report

SHARED = Path(__file__).resolve().parents[5] / "shared"
ABSENT = not (SHARED / "data" / "mrio").is_dir()
REASON = f"the raw tables are not in {SHARED}"
SIZES = ("world2022-12x12", "world2022-29x28", "world2022-81x28")
PARTNERS = ("USA", "KOR", "JPN", "EU27")


@pytest.fixture(scope="module")
def world():
    return Benchmark.load("world2022-29x28")


@pytest.fixture(scope="module")
def full():
    return Benchmark.load("world2022-81x28")


def small_known(seed=1):
    """Controls of three countries in two areas with three sectors (two goods, one service), from a known table."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(1.0, 2.0, (3, 3, 3, 6)) * np.array([1, 1, 1, 12, 4, 0.1])
    rate = np.full((3, 6), 0.05)
    output = truth.sum((2, 3))
    added = output - truth[..., :3].sum((0, 1)) * 1.05
    gdp = added.sum(1) + (truth.sum((0, 1)) * rate).sum(1)
    area = np.array([0, 0, 1])
    member = (area[:, None] == np.arange(2)).astype(float)
    return truth, fit.Known(
        goods=truth[:, :2].sum(3).transpose(0, 2, 1),
        services=truth[:, 2:].sum((1, 3)),
        area=area,
        output=member.T @ output,
        value_added=member.T @ added,
        gdp=gdp,
        gdp_share=added.sum(1) / gdp,
        investment_share=truth[..., 4].sum((0, 1)) * 1.05 / gdp,
        tax_rate=rate,
        added_share=added / output,
    )


def test_a_table_that_meets_its_controls_is_left_as_it_is():
    truth, controls = small_known()
    np.testing.assert_allclose(fit.fit(truth, controls, rounds=3), truth, rtol=1e-9)


def test_a_disturbed_table_is_brought_to_its_controls():
    truth, controls = small_known()
    noise = np.random.default_rng(2).uniform(0.7, 1.4, truth.shape)
    made = fit.fit(truth * noise, controls, rounds=200)
    np.testing.assert_allclose(made[:, :2].sum(3).transpose(0, 2, 1), controls.goods, rtol=1e-12)
    np.testing.assert_allclose(made[:, 2:].sum((1, 3)), controls.services, rtol=1e-12)
    output = made.sum((2, 3))
    added = output - made[..., :3].sum((0, 1)) * 1.05
    by_area = np.array([added[:2].sum(0), added[2]])
    np.testing.assert_allclose(by_area, controls.value_added, rtol=1e-4)
    assert (made >= 0.0).all()


@pytest.mark.parametrize("name", SIZES)
def test_every_account_is_exact_to_its_own_size(name):
    table = Benchmark.load(name)
    deviations = table.identities()
    region = table.gdp.to_series().min()
    assert deviations["deviation"].abs().max() < 1e-9 * region
    assert table.contents.year == 2022
    assert table.contents.population("KOR") == pytest.approx(51.7, abs=0.1)
    assert not table.contents.unknown()


def test_the_checks_hold_their_bands(world):
    checks = published_figures.compare(world)
    assert len(checks) >= 12
    for check in checks:
        assert abs(check.deviation) <= check.band, check.what
        assert check.source
        assert check.why


@pytest.mark.parametrize("sector", ["ELE", "PHA"])
def test_goods_of_the_agreements_on_zero_duties_are_nearly_free_among_their_members(world, sector):
    assert published_figures.duty_among(world, sector, PARTNERS) < 0.5


@pytest.mark.parametrize(
    ("case", "value", "premium"), [("default", 0.5, 0.125), ("lower", 0.25, 0.05), ("upper", 0.75, 0.25)]
)
def test_korean_steel_binds_on_a_documented_part(world, case, value, premium):
    """The rent is the premium on the part that binds, whatever the case; home accounts stay balanced."""
    table = world if case == "default" else steel.with_steel_case(world, case)
    at = {"exporter": "KOR", "importer": "USA", "sector": "STL"}
    sold, rent, part = (float(table.data[name].sel(at)) for name in ("trade", "rent", "limited"))
    assert rent / (sold * part) == pytest.approx(premium, rel=1e-9)
    assert (sold * part + rent) / (sold + rent) == pytest.approx(value, rel=1e-9)
    assert table.identities()["relative"].abs().max() < 1e-9
    small = Benchmark.load("world2022-12x12").data["limited"]
    assert float(small.sel(at)) == pytest.approx(float(world.data["limited"].sel(at)))


def test_the_base_of_us_duties_is_near_the_customs_value(world):
    data = world.data
    flow = world.cif.where(data["exporter"] != data["importer"], 0.0).sel(importer="USA")
    goods = [s for s in world.sectors if s not in published_figures.SERVICES]
    valued = (flow * data["valuation"].sel(importer="USA")).sel(sector=goods)
    assert float(valued.sum()) / 3_239_733 == pytest.approx(1.0, abs=0.03)
    for partner, value in (("CHN", 536.8), ("MEX", 454.9), ("CAN", 437.7), ("KOR", 115.3)):
        assert float(valued.sel(exporter=partner).sum()) / 1e3 == pytest.approx(value, rel=0.02)
    assert (data["valuation"].drop_sel(importer="USA") == 1.0).all()


def test_industries_have_inputs_and_capital_earns_a_likely_return(full):
    data = full.data
    output = data["domestic"] + data["trade"].sum("importer").rename(exporter="region")
    bought = data["intermediate"].sum("input")
    for cell in (("RUS", "PHA"), ("KAZ", "FAB"), ("TUR", "PHA"), ("JOR", "PHA")):
        at = {"region": cell[0], "sector": cell[1]}
        assert float(bought.sel(at) / output.sel(at)) > 0.3
    rental = data["factor_income"].sel(factor="CAP").sum("sector") / data["capital_stock"]
    assert float(rental.min()) > 0.03
    assert float(rental.median()) == pytest.approx(0.12, abs=0.05)
    assert (data["depreciation"] > 0.02).all()


@pytest.mark.source_data
@pytest.mark.skipif(ABSENT, reason=REASON)
def test_goods_trade_and_output_of_every_economy_equal_the_cube(full):
    goods, _services = raw.trade(SHARED)
    merged = goods.rename(sector="s30")
    ours = full.data["trade"] + full.data["rent"]
    own = full.data["domestic"]
    for sector in ("AUT", "ELE", "STL", "FOO"):
        wanted = merged.sel(s30=sector)
        made = ours.sel(sector=sector)
        gap = abs(made - wanted.where(wanted["exporter"] != wanted["importer"], 0.0))
        assert float(gap.max()) < 0.011  # specks of trade are dropped
        home = np.diag(wanted.transpose("exporter", "importer").values)
        np.testing.assert_allclose(own.sel(sector=sector), home, atol=6.0)  # where the dropped specks went


@pytest.mark.slow
@pytest.mark.source_data
@pytest.mark.skipif(ABSENT, reason=REASON)
def test_the_published_files_are_what_the_build_makes(world, full, tmp_path):
    made = building.build(SHARED)
    assert made.benchmarks["world2022-29x28"].sha256 == world.sha256
    assert made.countries.sha256 == full.sha256
    table = made.controls.assign(share=lambda t: t["known"] / t.groupby("area")["known"].transform("sum"))
    large = table[table["share"] > 1e-3]
    assert (large["ours"] / large["known"] - 1.0).abs().max() < 0.005
    gdp = made.countries.gdp.to_series()
    stated = raw.capital(SHARED)["gdp_usd_musd_2022"].reindex(gdp.index)
    off = (gdp / stated - 1.0).abs()
    assert set(off[off > 0.03].index) == {"KOR", "KAZ", "SGP"}
    write_report(made, SHARED, tmp_path / "report.md")
    assert "customs over basic value" in (tmp_path / "report.md").read_text()


@pytest.mark.source_data
@pytest.mark.skipif(ABSENT, reason=REASON)
def test_the_lists_of_duties_are_what_the_raw_lists_make(tmp_path):
    for path in in_force.write(SHARED, tmp_path):
        assert path.read_text() == (DATA / "measures" / path.name).read_text()


@pytest.mark.source_data
@pytest.mark.skipif(ABSENT, reason=REASON)
def test_rules_on_averages_only_lower_them_and_only_for_members():
    rate = raw.cube(SHARED, "tariff").drop_sel(product=raw.SERVICES)
    free = tariffs.zero_duties(SHARED, rate)
    assert bool((free <= rate + 1e-12).all())
    assert bool((free.sel(importer="BRA") == rate.sel(importer="BRA")).all())  # in neither agreement
    assert float(free.sel(importer="DEU", exporter="CHE", product="C21")) == 0.0
    ratio = tariffs.schedule_ratios(SHARED)
    assert ratio.between(tariffs.BOTTOM, 1.0).all()
    japan = tariffs.japan_schedule(SHARED, rate)
    changed = (japan != rate).any(("exporter", "product"))
    assert [str(c) for c in rate["importer"].values[changed.values]] == ["JPN"]
