"""A balanced world of any size, made of random numbers: for sizes of which no open table exists."""

from __future__ import annotations

import numpy as np
import xarray as xr

from cge.calibration.benchmark import Benchmark

INPUTS, DEMAND = 0.6, (0.6, 0.2, 0.2)
"""Share of inputs in the use of a good, and of household, government and investment in the rest."""


def world(regions: int, sectors: int, seed: int = 0) -> Benchmark:
    """A world with every flow, tariffs, and product and output taxes; land and resources in the first two sectors.

    Args:
        regions: number of regions.
        sectors: number of sectors.
        seed: of the random numbers; the same seed gives the same world.
    """
    rng = np.random.default_rng(seed)
    n, k = regions, sectors
    size = np.exp(rng.normal(0.0, 1.2, n)) * 1000.0
    weight = rng.lognormal(0.0, 1.0, (n, n, k)) * (size[:, None] * size[None, :] / size.sum())[:, :, None]
    weight[np.arange(n), np.arange(n)] = 0.0
    trade = 0.25 * weight / k
    domestic = rng.uniform(0.6, 1.4, (n, k)) * size[:, None] / k
    tariff = rng.uniform(0.0, 0.15, (1, n, n, k))
    absorption = domestic + (trade * (1.0 + tariff[0])).sum(axis=0)
    use = rng.uniform(0.2, 1.0, (n, k, k + 3))
    use[:, :, :k] *= INPUTS / use[:, :, :k].sum(axis=2, keepdims=True)
    use[:, :, k:] *= (1.0 - INPUTS) * np.array(DEMAND) / use[:, :, k:].sum(axis=2, keepdims=True)
    use *= (absorption / use.sum(axis=2))[:, :, None]
    output = domestic + trade.sum(axis=1)
    output_tax = 0.02 * output
    inputs, final = use[:, :, :k], use[:, :, k:]
    # an industry keeps a third of its output for its factors; what it does not buy goes to final demand
    fits = np.minimum(1.0, 0.65 * output / (1.02 * inputs.sum(axis=1)))
    freed = (inputs * (1.0 - fits[:, None, :])).sum(axis=2)
    inputs = inputs * fits[:, None, :]
    final = final * (1.0 + freed / final.sum(axis=2))[:, :, None]
    split = rng.uniform(0.3, 1.0, (n, 4, k))
    split[:, 2:, 2:] = 0.0
    added = output - output_tax - 1.02 * inputs.sum(axis=1)
    income = added[:, None, :] * split / split.sum(axis=1, keepdims=True)
    regions_, sectors_ = [f"r{i:03d}" for i in range(n)], [f"s{j:02d}" for j in range(k)]
    return Benchmark.from_arrays(
        regions_,
        sectors_,
        layer=["mfn"],
        domestic=domestic,
        trade=trade,
        tariff=tariff,
        intermediate=inputs,
        intermediate_tax=0.02 * inputs,
        final=final,
        final_tax=0.05 * final,
        factor_income=income,
        output_tax=output_tax,
        attrs={"title": f"Random world, {n} x {k}, seed {seed}"},
    )


def elasticities(benchmark: Benchmark, seed: int = 0) -> xr.Dataset:
    """Elasticities of usual size for the sectors of a benchmark."""
    rng = np.random.default_rng(seed)
    k = len(benchmark.sectors)
    factors = benchmark.data["factor"].values
    sector = ("sector",)
    return xr.Dataset(
        {
            "esubm": (sector, rng.uniform(3.0, 8.0, k)),
            "esubd": (sector, rng.uniform(1.5, 4.0, k)),
            "esubva": (sector, rng.uniform(0.2, 1.6, k)),
            "esubt": (sector, np.zeros(k)),
            "esubn": (sector, np.zeros(k)),
            "cet": (sector, np.full(k, np.inf)),
            "income_elasticity": (sector, rng.uniform(0.6, 1.4, k)),
            "esubg": 1.0,
            "esubi": 0.0,
            "frisch": -1.8,
            "eta_factor": (("factor",), np.where(np.isin(factors, ["LND", "NAT"]), 0.0, np.inf)),
        },
        coords={"sector": benchmark.sectors, "factor": factors},
    )
