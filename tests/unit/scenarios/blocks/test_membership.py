"""Agreements: which flows an action touches, by how much, and every refusal."""

import numpy as np
import pytest
from pydantic import ValidationError

from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.calibration.world2020 import sources
from cge.errors import PolicyError
from cge.scenarios.blocks.membership import MFN, SUPPLIER, Membership
from cge.scenarios.economy.setting import elasticities_of
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.names import agreements
from cge.scenarios.names.groups import load_groups
from cge.scenarios.policy.bind import bind

FARM = ["AGR", "FOO"]


@pytest.fixture(scope="module")
def big():
    table = Benchmark.load("world2020-29x28")
    return table, calibrate(table, elasticities_of(table))


@pytest.fixture(scope="module")
def coarse():
    table = Benchmark.load("world2020-12x12")
    return table, calibrate(table, elasticities_of(table))


def block(agreement, action, **keys):
    return {"agreement": agreement, "action": action, **keys}


def policy(where, *shocks):
    scenario = Scenario(name="t", title="t", question="?", sources=["x"], shocks=shocks)
    return bind(scenario, *where)


def change(where, *shocks, symbol="tm"):
    old = where[1].data["tm0"] if symbol == "tm" else 1.0
    return policy(where, *shocks).instruments[symbol] - old


def touched(delta):
    cells = delta.where(abs(delta) > 1e-12, drop=True)
    return {
        (str(i), str(r)) for i, r in cells.stack(flow=("exporter", "importer")).dropna("flow", how="all")["flow"].values
    }


def refused(where, *shocks):
    with pytest.raises(PolicyError) as error:
        policy(where, *shocks)
    return "\n".join(error.value.faults)


@pytest.mark.parametrize("name", agreements.names())
def test_every_agreement_is_sound_and_takes_its_members_from_the_groups(name):
    agreement = agreements.load(name)
    known = {code for group in load_groups()["region"].values() for code in group.members}
    known |= set(sources.regions().index)
    assert set(agreement.countries) <= known
    assert len(agreement.countries) > 1
    assert all(len(source) > 10 for source in agreement.sources)
    assert 0.0 <= agreement.phased(0) <= agreement.phased(5) <= agreement.phased(None) <= 1.0


def test_the_agreements_that_are_named_are_there_with_so_many_members():
    counts = {name: len(agreements.load(name).countries) for name in agreements.names()}
    expected = {"cptpp": 12, "rcep": 15, "korus": 2, "usmca": 3, "ipef": 14, "eu": 27, "gcc": 6, "mercosur": 4}
    assert counts | expected | {"asean": 10, "afcfta": 54} == counts


def test_accession_changes_the_flows_between_the_new_member_and_the_members_and_no_other(big):
    delta = change(big, block("cptpp", "accession", members="KOR"))
    members = set(agreements.load("cptpp").countries)
    pairs = touched(delta)
    assert pairs
    assert pairs <= {("KOR", m) for m in members} | {(m, "KOR") for m in members}
    tm = policy(big, block("cptpp", "accession", members="KOR")).instruments["tm"]
    there = big[0].data["trade"].sel(exporter="KOR", importer=sorted(members)) > 0
    goods = list(load_groups()["sector"]["goods"].members)
    left = tm.sel(exporter="KOR", importer=sorted(members)).where(there, 0.0).sel(sector=goods)
    assert float(abs(left).max()) < 1e-15
    assert float(delta.max()) <= 1e-15  # nothing rises


def test_two_new_members_free_the_trade_between_them_unless_they_are_only_associated(big):
    joined = touched(change(big, block("cptpp", "accession", members=["KOR", "CHN"])))
    assert ("KOR", "CHN") in joined
    linked = touched(change(big, block("cptpp", "association", members=["KOR", "CHN"])))
    assert linked == joined - {("KOR", "CHN"), ("CHN", "KOR")}


def test_duties_of_other_purpose_stay(big):
    table = big[0]
    tm = policy(big, block("cptpp", "accession", members="USA")).instruments["tm"]
    rest = table.data["tariff"].drop_sel(layer=MFN).sum("layer").sel(exporter="JPN", importer="USA")
    assert float(rest.sel(sector="STL")) > 0.0
    np.testing.assert_allclose(tm.sel(exporter="JPN", importer="USA"), rest, atol=1e-15)


def test_a_member_keeps_its_tariff_on_what_it_leaves_out(big):
    delta = change(big, block("cptpp", "accession", members="KOR", exclude={"KOR": "farm"}))
    korea, abroad = delta.sel(importer="KOR"), delta.sel(exporter="KOR")
    assert float(abs(korea.sel(sector=FARM)).max()) == 0.0
    assert float(korea.drop_sel(sector=FARM).min()) < -0.01
    assert float(abroad.sel(sector=FARM).min()) < -0.01


def test_phase_in_and_utilisation_scale_the_cut(big):
    whole = change(big, block("cptpp", "accession", members="KOR"))
    used = change(big, block("cptpp", "accession", members="KOR", utilisation=0.8))
    early = change(big, block("cptpp", "accession", members="KOR", since=2026, year=2031))
    np.testing.assert_allclose(used, 0.8 * whole, atol=1e-15)
    np.testing.assert_allclose(early, 0.75 * whole, atol=1e-15)  # half at entry, the rest over ten years
    own = change(big, block("cptpp", "accession", members="KOR", since=2026, year=2028, phase_in={0: 0, 5: 1}))
    np.testing.assert_allclose(own, 0.4 * whole, atol=1e-15)
    late = change(big, block("cptpp", "accession", members="KOR", since=2026, year=2050))
    np.testing.assert_allclose(late, whole, atol=1e-15)


def test_entry_frees_trade_between_all_members_and_none_with_others(big):
    pairs = touched(change(big, block("rcep", "entry", year=2030)))
    members = set(agreements.load("rcep").countries) | {"XSE"}
    assert {region for pair in pairs for region in pair} <= members
    assert ("XSE", "XSE") in pairs  # an aggregate of members trades inside it
    assert float(change(big, block("rcep", "entry", year=2022)).min()) > float(
        change(big, block("rcep", "entry")).min()
    )


def test_withdrawal_puts_mfn_rates_back_between_those_who_part(big):
    table = big[0]
    result = policy(big, block("korus", "withdrawal", members="USA"))
    delta = result.instruments["tm"] - big[1].data["tm0"]
    assert touched(delta) == {("KOR", "USA"), ("USA", "KOR")}
    assert float(delta.min()) >= 0.0
    mfn = table.data["tariff"].sel(layer=MFN)
    trade = table.data["trade"].sel(importer="KOR", sector="AUT").drop_sel(exporter="KOR")
    main = trade.where(trade >= SUPPLIER * float(trade.sum()), drop=True)["exporter"].values
    top = float(mfn.sel(importer="KOR", sector="AUT", exporter=main).max())
    assert float(result.instruments["tm"].sel(exporter="USA", importer="KOR", sector="AUT")) == pytest.approx(top)
    assert any("MFN rate is the importer's highest" in note for note in result.notes)


def test_a_club_charges_those_outside_and_spares_those_who_join(big):
    alone = change(big, block("gassa", "charge"))
    joined = change(big, block("gassa", "charge", members="KOR"))
    at = {"importer": "USA", "sector": "STL"}
    assert float(alone.sel(exporter="KOR", **at)) == pytest.approx(0.25)
    assert float(alone.sel(exporter="EU27", **at)) == pytest.approx(0.0)
    assert float(joined.sel(exporter="KOR", **at)) == pytest.approx(0.0)
    assert float(joined.sel(exporter="CHN", importer="KOR", sector="STL")) == pytest.approx(0.25)
    assert float(abs(alone.drop_sel(sector="STL")).max()) == 0.0
    other = block("gassa", "charge", charge={"points": 10, "sectors": "NFM"})
    assert float(change(big, other).sel(exporter="CHN", importer="EU27", sector="NFM")) == pytest.approx(0.1)


def test_an_agreement_may_lower_trade_costs_and_leave_tariffs(big):
    result = policy(big, block("ipef", "entry", iceberg_cost=-2))
    assert set(result.instruments) == {"tau"}
    tau = result.instruments["tau"]
    assert float(tau.sel(exporter="KOR", importer="USA", sector="ELE")) == pytest.approx(0.98)
    assert float(tau.sel(exporter="CHN", importer="USA", sector="ELE")) == 1.0


def test_what_a_benchmark_cannot_separate_is_counted_by_its_trade_and_said(coarse, big):
    applicants = block("cptpp", "accession", members="cptpp-applicants")
    notes = policy(coarse, applicants).notes
    assert any("Taiwan cannot be separated from the other members of XAS" in note and "36.7%" in note for note in notes)
    whole = float(coarse[1].data["tm0"].sel(exporter="XAS", importer="MEX", sector="AUT"))
    delta = float(change(coarse, applicants).sel(exporter="XAS", importer="MEX", sector="AUT"))
    assert delta == pytest.approx(-0.367 * whole, rel=1e-2)
    assert not any("Taiwan" in note for note in policy(big, applicants).notes)
    small = policy(big, block("mercosur", "association", members="KOR")).notes
    assert any("Paraguay, Uruguay cannot be separated" in note and "left out" in note for note in small)


def test_who_cannot_join_or_leave_is_told(big):
    assert "CAN is a member of cptpp already; remove it" in refused(big, block("cptpp", "accession", members="CAN"))
    assert "KOR is no member of cptpp and cannot leave it" in refused(big, block("cptpp", "withdrawal", members="KOR"))
    assert "unknown region 'Atlantis'" in refused(big, block("cptpp", "accession", members="Atlantis"))
    assert "unknown importer" not in refused(big, block("cptpp", "accession", members="KR"))


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (block("cptp", "accession", members="KOR"), "unknown agreement 'cptp' \\(did you mean cptpp\\?\\)"),
        (block("cptpp", "accession"), "accession needs members"),
        (block("cptpp", "accession", members="KOR", year=2030), "year needs since"),
        (
            block("cptpp", "accession", members="KOR", year=2020, since=2026),
            "year 2020 is before the year of entry 2026",
        ),
        (block("cptpp", "charge"), "charge needs a charge"),
        (block("rcep", "entry", charge={"points": 1, "sectors": "STL"}), "a charge is made by action: charge alone"),
        (block("korus", "withdrawal", members="USA", utilisation=0.5), "withdrawal takes no utilisation"),
        (block("korus", "withdrawal", members="USA", since=2020), "withdrawal takes no since"),
        (block("asean", "entry", since=2026, year=2030), "asean has no phase-in.*add phase_in"),
        (block("cptpp", "accession", members="KOR", since=2026), "since does nothing without year"),
        (block("cptpp", "accession", members="KOR", phase_in={0: 0.1, 5: 1}), "phase_in does nothing without year"),
        (block("cptpp", "accession", members="KOR", since=2026, year=20260), "less than or equal to 2100"),
        (block("cptpp", "accession", members="KOR", since=6, year=2026), "greater than or equal to 1948"),
        (block("cptpp", "accession", members="KOR", since=True, year=2026), "true is not a number"),
        (block("cptpp", "accession", members="KOR", since=2026, year=2030, tariffs=False), "year does nothing"),
        (block("rcep", "entry", year=2030, phase_in={5: 1}), "which share of the cut is made at entry"),
        (block("rcep", "entry", year=2030, phase_in={0: 0.5, 5: 0.4}), "cannot fall"),
        (block("rcep", "entry", year=2030, phase_in={0: 0.5, 5: 1.4}), "less than or equal to 1"),
        (block("cptpp", "accession", members="KOR", sectors="STL"), "an agreement has members and goods of its own"),
        (block("cptpp", "accession", members="KOR", utilisation=1.2), "less than or equal to 1"),
    ],
)
def test_each_fault_of_form_has_its_message(keys, told):
    with pytest.raises((ValidationError, PolicyError), match=told):
        Membership.model_validate(keys)


def test_a_fingerprint_knows_the_members_and_the_terms():
    one, two = (
        Scenario(name="t", title="t", question="?", sources=["x"], shocks=[block("cptpp", "accession", members=who)])
        for who in ("KOR", "CHN")
    )
    assert one.sha256 != two.sha256
    assert "AUS" in str(one._content())
