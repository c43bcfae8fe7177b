"""What scenarios are run on: a benchmark with its elasticities and closure, ready to solve."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import xarray as xr

from cge.calibration.benchmark import Benchmark, available
from cge.calibration.elasticities import NAMED, SetName
from cge.calibration.energy import roles_of_energy
from cge.calibration.matching import Choice, elasticities_for
from cge.calibration.shares import calibrate
from cge.calibration.small_country import small_country
from cge.closure import CLOSURES, Closure
from cge.equations.structures import BLOCKS
from cge.errors import AbsentError, PolicyError, RequestError, nearest
from cge.parameters import Parameters
from cge.quotas import Quota
from cge.scenarios.blocks.carbon import no_fuels
from cge.scenarios.files.closure import is_file, read_closure
from cge.scenarios.names.groups import NONE, Groups, OwnGroups, own_groups
from cge.scenarios.names.horizon import (
    Financing,
    closure_at,
    closure_financed,
    elasticities_at,
    told_low,
    with_wage_curve,
)
from cge.scenarios.names.resolve import World
from cge.text import odd_character

from .options import DEFAULT_BENCHMARK as DEFAULT_BENCHMARK
from .options import FORMER_BENCHMARK as FORMER_BENCHMARK

log = logging.getLogger("cge")

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
        notes: what is not known of the benchmark's labels, and what was done about it.
        groups: a user's own, which scenarios may name beside the package's.
        assumed: how the closure determines foreign saving is the structure's habit, which gives way to a horizon's.
    """

    benchmark: Benchmark
    elasticities: xr.Dataset
    closure: Closure
    names: Mapping[str, str]
    quotas: tuple[Quota, ...] = ()
    notes: tuple[str, ...] = ()
    groups: Groups = field(default_factory=lambda: NONE)
    assumed: bool = False

    @cached_property
    def parameters(self) -> Parameters:
        """Calibrated parameters."""
        named = [BLOCKS[block] if isinstance(block, str) else block for block in self.closure.blocks]
        return calibrate(self.benchmark, self.elasticities).including(named)

    def at(self, horizon: str | None, financing: Financing | None) -> Setting:
        """The same world at a horizon, with budgets balanced as asked; each as it is if none is given.

        Raises:
            RequestError: the closure or the elasticities say otherwise.
        """
        closure, values, names = self.closure, self.elasticities, dict(self.names)
        if horizon is not None:
            closure = closure_at(replace(closure, saving="fixed") if self.assumed else closure, horizon)
            values = elasticities_at(values, horizon, self.benchmark, names["elasticities"])
            names["horizon"] = horizon
        if financing is not None:
            closure = closure_financed(closure, financing, self.benchmark)
            names["financing"] = financing.name
        if faults := _roles_wanted(closure, self.benchmark):
            raise RequestError(faults)
        if closure.labour == "supply":
            values = with_wage_curve(values, self.benchmark)
        own = "horizon" in names or names["elasticities"] not in NAMED  # the package's sets are high enough
        low = told_low(values, closure, self.benchmark) if own else ""
        if low and "horizon" in names:
            raise RequestError([low])
        if low:  # elasticities of the user's own choice, as textbook economies have them
            log.warning("%s", low)
        return replace(self, closure=closure, elasticities=values, names=names)


def setting(
    benchmark: str | Path | Benchmark = DEFAULT_BENCHMARK,
    closure: str | Closure = DEFAULT_CLOSURE,
    elasticities: str | Path | xr.Dataset = DEFAULT_ELASTICITIES,
    groups: OwnGroups = None,
    horizon: str | None = None,
    financing: Any = None,
) -> Setting:
    """Load and match benchmark, closure and elasticities.

    Args:
        benchmark: name of one that comes with the package, a NetCDF file, or a Benchmark.
        closure: name in `cge.closure.CLOSURES`, a YAML file (`cge.scenarios.files.closure`), or a Closure;
            `standard:KOR` takes Korea's consumer prices as the numeraire.
        elasticities: a set of the package's table (default, lower, upper, or a study), a CSV file of rows that
            differ from the default set, `FILE.csv:SET`, or labelled values.
        groups: own groups of regions and sectors: a YAML file, or what it holds (`cge.scenarios.names.groups`).
        horizon: a key of `cge.scenarios.economy.horizon.HORIZONS`, which changes closure and elasticities.
        financing: who pays: lump-sum, direct-tax, consumption-tax or spending; `direct-tax:KOR,USA` or a mapping with
            `by` and `regions` where the others' budgets are balanced lump-sum.

    Raises:
        RequestError: listing every name that is not known, or a closure and a horizon that contradict each other.
        DataError: a file is at fault, or too little is known of the benchmark's labels.
    """
    faults: list[str] = []
    table = _benchmark(benchmark, faults)
    written = read_closure(closure) if isinstance(closure, str) and is_file(closure) else None
    chosen = written.closure if written else _closure(closure, table, faults)
    elasticities = str(elasticities) if isinstance(elasticities, Path) else elasticities
    if not isinstance(elasticities, str | xr.Dataset):
        told = f"elasticities are a {type(elasticities).__name__}"
        faults.append(f"{told}; give {', '.join(NAMED)}, a .csv file, or an xarray.Dataset of labelled values")
    choice = own = None
    try:
        choice = Choice.read(elasticities) if isinstance(elasticities, str) else None
    except RequestError as error:
        faults += error.faults
    try:
        own = own_groups(groups)
    except PolicyError as error:
        faults += [f"{error.what}: {fault}" for fault in error.faults]
    if table is not None and own is not None:
        faults += World.of(table, own).own_faults()
    if faults or table is None or chosen is None or own is None:
        raise RequestError(faults)
    values, notes = (elasticities, []) if isinstance(elasticities, xr.Dataset) else elasticities_for(table, choice)
    if written and written.export_demand is not None:
        values = small_country(values, table, export_demand=written.export_demand, rest=written.rest)
    names = {
        "benchmark": _title(table) if isinstance(benchmark, Benchmark) else str(benchmark),
        "closure": closure if isinstance(closure, str) else "own",
        "elasticities": elasticities if isinstance(elasticities, str) else "own",
    }
    if "energy" in chosen.blocks and (lacking := no_fuels(roles_of_energy(table.contents))):
        notes = [*notes, f"the nest of energy is off, and CO2 moves with output: {lacking}"]
    where = Setting(table, values, chosen, names, notes=tuple(notes), groups=own)
    return where.at(horizon, None if financing is None else Financing.read(financing))


def benchmark_of(source: str | Path | Benchmark) -> Benchmark:
    """A benchmark by its name, from a file, or itself.

    Raises:
        RequestError: there is none of that name (with the nearest).
        DataError: the file is at fault.
    """
    faults: list[str] = []
    table = _benchmark(source, faults)
    if table is None:
        raise RequestError(faults)
    return table


def _roles_wanted(closure: Closure, benchmark: Benchmark) -> list[str]:
    """What a closure needs to know of the factors and the benchmark does not say."""
    wanted = {"labour": closure.labour != "fixed", "capital": closure.saving == "bank" or closure.capital == "long"}
    holds = {"labour": "holds real wages or lets employment follow them", "capital": "moves capital or lets it grow"}
    return [
        f"the closure {holds[role]}, and no factor of the benchmark has the role {role}; say which in its contents: "
        f"factors: {{{benchmark.data['factor'].values[0]}: {{role: {role}}}}} (docs/contents.md)"
        for role, needed in wanted.items()
        if needed and not benchmark.contents.with_role(role)  # type: ignore[arg-type]
    ]


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
    if benchmark is not None and numeraire != "world":
        region = World.of(benchmark).axes["region"].label_of(numeraire)
        if region is None:
            hint = nearest(numeraire, ("world", *benchmark.regions))
            faults.append(f"unknown numeraire {numeraire!r}{hint}; use world or a region")
            return None
        numeraire = region
    return replace(CLOSURES[name], numeraire=numeraire)


def elasticities_of(
    benchmark: Benchmark, name: str | Path = DEFAULT_ELASTICITIES, column: SetName = "default"
) -> xr.Dataset:
    """The package's elasticities, or those of a file, for a benchmark's labels (see `cge.calibration.matching`).

    Args:
        benchmark: whose sectors, factors and incomes they are for.
        name: default, lower, upper, or a study (BSY, CP, ...); a CSV file of rows that differ from the default
            set; or `FILE.csv:SET`.
        column: which set of a CSV file.

    Raises:
        RequestError: an unknown set, or no such file.
        DataError: listing the faults of the file, and labels for which nothing is known.
    """
    return elasticities_for(benchmark, Choice.read(name), column)[0]
