"""The README and the examples do what they say."""

import re
import runpy
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cge.calibration.benchmark import Benchmark, available
from cge.scenarios import cli
from cge.scenarios.economy.setting import DEFAULT_BENCHMARK
from cge.scenarios.files import library

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(p.relative_to(ROOT) for p in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_of_the_readme_runs(code, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out.strip()


def test_the_first_example_has_five_lines():
    assert len(blocks("python")[0].strip().splitlines()) == 5


def test_commands_of_the_readme_exist():
    shell = "\n".join(blocks("sh"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", shell, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for line in re.findall(r"^cge (.+)$", shell, re.MULTILINE):
        command, *words = line.split("#")[0].split()
        values = {value for option, value in pairwise(words) if option.startswith("--")}
        names = [word for word in words if not word.startswith("--") and word not in values]
        assert CliRunner().invoke(cli.app, [command, "--help"]).exit_code == 0, command
        known = {*Benchmark.load(DEFAULT_BENCHMARK).regions} if command == "abatement" else {*library.names()}
        assert {name for name in names if not name.endswith(".yaml")} <= known


def test_names_that_the_readme_shows_exist():
    assert all(f"{name}: {library.load(name).title}" in README for name in library.HEADLINE)
    assert set(re.findall(r'"(world\d[\w-]+)"', README)) == set(available())


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / file).resolve() if file else ROOT / page
        assert target.exists(), link
        if anchor:
            heads = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}, link


SHORTER = {
    "revenue_curve.py": ["world2020-12x12", "--rates", "0", "20"],
    "steel_regimes.py": ["world2020-12x12"],
}
"""Arguments that make an example's work less."""


@pytest.mark.parametrize("script", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.name)
def test_examples_run(script, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", [str(script), *SHORTER.get(script.name, [])])
    runpy.run_path(str(script), run_name="__main__")
    assert capsys.readouterr().out.strip()
