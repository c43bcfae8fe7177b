"""The whole trip on a small world: identical when nothing changes, reused when nothing has, loud when it fails."""

from dataclasses import replace

import numpy as np
import pytest

import cge
from cge.closure import CLOSURES
from cge.errors import DataError, RequestError, SolveError
from cge.scenarios.economy import run as trip
from cge.scenarios.economy.run import Runner
from cge.scenarios.economy.setting import elasticities_of, setting
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.names.vocabulary import WORDS
from cge.scenarios.results.figures import export_shares
from cge.solvers import Problem
from tests.small_world import small_world


def test_no_change_changes_nothing(runner):
    result = runner.solve(*runner.scenarios(["no-change"]))
    # consumption of a steady state is one of the long horizon alone
    changes = result.welfare.drop(columns=["tariff_revenue_musd", "quota_rent_musd", "ev_steady_pct"])
    assert np.abs(changes.to_numpy()).max() < 1e-9
    assert np.abs(result.trade[["value_pct", "volume_pct"]].to_numpy()).max() < 1e-9
    assert np.abs(result.sectors[["output_pct", "price_pct", "employment_pct"]].to_numpy()).max() < 1e-9
    assert result.rents["new_musd"].to_numpy() == pytest.approx(result.rents["base_musd"].to_numpy(), abs=1e-9)


def test_every_result_is_proved(result):
    proof = result.proof
    assert proof["benchmark_residual"] < 1e-9
    assert proof["max_residual"] < 1e-9
    assert proof["walras"] < 1e-9
    assert proof["identities"] < 1e-9
    assert proof["ipopt_status"] == 0


def test_the_rent_is_told_with_its_owner_and_the_quotas_regime(runner):
    results = {name: runner.solve(*runner.scenarios([name])) for name in ("korea-steel-removal", "korea-steel-trq")}
    (gone,) = results["korea-steel-removal"].rents.to_dict("records")
    assert (gone["regime"], gone["owner"], gone["receiver"]) == ("none", "exporter", "KOR")
    assert gone["base_musd"] > 0.0 == gone["new_musd"]
    (trq,) = results["korea-steel-trq"].rents.to_dict("records")
    assert trq["regime"] in ("binding", "slack")
    assert 0.0 <= trq["premium_pct"] < trq["base_premium_pct"]


def test_a_quota_without_any_rent_is_still_told(runner):
    block = {"quota": "hard", "exporters": "EU27", "importers": "USA", "sectors": "STL", "volume": 5}
    scenario = Scenario(name="wide", title="t", question="?", sources=["x"], shocks=[block])
    rents = runner.solve(scenario).rents.set_index("exporter")
    assert rents.loc["EU27", "regime"] == "slack"
    assert rents.loc["EU27", "owner"] == "nobody"
    assert rents.loc["EU27", "new_musd"] == 0.0
    assert rents.loc["EU27", "fill"] == pytest.approx(0.2, rel=0.05)


def test_duty_on_imports_above_a_tariff_rate_quota_goes_to_the_treasury(runner):
    flow = {"exporters": "EU27", "importers": "USA", "sectors": "STL"}
    block = {"quota": "tariff-rate", "volume": 0.2, "in_quota_rate": 0, "out_of_quota_rate": 5} | flow
    result = runner.solve(Scenario(name="trq", title="t", question="?", sources=["x"], shocks=[block]))
    europe = result.rents[result.rents["exporter"] == "EU27"]
    assert set(europe["regime"]) == {"above"}
    owners = europe.set_index("owner")["new_musd"]
    # licences cover a fifth of the benchmark's volume; what exceeds it pays duty to the treasury
    assert 0 < owners["exporter"] < owners["treasury"]


def test_export_shares_sum_to_all(result):
    shares = export_shares(result, "KOR")
    assert set(shares.index) == {"United States", "European Union"}
    assert shares.sum().to_numpy() == pytest.approx([100.0, 100.0])
    assert shares.loc["United States", "new_pct"] < shares.loc["United States", "base_pct"]
    with pytest.raises(RequestError, match="no region"):
        export_shares(result, "JPN")


def test_a_result_with_the_same_fingerprints_is_not_computed_again(world, tmp_path, monkeypatch):
    first = cge.run("no-change", benchmark=world, out=tmp_path)
    monkeypatch.setattr(trip, "Problem", None)  # solving would fail
    again = cge.compare("no-change", benchmark=world, out=tmp_path)
    assert again["no-change"].proof == first["no-change"].proof
    assert cge.run("no-change", benchmark=world, out=tmp_path)["no-change"].proof == first["no-change"].proof
    with pytest.raises(FileExistsError, match="another scenario, benchmark, closure or version"):
        cge.compare("no-change", benchmark=world, closure="unemployment", out=tmp_path)
    with pytest.raises(FileExistsError, match="another"):
        cge.compare("no-change", benchmark=small_world(seed=4), out=tmp_path)


def test_a_point_that_is_out_of_balance_is_no_result(world, monkeypatch):
    from dataclasses import replace

    real = trip.Problem

    class Unbalanced(real):
        def solve(self, *given, **options):
            found = super().solve(*given, **options)
            return replace(found, proof=replace(found.proof, walras=1e-6))

    monkeypatch.setattr(trip, "Problem", Unbalanced)
    with pytest.raises(SolveError, match=r"not proved \(walras 1.0e-06"):
        cge.run("no-change", benchmark=world)


@pytest.mark.parametrize("closure", CLOSURES)
def test_what_is_set_acts_or_is_refused_with_the_closures_under_which_it_does(world, closure):
    """Every tax and saving of a region under every closure; a setting that moves nothing is a user's mistake."""
    runner = Runner(setting(world, closure))
    for word in ("direct_tax", "lump_sum_tax", "government_saving", "foreign_saving"):
        block = {"instrument": word, "regions": "KOR", "add": 1}
        scenario = Scenario(name="set", title="t", question="?", sources=["x"], shocks=[block])
        if WORDS[word] in CLOSURES[closure].unset:
            usable = [name for name, other in CLOSURES.items() if WORDS[word] not in other.unset]
            with pytest.raises(
                RequestError, match=f"{word} does nothing under this closure: .*; use {', '.join(usable)}"
            ):
                runner.scenarios([scenario])
        else:
            assert runner.solve(scenario).sectors["output_pct"].abs().max() > 1e-4, word


def test_what_the_closure_determines_cannot_be_set_in_one_cell(world):
    block = {"instrument": "endowment", "regions": "KOR", "factors": "LAB", "set": 1}
    scenario = Scenario(name="more", title="t", question="?", sources=["x"], shocks=[block])
    with pytest.raises(
        RequestError,
        match=r"scenario more has 1 fault:\n  - endow\[KOR, LAB\] is determined by the model under this closure",
    ):
        cge.run(scenario, benchmark=world, closure="unemployment")


def test_a_solve_that_fails_writes_nothing(world, tmp_path, monkeypatch):
    class Failing:
        def __init__(self, *_, **__):
            pass

        def prepared(self, *_, **__):
            return self

        def solve(self, *_, **__):
            raise SolveError("worst equations: none")

    monkeypatch.setattr(trip, "Problem", Failing)
    with pytest.raises(SolveError, match="worst equations"):
        cge.run("no-change", benchmark=world, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_progress_names_scenario_and_stage_and_ends_with_done(world):
    told = []
    cge.run("no-change", benchmark=world, progress=told.append)
    assert told[:2] == [cge.Event("bind", 0.0, "no-change"), cge.Event("build", 0.0, "no-change")]
    assert told[-1] == cge.Event("done", 1.0, "no-change")
    assert all(0.0 <= event.share <= 1.0 for event in told)
    assert {"prepare", "solve", "certify", "tables"} <= {event.stage for event in told}


def test_a_runner_keeps_few_problems_however_many_elasticities_there_are(world, monkeypatch):
    """The last that were asked for stay; one that is built again has every instrument that its scenarios set."""
    monkeypatch.setattr(trip, "PROBLEMS", 2)
    monkeypatch.setattr(Problem, "solve", lambda *_, **__: None)
    runner = Runner(setting(world))
    (scenario,) = runner.scenarios(["us-universal-10"])
    runner.expect([scenario])
    policy = runner.bind(scenario)
    first = runner.problem(policy, "x")
    assert first.prepared(policy.instruments, store=None) is first
    p = runner.parameters
    others = [
        replace(policy, parameters=replace(p, data=p.data.assign(sigma_m=p.data["sigma_m"] + k))) for k in (1.0, 2.0)
    ]
    second = runner.problem(others[0], "x")
    assert runner.problem(policy, "x") is first
    runner.problem(others[1], "x")
    assert runner.problem(policy, "x") is first
    assert runner.problem(others[0], "x") is not second
    assert len(runner._problems) == 2


def test_unknown_names_of_the_setting_are_told_together(world):
    with pytest.raises(RequestError) as error:
        setting("world2020-12x13", "standrad", "uper")
    text = str(error.value)
    for hint in ("did you mean world2020-12x12?", "did you mean standard?", "did you mean upper?"):
        assert hint in text
    with pytest.raises(RequestError, match=r"unknown numeraire 'KRO' \(did you mean KOR\?\)"):
        setting(world, "standard:KRO")
    assert setting(world, "standard:KOR").closure.numeraire == "KOR"


def test_scenarios_at_fault_are_told_together(runner):
    with pytest.raises(RequestError) as error:
        runner.scenarios(["us-china-60-on-top", "korea-cptp", "no-change", "no-change"])
    text = str(error.value)
    assert "exporter CHN" in text or "'CHN'" in text
    assert "did you mean korea-cptpp?" in text
    assert "no-change is given twice" in text
    with pytest.raises(RequestError, match="name at least one"):
        runner.scenarios([])


def test_elasticities_follow_the_benchmarks_sectors_and_incomes():
    at28, at12 = (elasticities_of(cge.Benchmark.load(name)) for name in ("world2020-29x28", "world2020-12x12"))
    steel = [float(e["esubm"].sel(sector="STL")) for e in (at28, at12)]
    assert steel[0] == steel[1]
    parts = [float(at28["esubm"].sel(sector=s)) for s in ("CHM", "PHA", "PET", "RUB")]
    assert min(parts) < float(at12["esubm"].sel(sector="CHM")) < max(parts)
    assert at28["frisch"].dims == ("region",)
    assert float(at28["frisch"].sel(region="IND")) < float(at28["frisch"].sel(region="USA")) < -1.0


def test_sectors_without_elasticities_are_named():
    from tests.economies import random_benchmark

    with pytest.raises(DataError, match="sector s0 has no esubm"):
        setting(random_benchmark(1))


def test_a_place_that_cannot_be_written_to_is_told_before_anything_is_solved(world, tmp_path, monkeypatch):
    monkeypatch.setattr(trip.Runner, "solve", lambda *_: pytest.fail("solved"))
    taken = tmp_path / "file"
    taken.write_text("precious")
    for verb in (cge.run, cge.compare):
        with pytest.raises(RequestError, match="cannot write to"):
            verb("no-change", world, out=taken / "below")
    assert taken.read_text() == "precious"


def test_a_run_that_was_stopped_goes_on_with_what_is_missing(world, tmp_path):
    """And "done" is told of what is saved, not of what is solved."""
    told = []

    def stop(event):
        told.append((event.name, event.stage))
        if event.stage == "done":
            assert (tmp_path / event.name / "proof.json").is_file()
            raise KeyboardInterrupt

    names = ["no-change", "us-universal-10"]
    with pytest.raises(KeyboardInterrupt):
        cge.run(names, benchmark=world, out=tmp_path, progress=stop)
    assert {name for name, _ in told} == {"no-change"}
    told.clear()
    done = cge.run(names, benchmark=world, out=tmp_path, progress=lambda e: told.append((e.name, e.stage)))
    assert done.names == names
    assert ("no-change", "kept") in told
    assert ("no-change", "solve") not in told
    assert ("us-universal-10", "done") in told


def test_a_result_that_was_edited_is_not_used_again(world, tmp_path):
    cge.run("no-change", benchmark=world, out=tmp_path)
    file = tmp_path / "no-change" / "welfare.csv"
    file.write_text(file.read_text().replace("KOR,", "KOR,9"))
    for again in (cge.run, cge.compare):
        with pytest.raises(DataError, match=r"welfare.csv was changed"):
            again("no-change", benchmark=world, out=tmp_path)
    assert cge.run("no-change", benchmark=world, out=tmp_path, overwrite=True).names == ["no-change"]


def test_two_runs_into_one_folder_keep_the_first_and_say_so(world, tmp_path):
    """While one solves, another of the same name is written: its result is kept; the same result is taken."""

    def meanwhile(points):
        def write(event):
            if event.stage == "certify" and not (tmp_path / event.name).exists():
                cge.run(tariff(points), benchmark=world, out=tmp_path)

        return write

    def tariff(points):
        block = {"instrument": "import_tariff", "exporters": "all", "importers": "USA", "add": points}
        return Scenario(name="mine", title="t", question="?", sources=["x"], shocks=[block])

    with pytest.raises(FileExistsError, match=r"mine was written by another run while this one solved, and is kept"):
        cge.run(tariff(5), benchmark=world, out=tmp_path, progress=meanwhile(7))
    kept = cge.run(tariff(7), benchmark=world, out=tmp_path)
    assert cge.run(tariff(7), benchmark=world)["mine"].welfare.equals(kept["mine"].welfare)
    with pytest.raises(FileExistsError, match="another scenario"):
        cge.run(tariff(5), benchmark=world, out=tmp_path)
    (tmp_path / "mine").rename(tmp_path / "before")
    cge.run(tariff(7), benchmark=world, out=tmp_path, progress=meanwhile(7))
    with pytest.raises(RequestError, match="two scenarios are called mine; give one of them another name"):
        cge.run([tariff(5), tariff(7)], benchmark=world, out=tmp_path)
