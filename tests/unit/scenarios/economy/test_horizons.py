"""Horizons and financing: what each changes, what contradicts it, and who pays where theory says it matters not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import cge
from cge.calibration.benchmark import Benchmark
from cge.calibration.unemployment import HEAD, RAW, TABLE, compute, unemployment
from cge.closure import CLOSURES, Closure
from cge.errors import PolicyError, RequestError
from cge.scenarios.cli import app
from cge.scenarios.economy.run import Runner
from cge.scenarios.economy.setting import setting
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.names.horizon import BY, HORIZONS, THREE, Financing

SHARED = Path(__file__).resolve().parents[5] / "shared"
WORLD = "world2020-12x12"
POLICY = "korea-cptpp"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return cge.horizons([POLICY], WORLD, out=tmp_path_factory.mktemp("horizons"))


@pytest.mark.parametrize("name", HORIZONS)
def test_a_horizon_is_what_it_says(name):
    where, wanted = setting(WORLD, horizon=name), HORIZONS[name]
    assert all(getattr(where.closure, option) == choice for option, choice in wanted.closure.items())
    eta = where.elasticities["eta_factor"]
    assert all(float(eta.sel(factor={"capital": "CAP", "labour": "LAB"}[r])) == v for r, v in wanted.mobility.items())
    if wanted.trade:
        assert (where.elasticities["esubm"] == wanted.trade[0]).all()
        assert (where.elasticities["esubd"] == wanted.trade[1]).all()
    assert where.names["horizon"] == name


def test_the_medium_horizon_is_the_standard_closure(found):
    plain = cge.run(POLICY, WORLD).results[0].welfare
    np.testing.assert_allclose(found.at["medium"][POLICY].welfare, plain, rtol=1e-9, equal_nan=True)


def test_horizons_side_by_side(found):
    """Real GDP hangs on the horizon, and welfare less: added capital is no gift."""
    assert found.names == list(THREE)
    gdp, net, ev = (found.table(f"{name}_pct").loc["KOR", POLICY] for name in ("real_gdp", "ev_net", "ev"))
    assert gdp["long"] > 10.0 * gdp["medium"] > 0.0
    assert abs(net["long"] - net["medium"]) < 0.03
    assert ev["long"] > 5.0 * net["long"]
    steady = found.at["long"][POLICY].welfare["ev_steady_pct"]
    assert 0.0 < steady["KOR"] < ev["long"]
    assert found.welfare.loc[("short", POLICY, "KOR"), "ev_steady_pct"] != steady["KOR"]
    for name, comparison in found.at.items():
        assert comparison[POLICY].proof["horizon"] == name
        assert comparison[POLICY].proof["walras"] < 1e-9


def test_a_long_run_is_at_rest_and_holds_the_return(found):
    x = found.at["long"][POLICY].equilibrium
    real = x["w"].sel(factor="CAP") * (1.0 - x["td"]) / (1.0 - found.at["medium"][POLICY].equilibrium["td"]) / x["pinv"]
    np.testing.assert_allclose(real, 1.0, rtol=1e-9)
    np.testing.assert_allclose(x["endow"].sel(factor="CAP"), x["inv"], rtol=1e-9)


def test_the_short_run_holds_every_consumer_price(found):
    x = found.at["short"][POLICY].equilibrium
    np.testing.assert_allclose(x["cpi"], 1.0, rtol=1e-12)
    np.testing.assert_allclose(x["qf"].sel(factor="CAP"), 1.0, rtol=1e-9)
    assert abs(float(x["lending"])) < 1e-12


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"horizon": "shrot"}, "did you mean short"),
        ({"horizon": "short", "closure": "unemployment"}, "horizon short has labour 'supply', and the closure 'real"),
        ({"horizon": "long", "closure": "global-bank"}, "horizon long has saving 'fixed'"),
        ({"horizon": "medium", "closure": "long"}, "horizon medium has capital 'fixed'"),
        ({"horizon": "short", "elasticities": "upper"}, "trade elasticities of its own"),
        ({"financing": "tax"}, "unknown financing 'tax'"),
        ({"financing": "direct-tax:XYZ"}, "XYZ"),
        ({"financing": "spending:KOR"}, "is for all regions"),
        ({"financing": "lump-sum", "closure": "direct-tax"}, "give one of them"),
        ({"financing": "consumption-tax", "closure": "unemployment"}, "without end"),
    ],
)
def test_contradictions_are_refused(options, told):
    with pytest.raises((RequestError, PolicyError), match=told):
        setting(WORLD, **options)


def test_low_elasticities_with_fixed_foreign_saving_are_refused():
    where = setting(WORLD, horizon="short-blp")
    with pytest.raises(RequestError, match="hold real exchange rates"):
        replace(where, closure=Closure(labour="supply")).at(None, None)


def test_low_elasticities_of_one_s_own_are_told_of(caplog):
    values = setting(WORLD).elasticities
    ones = values["esubm"] * 0.0 + 1.0
    setting(WORLD, elasticities=values.assign(esubm=ones, esubd=ones))
    assert "hold real exchange rates" in caplog.text


@pytest.mark.parametrize("closure", [Closure("separate", government="lump-sum", saving="real-exchange-rates")])
def test_a_numeraire_beside_all_prices_is_refused(closure):
    with pytest.raises(PolicyError, match="leave the numeraire out"):
        replace(closure, numeraire="KOR")


@pytest.fixture(scope="module")
def paid():
    """Korea's gain by who pays, with fixed labour and along the wage curve."""
    result = {}
    for labour in ("standard", "labour-supply"):
        for by in ("lump-sum", "direct-tax", "consumption-tax"):
            runner = Runner(setting(WORLD, labour, financing=by))
            (scenario,) = runner.scenarios([POLICY])
            result[labour, by] = runner.solve(scenario)
    return result


def test_financing_is_neutral_with_fixed_labour(paid):
    """A direct tax on a fixed supply is a lump-sum tax; one on consumption differs by what is saved."""
    lump, direct, consumption = (paid["standard", by] for by in ("lump-sum", "direct-tax", "consumption-tax"))
    for column in ("ev_musd", "real_gdp_pct", "real_consumption_pct"):
        np.testing.assert_allclose(lump.welfare[column], direct.welfare[column], rtol=1e-7, atol=1e-8)
    assert abs(consumption.welfare.loc["KOR", "ev_pct"] - lump.welfare.loc["KOR", "ev_pct"]) < 0.005


def test_financing_matters_where_labour_answers(paid):
    gains = [
        paid["labour-supply", by].welfare.loc["KOR", "ev_pct"] for by in ("lump-sum", "direct-tax", "consumption-tax")
    ]
    assert gains[0] > gains[1] > gains[2]
    for (_, by), result in paid.items():
        x = result.equilibrium
        np.testing.assert_allclose(x["g"], 1.0, rtol=1e-9)
        freed = {"lump-sum": "lumpsum", "direct-tax": "td", "consumption-tax": "surtax"}[by]
        assert (abs(x[freed] - x[freed].mean()) > 1e-7).any()


def test_equal_points_on_every_good(paid):
    x = paid["labour-supply", "consumption-tax"].equilibrium
    added = (x["tc"] - setting(WORLD).parameters.data["tc0"]).sel(agent="C")
    there = setting(WORLD).parameters.data["final_use"].sel(agent="C") > 0.0
    np.testing.assert_allclose(added.where(there, x["surtax"]), x["surtax"] * there**0, atol=1e-12)
    assert (abs(x["tc"] - setting(WORLD).parameters.data["tc0"]).sel(agent=["G", "I"]) < 1e-14).all()


def test_some_regions_pay_by_the_named_tax_and_the_others_lump_sum():
    where = setting(WORLD, "labour-supply", financing={"by": "direct-tax", "regions": ["KOR"]})
    assert where.closure.financed == ("KOR",)
    (scenario,) = Runner(where).scenarios([POLICY])
    x = Runner(where).solve(scenario).equilibrium
    moved = abs(x["td"] - where.parameters.data["td0"]) > 1e-9
    assert moved.sel(region="KOR")
    assert int(moved.sum()) == 1
    assert float(x["lumpsum"].sel(region="KOR")) == 0.0
    assert (abs(x["lumpsum"].drop_sel(region="KOR")) > 0.0).all()


def test_spending_shows_no_ev_and_is_not_decomposed():
    result = cge.run(POLICY, WORLD, financing="spending").results[0]
    assert result.welfare["ev_musd"].isna().all()
    assert (result.welfare["real_government_pct"].abs() > 0.0).all()
    assert any("spent by government" in note for note in result.notes)
    with pytest.raises(PolicyError, match="spent by government"):
        cge.decompose(POLICY, WORLD, financing="spending")


def test_a_scenario_names_its_horizon():
    plain = cge.load_scenario(POLICY)
    own = plain.model_copy(update={"horizon": "long", "financing": "direct-tax"})
    result = cge.run(own, WORLD).results[0]
    assert result.proof["horizon"] == "long"
    assert result.proof["financing"] == "direct-tax"
    assert cge.run(own, WORLD, horizon="medium").results[0].proof["horizon"] == "medium"
    with pytest.raises(ValueError, match="did you mean short"):
        Scenario(**(plain.model_dump(exclude={"shocks", "parts", "groups"}) | {"horizon": "shorrt"}))


def test_financing_in_words():
    assert Financing.read("direct-tax:KOR,USA").name == "direct-tax (KOR, USA)"
    assert {Financing.read(by).name for by in BY} == set(BY)


def test_the_command_line_shows_all_horizons(tmp_path):
    told = CliRunner().invoke(
        app, ["run", "no-change", "--horizon", "all", "--benchmark", WORLD, "--out", str(tmp_path)]
    )
    assert told.exit_code == 0, told.output
    assert all(name in told.output for name in THREE)
    assert {folder.name for folder in tmp_path.iterdir()} == set(THREE)


def test_unemployment_of_regions():
    rates = unemployment(Benchmark.load(WORLD))
    assert (
        0.02 < float(rates.sel(region="JPN")) < float(rates.sel(region="USA")) < float(rates.sel(region="EU27")) < 0.1
    )


@pytest.mark.skipif(not (SHARED / "data" / RAW).is_file(), reason="needs the raw tables in ../shared")
def test_the_committed_rates_are_computed():
    assert TABLE.read_text(encoding="utf-8") == HEAD + compute(SHARED).to_csv()


def test_wage_curve_only_where_nothing_else_is_said():
    assert "unemployment" in setting(WORLD, "labour-supply").elasticities
    assert "unemployment" not in setting(WORLD).elasticities
    assert CLOSURES["labour-supply"].labour == "supply"
