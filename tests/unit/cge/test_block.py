"""Structures are values: blocks side by side, one from outside the package, clashes that name their writers."""

from __future__ import annotations

import pickle
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from cge.block import Block
from cge.closure import CLOSURES, Closure
from cge.decomposition import decompose
from cge.equation import equation, quantity
from cge.equations.structures import BLOCKS
from cge.errors import ModelError, PolicyError
from cge.latex import cell, latex
from cge.model import Model
from cge.solvers import Problem
from cge.solvers.sensitivity import Shock, trace
from cge.structure import Structure
from cge.welfare import welfare
from tests.solved import shock, world

LABOUR = BLOCKS["labour-supply"]
SUPPLY = Closure(labour="supply")


@equation("c", defines=True, replaces="consumption")
def fixed_baskets(m, r, s):
    """Goods in fixed proportions, for what the linear expenditure system would spend on all of them (index).

    Source: a test of a block from outside the package.
    """
    free = m.total(("sector",), lambda g: m.private[r, g] / m.income0[r] - m.subsistence_cost[r, g], lambda g: 1.0)
    basket = m.total(("sector",), lambda g: m.private[r, g] / m.income0[r], lambda g: m.consumer_price[r, g])
    return m.c[r, s], (m.cost_of_subsistence[r] + free * m.v[r]) / basket


BASKETS = Block(name="baskets", title="consumption in fixed proportions", equations=(fixed_baskets,))


def test_two_structures_live_side_by_side():
    """One with an equation that the package has never seen; the other does not notice."""
    p = world(1).parameters
    before = Problem(p).solve(shock(p, 1)).data
    outside = Problem(p, Closure(blocks=(BASKETS,)), certificate="arrays").solve(shock(p, 1)).data
    after = Problem(p).solve(shock(p, 1)).data
    xr.testing.assert_identical(before, after)
    assert outside.attrs["structure"] == "baskets"
    assert float(outside["c"].std("sector").max()) < 1e-12 < 1e-3 < float(before["c"].std("sector").max())
    assert "fixed_baskets" not in Structure().equations


def test_two_threads_solve_at_once():
    p = world(1).parameters
    problem, asked = Problem(p), [shock(p, seed) for seed in range(4)]
    alone = [problem.solve(levels).data for levels in asked]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda levels: Problem.solve(problem, levels).data, asked))
    for one, other in zip(alone, together, strict=True):
        xr.testing.assert_allclose(one, other, rtol=1e-12)
    with pytest.raises(AttributeError, match="a problem never changes"):
        problem.method = "ipopt"


def again(block: Block, **changes) -> Block:
    return replace(block, **{"name": "again", **changes})


@equation("pg", defines=True)
def government_price(m, r):
    """A name that is taken (index).

    Source: none.
    """
    return m.pg[r], m.pa[r, 0]


@quantity(("region", "sector"), "q_{rs}")
def consumer_price(m, r, s):
    """A quantity that is there already."""
    return m.pa[r, s]


@pytest.mark.parametrize(
    ("block", "told"),
    [
        (again(BASKETS), "fixed_baskets of block again .*replaces consumption, which fixed_baskets of block baskets"),
        (again(BASKETS, name="baskets"), "two blocks are called baskets"),
        (
            Block("own", "", equations=(government_price,)),
            "government_price of block own .*has the name of government_price",
        ),
        (Block("own", "", quantities=(consumer_price,)), r"consumer_price of block own .* is written by cge.equations"),
        (Block("own", "", symbols=(Structure().variables["py"],)), "symbol py of block own .*is taken by the base"),
    ],
)
def test_a_clash_names_both_writers(block, told):
    with pytest.raises(ModelError, match=told):
        Structure((BASKETS, block))


def test_two_equations_for_one_entry_name_both_writers():
    @equation("pd", defines=True)
    def second_price(m, r, s):
        """A second price (index).

        Source: none.
        """
        return m.pd[r, s], m.py[r, s]

    own = Structure((Block("second", "", equations=(second_price,)),))
    with pytest.raises(
        ModelError, match=r"pd is determined by home_price \(cge.equations.production\) and second_price"
    ):
        Model(world(1).parameters, own)


def test_every_letter_is_one_symbols():
    """Over all blocks: no two symbols or quantities share a letter, and each has one."""
    # users' own sourcing and small countries write the same demand, and so do two households
    alone = [BLOCKS["small-country"], BLOCKS["cde"]]
    whole, other = Structure(tuple(b for b in BLOCKS.values() if b not in alone)), Structure(tuple(alone))
    named = [*whole.variables.values(), *whole.held.values(), *whole.parameters.values(), *whole.quantities.values()]
    both = [{**one.symbols, **one.quantities} for one in (whole, other)]
    named += [symbol for name, symbol in both[1].items() if name not in both[0]]
    letters = Counter(one.latex.rpartition("_")[0] if one.dims else one.latex for one in named)
    assert not [letter for letter, count in letters.items() if count > 1 or not letter]


def test_blocks_go_to_other_processes_by_name():
    assert pickle.loads(pickle.dumps(SUPPLY.added)) == (LABOUR,)  # noqa: S301


def test_an_equation_prints_itself_and_a_cell_its_numbers():
    assert (
        latex(Structure(), "supernumerary_income")
        == r"v_{r} = \frac{E_{r} - \delta^I_{r} - \kappa^P_{r}}{\bar v_{r} - \bar\delta^I_{r}}"
    )
    model = Model(world(1).parameters)
    found = cell(model, "import_price", (0, 0), model.start())
    assert found.left == pytest.approx(found.right) == 1.0
    shares = [value for name, value in found.read.items() if name.startswith("share_origin[")]
    assert sum(shares) == pytest.approx(1.0)


# Labour supply ---------------------------------------------------------------------------------------------------


def given(**numbers):
    p = world(1).parameters
    return replace(p, given={name: xr.DataArray(number) for name, number in numbers.items()})


def test_numbers_for_a_block_are_part_of_the_fingerprint():
    found = {given(labour_supply=number).sha256 for number in (0.3, 0.5)} | {given().sha256}
    assert len(found) == 3


def test_employment_follows_the_real_wage():
    """Replication, Walras and the accounts after the shock are proved by the solve itself."""
    p = given(labour_supply=0.5)
    solved = Problem(p, SUPPLY).solve({"tm": p.data["tm0"] + 0.3})
    assert max(solved.proof.benchmark_residual, solved.proof.walras, solved.proof.identities) < 1e-9
    x = solved.data.sel(factor="LAB")
    assert float(abs(x["endow"] - 1.0).max()) > 1e-3
    np.testing.assert_allclose(x["endow"], x["rw"] ** 0.5, rtol=1e-9)
    np.testing.assert_array_equal(solved.data["endow"].sel(factor="CAP"), 1.0)


@pytest.mark.parametrize(("elasticity", "closure"), [(0.0, "standard"), (20.0, "unemployment")])
def test_its_ends_are_fixed_supply_and_a_fixed_real_wage(elasticity, closure):
    p = given(labour_supply=elasticity)
    levels = {"tm": p.data["tm0"] + 0.02}
    own, end = (Problem(p, c).solve(levels).data for c in (SUPPLY, CLOSURES[closure]))
    near = 1e-9 if elasticity == 0.0 else 0.1 * float(abs(end["endow"] - 1.0).max())
    assert float(abs(own["endow"] - end["endow"]).max()) <= near


def test_a_rate_of_unemployment_makes_it_a_wage_curve():
    p = given(unemployment=0.06, wage_curve=0.1)
    found = Problem(p, SUPPLY).model.parameters.data["sigma_labour"].sel(factor="LAB")
    np.testing.assert_allclose(found, 0.06 / 0.94 / 0.1)
    with pytest.raises(ModelError, match=r"must lie between 0 and 0\.9"):
        Problem(given(unemployment=1.5), SUPPLY)


def test_it_is_homogeneous():
    p = given(labour_supply=0.5)
    problem, levels = Problem(p, SUPPLY), {"tm": p.data["tm0"] + 0.1}
    once, twice = problem.solve(levels).data, problem.solve(levels | {"pworld": 2.0}).data
    np.testing.assert_allclose(twice["y"], once["y"], rtol=1e-9)
    np.testing.assert_allclose(twice["endow"], once["endow"], rtol=1e-9)
    np.testing.assert_allclose(welfare(p, twice)["ev_pct"], welfare(p, once)["ev_pct"], atol=1e-7)


@pytest.mark.parametrize("closure", [SUPPLY, Closure(household="separate", government="direct-tax", labour="supply")])
def test_its_welfare_is_decomposed_without_a_rest(closure):
    p = given(labour_supply=0.5)
    problem = Problem(p, closure)
    found = decompose(
        problem.parameters, trace(problem, {"tariff": Shock({"tm": xr.full_like(p.data["tm0"], 0.1)})}, 8)
    )
    assert float(abs(found.residual).max()) < 1e-5 * float(abs(found.ev).max())
    assert float(abs(found.total("factors")).max()) > 0.01 * float(abs(found.ev).max())


def test_an_unknown_block_is_told_with_the_nearest():
    with pytest.raises(PolicyError, match=r"unknown block 'labour-suply'.*did you mean labour-supply"):
        Closure(blocks=("labour-suply",))
