"""Closures in files: the options of a closure by name, and a small country's demand for its exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cge.closure import CLOSURES, Closure
from cge.equations.structures.small_country import SMALL_COUNTRY
from cge.errors import AbsentError, PolicyError, nearest

SUFFIXES = (".yaml", ".yml")
OWN = ("like", "export_demand", "rest")


@dataclass(frozen=True)
class ClosureFile:
    """What a file of a closure says.

    Attributes:
        closure: the closure.
        export_demand: elasticity of the rest of the world's demand for exports, of all sectors or by sector; None
            if the file has none.
        rest: label of the rest of the world.
    """

    closure: Closure
    export_demand: float | Mapping[str, float] | None = None
    rest: str = "ROW"


def is_file(name: str) -> bool:
    """Whether a closure is named by its file."""
    return name.endswith(SUFFIXES)


def read_closure(path: str | Path) -> ClosureFile:
    """Read a closure.

    Args:
        path: YAML with any of the fields of `cge.closure.Closure`; `like`, a closure of the package whose fields
            the others replace; `export_demand` and `rest` for a small country (`cge.calibration.small_country`).

    Raises:
        AbsentError: there is no such file.
        PolicyError: it is no YAML, or has keys or values that a closure has not: all of them.
    """
    file = Path(path)
    if not file.is_file():
        raise AbsentError(f"there is no file {path}; check the path")
    try:
        content = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8-sig"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise PolicyError(f"{file.name}: it is no YAML: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(content, Mapping):
        raise PolicyError(f"{file.name}: give the options of a closure, such as household: separate")
    known = [f.name for f in fields(Closure)]
    faults = [f"unknown key {key!r}{nearest(str(key), [*known, *OWN])}" for key in content if key not in (*known, *OWN)]
    like = content.get("like", "standard")
    if like not in CLOSURES:
        faults.append(f"like: unknown closure {like!r}{nearest(str(like), CLOSURES)}; use {', '.join(CLOSURES)}")
    demand = content.get("export_demand")
    if demand is not None and not _is_demand(demand):
        faults.append(f"export_demand is {demand!r}; give a number above zero, or one for each sector")
    if faults:
        raise PolicyError([f"{file.name}: {fault}" for fault in faults])
    told = {key: _value(content[key]) for key in known if key in content}
    base = {name: getattr(CLOSURES[str(like)], name) for name in known}
    if demand is not None:
        told["blocks"] = tuple(dict.fromkeys((*told.get("blocks", base["blocks"]), SMALL_COUNTRY.name)))
    return ClosureFile(Closure(**(base | told)), demand, str(content.get("rest", "ROW")))


def _is_demand(value: Any) -> bool:
    numbers = list(value.values()) if isinstance(value, Mapping) else [value]
    return all(isinstance(n, int | float) and not isinstance(n, bool) and n > 0 for n in numbers)


def _value(value: Any) -> Any:
    return tuple(map(str, value)) if isinstance(value, list) else str(value)
