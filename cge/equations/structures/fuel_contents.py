"""How much CO2 is in a dollar of each fuel: contents that meet the account of every industry and household.

No account says which fuel an industry burns. Fuels hold CO2 in one ratio all over the world, at the level at which the
world's purchases hold the world's CO2; every emitter is then scaled to its own account within bounds, and what is
beyond them is of processes, or of all that a household buys.
"""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

REFINED, PRIMARY, PIPED = 5.0, 20.0, 8.0
"""CO2 in a dollar of refined fuels; of coal, oil and gas; and of what industries buy from utilities that pipe gas, at
most. Only how they stand to each other counts: their level is that at which the world's fuels hold the world's CO2.
The first two are tonnes for 1,000 USD in 2020, the third half of a dollar's gas."""
DENSEST, DENSEST_POWER = 3.0, 7.5
"""How many times the world's content fuels may have, in industry and in power stations; what is left is process."""


def contents(given: Mapping[str, xr.DataArray]) -> tuple[xr.DataArray, xr.DataArray]:
    """How CO2 in a dollar of one good stands to that of others: industries' inputs [region, input, sector], and goods
    that households buy [region, sector]. Refineries do not burn the crude oil that they refine."""
    primary, refined = given["primary_fuel"], given["refined_fuel"]
    burns = 1.0 - (refined > 0.0)
    as_inputs = PRIMARY * primary.rename(sector="input") * burns + REFINED * refined.rename(sector="input")
    return as_inputs, PRIMARY * primary + REFINED * refined


def world_level(bought: xr.DataArray, private: xr.DataArray, co2: float, given: Mapping[str, xr.DataArray]) -> float:
    """The level of contents at which the world's fuels hold the world's CO2 of fuels.

    Args:
        bought: by industries [region, input, sector], million USD.
        private: by households [region, sector], million USD.
        co2: of all industries without processes, and of households, kt.
        given: which sectors make fuels.
    """
    by_input, by_good = contents(given)
    world = float((bought.clip(min=0.0) * by_input).sum() + (private.clip(min=0.0) * by_good).sum())
    return co2 / world if world > 0.0 else 0.0


def burnt(
    bought: xr.DataArray, of_fuels: xr.DataArray, given: Mapping[str, xr.DataArray], level: float
) -> xr.DataArray:
    """CO2 from each input [region, input, sector], kt, so that with processes every industry's account is met.

    Fuels at the world's content are scaled down to the account. What the account has beyond them is first gas bought
    from utilities, up to a bound, then a higher content of the fuels, up to a bound; the rest is of processes.
    """
    electric = given["electricity"].rename(sector="input")
    sells = 1.0 - (given["electricity"] > 0.0)
    at_world = bought * level * contents(given)[0]
    fuels = at_world.sum("input")
    first = smaller(fuels, of_fuels)
    pipes = (bought * electric).sum("input") * sells
    piped = smaller(level * PIPED * pipes, of_fuels - first)
    room = ((DENSEST - 1.0) * sells + (DENSEST_POWER - 1.0) * (1.0 - sells)) * fuels
    denser = smaller(room, of_fuels - first - piped)
    return bought * electric * ratio(piped, pipes) + at_world * ratio(first + denser, fuels)


def burnt_at_home(
    bought: xr.DataArray, emitted: xr.DataArray, given: Mapping[str, xr.DataArray], level: float
) -> xr.DataArray:
    """CO2 from each good that households buy [region, sector], kt, so that every account is met.

    As with industries: fuels at the world's content, then gas from utilities, then denser fuels, each up to its bound.
    What the account has beyond them, from fuels that nobody sells, goes with all that households buy.
    """
    electric = given["electricity"]
    at_world = bought * level * contents(given)[1]
    fuels, pipes = at_world.sum("sector"), (bought * electric).sum("sector")
    first = smaller(fuels, emitted)
    piped = smaller(level * PIPED * pipes, emitted - first)
    denser = smaller((DENSEST - 1.0) * fuels, emitted - first - piped)
    rest = emitted - first - piped - denser
    goods = bought.sum("sector")
    return (
        at_world * ratio(first + denser, fuels) + bought * electric * ratio(piped, pipes) + ratio(bought, goods) * rest
    )


def smaller(one: xr.DataArray, other: xr.DataArray) -> xr.DataArray:
    """The smaller of two, cell by cell."""
    return one.where(one < other, other)


def ratio(part: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    """Part over whole; zero where there is nothing."""
    return (part / whole.where(whole != 0.0, 1.0)).where(whole != 0.0, 0.0)
