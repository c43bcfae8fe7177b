"""Carbon: a price on the emissions of production, and a charge at the border on those of imports."""

from __future__ import annotations

from typing import Literal, Self

import xarray as xr
from pydantic import Field, model_validator

from cge.parameters import Parameters
from cge.scenarios.names.vocabulary import Selector, Shock

from .cells import selector_faults
from .levels import FLOW, Levels, Where

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


class CarbonPrice(Shock):
    """A price on the CO2 that industries emit.

    Attributes:
        carbon_price: USD a tonne of CO2, in units of the world factor price, on top of earlier ones.
        regions: where; must be given.
        sectors: which industries; all if not given.
        rebate: exports to regions that `regions` does not name get the charge back.
    """

    carbon_price: float = Field(ge=-DEAREST, le=DEAREST)
    regions: Selector
    rebate: bool = False

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

    def apply(self, levels: Levels, where: Where) -> None:
        """Charge output, or add its faults to those found."""
        weight, sound = levels.weights(self, ("region", "sector"), where)
        if not sound:
            return
        e = intensity(levels.parameters)
        if not bool((weight * e > 0).any()):
            levels.found.fault(where(), "the benchmark has no emissions there; use one with emissions, or other labels")
            return
        price = self.carbon_price * weight
        levels.carbon = levels.carbon + price
        levels.levels["to_unit"] = levels.level("to_unit") + THOUSAND * price * e
        if self.rebate:
            outside = 1.0 - levels.world.weights(self.regions, "importer", where("regions"), levels.found)
            back = (THOUSAND * price * e).rename(region="exporter") * outside
            there = levels.exists("te")
            levels.levels["te_unit"] = (levels.level("te_unit") - back).where(there, 0.0).transpose(*FLOW)


class BorderCarbon(Shock):
    """A charge on imports by the CO2 of their production; its revenue is the importer's.

    Attributes:
        border_carbon: USD a tonne of CO2, in units of the world factor price, on top of earlier ones.
        importers: members, who charge; what they sell to each other is exempt. Must be given.
        exporters: whom they charge; all who are no members if not given.
        sectors: which goods; all if not given.
        scope: direct (what the industry emits), or electricity (and what the utilities emit for it).
        deduct: the exporter's own carbon price is taken off.
    """

    border_carbon: float = Field(gt=0.0, le=DEAREST)
    scope: Literal["direct", "electricity"] = "direct"
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

    def apply(self, levels: Levels, where: Where) -> None:
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
        e = (intensity if self.scope == "direct" else with_electricity)(p)
        embodied = (price * e).rename(region="exporter") * p.data["trade"]
        cif = p.data["duty_paid"] / (1.0 + p.data["tm0"])
        charge = THOUSAND * weight * embodied / cif.where(cif != 0.0, 1.0)
        if not bool((weight * e.rename(region="exporter") > 0).any()):
            levels.found.fault(where(), f"the benchmark has no such emissions{levels.nothing(self)}")
            return
        levels.levels["tm_unit"] = (levels.level("tm_unit") + charge).transpose(*FLOW)
