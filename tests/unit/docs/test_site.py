"""The site builds without a warning; `make site` builds all of it, here what needs no execution and no API."""

from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.filterwarnings("ignore")
def test_pages_build_without_a_warning(tmp_path):
    pytest.importorskip("myst_nb", reason="the extra docs is not installed")
    from sphinx.application import Sphinx

    warnings = (tmp_path / "warnings.txt").open("w+", encoding="utf-8")
    quick = {"nb_execution_mode": "off", "extensions": "myst_nb", "exclude_patterns": "README.md,api.md"}
    settings = quick | {"suppress_warnings": "config.cache,toc.not_readable"}
    with warnings:
        site = Sphinx(DOCS, DOCS, tmp_path / "out", tmp_path / "trees", "dummy", settings, None, warnings)
        site.build()
        warnings.seek(0)
        assert warnings.read() == ""
    assert {"index", "start", "blocks", "notebooks/korea-cptpp"} <= site.env.found_docs


def test_every_page_of_the_index_is_there_and_every_page_is_in_it():
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = {line for line in index.splitlines() if line and (DOCS / f"{line}.md").is_file()}
    pages = {path.stem for path in DOCS.glob("*.md")} - {"README", "index"}
    assert pages == {page for page in listed if "/" not in page}


def test_formulas_are_mathml():
    pytest.importorskip("latex2mathml", reason="the extra docs is not installed")
    from latex2mathml.converter import convert

    page = (DOCS / "equations.md").read_text(encoding="utf-8")
    formulas = page.split("$$")[1::2]
    assert len(formulas) > 100
    for formula in formulas:
        assert "\\" not in convert(formula.strip()), formula
