"""How uncertain trade elasticities are by what is published: standard errors, quartiles, and what studies share.

An elasticity among origins is one plus theta, so that spreads are of theta, and of its logarithm.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from .benchmark import Benchmark
from .elasticities import FILLED, STUDIES
from .elasticity_sets import published
from .matching import Choice, elasticities_for, world_trade
from .rows import BOUNDS

TABLE = Path(__file__).parent / "data" / "trade_elasticity_errors.csv"
QUARTILES = 2.0 * 0.6744897501960817
"""Distance of the quartiles of a normal distribution, standard deviations."""


def of_quartiles(benchmark: Benchmark, choice: Choice, name: str) -> xr.DataArray:
    """Standard deviation of the logarithm of an elasticity (of theta where it is one plus theta) [its axis].

    From the quartiles that the sets lower and upper are; zero where the two are the same.
    """
    low, high = (elasticities_for(benchmark, choice, column)[0][name] - shift(name) for column in BOUNDS)
    with np.errstate(all="ignore"):
        spread = (np.log(high.values) - np.log(low.values)) / QUARTILES
    return high.copy(data=np.where(np.isfinite(spread) & (high.values > low.values), spread, 0.0))


def of_standard_errors(benchmark: Benchmark) -> xr.DataArray:
    """Published standard errors of theta over theta [sector], zero where there is none.

    Source: Caliendo and Parro (2015), Table 1; means of the sectors that a sector holds, weighted with world trade of
    2020.
    """
    table = pd.read_csv(TABLE, comment="#", index_col="sector")
    share = table["error"] / table["theta"]
    result = []
    for sector in benchmark.sectors:
        held = [one for one in benchmark.contents.products(sector) if one in share.index]
        weights = [float(world_trade().sel(sector=one)) for one in held]
        result.append(float(np.average(share[held], weights=weights)) if held else 0.0)
    return xr.DataArray(result, dims="sector", coords={"sector": benchmark.sectors})


def common_of_studies() -> float:
    """Share of the variance of log theta of goods that is a study's own in all sectors: a common factor of sectors.

    The intraclass correlation of studies in a one-way analysis of variance of the logarithms, after the sectors' means
    are taken out; from the six studies whose median is the default.
    """
    theta = published()[list(STUDIES)] - 1.0
    for study, filler in FILLED.items():
        theta[study] = theta[study].where(theta[study] != filler)
    theta = theta[theta.drop(columns=list(FILLED)).nunique(axis=1) > len(STUDIES) // 2]  # goods
    logs = pd.DataFrame(np.log(theta.to_numpy()), theta.index, theta.columns)
    rest = logs.sub(logs.mean(axis=1), axis=0)
    count = rest.notna().sum()
    between = float((count * rest.mean() ** 2).sum()) / (len(count) - 1)
    inside = float(((rest - rest.mean()) ** 2).sum().sum()) / float(count.sum() - len(count))
    size = float(count.mean())
    return max((between - inside) / (between + (size - 1.0) * inside), 0.0)


def shift(name: str) -> float:
    """What is taken off an elasticity before its logarithm: one of that among origins, which is one plus theta."""
    return 1.0 if name == "esubm" else 0.0
