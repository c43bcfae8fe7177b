"""Steps: each says what it changed, keeps the accounts, and refuses what it cannot do with the place and the repair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cge.calibration import layout
from cge.calibration.raw import About, RawTable
from cge.calibration.steps.agents import agents
from cge.calibration.steps.aggregate import aggregate
from cge.calibration.steps.convert import convert, scale
from cge.calibration.steps.factors import factors
from cge.calibration.steps.make import make
from cge.calibration.steps.margins import margins
from cge.calibration.steps.negatives import negatives
from cge.calibration.steps.rest_of_world import rest_of_world
from cge.calibration.steps.satellites import satellite
from cge.calibration.steps.split import split_region, split_sector
from cge.calibration.steps.taxes import carve_rents, carve_tariffs, place
from cge.errors import DataError, RequestError

REGIONS, SECTORS = ("A", "B", "C"), ("x", "y")


def world(seed: int = 1, stocks: float = 0.0) -> RawTable:
    """A balanced world of three regions and two industries, taxes on products and value added not yet split."""
    rng = np.random.default_rng(seed)
    industries = [(r, s) for r in REGIONS for s in SECTORS]
    rows = [(f"{r}.{s}", r, s, "industry", {"x": "AGR", "y": "STL"}[s]) for r, s in industries]
    for r in REGIONS:
        rows += [(f"{r}.HH", r, "HH", "household", ""), (f"{r}.GOV", r, "GOV", "government", ""),
                 (f"{r}.INV", r, "INV", "investment", ""), (f"{r}.STK", r, "STK", "stocks", ""),
                 (f"{r}.TAX", r, "TAX", "tax:product", ""), (f"{r}.VA", r, "VA", "value-added", "")]  # fmt: skip
    accounts = pd.DataFrame(rows, columns=["account", "region", "label", "role", "contents"])
    names = list(accounts["account"])
    values = pd.DataFrame(0.0, index=names, columns=names)
    sellers = [f"{r}.{s}" for r, s in industries]
    for buyer in [*sellers, *(f"{r}.{u}" for r in REGIONS for u in ("HH", "GOV", "INV"))]:
        values.loc[sellers, buyer] = rng.uniform(5, 50, len(sellers))
        values.loc[f"{buyer[0]}.TAX", buyer] = rng.uniform(10, 20)
    values.loc["A.x", "A.STK"] = stocks
    sold = values.sum(axis=1)[sellers]
    short = np.clip(values[sellers].sum() + 30.0 - sold, 0.0, None)
    for seller in sellers:
        values.loc[seller, f"{seller[0]}.HH"] += short[seller]
    sold = values.sum(axis=1)[sellers]
    for seller in sellers:
        values.loc[f"{seller[0]}.VA", seller] = sold[seller] - values[seller].sum()
    flows = values.rename_axis("seller").reset_index().melt("seller", var_name="buyer")
    raw = RawTable.from_frames(flows[flows["value"] != 0.0], accounts, About("million USD", "USD", 2020))
    return RawTable(raw.flows, raw.accounts, countries={"A": frozenset({"KOR"}), "B": frozenset({"JPN"})},
                    population={"A": 52.0, "B": 126.0}, about=raw.about)  # fmt: skip


SPLIT = {"LAB": {"role": "labour", "share": 0.6}, "CAP": {"role": "capital"}}


def ready(raw: RawTable) -> RawTable:
    """The world with its factors and agents as a benchmark has them."""
    return agents(factors(raw, SPLIT)[0])[0]


def national() -> RawTable:
    """A small SAM: a by-product, margins, duties, two households, an enterprise, transfers abroad."""
    rows = {
        "a1": ("industry", "one"), "a2": ("industry", "two"), "c1": ("good", "one"), "c2": ("good", "two"),
        "trc": ("margin", "trc"), "lab": ("labour", "LAB"), "cap": ("capital", "CAP"), "ent": ("enterprise", "ent"),
        "h1": ("household", "h1"), "h2": ("household", "h2"),
        "gov": ("government", "gov"), "dtax": ("tax:direct", "dtax"),
        "stax": ("tax:product", "stax"), "mtax": ("tax:tariff", "mtax"), "si": ("investment", "si"),
        "stk": ("stocks", "stk"), "row": ("rest-of-world", "row"),
    }  # fmt: skip
    cells = """a1 c1 90; a1 c2 10; a2 c2 200; c1 a1 20; c1 a2 30; c2 a1 15; c2 a2 60; c2 trc 12; trc c1 12;
        lab a1 45; lab a2 60; cap a1 20; cap a2 50; c1 h1 30; c1 h2 28; c2 h1 40; c2 h2 55; c2 gov 30; c2 si 45;
        c1 stk -3; c1 row 30; c2 row 25; row c1 20; row c2 60; mtax c1 4; mtax c2 6; stax c1 9; stax c2 6;
        ent cap 65; row cap 5; h1 lab 105; h2 ent 40; dtax ent 10; dtax h2 8; gov dtax 18; gov stax 15; gov mtax 10;
        h2 row 8; row gov 3; h1 gov 5; si stk 0"""
    triples = [cell.split() for cell in cells.replace("\n", " ").split(";")]
    values = pd.DataFrame(0.0, index=list(rows), columns=list(rows))
    for seller, buyer, amount in triples:
        values.loc[seller, buyer] += float(amount)
    # saving closes every institution, and what the world lends the rest
    for name in ("h1", "h2", "ent", "gov"):
        values.loc["si", name] += values.loc[name].sum() - values[name].sum()
    values.loc["stk", "si"] += values["stk"].sum() - values.loc["stk"].sum()
    values.loc["si", "row"] += values["si"].sum() - values.loc["si"].sum()
    frame = pd.DataFrame([(k, "HOME" if k != "row" else "", v[1], v[0], "") for k, v in rows.items()],
                         columns=["account", "region", "label", "role", "contents"])  # fmt: skip
    flows = values.rename_axis("seller").reset_index().melt("seller", var_name="buyer")
    return RawTable.from_frames(flows[flows["value"] != 0.0], frame, About("million USD", "USD", 2020))


def test_the_national_table_balances() -> None:
    assert national().gaps()["gap"].abs().max() < 1e-9


def test_a_national_table_becomes_a_benchmark_whose_foreign_saving_is_the_table_s() -> None:
    raw = national()
    lent = float(raw.flows.sel(seller="si", buyer="row"))
    for step in (margins, make, negatives, agents, rest_of_world):
        raw, log = step(raw)
        assert len(log)
    benchmark, _ = layout.benchmark(raw)
    assert benchmark.regions == ["HOME", "ROW"]
    np.testing.assert_allclose(benchmark.foreign_saving.values, [lent, -lent], rtol=1e-9)
    np.testing.assert_allclose(benchmark.data["net_transfers"].values, [8 - 5 - 3, 0.0], atol=1e-9)
    duty = benchmark.data["tariff"].sel(layer="mtax", exporter="ROW", importer="HOME")
    assert float(duty.sel(sector="one")) == pytest.approx(4 / 20)
    assert float(duty.sel(sector="two")) == pytest.approx(6 / 60)
    np.testing.assert_allclose(benchmark.data["trade"].sel(exporter="ROW", importer="HOME").values, [20, 60])
    assert benchmark.contents.role("LAB") == "labour"
    assert benchmark.contents.countries("ROW") == {"ROW"}


def test_margins_leave_prices_and_are_paid_to_who_earns_them() -> None:
    raw, log = margins(national())
    assert raw.gaps()["gap"].abs().max() < 1e-9
    assert float(raw.flows.sel(seller="trc").sum()) == 0.0
    assert log.table()["amount"].sum() == pytest.approx(12.0)
    assert float(raw.flows.sel(seller="c1", buyer="h1")) == pytest.approx(30 * (1 - 12 / 135))
    with pytest.raises(DataError, match=r"trc: goods pay 12 and services earn 0, by -12 apart"):
        margins(scale(national(), 0.0, buyers="trc")[0])


def test_industry_technology_keeps_every_account_and_product_technology_refuses_negative_costs() -> None:
    raw, log = make(margins(national())[0])
    assert raw.gaps()["gap"].abs().max() < 1e-9
    assert raw.of("industry") == ["HOME.one", "HOME.two"]
    assert float(raw.flows.sel(seller="HOME.two", buyer="c2")) == pytest.approx(210.0)
    assert float(raw.flows.sel(seller="lab", buyer="HOME.two")) == pytest.approx(60 + 45 * 0.1)
    assert log.table()["amount"].iloc[0] == pytest.approx(10.0)
    product, _ = make(margins(national())[0], "product")
    assert product.gaps()["gap"].abs().max() < 1e-9
    assert float(product.flows.sel(seller="lab", buyer="HOME.one")) == pytest.approx((45 - 10 * 60 / 200) / 90 * 90)
    with pytest.raises(RequestError, match="did you mean product"):
        make(national(), "produkt")


def test_households_and_enterprises_are_merged_and_listed_with_amounts() -> None:
    raw, log = agents(national())
    assert raw.of("household") == ["h1"]
    assert raw.of("enterprise") == []
    told = log.table().set_index("where")
    assert told.loc["ent to h2", "amount"] == -40.0
    assert set(log.table()["step"]) == {"account merged", "payment within merged accounts"}
    assert raw.gaps()["gap"].abs().max() < 1e-9


@pytest.mark.parametrize("rule", ["net", "spread"])
def test_negative_stocks_are_met_by_the_rule(rule: str) -> None:
    raw, log = negatives(world(stocks=-12.0), rule)
    before = world(stocks=-12.0).flows
    assert float(raw.flows.sel(seller="A.x", buyer="A.STK")) == 0.0
    np.testing.assert_allclose(raw.flows.sum("buyer"), before.sum("buyer"))
    moved = abs(raw.flows - before).sel(seller="A.x")
    assert (float(moved.sel(buyer="A.HH")) > 0.0) == (rule == "spread")
    assert log.table()["amount"].abs().max() == 12.0
    if rule == "net":
        assert float(raw.flows.sel(seller="A.x", buyer="A.INV")) < float(before.sel(seller="A.x", buyer="A.INV"))


def test_stocks_as_an_account_of_their_own() -> None:
    raw, log = negatives(world(stocks=-12.0), "account")
    assert raw.gaps()["gap"].abs().max() < 1e-9
    assert float(raw.flows.sel(seller="A.stocks", buyer="A.x")) == 12.0
    assert log.entries[0].amount == 12.0
    sam, _ = negatives(make(margins(national())[0])[0], "account")
    assert sam.gaps()["gap"].abs().max() < 1e-9
    assert float(sam.flows.sel(seller="c1", buyer="stk")) == 0.0


def test_what_a_rule_cannot_meet_is_refused() -> None:
    with pytest.raises(DataError, match=r"A.x to A.STK is -1e\+06, more than its other uses under the rule net"):
        negatives(world(stocks=-1e6))


def test_negative_value_added_needs_a_floor() -> None:
    raw = world()
    values = raw.flows.values.copy()
    values[raw.place("A.VA"), raw.place("A.x")] -= 500.0
    values[raw.place("B.y"), raw.place("A.x")] += 500.0
    values[raw.place("B.y"), raw.place("B.HH")] -= 0.0
    low = raw.with_flows(values)
    with pytest.raises(DataError, match=r"A\.x has value added"):
        negatives(low)
    mended, log = negatives(low, value_added_floor=0.02)
    costs = float(mended.flows.sel(buyer="A.x").sum())
    assert float(mended.flows.sel(seller="A.VA", buyer="A.x")) == pytest.approx(0.02 * costs)
    assert "value added raised" in set(log.table()["step"])


def test_units_and_currencies() -> None:
    raw, log = convert(world(), "billion KRW", rate=1200.0)
    assert float(raw.flows.sum()) == pytest.approx(float(world().flows.sum()) * 1.2)
    assert raw.about.unit == "billion KRW"
    assert log.entries[0].after == pytest.approx(1.2)
    with pytest.raises(RequestError, match="from USD to KRW needs a rate"):
        convert(world(), "billion KRW")
    with pytest.raises(RequestError, match="is no scale and currency"):
        convert(world(), "Mio $")
    scaled, _ = scale(world(), 1000.0, buyers="A")
    assert float(scaled.flows.sel(seller="B.x", buyer="A.y")) == 1000 * float(
        world().flows.sel(seller="B.x", buyer="A.y")
    )
    with pytest.raises(RequestError, match="is neither region nor account"):
        scale(world(), 2.0, buyers="Z")


def test_a_map_joins_labels_and_keeps_contents() -> None:
    raw, _ = aggregate(world(), regions={"AB": ["A", "B"], "R": "rest"}, sectors={"z": ["x", "y"]})
    assert raw.regions == ["AB", "R"]
    assert raw.gaps()["gap"].abs().max() < 1e-9
    assert raw.countries == {"AB": {"KOR", "JPN"}}
    assert raw.population == {"AB": 178.0}
    assert raw.accounts.loc["AB.z", "contents"] == "AGR STL"
    assert float(raw.flows.sum()) == pytest.approx(float(world().flows.sum()))


def test_a_partial_map_is_refused_with_all_that_is_missing() -> None:
    with pytest.raises(DataError) as told:
        aggregate(world(), regions={"AB": ["A", "D"], "R": ["A"]}, sectors={"x": ["x"]})
    text = str(told.value)
    assert "regions that the table does not have: D" in text
    assert "regions in two groups: A in AB and R" in text
    assert "regions in no group: B, C" in text
    assert "sectors in no group: y" in text


def test_value_added_is_split_by_shares_that_add_up() -> None:
    raw, _ = factors(world(), SPLIT)
    assert raw.of("labour") == ["A.LAB", "B.LAB", "C.LAB"]
    before = float(world().flows.sel(seller="A.VA", buyer="A.x"))
    assert float(raw.flows.sel(seller="A.LAB", buyer="A.x")) == pytest.approx(0.6 * before)
    with pytest.raises(DataError, match=r"add up to 1\.2"):
        factors(world(), {"L": {"role": "labour", "share": 0.6}, "K": {"role": "capital", "share": 0.6}})
    with pytest.raises(DataError, match=r"A\.y has no share"):
        factors(world(), {"L": {"role": "labour", "share": {"x": 0.6}}, "K": {"role": "capital"}})


def test_tariffs_are_carved_out_of_taxes_and_leave_every_bill() -> None:
    axes = {"layer": ["mfn"], "exporter": ["B"], "importer": ["A"], "sector": ["x", "y"]}
    rates = xr.DataArray([[[[0.1, 0.2]]]], dims=tuple(axes), coords=axes)
    raw, log = carve_tariffs(world(), rates)
    assert raw.gaps()["gap"].abs().max() < 1e-9
    benchmark, _ = layout.benchmark(ready(raw))
    assert float(benchmark.data["tariff"].sel(layer="mfn", exporter="B", importer="A", sector="y")) == 0.2
    plain, _ = layout.benchmark(ready(world()))
    np.testing.assert_allclose(benchmark.gdp, plain.gdp)
    traded = plain.data["trade"].sel(exporter="B", importer="A")
    duty = float(0.1 * traded.sel(sector="x") + 0.2 * traded.sel(sector="y"))
    assert log.entries[0].amount == pytest.approx(duty)
    with pytest.raises(DataError, match="exporter Z is not in the table"):
        carve_tariffs(world(), rates.assign_coords(exporter=["Z"]))


def test_quota_rents_leave_capital_income() -> None:
    raw = factors(world(), SPLIT)[0]
    carved, log = carve_rents(
        raw, [{"exporter": "A", "importer": "B", "sector": "y", "premium": 0.1, "owners": {"importer": 1.0}}]
    )
    benchmark, _ = layout.benchmark(agents(carved)[0])
    cell = {"exporter": "A", "importer": "B", "sector": "y"}
    value = float(layout.benchmark(agents(raw)[0])[0].data["trade"].loc[cell])
    assert float(benchmark.data["rent"].loc[cell]) == pytest.approx(value / 11)
    assert float(benchmark.data["rent_share"].loc[{**cell, "owner": "importer"}]) == 1.0
    assert log.entries[0].amount == pytest.approx(value / 11)
    with pytest.raises(DataError, match="exceeds trade"):
        carve_rents(raw, [cell | {"rent": 1e9}])


def test_taxes_in_the_column_of_a_good_are_borne_by_the_payers() -> None:
    raw, log = place(make(margins(national())[0])[0], ["household"])
    assert raw.gaps()["gap"].abs().max() < 1e-9
    assert log.table()["amount"].sum() == pytest.approx(15.0)
    benchmark, _ = layout.benchmark(rest_of_world(agents(negatives(raw)[0])[0])[0])
    tax = benchmark.data["final_tax"].sel(region="HOME")
    assert float(tax.sel(agent="C").sum()) == pytest.approx(15.0)
    assert float(benchmark.data["intermediate_tax"].sel(region="HOME").sum()) == pytest.approx(0.0, abs=1e-12)


def test_a_satellite_enters_the_benchmark_s_emissions(tmp_path: Path) -> None:
    values = pd.DataFrame({"region": ["A", "B", "A"], "label": ["x", "y", "HH"], "value": [5.0, 7.0, 2.0]})
    raw, _ = satellite(world(), "CO2", values, unit="kt")
    joined, _ = aggregate(raw, sectors={"z": ["x", "y"]})
    benchmark, _ = layout.benchmark(ready(joined))
    assert float(benchmark.data["emissions"].sum()) == 12.0
    assert float(benchmark.data["household_emissions"].sel(region="A")) == 2.0
    with pytest.raises(DataError, match=r"A xx is no industry or household \(did you mean A x\?\)"):
        satellite(world(), "CO2", values.replace("x", "xx"))


def test_a_split_by_shares_says_what_it_is_and_keeps_the_accounts() -> None:
    raw, log = split_sector(world(), "x", {"x1": 0.3, "x2": 0.7})
    assert raw.sectors == ["x1", "x2", "y"]
    assert raw.gaps()["gap"].abs().max() < 1e-9
    assert "may be worse than no split" in log.entries[0].why
    joined, _ = aggregate(raw, sectors={"x": ["x1", "x2"], "y": ["y"]})
    sold = world().flows.sel(seller="A.x")
    np.testing.assert_allclose(joined.flows.sel(seller="A.x", buyer=sold["buyer"]).values, sold.values)
    parts, _ = split_region(world(), "A", {"A1": 0.5, "A2": 0.5})
    assert parts.gaps()["gap"].abs().max() < 1e-9
    assert float(parts.flows.sel(seller="A1.x", buyer="A2.HH")) == 0.0
    with pytest.raises(DataError, match="add up to 1"):
        split_sector(world(), "x", {"x1": 0.3, "x2": 0.3})
    with pytest.raises(RequestError, match="'q' is no sector"):
        split_sector(world(), "q", {"x1": 1.0})


def test_what_has_no_place_in_a_benchmark_is_named_with_its_step() -> None:
    with pytest.raises(DataError) as told:
        layout.benchmark(national())
    text = str(told.value)
    for step in ("`margins`", "`agents`", "`rest_of_world`"):
        assert step in text
