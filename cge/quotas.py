"""Quantity limits as data: groups of flows, their limits, the ends of their premiums, and who owns the licences.

A `Quota` is what a user asks for; `with_quotas` puts its group on the model's quota axis. `regimes` finds the regime of
each limit at a point from the complementarity conditions

    premium = low           and  volume <= limit      (slack)
    low <= premium <= high  and  volume  = limit      (binding)
    premium = high          and  volume >= limit      (above)

Source: van der Mensbrugghe, Beghin and Mitchell (2003), "Modeling tariff rate quotas in a global context".
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from .errors import PolicyError
from .parameters import Parameters

OWNERS = ("exporter", "importer", "treasury")
MARGIN = 1e-9
"""How far, relatively, a volume may cross its limit: at the edge of a regime both regimes hold."""


@dataclass(frozen=True)
class Quota:
    """A quantity limit on a flow or a group of flows.

    Attributes:
        flows: exporter, importer and sector of each flow in the group; a flow is in one group at most.
        volume: largest volume on arrival, relative to the group's benchmark volume; infinite for no limit.
        ceiling: largest premium on the fob value, at which more may enter (the out-of-quota margin of a tariff-rate
            quota); infinite for a hard quota.
        floor: premium while the limit is slack.
        licence: share of the premium by owner (exporter, importer, treasury), summing to one; None for the owners in
            the benchmark, which names the exporter where there is no rent. Above the limit the premium on what exceeds
            it is duty and goes to the treasury.
        whole: the limit is on whole flows, also where the benchmark limits a part of one; there the volume and the
            premium of any other limit are those of that part.
    """

    flows: tuple[tuple[str, str, str], ...]
    volume: float
    ceiling: float = math.inf
    floor: float = 0.0
    licence: Mapping[str, float] | None = None
    whole: bool = False

    @property
    def name(self) -> str:
        """Label on the quota axis."""
        first = flow_name(self.flows[0]) if self.flows else ""
        return first if len(self.flows) == 1 else f"{first}+{len(self.flows) - 1}"


def flow_name(flow: Sequence[str]) -> str:
    """Exporter, importer and sector as one label: a label that holds what joins them is quoted, so no two are alike."""
    return "-".join(json.dumps(x, ensure_ascii=False) if set(x) & set('-+"') else x for x in flow)


@dataclass(frozen=True)
class Limits:
    """The numbers of every limit on a model's quota axis.

    Attributes:
        limit, low, high: arrays [quota].
        licence: array [quota, owner].
        whole: array [quota], 1.0 for limits on whole flows.
    """

    limit: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    licence: NDArray[np.float64]
    whole: NDArray[np.float64]


def with_quotas(parameters: Parameters, quotas: Sequence[Quota]) -> Parameters:
    """Parameters whose quota axis has the benchmark's limits and the groups of `quotas`.

    A group that is already on the axis changes nothing; a group that holds a flow of a benchmark limit takes it over
    with its premium, which all flows of the group must then share.

    Raises:
        PolicyError: flows that do not exist, that are in two groups, or groups with two benchmark premiums.
    """
    _check(parameters, quotas)
    have = {
        _cells(row): str(name)
        for name, row in zip(parameters.labels["quota"], parameters.arrays["member"], strict=True)
    }
    groups = {_positions(parameters, quota): quota.name for quota in quotas}
    if set(groups) <= set(have):
        return parameters
    taken = {cell for group in groups for cell in group}
    kept = {group: name for group, name in have.items() if group in groups or not taken & set(group)}
    groups = kept | {group: name for group, name in groups.items() if group not in kept}
    a, n = parameters.arrays, len(groups)
    member = np.zeros((n, *a["trade"].shape))
    weight = np.zeros_like(member)
    rows = {"premium0": np.zeros(n), "binds0": np.zeros(n), "licence0": np.zeros((n, 3))}
    for k, group in enumerate(groups):
        at = tuple(np.array(group).T)
        member[(k, *at)] = 1.0
        under = a["trade"][at] * a["limited"][at]
        weight[(k, *at)] = under / under.sum()
        first = tuple(axis[0] for axis in at)
        rows["premium0"][k] = a["rho0"][first] / a["limited"][first]
        rows["binds0"][k] = float(a["rho0"][first] > 0.0)
        rows["licence0"][k] = a["rent_share"][(slice(None), *first)]
    flow = ("exporter", "importer", "sector")
    fresh = {name: (("quota", "owner")[: array.ndim], array) for name, array in rows.items()}
    fresh |= {"member": (("quota", *flow), member), "quota_weight": (("quota", *flow), weight)}
    data = parameters.data.drop_dims("quota").assign_coords(quota=np.array(list(groups.values()), dtype=str))
    for name, (dims, array) in fresh.items():
        data[name] = xr.DataArray(array, dims=dims, attrs=parameters.data[name].attrs)
    return parameters.anew(data)


def limits(parameters: Parameters, quotas: Sequence[Quota]) -> Limits:
    """Limits of a model: those asked for, and the benchmark's own, which stay hard at their benchmark volume."""
    groups = [_cells(row) for row in parameters.arrays["member"]]
    n = len(groups)
    result = Limits(np.ones(n), np.zeros(n), np.full(n, np.inf), parameters.arrays["licence0"].copy(), np.zeros(n))
    for quota in quotas:
        k = groups.index(_positions(parameters, quota))
        result.limit[k], result.low[k], result.high[k] = quota.volume, quota.floor, quota.ceiling
        result.whole[k] = float(quota.whole)
        if quota.licence is not None:
            result.licence[k] = [quota.licence.get(owner, 0.0) for owner in OWNERS]
    return result


def phased(parameters: Parameters, quota: Quota, share: float) -> Quota:
    """A quota on its way in: at 0 the benchmark solves it, at 1 it is whole, and between its numbers are linear.

    A limit of the benchmark moves from its volume, premium and owners. A new one that lies below the benchmark's volume
    starts from that volume, where nobody notices it. A limit that ends keeps no volume but the premium, which falls
    to the floor while its owners keep it: the limit as it is widened until nobody needs it.

    Args:
        parameters: with the quota's group on the quota axis.
        quota: as it is in the end.
        share: from 0 to 1.
    """
    p = parameters.arrays
    k = [_cells(row) for row in p["member"]].index(_positions(parameters, quota))
    binds, premium = bool(p["binds0"][k]), float(p["premium0"][k])

    def between(first: float, last: float) -> float:
        return last if math.isinf(last) else first + share * (last - first)

    if math.isinf(quota.volume):
        return replace(quota, floor=between(premium, quota.floor), ceiling=math.inf)
    licence = quota.licence
    if binds and licence is not None:
        base = dict(zip(OWNERS, p["licence0"][k], strict=True))
        licence = {owner: between(float(base[owner]), licence.get(owner, 0.0)) for owner in OWNERS}
    return replace(
        quota,
        volume=between(1.0 if binds else max(1.0, quota.volume), quota.volume),
        ceiling=between(max(premium, quota.ceiling), quota.ceiling),
        floor=between(0.0, quota.floor),
        licence=licence,
    )


def regimes(
    state: Sequence[str], premium: NDArray[np.float64], volume: NDArray[np.float64], bounds: Limits
) -> tuple[str, ...]:
    """The regime that each limit's inequalities ask for at a point; a limit moves one regime at a time.

    Args:
        state: regime of each limit at the point.
        premium, volume: at the point.
        bounds: limits and ends of the premiums.
    """
    result = []
    for k, now in enumerate(state):
        excess = volume[k] / bounds.limit[k] - 1.0
        left = (now == "slack" and excess > MARGIN) or (now == "above" and excess < -MARGIN)
        if now == "binding" and premium[k] < bounds.low[k]:
            now = "slack"
        elif now == "binding" and premium[k] > bounds.high[k]:
            now = "above"
        elif left:
            now = "binding"
        result.append(now)
    return tuple(result)


class Pivots:
    """Which limits change their regime: all that ask for it, and where that does not help, the last of them alone.

    Changing all at once is quick and may go round in a circle; changing one at a time, always the last in order, is
    slow and ends where the responses of volumes to premiums are a P-matrix (own effects outweigh cross effects).

    Source: Murty (1974), "Note on a Bard-type scheme for solving the complementarity problem", Opsearch 11; Júdice and
    Pires (1994), "A block principal pivoting algorithm for large-scale strictly monotone linear complementarity
    problems", Computers and Operations Research 21.
    """

    PATIENCE = 3
    """Changes of all at once that may fail to lower the number of limits that ask."""

    def __init__(self) -> None:
        self._fewest = math.inf
        self._left = self.PATIENCE
        self._seen: set[tuple[str, ...]] = set()

    def move(self, state: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...] | None:
        """The next regimes, from those of a point and those that its inequalities ask for; None for a circle."""
        asking = [k for k, (now, then) in enumerate(zip(state, wanted, strict=True)) if now != then]
        if len(asking) < self._fewest:
            self._fewest, self._left = len(asking), self.PATIENCE
            self._seen.clear()
        elif self._left:
            self._left -= 1
        else:
            if state in self._seen:
                return None
            self._seen.add(state)
            asking = asking[-1:]
        return tuple(wanted[k] if k in asking else now for k, now in enumerate(state))


def violation(state: Sequence[str], premium: NDArray[np.float64], volume: NDArray[np.float64], bounds: Limits) -> float:
    """The largest violation of any inequality of any limit: of premiums as rates, of volumes over the limit."""
    regime = np.array(state, dtype=object)
    excess = volume / bounds.limit - 1.0
    worst = np.select(
        [regime == "slack", regime == "binding"],
        [
            np.maximum(excess, np.abs(premium - bounds.low)),
            np.maximum(np.abs(excess), np.maximum(bounds.low - premium, premium - bounds.high)),
        ],
        np.maximum(-excess, np.abs(premium - bounds.high)),
    )
    return float(np.max(worst, initial=0.0))


def nearest(premium: NDArray[np.float64], volume: NDArray[np.float64], bounds: Limits) -> tuple[str, ...]:
    """The regime of each limit at a point that need not solve anything: where the premium, pushed by the excess, ends.

    The three regimes are one equation, `premium = mid(low, premium + pull * log(volume / limit), high)`.

    Source: Rutherford (1995), "Extension of GAMS for complementarity problems".
    """
    with np.errstate(all="ignore"):
        pushed = premium + pull(bounds) * np.log(volume / bounds.limit)
    return tuple(np.where(pushed <= bounds.low, "slack", np.where(pushed >= bounds.high, "above", "binding")).tolist())


def pull(bounds: Limits) -> NDArray[np.float64]:
    """How far an excess moves a premium in `nearest`: little against what lies between its ends, so that a premium on
    its way from one to the other stops at the limit."""
    return np.minimum(0.05, 0.25 * (bounds.high - bounds.low))


def flags(state: Sequence[str], bounds: Limits) -> dict[str, NDArray[np.float64]]:
    """The instruments that make a model's limits obey their regimes."""
    regime = np.array(state, dtype=object)
    above = regime == "above"
    return {
        "limit": np.where(np.isfinite(bounds.limit), bounds.limit, 1.0),
        "binds": (regime == "binding").astype(float),
        "bound": np.where(above, np.where(np.isfinite(bounds.high), bounds.high, 0.0), bounds.low),
        "above": above.astype(float),
        "whole": bounds.whole,
        "licence": bounds.licence,
    }


def _positions(parameters: Parameters, quota: Quota) -> tuple[tuple[int, ...], ...]:
    regions, sectors = parameters.labels["region"], parameters.labels["sector"]
    return tuple(sorted((regions.index(i), regions.index(r), sectors.index(s)) for i, r, s in quota.flows))


def _cells(member: NDArray[np.float64]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(n) for n in cell) for cell in np.argwhere(member > 0.0))


def _check(parameters: Parameters, quotas: Sequence[Quota]) -> None:
    labels, trade, rho = parameters.labels, parameters.arrays["trade"], parameters.arrays["rho0"]
    limited = parameters.arrays["limited"]
    faults: list[str] = []
    seen: dict[tuple[int, ...], str] = {}
    for quota in quotas:
        if not quota.flows:
            faults.append("a quota names no flow")
        if not quota.volume > 0.0:
            faults.append(f"the quota on {quota.name} has volume {quota.volume:g}; it must be positive")
        if not quota.floor <= quota.ceiling:
            faults.append(f"the quota on {quota.name} has a floor {quota.floor:g} above its ceiling {quota.ceiling:g}")
        licence = quota.licence or {"exporter": 1.0}
        if set(licence) - set(OWNERS) or abs(sum(licence.values()) - 1.0) > 1e-9:
            faults.append(
                f"the licences of the quota on {quota.name} must be shares of {', '.join(OWNERS)} that sum to 1"
            )
        premiums = set()
        for i, r, s in quota.flows:
            wrong = [x for x, axis in ((i, "region"), (r, "region"), (s, "sector")) if x not in labels[axis]]
            if wrong:
                faults.append(f"a quota names {', '.join(wrong)}, which the benchmark does not have")
                continue
            cell = (labels["region"].index(i), labels["region"].index(r), labels["sector"].index(s))
            if trade[cell] == 0.0:
                faults.append(f"a quota on {flow_name((i, r, s))}: the benchmark has no such flow")
            if cell in seen:
                both = f"{seen[cell]} and {quota.name}"
                faults.append(f"{flow_name((i, r, s))} is under two quotas ({both}); a flow takes one")
            seen[cell] = quota.name
            premiums.add(round(float(rho[cell] / limited[cell]), 12))
        if len(premiums) > 1:
            faults.append(f"the flows of the quota on {quota.name} have different benchmark premiums; a group has one")
    if faults:
        raise PolicyError("; ".join(faults))
