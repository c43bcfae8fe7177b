"""One body, two evaluators: arrays with derivatives equal plain numbers, for every equation, at any point."""

import numpy as np
import pytest

from cge.closure import CLOSURES
from cge.views import ArrayView, ScalarView
from tests.points import SHAPES, random_point, system


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("shape", SHAPES)
def test_arrays_equal_numbers(shape, closure):
    """Residuals of every equation at a random point, by index."""
    s = system(shape, closure)
    values = random_point(s.model, 1)
    residual = s.residuals(values)
    view = s.model.view(values)
    for name, rows in s.rows.items():
        for index in np.argwhere(rows >= 0):
            lhs, rhs = s.model.equations[name].body(view, *map(int, index))
            assert residual[rows[tuple(index)]] == pytest.approx(lhs - rhs, rel=1e-12, abs=1e-13), name


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("shape", ["full", "CET", "Cobb-Douglas"])
def test_jacobian_equals_complex_steps(shape, closure):
    """Every derivative, against complex steps through the other evaluator."""
    s = system(shape, closure)
    values = random_point(s.model, 2)
    found = s.linearise(values)
    residual, matrix = found.residual, found.jacobian
    np.testing.assert_allclose(residual, s.residuals(values), atol=1e-14)
    cells = [
        (rows[tuple(k)], s.model.equations[n].body, k) for n, rows in s.rows.items() for k in np.argwhere(rows >= 0)
    ]
    dense, found = matrix.toarray(), np.empty((s.height, s.size))
    moved = {name: array.astype(complex) for name, array in values.items()}
    view = s.model.view(moved)  # sees the arrays that change below
    for name, columns in s.columns.items():
        for at in np.argwhere(columns >= 0):
            moved[name][tuple(at)] += 1e-30j
            for row, body, index in cells:
                lhs, rhs = body(view, *map(int, index))
                found[row, columns[tuple(at)]] = np.imag(lhs - rhs) / 1e-30
            moved[name][tuple(at)] -= 1e-30j
    np.testing.assert_allclose(dense, found, rtol=1e-10, atol=1e-12)


def test_a_term_of_no_weight_does_not_exist():
    """The scalar view does not even evaluate it."""
    view = ScalarView({"x": np.array([2.0, 0.0])}, {"sector": 2})
    assert view.total(("sector",), lambda s: [3.0, 0.0][s], lambda s: 1.0 / view.x[s]) == 1.5


@pytest.mark.parametrize("view", [ScalarView({}, {}), ArrayView({}, {}, {}, {}, 0)])
def test_an_unknown_symbol_is_named(view):
    with pytest.raises(AttributeError, match="no symbol 'tarif'"):
        view.tarif  # noqa: B018
