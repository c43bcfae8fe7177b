"""The small country: prices of its imports are given, and the world's demand for its exports has a given elasticity.

The block `small-country` of the model (`cge.equations.structures.small_country`) does it, for a country with the rest
of the world of `cge.calibration.steps.rest_of_world`; here its two numbers are put beside the elasticities.

Source: de Melo and Robinson (1989), "Product differentiation and the treatment of foreign trade in computable general
equilibrium models of small economies", Journal of International Economics 27.
"""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from cge.errors import RequestError, nearest

from .benchmark import Benchmark


def small_country(
    elasticities: xr.Dataset, benchmark: Benchmark, *, export_demand: float | Mapping[str, float], rest: str = "ROW"
) -> xr.Dataset:
    """Elasticities with the rest of the world's demand for exports, for a closure with the block `small-country`.

    Args:
        elasticities: of the benchmark's sectors and factors.
        benchmark: of a country and a rest of the world made by the step `rest_of_world`.
        export_demand: elasticity (a positive number), of all sectors or by sector.
        rest: label of the rest of the world.

    Returns:
        The same with `esubd` [region, sector], that of the rest of the world replaced, and `abroad` [region], one for
        the rest of the world.

    Raises:
        RequestError: no such region, more than two regions, a rest of the world that is not made by the step, a sector
            that is not known, an elasticity that is not above zero.
    """
    regions = benchmark.regions
    faults = [] if rest in regions else [f"there is no region {rest!r}{nearest(rest, regions)}"]
    if len(regions) != 2:
        faults.append(
            f"a small country has one partner, the rest of the world; the benchmark has {len(regions)} regions"
        )
    if not faults and float(abs(benchmark.data["intermediate"].sel(region=rest)).sum()) > 0.0:
        faults.append(
            f"{rest} buys inputs, so its prices follow the country's; make it from factors alone, with the step "
            "rest_of_world"
        )
    given = export_demand if isinstance(export_demand, Mapping) else dict.fromkeys(benchmark.sectors, export_demand)
    faults += [
        f"export_demand: unknown sector {s!r}{nearest(s, benchmark.sectors)}"
        for s in given
        if s not in benchmark.sectors
    ]
    faults += [
        f"export_demand of {s} is {value:g}; give a number above zero" for s, value in given.items() if not value > 0
    ]
    if faults:
        raise RequestError(faults)
    home = elasticities["esubd"]
    wide = home if "region" in home.dims else home.expand_dims(region=regions).copy()
    for sector, value in given.items():
        wide.loc[{"region": rest, "sector": sector}] = float(value)
    abroad = xr.DataArray([float(region == rest) for region in regions], dims="region", coords={"region": regions})
    return elasticities.assign(esubd=wide, abroad=abroad)
