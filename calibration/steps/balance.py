"""Balance a raw table to given totals, and bring it to another year by them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration import balancing
from cge.calibration.log import Entry, Log
from cge.calibration.raw import RawTable
from cge.errors import DataError, nearest

Method = Literal["entropy", "least squares"]
METHODS = {"entropy": balancing.entropy, "least squares": balancing.least_squares}
SHOWN = 200
"""Cells that the log lists; the rest is one entry."""


def balance(
    raw: RawTable,
    receipts: pd.Series | None = None,
    payments: pd.Series | None = None,
    *,
    method: Method = "entropy",
    kept: Iterable[tuple[str, str]] = (),
    band: float = 0.0,
) -> tuple[RawTable, Log]:
    """The table nearest to this one whose accounts balance and have the given totals; every cell keeps its sign.

    Args:
        raw: the table, before tariffs or margins are carved out of its trade.
        receipts, payments: totals of accounts, as far as they are known [account].
        method: entropy (which is GRAS where all totals are given and no account must balance by itself) or least
            squares.
        kept: pairs of seller and buyer that stay as they are; "*" for all.
        band: how far a given total may be missed, as a share of it; accounts balance exactly all the same.

    Raises:
        DataError: accounts that are not there, totals that no table of these signs has, or wedges on trade.
    """
    if method not in METHODS:
        raise DataError([f"method {method!r} is unknown{nearest(method, METHODS)}; use {', '.join(METHODS)}"])
    _check(raw, receipts, payments)
    controls = [
        _total(raw, axis, given, band)
        for axis, given in (("seller", receipts), ("buyer", payments))
        if given is not None and len(given)
    ]
    result = METHODS[method](raw.flows, [*controls, *_accounts(raw)], weight=_weight(raw, kept))
    return raw.with_flows(result.cells.values), _log(result, method)


def to_year(
    raw: RawTable, year: int, receipts: pd.Series, payments: pd.Series | None = None, *, band: float = 0.0
) -> tuple[RawTable, Log]:
    """The table of another year, from totals of that year (GRAS, extended to totals of which some are not known).

    Args:
        raw: the table.
        year: that the totals are of.
        receipts, payments, band: as in `balance`.

    Raises:
        DataError: as `balance`.
    """
    return of_year(*balance(raw, receipts, payments, band=band), year)


def of_year(raw: RawTable, log: Log, year: int) -> tuple[RawTable, Log]:
    """A balanced table and its log under the year of its totals."""
    told = Entry("another year", "the table", raw.about.year, year, why="flows of the old year, totals of the new one")
    return replace(raw, about=replace(raw.about, year=year)), Log.of(told) + log


def _check(raw: RawTable, *given: pd.Series | None) -> None:
    faults = [
        f"{name!r} is no account{nearest(str(name), raw.accounts.index)}; correct or remove its total"
        for totals in given
        if totals is not None
        for name in totals.index
        if name not in raw.accounts.index
    ]
    if len(raw.bilateral.data_vars):
        wedges = ", ".join(map(str, raw.bilateral.data_vars))
        faults.append(f"trade bears wedges already ({wedges}); balance before they are carved out")
    if faults:
        raise DataError(faults, "the balance")


def _total(raw: RawTable, axis: str, given: pd.Series, band: float) -> balancing.Control:
    target = xr.DataArray(given.to_numpy(dtype=float), dims=axis, coords={axis: list(given.index)})
    name = "receipts of" if axis == "seller" else "payments of"
    return balancing.totals(raw.flows, target, band=band * abs(target), name=name)


def _accounts(raw: RawTable) -> list[balancing.Control]:
    """Accounts that must balance: receipts equal payments."""
    control = balancing.equal(raw.flows, "seller", "buyer", name="balance of")
    asked = set(raw.gaps().index)
    rows = np.array([label in asked for label in control.labels])
    if not rows.any():
        return []
    zeros = np.zeros(int(rows.sum()))
    labels = tuple(label for label, wanted in zip(control.labels, rows, strict=True) if wanted)
    return [balancing.Control(control.name, labels, control.matrix[rows], zeros, zeros, zeros)]


def _weight(raw: RawTable, kept: Iterable[tuple[str, str]]) -> xr.DataArray:
    weight = xr.ones_like(raw.flows)
    faults = []
    for seller, buyer in kept:
        where = {}
        for axis, name in (("seller", seller), ("buyer", buyer)):
            if name == "*":
                continue
            if name not in raw.accounts.index:
                faults.append(f"kept {axis} {name!r} is no account{nearest(str(name), raw.accounts.index)}")
            where[axis] = name
        if not faults:
            weight.loc[where] = 0.0
    if faults:
        raise DataError(faults, "the balance")
    return weight


def _log(result: balancing.Balanced, method: str) -> Log:
    moved = result.moved(None)
    why = f"{method}: the nearest table that meets its {len(result.sums)} totals"
    entries = [
        Entry("balance", f"{row['seller']} to {row['buyer']}", row["before"], row["after"], row["change"], why)
        for row in moved.head(SHOWN).to_dict("records")
    ]
    rest = moved.iloc[SHOWN:]
    if len(rest):
        amount = float(rest["change"].abs().sum())
        entries.append(Entry("balance", f"{len(rest)} smaller cells", amount=amount, why=why))
    return Log(tuple(entries))
