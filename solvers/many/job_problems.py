"""Problems that jobs share.

A model's limits on groups of flows are part of what is compiled. So jobs share one problem, whose quota axis has the
groups of all of them, as long as no two groups overlap; a job has no limit on the groups of the others. Jobs whose
groups overlap with those of others get a problem of their own, and so do jobs with other swaps.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cge.errors import PolicyError
from cge.parameters import Parameters
from cge.quotas import Quota, with_quotas
from cge.solvers.problem import Problem
from cge.swaps import Swap

Group = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Place:
    """Where a job runs.

    Attributes:
        problem: its number among those that are shared.
        unlimited: quotas without a limit, on the groups that are there for other jobs only.
    """

    problem: int
    unlimited: tuple[Quota, ...]


@dataclass
class _Axis:
    """What the model of one problem has for its jobs."""

    swaps: Sequence[Swap]
    groups: dict[Group, None]


def share(
    problem: Problem, jobs: Sequence[tuple[Sequence[Quota], Sequence[Swap]]], instruments: Iterable[str] = ()
) -> tuple[list[Problem], list[Place]]:
    """As few problems as the jobs' groups of flows and swaps allow, built and compiled.

    Args:
        problem: what the jobs have in common.
        jobs: quotas and swaps of each job. Quotas that cannot be are placed as if there were none: solving tells what
            is wrong.
        instruments: that jobs set.

    Returns:
        The problems, and the place of every job.
    """
    axes: list[_Axis] = []
    asked: dict[object, tuple[int, set[Group]]] = {}
    for quotas, swaps in jobs:
        key = _key(quotas, swaps)
        if key not in asked:
            wanted = _wanted(problem.parameters, quotas)
            k = next((k for k, axis in enumerate(axes) if _fits(axis, wanted, swaps)), len(axes))
            axes[k:] = axes[k:] or [_Axis(swaps, {})]
            axes[k].groups |= dict.fromkeys(wanted)
            asked[key] = k, set(wanted)
    places = []
    for quotas, swaps in jobs:
        k, own = asked[_key(quotas, swaps)]
        others = [group for group in axes[k].groups if group not in own]
        places.append(Place(k, tuple(Quota(group, math.inf) for group in others)))
    return [_prepared(problem, axis, instruments) for axis in axes], places


def _key(quotas: Sequence[Quota], swaps: Sequence[Swap]) -> object:
    return tuple(quota.flows for quota in quotas), _names(swaps)


def _names(swaps: Sequence[Swap]) -> tuple[str, ...]:
    return tuple(swap.sha256 for swap in swaps)


def groups(parameters: Parameters) -> list[Group]:
    """Flows under each limit on the quota axis."""
    region, sector = parameters.labels["region"], parameters.labels["sector"]
    members = parameters.arrays["member"]
    return [tuple((region[i], region[r], sector[s]) for i, r, s in np.argwhere(row > 0.0)) for row in members]


def _wanted(base: Parameters, quotas: Sequence[Quota]) -> list[Group]:
    try:
        return groups(with_quotas(base, quotas))
    except PolicyError:
        return groups(base)


def _fits(axis: _Axis, wanted: Iterable[Group], swaps: Sequence[Swap]) -> bool:
    """Whether the swaps are the same, and no flow would be under two limits."""
    union = {*axis.groups, *wanted}
    once = len({flow for group in union for flow in group}) == sum(map(len, union))
    return once and _names(swaps) == _names(axis.swaps)


def _prepared(problem: Problem, axis: _Axis, instruments: Iterable[str]) -> Problem:
    # by a limit of its own a group is new on the axis; none of them has a premium at the benchmark
    limits = [Quota(group, math.inf) for group in axis.groups]
    own = problem.with_parameters(with_quotas(problem.parameters, limits))
    return own.prepared(instruments, swaps=axis.swaps)
