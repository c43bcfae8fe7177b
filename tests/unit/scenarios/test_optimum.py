"""Best policies as users ask for them: files in, scenarios that run out."""

import pytest
from typer.testing import CliRunner

from cge import run
from cge.errors import RequestError
from cge.scenarios.cli import app
from cge.scenarios.economy.optimum import optimum, read_question
from tests.small_world import small_world

TWO = {"name": "two", "players": [{"region": "USA"}, {"region": "EU27", "bounds": [0, 60]}], "regret": True}


@pytest.fixture(scope="module")
def small():
    return small_world(rents=False)


def test_what_comes_out_runs_and_gives_what_was_promised(small, tmp_path):
    question = tmp_path / "us-best.yaml"
    question.write_text("players:\n- region: USA\n  rates: all\n  bounds: [0, 80]\n")
    found = optimum(question, small, out=tmp_path / "best")
    (again,) = run(str(tmp_path / "best" / "us-best.yaml"), small)
    (ten,) = run("us-universal-10", small)
    value = found.verdict["value"].iloc[0]
    assert again.welfare.loc["USA", "ev_musd"] == pytest.approx(value, rel=1e-7)
    assert value > ten.welfare.loc["USA", "ev_musd"]
    assert set(found.rates["rate"]) == {
        f"{i} {s}" for i in ("KOR", "EU27") for s in ("AGR", "STL")
    }  # services have no tariffs
    assert found.verdict["other_start"].iloc[0] < 1.0


def test_regret_is_found_by_searching_anew(small):
    found = optimum(TWO, small)
    income = float(small.data["factor_income"].sum())
    assert (found.verdict["regret"] < 1e-8 * income).all()
    assert (found.verdict["left"] < 1e-8 * income).all()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"name": "x", "players": []}, "players"),
        ({"name": "x", "players": [{"region": "UAS"}]}, "did you mean USA"),
        ({"name": "x", "players": [{"region": "USA", "goal": "evv.USA"}]}, "did you mean ev"),
        ({"name": "x", "players": [{"region": "USA", "bounds": [50, 10]}]}, "the lower first"),
        ({"name": "x", "players": [{"region": "USA", "rate": "all"}]}, "unknown key 'rate'"),
        ({"name": "x", "players": [{"region": "USA", "partners": "USA"}]}, "has no instrument"),
    ],
)
def test_faults_are_said_and_nothing_is_written(small, tmp_path, question, said):
    with pytest.raises(RequestError, match=said):
        optimum(question, small, out=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    question = tmp_path / "korea-best.yaml"
    question.write_text("players:\n- region: KOR\n  rates: uniform\n")
    done = CliRunner().invoke(app, ["optimum", str(question), "--benchmark", "world2020-12x12"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "results/optimum-korea-best/korea-best.yaml").is_file()
    assert CliRunner().invoke(app, ["optimum", str(tmp_path / "none.yaml")]).exit_code == 2


def test_the_name_of_a_question_is_its_file(tmp_path):
    file = tmp_path / "korea-best.yaml"
    file.write_text("players:\n- region: KOR\n")
    assert read_question(file).name == "korea-best"


def test_several_instruments_and_exempt_partners(small):
    player = {"region": "USA", "instrument": ["import_tariff", "export_tax"], "exempt": "KOR", "bounds": [0, 60]}
    found = optimum({"name": "x", "players": [player]}, small)
    assert list(found.rates["instrument"]) == ["import_tariff", "export_tax"]
    assert found.verdict["ipopt"].iloc[0] == 0
    before, after = small.data["tariff"].sum("layer"), found.result.equilibrium["tm"]
    assert float(after.sel(exporter="KOR", importer="USA", sector="STL")) == pytest.approx(
        float(before.sel(exporter="KOR", importer="USA", sector="STL") / small.data["valuation"].sel(
            exporter="KOR", importer="USA", sector="STL")), abs=1e-9
    )  # fmt: skip


def test_a_target_and_rates_that_are_chosen_together(small):
    alone = optimum({"name": "x", "players": [{"region": "USA"}]}, small)
    revenue = float(alone.result.welfare.loc["USA", "tariff_revenue_musd"])
    target = {"outcome": "tariff_revenue.USA", "at_least": 1.1 * revenue}
    more = optimum({"name": "x", "players": [{"region": "USA", "target": target}]}, small)
    assert float(more.result.welfare.loc["USA", "tariff_revenue_musd"]) == pytest.approx(1.1 * revenue, rel=1e-5)
    assert more.verdict["price"].iloc[0] > 0.0
    players = [{"region": "USA"}, {"region": "EU27"}]
    joint = optimum({"name": "x", "players": players, "together": True}, small)
    apart = optimum({"name": "x", "players": players}, small)
    ev = [found.result.welfare.loc[["USA", "EU27"], "ev_musd"].sum() for found in (joint, apart)]
    assert ev[0] > ev[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"instrument": ["import_tariff", "import_tariff"]}, "each once"),
        ({"goal": {"ev.USA": 1.0, "py.USA.STL": 1.0}}, "do not add up"),
        ({"target": {"outcome": "tariff_revenu.USA", "at_least": 1.0}}, "did you mean tariff_revenue"),
        ({"exempt": "KRO"}, "KRO"),
    ],
)
def test_more_faults(small, change, said):
    with pytest.raises(RequestError, match=said):
        optimum({"name": "x", "players": [{"region": "USA", **change}]}, small)
