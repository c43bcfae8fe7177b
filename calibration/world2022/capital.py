"""Labour shares and capital stocks of 2022 by country, with the Penn World Table as the control."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.world2020.world import Log

from .raw import capital

BOUNDS = (0.05, 0.95)
"""Labour's share of value added in an industry is kept within these."""


def with_labour_control(data: xr.Dataset, shared: Path, log: Log) -> xr.Dataset:
    """Labour shares by industry moved together, in log odds, until labour's share of a country is that of the PWT.

    The pattern over industries stays; countries without a share keep theirs. Source: Penn World Table 10.01, 2019.
    """
    target = capital(shared)["labour_share_2019"]
    income = data["factor_income"]
    added = income.sum("factor")
    share = (income.sel(factor="LAB", drop=True) / added.where(added > 0.0)).fillna(0.5)
    moved = share.copy()
    told = []
    for country in map(str, data["region"].values):
        want = target.get(country, np.nan)
        if not np.isfinite(want):
            continue
        at = {"region": country}
        weight = added.loc[at] / added.loc[at].sum()
        before = float((share.loc[at] * weight).sum())
        odds = np.log(share.loc[at] / (1.0 - share.loc[at]))
        low, high = -6.0, 6.0
        for _ in range(60):
            middle = (low + high) / 2.0
            tried = (1.0 / (1.0 + np.exp(-(odds + middle)))).clip(*BOUNDS)
            low, high = (middle, high) if float((tried * weight).sum()) < want else (low, middle)
        moved.loc[at] = tried
        told.append((country, before, want))
    change = sorted(told, key=lambda row: -abs(row[1] - row[2]))
    log.add("labour shares with the Penn World Table as control", f"{len(told)} countries",
            "; ".join(f"{c} {a:.2f} to {b:.2f}" for c, a, b in change[:8]),
            "shares by industry are of 2014 (Korea 2010) and of six countries; they keep their pattern, the total is "
            "each country's own of 2019")  # fmt: skip
    others = (income / income.drop_sel(factor="LAB").sum("factor")).where(income["factor"] != "LAB", 0.0).fillna(0.0)
    result = others * added * (1.0 - moved)
    result.loc[{"factor": "LAB"}] = (added * moved).transpose(*[d for d in income.dims if d != "factor"])
    return data.assign(factor_income=result.transpose(*income.dims))


def with_capital(data: xr.Dataset, shared: Path, log: Log) -> xr.Dataset:
    """Capital stocks and depreciation [region]: stock over GDP of the PWT, times the GDP that its ratio is of.

    Countries that the PWT lacks take the median ratio to their GDP and the median depreciation.
    """
    table = capital(shared)
    stock = table["k_over_gdp_usd_2022"] * table["gdp_usd_musd_2022"]
    regions = [str(r) for r in data["region"].values]
    added = data["factor_income"].sum(("factor", "sector")).to_series()
    ratio = (stock / added.reindex(stock.index)).median()
    have = stock.reindex(regions)
    filled = have.fillna(added * ratio)
    worn = table["depreciation_2019"].reindex(regions)
    earned = data["factor_income"].sel(factor="CAP").sum("sector").to_series()
    rental = (earned / filled)[["KOR", "USA", "CHN", "JPN", "DEU"]]
    others = ", ".join(have[have.isna()].index)
    told = "; ".join(f"{c} {v:.3f}" for c, v in rental.items())
    log.add("capital stocks", f"{int(have.notna().sum())} countries; the median ratio for {others}",
            f"{filled.sum():,.0f} million USD; gross reward a unit {told}",
            "Penn World Table 11.0 (stock over GDP, current USD, 2022) and 10.01 (depreciation of 2019)")  # fmt: skip
    coords = {"region": regions}
    return data.assign(
        capital_stock=xr.DataArray(filled.to_numpy(float), dims="region", coords=coords),
        depreciation=xr.DataArray(worn.fillna(worn.median()).to_numpy(float), dims="region", coords=coords),
    )


def people(shared: Path, places: pd.DataFrame) -> dict[str, float]:
    """Inhabitants in 2022, millions [country]; ROW is the rest of 7.95 billion."""
    known = capital(shared)["pop_m_2022"].dropna()
    found = {str(c): float(v) for c, v in known.items()} | {
        str(c): float(v) for c, v in places["million"].dropna().items()
    }
    return found | {"ROW": round(7950.0 - sum(found.values()), 1)}
