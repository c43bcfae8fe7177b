"""Rates of unemployment by region, at which labour supply follows a wage curve (`cge.equations.structures.labour`).

The mean of 2017 to 2019, before the pandemic; the rate of a region is that of its countries, weighted with inhabitants.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from .benchmark import Benchmark
from .contents import REST

DATA = Path(__file__).parent / "data"
TABLE = DATA / "unemployment.csv"
YEARS = (2017, 2019)
RAW = Path("macro") / "imf_weo_oct2025_2017_2030.csv"

HEAD = f"""\
# Rate of unemployment, per cent of the labour force, mean of {YEARS[0]} to {YEARS[1]}, and inhabitants, millions:
# IMF, World Economic Outlook database, October 2025. Computed by cge.calibration.unemployment.compute.
"""


def unemployment(benchmark: Benchmark) -> xr.DataArray:
    """Rate of unemployment [region], share of the labour force; not a number where no country of a region has one.

    A rest of the world takes the mean of all countries of the table that no region of the benchmark names.
    """
    table = pd.read_csv(TABLE, comment="#", index_col="country")
    named = frozenset().union(*(benchmark.contents.regions[r].countries for r in benchmark.contents.regions))
    rest = frozenset(table.index) - named
    rates = []
    for region in benchmark.regions:
        known = benchmark.contents.regions.get(region)
        inside = known.countries if known else frozenset()
        rows = table.loc[sorted((inside | rest if REST in inside else inside) & frozenset(table.index))]
        mean = (rows["rate"] * rows["million"]).sum() / rows["million"].sum() if len(rows) else np.nan
        rates.append(float(mean) / 100.0)
    return xr.DataArray(rates, dims="region", coords={"region": benchmark.regions})


def compute(shared: Path) -> pd.DataFrame:
    """Compute the committed table from the raw one.

    Args:
        shared: folder that holds `data/macro/`.

    Returns:
        Index `country` (ISO 3166 alpha-3); `rate`, per cent; `million`, inhabitants; rounded as committed.
    """
    raw = pd.read_csv(shared / "data" / RAW)
    rows = raw[raw["year"].between(*YEARS)].groupby("iso3")[["unemployment_pct", "population_m"]].mean().dropna()
    return rows.round(2).rename_axis("country").set_axis(["rate", "million"], axis=1)
