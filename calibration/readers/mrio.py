"""The shape that all multi-regional input-output tables share, from labelled rows and columns to accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from cge.calibration.raw import About, RawTable, square

Key = tuple[str, str]
"""Region and label."""


def table(
    rows: Sequence[Key],
    columns: Sequence[Key],
    values: np.ndarray,
    *,
    roles: Mapping[str, str],
    about: About,
    countries: Mapping[str, frozenset[str]] | None = None,
    products: Callable[[str], str] = lambda label: "",
) -> RawTable:
    """A raw table from rows that sell and columns that buy.

    Args:
        rows, columns: region and label; a row with no region of a column is paid in the region of each buyer.
        values: [row, column].
        roles: of labels that are not industries; an account in both rows and columns is an industry, another
            without a role has none.
        about, countries: of the table.
        products: product codes of an industry's label.
    """
    seen = set(columns)
    inner = [key for key in rows if key in seen]
    regions = list(dict.fromkeys(key[0] for key in columns if key[0]))
    held = set(regions)
    keys: dict[Key, None] = dict.fromkeys([*inner, *columns])
    paid = [key for key in rows if key not in seen]
    for region, label in paid:
        keys |= dict.fromkeys([(region, label)] if region in held else [(r, label) for r in regions])
    names = list(keys)
    at = {key: k for k, key in enumerate(names)}
    flows = np.zeros((len(names), len(names)))
    columns_at = np.array([at[key] for key in columns])
    for key, line in zip(rows, values, strict=True):
        if key in at:
            flows[at[key], columns_at] += line
            continue
        sellers = np.array([at.get((region, key[1]), -1) for region, _ in columns])
        known = sellers >= 0
        np.add.at(flows, (sellers[known], columns_at[known]), line[known])
    own = set(inner)
    frame = pd.DataFrame(
        [(r, label, "industry" if (r, label) in own else roles.get(label, ""),
          products(label) if (r, label) in own else "") for r, label in names],
        index=pd.Index([f"{r}.{label}" if r else label for r, label in names], name="account"),
        columns=["region", "label", "role", "contents"],
    )  # fmt: skip
    return RawTable(square(flows, list(frame.index)), frame, countries=dict(countries or {}), about=about)


def by_iso3(regions: Iterable[str]) -> dict[str, frozenset[str]]:
    """Contents of regions whose labels a publisher defines as ISO 3166-1 alpha-3 codes, and ROW as the rest."""
    return {region: frozenset({region}) for region in regions}


def isic(codes: Iterable[str]) -> str:
    """Divisions of ISIC Rev. 4 as product codes."""
    return " ".join(f"isic:{code}" for code in codes)
