"""The scenarios that come with the package, and those in a user's files."""

from __future__ import annotations

from pathlib import Path

from .headings import HEADLINE, POLICIES, Heading, files, headings, names
from .scenario import Scenario, draft

__all__ = ["HEADLINE", "POLICIES", "Heading", "files", "headings", "load", "names"]


def load(source: str | Path) -> Scenario:
    """A scenario by its name in the library, or from a file.

    Raises:
        PolicyError: no such scenario (with the nearest name), or all faults of form of the file.
    """
    return draft(source).scenario()
