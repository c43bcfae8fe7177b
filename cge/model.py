"""The model: equations of one structure over the axes of one set of parameters; no equation text.

A `Model` knows which symbols and equations exist where. A `System` is a model with a choice of unknowns: a square
system of equations that evaluates its residuals and its Jacobian over whole arrays. The same equations become a
Pyomo model in `cge.pyomo_model`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from .dual import Dual
from .equations import EQUATIONS, Equation
from .jacobian import Pattern
from .levers import Swap, constants
from .parameters import Parameters
from .symbols import ELASTICITIES, INSTRUMENTS, LEVERS, MOVABLE, SYMBOLS, UNIT_CHARGES, VARIABLES, Symbol
from .views import ArrayView, ScalarView, Sums

Values = dict[str, NDArray[np.float64]]
"""A point: a full array for every symbol of the model; entries that do not exist stay at the benchmark."""

QUOTAS = ("limit", "binds", "bound", "above", "licence")
EVERYWHERE = frozenset({"tm", "to", "td", "lumpsum", "endow", "tfp", "sg", "sf", "rorg", *QUOTAS})
"""Instruments that every model holds at every index where they make sense."""


@dataclass(frozen=True)
class Structure:
    """Which equations and instruments a model has.

    Attributes:
        household: "regional" (one household divides income over consumption, government and saving) or
            "separate" (a private household and a government).
        instruments: those held at every index where they make sense. The others are variables only where their
            benchmark value is not neutral, and constants elsewhere.
    """

    household: str = "regional"
    instruments: frozenset[str] = EVERYWHERE

    def __post_init__(self) -> None:
        charged = {name for name, charge in UNIT_CHARGES.items() if charge in self.instruments}
        object.__setattr__(self, "instruments", self.instruments | charged)

    def has(self, equation: Equation) -> bool:
        """Whether the equation belongs to the structure."""
        return all(getattr(self, option) == value for option, value in equation.structure.items())


@dataclass(frozen=True)
class Place:
    """Where an equation is evaluated: over its whole axes, or entry by entry if it exists at few.

    Attributes:
        index: index arrays, which broadcast to the block of entries that is evaluated.
        exists: where the equation exists, over the block.
        sums: what the first evaluation learns of the body's sums (see `cge.views.ArrayView`).
    """

    index: tuple[NDArray[np.int64], ...]
    exists: NDArray[np.bool_]
    sums: Sums


class Model:
    """Symbols and equations of a structure, with the index sets that the parameters give.

    Args:
        parameters: calibrated parameters.
        structure: options.
        swaps: outcomes that are held, each for an instrument that is freed.

    Attributes:
        axis_labels: labels of every axis.
        equations: in order.
        symbols: variables and instruments, by name, in order.
        exists: where each symbol exists (boolean arrays).
        benchmark: benchmark value of each symbol, and the parameters, by name.
    """

    def __init__(self, parameters: Parameters, structure: Structure | None = None, swaps: Sequence[Swap] = ()) -> None:
        self.parameters = parameters
        self.structure = structure or Structure()
        self.swaps = tuple(swaps)
        self.axis_labels = parameters.labels | {"swap": [swap.name for swap in self.swaps]}
        self.sizes = {axis: len(names) for axis, names in self.axis_labels.items()}
        self.equations = [e for e in EQUATIONS.values() if self.structure.has(e)]
        determined = {e.pairs.name for e in self.equations} | {"walras"}
        self.symbols: dict[str, Symbol] = {name: s for name, s in VARIABLES.items() if name in determined} | dict(
            INSTRUMENTS
        )
        self.constants: Values = dict(parameters.arrays) | constants(parameters, self.swaps)
        for name, charge in UNIT_CHARGES.items():
            if charge in self.structure.instruments:
                exists = self.constants[SYMBOLS[name].where] != 0.0
                self.constants["moved_" + name] = exists.astype(float)
        moved = [name + "_set" for name in MOVABLE if self.constants["moved_" + name].any()]
        used = (["outcome"] if self.swaps else []) + (["lever", *moved] if moved else [])
        self.symbols |= {name: LEVERS[name] for name in used}
        self.equations = [e for e in self.equations if e.pairs.name in self.symbols]
        self.exists: dict[str, NDArray[np.bool_]] = {}
        self.benchmark: Values = {}
        self._places: dict[str, Place] = {}
        under = self.constants["member"].any(axis=0) | ("ntm" in self.structure.instruments)
        self.constants["rentable"] = (under & self.mask(INSTRUMENTS["tm"].dims, ("duty_paid",))).astype(float)
        for name, symbol in self.symbols.items():
            self._add(name, symbol)
        if self.swaps:
            _, outcome = self.evaluate(EQUATIONS["held_outcome"], self.benchmark, {})
            self.benchmark["outcome"] = np.array(_numbers(outcome, (len(self.swaps),)))

    def _add(self, name: str, symbol: Symbol) -> None:
        shape = self.shape(symbol)
        value = symbol.benchmark
        start = self.constants[value] if isinstance(value, str) else np.full(shape, float(value))
        exists = self.mask(symbol.dims, (symbol.where,) if symbol.where else ())
        if symbol.kind == "instrument":
            if name in INSTRUMENTS and name not in self.structure.instruments:
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
            have = SYMBOLS[name].dims
            shape = tuple(self.sizes[axis] if axis in have else 1 for axis in dims)
            result &= (self.constants[name] != 0.0).reshape(shape)
        return result

    @property
    def elasticities(self) -> frozenset[str]:
        """Parameters that may take other values without a new model."""
        return ELASTICITIES

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
        return held & (self.constants["moved_" + name] == 0.0) if name in MOVABLE else held

    def start(self) -> Values:
        """The benchmark point."""
        return {name: array.copy() for name, array in self.benchmark.items()}

    def place(self, equation: Equation) -> Place:
        """Where an equation is evaluated."""
        if equation.name not in self._places:
            rows = self.rows(equation)
            if 2 * rows.sum() < rows.size:
                self._places[equation.name] = Place(np.nonzero(rows), np.ones(rows.sum(), dtype=bool), [])
            else:
                index = np.ogrid[tuple(slice(n) for n in rows.shape)] if rows.shape else ()
                self._places[equation.name] = Place(tuple(index), rows, [])
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
        view = ArrayView(values, self.constants, columns, self.sizes, place.exists.ndim, place.sums, slopes)
        with np.errstate(all="ignore"):  # entries that do not exist may divide by zero
            return equation.body(view, *place.index)

    @cached_property
    def definitions(self) -> list[Equation]:
        """Defining equations in an order in which each uses only definitions before it.

        A definition that would close a circle is left out; it stays in the core of a system.
        """
        makers = [e for e in self.equations if e.defines and self.rows(e).any()]
        owner = {name: np.full(array.shape, -1) for name, array in self.benchmark.items()}
        for number, equation in enumerate(makers):
            owner[equation.pairs.name][self.rows(equation)] = number
        uses: dict[str, set[int]] = {}
        for equation in makers:
            exists = self.place(equation).exists
            _, rhs = self.evaluate(equation, self.benchmark, owner)
            used: set[int] = set()
            for position, number, _ in rhs.triplets(exists.shape):
                used |= set(np.unique(number[exists.ravel()[position]]).tolist()) - {-1}
            uses[equation.name] = used
        order: list[Equation] = []
        path: list[str] = []
        circular: set[str] = set()

        def visit(equation: Equation) -> None:
            if equation in order or equation.name in circular:
                return
            if equation.name in path:
                circular.add(equation.name)
                return
            path.append(equation.name)
            for number in sorted(uses[equation.name]):
                visit(makers[number])
            path.pop()
            if equation.name not in circular:
                order.append(equation)

        for equation in makers:
            visit(equation)
        return order

    def residual(self, equation: Equation, index: tuple[int, ...], values: Values) -> float:
        """Left side less right side of one equation on plain numbers."""
        lhs, rhs = equation.body(ScalarView({**self.constants, **values}, self.sizes), *index)
        return float(lhs - rhs)

    def system(self, held: Mapping[str, NDArray[np.bool_]] | None = None) -> System:
        """Choose the unknowns.

        Args:
            held: where a symbol is held at its value; by default instruments are held and variables are not.
        """
        return System(self, dict(held or {}))


class System:
    """A model with a choice of unknowns: residuals, definitions and Jacobian over arrays.

    Rows and columns are numbered alike: first the entries that an equation defines (`X = f(...)`), group by group
    in an order in which each can be computed from those before it and the core; then the core. A definition
    whose variable the closure holds is an equation of the core.

    Args:
        model: the model.
        held: where each symbol is held at a value, for those that differ from the default.

    Attributes:
        columns: for each symbol with unknowns, the position of each entry among the unknowns, or -1.
        rows: for each equation that exists, the row of each of its entries, or -1.
        groups: names of the defining equations and their ranges of rows (and of columns).
        core: the range of rows (and of columns, if square) that remains.
        size: number of unknowns.
        height: number of equations.
    """

    def __init__(self, model: Model, held: dict[str, NDArray[np.bool_]]) -> None:
        self.model = model
        self.columns: dict[str, NDArray[np.int64]] = {}
        self.rows: dict[str, NDArray[np.int64]] = {}
        self.groups: dict[str, slice] = {}
        free = {}
        for name in model.symbols:
            free[name] = model.exists[name] & ~model.held(name, held)
        for name, mask in free.items():
            if mask.any():
                self.columns[name] = np.full(mask.shape, -1)
        for equation in model.equations:
            if model.rows(equation).any():
                self.rows[equation.name] = np.full(model.rows(equation).shape, -1)
        start = 0
        for equation in model.definitions:
            # a symbol that a closure holds and a swap moves has two equations; one of them eliminates it
            entries = model.rows(equation) & free[equation.pairs.name]
            entries &= self.columns.get(equation.pairs.name, np.full(entries.shape, -1)) < 0
            if entries.any():
                stop = start + int(entries.sum())
                self.groups[equation.name] = slice(start, stop)
                self.rows[equation.name][entries] = np.arange(start, stop)
                self.columns[equation.pairs.name][entries] = np.arange(start, stop)
                start = stop
        self.size = self.height = start
        for name, columns in self.columns.items():
            rest = free[name] & (columns < 0)
            columns[rest] = self.size + np.arange(rest.sum())
            self.size += int(rest.sum())
        for name, rows in self.rows.items():
            rest = model.rows(EQUATIONS[name]) & (rows < 0)
            rows[rest] = self.height + np.arange(rest.sum())
            self.height += int(rest.sum())
        self.core = slice(start, max(self.size, self.height))
        self._patterns: dict[tuple[str, ...] | None, Pattern] = {}
        self._blocks = {name: _Rows.of(model, name, rows) for name, rows in self.rows.items()}
        self._unknowns = {
            name: (np.flatnonzero(columns >= 0), columns[columns >= 0]) for name, columns in self.columns.items()
        }

    def pack(self, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """The unknowns of a point as a vector."""
        x = np.empty(self.size)
        for name, (cells, columns) in self._unknowns.items():
            x[columns] = values[name].ravel()[cells]
        return x

    def unpack(self, x: NDArray[np.float64], values: Values) -> Values:
        """A point with the unknowns replaced."""
        result = dict(values)
        for name, (cells, columns) in self._unknowns.items():
            result[name] = _replaced(values[name], cells, x[columns])
        return result

    def complete(self, values: Values) -> Values:
        """A point with every defined variable computed from its definition."""
        result = dict(values)
        for equation, shape, entries, cells in self._definitions:
            _, right = self.model.evaluate(equation, result, {})
            target = equation.pairs.name
            result[target] = _replaced(result[target], cells, _numbers(right, shape).ravel()[entries])
        return result

    @cached_property
    def _definitions(self) -> list[tuple[Equation, tuple[int, ...], NDArray[np.int64], NDArray[np.int64]]]:
        """Definitions in order, with the shapes of their blocks and the entries and cells that they define."""
        result = []
        for name, span in self.groups.items():
            block = self._blocks[name]
            defined = (block.rows >= span.start) & (block.rows < span.stop)
            result.append((EQUATIONS[name], block.shape, block.entries[defined], block.cells[defined]))
        return result

    def residuals(self, values: Values) -> NDArray[np.float64]:
        """Left side less right side of every equation."""
        return self._residuals(values, self.rows)

    def core_residuals(self, values: Values) -> NDArray[np.float64]:
        """Left side less right side of the core's equations; at a completed point all others hold."""
        return self._residuals(values, self._core_equations)[self.core]

    @cached_property
    def core_rows(self) -> list[slice]:
        """Range of each equation's rows in the core, counted from its first."""
        return self._ranges(self.rows)

    @cached_property
    def core_columns(self) -> list[slice]:
        """Range of each symbol's unknowns in the core, counted from its first."""
        return self._ranges(self.columns)

    def _ranges(self, numbers: Mapping[str, NDArray[np.int64]]) -> list[slice]:
        core = [array[array >= self.core.start] - self.core.start for array in numbers.values()]
        return [slice(int(part.min()), int(part.max()) + 1) for part in core if part.size]

    @cached_property
    def _core_equations(self) -> list[str]:
        return [name for name, block in self._blocks.items() if (block.rows >= self.core.start).any()]

    def _residuals(self, values: Values, equations: Iterable[str]) -> NDArray[np.float64]:
        result = np.zeros(self.height)
        for name in equations:
            block = self._blocks[name]
            lhs, rhs = self.model.evaluate(EQUATIONS[name], values, {})
            result[block.rows] = _numbers(lhs - rhs, block.shape).ravel()[block.entries]
        return result

    def linearise(
        self,
        values: Values,
        weights: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
        rates: Values | None = None,
    ) -> tuple[NDArray[np.float64], sp.csr_array]:
        """Residuals and Jacobian with respect to the unknowns.

        Args:
            values: the point.
            weights: of the left and of the right side of every row; by default one.
            rates: at which what is held moves with one more variable, whose column is the last; none by default.
        """
        residual = np.empty(self.height)
        duals: dict[str, Dual] = {}
        columns, slopes = self._with_held(rates or {})
        for name, block in self._blocks.items():
            left, right = self.model.evaluate(EQUATIONS[name], values, columns, slopes)
            with np.errstate(all="ignore"):  # as in `Model.evaluate`
                if weights is not None and name in self._core_equations:
                    left, right = (block.spread(w) * side for w, side in zip(weights, (left, right), strict=True))
                difference = left - right
            residual[block.rows] = _numbers(difference, block.shape).ravel()[block.entries]
            if isinstance(difference, Dual):
                duals[name] = difference
        moving = None if rates is None else tuple(rates)
        if moving not in self._patterns:
            places = [(dual, self._blocks[name].row_of()) for name, dual in duals.items()]
            self._patterns[moving] = Pattern(places, (self.height, self.size + (rates is not None)))
        return residual, self._patterns[moving].matrix(duals.values())

    def _with_held(self, rates: Values) -> tuple[dict[str, NDArray[np.int64]], dict[str, NDArray[np.float64]]]:
        """Columns of the unknowns and of what is held and moves, and the slopes that are not one."""
        columns, slopes = dict(self.columns), {}
        for name, rate in rates.items():
            own = columns.get(name, np.full(rate.shape, -1))
            held = self.model.exists[name] & (own < 0)
            if held.any():
                columns[name], slopes[name] = np.where(held, self.size, own), np.where(held, rate, 1.0)
        return columns, slopes

    def core_sides(self, values: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Left and right sides of the core's equations."""
        sides = np.zeros(self.height), np.zeros(self.height)
        for name in self._core_equations:
            block = self._blocks[name]
            for side, numbers in zip(self.model.evaluate(EQUATIONS[name], values, {}), sides, strict=True):
                numbers[block.rows] = _numbers(side, block.shape).ravel()[block.entries]
        return sides[0][self.core], sides[1][self.core]

    @cached_property
    def row_names(self) -> list[str]:
        """Equation and labels of each row, such as "zero_profit[KOR, STL]"."""
        return self._names({name: EQUATIONS[name].pairs for name in self.rows}, self.rows, self.height)

    @cached_property
    def column_names(self) -> list[str]:
        """Symbol and labels of each unknown, such as "py[KOR, STL]"."""
        return self._names(self.model.symbols, self.columns, self.size)

    def _names(self, symbols: Mapping[str, Symbol], numbers: Mapping[str, NDArray[np.int64]], length: int) -> list[str]:
        result = [""] * length
        for name, array in numbers.items():
            for index in np.argwhere(array >= 0):
                labels = self.model.labels(symbols[name], tuple(index))
                result[array[tuple(index)]] = f"{name}[{', '.join(labels)}]" if labels else name
        return result


@dataclass(frozen=True)
class _Rows:
    """Rows of one equation: for each, its entry in the evaluated block and its cell in the variable's array.

    Attributes:
        shape: of the block.
        rows: of the system, in the order of the block.
        entries: flat positions in the block.
        cells: flat positions on the equation's axes.
    """

    shape: tuple[int, ...]
    rows: NDArray[np.int64]
    entries: NDArray[np.int64]
    cells: NDArray[np.int64]

    def row_of(self) -> NDArray[np.int64]:
        """Row of each entry of the block, or -1."""
        result = np.full(math.prod(self.shape), -1)
        result[self.entries] = self.rows
        return result.reshape(self.shape)

    def spread(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weights of the system's rows over the block; zero where it has no rows."""
        result = np.zeros(math.prod(self.shape))
        result[self.entries] = weights[self.rows]
        return result.reshape(self.shape)

    @staticmethod
    def of(model: Model, name: str, rows: NDArray[np.int64]) -> _Rows:
        place = model.place(EQUATIONS[name])
        entries = np.flatnonzero(place.exists)
        cells = np.flatnonzero(rows >= 0)
        return _Rows(place.exists.shape, rows.ravel()[cells], entries, cells)


def _replaced(array: NDArray[Any], cells: NDArray[np.int64], numbers: NDArray[np.float64]) -> NDArray[Any]:
    """A copy of an array with other numbers at some flat positions."""
    result = array.copy()
    result.ravel()[cells] = numbers
    return result


def _numbers(block: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The numbers of a block; sums leave leading axes of length one."""
    value = np.asarray(block.value if isinstance(block, Dual) else block)
    if value.shape == shape:
        return value
    extra = max(value.ndim - len(shape), 0)
    return np.broadcast_to(value.reshape(value.shape[extra:]), shape)
