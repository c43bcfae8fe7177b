"""Welfare: the expenditure function is the household's, and the indices are what they say."""

import numpy as np
import pytest
import xarray as xr

from cge import accounts
from cge.calibration.shares import calibrate
from cge.closure import Closure
from cge.solvers.problem import Problem
from cge.welfare import (
    _gdp,
    _value,
    cv,
    ev,
    expenditure,
    household,
    price_of_utility,
    quota_rent,
    real_gdp,
    terms_of_trade,
    utility,
    welfare,
)
from tests.solved import CLOSURES, problem, shock, world

COLUMNS = [
    "ev_musd",
    "ev_pct",
    "cv_musd",
    "ev_net_musd",
    "ev_net_pct",
    "ev_steady_pct",
    "real_gdp_pct",
    "real_consumption_pct",
    "real_government_pct",
    "real_investment_pct",
    "real_absorption_pct",
    "terms_of_trade_pct",
    "tariff_revenue_musd",
    "quota_rent_musd",
]
CHANGES = [name for name in COLUMNS[:12] if name != "ev_steady_pct"]


@pytest.fixture(params=["regional", "lump-sum"])
def case(request):
    """Parameters and a solved point, for either household, after a shock of everything that both closures hold."""
    found = problem(1, request.param)
    p = found.parameters
    levels = {k: v for k, v in shock(p, 1).items() if k != "sf"}
    return p, found.solve(levels).data


@pytest.mark.parametrize("closure", CLOSURES)
def test_no_shock_changes_nothing(closure):
    found = problem(2, closure)
    table = welfare(found.parameters, found.solve().data)
    assert list(table.columns) == COLUMNS
    assert table.index.name == "region"
    assert abs(table[CHANGES]).to_numpy().max() < 1e-9
    b = world(2).benchmark
    revenue = (b.cif * b.data.tariff.sum("layer")).sum(["exporter", "sector"])
    np.testing.assert_allclose(table.tariff_revenue_musd, revenue, rtol=1e-12)


def test_spending_at_the_solution_buys_its_utility(case):
    """The budget: e(p1, u1) is what the household has."""
    p, data = case
    x = accounts.deflated(data)
    if household(p, data).whose.startswith("regional"):
        money = x["income"]
    else:
        money = x["factor_earnings"] - x["direct_taxes"] + x["rent_abroad"] + x["rent_home"] - x["lumpsum"] * x["cpi"]
    spent = expenditure(p, data, utility(p, data))
    np.testing.assert_allclose(spent, money * p.data.income0, rtol=1e-10)


def test_demand_is_the_slope_of_expenditure(case):
    """Shephard's lemma: de/dp is demand, for goods, government and saving."""
    p, data = case
    x, u, h = accounts.deflated(data), utility(p, data), 1e-5

    def slope(**raised: xr.DataArray) -> np.ndarray:
        up, down = (x.assign({k: x[k] + s * h * v for k, v in raised.items()}) for s in (1, -1))
        return (expenditure(p, up, u) - expenditure(p, down, u)).values / (2 * h)

    one = xr.ones_like(x["pg"])
    saving = x["saving"]
    if household(p, data).whose.startswith("private"):
        saving = saving - x["sg"] * x["cpi"]
    else:
        np.testing.assert_allclose(slope(pg=one), x["g"] * p.data.government, rtol=1e-6)
    np.testing.assert_allclose(slope(pinv=one), saving * p.data.income0 / x["pinv"], rtol=1e-6)
    for s in p.labels["sector"]:
        at = xr.zeros_like(x["pa"])
        at.loc[{"sector": s}] = 1.0
        volume = accounts.final_volume(*accounts.labelled_point(p, data)).sel(agent="C", sector=s)
        tax = 1.0 + x["tc"].sel(agent="C", sector=s)
        np.testing.assert_allclose(slope(pa=at), volume * tax, rtol=1e-6)


def test_variations_are_differences_of_expenditure(case):
    p, data = case
    base, u = accounts.benchmark_point(p, *accounts.completed(p, data).blocks), utility(p, data)
    np.testing.assert_allclose(ev(p, data), expenditure(p, base, u) - expenditure(p, base, 1.0), rtol=1e-9)
    np.testing.assert_allclose(cv(p, data), expenditure(p, data, u) - expenditure(p, data, 1.0), rtol=1e-9)
    assert (np.sign(ev(p, data)) == np.sign(cv(p, data))).all()


def test_in_utility_terms_the_variations_coincide_when_homothetic():
    """Without subsistence EV as a share of income is u - 1, and so is CV as a share of e(p1, u0)."""
    found = world(3)
    frisch = found.elasticities.assign(frisch=-1.0, income_elasticity=xr.ones_like(found.elasticities.esubm))
    p = calibrate(found.benchmark, frisch)
    data = Problem(p).solve({"tm": p.data.tm0 + 0.2}).data
    np.testing.assert_allclose(ev(p, data) / p.data.income0, cv(p, data) / expenditure(p, data, 1.0), rtol=1e-10)


@pytest.mark.parametrize("closure", ["regional", "deficit"])
def test_the_numeraire_moves_no_figure(closure):
    """Neither twice its level nor another choice of it."""
    found = problem(1, closure)
    p = found.parameters
    levels = shock(p, 4, tm=True, ntm=True)
    before = welfare(p, found.solve(levels).data)
    doubled = welfare(p, found.solve(levels | {"pworld": 2.0}).data)
    np.testing.assert_allclose(doubled, before, rtol=1e-8, atol=1e-8)
    one = CLOSURES[closure]
    other = Closure(one.household, one.saving, one.labour, one.government, numeraire="r1")
    np.testing.assert_allclose(welfare(p, Problem(p, other).solve(levels).data), before, rtol=1e-8, atol=1e-8)


def test_expenditure_on_gdp_is_income_net_of_foreign_saving(case):
    """The ledgers of the GDP index add up to what the model calls income, or one of them is wrong."""
    p, data = case
    table, x = accounts.labelled_point(p, data)
    np.testing.assert_allclose(_value(_gdp(table, x), _gdp(table, x)), x["income"] * p.data.income0, rtol=1e-9)


def test_productivity_everywhere_raises_real_gdp_alike():
    """A world twice as productive, with all else equal, has twice the GDP and the same terms of trade."""
    p = world(5, deficits=False, rents=False).parameters
    base = accounts.benchmark_point(p)
    volumes = ["y", "qd", "qx", "qm", "qa", "flow", "qt", "c", "g", "inv"]
    twice = base.assign({name: 2.0 * base[name] for name in volumes} | {"tfp": 2.0 * base["tfp"]})
    np.testing.assert_allclose(real_gdp(p, twice), 2.0, rtol=1e-12)
    np.testing.assert_allclose(terms_of_trade(p, twice), 1.0, rtol=1e-12)


def test_terms_of_trade_are_export_over_import_prices():
    p = world(6, margins=False, rents=False).parameters
    base = accounts.benchmark_point(p)
    px = base["px"].copy()
    px.loc[{"region": "r0"}] = 1.1
    found = terms_of_trade(p, base.assign(px=px))
    assert float(found.sel(region="r0")) == pytest.approx(1.1)
    assert (found.sel(region=["r1", "r2"]) < 1.0).all()


def test_rents_paid_are_rents_received():
    found = problem(1)
    p = found.parameters
    data = found.solve(shock(p, 1, ntm=True)).data
    x = accounts.deflated(data)
    received = (x["rent_abroad"] + x["rent_home"] + x["rent_treasury"]) * p.data.income0
    np.testing.assert_allclose(quota_rent(p, data), received, rtol=1e-10)


def test_utility_price_is_one_at_the_benchmark():
    p = world(1).parameters
    np.testing.assert_allclose(price_of_utility(p, accounts.benchmark_point(p)), 1.0, rtol=1e-14)


def test_an_unknown_block_is_an_error():
    p = world(1).parameters
    with pytest.raises(ValueError, match="has the block extended"):
        welfare(p, accounts.benchmark_point(p).assign_attrs(structure="extended"))


def test_a_point_of_an_earlier_version_names_its_household():
    """Result files that were written before structures had names are still read."""
    p = world(1).parameters
    point = accounts.benchmark_point(p)
    del point.attrs["structure"]
    assert household(p, point.assign_attrs(household="separate")).whose.startswith("private")
    assert household(p, point.assign_attrs(household="regional")).whose.startswith("regional")
