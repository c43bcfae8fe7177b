"""The Pyomo model compiled for the AMPL solver library, kept on disk for the next process.

Building the Pyomo model and writing its NL file take most of a first solve, and neither depends on a scenario, on the
values of elasticities or on what a closure holds. So the file is kept, in this environment's own folder, under a
fingerprint of everything that it does depend on: structure, parameters, the equations' source, and Pyomo's version.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyomo.common.gc_manager import PauseGC

from cge.model import Model, Values
from cge.pyomo_model import build, cells

STORE = Path(sys.prefix) / "var" / "cache" / "cge"
"""Folder of compiled models. Files there may be deleted at any time."""

KEPT = 8
"""Number of compiled models that are kept; the ones used longest ago go first."""


class CompiledModel:
    """Functions of a model's Pyomo form: residuals and derivatives over all its variables.

    Args:
        model: symbols and equations; its elasticities may differ from those it was compiled with.
        store: folder to keep compiled models in; None to keep none.

    Attributes:
        fresh: whether this process had to build the Pyomo model.
    """

    def __init__(self, model: Model, store: Path | None = STORE) -> None:
        from pyomo.contrib.pynumero.interfaces.ampl_nlp import AslNLP

        with tempfile.TemporaryDirectory() as scratch:
            folder = (store or Path(scratch)) / fingerprint(model)
            self.fresh = not (folder / "positions.npz").is_file()
            if self.fresh:
                made = Path(scratch) / "made"
                _compile(model, made)
                folder = _keep(made, folder) if store else made
            else:
                folder.touch()
            self.nlp = AslNLP(str(folder / "model.nl"))
            with np.load(folder / "positions.npz") as file:
                self.positions = {name: file[name] for name in file.files}
        self._start = self.nlp.get_primals().copy()

    def primals(self, model: Model, values: Values) -> NDArray[np.float64]:
        """A point of a model, with its elasticities, in the compiled order of variables."""
        x = self._start.copy()
        for name, positions in self.positions.items():
            array = values[name] if name in values else model.constants[name]
            x[positions[positions >= 0]] = array[positions >= 0]
        return x


def fingerprint(model: Model) -> str:
    """Everything that a compiled model depends on, as a hash."""
    digest = hashlib.sha256()
    for text in (version("pyomo"), _source(), repr(sorted(model.structure.instruments))):
        digest.update(text.encode())
    digest.update(model.structure.household.encode())
    for axis, labels in sorted(model.parameters.labels.items()):
        digest.update(f"{axis}:{','.join(labels)};".encode())
    for name, array in sorted(model.constants.items()):
        # of an elasticity, only where it is a case of its own enters
        numbers = np.where(model.varies(name), np.nan, array) if name in model.elasticities else array
        digest.update(name.encode() + np.ascontiguousarray(numbers, dtype="<f8").tobytes())
    return digest.hexdigest()


@cache
def _source() -> str:
    """Hash of the source of the rooms' core."""
    import cge

    folder = Path(cge.__file__).parent
    rooms = ("calibration", "scenarios", "solvers")
    files = sorted(file for file in folder.rglob("*.py") if file.relative_to(folder).parts[0] not in rooms)
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _compile(model: Model, folder: Path) -> None:
    from pyomo.repn.plugins.nl_writer import NLWriter

    folder.mkdir(parents=True)
    with PauseGC():
        pyomo = build(model)
        with (folder / "model.nl").open("w", newline="") as file:
            info = NLWriter().write(pyomo, file, linear_presolve=False, scale_model=False)
        order = {id(cell): k for k, cell in enumerate(info.variables)}
        positions: dict[str, Any] = {}
        for name, block in cells(pyomo, model).items():
            # variables that no equation of this structure uses are not compiled
            found = [order.get(id(cell), -1) for cell in block.ravel()]
            positions[name] = np.array(found, dtype=np.int64).reshape(block.shape)
    np.savez(folder / "positions.npz", **positions)


def _keep(folder: Path, kept: Path) -> Path:
    """Move a compiled model into the store, in one step; a store that cannot be written to keeps nothing."""
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        waiting = Path(tempfile.mkdtemp(dir=kept.parent))
        shutil.copytree(folder, waiting / "model")
        (waiting / "model").rename(kept)
        waiting.rmdir()
    except OSError:  # read-only, full, or another process was first
        return kept if (kept / "positions.npz").is_file() else folder
    old = sorted((f for f in kept.parent.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime)[:-KEPT]
    for other in old:
        shutil.rmtree(other, ignore_errors=True)
    return kept
