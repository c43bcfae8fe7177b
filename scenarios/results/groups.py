"""The world and groups of regions as rows beside the regions of a result, and labels in words."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration import contents_text
from cge.calibration.contents import CONTENTS
from cge.errors import RequestError, nearest
from cge.indicators import of_group
from cge.scenarios.names.axes import Axis, axes_of

if TYPE_CHECKING:
    from .results import Result

log = logging.getLogger("cge")

WORLD = "world"
RATIOS: Mapping[str, str] = {
    "real_gdp_pct": "real_gdp",
    "real_consumption_pct": "real_consumption",
    "real_government_pct": "real_government",
    "real_investment_pct": "real_investment",
    "real_absorption_pct": "real_absorption",
    "terms_of_trade_pct": "terms_of_trade",
}
"""Columns of the welfare table that do not add up, and the indicators that they are read from."""

Groups = Iterable[str] | Mapping[str, Iterable[str]]
"""Names of groups of the package, or own groups: name to labels of regions."""


def regions_of(point: xr.Dataset) -> Axis:
    """The regions of a solution with what they contain; one of before contents has labels alone."""
    contents = contents_text.read(str(point.attrs.get(CONTENTS, "{}")))
    labels = ([str(label) for label in point[axis].values] for axis in ("region", "sector", "factor"))
    return axes_of(contents.over(*labels))["region"]


def names_of(point: xr.Dataset, axis: str) -> dict[str, str]:
    """Label to name in words; the label itself where there is none."""
    labels = [str(label) for label in point[axis].values]
    coordinate = f"{axis}_name"
    names = map(str, point[coordinate].values) if coordinate in point.coords else labels
    return dict(zip(labels, names, strict=True))


def members_of(point: xr.Dataset, groups: Groups) -> dict[str, list[str]]:
    """The regions of each group, those that are wholly in it; of others the log says that they are left out.

    Raises:
        RequestError: listing groups that are not known, and those of which the benchmark has no region.
    """
    axis = regions_of(point)
    found: dict[str, list[str]] = {}
    faults: list[str] = []
    for name in groups:
        if isinstance(groups, Mapping):
            found[name] = list(groups[name])
            faults += [
                f"group {name}: the result has no region {label!r}{nearest(label, axis.labels)}"
                for label in found[name]
                if label not in axis.labels
            ]
            continue
        group = axis.groups.get(name)
        if group is None:
            faults.append(f"unknown group {name!r}{nearest(name, axis.groups)}; use one of {', '.join(axis.groups)}")
            continue
        shares, notes = axis.shares(group)
        found[name] = [label for label, share in shares.items() if share == 1.0]
        if not found[name]:
            faults.append(f"no region of the result is wholly in {name}; name a group that holds some")
        for note in notes:
            log.warning(
                "row %s: %s", name, note.replace("which is counted with", "which is left out, not counted with")
            )
    if faults:
        raise RequestError(faults)
    return found


def indicators_of(result: Result, groups: Groups = (), *, world: bool = True) -> pd.DataFrame:
    """Indicators with the rows of groups, and of the world."""
    table = result.indicators
    members = members_of(result.equilibrium, groups) | _world(result, world)
    return pd.concat([table, of_group(table, members)], ignore_index=True) if members and len(table) else table


def welfare_of(result: Result, groups: Groups = (), *, world: bool = True) -> pd.DataFrame:
    """The welfare table with the rows of groups, and of the world.

    Million USD add up; a ratio is read from the indicators, and is empty where an older version wrote none.
    """
    table = result.welfare
    members = members_of(result.equilibrium, groups) | _world(result, world)
    if not members:
        return table
    rows = {name: table.loc[labels].sum(skipna=False) for name, labels in members.items()}
    added = pd.DataFrame(rows).T.rename_axis("region")
    ratios = [str(column) for column in added.columns if not str(column).endswith("_musd")]
    added = added.assign(**dict.fromkeys(ratios, np.nan))
    if len(result.indicators):
        of = of_group(result.indicators, members).set_index(["region", "indicator"])
        for column, indicator in RATIOS.items():
            added[column] = of["change_pct"].xs(indicator, level=1).reindex(added.index)
        income = of["base_weight"].xs("ev_pct", level=1).reindex(added.index)
        for column in ratios:
            if column not in RATIOS and column.removesuffix("_pct") + "_musd" in added:
                added[column] = 100.0 * added[column.removesuffix("_pct") + "_musd"] / income
    return pd.concat([table, added])


def _world(result: Result, wanted: bool) -> dict[str, list[str]]:
    return {WORLD: [str(label) for label in result.welfare.index]} if wanted else {}
