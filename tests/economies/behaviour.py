"""Elasticities for the tables of tests: random around usual values, or those given."""

from __future__ import annotations

import numpy as np
import xarray as xr

from cge.calibration.benchmark import Benchmark


def elasticities(benchmark: Benchmark, seed: int | None = None, **values: float) -> xr.Dataset:
    """Elasticities for a benchmark: random around usual values, or those given.

    Args:
        benchmark: whose sectors and factors they are for.
        seed: of the random numbers; None for usual values everywhere.
        values: name to value, for all sectors.
    """
    rng = np.random.default_rng(seed)
    b = benchmark.data
    n = b.sizes["sector"]

    def draw(name: str, low: float, high: float) -> np.ndarray:
        if name in values:
            return np.full(n, values[name])
        return rng.uniform(low, high, n) if seed is not None else np.full(n, (low + high) / 2)

    sector = ("sector",)
    specific = np.isin(b.factor.values, ["LND", "NAT"])
    return xr.Dataset(
        {
            "esubm": (sector, draw("esubm", 2.0, 8.0)),
            "esubd": (sector, draw("esubd", 1.0, 4.0)),
            "esubva": (sector, draw("esubva", 0.2, 1.6)),
            "esubt": (sector, draw("esubt", 0.0, 0.6)),
            "esubn": (sector, draw("esubn", 0.0, 0.6)),
            "cet": (sector, draw("cet", np.inf, np.inf) if "cet" in values else np.full(n, np.inf)),
            "income_elasticity": (sector, draw("income_elasticity", 0.6, 1.4)),
            "esubg": values.get("esubg", 1.0),
            "esubi": values.get("esubi", 0.0),
            "frisch": values.get("frisch", -1.8),
            "eta_factor": (("factor",), np.where(specific, values.get("eta", 0.0), np.inf)),
        },
        coords={"sector": b.sector.values, "factor": b.factor.values},
    )


def wide_elasticities(benchmark: Benchmark, seed: int) -> xr.Dataset:
    """Elasticities from one end of what anyone uses to the other: 0.1 to 30, with zeros and ones among them.

    Args:
        benchmark: whose sectors and factors they are for.
        seed: of the random numbers.
    """
    rng = np.random.default_rng(seed)
    sectors, factors = benchmark.data.sizes["sector"], benchmark.data.sizes["factor"]

    def draw(low: float, high: float, *special: float, shape: int = sectors) -> np.ndarray:
        drawn = np.exp(rng.uniform(np.log(low), np.log(high), shape))
        chosen = rng.choice(special or (1.0,), shape)
        return np.where(rng.random(shape) < 0.2, chosen, drawn)

    sector = ("sector",)
    sluggish = draw(0.1, 5.0, 0.0, shape=factors)
    return elasticities(benchmark).assign(
        {
            "esubm": (sector, draw(0.1, 30.0)),
            "esubd": (sector, draw(0.1, 30.0)),
            "esubva": (sector, draw(0.1, 5.0)),
            "esubt": (sector, draw(0.1, 2.0, 0.0, 1.0)),
            "esubn": (sector, draw(0.1, 2.0, 0.0, 1.0)),
            "cet": (sector, np.where(rng.random(sectors) < 0.5, np.inf, draw(0.1, 30.0))),
            "income_elasticity": (sector, rng.uniform(0.3, 1.7, sectors)),
            "esubg": draw(0.1, 3.0, 0.0, 1.0, shape=1)[0],
            "esubi": draw(0.1, 3.0, 0.0, 1.0, shape=1)[0],
            "frisch": -rng.uniform(1.0, 5.0),
            "eta_factor": (("factor",), np.where(rng.random(factors) < 0.5, np.inf, sluggish)),
        }
    )
