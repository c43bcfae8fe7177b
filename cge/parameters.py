"""Parameters: everything that a model needs to know of a benchmark, validated against the symbols of its structure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import xarray as xr

from .block import Block
from .errors import ModelError
from .labels import aligned
from .notation import AXES, LABELS, Symbol
from .shown import card, line
from .structure import Structure

DUST = 1e-9
"""How far beyond the end of its range a parameter may lie for rounding."""


@dataclass(frozen=True)
class Parameters:
    """Calibrated parameters: shares, rates, elasticities and benchmark values, with the labels of every axis.

    Args:
        data: one variable for every parameter of the structure, with its dims in its order.
        blocks: that the structure has beyond the base.
        given: numbers for blocks that the user gives, by name and labelled (see `cge.block.Given`).

    Raises:
        ModelError: names, dims, numbers or ranges are not what the symbols say.
    """

    data: xr.Dataset
    blocks: tuple[Block, ...] = ()
    given: Mapping[str, xr.DataArray] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        faults = []
        for name, symbol in self.structure.parameters.items():
            faults += [f"{name} is missing"] if name not in self.data else _faults(self.data[name], symbol)
        if faults:
            raise ModelError("parameters: " + "; ".join(faults))

    def __repr__(self) -> str:
        return line("Parameters", self._facts)

    def _repr_html_(self) -> str:
        return card("Parameters", self._facts, note="data has every parameter with its labels")

    @property
    def _facts(self) -> dict[str, object]:
        sizes = {axis: len(labels) for axis, labels in self.labels.items() if axis in ("region", "sector", "factor")}
        return {**sizes, "parameters": len(self.data), "fingerprint": self.sha256[:12]}

    @property
    def structure(self) -> Structure:
        """The base structure with the blocks."""
        return Structure(self.blocks)

    def including(self, blocks: Iterable[Block]) -> Parameters:
        """These parameters with those of more blocks, calibrated; what is there stays as it is.

        Raises:
            ModelError: numbers for a block that are out of their range.
        """
        new = [block for block in dict.fromkeys(blocks) if block not in self.blocks]
        data = self.data
        for block in new:
            given = _given(block, self.given, data)
            made = block.calibrate({str(name): array for name, array in data.items()}, given) if block.calibrate else {}
            table = {s.name: s for s in block.symbols if s.kind == "parameter"}
            for name, symbol in table.items():
                if name in made:
                    data = data.assign({name: _shaped(made[name], symbol)})
        return replace(self, data=data, blocks=(*self.blocks, *new)) if new else self

    def anew(self, data: xr.Dataset, given: Mapping[str, xr.DataArray] | None = None) -> Parameters:
        """Other base parameters, with the same blocks calibrated on them."""
        base = Parameters(data, given=self.given if given is None else given)
        return base.including(self.blocks)

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        """Labels of every axis."""
        # swaps belong to a model, not to a benchmark
        axes = [axis for axis in (*AXES, *self._own_axes) if axis != "swap"]
        return {axis: [str(label) for label in self.data.coords[LABELS.get(axis, axis)].values] for axis in axes}

    @property
    def _own_axes(self) -> list[str]:
        """Axes that blocks bring."""
        used = [axis for block in self.blocks for symbol in block.symbols for axis in symbol.dims]
        return [axis for axis in dict.fromkeys(used) if axis not in AXES]

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Length of every axis."""
        return {axis: len(labels) for axis, labels in self.labels.items()}

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The numbers by name, without labels."""
        return {name: np.asarray(self.data[name].values, dtype=float) for name in self.structure.parameters}

    @cached_property
    def labelled(self) -> xr.Dataset:
        """The data with labels on every axis, also on those that borrow another's."""
        data = self.data
        return data.assign_coords({axis: (axis, data.coords[source].values) for axis, source in LABELS.items()})

    @cached_property
    def benchmark(self) -> dict[str, xr.Variable]:
        """The point at which the model replicates its benchmark: variables and instruments by name, without labels."""
        blocks = {}
        for name, symbol in {**self.structure.variables, **self.structure.held}.items():
            value = symbol.benchmark
            shape = tuple(self.sizes[axis] for axis in symbol.dims)
            blocks[name] = xr.Variable(
                symbol.dims, self.arrays[value] if isinstance(value, str) else np.full(shape, value)
            )
        return blocks

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of labels and numbers, also of those that a closure's block will ask for."""
        digest = hashlib.sha256()
        for axis, labels in sorted(self.labels.items()):
            digest.update(f"{axis}:{','.join(labels)};".encode())
        for name, array in sorted(self.arrays.items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        for name, values in sorted(self.given.items()):
            axes = {str(axis): [str(label) for label in values.coords[axis].values] for axis in values.coords}
            digest.update(f"{name}:{values.dims}:{axes};".encode())
            digest.update(np.ascontiguousarray(values.values, dtype="<f8").tobytes())
        return digest.hexdigest()


def _faults(array: xr.DataArray, symbol: Symbol) -> list[str]:
    if array.dims != symbol.dims:
        return [f"{symbol.name} has dims {array.dims}, not {symbol.dims}"]
    if not np.isfinite(array.values).all():
        return [f"{symbol.name} holds {int((~np.isfinite(array.values)).sum())} values that are not finite"]
    out = (array.values < symbol.low - DUST) | (array.values > symbol.high + DUST)
    if not out.any():
        return []
    worst = float(array.values[out][0])
    return [
        f"{symbol.name} ({symbol.description}) holds {int(out.sum())} values outside {symbol.low:g} to "
        f"{symbol.high:g}, the first is {worst:g}"
    ]


def _given(block: Block, given: Mapping[str, xr.DataArray], data: xr.Dataset) -> dict[str, xr.DataArray]:
    """Numbers that a block needs, by label; its own where the user gives none."""
    result, faults = {}, []
    for name, need in block.givens.items():
        axes = {axis: [str(label) for label in data.coords[LABELS.get(axis, axis)].values] for axis in need.dims}
        values = aligned(name, given.get(name, need.default), axes, broadcast=True)
        if name in given and not ((values >= need.low) & (values <= need.high)).all():
            faults.append(f"{name} ({need.description}) must lie between {need.low:g} and {need.high:g}")
        result[name] = xr.DataArray(values, dims=need.dims, coords=axes)
    if faults:
        raise ModelError(faults, f"block {block.name}")
    return result


def _shaped(array: xr.DataArray, symbol: Symbol) -> xr.Variable:
    attrs = {"unit": symbol.unit, "description": symbol.description}
    return xr.Variable(symbol.dims, array.transpose(*symbol.dims).values.astype(float), attrs)
