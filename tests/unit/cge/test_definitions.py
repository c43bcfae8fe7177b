"""Circles of definitions are broken where it costs fewest unknowns."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from cge.checks import warn_of_core
from cge.closure import CLOSURES
from cge.definitions import broken, in_order
from cge.model import Model
from tests.points import parameters


def has_circle(uses, gone):
    left = set(uses) - gone
    while free := {name for name in left if not uses[name] & left}:
        left -= free
    return bool(left)


@pytest.mark.parametrize("seed", range(20))
def test_no_cheaper_set_breaks_every_circle(seed):
    rng = np.random.default_rng(seed)
    names = [f"n{k}" for k in range(9)]
    uses = {name: frozenset(other for other in names if rng.random() < 0.2) for name in names}
    cost = {name: int(rng.integers(1, 100)) for name in names}
    found = broken(uses, cost)
    assert not has_circle(uses, found)
    every = (set(some) for count in range(len(names) + 1) for some in combinations(names, count))
    best = min(sum(cost[name] for name in some) for some in every if not has_circle(uses, some))
    assert sum(cost[name] for name in found) == best
    order = in_order(uses, [name for name in names if name not in found])
    assert all(uses[name] <= set(order[:k]) | found for k, name in enumerate(order))


@pytest.mark.parametrize("closure", CLOSURES)
def test_every_closure_has_a_core_like_the_standard_one(closure, recwarn):
    p = parameters("full", regions=3, sectors=4)
    sizes = []
    for one in (CLOSURES["standard"], CLOSURES[closure]):
        model = Model(p, one.structure())
        system = model.system(one.held(model))
        warn_of_core(system)
        sizes.append(system.core.stop - system.core.start)
    assert sizes[1] <= sizes[0] + 4 * len(p.labels["region"])
    assert not recwarn.list


def test_a_core_far_above_the_usual_one_is_said(monkeypatch):
    model = Model(parameters("full", regions=3, sectors=4), CLOSURES["lump-sum"].structure())
    monkeypatch.setattr("cge.checks.SMALL", -2000)
    with pytest.warns(UserWarning, match="unknowns are left after elimination"):
        warn_of_core(model.system(CLOSURES["lump-sum"].held(model)))
