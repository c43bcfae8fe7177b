"""Elasticities: the table is complete, sourced and ordered, and a faulty one is refused with all its faults."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cge.calibration import elasticities as el
from cge.calibration.citations import citation, citations
from cge.calibration.contents_text import population_2020

SHARED = Path(__file__).resolve().parents[4] / "shared"


@pytest.fixture
def table():
    return pd.read_csv(el.TABLE, comment="#", dtype=str, keep_default_na=False)


@pytest.fixture
def load(tmp_path):
    """Save a table and load it as a user's file."""

    def save_and_load(table):
        table.to_csv(tmp_path / "mine.csv", index=False)
        return el.load_elasticities(path=tmp_path / "mine.csv")

    return save_and_load


def at(table, parameter, index=""):
    return (table["parameter"] == parameter) & (table["index"] == index)


class TestTable:
    def test_complete(self):
        data = el.load_elasticities()
        assert set(data.data_vars) == set(el.RULES)
        assert data.sizes == {"sector": 28, "factor": 4}
        assert not any(bool(np.isnan(v).any()) for v in data.data_vars.values())

    def test_every_row_cites_the_list_or_says_why_there_is_nothing_to_cite(self, table):
        cited = table["source"].str.findall(r"\[(\w+)\]")
        own = table["source"].str.contains("Engel aggregation|specific to its sector")
        assert (cited.str.len().gt(0) | own).all()
        assert {key for keys in cited for key in keys} == set(citations())
        with pytest.raises(el.DataError, match=r"no source has the key CP2016 \(did you mean CP2015\?\)"):
            citation("CP2016")

    def test_sets_are_ordered(self):
        low, mid, high = (el.load_elasticities(s).esubm for s in ("lower", "default", "upper"))
        assert bool(((low < mid) & (mid < high)).all())
        assert 3 < float(low.min()) < float(high.max()) < 12

    def test_sets_differ_in_trade_only(self):
        low, high = el.load_elasticities("lower"), el.load_elasticities("upper")
        same = low.drop_vars(["esubm", "esubd"])
        xr.testing.assert_equal(same, high.drop_vars(["esubm", "esubd"]))

    @pytest.mark.parametrize("name", el.SETS)
    def test_rule_of_two(self, name):
        data = el.load_elasticities(name)
        xr.testing.assert_allclose(data.esubd, data.esubm / 2)

    def test_values_with_a_known_origin(self):
        data = el.load_elasticities()
        assert float(data.esubva.sel(sector="AGR")) == 0.26
        assert float(data.esubva.sel(sector="TRN")) == 1.68
        assert np.isinf(data.cet).all()
        assert np.isinf(data.eta_factor.sel(factor=["LAB", "CAP"])).all()
        assert not data.eta_factor.sel(factor=["LND", "NAT"]).any()
        assert [float(data[v]) for v in ("esubt", "esubn", "esubg", "esubi")] == [0, 0, 1, 0]

    def test_subsistence_is_positive(self):
        # gamma / spending = 1 - engel / -frisch, at its least where all is spent on one good.
        data = el.load_elasticities()
        assert float(data.income_elasticity.max()) < -float(data.frisch)


@pytest.mark.source_data
@pytest.mark.skipif(not (SHARED / "data" / "elasticities").is_dir(), reason="raw tables not beside the project")
class TestFromStudies:
    def test_committed_table_is_what_the_studies_give(self):
        computed = el.trade_elasticities(SHARED)
        assert len(computed) == 20
        for name in el.SETS:
            committed = el.load_elasticities(name).esubm.to_series()
            np.testing.assert_allclose(committed[computed.index], computed[name], atol=0.00501)

    def test_median_by_hand(self):
        # Motor vehicles: 1.115, 2.805, 4.47, 6.62, 6.87, 8.955.
        row = el.trade_elasticities(SHARED).loc["AUT"]
        assert row["default"] == pytest.approx((4.47 + 6.62) / 2 + 1)
        # Mining: the 4.0 with which one study fills its gap does not count.
        mining = sorted([4.282, 13.53, 3.41, 6.227, 3.45])
        assert el.trade_elasticities(SHARED).loc["MIN", "default"] == pytest.approx(mining[2] + 1)

    def test_outlier_does_not_move_petroleum(self):
        assert el.trade_elasticities(SHARED).loc["PET"].max() < 12  # one study has 64.9


class TestAggregation:
    def test_weighted_mean(self):
        data = el.load_elasticities()
        mapping = {s: "FOOD" if s in ("AGR", "FOO") else "REST" for s in data.sector.values}
        weights = xr.zeros_like(data.esubm)
        weights.loc[{"sector": ["AGR", "FOO", "STL"]}] = [1.0, 3.0, 5.0]
        small = el.for_sectors(data, mapping, weights)
        assert small.sector.values.tolist() == ["FOOD", "REST"]
        assert small.esubm.values == pytest.approx([(7.13 + 3 * 4.87) / 4, 7.45])
        assert np.isinf(small.cet).all()
        xr.testing.assert_identical(small.eta_factor, data.eta_factor)
        assert set(small.data_vars) == set(data.data_vars)

    def test_identity_changes_nothing(self):
        data = el.load_elasticities()
        same = el.for_sectors(data, {s: s for s in data.sector.values}, xr.ones_like(data.esubm))
        xr.testing.assert_allclose(same, data)

    def test_no_weight_gives_the_plain_mean(self):
        data = el.load_elasticities()
        one = el.for_sectors(data, dict.fromkeys(data.sector.values, "ALL"), 0 * data.esubm)
        assert float(one.esubm[0]) == pytest.approx(float(data.esubm.mean()))

    def test_faults_are_told_at_once(self):
        data = el.load_elasticities()
        mapping = {s: s for s in data.sector.values if s != "STL"} | {"STEEL": "STL"}
        with pytest.raises(el.DataError) as error:
            el.for_sectors(data, mapping, data.esubm.drop_sel(sector="AUT"))
        assert len(error.value.faults) == 3
        assert "sector STL has no new sector" in str(error.value)
        assert "sector AUT has no weight" in str(error.value)


class TestIncome:
    INCOME = xr.DataArray(
        [63_600.0, 31_500, 10_500, 2_800, 1_500],
        dims="region",
        coords={"region": ["USA", "KOR", "CHN", "VNM", "AFR"]},
    )

    def test_frisch_by_hand(self):
        found = el.frisch(xr.DataArray(6_670.0))  # 1,000 USD of 1970
        assert float(found) == pytest.approx(-36 * 1000**-0.36)

    def test_richer_is_nearer_to_homothetic(self):
        data = el.for_income(el.load_elasticities(), self.INCOME)
        assert bool((data.frisch.diff("region") < 0).all())
        food = data.income_elasticity.sel(sector="FOO")
        assert bool((food.diff("region") >= 0).all())
        assert float(food.sel(region="USA")) == 0.50
        assert float(food.sel(region="VNM")) == 0.78
        assert 0.50 < float(food.sel(region="CHN")) < 0.78

    def test_bad_income_is_named(self):
        income = self.INCOME.where(self.INCOME.region != "VNM").where(self.INCOME.region != "AFR", -1.0)
        with pytest.raises(el.DataError, match="VNM") as error:
            el.for_income(el.load_elasticities(), income)
        assert len(error.value.faults) == 2

    def test_population(self):
        people = population_2020()
        assert len(people) == 77
        assert sum(people.values()) == pytest.approx(7840, abs=1)


class TestUserFile:
    def test_own_value_is_used(self, table, load):
        table.loc[at(table, "esubm", "STL"), ["lower", "default", "upper"]] = ["2", "3", "4"]
        assert float(load(table).esubm.sel(sector="STL")) == 3.0

    def test_all_faults_at_once(self, table, load):
        table = table[~at(table, "esubm", "AUT")].copy()
        table.loc[at(table, "esubva", "STL"), "default"] = "-1"
        table.loc[at(table, "esubm", "FOO"), "upper"] = ""
        table.loc[at(table, "esubd", "TEX"), "lower"] = "much"
        table.loc[at(table, "esubt"), "source"] = ""
        table.loc[at(table, "esubg"), "parameter"] = "esubgg"
        with pytest.raises(el.DataError) as error:
            load(table)
        text = str(error.value)
        assert "esubva STL: default -1 is out of range; give 0 to 20" in text
        assert "esubm FOO: upper is empty; give a number" in text
        assert "esubd TEX: lower is much; give a number" in text
        assert "parameter esubgg is unknown (did you mean esubg?)" in text

    def test_rows_that_are_not_there_are_those_of_the_package(self, table, load):
        some = table[at(table, "esubm", "STL")].assign(default="3", lower="2", upper="4")
        mine, whole = load(some.drop(columns=["unit", "source"])), el.load_elasticities()
        assert float(mine.esubm.sel(sector="STL")) == 3.0
        others = [s for s in whole.sector.values if s != "STL"]
        xr.testing.assert_equal(mine.sel(sector=others), whole.sel(sector=others))
        xr.testing.assert_equal(mine.drop_vars("esubm"), whole.drop_vars("esubm"))

    def test_rows_for_sectors_of_its_own_are_all_asked_for(self, load, table):
        own = table[table["index"] == "STL"].assign(index="metal")
        assert load(own).sector.values.tolist() == ["metal"]
        with pytest.raises(el.DataError, match="esubd lacks sector metal; add a row"):
            load(own[own["parameter"] != "esubd"])

    def test_rows_without_bounds_are_read_and_not_drawn(self, table, tmp_path):
        bare = table.loc[at(table, "esubm", "STL"), ["parameter", "index", "default"]]
        bare.to_csv(tmp_path / "bare.csv", index=False)
        assert float(el.load_elasticities(path=tmp_path / "bare.csv").esubm.sel(sector="STL")) == 7.45
        with pytest.raises(el.DataError, match="esubm STL has no bounds"):
            el.load_elasticities("lower", tmp_path / "bare.csv")

    def test_an_income_elasticity_alone_holds_at_every_income(self, table, load):
        mine = load(table[at(table, "income_elasticity", "FOO")].assign(default="0.7", lower="0.7", upper="0.7"))
        assert float(mine.income_elasticity_low.sel(sector="FOO")) == 0.7
        assert float(mine.income_elasticity_high.sel(sector="FOO")) == 0.7

    def test_a_sector_under_a_parameter_without_sectors(self, table, load):
        table.loc[at(table, "esubt"), "index"] = "STL"
        with pytest.raises(el.DataError, match="esubt STL: give no index"):
            load(table)

    def test_twice_is_once_too_often(self, table, load):
        with pytest.raises(el.DataError, match="esubt is given twice"):
            load(pd.concat([table, table[at(table, "esubt")]]))

    def test_sets_out_of_order(self, table, load):
        table.loc[at(table, "esubm", "STL"), "lower"] = "50"
        with pytest.raises(el.DataError, match="must not fall"):
            load(table)

    def test_homothetic_frisch_is_refused(self, table, load):
        table.loc[at(table, "frisch"), ["default", "lower", "upper"]] = "0.5"
        with pytest.raises(el.DataError, match=r"frisch: default 0\.5 is out of range"):
            load(table)

    def test_columns(self, table, load):
        with pytest.raises(el.DataError, match="column index is missing"):
            load(table.drop(columns="index"))

    def test_unknown_set(self):
        with pytest.raises(el.DataError, match=r"unknown set .uper. \(did you mean upper\?\)"):
            el.load_elasticities("uper")
