"""Examples of the help are commands that there are; JSON and quiet output are for scripts."""

import json
import shlex

import pytest
import typer
from typer.testing import CliRunner

from cge.scenarios import cli
from cge.scenarios.commands import options
from cge.scenarios.results.results import Comparison
from cge.scenarios.screen.examples import EXAMPLES

COMMANDS = typer.main.get_command(cli.app).commands


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line in lines])
def test_an_example_is_a_command_with_its_options(line):
    program, name, *arguments = shlex.split(line)
    assert program == "cge"
    COMMANDS[name].make_context(name, arguments)  # raises for an option that there is not


def test_the_help_shows_the_examples():
    told = CliRunner().invoke(cli.app, ["report", "--help"], env={"COLUMNS": "200"}).output
    assert "cge report korea-cptpp us-universal-10" in " ".join(told.split())


def test_names_of_the_library_are_completed():
    found = options._named("korea-steel")
    assert "korea-steel-trq" in found
    assert all(name.startswith("korea-steel") for name in found)


def test_json_and_quiet(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = str(world.save(tmp_path / "small.nc"))
    call = ["us-universal-10", "--benchmark", file]
    done = CliRunner().invoke(cli.app, ["compare", *call, "--json"])
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.stdout)["scenarios"]
    assert {row["region"] for row in found["welfare"]} == {*world.regions, "world"}
    assert found["proof"]["ipopt_status"] == 0
    assert (tmp_path / "results" / "comparison.csv").is_file()
    again = CliRunner().invoke(cli.app, ["run", *call, "--quiet"])
    assert (again.exit_code, again.stdout) == (0, "")


def test_a_notebook_shows_text_as_text_and_short(result):
    both = Comparison((result,))
    assert len(repr(both).splitlines()) == len(repr(result).splitlines()) == 1
    page = result.with_tables(welfare=result.welfare.rename(index={"USA": "<b>"}))._repr_html_()
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    text = both.summary({"two": ["KOR", "USA"]})
    assert "IPOPT: 0 (0 is success)" in text
    assert "two" in text
    assert max(map(len, text.splitlines())) < 140
