"""The accounts of a table and their identities, of a dataset that need not be a benchmark yet.

Flows are in million current US dollars. The accounts, for region r (as exporter e, importer m),
sector i, industry j, factor f, agent a (household C, government G, investment I):

* industry   sum_i (intermediate + intermediate_tax) + sum_f (factor_income + factor_tax)
             + output_tax = domestic + sum_m trade + margin_supply
* commodity  domestic + sum_e cif (1 + valuation sum_layer tariff) = sum_j intermediate + sum_a final,
             where cif = trade + export_tax + rent + margins and valuation is the customs value over it
* region     investment = saving + foreign_saving, where saving is what income and net transfers leave
             after the spending of C and G, and foreign_saving is payments to foreigners less receipts
* margin     margins used by all flows = margins supplied by all regions
* government taxes + direct_tax + treasury rents = spending of G + government_saving
* gdp        GDP by income = GDP by expenditure
* world      the foreign savings of all regions sum to zero, and so do their net transfers
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import product

import numpy as np
import pandas as pd
import xarray as xr

from . import accounts
from .accounts import AGENT, FLOW, OWNER, Point, of_exporter, of_importer, renamed, total
from .block import Array, Table
from .parameters import Parameters


class Books(dict[str, Array]):
    """Accounts by name, with what was once summed up from them: every identity asks for the same few sums."""

    def __init__(self, accounts: Table) -> None:
        super().__init__(accounts)
        self.sums: dict[str, Array] = {}


def _once(function: Callable[[Table], Array]) -> Callable[[Table], Array]:
    """A sum over accounts that books keep."""

    @wraps(function)
    def kept(data: Table) -> Array:
        if not isinstance(data, Books):
            return function(data)
        if function.__name__ not in data.sums:
            data.sums[function.__name__] = function(data)
        return data.sums[function.__name__]

    return kept


@_once
def cif(data: Table) -> Array:
    """Import value before tariffs [exporter, importer, sector], million USD."""
    return data["trade"] + data["export_tax"] + data["rent"] + total(data["margin_use"], "margin")


@_once
def tariff_revenue(data: Table) -> Array:
    """Tariff revenue by layer [layer, exporter, importer, sector], million USD."""
    return data["tariff"] * data["valuation"] * cif(data)


@_once
def duty_rate(data: Table) -> Array:
    """Duty over the cif value, all layers [exporter, importer, sector]: tariffs fall on the customs value."""
    return total(data["tariff"], "layer") * data["valuation"]


@_once
def tax_revenue(data: Table) -> Array:
    """All taxes but the direct one, tariffs included [region], million USD."""
    return (
        total(data["output_tax"], "sector")
        + total(data["factor_tax"], ("factor", "sector"))
        + total(data["intermediate_tax"], ("input", "sector"))
        + total(data["final_tax"], ("sector", "agent"))
        + of_exporter(data["export_tax"])
        + of_importer(tariff_revenue(data))
    )


@_once
def rents_received(data: Table) -> Array:
    """Quota rents by owner [owner, region], million USD."""
    rent = data["rent"] * data["rent_share"]
    abroad = renamed(total(rent, ("importer", "sector")), exporter="region")
    home = renamed(total(rent, ("exporter", "sector")), importer="region")
    return OWNER["exporter"] * abroad + (1.0 - OWNER["exporter"]) * home


def treasury_rents(data: Table) -> Array:
    """Quota rents that the treasury of the importing region keeps [region], million USD."""
    return total(rents_received(data) * OWNER["treasury"], "owner")


@_once
def income(data: Table) -> Array:
    """GDP by income: factors, taxes and rents received [region], million USD."""
    factors = total(data["factor_income"], ("factor", "sector"))
    return factors + tax_revenue(data) + total(rents_received(data), "owner")


@_once
def spending(data: Table) -> Array:
    """Final purchases with their taxes [region, agent], million USD."""
    return total(data["final"] + data["final_tax"], "sector")


@_once
def net_transfers(data: Table) -> Array:
    """Transfers and factor income from other regions less those paid to them [region]; zero in a table without."""
    return data["net_transfers"] if "net_transfers" in data else 0.0 * data["direct_tax"]


def saving(data: Table) -> Array:
    """Saving of household and government [region], million USD."""
    return income(data) + net_transfers(data) - total(spending(data) * (1.0 - AGENT["I"]), "agent")


@_once
def foreign_saving(data: Table) -> Array:
    """Payments to foreigners less receipts from them [region], million USD.

    A rent that stays with importers or their treasury is no payment to a foreigner.
    """
    sold = data["trade"] + data["export_tax"] + data["rent"] * total(data["rent_share"] * OWNER["exporter"], "owner")
    bought = sold + total(data["margin_use"], "margin")
    return of_importer(bought) - of_exporter(sold) - total(data["margin_supply"], "margin") - net_transfers(data)


def industry_gap(data: Table) -> Array:
    """Costs less sales of every industry [region, sector], million USD."""
    costs = (
        total(data["intermediate"] + data["intermediate_tax"], "input")
        + total(data["factor_income"] + data["factor_tax"], "factor")
        + data["output_tax"]
    )
    exports = renamed(total(data["trade"], "importer"), exporter="region")
    margins = total(data["margin_supply"] * (data["margin"] == data["sector"]), "margin")
    return costs - data["domestic"] - exports - margins


def commodity_gap(data: Table) -> Array:
    """Supply less use of every commodity [region, sector], million USD."""
    imports = cif(data) * (1 + duty_rate(data))
    supply = data["domestic"] + renamed(total(imports, "exporter"), importer="region")
    return supply - renamed(total(data["intermediate"], "sector"), input="sector") - total(data["final"], "agent")


def government_gap(data: Table) -> Array:
    """Revenue less spending and saving of every government [region], million USD."""
    budget = tax_revenue(data) + data["direct_tax"] + treasury_rents(data)
    return budget - total(spending(data) * AGENT["G"], "agent") - data["government_saving"]


def identities(data: xr.Dataset) -> pd.DataFrame:
    """Deviation of every account of every identity.

    Returns:
        Columns identity, account, deviation (million USD) and relative: the deviation as a share of the account's own
        turnover, of at least `DUST` of its region's; of world income where the account is the world's.
    """
    x = Books(data.variables)
    rows: list[tuple[str, str, float, float]] = []
    for identity, (gap, share) in _gaps(x).items():
        names = map(" ".join, product(*(data[axis].values.astype(str) for axis in gap.dims)))
        numbers = (gap.values.ravel().tolist(), share.transpose(*gap.dims).values.ravel().tolist())
        rows += [(identity, name, *pair) for name, *pair in zip(names, *numbers, strict=True)]
    rows += [("world", name, total, total / _world(x)) for name, total in _totals(x).items()]
    return pd.DataFrame(rows, columns=["identity", "account", "deviation", "relative"])


def imbalance(parameters: Parameters, point: xr.Dataset) -> tuple[float, str]:
    """The largest deviation of any account at a point, as a share of its turnover, and the identity that it breaks.

    Prices and volumes go in, and none of the equations of income, saving or market balance.

    Args:
        parameters: that the point solves.
        point: prices and volumes (see `cge.accounts`).
    """
    x = Books(books(parameters, point))
    worst = {identity: float(abs(share).max()) for identity, (_, share) in _gaps(x).items() if share.size}
    worst["world"] = max(abs(total) for total in _totals(x).values()) / _world(x)
    identity = max(worst, key=lambda each: np.nan_to_num(worst[each], nan=np.inf))
    return worst[identity], identity


def books(parameters: Parameters, point: xr.Dataset) -> dict[str, Array]:
    """The accounts of a point of the model with the labels that identities need; see `accounts_of`."""
    table = accounts_of(*accounts.numbers(parameters, point))
    for axis in ("margin", "sector"):
        table[axis] = xr.Variable(axis, np.array(parameters.labels[axis], dtype=object))
    return table


def accounts_of(p: Table, x: Point) -> dict[str, Array]:
    """The accounts of a point of the model, million USD at the benchmark's world factor price.

    All tariffs are in one layer, on the cif value. Lump-sum taxes are part of the direct tax. The regional household
    has no government budget of its own: there, government saving is what its taxes leave after its spending.

    Args:
        p: parameters without labels.
        x: the point, relative to the world factor price (`cge.accounts.numbers` makes both).
    """
    output = accounts.output_volume(p, x) * x["py"]
    factors = accounts.factor_volume(p, x) * x["pf"]
    inputs = accounts.input_volume(p, x) * x["input_basic_price"]
    final = accounts.final_volume(p, x) * x["final_basic_price"]
    shipped = accounts.shipped(p, x)
    trade = shipped * accounts.by_flow(x["px"])
    margin_supply = total(accounts.services(p, x) * x["px"], "sector")
    table = {
        "domestic": p["domestic"] * x["pd"] * x["qd"],
        "trade": trade,
        "export_tax": x["te"] * trade,
        "rent": accounts.unit_rent(x) * shipped,
        "rent_share": xr.where(x["rho"] == 0.0, p["rent_share"], x["rent"] / x["rho"].where(x["rho"] != 0.0, 1.0)),
        "limited": x["limited_part"] * x["cover"],
        "margin_use": accounts.margins_per_unit(p) * x["pt"] * shipped,
        "margin_supply": margin_supply,
        "tariff": x["tm"] * xr.Variable("layer", np.ones(1)),
        "valuation": xr.ones_like(x["tm"]),
        "intermediate": inputs,
        "intermediate_tax": x["ti"] * inputs,
        "final": final,
        "final_tax": x["tc"] * final,
        "factor_income": factors,
        "factor_tax": x["tf"] * factors,
        "output_tax": x["to"] * output,
        "net_transfers": p["transfers0"] * p["income0"],
        "direct_tax": x["td"] * total(factors, ["factor", "sector"]) + x["lumpsum"] * x["cpi"] * p["income0"],
    }
    table |= x.structure.terms("accounts", p, x)
    if "government_saving" not in table:
        table["government_saving"] = government_gap({**table, "government_saving": 0.0 * table["direct_tax"]})
    return table


def _gaps(x: Table) -> dict[str, tuple[Array, Array]]:
    """Deviation of the accounts of every identity, million USD, and as a share of their turnover."""
    abroad, spent = foreign_saving(x), spending(x)
    scales = _scales(x)
    gaps = {
        "industry": industry_gap(x),
        "commodity": commodity_gap(x),
        "region": saving(x) + abroad - total(spent * AGENT["I"], "agent"),
        "margin": total(x["margin_use"], FLOW) - total(x["margin_supply"], "region"),
        "government": government_gap(x),
        "gdp": income(x) - (total(spent, "agent") - abroad - net_transfers(x)),
    }
    return {identity: (gap, gap / scales[identity]) for identity, gap in gaps.items()}


def _totals(x: Table) -> dict[str, float]:
    """What sums to zero over the world, million USD."""
    totals = {"foreign saving": float(foreign_saving(x).sum())}
    if net_transfers(x).values.any():
        totals["net transfers"] = float(net_transfers(x).sum())
    return totals


DUST = 1e-4
"""An account that is smaller than this share of its region's spending, or of the trade that passes through it, is
judged as one that is as large: what rounding leaves in it comes from larger numbers."""


def _world(x: Table) -> float:
    return abs(float(income(x).sum())) or 1.0


def _scales(x: Table) -> dict[str, Array]:
    """What the deviation of every account is a share of, million USD, by identity."""
    by_agent = spending(x)
    # an entrepôt spends less than passes through it, and its accounts are differences of what passes
    passing = np.maximum(of_importer(cif(x)), of_exporter(x["trade"]))
    region = np.maximum(np.maximum(total(abs(by_agent), "agent"), passing), 1e-12 * _world(x))
    sales = x["domestic"] + renamed(total(x["trade"], "importer"), exporter="region")
    supply = x["domestic"] + renamed(total(cif(x) * (1 + total(x["tariff"], "layer")), "exporter"), importer="region")
    government = abs(total(by_agent * AGENT["G"], "agent")) + abs(x["government_saving"])
    margins = np.maximum(total(x["margin_use"], FLOW), DUST * 1e-6 * _world(x))
    own = {"industry": sales, "commodity": supply, "government": government}
    large = {identity: np.maximum(turnover, DUST * region) for identity, turnover in own.items()}
    return large | {"region": region, "gdp": region, "margin": margins}


_REPAIR = {
    "industry": "costs less sales; adjust factor income or the flows of this industry",
    "commodity": "supply less use; adjust final use or the flows of this good",
    "region": "saving plus foreign saving less investment; it closes once industries and commodities do",
    "margin": "margins used less supplied; adjust margin_supply",
    "government": "revenue less spending and saving; adjust direct_tax or government_saving",
    "gdp": "by income less by expenditure; it closes once industries and commodities do",
    "world": "sum over regions; it closes once margins do",
}


def balance_faults(data: xr.Dataset, tolerance: float = 1e-9) -> list[str]:
    """Accounts out of balance by more than `tolerance` (see `identities`), worst first."""
    return out_of_balance(identities(data), tolerance)


def out_of_balance(table: pd.DataFrame, tolerance: float) -> list[str]:
    """Accounts of a table of identities that are out by more than a share of their turnover, worst first."""
    bad = table[~(table["relative"].abs() <= tolerance)]
    bad = bad.reindex(bad["relative"].abs().sort_values(ascending=False).index)
    return [
        f"{row.identity} account {row.account} is out by {row.deviation:+.6g} million USD "
        f"({row.relative:+.2e} of {'world income' if row.identity == 'world' else 'its turnover'}): "
        f"{_REPAIR[str(row.identity)]}"
        for row in bad.itertuples()
    ]
