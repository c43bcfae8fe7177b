"""From the names in a scenario to the labels of a benchmark, with a weight between 0 and 1 for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cge.calibration.benchmark import Benchmark
from cge.errors import nearest

from .groups import Axis, Group, region_axis, sector_axis, world_trade
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
    def of(cls, benchmark: Benchmark) -> World:
        """The axes of a benchmark."""
        regions, sectors = region_axis(benchmark.regions), sector_axis(benchmark.sectors)
        shared = {"region": regions, "exporter": regions, "importer": regions, "sector": sectors, "input": sectors}
        own = {
            axis: Axis(axis, tuple(str(label) for label in benchmark.data[axis].values))
            for axis in ("factor", "agent", "owner", "layer")
        }
        return cls(shared | own)

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
        known = {code for held in of.content.values() if held for code in held} | set(of.names)
        known |= {code for group in of.groups.values() for code in group.members}
        codes: list[str] = []
        for name in names:
            held = of.content.get(name)
            if name in of.groups:
                codes += of.groups[name].members
            elif name in of.labels:
                codes += sorted(held) if held else [name]
            elif name in known:
                codes.append(name)
            else:
                found.fault(where, self._unknown(name, of, "region"))
        shares, notes = of.shares(Group(what, what, tuple(dict.fromkeys(codes)), "", world_trade()))
        found.note(*notes)
        if codes and not shares:
            found.fault(where, f"{what}: none of {', '.join(names)} is separate in this benchmark; use a finer one")
        return xr.DataArray(
            [shares.get(label, 0.0) for label in of.labels], dims="region", coords={"region": list(of.labels)}
        )

    def check(self, name: str, axis: str, where: str, found: Findings) -> None:
        """Report a name that is not known on an axis."""
        self._named(name, self.axes[axis], axis, where, found)

    def _named(self, name: str, of: Axis, axis: str, where: str, found: Findings) -> NDArray[np.float64]:
        if name == ALL:
            return np.ones(len(of.labels))
        if name in of.labels:
            return np.array([float(label == name) for label in of.labels])
        if name in of.groups:
            shares, notes = of.shares(of.groups[name])
            found.note(*notes)
            if not shares:
                found.fault(where, f"group {name} has no member in this benchmark; remove it or use another benchmark")
            return np.array([shares.get(label, 0.0) for label in of.labels])
        found.fault(where, self._unknown(name, of, axis))
        return np.zeros(len(of.labels))

    def _unknown(self, name: str, of: Axis, axis: str) -> str:
        by_name = {word.lower(): code for code, word in of.names.items()}
        code = by_name.get(name.lower(), name)
        if code in of.labels:
            return f"{axis} {name!r} is called {code}; write {code}"
        holder = of.holder(code)
        if holder:
            return f"{axis} {name} is not separate in this benchmark but inside {holder}; name {holder} or a group"
        what = of.kind if of.kind == axis else f"{axis} ({of.kind})"
        hint = nearest(name, [*of.labels, *of.groups, ALL])
        if not hint and (close := nearest(name, by_name)):
            code = by_name[close.removeprefix(" (did you mean ").removesuffix("?)")]
            hint = f" (did you mean {code if code in of.labels else of.holder(code)}, {of.names[code]}?)"
        groups = f"; groups: {', '.join(of.groups)}" if of.groups else ""
        return f"unknown {what} {name!r}{hint}; known: {', '.join(of.labels)}{groups}"
