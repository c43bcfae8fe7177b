"""One family of errors: what a user can mend, told with where, by how much and what to do; all faults at once.

Only members of the family become messages on the command line. Any other exception is a bug of the package.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

SHOWN = 20
"""Faults that a message lists; `faults` holds all of them."""

LONGEST = 600
"""Characters of a fault that a message shows."""

SCREEN = 2_400
"""Characters of all faults that a message shows: twenty lines of a wide screen."""


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
        count, shown = len(self.faults), self._shown()
        more = [f"and {count - len(shown)} more like these"] if count > len(shown) else []
        if not self.what:
            return "\n".join([*shown, *more])
        head = f"{self.what} has {count} fault{'s' if count != 1 else ''}:"
        return "\n  - ".join([head, *shown, *more])

    @property
    def shortened(self) -> bool:
        """Whether the message leaves out a part of the faults."""
        return self._shown() != list(self.faults)

    def _shown(self) -> list[str]:
        """The first faults, as far as a screen holds them."""
        shown: list[str] = []
        for fault in self.faults[:SHOWN]:
            text = fault if len(fault) <= LONGEST else f"{fault[:LONGEST]} ..."
            if shown and sum(map(len, shown)) + len(text) > SCREEN:
                break
            shown.append(text)
        return shown


class DataError(CgeError, ValueError):
    """A table, a benchmark, elasticities or a file of numbers that cannot be used."""


class RequestError(CgeError, ValueError):
    """An argument or option that cannot be: a name that is not known, a file that is not there, two that exclude."""


class PolicyError(RequestError):
    """A scenario, a closure or a quota that is not well formed, or that does not fit the benchmark."""


class KeptError(RequestError, FileExistsError):
    """A file or folder that is there already, or in use by another run, and is kept as it is."""

    # of the two classes of Python that it is, the one whose constructor pickle may call
    __new__ = FileExistsError.__new__  # type: ignore[assignment]


class AbsentError(RequestError, FileNotFoundError):
    """A file or a name of the package's data that is not there."""

    __new__ = FileNotFoundError.__new__  # type: ignore[assignment]


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
