"""Scenarios made of parts: order, conflicts, who wins; retaliation; and what differs between two scenarios."""

import re

import numpy as np
import pytest
import xarray as xr

import cge
from cge.errors import PolicyError
from cge.scenarios.economy.verbs import diff
from cge.scenarios.files import library
from cge.scenarios.files.scenario import Scenario, draft
from cge.scenarios.policy.bind import bind, bound
from cge.scenarios.policy.combine import answered

FLOW = {"exporters": "KOR", "importers": "USA", "sectors": "AGR"}
TARIFF = {"instrument": "import_tariff"} | FLOW
AT = {"exporter": "KOR", "importer": "USA", "sector": "AGR"}
STEEL = {"exporters": "KOR", "importers": "USA", "sectors": "STL"}
HARD = {"quota": "hard", "volume": 0.5} | STEEL
RATE_QUOTA = {"quota": "tariff-rate", "volume": 0.8, "in_quota_rate": 3, "out_of_quota_rate": 20} | STEEL


def scenario(name, *shocks, **keys):
    return Scenario(name=name, title=name, question="?", sources=["x"], shocks=shocks, **keys)


def whole(*parts, shocks=(), **keys):
    return scenario("whole", *shocks, parts=parts, **keys)


@pytest.fixture
def put(world, parameters):
    return lambda given: bind(given, world, parameters)


@pytest.fixture
def tariff(put):
    return lambda given: float(put(given).instruments["tm"].sel(**AT))


@pytest.fixture
def faults(put):
    def faults(given):
        with pytest.raises(PolicyError) as error:
            put(given)
        return "\n".join(error.value.faults)

    return faults


def test_parts_come_first_and_in_order(tariff, parameters):
    old = float(parameters.data["tm0"].sel(**AT))
    add, double = scenario("add", TARIFF | {"add": 10}), scenario("double", TARIFF | {"scale": 2})
    assert tariff(whole(add, double)) == pytest.approx(2 * (old + 0.1))
    assert tariff(whole(double, add)) == pytest.approx(2 * old + 0.1)
    assert tariff(whole(add, shocks=[TARIFF | {"set": 7}])) == pytest.approx(0.07)  # own shocks have the last word
    assert tariff(whole(whole(add).model_copy(update={"name": "inner"}), double)) == pytest.approx(2 * (old + 0.1))


def test_two_parts_that_set_one_rate_are_refused_unless_one_wins(tariff, faults, parameters):
    first, second = scenario("first", TARIFF | {"set": 5}), scenario("second", TARIFF | {"set": 8})
    told = faults(whole(first, second))
    assert told.startswith("parts.1: second sets the import_tariff of KOR USA AGR, which first has changed")
    assert "write wins: last, or the part that wins (first or second)" in told
    assert tariff(whole(first, second, wins="last")) == pytest.approx(0.08)
    assert tariff(whole(first, second, wins="second")) == pytest.approx(0.08)
    assert tariff(whole(first, second, wins="first")) == pytest.approx(0.05)
    third = scenario("third", TARIFF | {"sectors": "STL", "add": 1})
    assert "second sets" in faults(whole(first, third, second, wins="third"))


def test_a_set_over_an_addition_is_a_conflict_and_other_layers_and_equal_rates_are_not(tariff, faults, world):
    add, zero = scenario("add", TARIFF | {"add": 10}), scenario("zero", TARIFF | {"set": 0})
    assert "zero sets" in faults(whole(add, zero))
    assert tariff(whole(add, zero, wins="add")) == pytest.approx(float(world.data["tariff"].sel(**AT).sum()) + 0.1)
    assert tariff(whole(zero, add)) == pytest.approx(0.1)
    assert tariff(whole(zero, zero.model_copy(update={"name": "again"}))) == 0.0
    mfn, other = (scenario(n, TARIFF | {"layer": n, "set": 1}) for n in ("mfn", "section232"))
    rest = float(world.data["tariff"].sel(**AT).drop_sel(layer=["mfn", "section232"]).sum())
    assert tariff(whole(mfn, other)) == pytest.approx(0.02 + rest)


def test_two_quotas_on_one_flow_are_refused_unless_one_wins(put, faults):
    hard, rate = scenario("hard", HARD), scenario("rate", RATE_QUOTA)
    at = {"exporter": "KOR", "importer": "USA", "sector": "STL"}
    assert "rate and hard both limit KOR USA STL; write wins: last" in faults(whole(hard, rate))
    last, first = put(whole(hard, rate, wins="last")), put(whole(hard, rate, wins="hard"))
    assert [quota.volume for quota in last.quotas] == [0.8]
    assert float(last.instruments["tm"].sel(**at)) == pytest.approx(0.03)
    assert [quota.volume for quota in first.quotas] == [0.5]
    xr.testing.assert_allclose(first.instruments["tm"], first.parameters.data["tm0"], rtol=1e-12)
    loser = put(whole(rate, hard, wins="hard"))
    assert [quota.volume for quota in loser.quotas] == [0.5]
    xr.testing.assert_allclose(loser.instruments["tm"], loser.parameters.data["tm0"], rtol=1e-12)
    own = put(whole(hard, shocks=[RATE_QUOTA]))
    assert [quota.volume for quota in own.quotas] == [0.8]


def test_two_parts_that_free_or_hold_the_same_are_refused_unless_one_wins(put, faults):
    def budget(name, musd, sectors="AGR"):
        return scenario(name, {"instrument": "output_tax", "regions": "USA", "sectors": sectors, "budget": musd})

    small, large = budget("small", -1), budget("large", -2, ["AGR", "STL"])
    told = faults(whole(small, large))
    assert "large (budget of output_tax: regions USA; sectors AGR, STL) and small (budget of output_tax" in told
    assert "both free the same output_tax; write wins: last, or the part that wins (large or small)" in told
    for wins, musd in (("last", -2), ("large", -2), ("small", -1)):
        (kept,) = put(whole(small, large, wins=wins)).swaps
        assert kept.level == musd
    inner = whole(small, large, wins="small").model_copy(update={"name": "inner"})
    other = budget("other", -3, "STL")  # large, which lost, frees this too
    assert len(put(whole(inner, other)).swaps) == 2

    def balance(name, region, by):
        held = {"outcome": "trade_balance", "regions": region, "at": {"change_pct": by}}
        return scenario(name, {"hold": held, "free": {"instrument": "foreign_saving", "regions": region}})

    assert len(put(whole(balance("one", "KOR", 1), balance("two", "USA", 1))).swaps) == 2  # each lends to the other
    assert "both free the same foreign_saving" in faults(whole(balance("one", "KOR", 1), balance("two", "KOR", 2)))
    revenue = {"outcome": "tariff_revenue", "regions": "USA"}
    free = {"instrument": "import_tariff", "exporters": "all", "importers": "USA"}
    held = [scenario(s.lower(), {"hold": revenue, "free": free | {"sectors": s}}) for s in ("AGR", "STL")]
    assert "stl (tariff_revenue: regions USA (2)) and agr (tariff_revenue: regions USA) both hold" in faults(
        whole(*held)
    )


def test_a_quota_on_several_flows_does_not_lose_one(faults):
    group = HARD | {"exporters": ["KOR", "EU27"], "sectors": "AGR", "together": True}
    one = HARD | {"sectors": "AGR"}
    told = faults(whole(scenario("group", group), scenario("one", one), wins="last"))
    assert "a quota on 2 flows together cannot lose KOR USA AGR alone" in told


def test_parts_are_named_and_have_a_fingerprint(put):
    named = scenario("named", parts=["us-universal-10"])
    assert named.parts == (library.load("us-universal-10"),)
    assert named.sha256 != scenario("named").sha256
    assert named.sha256 == scenario("other", parts=[library.load("us-universal-10")]).sha256
    with pytest.raises(ValueError, match="did you mean us-universal-10"):
        scenario("named", parts=["us-universl-10"])
    with pytest.raises(ValueError, match="part us-universal-10 is given twice"):
        scenario("named", parts=["us-universal-10", "us-universal-10"])
    with pytest.raises(ValueError, match=r"wins: korea is no part.*us-universal-10"):
        scenario("named", parts=["us-universal-10"], wins="korea")


HEAD = "name: {name}\ntitle: t\nquestion: q\nsources: [s]\n"


def test_parts_of_files_are_found_beside_them_and_a_circle_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_text(HEAD.format(name="a") + "parts: [b.yaml, us-universal-10]\n")
    (tmp_path / "b.yaml").write_text(HEAD.format(name="b") + "shocks: []\n")
    assert [part.name for part in draft(tmp_path / "a.yaml").scenario().parts] == ["b", "us-universal-10"]
    (tmp_path / "b.yaml").write_text(HEAD.format(name="b") + "parts:\n  - a.yaml\n")
    with pytest.raises(PolicyError, match="a > b > a: a scenario cannot be a part of itself") as error:
        draft(tmp_path / "a.yaml").scenario()
    assert error.value.faults[0].startswith(f"{tmp_path / 'a.yaml'}:5: ")
    (tmp_path / "a.yaml").write_text(HEAD.format(name="a") + "parts:\n  - us-universl-10\n  - 3\nwins: x\n")
    with pytest.raises(PolicyError) as error:
        draft(tmp_path / "a.yaml").scenario()
    told = "\n".join(error.value.faults)
    assert "a.yaml:6: unknown scenario 'us-universl-10' (did you mean us-universal-10?)" in told
    assert "a.yaml:7: a part is the name of a scenario or a file, not 3" in told


def test_a_conflict_in_a_file_tells_its_line(tmp_path, world, parameters):
    text = HEAD.format(name="c") + "parts:\n  - us-universal-10\n  - zero.yaml\n"
    zero = "shocks:\n  - {instrument: import_tariff, exporters: KOR, importers: USA, set: 0}\n"
    (tmp_path / "zero.yaml").write_text(HEAD.format(name="zero") + zero)
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(PolicyError, match=r"c\.yaml:7: zero sets the import_tariff of KOR USA AGR and 1 more"):
        bound(tmp_path / "c.yaml", world, parameters)
    (tmp_path / "c.yaml").write_text(text + "wins: zero\n")
    assert bound(tmp_path / "c.yaml", world, parameters).scenario.wins == "zero"


def answer(put, parameters, *shocks):
    return put(scenario("t", *shocks)).instruments["tm"] - parameters.data["tm0"]


def test_retaliation_gives_the_same_rate_back_to_whom_it_names(put, parameters):
    up = {"instrument": "import_tariff", "exporters": "all", "importers": "USA", "sectors": ["AGR", "STL"], "add": 10}
    back = answer(put, parameters, up, {"retaliation": "all"}).sel(exporter="USA").drop_sel(importer="USA")
    np.testing.assert_allclose(back.sel(sector=["AGR", "STL"]), 0.1, atol=1e-12)
    np.testing.assert_allclose(back.sel(sector="PUB"), 0.0, atol=1e-12)
    only = answer(put, parameters, up, {"retaliation": "KOR"}).sel(exporter="USA", sector="AGR")
    assert float(only.sel(importer="KOR")) == pytest.approx(0.1)
    assert float(only.sel(importer="EU27")) == pytest.approx(0.0)
    assert float(answer(put, parameters, up, {"retaliation": "all"}).sel(exporter="KOR", importer="EU27").sum()) == 0.0


def test_retaliation_on_chosen_goods_takes_the_mean_rise(put, parameters, world):
    steel, farm = (TARIFF | {"sectors": s, "add": n} for s, n in (("STL", 30), ("AGR", 10)))
    trade = world.data["trade"].sel(exporter="KOR", importer="USA")
    mean = (0.3 * trade.sel(sector="STL") + 0.1 * trade.sel(sector="AGR")) / trade.sel(sector=["STL", "AGR"]).sum()
    back = answer(put, parameters, steel, farm, {"retaliation": "KOR", "sectors": "AGR"})
    at = {"exporter": "USA", "importer": "KOR"}
    assert float(back.sel(**at, sector="AGR")) == pytest.approx(float(mean))
    assert float(back.sel(**at, sector="STL")) == pytest.approx(0.0)
    fixed = answer(put, parameters, steel, {"retaliation": "KOR", "points": 7})
    assert float(fixed.sel(**at, sector="STL")) == pytest.approx(0.07)
    assert float(fixed.sel(**at, sector="AGR")) == pytest.approx(0.0)


def test_retaliation_needs_a_rise_and_knows_its_words(faults):
    assert "no tariff on those who answer has risen" in faults(scenario("t", {"retaliation": "KOR"}))
    assert "unknown importer (region) 'Krea'" in faults(scenario("t", TARIFF | {"add": 1}, {"retaliation": "Krea"}))
    with pytest.raises(ValueError, match="name who answers, and against whom"):
        scenario("t", {"retaliation": "KOR", "importers": "USA"})


def test_an_answered_scenario_has_the_scenario_as_its_part(put, parameters):
    both = answered(library.load("us-universal-10"), "KOR")
    assert both.name == "us-universal-10-answered-kor"
    assert both.row == 1
    back = put(both).instruments["tm"] - parameters.data["tm0"]
    assert float(back.sel(exporter="USA", importer="KOR", sector="STL")) == pytest.approx(0.1)
    assert float(back.sel(exporter="USA", importer="EU27", sector="STL")) == pytest.approx(0.0)


def test_replace_puts_a_rate_in_the_place_of_layers_and_leaves_the_others(tariff, faults, world):
    layers = world.data["tariff"].sel(**AT)
    kept = float(layers.sel(layer="mfn"))
    others = [str(name) for name in layers["layer"].values if name != "mfn"]
    assert tariff(scenario("t", TARIFF | {"replace": others, "set": 60})) == pytest.approx(kept + 0.6)
    on_top = tariff(scenario("t", TARIFF | {"add": 60}))
    assert on_top == pytest.approx(float(layers.sum()) + 0.6)
    assert "unknown layer 'section323'" in faults(scenario("t", TARIFF | {"replace": "section323", "set": 1}))
    with pytest.raises(ValueError, match="replace is for an import_tariff with set"):
        scenario("t", TARIFF | {"replace": "mfn", "add": 1})


def test_a_difference_names_shocks_rates_and_quotas(world):
    found = diff(scenario("a", TARIFF | {"add": 10}), scenario("b", HARD), world)
    assert found.names == ("a", "b")
    assert len(found.shocks[0]) == len(found.shocks[1]) == 1
    assert found.quotas == ((), ("KOR-USA-STL: 0.5 of the benchmark volume, nothing above it",))
    assert len(found.levels) == 1
    row = found.levels.iloc[0]
    assert (row["instrument"], row["exporter"], row["importer"], row["sector"]) == (
        "import_tariff",
        "KOR",
        "USA",
        "AGR",
    )
    assert row["a"] - row["b"] == pytest.approx(10.0)
    summary = found.summary().iloc[0]
    assert (summary["place"], summary["cells"], summary["exporters"]) == ("USA", 1, 1)
    assert not found.same


def test_words_may_differ_where_rates_do_not(world):
    twice = scenario("b", TARIFF | {"add": 4}, TARIFF | {"add": 6})
    found = diff(scenario("a", TARIFF | {"add": 10}), twice, world)
    assert found.same
    assert len(found.shocks[1]) == 2
    assert cge.diff is diff


BAN = {"quota": "ban"} | STEEL
PRODUCTIVITY = {"instrument": "productivity", "sectors": "AGR"}


@pytest.mark.parametrize(
    ("shocks", "told"),
    [
        (
            [TARIFF | {"set": 0}, TARIFF | {"set": 25}],
            r"shocks\.1: this sets the import_tariff.* of KOR USA AGR, which a",
        ),
        ([TARIFF | {"add": 10}, TARIFF | {"set": 7}], "this sets the import_tariff of KOR USA AGR"),
        ([HARD, BAN], r"shocks\.1: a second quota or ban on KOR USA STL; keep one"),
        ([BAN, HARD], r"shocks\.1: a second quota or ban on KOR USA STL"),
        ([BAN, BAN], "a second quota or ban"),
        (
            [PRODUCTIVITY | {"regions": "KOR", "set": 3}, PRODUCTIVITY | {"regions": "all", "set": 5}],
            r"this sets the productivity of KOR AGR, which a shock before it",
        ),
    ],
)
def test_shocks_of_one_scenario_that_contradict_each_other_are_refused(faults, shocks, told):
    assert re.search(told, faults(scenario("t", *shocks)))


def test_a_rate_that_two_shocks_of_a_scenario_set_alike_or_of_which_the_last_wins_is_no_conflict(put, tariff):
    twice = TARIFF | {"set": 7}
    assert tariff(scenario("t", twice, twice)) == pytest.approx(0.07)
    assert tariff(scenario("t", TARIFF | {"set": 0}, twice, wins="last")) == pytest.approx(0.07)
    regions = [PRODUCTIVITY | {"regions": region, "set": 3} for region in ("KOR", "USA")]
    assert float(put(scenario("t", *regions)).instruments["tfp"].sel(region="USA", sector="AGR")) == pytest.approx(1.03)


def test_a_rate_that_is_set_to_what_it_was_is_set_all_the_same(faults, parameters):
    same = 100.0 * float(parameters.data["tm0"].sel(**AT))
    parts = scenario("same", TARIFF | {"set": same}), scenario("other", TARIFF | {"set": 25})
    assert "other sets the import_tariff" in faults(whole(*parts))


@pytest.mark.parametrize("wins", ["ban", "hard"])
def test_a_ban_and_a_quota_of_two_parts_leave_only_what_wins(put, faults, wins):
    parts = scenario("ban", BAN), scenario("hard", HARD)
    for pair in (parts, parts[::-1]):
        assert "both limit KOR USA STL" in faults(whole(*pair))
        policy = put(whole(*pair, wins=wins))
        charge = policy.instruments.get("tm_unit")
        banned = charge is not None and float(charge.sel(exporter="KOR", importer="USA", sector="STL")) > 0.0
        assert (banned, len(policy.quotas)) == ((True, 0) if wins == "ban" else (False, 1))
