"""From what a scenario sets to a point of a model: levels of instruments, and an earlier solution to start from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cge.errors import DataError, RequestError, nearest
from cge.labels import aligned
from cge.model import Model, Values
from cge.symbols import QUOTAS
from cge.system import System

from .equilibrium import Equilibrium


def started(model: Model, start: Equilibrium) -> Values:
    """An earlier solution as a point of a model; what it lacks is at the benchmark."""
    values = model.start()
    for name, array in values.items():
        if name in start.data and start.data[name].shape == array.shape:
            values[name] = np.array(start.data[name].values, dtype=float)
    return values


def target(system: System, instruments: Mapping[str, xr.DataArray | float]) -> Values:
    """The benchmark point with instruments at their new levels.

    Args:
        system: says what is held.
        instruments: see `Problem.solve`.

    Raises:
        RequestError: instruments that are unknown, that fall on nothing or that the model determines, and arrays that
            do not fit.
    """
    values = system.model.start()
    faults: list[str] = []
    for name, level in instruments.items():
        if found := _why_not(system, name):
            faults.append(found)
        else:
            _set(system, values, name, level, faults)
    if faults:
        raise RequestError(faults)
    return values


def _free(system: System, name: str) -> NDArray[np.bool_]:
    """Where the model determines a symbol, swaps and charges apart."""
    model = system.model
    exists = model.exists[name]
    moved = model.constants.get("moved_" + name, np.zeros(exists.shape)) > 0.0
    return (system.columns.get(name, np.full(exists.shape, -1)) >= 0) & ~moved


def _why_not(system: System, name: str) -> str:
    """Why a symbol cannot be set at all; empty if it can."""
    model = system.model
    if name not in model.symbols:
        return f"unknown instrument {name!r}{nearest(name, model.symbols)}"
    if name in QUOTAS or name in model.structure.levers:
        return f"{name} belongs to the quotas or the swaps; pass `quotas` or `swaps`"
    if not model.exists[name].any():
        return f"{name} falls on nothing that the benchmark has"
    if _free(system, name)[model.exists[name]].all():
        return f"{name} is determined by the model under this closure and cannot be set"
    return ""


def _set(system: System, values: Values, name: str, level: xr.DataArray | float, faults: list[str]) -> None:
    model = system.model
    exists, free = model.exists[name], _free(system, name)
    new = _array(model, name, level, faults)
    if new is None:
        return
    lost = np.argwhere(exists & free & (np.abs(new - values[name]) > 0.0))
    if len(lost) and isinstance(level, xr.DataArray):  # a number is for what is held alone
        cell = ", ".join(model.labels(model.symbols[name], tuple(lost[0])))
        faults.append(f"{name}[{cell}] is determined by the model under this closure and cannot be set")
    values[name] = np.where(exists & ~free, new, values[name])
    if name + "_set" in values:
        moved = model.constants["moved_" + name] > 0.0
        values[name + "_set"] = np.where(moved, new, values[name + "_set"])


def _array(model: Model, name: str, level: xr.DataArray | float, faults: list[str]) -> NDArray[np.float64] | None:
    symbol = model.symbols[name]
    if not isinstance(level, xr.DataArray):
        if not np.isfinite(level):
            faults.append(f"{name} holds values that are not finite")
        return np.full(model.shape(symbol), float(level))
    try:
        array = aligned(name, level, {axis: model.parameters.labels[axis] for axis in symbol.dims})
    except DataError as error:
        faults += error.faults
        return None
    if not np.isfinite(array[model.exists[name]]).all():
        faults.append(f"{name} holds values that are not finite")
        return None
    return array
