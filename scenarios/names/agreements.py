"""Trade agreements as data: members, goods, rates, phase-in, and the rule of a club; one file each in `agreements/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, ValidationError, field_validator
from ruamel.yaml import YAML

from cge.errors import PolicyError, nearest

from .groups import load_groups
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
        members: groups of `groups.yaml` and country codes; the groups are where the lists of members stand.
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
    sources: tuple[str, ...] = Field(min_length=1)
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


@cache
def load(name: str) -> Agreement:
    """An agreement by its name.

    Raises:
        PolicyError: no such agreement (with the nearest name), or the faults of its file.
    """
    path = FOLDER / f"{name}.yaml"
    if name not in names():
        known = names()
        raise PolicyError([f"unknown agreement {name!r}{nearest(name, known)}; known: {', '.join(known)}"])
    try:
        return Agreement(name=name, **YAML(typ="safe").load(path))
    except ValidationError as error:
        raise PolicyError([f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()], str(path)) from None
