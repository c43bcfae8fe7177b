"""Swaps: hold an outcome at a target and free an instrument for it; and budgets, which hold what a tax yields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pandas as pd
import xarray as xr
from pydantic import field_validator, model_validator

from cge.embodied import intensity
from cge.equations.swaps import OUTCOMES, PROCEEDS, TAX_BASES
from cge.errors import nearest
from cge.scenarios.names.vocabulary import SELECTORS, WORDS, Frozen, Selector, Shock
from cge.swaps import Swap, worth
from cge.symbols import MOVABLE

from .carbon import THOUSAND, by_fuel, covering
from .instrument import InstrumentShock, selector_faults
from .instrument_values import InstrumentValues, Where

if TYPE_CHECKING:
    from cge.solvers import Equilibrium

CARBON = "carbon_price"
"""The word that frees a charge on output in proportion to emissions."""

FREED: Mapping[str, str] = {word: symbol for word, symbol in WORDS.items() if symbol in MOVABLE} | {
    "expected_return": "gap",
    CARBON: "to_unit",
}
"""What a swap may free, by the words that scenarios use; a global bank holds the expected return to capital."""

UNITS: Mapping[str, str] = {"musd": "million USD", "kt": "kt CO2"}
"""Keys that give a level, and their units."""


class Target(Frozen):
    """Where an outcome is held: at its benchmark, off it by some per cent, or at a level.

    Attributes:
        change_pct: change from the benchmark, per cent.
        musd: level, million USD a year at the benchmark's world factor price.
        kt: level, kilotonnes of CO2 a year.
    """

    change_pct: float | None = None
    musd: float | None = None
    kt: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        return {"change_pct": 0.0} if value == "benchmark" else value

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.change_pct, *self.levels.values())) != 1:
            raise ValueError(f"write benchmark, or give exactly one of change_pct, {', '.join(UNITS)}")
        return self

    @property
    def levels(self) -> dict[str, float | None]:
        """Level by its key."""
        return {key: getattr(self, key) for key in UNITS}

    def __str__(self) -> str:
        if self.change_pct is not None:
            return f"{self.change_pct:+g} % from the benchmark" if self.change_pct else "the benchmark's"
        return next(f"{value:,.4g} {UNITS[key]}" for key, value in self.levels.items() if value is not None)


class Held(Shock):
    """An outcome at a target.

    Attributes:
        outcome: a word of `cge.equations.swaps.OUTCOMES`, or proceeds: what the freed instrument itself yields.
        exporters, importers, sectors, regions, factors: of which it is the sum; those that the outcome has.
        at: where it is held; its benchmark value if not given.
    """

    outcome: str
    regions: Selector | None = None
    factors: Selector | None = None
    at: Target = Target(change_pct=0.0)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        known = (*OUTCOMES, PROCEEDS)
        if self.outcome not in known:
            raise ValueError(f"unknown outcome {self.outcome!r}{nearest(self.outcome, known)}; use {', '.join(known)}")
        dims, unit = ((), UNITS["musd"]) if self.outcome == PROCEEDS else _kind(self.outcome)
        faults = selector_faults(self, self.outcome, dims)
        if self.at.change_pct is None:
            given = next(key for key, value in self.at.levels.items() if value is not None)
            usable = [key for key, name in UNITS.items() if name == unit]
            if given not in usable:
                faults.append(f"{self.outcome} has no level in {given}; give {' or '.join([*usable, 'change_pct'])}")
        elif self.outcome == PROCEEDS:
            faults.append("proceeds are fixed at a level; give musd")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def cells(self, levels: InstrumentValues, where: Where) -> xr.DataArray | None:
        """Weight of every cell of the outcome, trade inside a region left out; None for the proceeds."""
        if self.outcome == PROCEEDS:
            return None
        dims, _ = _kind(self.outcome)
        weight, _ = levels.weights(self, dims, where)
        return weight.where(weight["exporter"] != weight["importer"], 0.0) if "exporter" in dims else weight

    def __str__(self) -> str:
        named = "; ".join(f"{k} {v}" for k in SELECTORS if (v := getattr(self, k, None)) is not None)
        return f"{self.outcome}{': ' if named else ''}{named}"


class Freed(InstrumentShock):
    """The instrument that is freed: its cells all move by the same number of points."""

    words: ClassVar[Mapping[str, str]] = FREED


class Exchange(Frozen):
    """Outcomes that are held, each for an instrument that is freed.

    Attributes:
        hold: the outcomes.
        free: as many instruments.
    """

    hold: tuple[Held, ...]
    free: tuple[Freed, ...]

    @field_validator("hold", "free", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, Mapping | Frozen) else value

    @model_validator(mode="after")
    def _square(self) -> Self:
        held, freed = len(self.hold), len(self.free)
        if held != freed or not held:
            raise ValueError(
                f"the closure swap is not square: it fixes {held} and frees {freed}; "
                "free one instrument for each outcome"
            )
        return self

    @property
    def overwrites(self) -> bool:
        """It moves instruments around what is set."""
        return False

    def __str__(self) -> str:
        held = ", ".join(f"{outcome} at {outcome.at}" for outcome in self.hold)
        return f"hold {held}; free {', '.join(f'{f.instrument}: {f.named}' for f in self.free)}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Put the swaps on the benchmark, or add their faults to those found."""
        for held, freed in zip(self.hold, self.free, strict=True):
            weight = freed.weights(levels, lambda *path: where("free", *path))
            cells = held.cells(levels, lambda *path: where("hold", *path))
            if weight is None or levels.found.faults:
                continue
            change, level = held.at.change_pct, next((v for v in held.at.levels.values() if v is not None), None)
            symbol, pattern = freed.symbol, _pattern(levels, freed, weight)
            if freed.instrument == CARBON and by_fuel(levels):
                symbol, pattern = "co2", covering(levels, weight)
            swap = Swap(
                _label(levels, str(held)), held.outcome, cells, symbol, pattern,
                (change or 0.0) / 100.0, level, freed.instrument,
            )  # fmt: skip
            if not bool((swap.pattern != 0.0).any()):
                levels.found.fault(where("free"), f"{freed.instrument} falls on nothing there ({freed.named})")
            elif held.outcome == PROCEEDS and freed.symbol not in (*TAX_BASES, "tc"):
                levels.found.fault(where("free"), f"{freed.instrument} yields no revenue to fix")
            elif not worth(levels.parameters, swap):
                levels.found.fault(where("hold"), f"{held} is empty in the benchmark; there is nothing to hold")
            else:
                levels.swaps.append(swap)


def budget(levels: InstrumentValues, block: InstrumentShock, weight: xr.DataArray, musd: float, where: Where) -> None:
    """Free a tax on some cells and hold what it yields on top of its present rate, million USD a year."""
    name = _label(levels, f"budget of {block.instrument}: {block.named}")
    swap = Swap(name, PROCEEDS, None, block.symbol, weight, level=musd, word=block.instrument)
    base = worth(levels.parameters, swap)
    if not base:  # its names are at fault, which is told
        return
    if abs(musd) >= base:
        levels.found.fault(
            where("budget"), f"{musd:,.0f} million USD a year is no less than what it falls on ({base:,.0f}); lower it"
        )
        return
    levels.swaps.append(swap)


def swaps(policy: Sequence[Swap], solved: Equilibrium) -> pd.DataFrame:
    """What was held, and how far the freed instrument moved for it.

    Returns:
        One row a swap: `swap`, its name; `outcome`, `unit`; `base`, `now`, the outcome in the benchmark and after the
        shock, in its unit (an index with benchmark 1 if it has none); `instrument`, `move`, `move_unit`: the move of
        every cell of the freed instrument around its set level, in percentage points, or in USD a tonne.
    """
    rows = []
    for swap, move in zip(policy, solved.swaps, strict=True):
        carbon = swap.word == CARBON
        how_far = move.lever if carbon else 100.0 * move.lever
        unit = "USD a tonne" if carbon else "percentage points"
        rows.append((move.name, swap.hold, move.unit or "index", move.base, move.now, swap.word, how_far, unit))
    return pd.DataFrame(rows, columns=["swap", "outcome", "unit", "base", "now", "instrument", "move", "move_unit"])


def _kind(outcome: str) -> tuple[tuple[str, ...], str]:
    """Axes and unit of an outcome."""
    return OUTCOMES[outcome].dims, OUTCOMES[outcome].unit


def _label(levels: InstrumentValues, words: str) -> str:
    """A name that no other swap has."""
    taken = [swap.name for swap in levels.swaps]
    again = sum(name == words or name.startswith(f"{words} (") for name in taken)
    return f"{words} ({again + 1})" if again else words


def _pattern(levels: InstrumentValues, freed: Freed, weight: xr.DataArray) -> xr.DataArray:
    """Moves of the cells: by emissions for a carbon price; what some regions borrow, the others lend by income."""
    if freed.instrument == CARBON:
        return weight * THOUSAND * intensity(levels.parameters)
    if freed.symbol != "sf":
        return weight
    income = levels.parameters.data["income0"]
    lenders = income.where(weight == 0.0, 0.0)
    return weight - lenders.where(lenders == 0.0, 1.0) * float((weight * income).sum()) / float(lenders.sum() or 1.0)
