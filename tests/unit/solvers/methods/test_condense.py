"""Eliminating defined variables leaves the Schur complement on the core."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cge.solvers.methods.condense import Condenser


def matrix(seed, sizes, core):
    """Groups that use only groups before them and the core, as definitions do, and a core that uses everything."""
    rng = np.random.default_rng(seed)
    stops = np.cumsum(sizes, dtype=int)
    n = int(stops[-1]) if sizes else 0
    dense = rng.normal(size=(n + core, n + core)) * (rng.random((n + core, n + core)) < 0.5)
    groups = {
        f"g{k}": slice(int(stop) - size, int(stop)) for k, (stop, size) in enumerate(zip(stops, sizes, strict=True))
    }
    for span in groups.values():
        dense[span, span.start : n] = 0.0
        dense[span, span] = np.eye(span.stop - span.start)
    return dense, groups, slice(n, n + core)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 5), max_size=6), st.integers(0, 5))
def test_the_core_is_the_schur_complement(seed, sizes, size):
    """With groups of any number and size, none included, and a core of any size, none included."""
    dense, groups, core = matrix(seed, sizes, size)
    condenser = Condenser(groups, core)
    d = slice(0, core.start)
    expected = dense[core, core] - dense[core, d] @ np.linalg.solve(dense[d, d], dense[d, core])
    for _ in range(2):  # the second time in the order found at the first
        np.testing.assert_allclose(condenser.core(sp.csr_array(dense)), expected, rtol=1e-9, atol=1e-9)


def test_a_group_that_does_not_define_its_variables_is_refused():
    dense, groups, core = matrix(1, [2, 3], 2)
    dense[2, 2] = 2.0
    with pytest.raises(ValueError, match="group 1 of the system does not define its variables"):
        Condenser(groups, core).core(sp.csr_array(dense))
