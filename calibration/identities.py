"""The accounts of a table and their identities, of a dataset that need not be a benchmark yet.

Flows are in million current US dollars. The accounts, for region r (as exporter e, importer m),
sector i, industry j, factor f, agent a (household C, government G, investment I):

* industry   sum_i (intermediate + intermediate_tax) + sum_f (factor_income + factor_tax)
             + output_tax = domestic + sum_m trade + margin_supply
* commodity  domestic + sum_e cif (1 + sum_layer tariff) = sum_j intermediate + sum_a final,
             where cif = trade + export_tax + rent + margins
* region     investment = saving + foreign_saving, where saving is what income leaves after the
             spending of C and G, and foreign_saving is payments to foreigners less receipts
* margin     margins used by all flows = margins supplied by all regions
* government taxes + direct_tax + treasury rents = spending of G + government_saving
* gdp        GDP by income = GDP by expenditure
* world      the foreign savings of all regions sum to zero
"""

from __future__ import annotations

import pandas as pd
import xarray as xr

from .table import FLOW


def cif(data: xr.Dataset) -> xr.DataArray:
    """Import value before tariffs [exporter, importer, sector], million USD."""
    return data["trade"] + data["export_tax"] + data["rent"] + data["margin_use"].sum("margin")


def tariff_revenue(data: xr.Dataset) -> xr.DataArray:
    """Tariff revenue by layer [layer, exporter, importer, sector], million USD."""
    return data["tariff"] * cif(data)


def tax_revenue(data: xr.Dataset) -> xr.DataArray:
    """All taxes but the direct one, tariffs included [region], million USD."""
    export_tax = data["export_tax"].sum(("importer", "sector")).rename(exporter="region")
    tariffs = tariff_revenue(data).sum(("layer", "exporter", "sector")).rename(importer="region")
    return (
        data["output_tax"].sum("sector")
        + data["factor_tax"].sum(("factor", "sector"))
        + data["intermediate_tax"].sum(("input", "sector"))
        + data["final_tax"].sum(("sector", "agent"))
        + export_tax
        + tariffs
    )


def rents_received(data: xr.Dataset) -> xr.DataArray:
    """Quota rents by owner [owner, region], million USD."""
    rent = data["rent"] * data["rent_share"]
    abroad = rent.sel(owner=["exporter"]).sum(("importer", "sector")).rename(exporter="region")
    home = rent.sel(owner=["importer", "treasury"]).sum(("exporter", "sector"))
    return xr.concat([abroad, home.rename(importer="region")], "owner")


def income(data: xr.Dataset) -> xr.DataArray:
    """GDP by income: factors, taxes and rents received [region], million USD."""
    factors = data["factor_income"].sum(("factor", "sector"))
    return factors + tax_revenue(data) + rents_received(data).sum("owner")


def spending(data: xr.Dataset) -> xr.DataArray:
    """Final purchases with their taxes [region, agent], million USD."""
    return (data["final"] + data["final_tax"]).sum("sector")


def saving(data: xr.Dataset) -> xr.DataArray:
    """Saving of household and government [region], million USD."""
    return income(data) - spending(data).sel(agent=["C", "G"]).sum("agent")


def foreign_saving(data: xr.Dataset) -> xr.DataArray:
    """Payments to foreigners less receipts from them [region], million USD.

    A rent that stays with importers or their treasury is no payment to a foreigner.
    """
    sold = data["trade"] + data["export_tax"] + data["rent"] * data["rent_share"].sel(owner="exporter", drop=True)
    bought = sold + data["margin_use"].sum("margin")
    payments = bought.sum(("exporter", "sector")).rename(importer="region")
    receipts = sold.sum(("importer", "sector")).rename(exporter="region")
    return payments - receipts - data["margin_supply"].sum("margin")


def industry_gap(data: xr.Dataset) -> xr.DataArray:
    """Costs less sales of every industry [region, sector], million USD."""
    costs = (
        (data["intermediate"] + data["intermediate_tax"]).sum("input")
        + (data["factor_income"] + data["factor_tax"]).sum("factor")
        + data["output_tax"]
    )
    exports = data["trade"].sum("importer").rename(exporter="region")
    margins = data["margin_supply"].rename(margin="sector").reindex(sector=data["sector"])
    return costs - data["domestic"] - exports - margins.fillna(0.0)


def commodity_gap(data: xr.Dataset) -> xr.DataArray:
    """Supply less use of every commodity [region, sector], million USD."""
    imports = cif(data) * (1 + data["tariff"].sum("layer"))
    supply = data["domestic"] + imports.sum("exporter").rename(importer="region")
    return supply - data["intermediate"].sum("sector").rename(input="sector") - data["final"].sum("agent")


def government_gap(data: xr.Dataset) -> xr.DataArray:
    """Revenue less spending and saving of every government [region], million USD."""
    treasury = rents_received(data).sel(owner="treasury", drop=True)
    budget = tax_revenue(data) + data["direct_tax"] + treasury
    return budget - spending(data).sel(agent="G", drop=True) - data["government_saving"]


def identities(data: xr.Dataset) -> pd.DataFrame:
    """Deviation of every account of every identity.

    Returns
    -------
    Columns identity, account, deviation (million USD) and relative (share of world income).
    """
    abroad = foreign_saving(data)
    spent = spending(data)
    by_expenditure = spent.sum("agent") - abroad
    margin_gap = data["margin_use"].sum(FLOW) - data["margin_supply"].sum("region")
    gaps: dict[str, xr.DataArray] = {
        "industry": industry_gap(data),
        "commodity": commodity_gap(data),
        "region": saving(data) + abroad - spent.sel(agent="I", drop=True),
        "margin": margin_gap,
        "government": government_gap(data),
        "gdp": income(data) - by_expenditure,
    }
    world = abs(float(income(data).sum())) or 1.0
    rows: list[tuple[str, str, float]] = []
    for identity, gap in gaps.items():
        labels = gap.to_series()
        names = (" ".join(k) if isinstance(k, tuple) else str(k) for k in labels.index)
        rows += [(identity, name, float(value)) for name, value in zip(names, labels, strict=True)]
    rows.append(("world", "foreign saving", float(abroad.sum())))
    table = pd.DataFrame(rows, columns=["identity", "account", "deviation"])
    table["relative"] = table["deviation"] / world
    return table


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
    """Accounts out of balance by more than ``tolerance`` of world income, worst first."""
    return out_of_balance(identities(data), tolerance)


def out_of_balance(table: pd.DataFrame, tolerance: float) -> list[str]:
    """Accounts of a table of identities that are out by more than a share of world income, worst first."""
    bad = table[~(table["relative"].abs() <= tolerance)]
    bad = bad.reindex(bad["relative"].abs().sort_values(ascending=False).index)
    return [
        f"{row.identity} account {row.account} is out by {row.deviation:+.6g} million USD "
        f"({row.relative:+.2e} of world income): {_REPAIR[str(row.identity)]}"
        for row in bad.itertuples()
    ]
