"""The Pyomo model compiled for the AMPL solver library, kept on disk for the next process.

Building the Pyomo model and writing its NL file take most of a first solve, and neither depends on a scenario, on the
values of elasticities or on what a closure holds. So the file is kept (`store`) under a fingerprint of everything that
it does depend on: structure, parameters, the equations' source, and Pyomo's version.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cge.errors import InstallError
from cge.model import Model, Values
from cge.source import source_sha256, value_sha256

from .asl import SquareProgram
from .store import Arrays, Store, pack, unpack

STORE = Store()
"""Where compiled models are kept. They may be deleted at any time."""

_NL = "model.nl"


class CompiledModel:
    """Functions of a model's Pyomo form: residuals and derivatives over all its variables.

    Args:
        model: symbols and equations; its elasticities may differ from those it was compiled with.
        store: where compiled models are kept; None to keep none.

    Attributes:
        program: the model as the ASL evaluates it.
        positions: where each variable stands among the program's, by symbol; -1 where it is not there.
        fresh: whether this process had to build the Pyomo model.

    Raises:
        InstallError: there is no room for a temporary file.
    """

    def __init__(self, model: Model, store: Store | None = STORE) -> None:
        key = fingerprint(model)
        there = store.read(key) if store else None
        self.fresh = there is None
        arrays = unpack(there, key) if there else _compile(model)
        if self.fresh and store:
            store.keep(key, pack(key, arrays))
        self.program = _load(arrays)
        self.positions = {name: array for name, array in arrays.items() if name != _NL}

    def primals(self, model: Model, values: Values) -> NDArray[np.float64]:
        """A point of a model, with its elasticities, in the compiled order of variables."""
        x = self.program.start.copy()
        for name, positions in self.positions.items():
            array = values[name] if name in values else model.constants[name]
            x[positions[positions >= 0]] = array[positions >= 0]
        return x


def packed(model: Model, store: Store = STORE) -> bytes:
    """A compiled model as another process can keep it."""
    key = fingerprint(model)
    return store.read(key) or pack(key, _compile(model))


def fingerprint(model: Model) -> str:
    """Everything that a compiled model depends on, as a hash."""
    digest = hashlib.sha256()
    for text in (version("pyomo"), source_sha256(()), repr(sorted(model.structure.instruments))):
        digest.update(text.encode())
    digest.update(model.structure.name.encode() + value_sha256(model.structure.blocks).encode())
    for axis, labels in sorted(model.parameters.labels.items()):
        digest.update(f"{axis}:{','.join(labels)};".encode())
    for name, array in sorted(model.constants.items()):
        # of an elasticity, only where it is a case of its own enters
        numbers = np.where(model.varies(name), np.nan, array) if name in model.elasticities else array
        digest.update(name.encode() + np.ascontiguousarray(numbers, dtype="<f8").tobytes())
    return digest.hexdigest()


def _compile(model: Model) -> dict[str, NDArray[Any]]:
    """The text of the NL file, and where each variable stands in it."""
    # at first use: a process that finds its model on disk needs no Pyomo
    from pyomo.common.gc_manager import PauseGC
    from pyomo.repn.plugins.nl_writer import NLWriter

    from cge.pyomo_model import build, cells

    text = io.StringIO()
    with PauseGC():
        pyomo = build(model)
        info = NLWriter().write(pyomo, text, linear_presolve=False, scale_model=False)
        order = {id(cell): k for k, cell in enumerate(info.variables)}
        arrays: dict[str, NDArray[Any]] = {_NL: np.frombuffer(text.getvalue().encode(), dtype=np.uint8)}
        for name, block in cells(pyomo, model).items():
            # variables that no equation of this structure uses are not compiled
            found = [order.get(id(cell), -1) for cell in block.ravel()]
            arrays[name] = np.array(found, dtype=np.int64).reshape(block.shape)
    return arrays


def _load(arrays: Arrays) -> SquareProgram:
    """Let the ASL read the NL file: a copy that nobody else can touch, since a bad one would end the interpreter."""
    try:
        with tempfile.TemporaryDirectory(prefix="cge-") as scratch:
            file = Path(scratch) / _NL
            file.write_bytes(arrays[_NL].tobytes())
            return SquareProgram(file)
    except OSError as error:
        raise InstallError(
            f"the compiled model cannot be written to {tempfile.gettempdir()} ({error.strerror or error}); "
            "make room there, or name another folder with TMPDIR"
        ) from error
