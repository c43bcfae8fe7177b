"""Energy, CO2 by fuel and trade in permits: nesting, charges by content, one price over those who trade."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from cge.calibration.shares import calibrate, with_elasticities
from cge.closure import CLOSURES, Closure
from cge.decomposition import decompose
from cge.equations.structures.energy import GIVENS
from cge.model import Model
from cge.solvers import Problem
from cge.solvers.sensitivity import Shock, trace
from cge.swaps import Swap
from cge.tables import emissions
from cge.welfare import welfare
from tests.energy_world import energy_setting
from tests.small_world import small_world
from tests.solved import shock, world
from tests.truth import record

NEST, CARBON = Closure(blocks=("energy",)), Closure(blocks=("carbon",))
BOTH = CLOSURES["energy"]
NESTING = "theory: CES aggregates of one elasticity, however nested, are one CES aggregate (Sato 1967)"
CHARGE = "theory: a specific charge equals an ad valorem rate of charge over price"
MARKET = "theory: permits that are traded have one price, and what is sold is bought"


def by_region(parameters, **values):
    labels = parameters.labels["region"]
    return xr.DataArray([float(values.get(label, 0.0)) for label in labels], dims="region", coords={"region": labels})


@pytest.fixture(scope="module")
def place():
    return energy_setting("standard")


@pytest.fixture(scope="module")
def problem(place):
    return Problem(place.parameters, BOTH, certificate="arrays")


def kilotonnes(parameters, point):
    return emissions(parameters, point).groupby("region")[["base_kt", "new_kt"]].sum()


# Nesting ---------------------------------------------------------------------------------------------------------


def test_without_sectors_of_energy_it_is_the_structure_of_today():
    p = world(1).parameters
    levels = shock(p, 1)
    plain = Problem(p, certificate="arrays").solve(levels).data
    own = Problem(p, BOTH, certificate="arrays").solve(levels).data
    for name in ("y", "income", "flow", "c", "pva"):
        record(f"no sectors of energy: {name}", plain[name], own[name], 1e-9, NESTING)


@pytest.mark.parametrize("sigma", [0.4, 1.0])
def test_a_nest_of_one_elasticity_is_no_nest(place, sigma):
    """Value added, intermediates, capital with energy, energy and fuels at one elasticity: today's model at it."""
    e = place.elasticities
    same = {name: xr.full_like(e[name], sigma) for name in ("esubva", "esubt", "esubn")}
    regions = place.parameters.labels["region"]
    everywhere = xr.DataArray([sigma] * len(regions), dims="region", coords={"region": regions})
    off = {"fuel_resource": 0.0 * everywhere}  # the supply of fuels as the table's elasticities have it
    p = calibrate(place.benchmark, e.assign(same | off | dict.fromkeys(("esubke", "esuben", "esubfu"), everywhere)))
    levels = {"tm": p.data["tm0"] + 0.2}
    plain = Problem(p, certificate="arrays").solve(levels).data
    own = Problem(p, NEST, certificate="arrays").solve(levels).data
    for name in ("y", "income", "flow", "qf", "pa"):
        record(f"one elasticity of {sigma:g}: {name}", plain[name], own[name], 1e-9, NESTING)
    usual = Problem(place.parameters, NEST, certificate="arrays").solve(levels).data
    record("at the elasticities of the table: output", plain["y"], usual["y"], 1e-6, NESTING, differs=True)


def test_elasticities_may_change_and_the_sectors_stay_known(place):
    again = with_elasticities(place.parameters, place.elasticities)
    one, other = (Model(p, BOTH.structure()).parameters for p in (place.parameters, again))
    xr.testing.assert_identical(one.data, other.data)
    assert float(one.data["fuel_input"].sum()) > 0.0


def test_feedstock_and_own_use_stand_outside(place):
    p = Model(place.parameters, BOTH.structure()).parameters.data
    nest = p["fuel_input"] + p["power_input"]
    assert float(nest.sel(sector=["ENE", "PET"]).sum()) == 0.0
    assert float(p["power_input"].sel(sector="UTL").sum()) == 0.0
    assert float(p["share_burnt"].sel(sector="PET", input="ENE").sum()) == 0.0
    assert float(nest.sel(sector="STL", input=["ENE", "PET", "UTL"]).min()) == 1.0


def test_the_supply_of_fuels_is_the_one_given(place):
    r"""A fixed resource, other inputs at fixed prices: by how much more is supplied at a price one millionth higher."""
    given = {"fuel_supply": xr.DataArray(2.0)}
    p = replace(place.parameters, given=dict(place.parameters.given) | given)
    a = Model(p, NEST.structure()).parameters.labelled.sel(sector="ENE", region="USA")
    resource = float((a["share_primary"] * place.parameters.given["fuel_resource"]).sum("factor"))
    top, primary, sigma = float(a["share_top"]), float(a["sigma_primary"]), 1e-6
    zeta = 1.0 - float(a["sigma_top"])
    pva = ((1.0 + sigma) ** zeta - (1.0 - top)) / top  # cost = price, intermediates at one
    pva = pva ** (1.0 / zeta)
    rent = (pva ** (1.0 - primary) - (1.0 - resource)) / resource
    rent = rent ** (1.0 / (1.0 - primary))
    volume = (rent / pva) ** primary * (pva / (1.0 + sigma)) ** float(a["sigma_top"])
    record("elasticity of supply of coal, oil and gas", 2.0, np.log(volume) / np.log1p(sigma), 1e-4, "theory: CES dual")


def test_a_small_shock_moves_fuels_along_that_supply(problem):
    r"""What a small price of CO2 abroad does to the output of fuels.

    To first order :math:`\hat Y = \eta ((1 - v)(\hat p - \hat p_N) + v(\hat p - \hat w))`, value added
    at v of cost, resources fixed, w the price of the other factors.
    """
    p = problem.model.parameters
    x = problem.solve({"co2": by_region(p, EU27=0.01, KOR=0.01)}).data.sel(sector="ENE")
    a = p.labelled.sel(sector="ENE")
    resource = p.given["fuel_resource"]
    mobile = a["share_primary"] * (1.0 - resource)
    wages = (mobile * np.log(x["pf"])).sum("factor") / mobile.sum("factor")
    price, added = np.log(x["py"]), a["share_top"]
    slope = (1.0 - added) * (price - np.log(x["pn"])) + added * (price - wages)
    for region in ("USA", "ROW"):
        found = float((np.log(x["y"]) / slope).sel(region=region))
        eta = GIVENS["fuel_supply"].default
        record(f"supply of coal, oil and gas after a small shock, {region}", eta, found, 1e-3, "theory: CES dual")


# Emissions and their price ---------------------------------------------------------------------------------------


def test_every_account_of_emissions_is_met_and_contents_are_bounded(place):
    p = Model(place.parameters, BOTH.structure()).parameters.data
    whole = p["share_burnt"].sum("input") + p["share_process"]
    there = p["emissions0"] > 0.0
    record("CO2 of industries by fuel and process over their account", 1.0, whole.where(there, 1.0), 1e-12, "account")
    home = p["share_burnt_home"].sum("sector").where(p["household_emissions0"] > 0.0, 1.0)
    record("CO2 of households by fuel over their account", 1.0, home, 1e-12, "account")
    assert float(p["share_process"].where(there).min()) >= 0.0
    of_coal = p["carbon_input"].sel(input="ENE").drop_sel(sector="UTL")
    world_content = float(of_coal.where(of_coal > 0.0).max()) / 3.0
    assert float(p["carbon_input"].sel(input="ENE", sector="UTL").max()) <= 7.5 * world_content * (1.0 + 1e-9)


def test_a_price_of_carbon_is_a_tax_on_fuels_by_their_content(problem, place):
    p = problem.model.parameters
    priced = problem.solve({"co2": by_region(p, EU27=50.0)}).data
    taxed = Problem(place.parameters, NEST, certificate="arrays").solve(
        {name: priced[name] for name in ("ti", "tc", "to")}
    )
    content = 1e-3 * p.data["share_burnt"] * p.data["emissions0"] / p.data["input_use"]
    rate = 50.0 * content / priced["pa"].rename(sector="input") * priced["pworld"]
    added = (priced["ti"] - p.data["ti0"]).sel(region="EU27")
    record("price of 50 USD, rate on fuels", rate.sel(region="EU27").fillna(0.0), added, 1e-12, CHARGE)
    for name in ("y", "income", "flow", "c"):
        record(f"price of carbon against those taxes: {name}", taxed.data[name], priced[name], 1e-9, CHARGE)
    kt = kilotonnes(p, priced)
    assert 0.7 < kt.new_kt["EU27"] / kt.base_kt["EU27"] < 0.95
    assert kt.new_kt.drop("EU27").sum() > kt.base_kt.drop("EU27").sum()  # leakage


def test_carbon_alone_acts_without_the_nest(place):
    problem = Problem(place.parameters, CARBON, certificate="arrays")
    with_nest = Problem(place.parameters, BOTH, certificate="arrays")
    price = {"co2": by_region(problem.model.parameters, EU27=50.0)}
    cut = [
        1.0 - (kt := kilotonnes(q.model.parameters, q.solve(price).data)).new_kt["EU27"] / kt.base_kt["EU27"]
        for q in (problem, with_nest)
    ]
    assert 0.0 < cut[0] < 0.6 * cut[1]


def test_it_is_homogeneous_and_its_numbers_do_not_depend_on_the_numeraire(problem):
    p = problem.model.parameters
    levels = {"co2": by_region(p, EU27=40.0, KOR=20.0)}
    once, twice = problem.solve(levels).data, problem.solve(levels | {"pworld": 2.0}).data
    for name in ("y", "qf", "flow"):
        record(f"numeraire doubled, price of carbon: {name}", once[name], twice[name], 1e-9, "theory: homogeneity")
    np.testing.assert_allclose(welfare(p, twice)["ev_pct"], welfare(p, once)["ev_pct"], atol=1e-7)


# Permits ---------------------------------------------------------------------------------------------------------


def market(p, cut=0.1, members=("EU27", "KOR")):
    """One price over members, whose emissions are together `cut` below the benchmark; levels and swap."""
    pattern = by_region(p, **dict.fromkeys(members, 1.0))
    cap = Swap("cap", "co2", pattern, "co2", pattern, -cut, word="carbon_price")
    return {"allotted": allotted(p, **dict.fromkeys(members, 1.0)), "trades": pattern}, (cap,)


def allotted(p, **allowed):
    """Parts of the allowances, where members are allowed a share of their benchmark emissions."""
    allowances = by_region(p, **allowed) * p.data["co2_total0"]
    return allowances / allowances.sum()


def test_a_cap_holds_at_the_price_that_would_reach_it(problem):
    p = problem.model.parameters
    one = by_region(p, KOR=1.0)
    capped = problem.solve({}, (), (Swap("cap", "co2", one, "co2", one, -0.2, word="carbon_price"),)).data
    kt = kilotonnes(p, capped)
    record("emissions under a cap of -20 %", 0.8, kt.new_kt["KOR"] / kt.base_kt["KOR"], 1e-9, MARKET)
    priced = problem.solve({"co2": capped["co2"]}).data
    record("cap against its price: output", priced["y"], capped["y"], 1e-8, MARKET)
    assert float(capped["co2"].sel(region="KOR")) > 5.0


def test_trade_in_permits_has_one_price_and_sums_to_zero(problem):
    p = problem.model.parameters
    levels, swaps = market(p)
    traded = problem.solve(levels, (), swaps).data
    price = traded["co2"].sel(region=["EU27", "KOR"])
    record("price of permits, Korea against the European Union", float(price[0]), float(price[1]), 1e-9, MARKET)
    income = p.data["income0"]
    sold = traded["permits"] * income
    assert float(abs(sold).max()) > 1.0
    record("permits sold, million USD, sum over regions", 0.0, float(sold.sum()), 1e-6, MARKET)
    kt = kilotonnes(p, traded)
    left = 0.9 * kt.base_kt["KOR"] - kt.new_kt["KOR"]
    record(
        "permits sold by Korea, million USD", 1e-3 * left * float(price[1]), float(sold.sel(region="KOR")), 1e-6, MARKET
    )
    alone = problem.solve({}, (), tuple(
        Swap(r, "co2", by_region(p, **{r: 1.0}), "co2", by_region(p, **{r: 1.0}), -0.1, word="carbon_price")
        for r in ("EU27", "KOR")
    )).data  # fmt: skip
    own = alone["co2"].sel(region=["EU27", "KOR"])
    assert float(own.min()) < float(price[0]) < float(own.max())


def test_a_small_cap_of_two_regions_is_the_one_solved_by_hand(problem):
    """Emissions move linearly in two small prices, so a cap gives the price and who sells by two equations."""
    p, members, cut = problem.model.parameters, ("EU27", "KOR"), 1e-5
    base, small = p.data["co2_total0"].sel(region=list(members)).values, 1e-3
    slopes = []
    for who in members:
        up, down = (
            kilotonnes(p, problem.solve({"co2": by_region(p, **{who: price})}).data) for price in (small, -small)
        )
        slopes.append(((up.new_kt - down.new_kt) / (2.0 * small)).loc[list(members)].to_numpy())
    own = np.array(slopes).T  # change of the row's emissions for a dollar in the column's region
    price = -cut * base.sum() / own.sum()
    left = (1.0 - cut) * base - (base + own.sum(axis=1) * price)
    levels, swaps = market(p, cut)
    traded = problem.solve(levels, (), swaps).data
    found = float(traded["co2"].sel(region="KOR"))
    record("price of a small cap of two regions, USD a tonne", price, found, 1e-3, MARKET, relative=True)
    sold = (traded["permits"] * p.data["income0"]).sel(region=list(members)).values
    record("permits sold under it, million USD", 1e-3 * left * price, sold, 1e-2, MARKET, relative=True)


@pytest.mark.parametrize("closure", [BOTH, replace(BOTH, household="separate", government="direct-tax")])
def test_permits_close_the_accounts_and_the_decomposition(place, closure):
    """The proof of every solve holds the accounts; the parts of EV leave no rest, permits among them."""
    problem = Problem(place.parameters, closure, certificate="arrays")
    p = problem.model.parameters
    members = by_region(p, EU27=1.0, KOR=1.0)
    change = {"co2": 30.0 * members, "trades": members}
    change["allotted"] = allotted(p, EU27=0.9, KOR=0.8) - p.data["share_world_co2"]
    found = decompose(p, trace(problem, {"market": Shock(change)}, 8))
    scale = float(abs(found.ev).max())
    assert float(abs(found.residual).max()) < 1e-3 * scale
    assert float(abs(found.total("permits")).max()) > 0.01 * scale


def test_a_benchmark_without_emissions_has_no_price_of_them():
    table = small_world()
    assert not Model(calibrate(table, energy_elasticities(table)), BOTH.structure()).exists["co2"].any()


def energy_elasticities(table):
    from cge.calibration.matching import Choice, elasticities_for

    return elasticities_for(table, Choice.read("default"))[0]
