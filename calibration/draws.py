"""Draws of elasticities between the lower and the upper set of the table.

Each elasticity that differs between the sets is drawn between them. The draws fill the space evenly (a Latin hypercube;
McKay, Beckman and Conover 1979, Technometrics 21(2)), independently for each sector; `esubd` and `esubm` of
a sector move together, since the one is a multiple of the other in every set (the rule of two).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import xarray as xr
from scipy.stats import qmc, triang

from cge.errors import DataError

from .rules import checked
from .table import labels_of

Distribution = Literal["triangular", "uniform"]
TOGETHER: Sequence[Sequence[str]] = (("esubd", "esubm"),)


def draw(
    default: xr.Dataset,
    lower: xr.Dataset,
    upper: xr.Dataset,
    number: int,
    *,
    seed: int = 1,
    distribution: Distribution = "triangular",
) -> list[xr.Dataset]:
    """Draw sets of elasticities.

    Args:
        default: the middle set, as `load_elasticities` gives it; the mode of the triangular distribution.
        lower, upper: the bounds, with the same variables and labels.
        number: of draws.
        seed: of the random numbers; the same seed and number give the same draws.
        distribution: "triangular", or "uniform" between the bounds.

    Returns:
        Datasets like `default`.

    Raises:
        DataError: a set breaks the rules of elasticities (`cge.calibration.rules`).
        DataError: no elasticity differs between the bounds, or a default is not between them.
    """
    labels = {str(axis): labels_of(default, str(axis)) for axis in default.dims}
    default, lower, upper = (checked(each, labels) for each in (default, lower, upper))
    names = [str(name) for name in default.data_vars if not lower[name].equals(upper[name])]
    if not names:
        raise DataError("no elasticity differs between the lower and the upper set; there is nothing to draw")
    out = [name for name in names if not bool(((lower[name] <= default[name]) & (default[name] <= upper[name])).all())]
    if out:
        raise DataError(f"the default of {', '.join(out)} is not between the lower and the upper set")
    groups = [[name for name in group if name in names] for group in TOGETHER]
    groups = [group for group in groups if group]
    groups += [[name] for name in names if not any(name in group for group in groups)]
    axes = [[str(dim) for dim in default[group[0]].dims if dim != "region"] for group in groups]
    sizes = [int(np.prod([default.sizes[dim] for dim in dims])) for dims in axes]
    sample = qmc.LatinHypercube(sum(sizes), seed=np.random.default_rng(seed)).random(number)
    columns = np.split(sample, np.cumsum(sizes)[:-1], axis=1)
    drawn = []
    for k in range(number):
        values: dict[str, xr.DataArray] = {}
        for group, dims, column in zip(groups, axes, columns, strict=True):
            shape = [default.sizes[dim] for dim in dims]
            quantile = xr.DataArray(column[k].reshape(shape), dims=dims, coords={d: default[d] for d in dims})
            for name in group:
                values[name] = _at(quantile, default[name], lower[name], upper[name], distribution)
        drawn.append(default.assign(values))
    return drawn


def _at(
    quantile: xr.DataArray, default: xr.DataArray, lower: xr.DataArray, upper: xr.DataArray, distribution: Distribution
) -> xr.DataArray:
    """The values at a quantile; where the bounds are the same, that value."""
    same = lower == upper
    width = (upper - lower).where(~same, 1.0)
    share = quantile.broadcast_like(default).transpose(*default.dims).values
    mode = ((default - lower) / width).where(~same, 0.5).clip(0.0, 1.0).values
    place = np.asarray(triang.ppf(share, mode)) if distribution == "triangular" else share
    moved: xr.DataArray = (lower + place * width).where(~same, default)
    return moved.assign_attrs(default.attrs)
