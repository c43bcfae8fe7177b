"""Aggregation of a table over regions and sectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import xarray as xr

from cge.errors import DataError, nearest

from . import contents_text
from .contents import CONTENTS
from .identities import cif
from .table import SCHEMA, axis_of, labels_of


def _groups(labels: list[str], mapping: Mapping[str, str] | None) -> tuple[list[str], list[str]]:
    """Group of every label, and the groups in the order in which the map names them."""
    if mapping is None:
        return labels, labels
    return [mapping[label] for label in labels], list(dict.fromkeys(mapping.values()))


def _map_faults(labels: list[str], mapping: Mapping[str, str] | None, axis: str) -> list[str]:
    if mapping is None:
        return []
    faults = [
        f"{axis} {label} of the map is not in the table{nearest(label, labels)}; correct or remove it"
        for label in mapping
        if label not in labels
    ]
    lost = [label for label in labels if label not in mapping]
    if lost:
        faults.append(f"{axis} {', '.join(lost)} has no group in the map; map every label")
    return faults


def aggregate(
    data: xr.Dataset,
    region_map: Mapping[str, str] | None = None,
    sector_map: Mapping[str, str] | None = None,
) -> xr.Dataset:
    """Add up regions and sectors of a table.

    Flows add up. A tariff becomes the average over its flows with their customs values as weights
    (the plain average where nothing flows); rent shares are weighted with rents. Trade between
    members of one group lands on the diagonal of `trade` and keeps its tariff.

    Args:
        region_map, sector_map: group of every label; every label must be mapped. Groups keep the order of the map. None
            keeps the axis as it is.

    Raises:
        DataError: listing labels that are unknown (with the nearest name) or unmapped.
    """
    regions, sectors = labels_of(data, "region"), labels_of(data, "sector")
    faults = _map_faults(regions, region_map, "region") + _map_faults(sectors, sector_map, "sector")
    if faults:
        raise DataError(faults, what="the aggregation map")
    to_region, region = _groups(regions, region_map)
    to_sector, sector = _groups(sectors, sector_map)
    by_label = dict(zip(sectors, to_sector, strict=True))
    to_margin = [by_label[label] for label in labels_of(data, "margin")]
    margin = list(dict.fromkeys(to_margin))
    member = {"sector": (to_sector, sector), "margin": (to_margin, margin)}
    member["input"] = member["sector"]
    for axis in ("region", "exporter", "importer"):
        member[axis] = (to_region, region)

    total = partial(_total, member)
    rates = ("tariff", "valuation", "limited", "rent_share", "depreciation")
    flows = {name: total(data[name]) for name in SCHEMA if name in data and name not in rates}
    valued = data["valuation"] * cif(data)
    flows["tariff"] = _average(data["tariff"], valued, total)
    flows["depreciation"] = _average(data["depreciation"], data["capital_stock"], total)
    flows["valuation"] = _average(data["valuation"], cif(data), total)
    flows["limited"] = _limited(data, total)
    flows["rent_share"] = _average(data["rent_share"], data["rent"], total)
    flows["rent_share"] = flows["rent_share"] / flows["rent_share"].sum("owner")
    coords = {axis: labels_of(data, axis) for axis in ("factor", "agent", "layer", "owner")}
    coords |= {"region": region, "exporter": region, "importer": region}
    coords |= {"sector": sector, "input": sector, "margin": margin}
    return xr.Dataset(
        {name: (SCHEMA[name].dims, flow.transpose(*SCHEMA[name].dims).values) for name, flow in flows.items()},
        coords={axis: axis_of(axis, labels) for axis, labels in coords.items()},
        attrs=data.attrs | _contents(data, region_map, sector_map),
    )


def _total(member: Mapping[str, tuple[Sequence[str], Sequence[str]]], array: xr.DataArray) -> xr.DataArray:
    """Sums over the members of groups; `member` holds, by axis, the group of every label and the groups in order."""
    for axis, (groups, names) in member.items():
        if axis in array.dims:
            belongs = np.array([[float(g == n) for n in names] for g in groups]).reshape(len(groups), len(names))
            matrix = xr.DataArray(belongs, dims=(axis, "group"))
            array = xr.dot(array.drop_vars(axis), matrix, dim=axis).rename(group=axis)
            array = array.assign_coords({axis: names})
    return array


def _contents(
    data: xr.Dataset, region_map: Mapping[str, str] | None, sector_map: Mapping[str, str] | None
) -> dict[str, str]:
    """The attribute that holds what the groups contain; none if the table does not say what its labels contain."""
    if CONTENTS not in data.attrs:
        return {}
    given = contents_text.read(str(data.attrs[CONTENTS]))
    whole = given.over(*(labels_of(data, axis) for axis in ("region", "sector", "factor")))
    return {CONTENTS: contents_text.write(whole.aggregate(region_map, sector_map))}


def _limited(data: xr.Dataset, total: Any) -> xr.DataArray:
    """Share under a limit: what is limited over all, in groups that hold a flow that is limited in part; else all."""
    inside = (data["rent"] > 0.0) * data["limited"] * data["trade"]
    known = total((data["limited"] < 1.0).astype(float)) > 0.0
    share = total(inside) / total(data["trade"]).where(known, 1.0)
    return share.where(known & (share > 0.0), 1.0).clip(max=1.0)


def _average(rate: xr.DataArray, weight: xr.DataArray, total: Any) -> xr.DataArray:
    weights = total(weight)
    weighted = total(rate * weight) / weights.where(weights != 0)
    plain = total(rate) / total(xr.ones_like(rate))
    return weighted.fillna(plain)
