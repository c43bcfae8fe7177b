"""What benchmarks there are, and what a benchmark's file says of its labels, without reading its numbers."""

from __future__ import annotations

from pathlib import Path

from cge.errors import AbsentError, DataError, nearest

from . import contents_text
from .contents import CONTENTS, Contents
from .table import DATA


def available() -> list[str]:
    """Names of the benchmarks that come with the package."""
    return sorted(path.stem for path in DATA.glob("*.nc"))


def find(source: str | Path) -> Path:
    """The file of a benchmark, given by name or as a file.

    Raises:
        AbsentError: there is neither; the message offers the nearest name.
    """
    path = Path(source)
    if path.is_file():
        return path
    named = DATA / f"{path.name.removesuffix('.nc')}.nc"
    if len(path.parts) == 1 and named.is_file():
        return named
    names = available()
    raise AbsentError(
        f"no benchmark {str(source)!r}{nearest(path.stem, names)}; give a file, "
        f"or one of {', '.join(names) or '(none is installed)'}"
    )


def contents_in(source: str | Path) -> Contents:
    """What the labels of a benchmark contain, in the order of its file.

    Args:
        source: name of a benchmark, or a NetCDF file.

    Raises:
        AbsentError: there is no such benchmark.
        DataError: the file cannot be read as NetCDF, has no such labels, or its contents are at fault.
    """
    import netCDF4

    path = find(source)
    try:
        with netCDF4.Dataset(path) as file:
            labels = [[str(label) for label in file[axis][:]] for axis in ("region", "sector", "factor")]
            text = str(getattr(file, CONTENTS, "{}"))
    except (OSError, IndexError, RuntimeError) as error:
        raise DataError([f"it is no benchmark in NetCDF ({error}); restore the file"], what=str(path)) from error
    return contents_text.read(text).over(*labels)
