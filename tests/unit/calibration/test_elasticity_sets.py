"""Sets of single studies, each from its published numbers, and each selectable by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cge
from cge.calibration import elasticity_sets as sets
from cge.errors import DataError, RequestError
from tests.small_world import small_world

SHARED = Path(__file__).resolve().parents[4] / "shared"


def test_every_set_covers_the_28_sectors_and_is_cited():
    table = sets.published()
    assert list(table.columns) == ["BSY", "CP", "FGO", "GYY", "IS", "LL", "Shap", "U4"]
    assert list(table.index) == [str(s) for s in cge.load_elasticities().sector.values]
    assert ((table >= 1.0) & (table < 100.0)).all().all()
    for name in ("BSY", "CP", "FGO", "GYY", "LL", "Shap", "U4"):
        assert "(20" in sets.CITATIONS[name]


@pytest.mark.source_data
@pytest.mark.skipif(not (SHARED / "data" / "elasticities").is_dir(), reason="needs the raw tables in ../shared")
def test_the_committed_table_is_what_the_published_estimates_give():
    np.testing.assert_allclose(sets.published(), sets.compute(SHARED), atol=5.1e-4)


@pytest.mark.parametrize("name", sets.CITATIONS)
def test_a_set_differs_from_the_default_in_trade_elasticities_only(name):
    values, default = cge.load_elasticities(name), cge.load_elasticities()
    np.testing.assert_array_equal(values["esubm"], sets.published()[name])
    np.testing.assert_allclose(values["esubd"], values["esubm"] / 2.0)
    assert values.attrs["set"] == name
    assert values.attrs["source"] == sets.CITATIONS[name]
    for other in set(default.data_vars) - {"esubm", "esubd"}:
        assert values[other].identical(default[other])


def test_published_numbers_of_whole_products_are_those_of_the_papers():
    """theta + 1 where one product is one sector: vehicles 1.115 in Caliendo and Parro (2015), textiles 3.359 in LL."""
    assert cge.load_elasticities("CP")["esubm"].sel(sector="AUT").item() == pytest.approx(2.115)
    assert cge.load_elasticities("LL")["esubm"].sel(sector="TEX").item() == pytest.approx(4.359)
    assert (cge.load_elasticities("U4")["esubm"] == 5.0).all()


def test_a_run_takes_a_set_by_its_name():
    benchmark = small_world(rents=False)
    runs = {
        name: cge.run("us-universal-10", benchmark=benchmark, elasticities=name).table("ev_musd").iloc[:, 0]
        for name in ("CP", "U4")
    }
    assert abs(runs["CP"] - runs["U4"]).max() > 1e-3


def test_an_unknown_set_is_told_with_the_known():
    with pytest.raises(DataError, match="BSY"):
        cge.load_elasticities("ZZZ")
    with pytest.raises(RequestError, match="did you mean Shap"):
        cge.run("us-universal-10", benchmark=small_world(), elasticities="Shapiro")
