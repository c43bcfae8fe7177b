"""Cells of one instrument, as a block of a scenario names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import xarray as xr
from pydantic import field_validator, model_validator

from cge.errors import nearest
from cge.scenarios.names.vocabulary import SELECTORS, WORDS, Selector, Shock
from cge.symbols import SYMBOLS

from .instrument_values import InstrumentValues, Where, both_ways

_REQUIRED = ("exporters", "importers", "regions", "owners")


class InstrumentShock(Shock):
    """Some cells of one instrument.

    Attributes:
        instrument: what changes, one of the table of instruments.
        exporters, importers, regions, sectors, inputs, factors, agents, owners: where; those that the instrument has.
            Exporters, importers, regions and owners must be given, the others are "all" if not.
        both_ways: also on the flows from the importers to the exporters.
        inside: also on trade inside a region that is an aggregate of countries.
    """

    words: ClassVar[Mapping[str, str]] = WORDS

    instrument: str
    regions: Selector | None = None
    inputs: Selector | None = None
    factors: Selector | None = None
    agents: Selector | None = None
    owners: Selector | None = None
    both_ways: bool = False
    inside: bool = False

    @field_validator("instrument")
    @classmethod
    def _known(cls, word: str) -> str:
        if word not in cls.words:
            raise ValueError(f"unknown instrument {word!r}{nearest(word, cls.words)}; use {', '.join(cls.words)}")
        return word

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if faults := self.faults():
            raise ValueError("; ".join(faults))
        return self

    def faults(self) -> list[str]:
        """All that is wrong with the block itself."""
        dims = SYMBOLS[self.symbol].dims
        faults = selector_faults(self, self.instrument, dims)
        if (self.both_ways or self.inside) and "exporter" not in dims:
            faults.append(f"both_ways and inside are for bilateral instruments, not {self.instrument}; remove them")
        return faults

    @property
    def symbol(self) -> str:
        """Name of the instrument in `cge.symbols`."""
        return self.words[self.instrument]

    def weights(self, levels: InstrumentValues, where: Where) -> xr.DataArray | None:
        """Weight of every cell; None, with a fault found, if there is none to act on."""
        symbol = SYMBOLS[self.symbol]
        weight, sound = levels.weights(self, symbol.dims, where)
        if self.both_ways:
            weight = both_ways(weight)
        if "exporter" in symbol.dims and not self.inside:
            weight = weight.where(weight["exporter"] != weight["importer"], 0.0)
        weight = weight.where(levels.exists(self.symbol), 0.0)
        if sound and not bool((weight > 0).any()):
            levels.found.fault(where(), f"{self.instrument}: the benchmark has no such flow{levels.nothing(self)}")
            return None
        if sound:
            levels.named_for_nothing(self, weight, where)
        return weight

    @property
    def named(self) -> str:
        """Where, in words."""
        where = [f"{k} {getattr(self, k)}" for k in SELECTORS if getattr(self, k) is not None]
        return "; ".join(where) + ("; both ways" if self.both_ways else "")


def selector_faults(block: Shock, word: str, dims: tuple[str, ...]) -> list[str]:
    """Selectors that something over these axes does not take, or lacks."""
    faults = []
    for key, axis in SELECTORS.items():
        given = getattr(block, key, None) is not None
        if given and axis not in dims:
            usable = ", ".join(k for k, a in SELECTORS.items() if a in dims)
            faults.append(f"{word} has no {key}; it takes {usable}")
        elif not given and axis in dims and key in _REQUIRED:
            faults.append(f"{word} needs {key}; name them, or write {key}: all")
    return faults
