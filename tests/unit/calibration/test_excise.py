"""Excise as an estimate: no user's taxes change in sum, refined fuels bear more of them."""

import numpy as np
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.calibration.excise import with_excise
from tests.energy_world import energy_world


def test_taxes_of_a_user_move_to_its_fuels_and_no_total_moves():
    before = energy_world()
    after = with_excise(before)  # a Benchmark checks that its accounts balance
    old, new = before.data, after.data
    for tax, axis in (("intermediate_tax", "input"), ("final_tax", "sector")):
        np.testing.assert_allclose(new[tax].sum(axis), old[tax].sum(axis), rtol=1e-12, atol=1e-6)
    moved = [str(name) for name in old.data_vars if not old[name].equals(new[name])]
    assert sorted(moved) == ["final_tax", "intermediate_tax"]
    on_fuel = [float(x["final_tax"].sel(agent="C", sector="PET", region="EU27")) for x in (old, new)]
    assert on_fuel[1] > 2.0 * on_fuel[0] > 0.0
    rate = new["final_tax"] / new["final"]
    per_litre = 0.85 * float(rate.sel(agent="C", sector="PET", region="EU27"))
    assert 0.45 < per_litre < 0.6  # 0.55 USD a litre on nine tenths
    xr.testing.assert_allclose(new["final_tax"].sel(agent=["G", "I"]), old["final_tax"].sel(agent=["G", "I"]))


def test_no_user_pays_more_on_fuels_than_all_its_taxes():
    data = with_excise(energy_world(), scale=100.0).data
    others = data["intermediate_tax"].where(data["input"] != "PET", 0.0)
    assert float(others.min()) >= min(0.0, float(energy_world().data["intermediate_tax"].min())) - 1e-9


def test_without_refined_fuels_nothing_moves():
    small = Benchmark.load("world2022-12x12")
    assert with_excise(small) is small
