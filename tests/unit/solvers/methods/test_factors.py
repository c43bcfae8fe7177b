"""Block elimination solves what one factorisation of the whole solves, whatever the blocks look like."""

import numpy as np
import pytest

from cge.solvers.methods import factors
from cge.solvers.methods.factors import BlockFactors


def triangular(seed, prices=6, quantities=6, rest=3):
    """Prices that hold no quantity, as unit costs do, with rows and columns of blocks in different orders."""
    rng = np.random.default_rng(seed)
    n = prices + quantities + rest
    matrix = rng.normal(size=(n, n)) * 0.2
    p, q = slice(0, prices), slice(prices, prices + quantities)
    matrix[p, p] += np.eye(prices)
    matrix[q, q] += np.eye(quantities)
    matrix[n - rest :, n - rest :] += 2.0 * np.eye(rest)
    matrix[p, q] = 0.0
    order = np.r_[q, p, prices + quantities : n]  # columns: quantities first
    return matrix[:, order], [p, q, slice(n - rest, n)], [slice(0, quantities), slice(quantities, n - rest)]


@pytest.mark.parametrize("seed", range(5))
def test_the_solution_is_that_of_the_whole(monkeypatch, seed):
    monkeypatch.setattr(factors, "SMALLEST", 2)
    matrix, rows, columns = triangular(seed, prices=8, quantities=8)
    right = np.random.default_rng(seed).normal(size=len(matrix))
    made = BlockFactors(matrix.copy(), rows, columns)
    assert len(made._pivots) == 2
    np.testing.assert_allclose(made.solve(right), np.linalg.solve(matrix, right), rtol=1e-9, atol=1e-11)


def test_a_singular_block_is_left_to_the_whole(monkeypatch):
    """The whole is regular, its blocks are not: zeros on the diagonal of both."""
    monkeypatch.setattr(factors, "SMALLEST", 2)
    matrix, rows, columns = triangular(1, prices=8, quantities=8)
    matrix[rows[0], columns[1]][:, 0] = 0.0
    matrix[0, -1] = 1.0
    right = np.arange(1.0, len(matrix) + 1.0)
    made = BlockFactors(matrix.copy(), rows, columns)
    np.testing.assert_allclose(matrix @ made.solve(right), right, rtol=1e-8, atol=1e-8)


def test_without_blocks_it_is_plain_lu():
    matrix = np.random.default_rng(0).normal(size=(7, 7))
    right = np.ones(7)
    np.testing.assert_allclose(BlockFactors(matrix.copy()).solve(right), np.linalg.solve(matrix, right), rtol=1e-10)


def test_small_blocks_are_not_worth_it():
    matrix, rows, columns = triangular(2)
    assert not BlockFactors(matrix.copy(), rows, columns)._pivots
