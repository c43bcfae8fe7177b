"""From raw tables to a benchmark of 77 countries x 28 sectors; every change is logged.

The route: read the world input-output table; repair value added; give residents' purchases abroad
to the household; carve tariff revenue out of the product taxes; net out negative inventories; split
consumption into household and government; split value added into factors; carve quota rents out of
the exporter's capital income; drop specks of trade. Each user's total bill and, but for the repairs
in the log, each industry's accounts stay as the OECD has them. Aggregation to regions comes last,
so that 29 x 28 and 12 x 12 share every step.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from cge.calibration.balancing.settle import prune, settle
from cge.calibration.benchmark import Benchmark, assemble
from cge.calibration.table import FACTORS

from . import sources
from .conventions import Conventions as Conventions
from .conventions import Log as Log
from .conventions import money
from .emissions import ENERGY, emissions
from .quota_rents import with_quota_rents as with_quota_rents

TariffSource = Callable[[Path, xr.DataArray], tuple[xr.Dataset, pd.DataFrame]]

# Sectors in which Korea's source, which counts employees only, misses the income of the self-employed.
SELF_EMPLOYED = ("AGR", "TRD", "ACI", "TRN", "ART")


def build_world(
    shared: Path,
    tariffs: TariffSource,
    conventions: Conventions | None = None,
    mend: Callable[[xr.Dataset, Log], xr.Dataset] | None = None,
) -> tuple[Benchmark, pd.DataFrame]:
    """Build the benchmark of 77 countries x 28 sectors, 2020.

    Args:
        shared: folder that holds `data/`.
        tariffs: function of (shared, trade [exporter, importer, sector] in million USD with home sales on the diagonal)
            that gives the tariff layers and its own log.
        conventions: parameters without data; the defaults are documented in `Conventions`.
        mend: what is done to the raw table of 77 x 30 before anything else; nothing for the published benchmarks.

    Returns:
        The benchmark and the log of changes (columns what, where, by_how_much, why).

    Raises:
        DataError: if a raw table is absent.
        DataError: if the result does not balance; every fault is named.
    """
    conventions = conventions or Conventions()
    log = Log()
    table = raise_value_added(_read(shared, mend, log), conventions.value_added_floor, log)
    table = purchases_abroad(table, log)
    trade = table["use"].sum("user").transpose("exporter", "importer", "sector")
    layers, tariff_log = tariffs(shared, trade)
    data = accounts_of(table, layers["tariff"], shared, log)
    data = with_factors(data, shared, conventions, log)
    data = with_quota_rents(data, log)
    data = without_specks(data, conventions.speck, log)
    data, emission_log = with_emissions(settle(data), shared)
    return Benchmark(data), pd.concat([log.table(), tariff_log, emission_log], ignore_index=True)


def with_emissions(data: xr.Dataset, shared: Path) -> tuple[xr.Dataset, pd.DataFrame]:
    """The table with CO2 of industries and households."""
    output = data["domestic"] + data["trade"].sum("importer").rename(exporter="region")
    consumption = data["final"].sel(agent="C").sum("sector").to_series()
    sectors = _names(data, "sector")
    bought = data["intermediate"].sel(input=list(ENERGY)) * xr.DataArray(list(ENERGY.values()), dims="input")
    energy = bought.sum("input").to_series().unstack("sector")[sectors]
    made, log = emissions(shared, output.to_series().unstack("sector")[sectors], consumption, energy)
    by_sector = made.drop(columns="households")
    return data.assign(
        emissions=(("region", "sector"), by_sector[sectors].to_numpy()),
        household_emissions=(("region",), made["households"].to_numpy()),
    ), log


def _names(data: xr.Dataset, axis: str) -> list[str]:
    return [str(label) for label in data[axis].values]


def _read(
    shared: Path, mend: Callable[[xr.Dataset, Log], xr.Dataset] | None = None, log: Log | None = None
) -> xr.Dataset:
    """The raw table with its sectors added up from 30 to 28."""
    table = sources.mrio(shared)
    table = mend(table, log or Log()) if mend else table
    group = {str(k): str(v) for k, v in sources.sectors()["s28"].items()}
    users = {str(u): group.get(str(u), str(u)) for u in table["user"].values}
    use = merge(merge(table["use"], "sector", group), "user", users)
    return xr.Dataset({"use": use, "tax": merge(table["tax"], "user", users)})


def merge(array: xr.DataArray, axis: str, group: dict[str, str]) -> xr.DataArray:
    """Sum over labels that share a group; groups in the order in which the map names them."""
    labels = [str(label) for label in array[axis].values]
    names = list(dict.fromkeys(group.values()))
    parts = [array.sel({axis: [x for x in labels if group[x] == name]}).sum(axis) for name in names]
    return xr.concat(parts, pd.Index(names, name=axis)).transpose(*array.dims)


def _frame(table: pd.DataFrame, like: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Table of countries and sectors as [region, sector], in the order of `like`."""
    array = xr.DataArray(
        table.to_numpy(dtype=float),
        dims=("region", "sector"),
        coords={"region": table.index.tolist(), "sector": table.columns.tolist()},
    )
    return array.reindex(region=like["region"], sector=like["sector"])


def _cells(array: xr.DataArray) -> list[tuple[str, str, float]]:
    """Cells [region, sector] that are not zero: labels and value."""
    array = array.transpose("region", "sector")
    regions, sectors = array["region"].values, array["sector"].values
    return [(str(regions[r]), str(sectors[s]), float(array.values[r, s])) for r, s in np.argwhere(array.values != 0)]


def _industries(table: xr.Dataset, name: str) -> xr.DataArray:
    """Columns of the importers' industries, the column's axis named `sector` where it is free."""
    return table[name].sel(user=table["sector"].values)


def _output(table: xr.Dataset) -> xr.DataArray:
    return table["use"].sum(("importer", "user")).rename(exporter="region")


def _value_added(table: xr.Dataset) -> xr.DataArray:
    """Output less purchases and taxes on them [region, sector]: exact, where the source is float32."""
    bought = _industries(table, "use").sum(("exporter", "sector")) + _industries(table, "tax")
    return _output(table) - bought.rename(importer="region", user="sector")


def raise_value_added(table: xr.Dataset, floor: float, log: Log) -> xr.Dataset:
    """Move inputs of industries with too little value added to investment in the same goods."""
    output, added = _output(table), _value_added(table)
    for region, sector, _ in _cells((output <= 0).astype(float)):
        log.add(
            "industry without output",
            f"{region} {sector}",
            "all zero",
            "neither output nor inputs nor exports: every account of the industry is zero",
        )
    short = (floor * output - added).where((added < floor * output) & (output > 0), 0.0)
    bought = _industries(table, "use").sum(("exporter", "sector"))
    cut = short.rename(region="importer", sector="user") / bought.where(bought > 0)
    moved = _industries(table, "use") * cut.fillna(0.0)
    use = table["use"].copy()
    use.loc[{"user": moved["user"].values}] -= moved
    use.loc[{"user": "I"}] += moved.sum("user")
    for region, sector, amount in _cells(short):
        cell = {"region": region, "sector": sector}
        before = float(added.sel(cell)) / float(output.sel(cell))
        log.add(
            "value added raised",
            f"{region} {sector}",
            money(amount),
            f"it was {before:.2%} of output; inputs beyond {1 - floor:.0%} go to investment (stocks) "
            "in the same goods from the same origins",
        )
    return table.assign(use=use)


def purchases_abroad(table: xr.Dataset, log: Log) -> xr.Dataset:
    """Give residents' direct purchases abroad to their consumption, with the tax paid on them."""
    amount = float(table["use"].sel(user="Cx").sum())
    log.add(
        "direct purchases abroad (column Cx)",
        "all countries",
        money(amount),
        "what residents buy abroad is their households' consumption of imports; the tax on it "
        f"({money(float(table['tax'].sel(user='Cx').sum()))}) stays in the same country, as in its GDP",
    )
    moved = {}
    for name in ("use", "tax"):
        array = table[name].copy()
        array.loc[{"user": "C"}] += array.sel(user="Cx", drop=True)
        moved[name] = array.drop_sel(user="Cx")
    return xr.Dataset(moved)


def accounts_of(
    table: xr.Dataset,
    tariff: xr.DataArray,
    shared: Path,
    log: Log,
    *,
    valuation: xr.DataArray | None = None,
    places: pd.DataFrame | None = None,
) -> xr.Dataset:
    """Lay the table out in the benchmark's accounts, tariff revenue carved out of product taxes.

    `valuation` is the customs value over the value of a flow [exporter, importer, sector], one if not given;
    `places` the map of countries with their proxies, `sources.regions` if not given.
    """
    regions = [str(r) for r in table["importer"].values]
    sectors = [str(s) for s in table["sector"].values]
    tariff = tariff.reindex(exporter=regions, importer=regions, sector=sectors)
    foreign = table["use"].where(table["exporter"] != table["importer"], 0.0)
    base = xr.ones_like(foreign.sum("user")) if valuation is None else valuation.reindex_like(foreign.sum("user"))
    duty = (foreign * (base * tariff.sum("layer"))).sum("exporter")
    tax = (table["tax"] - duty.sum("sector")).rename(importer="region")
    log.add(
        "tariff revenue carved out of product taxes",
        "all countries",
        money(float(duty.sum())),
        "the tax rows contain it; it goes to users by what they import, and every user's total bill is unchanged",
    )
    for region in regions:
        revenue, taxes = float(duty.sel(importer=region).sum()), float(table["tax"].sel(importer=region).sum())
        if revenue > taxes:
            log.add(
                "tariff revenue above all product taxes",
                region,
                f"{revenue:,.0f} against {taxes:,.0f} million USD",
                "statutory rates overstate what is collected; the rest of the tax rows becomes a subsidy",
            )
    composite = _net_inventories((table["use"].sum("exporter") + duty).rename(importer="region"), log)
    final, final_tax = _split_consumption(composite, tax, shared, places)
    intermediate = composite.sel(user=sectors).rename(sector="input", user="sector")
    bill = intermediate.sum("input")
    rate = (tax.sel(user=sectors).rename(user="sector") / bill.where(bill > 0)).fillna(0.0)
    domestic = (table["use"] - foreign).sum(("exporter", "user")).rename(importer="region")
    added = _values(_value_added(table), "region", "sector")
    unsplit = np.stack([added, *[np.zeros_like(added)] * (len(FACTORS) - 1)], axis=1)
    return assemble(
        regions,
        sectors,
        layer=[str(x) for x in tariff["layer"].values],
        domestic=_values(domestic, "region", "sector"),
        trade=_values(foreign.sum("user"), "exporter", "importer", "sector"),
        tariff=_values(tariff, "layer", "exporter", "importer", "sector"),
        valuation=_values(base, "exporter", "importer", "sector"),
        intermediate=_values(intermediate, "region", "input", "sector"),
        intermediate_tax=_values(intermediate * rate, "region", "input", "sector"),
        final=_values(final, "region", "sector", "agent"),
        final_tax=_values(final_tax, "region", "sector", "agent"),
        factor_income=unsplit,
    )


def _values(array: xr.DataArray, *dims: str) -> npt.NDArray[np.float64]:
    return np.asarray(array.transpose(*dims).values, dtype=float)


def _net_inventories(composite: xr.DataArray, log: Log) -> xr.DataArray:
    """Meet negative stock changes out of consumption of the same good."""
    stocks = composite.sel(user="I", drop=True)
    drawn = -stocks.clip(max=0.0)
    consumption = composite.sel(user="C", drop=True)
    if bool((drawn > 0.5 * consumption).any()):
        raise ValueError("a negative stock change exceeds half of consumption; revise this repair")
    result = composite.copy()
    result.loc[{"user": "I"}] = stocks.clip(min=0.0)
    result.loc[{"user": "C"}] = consumption - drawn
    for region, sector, amount in _cells(drawn):
        log.add(
            "negative investment (stock change) met from consumption",
            f"{region} {sector}",
            money(amount),
            "after netting with investment in the same good, imports included; saving rises by the same amount",
        )
    return result


def _split_consumption(
    composite: xr.DataArray, tax: xr.DataArray, shared: Path, places: pd.DataFrame | None = None
) -> tuple[xr.DataArray, xr.DataArray]:
    """Split consumption into household and government by product, and the tax on it."""
    raw = sources.government_share(shared)
    share = _frame(pd.DataFrame({s: _by_proxy(raw[s], "government_from", places) for s in raw}), composite)
    ratio = _by_proxy(sources.government_tax_ratio(shared), "government_from", places).clip(0.0, 1.0)
    weight = xr.DataArray(ratio.to_numpy(), dims="region", coords={"region": ratio.index.tolist()})
    consumption = composite.sel(user="C", drop=True)
    private, public = consumption * (1 - share), consumption * share
    investment = composite.sel(user="I", drop=True)
    agent = pd.Index(["C", "G", "I"], name="agent")
    final = xr.concat([private, public, investment], agent)
    paid = tax.sel(user="C", drop=True) / (private.sum("sector") + weight * public.sum("sector"))
    other = tax.sel(user="I", drop=True) / investment.sum("sector")
    return final, final * xr.concat([paid, paid * weight, other], agent)


def _by_proxy(values: pd.Series, column: str, places: pd.DataFrame | None = None) -> pd.Series:
    """Give every country the mean of the values of the countries that its row in regions.csv names.

    The mean of all values stands in where none of them has one.
    """
    proxies = (sources.regions() if places is None else places)[column].str.split()
    filled = {str(country): values.reindex(names).mean() for country, names in proxies.items()}
    return pd.Series(filled).fillna(values.mean())


def _labour_shares(
    shared: Path, conventions: Conventions, log: Log, places: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Labour's share of value added [country, sector], 28 sectors, all countries."""
    raw = sources.labour_income(shared)
    total = raw.sum("factor")
    share = raw.sel(factor="LAB", drop=True) / total.where(total > 0)
    others = share.drop_sel(country="KOR").mean("country")
    for sector in SELF_EMPLOYED:
        cell = {"country": "KOR", "sector": sector}
        before, after = float(share.sel(cell)), float(others.sel(sector=sector))
        share.loc[cell] = after
        log.add(
            "labour share replaced",
            f"KOR {sector}",
            f"{before:.2f} to {after:.2f}",
            "the Korean source counts employees only, and many here are self-employed; mean of the other five",
        )
    share = share.clip(*conventions.labour_bounds)
    group = {str(k): str(v) for k, v in sources.sectors()["s28"].items()}
    # Korea alone has some sectors (STL and NFM, ...) apart; where a country lacks one, its weight is zero.
    labour = merge((share * total).fillna(0.0), "sector", group)
    weight = merge(total.fillna(0.0), "sector", group)
    ratio = (labour / weight.where(weight > 0)).transpose("country", "sector")
    countries = [str(c) for c in ratio["country"].values]
    columns = {str(s): pd.Series(ratio.sel(sector=s).values, index=countries) for s in ratio["sector"].values}
    return pd.DataFrame({sector: _by_proxy(share, "labour_from", places) for sector, share in columns.items()})


def with_factors(
    data: xr.Dataset, shared: Path, conventions: Conventions, log: Log, places: pd.DataFrame | None = None
) -> xr.Dataset:
    """Split value added into labour, capital, land and natural resources."""
    labour = _frame(_labour_shares(shared, conventions, log, places), data)
    specific = xr.zeros_like(data["factor_income"])
    specific.loc[{"factor": "LND", "sector": "AGR"}] = conventions.land_share
    specific.loc[{"factor": "NAT", "sector": "ENE"}] = conventions.energy_resource_share
    specific.loc[{"factor": "NAT", "sector": "MIN"}] = conventions.mining_resource_share
    added = data["factor_income"].sum("factor")
    rest = added * (1 - labour)
    income = specific * rest
    income.loc[{"factor": "LAB"}] = added * labour
    income.loc[{"factor": "CAP"}] = rest * (1 - specific.sum("factor"))
    return data.assign(factor_income=income)


def without_specks(data: xr.Dataset, threshold: float, log: Log) -> xr.Dataset:
    """Drop the smallest trade flows."""
    data, lost = prune(data, threshold)
    log.add(
        f"trade flows under {threshold:g} million USD dropped",
        f"{int(lost['count']):,} flows",
        money(float(lost["value"])),
        "artefacts of splitting sectors that only burden the solver; the exporter's final users take the goods",
    )
    return data
