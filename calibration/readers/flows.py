"""A table as two small ones: flows (seller, buyer, value) and accounts (account, region, label, role, contents).

As text files the first is named like `world.flows.csv` and the second `world.accounts.csv`, or `flows.csv` and
`accounts.csv`, in one folder; in a workbook they are the sheets `flows` and `accounts`. Wedges on trade may follow
in `bilateral` (name, layer, exporter, importer, sector, value; the names of `cge.calibration.raw.BILATERAL`, the
layer empty where a name has none), satellites in `satellites` (satellite, account, value).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.atomic import whole
from cge.calibration.log import Log
from cge.calibration.raw import BILATERAL, RawTable
from cge.errors import DataError, KeptError, nearest

from .grid import BOOKS, Grid, Source

NAME = "flows"
EXPECTS = "flows (seller, buyer, value) with accounts (account, region, label, role, contents) beside it"
PARTS = ("flows", "accounts", "bilateral", "satellites")
COLUMNS = {
    "flows": ("seller", "buyer", "value"),
    "accounts": ("account", "region", "label", "role", "contents"),
    "bilateral": ("name", "layer", "exporter", "importer", "sector", "value"),
    "satellites": ("satellite", "account", "value"),
}
NUMBERS = {"value"}


def recognises(source: Source) -> bool:
    """Whether the file is the flows of such a table, or a workbook with both sheets."""
    if source.suffix in BOOKS:
        return {"flows", "accounts"} <= {grid.name.lower() for grid in source.grids}
    return {"seller", "buyer", "value"} <= {cell.lower() for cell in source.first_line}


def read(source: Source) -> tuple[RawTable, Log]:
    """Read both tables.

    Raises:
        DataError: a table or column is missing, values that are no numbers, accounts that are not known.
    """
    parts = {name: _frame(grid, name) for name, grid in _grids(source).items()}
    more: dict[str, object] = {}
    if "bilateral" in parts:
        more["bilateral"] = bilateral(parts["bilateral"])
    if "satellites" in parts:
        names = list(parts["accounts"]["account"])
        table = parts["satellites"].pivot_table(index="satellite", columns="account", values="value", aggfunc="sum")
        unknown = [
            f"account {a!r} of the satellites is unknown{nearest(str(a), names)}" for a in table if a not in names
        ]
        if unknown:
            raise DataError(unknown, source.path.name)
        more["satellites"] = xr.DataArray(table.reindex(columns=names).fillna(0.0))
    return RawTable.from_frames(parts["flows"], parts["accounts"], **more), Log()  # type: ignore[arg-type]


def write(raw: RawTable, folder: Path, stem: str = "") -> list[Path]:
    """Write a table's parts as text files into a folder, and return their paths.

    Raises:
        KeptError: one of the files is there; nothing is written.
    """
    flows, accounts = raw.to_frames()
    frames = {"flows": flows, "accounts": accounts}
    if len(raw.bilateral.data_vars):
        frames["bilateral"] = _long(raw.bilateral)
    if raw.satellites is not None:
        long = raw.satellites.to_series().rename("value").reset_index()
        frames["satellites"] = long[long["value"] != 0.0]
    paths = {name: folder / f"{stem}.{name}.csv".lstrip(".") for name in frames}
    there = [str(path) for path in paths.values() if path.exists()]
    if there:
        raise KeptError(f"{', '.join(there)} exist and are kept; choose another name")
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        with whole(paths[name]) as unfinished:
            frame.to_csv(unfinished, index=False)
    return list(paths.values())


def bilateral(frame: pd.DataFrame) -> xr.Dataset:
    """Wedges on trade from a long table."""
    unknown = [
        f"wedge {n!r} is unknown{nearest(n, BILATERAL)}" for n in map(str, frame["name"].unique()) if n not in BILATERAL
    ]
    if unknown:
        raise DataError(unknown, "bilateral")
    regions = list(dict.fromkeys([*frame["exporter"], *frame["importer"]]))
    coords = {"exporter": regions, "importer": regions, "sector": list(dict.fromkeys(frame["sector"]))}
    arrays = {}
    for wedge, rows in frame.groupby("name", sort=False):
        axes = BILATERAL[str(wedge)]
        keys = [axis if axis in rows else "layer" for axis in axes]
        here = coords | ({axes[0]: list(dict.fromkeys(rows["layer"]))} if axes[0] not in coords else {})
        values = np.zeros([len(here[axis]) for axis in axes])
        at = tuple(pd.Index(here[a]).get_indexer(pd.Index(rows[k])) for a, k in zip(axes, keys, strict=True))
        np.add.at(values, at, rows["value"].to_numpy(dtype=float))
        arrays[str(wedge)] = xr.DataArray(values, dims=axes, coords=here)
    return xr.Dataset(arrays)


def _long(data: xr.Dataset) -> pd.DataFrame:
    parts = []
    for name, array in data.data_vars.items():
        rows = array.rename("value").to_series().reset_index()
        first = str(array.dims[0])
        rows = (
            rows.rename(columns={first: "layer"})
            if first not in ("exporter", "importer", "sector")
            else rows.assign(layer="")
        )
        parts.append(rows[rows["value"] != 0.0].assign(name=str(name)))
    return pd.concat(parts)[list(COLUMNS["bilateral"])]


def _grids(source: Source) -> dict[str, Grid]:
    if source.suffix in BOOKS:
        return {grid.name.lower(): grid for grid in source.grids if grid.name.lower() in PARTS}
    path = source.path
    places = {name: path.with_name(path.name.replace("flows", name)) for name in PARTS}
    if "flows" not in path.name or not places["accounts"].is_file():
        wanted = path.name.replace("flows", "accounts") if "flows" in path.name else "accounts.csv"
        columns = ", ".join(COLUMNS["accounts"])
        told = f"its accounts are not there; name it ...flows.csv and put {wanted} ({columns}) beside it"
        raise DataError([told], path.name)
    return {name: Source(place).grids[0] for name, place in places.items() if place.is_file()}


def _frame(grid: Grid, part: str) -> pd.DataFrame:
    """A grid with a line of column names as a table; numbers checked, each fault with its place."""
    heads = [str(cell or "").strip().lower() for cell in grid.rows[0]] if grid.rows else []
    wanted = COLUMNS[part]
    needed = wanted[:1] if part == "accounts" else wanted
    faults = [
        f"{part} lack the column {c}{nearest(c, heads)}; the columns are {', '.join(wanted)}"
        for c in needed
        if c not in heads
    ]
    if faults:
        raise DataError(faults, part)
    rows = []
    for k in range(1, len(grid.rows)):
        row = {head: grid.at(k, j) for j, head in enumerate(heads) if head in wanted}
        if all(cell is None for cell in row.values()):
            continue
        for head in NUMBERS & set(row):
            if not isinstance(row[head], float):
                faults.append(f"{grid.spot(k, heads.index(head))} is {row[head]!r}, not a number; correct it")
        rows.append({h: (c if h in NUMBERS else _label(c)) for h, c in row.items()})
    if faults:
        raise DataError(faults, part)
    return pd.DataFrame(rows, columns=[h for h in heads if h in wanted])


def _label(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell or "")
