"""A benchmark in a few tables, and two benchmarks side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.identities import net_transfers, spending, tariff_revenue

from .benchmark import Benchmark
from .table import SCHEMA


def regions(benchmark: Benchmark) -> pd.DataFrame:
    """What every region is: index region; GDP, spending, trade, saving in million of the currency, tariffs in %."""
    data = benchmark.data
    cif = benchmark.cif.where(benchmark.cif["exporter"] != benchmark.cif["importer"], 0.0)
    imports = cif.sum(("exporter", "sector")).rename(importer="region")
    exports = cif.sum(("importer", "sector")).rename(exporter="region")
    duty = tariff_revenue(data).sum(("layer", "exporter", "sector")).rename(importer="region")
    spent = spending(data)
    columns = {
        "gdp": benchmark.gdp, "consumption": spent.sel(agent="C"), "government": spent.sel(agent="G"),
        "investment": spent.sel(agent="I"), "exports": exports, "imports": imports,
        "foreign_saving": benchmark.foreign_saving, "net_transfers": net_transfers(data),
        "tariff_pct": 100.0 * duty / imports.where(imports > 0.0),
    }  # fmt: skip
    return pd.DataFrame(
        {name: array.values for name, array in columns.items()}, index=pd.Index(benchmark.regions, name="region")
    )


def sectors(benchmark: Benchmark) -> pd.DataFrame:
    """What every sector of the world is: output, value added, trade in million, share of labour and tariffs in %."""
    data = benchmark.data
    output = data["domestic"].sum("region") + data["trade"].sum(("exporter", "importer"))
    paid = data["factor_income"].sum("region")
    added = paid.sum("factor")
    labour = [f for f in map(str, data["factor"].values) if benchmark.contents.role(f) == "labour"]
    cif = benchmark.cif.where(benchmark.cif["exporter"] != benchmark.cif["importer"], 0.0).sum(("exporter", "importer"))
    duty = tariff_revenue(data).sum(("layer", "exporter", "importer"))
    columns = {
        "output": output, "value_added": added, "imports": cif,
        "labour_pct": 100.0 * paid.sel(factor=labour).sum("factor") / added.where(added > 0.0),
        "tariff_pct": 100.0 * duty / cif.where(cif > 0.0),
    }  # fmt: skip
    return pd.DataFrame(
        {name: array.values for name, array in columns.items()}, index=pd.Index(benchmark.sectors, name="sector")
    )


def differences(first: Benchmark, second: Benchmark) -> pd.DataFrame:
    """What differs between two benchmarks, account by account.

    Returns:
        Index account; columns first, second (sums of absolute values over the labels that both have), moved (sum of
        absolute differences), worst (the cell that differs most) and by (its difference). Rates are compared as
        they are. Labels that only one has are rows of their own.
    """
    rows = []
    a, b = first.data, second.data
    for axis in ("region", "sector", "factor", "layer"):
        one, two = (set(map(str, d[axis].values)) for d in (a, b))
        for name, only in ((f"{axis}s only in the first", one - two), (f"{axis}s only in the second", two - one)):
            if only:
                rows.append((name, np.nan, np.nan, np.nan, ", ".join(sorted(only)), np.nan))
    for name in SCHEMA:
        both = {axis: [x for x in a[axis].values if x in set(b[axis].values)] for axis in a[name].dims}
        x, y = a[name].sel(both), b[name].sel(both)
        gap = abs(y - x).values
        if not gap.size or gap.max() == 0.0:
            continue
        cell = np.unravel_index(int(gap.argmax()), gap.shape)
        where = " ".join(str(both[axis][k]) for axis, k in zip(x.dims, cell, strict=True))
        rows.append(
            (name, float(abs(x).sum()), float(abs(y).sum()), float(gap.sum()), where, float((y - x).values[cell]))
        )
    return pd.DataFrame(rows, columns=["account", "first", "second", "moved", "worst", "by"]).set_index("account")
