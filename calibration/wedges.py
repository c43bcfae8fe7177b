"""Wedges on trade in a raw table: what the buyer of an import pays above what its seller gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

if TYPE_CHECKING:
    from .raw import RawTable

FLOW = ("exporter", "importer", "sector")


def sellers(raw: RawTable) -> pd.DataFrame:
    """Accounts whose sales cross borders: goods where the table has them, industries elsewhere; region and label."""
    role = "good" if (raw.accounts["role"] == "good").any() else "industry"
    chosen = raw.accounts[raw.accounts["role"] == role]
    return chosen[chosen["region"] != ""]


def traded(raw: RawTable) -> xr.DataArray:
    """Sales of every region to every region by good, home sales included [exporter, importer, sector]."""
    array = sellers(raw)
    rows = raw.accounts.index.get_indexer(array.index)
    sold = np.where(_crosses(raw), raw.flows.values, 0.0)[rows] @ _by_region(raw)
    regions, goods = raw.regions, raw.sectors
    values = np.zeros((len(regions), len(regions), len(goods)))
    at = [regions.index(r) for r in array["region"]], [goods.index(g) for g in array["label"]]
    values[at[0], :, at[1]] = sold
    return xr.DataArray(values, dims=FLOW, coords={"exporter": regions, "importer": regions, "sector": goods})


def wedge(raw: RawTable, trade: xr.DataArray | None = None) -> xr.DataArray:
    """All that the importer pays above the seller's price [exporter, importer, sector], in the table's unit."""
    trade = traded(raw) if trade is None else trade
    total = xr.zeros_like(trade)
    for name in ("export_tax", "rent"):
        if name in raw.bilateral:
            total = total + raw.bilateral[name].reindex_like(trade).fillna(0.0)
    if "margin_use" in raw.bilateral:
        total = total + raw.bilateral["margin_use"].sum("margin").reindex_like(trade).fillna(0.0)
    if "tariff" in raw.bilateral:
        rate = raw.bilateral["tariff"].sum("layer").reindex_like(trade).fillna(0.0)
        total = total + rate * (trade + total)
    return total.transpose(*FLOW)


def paid(raw: RawTable) -> np.ndarray:
    """The wedges that every account pays [account]."""
    return np.asarray(paid_by_seller(raw).sum(0))


def paid_by_seller(raw: RawTable) -> np.ndarray:
    """The same by account of the seller; a region's buyers of a flow share its wedge by what they buy."""
    trade = traded(raw)
    rate = (wedge(raw, trade) / trade.where(trade != 0.0)).fillna(0.0).values
    array, regions, goods = sellers(raw), raw.regions, raw.sectors
    rows = raw.accounts.index.get_indexer(array.index)
    to = rate[[regions.index(r) for r in array["region"]], :, [goods.index(g) for g in array["label"]]]
    region = np.array([regions.index(r) if r else -1 for r in raw.accounts["region"]])
    spread = np.where(region[None, :] >= 0, to[:, region], 0.0)
    total = np.zeros(raw.flows.shape)
    total[rows] = np.where(_crosses(raw)[rows], raw.flows.values[rows], 0.0) * spread
    return total


def _crosses(raw: RawTable) -> np.ndarray:
    """Whether a flow can bear a wedge [seller, buyer]: inside a region with accounts of imports, only what they buy."""
    region, role = raw.accounts["region"].to_numpy(), raw.accounts["role"].to_numpy()
    apart = np.isin(region, region[role == "import"])
    return ~((region[:, None] == region[None, :]) & apart[None, :] & (role != "import")[None, :])


def _by_region(raw: RawTable) -> np.ndarray:
    """One where an account belongs to a region [account, region]."""
    return np.array([[float(r == name) for name in raw.regions] for r in raw.accounts["region"]])
