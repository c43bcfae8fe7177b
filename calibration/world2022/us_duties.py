"""The United States: duties collected by partner and sector, in layers, and the customs value that they fall on.

Duties are those that the Census Bureau calculates for 2024 by partner and ICIO product, the latest year before the
measures of 2025 and, unlike 2020, one with the tariff-rate quotas in force from 2022 on. They are raised by what the
Treasury collected that year over them: duties on chapters 98 and 99, which have no product. What a partner pays
beyond MFN on steel and aluminium is Section 232, what China pays beyond it Section 301 (on metals split as in the
list of duties in force at the end of 2024); all else is MFN or preferential.

Customs values of 2022 by partner are published for the largest partners; others share the rest of all goods imports
as in 2024, and products of a partner as in 2024.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.world2020.tariffs import EU27, LAYERS
from cge.calibration.world2020.us_measures import raw_folder, sector_codes

from .in_force import DUTIES, REST

COLLECTED = "tariffs/us_tariffs_2024w_by_partner_icio.csv"
CHECKS = "validation/published_checks.csv"
METALS = ("STL", "NFM")
EU = "EU27"
THIN = 10.0
"""Flows under this (million USD) take the factor of all of the partner's goods."""
BOUNDS = (0.33, 3.0)
"""Least and largest valuation factor of a flow."""

Log = list[tuple[str, str, str, str]]


def collected(shared: Path) -> pd.DataFrame:
    """Imports, duty and MFN rate of 2024 [(partner, sector)]: columns musd, duty (million USD), mfn (rate)."""
    table = pd.read_csv(raw_folder(shared) / COLLECTED).merge(sector_codes(), on="icio")
    codes = pd.read_csv(raw_folder(shared) / DUTIES)[["cty_code", "iso3"]].drop_duplicates()
    codes["cty_code"] = codes["cty_code"].astype(str).str.zfill(4)
    table["partner"] = table["CTY_CODE"].astype(str).str.zfill(4).map(codes.set_index("cty_code")["iso3"]).fillna(REST)
    # ships and other transport equipment are one product there; its halves would count twice
    table = table[~((table["icio"] == "C30") & (table["sector"] == "SHP"))]
    table["duty"] = table["collected_2024"] * table["imports_musd"]
    table["mfn"] = table["mfn_adv_w"].fillna(table["collected_2024"]) * table["imports_musd"]
    total = table.groupby(["partner", "sector"])[["imports_musd", "duty", "mfn"]].sum()
    total["mfn"] = total["mfn"] / total["imports_musd"].where(total["imports_musd"] > 0.0)
    return total.rename(columns={"imports_musd": "musd"})


def us_layers(shared: Path, trade: xr.DataArray) -> tuple[xr.DataArray, Log]:
    """Layers of US duties [layer, exporter, sector] over customs value, and a log."""
    table = collected(shared)
    raised = treasury(shared, 2024, "customs duties collected") / float(table["duty"].sum())
    table["rate"] = raised * table["duty"] / table["musd"].where(table["musd"] > 0.0)
    excess = (table["rate"] - table["mfn"]).clip(lower=0.0).fillna(0.0)
    sector, partner = table.index.get_level_values("sector"), table.index.get_level_values("partner")
    metal = sector.isin(METALS)
    listed = pd.read_csv(raw_folder(shared) / DUTIES).query("date == '2025-01-01' and iso3 == 'CHN'")
    listed = listed.merge(sector_codes(), on="icio").groupby("sector")[["s232_steel", "s232_alu", "s301_china"]].sum()
    share = ((listed["s232_steel"] + listed["s232_alu"]) / listed.sum(axis=1)).reindex(sector).fillna(0.0).to_numpy()
    china = partner == "CHN"
    table["section232"] = np.where(metal, np.where(china, excess * share, excess), 0.0)
    table["section301"] = np.where(china, excess - table["section232"].where(metal, 0.0), 0.0)
    table["mfn"] = (table["rate"] - table["section232"] - table["section301"]).clip(lower=0.0)
    layers = xr.concat(
        [_spread(table[name], trade, table["musd"]) for name in LAYERS], pd.Index(list(LAYERS), name="layer")
    )
    log: Log = [(
        "duties of the United States replaced", "importer USA, all goods",
        f"{table['duty'].sum():,.0f} million USD on imports of {table['musd'].sum():,.0f} in 2024, times {raised:.4f}",
        "duty by partner and product (US Census Bureau), raised to the Treasury's total; beyond MFN it is Section "
        "232 on metals and Section 301 on China; partners without a row pay the mean of the small ones",
    )]  # fmt: skip
    return layers, log


def _spread(values: pd.Series, trade: xr.DataArray, weight: pd.Series) -> xr.DataArray:
    """Partners of the list to [exporter, sector]; members of the EU alike, who is not listed the mean of the rest."""
    wide = values.unstack("sector")
    weights = weight.unstack("sector").reindex_like(wide).fillna(0.0)
    countries, sectors = [str(c) for c in trade["exporter"].values], [str(s) for s in trade["sector"].values]
    others = [p for p in wide.index if p not in countries and p != EU]
    rest = (wide.loc[others] * weights.loc[others]).sum() / weights.loc[others].sum().where(lambda x: x > 0.0)
    rows = {}
    for country in countries:
        own = wide.loc[EU] if country in EU27 else wide.loc[country] if country in wide.index else rest
        rows[country] = pd.Series(own).fillna(rest)
    table = pd.DataFrame(rows).T.reindex(columns=sectors).fillna(0.0)
    table.loc["USA"] = 0.0
    return xr.DataArray(table.to_numpy(dtype=float), dims=("exporter", "sector"),
                        coords={"exporter": countries, "sector": sectors})  # fmt: skip


def treasury(shared: Path, year: int, indicator: str) -> float:
    """A figure of the United States in a year, million USD."""
    checks = pd.read_csv(raw_folder(shared) / CHECKS, dtype=str)
    ours = (checks["economy"] == "USA") & (checks["year"] == str(year)) & (checks["indicator"] == indicator)
    return float(checks.loc[ours, "value"].iloc[0])


def customs_2022(shared: Path) -> pd.DataFrame:
    """Customs value of US imports in 2022 [partner, sector], million USD."""
    checks = pd.read_csv(raw_folder(shared) / CHECKS)
    year = checks[checks["year"].astype(str) == "2022"]
    named = year[year["indicator"] == "goods imports, general, customs value"]
    known = named.set_index(named["economy"].str.removeprefix("USA<-"))["value"].astype(float) * 1e3
    whole = treasury(shared, 2022, "goods imports")
    europe = year[(year["economy"] == "USA<-EU27") & year["indicator"].str.startswith("goods imports")]["value"]
    totals = pd.concat([known[~known.index.isin(EU27)], pd.Series({EU: float(europe.iloc[0]) * 1e3})])
    base = collected(shared)["musd"].unstack("sector").fillna(0.0)
    of_2024 = base.sum(axis=1)
    rest = of_2024.index.difference(totals.index)
    wanted = of_2024.copy()
    wanted[totals.index] = totals
    wanted[rest] *= (whole - totals.sum()) / of_2024[rest].sum()
    return base.mul(wanted / of_2024, axis=0)


def valuation(shared: Path, trade: xr.DataArray) -> tuple[xr.DataArray, Log]:
    """Customs over basic value of US imports by partner and sector; one for other importers.

    Args:
        shared: folder that holds `data/`.
        trade: [exporter, importer, sector] at basic prices, million USD.

    Returns:
        Factor [exporter, importer, sector], and a log with what each large partner's is.
    """
    customs = customs_2022(shared)
    flow = trade.sel(importer="USA").where(trade["exporter"] != "USA", 0.0)
    basic = pd.DataFrame(flow.transpose("exporter", "sector").values, [str(e) for e in flow["exporter"].values],
                         [str(s) for s in flow["sector"].values])  # fmt: skip
    group = {c: EU if c in EU27 else c if c in customs.index else REST for c in basic.index}
    value = customs.groupby(lambda p: p if p in set(group.values()) else REST).sum()
    value = value.reindex(columns=basic.columns).fillna(0.0)
    sold = basic.groupby(group).sum()
    value = value.reindex(sold.index).fillna(0.0)
    goods = customs.columns.intersection(basic.columns)
    mean = (value[goods].sum(axis=1) / sold[goods].sum(axis=1)).where(lambda x: x > 0.0).fillna(1.0).clip(*BOUNDS)
    factor = (value / sold.where(sold > 0.0)).clip(*BOUNDS)
    factor = factor.where((sold >= THIN) & (value > 0.0)).apply(lambda column: column.fillna(mean))
    rows = pd.DataFrame({c: factor.loc[g] for c, g in group.items()}).T
    rows.loc[:, [s for s in basic.columns if s not in goods]] = 1.0
    rows.loc["USA"] = 1.0
    result = xr.ones_like(trade)
    result.loc[{"importer": "USA"}] = rows.reindex(basic.index)[list(basic.columns)].to_numpy()
    shown = ("CHN", "MEX", "CAN", EU, "JPN", "KOR", "VNM", "TWN", "IND")
    told = "; ".join(f"{p} {mean[p]:.2f}" for p in shown if p in mean)
    base = float((basic[goods] * rows.reindex(basic.index)[goods]).to_numpy().sum())
    size = (
        f"base of duties {base:,.0f} million USD, {basic[goods].to_numpy().sum():,.0f} at basic prices; customs value "
    )
    log: Log = [(
        "customs over basic value of US imports", told, f"{size}{customs.to_numpy().sum():,.0f}",
        "distribution margins, re-exports and consignment: duties fall on the customs value; by partner and sector "
        f"between {BOUNDS[0]} and {BOUNDS[1]}; other importers have no such figures and a factor of one",
    )]  # fmt: skip
    return result.transpose(*trade.dims), log
