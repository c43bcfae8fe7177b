"""Problems that jobs share.

A model's limits on groups of flows are part of what is compiled. So jobs share one problem, whose quota axis has the
groups of all of them, as long as no two groups overlap; a job has no limit on the groups of the others. Jobs whose
groups overlap with those of others get a problem of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cge.parameters import Parameters
from cge.quotas import Quota, QuotaError, with_quotas

from .problem import Problem

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


def share(
    problem: Problem, jobs: Sequence[Sequence[Quota]], instruments: Iterable[str] = ()
) -> tuple[list[Problem], list[Place]]:
    """As few problems as the jobs' groups of flows allow, built and compiled.

    Args:
        problem: what the jobs have in common.
        jobs: quotas of each job. Those that cannot be are placed as if there were none: solving tells what is wrong.
        instruments: that jobs set.

    Returns:
        The problems, and the place of every job.
    """
    base = problem.parameters
    axes: list[dict[Group, None]] = []
    asked: dict[tuple[Group, ...], tuple[int, set[Group]]] = {}
    for quotas in jobs:
        flows = tuple(quota.flows for quota in quotas)
        if flows not in asked:
            wanted = _wanted(base, quotas)
            k = next((k for k, axis in enumerate(axes) if _fits(axis, wanted)), len(axes))
            axes[k:] = axes[k:] or [{}]
            axes[k] |= dict.fromkeys(wanted)
            asked[flows] = k, set(wanted)
    places = []
    for quotas in jobs:
        k, own = asked[tuple(quota.flows for quota in quotas)]
        places.append(Place(k, tuple(Quota(group, math.inf) for group in axes[k] if group not in own)))
    return [_prepared(problem, axis, instruments) for axis in axes], places


def groups(parameters: Parameters) -> list[Group]:
    """Flows under each limit on the quota axis."""
    region, sector = parameters.labels["region"], parameters.labels["sector"]
    members = parameters.arrays["member"]
    return [tuple((region[i], region[r], sector[s]) for i, r, s in np.argwhere(row > 0.0)) for row in members]


def _wanted(base: Parameters, quotas: Sequence[Quota]) -> list[Group]:
    try:
        return groups(with_quotas(base, quotas))
    except QuotaError:
        return groups(base)


def _fits(axis: Iterable[Group], wanted: Iterable[Group]) -> bool:
    """Whether no flow would be under two limits."""
    union = {*axis, *wanted}
    return len({flow for group in union for flow in group}) == sum(map(len, union))


def _prepared(problem: Problem, axis: Iterable[Group], instruments: Iterable[str]) -> Problem:
    # by a limit of its own a group is new on the axis; none of them has a premium at the benchmark
    parameters = with_quotas(problem.parameters, [Quota(group, math.inf) for group in axis])
    if parameters is not problem.parameters:
        problem = problem.with_parameters(parameters)
    problem.prepare(instruments)
    return problem
