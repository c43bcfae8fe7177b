"""Rents of the quotas in force, carved out of the exporter's capital income."""

from __future__ import annotations

import xarray as xr

from cge.calibration.balancing.settle import balancing_tax

from .conventions import Log, money
from .us_measures import rent_in_value, steel_measures


def with_quota_rents(data: xr.Dataset, log: Log) -> xr.Dataset:
    """Carve the rents of US steel quotas out of the flow's value and of the exporter's capital income."""
    data = data.copy(deep=True)
    for country, kept in steel_measures()["exporter_default"].items():
        flow = {"exporter": country, "importer": "USA", "sector": "STL"}
        value = float(data["trade"].loc[flow])
        rent = value * rent_in_value(str(country))
        if rent == 0:
            continue
        data["trade"].loc[flow] = value - rent
        data["rent"].loc[flow] = rent
        data["rent_share"].loc[{**flow, "owner": "exporter"}] = kept
        data["rent_share"].loc[{**flow, "owner": "importer"}] = 1 - float(kept)
        data["factor_income"].loc[{"region": country, "factor": "CAP", "sector": "STL"}] -= rent
        log.add(
            "quota rent carved out of capital income",
            f"{country} to USA STL",
            money(rent),
            f"the observed {money(value)} contain it (steel_measures_2020.csv); exporters keep {float(kept):.0%}",
        )
    data["direct_tax"] = balancing_tax(data)
    return data
