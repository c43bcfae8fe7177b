"""The small country: prices of its imports are given, and the world's demand for its exports has a given elasticity.

With the rest of the world of `cge.calibration.steps.rest_of_world`, which is large and makes everything at one cost,
import prices do not move; what it buys of the country's exports follows their price at the elasticity of
substitution between its own goods and imports, since it has but one origin of imports. That elasticity is the
export demand that textbooks write down (de Melo and Robinson 1989, "Product differentiation and the treatment of
foreign trade in computable general equilibrium models of small economies", Journal of International Economics 27).
"""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from cge.errors import RequestError, nearest

from .benchmark import Benchmark


def small_country(
    elasticities: xr.Dataset, benchmark: Benchmark, *, export_demand: float | Mapping[str, float], rest: str = "ROW"
) -> xr.Dataset:
    """Elasticities with which the rest of the world meets exports at a given elasticity of demand.

    Args:
        elasticities: of the benchmark's sectors and factors.
        benchmark: of a country and a rest of the world made by the step `rest_of_world`.
        export_demand: elasticity (a positive number), of all sectors or by sector.
        rest: label of the rest of the world.

    Returns:
        The same with `esubd` [region, sector], that of the rest of the world replaced.

    Raises:
        RequestError: no such region, more than two regions, a sector that is not known, an elasticity below zero.
    """
    regions = benchmark.regions
    faults = [] if rest in regions else [f"there is no region {rest!r}{nearest(rest, regions)}"]
    if len(regions) != 2:
        faults.append(
            f"a small country has one partner, the rest of the world; the benchmark has {len(regions)} regions"
        )
    given = export_demand if isinstance(export_demand, Mapping) else dict.fromkeys(benchmark.sectors, export_demand)
    faults += [
        f"export_demand: unknown sector {s!r}{nearest(s, benchmark.sectors)}"
        for s in given
        if s not in benchmark.sectors
    ]
    faults += [
        f"export_demand of {s} is {value:g}; give a number above zero" for s, value in given.items() if value <= 0
    ]
    if faults:
        raise RequestError(faults)
    home = elasticities["esubd"]
    wide = home if "region" in home.dims else home.expand_dims(region=regions).copy()
    for sector, value in given.items():
        wide.loc[{"region": rest, "sector": sector}] = float(value)
    return elasticities.assign(esubd=wide)
