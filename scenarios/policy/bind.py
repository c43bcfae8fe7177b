"""From a scenario to the numbers that the model takes: levels of instruments, and quotas, on one benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.closure import CLOSURES, Closure
from cge.errors import PolicyError
from cge.parameters import Parameters
from cge.quotas import Quota, with_quotas
from cge.scenarios.blocks.instrument_values import FLOW, InstrumentValues
from cge.scenarios.blocks.permit_market import PermitMarket
from cge.scenarios.files.faults import loose_names
from cge.scenarios.files.scenario import Draft, Scenario, draft
from cge.scenarios.names.groups import NONE, Groups, joined
from cge.scenarios.names.resolve import World
from cge.scenarios.names.vocabulary import SELECTORS, WORDS
from cge.swaps import Swap

from .combine import put, put_all


@dataclass(frozen=True)
class Policy:
    """A scenario on a benchmark, ready for the solver.

    Attributes:
        parameters: those of the benchmark; with other owners of rents where the scenario names them.
        instruments: levels of the instruments that the scenario changes, with their dims.
        quotas: on flows; volumes relative to the benchmark.
        swaps: outcomes that are held, each for an instrument that is freed.
        notes: what the benchmark cannot separate, and what was done about it.
        markets: of permits, whose swaps and instruments depend on which limits bind.
    """

    parameters: Parameters
    instruments: Mapping[str, xr.DataArray]
    quotas: Sequence[Quota]
    swaps: Sequence[Swap]
    notes: Sequence[str]
    markets: Sequence[PermitMarket] = ()


def bind(scenario: Scenario, benchmark: Benchmark, parameters: Parameters) -> Policy:
    """Put a scenario on a benchmark.

    Quotas of the benchmark (flows that carry a rent) stay as hard quotas at their benchmark volume unless the
    scenario replaces or removes them.

    Raises:
        PolicyError: listing every fault: unknown names, flows that do not exist, rates below -100 %.
    """
    return _policy(place(scenario, benchmark, parameters))


def refuse_idle(policy: Policy, closure: Closure) -> None:
    """Require that what a policy sets or frees acts under a closure.

    Raises:
        PolicyError: naming the instruments that do not, and the closures under which they do.
    """
    faults = []
    for symbol in dict.fromkeys((*policy.instruments, *(swap.free for swap in policy.swaps))):
        if symbol in closure.unset:
            word = next((word for word, name in WORDS.items() if name == symbol), symbol)
            usable = ", ".join(name for name, other in CLOSURES.items() if symbol not in other.unset)
            faults.append(f"{word} does nothing under this closure: {closure.unset[symbol]}; use {usable}")
    if "capacity" in policy.instruments:
        faults += _mobile(policy)
    owned = any(block.name == "ownership" for block in (*closure.added, *policy.parameters.blocks))
    if owned and any(swap.hold == "trade_balance" for swap in policy.swaps):
        faults.append(
            "trade_balance is not held where owners of capital abroad are paid: what they earn is in the balance of "
            "payments beside it; hold real_exchange_rate, or set foreign_saving"
        )
    if faults:
        raise PolicyError(faults)


def _mobile(policy: Policy) -> list[str]:
    """Capacity that is lost where the factor is not specific, and moves in; or changed where it is sluggish."""
    p, level = policy.parameters.data, policy.instruments["capacity"]
    lost = (level < 1.0) & (p["stuck"] == 0.0) & ("abroad" not in policy.instruments)
    moves = (lost | ((level != 1.0) & (p["placeable"] == 0.0))) & (p["factor_use"] > 0.0)
    names = [" ".join(str(level[axis].values[n]) for axis, n in zip(level.dims, cell, strict=True))
             for cell in np.argwhere(moves.transpose(*level.dims).values)]  # fmt: skip
    if not names:
        return []
    more = f" and {len(names) - 1} more move" if names[1:] else " moves"
    return [
        f"{names[0]}{more} among industries at this horizon, and none loses capacity alone; "
        "choose the horizon short (`horizon: short` in the scenario, or --horizon), or a loss by: productivity"
    ]


def place(scenario: Scenario, benchmark: Benchmark, parameters: Parameters) -> InstrumentValues:
    """The values of the instruments under a scenario, the tariff by layer; arguments and errors are those of `bind`."""
    levels = _levels(scenario.every_group, benchmark, parameters)
    put(scenario, levels)
    if levels.found.faults:
        raise PolicyError(levels.found.faults, scenario.origin.file or f"scenario {scenario.name}")
    return levels


def _levels(groups: Groups, benchmark: Benchmark, parameters: Parameters) -> InstrumentValues:
    """The start on a benchmark, with a user's groups and their faults."""
    world = World.of(benchmark, groups)
    levels = InstrumentValues(world, benchmark, parameters)
    for fault in world.own_faults():
        levels.found.fault("groups", fault)
    return levels


@dataclass(frozen=True)
class Bound:
    """A scenario with its policy on one benchmark.

    Attributes:
        scenario: checked, with the groups that it may name.
        policy: what it is there.
        layers: of the tariff as it leaves them, fractions of the cif value [exporter, importer, sector].
    """

    scenario: Scenario
    policy: Policy
    layers: Mapping[str, xr.DataArray]


def bound(source: str | Path | Scenario, benchmark: Benchmark, parameters: Parameters, groups: Groups = NONE) -> Bound:
    """A scenario by its name, from a file or as a value, put on a benchmark once.

    Args:
        source: name in the library, file, or Scenario.
        benchmark, parameters: that it is for.
        groups: a user's own, which it may name.

    Raises:
        PolicyError: with every fault of form and of fit to the benchmark, at once.
    """
    if not isinstance(source, Scenario):
        return check(draft(source), benchmark, parameters, groups)
    scenario = source.with_groups(groups)
    return _bound(scenario, place(scenario, benchmark, parameters))


def check(read: Draft, benchmark: Benchmark, parameters: Parameters, groups: Groups = NONE) -> Bound:
    """The scenario of a file that was read, if both its form and its names are sound, on a benchmark.

    Raises:
        PolicyError: listing every fault of form and of fit to the benchmark at once, by line.
    """
    where = read.origin.where
    own = groups
    try:
        for more in (read.groups, *(part.every_group for part in read.parts)):
            own = joined(own, more)
    except PolicyError as error:
        raise PolicyError(
            [*read.faults, *(f"{where('groups')}: {fault}" for fault in error.faults)], read.origin.file
        ) from None
    levels = _levels(own, benchmark, parameters)
    put_all(read.parts, read.blocks, read.wins, levels, where)
    for position, shock in read.loose:
        for key, names in loose_names(shock).items():
            for name in names:
                levels.world.check(name, SELECTORS[key], where("shocks", position, key), levels.found)
    faults = read.faults + levels.found.faults
    if faults:
        raise PolicyError(sorted(faults, key=_line), read.origin.file)
    return _bound(read.scenario().with_groups(own), levels)


def _bound(scenario: Scenario, levels: InstrumentValues) -> Bound:
    return Bound(scenario, _policy(levels), levels.layers)


def _line(fault: str) -> int:
    number = fault.split(": ")[0].rpartition(":")[2]
    return int(number) if number.isdigit() else 0


def _policy(levels: InstrumentValues) -> Policy:
    instruments = dict(levels.levels)
    if levels.tariff_changed:
        instruments["tm"] = levels.duty().transpose(*FLOW)
    quotas = tuple(levels.quotas)
    # with faults there is nothing to solve
    parameters = levels.parameters if levels.found.faults else with_quotas(levels.parameters, quotas)
    held = {swap.name for swap in levels.swaps}
    markets = tuple(market for market in levels.markets if market.name in held)
    return Policy(parameters, instruments, quotas, tuple(levels.swaps), tuple(levels.found.notes), markets)
