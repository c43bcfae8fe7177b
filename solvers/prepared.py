"""What problems of one setting share: the ones that were prepared, the compiled model, and the clock of a solve."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from cge.closure import Closure
from cge.model import Model
from cge.parameters import Parameters
from cge.progress import Event, Progress
from cge.swaps import Swap

from .certificate import ipopt
from .certificate.compiled import CompiledModel
from .certificate.store import Store
from .equilibrium import Equilibrium
from .methods.newton import Secants

if TYPE_CHECKING:
    from .problem import Problem

KEPT = 8
"""Prepared problems that are remembered."""

FACTORS = 2
"""Solutions whose factors are remembered."""


@dataclass(frozen=True)
class Setting:
    """What a problem was made of."""

    parameters: Parameters
    closure: Closure
    method: str
    certificate: str


@dataclass
class Warm:
    """What a solve begins with besides its point, and leaves for the next: none of it is part of a result.

    Attributes:
        factors: of a Jacobian nearby; none for the benchmark's.
        state: regimes of the limits; none to guess them.
    """

    factors: Secants | None = None
    state: tuple[str, ...] | None = None


class Family:
    """Problems of one setting that were prepared for something, the last of them, for whoever prepares for it again.

    With them the factors of the last solutions, for whoever starts from one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._members: dict[object, Problem] = {}
        self._factors: tuple[tuple[weakref.ref[xr.Dataset], Secants], ...] = ()

    def member(self, key: object, make: Callable[[], Problem]) -> Problem:
        """The problem of a key, made if it is not remembered."""
        with self._lock:
            found = self._members.pop(key, None) or make()
            self._members[key] = found  # the last that was asked for is the last to go
            for old in list(self._members)[:-KEPT]:
                del self._members[old]
            return found

    def remember(self, solution: xr.Dataset, factors: Secants | None) -> None:
        """Keep the factors that a solve left; they are large, so the last few only."""
        if factors is not None:
            self._factors = (*self._factors, (weakref.ref(solution), factors))[-FACTORS:]

    def warm(self, start: Equilibrium | None, names: Sequence[str]) -> Warm:
        """What is kept of an earlier solution, with the regimes of limits of these names."""
        if start is None:
            return Warm()
        factors = next((own for seen, own in self._factors if seen() is start.data), None)
        state = tuple(quota.regime for quota in start.quotas)
        return Warm(factors, state if [quota.name for quota in start.quotas] == list(names) else None)


class Compiled:
    """The compiled Pyomo model of a problem, made when it is first asked for."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.compiled: CompiledModel | None = None

    def compile(self, store: Store) -> CompiledModel:
        """The compiled model, from a store if it has it."""
        with ipopt.ALONE:
            self.compiled = self.compiled or CompiledModel(self._model, store)
            return self.compiled


def key_of(parameters: Parameters, instruments: frozenset[str], swaps: Sequence[Swap]) -> object:
    """What tells the models of one setting apart."""
    groups = tuple(tuple(np.flatnonzero(row)) for row in parameters.arrays["member"])
    return instruments, tuple(swap.sha256 for swap in swaps), groups


class Clock:
    """Seconds by stage, and progress on the way."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress

    def watch(self, stage: str, share: float) -> None:
        """Tell how far a stage is."""
        self._progress(Event(stage, share))

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time a stage."""
        self.watch(stage, 0.0)
        start = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start
        self.watch(stage, 1.0)
