"""Institutions that the model does not tell apart: merged, and listed with what they bought and paid each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cge.calibration.log import Entry, Log
from cge.calibration.raw import RawTable
from cge.errors import RequestError

from .edit import merged

TOGETHER = {
    "household": ("household", "enterprise"),
    "government": ("government",),
    "investment": ("investment", "stocks"),
}
"""Roles of which a region has one account in the model, and those that join it."""


def agents(raw: RawTable, *, regions: Sequence[str] = ()) -> tuple[RawTable, Log]:
    """One household, one government and one investment account a region.

    Households, non-profit institutions and enterprises become the household (what enterprises save is its
    saving), stocks join investment. What merged accounts paid each other leaves the table and stands in the log.

    Args:
        raw: the table.
        regions: where; everywhere if empty.
    """
    into: dict[str, str] = {}
    log = Log()
    for region in regions or raw.regions:
        for role, joining in TOGETHER.items():
            members = [name for joined in joining for name in raw.of(joined, region=region)]
            if not members:
                continue
            head = next((name for name in members if raw.accounts.loc[name, "role"] == role), members[0])
            if raw.accounts.loc[head, "role"] != role:
                raise RequestError(
                    [f"{region} has {', '.join(members)}, but no account of role {role}; say which it is"]
                )
            others = [name for name in members if name != head]
            into |= dict.fromkeys(others, head)
            log += [_told(raw, name, head) for name in others]
            log += _among(raw, members)
    return merged(raw, into), log


def consumption(
    raw: RawTable, share: float | dict[str, float], *, government: str = "government"
) -> tuple[RawTable, Log]:
    """Split one column of consumption into household and government where a source has no government.

    Args:
        raw: a table with households and no government in some region.
        share: government's part of consumption, of every good or by good.
        government: label of the new account.
    """
    from .edit import with_accounts

    log = Log()
    for region in raw.regions:
        households = raw.of("household", region=region)
        if not households or raw.of("government", region=region):
            continue
        name = f"{region}.{government}"
        raw = with_accounts(raw, {name: (region, government, "government", "")})
        values = raw.flows.values.copy()
        part = np.array([share if isinstance(share, float | int) else share.get(x, 0.0) for x in raw.accounts["label"]])
        part = np.where(raw.accounts["role"].isin(("industry", "good", "import")), part, 0.0)
        at = raw.place(name)
        for household in households:
            column = raw.place(household)
            moved = values[:, column] * part
            values[:, at] += moved
            values[:, column] -= moved
        raw = raw.with_flows(values)
        amount = float(values[:, at].sum())
        log += [Entry("consumption split", name, 0.0, amount, amount, "the given share of government in consumption")]
    return raw, log


def _told(raw: RawTable, name: str, head: str) -> Entry:
    at = raw.place(name)
    column = raw.flows.values[:, at]
    bought = float(column[raw.accounts["role"].isin(("industry", "good", "import")).to_numpy()].sum())
    paid, received = float(column.sum()), float(raw.flows.values[at].sum())
    why = f"the model has one such account a region; it bought goods for {bought:,.6g}, received {received:,.6g}"
    return Entry("account merged", f"{name} into {head}", paid, 0.0, paid, why)


def _among(raw: RawTable, members: list[str]) -> Log:
    """What merged accounts paid each other."""
    log = Log()
    for buyer in members:
        for seller in members:
            amount = float(raw.flows.sel(seller=seller, buyer=buyer))
            if amount and seller != buyer:
                why = "both are one account now, so the payment leaves the table"
                log += [Entry("payment within merged accounts", f"{buyer} to {seller}", amount, 0.0, -amount, why)]
    return log
