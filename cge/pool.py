r"""The price of saving along a path of solutions: the integral that one point alone cannot know.

The block `saving-price` prices saving at means of the benchmark's and the point's weights; `pool` is what the integral
of the weights over prices along the path makes of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import xarray as xr
from numpy.polynomial import Polynomial

from . import accounts
from .parameters import Parameters

POOL = "pool"


def pooled_along(parameters: Parameters, at: Sequence[float], points: Sequence[xr.Dataset]) -> tuple[xr.Dataset, ...]:
    """Points of a path that starts where the first point's `pool` is known, each with its own.

    Weights and logarithms of prices are parabolas through three neighbouring points, or a line through two: the error
    of the integral falls with the fourth power of the steps where their number is even.

    Args:
        parameters: of the model.
        at: share of the shocks at each point.
        points: solutions of a structure with the block `saving-price`; others come back as they are.
    """
    if len(points) < 2 or POOL not in points[0]:
        return tuple(points)
    weight, price, level = zip(*(_seen(parameters, point) for point in points), strict=True)
    start = level[0] + float(np.log(points[0][POOL]))
    whole = [start]
    for panel in _panels(len(points)):
        t = np.array(at)[panel]
        fits = [np.polynomial.polynomial.polyfit(t, np.array(of)[panel], len(t) - 1) for of in (weight, price)]
        rate = sum((Polynomial(w) * Polynomial(p).deriv() for w, p in zip(fits[0].T, fits[1].T, strict=True)),
                   Polynomial([0.0]))  # fmt: skip
        integral = rate.integ(lbnd=t[0])
        first = whole[-1]
        whole += [first + float(integral(end)) for end in t[1:]]
    return tuple(
        point.assign({POOL: point[POOL].copy(data=np.exp(total - mean))})
        for point, total, mean in zip(points, whole, level, strict=True)
    )


def _seen(parameters: Parameters, point: xr.Dataset) -> tuple[np.ndarray, np.ndarray, float]:
    """Weights, logarithms of prices [region], and that of the price of saving at mean weights."""
    _, x = accounts.numbers(parameters, point)
    return np.asarray(x["owned"].values), np.log(x["pinv"].values), float(np.log(x["pooled"].values))


def _panels(points: int) -> list[list[int]]:
    """Of three neighbouring points each; one of four where the number of steps is odd, or of two."""
    if points == 2:
        return [[0, 1]]
    ends = list(range(0, points, 2))
    if ends[-1] != points - 1:
        ends = [*ends[:-1], points - 1]
    return [list(range(a, b + 1)) for a, b in pairwise(ends)]
