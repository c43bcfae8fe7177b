"""Where scenarios are written: the file of a name, the place of a key in it, and the files of a chain of parts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cge.calibration.measures import nearest_dated
from cge.errors import PolicyError, nearest

from .faults import shown
from .headings import FOLDER

PARTS = 50
"""Most scenarios that one is made of, parts of parts counted each time."""


class TooManyError(PolicyError):
    """A scenario of more parts than `PARTS`; it is told once, for the whole."""


@dataclass(frozen=True)
class Origin:
    """Where a scenario was written, so that an error can say where to look.

    Attributes:
        file: name of the file; empty for a scenario made in Python.
        lines: line of every key, by its path from the root.
    """

    file: str = ""
    lines: Mapping[tuple[str | int, ...], int] | None = None

    def where(self, *path: str | int) -> str:
        """Place of a key: `file.yaml:12`, or its path if there is no file."""
        if not self.file:
            return ".".join(str(p) for p in path)
        lines = self.lines or {}
        steps = (path[:n] for n in range(len(path), -1, -1))
        line = next((lines[step] for step in steps if step in lines), 1)
        return f"{self.file}:{line}"


@dataclass(frozen=True)
class Reading:
    """The files that are being read.

    Attributes:
        chain: of files, each a part of the one before.
        met: every file that was read on the way, in a list that the whole reading shares.
    """

    chain: tuple[Path, ...] = ()
    met: list[Path] = field(default_factory=list)

    def at(self, path: Path) -> Reading:
        """The same, one file further.

        Raises:
            PolicyError: the file is a part of itself, or is one too many.
        """
        place = Path(os.path.realpath(path))
        if place in self.chain:
            circle = (*self.chain[self.chain.index(place) :], place)
            raise PolicyError([f"{' > '.join(p.stem for p in circle)}: a scenario cannot be a part of itself"])
        if len(self.met) >= PARTS:
            first = self.chain[0] if self.chain else path
            raise TooManyError(
                [f"{first} is made of more than {PARTS} scenarios, parts of parts counted each time; name fewer"]
            )
        self.met.append(place)
        return Reading((*self.chain, place), self.met)


@cache
def library_names() -> tuple[str, ...]:
    """Names of the library's scenarios, by alphabet."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def file_of(source: str | Path) -> Path:
    """The file of a scenario that is given by its name in the library, or as a file.

    Raises:
        PolicyError: there is no such name (with the nearest).
    """
    path = Path(source)
    known = library_names()
    if path.suffix in (".yaml", ".yml"):
        return path
    if str(source) in known:
        return FOLDER / f"{source}.yaml"
    try:
        if path.is_file():
            return path
    except OSError:  # a name that no file can have
        pass
    hint = nearest_dated(str(source), known) or nearest(str(source), known)
    raise PolicyError([f"unknown scenario {shown(str(source))}{hint}; `cge list` shows all, or give a .yaml file"])
