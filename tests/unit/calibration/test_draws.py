"""Draws of elasticities: between their bounds, spread evenly, the same for the same seed."""

import numpy as np
import pytest
import xarray as xr

from cge.calibration.draws import draw
from cge.calibration.elasticities import load_elasticities

DEFAULT, LOWER, UPPER = (load_elasticities(name) for name in ("default", "lower", "upper"))
NUMBER = 40


@pytest.fixture(scope="module")
def drawn():
    return xr.concat(draw(DEFAULT, LOWER, UPPER, NUMBER, seed=3), "draw")


def test_draws_lie_between_the_bounds_and_only_where_these_differ(drawn):
    for name in DEFAULT.data_vars:
        values = drawn[name] if "draw" in drawn[name].dims else drawn[name].expand_dims("draw")
        assert bool((values >= LOWER[name]).all()), name
        assert bool((values <= UPPER[name]).all()), name
        moves = bool((values != values.isel(draw=0)).any())
        assert moves == (name in ("esubm", "esubd")), name


def test_the_rule_of_two_holds_in_every_draw(drawn):
    np.testing.assert_allclose(drawn["esubm"], 2.0 * drawn["esubd"], rtol=1e-3)  # the table is rounded


def test_every_sector_has_one_draw_in_each_slice(drawn):
    """A Latin hypercube: of 40 uniform draws one is in each fortieth, and no two sectors move together."""
    flat = xr.concat(draw(DEFAULT, LOWER, UPPER, NUMBER, seed=3, distribution="uniform"), "draw")["esubm"]
    place = ((flat - LOWER["esubm"]) / (UPPER["esubm"] - LOWER["esubm"])).transpose("draw", "sector").values
    assert (np.sort(np.floor(place * NUMBER), axis=0) == np.arange(NUMBER)[:, None]).all()
    correlation = np.corrcoef(place.T) - np.eye(place.shape[1])
    assert abs(correlation).max() < 0.6


def test_the_triangle_has_its_mean_and_its_mode():
    wide = xr.concat(draw(DEFAULT, LOWER, UPPER, 400), "draw")["esubm"]
    wanted = (LOWER["esubm"] + DEFAULT["esubm"] + UPPER["esubm"]) / 3.0
    np.testing.assert_allclose(wide.mean("draw"), wanted, rtol=2e-3)


def test_the_seed_makes_the_draws():
    one, again, other = (draw(DEFAULT, LOWER, UPPER, 2, seed=seed)[0]["esubm"] for seed in (1, 1, 2))
    assert one.identical(again)
    assert not one.identical(other)


def test_a_parameter_that_a_table_spreads_has_draws_of_its_own():
    upper = UPPER.assign(esubva=2.0 * UPPER["esubva"], esubt=UPPER["esubt"] + 0.5)
    values = xr.concat(draw(DEFAULT, LOWER, upper, NUMBER, distribution="uniform"), "draw")
    place = {name: (values[name] - LOWER[name]) / (upper[name] - LOWER[name]) for name in ("esubm", "esubva", "esubt")}
    assert abs(np.corrcoef(place["esubm"].sel(sector="STL"), place["esubva"].sel(sector="STL"))[0, 1]) < 0.5
    assert place["esubt"].dims == ("draw",)
    assert float(place["esubt"].mean()) == pytest.approx(0.5, abs=0.02)


def test_bounds_that_are_none_are_refused():
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(DEFAULT, DEFAULT, DEFAULT, 2)
    with pytest.raises(ValueError, match="the default of esubm is not between"):
        draw(DEFAULT.assign(esubm=DEFAULT["esubm"] + 50.0), LOWER, UPPER, 2)
