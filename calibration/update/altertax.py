"""Altertax: other tariffs in the benchmark, with as little else changed as theory allows.

A simulation in which every substitution has elasticity one keeps value shares at users' prices where the theory
says so: costs by input, spending by good, imports by origin, and the mix of home goods and imports. What it leaves is a
benchmark like any other, with other tariffs in it. Source: Malcolm (1998), "Adjusting tax rates in the GTAP data base",
GTAP Technical Paper 12.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.calibration.rules import RULES

SHARES = {
    "origin in imports of a good": "exporter",
    "imports in purchases of a good": "source",
    "input in costs of an industry": "input",
    "factor in value added": "factor",
    "good in final spending": "sector",
}
"""Shares that the report follows, and the axis that they add up to one over."""


def unit_elasticities(elasticities: xr.Dataset) -> xr.Dataset:
    """Elasticities of which every one is one, the Frisch parameter is minus one, and what is mobile stays mobile.

    Args:
        elasticities: as `cge.calibration.shares.calibrate` takes them.

    Returns:
        The same axes. Infinite transformation (of output among markets, of factors among industries) stays infinite,
        and a factor that is fixed to its industry stays so: those say what is one good or one market.
    """
    made = {}
    for name, array in ((str(key), each) for key, each in elasticities.data_vars.items()):
        if name == "frisch":
            made[name] = xr.full_like(array, -1.0)
        elif name in ("cet", "eta_factor"):
            made[name] = array.where(~np.isfinite(array) | (array == 0.0), 1.0)
        elif name in RULES:
            made[name] = xr.ones_like(array)
    return elasticities.assign(made)


def value_shares(benchmark: Benchmark) -> dict[str, xr.DataArray]:
    """Shares at users' prices, by the names of `SHARES`; zero where there is nothing."""
    b = benchmark.data
    duty_paid = benchmark.cif * (1.0 + b["tariff"].sum("layer"))
    imports = duty_paid.sum("exporter").rename(importer="region")
    source = xr.concat([imports, b["domestic"]], xr.DataArray(["imports", "home"], dims="source", name="source"))
    costs = b["intermediate"] + b["intermediate_tax"]
    factors = b["factor_income"] + b["factor_tax"]
    whole = costs.sum("input") + factors.sum("factor")
    final = b["final"] + b["final_tax"]
    return {
        "origin in imports of a good": _share(duty_paid, duty_paid.sum("exporter")),
        "imports in purchases of a good": _share(source, source.sum("source")),
        "input in costs of an industry": _share(costs, whole),
        "factor in value added": _share(factors, factors.sum("factor")),
        "good in final spending": _share(final, final.sum("sector")),
    }


def kept(before: Benchmark, **after: Benchmark) -> pd.DataFrame:
    """How far shares moved, in percentage points.

    Args:
        before: the benchmark that was changed.
        after: what it became, by the name of the way.

    Returns:
        Index share; columns, for every way, `<way> mean` (absolute changes weighted with the share before), `<way>
        max` and `<way> where`.
    """
    old = value_shares(before)
    rows: dict[str, dict[str, float | str]] = {name: {} for name in SHARES}
    for way, benchmark in after.items():
        new = value_shares(benchmark)
        for name, axis in SHARES.items():
            change = 100.0 * abs(new[name] - old[name])
            weight = old[name].clip(0.0)
            rows[name][f"{way} mean"] = float((change * weight).sum() / max(float(weight.sum()), 1e-300))
            rows[name][f"{way} max"] = float(change.max())
            rows[name][f"{way} where"] = _place(change, axis)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("share")


def _place(change: xr.DataArray, axis: str) -> str:
    """Labels of the largest change, the axis of the share first."""
    at = np.unravel_index(int(np.argmax(change.values)), change.shape)
    labels = {str(dim): str(change[dim].values[k]) for dim, k in zip(change.dims, at, strict=True)}
    return " ".join([labels.pop(axis), *labels.values()])


def _share(part: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    return (part / whole.where(whole != 0.0)).fillna(0.0)
