"""The package's own source as a fingerprint, the same in a tree with links and in an installed copy."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent
ROOMS = ("calibration", "scenarios", "solvers")
"""Rooms at the root, installed (or linked) inside the package."""


@cache
def source_sha256(rooms: tuple[str, ...] = ROOMS, without: tuple[str, ...] = ()) -> str:
    """Fingerprint of the modules of the economics and of some rooms, in all their folders.

    Args:
        rooms: beside the economics.
        without: modules and folders, by name, that do not act on a result.
    """
    digest = hashlib.sha256()
    for file in modules(ROOT, rooms, without):
        text = (ROOT / file).read_bytes()
        digest.update(f"{file.as_posix()} {len(text)}\n".encode() + text)
    return digest.hexdigest()


def modules(root: Path, rooms: Iterable[str], without: Collection[str] = ()) -> list[Path]:
    """The modules under a root and its rooms, relative to the root; those of other rooms left out."""
    # links are not followed on the way, so each room is walked from its own root
    own = {file for file in root.rglob("*.py") if file.relative_to(root).parts[0] not in ROOMS}
    found = own | {file for room in rooms for file in (root / room).rglob("*.py")}
    names = (file.relative_to(root) for file in found)
    return sorted(name for name in names if not {*name.parts[:-1], name.stem} & set(without))
