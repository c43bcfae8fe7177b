"""Scenarios on a benchmark: the levels of instruments and the quotas that they become, and every refusal."""

import math

import pytest
import xarray as xr

from cge.calibration.shares import calibrate
from cge.errors import PolicyError
from cge.scenarios.economy.setting import elasticities_of
from cge.scenarios.files.scenario import Draft, Scenario
from cge.scenarios.policy.bind import bind, check
from tests.small_world import STEEL, small_world

TARIFF = {"instrument": "import_tariff", "exporters": "KOR", "importers": "USA", "sectors": "AGR"}
QUOTA = {"exporters": "KOR", "importers": "USA", "sectors": "STL"}
KOREA = (("KOR", "USA", "STL"),)
EUROPE = (("EU27", "USA", "STL"),)


@pytest.fixture
def put(world, parameters):
    def put(*shocks, **keys):
        scenario = Scenario(name="t", title="t", question="?", sources=["x"], shocks=shocks, **keys)
        return bind(scenario, world, parameters)

    return put


def refused(put, *shocks):
    with pytest.raises(PolicyError) as error:
        put(*shocks)
    return "\n".join(error.value.faults)


def cell(array, **labels):
    return float(array.sel(**labels))


def test_no_shock_changes_nothing_and_keeps_the_quotas_of_the_benchmark(put):
    policy = put()
    assert policy.instruments == {}
    assert list(policy.quotas) == []
    assert policy.parameters.labels["quota"] == ["KOR-USA-STL"]
    assert list(policy.notes) == []


@pytest.mark.parametrize(
    ("operation", "expected"),
    [({"set": 7}, lambda old: 0.07), ({"add": 7}, lambda old: old + 0.07), ({"scale": 0.5}, lambda old: old / 2)],
)
def test_set_add_and_scale_act_where_they_are_named_and_nowhere_else(put, parameters, operation, expected):
    old = parameters.data["tm0"]
    new = put(TARIFF | operation).instruments["tm"]
    at = {"exporter": "KOR", "importer": "USA", "sector": "AGR"}
    assert cell(new, **at) == pytest.approx(expected(cell(old, **at)), abs=1e-15)
    xr.testing.assert_allclose(new.where(new != new.loc[at]), old.where(new != new.loc[at]), rtol=1e-14)


def test_a_layer_is_replaced_and_the_others_stay(put, world):
    at = {"exporter": "KOR", "importer": "USA", "sector": "AGR"}
    layers = world.data["tariff"].sel(**at)
    instead = put(TARIFF | {"layer": "section232", "set": 60}).instruments["tm"]
    on_top = put(TARIFF | {"add": 60}).instruments["tm"]
    assert cell(instead, **at) == pytest.approx(float(layers.sel(layer="mfn")) + 0.6)
    assert cell(on_top, **at) == pytest.approx(float(layers.sum()) + 0.6)


def test_shocks_act_in_order_on_what_is_there(put, world):
    at = {"exporter": "KOR", "importer": "USA", "sector": "AGR"}
    total = float(world.data["tariff"].sel(**at).sum())
    tm = put(TARIFF | {"add": 10}, TARIFF | {"scale": 2}).instruments["tm"]
    assert cell(tm, **at) == pytest.approx(2 * (total + 0.1))
    shocks = (TARIFF | {"add": 10}, TARIFF | {"scale": 2}, TARIFF | {"layer": "mfn", "set": 0})
    assert "which a shock before it has set or changed" in refused(put, *shocks)
    tm = put(*shocks, wins="last").instruments["tm"]
    assert cell(tm, **at) == pytest.approx(2 * (total + 0.1) - 2 * float(world.data["tariff"].sel(layer="mfn", **at)))


def test_both_ways_and_inside(put, parameters):
    old = parameters.data["tm0"]
    add = TARIFF | {"importers": ["USA"], "both_ways": True, "add": 10}
    there = put(add).instruments["tm"] - old
    assert cell(there, exporter="KOR", importer="USA", sector="AGR") == pytest.approx(0.1)
    assert cell(there, exporter="USA", importer="KOR", sector="AGR") == pytest.approx(0.1)
    assert float(there.sum()) == pytest.approx(0.2)


def test_trade_inside_an_aggregate_is_left_alone_unless_asked_for():
    from tests.economies import elasticities, random_benchmark

    world = random_benchmark(1, inner_trade=True)
    parameters = calibrate(world, elasticities(world))
    for inside in (False, True):
        block = {"instrument": "import_tariff", "exporters": "all", "importers": "all", "add": 1, "inside": inside}
        scenario = Scenario(name="t", title="t", question="?", sources=["x"], shocks=[block])
        change = bind(scenario, world, parameters).instruments["tm"] - parameters.data["tm0"]
        inner = change.where(change["exporter"] == change["importer"]).sum()
        assert float(inner) == pytest.approx(0.01 * 9 * inside)


def test_a_group_held_in_part_gets_its_part_of_the_shock(put, parameters):
    # Mercosur has two members in the benchmark's table; the small world separates none, so except changes nothing
    text = refused(put, TARIFF | {"exporters": "mercosur", "add": 1})
    assert "group mercosur has no member in this benchmark" in text


def test_indices_are_in_per_cent_above_the_benchmark(put):
    cost = {"instrument": "iceberg_cost", "exporters": "KOR", "importers": "USA", "sectors": "AGR", "add": 5}
    tau = put(cost).instruments["tau"]
    assert cell(tau, exporter="KOR", importer="USA", sector="AGR") == pytest.approx(1.05)
    tfp = put({"instrument": "productivity", "regions": "KOR", "set": 2}).instruments["tfp"]
    assert tfp.sel(region="KOR").values == pytest.approx([1.02] * 3)
    assert tfp.sel(region="USA").values == pytest.approx([1.0] * 3)


def test_what_one_region_borrows_the_others_lend(put, parameters):
    policy = put({"instrument": "foreign_saving", "regions": "KOR", "add": 1})
    change = (policy.instruments["sf"] - parameters.data["sf0"]) * parameters.data["income0"]
    assert float(change.sum()) == pytest.approx(0.0, abs=1e-9)
    assert float(change.sel(region="KOR")) == pytest.approx(0.01 * float(parameters.data["income0"].sel(region="KOR")))
    assert "lend the difference" in policy.notes[0]
    assert "not zero" in refused(put, {"instrument": "foreign_saving", "regions": "all", "add": 1})


# quotas


def test_a_quota_is_removed_replaced_or_added(put, parameters):
    gone = put({"quota": "remove"} | QUOTA)
    assert [(q.flows, q.volume) for q in gone.quotas] == [(KOREA, math.inf)]
    assert gone.notes == ()
    (note,) = put({"quota": "remove"} | QUOTA | {"exporters": "EU27"}).notes
    assert note.startswith("quota: remove ends nothing on EU27 USA STL, where none binds")
    hard = put({"quota": "hard", "volume": 0.7} | QUOTA).quotas
    assert [(q.flows, q.volume, q.ceiling) for q in hard] == [(KOREA, 0.7, math.inf)]
    new = put({"quota": "hard", "volume": 0.7} | QUOTA | {"exporters": "EU27"})
    assert [q.flows for q in new.quotas] == [EUROPE]
    # the benchmark's own quota stays on the model's axis
    assert new.parameters.labels["quota"] == ["KOR-USA-STL", "EU27-USA-STL"]


def test_one_quota_on_several_flows_has_one_premium(put):
    block = {"quota": "hard", "volume": 0.7, "together": True} | QUOTA
    one = put(block | {"exporters": "EU27", "sectors": ["STL", "AGR"]}).quotas
    assert len(one) == 1
    assert set(one[0].flows) == {("EU27", "USA", "STL"), ("EU27", "USA", "AGR")}
    assert "different premiums" in refused(put, block | {"exporters": ["KOR", "EU27"]})


TRQ = {"quota": "tariff-rate", "volume": 1.2, "in_quota_rate": 2, "out_of_quota_rate": 25} | QUOTA


def test_kinds_of_quota_differ_in_whose_the_licences_are(put):
    block = {"volume": 0.7} | QUOTA | {"exporters": "EU27"}
    owners = {kind: put(block | {"quota": kind}).quotas[0].licence for kind in ("hard", "import", "export")}
    assert owners == {"hard": None, "import": {"importer": 1.0}, "export": {"exporter": 1.0}}
    shared = {"exporter": 0.5, "treasury": 0.5}
    assert put(block | {"quota": "export", "rent_owners": shared}).quotas[0].licence == shared


def test_a_share_of_a_base_period_is_a_volume(put):
    volume = {"share": 0.7, "period_tonnes": 3000.0, "base_tonnes": 2100.0}
    (quota,) = put({"quota": "hard", "volume": volume} | QUOTA).quotas
    assert quota.volume == pytest.approx(1.0)


def test_a_quota_on_all_sources_leaves_out_trade_inside_a_region():
    from tests.economies import elasticities, random_benchmark

    world = random_benchmark(1, inner_trade=True)
    block = {"quota": "hard", "volume": 0.7, "exporters": "all", "importers": "r0", "sectors": "s0"}
    scenario = Scenario(name="t", title="t", question="?", sources=["x"], shocks=[block])
    policy = bind(scenario, world, calibrate(world, elasticities(world)))
    assert [q.flows[0][0] for q in policy.quotas] == ["r1", "r2"]


def test_a_ban_is_a_prohibitive_charge_by_what_can_take_its_place(put, parameters):
    one = {"quota": "ban"} | QUOTA | {"exporters": "EU27"}
    at = {"exporter": "EU27", "importer": "USA", "sector": "STL"}
    p = parameters.data
    duty = 1.0 + float(p["tm0"].loc[at])
    among, against_home = (float(p[s].sel(region="USA", sector="STL")) for s in ("sigma_m", "sigma_d"))
    assert 1.0 + cell(put(one).instruments["tm_unit"], **at) / duty == pytest.approx(1e6 ** (1.0 / among))
    every = put(one | {"exporters": "all"}).instruments["tm_unit"]
    assert 1.0 + cell(every, **at) / duty == pytest.approx(1e6 ** (1.0 / against_home))
    assert cell(every, exporter="EU27", importer="KOR", sector="STL") == 0.0


def test_a_ban_leaves_nothing_worth_the_name(runner):
    block = {"quota": "ban"} | QUOTA | {"exporters": "EU27"}
    result = runner.solve(Scenario(name="t", title="t", question="?", sources=["x"], shocks=[block]))
    row = result.trade.set_index(["exporter", "importer", "sector"]).loc[("EU27", "USA", "STL")]
    assert row["volume_pct"] == pytest.approx(-100.0, abs=1e-3)
    assert row["value_pct"] < -99.5
    assert "prohibitive" in result.notes[0]
    # indices do not take the price that no one pays for a price
    assert result.welfare["real_gdp_pct"].abs().max() < 5.0
    assert result.welfare["terms_of_trade_pct"].abs().max() < 10.0


def test_the_ceiling_of_a_tariff_rate_quota_makes_both_ways_in_cost_the_same(put):
    policy = put(TRQ)
    (quota,) = policy.quotas
    assert cell(policy.instruments["tm"], **STEEL) == pytest.approx(0.02)
    assert quota.volume == 1.2
    assert 1.02 * (1 + quota.ceiling) == pytest.approx(1.25)


def test_rates_of_a_quota_can_replace_a_layer(put, world):
    policy = put(TRQ | {"layer": "section232"})
    mfn = float(world.data["tariff"].sel(layer="mfn", **STEEL))
    assert cell(policy.instruments["tm"], **STEEL) == pytest.approx(mfn + 0.02)
    assert (1 + mfn + 0.02) * (1 + policy.quotas[0].ceiling) == pytest.approx(1 + mfn + 0.25)


def test_the_ceiling_counts_margins():
    world = small_world(margins=True)
    parameters = calibrate(world, elasticities_of(world))
    scenario = Scenario(name="t", title="t", question="?", sources=["x"], shocks=[TRQ])
    ceiling = bind(scenario, world, parameters).quotas[0].ceiling
    fob = float((world.data["trade"] + world.data["export_tax"]).loc[STEEL])
    margins = float(world.data["margin_use"].sum("margin").loc[STEEL])
    assert margins > 0
    assert 1.02 * (fob * (1 + ceiling) + margins) == pytest.approx(1.25 * (fob + margins))


def test_owners_of_a_rent_can_be_named(put):
    new = {"quota": "hard", "volume": 0.7} | QUOTA
    assert put(new).quotas[0].licence is None
    shared = {"importer": 0.25, "treasury": 0.75}
    assert put(new | {"rent_owners": shared}).quotas[0].licence == shared
    assert put(new | {"exporters": "EU27", "rent_owners": {"treasury": 1}}).quotas[0].licence == {"treasury": 1.0}


# refusals


@pytest.mark.parametrize(
    ("shock", "message"),
    [
        (TARIFF | {"exporters": "KRO", "add": 1}, "unknown exporter (region) 'KRO' (did you mean KOR?)"),
        (TARIFF | {"exporters": "korea", "add": 1}, "exporter 'korea' is called KOR; write KOR"),
        (TARIFF | {"exporters": "DEU", "add": 1}, "DEU is not separate in this benchmark but inside EU27"),
        (TARIFF | {"exporters": "cptp", "add": 1}, "did you mean cptpp?"),
        (TARIFF | {"sectors": "AGRI", "add": 1}, "unknown sector 'AGRI' (did you mean AGR?)"),
        (TARIFF | {"layer": "section301", "set": 1}, "unknown layer 'section301' (did you mean section232?)"),
        (TARIFF | {"importers": "KOR", "add": 1}, "the benchmark has no such flow"),
        (TARIFF | {"exporters": ["EU27", "USA"], "add": 1}, "exporter USA has no such flow in the benchmark"),
        (TARIFF | {"add": -150}, "-100 % or lower"),
        ({"instrument": "output_tax", "regions": "KOR", "add": 120}, "this tax must stay under 100 %"),
        ({"quota": "hard", "volume": 1} | QUOTA | {"importers": "KOR"}, "the benchmark has no such flow"),
    ],
)
def test_what_does_not_fit_the_benchmark_is_refused(put, shock, message):
    assert message in refused(put, shock)


def test_two_quotas_on_one_flow_are_refused(put):
    hard = {"quota": "hard", "volume": 0.7} | QUOTA
    assert "a second quota or ban on KOR USA STL; keep one" in refused(put, hard, hard)


def test_faults_of_form_and_of_fit_are_told_together_by_line(world, parameters):
    text = """\
name: test
title: Test
question: What?
sources: [none]
typo: 1
shocks:
  - instrument: import_tariff
    exporters: KRO
    importers: USA
    ad: 10
  - instrument: import_tariff
    exporters: KOR
    importers: [UAS]
    add: 10
"""
    with pytest.raises(PolicyError) as error:
        check(Draft("f.yaml", text), world, parameters)
    places = [fault.split(": ")[0] for fault in error.value.faults]
    assert places == ["f.yaml:5", "f.yaml:8", "f.yaml:10", "f.yaml:13"]
    assert str(error.value).startswith("f.yaml has 4 faults:")


LIMIT = {"quota": "hard", "exporters": "KOR", "importers": "USA", "sectors": "AGR"}
HOME = {"regions": "KOR", "sectors": "AGR"}


@pytest.mark.parametrize(
    ("block", "told"),
    [
        (
            TARIFF | {"add": 0.10},
            "import_tariff add: 0.1 is read as 0.1 percentage points; 10 of them would be add: 10",
        ),
        (TARIFF | {"set": 0.25}, "import_tariff set: 0.25 is read as 0.25 per cent; 25 of them would be set: 25"),
        (
            TARIFF | {"scale": 50},
            "import_tariff scale: 50 is read as 50 times the rate; 50 % of it would be scale: 0.5",
        ),
        (
            LIMIT | {"volume": 90},
            "quota volume: 90 is read as 90 times the benchmark's; 90 % of it would be volume: 0.9",
        ),
        (
            {"instrument": "productivity", "set": 1.05} | HOME,
            "productivity set: 1.05 is read as 1.05 % above the benchmark; an index of 1.05 would be set: 5",
        ),
        (
            {"instrument": "productivity", "add": 0.05} | HOME,
            "productivity add: 0.05 is read as 0.05 percentage points",
        ),
    ],
)
def test_a_number_that_looks_like_one_of_another_unit_is_noted_as_it_is_understood(put, block, told):
    assert any(note.startswith(told) for note in put(block).notes), put(block).notes


@pytest.mark.parametrize(
    "block", [TARIFF | {"add": 10}, TARIFF | {"set": 0}, TARIFF | {"scale": 2}, LIMIT | {"volume": 0.9}]
)
def test_a_number_of_the_usual_size_is_not_noted(put, block):
    assert not any("is read as" in note for note in put(block).notes)
