"""The annex that docs/annex.md shows is what one command writes."""

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
spec = importlib.util.spec_from_file_location("annex_page", DOCS / "annex.py")
annex_page = importlib.util.module_from_spec(spec)
spec.loader.exec_module(annex_page)


@pytest.mark.slow
def test_the_committed_annex_is_current():
    committed = annex_page.PAGE.read_text(encoding="utf-8")
    assert committed == annex_page.page(), "docs/annex.md is stale: run `python docs/annex.py`"


def test_the_annex_has_an_answer_for_each_policy_and_every_table_is_whole():
    text = annex_page.PAGE.read_text(encoding="utf-8")
    for name in annex_page.SIX:
        section = text.partition(f"`{name}`\n")[2].partition("\n### ")[0]
        assert re.search(r"^- The world as a whole ", section, re.MULTILINE), name
        assert len(re.findall(r"^- ", section, re.MULTILINE)) >= 4
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({line.replace(r"\|", "").count("|") for line in table.splitlines()}) == 1
