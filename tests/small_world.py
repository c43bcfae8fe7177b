"""A random world of three regions and three sectors under names that the package's tables know."""

from __future__ import annotations

from dataclasses import replace

import xarray as xr

from cge.calibration import contents_text, identities
from cge.calibration.benchmark import Benchmark, described
from cge.calibration.contents import Contents
from tests.economies import random_benchmark

REGIONS = {"r0": "KOR", "r1": "USA", "r2": "EU27"}
SECTORS = {"s0": "AGR", "s1": "STL", "s2": "PUB"}
STEEL = {"exporter": "KOR", "importer": "USA", "sector": "STL"}


def contents(data: xr.Dataset) -> Contents:
    """The labels are codes of countries and sectors, but for the European Union's."""
    factors = [str(factor) for factor in data["factor"].values]
    known = contents_text.of_codes(["KOR", "USA"], SECTORS.values(), factors, unit="million USD", year=2020)
    union = Benchmark.load("world2020-12x12").contents.regions["EU27"]
    return replace(known, regions=known.regions | {"EU27": union})


def small_world(*, rents: bool = True, seed: int = 3, margins: bool = False) -> Benchmark:
    """The random benchmark with real labels; Korea's steel to the United States carries a rent of 10 % if `rents`."""
    data = random_benchmark(seed, margins=margins).data
    data = data.assign_coords(
        {axis: [REGIONS[str(x)] for x in data[axis].values] for axis in ("region", "exporter", "importer")}
        | {axis: [SECTORS[str(x)] for x in data[axis].values] for axis in ("sector", "input", "margin")}
    ).assign_attrs(title="small")
    data = described(data, contents(data))
    if not rents:
        return Benchmark(data)
    rent = data["rent"].copy()
    rent.loc[STEEL] = 0.1 * float((data["trade"] + data["export_tax"]).loc[STEEL])
    data = data.assign(rent=rent)
    # final demand takes up what the rent adds to the value of supply, the direct tax what it adds to revenue
    final = data["final"] * (1.0 + identities.commodity_gap(data) / data["final"].sum("agent"))
    data = data.assign(final=final.transpose(*data["final"].dims))
    revenue = (
        identities.tax_revenue(data) - identities.spending(data).sel(agent="G", drop=True) - data["government_saving"]
    )
    return Benchmark(data.assign(direct_tax=-revenue))
