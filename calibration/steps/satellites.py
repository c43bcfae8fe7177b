"""Physical and other data beside the money: emissions, energy, employment, by industry and household."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.log import Entry, Log
from cge.calibration.raw import RawTable
from cge.errors import DataError, nearest


def satellite(raw: RawTable, name: str, values: pd.DataFrame, *, unit: str = "") -> tuple[RawTable, Log]:
    """Put a satellite beside the table.

    Args:
        raw: the table.
        name: of the satellite; `CO2` (in kt) enters the benchmark's emissions.
        values: columns region, label (of an industry, or of a household), value.
        unit: of the values.

    Raises:
        DataError: columns that are missing, labels that no account has, values that are no finite numbers.
    """
    lost = [f"column {c} is missing" for c in ("region", "label", "value") if c not in values]
    if lost:
        raise DataError(lost, f"the satellite {name}")
    holders = raw.accounts[raw.accounts["role"].isin(("industry", "household"))]
    keys = {(row.region, row.label): account for account, row in zip(holders.index, holders.itertuples(), strict=True)}
    known = [f"{region} {label}" for region, label in keys]
    faults, row = [], np.zeros(len(raw.accounts))
    for cell in values.itertuples():
        account = keys.get((str(cell.region), str(cell.label)))
        if account is None:
            faults.append(
                f"{cell.region} {cell.label} is no industry or household{nearest(f'{cell.region} {cell.label}', known)}"
            )
        elif not np.isfinite(float(cell.value)):  # type: ignore[arg-type]
            faults.append(f"{cell.region} {cell.label}: {cell.value} is no finite number")
        else:
            row[raw.place(account)] += float(cell.value)  # type: ignore[arg-type]
    if faults:
        raise DataError(faults, f"the satellite {name}")
    coords = {"satellite": [name], "account": list(raw.accounts.index)}
    fresh = xr.DataArray(row[None], dims=("satellite", "account"), coords=coords)
    there = raw.satellites
    joined = (
        fresh
        if there is None
        else xr.concat([there.sel(satellite=[s for s in there["satellite"].values if s != name]), fresh], "satellite")
    )
    total = float(row.sum())
    why = f"given{f', in {unit}' if unit else ''}"
    return replace(raw, satellites=joined), Log.of(Entry("satellite added", name, 0.0, total, total, why))
