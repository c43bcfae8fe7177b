"""What an equation sees as `m`: the same names over numbers, over arrays with derivatives, or over Pyomo variables.

An equation asks a view for `m.name[index]`, of a symbol or of a quantity, and for `m.total(axes, weight, term)`. A
scalar view is indexed by integers and gives Pyomo variables (or plain numbers where a symbol does not exist or is not
supported); an array view is indexed by broadcasting integer arrays and gives whole blocks. Both leave out what does not
exist, so the bodies hold no conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from itertools import product
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .dual import Array, Dual
from .equation import Quantity

Quantities = Mapping[str, Quantity]


class Reading:
    """A quantity at an index, as a view sees it."""

    __slots__ = ("_body", "_view")

    def __init__(self, view: Any, quantity: Quantity) -> None:
        self._view = view
        self._body = quantity.body

    def __getitem__(self, index: Any) -> Any:
        return self._body(self._view, *index) if isinstance(index, tuple) else self._body(self._view, index)


def _reading(view: Any, quantities: Quantities, name: str) -> Reading:
    if name not in quantities:
        raise AttributeError(f"the model has no symbol {name!r}")
    return Reading(view, quantities[name])


class _Made(Reading):
    """A quantity that is kept once it is made: many equations of a structure read the same ones."""

    __slots__ = ("_kept", "_name")

    def __init__(self, view: Any, quantity: Quantity, kept: dict[tuple[str, Any], Any]) -> None:
        super().__init__(view, quantity)
        self._name = quantity.name
        self._kept = kept

    def __getitem__(self, index: Any) -> Any:
        key = (self._name, index)
        if key not in self._kept:
            self._kept[key] = super().__getitem__(index)
        return self._kept[key]


class ScalarView:
    """Integer-indexed view over numbers or Pyomo variables.

    Args:
        values: symbol to array; entries are floats, or Pyomo variables in an object array.
        sizes: length of each axis.
        quantities: of the structure.
    """

    def __init__(
        self, values: Mapping[str, NDArray[Any]], sizes: Mapping[str, int], quantities: Quantities | None = None
    ) -> None:
        self._values = {name: _Cells(array) for name, array in values.items()}
        self._sizes = sizes
        self._quantities = quantities or {}

    def __getattr__(self, name: str) -> _Cells | Reading:
        return self._values[name] if name in self._values else _reading(self, self._quantities, name)

    def total(self, axes: tuple[str, ...], weight: Callable[..., float], term: Callable[..., Any]) -> Any:
        """Sum of weight times term over `axes`; terms of zero weight do not exist."""
        result: Any = 0.0
        for index in product(*(range(self._sizes[axis]) for axis in axes)):
            share = weight(*index)
            if share != 0.0:
                result += share * term(*index)
        return result


class _Cells:
    """An array that gives plain Python floats, which Pyomo's operators expect."""

    __slots__ = ("_array",)

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array

    def __getitem__(self, index: Any) -> Any:
        cell = self._array[index]
        return float(cell) if isinstance(cell, (float, int)) else cell


Sums = list[tuple[tuple[Array, ...], Array]]
"""Index arrays and weights of the sums of an equation, in the order in which its body asks for them."""


ONE = np.ones(())
"""Derivative of an unknown in itself."""


class ArrayView:
    """View over whole arrays, with derivatives in the unknowns; good for one evaluation of one equation.

    Args:
        values: symbol to array of floats.
        constants: the same of what never changes.
        columns: symbol to array of column numbers of the Jacobian, -1 for what is not an unknown. Symbols that
            are absent have no derivatives.
        slopes: symbol to array of its derivatives in its columns, where these are not one.
        sizes: length of each axis.
        depth: number of axes of the equation.
        sums: what an earlier evaluation of the same equation found; it is filled by the first.
        quantities: of the structure.
    """

    def __init__(
        self,
        values: Mapping[str, Array],
        constants: Mapping[str, Array],
        columns: Mapping[str, Array],
        sizes: Mapping[str, int],
        depth: int,
        sums: Sums | None = None,
        slopes: Mapping[str, Array] | None = None,
        quantities: Quantities | None = None,
    ) -> None:
        self._quantities = quantities or {}
        self._values = values
        self._constants = constants
        self._columns = columns
        self._slopes = slopes or {}
        self._sizes = sizes
        self._depth = depth
        self._sums: Sums = [] if sums is None else sums  # identities of index arrays are keys of derivatives
        self._asked = 0

    def __getattr__(self, name: str) -> Array | _Block | Reading:
        value = self._values.get(name)
        if value is None:
            value = self._constants.get(name)
        if value is None:
            return _reading(self, self._quantities, name)
        columns = self._columns.get(name)
        return value if columns is None else _Block(name, value, columns, self._slopes.get(name))

    def total(self, axes: tuple[str, ...], weight: Callable[..., Any], term: Callable[..., Any]) -> Any:
        """Sum of weight times term over `axes`, each on a leading axis that no sum around this one has.

        Labels at which every weight is zero are left out of an axis.
        """
        if self._asked == len(self._sums):
            self._sums.append(self._needed(axes, weight))
        index, weights = self._sums[self._asked]
        self._asked += 1
        self._depth += len(axes)
        terms = weights * term(*index)
        self._depth -= len(axes)
        if isinstance(terms, Dual):
            return terms.total(len(axes))
        return terms.sum(axis=tuple(range(len(axes))))

    def _needed(self, axes: tuple[str, ...], weight: Callable[..., Any]) -> tuple[tuple[Array, ...], Array]:
        lengths = [self._sizes[axis] for axis in axes]
        depth = self._depth + len(axes)

        def index(chosen: list[Array]) -> tuple[Array, ...]:
            return tuple(k.reshape((-1,) + (1,) * (self._depth + j)) for j, k in enumerate(chosen))

        chosen = [np.arange(length) for length in lengths]
        weights = np.asarray(weight(*index(chosen)), dtype=float)
        there = weights.reshape((1,) * (depth - weights.ndim) + weights.shape) != 0.0
        for j, length in enumerate(lengths):
            at = len(axes) - 1 - j  # the last axis of a sum leads
            used = there.any(axis=tuple(k for k in range(depth) if k != at))
            chosen[j] = np.flatnonzero(np.broadcast_to(used, (length,)))
        places = index(chosen)
        return places, np.asarray(weight(*places), dtype=float)


class _Block:
    """An array of unknowns, which gives duals."""

    __slots__ = ("_columns", "_name", "_slope", "_value")

    def __init__(self, name: str, value: Array, columns: Array, slope: Array | None) -> None:
        self._name = name
        self._value = value
        self._columns = columns
        self._slope = slope

    def __getitem__(self, index: Any) -> Dual:
        key: Hashable = (self._name, *map(id, index if isinstance(index, tuple) else (index,)))
        return Dual(
            self._value[index], {key: (self._columns[index], ONE if self._slope is None else self._slope[index])}
        )


class NamedView:
    """View over arrays whose axes have names, indexed by the names of axes: for accounts, welfare and reports.

    An equation's body over it gives an array over the axes that it was asked for. Axes that a symbol does not have,
    such as one over shocks, go along. An index may be a position, such as that of an agent.

    Args:
        parameters, point: arrays by name, all labelled or all without labels.
        dims: axes of every symbol.
        quantities: of the structure.
    """

    def __init__(
        self,
        parameters: Mapping[Any, Any],
        point: Mapping[Any, Any],
        dims: Mapping[str, tuple[str, ...]],
        quantities: Quantities,
    ) -> None:
        self._tables = point, parameters
        self._dims = dims
        self._quantities = quantities
        self._made: dict[tuple[str, Any], Any] = {}

    def __getattr__(self, name: str) -> _Named | Reading:
        for table in self._tables:
            if name in table:
                return _Named(table[name], self._dims[name])
        if name in self._quantities:
            return _Made(self, self._quantities[name], self._made)
        return _reading(self, self._quantities, name)

    def total(self, axes: tuple[str, ...], weight: Callable[..., Any], term: Callable[..., Any]) -> Any:
        """Sum of weight times term over `axes`."""
        return (weight(*axes) * term(*axes)).sum(axes)


class _Named:
    """An array with named axes, indexed by the names that its axes are to have."""

    __slots__ = ("_array", "_dims")

    def __init__(self, array: Any, dims: tuple[str, ...]) -> None:
        self._array = array
        self._dims = dims

    def __getitem__(self, index: Any) -> Any:
        asked = dict(zip(self._dims, index if isinstance(index, tuple) else (index,), strict=True))
        array = self._array
        if positions := {axis: at for axis, at in asked.items() if not isinstance(at, str)}:
            array = array.isel(positions, **({} if isinstance(array, xr.Variable) else {"drop": True}))
        names = {axis: at for axis, at in asked.items() if isinstance(at, str) and at != axis}
        if not names:
            return array
        if isinstance(array, xr.Variable):
            return xr.Variable([names.get(str(axis), axis) for axis in array.dims], array.values)
        return array.rename(names)
