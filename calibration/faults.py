"""Everything that can be wrong with a table short of its balance."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy.sparse.csgraph import connected_components

from cge.errors import nearest
from cge.labels import difference, repeated
from cge.text import label_fault

from .table import AXES, FIXED, SAME, SCHEMA, Account, labels_of, unknown

SHOWN = 8
"""Cells that a message names."""


def structural_faults(data: xr.Dataset) -> list[str]:
    """Everything wrong with a table short of its balance: names, axes, labels, numbers, signs."""
    faults = [unknown(str(name)) for name in data.data_vars if name not in SCHEMA]
    faults += [
        f"variable {name} is missing; add {account.description} [{', '.join(account.dims)}]"
        for name, account in SCHEMA.items()
        if name not in data.data_vars and not account.optional
    ]
    faults += _label_faults(data)
    sound = not faults
    for name, account in SCHEMA.items():
        if name not in data.data_vars:
            continue
        array = data[name]
        if set(array.dims) != set(account.dims):
            faults.append(
                f"{name} has the axes [{', '.join(map(str, array.dims))}], "
                f"not [{', '.join(account.dims)}]; rename or transpose it"
            )
            sound = False
        elif not np.issubdtype(array.dtype, np.number):
            faults.append(f"{name} holds {array.dtype}, not numbers; convert it to float")
            sound = False
        else:
            faults += _number_faults(name, account, array)
    if sound:
        faults += _flow_faults(data)
    if not faults:
        faults += _region_faults(data)
    return faults


def _label_faults(data: xr.Dataset) -> list[str]:
    faults: list[str] = []
    for axis in AXES:
        if axis not in data.coords:
            faults.append(f"axis {axis} has no labels; add the coordinate {axis}")
            continue
        labels = labels_of(data, axis)
        faults += repeated(axis, labels)
        if not labels and axis != "margin":
            faults.append(f"axis {axis} is empty; it needs at least one label")
        if axis not in SAME:
            faults += _spelling_faults(axis, labels)
    for axis, wanted in FIXED.items():
        if axis in data.coords and sorted(labels_of(data, axis)) != sorted(wanted):
            faults.append(f"axis {axis} is [{', '.join(labels_of(data, axis))}]; it must be [{', '.join(wanted)}]")
    for axis, model in SAME.items():
        if axis in data.coords and model in data.coords:
            faults += difference(axis, labels_of(data, axis), model, labels_of(data, model))
    if "margin" in data.coords and "sector" in data.coords:
        sectors = labels_of(data, "sector")
        faults += [
            f"margin {label} is not a sector{nearest(label, sectors)}; margins are sold by sectors"
            for label in labels_of(data, "margin")
            if label not in sectors
        ]
    return faults


def _spelling_faults(axis: str, labels: list[str]) -> list[str]:
    """Labels that are empty, that files and screens cannot show, or that a reader takes for one another."""
    faults = []
    if any(not label.strip() for label in labels):
        faults.append(f"axis {axis} has an empty label; name it")
    faults += [f"{axis} {label[:40]!r} {why}" for label in labels if (why := label_fault(label))]
    alike: dict[str, list[str]] = {}
    for label in dict.fromkeys(labels):
        seen = "".join(mark for mark in unicodedata.normalize("NFKC", label) if unicodedata.category(mark) != "Cf")
        key = " ".join(seen.casefold().split())
        alike.setdefault(key, []).append(label)
    twins = [" and ".join(map(repr, some)) for some in alike.values() if len(some) > 1]
    if twins:
        faults.append(f"axis {axis} has labels that look alike: {_listed(twins)}; join them, or rename one")
    blanks = [label for label in labels if label.strip() and label != label.strip()]
    if blanks:
        faults.append(f"axis {axis} has blanks around {_listed(map(repr, blanks))}; remove them")
    return faults


def _listed(words: Iterable[str]) -> str:
    listed = list(words)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more


def _number_faults(name: str, account: Account, array: xr.DataArray) -> list[str]:
    values = np.asarray(array.values, dtype=float)
    faults = []
    broken = ~np.isfinite(values)
    if broken.any():
        faults.append(
            f"{name} has {int(broken.sum())} cells that are no finite number ({_where(array, broken)}); "
            "fill them with data or zero"
        )
    negative = values < 0
    if negative.any() and not account.signed:
        worst = float(values[negative].min())
        faults.append(
            f"{name} has {int(negative.sum())} negative cells, the lowest {worst:.6g} "
            f"({_where(array, negative)}); it must not be negative: move them to another account"
        )
    return faults


def _flow_faults(data: xr.Dataset) -> list[str]:
    """Faults between variables: wedges on flows that do not exist, rent shares, by-products, prohibitive rates."""
    faults = []
    empty = data["trade"] == 0
    for name in ("export_tax", "rent", "margin_use"):
        stray = (data[name] != 0) & empty
        if bool(stray.any()):
            faults.append(
                f"{name} is not zero on {int(stray.sum())} flows without trade "
                f"({_where(stray, stray.values)}); remove it there"
            )
    total = data["rent_share"].sum("owner")
    wrong = ~(abs(total - 1) <= 1e-12)
    if bool(wrong.any()):
        faults.append(
            f"rent_share does not sum to 1 over owners on {int(wrong.sum())} flows "
            f"({_where(wrong, wrong.values)}); where there is no rent give the exporter 1"
        )
    by_product = (data["intermediate"] < 0).any("input") & (data["intermediate"].sum("input") <= 0)
    if bool(by_product.any()):
        faults.append(
            f"intermediate: {int(by_product.sum())} industries sell more by-products than they buy inputs "
            f"({_where(by_product, by_product.values)}); make the by-products output of the industries that make them"
        )
    valuation = data["valuation"] if "valuation" in data else xr.ones_like(data["trade"])
    if bool((valuation <= 0).any()):
        none = valuation <= 0
        faults.append(f"valuation is not above 0 on {int(none.sum())} flows ({_where(none, none.values)}); give 1")
    limited = data["limited"] if "limited" in data else xr.ones_like(data["trade"])
    wrong = (limited <= 0) | (limited > 1 + 1e-6)  # as much over one as few digits leave
    if bool(wrong.any()):
        faults.append(
            f"limited is not above 0 and at most 1 on {int(wrong.sum())} flows ({_where(wrong, wrong.values)}); give 1 "
            "where a limit is on all of a flow, or where there is none"
        )
    below = data["tariff"].sum("layer") * valuation <= -1
    if bool(below.any()):
        faults.append(
            f"tariff is -100 % or lower on {int(below.sum())} flows ({_where(below, below.values)}); "
            "give rates as fractions above -1"
        )
    return faults


def _region_faults(data: xr.Dataset) -> list[str]:
    """A table of nothing, and regions without households that consume."""
    spent = (data["final"] + data["final_tax"]).sum("sector")
    consumed = spent.sel(agent="C")
    if not bool(data["domestic"].any()) and not bool(data["trade"].any()):
        return ["the table holds nothing: no sales at home and no trade; give its flows"]
    faults = []
    idle = [region for region, value in zip(labels_of(data, "region"), consumed.values, strict=True) if not value > 0]
    if idle:
        faults.append(
            f"private consumption of {_listed(idle)} is zero, and welfare is that of its households; "
            "move what they buy from the government or investment to agent C, or join the region with another"
        )
    return faults


def isolated(data: xr.Dataset) -> list[str]:
    """Regions that no trade ties to the others: a sound table, whose prices a model cannot compare."""
    return [
        f"{_listed(group)} trade{'s' if len(group) == 1 else ''} with nobody else, so nothing ties the prices there to "
        "those of the other regions; add the trade, leave it out, or solve it alone"
        for group in _trading_groups(data)[1:]
    ]


def _trading_groups(data: xr.Dataset) -> list[list[str]]:
    """Regions that trade with one another, directly or through others, the largest group first."""
    regions = labels_of(data, "region")
    linked = (data["trade"].sum("sector") > 0).transpose("exporter", "importer").values
    if "margin" in data.dims and data.sizes["margin"]:  # a pool that some sell to and the others buy from
        sells = (data["margin_supply"] > 0).any("margin").values
        buys = (data["margin_use"] > 0).any(["margin", "exporter", "sector"]).values
        linked = linked | (sells[:, None] & buys[None, :])
    _, group = connected_components(linked, directed=False)
    found = [[r for r, g in zip(regions, group, strict=True) if g == n] for n in range(int(group.max()) + 1)]
    return sorted(found, key=len, reverse=True)


def _where(array: xr.DataArray, mask: npt.NDArray[np.bool_]) -> str:
    """Labels of the first cells where the mask holds."""
    cells = np.argwhere(mask)
    names = [
        " ".join(str(array[dim].values[k]) for dim, k in zip(array.dims, cell, strict=True)) for cell in cells[:SHOWN]
    ]
    more = f" and {len(cells) - SHOWN} more" if len(cells) > SHOWN else ""
    return ", ".join(names) + more
