"""Maps of regions, sectors and factors: labels join, their contents unite, and nothing is left without a place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.log import Entry, Log
from cge.calibration.raw import FACTOR_ROLES, RawTable, square
from cge.calibration.wedges import traded
from cge.errors import DataError, nearest

Map = Mapping[str, str | Sequence[str]]
"""New label to the old ones, or to `rest` for all that no other names."""
REST = "rest"
ROLES = {"region": (), "sector": ("industry", "good", "import"), "factor": FACTOR_ROLES}


def aggregate(
    raw: RawTable, *, regions: Map | None = None, sectors: Map | None = None, factors: Map | None = None
) -> tuple[RawTable, Log]:
    """Join labels of a table.

    Args:
        raw: the table.
        regions, sectors, factors: new label to the old ones; `rest` stands for those not named. A label that is
            not changed is named all the same: `KOR: KOR`. Tariffs become averages over what they fall on.

    Raises:
        DataError: labels that are unknown (with the nearest), in two groups, or in none: all of them, by axis.
    """
    a = raw.accounts
    have = {
        "region": raw.regions,
        "sector": list(dict.fromkeys(a.loc[a["role"].isin(ROLES["sector"]), "label"])),
        "factor": list(dict.fromkeys(a.loc[a["role"].isin(FACTOR_ROLES), "label"])),
    }
    given = {"region": regions, "sector": sectors, "factor": factors}
    faults, pairs = [], {}
    for axis, mapping in given.items():
        pairs[axis], found = old_to_new(axis, mapping, have[axis])
        faults += found
    if faults:
        raise DataError(faults, "the map")
    joined = _joined(raw, pairs)
    log = Log(tuple(
        Entry(f"{axis}s joined", new, why=", ".join(old for old, to in pairs[axis].items() if to == new))
        for axis, mapping in given.items() if mapping for new in mapping
        if [old for old, to in pairs[axis].items() if to == new] != [new]
    ))  # fmt: skip
    return joined, log


def old_to_new(axis: str, mapping: Map | None, have: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """New label of every old one, and the faults of a map."""
    if mapping is None:
        return {label: label for label in have}, []
    pairs: dict[str, str] = {}
    faults, rest, unknown, twice = [], "", [], []
    for new, members in mapping.items():
        listed = members.split() if isinstance(members, str) else [str(member) for member in members]
        if listed == [REST] and REST not in have:
            if rest:
                faults.append(f"{axis}s: both {rest} and {new} are the rest; one can be")
            rest = str(new)
            continue
        for old in listed:
            if old not in have:
                unknown.append(f"{old}{nearest(old, have)} in {new}")
            elif pairs.setdefault(old, str(new)) != str(new):
                twice.append(f"{old} in {pairs[old]} and {new}")
    lost = [label for label in have if label not in pairs]
    if unknown:
        faults.append(f"{axis}s that the table does not have: {', '.join(unknown)}; correct or remove them")
    if twice:
        faults.append(f"{axis}s in two groups: {', '.join(twice)}; name each once")
    if lost and not rest:
        faults.append(f"{axis}s in no group: {', '.join(lost)}; give each a group, or one group the word {REST}")
    pairs |= dict.fromkeys(lost, rest)
    order = {old: pairs.get(old, "") for old in have}
    return order, faults


def _joined(raw: RawTable, pairs: Mapping[str, Mapping[str, str]]) -> RawTable:
    a = raw.accounts
    region = a["region"].map(lambda r: pairs["region"].get(r, r))
    label = a["label"].where(~a["role"].isin(ROLES["sector"]), a["label"].map(lambda s: pairs["sector"].get(s, s)))
    label = label.where(~a["role"].isin(FACTOR_ROLES), label.map(lambda f: pairs["factor"].get(f, f)))
    # a tax on one good, named by the good, goes with it
    taxed = (a["role"] == "tax:product") & a["label"].isin(list(pairs["sector"]))
    label = label.where(~taxed, a["label"].map(lambda s: pairs["sector"].get(s, s)))
    keys = list(zip(region, label, a["role"], strict=True))
    groups = list(dict.fromkeys(keys))
    order = {axis: list(dict.fromkeys(pairs[axis].values())) for axis in pairs}
    if len(groups) != len(keys):
        groups.sort(key=lambda g: order["region"].index(g[0]) if g[0] in order["region"] else len(order["region"]))
    at = (
        np.array([groups.index(key) for key in keys])
        if len(keys) < 200
        else pd.Index(groups).get_indexer(pd.Index(keys))
    )
    values = _sum(_sum(raw.flows.values, at, len(groups)).T, at, len(groups)).T
    frame = pd.DataFrame([(r, x, role, "") for r, x, role in groups], columns=["region", "label", "role", "contents"])
    frame["contents"] = _united(a["contents"], at, len(groups))
    frame.index = pd.Index(_names(raw, frame, at), name="account")
    satellites = None
    if raw.satellites is not None:
        summed = _sum(raw.satellites.values.T, at, len(groups)).T
        coords = {"satellite": raw.satellites["satellite"].values, "account": list(frame.index)}
        satellites = xr.DataArray(summed, dims=("satellite", "account"), coords=coords, attrs=raw.satellites.attrs)
    return RawTable(
        square(values, list(frame.index)), frame, bilateral(raw, pairs), satellites,
        countries=_countries(raw, pairs["region"]), population=_population(raw, pairs["region"]), about=raw.about,
    )  # fmt: skip


def _sum(values: np.ndarray, at: np.ndarray, size: int) -> np.ndarray:
    total = np.zeros((size, values.shape[1]))
    np.add.at(total, at, values)
    return total


def _united(contents: pd.Series, at: np.ndarray, size: int) -> list[str]:
    """Products of the members of every group; nothing if they are not known of one."""
    held: list[list[str]] = [[] for _ in range(size)]
    known = [True] * size
    for k, text in zip(at, contents, strict=True):
        held[k] += str(text).split()
        known[k] &= bool(text)
    return [" ".join(dict.fromkeys(products)) if ok else "" for products, ok in zip(held, known, strict=True)]


def _names(raw: RawTable, frame: pd.DataFrame, at: np.ndarray) -> list[str]:
    """Names of the groups: that of a lone member whose labels stay, else region and label, with the role if needed."""
    names: list[str] = []
    old = raw.accounts
    for k, (region, label) in enumerate(zip(frame["region"].tolist(), frame["label"].tolist(), strict=True)):
        members = np.flatnonzero(at == k)
        same = len(members) == 1 and tuple(old.iloc[members[0]][["region", "label"]]) == (region, label)
        name = raw.names[members[0]] if same else (f"{region}.{label}" if region else str(label))
        names.append(name)
    counts = pd.Series(names).value_counts()
    roles = frame["role"].tolist()
    return [f"{name} ({role})" if counts[name] > 1 else name for name, role in zip(names, roles, strict=True)]


def bilateral(raw: RawTable, pairs: Mapping[str, Mapping[str, str]]) -> xr.Dataset:
    """Wedges on trade of the joined table: values add up, rates and shares are averages over what they fall on."""
    if not len(raw.bilateral.data_vars):
        return raw.bilateral
    trade = traded(raw)
    cif = trade + sum(
        (raw.bilateral[n].reindex_like(trade).fillna(0.0) for n in ("export_tax", "rent") if n in raw.bilateral), 0.0
    )
    if "margin_use" in raw.bilateral:
        cif = cif + raw.bilateral["margin_use"].sum("margin").reindex_like(trade).fillna(0.0)

    def total(array: xr.DataArray) -> xr.DataArray:
        for axis, kind in (("exporter", "region"), ("importer", "region"), ("sector", "sector"), ("margin", "sector")):
            if axis in array.dims:
                groups = [pairs[kind].get(str(x), str(x)) for x in array[axis].values]
                array = array.assign_coords({axis: groups}).groupby(axis).sum().sel({axis: list(dict.fromkeys(groups))})
        return array

    found = {}
    for name, array in raw.bilateral.data_vars.items():
        if name not in ("tariff", "rent_share"):
            found[str(name)] = total(array).transpose(*array.dims)
            continue
        weight = cif if name == "tariff" else raw.bilateral["rent"]
        weight = weight.reindex_like(array).fillna(0.0)
        whole = total(weight)
        found[str(name)] = (total(array * weight) / whole.where(whole != 0.0)).fillna(0.0).transpose(*array.dims)
    return xr.Dataset(found)


def _countries(raw: RawTable, regions: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for new in dict.fromkeys(regions.values()):
        members = [old for old, to in regions.items() if to == new]
        if all(raw.countries.get(old) for old in members):
            found[new] = frozenset().union(*(raw.countries[old] for old in members))
    return found


def _population(raw: RawTable, regions: Mapping[str, str]) -> dict[str, float]:
    found = {}
    for new in dict.fromkeys(regions.values()):
        members = [old for old, to in regions.items() if to == new]
        if all(old in raw.population for old in members):
            found[new] = sum(raw.population[old] for old in members)
    return found


def renamed(raw: RawTable, **names: str) -> RawTable:
    """The table with other names of some accounts."""
    index = [names.get(str(name), str(name)) for name in raw.accounts.index]
    frame = raw.accounts.set_axis(pd.Index(index, name="account"))
    return replace(raw, flows=square(raw.flows.values, index), accounts=frame)
