"""Tables of a solution against the benchmark: trade by flow, industries, rents; see `cge.welfare` for welfare.

Percentages are changes from the benchmark; prices and values are relative to the world factor price index, so that
the numeraire moves none of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from . import accounts
from .parameters import Parameters


def trade(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Bilateral trade: every flow of the benchmark, that of an aggregate region with itself included.

    Returns:
        Columns `exporter`, `importer`, `sector`; `base_musd`: benchmark fob value, with export tax and quota rent,
        million USD; `value_pct`: change of that value; `volume_pct`: change of the volume that arrives.
        Home sales are no flow.
    """
    p, x = accounts.numbers(parameters, point)
    benchmark = accounts.at_benchmark(parameters)
    then, now = (accounts.taxed_price(z) * (1.0 + z["rho"]) * accounts.shipped(p, z) for z in (benchmark, x))
    columns = {
        "base_musd": then,
        "value_pct": accounts.percent(accounts.ratio(now, then)),
        "volume_pct": accounts.percent(x["flow"]),
    }
    return _rows(parameters.labels, columns, accounts.FLOW, p["duty_paid"] != 0.0)


def sectors(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Industries: those that exist at the benchmark.

    Returns:
        Columns `region`, `sector`; `output_pct`: volume of output; `price_pct`: basic price relative to the world
        factor price; `employment_pct`: labour employed, weighted with benchmark wages (all factors in a
        benchmark without labour; zero in an industry without any).
    """
    p, x = accounts.numbers(parameters, point)
    labour = p["is_labour"] != 0.0
    workers = labour if labour.any() else ~labour
    then, now = ((workers * volume).sum("factor") for volume in (p["factor_use"], accounts.factor_volume(p, x)))
    columns = {
        "output_pct": accounts.percent(x["y"]),
        "price_pct": accounts.percent(x["py"]),
        "employment_pct": accounts.percent(xr.where(then == 0.0, 1.0, accounts.ratio(now, then))),
    }
    return _rows(parameters.labels, columns, ("region", "sector"), p["output"] != 0.0)


def rents(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Quota rents by flow and owner, before and after: the flows that carry a rent in either.

    Returns:
        Columns `exporter`, `importer`, `sector`, `owner` ("exporter" is in the exporting region, "importer" and
        "treasury" in the importing one), `base_musd`, `new_musd`: million USD at the benchmark's world
        factor price.
    """
    p, x = accounts.numbers(parameters, point)
    columns = {
        "base_musd": accounts.rent_by_owner(p, accounts.at_benchmark(parameters)),
        "new_musd": accounts.rent_by_owner(p, x),
    }
    there = (columns["base_musd"] != 0.0) | (columns["new_musd"] != 0.0)
    return _rows(parameters.labels, columns, (*accounts.FLOW, "owner"), there)


def emissions(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """CO2 of industries and households, before and after; those that emit in the benchmark.

    Returns:
        Columns `region`; `emitter`: a sector, or "households"; `base_kt`, `new_kt`: kilotonnes of CO2; `change_pct`.
    """
    p, x = accounts.numbers(parameters, point)
    axes = ("region", "emitter")
    base = xr.Variable(axes, np.column_stack([p["emissions0"], p["household_emissions0"]]))
    index = xr.Variable(axes, np.column_stack([x["y"], accounts.consumption_volume(p, x)]))
    columns = {"base_kt": base, "new_kt": base * index, "change_pct": accounts.percent(index)}
    labels = parameters.labels | {"emitter": [*parameters.labels["sector"], "households"]}
    return _rows(labels, columns, axes, base != 0.0)


INPUT_RATES = ("tm0", "te0", "rho0", "to0", "tf0", "ti0", "tc0", "td0")
INPUT_SHARES = ("subsistence", "share_capital", "rental", "depreciation", "investment_rate")
INFINITE = {"omega": "one_good", "eta": "mobile"}
"""Elasticities that are infinite where another parameter is one."""


def inputs(parameters: Parameters) -> pd.DataFrame:
    """What the model was given: every elasticity, benchmark rate and parameter of capital as it held it, by label.

    Returns:
        Columns `parameter` (see docs/symbols.md), the labels that it has (`exporter`, `importer`, `region`, `sector`,
        `input`, `factor`, `agent`; empty where it is the same for all of them, and where it has no such axis),
        `value`, `unit`. A rate that is not listed is zero.
    """
    a, labels = parameters.arrays, parameters.labels
    parts = []
    of = parameters.structure
    for name in (*sorted(of.elasticities), *INPUT_SHARES, *INPUT_RATES):
        symbol = of.parameters[name]
        values = a[name] if name not in INFINITE else np.where(a[INFINITE[name]] > 0.0, np.inf, a[name])
        dims = list(symbol.dims)
        for axis in symbol.dims:
            first = values.take([0], axis=dims.index(axis))
            if (values == first).all():  # the same along the axis
                values = first.squeeze(dims.index(axis))
                dims.remove(axis)
        there = np.ones(values.shape, dtype=bool) if name not in INPUT_RATES else values != 0.0
        cells = np.argwhere(there).T
        words = {axis: np.array(labels[axis], dtype=object)[at] for axis, at in zip(dims, cells, strict=True)}
        parts.append(pd.DataFrame({"parameter": name, **words, "value": values[there], "unit": symbol.unit}))
    columns = ["parameter", *INPUT_LABELS, "value", "unit"]
    return pd.concat(parts, ignore_index=True).reindex(columns=columns).fillna(dict.fromkeys(INPUT_LABELS, ""))


INPUT_LABELS = ("exporter", "importer", "region", "sector", "input", "factor", "agent")


def _rows(
    labels: Mapping[str, list[str]], columns: Mapping[str, xr.Variable], axes: tuple[str, ...], there: xr.Variable
) -> pd.DataFrame:
    """One row for every cell that is there, in the order of the labels."""
    cells = np.nonzero(there.transpose(*axes).values)
    names = {axis: np.array(labels[axis], dtype=object)[at] for axis, at in zip(axes, cells, strict=True)}
    numbers = {name: array.transpose(*axes).values[cells] for name, array in columns.items()}
    return pd.DataFrame(names | numbers)
