"""YAML files of a user: read within limits, without tags that make anything, with the line of every key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq, TaggedScalar
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    MappingStartEvent,
    ScalarEvent,
)

from cge.errors import PolicyError

Path_ = tuple[str | int, ...]

CHARACTERS = 100_000
"""Most that a file may have; about a thousand lines of shocks."""

DEPTH = 30
"""Most lists and mappings inside one another."""

VALUES = 10_000
"""Most values, what aliases stand for counted each time."""

DIGITS = 40
"""Most characters of a number."""

CORE = ("str", "int", "float", "bool", "null", "map", "seq")
"""Tags of YAML itself that say no more than what a value is."""


def text_of(path: Path, what: str) -> str:
    """The text of a file.

    Args:
        path: of the file.
        what: it should hold, for errors.

    Raises:
        PolicyError: it is not there, is no file, is too long, or cannot be read as text.
    """
    try:
        if path.exists() and not path.is_file():
            raise PolicyError([f"{path} is no file; give {what} in YAML"])
        with path.open(encoding="utf-8") as file:
            text = file.read(CHARACTERS + 1)
    except FileNotFoundError:
        raise PolicyError([f"there is no file {path}; check the path"]) from None
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links; a name that no file can have; no text
        raise PolicyError([f"{path} cannot be read as text ({error}); give {what} in YAML"]) from None
    if len(text) > CHARACTERS:
        raise PolicyError(
            [f"{path} has more than {CHARACTERS:,} characters; make it of parts, or put rates into a schedule (.csv)"]
        )
    return text


def parse(file: str, text: str, otherwise: str) -> CommentedMap:
    """The mapping that a YAML file holds, with the lines of its keys.

    Args:
        file: its name, for errors.
        text: its content.
        otherwise: what to say if it is no mapping.

    Raises:
        PolicyError: with the one fault, which is no YAML, no mapping, a tag, or more than the limits of this module.
    """
    try:
        _within_limits(file, text)
        raw = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = " ".join(str(error.problem or error.context).split())
        raise PolicyError([f"{file}:{line}: this is not YAML: {problem}"]) from None
    except (YAMLError, ValueError) as error:  # a date that is none, for one
        if isinstance(error, PolicyError):
            raise
        raise PolicyError([f"{file}: this is not YAML: {' '.join(str(error).split())}"]) from None
    if not isinstance(raw, CommentedMap):
        raise PolicyError([f"{file}: {otherwise}"])
    return raw


def head(text: str, keys: Iterable[str]) -> str:
    """The parts of a mapping's text that give some of its keys, each with the lines that go on below it."""
    wanted = "|".join(map(re.escape, keys))
    return "".join(re.findall(rf"^(?:{wanted}):.*\n(?:(?:[ \t].*)?\n)*", text + "\n", re.MULTILINE))


def _within_limits(file: str, text: str) -> None:
    """Refuse what would take for ever, or make something, before anything is made of it."""
    sizes: dict[str, int] = {}  # of what an anchor stands for
    open_: list[tuple[str | None, int]] = []  # anchor, and values before it
    count = 0
    for event in YAML(typ="rt").parse(text):
        place = f"{file}:{event.start_mark.line + 1}" if event.start_mark else file
        if isinstance(event, ScalarEvent | CollectionStartEvent):
            count += 1
            if event.ctag is not None and (tag := str(event.ctag)) not in ("", "None", "!"):
                _refuse_tag(tag, isinstance(event, ScalarEvent), place)
        if isinstance(event, ScalarEvent):
            if event.anchor:
                sizes[event.anchor] = 1
            if (
                len(event.value) > DIGITS
                and re.fullmatch(r"[-+]?\.?\d[-+.\d_xoa-fA-F]*", event.value)
                and not event.style
            ):
                raise PolicyError([f"{place}: a number has {len(event.value):,} characters; at most {DIGITS}"])
        elif isinstance(event, CollectionStartEvent):
            open_.append((event.anchor, count - 1))
            if len(open_) > DEPTH:
                kinds = "mappings" if isinstance(event, MappingStartEvent) else "lists"
                raise PolicyError([f"{place}: more than {DEPTH} {kinds} stand inside one another; write it flat"])
        elif isinstance(event, CollectionEndEvent):
            anchor, before = open_.pop()
            if anchor:
                sizes[anchor] = count - before
        elif isinstance(event, AliasEvent):
            if any(anchor == event.anchor for anchor, _ in open_):
                raise PolicyError([f"{place}: *{event.anchor} stands inside itself; write out what it should be"])
            count += sizes.get(event.anchor, 1)
        if count > VALUES:
            raise PolicyError([f"{place}: more than {VALUES:,} values, with what the aliases stand for; write fewer"])


def _refuse_tag(tag: str, scalar: bool, place: str) -> None:
    name = tag.removeprefix("tag:yaml.org,2002:")
    if name in CORE and (scalar or name in ("map", "seq")):
        return
    shown = f"!!{name}" if name != tag else tag
    raise PolicyError([f"{place}: the tag {shown[:80]} has no meaning here; delete it"])


def plain(node: Any) -> Any:
    """What YAML read, as plain values; text on one line."""
    if isinstance(node, CommentedMap):
        return {plain(key): plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [plain(value) for value in node]
    if isinstance(node, TaggedScalar):
        node = node.value
    return re.sub(r"\s+", " ", node).strip() if isinstance(node, str) else node


def lines_of(node: Any, path: Path_ = ()) -> dict[Path_, int]:
    """Line of every key and item, by its path; what a merge key brings is at the line of its mapping."""
    lines: dict[Path_, int] = {}
    for key, value, line in _entries(node):
        if line is not None:
            lines[(*path, key)] = line + 1
        lines |= lines_of(value, (*path, key))
    return lines


def _entries(node: Any) -> Iterator[tuple[str | int, Any, int | None]]:
    if isinstance(node, CommentedMap):
        places = node.lc.data or {}
        for key, value in node.items():
            yield key, value, places[key][0] if key in places else None
    elif isinstance(node, CommentedSeq):
        for position, value in enumerate(node):
            yield position, value, node.lc.item(position)[0]
