"""What a scenario may say: frozen, validated values; a scenario file holds the same words.

Rates are in per cent, as in the sources: `add: 10` on a tariff of 2.5 % makes 12.5 %.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, PrivateAttr, Tag, field_validator, model_validator

from cge.symbols import INSTRUMENTS, RATE

from .errors import nearest
from .groups import load_groups

WORDS: Mapping[str, str] = {
    "import_tariff": "tm",
    "export_tax": "te",
    "ntm_premium": "ntm",
    "iceberg_cost": "tau",
    "output_tax": "to",
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
}
"""Keys that select labels, and the axis of each."""

Owner = Literal["exporter", "importer", "treasury"]
OWNERS: tuple[Owner, ...] = ("exporter", "importer", "treasury")
"""Who may own the rent of a quota."""

_REQUIRED = ("exporters", "importers", "regions")
_BELOW_100 = ("to", "td")
_OPERATIONS = ("set", "add", "scale")


def unit(word: str) -> str:
    """Unit of an instrument in scenarios: what its per cent are of."""
    symbol = INSTRUMENTS[WORDS[word]]
    if symbol.unit == RATE:
        return "per cent of the value it falls on"
    if symbol.unit.startswith("index"):
        return "per cent above the benchmark"
    return "per cent of benchmark regional income"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Selector(_Frozen):
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
        return value

    @field_validator("include", "except_", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def __str__(self) -> str:
        text = ", ".join(self.include)
        return text + (f" except {', '.join(self.except_)}" if self.except_ else "")


class _Block(_Frozen):
    exporters: Selector | None = None
    importers: Selector | None = None
    sectors: Selector | None = None

    def selector(self, key: str) -> Selector:
        """The labels that a key selects; all if it is not given."""
        given: Selector | None = getattr(self, key)
        return given or Selector()


class Rates(_Block):
    """A change of one instrument on the labels that the selectors name.

    Attributes:
        instrument: a word of `WORDS`.
        exporters, importers, regions, sectors, inputs, factors, agents: where; those that the instrument has.
            Exporters, importers and regions must be given, the others are "all" if not.
        set: the new rate, per cent.
        add: percentage points on top.
        scale: factor on the present rate (on 1 plus the per cent for an index).
        layer: part of the benchmark's tariff that the change acts on, such as section301; the whole if not given.
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
    both_ways: bool = False
    inside: bool = False

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

    def __str__(self) -> str:
        name, number = self.operation
        by = {"set": f"set to {number:g} %", "add": f"{number:+g} points", "scale": f"times {number:g}"}[name]
        where = [f"{k} {getattr(self, k)}" for k in SELECTORS if getattr(self, k) is not None]
        words = f"{self.instrument} {by}: " + "; ".join(where)
        words += f"; layer {self.layer}" if self.layer else ""
        return words + ("; both ways" if self.both_ways else "")


def out_of_range(symbol: str, excess: float) -> list[str]:
    """Why a level cannot be, given as a rate (or, for an index, as the excess over 1)."""
    if INSTRUMENTS[symbol].unit.startswith("share"):
        return []
    if excess <= -1.0:
        return ["is -100 % or lower; rates end above -100 %"]
    if symbol in _BELOW_100 and excess >= 1.0:
        return ["takes everything; this tax must stay under 100 %"]
    return []


class Volume(_Frozen):
    """Volume of a quota: relative to the benchmark flow, or in tonnes with the tonnes of that flow.

    Attributes:
        relative: 1 for the benchmark's volume.
        tonnes, base_tonnes: of the quota, and of the benchmark's flow; a year.
    """

    relative: float | None = Field(default=None, gt=0.0)
    tonnes: float | None = Field(default=None, gt=0.0)
    base_tonnes: float | None = Field(default=None, gt=0.0)

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return {"relative": value} if isinstance(value, int | float) else value

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        in_tonnes = self.tonnes is not None
        if in_tonnes == (self.relative is not None):
            raise ValueError("give either a number relative to the benchmark's volume, or tonnes and base_tonnes")
        if in_tonnes and self.base_tonnes is None:
            raise ValueError("tonnes needs a base volume; add base_tonnes, the tonnes of the benchmark's flow")
        return self

    @property
    def value(self) -> float:
        """Relative to the benchmark flow."""
        if self.relative is not None:
            return self.relative
        return (self.tonnes or 0.0) / (self.base_tonnes or 1.0)

    def __str__(self) -> str:
        text = f"{self.value:.3g} of the benchmark volume"
        return text if self.tonnes is None else f"{self.tonnes:,.0f} t ({text})"


class QuotaChange(_Block):
    """A quota on each of the flows that the selectors name, or one on all of them together.

    Attributes:
        quota: "remove" (none, whatever the benchmark has), "hard" (nothing enters above it) or "tariff-rate".
        exporters, importers, sectors: which flows; all three must be given.
        volume: of the quota; required unless removed.
        in_quota_rate, out_of_quota_rate: tariff below and above the quota, per cent; a tariff-rate quota needs both.
        layer: part of the benchmark's tariff that the rates replace; the whole if not given.
        together: one quota on all the flows, with one premium, in place of one on each.
        rent_owners: share of the rent by owner (exporter, importer, treasury); the benchmark's if not given.
    """

    quota: Literal["remove", "hard", "tariff-rate"]
    volume: Volume | None = None
    in_quota_rate: float | None = Field(default=None, gt=-100.0)
    out_of_quota_rate: float | None = Field(default=None, gt=-100.0)
    layer: str | None = None
    together: bool = False
    rent_owners: Mapping[Owner, Annotated[float, Field(ge=0.0)]] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        keys = ("exporters", "importers", "sectors")
        faults = [f"a quota needs {key}; name them" for key in keys if getattr(self, key) is None]
        given = {k for k in ("volume", "in_quota_rate", "out_of_quota_rate") if getattr(self, k) is not None}
        wanted: dict[str, set[str]] = {
            "remove": set(),
            "hard": {"volume"},
            "tariff-rate": {"volume", "in_quota_rate", "out_of_quota_rate"},
        }
        faults += [f"a {self.quota} quota needs {key}" for key in sorted(wanted[self.quota] - given)]
        if self.quota == "remove":
            given |= {k for k in ("layer", "rent_owners") if getattr(self, k) is not None}
            faults += [f"quota: remove takes no {key}; delete it" for key in sorted(given)]
        if self.quota == "hard" and self.out_of_quota_rate is not None:
            faults.append("nothing enters above a hard quota; delete out_of_quota_rate, or write quota: tariff-rate")
        low, high = self.in_quota_rate, self.out_of_quota_rate
        if low is not None and high is not None and low > high:
            faults.append(f"in_quota_rate {low:g} is above out_of_quota_rate {high:g}; exchange them")
        if self.rent_owners is not None and abs(sum(self.rent_owners.values()) - 1.0) > 1e-9:
            faults.append(f"rent_owners sum to {sum(self.rent_owners.values()):g}; they must sum to 1")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def __str__(self) -> str:
        flows = f"from {self.exporters} to {self.importers}, {self.sectors}"
        if self.quota == "remove":
            return f"quota {flows}: removed"
        rates = "" if self.in_quota_rate is None else f", {self.in_quota_rate:g} % in quota"
        rates += "" if self.out_of_quota_rate is None else f", {self.out_of_quota_rate:g} % above"
        return f"{self.quota} quota {flows}{' together' if self.together else ''}: {self.volume}{rates}"


def block_kind(block: Any) -> str:
    """Which kind of block a mapping or value is."""
    if isinstance(block, Mapping):
        return "quota" if "quota" in block else "rates"
    return "quota" if isinstance(block, QuotaChange) else "rates"


BLOCKS: Mapping[str, type[_Block]] = {"rates": Rates, "quota": QuotaChange}
Block = Annotated[Annotated[Rates, Tag("rates")] | Annotated[QuotaChange, Tag("quota")], Discriminator(block_kind)]


@dataclass(frozen=True)
class Origin:
    """Where a scenario was written, so that an error can say where to look.

    Attributes:
        file: name of the file; empty for a scenario made in Python.
        lines: line of every key, by its path from the root.
    """

    file: str = ""
    lines: Mapping[tuple[str | int, ...], int] | None = None

    def where(self, *path: str | int) -> str:
        """Place of a key: `file.yaml:12`, or its path if there is no file."""
        if not self.file:
            return ".".join(str(p) for p in path)
        lines = self.lines or {}
        steps = (path[:n] for n in range(len(path), -1, -1))
        line = next((lines[step] for step in steps if step in lines), 1)
        return f"{self.file}:{line}"


class Scenario(_Frozen):
    """A policy: named shocks on the benchmark, with the question that it answers and the sources of its numbers.

    Attributes:
        name: lower-case words joined by hyphens; the name of its folder of results.
        title: one line.
        question: what it is to answer, one paragraph.
        sources: of its numbers; at least one.
        shocks: in order; each acts on what those before it left.
        row: row of the policy in the table of policies (docs/scenarios.md); 0 if it has none.
        leaves_out: what a reader should know that it does not cover.
    """

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str = Field(min_length=1)
    question: str = Field(min_length=1)
    sources: tuple[str, ...] = Field(min_length=1)
    shocks: tuple[Block, ...]
    row: int = Field(default=0, ge=0, le=19)
    leaves_out: str = ""

    _origin: Origin = PrivateAttr(default_factory=Origin)

    @property
    def origin(self) -> Origin:
        """Where it was written."""
        return self._origin

    def located(self, origin: Origin) -> Self:
        """The same scenario with the place where it was written."""
        copy = self.model_copy()
        copy._origin = origin
        return copy

    @property
    def sha256(self) -> str:
        """Fingerprint of what acts on the model: shocks, and the groups that they name; not of titles and sources."""
        shocks = [block.model_dump(mode="json", exclude_none=True) for block in self.shocks]
        text = json.dumps(shocks, sort_keys=True)
        groups = {
            name: [list(group.members), dict(group.weights.values) if group.weights else None]
            for named in load_groups().values()
            for name, group in named.items()
            if f'"{name}"' in text
        }
        return hashlib.sha256(json.dumps([shocks, groups], sort_keys=True).encode()).hexdigest()
