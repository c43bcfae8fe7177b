"""Quadrature over the points of a path: panels of points, and the polynomial through each."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def panels(points: int, order: int) -> list[list[int]]:
    """Neighbouring points, each panel beginning where the one before it ends.

    Of one step at order 2; of two at order 4, with one of three where the number of steps is odd.
    """
    if order == 2:
        return [[k, k + 1] for k in range(points - 1)]
    ends = list(range(0, points, 2))
    if ends[-1] != points - 1:
        ends = [*ends[:-1], points - 1] if len(ends) > 1 else [0, points - 1]
    return [list(range(first, last + 1)) for first, last in pairwise(ends)]


def lagrange(at: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Interpolation through the points of a panel: values and slopes at Gauss's nodes [node, point], and weights.

    As many nodes as points integrate the product of a polynomial through them and the slope of another exactly.
    """
    node, weight = np.polynomial.legendre.leggauss(len(at))
    middle, half = (at[0] + at[-1]) / 2.0, (at[-1] - at[0]) / 2.0
    powers = np.linalg.inv(np.vander((at - middle) / half, increasing=True))
    value = np.polynomial.polynomial.polyval(node, powers).T
    slope = np.polynomial.polynomial.polyval(node, np.polynomial.polynomial.polyder(powers)).T / half
    return np.asarray(value), np.asarray(slope), np.asarray(weight * half)
