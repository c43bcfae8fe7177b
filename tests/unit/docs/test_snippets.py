"""What the pages show works: Python runs, commands and their options exist, and scenarios are ones that can be read."""

import re
import shlex
from pathlib import Path

import click
import pytest
import typer
from ruamel.yaml import YAML

from cge.scenarios.cli import app
from cge.scenarios.files import library
from cge.scenarios.files.scenario import Draft

DOCS = Path(__file__).parents[3] / "docs"
PAGES = sorted(path for path in DOCS.glob("*.md") if path.name != "README.md")
GUIDES = ("start", "economists", "modelers", "policy-teams")
"""Pages whose Python is run from top to bottom, as a reader would."""


def snippets(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("name", GUIDES)
def test_python_of_the_guides_runs(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    space = {}
    for code in snippets(DOCS / f"{name}.md", "python"):
        exec(compile(code, f"{name}.md", "exec"), space)  # noqa: S102
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("page", [page for page in PAGES if snippets(page, "python")], ids=lambda page: page.stem)
def test_python_is_python(page):
    for code in snippets(page, "python"):
        compile(code, page.name, "exec")


def commands(page):
    for text in snippets(page, "(?:sh|console)"):
        for line in text.replace("\\\n", " ").splitlines():
            if line.startswith("cge "):
                yield shlex.split(line, comments=True)[1:]


@pytest.mark.parametrize("page", [page for page in PAGES if list(commands(page))], ids=lambda page: page.stem)
def test_commands_and_their_options_exist(page):
    root = typer.main.get_command(app)
    for words in commands(page):
        if words[0].startswith("--"):
            continue
        command = root.get_command(click.Context(root), words[0])
        assert command is not None, words
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        options = {word.partition("=")[0] for word in words[1:] if word.startswith("-") and not word[1:2].isdigit()}
        assert options <= {*known, "--help"}, words
        if words[0] in ("run", "compare", "report", "decompose"):
            named = {word for word in words[1:] if re.fullmatch(r"(?:us|korea|rcep|cptpp)(?:-[a-z0-9]+)*", word)}
            assert {name for name in named if "-" in name} <= set(library.names()), words


@pytest.mark.parametrize("page", [page for page in PAGES if snippets(page, "yaml")], ids=lambda page: page.stem)
def test_scenarios_in_the_pages_can_be_read(page):
    for text in snippets(page, "yaml"):
        YAML(typ="safe").load(text)
        if re.search(r"^name: ", text, re.MULTILINE) and re.search(r"^shocks:", text, re.MULTILINE):
            faults = [fault for fault in Draft("page.yaml", text).faults if "is a scenario of the library" not in fault]
            assert faults == []


def test_every_kind_of_block_is_shown_with_its_keys_and_an_example():
    from cge.scenarios.blocks.described import described
    from cge.scenarios.blocks.kinds import KINDS

    page = (DOCS / "blocks.md").read_text(encoding="utf-8")
    for key, model in KINDS.items():
        section = page.partition(f"\n## {key}\n")[2].partition("\n## ")[0]
        of = described(key)
        assert {one.name for one in of.keys if "." not in one.name} <= set(model.model_fields) | {"except"}
        assert all(f"| `{one.name}` |" in section for one in of.keys), key
        assert all(one.meaning for one in of.keys if one.name != key), key
        assert re.search(rf"```yaml\nshocks:\n  - (?:{{)?{key}:", section), key
