"""The Jacobian's pattern is worked out at one point and serves at every other."""

from __future__ import annotations

import numpy as np
import pytest

from cge.dual import Dual
from tests.points import SHAPES, random_point, system


def entry_by_entry(s, values):
    """The Jacobian from each equation's derivatives."""
    result = np.zeros((s.height, s.size))
    for name, numbers in s.rows.items():
        equation = s.model.equations[name]
        exists = s.model.place(equation).exists
        left, right = s.model.evaluate(equation, values, s.columns)
        row_of = np.full(exists.size, -1)
        row_of[exists.ravel()] = numbers[numbers >= 0]
        difference = left - right
        for at, column, slope in difference.triplets(exists.shape) if isinstance(difference, Dual) else ():
            there = (row_of[at] >= 0) & (column >= 0)
            np.add.at(result, (row_of[at][there], column[there]), slope[there])
    return result


@pytest.mark.parametrize("shape", SHAPES)
def test_the_pattern_of_one_point_serves_at_the_next(shape):
    s = system(shape)
    for seed in range(3):
        values = random_point(s.model, seed)
        np.testing.assert_allclose(
            s.linearise(values).jacobian.toarray(), entry_by_entry(s, values), rtol=1e-12, atol=1e-13
        )


def test_what_is_done_to_one_matrix_leaves_the_next_alone():
    s = system("full")
    values = random_point(s.model, 0)
    first = s.linearise(values).jacobian
    kept = first.toarray()
    first.data[::2] = 0.0
    first.eliminate_zeros()
    np.testing.assert_array_equal(s.linearise(values).jacobian.toarray(), kept)


def test_weights_count_the_sides_of_the_core_apart():
    s = system("full")
    values = random_point(s.model, 0)
    rng = np.random.default_rng(0)
    left, right = np.ones((2, s.height))
    left[s.core], right[s.core] = rng.uniform(0.5, 2.0, (2, s.height - s.core.start))
    weighted = s.linearise(values, (left, right)).jacobian.toarray()
    one, both = (
        s.linearise(values, (w, np.ones(s.height))).jacobian.toarray() for w in (np.zeros(s.height), np.ones(s.height))
    )
    np.testing.assert_allclose(
        weighted[s.core], (left[:, None] * (both - one) + right[:, None] * one)[s.core], atol=1e-12
    )
    np.testing.assert_array_equal(weighted[: s.core.start], both[: s.core.start])
