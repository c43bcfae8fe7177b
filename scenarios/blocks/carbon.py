"""A price on the CO2 of industries and households, and what of it exports get back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Self

import xarray as xr
from pydantic import Field, model_validator

from cge.embodied import intensity, with_all_inputs, with_electricity
from cge.equations.structures import BLOCKS
from cge.parameters import Parameters
from cge.scenarios.names.vocabulary import Selector, Shock

from .instrument import selector_faults
from .instrument_values import FLOW, InstrumentValues, Where

ENERGY, CO2_BY_FUEL = BLOCKS["energy"], BLOCKS["carbon"]

DEAREST = 100_000.0
"""Largest price of a tonne of CO2, USD."""

THOUSAND = 1e-3
"""USD a tonne times kilotonnes in million USD."""


Scope = Literal["direct", "electricity", "full"]

CONTENTS: Mapping[Scope, Callable[[Parameters, xr.DataArray], xr.DataArray]] = {
    "direct": lambda _, direct: direct,
    "electricity": with_electricity,
    "full": with_all_inputs,
}
"""What counts as the content of a good: from that of its industry's output [region, sector], the whole."""


def lacks_power(parameters: Parameters, scope: Scope) -> str:
    """Why a scope cannot be counted; empty if it can."""
    sells = parameters.given.get("electricity")
    if scope != "electricity" or (sells is not None and bool((sells > 0.0).any())):
        return ""
    return "no sector of the benchmark sells electricity alone; use scope direct or full"


def on_fuels(levels: InstrumentValues) -> None:
    """Bring the nest of energy and CO2 by fuel into the structure, if they are not there."""
    levels.bring(ENERGY, CO2_BY_FUEL)


def no_fuels(known: Mapping[str, xr.DataArray]) -> str:
    """Why a benchmark has no CO2 by fuel; empty if it has.

    Args:
        known: which sectors make what, by role, as `Parameters.given` has it.
    """
    makers = [known.get(role) for role in ("primary_fuel", "refined_fuel")]
    if any(maker is not None and bool((maker > 0.0).any()) for maker in makers):
        return ""
    return (
        "no sector of the benchmark makes fuels alone (coal, oil and gas; refined fuels), so nothing is known of CO2 "
        "by fuel; use world2022-29x28, or say in the contents which sectors make ENE and PET (docs/energy.md)"
    )


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

    It falls on fuels by their content and on processes by output, or, where a benchmark does not know its fuels, on
    output in proportion to emissions.

    Attributes:
        carbon_price: USD a tonne of CO2, in units of the world factor price, on top of earlier ones.
        regions: where; must be given.
        sectors: which industries; all if not given.
        rebate: exports to regions that `regions` does not name get back what was paid for them: by the industry itself
            (true, or direct), also for its electricity, or for all of its inputs (full).
        fuels: the price falls on fuels: the blocks `energy` and `carbon` join the structure, as under the closure
            `energy`. Where the benchmark has sectors of fuels, if not given; false for output.
        households: they pay it too, for the fuels that they burn.
        output_based: per cent of an industry's emissions of the benchmark for which it gets free allowances with
            each unit of output.
    """

    carbon_price: float = Field(ge=-DEAREST, le=DEAREST)
    regions: Selector
    rebate: bool | Scope = False
    fuels: bool | None = None
    households: bool = False
    output_based: float = Field(default=0.0, ge=0.0, le=100.0)

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
        """Charge fuels or output, or add its faults to those found."""
        weight, sound = levels.weights(self, ("region", "sector"), where)
        if not sound:
            return
        lacking = no_fuels(levels.parameters.given)
        if self.fuels and lacking:
            levels.found.fault(where("fuels"), lacking)
            return
        if self.fuels is not False and not lacking:
            on_fuels(levels)
        if self.households and not by_fuel(levels):
            told = lacking or "write fuels: true, or leave fuels out"
            levels.found.fault(where("households"), f"households pay for the fuels that they burn: {told}")
            return
        e = intensity(levels.parameters)
        if not bool((weight * e > 0).any()):
            levels.found.fault(where(), "the benchmark has no emissions there; use one with emissions, or other labels")
            return
        price = self.carbon_price * weight
        levels.carbon = levels.carbon + price
        if by_fuel(levels):
            self._on_fuels(levels, price, where)
        else:
            paid = price * (1.0 - self.output_based / 100.0)
            levels.levels["to_unit"] = levels.level("to_unit") + THOUSAND * paid * e
            if lacking:
                levels.found.note(f"the price falls on output, whose fuels nobody can replace: {lacking}")
        if self.rebate:
            self._give_back(levels, price, where)

    def _on_fuels(self, levels: InstrumentValues, price: xr.DataArray, where: Where) -> None:
        """Add the price [region, sector] to those of before, and weigh the allowances by output with the prices."""
        home = self.carbon_price * levels.world.weights(self.regions, "region", where("regions"), levels.found)
        now, before = levels.level("co2"), levels.level("co2") * levels.level("covered")
        at_home = now * levels.level("covered_home") + home * float(self.households)
        cover(levels, before + price, at_home)
        whole = before + price
        free = before * levels.level("by_output") + price * (self.output_based / 100.0)
        share = (free / whole.where(whole != 0.0, 1.0)).where(whole != 0.0, 0.0)
        if bool((share != 0.0).any()):
            levels.levels["by_output"] = share.transpose("region", "sector")

    def _give_back(self, levels: InstrumentValues, price: xr.DataArray, where: Where) -> None:
        """Pay exports to others what was paid for them [region, sector], million USD a million USD."""
        scope: Scope = "direct" if self.rebate is True else self.rebate or "direct"
        outside = 1.0 - levels.world.weights(self.regions, "importer", where("regions"), levels.found)
        net = price * (1.0 - self.output_based / 100.0) * intensity(levels.parameters)
        if scope != "direct" and (lacking := lacks_power(levels.parameters, scope)):
            levels.found.fault(where("rebate"), lacking)
            return
        paid = CONTENTS[scope](levels.parameters, net)
        back = (THOUSAND * paid).rename(region="exporter") * outside
        there = levels.exists("te")
        levels.levels["te_unit"] = (levels.level("te_unit") - back).where(there, 0.0).transpose(*FLOW)
