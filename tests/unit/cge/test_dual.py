"""Duals carry exact derivatives: against complex steps, which have no truncation error."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cge.dual import Dual
from cge.forms import exp, log

STEP = 1e-30
NUMBER = st.floats(0.5, 2.0)
EXPONENT = st.floats(-3.0, 3.0)


def unary(body):
    return st.one_of(
        st.tuples(body, EXPONENT).map(lambda t: lambda v: t[0](v) ** t[1]),
        body.map(lambda f: lambda v: log(1.0 + f(v))),
        body.map(lambda f: lambda v: exp(-f(v) / (1.0 + f(v)))),
        body.map(lambda f: lambda v: 3.0 - 2.0 / (1.0 + f(v))),
        st.tuples(body, NUMBER).map(lambda t: lambda v: (t[1] * t[0](v) + t[1]) / t[1]),
    )


def binary(body):
    return st.one_of(
        st.tuples(body, body).map(lambda t: lambda v: t[0](v) + t[1](v)),
        st.tuples(body, body).map(lambda t: lambda v: t[0](v) * t[1](v)),
        st.tuples(body, body).map(lambda t: lambda v: t[0](v) / t[1](v)),
        st.tuples(body, body).map(lambda t: lambda v: 1.0 + t[0](v) / (t[0](v) + t[1](v)) - 0.5),
    )


BODY = st.recursive(
    st.sampled_from([lambda v: v[0], lambda v: v[1]]), lambda body: unary(body) | binary(body), max_leaves=8
)


def variable(name, value, first):
    columns = first + np.arange(value.size).reshape(value.shape)
    return Dual(value, {name: (columns, np.ones(()))})


def jacobian(dual, size):
    """Dense Jacobian of a block, one row an entry."""
    result = np.zeros((dual.value.size, size))
    for row, column, slope in dual.triplets(dual.value.shape):
        np.add.at(result, (row, column), slope)
    return result


@settings(max_examples=200, deadline=None)
@given(BODY, st.lists(NUMBER, min_size=2, max_size=2))
def test_any_expression_of_two_variables(body, point):
    """Sums, products, quotients, powers, logarithms and exponentials of variables and numbers."""
    x = np.array(point)
    if not np.isfinite(body(x)) or abs(body(x)) > 1e6:
        return
    dual = body([variable(k, x[k : k + 1], k) for k in range(2)])
    assert dual.value == pytest.approx(body(x), rel=1e-12)
    for k in range(2):
        moved = x.astype(complex)
        moved[k] += STEP * 1j
        assert jacobian(dual, 2)[0, k] == pytest.approx(np.imag(body(moved)) / STEP, rel=1e-9, abs=1e-12)


SHAPES = [((3,), (3,)), ((4, 1), (1, 3)), ((2, 3), (3,)), ((2, 1, 1), (3, 2))]


@pytest.mark.parametrize(("first", "second"), SHAPES)
@pytest.mark.parametrize("axes", [0, 1])
def test_broadcast_blocks_and_their_sums(first, second, axes):
    """Blocks of different shapes, and sums over a leading axis along which columns may or may not differ."""
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.5, 2.0, first), rng.uniform(0.5, 2.0, second)
    weight = rng.uniform(0.5, 2.0, np.broadcast_shapes(first, second))

    def body(x, y):
        return weight * x**1.5 * log(1.0 + y) / (x + y)

    def total(block):
        return block.total(axes) if isinstance(block, Dual) else block.sum(axis=tuple(range(axes)))

    dual = total(body(variable("a", a, 0), variable("b", b, a.size)))
    expected = []
    for k in range(a.size + b.size):
        flat = np.concatenate([a.ravel(), b.ravel()]).astype(complex)
        flat[k] += STEP * 1j
        expected.append(np.imag(total(body(flat[: a.size].reshape(first), flat[a.size :].reshape(second)))) / STEP)
    found = jacobian(dual, a.size + b.size)
    np.testing.assert_allclose(found, np.array([e.ravel() for e in expected]).T, rtol=1e-12, atol=1e-14)


def test_where_chooses_values_and_derivatives():
    x = np.array([0.5, 2.0])
    v = variable("x", x, 0)
    dual = Dual.where(np.array([True, False]), v**2.0, 5.0)
    np.testing.assert_allclose(dual.value, [0.25, 5.0])
    np.testing.assert_allclose(jacobian(dual, 2), [[1.0, 0.0], [0.0, 0.0]])
    assert np.array_equal(Dual.where(np.array([True, False]), np.ones(2), np.zeros(2)), [1.0, 0.0])


def test_one_variable_under_two_indices_has_two_derivatives():
    """`m.x[i] / m.x[j]` over i and j: the same columns met along different axes add up."""
    x = np.array([1.0, 2.0, 4.0])
    i, j = np.ogrid[:3, :3]
    columns = np.arange(3)
    dual = Dual(x[i], {("x", 0): (columns[i], np.ones(()))}) / Dual(x[j], {("x", 1): (columns[j], np.ones(()))})
    found = jacobian(dual, 3).reshape(3, 3, 3)
    np.testing.assert_allclose(found[0, 1], [1 / 2.0, -1 / 4.0, 0.0])
    np.testing.assert_allclose(found[1, 1], 0.0)
