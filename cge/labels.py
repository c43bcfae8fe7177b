"""Labels and the numbers that go with them: the one place where a labelled value is laid along the axes of a model.

A value with labels is taken by its labels, in any order; a label that is missing or unknown is a fault. Only what has
no labels at all, an array of numbers, is taken by position.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from .errors import DataError, nearest

SHOWN = 8
"""Labels that a message names."""

TEXT = (
    "region", "exporter", "importer", "partner", "sector", "input", "factor", "agent", "emitter", "owner", "receiver",
    "layer", "margin", "quota", "regime", "swap", "outcome", "instrument", "unit", "move_unit", "parameter", "scenario",
    "job", "status", "reason",
)  # fmt: skip
"""Columns of the tables that the package writes whose cells are text, whatever they look like: 010, True, NA."""

Axes = Mapping[str, Sequence[str]]
Given = ArrayLike | xr.DataArray | xr.Variable | pd.Series | pd.DataFrame
"""Numbers, with labels or without."""


def aligned(what: str, given: Given, axes: Axes, *, broadcast: bool = False) -> NDArray[np.float64]:
    """A value in the order of some axes, taken by its labels if it has any.

    Args:
        what: its name, for messages.
        given: a number, which stands for an array full of it; an array of numbers in the order of the axes; or a value
            with labels: a DataArray, or a Series or DataFrame of pandas, whose levels are named like the axes or stand
            in their order.
        axes: labels of every axis.
        broadcast: a labelled value may lack axes, along which it is the same.

    Returns:
        Numbers [axes].

    Raises:
        DataError: listing labels that are missing, unknown or repeated, axes that are not these, a shape that does not
            fit, or what is no number.
    """
    if isinstance(given, pd.Series | pd.DataFrame):
        given = _from_pandas(what, given, axes)
    shape = tuple(len(labels) for labels in axes.values())
    if isinstance(given, xr.DataArray | xr.Variable):
        values = _by_label(what, given, axes, broadcast=broadcast)
    else:
        values = _numbers(what, given)
    if values.shape == ():
        return np.full(shape, float(values))
    if values.shape != shape:
        told = f"{what} has the shape {values.shape}, not {shape} for [{', '.join(axes)}]; check the order of its axes"
        raise DataError([told])
    return values


def read_table(path: Path) -> pd.DataFrame:
    """A table that the package wrote, as it was: labels are text, and only an empty cell is no number."""
    columns = [str(name) for name in pd.read_csv(path, nrows=0).columns]
    return pd.read_csv(
        path,
        dtype={name: str for name in columns if name in TEXT},
        keep_default_na=False,
        na_values={name: [""] for name in columns if name not in TEXT},
    )


def repeated(axis: str, labels: Sequence[str]) -> list[str]:
    """What is wrong with an axis whose labels are not unique."""
    twice = sorted({label for label in labels if labels.count(label) > 1}) if len(set(labels)) < len(labels) else []
    return [f"axis {axis} repeats {_some(twice)}; every label must be unique"] if twice else []


def difference(axis: str, have: Sequence[str], model: str, want: Sequence[str]) -> list[str]:
    """What is wrong with an axis whose labels are not those of the axis that it goes with."""
    missing = [label for label in want if label not in set(have)]
    extra = [label for label in have if label not in set(want)]
    faults = []
    if missing:
        faults.append(f"axis {axis} lacks {_some(missing)}, which axis {model} has; add them")
    if extra:
        offers = [label + nearest(label, want) for label in extra]
        faults.append(f"axis {axis} has {_some(offers)}, unknown on axis {model}; rename or remove them")
    return faults


def _some(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - SHOWN} more" if len(labels) > SHOWN else ""
    return ", ".join(labels[:SHOWN]) + more


def _numbers(what: str, given: Any) -> NDArray[np.float64]:
    try:
        return np.array(given, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError([f"{what} cannot be read as numbers ({error}); give a rectangular array of numbers"]) from None


def _by_label(what: str, given: xr.DataArray | xr.Variable, axes: Axes, *, broadcast: bool) -> NDArray[np.float64]:
    """The numbers of a labelled value along the axes; of length one along those that it lacks and may lack."""
    dims = [str(dim) for dim in given.dims]
    if set(dims) - set(axes) or (not broadcast and set(dims) != set(axes)):
        told = f"{what} has the axes [{', '.join(dims)}], not [{', '.join(axes)}]; rename or transpose it"
        raise DataError([told])
    order: dict[str, list[int]] = {}
    faults: list[str] = []
    for axis in dims:
        if axis not in getattr(given, "coords", {}):
            continue
        labels, wanted = [str(label) for label in given[axis].values], list(axes[axis])
        if labels == wanted:
            continue
        found = repeated(f"{axis} of {what}", labels)
        found += difference(f"{axis} of {what}", labels, f"{axis} of the benchmark", wanted)
        faults += found
        if not found:
            place = {label: n for n, label in enumerate(labels)}
            order[axis] = [place[label] for label in wanted]
    if faults:
        raise DataError(faults)
    ordered = (given.isel(order) if order else given).transpose(*(axis for axis in axes if axis in dims))
    values = _numbers(what, ordered.values)
    lacking = tuple(n for n, axis in enumerate(axes) if axis not in dims)
    wide = np.expand_dims(values, lacking)
    if any(size not in (1, len(axes[axis])) for size, axis in zip(wide.shape, axes, strict=True)):
        return wide  # whose shape the caller refuses
    return np.array(np.broadcast_to(wide, [len(labels) for labels in axes.values()]))


def _from_pandas(what: str, given: pd.Series | pd.DataFrame, axes: Axes) -> xr.DataArray:
    """A table of pandas as a labelled array."""
    if isinstance(given, pd.Series):
        series = given
    else:
        if not given.columns.is_unique:
            raise DataError(repeated(f"columns of {what}", [str(label) for label in given.columns]))
        series = pd.Series(given.stack(list(range(given.columns.nlevels)), future_stack=True))
    names = [None if name is None else str(name) for name in series.index.names]
    if names == [None] * len(axes):
        names = list(axes)
    if set(names) != set(axes) or len(names) != len(axes):
        told = ", ".join(name or "(no name)" for name in names)
        raise DataError([f"{what} has labels for [{told}], not [{', '.join(axes)}]; name its index and columns so"])
    keys = pd.MultiIndex.from_arrays(
        [series.index.get_level_values(level).astype(str) for level in range(series.index.nlevels)], names=names
    )
    if not keys.is_unique:
        twice = [" ".join(key) for key in keys[keys.duplicated()].unique()]
        raise DataError([f"{what} gives {_some(twice)} more than once; keep one of each"])
    cells = int(np.prod([len(level) for level in keys.levels]))
    if len(series) != cells:
        told = f"{what} gives {len(series)} of {cells} cells; give every one of its labels, zeros too"
        raise DataError([told])
    return xr.DataArray.from_series(series.set_axis(keys))
