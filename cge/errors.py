"""One family of errors: what a user can mend, told with where, by how much and what to do; all faults at once.

Only members of the family become messages on the command line. Any other exception is a bug of the package.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SHOWN = 20
"""Faults that a message lists; `faults` holds all of them."""


class CgeError(Exception):
    """Something that cannot be, for a reason that the message gives.

    Args:
        faults: one sentence each, with where it is and how to repair it; or the whole message.
        what: what has the faults, such as a file's name.

    Attributes:
        faults: all of them.
    """

    def __init__(self, faults: Iterable[str] | str, what: str = "") -> None:
        self.faults = (faults,) if isinstance(faults, str) else tuple(faults)
        self.what = what
        super().__init__(faults, what)

    def __str__(self) -> str:
        count = len(self.faults)
        shown = [*self.faults[:SHOWN], *([f"and {count - SHOWN} more like these"] if count > SHOWN else [])]
        if not self.what:
            return "\n".join(shown)
        return "\n  - ".join((f"{self.what} has {count} fault{'s' if count != 1 else ''}:", *shown))


class DataError(CgeError, ValueError):
    """A table, a benchmark, elasticities or a file of numbers that cannot be used."""


class RequestError(CgeError, ValueError):
    """An argument or option that cannot be: a name that is not known, a file that is not there, two that exclude."""


class PolicyError(RequestError):
    """A scenario, a closure or a quota that is not well formed, or that does not fit the benchmark."""


class ModelError(CgeError, ValueError):
    """Parameters, or a structure with a closure, that give no system with a solution of its own."""


class SolveError(CgeError, RuntimeError):
    """No certified solution was found; the message names the worst equations and what to try."""


class InstallError(CgeError, RuntimeError):
    """A part of the installation is missing or cannot be built; the message says how to mend it."""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name most like a word, as a question in brackets; empty if none is like it."""
    by_lower = {name.lower(): name for name in known if name}
    match = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.5)
    return f" (did you mean {by_lower[match[0]]}?)" if match else ""
