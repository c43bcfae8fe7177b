"""The batch verb on a small world: one tidy table, certified rows, resuming, failures, and its command line."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import cge
from cge.errors import RequestError
from cge.scenarios import cli
from cge.scenarios.economy import batch as trip
from cge.scenarios.economy.plan import Draws
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.results.registry import TABLES
from cge.solvers import problem
from tests.small_world import REGIONS

GRID = {"key": "add", "values": [0, 10]}


@pytest.fixture(scope="module")
def done(world, tmp_path_factory):
    """A tariff at two rates, by three draws and the default."""
    out = tmp_path_factory.mktemp("batch") / "out"
    return cge.batch(
        "us-universal-10", out, vary=GRID, draws=3, tables=["welfare", "rents"], benchmark=world, workers=0
    )


@pytest.fixture
def ran():
    """The runs that a batch had to do, when its `append` is the progress."""
    told = []
    return told, lambda event: told.append(event.name)


def impossible(name="impossible"):
    """A subsidy that no equilibrium supports."""
    block = {"instrument": "foreign_saving", "regions": "KOR", "add": -2000}
    return Scenario(name=name, title="t", question="?", sources=["x"], shocks=[block])


def test_the_table_is_tidy_and_every_row_carries_its_proof(done):
    table = done.welfare
    assert list(table.columns[:4]) == ["job", "scenario", "add", "draw"]
    assert len(table) == 2 * 4 * len(REGIONS)
    assert not table.drop(columns="ev_steady_pct").isna().any().any()
    assert set(table["status"]) == {"solved"}
    assert table[["max_residual", "walras", "identities"]].to_numpy().max() < 1e-9
    assert set(done.runs["ipopt_status"]) == {0}
    assert done.failures.empty
    assert {"regime", "new_musd"} <= set(done.table("rents").columns)
    with pytest.raises(RequestError, match="no run of this batch has a table 'trade'"):
        done.table("trade")


def test_a_cell_is_what_a_single_run_gives(done, world):
    at_10 = done.welfare.query("add == 10 and draw == 0").set_index("region")
    single = cge.run("us-universal-10", benchmark=world)["us-universal-10"].welfare
    for column in ("ev_pct", "ev_musd", "real_gdp_pct", "tariff_revenue_musd"):
        np.testing.assert_allclose(at_10[column], single[column], rtol=1e-8, atol=1e-9)
    assert abs(done.welfare.query("add == 0")["ev_pct"]).max() < 1e-9


def test_a_draw_is_what_a_run_at_its_elasticities_gives(done, world):
    from cge.scenarios.economy.setting import elasticities_of

    listed = done.elasticities.query("draw == 2").set_index(["parameter", "sector"])["value"]
    own = elasticities_of(world)
    for name in ("esubm", "esubd"):
        own[name] = ("sector", [listed[name, sector] for sector in own["sector"].values])
    single = cge.run("us-universal-10", benchmark=world, elasticities=own)["us-universal-10"].welfare
    drawn = done.welfare.query("add == 10 and draw == 2").set_index("region")
    np.testing.assert_allclose(drawn["ev_pct"], single["ev_pct"], rtol=1e-8)


def test_quantiles_are_of_the_draws_and_beside_the_default(done):
    spread = done.quantiles("ev_pct", at=[0.0, 0.5, 1.0])
    at_10 = done.welfare.query("add == 10 and region == 'USA'").set_index("draw")["ev_pct"]
    row = spread.loc[("us-universal-10", 10.0, "USA")]
    assert row["default"] == at_10[0]
    assert [row[0.0], row[0.5], row[1.0]] == sorted(at_10[[1, 2, 3]])
    assert row[0.0] < row[1.0]


def test_the_folder_holds_the_tables_and_a_second_call_runs_nothing(done, world, ran):
    told, progress = ran
    again = cge.batch(
        "us-universal-10", done.folder, vary=GRID, draws=3, tables=["welfare", "rents"], benchmark=world, workers=0,
        progress=progress,
    )  # fmt: skip
    assert told == []
    pd.testing.assert_frame_equal(again.welfare, done.welfare)
    pd.testing.assert_frame_equal(again.runs, done.runs)
    pd.testing.assert_frame_equal(pd.read_csv(done.folder / "welfare.csv"), done.welfare, rtol=1e-12)
    assert {f.name for f in done.folder.iterdir()} == {
        "batch.jsonl", "batch.lock", "jobs", "runs.csv", "welfare.csv", "rents.csv", "elasticities.csv",
    }  # fmt: skip


def test_what_is_new_is_run_and_what_is_there_is_not(done, world, ran, tmp_path):
    told, progress = ran
    options = {"draws": Draws(number=3), "tables": ["welfare", "rents"], "benchmark": world, "workers": 0}
    cge.batch("us-universal-10", done.folder, vary={"key": "add", "values": [10, 20]}, progress=progress, **options)
    assert told == [f"us-universal-10+add=20+draw={k}" for k in range(4)]


@pytest.mark.slow
def test_processes_give_what_this_one_gives(done, world, tmp_path):
    pytest.importorskip("distributed")
    two = cge.batch("us-universal-10", tmp_path, vary=GRID, draws=1, benchmark=world, workers=2)
    one = done.welfare.query("draw == 0").set_index(["job", "region"])["ev_pct"]
    np.testing.assert_allclose(two.welfare.query("draw == 0").set_index(["job", "region"])["ev_pct"], one, atol=1e-9)


def test_a_run_that_fails_has_its_reason_and_harms_no_other(world, tmp_path, monkeypatch):
    real = problem.imbalance
    calls = []

    def second_fails(*given):
        calls.append(given)
        return (1e-3, "industry") if len(calls) == 2 else real(*given)

    monkeypatch.setattr(problem, "imbalance", second_fails)
    done = cge.batch("us-universal-10", tmp_path, vary={"key": "add", "values": [1, 2, 3]}, benchmark=world, workers=0)
    assert list(done.runs["status"]) == ["solved", "unsolved", "solved"]
    (reason,) = done.failures["reason"]
    assert list(done.failures.index) == ["us-universal-10+add=2"]
    assert reason.startswith("the accounts do not balance after the shock: industry is out by 1.0e-03")
    assert set(done.welfare["add"]) == {1.0, 3.0}
    assert pd.read_csv(tmp_path / "runs.csv")["reason"].notna().sum() == 1


@pytest.mark.parametrize(
    ("scenarios", "options", "complaint"),
    [
        ("us-universal-1", {}, "did you mean us-universal-10"),
        (["no-change", "no-change"], {}, "no-change is given twice"),
        ("us-universal-10", {"vary": {"key": "add", "values": [-200]}}, "is -100 % or lower"),
        ("us-universal-10", {"vary": {"key": "add", "values": [1], "scenario": "x"}}, "x, which is not in the batch"),
        ("us-universal-10", {"vary": {"key": "add", "values": ["a"]}}, "add takes numbers, not 'a'"),
        ("us-universal-10", {"draws": 2, "elasticities": "lower"}, "draws lie between the lower and upper sets"),
        ("us-universal-10", {"draws": 0}, "draws.number: number"),
        ("us-universal-10", {"tables": "welfar"}, "did you mean welfare"),
        ("us-universal-10", {"workers": -1}, "workers is -1"),
    ],
)
def test_a_mistake_is_told_before_anything_is_run(world, tmp_path, scenarios, options, complaint):
    with pytest.raises(RequestError, match=complaint):
        cge.batch(scenarios, tmp_path / "out", benchmark=world, **options)
    assert not (tmp_path / "out").exists()


def test_an_address_where_nobody_answers_is_told(world, tmp_path):
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "200ms"}),
        pytest.raises(RequestError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9; check the address"),
    ):
        cge.batch("us-universal-10", tmp_path / "out", benchmark=world, dask="tcp://127.0.0.1:9")


def test_every_table_of_a_result_can_be_kept():
    assert all(table.make for table in TABLES.values())


# The command line ------------------------------------------------------------------------------------------------


@pytest.fixture
def call(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = str(world.save(tmp_path / "small.nc"))

    def call(*arguments, status=0):
        options = ["--benchmark", file, "--workers", "0"]
        result = CliRunner().invoke(cli.app, ["batch", *map(str, arguments), *options])
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        return " ".join(result.output.split())

    return call


def test_names_and_options_make_a_grid_and_the_same_command_goes_on(call, tmp_path):
    shown = call("us-universal-10", "--vary", "add=0:20:10", "--out", "grid")
    assert "3/3 solved us-universal-10+add=20" in shown
    assert "3 runs: 3 solved; worst residual" in shown
    assert "1/3" not in call("us-universal-10", "--vary", "add=0:20:10", "--out", "grid")
    assert "4/4 solved us-universal-10+add=30" in call("us-universal-10", "--vary", "add=0:30:10", "--out", "grid")
    assert len(pd.read_csv(tmp_path / "grid" / "welfare.csv")) == 4 * len(REGIONS)


def test_a_batch_file_is_run_into_a_folder_of_its_name(call, tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "scenarios: [us-universal-10]\ndraws: {number: 2, seed: 5}\ntables: [welfare]\n"
    )
    shown = call("--file", "mine.yaml")
    assert "quantiles of 2 draws" in shown
    assert "50 %" in shown
    assert {f.name for f in (tmp_path / "results" / "mine").iterdir()} >= {
        "runs.csv",
        "welfare.csv",
        "elasticities.csv",
    }


def test_a_failed_run_is_shown_and_has_status_1(call, monkeypatch):
    monkeypatch.setattr(problem, "imbalance", lambda *_: (1.0, "world"))
    shown = call("us-universal-10", status=1)
    assert "us-universal-10: the accounts do not balance" in shown
    assert "1 runs: 1 unsolved" in shown


def test_a_batch_that_is_stopped_says_how_to_go_on(call, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(trip, "run_batch", stop)
    assert "the same command goes on from what is in results/batch" in call("us-universal-10", status=130)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "at least 1 item"),
        (["us-universal-10", "--file", "x.yaml"], "give it alone"),
        (["--file", "x.yaml"], "there is no file x.yaml"),
        (["us-universal-10", "--vary", "add"], "write --vary add=0,10,20"),
        (["us-universal-10", "--tables", "welfare,trad"], "did you mean trade?"),
        (["us-universal-10", "--out", "small.nc"], "is a file; give a folder"),
    ],
)
def test_a_mistake_gets_one_message_and_status_2(call, arguments, message):
    assert message in call(*arguments, status=2)
