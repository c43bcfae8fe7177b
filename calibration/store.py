"""Raw tables in NetCDF, whole: what a recipe keeps of every step, so that it redoes only what changed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.errors import DataError

from .atomic import whole
from .log import Entry, Log
from .netcdf import read_netcdf
from .raw import COLUMNS, About, RawTable, square

WEDGE = "bilateral_"


def save(raw: RawTable, log: Log, path: Path) -> Path:
    """Write a table and the log of the step that made it."""
    names = raw.names
    data = xr.Dataset({"flows": (("seller", "buyer"), raw.flows.values)}, coords={"seller": names, "buyer": names})
    for column in COLUMNS:
        data[f"account_{column}"] = ("seller", raw.accounts[column].astype(str).tolist())
    for name, array in raw.bilateral.data_vars.items():
        data[f"{WEDGE}{name}"] = array
    if raw.satellites is not None:
        data["satellites"] = raw.satellites.rename(account="seller")
    data.attrs = {
        "about": json.dumps(asdict(raw.about)),
        "countries": json.dumps({region: sorted(codes) for region, codes in raw.countries.items()}),
        "population": json.dumps(dict(raw.population)),
        "log": json.dumps([asdict(entry) for entry in log.entries]),
    }
    with whole(path) as unfinished:
        data.to_netcdf(unfinished, engine="netcdf4", encoding={"flows": {"zlib": True, "complevel": 1}})
    return path


def load(path: Path) -> tuple[RawTable, Log]:
    """Read what `save` wrote.

    Raises:
        DataError: the file is no such table.
    """
    try:
        data = read_netcdf(path)
        names = [str(x) for x in data["seller"].values]
        frame = pd.DataFrame(
            {c: [str(x) for x in data[f"account_{c}"].values] for c in COLUMNS}, index=pd.Index(names, name="account")
        )
        wedges = {
            str(n).removeprefix(WEDGE): _labelled(a) for n, a in data.data_vars.items() if str(n).startswith(WEDGE)
        }
        satellites = _labelled(data["satellites"].rename(seller="account")) if "satellites" in data else None
        about = json.loads(data.attrs["about"])
        log = Log(tuple(Entry(**entry) for entry in json.loads(data.attrs["log"])))
        raw = RawTable(
            square(np.array(data["flows"].values), names), frame, xr.Dataset(wedges), satellites,
            countries={r: frozenset(c) for r, c in json.loads(data.attrs["countries"]).items()},
            population=json.loads(data.attrs["population"]), about=About(**about),
        )  # fmt: skip
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise DataError([f"it is no table that a recipe kept ({error}); remove it"], path.name) from error
    return raw, log


def _labelled(array: xr.DataArray) -> xr.DataArray:
    """An array with labels as text, and no coordinates of other axes."""
    coords = {axis: [str(x) for x in array[axis].values] for axis in array.dims}
    return xr.DataArray(np.array(array.values), dims=array.dims, coords=coords)
