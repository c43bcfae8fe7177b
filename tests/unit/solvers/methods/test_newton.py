"""Newton's method on the condensed core."""

import numpy as np
import pytest

from cge.closure import CLOSURES
from cge.solvers.methods.newton import Newton
from tests.points import SHAPES, random_point, system


def shocked(s, **change):
    start = s.model.start()
    return start | {name: start[name] + by for name, by in change.items()}


def test_the_benchmark_needs_no_step():
    s = system("full")
    found = Newton(s).solve(s.model.start())
    assert (found.converged, found.iterations) == (True, 0)


@pytest.mark.parametrize("closure", CLOSURES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_solution_solves_every_equation_on_plain_numbers(shape, closure):
    """Whatever the arrays and their derivatives do, the other evaluator must see a zero; no instrument moves."""
    s = system(shape, closure)
    start = shocked(s, tm=0.3)
    found = Newton(s).solve(start)
    assert found.converged
    view = s.model.view(found.values)
    for one in s.model.equations.values():
        for index in np.argwhere(s.model.rows(one)):
            lhs, rhs = one.body(view, *map(int, index))
            assert abs(lhs - rhs) < 1e-10, one.name
    for name, symbol in s.model.symbols.items():
        if symbol.kind == "instrument" and name not in s.columns:
            np.testing.assert_array_equal(found.values[name], start[name])


def test_convergence_is_quadratic():
    """The derivatives are exact: near the solution each residual is about the square of the last."""
    s = system("full")
    sizes = []
    Newton(s, mend=False).solve(shocked(s, tm=0.5), watch=lambda count, size: sizes.append(size))
    assert sizes[-1] < 1e-11
    small = [k for k, size in enumerate(sizes[:-1]) if size < 1e-2]
    assert small
    for k in small[:-1]:
        assert sizes[k + 1] < 100.0 * sizes[k] ** 1.9


@pytest.mark.parametrize("shape", SHAPES)
def test_mended_factors_lead_to_the_same_point(shape):
    """Whether every step is Newton's own or most use the benchmark's factors."""
    s = system(shape)
    goal = shocked(s, tm=0.3)
    own, mended = Newton(s, mend=False).solve(goal), Newton(s).solve(goal)
    assert own.converged
    assert mended.converged
    assert mended.factorisations < own.factorisations
    np.testing.assert_allclose(s.pack(mended.values), s.pack(own.values), rtol=1e-9, atol=1e-10)


def test_a_solve_does_not_depend_on_the_solves_before_it():
    """The benchmark's factors are shared, what a solve learns is not: the same bits in any order."""
    s = system("full")
    newton = Newton(s)
    first = newton.solve(shocked(s, tm=0.3))
    newton.solve(shocked(s, tm=0.9))
    again = newton.solve(shocked(s, tm=0.3))
    np.testing.assert_array_equal(s.pack(first.values), s.pack(again.values))


def test_any_start_leads_to_the_same_point():
    """Starts 20 % off in every price and quantity."""
    s = system("full")
    newton = Newton(s)
    goal = shocked(s, tm=0.3)
    expected = newton.solve(goal)
    for seed in range(5):
        rough = random_point(s.model, seed, 0.2)
        start = s.unpack(s.pack(rough), goal)
        found = newton.solve(start)
        assert found.converged
        np.testing.assert_allclose(s.pack(found.values), s.pack(expected.values), rtol=1e-9, atol=1e-11)


def test_too_few_steps_are_no_convergence():
    s = system("full")
    found = Newton(s).solve(shocked(s, tm=0.5), iterations=1)
    assert (found.converged, found.iterations) == (False, 1)
    assert found.residual > 1e-11


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_numbers_that_make_no_sense_are_no_convergence(bad):
    """A tariff of minus one hundred per cent, or none at all: no exception, no result."""
    s = system("full")
    start = s.model.start()
    start["tm"] = np.full_like(start["tm"], bad)
    assert not Newton(s).solve(start).converged


def test_a_point_with_a_negative_quantity_is_no_convergence():
    """Foreign saving so negative that investment must be too: the equations have a root, the economy has none."""
    s = system("plain")
    start = s.model.start()
    start["sf"] = start["sf"] + np.array(
        [-0.9, 0.9 * s.model.constants["income0"][0] / s.model.constants["income0"][1]]
    )
    found = Newton(s).solve(start)
    assert not found.converged or (found.values["inv"] > 0.0).all()
