"""What the forms of the page know: kinds of blocks, labels of a benchmark; and the YAML of what they hold."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cge.calibration.benchmark import available
from cge.errors import RequestError
from cge.scenarios.blocks.described import CHOICE, LIST, NUMBER, SELECTOR, TRUTH, WHOLE, described
from cge.scenarios.blocks.kinds import KINDS
from cge.scenarios.economy.economy import Economy
from cge.scenarios.files import library
from cge.scenarios.names import agreements
from cge.scenarios.names.horizon import BY, HORIZONS
from cge.scenarios.names.vocabulary import WORDS
from cge.symbols import SYMBOLS

HEAD = ("name", "title", "question")
AXES = {"exporter": "exporters", "importer": "importers", "region": "regions", "sector": "sectors", "input": "inputs",
        "factor": "factors", "agent": "agents", "owner": "owners"}  # fmt: skip


def known() -> dict[str, Any]:
    """Everything that no benchmark changes: kinds of blocks, scenarios, horizons, ways of financing, agreements."""
    return {
        "benchmarks": available(),
        "horizons": {name: horizon.title for name, horizon in HORIZONS.items()},
        "financing": list(BY),
        "scenarios": [{"name": one.name, "title": one.title} for one in map(library.load, library.names())],
        "agreements": list(agreements.names()),
        "blocks": [_block(key) for key in KINDS],
        "instruments": {word: [AXES[axis] for axis in SYMBOLS[name].dims] for word, name in WORDS.items()},
    }


def _block(key: str) -> dict[str, Any]:
    of = described(key)
    keys = [
        {
            "name": one.name, "kind": one.kind, "choices": one.choices, "default": one.default,
            "required": one.required, "meaning": one.meaning,
        }
        for one in of.keys
        if "." not in one.name
    ]  # fmt: skip
    return {"key": key, "title": of.title, "keys": keys}


def labels(place: Economy) -> dict[str, Any]:
    """Labels and groups of an economy's benchmark, with their names in words."""
    contents, data = place.benchmark.contents, place.benchmark.data
    groups = place.setting.groups or {}
    return {
        "regions": {label: one.name for label, one in contents.regions.items()},
        "sectors": {label: one.name for label, one in contents.sectors.items()},
        "factors": {label: one.name for label, one in contents.factors.items()},
        "groups": {axis: list(_groups(axis, groups)) for axis in ("region", "sector")},
        "layers": [str(layer) for layer in data["layer"].values],
    }


def _groups(axis: str, own: Any) -> list[str]:
    from cge.scenarios.names.groups import load_groups

    mine = own.get(axis, {}) if isinstance(own, Mapping) else {}
    return [*load_groups()[axis], *mine]


def written(form: Mapping[str, Any]) -> str:
    """The YAML of a form: texts under the keys of a scenario, and `shocks`, each its `kind` and texts by key.

    Raises:
        RequestError: a value that cannot be read.
    """
    if not isinstance(form, Mapping):
        raise RequestError(["a form is a mapping"])
    faults: list[str] = []
    scenario: dict[str, Any] = {key: str(form.get(key, "")).strip() for key in HEAD}
    scenario["sources"] = _list(form.get("sources", ""), ";")
    if parts := _list(form.get("parts", ""), ","):
        scenario["parts"] = parts
    scenario["shocks"] = [_shock(k, shock, faults) for k, shock in enumerate(form.get("shocks") or ())]
    if faults:
        raise RequestError(faults)
    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 110
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump(scenario, stream)
    return stream.getvalue()


def _shock(position: int, shock: Any, faults: list[str]) -> dict[str, Any]:
    kind = shock.get("kind") if isinstance(shock, Mapping) else None
    if kind not in KINDS:
        faults.append(f"block {position + 1}: choose what it is")
        return {}
    values = shock.get("values") or {}
    found: dict[str, Any] = {}
    for key in described(str(kind)).keys:
        text = str(values.get(key.name, "")).strip()
        if text == "" or "." in key.name:
            continue
        try:
            found[key.name] = _value(key.kind, text)
        except (ValueError, YAMLError):
            faults.append(f"block {position + 1}: {key.name} {text!r} is not {key.kind}")
    return found


def _value(kind: str, text: str) -> Any:
    """What a text in a field says."""
    if kind == TRUTH:
        return text == "true"
    if kind == CHOICE or kind == "text":
        return text
    if kind == SELECTOR and not text.startswith("{"):
        words = _list(text, ",")
        return words[0] if len(words) == 1 else words
    if kind == LIST:
        return _list(text, ",")
    if kind in (NUMBER, WHOLE):
        number = float(text)
        return int(number) if number.is_integer() else number
    return YAML(typ="safe", pure=True).load(text)


def _list(text: Any, between: str) -> list[str]:
    return [word.strip() for word in str(text).split(between) if word.strip()]
