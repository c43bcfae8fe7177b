"""What a scenario may say: frozen, validated values; a scenario file holds the same words.

Rates are in per cent, as in the sources: `add: 10` on a tariff of 2.5 % makes 12.5 %.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, PrivateAttr, Tag, field_validator, model_validator

from cge.errors import nearest
from cge.scenarios.blocks.barriers import HomePreference, NonTariff
from cge.scenarios.blocks.carbon import BorderCarbon, CarbonPrice
from cge.scenarios.blocks.membership import Membership
from cge.scenarios.blocks.quotas import QuotaChange
from cge.scenarios.blocks.rates import Rates
from cge.scenarios.blocks.retaliation import Retaliation
from cge.scenarios.blocks.schedules import Schedule
from cge.scenarios.blocks.swaps import Exchange
from cge.scenarios.names.groups import load_groups
from cge.scenarios.names.vocabulary import Frozen

KINDS: Mapping[str, type[Frozen]] = {
    "instrument": Rates,
    "quota": QuotaChange,
    "agreement": Membership,
    "schedule": Schedule,
    "retaliation": Retaliation,
    "hold": Exchange,
    "non_tariff": NonTariff,
    "home_preference": HomePreference,
    "carbon_price": CarbonPrice,
    "border_carbon": BorderCarbon,
}
"""Blocks by the key that they begin with."""


def block_kind(block: Any) -> str | None:
    """The key that tells which kind of block a mapping or value is; None if it is none."""
    if isinstance(block, Mapping):
        return next((key for key in KINDS if key in block), None)
    return next((key for key, kind in KINDS.items() if isinstance(block, kind)), None)


Block = Annotated[
    Annotated[Rates, Tag("instrument")]
    | Annotated[QuotaChange, Tag("quota")]
    | Annotated[Membership, Tag("agreement")]
    | Annotated[Schedule, Tag("schedule")]
    | Annotated[Retaliation, Tag("retaliation")]
    | Annotated[Exchange, Tag("hold")]
    | Annotated[NonTariff, Tag("non_tariff")]
    | Annotated[HomePreference, Tag("home_preference")]
    | Annotated[CarbonPrice, Tag("carbon_price")]
    | Annotated[BorderCarbon, Tag("border_carbon")],
    Discriminator(block_kind),
]


def _acts(block: Block) -> Any:
    """What of a block acts on the model; an agreement with its data."""
    words = block.model_dump(mode="json", exclude_none=True)
    if isinstance(block, Membership):
        texts = {"title", "sources", "leaves_out"}
        words["data"] = block.data.model_dump(mode="json", exclude_none=True, exclude=texts)
        words["countries"] = block.data.countries
    if isinstance(block, Schedule):
        words["table"] = block.table.to_csv(index=False)
    return words


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


class Scenario(Frozen):
    """A policy: named shocks on the benchmark, with the question that it answers and the sources of its numbers.

    Attributes:
        name: lower-case words joined by hyphens; the name of its folder of results.
        title: one line.
        question: what it is to answer, one paragraph.
        sources: of its numbers; at least one.
        shocks: in order; each acts on what those before it left.
        parts: other scenarios, applied in order before the shocks; in Python also their names or files.
        wins: where two parts want the same rate or quota: "last", or the name of the part that wins.
        row: row of the policy in the table of policies (docs/scenarios.md); 0 if it has none.
        leaves_out: what a reader should know that it does not cover.
    """

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str = Field(min_length=1)
    question: str = Field(min_length=1)
    sources: tuple[str, ...] = Field(min_length=1)
    shocks: tuple[Block, ...] = ()
    parts: tuple[Scenario, ...] = ()
    wins: str | None = None
    row: int = Field(default=0, ge=0, le=19)
    leaves_out: str = ""

    _origin: Origin = PrivateAttr(default_factory=Origin)

    @field_validator("parts", mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        from .library import part  # it reads scenarios

        return tuple(map(part, value)) if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _settled(self) -> Self:
        names = [part.name for part in self.parts]
        faults = [f"part {name} is given twice; name it once" for name in dict.fromkeys(names) if names.count(name) > 1]
        if self.wins is not None and self.wins not in ("last", *names):
            hint = nearest(self.wins, ("last", *names))
            faults.append(
                f"wins: {self.wins} is no part{hint}; write last, or one of {', '.join(names) or 'its parts'}"
            )
        if faults:
            raise ValueError("; ".join(faults))
        return self

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
        content = self._content()
        text = json.dumps(content, sort_keys=True)
        groups = {
            name: [list(group.members), dict(group.weights.values) if group.weights else None]
            for named in load_groups().values()
            for name, group in named.items()
            if f'"{name}"' in text
        }
        return hashlib.sha256(json.dumps([content, groups], sort_keys=True).encode()).hexdigest()

    def _content(self) -> Any:
        shocks = [_acts(block) for block in self.shocks]
        if not self.parts:
            return shocks
        return [{"parts": [[part.name, part._content()] for part in self.parts], "wins": self.wins}, *shocks]
