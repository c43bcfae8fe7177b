r"""The numbers that are quoted of a region: levels in the benchmark and after the shock, each with what adds them up.

An indicator either adds up over regions (a value), or is a ratio of two sums (a rate, an index, a value a head). The
table holds the denominators beside the ratios, so that a group of regions, or the world, has exact indicators of its
own: the sum of its members' values, or the mean of their ratios weighted with those denominators.

Money is million USD at the benchmark's world factor price; real values are benchmark values times Fisher indices of
volume (`cge.welfare`). Trade is with other regions: trade of an aggregate region with itself is in no indicator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from . import accounts, tables
from .block import Array, Table
from .parameters import Parameters
from .welfare import PricedVolume, cv, ev, fisher_volume, quota_rent, real_gdp, terms_of_trade

USD, REAL, INDEX = "million USD", "million USD at benchmark prices", "index, benchmark = 100"

UNITS: Mapping[str, tuple[str, str]] = {
    "ev": (USD, "equivalent variation"),
    "ev_pct": ("% of benchmark income", "equivalent variation"),
    "ev_per_head": ("USD a head", "equivalent variation"),
    "cv": (USD, "compensating variation"),
    "income": (USD, "regional income"),
    "gdp": (USD, "gross domestic product at market prices"),
    "real_gdp": (REAL, "real GDP"),
    "real_consumption": (REAL, "household consumption"),
    "real_government": (REAL, "government consumption"),
    "real_investment": (REAL, "investment"),
    "real_absorption": (REAL, "absorption: consumption, government and investment"),
    "consumer_prices": (INDEX, "consumer price index, relative to the world factor price"),
    "real_exchange_rate": (INDEX, "consumer prices over those of trading partners; a fall is a depreciation"),
    "terms_of_trade": (INDEX, "terms of trade"),
    "exports": (USD, "exports to other regions, fob, with transport services"),
    "imports": (USD, "imports from other regions, cif, before tariffs"),
    "real_exports": (REAL, "volume of exports"),
    "real_imports": (REAL, "volume of imports"),
    "trade_balance": (USD, "GDP less absorption"),
    "tariff_revenue": (USD, "tariff revenue"),
    "tariff_revenue_real": ("million USD in benchmark consumer prices", "tariff revenue in consumer prices"),
    "tariff_revenue_share": ("% of income", "tariff revenue"),
    "effective_tariff": ("% of the cif value", "duties collected over imports, after substitution"),
    "effective_tariff_fixed": ("% of the cif value", "the new rates at benchmark imports, before substitution"),
    "trade_creation": ("million USD at benchmark prices", "imports in place of home goods"),
    "trade_diversion": ("million USD at benchmark prices", "imports that changed their origin"),
    "quota_rents": (USD, "rents of quotas and non-tariff measures that the region receives"),
    "employment": ("million USD at benchmark wages", "labour employed"),
    "real_wage": (INDEX, "average reward of labour in consumer prices"),
    "real_capital_reward": (INDEX, "average reward of capital in consumer prices"),
    "emissions": ("kt CO2", "CO2 of industries and households"),
}
"""Unit and meaning of every indicator, in their order."""

Sums = tuple[Array, Array]
"""In the benchmark and at the point [region]."""


@dataclass(frozen=True)
class _Of:
    """What an indicator is a sum of, or the ratio of two sums; `times` is 100 for a per cent or an index."""

    above: Sums
    below: Sums | None = None
    times: float = 1.0


def indicators(
    parameters: Parameters, point: xr.Dataset, population: Mapping[str, float | None] | None = None
) -> pd.DataFrame:
    """Every indicator of every region.

    Args:
        parameters: of the model.
        point: a solution (see `cge.accounts`).
        population: million inhabitants by region, where they are known.

    Returns:
        One row a region and indicator of `UNITS`: `region`, `indicator`; `base`, `new`, `change`; `change_pct`, empty
        where there is nothing to compare with; `unit`; `base_weight`, `new_weight`: denominators of a ratio, with which
        it is averaged over regions; empty for what adds up.
    """
    p, x = accounts.numbers(parameters, point)
    base = accounts.at_benchmark(accounts.completed(parameters, point))
    regions = parameters.labels["region"]
    people = [(population or {}).get(region) or np.nan for region in regions]
    found = {**_welfare(parameters, point, np.array(people)), **_output(p, base, x, parameters, point)}
    found |= {**_trade(p, base, x, parameters, point), **_tariffs(p, base, x), **_factors(p, base, x)}
    rows = [
        pd.DataFrame(_columns(found[name], regions) | {"indicator": name, "unit": UNITS[name][0]}) for name in UNITS
    ]
    order = ["region", "indicator", "base", "new", "change", "change_pct", "unit", "base_weight", "new_weight"]
    return pd.concat(rows, ignore_index=True)[order]


def _columns(of: _Of, regions: list[str]) -> dict[str, Any]:
    above = [_numbers(part, regions) for part in of.above]
    below = [np.full(len(regions), np.nan)] * 2 if of.below is None else [_numbers(part, regions) for part in of.below]
    base, new = (
        up if of.below is None else of.times * up / np.where(down == 0.0, np.inf, down)
        for up, down in zip(above, below, strict=True)
    )
    return {"region": regions, "base_weight": below[0], "new_weight": below[1]} | changes(base, new)


def changes(base: ArrayLike, new: ArrayLike) -> dict[str, Any]:
    """Benchmark, new level, change, and change in per cent of the size of the benchmark; none of nothing."""
    before, after = np.asarray(base, dtype=float), np.asarray(new, dtype=float)
    size = np.where(before == 0.0, np.nan, np.abs(before))
    return {"base": before, "new": after, "change": after - before, "change_pct": 100.0 * (after - before) / size}


def _numbers(array: Array, regions: list[str]) -> np.ndarray:
    return np.broadcast_to(np.asarray(array, dtype=float), len(regions))


def _welfare(parameters: Parameters, point: xr.Dataset, people: np.ndarray) -> dict[str, _Of]:
    gain, nothing = ev(parameters, point).variable, np.zeros(len(people))
    income = parameters.data["income0"].variable
    return {
        "ev": _Of((nothing, gain)),
        "ev_pct": _Of((nothing, gain), (income, income), 100.0),
        "ev_per_head": _Of((nothing, gain), (people, people)),
        "cv": _Of((nothing, cv(parameters, point).variable)),
    }


def _output(p: Table, base: Table, x: Table, parameters: Parameters, point: xr.Dataset) -> dict[str, _Of]:
    parts = {"consumption": accounts.AGENT["C"], "government": accounts.AGENT["G"], "investment": accounts.AGENT["I"]}
    bought = {name: (_bought(p, base, agent), _bought(p, x, agent)) for name, agent in parts.items()}
    whole = _bought(p, base, 1.0), _bought(p, x, 1.0)
    gdp = tuple(_value(used) + _balance(p, at) for used, at in zip(whole, (base, x), strict=True))
    consumed = _value(bought["consumption"][0])
    cpi = x["cpi"]
    return {
        "income": _Of((p["income0"], p["income0"] * x["income"])),
        "gdp": _Of((gdp[0], gdp[1])),
        "real_gdp": _Of((gdp[0], gdp[0] * real_gdp(parameters, point).variable)),
        "real_absorption": _real(whole),
        **{f"real_{name}": _real(pair) for name, pair in bought.items()},
        "trade_balance": _Of((_balance(p, base), _balance(p, x))),
        "real_exchange_rate": _Of((consumed, consumed * cpi / x["prices_of_partners"]), (consumed, consumed), 100.0),
        "consumer_prices": _Of((consumed, consumed * cpi), (consumed, consumed), 100.0),
    }


def _bought(p: Table, x: Table, where: Array | float) -> PricedVolume:
    return PricedVolume(accounts.final_price(x), where * accounts.final_volume(p, x))


def _value(of: PricedVolume) -> Array:
    value = of.price * of.volume
    return accounts.renamed(value.sum([axis for axis in value.dims if axis != of.region]), **{of.region: "region"})


def _real(pair: tuple[PricedVolume, PricedVolume]) -> _Of:
    value = _value(pair[0])
    return _Of((value, value * fisher_volume([pair[0]], [pair[1]])))


def _sold(p: Table, x: Table, where: Array | float) -> list[PricedVolume]:
    goods = PricedVolume(accounts.received_price(p, x), where * accounts.shipped(p, x), "exporter")
    return [goods, PricedVolume(x["px"], accounts.services(p, x))]


def _arrived(p: Table, x: Table, where: Array | float) -> PricedVolume:
    return PricedVolume(accounts.paid_price(p, x) * accounts.per_arrival(x), where * p["trade"] * x["flow"], "importer")


def _balance(p: Table, x: Table) -> Array:
    """Exports with transport services less imports, all flows [region]; what is inside a region cancels."""
    return sum(_value(of) for of in _sold(p, x, 1.0)) - _value(_arrived(p, x, 1.0))


def _trade(p: Table, base: Table, x: Table, parameters: Parameters, point: xr.Dataset) -> dict[str, _Of]:
    outside = tables.outside(p)
    sold = [_sold(p, at, outside) for at in (base, x)]
    bought = [[_arrived(p, at, outside)] for at in (base, x)]
    exports, imports = ([sum(_value(of) for of in ledgers) for ledgers in pair] for pair in (sold, bought))
    terms = terms_of_trade(parameters, point).variable
    created, diverted = (
        accounts.renamed(part.sum("sector"), importer="region") for part in tables.creation_and_diversion(p, x)[2:]
    )
    nothing = xr.zeros_like(p["income0"])
    return {
        "exports": _Of((exports[0], exports[1])),
        "imports": _Of((imports[0], imports[1])),
        "real_exports": _Of((exports[0], exports[0] * fisher_volume(sold[0], sold[1]))),
        "real_imports": _Of((imports[0], imports[0] * fisher_volume(bought[0], bought[1]))),
        "terms_of_trade": _Of((exports[0], exports[0] * terms), (exports[0], exports[0]), 100.0),
        "trade_creation": _Of((nothing, created)),
        "trade_diversion": _Of((nothing, diverted)),
        "quota_rents": _Of((_rents(p, base), quota_rent(parameters, point).variable)),
    }


def _rents(p: Table, x: Table) -> Array:
    rent, abroad = accounts.rent_by_owner(p, x), accounts.OWNER["exporter"]
    return accounts.of_exporter(rent * abroad) + accounts.of_importer(rent * (1.0 - abroad))


def _tariffs(p: Table, base: Table, x: Table) -> dict[str, _Of]:
    outside = tables.outside(p)
    value = [outside * tables.import_value(p, at) for at in (base, x)]
    imports = [accounts.of_importer(flows) for flows in value]
    collected = [accounts.of_importer(flows * at["tm"]) for flows, at in zip(value, (base, x), strict=True)]
    fixed = accounts.of_importer(value[0] * x["tm"])
    revenue = [p["income0"] * at["tariffs"] for at in (base, x)]
    income = [p["income0"] * at["income"] for at in (base, x)]
    return {
        "tariff_revenue": _Of((revenue[0], revenue[1])),
        "tariff_revenue_real": _Of((revenue[0], revenue[1] / x["cpi"])),
        "tariff_revenue_share": _Of((revenue[0], revenue[1]), (income[0], income[1]), 100.0),
        "effective_tariff": _Of((collected[0], collected[1]), (imports[0], imports[1]), 100.0),
        "effective_tariff_fixed": _Of((collected[0], fixed), (imports[0], imports[0]), 100.0),
    }


def _factors(p: Table, base: Table, x: Table) -> dict[str, _Of]:
    found = {}
    for name, role in (("real_wage", "is_labour"), ("real_capital_reward", "is_capital")):
        here = (p[role] != 0.0) * 1.0
        volume = [(here * accounts.factor_volume(p, at)).sum(["factor", "sector"]) for at in (base, x)]
        earned = (here * accounts.factor_volume(p, x) * x["pf"]).sum(["factor", "sector"]) / x["cpi"]
        found[name] = _Of((volume[0], earned), (volume[0], volume[1]), 100.0)
        if role == "is_labour":
            found["employment"] = _Of((volume[0], volume[1]))
    households = p["household_emissions0"]
    emitted = p["emissions0"].sum("sector") + households
    now = (p["emissions0"] * x["y"]).sum("sector") + households * accounts.consumption_volume(p, x)
    return found | {"emissions": _Of((emitted, now))}


def of_group(table: pd.DataFrame, members: Mapping[str, list[str]]) -> pd.DataFrame:
    """Indicators of groups of regions, from those of their members.

    Args:
        table: as `indicators` gives it.
        members: labels of the regions of every group, by the group's name.

    Returns:
        The same columns; `region` is the name of the group. A ratio of which a member lacks the denominator is empty.
    """
    return pd.concat([_joined(table[table["region"].isin(m)], name) for name, m in members.items()], ignore_index=True)


def _joined(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    ratio = rows["indicator"].map(rows.groupby("indicator")["base_weight"].count()) > 0
    joined: dict[str, pd.Series] = {}
    for at in ("base", "new"):
        weight = rows[f"{at}_weight"].where(ratio, 1.0)
        parts = pd.DataFrame({"value": rows[at] * weight, "weight": weight})
        unknown = parts.isna().groupby(rows["indicator"], sort=False).any()
        sums = parts.groupby(rows["indicator"], sort=False).sum().mask(unknown)
        whole = sums["weight"].where(ratio.groupby(rows["indicator"]).any(), 1.0)
        joined[at], joined[f"{at}_weight"] = sums["value"] / whole, sums["weight"]
    units = rows.drop_duplicates("indicator").set_index("indicator")
    frame = pd.DataFrame(changes(joined["base"], joined["new"]), index=joined["base"].index)
    added = units["base_weight"].isna() & units["new_weight"].isna() & ~ratio.groupby(rows["indicator"]).any()
    for at in ("base", "new"):
        frame[f"{at}_weight"] = joined[f"{at}_weight"].mask(added)
    return frame.assign(unit=units["unit"], region=name).reset_index()[rows.columns.tolist()]
