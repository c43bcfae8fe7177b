"""A user's mistakes: collected, each with its place and its repair, and told at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(ValueError):
    """Something that the user asked for cannot be; no fault of the program.

    Args:
        faults: one sentence each, with where it is and how to repair it.
        what: what has the faults, such as a file's name.
    """

    def __init__(self, faults: Iterable[str], what: str = "") -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        head = f"{what} has {count} fault{'s' if count != 1 else ''}:" if what else ""
        super().__init__("\n  - ".join((head, *self.faults)) if head else "\n".join(self.faults))


class ScenarioError(UserError):
    """A scenario that is not well formed, or that does not fit the benchmark."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name most like a word, as a question in brackets; empty if none is like it."""
    by_lower = {name.lower(): name for name in known}
    match = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.5)
    return f" (did you mean {by_lower[match[0]]}?)" if match else ""
