"""A change of the rates of one instrument: `set`, `add` or `scale` on the labels that a block names."""

from __future__ import annotations

from typing import Any, Self

import xarray as xr
from pydantic import Field, field_validator, model_validator

from cge.symbols import INSTRUMENTS

from .errors import nearest
from .levels import Levels, Where
from .words import SELECTORS, WORDS, Selector, Shock, out_of_range

_REQUIRED = ("exporters", "importers", "regions")
_OPERATIONS = ("set", "add", "scale")


class Rates(Shock):
    """A change of one instrument on the labels that the selectors name.

    Attributes:
        instrument: a word of `WORDS`.
        exporters, importers, regions, sectors, inputs, factors, agents: where; those that the instrument has.
            Exporters, importers and regions must be given, the others are "all" if not.
        set: the new rate, per cent.
        add: percentage points on top.
        scale: factor on the present rate (on 1 plus the per cent for an index).
        layer: part of the benchmark's tariff that the change acts on, such as section301; the whole if not given.
        replace: parts of the benchmark's tariff in whose place the rate that is set comes; the others stay.
        both_ways: also on the flows from the importers to the exporters.
        inside: also on trade inside a region that is an aggregate of countries.
    """

    instrument: str
    regions: Selector | None = None
    inputs: Selector | None = None
    factors: Selector | None = None
    agents: Selector | None = None
    set: float | None = None
    add: float | None = None
    scale: float | None = Field(default=None, ge=0.0)
    layer: str | None = None
    replace: tuple[str, ...] = ()
    both_ways: bool = False
    inside: bool = False

    @field_validator("replace", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("instrument")
    @classmethod
    def _known(cls, word: str) -> str:
        if word not in WORDS:
            raise ValueError(f"unknown instrument {word!r}{nearest(word, WORDS)}; use one of {', '.join(WORDS)}")
        return word

    @model_validator(mode="after")
    def _complete(self) -> Self:
        dims = INSTRUMENTS[WORDS[self.instrument]].dims
        faults = []
        for key, axis in SELECTORS.items():
            given = getattr(self, key) is not None
            if given and axis not in dims:
                usable = ", ".join(k for k, a in SELECTORS.items() if a in dims)
                faults.append(f"{self.instrument} has no {key}; it takes {usable}")
            elif not given and axis in dims and key in _REQUIRED:
                faults.append(f"{self.instrument} needs {key}; name them, or write {key}: all")
        given_operations = [name for name in _OPERATIONS if getattr(self, name) is not None]
        if len(given_operations) != 1:
            faults.append("give exactly one of set, add (percentage points) and scale (a factor)")
        if self.layer is not None and self.instrument != "import_tariff":
            faults.append("layer is for import_tariff only; remove it")
        if self.replace and (self.instrument != "import_tariff" or self.set is None or self.layer is not None):
            faults.append("replace is for an import_tariff with set and without layer; `replace: section301, set: 60`")
        if (self.both_ways or self.inside) and "exporter" not in dims:
            faults.append(f"both_ways and inside are for bilateral instruments, not {self.instrument}; remove them")
        if self.set is not None:
            faults += [f"set: {self.set:g} % {reason}" for reason in out_of_range(self.symbol, self.set / 100.0)]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def symbol(self) -> str:
        """Name of the instrument in `cge.symbols`."""
        return WORDS[self.instrument]

    @property
    def operation(self) -> tuple[str, float]:
        """ "set", "add" or "scale", and its number."""
        name = next(name for name in _OPERATIONS if getattr(self, name) is not None)
        return name, float(getattr(self, name))

    @property
    def overwrites(self) -> bool:
        """Whether the rate is set; a change of it overwrites nothing."""
        return self.set is not None

    def __str__(self) -> str:
        name, number = self.operation
        by = {"set": f"set to {number:g} %", "add": f"{number:+g} points", "scale": f"times {number:g}"}[name]
        where = [f"{k} {getattr(self, k)}" for k in SELECTORS if getattr(self, k) is not None]
        words = f"{self.instrument} {by}: " + "; ".join(where)
        words += f"; layer {self.layer}" if self.layer else ""
        words += f"; in place of {', '.join(self.replace)}" if self.replace else ""
        return words + ("; both ways" if self.both_ways else "")

    def apply(self, levels: Levels, where: Where) -> None:
        """Change the rates where the block says, or add its faults to those found."""
        symbol = INSTRUMENTS[self.symbol]
        weight, sound = levels.weights(self, symbol.dims, where)
        exists = levels.exists(self.symbol)
        if self.both_ways:
            turned = weight.rename(exporter="importer", importer="exporter").transpose(*symbol.dims)
            weight = xr.where(weight > turned, weight, turned)
        if "exporter" in symbol.dims and not self.inside:
            weight = weight.where(weight["exporter"] != weight["importer"], 0.0)
        weight = weight.where(exists, 0.0)
        if sound and not bool((weight > 0).any()):
            levels.found.fault(where(), f"{self.instrument}: the benchmark has no such flow{levels.nothing(self)}")
            return
        if sound:
            levels.named_for_nothing(self, weight, where)
        self._change(levels, weight, where)
        if self.symbol == "sf":
            _lend(levels, weight, where)

    def _change(self, levels: Levels, weight: xr.DataArray, where: Where) -> None:
        name, number = self.operation
        if self.symbol == "tm":
            if self.layer is not None and not levels.has_layer(self.layer, where):
                return
            if not all(levels.has_layer(layer, where, "replace") for layer in self.replace):
                return
            levels.tariff_changed = True
            for layer in self.replace:
                levels.change_tariff("set", 0.0, weight, layer)
            levels.change_tariff("add" if self.replace else name, number, weight, self.layer)
            level = levels.tariff()
            excess = level
        else:
            index = INSTRUMENTS[self.symbol].unit.startswith("index")
            old = levels.level(self.symbol)
            base = 1.0 if index else 0.0
            target = {
                "set": xr.full_like(old, base + number / 100.0),
                "add": old + number / 100.0,
                "scale": old * number,
            }[name]
            level = old + weight * (target - old)
            levels.levels[self.symbol] = level
            excess = level - base
        worst = excess.where(weight > 0)
        for extreme in (worst.min(), worst.max()):
            for reason in out_of_range(self.symbol, float(extreme)):
                if name == "set":
                    continue  # told when the file was read
                levels.found.fault(where(name), f"{self.instrument} {reason}: this shock makes it {float(extreme):.1%}")


def _lend(levels: Levels, weight: xr.DataArray, where: Where) -> None:
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
