"""Tax rows put where they are paid, and tariffs and quota rents carved out of what contains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from cge.calibration.log import Entry, Log
from cge.calibration.raw import AGENT_ROLES, RawTable
from cge.calibration.table import OWNERS
from cge.calibration.wedges import FLOW, sellers, traded
from cge.errors import DataError, RequestError, nearest

from .edit import with_accounts

BUYERS = ("industry", *AGENT_ROLES)


def place(raw: RawTable, payers: Sequence[str] = BUYERS) -> tuple[RawTable, Log]:
    """Put taxes in a good's column on those who buy it at home, and those paid abroad in the buyer's region.

    Args:
        raw: a table with taxes on products in the columns of goods, or paid to another region's account.
        payers: roles that bear them, in proportion to what they buy; exports never do. A value added tax that
            firms deduct is borne by `household` and `government`.

    Raises:
        RequestError: a role that is no buyer.
        DataError: a taxed good that no payer buys.
    """
    wrong = [
        f"{role!r}{nearest(role, BUYERS)} buys no goods; use {', '.join(BUYERS)}"
        for role in payers
        if role not in BUYERS
    ]
    if wrong:
        raise RequestError(wrong)
    raw, log = _at_home(raw)
    taxed = [
        (tax, good)
        for tax in raw.of("tax:product")
        for good in raw.of("good")
        if float(raw.flows.sel(seller=tax, buyer=good))
    ]
    for tax, good in taxed:
        row = raw.accounts.loc[good]
        name = f"{row['region']}.tax on {row['label']}"
        raw = with_accounts(raw, {name: (str(row["region"]), str(row["label"]), "tax:product", "")})
        a, values = raw.accounts, raw.flows.values.copy()
        bears = (a["role"].isin(payers) & (a["region"] == row["region"])).to_numpy()
        g, t, new = raw.place(good), raw.place(tax), raw.place(name)
        bought = np.where(bears, values[g], 0.0)
        if bought.sum() <= 0.0:
            raise DataError(
                [f"{good} bears {values[t, g]:.6g} of {tax}, but no {', '.join(payers)} buys it"], "the table"
            )
        part = values[t, g] * bought / bought.sum()
        values[g] -= part
        values[new] += part
        log += [
            Entry(
                "tax placed",
                f"{tax} on {good}",
                0.0,
                float(part.sum()),
                float(part.sum()),
                f"borne by {', '.join(payers)}",
            )
        ]
        values[t, g] = 0.0
        raw = raw.with_flows(values)
    return raw, log


def _at_home(raw: RawTable) -> tuple[RawTable, Log]:
    """Taxes on products that a buyer pays to another region's account go to that of its own."""
    a, values, log = raw.accounts, raw.flows.values.copy(), Log()
    own = {(str(a.loc[n, "region"]), str(a.loc[n, "label"])): n for n in raw.of("tax:product")}
    for (region, label), name in own.items():
        k = raw.place(name)
        for buyer in np.flatnonzero(
            (values[k] != 0.0) & (a["region"] != region).to_numpy() & (a["region"] != "").to_numpy()
        ):
            there = own.get((str(a["region"].iloc[buyer]), label))
            if there is None:
                continue
            amount = float(values[k, buyer])
            values[raw.place(there), int(buyer)] += amount
            values[k, buyer] = 0.0
            log += [Entry("tax paid abroad counted at home", f"{raw.names[buyer]} to {name}", amount, 0.0, -amount,
                          "the model's taxes on products go to the buyer's government")]  # fmt: skip
    return raw.with_flows(values), log


def carve_tariffs(raw: RawTable, rates: xr.DataArray) -> tuple[RawTable, Log]:
    """Take the revenue of tariffs out of the taxes on products that contain it; every buyer's bill stays as it is.

    Args:
        raw: a table whose buyers pay taxes on products and buy imports from industries abroad.
        rates: on the value of imports [layer, exporter, importer, sector], as fractions.

    Raises:
        DataError: labels that the table does not have; rates at or below -1.
    """
    faults = [
        f"rates: {axis} {x} is not in the table{nearest(str(x), known)}; correct or remove it"
        for axis, known in (("exporter", raw.regions), ("importer", raw.regions), ("sector", raw.sectors))
        for x in rates[axis].values if str(x) not in known
    ]  # fmt: skip
    if faults or bool((rates.sum("layer") <= -1).any()):
        raise DataError(faults or ["rates are -1 or lower; give them as fractions"], "the tariffs")
    trade = traded(raw)
    rates = rates.reindex(exporter=trade["exporter"], importer=trade["importer"], sector=trade["sector"]).fillna(0.0)
    rates = rates.where(trade["exporter"] != trade["importer"], 0.0).transpose("layer", *FLOW)
    total = rates.sum("layer")
    a, regions, goods = raw.accounts, raw.regions, raw.sectors
    array = sellers(raw)
    to = total.values[[regions.index(r) for r in array["region"]], :, [goods.index(s) for s in array["label"]]]
    region = np.array([regions.index(r) if r else -1 for r in a["region"]])
    spread = np.where(region[None, :] >= 0, to[:, region], 0.0)
    rows = raw.places(array.index)
    duty = (raw.flows.values[rows] * spread).sum(0)
    values, log = raw.flows.values.copy(), Log()
    for name in regions:
        mine = np.flatnonzero((a["region"] == name).to_numpy() & (duty != 0.0))
        account = raw.of("tax:product", region=name)
        if not len(mine):
            continue
        if not account:
            raise DataError(
                [f"{name} has no account of taxes on products to carve tariffs out of; add the duties"], "the table"
            )
        k = raw.place(account[0])
        before = float(values[k, mine].sum())
        values[k, mine] -= duty[mine]
        why = "the tax rows contain it: every buyer's bill is unchanged"
        if duty[mine].sum() > before:
            why += "; it is more than all taxes on products, whose rest is a subsidy: rates overstate what is collected"
        log += [
            Entry(
                "tariffs carved out of taxes on products",
                name,
                before,
                float(values[k, mine].sum()),
                float(duty[mine].sum()),
                why,
            )
        ]
    there = raw.bilateral.get("tariff")
    joined = rates if there is None else xr.concat([there, rates], "layer").fillna(0.0)
    return replace(raw.with_flows(values), bilateral=raw.bilateral.assign(tariff=joined)), log


def carve_rents(raw: RawTable, quotas: Sequence[Mapping[str, Any]]) -> tuple[RawTable, Log]:
    """Take quota rents out of the value of trade and of the exporter's capital income.

    Args:
        raw: a table with industries that sell abroad.
        quotas: exporter, importer, sector, and `premium` (rent over the price without it) or `rent` (in the
            table's unit); `owners`, shares of exporter, importer and treasury (default: all the exporter's).

    Raises:
        DataError: flows that are not there, rents above value or capital income; all of them.
    """
    trade, log, faults = traded(raw), Log(), []
    a, values = raw.accounts, raw.flows.values.copy()
    rent = raw.bilateral.get("rent", xr.zeros_like(trade)).copy()
    none = xr.DataArray([1.0, 0.0, 0.0], dims="owner", coords={"owner": list(OWNERS)})
    share = raw.bilateral.get("rent_share", none * xr.ones_like(trade)).transpose("owner", *FLOW).copy()
    for quota in quotas:
        at = {axis: str(quota[axis]) for axis in FLOW}
        missing = [
            f"{v}{nearest(v, list(map(str, trade[k].values)))}" for k, v in at.items() if v not in trade[k].values
        ]
        if missing:
            faults.append(f"quota {' '.join(at.values())}: {', '.join(missing)} is not in the table")
            continue
        value = float(trade.loc[at])
        premium = quota.get("premium")
        amount = value * float(premium) / (1.0 + float(premium)) if premium is not None else float(quota["rent"])
        seller = next(n for n in raw.of("good", "industry", region=at["exporter"]) if a.loc[n, "label"] == at["sector"])
        capital = raw.of("capital", "value-added", region=at["exporter"]) or raw.of("capital", "value-added", region="")
        k = raw.place(seller)
        if not capital or amount > value or amount > values[raw.place(capital[0]), k]:
            faults.append(
                f"quota {' '.join(at.values())}: a rent of {amount:.6g} exceeds trade ({value:.6g}) or capital income"
            )
            continue
        buyers = (a["region"] == at["importer"]).to_numpy()
        values[k] = np.where(buyers, values[k] * (1.0 - amount / value), values[k])
        values[raw.place(capital[0]), k] -= amount
        rent.loc[at] += amount
        owners = {str(o): float(s) for o, s in (quota.get("owners") or {"exporter": 1.0}).items()}
        for owner in OWNERS:
            share.loc[{**at, "owner": owner}] = owners.get(owner, 0.0)
        log += [Entry("quota rent carved out of capital income", " ".join(at.values()), value, value - amount, amount,
                      "the observed value contains it")]  # fmt: skip
    if faults:
        raise DataError(faults, "the quotas")
    return replace(raw.with_flows(values), bilateral=raw.bilateral.assign(rent=rent, rent_share=share)), log
