"""From a scenario to the numbers that the model takes: levels of instruments, and quotas, on one benchmark."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.parameters import Parameters
from cge.quotas import Quota, with_quotas
from cge.symbols import INSTRUMENTS

from .errors import ScenarioError, nearest
from .reader import Draft, loose_names
from .schema import SELECTORS, Block, QuotaChange, Rates, Scenario, Selector, out_of_range
from .selection import Findings, World

FLOW = ("exporter", "importer", "sector")
OWN = "scenario"
"""Layer of the tariff that holds what a scenario adds to the whole."""

Flow = tuple[str, str, str]
_Where = Callable[..., str]


@dataclass(frozen=True)
class Policy:
    """A scenario on a benchmark, ready for the solver.

    Attributes:
        parameters: those of the benchmark; with other owners of rents where the scenario names them.
        instruments: levels of the instruments that the scenario changes, with their dims.
        quotas: on flows; volumes relative to the benchmark.
        notes: what the benchmark cannot separate, and what was done about it.
    """

    parameters: Parameters
    instruments: Mapping[str, xr.DataArray]
    quotas: Sequence[Quota]
    notes: Sequence[str]


def bind(scenario: Scenario, benchmark: Benchmark, parameters: Parameters) -> Policy:
    """Put a scenario on a benchmark.

    Quotas of the benchmark (flows that carry a rent) stay as hard quotas at their benchmark volume unless the
    scenario replaces or removes them.

    Raises:
        ScenarioError: listing every fault: unknown names, flows that do not exist, rates below -100 %.
    """
    binder = _Binder(World.of(benchmark), benchmark, parameters)
    for position, block in enumerate(scenario.shocks):
        binder.apply(block, lambda *path, n=position: scenario.origin.where("shocks", n, *path))
    if binder.found.faults:
        raise ScenarioError(binder.found.faults, scenario.origin.file or f"scenario {scenario.name}")
    return binder.policy()


def check(draft: Draft, benchmark: Benchmark, parameters: Parameters) -> Scenario:
    """The scenario of a file that was read, if both its form and its names are sound.

    Raises:
        ScenarioError: listing every fault of form and of fit to the benchmark at once, by line.
    """
    binder = _Binder(World.of(benchmark), benchmark, parameters)
    where = draft.origin.where
    for position, block in draft.blocks:
        binder.apply(block, lambda *path, n=position: where("shocks", n, *path))
    for position, shock in draft.loose:
        for key, names in loose_names(shock).items():
            for name in names:
                binder.world.check(name, SELECTORS[key], where("shocks", position, key), binder.found)
    faults = draft.faults + binder.found.faults
    if faults:
        raise ScenarioError(sorted(faults, key=_line), draft.origin.file)
    return draft.scenario()


def _line(fault: str) -> int:
    number = fault.split(": ")[0].rpartition(":")[2]
    return int(number) if number.isdigit() else 0


class _Binder:
    """Levels of the instruments while the shocks of a scenario are applied in order."""

    def __init__(self, world: World, benchmark: Benchmark, parameters: Parameters) -> None:
        self.world = world
        self.benchmark = benchmark
        self.parameters = parameters
        self.found = Findings()
        self.levels: dict[str, xr.DataArray] = {}
        tariff = benchmark.data["tariff"]
        self.layers = {str(layer): tariff.sel(layer=layer) for layer in tariff["layer"].values}
        self.layers[OWN] = xr.zeros_like(benchmark.data["trade"])
        self.quotas: list[Quota] = []
        self.limited: set[Flow] = set()
        self.tariff_changed = False
        self.lends = xr.ones_like(parameters.data["income0"])

    def policy(self) -> Policy:
        instruments = dict(self.levels)
        if self.tariff_changed:
            instruments["tm"] = self._tariff().transpose(*FLOW)
        quotas = tuple(self.quotas)
        # with faults there is nothing to solve
        parameters = self.parameters if self.found.faults else with_quotas(self.parameters, quotas)
        return Policy(parameters, instruments, quotas, tuple(self.found.notes))

    def apply(self, block: Block, where: _Where) -> None:
        """Apply one shock, or add its faults to those found."""
        if isinstance(block, Rates):
            self._rates(block, where)
        else:
            self._quota(block, where)

    # rates

    def _rates(self, block: Rates, where: _Where) -> None:
        symbol = INSTRUMENTS[block.symbol]
        weight, sound = self._weights(block, symbol.dims, where)
        exists = self._exists(block.symbol)
        if block.both_ways:
            turned = weight.rename(exporter="importer", importer="exporter").transpose(*symbol.dims)
            weight = xr.where(weight > turned, weight, turned)
        if "exporter" in symbol.dims and not block.inside:
            weight = weight.where(weight["exporter"] != weight["importer"], 0.0)
        weight = weight.where(exists, 0.0)
        if sound and not bool((weight > 0).any()):
            self.found.fault(where(), f"{block.instrument}: the benchmark has no such flow{self._empty(block)}")
            return
        if sound:
            self._named_for_nothing(block, weight, where)
        self._change(block, weight, where)
        if block.symbol == "sf":
            self._lend(weight, where)

    def _change(self, block: Rates, weight: xr.DataArray, where: _Where) -> None:
        name, number = block.operation
        if block.symbol == "tm":
            if block.layer is not None and not self._has_layer(block.layer, where):
                return
            self.tariff_changed = True
            self._change_tariff(name, number, weight, block.layer)
            level = self._tariff()
            excess = level
        else:
            index = INSTRUMENTS[block.symbol].unit.startswith("index")
            old = self._level(block.symbol)
            base = 1.0 if index else 0.0
            target = {
                "set": xr.full_like(old, base + number / 100.0),
                "add": old + number / 100.0,
                "scale": old * number,
            }[name]
            level = old + weight * (target - old)
            self.levels[block.symbol] = level
            excess = level - base
        worst = excess.where(weight > 0)
        for extreme in (worst.min(), worst.max()):
            for reason in out_of_range(block.symbol, float(extreme)):
                if name == "set":
                    continue  # told when the file was read
                self.found.fault(where(name), f"{block.instrument} {reason}: this shock makes it {float(extreme):.1%}")

    def _change_tariff(self, name: str, number: float, weight: xr.DataArray, layer: str | None) -> None:
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

    def _lend(self, weight: xr.DataArray, where: _Where) -> None:
        """What a region borrows more, the regions that no shock has named lend, in proportion to their income."""
        income = self.parameters.data["income0"]
        self.lends = self.lends.where(weight == 0.0, 0.0)
        excess = float((self._level("sf") * income).sum())
        lenders = income * self.lends
        if abs(excess) <= 1e-12 * float(income.sum()):
            return
        if float(lenders.sum()) == 0.0:
            self.found.fault(where(), f"foreign saving sums to {excess:+,.0f} million USD over all regions, not zero")
            return
        self.levels["sf"] = self._level("sf") - self.lends * excess / float(lenders.sum())
        self.found.note("foreign_saving: the regions that no shock names lend the difference, in proportion to income")

    # quotas

    def _quota(self, block: QuotaChange, where: _Where) -> None:
        weight, sound = self._weights(block, FLOW, where)
        if not sound:
            return
        weight = weight.where(self._exists("tm"), 0.0)
        flows = self._flows(weight >= 1.0)
        if not flows:
            self.found.fault(where(), f"quota: the benchmark has no such flow{self._empty(block)}")
            return
        self._named_for_nothing(block, weight, where)
        partly = self._flows((weight > 0.0) & (weight < 1.0))
        if partly:
            names = ", ".join(" ".join(flow) for flow in partly)
            self.found.note(f"no quota is put on {names}: only a part of the flow would be under it")
        if block.layer is not None and not self._has_layer(block.layer, where):
            return
        again = [flow for flow in flows if flow in self.limited]
        if again:
            self.found.fault(where(), f"a second quota on {' '.join(again[0])}; keep one")
            return
        self.limited |= set(flows)
        for group in [tuple(flows)] if block.together else [(flow,) for flow in flows]:
            self.quotas.append(self._limit(block, group, where))

    def _limit(self, block: QuotaChange, group: tuple[Flow, ...], where: _Where) -> Quota:
        """One quota on a group of flows, whose tariffs become those of the quota."""
        places = [dict(zip(FLOW, flow, strict=True)) for flow in group]
        premiums = [float(self.parameters.data["rho0"].loc[at]) for at in places]
        if block.quota == "remove":
            for flow, premium in zip(group, premiums, strict=True):
                if premium == 0.0:
                    self.found.fault(where(), f"{' '.join(flow)} has no quota in the benchmark; delete this shock")
            return Quota(group, volume=math.inf)
        if max(premiums) - min(premiums) > 1e-12:
            self.found.fault(
                where("together"),
                "the flows have different premiums in the benchmark, and one quota has one premium; delete together",
            )
        ceilings = [math.inf]
        if block.in_quota_rate is not None:
            for at in places:
                self._set_rate(block.in_quota_rate, at, block.layer)
            ceilings = [self._margin(block, at) for at in places]
            if max(ceilings) > min(ceilings) + 1e-9:
                self.found.fault(
                    where("together"),
                    f"the out-of-quota rate is worth {100 * min(ceilings):.2f} % of the fob value on one flow and "
                    f"{100 * max(ceilings):.2f} % on another, as their other duties or margins differ; delete together",
                )
        volume = block.volume.value if block.volume else 1.0
        owners = None if block.rent_owners is None else {str(o): share for o, share in block.rent_owners.items()}
        return Quota(group, volume, ceilings[0], licence=owners)

    def _set_rate(self, rate: float, at: Mapping[str, str], layer: str | None) -> None:
        one = xr.zeros_like(self.benchmark.data["trade"])
        one.loc[at] = 1.0
        self.tariff_changed = True
        self._change_tariff("set", rate, one, layer)

    def _margin(self, block: QuotaChange, at: Mapping[str, str]) -> float:
        """Premium on the fob value at which buying above the quota costs the same; infinite if nothing may.

        (1 + t1) cif = (1 + t0) (cif + premium fob). Where a flow uses transport margins, their share in the cif
        value is that of the benchmark.
        """
        if block.out_of_quota_rate is None or block.in_quota_rate is None:
            return math.inf
        inside = float(self._tariff().loc[at])
        outside = inside + (block.out_of_quota_rate - block.in_quota_rate) / 100.0
        fob = float(self.parameters.data["share_fob"].loc[at])
        without_rent = fob / (1.0 + float(self.parameters.data["rho0"].loc[at]))
        return ((1.0 + outside) / (1.0 + inside) - 1.0) * (without_rent + 1.0 - fob) / without_rent

    # names and numbers

    def _weights(self, block: Rates | QuotaChange, dims: tuple[str, ...], where: _Where) -> tuple[xr.DataArray, bool]:
        """Weight of every cell, and whether all names are known."""
        before = len(self.found.faults)
        weight = xr.DataArray(1.0)
        for key, axis in SELECTORS.items():
            if axis in dims:
                selector: Selector = block.selector(key)
                weight = weight * self.world.weights(selector, axis, where(key), self.found)
        return weight.transpose(*dims), len(self.found.faults) == before

    def _named_for_nothing(self, block: Rates | QuotaChange, weight: xr.DataArray, where: _Where) -> None:
        """A label that is named, not swept in by a group, must have something to act on."""
        for key, axis in SELECTORS.items():
            if axis not in weight.dims:
                continue
            selector: Selector = block.selector(key)
            others = [dim for dim in weight.dims if dim != axis]
            acts = (weight > 0).any(others)
            for name in selector.include:
                named = name in self.world.axes[axis].labels and name not in selector.except_
                if named and not bool(acts.sel({axis: name})):
                    self.found.fault(where(key), f"{axis} {name} has no such flow in the benchmark; remove it")

    def _has_layer(self, layer: str, where: _Where) -> bool:
        known = [name for name in self.layers if name != OWN]
        if layer in known:
            return True
        self.found.fault(
            where("layer"), f"unknown layer {layer!r}{nearest(layer, known)}; the benchmark has {', '.join(known)}"
        )
        return False

    def _empty(self, block: Rates | QuotaChange) -> str:
        named = [f"{key} {getattr(block, key)}" for key in SELECTORS if getattr(block, key, None) is not None]
        return f" ({'; '.join(named)}); check the selectors, or use another benchmark"

    def _level(self, symbol: str) -> xr.DataArray:
        if symbol in self.levels:
            return self.levels[symbol]
        start = INSTRUMENTS[symbol].benchmark
        if isinstance(start, str):
            return self.parameters.data[start]
        return xr.full_like(self._frame(symbol), start)

    def _frame(self, symbol: str) -> xr.DataArray:
        dims = INSTRUMENTS[symbol].dims
        labels = {dim: self.parameters.labels[dim] for dim in dims}
        return xr.DataArray(np.zeros(tuple(len(x) for x in labels.values())), dims=dims, coords=labels)

    def _exists(self, symbol: str) -> xr.DataArray:
        where = INSTRUMENTS[symbol].where
        if where:
            exists: xr.DataArray = self.parameters.data[where] != 0.0
            return exists
        return self._frame(symbol) == 0.0

    def _tariff(self) -> xr.DataArray:
        total = self.layers[OWN]
        for name, layer in self.layers.items():
            if name != OWN:
                total = total + layer
        return total

    def _flows(self, mask: xr.DataArray) -> list[Flow]:
        labels = [self.parameters.labels[axis] for axis in FLOW]
        cells = np.argwhere(mask.transpose(*FLOW).values)
        return [(labels[0][i], labels[1][r], labels[2][s]) for i, r, s in cells]
