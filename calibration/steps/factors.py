"""Value added split into labour, capital, land and resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cge.calibration.log import Entry, Log
from cge.calibration.raw import FACTOR_ROLES, RawTable
from cge.errors import DataError, RequestError, nearest

from .edit import with_accounts, without

Share = float | Mapping[str, float] | pd.DataFrame


def factors(
    raw: RawTable, into: Mapping[str, Mapping[str, Any]], *, account: str = "value-added"
) -> tuple[RawTable, Log]:
    """Split what industries pay to one kind of account among factors.

    Args:
        raw: the table.
        into: factor's label to its `role` and its `share` of every industry's payment: a number, numbers by
            sector (`rest` for those not named), or a table [region, sector]. One factor may have no share: the rest.
        account: role or label of the accounts that are split, such as `value-added`, or "mixed income".

    Raises:
        RequestError: a role that is no factor, more than one factor without a share.
        DataError: shares below zero, or that add up to more or less than one; nothing to split.
    """
    chosen = [
        n for n in raw.accounts.index if account in (raw.accounts.loc[n, "role"], raw.accounts.loc[n, "label"], n)
    ]
    if not chosen:
        known = [*raw.accounts["label"].unique(), *FACTOR_ROLES]
        raise DataError([f"no account {account!r}{nearest(account, known)} to split"], "the factors")
    roles = {label: str(what.get("role", "")) for label, what in into.items()}
    wrong = [
        f"{x}: role {r!r}{nearest(r, FACTOR_ROLES[:4])} is no factor's"
        for x, r in roles.items()
        if r not in FACTOR_ROLES[:4]
    ]
    rest = [label for label, what in into.items() if what.get("share") is None]
    if len(rest) > 1:
        wrong.append(f"{', '.join(rest)} have no share; one factor can take the rest")
    if wrong:
        raise RequestError(wrong)
    buyers = raw.accounts[raw.accounts["role"] == "industry"]
    shares = {x: np.array([_share(what["share"], str(r.region), str(r.label)) for r in buyers.itertuples()])
              for x, what in into.items() if x not in rest}  # fmt: skip
    whole = sum(shares.values(), np.zeros(len(buyers)))
    if rest:
        shares[rest[0]] = 1.0 - whole
    _check(shares, buyers, exact=not rest)
    return _split(raw, chosen, {label: shares[label] for label in into}, roles, account)


def _share(share: Any, region: str, sector: str) -> float:
    if isinstance(share, pd.DataFrame):
        there = region in share.index and sector in share.columns
        return float(share[sector].to_dict()[region]) if there else np.nan
    if isinstance(share, Mapping):
        return float(share.get(sector, share.get("rest", np.nan)))
    return float(share)


def _check(shares: Mapping[str, np.ndarray], buyers: pd.DataFrame, *, exact: bool) -> None:
    faults = []
    total = sum(shares.values(), np.zeros(len(buyers)))
    for k, name in enumerate(buyers.index):
        row = {label: share[k] for label, share in shares.items()}
        if any(np.isnan(value) for value in row.values()):
            faults.append(f"{name} has no share; name its sector, or give `rest`")
        elif min(row.values()) < -1e-12 or abs(total[k] - 1.0) > 1e-9:
            told = ", ".join(f"{label} {value:.6g}" for label, value in row.items())
            wrong = f"add up to {total[k]:.6g}" if exact else "leave less than nothing"
            faults.append(f"{name}: shares {told} {wrong}")
    if faults:
        raise DataError(faults, "the factors")


def _split(
    raw: RawTable, chosen: list[str], shares: Mapping[str, np.ndarray], roles: Mapping[str, str], what: str
) -> tuple[RawTable, Log]:
    a, log = raw.accounts, Log()
    industries = raw.places(raw.of("industry"))
    paid = {n: raw.flows.sel(seller=n).values for n in chosen}
    received = {n: raw.flows.sel(buyer=n).values for n in chosen}
    rows: dict[str, tuple[str, str, str, str]] = {}
    for name in chosen:
        region = str(a.loc[name, "region"])
        rows |= {_account(raw, region, label): (region, label, roles[label], "") for label in shares}
    table = with_accounts(raw, rows)
    values = table.flows.values.copy()
    size = len(a)
    for name in chosen:
        k, region = table.place(name), str(a.loc[name, "region"])
        values[k], values[:, k] = 0.0, 0.0
        total = paid[name][industries].sum()
        for label, share in shares.items():
            at = table.place(_account(raw, region, label))
            part = np.zeros(size)
            part[industries] = paid[name][industries] * share
            values[at, :size] += part
            values[:size, at] += received[name] * (part.sum() / total if total else 0.0)
            log += [
                Entry(
                    f"{what} split",
                    f"{name} to {label}",
                    float(total),
                    float(part.sum()),
                    float(part.sum()),
                    "by the given shares",
                )
            ]
    table = table.with_flows(values)
    gone = [n for n in chosen if n not in rows]
    return without(table, gone), log


def _account(raw: RawTable, region: str, label: str) -> str:
    """The region's account of a factor, the one that is there if there is one."""
    for name in raw.of(*FACTOR_ROLES[:4], region=region):
        if raw.accounts.loc[name, "label"] == label:
            return name
    return f"{region}.{label}" if region else label
