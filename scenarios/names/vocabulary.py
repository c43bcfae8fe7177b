"""The words of scenarios: instruments, selectors, and what every block is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from cge.symbols import CHARGE, INSTRUMENTS
from cge.text import odd_character

WORDS: Mapping[str, str] = {
    "import_tariff": "tm",
    "export_tax": "te",
    "ntm_premium": "ntm",
    "iceberg_cost": "tau",
    "output_tax": "to",
    "import_charge": "tm_unit",
    "export_charge": "te_unit",
    "output_charge": "to_unit",
    "factor_tax": "tf",
    "input_tax": "ti",
    "final_demand_tax": "tc",
    "direct_tax": "td",
    "lump_sum_tax": "lumpsum",
    "endowment": "endow",
    "productivity": "tfp",
    "government_saving": "sg",
    "foreign_saving": "sf",
}
"""Instruments by the words that scenarios use; units, axes and meaning stand in `cge.symbols.INSTRUMENTS`."""

SELECTORS: Mapping[str, str] = {
    "exporters": "exporter",
    "importers": "importer",
    "regions": "region",
    "sectors": "sector",
    "inputs": "input",
    "factors": "factor",
    "agents": "agent",
    "owners": "owner",
}
"""Keys that select labels, and the axis of each."""

Owner = Literal["exporter", "importer", "treasury"]
OWNERS: tuple[Owner, ...] = ("exporter", "importer", "treasury")
"""Who may own the rent of a quota."""

MOST = 10_000.0
"""Largest rate, per cent, and largest change of one: no measure has come near, a slip of a digit does."""

MOST_TIMES = 1_000.0
"""Largest factor on a rate or a volume."""

LARGE = 10.0
"""A factor from which on it may have been meant in per cent."""

_BELOW_100 = ("to", "td")


def unit(word: str) -> str:
    """Unit of an instrument in scenarios: what its per cent are of."""
    symbol = INSTRUMENTS[WORDS[word]]
    if symbol.unit == "ad valorem rate":
        return "per cent of the value it falls on"
    if symbol.unit == CHARGE.unit:
        return "per cent of the benchmark price of a unit"
    if symbol.positive:
        return "per cent above the benchmark"
    return "per cent of benchmark regional income"


def _kinds(annotation: Any) -> Iterator[Any]:
    """The plain types that an annotation mentions."""
    inside = get_args(annotation)
    if not inside:
        yield annotation
    for part in inside:
        yield from _kinds(part)


def _leaves(value: Any) -> Iterator[Any]:
    """Plain values in lists and mappings; those of models have been looked at."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from (*_leaves(key), *_leaves(part))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)
    else:
        yield value


class Frozen(BaseModel):
    """A value that cannot change, of keys that are all known."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _what_it_is(cls, value: Any, info: ValidationInfo) -> Any:
        """Text on one line; no truth value for a number, and no character that no text has."""
        if isinstance(value, str):
            value = re.sub(r"\s*[\t\r\n]\s*", " ", value)  # one line
        kinds = set(_kinds(cls.model_fields[str(info.field_name)].annotation))
        for each in _leaves(value):
            if isinstance(each, bool | np.bool_) and bool not in kinds and kinds & {int, float}:
                raise ValueError(f"{info.field_name}: {str(each).lower()} is not a number; write the number")
            if isinstance(each, str) and (odd := odd_character(each)):
                raise ValueError(f"{info.field_name} holds a control character ({odd}); remove it")
        return value


def small(word: str, key: str, value: float, unit: str = "percentage points") -> list[str]:
    """A note on a rate that may have been meant as a share.

    Args:
        word: what the rate is of.
        key: that holds it.
        value: of the key.
        unit: that it is in.
    """
    if not 0.0 < abs(value) < 1.0:
        return []
    other = f"{100 * value:g} of them would be {key}: {100 * value:g}"
    return [f"{word} {key}: {value:g} is read as {value:g} {unit}; {other}"]


def large(word: str, key: str, value: float, of: str) -> list[str]:
    """A note on a factor that may have been meant in per cent; arguments are those of `small`."""
    if value < LARGE:
        return []
    other = f"{value:g} % of it would be {key}: {value / 100:g}"
    return [f"{word} {key}: {value:g} is read as {value:g} times {of}; {other}"]


def names_of(value: Any) -> tuple[Any, ...]:
    """One name or several, as several.

    Raises:
        ValueError: YAML took a name for a number or a truth value.
    """
    names = tuple(value) if isinstance(value, list | tuple) else (value,)
    odd = next((name for name in names if not isinstance(name, str)), None)
    if odd is not None:
        read = {bool: "a truth value", int: "a number", float: "a number"}.get(type(odd), "no text")
        shown = str(odd).lower() if isinstance(odd, bool) else str(odd)[:40]
        raise ValueError(f"{shown} is read as {read}; put a label in quotes, as it stands in the benchmark")
    return names


class Selector(Frozen):
    """Labels of one axis: names, groups, or all of them.

    Attributes:
        include: names or groups; "all" for every label.
        except_: names or groups to leave out (key `except`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    include: tuple[str, ...] = ("all",)
    except_: tuple[str, ...] = Field(default=(), alias="except")

    @model_validator(mode="before")
    @classmethod
    def _from_names(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"include": (value,)}
        if isinstance(value, list | tuple):
            return {"include": tuple(value)}
        if isinstance(value, Mapping | Selector):
            return value
        return {"include": (value,)}

    @field_validator("include", "except_", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return names_of(value)

    def __str__(self) -> str:
        text = ", ".join(self.include)
        return text + (f" except {', '.join(self.except_)}" if self.except_ else "")


class Shock(Frozen):
    """What every block of a scenario has: the flows that it acts on.

    Attributes:
        exporters, importers, sectors: names, groups, or all.
    """

    exporters: Selector | None = None
    importers: Selector | None = None
    sectors: Selector | None = None

    @property
    def overwrites(self) -> bool:
        """Whether it says what a rate is, whatever it was before."""
        return True

    def selector(self, key: str) -> Selector:
        """The labels that a key selects; all if it is not given."""
        given: Selector | None = getattr(self, key)
        return given or Selector()


def out_of_range(symbol: str, excess: float) -> list[str]:
    """Why a level cannot be, given as a rate (or, for an index, as the excess over 1)."""
    if symbol in _BELOW_100:  # on a value that holds the tax: a subsidy may exceed what is left without it
        return ["takes everything; this tax must stay under 100 %"] if excess >= 1.0 else []
    if INSTRUMENTS[symbol].domain == "signed":
        return []
    return ["is -100 % or lower; rates end above -100 %"] if excess <= -1.0 else []
