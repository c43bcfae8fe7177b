"""NetCDF files, read with distrust: their native library takes what a damaged file says at its word.

What a file declares is looked at before any of it is read, so that a small file which claims terabytes costs nothing.
Whatever goes wrong after that is one message.
"""

from __future__ import annotations

from pathlib import Path

import netCDF4
import numpy as np
import xarray as xr

from cge.errors import DataError

LARGEST = 4 * 2**30
"""Bytes that the variables of a file may take in memory: a world of 200 regions by 100 sectors takes half of it."""

MOST = 1000
"""Variables that a file may have."""


def read_netcdf(path: Path) -> xr.Dataset:
    """A dataset, read whole.

    Raises:
        FileNotFoundError: there is no such file.
        DataError: it cannot be read, or declares more than a table can be.
    """
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}; check the path")
    try:
        _refuse_huge(path)
        with xr.open_dataset(path, engine="netcdf4", decode_times=False) as file:
            return file.load()
    except DataError:
        raise
    except Exception as error:  # a damaged file makes HDF5, netCDF4 and xarray raise whatever it leads them to
        raise DataError(
            [f"it cannot be read as NetCDF ({_reason(error)}); restore the file"], what=str(path)
        ) from error


def write_netcdf(data: xr.Dataset, path: Path, level: int = 4) -> None:
    """Write a dataset, compressed.

    Raises:
        OSError: there is no room, or no right to write.
    """
    packed = {name: {"zlib": True, "complevel": level, "shuffle": True} for name, array in data.items() if array.ndim}
    try:
        data.to_netcdf(path, engine="netcdf4", format="NETCDF4", encoding=packed)
    except RuntimeError as error:  # what the native library says of a full disk
        raise OSError(f"{error}; the disk may be full") from error


def _refuse_huge(path: Path) -> None:
    with netCDF4.Dataset(path) as file:
        if file.groups or len(file.variables) > MOST:
            raise DataError([f"it has groups, or more than {MOST} variables; give a table's own file"], what=str(path))
        declared = 0
        for variable in file.variables.values():
            size = getattr(variable.dtype, "itemsize", np.dtype(object).itemsize)  # of text, the pointers
            declared += size * int(np.prod([int(length) for length in variable.shape], dtype=object))
    if declared > LARGEST:
        raise DataError(
            [
                f"it declares {declared / 2**30:,.1f} GiB, more than the {LARGEST / 2**30:.0f} GiB that a table may "
                f"take, in a file of {path.stat().st_size:,} bytes; restore the file, or aggregate the table"
            ],
            what=str(path),
        )


def _reason(error: Exception) -> str:
    text = " ".join(str(getattr(error, "strerror", None) or error).split())
    return text[:200] or type(error).__name__
