"""What the shocks of a scenario have made of the instruments so far, on one benchmark."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from cge.block import Block
from cge.calibration.benchmark import Benchmark
from cge.errors import nearest
from cge.notation import Symbol
from cge.parameters import Parameters
from cge.quotas import Quota
from cge.scenarios.names.resolve import Findings, World
from cge.scenarios.names.vocabulary import SELECTORS, WORDS, Selector, Shock
from cge.swaps import Swap

from .permit_market import PermitMarket

FLOW = ("exporter", "importer", "sector")
TARIFF = "tm "
OWN = "scenario"
"""Layer of the tariff that holds what a scenario adds to the whole."""

Flow = tuple[str, str, str]
Where = Callable[..., str]
"""Place of a key of a block, for messages."""


class InstrumentValues:
    """Values of the instruments, and quotas, while the shocks of a scenario are applied in order.

    Attributes:
        found: faults and notes.
        levels: of the instruments that changed, by symbol; the tariff is kept by layer.
        layers: of the tariff, the scenario's own included.
        tariff_changed: whether any layer did.
        quotas: of the scenario.
        limited: flows that are under them, or that are banned.
        stated: cells whose rate the shock at hand sets, changed or not, by the keys of `state`.
        swaps: of the scenario.
        carbon: price of CO2 [region, sector], USD a tonne.
        lends: one for the regions that lend what others borrow.
        markets: of permits, of the scenario.
    """

    def __init__(self, world: World, benchmark: Benchmark, parameters: Parameters) -> None:
        self.world = world
        self.benchmark = benchmark
        self.parameters = parameters
        self.found = Findings()
        self.levels: dict[str, xr.DataArray] = {}
        tariff = benchmark.data["tariff"]
        self.layers = {str(layer): tariff.sel(layer=layer) for layer in tariff["layer"].values}
        self.layers.setdefault(OWN, xr.zeros_like(benchmark.data["trade"]))  # a policy baseline has one already
        self.quotas: list[Quota] = []
        self.limited: set[Flow] = set()
        self.stated: dict[str, xr.DataArray] = {}
        self.swaps: list[Swap] = []
        self.markets: list[PermitMarket] = []
        self.tariff_changed = False
        self.carbon = xr.zeros_like(parameters.data["output"])
        self.lends = xr.ones_like(parameters.data["income0"])

    def change_tariff(self, name: str, number: float, weight: xr.DataArray, layer: str | None) -> None:
        """Act on one layer, or on the whole: then additions go to the scenario's own layer."""
        acted = [layer] if layer else list(self.layers)
        if name == "add":
            target = layer or OWN
            self.layers[target] = self.layers[target] + weight * number / 100.0
            return
        factor = number if name == "scale" else 0.0
        for each in acted:
            self.layers[each] = self.layers[each] * (1.0 + weight * (factor - 1.0))
        if name == "set":
            target = layer or OWN
            self.layers[target] = self.layers[target] + weight * number / 100.0

    def weights(self, block: Shock, dims: tuple[str, ...], where: Where) -> tuple[xr.DataArray, bool]:
        """Weight of every cell, and whether all names are known."""
        before = len(self.found.faults)
        weight = xr.DataArray(1.0)
        for key, axis in SELECTORS.items():
            if axis in dims:
                selector: Selector = block.selector(key)
                weight = weight * self.world.weights(selector, axis, where(key), self.found)
        return weight.transpose(*dims), len(self.found.faults) == before

    def named_for_nothing(self, block: Shock, weight: xr.DataArray, where: Where) -> None:
        """A label that is named, not swept in by a group, must have something to act on."""
        for key, axis in SELECTORS.items():
            if axis not in weight.dims:
                continue
            selector: Selector = block.selector(key)
            others = [dim for dim in weight.dims if dim != axis]
            acts = (weight > 0).any(others)
            for name in selector.include:
                label = self.world.axes[axis].label_of(name)
                named = label is not None and name not in selector.except_
                if named and not bool(acts.sel({axis: label})):
                    self.found.fault(where(key), f"{axis} {name} has no such flow in the benchmark; remove it")

    def has_layer(self, layer: str, where: Where, key: str = "layer") -> bool:
        """Whether the benchmark's tariff has a layer; a fault if not."""
        known = [name for name in self.layers if name != OWN]
        if layer in known:
            return True
        self.found.fault(
            where(key), f"unknown layer {layer!r}{nearest(layer, known)}; the benchmark has {', '.join(known)}"
        )
        return False

    def nothing(self, block: Shock) -> str:
        """What a block names that is not there, for messages."""
        named = [f"{key} {getattr(block, key)}" for key in SELECTORS if getattr(block, key, None) is not None]
        return f" ({'; '.join(named)}); check the selectors, or use another benchmark"

    def level(self, symbol: str) -> xr.DataArray:
        """An instrument as the shocks so far have left it."""
        return self.levels[symbol] if symbol in self.levels else self.start(symbol)

    def start(self, key: str) -> xr.DataArray:
        """The level under a key of `state` in the benchmark; zero for a layer of the tariff that it has not."""
        if key.startswith(TARIFF):
            return xr.zeros_like(self.benchmark.data["trade"])
        start = self.symbol(key).benchmark
        if isinstance(start, str):
            return self.parameters.data[start]
        return xr.full_like(self.frame(key), start)

    def symbol(self, name: str) -> Symbol:
        """A symbol of the base structure, or of the blocks that the scenario needs."""
        return self.parameters.structure.symbols[name]

    def bring(self, *blocks: Block) -> None:
        """Add blocks to the structure that the scenario's instruments need; those that are there stay as they are."""
        self.parameters = self.parameters.including(blocks)

    def frame(self, symbol: str) -> xr.DataArray:
        """Zeros over the axes of an instrument."""
        dims = self.symbol(symbol).dims
        labels = {dim: self.parameters.labels[dim] for dim in dims}
        return xr.DataArray(np.zeros(tuple(len(x) for x in labels.values())), dims=dims, coords=labels)

    def exists(self, symbol: str) -> xr.DataArray:
        """Where an instrument has something to act on."""
        where = self.symbol(symbol).where
        if where:
            exists: xr.DataArray = self.parameters.data[where] != 0.0
            return exists
        return self.frame(symbol) == 0.0

    def state(self) -> dict[str, xr.DataArray]:
        """Every level as it is now: instruments by symbol, the tariff by layer under `tm LAYER`."""
        return dict(self.levels) | {f"{TARIFF}{name}": layer for name, layer in self.layers.items()}

    def put(self, key: str, level: xr.DataArray) -> None:
        """Put a level in the place of the one under a key of `state`."""
        if key.startswith(TARIFF):
            self.layers[key.removeprefix(TARIFF)] = level
        else:
            self.levels[key] = level

    def layers_of_tariff(self) -> list[str]:
        """Keys of `state` that make up the tariff."""
        return [f"{TARIFF}{name}" for name in self.layers]

    def together(self, key: str) -> list[str]:
        """Keys of the levels that a rate is the sum of."""
        return self.layers_of_tariff() if key.startswith(TARIFF) else [key]

    def word(self, key: str) -> str:
        """What scenarios call a key of `state`."""
        symbol, _, layer = key.partition(" ")
        word = next((word for word, name in WORDS.items() if name == symbol), symbol)
        return word if layer in ("", OWN) else f"{word}, layer {layer}"

    def tariff(self) -> xr.DataArray:
        """The tariff, all layers."""
        total = self.layers[OWN]
        for name, layer in self.layers.items():
            if name != OWN:
                total = total + layer
        return total

    def duty(self) -> xr.DataArray:
        """The tariff, all layers, over the cif value: what the model charges, as tariffs fall on the customs value."""
        return self.tariff() * self.benchmark.data["valuation"]

    def flows(self, mask: xr.DataArray) -> list[Flow]:
        """The flows of a mask [exporter, importer, sector]."""
        labels = [self.parameters.labels[axis] for axis in FLOW]
        cells = np.argwhere(mask.transpose(*FLOW).values)
        return [(labels[0][i], labels[1][r], labels[2][s]) for i, r, s in cells]


def both_ways(weight: xr.DataArray) -> xr.DataArray:
    """Weights of flows that count on the way back too: the larger of the two ways."""
    turned = weight.rename(exporter="importer", importer="exporter").transpose(*weight.dims)
    return xr.where(weight > turned, weight, turned)
