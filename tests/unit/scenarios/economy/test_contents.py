"""What labels contain decides, never how they are spelt: other names and maps, other units, own groups and values."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.contents import RegionContents
from cge.calibration.elasticities import load_elasticities
from cge.calibration.matching import Choice, elasticities_for
from cge.calibration.table import MONEY, SCHEMA
from cge.errors import DataError, RequestError
from cge.scenarios.economy.batch import run_plan
from cge.scenarios.economy.plan import plan
from cge.scenarios.economy.run import Runner
from cge.scenarios.economy.setting import elasticities_of, setting
from cge.scenarios.economy.verbs import diff
from cge.scenarios.files import library
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import bind
from tests.economies import random_benchmark


@pytest.fixture(scope="module")
def twelve():
    return Benchmark.load("world2020-12x12")


@pytest.fixture(scope="module")
def renamed(twelve):
    return twelve.aggregate({r: {"KOR": "Korea", "ROW": "rest"}.get(r, r) for r in twelve.regions})


def tariff(name="own", **keys):
    shock = {"instrument": "import_tariff", "add": 10, "importers": "all", "exporters": "all", "sectors": "all"} | keys
    return Scenario(name=name, title="t", question="q", sources=["made up"], shocks=[shock])


def agreed(**keys):
    block = {"action": "entry"} | keys
    return Scenario(name="agreed", title="t", question="q", sources=["made up"], shocks=[block])


@pytest.mark.parametrize("name", ["korea-cptpp", "us-universal-10-fta-exempt", "korea-steel-trq", "us-china-60-on-top"])
def test_the_library_does_the_same_under_other_labels(name, twelve, renamed):
    one, other = setting(twelve), setting(renamed)
    assert np.array_equal(one.parameters.arrays["sigma_m"], other.parameters.arrays["sigma_m"])
    assert np.array_equal(one.parameters.arrays["subsistence"], other.parameters.arrays["subsistence"])
    a, b = (bind(library.load(name), where.benchmark, where.parameters) for where in (one, other))
    assert a.instruments.keys() == b.instruments.keys()
    for symbol, level in a.instruments.items():
        assert np.array_equal(level.values, b.instruments[symbol].values), symbol
    assert [(q.volume, q.ceiling) for q in a.quotas] == [(q.volume, q.ceiling) for q in b.quotas]


def test_a_renamed_region_has_the_same_welfare(twelve, renamed):
    one, other = (Runner(setting(table)).solve(library.load("korea-cptpp")) for table in (twelve, renamed))
    assert np.abs(one.welfare["ev_pct"].values - other.welfare["ev_pct"].values).max() < 1e-9
    assert other.welfare.index[0] == "Korea"
    assert str(other.equilibrium["region_name"].sel(region="rest").item()) == "Rest of the world"
    assert str(other.equilibrium["sector_name"].sel(sector="STL").item()) == "Iron and steel"


def test_an_own_rest_of_the_world_has_its_own_people(twelve):
    own = twelve.aggregate({r: r if r in ("KOR", "USA") else "ROW" for r in twelve.regions})
    frisch = elasticities_of(own)["frisch"]
    assert float(frisch.sel(region="ROW")) == pytest.approx(-2.750, abs=0.01)
    assert float(frisch.sel(region="KOR")) == float(elasticities_of(twelve)["frisch"].sel(region="KOR"))


def test_merged_sectors_have_the_mean_of_what_they_hold(twelve):
    own = twelve.aggregate(sector_map={s: "AGR" if s == "FOO" else s for s in twelve.sectors})
    package = load_elasticities()["esubm"]
    merged = float(elasticities_of(own)["esubm"].sel(sector="AGR"))
    assert float(package.sel(sector="FOO")) < merged < float(package.sel(sector="AGR"))
    goods = twelve.aggregate(sector_map={s: "SERV" if s in ("SRV", "INF") else "GOODS" for s in twelve.sectors})
    assert elasticities_of(goods)["esubm"].sizes == {"sector": 2}


def test_the_scale_of_the_money_moves_nothing(twelve):
    money = [name for name, account in SCHEMA.items() if account.unit == MONEY]
    plain = twelve.data.drop_attrs(deep=False)
    thousands = Benchmark(plain.assign({name: plain[name] * 1e3 for name in money}))
    told = thousands.with_contents(replace(twelve.contents, unit="thousand USD"))
    assert told.contents.unit == "million USD"
    np.testing.assert_allclose(elasticities_of(told)["frisch"], elasticities_of(twelve)["frisch"], rtol=1e-12)
    _, notes = elasticities_for(thousands.with_contents(replace(twelve.contents, unit="million KRW")))
    assert "the money is in KRW" in notes[0]


def test_a_benchmark_that_says_nothing_is_refused_what_it_would_need():
    world = Benchmark(random_benchmark(3).data.assign_attrs(contents="{}"))
    with pytest.raises(DataError, match=r"sector s0 has no esubm, .*products are not known"):
        setting(world)
    everything = elasticities(world)
    where = setting(world, elasticities=everything)
    bind(tariff(importers="r0"), world, where.parameters)
    for scenario in ("korea-cptpp", tariff(importers="eu"), tariff(importers="KOR")):
        with pytest.raises(RequestError, match=r"not known.*docs/contents.md"):
            Runner(where).scenarios([scenario])
    nameless = {label: replace(held, role=None) for label, held in world.contents.factors.items()}
    told = world.with_contents(replace(world.contents, factors=nameless))
    for closure, role in (("unemployment", "labour"), ("global-bank", "capital")):
        with pytest.raises(RequestError, match=f"has the role {role}; say which"):
            setting(told, closure, everything)


def elasticities(world):
    """Values of the package for labels of which nothing is known."""
    values = load_elasticities().isel(sector=slice(0, len(world.sectors)))
    factors = [str(factor) for factor in world.data["factor"].values]
    values = (
        values.assign_coords(sector=world.sectors).isel(factor=slice(0, len(factors))).assign_coords(factor=factors)
    )
    return values.drop_vars(["income_elasticity_low", "income_elasticity_high"])


def test_own_groups_from_a_file_are_named_everywhere(tmp_path, world):
    (tmp_path / "groups.yaml").write_text("regions:\n  friends: [KOR, EU27]\nsectors:\n  metal: [STL]\n")
    groups = str(tmp_path / "groups.yaml")
    scenario = tariff(importers="friends", exporters="USA", sectors="metal")
    where = setting(world, groups=groups)
    (bound,) = Runner(where).scenarios([scenario])
    raised = bind(bound, world, where.parameters).instruments["tm"] - where.parameters.data["tm0"]
    assert set(zip(*np.nonzero(raised.values > 1e-12), strict=True)) == {(1, 0, 1), (1, 2, 1)}
    assert bound.sha256 != scenario.sha256  # what the groups hold is a part of it
    other = tariff("other", importers=["KOR", "EU27"], exporters="USA", sectors="STL")
    assert diff(scenario, other, world, groups=groups).same
    rows = run_plan(plan(scenario, (), None, "welfare"), tmp_path / "batch", Runner(where), workers=0).runs
    assert rows["status"].tolist() == ["solved"]
    with pytest.raises(RequestError, match=r"unknown importer .*friends"):
        Runner(setting(world)).scenarios([scenario])


def test_own_groups_stand_in_a_scenario_too(tmp_path, world):
    (tmp_path / "mine.yaml").write_text(
        "name: mine\ntitle: t\nquestion: q\nsources: [made up]\ngroups:\n  regions: {pair: [KOR, USA]}\n"
        "shocks:\n  - {agreement: pact.yaml, action: entry}\n"
    )
    (tmp_path / "pact.yaml").write_text("title: A pact\nmembers: pair\ngoods: STL\n")
    where = setting(world)
    (scenario,) = Runner(where).scenarios([tmp_path / "mine.yaml"])
    cut = bind(scenario, world, where.parameters).instruments["tm"] - where.parameters.data["tm0"]
    assert set(zip(*np.nonzero(cut.values < -1e-12), strict=True)) <= {(0, 1, 1), (1, 0, 1)}
    assert bool((cut < -1e-12).any())
    (tmp_path / "pact.yaml").write_text("title: A pact\nmembers: pair\nutilisation: 2\ntarif: 0\n")
    with pytest.raises(RequestError) as refused:
        Runner(where).scenarios([tmp_path / "mine.yaml"])
    assert "did you mean tariff" in str(refused.value)
    assert "utilisation" in str(refused.value)


def test_an_own_agreement_names_labels_of_the_benchmark():
    world = random_benchmark(3)
    where = setting(world, elasticities=elasticities(world))
    scenario = agreed(agreement={"name": "pact", "members": ["r0", "r1"], "goods": "all"})
    (bound,) = Runner(where).scenarios([scenario])
    assert "tm" in bind(bound, world, where.parameters).instruments


def test_a_file_may_hold_the_rows_that_differ_alone(tmp_path, twelve):
    rows = pd.DataFrame([("esubm", "STL", 3.0), ("frisch", "", -4.0)], columns=["parameter", "index", "default"])
    rows.to_csv(tmp_path / "mine.csv", index=False)
    mine, whole = elasticities_of(twelve, tmp_path / "mine.csv"), elasticities_of(twelve)
    assert float(mine["esubm"].sel(sector="STL")) == 3.0
    assert float(mine["frisch"]) == -4.0
    others = [s for s in twelve.sectors if s != "STL"]
    np.testing.assert_array_equal(mine["esubm"].sel(sector=others), whole["esubm"].sel(sector=others))
    upper = elasticities_of(twelve, f"{tmp_path / 'mine.csv'}:upper")
    np.testing.assert_array_equal(
        upper["esubm"].sel(sector=others), elasticities_of(twelve, "upper")["esubm"].sel(sector=others)
    )
    with pytest.raises(DataError, match="esubm STL has no bounds"):
        elasticities_for(twelve, Choice.read(tmp_path / "mine.csv"), "lower")


def test_rows_for_labels_and_for_codes_are_told_apart(tmp_path, twelve):
    own = twelve.aggregate(sector_map={s: s if s == "STL" else "OTHER" for s in twelve.sectors})
    write = lambda *names: pd.DataFrame(  # noqa: E731
        [("esubm", name, 3.0) for name in names], columns=["parameter", "index", "default"]
    ).to_csv(tmp_path / "mine.csv", index=False)
    write("OTHER")
    assert float(elasticities_of(own, tmp_path / "mine.csv")["esubm"].sel(sector="OTHER")) == 3.0
    write("AUT", "ELE", "MCH")  # three of the many that OTHER holds
    assert 3.0 < float(elasticities_of(own, tmp_path / "mine.csv")["esubm"].sel(sector="OTHER")) < 6.0
    write("OTHER", "AUT")
    with pytest.raises(DataError, match="give those of one kind"):
        elasticities_of(own, tmp_path / "mine.csv")
    write("OTER")
    with pytest.raises(DataError, match="did you mean OTHER"):
        elasticities_of(own, tmp_path / "mine.csv")


def test_factors_of_any_name_have_a_role_or_a_row(tmp_path):
    world = random_benchmark(3)
    factors = [str(factor) for factor in world.data["factor"].values]
    contents = {"sectors": {"s0": {"products": "AGR"}, "s1": {"products": "STL"}, "s2": {"products": "PUB"}}}
    half = world.with_contents(contents | {"factors": {factors[0]: {"role": "labour"}}})
    with pytest.raises(DataError, match=f"factor {factors[1]} has no eta_factor: its role is not known|are not known"):
        elasticities_of(half)
    rows = [("eta_factor", factor, 0.5) for factor in factors[1:]]
    pd.DataFrame(rows, columns=["parameter", "index", "default"]).to_csv(tmp_path / "eta.csv", index=False)
    eta = elasticities_of(half, tmp_path / "eta.csv")["eta_factor"]
    assert np.isinf(float(eta.sel(factor=factors[0])))
    assert (eta.sel(factor=factors[1:]) == 0.5).all()


def test_a_region_without_people_has_the_world_s_household_and_a_note_says_so(twelve):
    regions = {**twelve.contents.regions, "VNM": RegionContents("Viet Nam", frozenset({"VNM"}))}
    table = twelve.with_contents(replace(twelve.contents, regions=regions))
    values, notes = elasticities_for(table)
    assert values["frisch"].dims == ()
    assert "the population of VNM is not known" in notes[0]
