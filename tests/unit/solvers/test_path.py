"""A path of shocks reaches what Newton's method reaches, and says how far it came where it cannot."""

import numpy as np

from cge.solvers.logarithms import LogNewton
from cge.solvers.path import follow
from tests.points import system


def test_the_path_ends_where_newton_ends():
    s = system("full")
    newton = LogNewton(s)
    goal = s.model.start()
    goal["tm"] = goal["tm"] + 1.0
    goal["tfp"] = goal["tfp"] * 0.8
    done = []
    found = follow(newton, s.model.start(), goal, watch=done.append)
    assert found.converged
    assert done == sorted(done)
    assert done[-1] == 1.0
    expected = newton.solve(goal)
    np.testing.assert_allclose(s.pack(found.values), s.pack(expected.values), rtol=1e-9, atol=1e-11)
    for name in ("tm", "tfp"):
        np.testing.assert_array_equal(found.values[name], goal[name])


def test_a_path_that_leads_nowhere_ends_before_it():
    """No endowment is left at the end of the path: what is returned is not converged, and holds the goal."""
    s = system("plain")
    goal = s.model.start()
    goal["endow"] = goal["endow"] - 1.5
    done = [0.0]
    found = follow(LogNewton(s), s.model.start(), goal, watch=done.append)
    assert not found.converged
    assert 0.3 < done[-1] == found.done < 1.0
    assert found.negative
    np.testing.assert_array_equal(found.values["endow"], goal["endow"])
    assert np.isfinite(s.pack(found.values)).all()
