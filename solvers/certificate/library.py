"""Where PyNumero's ASL library lies.

Pyomo looks for `libpynumero_ASL` in `~/.pyomo/lib`, on LD_LIBRARY_PATH and on PATH. None of these belongs to one
environment: two checkouts would share, and overwrite, one file. So the library lives in its own environment's
`lib/`, where conda puts it too, and is looked for there first.
"""

import sys
from pathlib import Path

SUFFIX = {"darwin": "dylib", "win32": "dll"}.get(sys.platform, "so")
LIBRARY = Path(sys.prefix) / "lib" / f"libpynumero_ASL.{SUFFIX}"


INTERFACE = 3
"""Oldest interface of the library that `cge.solvers.certificate.asl` can call."""


def find_library() -> Path | None:
    """This environment's library, or else the one that Pyomo finds; Pyomo is imported only then."""
    if LIBRARY.is_file():
        return LIBRARY
    from pyomo.contrib.pynumero.asl import AmplInterface

    return Path(AmplInterface.libname) if AmplInterface.available() else None


def point_pyomo_here() -> None:
    """Show Pyomo this environment's library, if there is one; for whoever uses Pyomo's own interface to the ASL."""
    try:
        from pyomo.contrib.pynumero.asl import AmplInterface
    except ImportError:  # no Pyomo: `cge doctor` says so, and must be able to import this room
        return
    if LIBRARY.is_file():
        AmplInterface.libname = str(LIBRARY)
