"""Solves by the Jacobian and by its transpose."""

from __future__ import annotations

import numpy as np
import pytest

from cge.solvers.methods.factors import BlockFactors
from cge.solvers.methods.linear import Factors
from tests.points import random_point, system


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("sides", [(), (3,)])
@pytest.mark.parametrize("shape", ["full", "CET"])
def test_a_solution_solves(shape, sides, transposed):
    s = system(shape)
    jacobian = s.linearise(random_point(s.model, 1, 0.1)).jacobian
    right = np.random.default_rng(0).normal(size=(s.size, *sides))
    x = Factors(s, jacobian).solve(right, transposed=transposed)
    np.testing.assert_allclose((jacobian.T if transposed else jacobian) @ x, right, atol=1e-8)


@pytest.mark.parametrize("transposed", [False, True])
def test_blocks_that_are_eliminated_by_themselves_are_solved_with_either_way(transposed):
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(350, 350)) + 30.0 * np.eye(350)
    matrix[:150, 160:] = 0.0  # the first block of rows touches ten other columns
    factors = BlockFactors(matrix.copy(), [slice(0, 150)], [slice(0, 150)])
    assert factors._pivots
    right = rng.normal(size=(350, 2))
    x = factors.solve(right, transposed=transposed)
    np.testing.assert_allclose((matrix.T if transposed else matrix) @ x, right, atol=1e-10)
