"""The committed pages are what the code says."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)


WRITTEN = generate.pages()


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_committed_page_is_current(name):
    committed = (DOCS / name).read_text(encoding="utf-8")
    assert committed == WRITTEN[name], f"docs/{name} is stale: run `make docs`"


def test_every_equation_is_listed():
    from cge.structure import Structure

    page = generate.equations()
    assert all(f"### {name}\n" in page for name in Structure().equations)
    assert page.count("$$\n") >= 2 * len(Structure().equations)
