"""A lost supplier: what each variant cuts, and what is refused."""

import numpy as np
import pytest

import cge
from cge.errors import PolicyError, RequestError

WORLD = "world2020-12x12"
LOSS = {"regions": "JPN", "sectors": "ELE", "per_cent": 40}
AT = {"region": "JPN", "sector": "ELE"}


def scenario(horizon=None, **loss):
    return cge.Scenario(
        name="lost", title="t", question="q", sources=["s"], horizon=horizon, shocks=[{"supply_loss": LOSS | loss}]
    )


@pytest.fixture(scope="module")
def solved():
    cases = {
        "capacity": scenario("short"),
        "productivity": scenario(by="productivity"),
        "quota": scenario(by="quota"),
        "rationing": scenario("short", by="rationing"),
        "agreement": scenario("short", by="rationing", parties=["KOR"]),
    }
    return {name: cge.run(case, WORLD).results[0] for name, case in cases.items()}


def test_capacity_is_cut_in_the_industry_alone(solved):
    x = solved["capacity"].equilibrium
    np.testing.assert_allclose(x["qf"].sel(factor="CAP", **AT), 0.6, rtol=1e-9)
    others = x["qf"].sel(factor="CAP").drop_sel(region="JPN")
    np.testing.assert_allclose(others, 1.0, rtol=1e-9)
    assert 0.6 < float(x["y"].sel(**AT)) < 1.0


@pytest.mark.parametrize("by", ["productivity", "quota"])
def test_output_is_what_is_left(solved, by):
    x = solved[by].equilibrium
    np.testing.assert_allclose(x["y"].sel(**AT), 0.6, rtol=1e-8)
    moved = {"productivity": ("tfp", x["tfp"].sel(**AT) < 1.0), "quota": ("to", x["to"].sel(**AT) > 0.0)}[by]
    assert moved[1]


def test_rationing_gives_the_rent_to_users(solved):
    rents, x = solved["rationing"].rents, solved["rationing"].equilibrium
    rents = rents[(rents["exporter"] == "JPN") & (rents["sector"] == "ELE")]
    assert set(rents["owner"]) == {"importer"}
    assert (rents["premium_pct"] > 0.0).any()
    assert float(x["py"].sel(**AT)) < float(solved["capacity"].equilibrium["py"].sel(**AT))


def test_parties_are_cut_last(solved):
    def bought(name, importer):
        return float(solved[name].equilibrium["flow"].sel(exporter="JPN", sector="ELE", importer=importer))

    assert bought("agreement", "KOR") > bought("rationing", "KOR")
    assert bought("agreement", "USA") < bought("rationing", "USA")
    assert solved["agreement"].welfare.loc["KOR", "ev_pct"] > solved["rationing"].welfare.loc["KOR", "ev_pct"]


def test_capacity_of_what_moves_is_refused():
    with pytest.raises(RequestError, match="choose the horizon short"):
        cge.run(scenario(), WORLD)
    with pytest.raises(RequestError, match="choose the horizon short"):
        cge.run(scenario("short"), WORLD, horizon="medium")


@pytest.mark.parametrize(("loss", "told"), [({"regions": "XYZ"}, "XYZ"), ({"parties": ["KOR"]}, "by: rationing")])
def test_faults(loss, told):
    with pytest.raises(PolicyError, match=told):
        cge.run(scenario("short", **loss), WORLD)


def test_all_of_it_cannot_be_lost():
    with pytest.raises(PolicyError, match="less than 100"):
        scenario(per_cent=100)
