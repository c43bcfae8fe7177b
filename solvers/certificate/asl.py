"""The AMPL solver library through ctypes, as far as a square system without an objective needs it.

The functions are those of PyNumero's shared library, and so is their order of arguments
(`pyomo/contrib/pynumero/src/AmplInterface.cpp`). Pyomo's own interface does the same and more, but a process that
finds its compiled model on disk would import Pyomo for nothing else, which takes as long as solving a table of 20 x 20.
"""

from __future__ import annotations

import ctypes
import os
import weakref
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cge.errors import InstallError

from .library import INTERFACE, find_library

Vector = NDArray[np.float64]
Pattern = tuple[NDArray[np.intp], NDArray[np.intp]]

_PREFIX = "EXTERNAL_AmplInterface_"
_OBJECT, _COUNT = ctypes.c_void_p, ctypes.c_int
_NUMBERS = np.ctypeslib.ndpointer(dtype=np.float64, ndim=1, flags="C_CONTIGUOUS")
_INDICES = np.ctypeslib.ndpointer(dtype=np.intc, ndim=1, flags="C_CONTIGUOUS")
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "version": (_COUNT, []),
    "new_file": (_OBJECT, [ctypes.c_char_p, ctypes.c_char_p]),
    "free_memory": (None, [_OBJECT]),
    "n_vars": (_COUNT, [_OBJECT]),
    "n_constraints": (_COUNT, [_OBJECT]),
    "nnz_jac_g": (_COUNT, [_OBJECT]),
    "nnz_hessian_lag": (_COUNT, [_OBJECT]),
    "g_lower_bounds": (None, [_OBJECT, _NUMBERS, _COUNT]),
    "get_init_x": (None, [_OBJECT, _NUMBERS, _COUNT]),
    "struct_jac_g": (None, [_OBJECT, _INDICES, _INDICES, _COUNT]),
    "struct_hes_lag": (None, [_OBJECT, _INDICES, _INDICES, _COUNT]),
    "eval_f": (ctypes.c_bool, [_OBJECT, _NUMBERS, _COUNT, ctypes.POINTER(ctypes.c_double)]),
    "eval_g": (ctypes.c_bool, [_OBJECT, _NUMBERS, _COUNT, _NUMBERS, _COUNT]),
    "eval_jac_g": (ctypes.c_bool, [_OBJECT, _NUMBERS, _COUNT, _NUMBERS, _COUNT]),
    "eval_hes_lag": (
        ctypes.c_bool,
        [_OBJECT, _NUMBERS, _COUNT, _NUMBERS, _COUNT, _NUMBERS, _COUNT, ctypes.c_double],
    ),
}
"""What each function returns and takes."""


class SquareProgram:
    """A system of equations in an NL file, as the ASL evaluates it.

    Args:
        file: the NL file; the ASL ends the process at a broken one, so it must be one that Pyomo wrote.

    Attributes:
        start: point that the file holds [variable].
        jacobian_pattern: rows and columns of the Jacobian's entries.
        hessian_pattern: the same of one triangle of the Lagrangian's Hessian.

    Raises:
        InstallError: there is no library of PyNumero's, or an old one.
    """

    def __init__(self, file: Path) -> None:
        self._library = _library()
        outside = os.environ.pop("AMPLFUNC", None)  # functions of somebody else's, which the ASL would load
        self._object = self._call("new_file", os.fsencode(file), b"")
        if outside is not None:
            os.environ["AMPLFUNC"] = outside
        if not self._object:
            raise ValueError(f"the ASL cannot read {file}")
        free = getattr(self._library, _PREFIX + "free_memory")
        weakref.finalize(self, free, self._object).atexit = False
        self._height = self._call("n_constraints", self._object)
        self.start: Vector = np.zeros(self._call("n_vars", self._object))
        self._sides: Vector = np.zeros(self._height)
        self._call("get_init_x", self._object, self.start, self.start.size)
        self._call("g_lower_bounds", self._object, self._sides, self._height)
        self.jacobian_pattern = self._pattern("nnz_jac_g", "struct_jac_g")
        self.hessian_pattern = self._pattern("nnz_hessian_lag", "struct_hes_lag")

    def residuals(self, x: Vector) -> Vector:
        """Left sides less right sides at a point [equation].

        Raises:
            ArithmeticError: an equation has no value there; so do the others.
        """
        found = np.zeros(self._height)
        self._evaluate("eval_g", x, found, found.size)
        return found - self._sides

    def jacobian(self, x: Vector) -> Vector:
        """Entries of the Jacobian at a point, in the order of its pattern."""
        found = np.zeros(self.jacobian_pattern[0].size)
        self._evaluate("eval_jac_g", x, found, found.size)
        return found

    def hessian(self, x: Vector, multipliers: Vector) -> Vector:
        """Entries of the Hessian of the equations times multipliers, in the order of its pattern."""
        self._evaluate("eval_f", x, ctypes.byref(ctypes.c_double()))  # the ASL's Hessian is that of its last point
        self.residuals(x)
        found = np.zeros(self.hessian_pattern[0].size)
        multipliers = np.ascontiguousarray(multipliers, dtype=np.float64)
        self._evaluate("eval_hes_lag", x, multipliers, multipliers.size, found, found.size, 1.0)
        return found

    def _call(self, name: str, *arguments: Any) -> Any:
        return getattr(self._library, _PREFIX + name)(*arguments)

    def _evaluate(self, name: str, x: Vector, *arguments: Any) -> None:
        x = np.ascontiguousarray(x, dtype=np.float64)
        if x.size != self.start.size:  # the library would read beyond the end
            raise ValueError(f"a point has {self.start.size} numbers, not {x.size}")
        if not self._call(name, self._object, x, x.size, *arguments):
            raise ArithmeticError("an equation has no value at this point")

    def _pattern(self, count: str, names: str) -> Pattern:
        rows, columns = np.zeros((2, self._call(count, self._object)), dtype=np.intc)
        self._call(names, self._object, rows, columns, rows.size)
        return rows.astype(np.intp) - 1, columns.astype(np.intp) - 1  # the library counts from one


@cache
def _library() -> Any:
    """PyNumero's shared library with the types of its functions."""
    where = find_library()
    if where is None:
        raise InstallError("PyNumero's ASL library is missing: run `cge doctor` for the command that installs it")
    # the ASL cannot be in two threads at once, and Python frees a program in whichever thread lets go of it last: so
    # the interpreter's own lock is held while the library works
    library = ctypes.PyDLL(str(where))
    for name, (returned, taken) in _SIGNATURES.items():
        function = getattr(library, _PREFIX + name)  # an item, not kept, would lose its types
        function.restype, function.argtypes = returned, taken
    found = int(getattr(library, _PREFIX + "version")())
    if found < INTERFACE:
        raise InstallError(f"{where} has interface {found}, older than {INTERFACE}: run `cge doctor` for its repair")
    return library
