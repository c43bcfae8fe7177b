"""The annex that docs/annex.md shows is what one command writes."""

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
spec = importlib.util.spec_from_file_location("annex_page", DOCS / "annex.py")
annex_page = importlib.util.module_from_spec(spec)
spec.loader.exec_module(annex_page)


NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")


def rows(text):
    """Every row of a table: its label, and its numbers."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.replace(r"\|", "").split("|")[1:-1]]
        numbers = [float(cell.replace(",", "")) for cell in cells if NUMBER.fullmatch(cell)]
        if numbers:
            found.append((cells[0], numbers))
    return found


@pytest.mark.slow
def test_the_committed_annex_is_what_the_command_writes():
    """Heads and rows are the same, numbers to a twentieth of the largest of their row: mending one moves less."""
    committed, written = annex_page.PAGE.read_text(encoding="utf-8"), annex_page.page()
    heads = [[line for line in text.splitlines() if line.startswith(("#", "*", "`"))] for text in (committed, written)]
    assert heads[0] == heads[1], "docs/annex.md is stale: run `python docs/annex.py`"
    for (label, old), (other, new) in zip(rows(committed), rows(written), strict=True):
        assert label == other
        assert old == pytest.approx(new, abs=max(0.05, 0.05 * max(map(abs, new)))), label


def test_the_annex_has_an_answer_for_each_policy_and_every_table_is_whole():
    text = annex_page.PAGE.read_text(encoding="utf-8")
    for name in annex_page.SIX:
        section = text.partition(f"`{name}`\n")[2].partition("\n### ")[0]
        assert re.search(r"^- The world as a whole ", section, re.MULTILINE), name
        assert len(re.findall(r"^- ", section, re.MULTILINE)) >= 4
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.replace(r"\|", "").count("|") for line in table.splitlines()}) == 1
