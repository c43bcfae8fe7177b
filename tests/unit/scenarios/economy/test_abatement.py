"""Curves of abatement: they rise, fuels in elastic supply leak less, and what cannot be is told."""

import numpy as np
import pytest

import cge
from cge.errors import RequestError
from tests.energy_world import energy_world


@pytest.fixture(scope="module")
def curves(tmp_path_factory):
    folder = tmp_path_factory.mktemp("abatement") / "curves"
    found = cge.abatement("EU27", [20, 60], ("low", "high"), energy_world(), out=folder)
    return found.table.set_index(["supply", "price_usd"]), folder


def test_cuts_rise_with_the_price_and_leakage_falls_with_supply(curves):
    table, folder = curves
    for supply in ("low", "high"):
        assert 0.0 < table.cut_pct[supply, 20.0] < table.cut_pct[supply, 60.0]
    assert 0.0 < table.leakage_pct["high", 60.0] < table.leakage_pct["low", 60.0]
    world = table.abated_mt * (1.0 - table.leakage_pct / 100.0)
    np.testing.assert_allclose(table.world_cut_mt, world, rtol=1e-9)
    assert (folder / "abatement.csv").read_text().startswith("region,supply,fuel_supply,price_usd")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"prices": [0]}, "0 is no price of CO2"),
        ({"supply": "hihg"}, "did you mean high"),
        ({"benchmark": "world2022-12x12"}, "makes fuels alone"),
    ],
)
def test_what_cannot_be_is_told(given, told):
    with pytest.raises(RequestError, match=told):
        cge.abatement(**{"regions": "EU27", "benchmark": energy_world()} | given)
