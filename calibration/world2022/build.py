"""The benchmarks of 2022, from raw tables to files: one function a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration import contents_text
from cge.calibration.balancing.settle import settle
from cge.calibration.benchmark import Benchmark
from cge.calibration.contents import Contents, RegionContents
from cge.calibration.table import DATA, MONEY
from cge.calibration.world2020 import sources
from cge.calibration.world2020 import world as steps
from cge.calibration.world2020.world import Conventions, Log

from . import fit as fitting
from . import raw
from .capital import people, with_capital, with_labour_control
from .prior import prior
from .steel import with_limited_part
from .tariffs import tariff_layers
from .us_duties import valuation

YEAR = 2022

SOURCES = (
    "OECD Inter-Country Input-Output Tables: trade, output and value added of 2022 (2025 edition), structure of "
    "2020 (2023 edition, 77 economies x 11 sectors) split to 30 sectors with the World Input-Output Database, "
    "2016 release. GDP: World Bank, World Development Indicators; investment: IMF, World Economic Outlook, "
    "October 2025. Tariffs: Teti (2024), Global Tariff Database; Japan: Japan Customs; United States: US Census "
    "Bureau. Capital and labour shares: Penn World Table 10.01 and 11.0; labour by industry: WIOD socio-economic "
    "accounts, Bank of Korea. CO2: WIOD environmental accounts (JRC), EDGAR. Details: build-report-2022.md and "
    "NOTICE."
)
LICENCES = (
    "OECD: OECD terms, with attribution; WIOD, World Bank and Penn World Table: CC BY 4.0; IMF: with attribution; "
    "Global Tariff Database: aggregates only, with the source; US data: US government work; Bank of Korea, Joint "
    "Research Centre, Japan Customs: with attribution."
)
ATTRIBUTION = (
    "OECD (2025), OECD Inter-Country Input-Output Database; Timmer, Dietzenbacher, Los, Stehrer and de Vries "
    "(2015), Review of International Economics 23(3); Teti (2024), Missing Tariffs, CESifo Working Paper; "
    "Feenstra, Inklaar and Timmer (2015), American Economic Review 105(10); World Bank; International Monetary "
    "Fund; US Census Bureau; Japan Customs; Bank of Korea; European Commission, Joint Research Centre. The table "
    "is an estimate made from these sources, which bear no responsibility."
)
NOTES = (
    "Base year 2022. Trade carries no international margins (the source has basic prices and trade services). "
    "Tariff revenue is carved out of product taxes and falls on the customs value of US imports (account "
    "valuation). Who uses what follows the table of 2020. Taxes on output, factors and exports: no data, zero. "
    "Direct taxes balance the government's budget at government_saving = 0, net of transfers. CO2 is of 2018. The "
    "source extrapolates 2022 goods output with one growth rate in BRA CAN CHN EGY IND MMR RUS THA TUR ZAF."
)


@dataclass(frozen=True)
class Aggregation:
    """A published size: its name and which columns of the maps define it; none for the full world."""

    name: str
    regions: str = ""
    sectors: str = ""


AGGREGATIONS = (
    Aggregation("world2022-29x28", "r29", "s28"),
    Aggregation("world2022-12x12", "r12", "s12"),
    Aggregation("world2022-81x28"),
)


@dataclass(frozen=True)
class Build:
    """What the build made: published benchmarks by name, the table of all economies, the log, and its controls."""

    benchmarks: Mapping[str, Benchmark]
    countries: Benchmark
    log: pd.DataFrame
    controls: pd.DataFrame


def places() -> pd.DataFrame:
    """Map of the 81 economies [country], as regions.csv and regions_2022.csv hold it."""
    more = pd.read_csv(DATA / "regions_2022.csv", comment="#", index_col="country", keep_default_na=False)
    return pd.concat([sources.regions(), more])


def known_of_2022(shared: Path, table: xr.Dataset, goods: xr.DataArray, services: xr.DataArray) -> fitting.Known:
    """The controls of the fit, in the order of the goods' economies and of `fitting.labels()`.

    Args:
        shared: folder that holds `data/`.
        table: the prior, `use` [exporter, sector, importer, user] and `tax` [importer, user].
        goods, services: trade of 2022.
    """
    countries, k = [str(c) for c in goods["exporter"].values], len(fitting.labels())
    use, tax = table["use"].values, table["tax"].transpose("importer", "user").values
    output, bought = use.sum((2, 3)), use.sum((0, 1))
    rate = np.divide(tax, bought, out=np.zeros_like(tax), where=bought > 0.0)
    added = output - bought[:, :k] * (1.0 + rate[:, :k])
    gdp = added.sum(1) + tax.sum(1)
    invested = bought[:, k + 1] * (1.0 + rate[:, k + 1]) / gdp
    weo = raw.investment_ratio(shared)
    change = (weo[YEAR] / weo[2020]).reindex(countries).fillna(1.0).to_numpy()
    control, area = raw.control(shared).sel(sector=fitting.labels()), raw.areas(shared)
    names = [str(a) for a in control["area"].values]
    return fitting.Known(
        goods=goods.values,
        services=services.values,
        area=np.array([names.index(area[c]) for c in countries]),
        output=control["output"].transpose("area", "sector").values,
        value_added=control["value_added"].transpose("area", "sector").values,
        gdp=raw.capital(shared)["gdp_usd_musd_2022"].reindex(countries).to_numpy(float),
        gdp_share=added.sum(1) / gdp,
        investment_share=invested * change,
        tax_rate=rate,
        added_share=np.clip(np.divide(added, output, out=np.zeros_like(added), where=output > 0.0), 0.02, 0.9),
    )


def fitted(shared: Path, log: Log) -> xr.Dataset:
    """The table of 2022, 81 economies x 30 sectors: `use` and `tax`, million USD."""
    goods, services = raw.trade(shared)
    table = prior(shared, goods, services, log).transpose("exporter", "sector", "importer", "user")
    known = known_of_2022(shared, table, goods, services)
    use = fitting.as_array(fitting.fit(table["use"].values, known), table["use"])
    tax = xr.DataArray(known.tax_rate * use.sum(("exporter", "sector")).values, dims=("importer", "user"))
    tax = tax.assign_coords(importer=table["importer"], user=table["user"])
    log.add("the table of 2020 fitted to 2022", "81 economies x 30 sectors", f"{fitting.ROUNDS} rounds",
            "levels of output, value added and trade of the OECD's 2025 edition, GDP of the World Bank, investment of "
            "the IMF; product taxes at the rates of 2020")  # fmt: skip
    return xr.Dataset({"use": use, "tax": tax})


REPAIRS = ("tariffs", "base", "factors", "steel")
"""What was mended beside the year: tariffs that are paid, the customs value as their base, labour and capital, and
steel quotas on the part of a flow that fills them."""


def world(
    shared: Path, conventions: Conventions | None = None, repairs: Sequence[str] = REPAIRS
) -> tuple[Benchmark, pd.DataFrame, pd.DataFrame]:
    """The benchmark of 81 economies x 28 sectors of 2022, the log of changes, and its controls.

    Args:
        shared: folder that holds `data/`.
        conventions: numbers that the data do not hold.
        repairs: some of `REPAIRS`, to see what each does; all for the published benchmarks.
    """
    conventions, log, where = conventions or Conventions(), Log(), places()
    whole = fitted(shared, log)
    controls = control_table(shared, whole)
    group = {str(k): str(v) for k, v in sources.sectors()["s28"].items()}
    users = {str(u): group.get(str(u), str(u)) for u in whole["user"].values}
    use = steps.merge(steps.merge(whole["use"], "sector", group), "user", users)
    table = xr.Dataset({"use": use, "tax": steps.merge(whole["tax"], "user", users)})
    table = steps.purchases_abroad(steps.raise_value_added(table, conventions.value_added_floor, log), log)
    trade = table["use"].sum("user").transpose("exporter", "importer", "sector")
    layers, tariff_log = tariff_layers(shared, trade, paid="tariffs" in repairs)
    base = None
    if "base" in repairs:
        base, base_log = valuation(shared, trade)
        for row in base_log:
            log.add(*row)
    data = steps.accounts_of(table, layers["tariff"], shared, log, valuation=base, places=where)
    data = steps.with_factors(data, shared, conventions, log, where)
    if "factors" in repairs:
        data = with_capital(with_labour_control(data, shared, log), shared, log)
    data = steps.with_quota_rents(data, log)
    if "steel" in repairs:
        data = with_limited_part(data, log)
    data = settle(steps.without_specks(data, conventions.speck, log))
    data, emission_log = steps.with_emissions(data, shared)
    rows = pd.concat([log.table(), tariff_log, emission_log], ignore_index=True)
    return Benchmark(data).with_contents(_contents(data, shared, where)), rows, controls


def control_table(shared: Path, table: xr.Dataset) -> pd.DataFrame:
    """Value added of 20 areas x 30 sectors beside its control: columns area, sector, known, ours (million USD)."""
    sectors, area = fitting.labels(), raw.areas(shared)
    use = table["use"]
    output = use.sum(("importer", "user")).rename(exporter="country")
    bought = (use.sel(user=sectors).sum(("exporter", "sector")) + table["tax"].sel(user=sectors)).rename(
        importer="country", user="sector"
    )
    added = (output - bought).to_series().rename("ours").reset_index()
    ours = added.groupby([added["country"].map(area).rename("area"), "sector"])["ours"].sum()
    known = raw.control(shared)["value_added"].to_series().rename("known")
    return pd.concat([known, ours], axis=1).reset_index()


def _contents(data: xr.Dataset, shared: Path, where: pd.DataFrame) -> Contents:
    """What the labels of the full world are."""
    labels = [[str(x) for x in data[axis].values] for axis in ("region", "sector", "factor")]
    whole = contents_text.of_codes(*labels, unit=MONEY, year=YEAR)
    count = people(shared, where)
    regions = {c: RegionContents(str(where["name"][c]), frozenset({c}), count.get(c)) for c in labels[0]}
    return replace(whole, regions=regions)


def build(shared: Path, conventions: Conventions | None = None) -> Build:
    """Build the benchmarks of 2022 from the raw tables under `shared`.

    Raises:
        DataError: a raw table is absent, or a result does not balance.
    """
    countries, log, controls = economies(shared, conventions)
    made = {plan.name: aggregated(countries, plan) if plan.regions else countries for plan in AGGREGATIONS}
    return Build(made, countries, log, controls)


def economies(shared: Path, conventions: Conventions | None = None) -> tuple[Benchmark, pd.DataFrame, pd.DataFrame]:
    """The published benchmark of 81 economies x 28 sectors, the log of changes, and its controls; see `build`."""
    countries, log, controls = world(shared, conventions)
    return _described(countries), log, controls


def aggregated(countries: Benchmark, plan: Aggregation) -> Benchmark:
    """A published size of the benchmark of all economies."""
    goods = sources.sectors()
    by_region = {str(k): str(v) for k, v in places()[plan.regions].items()}
    by_sector = {str(k): str(v) for k, v in zip(goods["s28"], goods[plan.sectors], strict=True)}
    small = countries.aggregate(by_region, by_sector)
    return _described(small.with_contents(_named(small.contents, plan)))


def _named(contents: Contents, plan: Aggregation) -> Contents:
    """The contents of an aggregation with the names of its regions and sectors."""
    size = plan.sectors.removeprefix("s")
    goods = sources.sectors().drop_duplicates(plan.sectors).set_index(plan.sectors)[f"name{size}"]
    named = sources.region_names()
    return replace(
        contents,
        regions={k: replace(r, name=str(named.get(k, r.name))) for k, r in contents.regions.items()},
        sectors={k: replace(s, name=str(goods[k])) for k, s in contents.sectors.items()},
    )


def _described(table: Benchmark) -> Benchmark:
    size = f"{len(table.regions)} regions x {len(table.sectors)} sectors"
    told = {"sources": SOURCES, "licences": LICENCES, "attribution": ATTRIBUTION, "notes": NOTES}
    return Benchmark(table.data.assign_attrs(title=f"World {YEAR}, {size}", prices="current", **told))
