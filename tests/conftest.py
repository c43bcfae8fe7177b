"""What every test stands on."""

import os
import shutil
from pathlib import Path

import pytest

# One BLAS thread a process: with two pytest workers on two cores, more would fight for them. It must be said before
# numpy is imported; pytest-xdist's workers inherit it.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

pytest_plugins = ["tests.truth"]


def pytest_addoption(parser):
    """Where the scenarios of the library are solved."""
    parser.addoption(
        "--files", type=int, default=0, help="damaged files that are read; some dozens, or 2,000 for a page"
    )
    parser.addoption("--library", default="world2020-12x12", help="benchmark on which the whole library is solved")


CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
"""Debian's Chromium, or another that is there."""


def _absent(reason):
    """Skip what needs a browser; where one is required (in CI), fail."""
    if os.environ.get("CGE_BROWSER") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium, driven by Playwright, whose event loop must not outlive the tests of one file."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _absent("playwright is not installed (the extra browser)")
    if CHROMIUM is None:
        _absent("there is no Chromium on this machine")
    with sync_playwright() as run:
        yield run.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture(scope="session")
def axe():
    """Serious and critical findings of axe on a page."""
    try:
        import axe_playwright_python
    except ImportError:
        _absent("axe-playwright-python is not installed (the extra browser)")
    source = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    grave = """async () => (await axe.run()).violations.filter(one => ["serious", "critical"].includes(one.impact))
        .map(one => `${one.id}: ${one.nodes[0].html}`)"""

    def findings(tab):
        tab.evaluate(source)
        return tab.evaluate(grave)

    return findings
