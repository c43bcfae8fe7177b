"""The way of what is held, and its slopes."""

from __future__ import annotations

import numpy as np
import pytest

from cge.solvers.methods.homotopy import Homotopy
from cge.symbols import SYMBOLS
from tests.points import SHAPES, random_point, system

STEP = 1e-5


@pytest.fixture(scope="module")
def way():
    start = {"tm": np.array([0.1, -0.2, -1.5]), "tau": np.array([1.0, 2.0]), "sf": np.array([-0.1, 0.2])}
    return Homotopy(
        start, {"tm": np.array([3.0, 0.1, 0.5]), "tau": np.array([8.0, 2.0]), "sf": np.array([0.3, -0.4])}, SYMBOLS
    )


def test_rates_go_as_powers_indices_in_proportion_and_the_rest_straight(way):
    half = way.at(0.5)
    np.testing.assert_allclose(
        half["tm"], [np.sqrt(1.1 * 4.0) - 1.0, np.sqrt(0.8 * 1.1) - 1.0, -0.5]
    )  # no power of -0.5
    np.testing.assert_allclose(half["tau"], [np.sqrt(8.0), 2.0])
    np.testing.assert_allclose(half["sf"], [0.1, -0.1])
    for share, end in ((0.0, way.start), (1.0, way.goal)):
        for name, level in way.at(share).items():
            np.testing.assert_allclose(level, end[name], rtol=1e-15)


@pytest.mark.parametrize("share", [-0.5, 0.0, 0.3, 1.0])
def test_slopes_are_those_of_the_way(way, share):
    up, down, rates = way.at(share + STEP), way.at(share - STEP), way.rates(share)
    for name, rate in rates.items():
        np.testing.assert_allclose(rate, (up[name] - down[name]) / (2.0 * STEP), rtol=1e-8, atol=1e-9)


def test_what_stands_still_has_no_slope(way):
    still = Homotopy(way.start, way.goal | {"tau": way.start["tau"]}, SYMBOLS)
    assert set(still.rates(0.3)) == {"tm", "sf"}
    np.testing.assert_array_equal(still.at(0.3)["tau"], way.start["tau"])


@pytest.mark.parametrize("shape", SHAPES)
def test_a_push_is_what_the_way_does_to_every_equation(shape):
    """Against a difference of residuals, off equilibrium and with every instrument on its way."""
    s = system(shape)
    way = Homotopy(random_point(s.model, 1), random_point(s.model, 2), s.model.symbols)
    point = way.at(0.3)
    x = s.pack(point)
    rates = way.rates(0.3)
    found = s.linearise(point, wrt=rates)
    up, down = (s.residuals(s.unpack(x, way.at(0.3 + step))) for step in (STEP, -STEP))
    column = found.push(rates)
    np.testing.assert_allclose(column, (up - down) / (2.0 * STEP), rtol=1e-6, atol=1e-7)
    assert np.abs(column).max() > 0.1
    np.testing.assert_allclose(found.jacobian.toarray(), s.linearise(point).jacobian.toarray(), rtol=1e-12, atol=1e-13)
    rows = np.random.default_rng(0).normal(size=s.height)  # the transpose
    assert found.pull(rows) @ found.held.pack(rates) == pytest.approx(rows @ column, rel=1e-10)
