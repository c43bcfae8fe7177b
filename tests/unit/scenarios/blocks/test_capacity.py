"""Plants that cross a border with their owner, plants that a budget builds, and trade that is lost."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import cge
from cge.errors import PolicyError, RequestError

WORLD = "world2020-12x12"
MOVE = {"from": "KOR", "to": "USA", "sectors": ["AUT", "ELE"], "musd": 20000}
BUILD = {"regions": "USA", "sectors": "ELE", "musd": 8000, "years": 10}
CONTROL = {"quota": "control", "exporters": ["USA", "KOR"], "importers": "CHN", "sectors": "ELE", "volume": 0.7}


def scenario(*shocks, **more):
    return cge.Scenario(name="tried", title="t", question="q", sources=["s"], shocks=list(shocks), **more)


@pytest.fixture(scope="module")
def place():
    return cge.economy(WORLD, horizon="short-fixed-saving")


@pytest.fixture(scope="module")
def plants(place):
    return place.run(scenario({"investment_abroad": MOVE})).results[0]


def test_what_leaves_is_what_arrives_at_the_same_reward(place, plants):
    p, x = place.parameters.data, plants.equilibrium
    change = (x["capacity"] - 1.0) * p["factor_use"]
    gross = change.sum(["factor", "sector"]) * (1.0 - p["td0"])
    want = 20000 * float(p["rental"].sel(region="KOR") * (1.0 - p["td0"].sel(region="KOR")))
    assert float(gross.sel(region="KOR")) == pytest.approx(-want, rel=1e-9)
    assert float(gross.sel(region="USA")) == pytest.approx(want, rel=1e-9)
    assert float(abs(change).sum()) == pytest.approx(float(abs(change).sel(region=["KOR", "USA"]).sum()))
    owned = x["abroad"] * p["income0"].rename(region="exporter")
    assert float(owned.sel(exporter="KOR", importer="USA").sum()) == pytest.approx(want, rel=1e-9)
    assert float(owned.sum()) == pytest.approx(want, rel=1e-9)


def test_owners_earn_what_the_host_leaves(place, plants):
    p, x = place.parameters.data, plants.equilibrium
    own = {"exporter": "KOR", "importer": "USA"}
    reward = x["pf"].sel(region="USA", factor="CAP")
    paid = float((x["abroad"].sel(own) * reward).sum() * p["income0"].sel(region="KOR"))
    assert float(x["claims"].sel(region="KOR") * p["income0"].sel(region="KOR")) == pytest.approx(paid, rel=1e-9)
    assert plants.welfare.loc["KOR", "ev_pct"] > plants.welfare.loc["KOR", "real_gdp_pct"]


def test_a_budget_buys_investment_goods_and_what_has_not_worn_out_makes_output():
    place = cge.economy(WORLD, horizon="short-fixed-saving", financing="direct-tax")
    found = place.run(scenario({"investment_subsidy": BUILD})).results[0]
    p, x = place.parameters.data, found.equilibrium
    wear, rental = (float(p[name].sel(region="USA")) for name in ("depreciation", "rental"))
    stock = sum(8000 * (1.0 - wear) ** age for age in range(10))
    added = float(((x["capacity"] - 1.0) * p["factor_use"]).sum())
    assert added == pytest.approx(stock * rental, rel=1e-9)
    saved = (x["sg"] - p["sg0"]) * p["income0"]
    np.testing.assert_allclose(saved.sel(region="USA"), 8000, rtol=1e-9)
    sold = found.sectors.set_index(["region", "sector"])["output_pct"]
    assert sold["USA", "ELE"] > 0.5 > 0.0 > sold["KOR", "ELE"]


def test_a_regional_household_has_no_budget_that_could_build(place):
    with pytest.raises(RequestError, match="government_saving does nothing"):
        place.run(scenario({"investment_subsidy": BUILD}))


def test_lost_varieties_are_an_iceberg_cost_and_leave_no_rent(place):
    economy = cge.economy(WORLD)
    found = economy.run(scenario(CONTROL)).results[0]
    p, x = economy.parameters.data, found.equilibrium
    sigma = float(p["sigma_m"].sel(region="CHN", sector="ELE"))
    at = {"exporter": "KOR", "importer": "CHN", "sector": "ELE"}
    assert float(x["tau"].sel(at)) == pytest.approx(0.7 ** (-1.0 / (sigma - 1.0)), rel=1e-12)
    spent = float(x["pms"].sel(at) * x["flow"].sel(at))
    others = {**at, "exporter": "JPN"}
    relative = spent / float(x["pms"].sel(others) * x["flow"].sel(others))
    price = float(x["px"].sel(region="KOR", sector="ELE") / x["px"].sel(region="JPN", sector="ELE"))
    assert relative == pytest.approx(0.7 * price ** (1.0 - sigma), rel=1e-6), "by the varieties, beside another origin"
    assert found.rents.empty or "CHN" not in set(found.rents["importer"])


@pytest.mark.parametrize(
    ("shock", "told"),
    [
        ({"investment_abroad": MOVE | {"to": "KOR"}}, "invest abroad in itself"),
        ({"investment_abroad": MOVE | {"musd": 1e7}}, "move less"),
        ({"investment_abroad": MOVE | {"to": "XYZ"}}, "XYZ"),
        ({"investment_subsidy": BUILD | {"sectors": "QQQ"}}, "QQQ"),
        (CONTROL | {"volume": 1.0}, "a part of the trade"),
        (CONTROL | {"rent_owners": {"importer": 1}}, "takes no rent_owners"),
    ],
)
def test_faults(place, shock, told):
    with pytest.raises(PolicyError, match=told):
        place.run(scenario(shock))


def test_the_dollar_is_measured_against_others(place):
    p = place.parameters.data
    assert float(abs(p["partner"].sum("exporter") - 1.0).max()) < 1e-12
    assert all(float(p["partner"].sel(exporter=r, importer=r)) == 0.0 for r in ("KOR", "USA"))
    swap = {
        "hold": {"outcome": "real_exchange_rate", "regions": "USA", "at": {"change_pct": -2}},
        "free": {"instrument": "foreign_saving", "regions": "USA"},
    }
    result = cge.run(scenario(swap), WORLD).results[0]
    cpi = result.equilibrium["cpi"]
    others = (p["partner"].sel(importer="USA", drop=True).rename(exporter="region") * cpi).sum("region")
    assert float(cpi.sel(region="USA") / xr.DataArray(others)) == pytest.approx(0.98, rel=1e-9)
    assert any("foreign saving" in note for note in result.notes)
    rate = result.indicators.set_index(["region", "indicator"]).loc[("USA", "real_exchange_rate"), "new"]
    assert rate == pytest.approx(98.0, rel=1e-9)


def test_a_trade_balance_is_not_held_beside_the_income_of_owners(place):
    swap = {
        "hold": {"outcome": "trade_balance", "regions": "USA"},
        "free": {"instrument": "foreign_saving", "regions": "USA"},
    }
    with pytest.raises(RequestError, match="owners of capital abroad"):
        place.run(scenario({"investment_abroad": MOVE}, swap))
