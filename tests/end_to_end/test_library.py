"""Every scenario of the library on the real 12 x 12 benchmark: proved, and of the sign and size that it should have."""

import numpy as np
import pytest

import cge
from cge.scenarios import library


@pytest.fixture(scope="module")
def results():
    return cge.run(library.names(), benchmark="world2020-12x12")


def volume(result, exporter, importer, sector):
    flows = result.trade.set_index(["exporter", "importer", "sector"])
    return flows.loc[(exporter, importer, sector), "volume_pct"]


def test_every_result_is_proved(results):
    for result in results:
        proof = result.proof
        assert proof["ipopt_status"] == 0, result.name
        for key in ("benchmark_residual", "max_residual", "walras", "identities"):
            assert proof[key] < 1e-9, (result.name, key)


def test_no_change_changes_nothing(results):
    result = results["no-change"]
    levels = ["tariff_revenue_musd", "quota_rent_musd"]
    tables = (
        result.welfare.drop(columns=levels),
        result.trade[["value_pct", "volume_pct"]],
        result.sectors.iloc[:, 2:],
    )
    assert max(np.abs(table.to_numpy()).max() for table in tables) < 1e-9


def test_a_universal_tariff_costs_its_neighbours_most(results):
    """For a US tariff of 10 %, published models put Canada and Mexico at -0.5 to -1.2 %, Korea at -0.1 to -0.7 %."""
    loss = results.table("ev_pct")["us-universal-10"]
    assert -1.2 < loss["MEX"] < -0.4
    assert -1.2 < loss["CAN"] < -0.4
    assert -0.7 < loss["KOR"] < -0.05
    assert abs(loss["USA"]) < 0.5
    assert (loss.drop("USA") < 0).all()


def test_exemption_spares_the_partners_and_retaliation_hurts_the_united_states(results):
    table = results.table("ev_pct")
    for partner in ("KOR", "CAN", "MEX"):
        assert table.loc[partner, "us-universal-10-fta-exempt"] > table.loc[partner, "us-universal-10"]
    assert table.loc["USA", "us-universal-10-retaliation"] < table.loc["USA", "us-universal-10"]
    assert any("XCP" in note for note in results["us-universal-10-fta-exempt"].notes)


def test_sixty_on_top_is_more_than_sixty_instead(results):
    table = results.table("ev_pct")
    assert table.loc["CHN", "us-china-60-on-top"] < table.loc["CHN", "us-china-60-instead"] < 0
    imports = [volume(results[n], "CHN", "USA", "ELE") for n in ("us-china-60-on-top", "us-china-60-instead")]
    assert -100 < imports[0] < imports[1] < -50


def test_cptpp_frees_trade_and_leaves_farm_goods_where_they_are_asked_to_stay(results):
    whole, partial = results["korea-cptpp"], results["korea-cptpp-sensitive-farm"]
    assert volume(whole, "KOR", "MEX", "AUT") > 5
    assert volume(whole, "XCP", "KOR", "FOO") > 20
    assert abs(volume(partial, "XCP", "KOR", "FOO")) < 1
    tm = partial.equilibrium["tm"].sel(exporter="MEX", importer="KOR")
    assert float(tm.sel(sector="AGR")) > 0
    assert float(tm.sel(sector="AUT")) == 0


def test_four_regimes_of_korean_steel_are_in_order(results):
    names = ("korea-steel-25", "no-change", "korea-steel-trq", "korea-steel-removal")
    shipped = [volume(results[name], "KOR", "USA", "STL") for name in names]
    assert shipped == sorted(shipped)
    assert shipped[0] < -10
    assert shipped[2] <= 100 * (3.83 / 2.68 - 1) + 1e-6
    rents = [results[name].rents.set_index("exporter").loc["KOR"] for name in names]
    assert rents[1]["new_musd"] == pytest.approx(rents[1]["base_musd"])
    assert rents[0]["new_musd"] == rents[3]["new_musd"] == 0
    assert 0 <= rents[2]["new_musd"] < rents[2]["base_musd"]
    assert {row["receiver"] for row in rents} == {"KOR"}


def test_the_numeraire_changes_no_result(results):
    other = cge.run("korea-cptpp", benchmark="world2020-12x12", closure="standard:KOR")["korea-cptpp"]
    same = results["korea-cptpp"]
    np.testing.assert_allclose(other.welfare, same.welfare, atol=1e-6, rtol=1e-7)
    np.testing.assert_allclose(other.trade["volume_pct"], same.trade["volume_pct"], atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["us-universal-10", "us-china-60-on-top", "korea-cptpp", "korea-steel-25"])
def test_ipopt_alone_finds_the_same_equilibrium(results, name):
    """Every variable to 1e-9, whichever way it was found."""
    plain = cge.run(name, benchmark="world2020-12x12", method="ipopt")[name]
    assert plain.proof["method"] == "ipopt"
    assert results[name].proof["method"] == "newton"
    for symbol, array in results[name].equilibrium.data_vars.items():
        np.testing.assert_allclose(plain.equilibrium[symbol], array, rtol=1e-9, atol=1e-9, err_msg=str(symbol))
