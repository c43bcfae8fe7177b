"""Aggregation keeps accounts and totals, and tells what is wrong with a map."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from cge.calibration.table import SCHEMA
from cge.errors import DataError
from tests.economies import random_benchmark, rich


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_aggregation_keeps_every_identity_and_total(seed: int, data: st.DataObject) -> None:
    world = random_benchmark(seed, 4, 4, margins=True, rents=True, inner_trade=True, zeros=0.1)
    groups = st.lists(st.sampled_from(["A", "B", "C"]), min_size=4, max_size=4)
    region_map = dict(zip(world.regions, data.draw(groups), strict=True))
    sector_map = dict(zip(world.sectors, data.draw(groups), strict=True))
    small = world.aggregate(region_map, sector_map)  # its construction checks every identity
    assert small.regions == list(dict.fromkeys(region_map.values()))
    for name in set(SCHEMA) - {"tariff", "valuation", "limited", "depreciation", "rent_share"}:
        assert float(small.data[name].sum()) == pytest.approx(float(world.data[name].sum()), rel=1e-11)
    revenue = (world.data.tariff * world.cif).sum(("exporter", "importer", "sector"))
    np.testing.assert_allclose(
        (small.data.tariff * small.cif).sum(("exporter", "importer", "sector")), revenue, rtol=1e-11
    )
    owned = (world.data.rent * world.data.rent_share).sum(("exporter", "importer", "sector"))
    np.testing.assert_allclose(
        (small.data.rent * small.data.rent_share).sum(("exporter", "importer", "sector")), owned, atol=1e-9
    )
    members = [c for c in world.regions if region_map[c] == small.regions[0]]
    inner = world.data.trade.sel(exporter=members, importer=members).sum()
    diagonal = small.data.trade.sel(exporter=small.regions[0], importer=small.regions[0]).sum()
    assert float(diagonal) == pytest.approx(float(inner), rel=1e-11)
    np.testing.assert_allclose(small.gdp.sum(), world.gdp.sum(), rtol=1e-12)


def test_aggregating_in_two_steps_is_aggregating_once() -> None:
    world = rich()
    first = world.aggregate({"r0": "A", "r1": "A", "r2": "r2"}, {s: s for s in world.sectors})
    twice = first.aggregate({"A": "W", "r2": "W"}, None)
    once = world.aggregate(dict.fromkeys(world.regions, "W"), None)
    xr.testing.assert_allclose(twice.data, once.data, rtol=1e-12)


def test_aggregating_to_itself_changes_nothing() -> None:
    world = rich()
    same = world.aggregate({r: r for r in world.regions}, {s: s for s in world.sectors})
    xr.testing.assert_allclose(same.data, world.data, rtol=1e-13)


def test_an_aggregate_tariff_is_weighted_by_cif() -> None:
    world = rich()
    small = world.aggregate({"r0": "A", "r1": "B", "r2": "B"}, dict.fromkeys(world.sectors, "s"))
    rate, weight = (x.sel(exporter="r0", importer=["r1", "r2"]) for x in (world.data.tariff, world.cif))
    expected = (rate * weight).sum(("importer", "sector")) / weight.sum()
    got = small.data.tariff.sel(exporter="A", importer="B", sector="s")
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_a_bad_map_names_every_label() -> None:
    world = rich()
    with pytest.raises(DataError) as caught:
        world.aggregate({"r0": "A", "r1": "A", "R2": "B"}, {"s0": "x"})
    assert caught.value.faults == (
        "region R2 of the map is not in the table (did you mean r2?); correct or remove it",
        "region r2 has no group in the map; map every label",
        "sector s1, s2, s3 has no group in the map; map every label",
    )
