"""A carbon market: emissions of regions are capped, each by itself or with permits that are traded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

import xarray as xr
from pydantic import Field, model_validator

from cge.scenarios.names.vocabulary import Selector, Shock
from cge.swaps import Swap

from .carbon import on_fuels
from .instrument import selector_faults
from .instrument_values import InstrumentValues, Where

CARBON = "carbon_price"
"""What gives way under a cap, in a user's words."""

Cut = Annotated[float, Field(gt=-100.0, lt=100.0)]


class CarbonMarket(Shock):
    """Caps on the CO2 of those who are covered, and the price that keeps them.

    It brings CO2 by fuel and the nest of energy into the structure, as the closure `energy` does. Allowances are what
    is left of benchmark emissions after the cut; governments sell them, or spend what they are worth, so that income of
    the region has them. With trade one price clears the market of all members, who sell each other what they do not
    use; a member with a cut of zero is a seller of credits against its benchmark emissions.

    Attributes:
        carbon_market: cut of the covered emissions, per cent of the benchmark: of every member, or by region.
        regions: members; must be given.
        sectors: industries that are covered; all if not given.
        households: they are covered too.
        trade: members trade permits with each other; without it each has a price of its own.
    """

    carbon_market: Cut | dict[str, Cut]
    regions: Selector
    households: bool = True
    trade: bool = True

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if faults := selector_faults(self, "carbon_market", ("region", "sector")):
            raise ValueError("; ".join(faults))
        return self

    def __str__(self) -> str:
        cuts = self.carbon_market if isinstance(self.carbon_market, Mapping) else {"each": self.carbon_market}
        told = ", ".join(f"{name} {cut:g} %" for name, cut in cuts.items())
        kind = "permits are traded" if self.trade else "each with a price of its own"
        who = f"regions {self.regions}; sectors {self.selector('sectors')}"
        return f"carbon market, emissions cut by {told}, {kind}: {who}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Cap the emissions of members, or add faults to those found."""
        weight, sound = levels.weights(self, ("region", "sector"), where)
        share = levels.world.weights(self.regions, "region", where("regions"), levels.found)
        members = (share > 0.5).astype(float)  # of a region of several countries, most are in it or it is out
        cut = self._cuts(levels, members, where)
        if not sound or levels.found.faults:
            return
        on_fuels(levels)
        p = levels.parameters.data
        industries = (weight.max("region") > 0.0) * members
        home = members * float(self.households)
        base = (p["emissions0"] * industries).sum("sector") + p["household_emissions0"] * home
        empty = [str(name) for name in base["region"].values[((base <= 0.0) & (members > 0.0)).values]]
        if empty:
            levels.found.fault(where(), f"the benchmark has no such emissions of {', '.join(empty)}; use one with them")
            return
        inside = members > 0.0
        # who is covered pays the whole price; a region that is no member has none
        levels.levels["covered"] = industries.where(inside, levels.level("covered")).transpose("region", "sector")
        levels.levels["covered_home"] = home.where(inside, levels.level("covered_home"))
        allowances = base.drop_attrs() * (1.0 - cut) * members
        if self.trade:
            levels.levels["trades"] = members.drop_attrs()
            levels.levels["allotted"] = allowances / allowances.sum()
            self._cap(levels, members, float(allowances.sum()), "carbon market")
            return
        for name in members["region"].values[inside.values]:
            self._cap(
                levels,
                members.where(members["region"] == name, 0.0),
                float(allowances.sel(region=name)),
                f"cap of {name}",
            )

    def _cuts(self, levels: InstrumentValues, members: xr.DataArray, where: Where) -> xr.DataArray:
        """Cut of every region, a share."""
        if not isinstance(self.carbon_market, Mapping):
            return members * self.carbon_market / 100.0
        cut = xr.zeros_like(members)
        said = xr.zeros_like(members)
        for name, number in self.carbon_market.items():
            chosen = levels.world.weights(
                Selector.model_validate(name), "region", where("carbon_market", name), levels.found
            )
            cut = xr.where(chosen > 0.0, number / 100.0, cut)
            said = said + chosen
        silent = [str(name) for name in members["region"].values[((members > 0.0) & (said == 0.0)).values]]
        if silent:
            levels.found.fault(where("carbon_market"), f"it says no cut of {', '.join(silent)}; give one, zero or more")
        return cut

    @staticmethod
    def _cap(levels: InstrumentValues, pattern: xr.DataArray, level: float, name: str) -> None:
        again = sum(swap.name.startswith(name) for swap in levels.swaps)
        label = f"{name} ({again + 1})" if again else name
        levels.swaps.append(Swap(label, "priced_co2", pattern, "co2", pattern, level=level, word=CARBON))
