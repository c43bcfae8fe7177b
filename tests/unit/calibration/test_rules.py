"""Elasticities under one table of rules: in files, as labelled values, in draws; and continuity at one and at zero."""

import numpy as np
import pytest
import xarray as xr

from cge.calibration.draws import draw
from cge.calibration.elasticities import load_elasticities
from cge.calibration.rules import RULES, SNAP, checked
from cge.calibration.shares import calibrate, with_elasticities
from cge.closure import Closure
from cge.errors import DataError
from cge.model import Model
from tests.economies import elasticities, random_benchmark

BENCHMARK = random_benchmark(3, 3, 3, margins=True)
VALUES = elasticities(BENCHMARK, 1)
LABELS = {axis: [str(x) for x in BENCHMARK.data[axis].values] for axis in ("region", "sector", "factor")}
NESTS = [name for name in RULES if "income" not in name and name != "frisch"]


def refused(values):
    with pytest.raises(DataError) as error:
        calibrate(BENCHMARK, values)
    with pytest.raises(DataError) as other:
        with_elasticities(calibrate(BENCHMARK, VALUES), values)
    assert error.value.faults == other.value.faults
    return str(error.value)


class TestLabels:
    def test_the_order_of_labels_means_nothing(self):
        for seed in range(3):
            turned = VALUES.isel(
                {axis: np.random.default_rng(seed).permutation(VALUES.sizes[axis]) for axis in VALUES.dims}
            )
            assert calibrate(BENCHMARK, turned).sha256 == calibrate(BENCHMARK, VALUES).sha256

    def test_regions_too(self):
        wide = VALUES.assign(esubm=VALUES.esubm * xr.DataArray([1.0, 2.0, 3.0], coords={"region": LABELS["region"]}))
        turned = wide.sel(region=["r2", "r0", "r1"], sector=["s1", "s2", "s0"])
        found = calibrate(BENCHMARK, turned).data["sigma_m"].sel(region="r1", sector="s2")
        assert float(found) == float(2.0 * VALUES.esubm.sel(sector="s2"))

    def test_missing_and_unknown_labels_are_named(self):
        assert "axis sector of esubm lacks s1" in refused(VALUES.isel(sector=[0, 2]))
        assert "axis sector of esubm has s9" in refused(VALUES.reindex(sector=["s0", "s1", "s2", "s9"], fill_value=2.0))
        assert "axis factor of eta_factor lacks CAP" in refused(VALUES.sel(factor=["LAB", "LND"]))


class TestRules:
    @pytest.mark.parametrize(
        ("name", "value", "told"),
        [
            ("frisch", 2.0, "frisch: 2 is out of range; give -50 to -1"),
            ("esubm", -2.0, "esubm s1: -2 is out of range"),
            ("esubva", np.nan, "esubva s1: is no number"),
            ("esubd", np.inf, "esubd s1: inf is out of range"),
            ("eta_factor", -0.5, "eta_factor CAP: -0.5 is out of range"),
            ("income_elasticity", 9.0, "income_elasticity s1: 9 is out of range"),
        ],
    )
    def test_out_of_range_is_refused_by_cell(self, name, value, told):
        array = VALUES[name].copy()
        if array.ndim:
            array[1] = value
        else:
            array = xr.DataArray(value)
        assert told in refused(VALUES.assign({name: array}))

    def test_all_faults_at_once(self):
        wrong = VALUES.drop_vars("esubva").assign(esubmm=VALUES.esubm, frisch=2.0, esubi=-1.0)
        text = refused(wrong)
        for told in ("esubva is missing", "esubmm is unknown (did you mean esubm?)", "frisch: 2", "esubi: -1"):
            assert told in text

    def test_true_is_no_number(self):
        wrong = VALUES.assign(esubt=True, esubm=xr.full_like(VALUES.esubm, True, dtype=bool))
        for name in ("esubt", "esubm"):
            assert f"{name} holds true and false, not numbers" in refused(wrong)

    def test_some_good_is_bought_with_more_income(self):
        told = f"income_elasticity of {LABELS['region'][0]}: zero for all that is bought"
        assert told in refused(VALUES.assign(income_elasticity=xr.zeros_like(VALUES.income_elasticity)))

    def test_what_is_no_dataset(self):
        assert "elasticities are a dict" in refused({"esubm": 5.0})

    def test_a_file_and_draws_keep_the_same_rules(self, tmp_path):
        table = load_elasticities()
        bad = table.assign(frisch=xr.DataArray(2.0))
        with pytest.raises(DataError, match="frisch: 2 is out of range"):
            draw(table, bad, table, 1)
        for rule in RULES.values():
            assert rule.fault("x", rule.low) == [] != rule.fault("x", rule.low - 1.0)

    def test_other_orders_of_the_bounds_draw_the_same(self):
        low, high = load_elasticities("lower"), load_elasticities("upper")
        one = draw(load_elasticities(), low, high, 2)
        turned = draw(load_elasticities(), low.isel(sector=slice(None, None, -1)), high.isel(factor=[2, 0, 3, 1]), 2)
        assert all(a.identical(b) for a, b in zip(one, turned, strict=True))


def residuals(values):
    """Residuals of every equation at a point away from the benchmark."""
    model = Model(calibrate(BENCHMARK, values))
    system = model.system(Closure().held(model))
    rng = np.random.default_rng(0)
    start = {name: array * rng.uniform(0.9, 1.1, np.shape(array)) for name, array in model.start().items()}
    return system.residuals(start)


class TestNearOne:
    def test_nearly_one_or_zero_is(self):
        for whole in (0.0, 1.0):
            near = VALUES.assign(esubva=VALUES.esubva * 0.0 + whole + 0.9 * SNAP, esubg=whole - 0.9 * SNAP * whole)
            found = checked(near, LABELS)
            assert (found.esubva == whole).all()
            assert float(found.esubg) == whole
        assert float(checked(VALUES.assign(esubg=0.7 + 0.2 + 0.1), LABELS).esubg) == 1.0
        off = checked(VALUES.assign(esubg=1.0 + 2.0 * SNAP), LABELS)
        assert float(off.esubg) == 1.0 + 2.0 * SNAP

    @pytest.mark.parametrize("name", NESTS)
    @pytest.mark.parametrize("whole", [0.0, 1.0])
    def test_every_nest_is_continuous(self, name, whole):
        if whole < RULES[name].low:
            pytest.skip(f"{name} starts at {RULES[name].low}")
        some = xr.DataArray([0.5, 0.7, 0.0], dims="factor")
        base = elasticities(BENCHMARK, 1, cet=2.0).assign(eta_factor=some)
        at = residuals(base.assign({name: base[name] * 0.0 + whole}))
        for step in (0.5 * SNAP, 2.0 * SNAP, 1e-4, -2.0 * SNAP):
            if whole + step >= 0.0:
                gap = np.abs(residuals(base.assign({name: base[name] * 0.0 + whole + step})) - at).max()
                assert gap <= 10.0 * abs(step) + 1e-9, (step, gap)
                assert (gap > 0.0) == (abs(step) > SNAP), (step, gap)
