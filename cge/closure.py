"""Closures: what is held and what adjusts, as named choices.

A closure picks the options of the model's structure and swaps held instruments for held variables; it never adds
or changes an equation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .errors import PolicyError
from .model import Model, Structure

LABOUR = "LAB"

OPTIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "household": {
            "regional": "one regional household divides income over consumption, government and saving in fixed"
            " shares of what is left after subsistence; EV covers all three (Hertel 1997)",
            "separate": "a private household consumes and saves, a government taxes and spends; EV covers the"
            " household's consumption and saving",
        },
        "saving": {
            "fixed": "foreign saving is fixed in units of the world factor price; investment follows saving",
            "bank": "a global bank lends until expected rates of return are equal (Hertel 1997, RORDELTA = 1)",
        },
        "labour": {
            "fixed": "labour supply is fixed and wages clear the market",
            "real-wage": "the real wage net of direct tax is fixed and employment adjusts",
        },
        "government": {
            "household": "the regional household decides on government consumption",
            "lump-sum": "real government consumption and saving are fixed; a lump-sum tax balances the budget",
            "direct-tax": "real government consumption and saving are fixed; the direct tax rate balances the budget",
            "deficit": "government saving and tax rates are fixed; government consumption adjusts",
        },
    }
)
"""Every option of a closure and what it means."""


@dataclass(frozen=True)
class Closure:
    """What is held.

    Attributes:
        household, saving, labour, government: a key of `OPTIONS`.
        numeraire: "world" for the world factor price index, or a region whose consumer price index is one.

    Raises:
        PolicyError: for an unknown option, or a government without, or beside, its household.
    """

    household: str = "regional"
    saving: str = "fixed"
    labour: str = "fixed"
    government: str = "household"
    numeraire: str = "world"

    def __post_init__(self) -> None:
        faults = [
            f"{option} is one of {', '.join(choices)}, not {getattr(self, option)!r}"
            for option, choices in OPTIONS.items()
            if getattr(self, option) not in choices
        ]
        if (self.household == "regional") != (self.government == "household"):
            faults.append("government 'household' goes with the regional household, every other with the separate one")
        if faults:
            raise PolicyError("closure: " + "; ".join(faults))

    def structure(self, instruments: frozenset[str] = frozenset()) -> Structure:
        """The model's options under this closure, with more instruments held everywhere if asked."""
        default = Structure()
        return Structure(self.household, default.instruments | instruments)

    def held(self, model: Model) -> dict[str, NDArray[np.bool_]]:
        """Where symbols are held or freed against the default (instruments held, variables free)."""
        labels = model.parameters.labels
        held = {"pworld": np.array(self.numeraire == "world")}
        if self.numeraire != "world":
            if self.numeraire not in labels["region"]:
                raise PolicyError(f"numeraire {self.numeraire!r} is neither 'world' nor a region of the benchmark")
            held["cpi"] = np.array(labels["region"]) == self.numeraire
        if self.saving == "bank":
            if not model.exists["inv"].any():
                raise PolicyError("a global bank lends to regions that invest, and none does; use fixed foreign saving")
            held["sf"] = ~model.exists["inv"]
            held["gap"] = model.exists["gap"]
            held["lending"], held["rorg"] = np.array(True), np.array(False)
        if self.labour == "real-wage":
            if LABOUR not in labels["factor"]:
                raise PolicyError(f"a fixed real wage needs a factor named {LABOUR}")
            wage = np.zeros(model.shape(model.symbols["rw"]), dtype=bool)
            wage[:, labels["factor"].index(LABOUR)] = True
            held["rw"], held["endow"] = wage, ~wage
        if self.household == "separate" and (nobody := self._without_government(model)):
            raise PolicyError(
                f"government consumption of {', '.join(nobody)} is zero, so no budget can be balanced there; use a "
                "closure with the regional household (standard, global-bank, unemployment)"
            )
        if self.government in ("lump-sum", "direct-tax"):
            held["g"] = model.exists["g"]
            freed = "lumpsum" if self.government == "lump-sum" else "td"
            held[freed] = ~model.exists["g"]
        return held

    @staticmethod
    def _without_government(model: Model) -> list[str]:
        there = model.parameters.arrays["government"] != 0.0
        return [name for name, governs in zip(model.parameters.labels["region"], there, strict=True) if not governs]

    @property
    def unset(self) -> dict[str, str]:
        """Instruments that a scenario would set for nothing under this closure, and why."""
        found: dict[str, str] = {}
        if self.household == "regional":
            why = "the regional household pools all income and divides it over consumption, government and saving"
            found = {"lumpsum": why, "sg": why, "td": why}
        elif self.government in ("lump-sum", "direct-tax"):
            freed, other = ("lumpsum", "td") if self.government == "lump-sum" else ("td", "lumpsum")
            found = {freed: "it balances the government's budget", other: "the tax that balances the budget offsets it"}
        if self.labour == "real-wage" and found.get("td") and self.government != "direct-tax":
            del found["td"]  # employment follows wages net of direct tax
        if self.saving == "bank":
            found["sf"] = "the global bank decides on it"
        return found

    def describe(self) -> str:
        """The options in words, one a line."""
        lines = [f"{f.name}: {OPTIONS[f.name][getattr(self, f.name)]}" for f in fields(self) if f.name in OPTIONS]
        price = "world factor price index" if self.numeraire == "world" else f"consumer price index of {self.numeraire}"
        return "\n".join([*lines, f"numeraire: {price}"])


CLOSURES: Mapping[str, Closure] = MappingProxyType(
    {
        "standard": Closure(),
        "global-bank": Closure(saving="bank"),
        "unemployment": Closure(labour="real-wage"),
        "lump-sum": Closure(household="separate", government="lump-sum"),
        "direct-tax": Closure(household="separate", government="direct-tax"),
        "fixed-deficit": Closure(household="separate", government="deficit"),
    }
)
"""Closures by name."""
