"""A change of the rates of one instrument: `set`, `add` or `scale` on the labels that a block names."""

from __future__ import annotations

from typing import Any, Literal

import xarray as xr
from pydantic import Field, field_validator

from cge.equations.swaps import TAX_BASES
from cge.scenarios.names.vocabulary import MOST, MOST_TIMES, large, out_of_range, small
from cge.symbols import INSTRUMENTS

from .instrument import InstrumentShock
from .instrument_values import TARIFF, InstrumentValues, Where
from .swaps import budget

BY_SOURCE = ("ti", "tc")
SOURCES = {"home": "home goods", "import": "imports"}
_OPERATIONS = ("set", "add", "scale", "budget")


class Rates(InstrumentShock):
    """A change of one instrument on the labels that the selectors name (see `InstrumentShock`).

    Attributes:
        set: the new rate, per cent.
        add: percentage points on top.
        scale: factor on the present rate (on 1 plus the per cent for an index).
        budget: revenue of the change, million USD a year, in place of a rate; negative for a subsidy.
        layer: part of the benchmark's tariff that the change acts on, such as section301; the whole if not given.
        source: of an input_tax or final_demand_tax, whether it falls on home goods, imports or both (the same rate on
            both, if not given); home and import are for structures with users' own sourcing, such as gtap7.
        replace: parts of the benchmark's tariff in whose place the rate that is set comes; the others stay.
    """

    set: float | None = Field(default=None, ge=-MOST, le=MOST)
    add: float | None = Field(default=None, ge=-MOST, le=MOST)
    scale: float | None = Field(default=None, ge=0.0, le=MOST_TIMES)
    budget: float | None = None
    layer: str | None = None
    source: Literal["home", "import", "both"] | None = None
    replace: tuple[str, ...] = ()

    @field_validator("replace", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def faults(self) -> list[str]:
        """All that is wrong with the block itself."""
        faults = super().faults()
        given_operations = [name for name in _OPERATIONS if getattr(self, name) is not None]
        if len(given_operations) != 1:
            faults.append(
                "give exactly one of set, add (percentage points), scale (a factor) and budget (million USD a year)"
            )
        if self.layer is not None and self.instrument != "import_tariff":
            faults.append("layer is for import_tariff only; remove it")
        if self.replace and (self.instrument != "import_tariff" or self.set is None or self.layer is not None):
            faults.append("replace is for an import_tariff with set and without layer; `replace: section301, set: 60`")
        if self.source is not None and self.symbol not in BY_SOURCE:
            faults.append(f"source is for input_tax and final_demand_tax, not for {self.instrument}; remove it")
        if self.source in ("home", "import") and self.budget is not None:
            faults.append("a budget is for a tax on both sources; give a rate, or leave source out")
        if self.budget is not None and (self.layer or self.symbol not in (*TAX_BASES, "tc")):
            faults.append(f"a budget is for a tax as a whole, not for {self.layer or self.instrument}; give a rate")
        if self.set is not None:
            faults += [f"set: {self.set:g} % {reason}" for reason in out_of_range(self.symbol, self.set / 100.0)]
        return faults

    @property
    def operation(self) -> tuple[str, float]:
        """ "set", "add", "scale" or "budget", and its number."""
        name = next(name for name in _OPERATIONS if getattr(self, name) is not None)
        return name, float(getattr(self, name))

    @property
    def overwrites(self) -> bool:
        """Whether the rate is set; a change of it overwrites nothing."""
        return self.set is not None

    def __str__(self) -> str:
        name, number = self.operation
        by = {
            "set": f"set to {number:g} %",
            "add": f"{number:+g} points",
            "scale": f"times {number:g}",
            "budget": f"yielding {number:+,.0f} million USD a year more",
        }[name]
        layer = f"; layer {self.layer}" if self.layer else ""
        layer += f"; on {SOURCES[self.source]}" if self.source in SOURCES else ""
        layer += f"; in place of {', '.join(self.replace)}" if self.replace else ""
        return f"{self.instrument} {by}: {self.named}{layer}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Change the rates where the block says, or add its faults to those found."""
        weight = self.weights(levels, where)
        if weight is None:
            return
        levels.found.note(*self._understood())
        if self.budget is not None:
            budget(levels, self, weight, self.budget, where)
            return
        if self.source in SOURCES:
            self._change_source(levels, weight, where)
            return
        self._change(levels, weight, where)
        if self.symbol == "sf":
            _lend(levels, weight, where)

    def _understood(self) -> list[str]:
        """Notes on a number that looks like one of another unit."""
        name, number = self.operation
        if name == "scale":
            return large(self.instrument, name, number, "the rate")
        if name == "budget":
            return []
        if name == "set" and INSTRUMENTS[self.symbol].positive and 0.5 <= number <= 2.0:
            told = f"{self.instrument} set: {number:g} is read as {number:g} % above the benchmark"
            other = f"; an index of {number:g} would be set: {100 * (number - 1):g}" if number != 1.0 else ""
            return [told + other]
        return small(self.instrument, name, number, "percentage points" if name == "add" else "per cent")

    def _change(self, levels: InstrumentValues, weight: xr.DataArray, where: Where) -> None:
        name, number = self.operation
        if self.symbol == "tm":
            if self.layer is not None and not levels.has_layer(self.layer, where):
                return
            if not all(levels.has_layer(layer, where, "replace") for layer in self.replace):
                return
            levels.tariff_changed = True
            for layer in self.replace[1:]:
                levels.change_tariff("set", 0.0, weight, layer)
            levels.change_tariff(name, number, weight, self.replace[0] if self.replace else self.layer)
            level = levels.tariff()
            layers = self.replace or ([self.layer] if self.layer else list(levels.layers))
            stated = [f"{TARIFF}{layer}" for layer in layers]
            excess = level
        else:
            index = INSTRUMENTS[self.symbol].positive
            old = levels.level(self.symbol)
            base = 1.0 if index else 0.0
            target = {
                "set": xr.full_like(old, base + number / 100.0),
                "add": old + number / 100.0,
                "scale": old * number,
            }[name]
            level = old + weight * (target - old)
            levels.levels[self.symbol] = level
            if self.symbol in BY_SOURCE and name != "add":
                _beside_too(levels, self.symbol, weight * (number if name == "scale" else 0.0) + 1.0 - weight)
            excess = level - base
            stated = [self.symbol]
        if name == "set":
            levels.stated = dict.fromkeys(stated, weight > 0)
        worst = excess.where(weight > 0)
        for extreme in (worst.min(), worst.max()):
            for reason in out_of_range(self.symbol, float(extreme)):
                if name == "set":
                    continue  # told when the file was read
                levels.found.fault(where(name), f"{self.instrument} {reason}: this shock makes it {float(extreme):.1%}")

    def _change_source(self, levels: InstrumentValues, weight: xr.DataArray, where: Where) -> None:
        """Change the rate on home goods or on imports alone: what it bears beside the rate on both."""
        beside = f"{self.symbol}_{self.source}"
        if beside not in levels.parameters.structure.held:
            levels.found.fault(
                where("source"), "users have no sources of their own here; choose the structure gtap7 or the block "
                "users (`structure: gtap7` in a setting, or --structure gtap7), or leave source out",
            )  # fmt: skip
            return
        name, number = self.operation
        both, own = levels.level(self.symbol), levels.level(beside)
        rate = both + own
        target = {"set": xr.full_like(rate, number / 100.0), "add": rate + number / 100.0, "scale": rate * number}[name]
        levels.levels[beside] = own + weight * (target - rate)
        if name == "set":
            levels.stated = {beside: weight > 0}
        worst = float((both + levels.levels[beside]).where(weight > 0).min())
        for reason in out_of_range(self.symbol, worst) if name != "set" else ():
            levels.found.fault(where(name), f"{self.instrument} {reason}: this shock makes it {worst:.1%}")


def _beside_too(levels: InstrumentValues, symbol: str, factor: xr.DataArray) -> None:
    """What home goods and imports bear beside the rate on both goes, or is scaled, with it."""
    for source in SOURCES:
        beside = f"{symbol}_{source}"
        if beside in levels.parameters.structure.held:
            levels.levels[beside] = levels.level(beside) * factor


def _lend(levels: InstrumentValues, weight: xr.DataArray, where: Where) -> None:
    """What a region borrows more, the regions that no shock has named lend, in proportion to their income."""
    income = levels.parameters.data["income0"]
    levels.lends = levels.lends.where(weight == 0.0, 0.0)
    excess = float((levels.level("sf") * income).sum())
    lenders = income * levels.lends
    if abs(excess) <= 1e-12 * float(income.sum()):
        return
    if float(lenders.sum()) == 0.0:
        levels.found.fault(where(), f"foreign saving sums to {excess:+,.0f} million USD over all regions, not zero")
        return
    levels.levels["sf"] = levels.level("sf") - levels.lends * excess / float(lenders.sum())
    levels.found.note("foreign_saving: the regions that no shock names lend the difference, in proportion to income")
