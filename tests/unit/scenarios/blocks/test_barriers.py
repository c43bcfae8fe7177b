"""Non-tariff measures and home preference: the costs and rents that they become, what they equal, and every refusal."""

import numpy as np
import pytest
import xarray as xr

from cge.calibration.shares import calibrate
from cge.errors import PolicyError
from cge.forms import unit_cost_of_two
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import bind
from cge.solvers import Problem
from tests.economies import elasticities, random_benchmark

FLOWS = {"exporters": "KOR", "importers": "USA", "sectors": "AGR"}
AT = {"exporter": "KOR", "importer": "USA", "sector": "AGR"}
MIXED = {"non_tariff": {"resource": 0.5, "exporter": 0.3, "treasury": 0.2}} | FLOWS


def scenario(*shocks, **keys):
    return Scenario(name="t", title="t", question="?", sources=["x"], shocks=shocks, **keys)


@pytest.fixture
def put(world, parameters):
    return lambda *shocks, **keys: bind(scenario(*shocks, **keys), world, parameters).instruments


def owner(array, name):
    return float(array.sel(owner=name, **AT))


def test_an_equivalent_is_split_into_resources_and_rents(put):
    got = put(MIXED | {"add": 10})
    assert float(got["tau"].loc[AT]) == pytest.approx(1.05)
    # there are no margins here, so fob and cif are one
    assert [owner(got["ntm"], o) for o in ("exporter", "importer", "treasury")] == pytest.approx([0.03, 0.0, 0.02])
    assert float((got["tau"] - 1.0).sum()) == pytest.approx(0.05)  # and nowhere else


def test_set_replaces_and_scale_reduces_what_earlier_shocks_set(put):
    first = MIXED | {"add": 10}
    again = put(first, MIXED | {"set": 4}, wins="last")
    assert float(again["tau"].loc[AT]) == pytest.approx(1.02)
    assert owner(again["ntm"], "exporter") == pytest.approx(0.012)
    half = put(first, MIXED | {"scale": 0.5})
    assert float(half["tau"].loc[AT]) == pytest.approx(1.025)
    assert owner(half["ntm"], "treasury") == pytest.approx(0.01)


def test_removing_what_the_benchmark_holds_brings_costs_under_one(put):
    resource = {"non_tariff": {"resource": 1.0}, "add": -4} | FLOWS
    assert float(put(resource)["tau"].loc[AT]) == pytest.approx(0.96)
    both = put(resource | {"both_ways": True})["tau"]
    assert float(both.sel(exporter="USA", importer="KOR", sector="AGR")) == pytest.approx(0.96)


def test_a_home_preference_weighs_with_the_share_of_who_prefers(put, parameters):
    block = {"home_preference": {"treasury": 1.0}, "add": 20} | FLOWS
    p = parameters.data.sel(region="USA")
    own = {s: float(p["use_final"].sel(sector=s, agent="G")) for s in ("AGR", "STL", "PUB")}
    # and what goes into the services that it provides
    share = own["AGR"] + sum(own[s] * float(p["use_input"].sel(input="AGR", sector=s)) for s in own)
    assert share > own["AGR"]
    got = put(block)
    assert set(got) == {"tm"}  # what the treasury keeps is a tariff
    old = float(parameters.data["tm0"].loc[AT])
    assert float(got["tm"].loc[AT]) - old == pytest.approx(0.2 * share)
    everyone = put(block | {"agents": ["C", "G", "I"]})
    wider = share - own["AGR"] + float(p["use_final"].sel(sector="AGR").sum())
    assert float(everyone["tm"].loc[AT]) - old == pytest.approx(0.2 * wider)
    firms = put(block | {"home_preference": {"importer": 0.5, "resource": 0.5}})
    assert owner(firms["ntm"], "importer") == pytest.approx(0.1 * share)
    assert float(firms["tau"].loc[AT]) == pytest.approx(1.0 + 0.1 * share)


def test_what_is_removed_leaves_accounts_that_balance(runner):
    opened = {"home_preference": {"treasury": 0.5, "resource": 0.5}, "add": -25} | FLOWS
    eased = {"non_tariff": {"resource": 1.0}, "add": -4} | FLOWS | {"exporters": "EU27"}
    result = runner.solve(scenario(opened, eased, MIXED | {"add": 3, "exporters": "EU27"}))
    assert result.proof["identities"] < 1e-9
    assert result.welfare.loc["USA", "ev_musd"] != 0.0


def test_the_weighted_wedge_is_the_preference_of_one_purchaser_to_first_order():
    """Imports when one purchaser faces a tariff of its own, against a wedge on everyone weighted with its share."""
    home, sigma, part = 0.7, 3.0, 0.25

    def imports(tariff):
        price = unit_cost_of_two(home, 1.0, 1.0 + tariff, sigma)
        return (price / (1.0 + tariff)) ** sigma

    def own(t):
        return part * imports(t) + (1.0 - part) * imports(0.0)

    def wedge(t):
        return imports(part * t)

    gaps = [abs(own(t) - wedge(t)) for t in (0.02, 0.01)]
    assert abs(own(0.01) - 1.0) > 4e-3  # it does something
    assert gaps[1] < 0.05 * abs(own(0.01) - 1.0)
    assert gaps[0] / gaps[1] == pytest.approx(4.0, rel=0.1)  # what is left is of second order


@pytest.fixture(scope="module")
def plain():
    world = random_benchmark(4, taxes=False)
    return world, calibrate(world, elasticities(world, 4))


@pytest.mark.parametrize("who", ["treasury", "exporter", "resource"])
def test_a_measure_of_one_bearer_is_the_policy_that_theory_says(plain, who):
    """A rent of the treasury is a tariff, one of the exporter an export tax, a resource cost an iceberg cost."""
    world, parameters = plain
    block = {"non_tariff": {who: 1.0}, "exporters": "r0", "importers": "r1", "sectors": "s0", "add": 10}
    got = Problem(parameters).solve(bind(scenario(block), world, parameters).instruments).data
    symbol, base = {"treasury": ("tm", 0.0), "exporter": ("te", 0.0), "resource": ("tau", 1.0)}[who]
    level = xr.full_like(parameters.data["tm0"], base)
    level.loc[{"exporter": "r0", "importer": "r1", "sector": "s0"}] += 0.1
    wanted = Problem(parameters).solve({symbol: level}).data
    for name in ("income", "flow", "py"):
        np.testing.assert_allclose(got[name], wanted[name], atol=1e-10)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (MIXED, "give exactly one of set, add"),
        (MIXED | {"add": 1, "scale": 1}, "give exactly one of set, add"),
        (MIXED | {"add": 1, "non_tariff": {"resource": 0.5}}, "sum to 0.5; they must sum to 1"),
        ({k: v for k, v in MIXED.items() if k != "sectors"} | {"add": 1}, "a barrier needs sectors"),
        ({"home_preference": {"exporter": 1.0}, "add": 1} | FLOWS, "stays at home"),
        ({"home_preference": {"treasury": 1.0}} | FLOWS, "is missing; add it"),
        ({"instrument": "ntm_premium", "add": 1} | FLOWS, "ntm_premium needs owners"),
    ],
)
def test_a_block_that_cannot_be_is_refused(block, reason):
    with pytest.raises(ValueError, match=reason):
        scenario(block)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (MIXED | {"add": -200, "non_tariff": {"resource": 1.0}}, "-100 % or lower"),
        (MIXED | {"add": -2}, "a rent falls below zero"),
        (MIXED | {"add": 1, "exporters": "USA"}, "no such flow"),
        ({"home_preference": {"treasury": 1.0}, "add": 1, "agents": "X"} | FLOWS, "unknown agent"),
    ],
)
def test_a_block_that_does_not_fit_is_refused(put, block, reason):
    with pytest.raises(PolicyError, match=reason):
        put(block)
