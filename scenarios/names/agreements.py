"""Trade agreements as data: members, goods, rates, phase-in, and the rule of a club; one file each in `agreements/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, ValidationError, field_validator

from cge.errors import PolicyError, nearest

from .groups import SUFFIXES, load_groups, read_mapping
from .vocabulary import MOST, Frozen, Selector, names_of

FOLDER = Path(__file__).parent / "agreements"

Share = Annotated[float, Field(ge=0.0, le=1.0)]


def _rising(steps: Mapping[int, float]) -> Mapping[int, float]:
    shares = [steps[year] for year in sorted(steps)]
    if steps and 0 not in steps:
        raise ValueError("a phase-in says which share of the cut is made at entry; add 0: 0, say")
    if shares != sorted(shares):
        raise ValueError("the share of the cut that is made cannot fall from one year to a later one")
    return steps


PhaseIn = Annotated[Mapping[Annotated[int, Field(ge=0, le=100)], Share], AfterValidator(_rising)]
"""Years since entry, and the share of the cut that is made by then; linear between, the last for good."""


def made(phase_in: Mapping[int, float], years: float | None) -> float:
    """Share of the cut that is made so many years after entry, or in the end; the whole without a phase-in."""
    if not phase_in:
        return 1.0
    steps = sorted(phase_in)
    return float(np.interp(steps[-1] if years is None else years, steps, [phase_in[step] for step in steps]))


class Charge(Frozen):
    """What a club's members charge on the goods of those outside, on top of their other duties.

    Attributes:
        points: percentage points.
        sectors: names or groups.
    """

    points: float = Field(gt=0.0, le=MOST)
    sectors: Selector


class Agreement(Frozen):
    """A trade agreement.

    Attributes:
        name: of its file.
        title: in words.
        members: groups and country codes; in one of your own also labels of the benchmark. The groups are where the
            lists of members stand.
        in_force: year in which it entered into force; None for one that is proposed.
        goods: that it covers.
        tariff: rate between members when it is phased in, per cent; None if it cuts no tariff.
        exclude: goods that a member (or all) leaves out of its own cuts.
        utilisation: share of the trade between members that claims the preference.
        phase_in: years since entry, and the share of the cut that is made by then; linear between, the last for good.
            The whole cut at once if empty.
        charge: on those outside, for a club.
        sources: of all of this.
        leaves_out: what the file does not hold.
    """

    name: str
    title: str
    members: tuple[str, ...] = Field(min_length=1)
    in_force: int | None = None
    goods: Selector = Selector(include=("goods",))
    tariff: float | None = Field(default=0.0, ge=0.0)
    exclude: Mapping[str, Selector] = {}
    utilisation: Share = 1.0
    phase_in: PhaseIn = Field(default_factory=dict)
    charge: Charge | None = None
    sources: tuple[str, ...] = ()
    leaves_out: str = ""

    @field_validator("members", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return names_of(value)

    @property
    def countries(self) -> tuple[str, ...]:
        """Codes of the members."""
        groups = load_groups()["region"]
        found = [code for name in self.members for code in (groups[name].members if name in groups else (name,))]
        return tuple(dict.fromkeys(found))

    def phased(self, years: float | None) -> float:
        """Share of the cut that is made so many years after entry; in the end if None."""
        return made(self.phase_in, years)


def names() -> list[str]:
    """Names of the agreements."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(source: str) -> Agreement:
    """An agreement by its name, or from a YAML file of one's own, which is read each time.

    Raises:
        PolicyError: no such agreement (with the nearest name), or the faults of its file.
    """
    if source.endswith(SUFFIXES):
        return of_values(Path(source).stem, read_mapping(Path(source), "an agreement"), source)
    known = names()
    if source not in known:
        hint = nearest(source, known)
        raise PolicyError([f"unknown agreement {source!r}{hint}; known: {', '.join(known)}, or give a .yaml file"])
    return _packaged(source)


def of_values(name: str, given: Mapping[str, Any], what: str = "the agreement") -> Agreement:
    """An agreement from plain values; its name is theirs if they have one.

    Raises:
        PolicyError: listing all faults.
    """
    try:
        return Agreement(**{"name": name, "title": name} | dict(given))
    except (ValidationError, TypeError) as error:
        details = error.errors() if isinstance(error, ValidationError) else []
        known = [key for key in Agreement.model_fields if key != "name"]
        faults = []
        for detail in details:
            key = ".".join(map(str, detail["loc"]))
            if detail["type"] == "extra_forbidden":
                faults.append(f"unknown key {key!r}{nearest(key, known)}; use {', '.join(known)}")
            else:
                faults.append(f"{key}: {detail['msg'][:1].lower()}{detail['msg'][1:]}")
        raise PolicyError(faults or ["keys are words; put the number after a key"], what) from None


@cache
def _packaged(name: str) -> Agreement:
    path = FOLDER / f"{name}.yaml"
    return of_values(name, read_mapping(path, "an agreement"), str(path))
