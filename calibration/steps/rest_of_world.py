"""The rest of the world of a single country, by a rule: large, with mobile factors, and nothing else of its own.

The rest of the world makes every good from its factors alone, sells the country what it imports, buys what it
exports, and keeps `times` the country's whole supply of every good for its own use. So its prices follow one cost,
which the country's trade moves the less the larger it is: in the limit the country takes the prices of its imports
as given and meets a demand for its exports of the elasticity of substitution between home goods and imports.
Results converge with its size (`docs/own-table.md` shows by how much).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from cge.calibration.log import Entry, Log
from cge.calibration.raw import RawTable
from cge.errors import DataError, RequestError

from .edit import with_accounts, without

TIMES = 1e4


def rest_of_world(raw: RawTable, label: str = "ROW", *, times: float = TIMES) -> tuple[RawTable, Log]:
    """Give a single country a partner that buys its exports and sells its imports.

    Args:
        raw: a table of one region with an industry a good (see `make`), and accounts of role rest-of-world.
        label: of the new region.
        times: its own use of every good over the country's supply; results depend on it by about its inverse.

    Raises:
        RequestError: a table of several regions, or of none; a size that is not positive.
        DataError: exports without a home industry, margins that are still in prices.
    """
    if len(raw.regions) != 1 or not raw.of("rest-of-world") or times <= 0:
        told = f"it needs one region, a rest of the world, and times > 0; this table has {len(raw.regions)} regions"
        raise RequestError([told])
    home = raw.regions[0]
    raw, log = _exports(raw, home)
    raw, transfers = _transfers(raw, home, label)
    industry = {str(raw.accounts.loc[n, "label"]): n for n in raw.of("industry", region=home)}
    good = {str(raw.accounts.loc[n, "label"]): n for n in raw.of("good", region=home)}
    abroad = raw.of("rest-of-world")
    imports = {s: float(raw.flows.sel(seller=abroad, buyer=n).sum()) for s, n in good.items()}
    exports = {s: float(raw.flows.sel(seller=n, buyer=abroad).sum()) for s, n in industry.items()}
    own = {s: times * float(raw.flows.sel(seller=industry[s]).sum() + imports[s]) for s in good}
    table = _accounts(raw, label, industry)
    values = table.flows.values.copy()
    paid, spent = _shares(raw, home)
    for s in good:
        maker, market = table.place(f"{label}.{s}"), table.place(f"{label}.{s} market")
        values[maker, table.place(good[s])] = imports[s]
        values[table.place(industry[s]), market] = exports[s]
        values[maker, market] = own[s]
        for factor, share in paid.items():
            values[table.place(f"{label}.{factor}"), maker] = share * (imports[s] + own[s])
        for agent, share in spent.items():
            values[market, table.place(f"{label}.{agent}")] = share * (exports[s] + own[s])
    table = table.with_flows(values)
    saving = (
        float(raw.flows.sel(seller=raw.of("investment", region=home), buyer=abroad).sum())
        if raw.of("investment")
        else 0.0
    )
    table = without(table, abroad)
    table = replace(table, countries=dict(raw.countries) | {label: frozenset({"ROW"})})
    size = sum(own.values())
    why = f"{times:g} times the supply of {home}, made from factors alone; foreign saving of {home} is {saving:+.6g}"
    return table, log + transfers + [Entry("rest of the world made", label, 0.0, size, size, why)]


def _exports(raw: RawTable, home: str) -> tuple[RawTable, Log]:
    """Exports leave from the industry that makes them; what is more than its output are imports on their way out."""
    a, values, log, faults = raw.accounts, raw.flows.values.copy(), Log(), []
    abroad = raw.places(raw.of("rest-of-world"))
    maker = {str(a.loc[n, "label"]): n for n in raw.of("industry", region=home)}
    for name in raw.of("good", region=home):
        label, g = str(a.loc[name, "label"]), raw.place(name)
        if label not in maker:
            faults.append(f"{name} has no industry of its own; use the step `make`")
            continue
        i = raw.place(maker[label])
        sold, made = values[g, abroad].sum(), values[i, g]
        through = max(0.0, sold - made)
        if through > 0.0:
            entering = values[abroad, g].sum()
            if through > entering:
                faults.append(
                    f"{name} exports {sold:.6g}, more than is made ({made:.6g}) and imported ({entering:.6g})"
                )
                continue
            values[g, abroad] *= 1.0 - through / sold
            values[abroad, g] *= 1.0 - through / entering
            why = "exports beyond output are imports that leave again; both are less by them"
            log += [Entry("re-exports netted", name, sold, sold - through, through, why)]
        leaving = values[g, abroad].copy()
        values[i, abroad] += leaving
        values[i, g] -= leaving.sum()
        values[g, abroad] = 0.0
    if faults:
        raise DataError(faults, "the table")
    return raw.with_flows(values), log


def _transfers(raw: RawTable, home: str, label: str) -> tuple[RawTable, Log]:
    """What institutions and factors pay abroad and receive goes to the new region's household."""
    name = f"{label}.household"
    table = with_accounts(raw, {name: (label, "household", "household", "")})
    a, values, log = table.accounts, table.flows.values.copy(), Log()
    who = a["role"].isin(
        ("labour", "capital", "land", "resource", "value-added", "household", "enterprise", "government", "tax:direct")
    )
    mine = np.flatnonzero((who & (a["region"] == home)).to_numpy())
    k = table.place(name)
    for x in table.places(table.of("rest-of-world")):
        for j in mine:
            for cell, other in (((j, x), (j, k)), ((x, j), (k, j))):
                if values[cell]:
                    amount = float(values[cell])
                    why = "it enters net_transfers" if cell[0] == j else "it leaves net_transfers"
                    log += [Entry("transfer with the rest of the world", table.names[j], amount, amount, amount, why)]
                    values[other] += values[cell]
                    values[cell] = 0.0
    return table.with_flows(values), log


def _accounts(raw: RawTable, label: str, industry: dict[str, str]) -> RawTable:
    rows: dict[str, tuple[str, str, str, str]] = {}
    contents = raw.accounts["contents"]
    for s, name in industry.items():
        rows[f"{label}.{s}"] = (label, s, "industry", str(contents[name]))
        rows[f"{label}.{s} market"] = (label, s, "good", str(contents[name]))
    home = raw.regions[0]
    for name in raw.of("labour", "capital", region=home):
        own = str(raw.accounts.loc[name, "label"])
        rows[f"{label}.{own}"] = (label, own, str(raw.accounts.loc[name, "role"]), "")
    for agent in ("household", "government", "investment"):
        rows[f"{label}.{agent}"] = (label, agent, agent, "")
    return with_accounts(raw, rows)


def _shares(raw: RawTable, home: str) -> tuple[pd.Series, pd.Series]:
    """The country's shares of labour and capital in what both earn, and of its agents in final purchases."""
    names = raw.of("labour", "capital", region=home)
    if not names:
        raise DataError(
            [f"{home} has no factor of role labour or capital; say which accounts are, or split value added"],
            "the table",
        )
    earned = raw.flows.sel(seller=names, buyer=raw.of("industry", region=home)).sum("buyer").values
    paid = pd.Series(earned / earned.sum(), index=[raw.accounts.loc[n, "label"] for n in names])
    goods = raw.of("good", region=home)
    bought = {
        agent: float(raw.flows.sel(seller=goods, buyer=raw.of(agent, region=home)).sum())
        for agent in ("household", "government", "investment")
    }
    spent = pd.Series(bought)
    return paid, spent / spent.sum()
