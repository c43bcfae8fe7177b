"""The axes of a benchmark as scenarios may name them: labels, codes of what they contain, and groups.

A group that holds all of a label takes it whole; one that holds some of it takes it in proportion to trade where the
group names trade weights, and otherwise leaves it out. Either way a note says so. What a label contains is what the
benchmark says (`Benchmark.contents`), never how it is spelt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import iso3166

from cge.calibration import contents_text, products
from cge.calibration.contents import REST, ROLES, Contents

from .groups import NONE, Group, Groups, Weights, load_groups

SHOWN = 8
"""Names of countries that a note shows at most."""

HOLDS: Mapping[str, str] = {"region": "countries", "sector": "products"}
"""What the labels of an axis contain."""


@dataclass(frozen=True)
class Axis:
    """The labels of one axis of a benchmark, what each contains, and the groups that can be named on it.

    Args:
        kind: "region", "sector", "factor", or any other axis, which has no groups.
        labels: in the benchmark's order.
        content: label to the codes of the countries (or of the 28 sectors) that it holds; empty if not known.
        names: code of a country or sector to its name in words.
        titles: label to its name in words, where it has one.
        groups: that can be named.
    """

    kind: str
    labels: tuple[str, ...]
    content: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)

    def held(self, label: str) -> frozenset[str]:
        """Codes of what a label holds; empty if they are not known."""
        return self.content.get(label, frozenset())

    def holder(self, code: str) -> str | None:
        """The label that holds a country or sector, the rest if no other does; None if it is not known."""
        found = next((label for label in self.labels if code in self.held(label)), None)
        if found is None and self.kind == "region" and self._is_code(code):
            return next((label for label in self.labels if REST in self.held(label)), None)
        return found

    def label_of(self, name: str) -> str | None:
        """The label that a name means: itself, or the one that holds the code and nothing else."""
        if name in self.labels:
            return name
        holder = self.holder(name)
        return holder if holder is not None and self.held(holder) == {name} else None

    def mistaken(self, name: str) -> str:
        """Why a label cannot be named: it is also a code, or a group, of something else. Empty if it can."""
        held = self.held(name)
        if name not in self.labels or not held:
            return ""
        if self._is_code(name) and name not in held:
            return (
                f"is the code of {self.names.get(name, name)}, but in this benchmark a label of what is not; rename it"
            )
        group = self.groups.get(name)
        if group is not None and self.shares(group)[0] != {name: 1.0}:
            return f"is a {self.kind} of this benchmark and a group that is not the same; rename the {self.kind}"
        return ""

    def named(self, group: Group) -> frozenset[str]:
        """Labels that are members of an own group as such, whatever they hold."""
        return frozenset(group.members).intersection(self.labels) if group.own else frozenset()

    def unsure(self, group: Group, named: frozenset[str] = frozenset()) -> list[str]:
        """Labels of which it is not known whether they hold members of a group, or of labels named beside it."""
        named |= self.named(group)
        listed = {code for label in self.labels for code in self.held(label)}
        lost = [member for member in group.members if member not in listed and member not in self.named(group)]
        return [label for label in self.labels if not self.held(label) and label not in named] if lost else []

    def unknown_members(self, group: Group) -> list[str]:
        """Members of an own group that are neither labels nor codes."""
        return [
            m
            for m in group.members
            if group.own and self.holder(m) is None and m not in self.labels and not self._is_code(m)
        ]

    def shares(self, group: Group, named: frozenset[str] = frozenset()) -> tuple[dict[str, float], list[str]]:
        """The part of each label that belongs to a group, or to labels named beside it.

        Returns:
            Label to share in 0 to 1 (zero left out), and notes on members that the benchmark cannot separate.
        """
        shares: dict[str, float] = {}
        notes: list[str] = []
        named |= self.named(group)
        listed = {code for label in self.labels for code in self.held(label)}
        unlisted = [m for m in group.members if m not in listed and m not in self.named(group)]
        for label in self.labels:
            held = self.held(label)
            inside = sorted(held & set(group.members))
            if REST in held and self.kind == "region":
                inside += unlisted
            if label in named or (inside and set(inside) >= held):
                shares[label] = 1.0
                continue
            if not inside:
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

    def _is_code(self, name: str) -> bool:
        if self.kind == "region":
            return name in iso3166.countries_by_alpha3
        return self.kind == "sector" and name in products.names()


def axes_of(contents: Contents, own: Groups = NONE) -> dict[str, Axis]:
    """The axes region, sector and factor of a benchmark with these contents, with the package's and own groups.

    The groups of factors are the roles: labour, capital, land, resource.
    """
    groups = load_groups()
    countries = {region: contents.countries(region) for region in contents.regions}
    made = {sector: contents.products(sector) for sector in contents.sectors}
    roles = {
        role: Group(name=role, title=f"factors that are {role}", members=tuple(contents.with_role(role)), own=True)  # type: ignore[arg-type]
        for role in ROLES
        if contents.with_role(role)  # type: ignore[arg-type]
    }
    titles = [
        {label: entry.name for label, entry in entries.items() if entry.name}
        for entries in (contents.regions, contents.sectors, contents.factors)
    ]
    every = [{**groups[axis], **own[axis]} for axis in ("region", "sector")]
    places, goods = contents_text.country_names(), products.names()
    return {
        "region": Axis("region", tuple(contents.regions), countries, places, titles[0], every[0]),
        "sector": Axis("sector", tuple(contents.sectors), made, goods, titles[1], every[1]),
        "factor": Axis("factor", tuple(contents.factors), titles=titles[2], groups=roles),
    }
