"""The command line: what it prints, its exit status, and one short message for every mistake."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cge.errors import SolveError
from cge.scenarios import cli
from cge.scenarios.economy import run as trip
from cge.scenarios.files import library
from cge.scenarios.names import agreements
from cge.solvers.install.doctor import Part


@pytest.fixture
def file(world, tmp_path):
    return str(world.save(tmp_path / "small.nc"))


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*arguments, status=0):
        result = CliRunner().invoke(cli.app, [str(a) for a in arguments])
        assert result.exit_code == status, result.output
        assert "Traceback" not in result.output
        return result.output

    return call


def one_line(text):
    return " ".join(text.split())


def test_list_shows_every_scenario_benchmark_and_closure(call):
    shown = call("list")
    assert all(
        name in shown
        for name in (*agreements.names(), *library.names(), "world2020-29x28", "world2020-12x12", "standard")
    )


def test_show_prints_question_shocks_and_sources(call):
    shown = call("show", "korea-steel-trq")
    scenario = library.load("korea-steel-trq")
    assert scenario.question in one_line(shown)
    assert all(source in one_line(shown) for source in scenario.sources)
    assert "3,830,000 t (1.43 of the benchmark volume), 0 % in quota, 25 % above" in shown
    assert "members: AUS, BRN, CAN" in one_line(call("show", "cptpp"))
    assert "25 points on steel" in one_line(call("show", "gassa"))
    assert "foreign saving is fixed" in one_line(call("show", "standard"))


def test_diff_shows_words_rates_and_quotas(call, file):
    shown = call("diff", "us-universal-10", "korea-steel-removal", "--benchmark", file)
    assert "only us-universal-10 says" in shown
    assert "KOR-USA-STL: no quota" in shown
    assert "import_tariff" in shown
    assert "do the same on this benchmark" in call("diff", "no-change", "no-change", "--benchmark", file)
    assert "did you mean us-universal-10?" in call("diff", "us-universl-10", "no-change", status=2)


def test_a_tariff_is_answered(call, file, tmp_path):
    shown = call("run", "us-universal-10", "--answered-by", "KOR", "--benchmark", file, "--out", tmp_path / "out")
    assert "us-universal-10-answered-kor" in shown
    told = call("run", "no-change", "--answered-by", "KOR", "--benchmark", file, "--out", tmp_path / "out", status=2)
    assert "no tariff on those who answer has risen" in one_line(told)
    assert [p.name for p in (tmp_path / "out").iterdir() if p.is_dir()] == ["us-universal-10-answered-kor"]


def test_verbose_shows_steps_with_residuals_and_stages_with_seconds(call, file, tmp_path):
    shown = call("run", "us-universal-10", "--benchmark", file, "--out", tmp_path / "out", "--verbose")
    steps = re.findall(r"us-universal-10: Newton step (\d+), residual (\S+)", shown)
    assert [int(count) for count, _ in steps] == list(range(len(steps)))
    assert float(steps[-1][1]) < 1e-11 < float(steps[0][1])
    for stage in ("solve", "certify", "tables"):
        assert re.search(rf"us-universal-10: {stage}, \d+\.\d+ s", shown), stage


def test_the_method_can_be_ipopt_and_nothing_unknown(call, file, tmp_path):
    out = tmp_path / "out"
    shown = call("run", "us-universal-10", "--benchmark", file, "--out", out, "--method", "ipopt", "--verbose")
    assert "IPOPT step 1, residual" in shown
    assert json.loads((out / "us-universal-10" / "proof.json").read_text())["method"] == "ipopt"
    refused = call("run", "us-universal-10", "--benchmark", file, "--method", "ipot", status=2)
    assert "unknown method 'ipot' (did you mean ipopt?); use newton or ipopt" in one_line(refused)


def test_run_prints_and_writes_and_keeps(call, file, tmp_path):
    out = tmp_path / "out"
    shown = call("run", "us-universal-10", "korea-steel-removal", "--benchmark", file, "--out", out)
    assert "EV" in shown
    assert "exporter (KOR)" in shown
    for name in ("us-universal-10", "korea-steel-removal"):
        files = {p.name for p in (out / name).iterdir()}
        assert files >= {"welfare.csv", "trade.csv", "sectors.csv", "rents.csv", "equilibrium.nc", "proof.json"}
    before = (out / "us-universal-10" / "proof.json").read_text()
    assert "kept us-universal-10" in call("run", "us-universal-10", "--benchmark", file, "--out", out)
    refused = call("run", "us-universal-10", "--closure", "unemployment", "--benchmark", file, "--out", out, status=2)
    assert "which is kept; pass --overwrite" in one_line(refused)
    assert (out / "us-universal-10" / "proof.json").read_text() == before
    call("run", "us-universal-10", "--benchmark", file, "--out", out, "--overwrite")
    again = json.loads((out / "us-universal-10" / "proof.json").read_text())
    assert again["scenario_sha256"] == json.loads(before)["scenario_sha256"]
    assert "us-universal-10" in call("compare", "us-universal-10", "--benchmark", file, "--out", out)


def test_pictures_are_written_where_matplotlib_is(call, file, tmp_path):
    pytest.importorskip("matplotlib")
    call("run", "us-universal-10", "--benchmark", file)
    for name in ("welfare.png", "export_shares.png"):
        assert (tmp_path / "results" / "us-universal-10" / name).read_bytes()[:4] == b"\x89PNG"


def test_study_runs_the_headline_policies_into_one_table(call, file, tmp_path, monkeypatch):
    monkeypatch.setattr("cge.scenarios.commands.solving.HEADLINE", ("no-change", "korea-steel-removal"))
    shown = call("study", "--benchmark", file)
    assert "Welfare by region against the benchmark" in shown
    there = {p.name for p in (tmp_path / "results").iterdir() if p.is_dir()}
    assert there == {"no-change", "korea-steel-removal"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "us-universal-1"], "did you mean us-universal-10?"),
        (["show", "korea-cptp"], "did you mean korea-cptpp?"),
        (["run", "none.yaml"], "there is no file none.yaml"),
        (["run", "no-change", "--benchmark", "world2020-12x21"], "did you mean world2020-12x12?"),
        (["run", "no-change", "--closure", "standart"], "did you mean standard?"),
        (["run", "no-change", "--elasticities", "lowr"], "did you mean lower?"),
        (["compare", "no-change", "no-change"], "no-change is given twice"),
        (["run", "no-change", "--elasticities", "none.csv"], "there is no file none.csv"),
        (["check", "none.nc"], "there is no file none.nc"),
        (["check", "table.csv"], "there is no file table.csv"),
        (["check", "korea-cptp"], "did you mean korea-cptpp?"),
    ],
)
def test_a_mistake_gets_one_message_and_status_2(call, arguments, message):
    assert message in one_line(call(*arguments, status=2))


def test_check_tells_all_faults_of_a_scenario(call, file, tmp_path):
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(
        "name: mine\ntitle: Mine\nquestion: '?'\nsorces: [x]\nshocks:\n"
        "  - {instrument: import_tariff, exporters: KRO, importers: USA, add: 1}\n"
    )
    told = one_line(call("check", scenario, "--benchmark", file, status=2))
    for part in ("3 faults", "sources is missing", "did you mean sources?", "did you mean KOR?"):
        assert part in told
    scenario.write_text(scenario.read_text().replace("sorces", "sources").replace("KRO", "KOR"))
    assert "is sound" in call("check", scenario, "--benchmark", file)


def test_an_elasticity_out_of_range_is_named(call, file, tmp_path):
    from cge.calibration.elasticities import TABLE

    lines = TABLE.read_text(encoding="utf-8").splitlines()
    steel = next(n for n, line in enumerate(lines) if line.startswith("esubm,STL,"))
    cells = lines[steel].split(",")
    lines[steel] = ",".join([*cells[:2], "-4", *cells[3:]])
    (tmp_path / "own.csv").write_text("\n".join(lines), encoding="utf-8")
    told = one_line(call("run", "no-change", "--benchmark", file, "--elasticities", "own.csv", status=2))
    assert "esubm STL: default -4 is out of range" in told


def test_check_names_the_account_of_a_benchmark_that_fails(call, file, tmp_path):
    import xarray as xr

    assert "is sound" in call("check", file)
    data = xr.load_dataset(file)
    data["domestic"][0, 0] += 100.0
    data.attrs.pop("sha256")
    data.to_netcdf(tmp_path / "bad.nc")
    told = one_line(call("check", tmp_path / "bad.nc", status=2))
    assert "industry account KOR AGR" in told
    assert "-100" in told


def test_a_failed_solve_has_status_1_and_its_message(call, file, monkeypatch):
    class Failing:
        def __init__(self, *_, **__):
            pass

        def prepared(self, *_, **__):
            return self

        def solve(self, *_, **__):
            raise SolveError("no equilibrium found; try a smaller shock")

    monkeypatch.setattr(trip, "Problem", Failing)
    assert "try a smaller shock" in call("run", "no-change", "--benchmark", file, status=1)


def test_doctor_fails_only_for_a_part_that_is_needed(call, monkeypatch):
    import cge.solvers.install.doctor as parts

    here = Part("Pyomo", True, "6.10", "/lib/pyomo", "")
    optional = Part("matplotlib", False, "", "not installed", "pip install matplotlib", needed=False)
    monkeypatch.setattr(parts, "diagnose", lambda: [here, optional])
    assert "pip install matplotlib" in one_line(call("doctor"))
    monkeypatch.setattr(parts, "diagnose", lambda: [here, Part("Ipopt", False, "", "no", "make setup")])
    assert "make setup" in one_line(call("doctor", status=1))


def test_decompose_prints_effects_and_writes_them(call, file, tmp_path):
    shown = call("decompose", "us-universal-10", "--benchmark", file, "--out", tmp_path / "out", "--steps", 2)
    assert all(word in shown for word in ("terms of", "allocative", "residual", "KOR"))
    assert (tmp_path / "out" / "us-universal-10" / "decomposition.csv").is_file()
    shown = call("decompose", "us-universal-10", "--benchmark", file, "--out", tmp_path / "out", status=2)
    assert "is kept; pass --overwrite" in one_line(shown)
    assert "at least one" in call("decompose", "us-universal-10", "--benchmark", file, "--steps", 0, status=2)


def test_what_is_no_mistake_of_the_user_is_told_as_a_fault_of_the_package(call, file, monkeypatch):
    def broken(*_, **__):
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr("cge.solvers.problem.Problem.solve", broken)
    shown = one_line(call("run", "us-universal-10", "--benchmark", file, status=3))
    assert "this is a fault of the package and not of what you asked for: ValueError: operands could not" in shown
    report = re.search(r"with (\S+cge-bug-\S+\.txt)", shown)[1]
    text = Path(report).read_text(encoding="utf-8")
    Path(report).unlink()
    assert "Traceback" in text
    assert "numpy " in text


def test_what_the_solver_refuses_is_a_mistake_of_the_user(call, file, tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "name: mine\ntitle: t\nquestion: q\nsources: [me]\nshocks:\n"
        "  - {instrument: foreign_saving, regions: USA, add: 1}\n"
    )
    shown = one_line(call("run", "mine.yaml", "--benchmark", file, "--closure", "global-bank", status=2))
    assert "foreign_saving" in shown


def test_a_message_longer_than_a_screen_names_the_file_that_holds_the_rest(call, tmp_path):
    shocks = "".join(f"  - {{instrument: import_tarif{n}, add: 1}}\n" for n in range(60))
    (tmp_path / "mine.yaml").write_text(f"name: mine\ntitle: t\nquestion: q\nsources: [me]\nshocks:\n{shocks}")
    shown = call("check", "mine.yaml", "--benchmark", "world2020-12x12", status=2)
    assert len(shown.splitlines()) <= 25
    rest = Path(re.search(r"all of it: (\S+\.txt)", shown)[1])
    assert all(f"import_tarif{n}'" in rest.read_text(encoding="utf-8") for n in range(60))
    rest.unlink()


def test_ctrl_c_is_one_line_that_says_what_is_kept(call, file, tmp_path, monkeypatch):
    real = trip.Runner.solve

    def stop(self, scenario, **options):
        if scenario.name != "no-change":
            raise KeyboardInterrupt
        return real(self, scenario, **options)

    monkeypatch.setattr(trip.Runner, "solve", stop)
    names = ("no-change", "us-universal-10")
    told = call("run", *names, "--benchmark", file, "--out", tmp_path / "out", status=130)
    assert "stopped; no-change had ended and is kept; the same command goes on from there" in one_line(told)
    monkeypatch.setattr(trip.Runner, "solve", real)
    told = call("run", *names, "--benchmark", file, "--out", tmp_path / "out")
    assert "kept no-change" in told
    assert "solved us-universal-10" in told


def test_ctrl_c_while_the_packages_are_read_is_one_line(capsys, monkeypatch):
    import builtins

    from cge.scenarios.__main__ import main

    real = builtins.__import__

    def interrupted(name, *rest, **options):
        if name == "cge.scenarios.cli":
            raise KeyboardInterrupt
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", interrupted)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 130
    assert capsys.readouterr().err == "stopped before anything was begun\n"


def test_doctor_cleans_the_store_of_compiled_models(call, monkeypatch, tmp_path):
    from cge.solvers.certificate.store import Store, pack

    monkeypatch.setenv("CGE_CACHE", str(tmp_path / "store"))
    Store().keep("0" * 64, pack("0" * 64, {}))
    assert "removed 1 compiled models" in one_line(call("doctor", "--clean"))
    assert list((tmp_path / "store").iterdir()) == []
