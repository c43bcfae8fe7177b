"""Parameters: everything that a model needs to know of a benchmark, validated against the symbols."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from .errors import ModelError
from .symbols import AXES, INSTRUMENTS, LABELS, PARAMETERS, VARIABLES


@dataclass(frozen=True)
class Parameters:
    """Calibrated parameters: shares, rates, elasticities and benchmark values, with the labels of every axis.

    Args:
        data: one variable for every name in `cge.symbols.PARAMETERS`, with its dims in its order.

    Raises:
        ModelError: names, dims or numbers are not what the symbols say.
    """

    data: xr.Dataset

    def __post_init__(self) -> None:
        faults = [f"{name} is missing" for name in PARAMETERS if name not in self.data]
        for name, symbol in PARAMETERS.items():
            if name not in self.data:
                continue
            array = self.data[name]
            if array.dims != symbol.dims:
                faults.append(f"{name} has dims {array.dims}, not {symbol.dims}")
            elif not np.isfinite(array.values).all():
                faults.append(f"{name} holds {int((~np.isfinite(array.values)).sum())} values that are not finite")
        if faults:
            raise ModelError("parameters: " + "; ".join(faults))

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        """Labels of every axis."""
        # swaps belong to a model, not to a benchmark
        axes = [axis for axis in AXES if axis != "swap"]
        return {axis: [str(label) for label in self.data.coords[LABELS.get(axis, axis)].values] for axis in axes}

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Length of every axis."""
        return {axis: len(labels) for axis, labels in self.labels.items()}

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The numbers by name, without labels."""
        return {name: np.asarray(self.data[name].values, dtype=float) for name in PARAMETERS}

    @cached_property
    def labelled(self) -> xr.Dataset:
        """The data with labels on every axis, also on those that borrow another's."""
        data = self.data
        return data.assign_coords({axis: (axis, data.coords[source].values) for axis, source in LABELS.items()})

    @cached_property
    def benchmark(self) -> dict[str, xr.Variable]:
        """The point at which the model replicates its benchmark: variables and instruments by name, without labels."""
        blocks = {}
        for name, symbol in {**VARIABLES, **INSTRUMENTS}.items():
            value = symbol.benchmark
            shape = tuple(self.sizes[axis] for axis in symbol.dims)
            blocks[name] = xr.Variable(
                symbol.dims, self.arrays[value] if isinstance(value, str) else np.full(shape, value)
            )
        return blocks

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of labels and numbers."""
        digest = hashlib.sha256()
        for axis, labels in sorted(self.labels.items()):
            digest.update(f"{axis}:{','.join(labels)};".encode())
        for name, array in sorted(self.arrays.items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return digest.hexdigest()
