"""Solutions near one another without certificates, for optimisers and paths: point, regimes and factors are kept.

Nothing of it is a result: what an optimiser ends at is solved for and certified (`Problem.solve`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cge.errors import SolveError
from cge.model import Values
from cge.quotas import Quota, limits

from .gradient import Adjoint
from .methods.newton import Secants
from .methods.regimes import Settled, guessed, settle
from .problem import Problem
from .target import target


class Walk:
    """Evaluations of one problem at levels of its instruments.

    Args:
        problem: prepared for the instruments and the quotas (`Problem.prepared`), without swaps.
        quotas: that are in force.
        base: levels of instruments that stay, as `Problem.solve` takes them.

    Attributes:
        solves: how many there were.
    """

    def __init__(
        self, problem: Problem, quotas: Sequence[Quota] = (), base: Mapping[str, object] | None = None
    ) -> None:
        self.problem = problem
        self._goal = target(problem.system, dict(base or {}))  # type: ignore[arg-type]
        self._bounds = limits(problem.model.parameters, quotas)
        state = guessed(problem.model.constants["binds0"], self._bounds)
        self._last = Settled(problem.model.start(), state, 0, frozenset())
        self._factors: Secants | None = None
        self.solves = 0

    def levels(self, name: str) -> NDArray[np.float64]:
        """What an instrument is at where nothing else is said."""
        return self._goal[name]

    @property
    def values(self) -> Values:
        """The last solution."""
        return self._last.values

    @property
    def state(self) -> tuple[str, ...]:
        """Regimes of the limits there."""
        return self._last.state

    def at(self, levels: Mapping[str, NDArray[np.float64]]) -> Values:
        """The solution at full arrays of instruments; others stay.

        Raises:
            SolveError: none was found from the last one, which stays the last.
        """
        goal = {**self._goal, **levels}
        if not self._last.state:
            self._last = Settled(self._point(self._last.values, goal, False)[0], (), 0, frozenset())
        else:
            self._last = settle(self._point, self._last, goal, self._bounds, path=False)
        self.solves += 1
        return self._last.values

    def _point(self, start: Values, goal: Values, path: bool) -> tuple[Values, int, str]:
        system = self.problem.system
        first = system.unpack(system.pack(start), goal)
        found = self.problem.newton.solve(first, kept=self._factors)
        self._factors = found.secants or self._factors
        if not found.converged or self.problem.logs.negative(found.values):
            raise SolveError("no solution was found from the one before it")
        return found.values, found.iterations, "newton"

    def adjoint(self, wrt: Iterable[str]) -> Adjoint:
        """Derivatives at the last solution; their factors serve the next."""
        made = Adjoint(self.problem, self._last.values, wrt)
        self._factors = Secants(made.factors.core)
        return made
