"""Users' own sourcing: equal mixes and taxes are the base structure; any others keep every account, and decompose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from cge.calibration.shares import calibrate
from cge.closure import Closure
from cge.decomposition import decompose
from cge.errors import ModelError
from cge.solvers import Problem
from cge.solvers.sensitivity import Shock, trace
from cge.welfare import welfare
from tests.solved import shock, world

USERS = Closure(blocks=("users",))


@pytest.fixture(scope="module")
def own():
    """A random world whose users buy at home in their own proportions and pay taxes of their own on it."""
    base = world(1, rents=False)
    p, rng = base.parameters.data, np.random.default_rng(7)
    use = {"input": p["input_use"], "final": p["final_use"]}
    tax = {"input": p["ti0"] * p["input_use"], "final": p["tc0"] * p["final_use"]}
    share = {"input": p["share_home"].rename(sector="input"), "final": p["share_home"]}
    lean = {name: 1.0 + 0.1 * rng.uniform(-1.0, 1.0, array.shape) for name, array in use.items()}
    sold = {name: (use[name] * share[name]).transpose(*use[name].dims) for name in use}
    # leaning by users, scaled so that sales of every home good are the benchmark's
    home = {name: sold[name] * lean[name] for name in use}
    total = home["input"].sum("sector").rename(input="sector") + home["final"].sum("agent")
    scale = (p["domestic"] / total.where(total != 0.0)).fillna(1.0)
    home = {"input": home["input"] * scale.rename(sector="input"), "final": home["final"] * scale}
    home = {name: xr.where(abs(home[name]) < abs(use[name]), home[name], use[name]) for name in use}
    given = {f"{name}_home": home[name].transpose(*use[name].dims) for name in use}
    given |= {
        f"{name}_home_tax": tax[name] * home[name] / use[name].where(use[name] != 0.0, 1.0)
        + 0.05 * abs(home[name]) * rng.uniform(0.0, 1.0, use[name].shape) * (abs(home[name]) < 0.95 * abs(use[name]))
        for name in use
    }
    return calibrate(base.benchmark, base.elasticities.assign(given))


def test_equal_mixes_and_taxes_are_the_base_structure():
    p = world(1).parameters
    standard = Problem(p, certificate="arrays").solve(shock(p, 1)).data
    users = Problem(p, USERS, certificate="arrays").solve(shock(p, 1)).data
    for name in standard:
        np.testing.assert_allclose(users[name], standard[name], rtol=0, atol=1e-9, err_msg=str(name))
    assert users.attrs["structure"] == "users"


def test_users_apart_have_their_proof_and_differ(own):
    """Pyomo and IPOPT certify it, and accounts that no equation imposes balance (the proof holds both)."""
    found = Problem(own, USERS).solve(shock(own, 1))
    assert found.proof.identities < 1e-9
    standard = Problem(own, certificate="arrays").solve(shock(own, 1)).data
    assert (abs(welfare(own, found.data)["ev_musd"] - welfare(own, standard)["ev_musd"]) > 1e-3).any()


def test_a_tax_on_imports_alone_moves_users_to_home_goods(own):
    p = own.including(USERS.added)
    rate = p.data["tc_import0"] + 0.1
    problem = Problem(own, USERS, certificate="arrays")
    new = problem.solve({"tc_import": rate}).data
    assert (new["qm"].values < 1.0 + 1e-12).mean() > 0.9
    assert float(new["final_taxes"].sum()) > float(p.data["final_taxes0"].sum())


@pytest.mark.slow  # two paths of certified solutions
def test_the_decomposition_closes(own):
    start = own.data
    shocks = {"all": Shock({n: v - start[f"{n}0"] for n, v in shock(own, 1, tm=True, ti=True, tc=True).items()})}
    parts = {}
    for steps in (2, 4):
        path = trace(Problem(own, USERS, certificate="arrays"), shocks, steps)
        found = decompose(own, path, order=2)
        parts[steps] = float(abs(found.residual).max())
    assert parts[4] < 0.3 * parts[2]
    assert parts[4] < 1e-2 * float(abs(found.ev).max())


def test_home_goods_that_do_not_sum_to_home_sales_are_refused(own):
    broken = dict(own.given)
    broken["input_home"] = broken["input_home"] * 0.5
    with pytest.raises(ModelError, match=r"users buy .* of home goods"):
        replace(own, given=broken).including(USERS.added)
