"""Batches in this process: what is kept, what a second call does again, and what a failure does to the others."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cge.quotas import Quota
from cge.solvers.many import batch_folder
from cge.solvers.many.batch import Job, differences, run_batch
from cge.solvers.many.batch_folder import INDEX, read_rows, read_table
from cge.solvers.many.job_problems import groups, share
from cge.solvers.problem import Problem
from cge.swaps import Swap
from tests import batches
from tests.solved import world

WORLD = world(3, regions=3, sectors=2)
P = WORLD.parameters


@pytest.fixture(scope="module")
def problem():
    return Problem(P)


@pytest.fixture
def call(problem, tmp_path):
    """Run a batch in this process; returns its rows and the jobs that were not there already."""

    def call(jobs, reduce=batches.income, *, version="1", of=None, progress=None):
        ran = []

        def watch(row, done, count):
            ran.append(row.key)
            if progress:
                progress(row, done, count)

        rows = run_batch(of or problem, jobs, tmp_path / "out", reduce, version=version, workers=0, progress=watch)
        return rows, ran

    return call


def revenue(change):
    """The tariffs of r1 move together until its revenue has changed by a ratio."""
    at_r1 = (P.data["region"] == "r1").astype(float)
    flows = (P.data["importer"] == "r1") * xr.ones_like(P.data["tm0"])
    return Swap("revenue", "tariff_revenue", at_r1, "tm", flows.transpose(*P.data["tm0"].dims), change=change)


REVENUE = revenue(0.1)


def free_flows(number):
    """Flows between two regions without a rent at the benchmark."""
    cells = np.argwhere((P.data.trade.values > 0) & (P.data.rho0.values == 0.0))
    region, sector = P.labels["region"], P.labels["sector"]
    return [(region[i], region[r], sector[s]) for i, r, s in cells if i != r][:number]


def rented_flow():
    i, r, s = np.argwhere(P.data.rho0.values > 0.0)[0]
    return P.labels["region"][i], P.labels["region"][r], P.labels["sector"][s]


# What is kept ----------------------------------------------------------------------------------------------------


def test_a_batch_holds_what_single_solves_give(call, problem, tmp_path):
    rows, ran = call(batches.jobs(3))
    assert list(rows) == ran == ["j0", "j1", "j2"]
    table = read_table(tmp_path / "out", rows.values(), "income")
    assert list(table.columns) == ["job", "region", "income", "process"]
    for job in batches.jobs(3):
        single = problem.solve(job.instruments)
        kept = table[table["job"] == job.key].set_index("region")["income"]
        np.testing.assert_allclose(kept, single.data["income"], rtol=1e-9)
    assert table.groupby("job")["income"].mean().is_monotonic_increasing


def test_every_row_carries_its_proof(call):
    rows, _ = call(batches.jobs(2))
    for row in rows.values():
        assert row.status == "solved"
        assert row.proof["ipopt_status"] == 0
        assert max(row.proof[k] for k in ("benchmark_residual", "max_residual", "walras")) < 1e-9
        assert row.proof["checked"] == 0.5
        assert row.seconds > 0.0


def test_results_reach_the_disk_as_they_come(call, tmp_path):
    seen = []

    def look(row, done, count):
        on_disk = read_rows(tmp_path / "out")
        seen.append((len(on_disk), done, count, (tmp_path / "out" / row.file("income")).is_file()))

    call(batches.jobs(3), progress=look)
    assert seen == [(1, 1, 3, True), (2, 2, 3, True), (3, 3, 3, True)]


# What a second call does -----------------------------------------------------------------------------------------


def test_what_the_folder_holds_is_not_run_again(call):
    first, _ = call(batches.jobs(2))
    second, ran = call(batches.jobs(3))
    assert ran == ["j2"]
    assert [second[key] for key in first] == list(first.values())


@pytest.mark.parametrize("what", ["instrument", "quota", "swap", "parameters", "version", "closure"])
def test_what_changed_is_run_anew_and_its_old_result_goes(call, tmp_path, what):
    old, _ = call(batches.jobs(2))
    jobs = batches.jobs(2)
    options = {}
    if what == "instrument":
        jobs[1] = Job("j1", {"tfp": 1.02})
    elif what == "quota":
        jobs[1] = Job("j1", {"tfp": 1.01}, (Quota((free_flows(1)[0],), 0.9),))
    elif what == "swap":
        jobs[1] = Job("j1", {"tfp": 1.01}, swaps=(revenue(0.2),))
    elif what == "parameters":
        jobs[1] = Job("j1", {"tfp": 1.01}, parameters={"sigma_m": 1.1 * P.data["sigma_m"]})
    elif what == "version":
        options["version"] = "2"
    else:
        from cge.closure import Closure

        options["of"] = Problem(P, Closure(labour="real-wage"))
    new, ran = call(jobs, **options)
    assert ran == (["j0", "j1"] if what in ("version", "closure") else ["j1"])
    assert new["j1"].fingerprint != old["j1"].fingerprint
    files = {file.name for file in (tmp_path / "out" / "jobs").iterdir()}
    assert files == {row.file("income").name for row in new.values()}


def test_a_job_without_its_file_and_a_line_that_was_not_finished_are_run_again(call, tmp_path):
    rows, _ = call(batches.jobs(3))
    (tmp_path / "out" / rows["j0"].file("income")).unlink()
    index = tmp_path / "out" / INDEX
    index.write_text(index.read_text()[:-20])  # killed while the line of j2 was written
    (tmp_path / "out" / "jobs" / "j2.0.income.csv.part").write_text("reg")
    again, ran = call(batches.jobs(3))
    assert ran == ["j0", "j2"]
    assert read_rows(tmp_path / "out") == again
    assert not list((tmp_path / "out" / "jobs").glob("*.part"))


# Failures --------------------------------------------------------------------------------------------------------


def test_a_failed_job_is_recorded_with_its_reason_and_harms_no_other(call, tmp_path):
    jobs = [
        Job("whole", {"tfp": 1.01}),
        Job("impossible", {"pworld": -1.0}),
        Job("unknown", {"tmm": 0.1}),
        Job("quota", quotas=(Quota((("r0", "r1", "XYZ"),), 0.5),)),
        Job("parameters", parameters={"sigma": P.data["sigma_m"]}),
        Job("last", {"tfp": 1.02}),
    ]
    rows, ran = call(jobs)
    assert len(ran) == 6
    assert {key: row.status for key, row in rows.items()} == {
        "whole": "solved",
        "impossible": "unsolved",
        "unknown": "error",
        "quota": "error",
        "parameters": "error",
        "last": "solved",
    }
    for key, reason in {
        "impossible": "Worst equations",
        "unknown": "unknown instrument 'tmm' (did you mean tm?)",
        "quota": "names XYZ",
        "parameters": "sigma is unknown",
    }.items():
        assert reason in rows[key].reason
    assert set(read_table(tmp_path / "out", rows.values(), "income")["job"]) == {"whole", "last"}
    # no second try would find an equilibrium; what failed for another reason may succeed
    assert call(jobs)[1] == ["unknown", "quota", "parameters"]


def test_a_solution_that_what_is_kept_refuses_is_none(call, tmp_path):
    rows, _ = call(batches.jobs(1), batches.unproved)
    assert (rows["j0"].status, rows["j0"].reason) == ("unsolved", "not proved")
    assert read_table(tmp_path / "out", rows.values(), "income").empty
    rows, _ = call(batches.jobs(2), partial(batches.fail, at="j0", error=ZeroDivisionError), version="2")
    assert [row.reason for row in rows.values()] == ["ZeroDivisionError: not this one", ""]


def test_a_folder_with_something_else_is_kept(call, tmp_path):
    (tmp_path / "out").mkdir()
    note = tmp_path / "out" / "thesis.txt"
    note.write_text("chapter 1")
    with pytest.raises(FileExistsError, match="files that are no batch's, which are kept"):
        call(batches.jobs(1))
    assert [f.name for f in (tmp_path / "out").iterdir()] == ["thesis.txt"]
    note.rename(tmp_path / "out" / INDEX)
    with pytest.raises(FileExistsError, match="is not the index of a batch"):
        call(batches.jobs(1))
    assert (tmp_path / "out" / INDEX).read_text() == "chapter 1"


def test_a_second_batch_in_the_same_folder_is_refused(call, tmp_path):
    """While the first one writes; it goes on, and afterwards the folder is free again."""

    def intrude(row, done, count):
        with pytest.raises(FileExistsError, match=r"another batch is writing to .*; wait until it has ended"):
            batch_folder.BatchFolder(tmp_path / "out").__enter__()

    rows, ran = call(batches.jobs(2), progress=intrude)
    assert ran == [*rows] == ["j0", "j1"]
    assert call(batches.jobs(3))[1] == ["j2"]


def test_a_lock_that_a_killed_batch_left_is_none(call, tmp_path):
    """Killed before its index was begun: the folder holds the lock's file alone."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / batch_folder.LOCK).touch()
    assert call(batches.jobs(1))[1] == ["j0"]


def test_keys_are_names_of_files_and_unique(call):
    for bad in ("", "a/b", "..", "x" * 151, ".hidden", "한" * 100, "a\x1b"):
        with pytest.raises(ValueError, match="is not the name of a file"):
            Job(bad)
    for good in ("한국-관세+add=10", "ภาษาไทย", "a_b.c=1"):
        assert Job(good).key == good
    with pytest.raises(ValueError, match="jobs with the same key: a;"):
        call([Job("a"), Job("A")])


def test_labels_and_numbers_come_back_as_they_went(tmp_path):
    table = pd.DataFrame({"region": ["NA", "nan"], "value": [0.1 + 0.2, np.nan]})
    with batch_folder.BatchFolder(tmp_path / "out") as folder:
        row = folder.add("a", "f" * 64, batch_folder.Outcome("solved", tables={"t": table.to_csv(index=False)}))
    back = read_table(tmp_path / "out", [row], "t")
    assert list(back["region"]) == ["NA", "nan"]
    assert back["value"][0] == pytest.approx(0.1 + 0.2, rel=1e-15)
    assert np.isnan(back["value"][1])
    assert json.loads((tmp_path / "out" / INDEX).read_text().splitlines()[1])["key"] == "a"


# Quotas and parameters that differ between jobs ------------------------------------------------------------------


def test_jobs_whose_groups_do_not_overlap_share_one_problem(problem):
    first, second, third = free_flows(3)
    asked = [
        (),
        (Quota((first,), 0.8),),
        (Quota((second, third), 0.7),),
        (Quota((first,), 0.9), Quota((second, third), 2)),
    ]
    problems, places = share(problem, [(quotas, ()) for quotas in asked], {"tau"})
    assert [place.problem for place in places] == [0, 0, 0, 0]
    own = set(groups(P))
    assert set(groups(problems[0].parameters)) == own | {(first,), tuple(sorted((second, third)))}
    assert [len(place.unlimited) for place in places] == [2, 1, 1, 0]
    assert "tau" in problems[0].model.structure.instruments


def test_groups_that_overlap_get_problems_of_their_own(problem):
    first, second, _ = free_flows(3)
    rented = rented_flow()
    asked = [
        (Quota((first,), 0.8),),
        (Quota((first, second), 0.8),),
        (Quota((second,), 0.8),),  # beside the first, not the second
        (Quota((rented,), 1.1),),  # a limit that the benchmark has
    ]
    problems, places = share(problem, [(quotas, ()) for quotas in asked])
    assert [place.problem for place in places] == [0, 1, 0, 0]
    assert all(set(groups(P)) <= set(groups(each.parameters)) for each in problems)


def test_a_shared_problem_gives_what_one_of_their_own_gives(call, tmp_path):
    """Quotas on one flow, an overlapping pair, a rent of the benchmark; other elasticities; a tariff that is freed."""
    first, second, _ = free_flows(3)
    rented = rented_flow()
    asked = {
        "none": (),
        "one": (Quota((first,), 0.6),),
        "pair": (Quota((first, second), 0.7),),
        "two": (Quota((second,), 0.9, ceiling=0.05), Quota((rented,), 1.05)),
    }
    other = {"sigma_m": 1.3 * P.data["sigma_m"], "sigma_d": 1.2 * P.data["sigma_d"]}
    shock = {"tm": P.data["tm0"] + 0.02}
    jobs = [Job(key, shock, quotas) for key, quotas in asked.items()]
    jobs.append(Job("other", shock, asked["two"], (), other))
    jobs.append(Job("revenue", shock, asked["one"], (REVENUE,)))
    rows, _ = call(jobs)
    assert {row.status for row in rows.values()} == {"solved"}, rows
    table = read_table(tmp_path / "out", rows.values(), "income").set_index(["job", "region"])["income"]
    plain = Problem(P)
    single = {key: plain.solve(shock, quotas) for key, quotas in asked.items()}
    single["other"] = Problem(type(P)(P.data.assign(other))).solve(shock, asked["two"])
    single["revenue"] = plain.solve(shock, asked["one"], [REVENUE])
    for key, solved in single.items():
        np.testing.assert_allclose(table.loc[key], solved.data["income"], rtol=1e-9, err_msg=key)
    assert abs(table.loc["one"] - table.loc["none"]).max() > 1e-6


def test_other_elasticities_use_the_compiled_model(problem):
    problems, _ = share(problem, [((), ())])
    changed = problems[0].with_parameters(type(P)(P.data.assign(sigma_m=1.3 * P.data["sigma_m"])))
    assert changed._functions_of is problems[0]._functions_of


def test_differences_are_what_a_job_needs():
    other = type(P)(P.data.assign(sigma_m=1.3 * P.data["sigma_m"]))
    (name,) = different = differences(P, other)
    assert name == "sigma_m"
    xr.testing.assert_identical(different["sigma_m"], other.data["sigma_m"])
