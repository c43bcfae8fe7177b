"""Excise on refined fuels: an estimate, where a table spreads taxes on products over all that a user buys.

Such a table has what every user pays in taxes on products, not on which. With one rate on all, fuels look untaxed, and
a price of CO2 raises what their users pay by too much. Here refined fuels bear what excise per litre and the shares of
road fuels say, and the other goods of the same user that much less: no total of any user moves.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from .benchmark import Benchmark
from .contents import Contents
from .energy import PRODUCTS
from .table import DATA

TABLE = DATA / "fuel_excise.csv"
OTHERS, UNION = "others", "EU"

PRICE = 0.85
"""USD a litre of road fuel before taxes in 2022, in round numbers: crude at 0.62, refining and delivery."""

ROAD = {"households": 0.9, "TRN": 0.6, "CHM": 0.0, "PET": 0.0, "ENE": 0.0, "UTL": 0.0}
"""Share of road fuels in what a user buys of refined fuels, by product that it makes; ships and aircraft pay no excise,
nor does feedstock. Assumptions in round numbers."""
ROAD_ELSEWHERE = 0.4


def with_excise(benchmark: Benchmark, scale: float = 1.0) -> Benchmark:
    """The benchmark with the taxes of every user moved to refined fuels, as far as excise says.

    Args:
        benchmark: with a sector that makes refined fuels alone; million USD.
        scale: times the estimate, to see how much it matters.

    Returns:
        The same flows; taxes on inputs and on household demand by good differ, their sums by user do not. Where a user
        pays less in taxes on products than the excise, refined fuels bear all of it. Without such a sector, the same.
    """
    data, contents = benchmark.data, benchmark.contents
    fuels = [s for s in benchmark.sectors if contents.products(s) and contents.products(s) <= PRODUCTS["refined_fuel"]]
    if not fuels:
        return benchmark
    rate = scale * _rates(contents, benchmark.regions) / PRICE
    road = xr.DataArray([_road(contents, s) for s in benchmark.sectors], coords={"sector": benchmark.sectors})
    inputs = _moved(data["intermediate_tax"], data["intermediate"], rate * road, "input", fuels)
    home = data["final_tax"].sel(agent="C")
    of_home = _moved(home, data["final"].sel(agent="C"), rate * ROAD["households"], "sector", fuels)
    final = xr.where(data["agent"] == "C", of_home, data["final_tax"]).transpose(*data["final_tax"].dims)
    told = (
        f"{data.attrs.get('notes', '')} Taxes on products of each user moved to refined fuels by an estimate of excise."
    )
    changed = data.assign(
        intermediate_tax=inputs.transpose(*data["intermediate_tax"].dims).assign_attrs(data["intermediate_tax"].attrs),
        final_tax=final.assign_attrs(data["final_tax"].attrs),
    )
    return Benchmark(changed.assign_attrs(notes=told.strip()))


def _moved(tax: xr.DataArray, bought: xr.DataArray, rate: xr.DataArray, axis: str, fuels: list[str]) -> xr.DataArray:
    """Taxes of a user by good, those on fuels at the excise, as far as all its taxes suffice; the sum is kept."""
    is_fuel = tax[axis].isin(fuels)
    on_fuel = (tax * is_fuel).sum(axis)
    whole = tax.sum(axis)
    wanted = (rate * bought * is_fuel).sum(axis)
    aim = xr.where(wanted > whole, whole, wanted)
    aim = xr.where(aim > on_fuel, aim, on_fuel)
    share = (bought * is_fuel) / (bought * is_fuel).sum(axis).where(lambda x: x > 0.0, 1.0)
    others = whole - on_fuel
    left = ((whole - aim) / others.where(others > 0.0, 1.0)).where(others > 0.0, 1.0)
    aim = aim.where(others > 0.0, on_fuel)
    return xr.where(is_fuel, share * aim, tax * left)


def _road(contents: Contents, sector: str) -> float:
    held = contents.products(sector)
    return float(np.mean([ROAD.get(product, ROAD_ELSEWHERE) for product in held])) if held else ROAD_ELSEWHERE


def _rates(contents: Contents, regions: list[str]) -> xr.DataArray:
    """Excise [region], USD a litre: the mean over the countries of a region."""
    table = pd.read_csv(TABLE, comment="#", index_col="country")["usd_a_litre"]
    union = _union()

    def of(country: str) -> float:
        if country in table.index:
            return float(table[country])
        return float(table[UNION if country in union else OTHERS])

    known = {region: sorted(contents.countries(region)) for region in regions}
    means = [float(np.mean([of(c) for c in known[r]])) if known[r] else float(table[OTHERS]) for r in regions]
    return xr.DataArray(means, coords={"region": regions})


def _union() -> frozenset[str]:
    """Members of the European Union, as the map of regions has them."""
    where = pd.read_csv(DATA / "regions.csv", comment="#", index_col="country", keep_default_na=False)
    return frozenset(str(c) for c in where.index[where["r29"] == "EU27"])
