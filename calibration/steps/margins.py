"""Trade and transport margins at home: from purchasers' prices to goods and services apart."""

from __future__ import annotations

import numpy as np

from cge.calibration.log import Entry, Log
from cge.calibration.raw import RawTable
from cge.errors import DataError


def margins(raw: RawTable) -> tuple[RawTable, Log]:
    """Let every buyer of a good pay the margins in its price to the services that earn them.

    Goods whose columns pay a margin account have the margin in their price; services sell to it (or, in supply
    tables, stand in its row with a minus sign). Every buyer of a good, abroad too, then buys less of the good and as
    much more of the services, in the shares in which they earn that margin.

    Raises:
        DataError: margins paid that are not those earned, or a margin above the sales of its good.
    """
    log, values, a = Log(), raw.flows.values.copy(), raw.accounts
    goods = a["role"].isin(("good", "industry")).to_numpy()
    for name in raw.of("margin"):
        if not a.loc[name, "region"]:
            continue  # the international pool
        k = raw.place(name)
        paid, earned = values[k] * goods, values[:, k] * goods
        earned = earned + np.clip(-paid, 0.0, None)
        paid = np.clip(paid, 0.0, None)
        total = paid.sum()
        if total == 0.0:
            continue
        if abs(earned.sum() - total) > 1e-6 * total:
            told = f"{name}: goods pay {total:.6g} and services earn {earned.sum():.6g}"
            raise DataError([f"{told}, by {earned.sum() - total:+.6g} apart; correct the margins"], "the table")
        values[k], values[:, k] = 0.0, 0.0
        service = earned / earned.sum()
        before = values.copy()
        for g in np.flatnonzero(paid):
            buyers = np.where(np.arange(len(raw.names)) == k, 0.0, before[g])
            sold = buyers.sum()
            if paid[g] > sold:
                raise DataError(
                    [f"{raw.names[g]} has margins of {paid[g]:.6g} on sales of {sold:.6g}; correct them"], "the table"
                )
            moved = buyers * paid[g] / sold
            values[g] -= moved
            values += service[:, None] * moved[None, :]
            why = "buyers pay the services that earn it, in proportion to what they buy"
            log += [Entry("margin taken out of the price", raw.names[g], sold, sold - paid[g], paid[g], why)]
    return raw.with_flows(values), log
