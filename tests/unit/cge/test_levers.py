"""Levers: what is held is reached by what is freed, and swaps that cannot be are refused with their names."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from cge import accounts
from cge.errors import ModelError, PolicyError
from cge.model import Model
from cge.pyomo_model import build
from cge.solvers import Problem, Quota
from cge.swaps import Swap
from tests.solved import CLOSURES, shock, world

SEED = 1
WORLD = world(SEED)
P = WORLD.parameters.data


def ones(name, **at):
    array = xr.zeros_like(P[name])
    array.loc[at] = 1.0
    return array


def lend(region):
    """A pattern of foreign saving: what the region borrows, the others lend in proportion to their income."""
    others = P["income0"].where(P["region"] != region, 0.0)
    return ones("sf0", region=region) - (others > 0) * float(P["income0"].sel(region=region)) / float(others.sum())


TARIFFS = {"free": "tm", "pattern": ones("tm0", importer="r1")}
REVENUE = Swap("revenue", "tariff_revenue", ones("income0", region="r1"), **TARIFFS, change=0.2)
BALANCE = {"hold": "trade_balance", "cells": ones("income0", region="r1")}


@pytest.fixture(scope="module")
def standard():
    return Problem(WORLD.parameters)


def test_a_uniform_tariff_reaches_a_revenue(standard):
    solved = standard.solve(swaps=[REVENUE])
    revenue = solved.data["tariffs"].sel(region="r1") / P["tariffs0"].sel(region="r1")
    assert float(revenue) == pytest.approx(1.2, rel=1e-9)
    (move,) = solved.swaps
    assert move.lever > 0
    moved = solved.data["tm"] - P["tm0"]
    assert moved.sel(importer="r1").values[P["trade"].sel(importer="r1").values > 0] == pytest.approx(move.lever)
    assert not moved.sel(importer=["r0", "r2"]).any()
    assert move.now / move.base == pytest.approx(1.2)
    # the same tariffs, set, are the same equilibrium
    again = standard.solve({"tm": solved.data["tm"]})
    for name in ("py", "income", "flow"):
        np.testing.assert_allclose(again.data[name], solved.data[name], atol=1e-9)


def test_a_swap_at_the_benchmark_with_no_shock_moves_nothing(standard):
    (move,) = standard.solve(swaps=[Swap("s", "tariff_revenue", REVENUE.cells, **TARIFFS)]).swaps
    assert move.lever == pytest.approx(0.0, abs=1e-12)


def test_a_lever_moves_around_what_a_scenario_sets(standard):
    levels = shock(WORLD.parameters, 3)
    subsidy = Swap("subsidy", "proceeds", None, "to", ones("to0", region="r0", sector="s0"), level=-20.0)
    x = standard.solve(levels, swaps=[REVENUE, subsidy]).data
    lever = x["lever"].sel(swap="subsidy")
    assert float(
        x["to"].sel(region="r0", sector="s0") - levels["to"].sel(region="r0", sector="s0") - lever
    ) == pytest.approx(0.0, abs=1e-15)
    outlay = lever * (P["output"] * x["py"] * x["y"]).sel(region="r0", sector="s0") / x["pworld"]
    assert float(outlay) == pytest.approx(-20.0, rel=1e-9)
    assert float(x["tariffs"].sel(region="r1") / P["tariffs0"].sel(region="r1")) == pytest.approx(1.2, rel=1e-9)


ACCOUNTS = {
    "te": lambda p, x: accounts.shipped(p, x) * accounts.by_flow(x["px"]),
    "to": lambda p, x: accounts.output_volume(p, x) * x["py"],
    "tf": lambda p, x: accounts.factor_volume(p, x) * x["pf"],
    "ti": lambda p, x: accounts.input_volume(p, x) * x["pa"].rename(sector="input"),
    "tc": lambda p, x: accounts.final_volume(p, x) * x["pa"],
    "td": lambda p, x: x["factor_earnings"] * p["income0"],
    "lumpsum": lambda p, x: x["cpi"] * p["income0"],
}


@pytest.mark.parametrize("free", ACCOUNTS)
def test_the_proceeds_of_every_tax_are_what_its_account_says(free):
    pattern = xr.zeros_like(P["income0"] if free == "lumpsum" else P[free + "0"])
    pattern.loc[{"exporter" if free == "te" else "region": "r0"}] = 1.0
    # with a government of its own: the regional household has no direct and lump-sum taxes
    solved = Problem(WORLD.parameters, CLOSURES["deficit"]).solve(
        swaps=[Swap("s", "proceeds", None, free, pattern, level=10.0)]
    )
    base = (ACCOUNTS[free](*accounts.labelled_point(WORLD.parameters, solved.data)) * pattern).sum()
    assert float(base) * solved.swaps[0].lever == pytest.approx(10.0, rel=1e-8)


def test_a_target_far_away_is_reached_along_a_path(standard):
    (move,) = standard.solve(swaps=[replace(REVENUE, change=2.5)]).swaps
    assert move.now / move.base == pytest.approx(3.5)
    assert move.lever > 0.5


def test_ipopt_alone_finds_what_newton_finds(standard):
    found = Problem(WORLD.parameters, method="ipopt").solve(swaps=[REVENUE])
    assert found.proof.method == "ipopt"
    assert found.swaps[0].lever == pytest.approx(standard.solve(swaps=[REVENUE]).swaps[0].lever, abs=1e-8)


def flow_with(rent):
    cells = np.argwhere(((P["rho0"].values > 0.0) == rent) & (P["trade"].values > 0.0))
    labels = [[str(x) for x in P.coords["region"].values]] * 2 + [[str(x) for x in P.coords["sector"].values]]
    i, r, s = next(cell for cell in cells if cell[0] != cell[1])
    return labels[0][i], labels[1][r], labels[2][s]


def hold_volume(flow):
    at = dict(zip(("exporter", "importer", "sector"), flow, strict=True))
    return Swap("volume", "trade_volume", ones("trade", **at), "tm", ones("tm0", **at), change=-0.3)


def test_a_volume_that_is_held_by_a_tariff_is_an_auctioned_quota(standard):
    flow = flow_with(rent=False)
    by_tariff = standard.solve(swaps=[hold_volume(flow)])
    by_quota = standard.solve(quotas=[Quota((flow,), 0.7, licence={"treasury": 1.0})])
    assert by_tariff.swaps[0].lever > 0.0
    for name in ("income", "py", "flow"):
        np.testing.assert_allclose(by_tariff.data[name], by_quota.data[name], atol=1e-9)


def test_a_tariff_cannot_move_a_volume_that_a_quota_holds_unless_the_quota_ends(standard):
    flow = flow_with(rent=True)
    with pytest.raises(ModelError, match="without a solution: hold volume, free"):
        standard.solve(swaps=[hold_volume(flow)])
    solved = standard.solve(quotas=[Quota((flow,), np.inf)], swaps=[hold_volume(flow)])
    assert float(solved.data["flow"].sel(exporter=flow[0], importer=flow[1], sector=flow[2])) == pytest.approx(0.7)


def test_a_managed_exchange_rate_is_foreign_saving_that_gives_way(standard):
    swap = Swap("rate", "real_exchange_rate", ones("income0", region="r1"), "sf", lend("r1"), change=-0.02)
    x = standard.solve(swaps=[swap]).data
    weights = standard.parameters.data["partner"].sel(importer="r1", drop=True).rename(exporter="region")
    others = float((weights * x["cpi"]).sum())
    assert float(x["cpi"].sel(region="r1")) / others == pytest.approx(0.98, rel=1e-9)
    assert float(x["lending"]) == pytest.approx(0.0, abs=1e-12)
    assert float(x["sf"].sel(region="r1")) < float(P["sf0"].sel(region="r1"))


def test_a_trade_balance_target_is_reached_by_the_return_that_a_global_bank_asks():
    bank = Problem(WORLD.parameters, CLOSURES["bank"])
    swap = Swap("s", **BALANCE, free="gap", pattern=ones("income0", region="r1"), change=-0.3)
    x = bank.solve(swaps=[swap]).data
    assert float(x["sf"].sel(region="r1")) == pytest.approx(0.7 * float(P["sf0"].sel(region="r1")), rel=1e-9)
    assert float(x["gap"].sel(region="r1")) > 1.0  # capital must promise more to come from home


def test_pyomo_has_levers_too():
    model = Model(WORLD.parameters, swaps=[REVENUE])
    pyomo = build(model)
    assert pyomo.lever["revenue"].value == 0.0
    assert len(pyomo.eq_moved_tm) == int((P["trade"].sel(importer="r1") > 0).sum())


@pytest.mark.parametrize(
    ("closure", "swaps", "reason"),
    [
        ("regional", [Swap("deficit", **BALANCE, **TARIFFS)], "without a solution: hold deficit, free tm"),
        ("bank", [Swap("deficit", **BALANCE, free="sf", pattern=lend("r1"))], r"sf\[r0\].*is endogenous"),
        (
            "regional",
            [Swap("gap", **BALANCE, free="gap", pattern=ones("income0", region="r1"))],
            r"gap\[r1\].*is endogenous",
        ),
        (
            "regional",
            [REVENUE, Swap("again", "income", REVENUE.cells, **TARIFFS)],
            "without a solution: hold revenue, free tm; hold again, free tm",
        ),
    ],
)
def test_a_swap_that_leaves_no_solution_is_named_before_any_solve(closure, swaps, reason):
    chosen = Problem(WORLD.parameters, CLOSURES[closure])
    with pytest.raises(ModelError, match=reason):
        chosen.solve(swaps=swaps)
    assert chosen.solve({}).proof.max_residual < 1e-9  # the problem is as it was


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"free": "pworld"}, "pworld cannot be made endogenous"),
        ({"hold": "happiness"}, "unknown outcome happiness"),
        ({"pattern": xr.zeros_like(P["tm0"])}, "moves nowhere"),
        ({"hold": "proceeds", "cells": None, "free": "tau"}, "tau yields no revenue"),
        ({"cells": None}, "cells are for every outcome but the proceeds"),
        ({"hold": "output", "cells": xr.zeros_like(P["output"])}, "nothing to hold"),
    ],
)
def test_a_swap_that_cannot_be_is_refused(change, reason):
    given = {"name": "s", "hold": "tariff_revenue", "cells": REVENUE.cells, **TARIFFS} | change
    with pytest.raises(PolicyError, match=reason):
        Model(WORLD.parameters, swaps=[Swap(**given)])


def test_two_swaps_of_one_name_are_refused():
    with pytest.raises(PolicyError, match="two swaps are called revenue"):
        Model(WORLD.parameters, swaps=[REVENUE, REVENUE])
