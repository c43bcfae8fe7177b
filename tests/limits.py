"""Limits that a model reaches only at infinity, such as perfect substitution."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


def limit(function: Callable[[float], NDArray[np.float64]], at: Sequence[float]) -> NDArray[np.float64]:
    """Limit of a function at infinity, by Neville's extrapolation in the reciprocals of the points.

    Args:
        function: smooth in the reciprocal of its argument.
        at: points, growing.
    """
    x, y = [1.0 / point for point in at], [np.asarray(function(point)) for point in at]
    for order in range(1, len(x)):
        for k in range(len(x) - 1, order - 1, -1):
            y[k] = y[k] + (y[k] - y[k - 1]) * x[k] / (x[k - order] - x[k])
    return y[-1]
