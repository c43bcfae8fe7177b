"""Named groups of countries and sectors, and what part of each label of a benchmark belongs to them.

A benchmark's region is a country or an aggregate of countries. A group that holds all of it takes it whole; a group
that holds some of it takes it in proportion to trade where the group names trade weights, and otherwise leaves it
out. Either way a note says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from cge.calibration.world2020 import sources

FILE = Path(__file__).parent / "groups.yaml"
SHOWN = 8
"""Names of countries that a note shows at most."""

REST = "ROW"
"""The country code of all countries that the world table does not list."""


@dataclass(frozen=True)
class Weights:
    """Trade by country that splits regions of which a group holds a part.

    Attributes:
        title, source: what they are, and from where.
        values: by country code, million USD.
    """

    title: str
    source: str
    values: Mapping[str, float]


@dataclass(frozen=True)
class Group:
    """A named group of countries or sectors.

    Attributes:
        name, title, source: how it is called, what it is, and who says so.
        members: country codes (ISO 3166-1 alpha-3), or codes of the 28 sectors.
        weights: trade that splits partly held regions; None to leave them out.
    """

    name: str
    title: str
    members: tuple[str, ...]
    source: str
    weights: Weights | None = None


@cache
def _raw() -> dict[str, Any]:
    raw: dict[str, Any] = YAML(typ="safe").load(FILE)
    return raw


@cache
def load_groups() -> Mapping[str, Mapping[str, Group]]:
    """The groups of `groups.yaml`: axis ("region" or "sector") to name to group."""
    raw = _raw()
    weights = {
        name: Weights(entry["title"], entry["source"], {str(k): float(v) for k, v in entry["values"].items()})
        for name, entry in raw["weights"].items()
    }
    return {
        axis: {
            name: Group(
                name,
                entry["title"],
                tuple(entry["members"]),
                entry["source"],
                weights[entry["weights"]] if "weights" in entry else None,
            )
            for name, entry in raw[key].items()
        }
        for axis, key in (("region", "regions"), ("sector", "sectors"))
    }


@cache
def world_trade() -> Weights:
    """Trade of every country of the world table, which splits regions that an agreement holds a part of."""
    values = {str(code): float(musd) for code, musd in sources.trade_by_country().items()}
    return Weights("exports plus imports of 2020", "calibration/data/trade_2020.csv", values)


@dataclass(frozen=True)
class Axis:
    """The labels of one axis of a benchmark, what each consists of, and the groups that can be named on it.

    Args:
        kind: "region", "sector", or any other axis, which then has no groups.
        labels: in the benchmark's order.
        content: label to the countries (or 28-sector codes) that it holds; None if not known.
        names: country code (or sector code) to its name in words.
    """

    kind: str
    labels: tuple[str, ...]
    content: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def groups(self) -> Mapping[str, Group]:
        """Groups that can be named on this axis."""
        return load_groups().get(self.kind, {})

    def holder(self, code: str) -> str | None:
        """The aggregate that a country or sector is inside of; None if it is not known."""
        return next((label for label, held in self.content.items() if held and code in held), None)

    def shares(self, group: Group) -> tuple[dict[str, float], list[str]]:
        """The part of each label that belongs to a group.

        Returns:
            Label to share in 0 to 1 (zero left out), and notes on members that the benchmark cannot separate.
        """
        shares: dict[str, float] = {}
        notes: list[str] = []
        listed = {code for held in self.content.values() if held for code in held}
        unlisted = [m for m in group.members if m not in listed]
        for label in self.labels:
            held = self.content.get(label)
            if held is None:
                if label in group.members:
                    shares[label] = 1.0
                continue
            inside = sorted(held & set(group.members))
            if REST in held and self.kind == "region":
                inside += unlisted
            if not inside:
                continue
            if set(inside) >= held:
                shares[label] = 1.0
                continue
            share = self._traded(held, inside, group.weights, listed) if group.weights else 0.0
            if share > 0.0:
                shares[label] = share
            notes.append(self._note(group, label, inside, share))
        return shares, notes

    def _traded(self, held: frozenset[str], inside: Sequence[str], weights: Weights, listed: set[str]) -> float:
        everyone = [c for c in weights.values if c in held or (REST in held and c not in listed)]
        total = sum(weights.values[c] for c in everyone)
        return sum(weights.values.get(c, 0.0) for c in inside) / total if total else 0.0

    def _note(self, group: Group, label: str, inside: Iterable[str], share: float) -> str:
        names = [self.names.get(c, c) for c in inside]
        more = len(names) - SHOWN
        who = ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
        text = f"{group.name}: {who} cannot be separated from the other members of {label}, "
        if share > 0.0 and group.weights:
            return text + f"which is counted with the share {share:.1%} ({group.weights.title})"
        return text + "which is left out"


def region_axis(labels: Sequence[str]) -> Axis:
    """The regions of a benchmark, with the countries that each holds."""
    table = sources.regions()
    columns = [c for c in table.columns if c[0] == "r" and c[1:].isdigit()]
    names = {str(code): str(name) for code, name in table["name"].items()} | _raw()["names"]
    return Axis("region", tuple(labels), _content(labels, {c: table[c] for c in columns}), names)


def sector_axis(labels: Sequence[str]) -> Axis:
    """The sectors of a benchmark, with those of the 28 sectors that each holds."""
    table = sources.sectors().drop_duplicates("s28").set_index("s28")
    names = {str(code): str(name) for code, name in table["name28"].items()}
    columns = {"s28": pd.Series(table.index, index=table.index), "s12": table["s12"]}
    return Axis("sector", tuple(labels), _content(labels, columns), names)


def _content(labels: Sequence[str], columns: Mapping[str, pd.Series]) -> dict[str, frozenset[str] | None]:
    """What each label holds: by the first map that knows all labels, else label by label."""

    held = [
        {str(label): frozenset(map(str, codes)) for label, codes in column.groupby(column).groups.items()}
        for column in columns.values()
    ]
    for known in held:
        if set(labels) <= known.keys():
            return {label: known[label] for label in labels}
    codes = {str(code) for column in columns.values() for code in column.index}
    return {
        label: frozenset([label]) if label in codes else next((known[label] for known in held if label in known), None)
        for label in labels
    }
