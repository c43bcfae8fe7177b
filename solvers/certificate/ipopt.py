"""IPOPT through cyipopt on the Pyomo model: the solver of record.

It certifies a point that a cheaper method found, or solves the full system itself. Its functions come from Pyomo's
model through the AMPL solver library, so a certificate does not depend on the arrays that the cheaper method used; a
world too large for Pyomo's expressions is certified on the arrays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cge.model import Values
from cge.system import System

from .compiled import CompiledModel

Vector = NDArray[np.float64]

ALONE = threading.RLock()
"""Neither the ASL nor IPOPT with its linear solver can be in two threads at once; nothing else needs a lock."""

TOLERANCE = 1e-9
SMALLEST = 1e-6
"""Lower bound of positive variables in a full solve; indices are one at the benchmark."""

SUCCESS = 0
INVALID = -13
STATUS = {
    0: "solve succeeded",
    1: "solved to acceptable level",
    2: "infeasible problem detected",
    3: "search direction becomes too small",
    4: "diverging iterates",
    -1: "maximum iterations exceeded",
    -2: "restoration failed",
    -3: "error in step computation",
    -4: "maximum CPU time exceeded",
    -10: "not enough degrees of freedom",
    -11: "invalid problem definition",
    INVALID: "invalid number detected",
}
"""IPOPT's return codes in words."""


@dataclass(frozen=True)
class IpoptResult:
    """What IPOPT said.

    Attributes:
        values: the point where it ended.
        status: its return code; zero is success.
        message: the code in words.
        iterations: its iterations; zero for a point that it accepted as given.
        residual: largest absolute residual of the Pyomo model at the point.
        version: of IPOPT.
    """

    values: Values
    status: int
    message: str
    iterations: int
    residual: float
    version: str


class Functions(Protocol):
    """Residuals and derivatives of a square system in its unknowns, as IPOPT asks for them."""

    def residuals(self, x: Vector) -> Vector:
        """Residuals at a point."""

    def jacobian(self, x: Vector) -> tuple[Any, Any, Any]:
        """Rows, columns and values of the Jacobian, always in the same order."""

    def hessian(self, x: Vector, multipliers: Vector) -> tuple[Any, Any, Any]:
        """Rows, columns and values of the lower triangle of the Lagrangian's Hessian, in the same order."""


class PyomoFunctions:
    """A system's functions from the compiled Pyomo model.

    Args:
        compiled: the Pyomo model.
        system: the unknowns.
        values: everything else.
    """

    def __init__(self, compiled: CompiledModel, system: System, values: Values) -> None:
        self._program = compiled.program
        self._point = compiled.primals(system.model, values)
        self._unknowns = np.full(system.size, -1)
        for name, columns in system.columns.items():
            free = columns >= 0
            self._unknowns[columns[free]] = compiled.positions[name][free]
        self._column = np.full(self._point.size, -1)
        self._column[self._unknowns] = np.arange(system.size)

    def _at(self, x: Vector) -> Vector:
        self._point[self._unknowns] = x
        return self._point

    def residuals(self, x: Vector) -> Vector:
        """See `Functions`."""
        return self._program.residuals(self._at(x))

    def jacobian(self, x: Vector) -> tuple[Any, Any, Any]:
        """See `Functions`."""
        rows, columns = self._program.jacobian_pattern
        column = self._column[columns]
        kept = column >= 0
        return rows[kept], column[kept], self._program.jacobian(self._at(x))[kept]

    def hessian(self, x: Vector, multipliers: Vector) -> tuple[Any, Any, Any]:
        """See `Functions`."""
        rows, columns = (self._column[pattern] for pattern in self._program.hessian_pattern)
        kept = (rows >= 0) & (columns >= 0)
        # unknowns may be numbered the other way round than the compiled model's variables
        rows, columns = np.maximum(rows, columns), np.minimum(rows, columns)
        return rows[kept], columns[kept], self._program.hessian(self._at(x), multipliers)[kept]


class ArrayFunctions:
    """A system's functions from its arrays; no second derivatives.

    Args:
        system: the unknowns.
        values: everything else.
    """

    def __init__(self, system: System, values: Values) -> None:
        self._system = system
        self._values = values

    def residuals(self, x: Vector) -> Vector:
        """See `Functions`."""
        return self._system.residuals(self._system.unpack(x, self._values))

    def jacobian(self, x: Vector) -> tuple[Any, Any, Any]:
        """See `Functions`."""
        matrix = self._system.linearise(self._system.unpack(x, self._values)).jacobian.tocoo()
        return matrix.row, matrix.col, matrix.data

    def hessian(self, x: Vector, multipliers: Vector) -> tuple[Any, Any, Any]:
        """See `Functions`."""
        raise NotImplementedError("arrays give no second derivatives")


def certify(system: System, values: Values, functions: Functions) -> IpoptResult:
    """Let IPOPT judge a point: without bounds and with a zero Hessian it accepts a solution as it is."""
    return _run(system, values, functions, exact=False, options=CERTIFICATE)


def solve(
    system: System,
    values: Values,
    functions: Functions,
    options: dict[str, Any] | None = None,
    watch: Callable[[int, float], None] | None = None,
) -> IpoptResult:
    """Let IPOPT solve the full system from a point, with bounds and the exact Hessian.

    Args:
        system: the unknowns.
        values: start and data.
        functions: residuals and derivatives; they must have a Hessian.
        options: IPOPT options over the defaults.
        watch: called with the iteration and its residual.
    """
    return _run(system, values, functions, exact=True, options={**SOLVE, **(options or {})}, watch=watch)


def _run(
    system: System,
    values: Values,
    functions: Functions,
    *,
    exact: bool,
    options: dict[str, Any],
    watch: Callable[[int, float], None] | None = None,
) -> IpoptResult:
    import cyipopt

    version = ".".join(map(str, cyipopt.IPOPT_VERSION))
    lower = np.full(system.size, -np.inf)
    if exact:  # prices, and one plus a rate, are raised to powers: below zero the ASL would end the process
        for name, columns in system.columns.items():
            symbol = system.model.symbols[name]
            if symbol.positive or symbol.logged:
                lower[columns[columns >= 0]] = SMALLEST - symbol.offset
    x = np.maximum(system.pack(values), lower)
    try:
        problem = _Callbacks(functions, x, system.height, exact, watch or (lambda count, residual: None))
    except ArithmeticError:  # an equation has no value at the start
        return IpoptResult(values, INVALID, STATUS[INVALID], 0, float("inf"), version)
    zeros = np.zeros(system.height)
    free = np.full(system.size, np.inf)
    solver = cyipopt.Problem(n=system.size, m=system.height, problem_obj=problem, lb=lower, ub=free, cl=zeros, cu=zeros)
    for name, value in options.items():
        solver.add_option(name, value)
    x, info = solver.solve(x)
    status = int(info["status"])
    try:
        residual = float(np.abs(functions.residuals(x)).max(initial=0.0))
    except ArithmeticError:
        residual = float("inf")
    message = STATUS.get(status, f"IPOPT code {status}")
    return IpoptResult(system.unpack(x, values), status, message, problem.iterations, residual, version)


CERTIFICATE: dict[str, Any] = {
    "tol": TOLERANCE,
    "constr_viol_tol": TOLERANCE,
    "max_iter": 0,  # it may judge the point, not mend it
    "nlp_scaling_method": "none",
    # multipliers of a constant objective are zero: no factorisation to guess them
    "constr_mult_init_max": 0.0,
    "print_level": 0,
    "sb": "yes",
}
# two digits more than a certificate asks for, so that no unknown is further than that from Newton's
SOLVE: dict[str, Any] = {"tol": TOLERANCE / 100.0, "constr_viol_tol": TOLERANCE / 100.0, "print_level": 0, "sb": "yes"}


class _Callbacks:
    """What cyipopt calls: residuals are the constraints, and there is no objective."""

    def __init__(
        self, functions: Functions, x: Vector, height: int, exact: bool, watch: Callable[[int, float], None]
    ) -> None:
        self._functions = functions
        self._watch = watch
        self._pattern = functions.jacobian(x)[:2]
        empty = np.array([], dtype=int)
        self._curvature = functions.hessian(x, np.ones(height))[:2] if exact else (empty, empty)
        self.iterations = 0

    def objective(self, x: Vector) -> float:
        return 0.0

    def gradient(self, x: Vector) -> Vector:
        return np.zeros_like(x)

    def constraints(self, x: Vector) -> Vector:
        return _valued(self._functions.residuals, x)

    def jacobianstructure(self) -> tuple[Any, Any]:
        return self._pattern

    def jacobian(self, x: Vector) -> Vector:
        return np.asarray(_valued(self._functions.jacobian, x)[2])

    def hessianstructure(self) -> tuple[Any, Any]:
        return self._curvature

    def hessian(self, x: Vector, multipliers: Vector, factor: float) -> Vector:
        if not self._curvature[0].size:
            return np.array([])
        return np.asarray(_valued(self._functions.hessian, x, multipliers)[2])

    def intermediate(self, mode: int, count: int, objective: float, residual: float, *_: float) -> bool:
        self.iterations = count
        self._watch(count, residual)
        return True


def _valued(function: Callable[..., Any], *at: Any) -> Any:
    """A function's value; where it has none IPOPT is told so, and shortens its step."""
    import cyipopt

    try:
        return function(*at)
    except ArithmeticError as error:
        raise cyipopt.CyIpoptEvaluationError from error
