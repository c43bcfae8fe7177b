"""The benchmark: its accounts, its faults, its file, its labels."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from cge.calibration.benchmark import Benchmark, available
from cge.calibration.identities import balance_faults, foreign_saving, government_gap, identities
from cge.calibration.identities import income as income_of
from cge.calibration.table import SCHEMA
from cge.errors import DataError
from tests.economies import changed, random_benchmark, rich, small

PUBLISHED = ("world2020-12x12", "world2020-29x28", "world2022-12x12", "world2022-29x28")


def faults(data: xr.Dataset) -> tuple[str, ...]:
    with pytest.raises(DataError) as caught:
        Benchmark(data)
    return caught.value.faults


def add(name: str, value: float, **where: str) -> Callable[[xr.Dataset], None]:
    def change(data: xr.Dataset) -> None:
        data[name].loc[where] += value

    return change


# The accounts.


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_benchmarks_balance_to_rounding(name: str) -> None:
    table = Benchmark.load(name).identities()
    assert set(table["identity"]) == {"industry", "commodity", "region", "government", "gdp", "world"}
    assert table["relative"].abs().max() < 1e-14


def test_names_of_published_benchmarks() -> None:
    assert set(PUBLISHED) <= set(available())


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.booleans(), st.booleans())
def test_any_balanced_world_passes(seed: int, margins: bool, rents: bool, inner: bool) -> None:
    world = random_benchmark(seed, margins=margins, rents=rents, inner_trade=inner, zeros=0.2)
    assert world.identities()["relative"].abs().max() < 1e-12


# What a million dollars too much in one cell must unbalance, and in which direction.
CELLS = [
    (add("domestic", 1.0, region="r1", sector="s2"), {"industry r1 s2": -1, "commodity r1 s2": 1}),
    (add("final", 1.0, region="r0", sector="s1", agent="C"), {"commodity r0 s1": -1, "region r0": -1}),
    (add("final", 1.0, region="r0", sector="s1", agent="G"), {"commodity r0 s1": -1, "government r0": -1}),
    (add("final", 1.0, region="r0", sector="s1", agent="I"), {"commodity r0 s1": -1, "gdp r0": -1}),
    (
        add("intermediate", 1.0, region="r2", input="s0", sector="s3"),
        {"industry r2 s3": 1, "commodity r2 s0": -1},
    ),
    (add("factor_income", 1.0, region="r0", factor="CAP", sector="s1"), {"industry r0 s1": 1, "gdp r0": 1}),
    (add("factor_tax", 1.0, region="r0", factor="LAB", sector="s1"), {"industry r0 s1": 1, "government r0": 1}),
    (add("output_tax", 1.0, region="r1", sector="s0"), {"industry r1 s0": 1, "government r1": 1, "gdp r1": 1}),
    (add("intermediate_tax", 1.0, region="r1", input="s2", sector="s0"), {"industry r1 s0": 1, "gdp r1": 1}),
    (add("margin_supply", 1.0, region="r1", margin="s3"), {"margin s3": -1, "industry r1 s3": -1, "gdp r1": -1}),
    (add("direct_tax", 1.0, region="r1"), {"government r1": 1}),
    (add("government_saving", 1.0, region="r1"), {"government r1": -1}),
]


@pytest.mark.parametrize(("change", "expected"), CELLS)
def test_identities_find_the_account_and_the_sign(
    change: Callable[[xr.Dataset], None], expected: dict[str, int]
) -> None:
    table = identities(changed(change))
    gap = pd.Series(table["deviation"].to_numpy(), index=table["identity"] + " " + table["account"])
    for account, sign in expected.items():
        assert gap[account] == pytest.approx(sign, abs=1e-6), account


def test_a_tariff_enters_the_commodity_and_the_treasury() -> None:
    flow = {"exporter": "r0", "importer": "r1", "sector": "s0"}
    cif = float(rich().cif.sel(flow))
    table = identities(changed(add("tariff", 0.01, layer="mfn", **flow)))
    gap = pd.Series(table["deviation"].to_numpy(), index=table["identity"] + " " + table["account"])
    assert gap["commodity r1 s0"] == pytest.approx(0.01 * cif)
    assert gap["government r1"] == pytest.approx(0.01 * cif)
    assert gap["world foreign saving"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("owner", "income", "treasury", "abroad"),
    [("exporter", [3, 0], 0, 3), ("importer", [0, 3], 0, 0), ("treasury", [0, 3], 3, 0)],
)
def test_rents_reach_their_owner(owner: str, income: list[float], treasury: float, abroad: float) -> None:
    flow = {"exporter": "a", "importer": "b", "sector": "x"}
    plain = small().data

    def levy(data: xr.Dataset) -> None:
        data["rent"].loc[flow] = 3.0
        data["rent_share"].loc[flow] = 0.0
        data["rent_share"].loc[{**flow, "owner": owner}] = 1.0

    data = changed(levy, small())
    np.testing.assert_allclose(income_of(data) - income_of(plain), income)
    np.testing.assert_allclose(foreign_saving(data) - foreign_saving(plain), [-abroad, abroad])
    gap = identities(data).set_index(["identity", "account"])["deviation"]
    assert gap["commodity", "b x"] == pytest.approx(3)  # the importer pays it in every case
    assert gap["government", "b"] == pytest.approx(treasury)
    assert gap["industry", "a x"] == pytest.approx(0)


def test_saving_investment_and_gdp_agree_with_their_definitions() -> None:
    world = rich()
    d = world.data
    spent = (d.final + d.final_tax).sum("sector")
    invested = spent.sel(agent="I", drop=True)
    np.testing.assert_allclose(world.saving + world.foreign_saving, invested, rtol=1e-12)
    np.testing.assert_allclose(world.gdp, spent.sum("agent") - world.foreign_saving, rtol=1e-12)
    assert float(world.foreign_saving.sum()) == pytest.approx(0, abs=1e-9)
    assert float(abs(world.foreign_saving).max()) > 1  # else the test shows nothing


def test_check_takes_a_tolerance() -> None:
    sales = float((rich().data["domestic"] + rich().data["trade"].sum("importer").values).sel(region="r1", sector="s1"))
    off = changed(add("domestic", 1e-7 * sales, region="r1", sector="s1"))
    assert balance_faults(off, 1e-6) == []
    found = balance_faults(off, 1e-9)
    assert any(f.startswith("industry account r1 s1 is out by -") and "-1.00e-07 of its turnover" in f for f in found)
    assert any(f.startswith("commodity account r1 s1 is out by +") for f in found)
    assert all("adjust" in f or "closes once" in f for f in found)


def scaled(factors: list[float]) -> xr.Dataset:
    """A world whose regions are as large as the factors say; nothing is traded, so every account still balances."""
    data = random_benchmark(4, len(factors), 2, deficits=False, taxes=False).data
    small = xr.DataArray(factors, dims="region", coords={"region": data["region"]})
    closed = data.assign(trade=0.0 * data["trade"], tariff=0.0 * data["tariff"])
    use = closed["intermediate"].sum("sector").rename(input="sector")
    final = (closed["domestic"] - use) * xr.DataArray([0.6, 0.2, 0.2], coords={"agent": ["C", "G", "I"]})
    left = closed["domestic"] - closed["intermediate"].sum("input")
    income = (left * xr.ones_like(closed["factor_income"]) / closed.sizes["factor"]).transpose(
        "region", "factor", "sector"
    )
    closed = closed.assign(final=final.transpose("region", "sector", "agent"), factor_income=income)
    names = ("domestic", "intermediate", "final", "factor_income")
    closed = closed.assign({name: closed[name] * small for name in names})
    closed = closed.assign({name: closed[name].transpose(*data[name].dims) for name in names})
    return closed.assign(direct_tax=closed["direct_tax"] - government_gap(closed))


@pytest.mark.parametrize("size", [1.0, 1e-4, 1e-8, 1e-12])
def test_an_account_is_judged_by_its_own_turnover(size: float) -> None:
    """One per cent off is off, however small the region beside the world."""
    world = scaled([1.0, 1.0, size])
    assert balance_faults(world) == []
    wrong = world.copy(deep=True)
    wrong["factor_income"].loc[{"region": "r2", "factor": "LAB", "sector": "s1"}] *= 1.01
    assert any(fault.startswith("industry account r2 s1") for fault in balance_faults(wrong))


def test_dust_is_judged_by_its_region() -> None:
    """What rounding leaves in an account next to nothing is no fault; one per cent of a small account is."""
    world = scaled([1.0, 1.0])
    income = float(world["final"].sel(region="r1").sum())
    place = {"region": "r1", "sector": "s1"}
    for size, found in ((1e-14 * income, False), (1e-7 * income, True)):
        wrong = world.copy(deep=True)
        for name in ("domestic", "intermediate", "final", "factor_income"):
            wrong[name].loc[place] = 0.0
        wrong["intermediate"].loc[{"region": "r1", "input": "s1"}] = 0.0
        wrong["domestic"].loc[place] = size
        assert any("r1 s1" in fault for fault in balance_faults(wrong)) == found


# The faults.

FLOW = {"exporter": "r0", "importer": "r1", "sector": "s0"}
FAULTS: list[tuple[Callable[[xr.Dataset], None], str]] = [
    (add("domestic", -1e6, region="r1", sector="s2"), "domestic has 1 negative cells, the lowest -"),
    (add("domestic", np.nan, region="r1", sector="s2"), "domestic has 1 cells that are no finite number (r1 s2)"),
    (add("trade", np.inf, **FLOW), "no finite number (r0 r1 s0)"),
    (add("rent_share", 0.5, owner="treasury", **FLOW), "rent_share does not sum to 1 over owners on 1 flows"),
    (add("tariff", -2.0, layer="mfn", **FLOW), "tariff is -100 % or lower on 1 flows (r0 r1 s0)"),
    (
        lambda d: d["trade"].loc[{"exporter": "r0"}].__setitem__(..., 0.0),
        "margin_use is not zero on 12 flows without trade",
    ),
]


@pytest.mark.parametrize(("change", "message"), FAULTS)
def test_a_bad_number_is_named(change: Callable[[xr.Dataset], None], message: str) -> None:
    found = faults(changed(change))
    assert any(message in fault for fault in found), found


def test_taxes_and_government_saving_may_be_negative() -> None:
    world = random_benchmark(3)
    for name in ("output_tax", "intermediate_tax", "final_tax", "export_tax", "factor_tax"):
        assert float(world.data[name].min()) < 0, name
    shift = 2 * float(abs(world.data.government_saving).max()) + 1
    data = changed(add("government_saving", -shift), world)
    data["direct_tax"] = data["direct_tax"] - shift
    assert float(Benchmark(data).data.government_saving.max()) < 0


def test_a_by_product_is_a_negative_input() -> None:
    world = random_benchmark(3)
    data = world.data.copy(deep=True)
    for array in data.values():
        array.values.setflags(write=True)
    moved = 1.1 * float(data.intermediate[0, 1, 2])
    data["intermediate"][0, 1, 2] -= moved  # input s1 of industry s2 becomes something that it sells,
    data["final"][0, 1, 0] += moved  # to the household,
    data["factor_income"][0, 0, 2] += moved  # and its workers get the proceeds
    assert float(Benchmark(data).data.intermediate.min()) < 0
    data["intermediate"][0, :, 2] -= data["intermediate"][0, :, 2].max()
    assert any("sell more by-products than they buy inputs (r0 s2)" in fault for fault in faults(data))


def test_structure_faults_are_named() -> None:
    data = rich().data
    assert any("variable tarif is unknown (did you mean tariff?)" in f for f in faults(data.assign(tarif=data.tariff)))
    assert any("variable final is missing; add Armington good" in f for f in faults(data.drop_vars("final")))
    renamed = data.assign_coords(exporter=["r0", "r1", "R2"])
    assert faults(renamed) == (
        "axis exporter lacks r2, which axis region has; add them",
        "axis exporter has R2 (did you mean r2?), unknown on axis region; rename or remove them",
    )
    twice = data.assign_coords(exporter=["r0", "r1", "r1"], importer=["r0", "r1", "r1"], region=["r0", "r1", "r1"])
    assert "axis region repeats r1; every label must be unique" in faults(twice)
    assert any("axis agent is [C, G, X]" in f for f in faults(data.assign_coords(agent=["C", "G", "X"])))
    assert any("margin s9 is not a sector" in f for f in faults(data.assign_coords(margin=["s9"])))
    assert any("axis layer has no labels" in f for f in faults(data.drop_vars("layer")))
    flat = data.assign(domestic=data.domestic.sum("sector"))
    assert "domestic has the axes [region], not [region, sector]; rename or transpose it" in faults(flat)
    words = data.assign(domestic=data.domestic.astype(str))
    assert any("not numbers" in f for f in faults(words))


def test_all_faults_are_told_at_once() -> None:
    def spoil(data: xr.Dataset) -> None:
        add("domestic", -1e6, region="r1", sector="s2")(data)
        add("final", np.nan, region="r0", sector="s0", agent="C")(data)
        add("rent_share", 0.5, owner="treasury", exporter="r0", importer="r1", sector="s0")(data)

    data = changed(spoil).drop_vars("output_tax")
    data["directtax"] = data["direct_tax"]
    found = faults(data)
    for part in ("output_tax is missing", "directtax is unknown", "domestic has 1 negative", "final has 1 cells"):
        assert any(part in fault for fault in found), part
    with pytest.raises(DataError, match=f"the benchmark has {len(found)} faults:\n  - "):
        Benchmark(data)


def test_an_unbalanced_table_names_each_account_worst_first() -> None:
    def spoil(data: xr.Dataset) -> None:
        add("domestic", 1.0, region="r1", sector="s2")(data)
        add("direct_tax", 5.0, region="r2")(data)

    found = faults(changed(spoil))
    assert found[0].startswith("government account r2 is out by +5 million USD")
    assert {f.split(" is out")[0] for f in found} == {
        "government account r2", "industry account r1 s2", "commodity account r1 s2",
    }  # fmt: skip


# The value.


def test_a_benchmark_cannot_be_changed_and_keeps_nothing_of_its_source() -> None:
    data = changed(lambda d: None)
    world = Benchmark(data)
    with pytest.raises(ValueError, match="read-only"):
        world.data["trade"].values[0, 1, 0] = 1.0
    with pytest.raises(AttributeError):
        world.data = data  # type: ignore[misc]
    data["trade"].values[:] = -1.0
    world.check()


def test_order_of_labels_and_axes_does_not_matter_to_content() -> None:
    world = rich()
    turned = world.data.transpose(*reversed(list(world.data.dims))).sel(
        exporter=world.regions[::-1], agent=["I", "C", "G"], owner=["treasury", "exporter", "importer"]
    )
    again = Benchmark(turned)
    assert again.sha256 == world.sha256
    xr.testing.assert_identical(again.data, world.data)


def test_a_table_without_emissions_is_a_benchmark_and_they_are_zero() -> None:
    world = rich()
    plain = world.data.drop_vars(["emissions", "household_emissions"])
    again = Benchmark(plain)
    assert again.sha256 == world.sha256
    assert not again.data["emissions"].any()
    assert Benchmark(plain).aggregate(sector_map=dict.fromkeys(world.sectors, "S")).data["emissions"].shape == (3, 1)
    with pytest.raises(DataError, match="emissions has 12 negative cells"):
        Benchmark(world.data.assign(emissions=world.data["emissions"] - 1.0))


# Labels.


@pytest.mark.parametrize("label", ["=cmd|' /C calc'!A0", "\x1b[31mred", "../up"])
def test_a_label_that_files_and_screens_cannot_show_is_refused(label):
    data = rich().data
    first = str(data["region"].values[0])
    renamed = {
        axis: [label if str(name) == first else str(name) for name in data[axis].values]
        for axis in ("region", "exporter", "importer")
    }
    assert any(fault.startswith("region ") for fault in faults(data.assign_coords(renamed)))


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["Kor", "KOR"], "look alike: 'Kor' and 'KOR'"),
        (["Rest of world", "Rest  of World"], "look alike"),
        (["KOR", "ＫＯＲ"], "look alike"),
        (["KOR ", "USA"], "blanks around 'KOR '"),
        (["K\tOR", "USA"], "holds a control character (U+0009)"),
        (["KO\u200bR", "KOR"], "look alike"),
        ([" ", "USA"], "empty label"),
    ],
)
def test_labels_that_a_reader_cannot_tell_apart_are_refused(labels: list[str], told: str) -> None:
    data = random_benchmark(1, 2, 2).data
    with pytest.raises(DataError) as caught:
        Benchmark(data.assign_coords(dict.fromkeys(("region", "exporter", "importer"), labels)))
    assert told in str(caught.value)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize("labels", [["010", "020"], ["True", "NA"], ["대한민국", "Côte d'Ivoire"], ["A-B", "#1"]])
def test_labels_are_text_and_come_back_as_they_are(labels: list[str], tmp_path: Path) -> None:
    data = random_benchmark(1, 2, 2).data
    made = Benchmark(data.assign_coords(dict.fromkeys(("region", "exporter", "importer"), labels)))
    again = Benchmark.load(made.save(tmp_path / "own.nc"))
    assert again.regions == labels
    assert again.sha256 == made.sha256


def test_tables_of_nothing_and_regions_without_households_are_refused() -> None:
    money = [name for name, account in SCHEMA.items() if account.unit == "million USD"]
    nothing = rich().data.assign({name: 0.0 * rich().data[name] for name in money})
    assert faults(nothing) == ("the table holds nothing: no sales at home and no trade; give its flows",)
    moved = changed(lambda data: None)
    final = moved["final"]
    final.loc[{"region": "r1", "agent": "G"}] += final.sel(region="r1", agent="C")
    final.loc[{"region": "r1", "agent": "C"}] = 0.0
    tax = moved["final_tax"]
    tax.loc[{"region": "r1", "agent": "G"}] += tax.sel(region="r1", agent="C")
    tax.loc[{"region": "r1", "agent": "C"}] = 0.0
    (told,) = faults(moved)
    assert told.startswith("private consumption of r1 is zero")
