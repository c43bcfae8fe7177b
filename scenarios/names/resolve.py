"""From the names in a scenario to the labels of a benchmark, with a weight between 0 and 1 for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cge.calibration.benchmark import Benchmark
from cge.calibration.contents import ROLES
from cge.errors import nearest

from .axes import HOLDS, Axis, axes_of
from .groups import NONE, Group, Groups, world_trade
from .vocabulary import Selector

ALL = "all"


@dataclass
class Findings:
    """What is said about a scenario on a benchmark, each thing once: faults to repair, notes to know."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def fault(self, where: str, text: str) -> None:
        """Add a fault at a place."""
        line = f"{where}: {text}"
        if line not in self.faults:
            self.faults.append(line)

    def note(self, *texts: str) -> None:
        """Add notes."""
        self.notes += [text for text in texts if text not in self.notes]


@dataclass(frozen=True)
class World:
    """The axes of a benchmark as scenarios may name them."""

    axes: Mapping[str, Axis]

    @classmethod
    def of(cls, benchmark: Benchmark, own: Groups = NONE) -> World:
        """The axes of a benchmark, with a user's own groups beside the package's."""
        axes = axes_of(benchmark.contents, own)
        regions, sectors = axes["region"], axes["sector"]
        others = {
            axis: Axis(axis, tuple(str(label) for label in benchmark.data[axis].values))
            for axis in ("agent", "owner", "layer")
        }
        return cls(axes | {"exporter": regions, "importer": regions, "input": sectors} | others)

    def own_faults(self) -> list[str]:
        """What is wrong with own groups on this benchmark: names that hide labels, members that are nothing."""
        faults = []
        for axis in ("region", "sector"):
            of = self.axes[axis]
            for group in (group for group in of.groups.values() if group.own):
                if group.name in of.labels:
                    faults.append(f"group {group.name} has the name of a {axis} of the benchmark; rename it")
                faults += [f"group {group.name}: {self._unknown(m, of, axis)}" for m in of.unknown_members(group)]
        return faults

    def weights(self, selector: Selector, axis: str, where: str, found: Findings) -> xr.DataArray:
        """Weight of every label of an axis under a selector: 1 where it is named, 0 where it is not.

        Returns:
            Weights [axis]; between 0 and 1 for an aggregate of which a group holds a part.
        """
        of = self.axes[axis]
        taken = np.zeros(len(of.labels))
        for name in selector.include:
            taken = np.maximum(taken, self._named(name, of, axis, where, found))
        for name in selector.except_:
            taken = np.minimum(taken, 1.0 - self._named(name, of, axis, where, found))
        return xr.DataArray(taken, dims=(axis,), coords={axis: list(of.labels)})

    def countries(self, what: str, names: Sequence[str], where: str, found: Findings) -> xr.DataArray:
        """Weight of every region under a list of regions, groups and country codes, as one group.

        An aggregate of which some countries are on the list takes their share in its trade of 2020, and a note says
        so; a country whose trade is not known apart is left out, and a note says so, too.

        Args:
            what: name of the list, for notes.
            names: labels, groups or country codes.
            where: place, for faults.
            found: faults and notes.

        Returns:
            Weights [region].
        """
        of = self.axes["region"]
        labels, codes = set[str](), list[str]()
        for name in names:
            if name in of.labels:
                labels.add(self._meant(name, of, "region", where, found))
            elif name in of.groups:
                labels |= of.named(of.groups[name])
                codes += [member for member in of.groups[name].members if member not in of.named(of.groups[name])]
            elif name in of.names or of.holder(name):
                codes.append(name)
            else:
                found.fault(where, self._unknown(name, of, "region"))
        group = Group(name=what, members=tuple(dict.fromkeys(codes)), weights=world_trade())
        before = len(found.faults)
        shares = self._shares(group, of, where, found, frozenset(labels))
        if names and not shares and len(found.faults) == before:
            found.fault(where, f"{what}: none of {', '.join(names)} is separate in this benchmark; use a finer one")
        return xr.DataArray(
            [shares.get(label, 0.0) for label in of.labels], dims="region", coords={"region": list(of.labels)}
        )

    def _meant(self, name: str, of: Axis, axis: str, where: str, found: Findings) -> str:
        """A label or code as it stands, with a fault if it would be taken for something else."""
        if mistaken := of.mistaken(name):
            found.fault(where, f"{axis} {name} {mistaken}")
        return name

    def _shares(
        self, group: Group, of: Axis, where: str, found: Findings, named: frozenset[str] = frozenset()
    ) -> dict[str, float]:
        """The part of each label in a group, with notes; a fault where contents that it needs are not known."""
        unsure = of.unsure(group, named)
        if unsure:
            found.fault(
                where,
                f"{group.name} is named by {HOLDS[of.kind]}, and those of {of.kind} {', '.join(unsure)} are not known; "
                f"say them in the contents of the benchmark (docs/contents.md), or name {of.kind}s",
            )
            return {}
        shares, notes = of.shares(group, named)
        found.note(*notes)
        return shares

    def check(self, name: str, axis: str, where: str, found: Findings) -> None:
        """Report a name that is not known on an axis."""
        self._named(name, self.axes[axis], axis, where, found)

    def _named(self, name: str, of: Axis, axis: str, where: str, found: Findings) -> NDArray[np.float64]:
        if name == ALL:
            return np.ones(len(of.labels))
        label = of.label_of(name)
        if label is not None:
            self._meant(name, of, axis, where, found)
            return np.array([float(each == label) for each in of.labels])
        if name in of.groups:
            before = len(found.faults)
            shares = self._shares(of.groups[name], of, where, found)
            if not shares and len(found.faults) == before:
                found.fault(where, f"group {name} has no member in this benchmark; remove it or use another benchmark")
            return np.array([shares.get(label, 0.0) for label in of.labels])
        found.fault(where, self._unknown(name, of, axis))
        return np.zeros(len(of.labels))

    def _unknown(self, name: str, of: Axis, axis: str) -> str:
        if of.kind == "factor" and name in ROLES:
            return f"no factor of this benchmark has the role {name}; say it in the contents of the benchmark"
        by_name = {word.lower(): code for code, word in (*of.names.items(), *of.titles.items())}
        code = by_name.get(name.lower(), name)
        if (label := of.label_of(code)) is not None:
            return f"{axis} {name!r} is called {label}; write {label}"
        holder = of.holder(code)
        if holder:
            return f"{axis} {name} is not separate in this benchmark but inside {holder}; name {holder} or a group"
        if unsure := (of.unsure(Group(name=name, members=(code,))) if code in of.names else []):
            return (
                f"{axis} {name} may be inside {', '.join(unsure)}, whose {HOLDS[of.kind]} are not known; name a label, "
                "or say them in the contents of the benchmark (docs/contents.md)"
            )
        what = of.kind if of.kind == axis else f"{axis} ({of.kind})"
        hint = nearest(name, [*of.labels, *of.groups, ALL])
        if not hint and (close := nearest(name, by_name)):
            code = by_name[close.removeprefix(" (did you mean ").removesuffix("?)")]
            word = of.titles.get(code) or of.names.get(code, code)
            hint = f" (did you mean {code if code in of.labels else of.holder(code) or code}, {word}?)"
        groups = f"; groups: {', '.join(of.groups)}" if of.groups else ""
        return f"unknown {what} {name!r}{hint}; known: {', '.join(of.labels)}{groups}"
