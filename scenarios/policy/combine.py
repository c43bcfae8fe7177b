"""Scenarios made of parts: applied in order, and where two of them want the same rate, settled as the user says.

A part may act on what the parts before it left (`add`, `scale`); that is what their order is for. What it may not do
unasked is to write over it: a `set`, a quota or an agreement on a rate that another part has changed is a conflict,
unless both want the same. The shocks of the scenario itself come last and have the last word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import product

import numpy as np
import xarray as xr
from pydantic import ValidationError

from cge.errors import PolicyError
from cge.scenarios.blocks.instrument_values import FLOW, Flow, InstrumentValues, Where
from cge.scenarios.blocks.kinds import Block
from cge.scenarios.files.scenario import Scenario
from cge.swaps import Swap

LAST = "last"

Masks = dict[str, xr.DataArray]


@dataclass
class Trace:
    """What a part has done, by the key of a level (`InstrumentValues.state`).

    Attributes:
        changed: where it changed a level.
        overwrote: where it changed one whatever was there.
        limited: flows on which it put a quota.
        swaps: that it made.
    """

    changed: Masks = field(default_factory=dict)
    overwrote: Masks = field(default_factory=dict)
    limited: set[Flow] = field(default_factory=set)
    swaps: list[Swap] = field(default_factory=list)

    def add(self, other: Trace) -> None:
        """Add what another has done."""
        for mine, more in ((self.changed, other.changed), (self.overwrote, other.overwrote)):
            for key, mask in more.items():
                mine[key] = mine[key] | mask if key in mine else mask
        self.limited |= other.limited
        self.swaps += other.swaps


def put(scenario: Scenario, levels: InstrumentValues) -> Trace:
    """Apply a scenario: its parts in order, then its own shocks. Faults and notes go to `levels.found`."""
    return put_all(scenario.parts, list(enumerate(scenario.shocks)), scenario.wins, levels, scenario.origin.where)


def put_all(
    parts: Sequence[Scenario],
    shocks: Sequence[tuple[int, Block]],
    wins: str | None,
    levels: InstrumentValues,
    where: Where,
) -> Trace:
    """Apply parts in order, then shocks, each with its position."""
    others = len(levels.quotas)
    trace = put_parts(parts, wins, levels, partial(where, "parts"))
    trace.add(put_shocks([(block, partial(where, "shocks", n)) for n, block in shocks], levels, others, wins))
    trace.swaps = [swap for swap in trace.swaps if swap in levels.swaps]  # those that lost are gone
    return trace


def put_shocks(
    shocks: Sequence[tuple[Block, Where]], levels: InstrumentValues, others: int = 0, wins: str | None = None
) -> Trace:
    """Apply shocks in order; a quota takes the place of one of the scenario's own parts on its flows.

    A shock may act on what those before it left, but a `set`, a quota or an agreement on a rate that one of them has
    set or changed is a fault, unless both want the same or the last wins.

    Args:
        shocks: with their places.
        levels: to change.
        others: how many of the quotas are not of the scenario's parts.
        wins: of the scenario.
    """
    trace, earlier, made = Trace(), len(levels.quotas), len(levels.swaps)
    levels.limited = set()
    for block, where in shocks:
        before = levels.state()
        levels.stated = {}
        block.apply(levels, where)
        changed = _changed(before, levels)
        both = _both(changed, trace.changed) if block.overwrites else {}
        if both and wins != LAST:
            text = f"this sets the {_example(both, levels)}, which a shock before it has set or changed"
            levels.found.fault(where(), f"{text}; keep one, leave these out of one, or write wins: last")
        trace.add(Trace(changed, changed if block.overwrites else {}))
        trace.add(Trace(levels.stated))
    trace.limited, trace.swaps = set(levels.limited), levels.swaps[made:]
    if shocks:
        _replace(levels, others, earlier, trace.limited, shocks[0][1]())
    return trace


def put_parts(parts: Sequence[Scenario], wins: str | None, levels: InstrumentValues, where: Where) -> Trace:
    """Apply parts in order and settle what they disagree on."""
    whole, seen, start = Trace(), dict[str, Trace](), levels.state()
    for position, part in enumerate(parts):
        before, earlier = levels.state(), len(levels.quotas)
        trace = put(part, levels)
        for name, other in seen.items():
            _settle_swaps(trace, other, (part.name, name), wins, levels, where(position))
            _settle_rates(trace, other, (part.name, name), wins, levels, before, where(position))
            _settle_quotas(trace, other, (part.name, name), wins, levels, (earlier, before, start), where(position))
        seen[part.name] = trace
        whole.add(trace)
    return whole


def _settle_rates(
    trace: Trace,
    other: Trace,
    names: tuple[str, str],
    wins: str | None,
    levels: InstrumentValues,
    before: Masks,
    place: str,
) -> None:
    """Keep the rates of the part that wins; a fault if none is named."""
    later, first = names
    both = _both(trace.overwrote, other.changed)
    if not both or wins in (LAST, later):
        return
    if wins == first:
        for key, mask in both.items():
            for each in levels.together(key):
                kept = xr.where(mask, _earlier(before, each, levels), levels.state()[each])
                levels.put(each, kept.transpose(*mask.dims))
        return
    text = f"{later} sets the {_example(both, levels)}, which {first} has changed"
    levels.found.fault(place, f"{text}; {_repair(names)}")


def _both(mine: Masks, others: Masks) -> Masks:
    """Cells in both."""
    both = {key: mask & others[key] for key, mask in mine.items() if key in others}
    return {key: mask for key, mask in both.items() if bool(mask.any())}


def _example(masks: Masks, levels: InstrumentValues) -> str:
    """The first cell of some, in words, and how many more there are."""
    key, mask = next(iter(masks.items()))
    cells = np.argwhere(mask.values)
    example = " ".join(str(mask[dim].values[n]) for dim, n in zip(mask.dims, cells[0], strict=True))
    more = f" and {len(cells) - 1} more" if len(cells) > 1 else ""
    return f"{levels.word(key)} of {example}{more}"


def _settle_quotas(
    trace: Trace,
    other: Trace,
    names: tuple[str, str],
    wins: str | None,
    levels: InstrumentValues,
    was: tuple[int, Masks, Masks],
    place: str,
) -> None:
    """Keep the quotas of the part that wins, with their rates; a fault if none is named."""
    later, first = names
    earlier, before, start = was
    both = trace.limited & other.limited
    if not both:
        return
    if wins in (LAST, later):
        for key in _duties(levels):
            kept, old = levels.state()[key], _earlier(before, key, levels)
            for flow in both:
                at = dict(zip(FLOW, flow, strict=True))
                if float(kept.loc[at]) == float(old.loc[at]):  # the winner says nothing of it
                    kept = kept.copy()
                    kept.loc[at] = _earlier(start, key, levels).loc[at]
            levels.put(key, kept)
        _replace(levels, 0, earlier, both, place)
    elif wins == first:
        fresh = levels.quotas[earlier:]
        levels.quotas[earlier:] = [quota for quota in fresh if not _covers(quota.flows, both, levels, place)]
        for key in _duties(levels):
            kept, old = levels.state()[key].copy(), _earlier(before, key, levels)
            for flow in both:
                at = dict(zip(FLOW, flow, strict=True))
                kept.loc[at] = old.loc[at]
            levels.put(key, kept)
    else:
        levels.found.fault(place, f"{later} and {first} both limit {' '.join(sorted(both)[0])}; {_repair(names)}")


def _duties(levels: InstrumentValues) -> list[str]:
    """Keys of what a quota or a ban puts on a flow, as far as anything has changed it."""
    return [*levels.layers_of_tariff(), *(["tm_unit"] if "tm_unit" in levels.levels else [])]


def _settle_swaps(
    trace: Trace, other: Trace, names: tuple[str, str], wins: str | None, levels: InstrumentValues, place: str
) -> None:
    """Keep the swaps of the part that wins where two free or hold the same; a fault if none is named."""
    later, first = names
    for new, old in product(trace.swaps, other.swaps):
        frees = new.free == old.free and bool(((new.pattern > 0.0) & (old.pattern > 0.0)).any())
        holds = new.hold == old.hold and new.cells is not None and old.cells is not None and new.cells.equals(old.cells)
        if not frees and not holds:
            continue
        if wins not in (LAST, later, first):
            what = f"free the same {new.word}" if frees else "hold the same"
            levels.found.fault(place, f"{later} ({new.name}) and {first} ({old.name}) both {what}; {_repair(names)}")
            continue
        loser = new if wins == first else old
        levels.swaps[:] = [swap for swap in levels.swaps if swap is not loser]


def _replace(levels: InstrumentValues, first: int, last: int, flows: set[Flow], place: str) -> None:
    """Drop the quotas from `first` to before `last` where they are on `flows`, which others have taken over."""
    kept = [quota for quota in levels.quotas[first:last] if not _covers(quota.flows, flows, levels, place)]
    levels.quotas[first:last] = kept


def _covers(group: Sequence[Flow], flows: set[Flow], levels: InstrumentValues, place: str) -> bool:
    """Whether a quota's flows are all among others; a fault if only some are."""
    shared = set(group) & flows
    if shared and shared != set(group):
        levels.found.fault(
            place, f"a quota on {len(group)} flows together cannot lose {' '.join(sorted(shared)[0])} alone"
        )
    return bool(shared)


def _repair(names: tuple[str, str]) -> str:
    return f"write wins: last, or the part that wins ({' or '.join(sorted(names))})"


def _earlier(before: Masks, key: str, levels: InstrumentValues) -> xr.DataArray:
    """A level as it was; the benchmark's if nothing had changed it yet."""
    return before[key] if key in before else levels.start(key)


def _changed(before: Masks, levels: InstrumentValues) -> Masks:
    """Cells that differ from what they were."""
    fresh = {key: new for key, new in levels.state().items() if new is not before.get(key)}
    masks = {key: new != _earlier(before, key, levels) for key, new in fresh.items()}
    return {key: mask for key, mask in masks.items() if bool(mask.any())}


def answered(scenario: Scenario, by: str | Sequence[str] = "all", **options: object) -> Scenario:
    """A scenario whose tariffs are answered.

    Args:
        scenario: with a tariff that rises.
        by: who answers: regions, groups, or all.
        options: further keys of a retaliation block: against, sectors, points.

    Returns:
        A scenario of two things, the given one as its part and the answer.

    Raises:
        PolicyError: who answers, or an option, is not well formed.
    """
    who = [by] if isinstance(by, str) else list(by)
    try:
        return _answered(scenario, who, options)
    except ValidationError as error:
        raise PolicyError([str(detail["msg"]) for detail in error.errors()], "the answer") from None


def _answered(scenario: Scenario, who: list[str], options: Mapping[str, object]) -> Scenario:
    return Scenario(
        name="-".join([scenario.name, "answered", *(w.lower() for w in who)]),
        title=f"{scenario.title}; answered by {', '.join(who)}",
        question=f"{scenario.question} And if it is answered by {', '.join(who)}?",
        sources=(*scenario.sources, "The answer is an assumption"),
        row=scenario.row,
        parts=(scenario,),
        shocks=({"retaliation": who, **options},),  # type: ignore[arg-type]
        leaves_out=scenario.leaves_out,
    )
