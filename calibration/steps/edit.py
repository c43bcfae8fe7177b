"""What the steps share: adding, moving and removing flows of accounts by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.raw import COLUMNS, RawTable, square


def without(raw: RawTable, names: Iterable[str]) -> RawTable:
    """The table less some accounts with their flows."""
    gone = set(names)
    keep = [name for name in raw.accounts.index if name not in gone]
    satellites = None if raw.satellites is None else raw.satellites.sel(account=keep)
    flows = raw.flows.sel(seller=keep, buyer=keep)
    return replace(raw, flows=flows, accounts=raw.accounts.loc[keep], satellites=satellites)


def with_accounts(raw: RawTable, rows: Mapping[str, Sequence[str]]) -> RawTable:
    """The table with more accounts (name: region, label, role, contents), which flow nothing yet; those there stay."""
    fresh = {name: row for name, row in rows.items() if name not in raw.accounts.index}
    if not fresh:
        return raw
    more = pd.DataFrame.from_dict(fresh, orient="index", columns=list(COLUMNS)).rename_axis("account")
    frame = pd.concat([raw.accounts, more])
    size = len(raw.accounts)
    values = np.zeros((len(frame), len(frame)))
    values[:size, :size] = raw.flows.values
    satellites = raw.satellites
    if satellites is not None:
        satellites = satellites.reindex(account=list(frame.index), fill_value=0.0)
    return replace(raw, flows=square(values, list(frame.index)), accounts=frame, satellites=satellites)


def merged(raw: RawTable, into: Mapping[str, str]) -> RawTable:
    """The table with some accounts added to others: rows to rows, columns to columns, what they pay each other gone."""
    names = list(raw.accounts.index)
    keep = [name for name in names if into.get(name, name) == name]
    at = np.array([keep.index(into.get(name, name)) for name in names])
    values = np.zeros((len(keep), len(keep)))
    np.add.at(values, (at[:, None], at[None, :]), raw.flows.values)
    among = [k for k, name in enumerate(keep) if name in set(into.values())]
    values[among, among] = 0.0
    satellites = None
    if raw.satellites is not None:
        summed = np.zeros((raw.satellites.shape[0], len(keep)))
        np.add.at(summed.T, at, raw.satellites.values.T)
        coords = {"satellite": raw.satellites["satellite"].values, "account": keep}
        satellites = xr.DataArray(summed, dims=("satellite", "account"), coords=coords, attrs=raw.satellites.attrs)
    return replace(raw, flows=square(values, keep), accounts=raw.accounts.loc[keep], satellites=satellites)
