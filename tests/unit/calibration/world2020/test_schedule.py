"""Tariff schedules: what a rate says, averages by hand, every refusal; the US schedule as the worked example."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cge.calibration.table import DATA
from cge.calibration.world2020 import schedule
from cge.calibration.world2020.schedule import concordance, parse_programmes, parse_rate, read_schedule, sector_rates
from cge.errors import DataError

SHARED = Path(__file__).parents[4].parent / "shared"
needs_raw = pytest.mark.skipif(
    not (SHARED / "data" / "tariffs" / "us_hts8_2025_parsed.csv").is_file(), reason="needs the raw tables in ../shared"
)

LINES = pd.DataFrame(
    {
        "line": ["7208.10.15", "7208.10.30", "0102.29.40", "8703.23.01", "9801.00.10"],
        "mfn": ["Free", "4%", "1¢/kg", "2.5%", "Free"],
        "column2": ["20%", "0.4¢/kg + 20%", "5.5¢/kg", "10%", "Free"],
    }
)


@pytest.mark.parametrize(
    ("text", "rate", "kind"),
    [
        ("Free", 0.0, "free"),
        ("Free 1/", 0.0, "free"),
        ("2.5%", 0.025, "ad valorem"),
        ("12", 0.12, "ad valorem"),
        (0, 0.0, "free"),
        ("1.5¢/kg + 3.2%", 0.032, "compound"),
        ("$1.035/kg + 8.5%", 0.085, "compound"),
        ("68¢/head", np.nan, "specific"),
        ("See additional U.S. note 1", np.nan, "reference"),
        ("", np.nan, "missing"),
    ],
)
def test_a_rate_is_read_as_schedules_write_it(text, rate, kind):
    found = parse_rate(text)
    assert found[1] == kind
    np.testing.assert_equal(found[0], rate)


@pytest.mark.parametrize("text", ["ten", "-100%", "-250", "inf"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(ValueError, match=r"rate|-100 %"):
        parse_rate(text)


def test_programmes_are_read_with_their_rates():
    found = parse_programmes("Free (A+,AU, KR) 1.4% (JP) See 9913.02.05 (IL)")
    assert {name: kind for name, (_, kind) in found.items()} == {
        "A+": "free", "AU": "free", "KR": "free", "JP": "ad valorem", "IL": "reference",
    }  # fmt: skip
    assert found["JP"][0] == pytest.approx(0.014)
    assert found["KR"][0] == 0.0
    assert np.isnan(found["IL"][0])


def test_simple_averages_leave_specific_duties_out_and_count_them():
    table = sector_rates(read_schedule(LINES)).set_index(["regime", "sector"])
    steel, farm = table.loc[("mfn", "STL")], table.loc[("mfn", "AGR")]
    assert steel["simple"] == pytest.approx(0.02)
    assert (steel["lines"], steel["specific"], steel["compound"]) == (2, 0, 0)
    assert table.loc[("column2", "STL"), "compound"] == 1
    assert np.isnan(farm["simple"])
    assert (farm["lines"], farm["specific"]) == (0, 1)
    assert set(table.index.get_level_values("sector")) == {"STL", "AGR", "AUT"}  # chapter 98 has no sector


def test_weights_are_the_trade_of_each_partner():
    imports = pd.DataFrame(
        {
            "line": ["72081015", "72081030", "72081015", "01022940", "87032301"],
            "partner": ["KOR", "KOR", "JPN", "JPN", "JPN"],
            "musd": [30.0, 10.0, 5.0, 2.0, 0.0],
        }
    )
    table = sector_rates(read_schedule(LINES), imports).set_index(["regime", "sector", "partner"])
    assert table.loc[("mfn", "STL", "KOR"), "weighted"] == pytest.approx(0.01)
    assert table.loc[("mfn", "STL", "JPN"), "weighted"] == pytest.approx(0.0)
    assert table.loc[("mfn", "STL", "KOR"), "musd"] == 40.0
    farm = table.loc[("mfn", "AGR", "JPN")]
    assert farm["cover"] == 0.0
    assert np.isnan(farm["weighted"])
    whole = imports.assign(line=imports["line"].str[:6]).groupby(["line", "partner"], as_index=False).sum()
    at_six = sector_rates(read_schedule(LINES), whole).set_index(["regime", "sector", "partner"])
    assert at_six.loc[("mfn", "STL", "KOR"), "weighted"] == pytest.approx(0.02)  # spread evenly over two lines


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"line": ["1", "72081030", "0102294", "87032301", "87032301"]}, "row 2: '1' is no HS code"),
        ({"line": ["1", "72081030", "0102294", "87032301", "87032301"]}, "row 4: '0102294' is no HS code"),
        ({"line": ["72081015", "72081030", "01022940", "87032301", "87032301"]}, "row 6: line 87032301 comes twice"),
        ({"mfn": ["Free", "much", "1¢/kg", "2.5%", "Free"]}, "row 3, mfn: 'much' is no rate"),
    ],
)
def test_faults_of_a_schedule_are_told_with_their_row(change, told):
    with pytest.raises(DataError, match=told):
        read_schedule(LINES.assign(**change))


def test_faults_of_columns_and_imports_are_told():
    with pytest.raises(DataError, match="no column col2; it has line, mfn, column2"):
        read_schedule(LINES, {"column2": "col2"})
    lines = read_schedule(LINES)
    for imports, told in (
        ({"line": ["72081015"], "partner": ["KOR"]}, "no column musd"),
        ({"line": ["72081015"], "partner": ["KOR"], "musd": [-1.0]}, "imports of -1.0"),
        ({"line": ["11111111"], "partner": ["KOR"], "musd": [1.0]}, "line 11111111 is not in the schedule"),
        ({"line": ["72081015", "720810"], "partner": ["KOR", "KOR"], "musd": [1.0, 1.0]}, "codes of 6, 8 digits"),
    ):
        with pytest.raises(DataError, match=told):
            sector_rates(lines, pd.DataFrame(imports))


def test_the_concordance_knows_every_chapter_of_goods_and_only_the_sectors():
    prefixes = concordance()
    chapters = {f"{n:02d}" for n in range(1, 98)} - {"77"}
    assert chapters <= set(prefixes)
    goods = {"AGR", "FOO", "ENE", "MIN", "TEX", "WPP", "PET", "CHM", "PHA", "RUB", "NMM", "STL", "NFM", "FAB", "ELE",
             "EEQ", "MCH", "AUT", "SHP", "OTM"}  # fmt: skip
    assert set(prefixes.values()) == goods | {"UTL"}
    found = schedule.sectors_of(pd.Series(["870324", "87019210", "8542310000", "980100"]), prefixes)
    assert list(found) == ["AUT", "MCH", "ELE", ""]


@needs_raw
def test_every_line_of_the_us_schedule_is_read_as_the_parsed_table_has_it():
    lines = schedule.us_schedule(SHARED)
    raw = pd.read_csv(SHARED / "data/tariffs/us_hts8_2025_parsed.csv", dtype={"hts8": str}).set_index("hts8")
    for regime, column in (("mfn", "general_adv"), ("column2", "col2_adv"), ("KR", "korus_adv")):
        mine = lines[lines["regime"] == regime].set_index("line")["rate"]
        both = pd.concat([mine, raw[column]], axis=1).dropna()
        assert len(both) > 7000
        np.testing.assert_allclose(both["rate"], both[column], atol=1e-12)
    kinds = lines[lines["regime"] == "mfn"]["kind"].value_counts()
    assert kinds["specific"] == 796
    assert (schedule.sectors_of(lines["line"], concordance()) != "").all()


@needs_raw
def test_the_committed_table_is_the_built_one():
    built = schedule.us_column2(SHARED).round(4)
    kept = pd.read_csv(DATA / "us_column2_china.csv", comment="#")
    pd.testing.assert_frame_equal(built, kept, check_dtype=False, atol=1e-3)


def test_column_2_is_many_times_the_mfn_rate_on_every_manufacture():
    table = pd.read_csv(io.StringIO((DATA / "us_column2_china.csv").read_text(encoding="utf-8")), comment="#")
    assert ((table["column2_pct"] >= table["mfn_pct"]) | (table["cover"] < 0.6)).all()
    mean = (table["rate_pct"] * table["musd"]).sum() / table["musd"].sum()
    assert 38 < mean < 42
    np.testing.assert_allclose(
        table["rate_pct"],
        table["cover"] * table["column2_pct"] + (1 - table["cover"]) * table["mfn_pct"],
        atol=1.5,  # the two means are not over the same lines
    )
