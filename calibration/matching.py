"""Elasticities for the labels of a benchmark: by name where a file has rows for them, else by what they contain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import xarray as xr

from cge.errors import AbsentError, DataError, RequestError, nearest

from . import products
from .benchmark import Benchmark
from .contents_text import FACTORS
from .elasticities import NAMED, SETS, SetName, empty, for_income, lacking, load_elasticities, means, overlaid
from .rows import named, read_rows, unknown
from .table import labels_of

WEIGHTS = "world2020-29x28"
"""The benchmark whose world trade weighs the 28 sectors where a sector of another holds several."""

HELP = "say what it is in the contents of the benchmark, or give its rows in a CSV file (docs/contents.md)"


@dataclass(frozen=True)
class Choice:
    """Which elasticities are asked for.

    Attributes:
        base: set of the package's table.
        file: of rows that differ from it; None for the set alone.
    """

    base: SetName = "default"
    file: Path | None = None

    @classmethod
    def read(cls, text: str | Path) -> Choice:
        """The choice that a word makes: a set, a CSV file (over the default set), or `FILE.csv:SET`.

        Raises:
            RequestError: it is none of them.
        """
        name = str(text)
        if name in NAMED:
            return cls(name)  # type: ignore[arg-type]
        file, _, base = name.rpartition(":")
        if base in NAMED and file.endswith(".csv"):
            return cls(base, Path(file))  # type: ignore[arg-type]
        if name.endswith(".csv"):
            return cls(file=Path(name))
        hint = nearest(name, NAMED)
        raise RequestError(
            [f"unknown elasticities {name!r}{hint}; use {', '.join(NAMED)}, a .csv file, or FILE.csv:SET"]
        )


def elasticities_for(
    benchmark: Benchmark, choice: Choice | None = None, column: SetName = "default"
) -> tuple[xr.Dataset, list[str]]:
    """Elasticities for a benchmark's sectors and factors, and for its households by their income per head.

    A sector takes the mean, weighted with world trade of 2020, over those of the 28 that it contains; a factor takes
    that of its role. Rows of a file are for labels of the benchmark or for the package's codes (`_of_labels`). Where
    the population of every region is known and the money is USD, income elasticities and the Frisch parameter follow
    income per head, unless the file says otherwise.

    Args:
        benchmark: whose labels, contents and incomes they are for.
        choice: a set, or a file over a set.
        column: which set of the file, and of the package's table where the choice is `default`.

    Returns:
        The values, over the benchmark's labels; and notes on what is not known.

    Raises:
        DataError: listing the faults of the file, and labels for which nothing is known.
        RequestError: there is no such file.
    """
    choice = choice or Choice()
    base: SetName = column if choice.base == "default" else choice.base
    table = load_elasticities(base)
    rows = pd.DataFrame(columns=["parameter", "index", *SETS])
    if choice.file is not None:
        try:
            rows = read_rows(choice.file)
        except AbsentError:
            raise RequestError([f"there is no file {choice.file}; check the path"]) from None
        table = table.assign_attrs(file=choice.file.name)
    mine, codes = _split(rows, benchmark, str(table.attrs["file"]))
    values = overlaid(_by_contents(overlaid(table, codes, column), benchmark), mine, column)
    values = values.assign({name: values[name].fillna(values["income_elasticity"]) for name in INCOME})
    if faults := _lacking(values):
        raise DataError(faults, str(table.attrs["file"]))
    frisch = values["frisch"]
    values, notes = _of_income(values, benchmark)
    if float(frisch) != float(table["frisch"]):
        values = values.assign(frisch=frisch)
    return values, notes


INCOME = ("income_elasticity_low", "income_elasticity_high")


@cache
def world_trade() -> xr.DataArray:
    """World trade between regions in 2020 [sector], million USD, of the 28 sectors."""
    table = Benchmark.load(WEIGHTS)
    return table.cif.where(table.cif["exporter"] != table.cif["importer"], 0.0).sum(["exporter", "importer"])


def _split(rows: pd.DataFrame, benchmark: Benchmark, file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows for labels of the benchmark (and for no label), and rows for codes of the package.

    Raises:
        DataError: a sector or factor that is neither, or sectors of both kinds at once.
    """
    sectors, factors = benchmark.sectors, labels_of(benchmark.data, "factor")
    given = named(rows, "sector")
    faults = [
        unknown("sector", s, [*sectors, *products.names()]) for s in given if s not in sectors + list(products.names())
    ]
    faults += [
        unknown("factor", f, [*factors, *FACTORS]) for f in named(rows, "factor") if f not in [*factors, *FACTORS]
    ]
    by_label = set(given) <= set(sectors) or set(sectors) <= set(given)
    if not by_label and not set(given) <= set(products.names()):
        mine = [s for s in given if s not in products.names()]
        others = [s for s in given if s not in sectors]
        faults.append(
            f"rows are for sectors of the benchmark ({', '.join(mine)}) and of the package ({', '.join(others)}); "
            "give those of one kind"
        )
    if faults:
        raise DataError(faults, file)
    on_sector, on_factor = rows["index"].isin(given), rows["parameter"].eq("eta_factor")
    codes = (on_factor & ~rows["index"].isin(factors)) | (~on_factor & on_sector & (not by_label))
    stray = ~on_factor & on_sector & by_label & ~rows["index"].isin(sectors)
    return rows[~codes & ~stray], rows[codes]


def _by_contents(table: xr.Dataset, benchmark: Benchmark) -> xr.Dataset:
    """The table's values for what the labels contain; not a number for a label of which nothing is known."""
    contents, factors = benchmark.contents, labels_of(benchmark.data, "factor")
    known = {s: contents.products(s) for s in benchmark.sectors if contents.products(s)}
    merged = means(table, known, world_trade()).reindex(sector=benchmark.sectors)
    codes = {role: code for code, (_, role) in FACTORS.items()}
    roles = {factor: contents.role(factor) for factor in factors}
    values = empty({"sector": benchmark.sectors, "factor": factors}).assign_attrs(table.attrs)
    for name, array in merged.data_vars.items():
        if "factor" not in array.dims:
            values[name] = array
    for factor, role in roles.items():
        if role is not None:
            values["eta_factor"].loc[{"factor": factor}] = float(table["eta_factor"].sel(factor=codes[role]))
    return values


def _lacking(values: xr.Dataset) -> list[str]:
    """Labels for which something is lacking, one sentence each."""
    found: dict[str, list[str]] = {}
    for fault in lacking(values):
        name, _, rest = fault.partition(" lacks ")
        found.setdefault(rest.removesuffix("; add a row"), []).append(name)
    words = {"sector": "products", "factor": "role"}
    return [
        f"{label} has no {', '.join(names)}: its {words[label.partition(' ')[0]]} are not known; {HELP}"
        for label, names in found.items()
    ]


def _of_income(values: xr.Dataset, benchmark: Benchmark) -> tuple[xr.Dataset, list[str]]:
    """The households' parameters at their incomes per head, or at the world's where these are not known; and notes."""
    contents = benchmark.contents
    nobody = [region for region in benchmark.regions if contents.population(region) is None]
    if nobody or contents.currency != "USD":
        why = f"the population of {', '.join(nobody)} is not known" if nobody else ""
        if not why:
            why = f"the money is in {contents.currency}" if contents.currency else "the unit of the money is not known"
        told = f"households: income elasticities and the Frisch parameter are the same in all regions, as {why}"
        return values, [f"{told} (docs/contents.md)"]
    people = xr.DataArray(
        [contents.population(region) for region in benchmark.regions],
        dims="region",
        coords={"region": benchmark.regions},
    )
    return for_income(values, benchmark.gdp / people), []
