"""Swaps: an outcome is held at a target and an instrument is freed, moved in a pattern by one unknown, its lever.

The lever's pattern says how far each cell of the instrument moves for one unit of the lever: one percentage point on
each flow of a country, say. Everything else that a scenario sets stays as it is: the lever moves the instrument around
its set level.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .equations.swaps import PROCEEDS
from .errors import PolicyError
from .labels import aligned
from .parameters import Parameters
from .structure import Structure

Arrays = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Swap:
    """An outcome that is held, and the instrument that is freed for it.

    Attributes:
        name: label on the swap axis, unique.
        hold: a key of `cge.structure.Structure.outcomes`, or "proceeds": what the freed instrument itself yields.
        cells: weight of each cell of the outcome, over its axes; None for the proceeds.
        free: symbol that is freed, of `cge.structure.Structure.movable`.
        pattern: move of each cell of the freed symbol for one unit of the lever, over its axes.
        change: change of the outcome from the benchmark, as a ratio; zero holds it there.
        level: its level in the outcome's unit, in place of a change.
        word: what is freed, in a user's words.
    """

    name: str
    hold: str
    cells: xr.DataArray | None
    free: str
    pattern: xr.DataArray
    change: float = 0.0
    level: float | None = None
    word: str = ""

    @property
    def sha256(self) -> str:
        """Fingerprint of what makes the system, not of the target."""
        digest = hashlib.sha256(f"{self.name},{self.hold},{self.free}".encode())
        for array in (self.cells, self.pattern):
            if array is not None:
                labels = [(axis, *map(str, array[axis].values)) for axis in array.dims]
                digest.update(f"{labels}".encode())
                digest.update(np.ascontiguousarray(array.values, dtype="<f8").tobytes())
        return digest.hexdigest()


def constants(parameters: Parameters, swaps: Sequence[Swap]) -> Arrays:
    """The numbers of the levers' equations: weights of outcomes and bases, patterns, and where symbols move.

    Raises:
        PolicyError: names that are not known or used twice, patterns without a cell, outcomes without a weight.
    """
    _check(parameters, swaps)
    n, of = len(swaps), parameters.structure
    weights = weights_of(parameters)
    result: Arrays = {"hold_" + name: np.zeros((n, *weights[name].shape)) for name in of.outcomes}
    for name in of.movable:
        shape = tuple(parameters.sizes[axis] for axis in of.symbols[name].dims)
        result["pattern_" + name] = np.zeros((n, *shape))
    for name in (*of.tax_bases, "tc"):
        result["yield_" + name] = np.zeros((n, *weights[name].shape))
    for k, swap in enumerate(swaps):
        result["pattern_" + swap.free][k] = _pattern(parameters, swap)
        row = result["yield_" + swap.free if swap.hold == PROCEEDS else "hold_" + swap.hold]
        weight = _held(parameters, swap, weights)
        row[k] = weight / np.abs(weight).sum()
    for name in of.movable:
        result["moved_" + name] = (result["pattern_" + name] != 0.0).any(axis=0).astype(float)
    return result


def unit(structure: Structure, swap: Swap) -> str:
    """Unit of what a swap holds; "" for an index."""
    return "million USD" if swap.hold == PROCEEDS else structure.outcomes[swap.hold].unit


def worth(parameters: Parameters, swap: Swap) -> float:
    """Benchmark weight of all that a swap holds: the base of the tax for proceeds, else see `Outcome.weight`."""
    return float(np.abs(_held(parameters, swap, weights_of(parameters))).sum())


def scales(parameters: Parameters, swaps: Sequence[Swap]) -> NDArray[np.float64]:
    """What an outcome of one is worth in the outcome's unit; one for an index [swap]."""
    return np.array([worth(parameters, swap) if unit(parameters.structure, swap) else 1.0 for swap in swaps])


def targets(parameters: Parameters, swaps: Sequence[Swap], benchmark: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values at which the outcomes are held [swap], from their benchmark values."""
    scale = scales(parameters, swaps)
    changed = benchmark * np.array([1.0 + swap.change for swap in swaps])
    levels = np.array([np.nan if swap.level is None else swap.level for swap in swaps], dtype=float) / scale
    return np.where(np.isnan(levels), changed, levels)


def weights_of(parameters: Parameters) -> Arrays:
    """Benchmark weight of every cell of an outcome, and benchmark base of every cell of a tax."""
    a = parameters.arrays
    a = a | {"fob0": a["trade"] * (1.0 + a["te0"]) * (1.0 + a["rho0"])}
    of = parameters.structure
    outcomes = {name: a[outcome.weight] for name, outcome in of.outcomes.items()}
    return outcomes | {name: a[base] for name, (base, _) in of.tax_bases.items()} | {"tc": a["final_use"]}


def _held(parameters: Parameters, swap: Swap, weights: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """What each cell weighs in the outcome, in its unit."""
    of = parameters.structure
    if swap.cells is None:
        return _numbers(parameters, swap.pattern, of.symbols[swap.free].dims) * weights[swap.free]
    return _numbers(parameters, swap.cells, of.outcomes[swap.hold].dims) * weights[swap.hold]


def _pattern(parameters: Parameters, swap: Swap) -> NDArray[np.float64]:
    """Moves of the cells of the freed symbol that exist."""
    symbol = parameters.structure.symbols[swap.free]
    pattern = _numbers(parameters, swap.pattern, symbol.dims)
    return np.where(parameters.arrays[symbol.where] != 0.0, pattern, 0.0) if symbol.where else pattern


def _numbers(parameters: Parameters, array: xr.DataArray, dims: tuple[str, ...]) -> NDArray[np.float64]:
    return aligned("a swap", array, {axis: parameters.labels[axis] for axis in dims})


def _check(parameters: Parameters, swaps: Sequence[Swap]) -> None:
    faults = []
    names = [swap.name for swap in swaps]
    faults += [f"two swaps are called {name}" for name in dict.fromkeys(names) if names.count(name) > 1]
    weights, of = weights_of(parameters), parameters.structure
    for swap in swaps:
        if swap.free not in of.movable:
            faults.append(
                f"swap {swap.name}: {swap.free} cannot be made endogenous; use one of {', '.join(of.movable)}"
            )
        elif not _pattern(parameters, swap).any():
            faults.append(f"swap {swap.name}: the freed {swap.free} moves nowhere")
        elif swap.hold != PROCEEDS and swap.hold not in of.outcomes:
            faults.append(f"swap {swap.name}: unknown outcome {swap.hold}; use {PROCEEDS}, {', '.join(of.outcomes)}")
        elif swap.hold == PROCEEDS and swap.free not in weights:
            faults.append(f"swap {swap.name}: {swap.free} yields no revenue to fix")
        elif (swap.cells is None) != (swap.hold == PROCEEDS):
            faults.append(f"swap {swap.name}: cells are for every outcome but the proceeds")
        elif not _held(parameters, swap, weights).any():
            faults.append(f"swap {swap.name}: there is nothing to hold; {swap.hold} is empty at the benchmark")
    if faults:
        raise PolicyError("; ".join(faults))
