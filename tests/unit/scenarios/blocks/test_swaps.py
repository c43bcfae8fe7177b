"""Swaps and budgets in scenarios: what they become on a benchmark, what they give, and every refusal."""

import re

import pytest

import cge
from cge.errors import ModelError, PolicyError, RequestError
from cge.scenarios.files.scenario import Draft, Scenario
from cge.scenarios.policy.bind import bind

REVENUE = {"outcome": "tariff_revenue", "regions": "USA", "at": {"change_pct": 20}}
TARIFF = {"instrument": "import_tariff", "exporters": "all", "importers": "USA", "sectors": "goods"}
BALANCE = {"outcome": "trade_balance", "regions": "KOR", "at": {"musd": 0}}
SUBSIDY = {"instrument": "output_tax", "regions": "KOR", "sectors": "STL", "budget": -5}


def scenario(*shocks):
    return Scenario(name="t", title="t", question="?", sources=["x"], shocks=shocks)


@pytest.fixture
def put(world, parameters):
    return lambda *shocks: bind(scenario(*shocks), world, parameters)


def test_an_outcome_is_held_and_an_instrument_gives_way(runner):
    add = TARIFF | {"add": 1}
    result = runner.solve(scenario(add, {"hold": REVENUE, "free": TARIFF}))
    (row,) = result.swaps.to_dict("records")
    assert row["now"] == pytest.approx(1.2 * row["base"])
    assert row["unit"] == "million USD"
    assert row["now"] == pytest.approx(result.welfare.loc["USA", "tariff_revenue_musd"])
    assert row["instrument"] == "import_tariff"
    moved = result.equilibrium["tm"] - runner.parameters.data["tm0"]
    at = {"exporter": "KOR", "importer": "USA", "sector": "AGR"}
    assert 100 * float(moved.loc[at]) == pytest.approx(1 + row["move"])


def test_a_budget_is_spent_to_the_dollar(runner):
    result = runner.solve(scenario(SUBSIDY))
    (row,) = result.swaps.to_dict("records")
    assert row["now"] == -5.0
    assert row["move"] < 0
    x = result.equilibrium
    at = {"region": "KOR", "sector": "STL"}
    output = (runner.parameters.data["output"] * x["py"] * x["y"] / x["pworld"]).loc[at]
    assert float(output) * row["move"] / 100 == pytest.approx(-5.0, rel=1e-9)


def test_a_trade_balance_in_dollars_is_reached_by_lending(runner):
    result = runner.solve(scenario({"hold": BALANCE, "free": {"instrument": "foreign_saving", "regions": "KOR"}}))
    assert float(result.equilibrium["sf"].sel(region="KOR")) == pytest.approx(0.0, abs=1e-12)
    (row,) = result.swaps.to_dict("records")
    assert row["now"] == pytest.approx(0.0, abs=1e-6)


def test_several_swaps_in_one_block_are_one_for_one(put):
    output = {"outcome": "output", "regions": "KOR", "sectors": "STL"}
    policy = put({"hold": [REVENUE, output], "free": [TARIFF, {k: v for k, v in SUBSIDY.items() if k != "budget"}]})
    assert [swap.free for swap in policy.swaps] == ["tm", "to"]
    assert [swap.change for swap in policy.swaps] == [0.2, 0.0]


def test_swaps_of_the_same_words_get_names_of_their_own(put):
    names = [swap.name for swap in put(SUBSIDY, SUBSIDY).swaps]
    assert len(set(names)) == 2


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ({"hold": [REVENUE, BALANCE], "free": TARIFF}, "not square: it fixes 2 and frees 1"),
        ({"hold": [], "free": []}, "not square"),
        ({"hold": REVENUE | {"outcome": "tarif_revenue"}, "free": TARIFF}, "did you mean tariff_revenue"),
        ({"hold": REVENUE | {"sectors": "STL"}, "free": TARIFF}, "tariff_revenue has no sectors; it takes regions"),
        ({"hold": {"outcome": "output"}, "free": TARIFF}, "output needs regions"),
        ({"hold": REVENUE | {"at": {}}, "free": TARIFF}, "exactly one of change_pct, musd, kt"),
        ({"hold": {"outcome": "proceeds"}, "free": TARIFF}, "proceeds are fixed at a level; give musd"),
        (
            {"hold": {"outcome": "real_exchange_rate", "regions": "USA", "at": {"musd": 1}}, "free": TARIFF},
            "real_exchange_rate has no level in musd; give change_pct",
        ),
        ({"hold": REVENUE, "free": TARIFF | {"instrument": "import_tarif"}}, "did you mean import_tariff"),
        (SUBSIDY | {"set": 3}, "give exactly one of set, add"),
        ({"instrument": "productivity", "regions": "KOR", "budget": 5}, "a budget is for a tax"),
        (TARIFF | {"budget": 5, "layer": "mfn"}, "a budget is for a tax as a whole"),
    ],
)
def test_a_block_that_cannot_be_is_refused_by_its_form(block, reason):
    with pytest.raises(ValueError, match=reason):
        scenario(block)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (SUBSIDY | {"sectors": "steeel"}, "unknown sector 'steeel'"),
        (SUBSIDY | {"budget": -1e7}, "is no less than what it falls on"),
        (
            {
                "hold": {"outcome": "proceeds", "at": {"musd": 1}},
                "free": {"instrument": "productivity", "regions": "KOR"},
            },
            "productivity yields no revenue",
        ),
        ({"hold": REVENUE | {"regions": "mercosur"}, "free": TARIFF}, "group mercosur has no member"),
        ({"hold": REVENUE, "free": TARIFF | {"exporters": "USA"}}, "the benchmark has no such flow"),
    ],
)
def test_a_swap_that_does_not_fit_the_benchmark_is_refused(put, block, reason):
    with pytest.raises(PolicyError, match=reason):
        put(block)


def test_a_budget_that_no_sector_receives_is_refused():
    from cge.calibration.shares import calibrate
    from tests.economies import elasticities, random_benchmark

    world = random_benchmark(1, zeros=0.3)
    parameters = calibrate(world, elasticities(world))
    empty = parameters.data["trade"].where(parameters.data["trade"] == 0.0).stack(c=("exporter", "importer", "sector"))
    i, r, s = next(c for c in empty.dropna("c")["c"].values if c[0] != c[1])
    block = {"instrument": "export_tax", "exporters": i, "importers": r, "sectors": s, "budget": -1}
    with pytest.raises(PolicyError, match="no such flow"):
        bind(scenario(block), world, parameters)


def test_a_swap_without_a_solution_says_so_at_once_and_writes_nothing(world, tmp_path):
    held = {"outcome": "trade_balance", "regions": "KOR"}  # which the standard closure holds already
    block = {"hold": held, "free": TARIFF}
    with pytest.raises(
        ModelError, match=r"without a solution: hold trade_balance: regions KOR, free import_tariff\. "
    ) as told:
        cge.run(scenario(block), benchmark=world, out=tmp_path)
    assert re.search(r"not determined: (lever|tm)\[.*\] and [\d,]+ more\)$", str(told.value))
    assert len(str(told.value)) < 500
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(
        (RequestError, ModelError), match="foreign_saving does nothing under this closure: the global bank"
    ):
        cge.run(
            scenario({"hold": REVENUE, "free": {"instrument": "foreign_saving", "regions": "KOR"}}),
            benchmark=world,
            closure="global-bank",
        )


def test_faults_of_a_file_name_the_keys_that_are_known_where_they_stand():
    text = (
        "name: t\ntitle: t\nquestion: q\nsources: [x]\nshocks:\n"
        "  - hold: {outcome: tariff_revenue, regoins: USA}\n"
        "    free: {instrument: import_tariff, importers: USA, exporters: all, set: 3}\n"
        "  - hold: {outcome: tariff_revenue, regions: USA}\n"
    )
    faults = Draft("t.yaml", text).faults
    assert any(f.startswith("t.yaml:6: unknown key 'regoins' (did you mean regions?)") for f in faults)
    assert any(f.startswith("t.yaml:7: unknown key 'set'") for f in faults)
    assert "t.yaml:8: key free is missing; add it" in faults
