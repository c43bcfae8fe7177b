"""Small exact repairs of a table that is nearly a benchmark.

Each takes and returns a dataset of the benchmark's schema and leaves every identity that held
before it intact, so repairs can be chained in any order.
"""

from __future__ import annotations

import xarray as xr

from cge.calibration.identities import (
    cif,
    commodity_gap,
    duty_rate,
    industry_gap,
    spending,
    tax_revenue,
    treasury_rents,
)
from cge.errors import DataError


def settle(data: xr.Dataset, limit: float = 1e-6) -> xr.Dataset:
    """Close the small gaps that rounding leaves in a table.

    A commodity's gap goes to its final users in proportion to their purchases, an industry's gap to
    its factors in proportion to their income, margins' to their suppliers, the government's to
    `direct_tax`. The accounts of regions, GDP and the world then close by themselves.

    Args:
        limit: largest gap that counts as small, as a share of the account's own turnover.

    Raises:
        DataError: listing accounts whose gap is larger: those are errors, not rounding.
    """
    data = data.copy()
    supplied = data["margin_supply"].sum("region")
    used = data["margin_use"].sum(("exporter", "importer", "sector"))
    faults = _too_large("margin", supplied - used, used, limit)
    data["margin_supply"] = data["margin_supply"] * _ratio(used, supplied)
    gap = commodity_gap(data)
    supplied = data["domestic"] + (cif(data) * (1 + duty_rate(data))).sum("exporter").rename(importer="region")
    faults += _too_large("commodity", gap, supplied, limit)
    data["final"] = data["final"] * (1 + _ratio(gap, data["final"].sum("agent"), empty=0.0))
    gap = industry_gap(data)
    paid = data["factor_income"].sum("factor")
    costs = paid + (data["intermediate"] + data["intermediate_tax"]).sum("input")
    faults += _too_large("industry", gap, costs, limit)
    data["factor_income"] = data["factor_income"] * (1 - _ratio(gap, paid, empty=0.0))
    if faults:
        raise DataError(faults, what="the table to settle")
    data["direct_tax"] = balancing_tax(data)
    return data


def balancing_tax(data: xr.Dataset) -> xr.DataArray:
    """Direct tax that balances the government's budget at its saving [region], million USD."""
    treasury = treasury_rents(data)
    needed = spending(data).sel(agent="G", drop=True) + data["government_saving"]
    return needed - tax_revenue(data) - treasury


def prune(data: xr.Dataset, threshold: float) -> tuple[xr.Dataset, xr.Dataset]:
    """Drop trade flows under a threshold; the goods stay with the exporter's own final users.

    The exporter sells the flow at home instead, to its final users; the importer's final users go
    without it. So no industry, factor or producer's tax changes, and every identity stays exact.
    Flows that use margins or bear rents or export taxes are kept, and so are those of a good that
    nobody in either region buys for final use in ample quantity.

    Args:
        threshold: basic value under which a flow is dropped, million USD.

    Returns:
        The pruned table, and a dataset with `count` and `value` (million USD) of what was dropped.
    """
    trade = data["trade"]
    plain = (cif(data) == trade) & (trade > 0) & (trade < threshold)
    ample = data["final"].sum("agent") > 2 * threshold * data.sizes["region"]
    plain &= ample.rename(region="exporter") & ample.rename(region="importer")
    dropped = trade.where(plain, 0.0)
    paid = dropped * (1 + duty_rate(data))
    kept = dropped.sum("importer").rename(exporter="region")
    change = kept - paid.sum("exporter").rename(importer="region")
    result = data.copy()
    result["trade"] = trade - dropped
    result["domestic"] = data["domestic"] + kept
    result["final"] = data["final"] * (1 + _ratio(change, data["final"].sum("agent"), empty=0.0))
    result["direct_tax"] = balancing_tax(result)
    lost = xr.Dataset({"count": (dropped > 0).sum(), "value": dropped.sum()})
    return result, lost


def _ratio(part: xr.DataArray, whole: xr.DataArray, empty: float = 1.0) -> xr.DataArray:
    return (part / whole.where(whole != 0)).fillna(empty)


def _too_large(account: str, gap: xr.DataArray, turnover: xr.DataArray, limit: float) -> list[str]:
    bad = abs(gap) > limit * turnover
    series = gap.where(bad).to_series().dropna()
    return [
        f"{account} account {' '.join(key) if isinstance(key, tuple) else key} is out by {value:+.6g} million USD, "
        "more than rounding: correct the data"
        for key, value in series.items()
    ]
