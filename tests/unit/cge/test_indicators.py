"""Indicators say what welfare and trade say, and a group's are those of its members taken together."""

import numpy as np
import pandas as pd
import pytest

from cge import tables
from cge.indicators import UNITS, indicators, of_group
from cge.welfare import welfare
from tests import solved

SEED = 3


@pytest.fixture(scope="module")
def made():
    world = solved.world(SEED)
    point = solved.problem(SEED).solve(solved.shock(world.parameters, SEED, 0.3)).data
    people = dict(zip(world.parameters.labels["region"], (10.0, 20.0, 30.0), strict=False))
    return world.parameters, point, indicators(world.parameters, point, people)


def wide(table, what="new"):
    return table.pivot(index="region", columns="indicator", values=what)


def test_every_region_has_every_indicator_with_its_unit(made):
    parameters, _, table = made
    assert table.groupby("region").size().eq(len(UNITS)).all()
    assert list(table["region"].unique()) == parameters.labels["region"]
    assert dict(zip(table["indicator"], table["unit"], strict=True)) == {
        name: unit for name, (unit, _) in UNITS.items()
    }


def test_they_agree_with_the_welfare_table(made):
    parameters, point, table = made
    expected, new, pct = welfare(parameters, point), wide(table), wide(table, "change_pct")
    pairs = {
        "ev_musd": new["ev"], "ev_pct": new["ev_pct"], "cv_musd": new["cv"], "real_gdp_pct": pct["real_gdp"],
        "real_consumption_pct": pct["real_consumption"], "terms_of_trade_pct": pct["terms_of_trade"],
        "tariff_revenue_musd": new["tariff_revenue"], "quota_rent_musd": new["quota_rents"],
    }  # fmt: skip
    for column, found in pairs.items():
        np.testing.assert_allclose(found[expected.index], expected[column], rtol=1e-9, atol=1e-9, err_msg=column)


@pytest.mark.parametrize("what", ["base", "new"])
def test_gdp_is_income_and_the_world_s_balance_is_zero(made, what):
    levels = wide(made[2], what)
    np.testing.assert_allclose(levels["gdp"], levels["income"], rtol=1e-9)
    np.testing.assert_allclose(levels["trade_balance"].sum(), 0.0, atol=1e-8 * levels["gdp"].sum())


def test_absorption_and_prices_are_of_their_parts(made):
    base = wide(made[2], "base")
    parts = base[["real_consumption", "real_government", "real_investment"]].sum(axis=1)
    np.testing.assert_allclose(base["real_absorption"], parts, rtol=1e-12)
    np.testing.assert_allclose(base[["consumer_prices", "terms_of_trade", "real_wage"]], 100.0, rtol=1e-12)


def test_the_effective_tariff_is_what_is_collected_over_imports(made):
    parameters, point, table = made
    flows = tables.trade(parameters, point)
    flows = flows[flows["exporter"] != flows["importer"]]
    for value, rate, what, name in (
        ("import_base_musd", "tariff_base_pct", "base", "effective_tariff"),
        ("import_new_musd", "tariff_pct", "new", "effective_tariff"),
        ("import_base_musd", "tariff_pct", "new", "effective_tariff_fixed"),
    ):
        sums = flows.assign(duty=flows[value] * flows[rate]).groupby("importer")[["duty", value]].sum()
        found = wide(table, what)[name][sums.index]
        np.testing.assert_allclose(found, sums["duty"] / sums[value], rtol=1e-9, err_msg=name)


def test_a_value_a_head_needs_the_heads(made):
    parameters, point, table = made
    new = wide(table)
    np.testing.assert_allclose(new["ev_per_head"].iloc[0] * 10.0, new["ev"][new.index[0]])
    unknown = wide(indicators(parameters, point))
    assert unknown["ev_per_head"].isna().all()
    assert (
        of_group(indicators(parameters, point), {"all": list(new.index)}).set_index("indicator").isna()["new"].sum()
        == 1
    )


def test_a_group_has_the_sums_of_its_members_and_the_ratios_of_their_sums(made):
    table = made[2]
    regions = list(table["region"].unique())
    (one, two) = regions[:2]
    alone = of_group(table, {region: [region] for region in regions})
    pd.testing.assert_frame_equal(
        alone.set_index(["region", "indicator"]).sort_index(), table.set_index(["region", "indicator"]).sort_index()
    )
    both = of_group(table, {"both": [one, two]}).set_index("indicator")
    parts = table[table["region"].isin([one, two])]
    for name, row in both.iterrows():
        of = parts[parts["indicator"] == name]
        ratio = of["new_weight"].notna().all()
        expected = np.average(of["new"], weights=of["new_weight"]) if ratio else of["new"].sum()
        np.testing.assert_allclose(row["new"], expected, rtol=1e-12, err_msg=name)
    assert both.loc["effective_tariff", "new"] != pytest.approx(
        parts[parts["indicator"] == "effective_tariff"]["new"].mean()
    )


def test_a_preference_creates_and_diverts_as_viner_says():
    """The partner's tariff falls: what it gains is what others lose and what home goods lose."""
    world = solved.world(SEED)
    p, labels = world.parameters, world.parameters.labels
    a, b, c = labels["region"][:3]
    sector = next(
        s
        for s in labels["sector"]
        if float(p.data["tm0"].loc[b, a, s]) > 0.02 and float(p.data["duty_paid"].loc[c, a, s]) > 0
    )
    tm = p.data["tm0"].copy()
    tm.loc[b, a, sector] = 0.0
    table = tables.diversion(p, solved.problem(SEED).solve({"tm": tm}).data).set_index(["importer", "sector"])
    cell = table.loc[(a, sector)]
    assert cell["gained_musd"] > cell["lost_musd"] > 0.0
    assert cell["diversion_musd"] == cell["lost_musd"]
    assert cell["creation_musd"] == pytest.approx(cell["gained_musd"] - cell["lost_musd"])
    assert cell["creation_musd"] > 0.0


def test_revenue_and_factors_add_up_to_what_accounts_say(made):
    parameters, point, table = made
    revenue = tables.revenue(parameters, point)
    tariffs = revenue[revenue["source"] == "tariffs"].set_index("region")
    np.testing.assert_allclose(tariffs["new_musd"], wide(table)["tariff_revenue"][tariffs.index], rtol=1e-9)
    np.testing.assert_allclose(tariffs["new_real_musd"], wide(table)["tariff_revenue_real"][tariffs.index], rtol=1e-9)
    np.testing.assert_allclose(tariffs["new_pct"], wide(table)["tariff_revenue_share"][tariffs.index], rtol=1e-9)
    earned = tables.factors(parameters, point).groupby("region")["new_musd"].sum()
    x = tables.accounts.deflated(point)
    taxed = (x["factor_earnings"] * parameters.data["income0"]).to_series()
    np.testing.assert_allclose(earned[taxed.index], taxed, rtol=1e-9)
