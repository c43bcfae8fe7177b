"""Carbon blocks: the charges that they become, emissions in the results, and every refusal."""

import pytest

import cge
from cge.embodied import intensity, with_electricity
from cge.errors import PolicyError
from cge.scenarios.economy.setting import setting
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import bind
from cge.scenarios.results.results import Result

PRICE = {"carbon_price": 50, "regions": "EU27"}
BORDER = {"border_carbon": 50, "importers": "EU27", "sectors": ["STL", "MET"]}


def scenario(*shocks):
    return Scenario(name="t", title="t", question="?", sources=["x"], shocks=shocks)


@pytest.fixture(scope="module")
def place():
    return setting("world2020-12x12")


@pytest.fixture
def put(place):
    return lambda *shocks: bind(scenario(*shocks), place.benchmark, place.parameters).instruments


def test_the_charge_is_price_times_intensity_on_the_flows_of_non_members(put, place):
    e = intensity(place.parameters)
    charge = put(BORDER)["tm_unit"]
    p = place.parameters.data
    at = {"exporter": "CHN", "importer": "EU27", "sector": "STL"}
    cif = float((p["duty_paid"] / (1 + p["tm0"])).loc[at])
    wanted = 50e-3 * float(e.sel(region="CHN", sector="STL")) * float(p["trade"].loc[at]) / cif
    assert float(charge.loc[at]) == pytest.approx(wanted)
    assert 0.01 < wanted < 0.1  # 50 dollars a tonne on some 0.8 kilograms a dollar
    assert not charge.sel(exporter="EU27").any()  # members charge each other nothing
    assert not charge.sel(importer="KOR").any()
    assert not charge.sel(sector="AUT").any()


def test_the_exporters_own_price_is_taken_off_the_charge(put):
    own = {"carbon_price": 20, "regions": "CHN"}
    at = {"exporter": "CHN", "importer": "EU27", "sector": "STL"}
    whole, less = put(BORDER)["tm_unit"], put(own, BORDER)["tm_unit"]
    assert float(less.loc[at] / whole.loc[at]) == pytest.approx(0.6)
    assert float(put(own, BORDER | {"deduct": False})["tm_unit"].loc[at]) == pytest.approx(float(whole.loc[at]))


def test_electricity_adds_what_utilities_emit():
    parameters = setting("world2020-29x28").parameters
    direct = intensity(parameters)
    wide = with_electricity(parameters, direct)
    assert bool((wide >= direct - 1e-15).all())
    assert float(wide.sel(region="CHN", sector="NFM")) > 1.1 * float(direct.sel(region="CHN", sector="NFM"))
    assert float(wide.sel(region="CHN", sector="UTL")) == float(direct.sel(region="CHN", sector="UTL"))


def test_a_carbon_price_lowers_emissions_where_it_is_and_leaks_elsewhere(tmp_path):
    result = cge.run(scenario(PRICE | {"rebate": True}, BORDER), benchmark="world2020-12x12")["t"]
    table = result.emissions.groupby("region")[["base_kt", "new_kt"]].sum()
    change = table["new_kt"] / table["base_kt"] - 1.0
    assert change["EU27"] < -0.002
    assert change.drop("EU27").max() > 0.0
    assert table["base_kt"].sum() / 1e6 == pytest.approx(36.6, abs=0.1)
    assert set(result.emissions["emitter"]) > {"STL", "households"}
    again = Result.load(result.save(tmp_path / "r"))
    assert again.emissions["new_kt"].tolist() == result.emissions["new_kt"].tolist()


def test_a_benchmark_without_emissions_has_an_empty_table_and_no_price(result, world, parameters):
    assert result.emissions.empty
    for block in (PRICE, BORDER | {"sectors": "STL"}):
        with pytest.raises(PolicyError, match=r"no (such )?emissions"):
            bind(scenario(block), world, parameters)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ({"border_carbon": 50, "sectors": "STL"}, "needs importers"),
        (BORDER | {"scope": "electricity"}, "sells electricity alone; use scope direct"),
        (PRICE | {"regions": "EU"}, "unknown region 'EU'"),
    ],
)
def test_a_block_that_does_not_fit_is_refused(put, block, reason):
    with pytest.raises(PolicyError, match=reason):
        put(block)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (BORDER | {"border_carbon": 0}, "greater than 0"),
        (BORDER | {"scope": "all"}, "direct"),
        ({"carbon_price": 50}, "is missing; add it"),
        (PRICE | {"importers": "USA"}, "carbon_price has no importers; it takes regions, sectors"),
    ],
)
def test_a_block_that_cannot_be_is_refused(block, reason):
    with pytest.raises(ValueError, match=reason):
        scenario(block)


def test_without_sectors_of_fuels_a_price_falls_on_output_and_what_asks_for_them_is_refused(place, put):
    """At 12 x 12 the closure with the nest is today's model, and says so."""
    policy = bind(scenario(PRICE), place.benchmark, place.parameters)
    assert "co2" not in policy.instruments
    assert any("makes fuels alone" in note for note in policy.notes)
    with pytest.raises(PolicyError, match="makes fuels alone"):
        put(PRICE | {"fuels": True})
    with pytest.raises(PolicyError, match="makes fuels alone"):
        put({"carbon_market": 5, "regions": "KOR"})
    assert any("the nest of energy is off" in note for note in setting("world2020-12x12", "energy").notes)
