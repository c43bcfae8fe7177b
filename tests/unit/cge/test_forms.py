"""Functional forms: limits, homogeneity, Euler, Shephard; one body for numbers, arrays and Pyomo."""

import numpy as np
import pyomo.environ as pyo
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cge.forms import exp, expm1, log, log1p, power, unit_cost, unit_cost_of_two
from cge.views import ArrayView, ScalarView

SIGMA = st.sampled_from([-2.0, 0.0, 0.3, 1.0, 1.7, 5.0, 30.0])
SEED = st.integers(0, 10**6)


def draw(seed, n=4):
    rng = np.random.default_rng(seed)
    share = rng.uniform(0.05, 1.0, n)
    return share / share.sum(), rng.uniform(0.5, 2.0, n)


def cost(share, price, sigma):
    """Unit cost over one axis, through the view that sums."""
    view = ScalarView({}, {"sector": len(share)})
    return unit_cost(view, ("sector",), lambda s: float(share[s]), lambda s: price[s], sigma)


@settings(max_examples=100, deadline=None)
@given(SEED, SIGMA)
def test_one_at_the_benchmark_homogeneous_and_increasing(seed, sigma):
    share, price = draw(seed)
    assert cost(share, np.ones(4), sigma) == pytest.approx(1.0, rel=1e-12)
    assert cost(share, 1.7 * price, sigma) == pytest.approx(1.7 * cost(share, price, sigma), rel=1e-12)
    dearer = np.where(price == price.min(), 1.1 * price, price)
    assert cost(share, dearer, sigma) > cost(share, price, sigma)
    assert price.min() <= cost(share, price, sigma) <= price.max()


@settings(max_examples=50, deadline=None)
@given(SEED, SIGMA)
def test_shephard(seed, sigma):
    """The slope of unit cost is demand `share (P/p)^sigma`; by Euler demands cost the unit cost."""
    share, price = draw(seed)
    unit = cost(share, price, sigma)
    demand = share * np.array([power(unit / p, sigma) for p in price])
    assert demand @ price == pytest.approx(unit, rel=1e-12)
    for k in range(4):
        moved = price.astype(complex)
        moved[k] += 1e-30j
        assert np.imag(cost(share, moved, sigma)) / 1e-30 == pytest.approx(demand[k], rel=1e-10)


@settings(max_examples=50, deadline=None)
@given(SEED)
def test_limits(seed):
    """sigma near 1 is Cobb-Douglas, sigma 0 is Leontief, and they are not each other."""
    share, price = draw(seed)
    cobb_douglas, leontief = np.prod(price**share), share @ price
    assert cost(share, price, 1.0) == pytest.approx(cobb_douglas, rel=1e-12)
    for near in (1.0 - 1e-4, 1.0 + 1e-4):
        assert cost(share, price, near) == pytest.approx(cobb_douglas, rel=1e-4)
    assert cost(share, price, 1.0 + 1e-4) != cost(share, price, 1.0 - 1e-4)
    assert cost(share, price, 0.0) == pytest.approx(leontief, rel=1e-12)
    assert cost(share, price, 1e-6) == pytest.approx(leontief, rel=1e-5)
    assert cobb_douglas < leontief


def nested(share, price, sigma, inner_sigma):
    """(a, (b, c, d)) at two elasticities."""
    inner = share[1:] / share[1:].sum()
    return unit_cost_of_two(float(share[0]), price[0], cost(inner, price[1:], inner_sigma), sigma)


@settings(max_examples=50, deadline=None)
@given(SEED, SIGMA)
def test_nests_of_equal_elasticity_are_one_flat_nest(seed, sigma):
    """(a, (b, c, d)) at one elasticity is (a, b, c, d)."""
    share, price = draw(seed)
    assert nested(share, price, sigma, sigma) == pytest.approx(cost(share, price, sigma), rel=1e-12)


@pytest.mark.parametrize("sigma", [0.3, 1.0, 5.0])
def test_nests_of_unequal_elasticities_are_not(sigma):
    share, price = draw(1)
    assert abs(nested(share, price, sigma, 2.3) / cost(share, price, sigma) - 1.0) > 1e-4


def test_mixed_elasticities_over_arrays():
    """One block whose entries are Cobb-Douglas or CES gives what scalar calls give, derivatives included."""
    share, price = draw(3)
    sigma = np.array([0.0, 1.0, 3.0, 1.0 + 1e-5])
    view = ArrayView({"p": price}, {}, {"p": np.arange(4)}, {"sector": 4}, 1)
    block = unit_cost(view, ("sector",), lambda s: share[s], lambda s: view.p[s], sigma)
    slopes = np.zeros((4, 4))
    for row, column, slope in block.triplets((4,)):
        np.add.at(slopes, (row, column), slope)
    for k, e in enumerate(sigma):
        unit = cost(share, price, float(e))
        assert np.ravel(block.value)[k] == pytest.approx(unit, rel=1e-13)
        np.testing.assert_allclose(slopes[k], share * (unit / price) ** e, rtol=1e-12)


@pytest.mark.parametrize("off", [1e-9, 2e-6, -1e-5, 9e-4])
def test_near_one_rounding_stays_small(off):
    """The unit cost by cumulants of the prices' logarithms, whose error is of the fourth order."""
    share, price = draw(3)
    logs, t = np.log(price), -off
    mean = share @ logs
    second, third = (share @ (logs - mean) ** n for n in (2, 3))
    expected = np.exp(mean + t * second / 2.0 + t**2 * third / 6.0)
    assert cost(share, price, 1.0 + off) == pytest.approx(expected, rel=2e-15 + 0.1 * abs(t) ** 3)
    two = unit_cost_of_two(share[0], price[0], price[1], 1.0 + off)
    mean = share[0] * logs[0] + (1 - share[0]) * logs[1]
    spread = share[0] * (1 - share[0]) * (logs[0] - logs[1]) ** 2
    assert two == pytest.approx(np.exp(mean + t * spread / 2.0), rel=2e-15 + t**2)


def test_power_zero_is_the_number_one():
    """Leontief leaves no price in a Pyomo expression, not even to the power of zero."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(initialize=2.0)
    assert power(model.x, 0.0) == 1.0
    assert pyo.value(power(model.x, 2.0)) == 4.0


def test_logarithm_and_exponential_of_every_kind():
    model = pyo.ConcreteModel()
    model.x = pyo.Var(initialize=2.0)
    assert pyo.value(log(model.x)) == log(2.0) == pytest.approx(np.log(2.0))
    assert pyo.value(exp(model.x)) == exp(2.0) == pytest.approx(np.exp(2.0))
    assert pyo.value(log1p(model.x)) == pytest.approx(log1p(2.0)) == np.log1p(2.0)
    assert pyo.value(expm1(model.x)) == pytest.approx(expm1(2.0)) == np.expm1(2.0)
