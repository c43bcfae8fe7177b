"""Named groups of countries and sectors: those of the package, and a user's own from files or plain values.

A group of the package is named by codes of countries and of the 28 sectors. A group of one's own may also name
labels of the benchmark that it is used on.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cge.calibration.world2020 import sources
from cge.errors import PolicyError, nearest

from .vocabulary import Frozen

FILE = Path(__file__).parent / "groups.yaml"

SUFFIXES = (".yaml", ".yml")
"""What the name of a user's file ends in."""

CHARACTERS = 100_000
"""Most that a file may have."""

AXES: Mapping[str, str] = {"regions": "region", "sectors": "sector"}
"""Keys of a file of groups, and the axis of each."""


class Weights(Frozen):
    """Trade by country or sector that splits labels of which a group holds a part.

    Attributes:
        title, source: what they are, and from where.
        unit: of the values.
        values: by code.
    """

    title: str = "own weights"
    source: str = ""
    unit: str = ""
    values: Mapping[str, float]

    @field_validator("values")
    @classmethod
    def _sound(cls, values: Mapping[str, float]) -> Mapping[str, float]:
        wrong = [code for code, value in values.items() if value < 0.0]
        if wrong:
            raise ValueError(f"weights of {', '.join(wrong)} are negative")
        return values


class Group(Frozen):
    """A named group of countries or sectors.

    Attributes:
        name: how it is called.
        title, source: what it is, and who says so.
        members: codes of countries (ISO 3166-1 alpha-3) or of the 28 sectors; in an own group also labels of the
            benchmark.
        weights: trade that splits partly held labels; None to leave them out.
        own: whether it is a user's.
    """

    name: str = Field(min_length=1)
    title: str = ""
    members: tuple[str, ...]
    source: str = ""
    weights: Weights | None = None
    own: bool = False

    @field_validator("members", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @property
    def acts(self) -> list[Any]:
        """What of it acts on the model."""
        return [list(self.members), dict(self.weights.values) if self.weights else None]


Groups = Mapping[str, Mapping[str, Group]]
"""Axis ("region" or "sector") to name to group."""

OwnGroups = Groups | Mapping[str, Any] | str | Path | None
"""How a user gives groups: see `own_groups`."""

NONE: Groups = {"region": {}, "sector": {}}


@cache
def load_groups() -> Groups:
    """The groups of the package."""
    raw = YAML(typ="safe").load(FILE)
    weights = {name: Weights(**entry) for name, entry in raw["weights"].items()}
    return {
        axis: {
            name: Group(name=name, **entry | {"weights": weights.get(entry.get("weights"))})
            for name, entry in raw[key].items()
        }
        for key, axis in AXES.items()
    }


@cache
def world_trade() -> Weights:
    """Trade of every country of the world table, which splits regions that an agreement holds a part of."""
    values = {str(code): float(musd) for code, musd in sources.trade_by_country().items()}
    return Weights(title="exports plus imports of 2020", source="calibration/data/trade_2020.csv", values=values)


def own_groups(given: OwnGroups) -> Groups:
    """A user's groups.

    Args:
        given: a YAML file, or its content: `regions` and `sectors`, each a mapping of names to a mapping with
            `members` and, if wanted, `title`, `source` and `weights` (code to number); or just the members.

    Returns:
        Axis to name to group.

    Raises:
        PolicyError: listing all faults of the file or the values.
    """
    if given is None:
        return NONE
    what = "the groups"
    if isinstance(given, str | Path):
        what = str(given)
        given = read_mapping(Path(given), "a file of groups")
    if set(given) <= set(NONE) and given:
        return {axis: dict(given.get(axis, {})) for axis in NONE}
    faults = [
        f"unknown key {key!r}{nearest(str(key), AXES)}; use {' or '.join(AXES)}" for key in given if key not in AXES
    ]
    found: dict[str, dict[str, Group]] = {axis: {} for axis in NONE}
    for key, axis in AXES.items():
        entries = given.get(key) or {}
        if not isinstance(entries, Mapping):
            faults.append(f"{key} is {entries!r}; give a mapping of names to members")
            continue
        for name, entry in entries.items():
            group = _own(f"{key}.{name}", axis, str(name), entry, faults)
            if group is not None:
                found[axis][group.name] = group
    if faults:
        raise PolicyError(faults, what)
    return found


def joined(first: Groups, second: Groups) -> Groups:
    """Groups of both.

    Raises:
        PolicyError: a name means one thing in the one and another in the other.
    """
    faults = [
        f"the group {name} of {axis}s is given twice with different members; rename one"
        for axis in NONE
        for name in first[axis].keys() & second[axis].keys()
        if first[axis][name].acts != second[axis][name].acts
    ]
    if faults:
        raise PolicyError(faults, "the groups")
    return {axis: {**first[axis], **second[axis]} for axis in NONE}


def read_mapping(path: Path, what: str) -> Mapping[str, Any]:
    """The mapping that a YAML file holds.

    Raises:
        PolicyError: there is no such file, or it holds something else.
    """
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(CHARACTERS + 1)
        if len(text) > CHARACTERS:
            raise PolicyError([f"{path} has more than {CHARACTERS:,} characters; {what} needs fewer"])
        raw = YAML(typ="safe").load(text)
    except FileNotFoundError:
        raise PolicyError([f"there is no file {path}; check the path"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError([f"{path} cannot be read as text ({error}); give {what} in YAML"]) from None
    except YAMLError as error:
        raise PolicyError([f"this is not YAML: {' '.join(str(error).split())}"], str(path)) from None
    if not isinstance(raw, Mapping):
        raise PolicyError([f"{what} is a mapping of keys to values"], str(path))
    return raw


def _own(where: str, axis: str, name: str, entry: Any, faults: list[str]) -> Group | None:
    """An own group; None if it has faults, which are added to the list."""
    if isinstance(entry, Group):
        return entry.model_copy(update={"name": name, "own": True})
    entry = dict(entry) if isinstance(entry, Mapping) else {"members": entry}
    if name in load_groups()[axis] or name == "all":
        faults.append(f"{where}: the package has a group of this name; choose another")
        return None
    if isinstance(entry.get("weights"), Mapping) and "values" not in entry["weights"]:
        entry["weights"] = {"values": entry["weights"]}
    if not entry.get("members"):
        faults.append(f"{where}: it has no members; name codes or labels")
        return None
    try:
        return Group(**entry | {"name": name, "own": True})
    except (ValidationError, TypeError) as error:
        details = error.errors() if isinstance(error, ValidationError) else []
        faults += [f"{where}.{'.'.join(map(str, d['loc']))}: {d['msg']}, not {d['input']!r}" for d in details]
        if not details:
            faults.append(f"{where}: keys are words")
        return None
