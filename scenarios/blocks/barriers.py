"""Barriers that are no tariff: non-tariff measures, and the preference of purchasers for what is made at home."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

import xarray as xr
from pydantic import Field, model_validator

from cge.parameters import Parameters
from cge.scenarios.names.vocabulary import MOST, MOST_TIMES, SELECTORS, Selector, Shock, large, small

from .instrument_values import FLOW, InstrumentValues, Where, both_ways

Bearer = Literal["resource", "exporter", "importer", "treasury"]
RESOURCE: Bearer = "resource"
Split = Mapping[Bearer, Annotated[float, Field(ge=0.0)]]
FLOW_KEYS = ("exporters", "importers", "sectors")
_OPERATIONS = ("set", "add", "scale")


class _Barrier(Shock):
    """A cost of crossing a border, as a share of the cif value, split into resources and rents."""

    both_ways: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if faults := self.faults():
            raise ValueError("; ".join(faults))
        return self

    def faults(self) -> list[str]:
        """All that is wrong with the block itself."""
        faults = [f"a barrier needs {key}; name them, or write all" for key in FLOW_KEYS if getattr(self, key) is None]
        total = sum(self.split.values())
        if abs(total - 1.0) > 1e-9:
            faults.append(f"the shares of the barrier sum to {total:g}; they must sum to 1")
        return faults

    @property
    def split(self) -> Split:
        """Shares of the cost by who bears or earns it."""
        raise NotImplementedError

    def cells(self, levels: InstrumentValues, where: Where) -> xr.DataArray | None:
        """Weight of every flow; None, with a fault found, if there is none."""
        weight, sound = levels.weights(self, FLOW, where)
        if self.both_ways:
            weight = both_ways(weight)
        weight = weight.where(levels.exists("tm") & (weight["exporter"] != weight["importer"]), 0.0)
        if sound and not bool((weight > 0).any()):
            levels.found.fault(where(), f"the benchmark has no such flow{levels.nothing(self)}")
            return None
        if sound:
            levels.named_for_nothing(self, weight, where)
        return weight if sound else None

    @property
    def flows(self) -> str:
        """Flows, in words."""
        named = [f"{k} {getattr(self, k)}" for k in SELECTORS if getattr(self, k, None) is not None]
        shares = ", ".join(f"{share:.0%} {who}" for who, share in self.split.items())
        return f"({shares}): {'; '.join(named)}{'; both ways' if self.both_ways else ''}"


class NonTariff(_Barrier):
    """A non-tariff measure by its ad valorem equivalent.

    Attributes:
        non_tariff: shares of the cost: resource (real cost of complying), exporter, importer, treasury (rents).
        exporters, importers, sectors: flows; all must be given.
        set: ad valorem equivalent, per cent of the cif value, in place of the non-tariff measures that earlier shocks
            have set.
        add: percentage points more; negative to remove a part of the barriers that are in the benchmark's trade.
        scale: factor on those that earlier shocks have set, whoever bears them.
        both_ways: also on the flows from the importers to the exporters.
    """

    non_tariff: Split
    set: float | None = Field(default=None, gt=-100.0, le=MOST)
    add: float | None = Field(default=None, ge=-MOST, le=MOST)
    scale: float | None = Field(default=None, ge=0.0, le=MOST_TIMES)

    def faults(self) -> list[str]:
        """All that is wrong with the block itself."""
        faults = super().faults()
        if sum(getattr(self, name) is not None for name in _OPERATIONS) != 1:
            faults.append("give exactly one of set, add (percentage points) and scale (a factor)")
        return faults

    @property
    def split(self) -> Split:
        """Shares of the cost by who bears or earns it."""
        return self.non_tariff

    @property
    def overwrites(self) -> bool:
        """Whether the measure is set; a change of it overwrites nothing."""
        return self.set is not None

    def __str__(self) -> str:
        by = (
            f"set to {self.set:g} %" if self.set is not None
            else f"{self.add:+g} points" if self.add is not None
            else f"times {self.scale:g}"
        )  # fmt: skip
        return f"non-tariff measure {by} {self.flows}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Change trade costs and rents where the block says, or add its faults to those found."""
        weight = self.cells(levels, where)
        if weight is None:
            return
        keep = 1.0 if self.add is not None else (self.scale or 0.0)
        points = (self.set or 0.0) + (self.add or 0.0)
        levels.found.note(*small("non_tariff", "add" if self.add is not None else "set", points))
        levels.found.note(*large("non_tariff", "scale", self.scale or 0.0, "the measures"))
        _put(levels, self.split, weight, keep, points / 100.0 * weight, where)


class HomePreference(_Barrier):
    """A preference of some purchasers for what is made at home, by the tariff on their imports that would do the same.

    All purchasers of a region buy the same composite of home goods and imports, so the preference of one enters on the
    whole flow, weighted with that purchaser's share in the use of the good: the same to first order.

    Attributes:
        home_preference: shares of the cost: resource, or a rent that stays at home with importer (firms) or treasury,
            whose part is a tariff.
        exporters, importers, sectors: flows; all must be given.
        agents: purchasers: G (government, the default), C (household), I (investment).
        add: percentage points of the tariff equivalent on what the agents import; negative to open purchases.
        both_ways: also on the flows from the importers to the exporters.
    """

    owners_at_home: ClassVar[tuple[str, ...]] = (RESOURCE, "importer", "treasury")

    home_preference: Split
    agents: Selector = Selector(include=("G",))
    add: float = Field(ge=-MOST, le=MOST)

    def faults(self) -> list[str]:
        """All that is wrong with the block itself."""
        faults = super().faults()
        if set(self.split) - set(self.owners_at_home):
            faults.append(f"the rent of a home preference stays at home: {', '.join(self.owners_at_home)}")
        return faults

    @property
    def split(self) -> Split:
        """Shares of the cost by who bears or earns it."""
        return self.home_preference

    @property
    def overwrites(self) -> bool:
        """It adds to what is there."""
        return False

    def __str__(self) -> str:
        return f"home preference {self.add:+g} points {self.flows}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Change trade costs and rents where the block says, or add its faults to those found."""
        weight = self.cells(levels, where)
        agents = levels.world.weights(self.agents, "agent", where("agents"), levels.found)
        if weight is None or levels.found.faults:
            return
        part = (bought(levels.parameters) * agents).sum("agent").rename(region="importer")
        if not bool((part * weight > 0).any()):
            levels.found.fault(where("agents"), f"{self.agents} buy none of these goods in the benchmark")
        levels.found.note(*small("home_preference", "add", self.add))
        revenue = self.split.get("treasury", 0.0)
        if revenue:
            levels.tariff_changed = True
            levels.change_tariff("add", self.add * revenue, weight * part, None)
        others: Split = {who: share for who, share in self.split.items() if who != "treasury"}
        _put(levels, others, weight, 1.0, self.add / 100.0 * weight * part, where)


def bought(parameters: Parameters) -> xr.DataArray:
    """Share of purchasers in the use of a good [region, sector, agent].

    Government buys most goods as inputs of the services that it provides, which are its final demand in the accounts:
    of every industry's inputs it has the share that it has in the use of what the industry sells.
    """
    p = parameters.data
    final = p["use_final"]
    provided = final.sel(agent="G", drop=True)
    inputs = (p["use_input"] * provided).sum("sector").rename(input="sector")
    return xr.where(final["agent"] == "G", final + inputs, final).transpose(*final.dims)


def _put(
    levels: InstrumentValues, split: Split, weight: xr.DataArray, keep: float, points: xr.DataArray, where: Where
) -> None:
    """Keep a part of the measures that are there and add others, as shares of the cif value.

    Resources melt in transit, so they act on the whole cif value; a rent is a premium on the fob value.
    """
    p = levels.parameters.data
    kept = 1.0 + weight * (keep - 1.0)
    cost = 1.0 + (levels.level("tau") - 1.0) * kept + split.get(RESOURCE, 0.0) * points
    fob = p["share_fob"] / (1.0 + p["rho0"])
    premium = (points / fob.where(fob != 0.0, 1.0)).where(fob != 0.0, 0.0)
    by_owner: Mapping[str, float] = {str(who): share for who, share in split.items()}
    owners = levels.parameters.labels["owner"]
    shares = xr.DataArray([by_owner.get(owner, 0.0) for owner in owners], dims="owner", coords={"owner": owners})
    rents = levels.level("ntm") * kept + shares * premium
    if float(cost.min()) <= 0.0:
        levels.found.fault(where(), "the costs that are left are -100 % or lower; remove less")
    if float(rents.min()) < -1e-12:
        levels.found.fault(
            where(),
            "a rent falls below zero: the benchmark holds none that an owner could lose, so give what is removed to "
            "resource (or for a home preference to treasury)",
        )
    for name, level in (("tau", cost), ("ntm", rents.clip(min=0.0))):
        dims = levels.level(name).dims
        if bool((level != levels.level(name)).any()):
            levels.levels[name] = level.transpose(*dims)
