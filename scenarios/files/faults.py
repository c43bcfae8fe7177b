"""What pydantic finds in a file, in the words of this package, with the repair."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from cge.errors import nearest
from cge.scenarios.blocks.kinds import KINDS
from cge.scenarios.names.vocabulary import MOST, MOST_TIMES, SELECTORS

from .text import Path_

LONG = 80
"""Characters of what a user wrote that a message repeats."""


def explain(detail: Any, path: Path_, model: type[BaseModel]) -> str:
    """A fault that pydantic found, in the words of this package, with its repair."""
    key = str(path[-1]) if path else ""
    kind = str(detail["type"])
    if kind == "extra_forbidden":
        known = [f.alias or name for name, f in _within(model, path[:-1]).model_fields.items()]
        return f"unknown key {key!r}{nearest(key, known)}; rename or remove it (known: {', '.join(known)})"
    if kind == "missing":
        return f"key {key} is missing; add it"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "string_pattern_mismatch":
        wanted = "lower-case words of any script, joined by hyphens, such as us-universal-10"
        return f"{key} {shown(detail['input'])} must be {wanted}"
    if kind == "string_too_long":
        return f"{key} has {len(detail['input'])} characters; at most {detail['ctx']['max_length']}"
    if kind == "string_type":
        return f"{key} {shown(detail['input'])} is not text; put it in quotes"
    bound = detail.get("ctx", {}).get("le" if kind == "less_than_equal" else "ge")
    if bound is not None and abs(bound) in (MOST, MOST_TIMES):
        unit = "per cent" if abs(bound) == MOST else "times"
        beyond = f"is beyond {bound:,.0f} {unit}, which no measure has come near"
        return f"{key} {shown(word_of(detail))} {beyond}; check its unit"
    message = str(detail["msg"])
    message = message[0].lower() + message[1:]
    subject = ".".join(str(p) for p in path) or "this"
    word = detail["input"]
    kinds = ("remove", "hard", "tariff-rate")
    offered = nearest(word, kinds) if kind == "literal_error" and isinstance(word, str) else ""
    return f"{subject}: {message}, not {shown(detail['input'])}{offered}"


def explained(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Every fault of a scenario that was made in Python, with its place."""
    faults = []
    for detail in error.errors():
        path, inside = tuple(detail["loc"]), model
        place = ".".join(map(str, path[:2])) if path[:1] == ("shocks",) and len(path) > 1 else ""
        if place and detail["type"] == "union_tag_not_found":
            faults.append(f"{place}: {needs_kind(detail['input'])}")
            continue
        if place and len(path) > 2 and path[2] in KINDS:
            path, inside = path[3:], KINDS[str(path[2])]
        text = explain(detail, path, inside)
        faults.append(f"{place}: {text}" if place else text)
    return faults


def needs_kind(shock: Any) -> str:
    """What to write in a shock none of whose keys says what kind it is."""
    keys = shock if isinstance(shock, Mapping) else ()
    offer = next((h for key in keys if (h := nearest(str(key), KINDS))), "")
    return f"a shock needs the key {either(KINDS)}{offer}"


def either(words: Iterable[str]) -> str:
    """The words with an "or" before the last."""
    *others, last = words
    return f"{', '.join(others)} or {last}"


def word_of(detail: Any) -> Any:
    """What stands in the file, a number as people write it."""
    value = detail["input"]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def shown(value: Any) -> str:
    """What stands in a file, short enough for a message."""
    text = repr(value)
    return text if len(text) <= LONG else f"{text[:LONG]}..."


def _within(model: type[BaseModel], path: Path_) -> type[BaseModel]:
    """The model of the mapping at a path of a block."""
    for key in path:
        field = model.model_fields.get(str(key))
        if field is not None:
            model = next(_models(field.annotation), model)
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def loose_names(shock: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names under the selectors of a shock that is at fault elsewhere: key to names."""

    def names(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        if isinstance(value, list):
            return [v for v in value if isinstance(v, str)]
        if isinstance(value, dict):
            return [name for part in ("include", "except") for name in names(value.get(part))]
        return []

    return {key: names(shock[key]) for key in SELECTORS if key in shock}
