"""What a scenario may say, and how it is read: frozen, validated values; a scenario file holds the same words.

Rates are in per cent, as in the sources: `add: 10` on a tariff of 2.5 % makes 12.5 %.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from unicodedata import normalize

from pydantic import BaseModel, Field, PrivateAttr, ValidationError, field_validator, model_validator

from cge.errors import PolicyError, RequestError, nearest
from cge.scenarios.blocks.kinds import KINDS, Block, acts, block_kind
from cge.scenarios.names.groups import NONE, SUFFIXES, Groups, joined, load_groups, own_groups
from cge.scenarios.names.horizon import Financing, horizon_named
from cge.scenarios.names.vocabulary import Frozen
from cge.shown import ROWS, card, line

from .faults import explain, explained, needs_kind, shown
from .headings import FOLDER as FOLDER
from .sources import PARTS, Origin, Reading, TooManyError, file_of, library_names
from .text import Path_, lines_of, parse, plain, text_of

SHOCKS = 500
"""Most shocks of one scenario."""


NAME = r"^[\p{Ll}\p{Lm}\p{Lo}\p{M}\p{N}]+(-[\p{Ll}\p{Lm}\p{Lo}\p{M}\p{N}]+)*$"
"""Words of lower-case letters and digits of any script, joined by hyphens."""

LONGEST = 80
"""Most characters of a name, which is the name of a folder too."""


class Scenario(Frozen):
    """A policy: named shocks on the benchmark, with the question that it answers and the sources of its numbers.

    Attributes:
        name: lower-case words of any script, joined by hyphens; the name of its folder of results.
        title: one line.
        question: what it is to answer, one paragraph.
        sources: of its numbers; at least one.
        shocks: in order; each acts on what those before it left.
        parts: other scenarios, applied in order before the shocks; in Python also their names or files.
        wins: where two parts want the same rate or quota: "last", or the name of the part that wins.
        baseline: scenario whose solution it is compared with unless another is asked for; the benchmark if none.
        horizon: at which it is answered unless another is asked for (docs/horizons.md); the medium one if none.
        financing: how budgets are balanced unless another way is asked for: a word, or `by` and `regions`.
        row: row of the policy in the table of policies (docs/scenarios.md); 0 if it has none.
        leaves_out: what a reader should know that it does not cover.
        groups: of regions and sectors, its own: `regions` and `sectors`, each a mapping of names to members.

    Raises:
        PolicyError: with every fault of form.
    """

    name: str = Field(pattern=NAME, max_length=LONGEST)
    title: str = Field(min_length=1)
    question: str = Field(min_length=1)
    sources: tuple[str, ...] = Field(min_length=1)
    shocks: tuple[Block, ...] = Field(default=(), max_length=SHOCKS)
    parts: tuple[Scenario, ...] = ()
    wins: str | None = None
    baseline: str | None = None
    horizon: str | None = None
    financing: str | dict[str, Any] | None = None
    row: int = Field(default=0, ge=0, le=20)
    leaves_out: str = ""
    groups: Groups = NONE

    _origin: Origin = PrivateAttr(default_factory=Origin)

    if not TYPE_CHECKING:  # type checkers and editors take the fields above for its arguments

        def __init__(self, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except ValidationError as error:  # which stays the cause, with the place of every fault
                name = fields.get("name")
                what = f"scenario {name}" if isinstance(name, str) and name else "the scenario"
                raise PolicyError(explained(error, type(self)), what) from error

    @field_validator("name", mode="before")
    @classmethod
    def _composed(cls, value: Any) -> Any:
        """One way to write each letter, as file systems differ in it."""
        return normalize("NFC", value) if isinstance(value, str) else value

    @field_validator("parts", mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        return tuple(map(part, value)) if isinstance(value, list | tuple) else value

    @field_validator("groups", mode="before")
    @classmethod
    def _own_groups(cls, value: Any) -> Any:
        return own_groups(value)

    @model_validator(mode="after")
    def _settled(self) -> Self:
        names = [part.name for part in self.parts]
        faults = [f"part {name} is given twice; name it once" for name in dict.fromkeys(names) if names.count(name) > 1]
        if self.wins is not None and self.wins not in ("last", *names):
            hint = nearest(self.wins, ("last", *names))
            faults.append(
                f"wins: {self.wins} is no part{hint}; write last, or one of {', '.join(names) or 'its parts'}"
            )
        try:
            self.every_group  # noqa: B018 (groups of parts that contradict each other are told)
        except PolicyError as error:
            faults += error.faults
        faults += self._asked()
        if self.count > PARTS:
            faults.append(f"it is made of more than {PARTS} scenarios, parts of parts counted each time; name fewer")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _asked(self) -> list[str]:
        """Faults of its horizon and its financing."""
        faults: list[str] = []
        checks: tuple[tuple[Callable[[Any], object], Any], ...] = (
            (horizon_named, self.horizon),
            (Financing.read, self.financing),
        )
        for check, given in checks:
            try:
                if given is not None:
                    check(given)
            except RequestError as error:
                faults += error.faults
        return faults

    def __repr__(self) -> str:
        return line("Scenario", {self.name: self.title, "shocks": len(self.shocks), "parts": len(self.parts)})

    def _repr_html_(self) -> str:
        told = [part.name for part in self.parts] + [str(acts(shock)) for shock in self.shocks]
        facts = {"name": self.name, "question": self.question, "sources": "; ".join(self.sources)}
        return card(self.title, {**facts, **{f"{k + 1}": text for k, text in enumerate(told[:ROWS])}})

    @property
    def count(self) -> int:
        """How many scenarios it is made of, itself included."""
        return 1 + sum(part.count for part in self.parts)

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
    def every_group(self) -> Groups:
        """Its own groups and those of its parts."""
        found = self.groups
        for part_ in self.parts:
            found = joined(found, part_.every_group)
        return found

    def with_groups(self, groups: Groups) -> Self:
        """The same scenario with more groups that it may name.

        Raises:
            PolicyError: it has a group of the same name with other members.
        """
        return self.model_copy(update={"groups": joined(self.groups, groups)})

    @property
    def sha256(self) -> str:
        """Fingerprint of what acts on the model: shocks, and the groups that they name; not of titles and sources."""
        content = self._content()
        text = json.dumps(content, sort_keys=True)
        groups = {
            name: group.acts
            for named in (*load_groups().values(), *self.every_group.values())
            for name, group in named.items()
            if f'"{name}"' in text
        }
        return hashlib.sha256(json.dumps([content, groups], sort_keys=True).encode()).hexdigest()

    def _content(self) -> Any:
        shocks = [acts(block) for block in self.shocks]
        if not self.parts:
            return shocks
        return [{"parts": [[part.name, part._content()] for part in self.parts], "wins": self.wins}, *shocks]


class Draft:
    """A scenario file as far as it could be understood.

    Attributes:
        origin: the file and its lines.
        faults: all faults of form, in the order of the file.
        blocks: the sound shocks, with their position in the file.
        loose: mappings of the shocks that are at fault, whose names can still be checked.
        parts: the sound parts.
        wins: which of them wins, if it is said.
        groups: its own.
    """

    def __init__(self, file: str, text: str, reading: Reading | None = None) -> None:
        self.origin = Origin(file)
        self.parts: list[Scenario] = []
        self.wins: str | None = None
        self.groups: Groups = NONE
        self._reading = reading or Reading()
        self.blocks: list[tuple[int, Block]] = []
        self.loose: list[tuple[int, Mapping[str, Any]]] = []
        self._found: list[tuple[int, str]] = []
        self._scenario: Scenario | None = None
        raw = self._parse(text)
        if raw is not None:
            self.origin = Origin(file, lines_of(raw))
            self._validate(plain(raw))

    @property
    def faults(self) -> list[str]:
        """All faults of form, by line."""
        return [text for _, text in sorted(self._found, key=lambda pair: pair[0])]

    def scenario(self) -> Scenario:
        """The scenario.

        Raises:
            PolicyError: with every fault of form.
        """
        if self._scenario is None or self._found:
            raise PolicyError(self.faults, self.origin.file)
        return self._scenario

    def _parse(self, text: str) -> Mapping[str, Any] | None:
        try:
            return parse(self.origin.file, text, "a scenario is a mapping; begin with `name: ...`")
        except PolicyError as error:
            self._found += [(1, fault) for fault in error.faults]
            return None

    def _validate(self, raw: dict[str, Any]) -> None:
        shocks = raw.pop("shocks", None)
        parts = raw.pop("parts", [])
        try:
            self.groups = own_groups(raw.get("groups"))
        except PolicyError as error:
            for fault in error.faults:
                self._fault(("groups",), fault)
            raw.pop("groups")
        self.wins = raw.get("wins")
        if shocks is None and parts:
            shocks = []
        if not isinstance(parts, list):
            self._fault(("parts",), "parts is a list of names of scenarios and files")
        for position, part in enumerate(parts if isinstance(parts, list) else []):
            self._part(position, part)
        if shocks is None:
            self._tell(1, f"{self.origin.where()}: key shocks is missing; add a list of shocks (empty for none)")
        elif not isinstance(shocks, list):
            self._fault(("shocks",), "shocks is a list; begin every shock with `- instrument:`, say")
        elif len(shocks) > SHOCKS:
            self._fault(("shocks",), f"there are {len(shocks):,} shocks, at most {SHOCKS:,}; put rates into a schedule")
            return
        for position, shock in enumerate(shocks if isinstance(shocks, list) else []):
            self._block(position, shock)
        name = raw.get("name")
        files = [os.path.realpath(file) for file in (self.origin.file, FOLDER / f"{name}.yaml")]
        if name in library_names() and files[0] != files[1]:
            self._fault(("name",), f"{name} is a scenario of the library; give yours a name of its own")
        try:
            blocks = tuple(block for _, block in self.blocks)
            self._scenario = Scenario(**raw, parts=tuple(self.parts), shocks=blocks).located(self.origin)
        except PolicyError as error:
            self._tell_all(error, (), Scenario, skip="shocks")
        except TypeError:  # a key that is no word, such as 3:
            self._fault((), "keys are words; put the number after a key")

    def _part(self, position: int, source: Any) -> None:
        try:
            self.parts.append(part(source, Path(self.origin.file).parent, self._reading))
        except TooManyError:
            raise
        except PolicyError as error:
            self._fault(("parts", position), str(error))

    def _block(self, position: int, shock: Any) -> None:
        path = ("shocks", position)
        if not isinstance(shock, dict):
            self._fault(path, "a shock is a mapping; begin with `instrument:`, say")
            return
        kind = block_kind(shock)
        if kind is None:
            self._fault(path, needs_kind(shock))
            self.loose.append((position, shock))
            return
        model = KINDS[kind]
        if isinstance(file := shock.get("agreement"), str) and file.endswith(SUFFIXES):
            shock = shock | {"agreement": str(Path(self.origin.file).parent / file)}
        try:
            self.blocks.append((position, model.model_validate(shock)))  # type: ignore[arg-type]
        except ValidationError as error:
            self._tell_all(error, path, model)
            self.loose.append((position, shock))

    def _tell_all(
        self, error: ValidationError | PolicyError, root: Path_, model: type[BaseModel], skip: str = ""
    ) -> None:
        found = error if isinstance(error, ValidationError) else error.__cause__
        for detail in found.errors() if isinstance(found, ValidationError) else ():
            path = tuple(detail["loc"])
            if skip and path[:1] == (skip,):
                continue
            self._fault(root + path, explain(detail, path, model))

    def _fault(self, path: Path_, text: str) -> None:
        place = self.origin.where(*path)
        self._tell(int(place.rpartition(":")[2]), f"{place}: {text}")

    def _tell(self, line: int, text: str) -> None:
        self._found.append((line, text))


def part(source: str | Path | Scenario, folder: Path = Path(), reading: Reading | None = None) -> Scenario:
    """A part of a scenario: one of the library, of a file, or itself.

    Args:
        source: name, file, or scenario.
        folder: that relative files are in.
        reading: files that are being read.

    Raises:
        PolicyError: no such scenario, faults of form, or a scenario that is a part of itself.
    """
    if isinstance(source, Scenario):
        return source
    if not isinstance(source, str | Path):
        raise PolicyError([f"a part is the name of a scenario or a file, not {shown(source)}"])
    path = Path(source)
    return draft(folder / path if path.suffix in (".yaml", ".yml") else source, reading).scenario()


def draft(source: str | Path, reading: Reading | None = None) -> Draft:
    """Read a scenario's file, collecting its faults.

    Args:
        source: name in the library, or a file.
        reading: files that are being read, each a part of the one before.

    Raises:
        PolicyError: no such scenario (with the nearest name); or the file cannot be read at all, or is a part of
            itself.
    """
    path = file_of(source)
    reading = (reading or Reading()).at(path)
    return Draft(str(path), text_of(path, "a scenario"), reading)
