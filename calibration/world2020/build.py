"""The benchmarks that come with the package, from raw tables to files: one function a step.

`python -m cge.calibration` calls `build` and writes the files and their report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import xarray as xr

from cge.calibration import contents_text
from cge.calibration.benchmark import Benchmark
from cge.calibration.contents import Contents
from cge.calibration.table import MONEY

from . import sources
from .tariffs import tariff_layers
from .world import Conventions, build_world

YEAR = 2020

SOURCES = (
    "OECD Inter-Country Input-Output Tables, 2023 edition (77 economies x 11 sectors, 2020); split to 30 sectors "
    "with the World Input-Output Database, 2016 release (national tables of 2014), and OECD bilateral trade by "
    "product. Tariffs: Teti (2024), Global Tariff Database; United States: USITC tariff schedule and Census duties. "
    "Labour shares: WIOD socio-economic accounts; Bank of Korea 2010. CO2: WIOD environmental accounts (JRC), EDGAR. "
    "Details: build-report.md and NOTICE."
)
LICENCES = (
    "OECD: OECD terms, with attribution; WIOD: CC BY 4.0; Global Tariff Database: aggregates only, with the "
    "source; US data: US government work; Bank of Korea, Joint Research Centre: with attribution."
)
ATTRIBUTION = (
    "OECD (2023), OECD Inter-Country Input-Output Database; Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), "
    "Review of International Economics 23(3); Teti (2024), Missing Tariffs, CESifo Working Paper; "
    "US International Trade Commission; US Census Bureau; Bank of Korea; European Commission, "
    "Joint Research Centre. The table is an estimate made from these "
    "sources, which bear no responsibility for it."
)
NOTES = (
    "Base year 2020, a pandemic year. Trade carries no international margins (the source has basic prices and trade "
    "services). Tariff revenue is carved out of product taxes. Taxes on output, factors and exports: no data, zero. "
    "Direct taxes balance the government's budget at government_saving = 0, net of transfers. CO2 is of 2018."
)


@dataclass(frozen=True)
class Aggregation:
    """A published aggregation: its name and which columns of regions.csv and sectors.csv define it."""

    name: str
    regions: str
    sectors: str


AGGREGATIONS = (
    Aggregation("world2020-29x28", "r29", "s28"),
    Aggregation("world2020-12x12", "r12", "s12"),
)


@dataclass(frozen=True)
class Build:
    """What the build made: the published benchmarks by name, the country table, and the log."""

    benchmarks: Mapping[str, Benchmark]
    countries: Benchmark
    log: pd.DataFrame


def region_map(column: str) -> dict[str, str]:
    """Region of every country in an aggregation: `r29` or `r12`."""
    return {str(k): str(v) for k, v in sources.regions()[column].items()}


def sector_map(column: str) -> dict[str, str]:
    """Sector of every one of the 28 sectors in an aggregation: `s28` or `s12`."""
    table = sources.sectors()
    return {str(k): str(v) for k, v in zip(table["s28"], table[column], strict=True)}


def build(shared: Path, conventions: Conventions | None = None) -> Build:
    """Build the published benchmarks from the raw tables under `shared`.

    Raises:
        DataError: if a raw table is absent.
        DataError: if a result does not balance.
    """
    countries, log = build_world(shared, tariff_layers, conventions)
    factors = [str(factor) for factor in countries.data["factor"].values]
    contents = contents_text.of_codes(countries.regions, countries.sectors, factors, unit=MONEY, year=YEAR)
    countries = countries.with_contents(contents)
    made = {}
    for plan in AGGREGATIONS:
        table = countries.aggregate(region_map(plan.regions), sector_map(plan.sectors))
        made[plan.name] = _described(table.with_contents(_named(table.contents, plan)))
    return Build(made, _described(countries), log)


def _named(contents: Contents, plan: Aggregation) -> Contents:
    """The contents of an aggregation with the names of its regions and sectors."""
    size = plan.sectors.removeprefix("s")
    goods = sources.sectors().drop_duplicates(plan.sectors).set_index(plan.sectors)[f"name{size}"]
    places = sources.region_names()
    return replace(
        contents,
        regions={label: replace(r, name=r.name or str(places[label])) for label, r in contents.regions.items()},
        sectors={label: replace(s, name=str(goods[label])) for label, s in contents.sectors.items()},
    )


def _described(table: Benchmark) -> Benchmark:
    """The table with its title, sources and notes."""
    size = f"{len(table.regions)} regions x {len(table.sectors)} sectors"
    return Benchmark(
        table.data.assign_attrs(
            title=f"World {YEAR}, {size}",
            prices="current",
            sources=SOURCES,
            licences=LICENCES,
            attribution=ATTRIBUTION,
            notes=NOTES,
        )
    )


def merchandise(data: xr.Dataset) -> xr.DataArray:
    """Trade between different regions as the importer pays it, before margins and tariffs, million USD."""
    value = data["trade"] + data["export_tax"] + data["rent"]
    return value.where(value["exporter"] != value["importer"], 0.0)


def trade_by_country(countries: Benchmark) -> pd.Series:
    """Exports plus imports of a country with all others, million USD [country]: weights for parts of aggregates."""
    value = merchandise(countries.data).sum("sector")
    total = value.sum("importer").rename(exporter="region") + value.sum("exporter").rename(importer="region")
    return pd.Series(
        total.values, index=pd.Index([str(r) for r in total["region"].values], name="country"), name="musd"
    )


TRADE_HEAD = """\
# Exports plus imports of goods and services of every country of the world table with all others, 2020, million USD.
# They weigh the parts of an aggregate region of which only some countries belong to a group.
# Made by `python -m cge.calibration` from the OECD Inter-Country Input-Output Tables, 2023 edition (see NOTICE).
"""


# Known figures of 2020, from the page of the raw data: GDP in bn USD, flows in bn USD.
GDP: Mapping[str, float] = {"KOR": 1633, "USA": 21052, "CHN": 14760, "JPN": 5042, "EU27": 15302, "VNM": 275}
FLOWS: Mapping[str, float] = {"AUT": 20.4, "ELE": 13.9, "STL": 1.36}


def checks(result: Build, shared: Path) -> pd.DataFrame:
    """Compare the 29 x 28 benchmark with figures known beforehand.

    Returns:
        Columns what, expected, built, deviation_pct.
    """
    table = result.benchmarks["world2020-29x28"]
    gdp = table.gdp / 1e3
    rows: list[tuple[str, float, float]] = [
        (f"GDP {region}, bn USD", known, float(gdp.sel(region=region))) for region, known in GDP.items()
    ]
    korea = merchandise(table.data).sel(exporter="KOR", importer="USA") / 1e3
    rows += [(f"KOR to USA {s}, bn USD", known, float(korea.sel(sector=s))) for s, known in FLOWS.items()]
    output, regions, sectors = sources.reference(shared)
    ours = table.data["domestic"] + table.data["trade"].sum("importer").rename(exporter="region")
    worst = abs(ours - output.reindex_like(ours)).max() / 1e3
    merged = {str(k): str(v) for k, v in sources.sectors()["s28"].items()}
    alike = region_map("r29") == dict(regions) and merged == dict(sectors)
    rows += [
        ("world output, bn USD (quota rents leave it)", float(output.sum()) / 1e3, float(ours.sum()) / 1e3),
        ("largest change of an industry's output, bn USD (a quota rent)", 0.0, float(worst)),
        ("maps of countries and sectors equal the source's own (1 = yes)", 1.0, float(alike)),
    ]
    frame = pd.DataFrame(rows, columns=["what", "expected", "built"])
    share = frame["built"] / frame["expected"].where(frame["expected"] != 0) - 1
    return frame.assign(deviation_pct=100 * share)
