"""Arrays that carry their exact derivatives: vectorised sparse forward differentiation.

A `Dual` is a block of numbers together with, for each variable block that entered it, the flat positions of the
variables and the partial derivatives. Writing an equation over whole index arrays with duals in place of numbers
gives its residuals and the non-zeros of its Jacobian in a handful of numpy calls.

Sums reduce the leading axis of the values; derivatives keep it, since each term of a sum is a different column of
the Jacobian. A leading axis of its own for every sum within a sum (see `cge.views`) makes the shapes fit.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parts = dict[Hashable, tuple[Array, Array]]


class Dual:
    """Values with their derivatives.

    Attributes:
        value: numbers, of any shape.
        parts: for each source, the columns (integers) and derivatives, both broadcastable with `value` up to
            leading axes that a sum removed from it.
    """

    __slots__ = ("parts", "value")
    __array_ufunc__ = None  # numpy leaves the operators to this class

    def __init__(self, value: Array, parts: Parts) -> None:
        self.value = value
        self.parts = parts

    def _scaled(self, value: Array, slope: Any) -> Dual:
        return Dual(value, {k: (c, d * slope) for k, (c, d) in self.parts.items()})

    def __add__(self, other: Any) -> Dual:
        if not isinstance(other, Dual):
            return Dual(self.value + other, self.parts)
        parts = dict(self.parts)
        for key, (columns, slope) in other.parts.items():
            merged = parts[key][1] + slope if key in parts else slope
            parts[key] = (columns, merged)
        return Dual(self.value + other.value, parts)

    def __mul__(self, other: Any) -> Dual:
        if not isinstance(other, Dual):
            return self._scaled(self.value * other, other)
        left = self._scaled(self.value * other.value, other.value)
        return Dual(left.value, (left + other._scaled(left.value, self.value)).parts)

    def __pow__(self, exponent: Any) -> Dual:
        if isinstance(exponent, Dual):
            by_base = self**exponent.value
            return by_base + exponent._scaled(np.zeros(()), by_base.value * np.log(self.value))
        return self._scaled(self.value**exponent, exponent * self.value ** (exponent - 1.0))

    def __rpow__(self, base: Any) -> Dual:
        value = base**self.value
        return self._scaled(value, value * np.log(base))

    def __truediv__(self, other: Any) -> Dual:
        if not isinstance(other, Dual):
            return self * (1.0 / other)
        return self * other._scaled(1.0 / other.value, -1.0 / other.value**2)

    def __neg__(self) -> Dual:
        return self * -1.0

    def __sub__(self, other: Any) -> Dual:
        return self + -other

    def __rsub__(self, other: Any) -> Dual:
        return -self + other

    def __rtruediv__(self, other: Any) -> Dual:
        return self._scaled(other / self.value, -other / self.value**2)

    __radd__ = __add__
    __rmul__ = __mul__

    def log(self) -> Dual:
        """Natural logarithm."""
        return self._scaled(np.log(self.value), 1.0 / self.value)

    def exp(self) -> Dual:
        """Exponential."""
        value = np.exp(self.value)
        return self._scaled(value, value)

    def log1p(self) -> Dual:
        """Natural logarithm of one more."""
        return self._scaled(np.log1p(self.value), 1.0 / (1.0 + self.value))

    def expm1(self) -> Dual:
        """Exponential less one."""
        return self._scaled(np.expm1(self.value), np.exp(self.value))

    def total(self, axes: int) -> Dual:
        """Sum over the leading `axes` axes; derivatives keep those along which their columns differ."""
        shape = self.value.shape
        parts = {}
        for key, (columns, slope) in self.parts.items():
            for axis in range(-len(shape), axes - len(shape)):
                if columns.ndim < -axis or columns.shape[axis] == 1:
                    slope = _sum_along(slope, axis, shape[axis])
            parts[key] = (columns, slope)
        return Dual(self.value.sum(axis=tuple(range(axes))), parts)

    @staticmethod
    def where(test: Array, yes: Any, no: Any) -> Any:
        """Choose elementwise between two duals or arrays."""
        if not (isinstance(yes, Dual) or isinstance(no, Dual)):
            return np.where(test, yes, no)
        return np.where(test, 1.0, 0.0) * yes + np.where(test, 0.0, 1.0) * no

    def replaced(self, test: Array, value: float) -> Dual:
        """The same with a constant where a test is true."""
        return self._scaled(np.where(test, value, self.value), np.where(test, 0.0, 1.0))

    def gradient(self, size: int) -> Array:
        """Derivatives of the sum of all entries in each column [column]; negative columns are none."""
        result = np.zeros(size)
        for columns, slope in self.parts.values():
            full = np.broadcast_shapes(columns.shape, slope.shape, self.value.shape)
            column, number = (np.broadcast_to(a, full).ravel() for a in (columns, slope))
            result += np.bincount(column[column >= 0], number[column >= 0], size)
        return result

    def triplets(self, shape: tuple[int, ...]) -> Iterator[tuple[Array, Array, Array]]:
        """Jacobian entries of a block of equations.

        Args:
            shape: of the block.

        Yields:
            Positions in the block, columns and derivatives, all flat.
        """
        rows = np.arange(int(np.prod(shape))).reshape(shape)
        for columns, slope in self.parts.values():
            full = np.broadcast_shapes(shape, columns.shape, slope.shape)
            yield tuple(np.broadcast_to(a, full).ravel() for a in (rows, columns, slope))  # type: ignore[misc]


def _sum_along(slope: Array, axis: int, length: int) -> Array:
    """Sum over one axis (counted from the end) of `length`, also where the slope is the same along it."""
    if slope.ndim < -axis or slope.shape[axis] == 1:
        return slope * length
    return slope.sum(axis=axis, keepdims=True)
