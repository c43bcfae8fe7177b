"""What scenarios are run on: a benchmark with its elasticities and closure, ready to solve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
import xarray as xr

from cge.calibration.benchmark import Benchmark, available
from cge.calibration.elasticities import NAMED, SetName, for_income, for_sectors, load_elasticities, population_2020
from cge.calibration.shares import calibrate
from cge.closure import CLOSURES, Closure
from cge.errors import AbsentError, RequestError, nearest
from cge.parameters import Parameters
from cge.quotas import Quota
from cge.scenarios.names.groups import REST, region_axis, sector_axis
from cge.text import odd_character

DEFAULT_BENCHMARK = "world2020-29x28"
DEFAULT_CLOSURE = "standard"
DEFAULT_ELASTICITIES = "default"
DEFAULT_METHOD = "newton"


@dataclass(frozen=True)
class Setting:
    """A benchmark, a set of elasticities and a closure.

    Attributes:
        benchmark: the table.
        elasticities: labelled values over the benchmark's sectors and factors.
        closure: what is held.
        names: of benchmark, elasticities and closure, as results show them.
        quotas: in force at the benchmark beside those that its rents show; those of a policy baseline.
    """

    benchmark: Benchmark
    elasticities: xr.Dataset
    closure: Closure
    names: Mapping[str, str]
    quotas: tuple[Quota, ...] = ()

    @cached_property
    def parameters(self) -> Parameters:
        """Calibrated parameters."""
        return calibrate(self.benchmark, self.elasticities)


def setting(
    benchmark: str | Path | Benchmark = DEFAULT_BENCHMARK,
    closure: str | Closure = DEFAULT_CLOSURE,
    elasticities: str | Path | xr.Dataset = DEFAULT_ELASTICITIES,
) -> Setting:
    """Load and match benchmark, closure and elasticities.

    Args:
        benchmark: name of one that comes with the package, a NetCDF file, or a Benchmark.
        closure: name in `cge.closure.CLOSURES`, or a Closure; `standard:KOR` takes Korea's consumer prices as
            the numeraire.
        elasticities: a set of the package's table (default, lower, upper, or a study), a CSV file like it, or
            labelled values.

    Raises:
        RequestError: listing every name that is not known.
        DataError, DataError: a file is at fault.
    """
    faults: list[str] = []
    table = _benchmark(benchmark, faults)
    chosen = _closure(closure, table, faults)
    elasticities = str(elasticities) if isinstance(elasticities, Path) else elasticities
    if not isinstance(elasticities, str | xr.Dataset):
        told = f"elasticities are a {type(elasticities).__name__}"
        faults.append(f"{told}; give {', '.join(NAMED)}, a .csv file, or an xarray.Dataset of labelled values")
    if isinstance(elasticities, str) and elasticities not in NAMED and not elasticities.endswith(".csv"):
        faults.append(
            f"unknown elasticities {elasticities!r}{nearest(elasticities, NAMED)}; use {', '.join(NAMED)}, "
            "or a .csv file"
        )
    if faults or table is None or chosen is None:
        raise RequestError(faults)
    values = elasticities if isinstance(elasticities, xr.Dataset) else elasticities_of(table, elasticities)
    names = {
        "benchmark": _title(table) if isinstance(benchmark, Benchmark) else str(benchmark),
        "closure": closure if isinstance(closure, str) else "own",
        "elasticities": elasticities if isinstance(elasticities, str) else "own",
    }
    return Setting(table, values, chosen, names)


def _benchmark(source: str | Path | Benchmark, faults: list[str]) -> Benchmark | None:
    if isinstance(source, Benchmark):
        return source
    try:
        return Benchmark.load(source)
    except AbsentError:
        known = available()
        hint = nearest(str(source), known)
        faults.append(f"unknown benchmark {str(source)!r}{hint}; give a file, or one of {', '.join(known)}")
        return None


def _title(benchmark: Benchmark) -> str:
    """What a benchmark is called, in characters that a screen can show."""
    title = str(benchmark.data.attrs.get("title", "benchmark"))
    return "".join(letter if odd_character(letter) is None else " " for letter in title)


def _closure(closure: str | Closure, benchmark: Benchmark | None, faults: list[str]) -> Closure | None:
    if isinstance(closure, Closure):
        return closure
    name, _, numeraire = closure.partition(":")
    if name not in CLOSURES:
        faults.append(f"unknown closure {name!r}{nearest(name, CLOSURES)}; use one of {', '.join(CLOSURES)}")
        return None
    if not numeraire:
        return CLOSURES[name]
    if benchmark is not None and numeraire not in ("world", *benchmark.regions):
        hint = nearest(numeraire, ("world", *benchmark.regions))
        faults.append(f"unknown numeraire {numeraire!r}{hint}; use world or a region")
        return None
    return replace(CLOSURES[name], numeraire=numeraire)


def elasticities_of(benchmark: Benchmark, name: str = DEFAULT_ELASTICITIES, column: SetName = "default") -> xr.Dataset:
    """The package's elasticities for a benchmark's sectors, and its households by their income per head.

    Sectors that add up some of the 28 take means weighted with world trade of 2020. Where the countries of every
    region are known, the household's parameters follow income per head; else all have the world's.

    Args:
        benchmark: whose sectors, factors and incomes they are for.
        name: default, lower, upper, a study (BSY, CP, ...), or a CSV file with the columns of the package's table.
        column: which set of a CSV file.

    Raises:
        RequestError: a sector or factor that the table does not know, or no such file.
        DataError: listing the faults of the file.
    """
    try:
        values = load_elasticities(column, Path(name)) if name.endswith(".csv") else load_elasticities(name)  # type: ignore[arg-type]
    except AbsentError:
        raise RequestError([f"there is no file {name}; check the path"]) from None
    known = [str(s) for s in values["sector"].values]
    if not set(benchmark.sectors) <= set(known):
        values = _merged(values, benchmark)
    values = values.sel(sector=benchmark.sectors)
    factors = [str(f) for f in benchmark.data["factor"].values]
    unknown = [f for f in factors if f not in values["factor"].values]
    if unknown:
        have = ", ".join(map(str, values["factor"].values))
        raise RequestError(
            [f"no elasticity for factor {f} (known: {have}); rename it, or pass your own elasticities" for f in unknown]
        )
    values = values.sel(factor=factors)
    people = _population(benchmark)
    return values if people is None else for_income(values, benchmark.gdp / people)


def _merged(values: xr.Dataset, benchmark: Benchmark) -> xr.Dataset:
    content = sector_axis(benchmark.sectors).content
    unknown = [sector for sector in benchmark.sectors if not content.get(sector)]
    if unknown:
        known = [str(s) for s in values["sector"].values]
        repair = "rename it, or pass your own elasticities"
        raise RequestError([f"no elasticity for sector {s}{nearest(s, known)}; {repair}" for s in unknown])
    mapping = {code: sector for sector in benchmark.sectors for code in sorted(content[sector] or ())}
    table = Benchmark.load(DEFAULT_BENCHMARK)
    traded = table.cif.where(table.cif["exporter"] != table.cif["importer"], 0.0).sum(["exporter", "importer"])
    kept = values.sel(sector=[str(s) for s in values["sector"].values if str(s) in mapping])
    return for_sectors(kept, mapping, traded.sel(sector=kept["sector"].values))


def _population(benchmark: Benchmark) -> xr.DataArray | None:
    """Inhabitants by region, millions; None if the countries of a region are not known."""
    content = region_axis(benchmark.regions).content
    people = population_2020()
    held = [content.get(region) for region in benchmark.regions]
    if any(not countries or not countries <= set(people.index) | {REST} for countries in held):
        return None
    totals = [float(pd.Series(people).reindex(sorted(countries or ())).sum()) for countries in held]
    return xr.DataArray(totals, dims="region", coords={"region": benchmark.regions})
