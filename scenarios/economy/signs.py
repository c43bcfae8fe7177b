"""What the answer of a policy hangs on: EV and real GDP by horizon, by who pays, and by who has the rent.

The library's are kept in `scenarios/files/signs.csv`, which `python docs/signs.py` writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from cge.calibration.benchmark import Benchmark
from cge.errors import CgeError
from cge.parameters import Parameters
from cge.scenarios.blocks.quotas import QuotaChange
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import Policy
from cge.solvers import Problem
from cge.welfare import welfare

from .run import Runner
from .setting import DEFAULT_BENCHMARK, setting

CASES = (
    ("short", "lump-sum"),
    ("short", "direct-tax"),
    ("medium", "lump-sum"),
    ("medium", "consumption-tax"),
    ("long", "lump-sum"),
    ("long", "direct-tax"),
)
"""Horizon, and who pays. With fixed labour and capital a direct tax is a lump-sum tax, and is left out."""

STATED = "as stated"
OWNERS: Mapping[str, Any] = MappingProxyType(
    {"exporter": {"exporter": 1.0}, "importer": {"importer": 1.0}, "treasury": {"treasury": 1.0}}
)
"""Who may have a rent."""

WELFARE = ("ev_net_pct", "real_gdp_pct")


def has_rent(scenario: Scenario) -> bool:
    """Whether a quota or a control of the scenario, or of a part, leaves a rent or loses one."""
    own = any(isinstance(block, QuotaChange) and block.rented for block in scenario.shocks)
    return own or any(has_rent(part) for part in scenario.parts)


def owned_by(scenario: Scenario, owner: str) -> Scenario:
    """The same policy with the rent of every quota and control in the hands of one owner.

    Args:
        scenario: with quotas or controls.
        owner: a key of `OWNERS`.
    """
    shocks = tuple(
        block.owned_by(OWNERS[owner]) if isinstance(block, QuotaChange) and block.rented else block
        for block in scenario.shocks
    )
    return scenario.model_copy(
        update={"shocks": shocks, "parts": tuple(owned_by(part, owner) for part in scenario.parts)}
    )


@dataclass(frozen=True)
class _Case:
    """One cell of the field: a scenario, whose rent, and the policy or why there is none."""

    scenario: Scenario
    owner: str
    runner: Runner | None = None
    policy: Policy | None = None
    why: str = ""


def signs(
    scenarios: Iterable[Scenario],
    benchmark: str | Benchmark = DEFAULT_BENCHMARK,
    cases: Iterable[tuple[str, str]] = CASES,
) -> pd.DataFrame:
    """EV net of the cost of added capital, and real GDP, of every case.

    Every solution is certified; IPOPT takes its functions from arrays, which spares a model in Pyomo for each.

    Args:
        scenarios: the policies; each at every horizon, whatever it names itself.
        benchmark: on which.
        cases: horizon, and who pays.

    Returns:
        One row a scenario, owner, horizon, financing and region: `scenario`, `horizon`, `financing`, `owner`,
        `region`, `ev_net_pct`, `real_gdp_pct`, `why`: empty numbers with a reason where there is no answer.
    """
    chosen = list(scenarios)
    tables = [table for case in cases for table in _at(chosen, benchmark, *case)]
    return pd.concat(tables, ignore_index=True)


def _at(scenarios: list[Scenario], benchmark: str | Benchmark, horizon: str, financing: str) -> Iterator[pd.DataFrame]:
    runner = Runner(setting(benchmark, horizon=horizon, financing=financing))
    bound = [case for scenario in scenarios for case in _bound(runner, scenario)]
    groups: dict[tuple[str, str], list[_Case]] = {}
    for case in bound:
        key = (
            (case.policy.parameters.sha256, case.runner.setting.benchmark.sha256)
            if case.policy and case.runner
            else ("", "")
        )
        groups.setdefault(key, []).append(case)
    for group in groups.values():
        for case, found in _answers(group):
            frame = found if found is not None else pd.DataFrame(np.nan, [""], list(WELFARE))
            frame = frame.rename_axis("region").reset_index()
            yield frame.assign(
                scenario=case.scenario.name, horizon=horizon, financing=financing, owner=case.owner, why=case.why
            )[["scenario", "horizon", "financing", "owner", "region", *WELFARE, "why"]]


def _bound(runner: Runner, scenario: Scenario) -> Iterator[_Case]:
    rented = has_rent(scenario)
    variants = {STATED: scenario} | ({o: owned_by(scenario, o) for o in OWNERS} if rented else {})
    for owner, variant in variants.items():
        try:
            there = runner.of(variant)
            yield _Case(scenario, owner, there, there.bind(variant))
        except CgeError as error:
            yield _Case(scenario, owner, why=_reason(error))


def _answers(group: list[_Case]) -> Iterator[tuple[_Case, pd.DataFrame | None]]:
    """Solve what shares parameters with one problem."""
    first = group[0]
    if first.policy is None or first.runner is None:
        for case in group:
            yield case, None
        return
    touched = {name for case in group if case.policy for name in _touched(case.policy)}
    problem = Problem(first.policy.parameters, first.runner.setting.closure, certificate="arrays")
    problem = problem.prepared(touched, store=None)
    for case in group:
        if case.policy is None:
            continue
        try:
            found = problem.solve(case.policy.instruments, case.policy.quotas, case.policy.swaps)
            yield case, _welfare(found.parameters, found.data)
        except CgeError as error:
            yield _Case(case.scenario, case.owner, why=_reason(error)), None


def _welfare(parameters: Parameters, point: Any) -> pd.DataFrame:
    return welfare(parameters, point)[list(WELFARE)]


def _touched(policy: Policy) -> set[str]:
    return {*policy.instruments, *(swap.free for swap in policy.swaps)}


def _reason(error: CgeError) -> str:
    """Its first fault in one line, without the file that it is told of."""
    fault = next(iter(getattr(error, "faults", ())), str(error))
    return re.sub(r"^\S+\.yaml:?\d*:? ", "", " ".join(str(fault).split()))[:200]
