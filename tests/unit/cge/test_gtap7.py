"""GTAP 7 as blocks: what each nests in, what the reference says of all of them, and that their accounts close."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from cge.accounts import numbers
from cge.calibration.shares import calibrate
from cge.closure import Closure
from cge.equations.structures import STRUCTURES
from cge.errors import PolicyError
from cge.solvers import Problem
from cge.solvers.saving_price import with_saving_price
from cge.welfare import cv, ev, welfare
from tests.solved import shock, world

GTAP7 = STRUCTURES["gtap7"]


def solved(parameters, blocks=(), saving="fixed", moved=None):
    levels = shock(parameters, 1, tm=True, te=True, to=True) if moved is None else moved
    return Problem(parameters, Closure(saving=saving, blocks=blocks), certificate="arrays").solve(levels)


def same(one, other, tolerance=1e-9, but=()):
    for name in (set(one.data) & set(other.data)).difference(but):
        np.testing.assert_allclose(one.data[name], other.data[name], rtol=0, atol=tolerance, err_msg=str(name))


def having(seed, **given):
    """Parameters of a random world with other numbers for blocks; `cobb_douglas` is without subsistence."""
    base = world(seed, rents=False)
    values = base.elasticities
    if given.pop("cobb_douglas", False):
        one = xr.ones_like(values["income_elasticity"])
        values = values.assign(income_elasticity=one, frisch=-1.0 + 0.0 * values["frisch"])
    like = base.parameters.data["share_cpi"]
    return calibrate(base.benchmark, values.assign({k: v + 0.0 * like for k, v in given.items()}))


def test_a_cde_of_equal_parameters_near_zero_is_cobb_douglas():
    p = having(1, cobb_douglas=True, cde_substitution=1e-4, cde_expansion=1.0)
    plain, cde = solved(p), solved(p, ("cde",))
    same(plain, cde, 1e-4)
    np.testing.assert_allclose(ev(cde.parameters, cde.data), ev(plain.parameters, plain.data), rtol=1e-2)


def test_a_cde_of_equal_parameters_is_ces():
    """Volumes over volumes move with prices over prices by one less beta, and income with nothing else."""
    p = having(2, cde_substitution=0.4, cde_expansion=1.3)
    found = solved(p, ("cde",))
    x, there = found.data, p.data["share_cpi"].values > 0.0
    _, point = numbers(found.parameters, x)
    composite = x["c"].values * point["consumer_price"].values ** 0.6
    for row, used in zip(composite, there, strict=True):
        np.testing.assert_allclose(row[used], row[used][0], rtol=1e-9)
    np.testing.assert_allclose(x["upper"], 1.0, rtol=1e-12)


@pytest.mark.parametrize("blocks", [("net-income",), ("net-income", "saving-price"), ("income-tax", "margin-supply")])
def test_blocks_without_what_they_are_about_are_the_standard_structure(blocks):
    """No depreciation, one tax on all factor income, unit elasticity among suppliers of margins."""
    base = world(3, rents=False)
    none = base.parameters.data.assign(depreciation=0.0 * base.parameters.data["depreciation"])
    p = base.parameters.anew(none)
    moved = shock(p, 1, tm=True, te=True, tf=True)
    plain, found = solved(p, moved=moved), solved(p, blocks, moved=moved)
    # the return to capital is after tax with the block, and moves nothing where foreign saving is fixed
    same(plain, found, but=("gap",) if "income-tax" in blocks else ())
    if "saving-price" not in blocks:
        np.testing.assert_allclose(ev(found.parameters, found.data), ev(p, plain.data), rtol=1e-8)


@pytest.mark.parametrize("saving", ["fixed", "bank", "shares"])
def test_the_structure_replicates_balances_and_has_its_welfare(saving):
    """The proof holds replication and accounts; EV and CV are those of one expenditure function."""
    base = world(4, rents=False)
    p = base.parameters
    moved = shock(p, 2, scale=0.3, tm=True, te=True, tau=True, ti=True, tc=True, to=True, tf=True)
    found = solved(p, GTAP7, saving, moved)
    assert found.proof.benchmark_residual < 1e-9
    assert found.proof.identities < 1e-9
    own, point = found.parameters, found.data
    table = welfare(own, point)
    assert np.isfinite(table["ev_musd"]).all()
    assert (np.sign(ev(own, point)) == np.sign(cv(own, point))).all()


def test_twice_the_numeraire_moves_nothing_real():
    p = world(4, rents=False).parameters
    moved = shock(p, 2, scale=0.3, tm=True)
    one, two = (solved(p, GTAP7, "bank", moved | {"pworld": level}) for level in (1.0, 2.0))
    for name in ("y", "c", "g", "inv", "qf", "flow", "up", "upper"):
        np.testing.assert_allclose(two.data[name], one.data[name], rtol=1e-9, err_msg=name)
    np.testing.assert_allclose(ev(two.parameters, two.data), ev(one.parameters, one.data), atol=1e-7)


def test_the_price_of_saving_converges_along_the_path():
    p = world(4, rents=False).parameters
    moved = shock(p, 2, scale=0.5, tm=True)
    problem = Problem(p, Closure(saving="bank", blocks=GTAP7), certificate="arrays")
    found = problem.solve(moved)
    pool = [float(with_saving_price(problem, found, moved, steps=n)[0].data["pool"]) for n in (2, 4, 8)]
    assert abs(pool[1] - pool[2]) < 0.15 * abs(pool[0] - pool[2])
    assert abs(pool[0] - pool[2]) < 0.1 * abs(pool[2] - 1.0)


def test_a_separate_household_is_refused():
    with pytest.raises(PolicyError, match="a separate household and CDE demand"):
        Closure(household="separate", government="lump-sum", blocks=("gtap7",))
