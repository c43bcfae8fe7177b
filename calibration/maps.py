"""Maps of labels in files: whether every label that they name is there, and every label that is there is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cge.errors import DataError, RequestError

from . import products
from .benchmark import Benchmark
from .contents_text import population_2020
from .readers import registry
from .steps.aggregate import old_to_new


def check_map(content: Mapping[str, Any], against: str | Path | None = None) -> list[str]:
    """Check a map, and return what is noteworthy.

    Args:
        content: `regions`, `sectors`, `factors`: new label to old ones, or `rest`.
        against: a benchmark or a table that it is for; else regions are the 77 countries of the package's world
            table (and ROW), sectors its 28.

    Raises:
        DataError: labels that are unknown, in two groups, or in none: all of them.
    """
    have = _labels(against)
    faults, notes = [], []
    for axis, mapping in content.items():
        kind = axis.removesuffix("s")
        if not isinstance(mapping, Mapping):
            raise RequestError([f"{axis} is {mapping!r}; give new labels and the old ones of each"])
        if kind not in have:
            continue
        plain = {str(k): (v if isinstance(v, str) else [str(x) for x in v]) for k, v in mapping.items()}
        pairs, found = old_to_new(kind, plain, have[kind])
        faults += found
        for new in plain:
            members = sorted(old for old, to in pairs.items() if to == new)
            if new in have[kind] and members != [new]:
                told = f"{kind} {new} holds {', '.join(members[:8])}, not what {new} is in {_name(against)}"
                notes.append(f"{told}; only its contents count")
    if faults:
        raise DataError(faults, "the map")
    return notes


def _name(against: str | Path | None) -> str:
    return f"{against}" if against else "the package's tables"


def _labels(against: str | Path | None) -> dict[str, list[str]]:
    if against is None:
        return {"region": [*population_2020()], "sector": list(products.names())}
    if str(against).endswith(".nc") or not Path(against).exists():
        table = Benchmark.load(against)
        return {
            "region": table.regions,
            "sector": table.sectors,
            "factor": [str(f) for f in table.data["factor"].values],
        }
    raw, _ = registry.read(against)
    return {"region": raw.regions, "sector": raw.sectors}
