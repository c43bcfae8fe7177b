"""What must be the same on every machine of a batch: the code, and the libraries that numbers pass through."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import cge

ROOMS = ("", "calibration", "scenarios", "solvers")


@cache
def here() -> Mapping[str, str]:
    """Versions of this process, by name; that of cge is a hash of its code."""
    root = Path(cge.__file__).parent
    # links are not followed on the way, so each room is walked from its own root
    files = {file.relative_to(root) for room in ROOMS for file in (root / room).rglob("*.py")}
    code = hashlib.sha256(b"".join(file.as_posix().encode() + (root / file).read_bytes() for file in sorted(files)))
    libraries = {name: version(name) for name in ("pyomo", "numpy", "scipy", "pandas", "xarray")}
    return {"python": f"{sys.version_info.major}.{sys.version_info.minor}", "cge": code.hexdigest()[:12], **libraries}


def difference(theirs: Mapping[str, str]) -> str:
    """In what the versions of the process that sent work differ from those of this one; nothing if they agree."""
    ours = here()
    names = [name for name in {**theirs, **ours} if theirs.get(name) != ours.get(name)]
    return ", ".join(f"{name} {ours.get(name)} where the sender has {theirs.get(name)}" for name in names)
