"""How sure the numbers of a result are: a table of ranges beside it, and what it says in words.

The table is written by `cge uncertainty` into the result's folder, as decompositions are; one that belongs to another
result of that name is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from .proof import read_proof
from .results import Comparison
from .stored import Stored

FILE = "ranges.csv"
MARK = ("parameters_sha256", "scenario_sha256", "closure_sha256")
"""What tells whether ranges and a result belong together, if the result has it."""

SURE = 0.95
"""Probability of a sign from which on it is called sure."""


def mark(folder: Path) -> str:
    """What ranges must carry to be those of the result in a folder."""
    proof = read_proof(folder)
    return " ".join(str(proof.get(key, "")) for key in MARK)


def write(ranges: pd.DataFrame, folder: Path) -> Path:
    """Put ranges beside a result.

    Args:
        ranges: `table`, `region` and other labels, `column`, `default`, `mean`, `sd`, `low`, `high`, `positive`,
            `interval`, `draws`, `method`.
        folder: of the result.
    """
    fresh = folder / f".{FILE}"
    ranges.assign(result=mark(folder)).to_csv(fresh, index=False)
    fresh.replace(folder / FILE)
    return folder / FILE


def read(folder: Path) -> pd.DataFrame | None:
    """The ranges beside a result; none where there are none of it."""
    file = folder / FILE
    if not file.is_file():
        return None
    text = ("table", "region", "column", "method", "result")
    found = pd.read_csv(file, dtype=dict.fromkeys(text, str), keep_default_na=False, na_values={"default": [""]})
    return found if len(found) and set(found["result"]) == {mark(folder)} else None


def ranges_of(results: Comparison) -> dict[int, pd.DataFrame]:
    """Ranges of the welfare table (index region and column) of the results whose folder holds them, by number."""
    found: dict[int, pd.DataFrame] = {}
    if not isinstance(results.results, Stored):
        return found
    for k, folder in enumerate(results.results.folders):
        ranges = read(folder)
        if ranges is not None:
            rows = ranges[ranges["table"] == "welfare"]
            found[k] = rows.set_index(["region", "column"])
    return found


def shown(row: Any) -> str:
    """A range in short: [-0.31, -0.07]."""
    return f"[{row['low']:+.3f}, {row['high']:+.3f}]"


def sentence(who: str, ranges: pd.DataFrame, names: Mapping[str, str]) -> str:
    """How sure the sign of a region's EV is; empty where its range is not known."""
    if (who, "ev_pct") not in ranges.index:
        return ""
    row: Any = ranges.loc[(who, "ev_pct")]
    positive = float(row["positive"])
    name, likely = names.get(who, who), max(positive, 1.0 - positive)
    way = "gains" if positive >= 0.5 else "loses"
    told = "more often than not, which is no finding" if likely < SURE else "in nearly all draws"
    if likely == 1.0:
        told = "in all draws"
    return (
        f"{name} {way} with a probability of {likely:.0%} ({told}): {row['interval']:.0%} of the draws lie in "
        f"{shown(row)} % of income ({row['method']}, {int(row['draws'])} draws)."
    )
