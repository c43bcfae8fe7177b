"""What each kind of block may say, read from its schema and its docstring: for pages, forms and help."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from cge.scenarios.names.vocabulary import Shock

from .kinds import KINDS

ENTRY = re.compile(r"^(?P<names>[a-z_]+(?:, [a-z_]+)*): (?P<text>.+)$")
"""A line of the docstring's list of attributes."""

SELECTOR, NUMBER, WHOLE, TRUTH, TEXT, LIST, CHOICE, SHARES = (
    "selector", "number", "whole number", "yes or no", "text", "list of names", "choice", "names with numbers",
)  # fmt: skip
"""Kinds of values."""

REGIONS, SECTORS = (
    ("exporters", "importers", "regions", "owners", "members", "against", "retaliation"),
    ("sectors", "inputs"),
)
"""Keys whose values are regions, and sectors."""


@dataclass(frozen=True)
class Key:
    """One key of a block.

    Attributes:
        name: as it is written.
        kind: of its value, in words; several with " or " between them.
        choices: words that it may be, if it is one of a few.
        default: where it is not given, as it is written; empty if there is none.
        required: whether it must be given.
        meaning: one or two sentences.
        bounds: of a number, in words; empty if there are none.
    """

    name: str
    kind: str
    choices: tuple[str, ...]
    default: str
    required: bool
    meaning: str
    bounds: str


@dataclass(frozen=True)
class Described:
    """One kind of block.

    Attributes:
        key: that it begins with.
        title, text: what it is: the first sentence, and the rest.
        keys: what it may say.
    """

    key: str
    title: str
    text: str
    keys: tuple[Key, ...]


@cache
def described(key: str) -> Described:
    """A kind of block by the key that it begins with; `KINDS` has all."""
    model = KINDS[key]
    schema = model.model_json_schema(mode="validation")
    meanings = _meanings(model)
    needed = schema.get("required", ())
    inner = schema.get("$defs", {})
    words = {"instrument": tuple(getattr(model, "words", ()))}
    keys: list[Key] = []
    for name in sorted(schema["properties"], key=lambda name: name != key):
        if name in meanings or name == key:
            of = schema["properties"][name]
            keys.append(_key(name, of, inner, meanings.get(name, ""), name in needed, words.get(name, ())))
            keys += _nested(name, of, inner)
    title, _, rest = _prose(model).partition("\n\n")
    title = re.sub(r" \([^)]*`[^)]*\)", "", " ".join(title.split())).rstrip(".")
    return Described(key, title, " ".join(rest.split()), tuple(keys))


def _prose(model: type[BaseModel]) -> str:
    return (inspect.getdoc(model) or "").partition("Attributes:")[0].strip()


def _meanings(model: type[BaseModel]) -> Mapping[str, str]:
    """Meaning by key, from the docstrings of the kind and of what it builds on, but for keys that `Shock` alone has."""
    found: dict[str, str] = {}
    for base in model.__mro__[: model.__mro__.index(Shock) if issubclass(model, Shock) else -1]:
        for names, text in _entries(base.__doc__ or ""):
            for name in names:
                found.setdefault(name.removesuffix("_"), text)
    return found


def _entries(docstring: str) -> list[tuple[list[str], str]]:
    found: list[tuple[list[str], str]] = []
    _, _, listed = inspect.cleandoc(docstring).partition("Attributes:\n")
    for line in listed.splitlines():
        entry = ENTRY.match(line.strip()) if re.match(r" {4}\S", line) else None
        if entry:
            found.append((entry["names"].split(", "), entry["text"]))
        elif found and line.strip():
            found[-1] = found[-1][0], f"{found[-1][1]} {line.strip()}"
        elif found:
            break
    return found


def _nested(name: str, of: Mapping[str, Any], inner: Mapping[str, Any]) -> list[Key]:
    """The keys of a mapping inside a block, as `loss.per_cent`."""
    refs = [str(kind.get("$ref", "")).rpartition("/")[2] for kind in of.get("anyOf", [of])]
    found: list[Key] = []
    for ref in refs:
        if ref in ("", "Selector", "Agreement"):
            continue
        schema = inner[ref]
        entries = _entries(schema.get("description", ""))
        meanings = {one.removesuffix("_"): text for names, text in entries for one in names}
        needed = schema.get("required", ())
        found += [
            _key(f"{name}.{one}", under, inner, meanings[one], one in needed)
            for one, under in schema["properties"].items()
            if one in meanings
        ]
    return found


def _key(
    name: str,
    of: Mapping[str, Any],
    inner: Mapping[str, Any],
    meaning: str,
    required: bool,
    words: tuple[str, ...] = (),
) -> Key:
    kinds = [kind for kind in of.get("anyOf", [of]) if kind.get("type") != "null"]
    told = list(dict.fromkeys(word for kind in kinds for word in _words(kind, inner)))
    number: Mapping[str, Any] = next((kind for kind in kinds if kind.get("type") in ("number", "integer")), {})
    choices = words or next((tuple(kind["enum"]) for kind in kinds if "enum" in kind), ())
    default = of.get("default")
    return Key(
        name, CHOICE if words else " or ".join(told), choices, _written(default), required, meaning, _bounds(number)
    )


def _words(kind: Mapping[str, Any], inner: Mapping[str, Any]) -> list[str]:
    """The kind of a value in words."""
    if "$ref" in kind:
        of = str(kind["$ref"]).rpartition("/")[2]
        if of == "Selector":
            return [SELECTOR]
        told = [f"`{name}`" for name in inner[of].get("properties", {})]
        if of == "Volume":
            return [NUMBER, f"mapping of {', '.join(told)}"]
        return [] if of == "Agreement" else [f"mapping of {', '.join(told)}"]
    if "enum" in kind:
        return [CHOICE]
    if kind.get("type") == "object":
        return [SHARES]
    if kind.get("type") == "array":
        of = str(kind.get("items", {}).get("$ref", "")).rpartition("/")[2]
        told = [f"`{name}`" for name in inner.get(of, {}).get("properties", {})]
        return [f"list of mappings of {', '.join(told)}"] if told else [LIST]
    return [{"number": NUMBER, "integer": WHOLE, "boolean": TRUTH, "string": TEXT}[str(kind["type"])]]


def _written(default: Any) -> str:
    if default is None or default in ([], {}):
        return ""
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, Mapping):
        return ", ".join(map(str, default.get("include", ())))
    return str(default)


def _bounds(number: Mapping[str, Any]) -> str:
    told = [
        f"{word} {number[key]:g}"
        for key, word in (
            ("minimum", "at least"), ("exclusiveMinimum", "above"),
            ("maximum", "at most"), ("exclusiveMaximum", "below"),
        )
        if key in number
    ]  # fmt: skip
    return " and ".join(told)
