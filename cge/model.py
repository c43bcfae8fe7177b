"""The model: equations of one structure over the axes of one set of parameters; no equation text.

A `Model` knows which symbols and equations exist where. A `System` (`cge.system`) is a model with a choice of unknowns.
The same equations become a Pyomo model in `cge.pyomo_model`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .definitions import broken, in_order
from .dual import Dual
from .equation import Equation
from .errors import ModelError
from .notation import Symbol
from .parameters import Parameters
from .structure import Structure
from .swaps import Swap, constants
from .symbols import INSTRUMENTS
from .views import ArrayView, ScalarView, Sums

if TYPE_CHECKING:
    from .system import System

Values = dict[str, NDArray[np.float64]]
"""A point: a full array for every symbol of the model; entries that do not exist stay at the benchmark."""


@dataclass(frozen=True)
class Place:
    """Where an equation is evaluated: over its whole axes, or entry by entry if it exists at few.

    Attributes:
        index: index arrays, which broadcast to the block of entries that is evaluated.
        exists: where the equation exists, over the block.
    """

    index: tuple[NDArray[np.int64], ...]
    exists: NDArray[np.bool_]


class Model:
    """Symbols and equations of a structure, with the index sets that the parameters give. It never changes.

    Args:
        parameters: calibrated parameters; those of the structure's blocks are added where they lack.
        structure: base and blocks; by default that of the parameters.
        swaps: outcomes that are held, each for an instrument that is freed.

    Attributes:
        axis_labels: labels of every axis.
        equations: by name, in order.
        symbols: variables and instruments, by name, in order.
        exists: where each symbol exists (boolean arrays).
        benchmark: benchmark value of each symbol, by name.
        constants: parameters, and numbers of the structure, by name.

    Raises:
        ModelError: two equations determine one entry of a symbol.
    """

    def __init__(self, parameters: Parameters, structure: Structure | None = None, swaps: Sequence[Swap] = ()) -> None:
        self.structure = (structure or parameters.structure).having(parameters.blocks)
        self.parameters = parameters = parameters.including(self.structure.blocks)
        self.swaps = tuple(swaps)
        self.axis_labels = parameters.labels | {"swap": [swap.name for swap in self.swaps]}
        self.sizes = {axis: len(names) for axis, names in self.axis_labels.items()}
        self.constants: Values = dict(parameters.arrays) | constants(parameters, self.swaps)
        self._charge()
        of = self.structure
        determined = {one.pairs.name for one in of.equations.values()} | {"walras"}
        self.symbols: dict[str, Symbol] = {name: s for name, s in of.variables.items() if name in determined}
        self.symbols |= of.held
        moved = [name + "_set" for name in of.movable if self.constants["moved_" + name].any()]
        used = (["outcome"] if self.swaps else []) + (["lever", *moved] if moved else [])
        self.symbols |= {name: of.levers[name] for name in used}
        self.equations: dict[str, Equation] = {
            name: one for name, one in of.equations.items() if one.pairs.name in self.symbols
        }
        self.exists: dict[str, NDArray[np.bool_]] = {}
        self.benchmark: Values = {}
        self._places: dict[str, Place] = {}
        self._sums: dict[str, Sums] = {}
        under = self.constants["member"].any(axis=0) | ("ntm" in of.instruments)
        self.constants["rentable"] = (under & self.mask(INSTRUMENTS["tm"].dims, ("duty_paid",))).astype(float)
        for name, symbol in self.symbols.items():
            self._add(name, symbol)
        self._check_shared()
        if self.swaps:
            _, outcome = self.evaluate(self.equations["held_outcome"], self.benchmark, {})
            self.benchmark["outcome"] = np.array(numbers(outcome, (len(self.swaps),)))

    def _charge(self) -> None:
        """Where charges on a unit fall, and so the rates of taxes move."""
        of = self.structure
        for charge in of.charges:
            tax = of.symbols[charge.tax]
            where = tuple(name for name in (tax.where, charge.where) if name)
            falls = self.mask(tax.dims, where) & (charge.instrument in of.instruments)
            self.constants[f"charged_{charge.tax}_{charge.instrument}"] = falls.astype(float)
            moved = self.constants["moved_" + charge.tax]
            self.constants["moved_" + charge.tax] = np.maximum(moved, falls)

    def _check_shared(self) -> None:
        """Require that no entry of a variable has two equations."""
        owners: dict[str, list[Equation]] = {}
        for one in self.equations.values():
            if not one.name.startswith("moved_"):
                owners.setdefault(one.pairs.name, []).append(one)
        faults = []
        for name, several in owners.items():
            for k, one in enumerate(several):
                for other in several[:k]:
                    if (self.rows(one) & self.rows(other)).any():
                        faults.append(
                            f"{name} is determined by {other.name} ({other.home}) and {one.name} ({one.home})"
                        )
        if faults:
            raise ModelError(faults, "the structure")

    def _add(self, name: str, symbol: Symbol) -> None:
        shape = self.shape(symbol)
        value = symbol.benchmark
        start = self.constants[value] if isinstance(value, str) else np.full(shape, float(value))
        exists = self.mask(symbol.dims, (symbol.where,) if symbol.where else ())
        if symbol.kind == "instrument":
            if name in self.structure.held and name not in self.structure.instruments:
                neutral = symbol.benchmark if isinstance(symbol.benchmark, float) else 0.0
                exists = exists & (start != neutral)
            self.constants["has_" + name] = exists.astype(float)
        self.exists[name] = exists
        self.benchmark[name] = start.astype(float)

    def shape(self, symbol: Symbol) -> tuple[int, ...]:
        """Lengths of a symbol's axes."""
        return tuple(self.sizes[axis] for axis in symbol.dims)

    def mask(self, dims: tuple[str, ...], where: tuple[str, ...]) -> NDArray[np.bool_]:
        """Where all the named parameters are non-zero, over `dims`."""
        result = np.ones(tuple(self.sizes[axis] for axis in dims), dtype=bool)
        for name in where:
            have = self.structure.symbols[name].dims
            shape = tuple(self.sizes[axis] if axis in have else 1 for axis in dims)
            result &= (self.constants[name] != 0.0).reshape(shape)
        return result

    @property
    def elasticities(self) -> frozenset[str]:
        """Parameters that may take other values without a new model."""
        return self.structure.elasticities

    def varies(self, name: str) -> NDArray[np.bool_]:
        """Where an elasticity is a number like any other; at zero and one the functional forms are cases apart."""
        array = self.constants[name]
        return (array != 0.0) & (array != 1.0)

    def rows(self, equation: Equation) -> NDArray[np.bool_]:
        """Where an equation exists."""
        return self.mask(equation.pairs.dims, equation.where)

    def labels(self, symbol: Symbol, index: tuple[int, ...]) -> tuple[str, ...]:
        """Names of an index, such as ("KOR", "USA", "STL")."""
        return tuple(self.axis_labels[axis][k] for axis, k in zip(symbol.dims, index, strict=True))

    def held(self, name: str, closure: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
        """Where a symbol is held: by the closure, else if it is an instrument, and nowhere that a swap frees it."""
        symbol = self.symbols[name]
        if name in ("outcome", "lever"):
            return np.full(self.shape(symbol), name == "outcome")
        held = closure.get(name, np.full(self.shape(symbol), symbol.kind == "instrument"))
        return held & (self.constants["moved_" + name] == 0.0) if name in self.structure.movable else held

    def start(self) -> Values:
        """The benchmark point."""
        return {name: array.copy() for name, array in self.benchmark.items()}

    def place(self, equation: Equation) -> Place:
        """Where an equation is evaluated."""
        if equation.name not in self._places:
            rows = self.rows(equation)
            if 2 * rows.sum() < rows.size:
                self._places[equation.name] = Place(np.nonzero(rows), np.ones(rows.sum(), dtype=bool))
            else:
                index = np.ogrid[tuple(slice(n) for n in rows.shape)] if rows.shape else ()
                self._places[equation.name] = Place(tuple(index), rows)
        return self._places[equation.name]

    def evaluate(
        self,
        equation: Equation,
        values: Values,
        columns: Mapping[str, NDArray[np.int64]],
        slopes: Mapping[str, NDArray[np.float64]] | None = None,
    ) -> tuple[Any, Any]:
        """The two sides of an equation over the block of its place, with derivatives in what has columns.

        Args:
            equation: one of the model.
            values: the point.
            columns, slopes: see `cge.views.ArrayView`.
        """
        place = self.place(equation)
        # with derivatives in elasticities, forms at an elasticity of one have sums of their own
        key = equation.name + "".join(sorted(self.elasticities & columns.keys()))
        known = self._sums.get(key)
        sums: Sums = [] if known is None else known
        view = ArrayView(
            values, self.constants, columns, self.sizes, place.exists.ndim, sums, slopes, self.structure.quantities
        )
        with np.errstate(all="ignore"):  # entries that do not exist may divide by zero
            sides = equation.body(view, *place.index)
        if known is None:
            self._sums[key] = sums  # whole, so that another thread sees all of it or none
        return sides

    @cached_property
    def definitions(self) -> list[Equation]:
        """Defining equations in an order in which each uses only definitions before it.

        Of definitions that need each other in a circle, those of fewest entries are left out, and stay in the core of
        a system.
        """
        makers = [e for e in self.equations.values() if e.defines and self.rows(e).any()]
        owner = {name: np.full(array.shape, -1) for name, array in self.benchmark.items()}
        for number, equation in enumerate(makers):
            owner[equation.pairs.name][self.rows(equation)] = number
        uses: dict[str, frozenset[str]] = {}
        for equation in makers:
            exists = self.place(equation).exists
            _, rhs = self.evaluate(equation, self.benchmark, owner)
            used: set[int] = set()
            for position, found, _ in rhs.triplets(exists.shape) if isinstance(rhs, Dual) else ():
                used |= set(np.unique(found[exists.ravel()[position]]).tolist()) - {-1}
            uses[equation.name] = frozenset(makers[k].name for k in used)
        left = broken(uses, {one.name: int(self.rows(one).sum()) for one in makers})
        return [self.equations[name] for name in in_order(uses, [one.name for one in makers if one.name not in left])]

    def view(self, values: Mapping[str, NDArray[Any]]) -> ScalarView:
        """What the body of an equation sees at one index, on plain numbers or on Pyomo's variables."""
        return ScalarView({**self.constants, **values}, self.sizes, self.structure.quantities)

    def residual(self, equation: Equation, index: tuple[int, ...], values: Values) -> float:
        """Left side less right side of one equation on plain numbers."""
        lhs, rhs = equation.body(self.view(values), *index)
        return float(lhs - rhs)

    def system(self, held: Mapping[str, NDArray[np.bool_]] | None = None) -> System:
        """Choose the unknowns.

        Args:
            held: where a symbol is held at its value; by default instruments are held and variables are not.
        """
        from .system import System

        return System(self, dict(held or {}))


def numbers(block: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The numbers of a block; sums leave leading axes of length one."""
    value = np.asarray(block.value if isinstance(block, Dual) else block)
    if value.shape == shape:
        return value
    extra = max(value.ndim - len(shape), 0)
    return np.broadcast_to(value.reshape(value.shape[extra:]), shape)
