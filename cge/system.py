"""A model with a choice of unknowns: a square system that evaluates its residuals and derivatives over whole arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from .dual import Dual
from .equation import Equation
from .jacobian import Pattern
from .model import Model, Values, numbers
from .notation import Symbol


@dataclass(frozen=True)
class Held:
    """Entries of symbols that a system holds, numbered.

    Attributes:
        names: of the symbols.
        columns: numbers of the unknowns and, beyond them, of these entries, by symbol.
        cells: flat positions of the entries, by symbol in order.
        count: of the entries.
    """

    names: tuple[str, ...]
    columns: Mapping[str, NDArray[np.int64]]
    cells: Mapping[str, NDArray[np.int64]]
    count: int

    def pack(self, direction: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """A direction as a vector over the entries; symbols that it lacks do not move."""
        parts = [
            direction[name].ravel()[at] if name in direction else np.zeros(at.size) for name, at in self.cells.items()
        ]
        return np.concatenate([np.empty(0), *parts])

    def unpack(self, vector: NDArray[np.float64], shapes: Mapping[str, tuple[int, ...]]) -> Values:
        """A vector over the entries as full arrays by symbol, zero elsewhere; the transpose of `pack`."""
        result, start = {}, 0
        for name, at in self.cells.items():
            array = np.zeros(math.prod(shapes[name]))
            array[at] = vector[start : start + at.size]
            result[name] = array.reshape(shapes[name])
            start += at.size
        return result


@dataclass(frozen=True)
class Linearisation:
    """A system at a point: its residual and its derivatives.

    Attributes:
        residual: left side less right side of every row.
        jacobian: derivatives in the unknowns [row, unknown].
        effect: derivatives in what is held, of the symbols that were asked for [row, entry].
        held: which entries these are.

    Products are `jacobian @ x` and `jacobian.T @ y`; `cge.solvers.methods.linear.Factors` solves by either.
    """

    residual: NDArray[np.float64]
    jacobian: sp.csr_array
    effect: sp.csr_array
    held: Held

    def push(self, direction: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Derivative of every row along a direction of what is held [row]."""
        return np.asarray(self.effect @ self.held.pack(direction))

    def pull(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The transpose: derivative of a weighted sum of rows in every entry of what is held [entry]."""
        return np.asarray(self.effect.T @ rows)


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
        for equation in model.equations.values():
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
            rest = model.rows(model.equations[name]) & (rows < 0)
            rows[rest] = self.height + np.arange(rest.sum())
            self.height += int(rest.sum())
        self.core = slice(start, max(self.size, self.height))
        self._patterns: dict[tuple[str, ...], Pattern] = {}
        self._entries: dict[tuple[str, ...], Held] = {}
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
            result[target] = _replaced(result[target], cells, numbers(right, shape).ravel()[entries])
        return result

    @cached_property
    def _definitions(self) -> list[tuple[Equation, tuple[int, ...], NDArray[np.int64], NDArray[np.int64]]]:
        """Definitions in order, with the shapes of their blocks and the entries and cells that they define."""
        result = []
        for name, span in self.groups.items():
            block = self._blocks[name]
            defined = (block.rows >= span.start) & (block.rows < span.stop)
            result.append((self.model.equations[name], block.shape, block.entries[defined], block.cells[defined]))
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
            lhs, rhs = self.model.evaluate(self.model.equations[name], values, {})
            result[block.rows] = numbers(lhs - rhs, block.shape).ravel()[block.entries]
        return result

    def linearise(
        self,
        values: Values,
        weights: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
        wrt: Iterable[str] = (),
    ) -> Linearisation:
        """Residuals and derivatives at a point.

        Args:
            values: the point.
            weights: of the left and of the right side of every row; by default one.
            wrt: symbols or elasticities; derivatives are taken with respect to what is held of them too, each entry by
                itself.
        """
        residual = np.empty(self.height)
        duals: dict[str, Dual] = {}
        held = self._held(tuple(wrt))
        for name, block in self._blocks.items():
            left, right = self.model.evaluate(self.model.equations[name], values, held.columns)
            with np.errstate(all="ignore"):  # as in `Model.evaluate`
                if weights is not None and name in self._core_equations:
                    left, right = (block.spread(w) * side for w, side in zip(weights, (left, right), strict=True))
                difference = left - right
            residual[block.rows] = numbers(difference, block.shape).ravel()[block.entries]
            if isinstance(difference, Dual):
                duals[name] = difference
        pattern = self._patterns.get(held.names)
        if pattern is None:
            places = [(dual, self._blocks[name].row_of()) for name, dual in duals.items()]
            pattern = self._patterns[held.names] = Pattern(places, (self.height, self.size + held.count))
        matrix = pattern.matrix(duals.values())
        if not held.names:
            return Linearisation(residual, matrix, sp.csr_array((self.height, 0)), held)
        return Linearisation(residual, matrix[:, : self.size], matrix[:, self.size :], held)

    def _held(self, names: tuple[str, ...]) -> Held:
        """Numbers of the entries of symbols that are held."""
        if names not in self._entries:
            columns, cells, count = dict(self.columns), {}, self.size
            for name in names:
                exists = self.model.exists.get(name)
                if exists is None:  # an elasticity
                    exists = np.ones(self.model.constants[name].shape, dtype=bool)
                own = columns.get(name, np.full(exists.shape, -1))
                held = exists & (own < 0)
                cells[name] = np.flatnonzero(held)
                if cells[name].size:
                    columns[name] = own.copy()
                    columns[name][held] = count + np.arange(cells[name].size)
                    count += cells[name].size
            self._entries[names] = Held(names, columns, cells, count - self.size)
        return self._entries[names]

    def core_sides(self, values: Values) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Left and right sides of the core's equations."""
        sides = np.zeros(self.height), np.zeros(self.height)
        for name in self._core_equations:
            block = self._blocks[name]
            for side, whole in zip(self.model.evaluate(self.model.equations[name], values, {}), sides, strict=True):
                whole[block.rows] = numbers(side, block.shape).ravel()[block.entries]
        return sides[0][self.core], sides[1][self.core]

    @cached_property
    def row_names(self) -> list[str]:
        """Equation and labels of each row, such as "zero_profit[KOR, STL]"."""
        return self._names({name: self.model.equations[name].pairs for name in self.rows}, self.rows, self.height)

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
        place = model.place(model.equations[name])
        entries = np.flatnonzero(place.exists)
        cells = np.flatnonzero(rows >= 0)
        return _Rows(place.exists.shape, rows.ravel()[cells], entries, cells)


def _replaced(array: NDArray[Any], cells: NDArray[np.int64], numbers: NDArray[np.float64]) -> NDArray[Any]:
    """A copy of an array with other numbers at some flat positions."""
    result = array.copy()
    result.ravel()[cells] = numbers
    return result
