"""Split a sector or a region in parts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.log import Entry, Log
from cge.calibration.raw import RawTable, square
from cge.errors import DataError, RequestError, nearest

WARNING = (
    "by shares alone: the parts have one technology, one set of buyers and one set of origins, so a policy on one of "
    "them is answered as if they were alike; this may be worse than no split"
)
SECTOR_ROLES = ("industry", "good", "import", "tax:product")


def split_sector(raw: RawTable, sector: str, into: Mapping[str, float], *, sales: pd.DataFrame | None = None,
                 costs: pd.DataFrame | None = None) -> tuple[RawTable, Log]:  # fmt: skip
    """Split a sector of every region.

    Args:
        raw: the table.
        sector: label that is split.
        into: new label to its share of the sector.
        sales: shares of the parts in the sector's sales to every buyer [buyer's label, part]; those of `into`
            where a buyer is not named.
        costs: the same for what the sector pays [seller's label, part].

    Raises:
        RequestError: a sector that is not there, a new label that is.
        DataError: shares that are negative or do not add up to one.
    """
    have = raw.sectors
    faults = [f"{x!r} is a sector already; name the part otherwise" for x in into if x in have and x != sector]
    if sector not in have:
        faults.append(f"{sector!r} is no sector{nearest(sector, have)}")
    if faults:
        raise RequestError(faults)
    _check(into)
    mine = (raw.accounts["label"] == sector) & raw.accounts["role"].isin(SECTOR_ROLES)
    row = {part: _by_label(raw, sales, part, share) for part, share in into.items()}
    column = {part: _by_label(raw, costs, part, share) for part, share in into.items()}
    table = _parts(raw, mine.to_numpy(), into, row, column, "label")
    why = WARNING if sales is None and costs is None else "by the given shares in sales and costs"
    amount = float(raw.flows.values[mine.to_numpy()].sum())
    return table, Log.of(Entry("sector split", f"{sector} into {', '.join(into)}", amount, amount, amount, why))


def split_region(raw: RawTable, region: str, into: Mapping[str, float]) -> tuple[RawTable, Log]:
    """Split a region in parts that are alike, each buying at home what the whole bought at home.

    Args:
        raw: the table.
        region: label that is split.
        into: new label to its share of everything in the region.

    Raises:
        RequestError: a region that is not there, a new label that is.
        DataError: shares that are negative or do not add up to one.
    """
    faults = [f"{x!r} is a region already; name the part otherwise" for x in into if x in raw.regions and x != region]
    if region not in raw.regions:
        faults.append(f"{region!r} is no region{nearest(region, raw.regions)}")
    if faults:
        raise RequestError(faults)
    _check(into)
    mine = (raw.accounts["region"] == region).to_numpy()
    even = {part: np.full(len(mine), share) for part, share in into.items()}
    table = _parts(raw, mine, into, even, even, "region", apart=True)
    amount = float(raw.flows.values[mine].sum())
    why = f"{WARNING}; the parts do not trade with each other"
    return table, Log.of(Entry("region split", f"{region} into {', '.join(into)}", amount, amount, amount, why))


def _check(into: Mapping[str, float]) -> None:
    if any(share <= 0 for share in into.values()) or abs(sum(into.values()) - 1.0) > 1e-9:
        raise DataError(
            [f"shares {', '.join(f'{k} {v:g}' for k, v in into.items())} must be positive and add up to 1"], "the split"
        )


def _by_label(raw: RawTable, given: pd.DataFrame | None, part: str, share: float) -> np.ndarray:
    if given is None:
        return np.full(len(raw.accounts), share)
    unknown = [x for x in given.index if x not in set(raw.accounts["label"])]
    if unknown or part not in given or ((given.sum(axis=1) - 1.0).abs() > 1e-9).any():
        told = f"shares lack {part}, have unknown labels ({', '.join(map(str, unknown))}), or do not add up to 1"
        raise DataError([told], "the split")
    return np.array([given[part].get(label, share) for label in raw.accounts["label"]], dtype=float)


def _parts(raw: RawTable, mine: np.ndarray, into: Mapping[str, float], row: Mapping[str, np.ndarray],
           column: Mapping[str, np.ndarray], axis: str, *, apart: bool = False) -> RawTable:  # fmt: skip
    """The table with every account of the split in parts, in its place."""
    order: list[tuple[int, str]] = []
    for k in range(len(mine)):
        order += [(k, part) for part in into] if mine[k] else [(k, "")]
    old = np.array([k for k, _ in order])
    values = raw.flows.values[np.ix_(old, old)]
    selling = np.array([[row[p][k] if p else 1.0 for k in old] for _, p in order])
    buying = np.array([[column[p][k] if p else 1.0 for k in old] for _, p in order]).T
    both = np.array([bool(p) for _, p in order])
    parts = np.array([p for _, p in order])
    inner = both[:, None] & both[None, :]
    among = selling * (buying if not apart else (parts[:, None] == parts[None, :]))
    values = values * np.where(inner, among, selling * buying)
    told = {column: [str(raw.accounts[column].iloc[k]) for k in old] for column in raw.accounts}
    for at, (_, part) in enumerate(order):
        if part:
            told[axis][at] = part
            if axis == "label":
                told["contents"][at] = ""
    names = [
        raw.names[k] if not p else f"{told['region'][at]}.{told['label'][at]}".lstrip(".")
        for at, (k, p) in enumerate(order)
    ]
    again = pd.Series(names).duplicated(keep=False)
    names = [f"{n} ({told['role'][at]})" if again[at] else n for at, n in enumerate(names)]
    frame = pd.DataFrame(told, index=pd.Index(names, name="account"))
    satellites = None
    if raw.satellites is not None:
        shares = np.array([into.get(p, 1.0) if p else 1.0 for _, p in order])
        coords = {"satellite": raw.satellites["satellite"].values, "account": names}
        satellites = xr.DataArray(raw.satellites.values[:, old] * shares, dims=("satellite", "account"), coords=coords)
    wedges = _wedges(raw.bilateral, axis, {str(raw.accounts.iloc[k][axis]) for k in np.flatnonzero(mine)}, into)
    return RawTable(
        square(values, names),
        frame,
        wedges,
        satellites,
        countries=raw.countries,
        population=raw.population,
        about=raw.about,
    )


def _wedges(data: xr.Dataset, axis: str, whole: set[str], into: Mapping[str, float]) -> xr.Dataset:
    """Wedges of the parts: rates as they are, values by shares."""
    for name in ("exporter", "importer") if axis == "region" else ("sector",):
        if name not in data.dims:
            continue
        labels = [str(x) for x in data[name].values]
        places = [(x, p) for x in labels for p in (into if x in whole else [""])]
        data = data.sel({name: [x for x, _ in places]}).assign_coords({name: [p or x for x, p in places]})
        share = xr.DataArray(
            [into.get(p, 1.0) if p else 1.0 for _, p in places], dims=name, coords={name: data[name].values}
        )
        data = data.assign({n: data[n] * share for n in ("export_tax", "rent", "margin_use") if n in data})
    return data
