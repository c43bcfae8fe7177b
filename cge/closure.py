"""Closures: which variables are exogenous and which are endogenous, as named choices.

A closure picks blocks of the model's structure (`cge.structure`) and swaps held instruments for held variables; it
writes no equation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .block import Block, Table
from .equations.structures import BLOCKS, STRUCTURES, blocks_of
from .errors import PolicyError, nearest
from .model import Model
from .shown import card
from .source import value_sha256
from .structure import Structure
from .symbols import EVERYWHERE

_OWN: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "household": {
            "regional": "one regional household divides income over consumption, government and saving in fixed"
            " shares of what is left after subsistence; EV covers all three (Hertel 1997)",
        },
        "saving": {
            "fixed": "foreign saving is fixed in units of the world factor price; investment follows saving",
            "bank": "a global bank lends until expected rates of return are equal (Hertel 1997, RORDELTA = 1)",
            "real-exchange-rates": "consumer prices of all regions, and so bilateral real exchange rates, are fixed;"
            " foreign saving adjusts",
        },
        "labour": {
            "fixed": "labour supply is fixed and wages clear the market",
            "real-wage": "the real wage net of direct tax is fixed and employment adjusts",
        },
        "capital": {"fixed": "each region's stock of capital is fixed"},
        "government": {
            "household": "the regional household decides on government consumption",
            "lump-sum": "real government consumption and saving are fixed; a lump-sum tax balances the budget",
            "direct-tax": "real government consumption and saving are fixed; the direct tax rate balances the budget",
            "deficit": "government saving and tax rates are fixed; government consumption adjusts",
        },
    }
)

_REVENUE = (
    "tariffs0", "export_taxes0", "output_taxes0", "factor_taxes0", "input_taxes0", "final_taxes0", "direct_taxes0",
    "rent_treasury0",
)  # fmt: skip


TAXES: Mapping[str, str] = MappingProxyType({"lump-sum": "lumpsum", "direct-tax": "td", "consumption-tax": "surtax"})
"""Choices of `government` that hold real government consumption and saving, and the tax that each frees."""


def _options() -> Mapping[str, Mapping[str, str]]:
    result = {option: dict(choices) for option, choices in _OWN.items()}
    for block in BLOCKS.values():
        if block.option:
            option, choice = block.option
            result.setdefault(option, {})[choice] = block.title
    return result


OPTIONS: Mapping[str, Mapping[str, str]] = MappingProxyType(_options())
"""Every option of a closure and what it means: the closure's own, and those that bring in a block."""


@dataclass(frozen=True)
class Closure:
    """Which variables are exogenous.

    Attributes:
        household, saving, labour, capital, government: a key of `OPTIONS`.
        numeraire: "world" for the world factor price index, or a region whose consumer price index is one.
        financed: regions whose budget `government` balances, by a named tax; a lump-sum tax balances the others'.
            Empty for all.
        blocks: more blocks of the model's structure: names of `cge.equations.structures.BLOCKS` or `STRUCTURES`, or
            blocks of others.

    Raises:
        PolicyError: for an unknown option or block, a government without, or beside, its household, or options that
            together make no sense.
    """

    household: str = "regional"
    saving: str = "fixed"
    labour: str = "fixed"
    government: str = "household"
    numeraire: str = "world"
    blocks: tuple[str | Block, ...] = ()
    capital: str = "fixed"
    financed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", blocks_of(self.blocks))
        known = (*STRUCTURES, *BLOCKS)
        faults = [
            f"{option} is one of {', '.join(choices)}, not {getattr(self, option)!r}"
            for option, choices in OPTIONS.items()
            if getattr(self, option) not in choices
        ]
        faults += [
            f"unknown block {name!r}{nearest(name, known)}; there are the structures {', '.join(STRUCTURES)} and the "
            f"blocks {', '.join(BLOCKS)}"
            for name in self.blocks
            if isinstance(name, str) and name not in BLOCKS
        ]
        if (self.household == "regional") != (self.government == "household"):
            faults.append("government 'household' goes with the regional household, every other with the separate one")
        faults += self._contradictions()
        if faults:
            raise PolicyError("closure: " + "; ".join(faults))

    def _contradictions(self) -> list[str]:
        """Options that together make no sense, and why."""
        faults = []
        if self.household == "separate" and "cde" in self.blocks:
            faults.append(
                "a separate household and CDE demand: the upper level of the block cde (part of gtap7) is that of the "
                "regional household; use household 'regional', or leave the financing out"
            )
        if self.labour == "real-wage" and self.government == "consumption-tax":
            faults.append(
                "a fixed real wage and a consumption tax: what the tax takes from wages the wage bill makes good, and "
                "employment follows any other tax without end; use labour 'supply' or 'fixed'"
            )
        if self.capital == "long" and self.labour == "real-wage":
            faults.append(
                "a fixed real wage and the long run: labour and capital both come at a price that is given, and nothing"
                " says how large a region is; use labour 'supply' or 'fixed'"
            )
        if self.capital == "long" and self.saving != "fixed":
            faults.append("the long run holds each region's foreign saving beside its return; use saving 'fixed'")
        if self.saving == "real-exchange-rates" and self.numeraire != "world":
            faults.append("all consumer prices are held with saving 'real-exchange-rates'; leave the numeraire out")
        if self.financed and self.government not in TAXES:
            faults.append(f"only a tax can be freed in some regions: government is one of {', '.join(TAXES)}")
        return faults

    @property
    def added(self) -> tuple[Block, ...]:
        """Blocks that the closure brings into the structure."""
        chosen = [b for b in BLOCKS.values() if b.option and getattr(self, b.option[0]) == b.option[1]]
        named = [BLOCKS[block] if isinstance(block, str) else block for block in self.blocks]
        return tuple(dict.fromkeys(each for block in (*chosen, *named) for each in (*block.needs, block)))

    def structure(self, instruments: frozenset[str] = frozenset()) -> Structure:
        """The model's structure under this closure, with more instruments held everywhere if asked."""
        return Structure(self.added, EVERYWHERE | instruments)

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
        if self.saving == "real-exchange-rates":
            held["pworld"], held["cpi"] = np.array(False), model.exists["cpi"]
            held["sf"], held["lending"] = ~model.exists["sf"], np.array(True)
        if self.labour == "real-wage":
            wage = np.broadcast_to(model.constants["is_labour"] != 0.0, model.shape(model.symbols["rw"])).copy()
            if not wage.any():
                raise PolicyError("a fixed real wage needs a factor whose role is labour")
            held["rw"], held["endow"] = wage, ~wage
        if self.household == "separate" and (nobody := self._without_government(model)):
            raise PolicyError(
                f"government consumption of {', '.join(nobody)} is zero, so nothing takes up what its taxes yield; "
                "use a closure with the regional household (standard, global-bank, unemployment)"
            )
        if self.government in TAXES:
            held |= self._budget(model)
        for block in model.structure.blocks:
            for name, mask in (block.held(model) if block.held else {}).items():
                frees = model.symbols[name].kind == "instrument"
                held[name] = mask if name not in held else held[name] & mask if frees else held[name] | mask
        return held

    def _budget(self, model: Model) -> dict[str, NDArray[np.bool_]]:
        """Real government consumption is held, and the named tax is freed; elsewhere a lump-sum tax."""
        labels, governs = model.parameters.labels["region"], model.exists["g"]
        if unknown := [name for name in self.financed if name not in labels]:
            raise PolicyError(
                [f"financing: unknown region {name!r}{nearest(name, labels)}" for name in unknown], "closure"
            )
        named = np.isin(labels, self.financed or labels)
        held = {"g": governs, TAXES[self.government]: ~(governs & named)}
        if not named.all():
            held["lumpsum"] = held.get("lumpsum", np.ones_like(governs)) & ~(governs & ~named)
        return held

    def unspent(self, model: Model, point: Table) -> list[str]:
        """Regions without government consumption that raise revenue at a point, for which nothing has a use."""
        if self.household != "separate":
            return []
        raised = sum(abs(np.asarray(point[name[:-1]])) for name in _REVENUE) + abs(np.asarray(point["lumpsum"]))
        idle = (model.parameters.arrays["government"] == 0.0) & (raised > 1e-12)
        return [name for name, none in zip(model.parameters.labels["region"], idle, strict=True) if none]

    @staticmethod
    def _without_government(model: Model) -> list[str]:
        """Regions whose government takes something in, or saves, and buys nothing; none without any budget."""
        of = model.parameters.arrays
        budget = sum(abs(of[name]) for name in (*_REVENUE, "sg0"))
        idle = (of["government"] == 0.0) & (budget != 0.0)
        return [name for name, none in zip(model.parameters.labels["region"], idle, strict=True) if none]

    @property
    def unset(self) -> dict[str, str]:
        """Instruments that a scenario would set for nothing under this closure, and why."""
        moves = frozenset().union(*(block.moves for block in self.added))
        why = "the regional household pools all income and divides it over consumption, government and saving"
        found = {name: why for name in ("lumpsum", "sg", "td") if name not in moves}
        if self.government in TAXES:
            freed = TAXES[self.government]
            found = {freed: "it balances the government's budget"}
            if freed != "surtax":
                found[{"lumpsum": "td", "td": "lumpsum"}[freed]] = "the tax that balances the budget offsets it"
        if self.distorted and self.government != "direct-tax":
            found.pop("td", None)
        if self.distorted and self.government == "direct-tax":
            found.pop("lumpsum", None)
        if self.saving in ("bank", "shares"):
            found["sf"] = "the global bank decides on it"
        if self.saving == "real-exchange-rates":
            found["sf"] = "it adjusts until real exchange rates are the benchmark's"
        return found

    @property
    def distorted(self) -> bool:
        """Whether a direct tax changes what is supplied of a factor: employment, or capital."""
        return self.labour != "fixed" or self.capital != "fixed"

    def _repr_html_(self) -> str:
        return card("Closure", dict(row.split(": ", 1) for row in self.describe().splitlines()))

    @property
    def sha256(self) -> str:
        """Fingerprint of the options, and of what blocks of a user's own do."""
        return value_sha256(self)

    def describe(self) -> str:
        """The options in words, one a line."""
        lines = [f"{option}: {choices[getattr(self, option)]}" for option, choices in OPTIONS.items()]
        lines += [f"{block.name}: {block.title}" for block in self.added if not block.option]
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
    | {name: Closure(**options) for block in BLOCKS.values() for name, options in block.closures.items()}
)
"""Closures by name."""
