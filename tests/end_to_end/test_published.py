"""The page on published studies shows what the model says."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
spec = importlib.util.spec_from_file_location("published", DOCS / "published.py")
published = importlib.util.module_from_spec(spec)
spec.loader.exec_module(published)


@pytest.mark.slow
@pytest.mark.parametrize("case", [published.CASES[0], published.CASES[6]], ids=lambda case: str(case[0]))
def test_a_row_of_the_page_is_current(case):
    lines = (DOCS / "published.md").read_text(encoding="utf-8").splitlines()
    assert published.row(*case) in lines, "docs/published.md is stale: run `python docs/published.py`"


def test_the_page_has_a_row_for_every_case():
    lines = (DOCS / "published.md").read_text(encoding="utf-8").splitlines()
    for scenario, closure, elasticities in published.CASES:
        name = scenario if isinstance(scenario, str) else scenario.name
        assert any(line.startswith(f"| {name} | {closure}, {elasticities} | ") for line in lines)
