"""A policy baseline: a scenario whose solution is the benchmark that other scenarios start from.

The base year is not always the yardstick: to ask what a change is worth today, the policies of today come first. The
baseline is solved, its accounts become a benchmark (`cge.calibration.update`), the model is calibrated on it with the
same elasticities, and its quotas stay in force with their limits, ceilings and owners.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.calibration.update import LAYER, updated_benchmark
from cge.errors import RequestError
from cge.progress import Progress, named, silent
from cge.quotas import Quota, with_quotas
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import Policy, bound
from cge.solvers import Equilibrium, Problem

from . import markets
from .setting import DEFAULT_METHOD, Setting


def rebased(
    where: Setting,
    source: str | Path | Scenario,
    method: str = DEFAULT_METHOD,
    progress: Progress | None = None,
) -> Setting:
    """The setting whose benchmark is the solution of a scenario.

    Args:
        where: what the scenario is solved on.
        source: name in the library, file, or scenario.
        method: of the solver.
        progress: told every stage.

    Returns:
        The same setting at the baseline, with the quotas that are in force there.

    Raises:
        RequestError: an unknown scenario, or one that makes rents which are no quota's.
        SolveError: no certified solution.
    """
    found = bound(source, where.benchmark, where.parameters, where.groups)
    scenario, policy = found.scenario, in_force(found.policy, where)
    if "ntm" in policy.instruments:
        raise RequestError(
            [f"baseline {scenario.name}: rents of non-tariff measures cannot be told from quotas; use others"]
        )
    problem = Problem(policy.parameters, where.closure, method=method)
    told = named(progress or silent, f"baseline {scenario.name}")
    solved, policy = markets.solve(problem, policy, told)
    after = updated_benchmark(where.benchmark, policy.parameters, solved.data)
    rate = solved.data["tm"] / where.benchmark.data["valuation"]
    tariff = _layers(found.layers, rate).assign_attrs(where.benchmark.data["tariff"].attrs)
    title = f"{where.benchmark.data.attrs.get('title', 'benchmark')}, under {scenario.name}"
    data = (
        after.data.drop_dims("layer").assign(tariff=tariff).assign_attrs(title=title, baseline_sha256=scenario.sha256)
    )
    names = dict(where.names) | {"baseline": scenario.name}
    return replace(where, benchmark=Benchmark(data), names=names, quotas=tuple(_quotas(policy, solved)))


def in_force(policy: Policy, where: Setting) -> Policy:
    """A policy with the quotas of the baseline that it does not replace.

    Raises:
        RequestError: it would replace a part of a quota on several flows.
    """
    limited = {flow for quota in policy.quotas for flow in quota.flows}
    torn = [q for q in where.quotas if limited & set(q.flows) and not set(q.flows) <= limited]
    if torn:
        raise RequestError(
            [f"the baseline's quota on {q.name} is one on {len(q.flows)} flows; replace all" for q in torn]
        )
    kept = [quota for quota in where.quotas if not limited & set(quota.flows)]
    if not kept:
        return policy
    quotas: Sequence[Quota] = (*policy.quotas, *kept)
    own = where.parameters.including(policy.parameters.blocks)
    return replace(policy, quotas=quotas, parameters=with_quotas(own, quotas))


def _quotas(policy: Policy, solved: Equilibrium) -> list[Quota]:
    """The limits at a solution, their volumes relative to its flows."""
    asked = {frozenset(quota.flows): quota for quota in policy.quotas}
    found = []
    for state in solved.quotas:
        if state.fill > 0.0:  # no limit is left where it is zero
            quota = asked.get(frozenset(state.flows), Quota(tuple(state.flows), 1.0))
            found.append(replace(quota, volume=1.0 / state.fill))
    return found


def _layers(layers: Mapping[str, xr.DataArray], rate: xr.DataArray) -> xr.DataArray:
    """The tariff by layer as the scenario left it; what a swap has moved is in the scenario's own layer."""
    parts = {name: layer.drop_vars("layer", errors="ignore") for name, layer in layers.items()}
    rest = rate - sum(parts.values())
    parts[LAYER] = parts[LAYER] + rest.where(abs(rest) > 1e-14, 0.0)
    return xr.concat(list(parts.values()), xr.DataArray(list(parts), dims="layer", name="layer"))
