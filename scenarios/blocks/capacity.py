"""Capacity that a policy builds: investment that crosses a border with its owner, and investment that a budget buys."""

from __future__ import annotations

import xarray as xr
from pydantic import Field

from cge.equations.structures import BLOCKS
from cge.scenarios.names.vocabulary import Frozen, Selector, Shock

from .instrument_values import InstrumentValues, Where

LARGEST = 0.9
"""Most of an industry's capital that may leave it."""

YEARS = 50


class Move(Frozen):
    """Whose capital goes where.

    Attributes:
        from_: the owners, from whose industries it goes.
        to: the hosts.
        sectors: industries that it leaves, and in which it works in the host, in proportion to their capital.
        musd: value of the capital that moves, million USD.
    """

    from_: Selector = Field(alias="from")
    to: Selector
    sectors: Selector = Selector()
    musd: float = Field(gt=0.0)


class InvestmentAbroad(Shock):
    """Capital that moves to another country and stays its owners', who earn what the host's direct tax leaves.

    Attributes:
        investment_abroad: whose capital goes where.
    """

    investment_abroad: Move

    def __str__(self) -> str:
        move = self.investment_abroad
        return f"investment abroad of {move.musd:,.0f} million USD from {move.from_} to {move.to}, {move.sectors}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Move capacity and its ownership, or add faults to those found."""
        move, found, p = self.investment_abroad, levels.found, levels.parameters.data
        before = len(found.faults)
        at = where("investment_abroad")
        ends = [levels.world.weights(end, "region", at, found) for end in (move.from_, move.to)]
        sectors = levels.world.weights(move.sectors, "sector", at, found)
        if len(found.faults) > before:
            return
        capital = _capital(p)
        owners, hosts = (_spread(capital * end * sectors) for end in ends)
        if owners is None or hosts is None:
            found.fault(at, "the benchmark has no such industry with capital; check from, to and sectors")
            return
        if bool(((ends[0] > 0.0) & (ends[1] > 0.0)).any()):
            found.fault(at, "a region cannot invest abroad in itself; leave it out of from or of to")
            return
        levels.bring(BLOCKS["capacity"], BLOCKS["ownership"])
        # what moves counts by what it earns where it comes from, net of tax there
        earns = p["rental"] * (1.0 - p["td0"])
        leaves = owners * move.musd * earns
        arrives = hosts * float(leaves.sum())
        _add(levels, -leaves / (1.0 - p["td0"]), at)
        _add(levels, arrives / (1.0 - p["td0"]), at)
        by_owner = leaves.sum("sector").rename(region="exporter") / float(leaves.sum())
        owned = by_owner * arrives.rename(region="importer") / p["income0"].rename(region="exporter")
        old = levels.level("abroad")
        levels.levels["abroad"] = old + owned.transpose(*old.dims).values


class Subsidy(Frozen):
    """What a government spends on capacity.

    Attributes:
        regions: whose government, in whose industries.
        sectors: the industries, in proportion to their capital.
        musd: spent on investment goods, million USD a year, of each region.
        years: for which it has been spent; capacity is what is left of it after wear.
    """

    regions: Selector
    sectors: Selector
    musd: float = Field(gt=0.0)
    years: float = Field(gt=0.0, le=YEARS)


class InvestmentSubsidy(Shock):
    """A budget that buys investment goods, year after year, and so builds capacity in industries of its country.

    Attributes:
        investment_subsidy: who spends what on which industries.
    """

    investment_subsidy: Subsidy

    def __str__(self) -> str:
        given = self.investment_subsidy
        return (
            f"investment subsidy of {given.musd:,.0f} million USD a year for {given.years:g} years in {given.regions}, "
            f"{given.sectors}"
        )

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Raise government saving, which buys investment goods, and capacity, or add faults to those found."""
        given, found, p = self.investment_subsidy, levels.found, levels.parameters.data
        before, at = len(found.faults), where("investment_subsidy")
        regions = levels.world.weights(given.regions, "region", at, found)
        sectors = levels.world.weights(given.sectors, "sector", at, found)
        if len(found.faults) > before:
            return
        capital = _capital(p) * regions * sectors
        whole = capital.sum("sector")
        idle = (regions > 0.0) & ((whole <= 0.0) | (p["invests"] == 0.0))
        if bool(idle.any()) or not bool((regions > 0.0).any()):
            names = ", ".join(str(r) for r in idle["region"].values[idle.values])
            found.fault(at, f"no capital in these sectors, or no investment, in {names or 'any region'}")
            return
        levels.bring(BLOCKS["capacity"])
        spent = regions * given.musd
        wear = p["depreciation"]
        kept = xr.where(wear > 0.0, (1.0 - (1.0 - wear) ** given.years) / wear.where(wear > 0.0, 1.0), given.years)
        _add(levels, spent * kept * p["rental"] * capital / whole.where(whole > 0.0, 1.0), at)
        old = levels.level("sg")
        levels.levels["sg"] = (old + spent / p["income0"]).transpose(*old.dims)


def _capital(p: xr.Dataset) -> xr.DataArray:
    """Reward of the capital of an industry, million USD [region, sector]."""
    return (p["factor_use"] * p["is_capital"]).sum("factor")


def _spread(capital: xr.DataArray) -> xr.DataArray | None:
    """Shares of the cells, in proportion to their capital; nothing if there is none."""
    whole = float(capital.sum())
    return capital / whole if whole > 0.0 else None


def _add(levels: InstrumentValues, services: xr.DataArray, at: str) -> None:
    """Change the capacity of industries by services of capital at benchmark rewards [region, sector], million USD."""
    p = levels.parameters.data
    capital = _capital(p)
    change = (services / capital.where(capital > 0.0, 1.0)).where(capital > 0.0, 0.0)
    old = levels.level("capacity")
    new = old + (change * ((p["is_capital"] * p["factor_use"]) > 0.0)).transpose(*old.dims)
    if float(new.min()) < 1.0 - LARGEST:
        levels.found.fault(at, f"more than {LARGEST:.0%} of an industry's capital would leave it; move less")
    levels.levels["capacity"] = new
