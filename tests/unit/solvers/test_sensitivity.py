"""Slopes of a solution, and paths of solutions with their kinks."""

from itertools import pairwise

import numpy as np
import pytest

from cge.accounts import benchmark_point
from cge.quotas import phased
from cge.solvers import Problem, Quota
from cge.solvers.sensitivity import Shock, slopes, trace
from tests.solved import CLOSURES, shock, world

FLOW = ("r0", "r1", "s0")
LICENCE = {"treasury": 1.0}


def problem(closure="regional", **options):
    drawn = world(4, cet=2.0, eta=0.5, regions=2, sectors=2, **options)
    return Problem(drawn.parameters, CLOSURES[closure], certificate="arrays")


def changes(parameters, seed=1, scale=0.3, **only):
    base = benchmark_point(parameters)
    return {name: level - base[name] for name, level in shock(parameters, seed, scale, **only).items()}


@pytest.mark.parametrize("closure", ["regional", "bank", "lump-sum"])
def test_slopes_are_those_of_neighbouring_solutions(closure):
    found = problem(closure)
    moved = changes(found.parameters, tm=True, to=True, tfp=True)
    base = benchmark_point(found.parameters)

    def solve(share):
        return found.solve({name: base[name] + share * change for name, change in moved.items()}).data

    here, h = solve(0.5), 1e-4
    found = found.prepared(moved, store=None)
    values = {name: here[name].values.astype(float) for name in found.model.symbols}
    system = found.model.system(found.closure.held(found.model))
    rate = slopes(system, values, {"all": {name: change.values for name, change in moved.items()}})["all"]
    up, down = solve(0.5 + h), solve(0.5 - h)
    for name in ("y", "pa", "flow", "w", "income", "inv", "g", "v"):
        np.testing.assert_allclose(rate[name], (up[name] - down[name]).values / (2 * h), rtol=1e-5, atol=1e-7)


def test_shocks_add_up_at_the_end_of_a_path():
    found = problem()
    moved = changes(found.parameters)
    one, two = ({name: moved[name] for name in names} for names in (["tm", "te", "to"], ["tm", "tfp"]))
    (stretch,) = trace(found, {"one": Shock(one), "two": Shock(two)}, 2)
    assert stretch.at == (0.0, 0.5, 1.0)
    base = benchmark_point(found.parameters)
    both = {name: base[name] + one.get(name, 0.0) + two.get(name, 0.0) for name in {**one, **two}}
    np.testing.assert_allclose(stretch.points[-1]["y"], found.solve(both).data["y"], rtol=1e-9)
    np.testing.assert_allclose(stretch.points[0]["y"], 1.0, rtol=1e-9)


@pytest.mark.parametrize(
    ("quota", "pieces"),
    [
        (Quota((FLOW,), 0.9, licence=LICENCE), 1),  # binds from the first
        (Quota((FLOW,), 1.01, licence=LICENCE), 2),  # begins to bind
        (Quota((FLOW,), 0.9, ceiling=0.01), 2),  # binds, then reaches its ceiling
        (Quota((FLOW,), 1.005, ceiling=0.001), 3),  # both on the way
    ],
)
def test_a_path_is_cut_where_a_quota_changes_its_regime(quota, pieces):
    found = problem(rents=False).prepared(quotas=[quota], store=None)
    more = changes(found.parameters, endow=True, scale=1.0)
    path = trace(found, {"all": Shock({"endow": abs(more["endow"])}, (quota,))}, 3)
    assert len(path) == pieces
    for first, second in pairwise(path):
        assert first.at[-1] == second.at[0]
        edge = first.points[-1]
        ends = (0.0, phased(found.model.parameters, quota, first.at[-1]).ceiling)
        assert float(edge["volume"][0] / phased(found.model.parameters, quota, first.at[-1]).volume) == pytest.approx(1)
        assert min(abs(float(edge["premium"][0]) - end) for end in ends) < 1e-7
    assert path[0].at[0] == 0.0
    assert path[-1].at[-1] == 1.0


def test_a_quota_is_phased_in_from_the_benchmark():
    free = problem(rents=False)
    free = free.prepared(quotas=[Quota((FLOW,), 0.8)], store=None)
    new = Quota((FLOW,), 0.8, ceiling=0.2)
    assert phased(free.model.parameters, new, 0.0).volume == 1.0
    assert phased(free.model.parameters, new, 0.5).volume == pytest.approx(0.9)
    assert phased(free.model.parameters, Quota((FLOW,), 1.3), 0.0).volume == 1.3

    parameters = world(1, regions=2, sectors=3).parameters  # with rents
    k = 0
    flow = tuple(parameters.labels["quota"][k].split("-"))
    premium = float(parameters.arrays["premium0"][k])
    gone = Quota((flow,), np.inf)
    assert [phased(parameters, gone, share).floor for share in (0.0, 1.0)] == [premium, 0.0]
    moved = Quota((flow,), 1.2, ceiling=premium / 2.0, licence=LICENCE)
    first, last = phased(parameters, moved, 0.0), phased(parameters, moved, 1.0)
    assert (first.volume, first.ceiling) == (1.0, premium)
    assert (last.volume, last.ceiling, last.licence["treasury"]) == (1.2, premium / 2.0, 1.0)
    assert list(first.licence.values()) == pytest.approx(list(parameters.arrays["licence0"][k]))
