"""Negative numbers: stocks that are drawn down, value added below zero, adjustment rows; by a rule that is named."""

from __future__ import annotations

import numpy as np

from cge.calibration.log import Entry, Log
from cge.calibration.raw import FACTOR_ROLES, RawTable
from cge.errors import DataError, RequestError, nearest

from .edit import with_accounts

RULES = {
    "net": "what stocks yield of a good is taken off its other final uses: investment, then household, then government",
    "spread": "what stocks yield of a good is taken off all its final uses in the region in proportion",
    "account": "what stocks yield of a good counts as made this year, by a factor of its own, which earns it",
}
STOCKS = "stocks"
"""Label of that factor."""


def negatives(raw: RawTable, rule: str = "net", *, value_added_floor: float | None = None) -> tuple[RawTable, Log]:
    """Leave no negative use of a good, and no value added below a floor.

    Args:
        raw: the table.
        rule: `net` (stocks first net against investment in the same good, then against the household's and the
            government's purchases; each origin apart); `spread` (against all final uses of the good in that region,
            in proportion); or `account` (an own account: a factor `stocks` earns what they yield).
        value_added_floor: least share of value added in an industry's costs; what is short moves from its inputs
            to investment in the same goods. None leaves value added as it is, and refuses what is negative.

    Raises:
        DataError: uses that stay negative under the rule; negative value added without a floor.
    """
    if rule not in RULES:
        raise RequestError([f"rule {rule!r}{nearest(rule, RULES)} is none of {', '.join(RULES)}"])
    raw, log = _account(raw) if rule == "account" else _stocks(raw, rule)
    raw, more = _value_added(raw, value_added_floor)
    return raw, log + more


def _stocks(raw: RawTable, rule: str) -> tuple[RawTable, Log]:
    a = raw.accounts
    values, log, faults = raw.flows.values.copy(), Log(), []
    sells = a["role"].isin(("industry", "good", "import")).to_numpy()
    for region in raw.regions:
        stocks = raw.places([*raw.of("stocks", region=region), *raw.of("investment", region=region)])
        order = [raw.places(raw.of(role, region=region)) for role in ("investment", "household", "government")]
        if rule == "spread":
            order = [
                raw.places([n for r in ("investment", "household", "government") for n in raw.of(r, region=region)])
            ]
        for column in stocks:
            for row in np.flatnonzero(sells & (values[:, column] < 0.0)):
                drawn = -values[row, column]
                left = _taken(values, int(row), [np.setdiff1d(part, [column]) for part in order], drawn)
                if left > 1e-9 * drawn:
                    faults.append(
                        f"{raw.names[row]} to {raw.names[column]} is {-drawn:.6g}, more than its other uses under "
                        f"the rule {rule} by {left:.6g}; correct the cell, or join goods"
                    )
                    continue
                values[row, column] = 0.0
                log += [
                    Entry(
                        f"negative stocks met ({rule})",
                        f"{raw.names[row]} to {raw.names[column]}",
                        -drawn,
                        0.0,
                        drawn,
                        RULES[rule],
                    )
                ]
    values, balance = _paid_for(raw, values)
    if faults:
        raise DataError(faults, "the table")
    return raw.with_flows(values), log + balance


def _account(raw: RawTable) -> tuple[RawTable, Log]:
    """Stocks that are drawn down as the product of a factor of their own."""
    a = raw.accounts
    stocks = raw.places([*raw.of("stocks"), *raw.of("investment")])
    sells = a["role"].isin(("industry", "good", "import")).to_numpy()
    cells = [(int(i), int(j)) for j in stocks for i in np.flatnonzero(sells & (raw.flows.values[:, j] < 0.0))]
    maker = {(str(a["region"].iloc[k]), str(a["label"].iloc[k])): int(k) for k in raw.places(raw.of("industry"))}
    homes = [(str(a["region"].iloc[i]), str(a["label"].iloc[i])) for i, _ in cells]
    lost = [
        f"{raw.names[i]} has no industry of its own; use the step make first"
        for (i, _), h in zip(cells, homes, strict=True)
        if h not in maker
    ]
    if lost:
        raise DataError(lost, "the table")
    table = with_accounts(
        raw, {f"{r}.{STOCKS}": (r, STOCKS, "resource", "") for r in dict.fromkeys(r for r, _ in homes)}
    )
    values, log = table.flows.values.copy(), Log()
    for (i, j), home in zip(cells, homes, strict=True):
        drawn, industry, factor = -values[i, j], maker[home], table.place(f"{home[0]}.{STOCKS}")
        values[i, j] = 0.0
        values[factor, industry] += drawn
        if i != industry:
            values[industry, i] += drawn
        where = f"{raw.names[i]} to {raw.names[j]}"
        log += [Entry("negative stocks met (account)", where, -drawn, 0.0, drawn, RULES["account"])]
        owner, bank = table.of("household", region=home[0]), table.of("investment", region=home[0])
        if owner and bank and raw.flows.values[raw.place(bank[0])].any():
            values[table.place(owner[0]), factor] += drawn
            values[table.place(bank[0]), table.place(owner[0])] += drawn
            if table.place(bank[0]) != j:
                values[j, table.place(bank[0])] += drawn
    return table.with_flows(values), log


def _taken(values: np.ndarray, row: int, order: list[np.ndarray], amount: float) -> float:
    """Take an amount off a row's cells, group after group, in proportion within a group; what was not there."""
    for columns in order:
        there = np.clip(values[row, columns], 0.0, None)
        whole = there.sum()
        if whole <= 0.0:
            continue
        part = min(amount, whole)
        values[row, columns] -= there * part / whole
        amount -= part
    return amount


def _paid_for(raw: RawTable, values: np.ndarray) -> tuple[np.ndarray, Log]:
    """Where institutions' accounts are closed, what an agent no longer buys it saves, and stocks no longer yield."""
    a, log = raw.accounts, Log()
    before, after = raw.flows.values.sum(0), values.sum(0)
    for region in raw.regions:
        investment = raw.of("investment", region=region)
        if not investment:
            continue
        bank = raw.place(investment[0])
        if not raw.flows.values[bank].any():
            continue  # an input-output table: saving is no account of it
        for name in raw.of("household", "government", "stocks", region=region):
            k = raw.place(name)
            spared = before[k] - after[k]
            if abs(spared) <= 1e-12 * max(1.0, abs(before[k])):
                continue
            if a.loc[name, "role"] == "stocks":
                values[k, bank] -= spared
            else:
                values[bank, k] += spared
            why = "its purchases change by the stocks of goods, and saving by as much"
            log += [Entry("saving follows", name, before[k], after[k], spared, why)]
    return values, log


def _value_added(raw: RawTable, floor: float | None) -> tuple[RawTable, Log]:
    a = raw.accounts
    factors = a["role"].isin(FACTOR_ROLES).to_numpy()
    industries = raw.places(raw.of("industry"))
    values, log, faults = raw.flows.values.copy(), Log(), []
    inputs = a["role"].isin(("industry", "good", "import")).to_numpy()
    for k in industries:
        costs, added = values[:, k].sum(), values[factors, k].sum()
        if costs <= 0.0 or (floor is None and added >= 0.0) or (floor is not None and added >= floor * costs):
            continue
        if floor is None:
            faults.append(f"{raw.names[k]} has value added {added:.6g} on costs of {costs:.6g}; give value_added_floor")
            continue
        short = floor * costs - added
        region = a["region"].iloc[k]
        investment = raw.of("investment", region=region)
        bought = np.where(inputs, np.clip(values[:, k], 0.0, None), 0.0)
        if not investment or bought.sum() < short:
            faults.append(
                f"{raw.names[k]} lacks {short:.6g} of value added, and its inputs cannot give it; correct the data"
            )
            continue
        moved = bought * short / bought.sum()
        values[:, k] -= moved
        values[:, raw.place(investment[0])] += moved
        row = np.flatnonzero(factors & (a["region"] == region).to_numpy() | factors & (a["region"] == "").to_numpy())
        share = np.clip(values[row, k], 0.0, None)
        share = share / share.sum() if share.sum() > 0 else np.full(len(row), 1.0 / len(row))
        values[row, k] = share * floor * costs
        why = f"inputs beyond {1 - floor:.0%} of costs go to investment in the same goods"
        log += [Entry("value added raised", raw.names[k], added, floor * costs, short, why)]
    if faults:
        raise DataError(faults, "the table")
    return raw.with_flows(values), log
