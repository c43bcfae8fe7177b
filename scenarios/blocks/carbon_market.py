"""A carbon market: emissions of regions are capped, each by itself or with permits that are traded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

import numpy as np
import xarray as xr
from pydantic import Field, field_validator, model_validator

from cge.errors import PolicyError
from cge.scenarios.names import credits as agreements
from cge.scenarios.names.credits import CreditAgreement
from cge.scenarios.names.vocabulary import Selector, Shock
from cge.swaps import Swap

from .carbon import no_fuels, on_fuels
from .instrument import selector_faults
from .instrument_values import InstrumentValues, Where
from .permit_market import WORD, PermitMarket

Cut = Annotated[float, Field(gt=-100.0, lt=100.0)]
Rule = Literal["emissions", "population", "income"]


class CarbonMarket(Shock):
    """Caps on the CO2 of those who are covered, and the price that keeps them.

    It brings CO2 by fuel and the nest of energy into the structure, as the closure `energy` does. Allowances are what
    is left of benchmark emissions after the cut; governments sell them, or spend what they are worth, so that income of
    the region has them. With trade one price clears the market of all members, who sell each other what they do not
    use.

    Attributes:
        carbon_market: cut of the covered emissions, per cent of the benchmark: of every member, or by region.
        regions: members; must be given.
        sectors: industries that are covered; all if not given.
        households: they are covered too.
        trade: members trade permits with each other; without it each has a price of its own.
        allowances: how members share what their caps allow together: by emissions (each its own cap), by population or
            by income.
        output_based: per cent of an industry's benchmark emissions for which it gets free allowances with each unit of
            output.
        limit: what a member may buy at most, per cent of its own allowances.
        credits: an agreement on credits of regions without a cap, which join the market as sellers: a name, a YAML
            file, or what it holds.
    """

    carbon_market: Cut | dict[str, Cut]
    regions: Selector
    households: bool = True
    trade: bool = True
    allowances: Rule = "emissions"
    output_based: float = Field(default=0.0, ge=0.0, le=100.0)
    limit: float | None = Field(default=None, ge=0.0, le=1000.0)
    credits: CreditAgreement | None = None

    @field_validator("credits", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return agreements.load(value)
        except PolicyError as error:
            raise ValueError("; ".join(error.faults)) from None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        faults = selector_faults(self, "carbon_market", ("region", "sector"))
        if not self.trade:
            told = {"limit": self.limit is not None, "credits": self.credits is not None,
                    "allowances": self.allowances != "emissions"}  # fmt: skip
            faults += [f"{key} needs trade; leave trade: false out" for key, said in told.items() if said]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def __str__(self) -> str:
        cuts = self.carbon_market if isinstance(self.carbon_market, Mapping) else {"each": self.carbon_market}
        told = ", ".join(f"{name} {cut:g} %" for name, cut in cuts.items())
        kind = "permits are traded" if self.trade else "each with a price of its own"
        if self.limit is not None:
            kind += f", at most {self.limit:g} % of allowances bought"
        if self.credits is not None:
            kind += f", credits from {self.credits.sellers}"
        who = f"regions {self.regions}; sectors {self.selector('sectors')}"
        return f"carbon market, emissions cut by {told}, {kind}: {who}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Cap the emissions of members, or add faults to those found."""
        weight, sound = levels.weights(self, ("region", "sector"), where)
        share = levels.world.weights(self.regions, "region", where("regions"), levels.found)
        members = (share > 0.5).astype(float).drop_attrs()
        cut = self._cuts(levels, members, where)
        if lacking := no_fuels(levels.parameters.given):
            levels.found.fault(where(), lacking)
        if not sound or levels.found.faults:
            return
        on_fuels(levels)
        industries = (weight.max("region") > 0.0) * members
        home = members * float(self.households)
        base = self._base(levels, industries, home, members, where)
        allowances = base * (1.0 - cut) * members
        sellers, of_sellers = xr.zeros_like(members), xr.zeros_like(members)
        if self.credits is not None:
            told = self.credits
            sellers, industries, home, of_sellers = self._sellers(levels, told, members, industries, home, where)
        self._refuse_second(levels, members + sellers, where)
        if levels.found.faults:
            return
        inside = members + sellers > 0.0
        # who is covered pays the whole price; a region that is in no market has none
        levels.levels["covered"] = industries.where(inside, levels.level("covered")).transpose("region", "sector")
        levels.levels["covered_home"] = home.where(inside, levels.level("covered_home"))
        if self.output_based:
            levels.levels["by_output"] = (industries * members * self.output_based / 100.0).transpose(
                "region", "sector"
            )
        if self.trade:
            self._trade(levels, members, self._shared(levels, allowances, members, where), sellers, of_sellers, where)
            return
        for name in members["region"].values[(members > 0.0).values]:
            own = members.where(members["region"] == name, 0.0)
            label = _label(levels, f"cap of {name}")
            level = float(allowances.sel(region=name))
            levels.swaps.append(Swap(label, "priced_co2", own, "co2", own, level=level, word=WORD))

    def _trade(
        self,
        levels: InstrumentValues,
        members: xr.DataArray,
        allowances: xr.DataArray,
        sellers: xr.DataArray,
        of_sellers: xr.DataArray,
        where: Where,
    ) -> None:
        """Put a market with one price on the benchmark."""
        if levels.markets:
            told = "permits are traded in one market already; put all members into it, or write trade: false"
            levels.found.fault(where(), told)
            return
        most = xr.full_like(members, np.inf)
        if self.limit is not None:
            most = (allowances * self.limit / 100.0).where(members > 0.0, np.inf)
        kept = sellers * (self.credits.share_of_proceeds / 100.0 if self.credits else 0.0)
        market = PermitMarket(
            _label(levels, "carbon market"), allowances + of_sellers, members + sellers, sellers, most, kept
        )
        levels.markets.append(market)
        levels.levels |= market.instruments()
        levels.swaps += market.swaps()
        if self.credits and self.credits.fund is not None and bool((kept > 0.0).any()):
            levels.levels["proceeds"] = kept
            levels.levels["funded"] = self._fund(levels, self.credits.fund, where)

    def _base(
        self, levels: InstrumentValues, industries: xr.DataArray, home: xr.DataArray, of: xr.DataArray, where: Where
    ) -> xr.DataArray:
        """Covered emissions of the benchmark [region], kt; a fault where there are none."""
        p = levels.parameters.data
        base = ((p["emissions0"] * industries).sum("sector") + p["household_emissions0"] * home).drop_attrs()
        empty = [str(name) for name in base["region"].values[((base <= 0.0) & (of > 0.0)).values]]
        if empty:
            levels.found.fault(where(), f"the benchmark has no such emissions of {', '.join(empty)}; use one with them")
        return base

    def _sellers(
        self,
        levels: InstrumentValues,
        told: CreditAgreement,
        members: xr.DataArray,
        industries: xr.DataArray,
        home: xr.DataArray,
        where: Where,
    ) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray, xr.DataArray]:
        """Sellers without a cap [region], who is covered with them, and their baselines [region], kt."""
        found, world = levels.found, levels.world
        sellers = (world.weights(told.sellers, "region", where("credits", "sellers"), found) > 0.5).astype(float)
        sellers = sellers.drop_attrs()
        if both := [str(r) for r in sellers["region"].values[((sellers > 0.0) & (members > 0.0)).values]]:
            found.fault(
                where("credits"), f"{', '.join(both)} has a cap and sells credits below a baseline; one of them"
            )
        chosen = world.weights(told.sectors or Selector(), "sector", where("credits", "sectors"), found)
        own = (chosen > 0.0) * sellers
        base = self._base(levels, own, sellers * float(told.households), sellers, where)
        part = _by_region(levels, told.baseline, sellers, "baseline", lambda *path: where("credits", *path)) / 100.0
        return sellers, industries + own, home + sellers * float(told.households), base * part * sellers

    def _shared(
        self, levels: InstrumentValues, allowances: xr.DataArray, members: xr.DataArray, where: Where
    ) -> xr.DataArray:
        """Allowances of members [region], kt, by the rule."""
        if self.allowances == "emissions":
            return allowances
        key = _people(levels, members, where) if self.allowances == "population" else levels.parameters.data["income0"]
        key = key.drop_attrs() * members
        return allowances.sum() * key / key.sum()

    def _fund(self, levels: InstrumentValues, fund: Selector, where: Where) -> xr.DataArray:
        """Parts of those to whom the fund pays [region], by population."""
        weight = levels.world.weights(fund, "region", where("credits", "fund"), levels.found).drop_attrs()
        key = _people(levels, weight, where) * weight
        return key / key.sum()

    def _refuse_second(self, levels: InstrumentValues, inside: xr.DataArray, where: Where) -> None:
        priced = (levels.level("co2") != 0.0) & (inside > 0.0)
        if bool(priced.any()):
            names = ", ".join(str(r) for r in inside["region"].values[priced.values])
            levels.found.fault(where(), f"{names} has a carbon price already, and the market makes one; leave one out")

    def _cuts(self, levels: InstrumentValues, members: xr.DataArray, where: Where) -> xr.DataArray:
        """Cut of every region, a share."""
        return _by_region(levels, self.carbon_market, members, "carbon_market", where) / 100.0


def _by_region(
    levels: InstrumentValues, given: float | Mapping[str, float], members: xr.DataArray, key: str, where: Where
) -> xr.DataArray:
    """A number of every member, one for all or by region; a fault for a member of which nothing is said."""
    if not isinstance(given, Mapping):
        return members * given
    value, said = xr.zeros_like(members), xr.zeros_like(members)
    for name, number in given.items():
        chosen = levels.world.weights(Selector.model_validate(name), "region", where(key, name), levels.found)
        value = xr.where(chosen > 0.0, number, value)
        said = said + chosen
    silent = [str(name) for name in members["region"].values[((members > 0.0) & (said == 0.0)).values]]
    if silent:
        what = "cut" if key == "carbon_market" else key
        levels.found.fault(where(key), f"it says no {what} of {', '.join(silent)}; give one, zero or more")
    return value


def _people(levels: InstrumentValues, of: xr.DataArray, where: Where) -> xr.DataArray:
    """Populations [region]; a fault where one of those asked for is not known."""
    known = {str(r): levels.benchmark.contents.population(str(r)) for r in of["region"].values}
    lacking = [r for r, count in known.items() if count is None and float(of.sel(region=r)) > 0.0]
    if lacking:
        told = f"the population of {', '.join(lacking)} is not known; say it in the contents of the benchmark"
        levels.found.fault(where(), told)
    return of.copy(data=np.array([count or 0.0 for count in known.values()]))


def _label(levels: InstrumentValues, name: str) -> str:
    again = sum(swap.name.startswith(name) for swap in levels.swaps)
    return f"{name} ({again + 1})" if again else name
