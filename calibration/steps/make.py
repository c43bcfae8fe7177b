"""From industries that make several goods to one industry a good, by an assumption on technology.

Source: United Nations (2018), Handbook on Supply and Use Tables and Input-Output Tables, ch. 12: model A (product
technology) and model B (industry technology), product by product.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cge.calibration.log import Entry, Log
from cge.calibration.raw import RawTable
from cge.errors import DataError, RequestError, nearest

from .edit import with_accounts, without

TECHNOLOGIES = ("industry", "product")


def make(raw: RawTable, technology: str = "industry") -> tuple[RawTable, Log]:
    """One industry a good.

    Args:
        raw: a table with industries and goods of their own.
        technology: `industry`: a good is made with the costs of the industries that make it, in their shares of
            it; `product`: a good has one technology wherever it is made (as many goods as industries).

    Raises:
        DataError: an industry that sells nothing; by `product`, negative costs or a make matrix with no inverse.
    """
    if technology not in TECHNOLOGIES:
        raise RequestError([f"technology {technology!r}{nearest(technology, TECHNOLOGIES)}; use industry or product"])
    log = Log()
    for region in raw.regions:
        goods, industries = raw.of("good", region=region), raw.of("industry", region=region)
        if goods and industries:
            raw, more = _one(raw, region, industries, goods, technology)
            log += more
    return raw, log


def _one(raw: RawTable, region: str, industries: list[str], goods: list[str], technology: str) -> tuple[RawTable, Log]:
    flows, labels = raw.flows, raw.accounts["label"]
    made = flows.sel(seller=industries, buyer=goods).values
    output = flows.sel(seller=industries).sum("buyer").values
    idle = [name for name, row in zip(industries, made, strict=True) if row.sum() <= 0.0]
    if idle:
        raise DataError([f"{name} makes no good; drop it, or fill its row" for name in idle], "the table")
    costs = flows.sel(buyer=industries).values
    share = made / made.sum(1, keepdims=True)
    weights = share if technology == "industry" else _product(costs, made, industries, goods)
    columns = costs @ weights
    if (columns < -1e-9 * np.abs(columns).max()).any() and (costs >= 0).all():
        row, column = np.unravel_index(np.argmin(columns), columns.shape)
        told = f"{raw.names[row]} to {goods[column]} would cost {columns[row, column]:.6g}"
        raise DataError(
            [f"product technology gives negative costs, the lowest where {told}; use industry"], "the table"
        )
    direct = (flows.sel(seller=industries).values * ~np.isin(raw.accounts.index, goods)).T @ share
    names = {good: _name(raw, region, str(labels[good]), goods) for good in goods}
    before = float(
        made.sum() - sum(made[industries.index(i), goods.index(g)] for i, g in _main(made, industries, goods))
    )
    satellites = None if raw.satellites is None else raw.satellites.sel(account=industries).values @ share
    kept = without(raw, industries)
    contents = raw.accounts["contents"]
    kept = with_accounts(kept, {names[g]: (region, str(labels[g]), "industry", str(contents[g])) for g in goods})
    values = kept.flows.values.copy()
    old = [raw.place(x) for x in kept.names if x in raw.accounts.index]
    there = [k for k, x in enumerate(kept.names) if x in raw.accounts.index]
    for j, good in enumerate(goods):
        k = kept.place(names[good])
        values[there, k] = columns[old, j]
        values[k, there] += direct[old, j]
        values[k, kept.place(good)] += made[:, j].sum()
    kept = kept.with_flows(values)
    if satellites is not None and kept.satellites is not None:
        fresh = kept.satellites.copy()
        fresh.loc[{"account": [names[g] for g in goods]}] = satellites
        kept = replace(kept, satellites=fresh)
    why = f"{technology} technology, {len(industries)} industries to {len(goods)} goods"
    return kept, Log.of(
        Entry("industries made one a good", region, float(output.sum()), float(output.sum()), before, why)
    )


def _product(costs: np.ndarray, made: np.ndarray, industries: list[str], goods: list[str]) -> np.ndarray:
    if len(industries) != len(goods):
        told = f"product technology needs as many goods as industries, not {len(goods)} and {len(industries)}"
        raise DataError([f"{told}; use industry technology, or map them"], "the table")
    if np.linalg.matrix_rank(made) < len(goods):
        raise DataError(["the make matrix has no inverse; use industry technology"], "the table")
    return np.asarray(np.linalg.inv(made.T) * made.sum(0)[None, :])


def _main(made: np.ndarray, industries: list[str], goods: list[str]) -> list[tuple[str, str]]:
    """Every industry's main good."""
    return [(industry, goods[int(np.argmax(row))]) for industry, row in zip(industries, made, strict=True)]


def _name(raw: RawTable, region: str, label: str, goods: list[str]) -> str:
    name = f"{region}.{label}"
    taken = set(raw.accounts.index) - set(raw.of("industry", region=region))
    return name if name not in taken else f"{name} (industry)"
