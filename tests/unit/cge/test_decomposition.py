"""The welfare decomposition closes at every point and along every path, and its parts are what they say."""

from functools import cache

import numpy as np
import pytest
import xarray as xr

from cge import accounts
from cge.accounts import benchmark_point
from cge.closure import Closure
from cge.decomposition import EFFECTS, Stretch, coordinates, decompose, rates, weights
from cge.decomposition import PARTS as OF_BASE
from cge.equations.structures import BLOCKS
from cge.solvers import Problem, Quota
from cge.solvers.sensitivity import Shock, trace
from cge.welfare import ev
from tests.solved import CLOSURES, shock, world

FLOW = ("r0", "r1", "s0")
ALL = CLOSURES | {
    "direct-tax": Closure(household="separate", government="direct-tax"),
    "consumption-tax": Closure(household="separate", government="consumption-tax"),
    "long": Closure(capital="long"),
    "long-direct-tax": Closure(household="separate", government="direct-tax", capital="long"),
    "real-exchange-rates": Closure(saving="real-exchange-rates", labour="supply"),
}
FREED = {
    "bank": ["sf"],
    "unemployment": ["endow"],
    "long": ["endow"],
    "long-direct-tax": ["endow"],
    "real-exchange-rates": ["sf", "endow"],
}

PARTS = {**OF_BASE, **BLOCKS["separate"].parts, **BLOCKS["long-run"].parts}


def moves(closure, parameters, scale=0.3):
    """Two shocks that touch every instrument which the closure holds."""
    base = benchmark_point(parameters)
    freed = FREED.get(closure, [])
    levels = {name: level for name, level in shock(parameters, 1, scale).items() if name not in freed}
    changes = {name: level - base[name] for name, level in levels.items()}
    names = sorted(changes)
    return {"one": {n: changes[n] for n in names[::2]}, "two": {n: changes[n] for n in names[1::2]}}


@cache
def solved(closure, rents=True):
    options = {"inner_trade": True, "margins": True, "rents": rents}
    return Problem(world(4, 2.0, 0.5, regions=2, sectors=2, **options).parameters, ALL[closure], certificate="arrays")


def follow(closure="regional", steps=4, quotas=(), by_shock=True, scale=0.3, rents=False):
    problem = solved(closure, rents)
    one, two = moves(closure, problem.parameters, scale).values()
    path = trace(problem, {"one": Shock(one), "two": Shock(two, tuple(quotas))}, steps, by_shock=by_shock)
    return problem.model.parameters, path


def relative(found):
    return float(abs(found.residual).max() / abs(found.ev).max())


@pytest.mark.parametrize("closure", ALL)
def test_at_a_point_the_parts_are_the_slope_of_welfare(closure):
    """Against a finite difference of EV between two solutions, and part by part of what moves."""
    p, path = follow(closure, steps=2)
    h, middle, slope = 1e-3, path[0].points[1], path[0].slopes[1]
    found = rates(p, middle, slope.sum("shock"))
    problem = solved(closure, False)
    base = benchmark_point(p)
    changes = [dict(each) for each in moves(closure, p).values()]

    def solve(share):
        moved = {n: base[n] + share * each[n] for each in changes for n in each}
        return problem.solve(moved, start=None).data

    up, down = solve(0.5 + h), solve(0.5 - h)
    total = sum(part.sum([a for a in part.dims if a != PARTS[n].region]).values for n, part in found.items())
    truth = (ev(p, up) - ev(p, down)).values / (2 * h)
    np.testing.assert_allclose(total, truth, rtol=2e-5, atol=1e-5 * abs(truth).max())
    above, below, worth = coordinates(p, up), coordinates(p, down), weights(p, middle)
    for name, part in found.items():
        differences = worth[name] * (above[name] - below[name]) / (2 * h)
        np.testing.assert_allclose(part, differences.transpose(*part.dims), rtol=1e-4, atol=1e-5 * abs(truth).max())


@pytest.mark.parametrize("by_shock", [False, True])
def test_the_residual_falls_as_theory_says(by_shock):
    paths = [follow(steps=steps, by_shock=by_shock) for steps in (2, 4)]
    for order, falls in ((2, 4.0), (4, 16.0)):
        coarse, fine = (abs(decompose(*path, order).residual).max() for path in paths)
        assert float(coarse / fine) == pytest.approx(falls, rel=0.35)


@pytest.mark.parametrize("closure", ALL)
def test_it_closes_under_every_closure(closure):
    assert relative(decompose(*follow(closure, steps=4, by_shock=False, rents=True))) < 1e-6


@pytest.mark.parametrize(
    "quota",
    [
        Quota((FLOW,), 1.5),  # slack
        Quota((FLOW,), 0.9, licence={"exporter": 0.5, "treasury": 0.5}),  # binding
        Quota((FLOW,), 0.9, ceiling=0.01, licence={"importer": 1.0}),  # above
        Quota((FLOW,), 1.01, ceiling=0.02, licence={"exporter": 1.0}),  # from one into the other
    ],
)
def test_it_closes_in_every_regime_of_a_quota(quota):
    """With its licences moving too; the same path with and without its slopes."""
    p, path = follow(steps=4, quotas=[quota])
    assert relative(decompose(p, path)) < 1e-5
    assert relative(decompose(p, [Stretch(each.at, each.points) for each in path])) < 1e-5


def test_shares_of_shocks_sum_to_the_whole_in_any_order():
    p, path = follow(steps=4)
    whole = decompose(p, [Stretch(each.at, each.points) for each in path])
    split = decompose(p, path)
    for name in whole.parts:
        np.testing.assert_allclose(
            split.total(name).sum("shock"), whole.total(name), atol=2e-5 * float(abs(whole.ev).max())
        )
    problem = solved("regional", False)
    one, two = moves("regional", p).values()
    turned = decompose(p, trace(problem, {"two": Shock(two), "one": Shock(one)}, 4, by_shock=True))
    xr.testing.assert_allclose(split.total("tariff"), turned.total("tariff").sel(shock=["one", "two"]), rtol=1e-7)
    # a shock of nothing has no share
    nothing = decompose(p, trace(problem, {"all": Shock(one | two), "none": Shock()}, 2, by_shock=True))
    assert float(abs(nothing.summary().xs("none", level="shock")).max().max()) == 0.0


def test_parts_of_a_small_change_are_the_textbook_s():
    """A tariff: revenue effect t x dM, and the prices of exports and imports at the border times their volumes."""
    problem = solved("regional", False)
    p = problem.parameters
    path = trace(problem, {"tariff": Shock({"tm": xr.full_like(p.data["tm0"], 1e-4)})}, 1)
    found, new = decompose(p, path), accounts.deflated(path[0].points[-1])
    old, t = accounts.benchmark_point(p), accounts.table(p)
    cif = (t["duty_paid"] / (1.0 + t["tm0"])).where(t["trade"] > 0, 0.0)
    harberger = (t["tm0"] + 5e-5) * cif * (new["flow"] - old["flow"])
    np.testing.assert_allclose(found.total("tariff"), accounts.of_importer(harberger), rtol=2e-3)
    fob = t["trade"] * (1.0 + t["te0"])
    gain = accounts.of_exporter(fob * (new["px"] - 1.0).rename(region="exporter"))
    np.testing.assert_allclose(found.total("export_price"), gain, rtol=2e-3)


def test_tables_add_up_and_name_their_markets():
    found = decompose(*follow(steps=2))
    table = found.table()
    assert set(table["effect"]) <= set(EFFECTS)
    assert set(table["part"]) <= set(PARTS)
    by_region = table.groupby("region")["musd"].sum()
    np.testing.assert_allclose(by_region + found.residual.to_series(), found.ev.to_series(), rtol=1e-9)
    summary = found.summary()
    assert list(summary.index.get_level_values("region").unique()) == list(found.ev["region"].values)
    np.testing.assert_allclose(summary["total_musd"].groupby("region").sum(), by_region, rtol=1e-9)
    plain = decompose(*follow(steps=2, by_shock=False)).summary()
    np.testing.assert_allclose(
        plain.drop(columns=["ev_musd", "residual_musd"]).sum(axis=1) + plain["residual_musd"], plain["ev_musd"]
    )


def test_what_cannot_be_decomposed_is_told():
    p, path = follow(steps=2)
    with pytest.raises(ValueError, match="order"):
        decompose(p, path, 3)
    with pytest.raises(ValueError, match="two solutions"):
        decompose(p, [])
