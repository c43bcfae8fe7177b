"""Carbon: a price on the emissions of production, and a charge at the border on those of imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Self

import numpy as np
import xarray as xr
from pydantic import Field, model_validator

from cge.equations.structures import BLOCKS
from cge.parameters import Parameters
from cge.scenarios.names.vocabulary import Selector, Shock

from .instrument import selector_faults
from .instrument_values import FLOW, InstrumentValues, Where

ENERGY, CO2_BY_FUEL = BLOCKS["energy"], BLOCKS["carbon"]

UTILITIES = "UTL"
"""Sector that sells electricity."""

DEAREST = 100_000.0
"""Largest price of a tonne of CO2, USD."""

THOUSAND = 1e-3
"""USD a tonne times kilotonnes in million USD."""


def intensity(parameters: Parameters) -> xr.DataArray:
    """CO2 of production per unit of output [region, sector], kt per million USD of the benchmark."""
    output = parameters.data["output"]
    return (parameters.data["emissions0"] / output.where(output > 0.0)).fillna(0.0)


def with_electricity(parameters: Parameters) -> xr.DataArray:
    """As `intensity`, with the emissions of the utilities in what each industry buys of them."""
    p = parameters.data
    bought = p["input_use"].sel(input=UTILITIES, drop=True) / p["output"].where(p["output"] > 0.0)
    of_utilities = intensity(parameters).sel(sector=UTILITIES, drop=True)
    made = intensity(parameters) + (bought * of_utilities).fillna(0.0)
    return made.where(made["sector"] != UTILITIES, intensity(parameters))


def embodied(parameters: Parameters) -> xr.DataArray:
    """CO2 of production with that of all inputs, of all regions, per unit of output [region, sector], as `intensity`.

    Source: Miller and Blair (2009), "Input-output analysis: foundations and extensions", ch. 10.
    """
    p = parameters.data
    regions, sectors = p.sizes["region"], p.sizes["sector"]
    bought = (p["input_use"] / p["output"].where(p["output"] > 0.0)).fillna(0.0).transpose("region", "input", "sector")
    composite = p["absorption"].where(p["absorption"] > 0.0)
    origin = (p["trade"] / composite.rename(region="importer")).fillna(0.0)
    at_home = (p["domestic"] / composite).fillna(0.0)
    from_ = origin.transpose("exporter", "importer", "sector").values.copy()
    for r in range(regions):
        from_[r, r] += at_home.transpose("region", "sector").values[r]
    # inputs of good g from region i in an industry s of region r
    needs = np.einsum("irg,rgs->igrs", from_, bought.values).reshape(regions * sectors, regions * sectors)
    direct = intensity(parameters).transpose("region", "sector")
    whole = np.linalg.solve(np.eye(regions * sectors) - needs.T, direct.values.ravel())
    return direct.copy(data=whole.reshape(regions, sectors))


def on_fuels(levels: InstrumentValues) -> None:
    """Bring the nest of energy and CO2 by fuel into the structure, if they are not there."""
    levels.parameters = levels.parameters.including((ENERGY, CO2_BY_FUEL))


def by_fuel(levels: InstrumentValues) -> bool:
    """Whether the structure has CO2 by fuel, so that its price falls on fuels."""
    return "co2" in levels.parameters.structure.held


def cover(levels: InstrumentValues, industries: xr.DataArray, households: xr.DataArray) -> None:
    """Set the price of CO2 of every region and what share of it who pays.

    Args:
        levels: to change.
        industries, households: USD a tonne [region, sector], [region].
    """
    both = xr.concat(
        [industries.transpose("region", "sector"), households.expand_dims(sector=["home"], axis=1)], "sector"
    )
    price = both.isel(sector=abs(both).argmax("sector")).drop_vars("sector")
    there = price != 0.0
    divisor = price.where(there, 1.0)
    levels.levels["co2"] = price
    levels.levels["covered"] = (industries / divisor).where(there, 1.0).transpose("region", "sector")
    levels.levels["covered_home"] = (households / divisor).where(there, 1.0)


def covering(levels: InstrumentValues, weight: xr.DataArray) -> xr.DataArray:
    """Let industries of some weight [region, sector], and nobody else there, pay what a swap makes of the price.

    Returns:
        The move of the price of every region [region].
    """
    priced = weight.max("sector")
    levels.levels["covered"] = weight.where(priced > 0.0, levels.level("covered")).transpose("region", "sector")
    levels.levels["covered_home"] = levels.level("covered_home").where(priced <= 0.0, 0.0)
    return priced


class CarbonPrice(Shock):
    """A price on the CO2 that industries emit, and households if asked.

    It falls on output in proportion to emissions, or, where the structure has CO2 by fuel, on fuels by their content
    and on processes by output.

    Attributes:
        carbon_price: USD a tonne of CO2, in units of the world factor price, on top of earlier ones.
        regions: where; must be given.
        sectors: which industries; all if not given.
        rebate: exports to regions that `regions` does not name get the charge back.
        fuels: bring in the blocks `energy` and `carbon` of the structure, as the closure `energy` does.
        households: they pay it too, for the fuels that they burn.
    """

    carbon_price: float = Field(ge=-DEAREST, le=DEAREST)
    regions: Selector
    rebate: bool = False
    fuels: bool = False
    households: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if faults := selector_faults(self, "carbon_price", ("region", "sector")):
            raise ValueError("; ".join(faults))
        return self

    @property
    def overwrites(self) -> bool:
        """It adds to what is there."""
        return False

    def __str__(self) -> str:
        back = ", rebated on exports" if self.rebate else ""
        named = f"regions {self.regions}; sectors {self.selector('sectors')}"
        return f"carbon price of {self.carbon_price:g} USD a tonne{back}: {named}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Charge output, or add its faults to those found."""
        weight, sound = levels.weights(self, ("region", "sector"), where)
        if not sound:
            return
        if self.fuels:
            on_fuels(levels)
        if self.households and not by_fuel(levels):
            told = "households pay a price of carbon for the fuels that they burn; write fuels: true"
            levels.found.fault(where("households"), f"{told}, or use --closure energy")
            return
        e = intensity(levels.parameters)
        if not bool((weight * e > 0).any()):
            levels.found.fault(where(), "the benchmark has no emissions there; use one with emissions, or other labels")
            return
        price = self.carbon_price * weight
        levels.carbon = levels.carbon + price
        if by_fuel(levels):
            home = self.carbon_price * levels.world.weights(self.regions, "region", where("regions"), levels.found)
            now = levels.level("co2")
            cover(
                levels,
                now * levels.level("covered") + price,
                now * levels.level("covered_home") + home * float(self.households),
            )
        else:
            levels.levels["to_unit"] = levels.level("to_unit") + THOUSAND * price * e
        if self.rebate:
            outside = 1.0 - levels.world.weights(self.regions, "importer", where("regions"), levels.found)
            back = (THOUSAND * price * e).rename(region="exporter") * outside
            there = levels.exists("te")
            levels.levels["te_unit"] = (levels.level("te_unit") - back).where(there, 0.0).transpose(*FLOW)


CONTENTS: Mapping[str, Callable[[Parameters], xr.DataArray]] = {
    "direct": intensity,
    "electricity": with_electricity,
    "full": embodied,
}
"""What a border carbon charge counts, by its scope."""


class BorderCarbon(Shock):
    """A charge on imports by the CO2 of their production; its revenue is the importer's.

    Attributes:
        border_carbon: USD a tonne of CO2, in units of the world factor price, on top of earlier ones.
        importers: members, who charge; what they sell to each other is exempt. Must be given.
        exporters: whom they charge; all who are no members if not given.
        sectors: which goods; all if not given.
        scope: direct (what the industry emits), electricity (and what the utilities emit for it), or full (and what all
            of its inputs did, by input-output analysis).
        deduct: the exporter's own carbon price is taken off.
    """

    border_carbon: float = Field(gt=0.0, le=DEAREST)
    scope: Literal["direct", "electricity", "full"] = "direct"
    deduct: bool = True

    @property
    def overwrites(self) -> bool:
        """It adds to what is there."""
        return False

    def __str__(self) -> str:
        less = ", less the exporter's own price" if self.deduct else ""
        flows = f"importers {self.importers}; exporters {self.exporters or 'who are no members'}"
        what = f"border carbon charge of {self.border_carbon:g} USD a tonne ({self.scope}{less})"
        return f"{what}: {flows}; sectors {self.selector('sectors')}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Charge imports, or add its faults to those found."""
        if self.importers is None:
            levels.found.fault(where(), "a border carbon charge needs importers; name the members")
            return
        weight, sound = levels.weights(self, FLOW, where)
        p = levels.parameters
        if self.scope == "electricity" and UTILITIES not in p.labels["sector"]:
            levels.found.fault(where("scope"), f"the benchmark has no sector {UTILITIES} of its own; use scope: direct")
            return
        if not sound:
            return
        members = levels.world.weights(self.importers, "exporter", where("importers"), levels.found)
        weight = (weight * (1.0 - members)).where(levels.exists("tm"), 0.0)
        price = xr.full_like(levels.carbon, self.border_carbon)
        if self.deduct:
            price = (price - levels.carbon).clip(min=0.0)
        e = CONTENTS[self.scope](p)
        embodied = (price * e).rename(region="exporter") * p.data["trade"]
        cif = p.data["duty_paid"] / (1.0 + p.data["tm0"])
        charge = THOUSAND * weight * embodied / cif.where(cif != 0.0, 1.0)
        if not bool((weight * e.rename(region="exporter") > 0).any()):
            levels.found.fault(where(), f"the benchmark has no such emissions{levels.nothing(self)}")
            return
        levels.levels["tm_unit"] = (levels.level("tm_unit") + charge).transpose(*FLOW)
