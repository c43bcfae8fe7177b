"""Regimes of quotas as a complementarity problem: pivots end where plain switching goes round, and tell a circle."""

import numpy as np
import pytest

from cge.quotas import Limits, Pivots, regimes, violation

# A P-matrix and a vector on which switching all that ask at once goes round for ever.
MATRIX = np.array([[1.0, 1.0, -2.0], [0.0, 1.0, -2.0], [2.0, 0.0, 1.0]])
VECTOR = np.array([-1.0, -3.0, 2.0])


def bounds(n, high=np.inf):
    return Limits(np.ones(n), np.zeros(n), np.full(n, high), np.zeros((n, 3)), np.zeros(n))


def point(matrix, vector, state, high):
    """Premiums and volumes of a linear world: w = q + M z, with volumes 1 - w."""
    z = np.where(np.array(state) == "above", high, 0.0)
    binds = np.array(state) == "binding"
    if binds.any():
        known = vector + matrix @ z
        z[binds] = np.linalg.solve(matrix[np.ix_(binds, binds)], -known[binds])
    return z, 1.0 - (vector + matrix @ z)


def solve(matrix, vector, high=np.inf, choose=None):
    n = len(vector)
    state, pivots = ("slack",) * n, Pivots()
    for step in range(500):
        z, volume = point(matrix, vector, state, high if np.isfinite(high) else 0.0)
        wanted = regimes(state, z, volume, bounds(n, high))
        if wanted == state:
            return state, z, volume, step
        state = choose(state, wanted) if choose else pivots.move(state, wanted)
        if state is None:
            return None
    return None


def test_switching_all_at_once_goes_round_and_the_pivots_do_not():
    assert solve(MATRIX, VECTOR, choose=lambda state, wanted: wanted) is None
    state, z, volume, _ = solve(MATRIX, VECTOR)
    assert violation(state, z, volume, bounds(3)) < 1e-12


@pytest.mark.parametrize("high", [np.inf, 0.4])
def test_random_problems_of_many_limits_are_solved(high):
    rng = np.random.default_rng(0)
    for _ in range(60):
        skew = rng.normal(size=(40, 40))
        matrix = np.eye(40) * rng.uniform(0.5, 2.0, 40) + 0.4 * (skew - skew.T)  # positive definite, far from symmetric
        state, z, volume, _ = solve(matrix, rng.normal(size=40), high)
        assert violation(state, z, volume, bounds(40, high)) < 1e-9
        assert len(set(state)) == (2 if np.isinf(high) else 3)


def test_a_circle_of_single_moves_is_told():
    pivots, state = Pivots(), ("slack",)
    moves = 0
    while state is not None:  # what is asked for is always the other regime
        state = pivots.move(state, ("binding",) if state == ("slack",) else ("slack",))
        moves += 1
        assert moves < 20


def test_every_inequality_counts():
    limit = Limits(np.ones(3), np.zeros(3), np.full(3, 0.2), np.zeros((3, 3)), np.zeros(3))
    fine = violation(("slack", "binding", "above"), np.array([0.0, 0.1, 0.2]), np.array([0.9, 1.0, 1.5]), limit)
    assert fine == 0.0
    for state, premium, volume, broken in (
        ("slack", 0.0, 1.03, 0.03),
        ("slack", 0.05, 0.9, 0.05),
        ("binding", 0.25, 1.0, 0.05),
        ("binding", -0.01, 1.0, 0.01),
        ("binding", 0.1, 1.02, 0.02),
        ("above", 0.2, 0.9, 0.1),
        ("above", 0.1, 1.5, 0.1),
    ):
        one = Limits(*(array[:1] for array in (limit.limit, limit.low, limit.high, limit.licence, limit.whole)))
        assert violation((state,), np.array([premium]), np.array([volume]), one) == pytest.approx(broken)
