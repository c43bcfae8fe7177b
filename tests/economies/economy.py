"""A table with its elasticities, and what tests ask of the two together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from inspect import signature
from typing import Any

import numpy as np
import xarray as xr

from cge.accounts import benchmark_point
from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import Capital, calibrate
from cge.closure import Closure
from cge.parameters import Parameters
from cge.solvers import Equilibrium, Problem, Quota

from .behaviour import elasticities
from .tables import random_benchmark

HOME = "r0"


@dataclass(frozen=True)
class Economy:
    """A random benchmark with its elasticities."""

    benchmark: Benchmark
    elasticities: xr.Dataset

    @cached_property
    def parameters(self) -> Parameters:
        return calibrate(self.benchmark, self.elasticities)

    def under(self, closure: Closure) -> Parameters:
        """The parameters; where a closure fixes shares of net investment, so little wears out that it is above zero."""
        if closure.saving != "shares":
            return self.parameters
        return calibrate(self.benchmark, self.elasticities, Capital(depreciation=0.002))

    @cached_property
    def base(self) -> xr.Dataset:
        return benchmark_point(self.parameters)

    def with_elasticities(self, **values: Any) -> Economy:
        """The same economy with other elasticities, in all sectors alike."""
        changed = {name: xr.full_like(self.elasticities[name], value) for name, value in values.items()}
        return replace(self, elasticities=self.elasticities.assign(changed))

    def solve(
        self, levels: Mapping[str, Any] | None = None, quotas: Sequence[Quota] = (), closure: Closure | None = None
    ) -> Equilibrium:
        """A certified solution; the problem of each closure is built once."""
        key = closure or Closure()
        if key not in self._problems:
            self._problems[key] = Problem(self.under(key), key, certificate="arrays")
        return self._problems[key].solve(dict(levels or {}), quotas)

    @cached_property
    def _problems(self) -> dict[Closure, Problem]:
        return {}

    def raised(self, name: str, rate: float, where: xr.DataArray | float = 1.0, sign: float = 1.0) -> xr.DataArray:
        """An instrument whose power, one plus or minus the rate, is multiplied by one plus `rate` at some places."""
        level = self.base[name]
        return (level + (sign + level) * rate * where).transpose(*level.dims)

    def abroad(self, end: str, region: str = HOME) -> xr.DataArray:
        """One for the flows of a region with others: its imports at the end "importer", exports at "exporter"."""
        flow = self.base["tm"]
        return ((flow[end] == region) & (flow["exporter"] != flow["importer"])).astype(float) + xr.zeros_like(flow)

    def tariffs(self, seed: int, size: float = 0.2) -> dict[str, xr.DataArray]:
        """Random changes of all tariffs."""
        rng = np.random.default_rng(seed)
        level = self.base["tm"]
        return {"tm": level + rng.uniform(0.0, size, level.shape) * (self.parameters.data["trade"] > 0.0)}

    def flow(self) -> tuple[str, str, str]:
        """The largest flow between two regions that no quota of the benchmark limits."""
        trade = self.parameters.data["trade"]
        free = trade.where((trade["exporter"] != trade["importer"]) & (self.base["rho"] == 0.0), 0.0)
        where = np.unravel_index(int(free.values.argmax()), free.shape)
        i, r, s = (str(free[axis].values[k]) for axis, k in zip(free.dims, where, strict=True))
        return i, r, s

    def at(self, flow: tuple[str, str, str]) -> xr.DataArray:
        """One at a flow."""
        one = xr.zeros_like(self.base["tm"])
        one.loc[dict(zip(("exporter", "importer", "sector"), flow, strict=True))] = 1.0
        return one


_TABLE = frozenset(signature(random_benchmark).parameters) - {"seed"}


@cache
def economy(seed: int, **options: Any) -> Economy:
    """A random economy: options of `random_benchmark` by name, and any others of `elasticities`."""
    table = {name: options.pop(name) for name in list(options) if name in _TABLE}
    benchmark = random_benchmark(seed, **table)
    return Economy(benchmark, elasticities(benchmark, seed, **options))


def one_factor(
    seed: int, regions: int = 2, sectors: int = 1, *, small: float = 1.0, sigma: float = 5.0, output_tax: float = 0.0
) -> Economy:
    """Trade in final goods made from labour alone, one Armington nest over all origins, Cobb-Douglas over goods.

    There is no investment, so foreign saving is a transfer; trade balances.

    Args:
        seed: of the random numbers.
        regions, sectors: how many.
        small: size of the first region relative to what it would be.
        sigma: elasticity of substitution over origins.
        output_tax: rate on the basic price, everywhere.
    """
    rng = np.random.default_rng(seed)
    size = 1000.0 * rng.uniform(0.5, 2.0, regions)
    size[0] *= small
    trade = np.sqrt(size[:, None] * size[None, :]) * np.sqrt(small) ** (np.arange(regions) > 0)[:, None]
    trade = 0.1 * trade[:, :, None] * rng.uniform(0.5, 1.5, (regions, regions, 1))
    trade = (trade + trade.transpose(1, 0, 2)) / 2.0 * np.ones(sectors)
    trade[range(regions), range(regions)] = 0.0
    domestic = size[:, None] * rng.uniform(0.5, 1.5, (regions, sectors))
    output = domestic + trade.sum(1)
    final = np.zeros((regions, sectors, 3))
    final[:, :, 0] = domestic + trade.sum(0)
    benchmark = Benchmark.from_arrays(
        [f"r{k}" for k in range(regions)],
        [f"s{k}" for k in range(sectors)],
        factor=["LAB"],
        domestic=domestic,
        trade=trade,
        intermediate=np.zeros((regions, sectors, sectors)),
        final=final,
        factor_income=(output * (1.0 - output_tax))[:, None, :],
        output_tax=output * output_tax,
    )
    drawn = elasticities(benchmark, esubm=sigma, esubd=sigma, income_elasticity=1.0, frisch=-1.0)
    return Economy(benchmark, drawn)
