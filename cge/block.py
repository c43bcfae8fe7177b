"""A block: one part of a model's structure, whole in one file, with all that the rest of the package asks of it.

A model is the base structure and the blocks that a user or a closure adds (`cge.structure`). A block brings symbols and
equations; the calibration of its parameters; and, where it changes them, its terms in the accounts, in welfare, in the
decomposition of welfare and in what swaps may hold and free. Everything but name and title is optional.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .equation import Equation, Quantity
from .notation import Symbol

if TYPE_CHECKING:
    from .model import Model

Array = Any
"""A DataArray, or a Variable: an array without labels whose axes have names."""

Table = Mapping[Any, Any]
"""Arrays by name."""

Mask = NDArray[np.bool_]


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Outcome:
    """Something that a swap may hold: a sum over cells, with benchmark weights.

    Attributes:
        dims: axes over which it is summed.
        weight: parameter that holds what a cell weighs.
        body: value of a cell, over the benchmark.
        unit: of the weighted sum; "" if only its change means anything.
        description: in words.
        nominal: it doubles when all prices double, so it is measured in units of the world factor price.
    """

    dims: tuple[str, ...]
    weight: str
    body: Callable[..., Any]
    unit: str
    description: str
    nominal: bool = False


@dataclass(frozen=True)
class Charge:
    """What adds to the rate of a tax: a charge on a unit over the price that it falls on.

    Attributes:
        tax: instrument whose rate it adds to; where a model has the charge, the rate is an unknown.
        instrument: the charge.
        rate: `rate(m, *index)`, what it adds at an index of the tax.
        where: parameter whose non-zero entries say on what it falls, over axes of the tax; "" for where the tax is.
    """

    tax: str
    instrument: str
    rate: Callable[..., Any]
    where: str = ""


@dataclass(frozen=True)
class Part:
    """One kind of term in the decomposition of welfare.

    Attributes:
        effect: a key of `cge.decomposition.EFFECTS`.
        region: axis of the region whose welfare it is.
        description: in one line.
    """

    effect: str
    region: str
    description: str


class Household(Protocol):
    """Whose welfare is measured, and how: tables are parameters and a point relative to the world factor price."""

    @property
    def whose(self) -> str:
        """In words, for tables and files."""

    def utility(self, p: Table, x: Table) -> Array:
        """Index [region], 1 at the benchmark."""

    def price_of_spending(self, p: Table, x: Table) -> Array:
        """The same of goods and government alone, saving left out [region], index."""

    def ev_of_spending(self, p: Table, x: Table) -> Array:
        """Equivalent variation of goods and government alone, saving left out [region], million USD."""

    def price_of_utility(self, p: Table, x: Table) -> Array:
        """Cost of one more unit of utility [region], index."""

    def expenditure(self, p: Table, x: Table, level: Array) -> Array:
        """What a level of utility costs at the point's prices [region], million USD."""

    def ev(self, p: Table, x: Table) -> Array:
        """Equivalent variation [region], million USD at benchmark prices."""


@dataclass(frozen=True)
class Given:
    """A number that a block needs and that no benchmark holds.

    Attributes:
        dims: its axes.
        default: where the user gives none.
        low, high: ends of its range.
        description: in one line, with its source.
    """

    dims: tuple[str, ...]
    default: float
    low: float
    high: float
    description: str


Calibration = Callable[[Mapping[str, xr.DataArray], Mapping[str, xr.DataArray]], Mapping[str, xr.DataArray]]
"""From the base structure's parameters and the block's given numbers, by name and labelled, to its own parameters."""


@dataclass(frozen=True, eq=False)
class Block:
    """One part of a structure.

    Attributes:
        name: one word; it names the structure in results.
        title: in one line.
        option: option of a closure and its choice that bring the block in, such as ("labour", "supply"); none for a
            block that a closure names under `blocks`.
        needs: other blocks that its equations build on; the option brings them in too.
        symbols: its variables, instruments and parameters.
        equations: they add to the base's, or replace those that they name.
        quantities: the same.
        givens: numbers that it needs, by name.
        calibrate: its parameters.
        held: what its presence holds (true) or frees (false) against the default, by symbol.
        instruments: held at every index where they make sense.
        movable: instruments that swaps may free.
        moves: instruments that do nothing in the base structure, and do something here.
        outcomes, charges: what swaps may hold, and what adds to the rates of taxes.
        tax_bases: instruments that yield revenue: the parameter of the benchmark base, and the base over it.
        household: whose welfare is measured; the base's if none.
        parts, coordinates, weights: terms of the decomposition (see `cge.decomposition`), by part.
        accounts: accounts of the benchmark after a shock that it changes, by name (see `cge.calibration.table`).
        closures: named closures that use it: their options.
        prices, money: variables that double when the numeraire doubles.
    """

    name: str
    title: str
    option: tuple[str, str] | None = None
    needs: tuple[Block, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    equations: tuple[Equation, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    givens: Mapping[str, Given] = field(default_factory=_nothing)
    calibrate: Calibration | None = None
    held: Callable[[Model], Mapping[str, Mask]] | None = None
    instruments: frozenset[str] = frozenset()
    movable: tuple[str, ...] = ()
    moves: frozenset[str] = frozenset()
    outcomes: Mapping[str, Outcome] = field(default_factory=_nothing)
    charges: tuple[Charge, ...] = ()
    tax_bases: Mapping[str, tuple[str, Callable[..., Any]]] = field(default_factory=_nothing)
    household: Household | None = None
    parts: Mapping[str, Part] = field(default_factory=_nothing)
    coordinates: Callable[[Table, Table], Mapping[str, Array]] | None = None
    weights: Callable[[Table, Table], Mapping[str, Array]] | None = None
    accounts: Callable[[Table, Table], Mapping[str, Array]] | None = None
    closures: Mapping[str, Mapping[str, Any]] = field(default_factory=_nothing)
    prices: tuple[str, ...] = ()
    money: tuple[str, ...] = ()

    @property
    def home(self) -> str:
        """Module of its first equation, of its calibration or of its terms in the decomposition, for messages."""
        if self.equations:
            return self.equations[0].home
        first = self.calibrate or self.coordinates
        return str(first.__module__) if first else self.name

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process goes the name of what a module holds."""
        for key, value in vars(import_module(self.home)).items() if self.home != self.name else ():
            if value is self:
                return _found, (self.home, key)
        return Block, tuple(getattr(self, name) for name in self.__dataclass_fields__)


def _found(home: str, key: str) -> Any:
    return getattr(import_module(home), key)
