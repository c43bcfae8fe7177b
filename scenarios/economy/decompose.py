"""Where the welfare of a scenario comes from: its EV decomposed along the path from the benchmark, and by shock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from cge.accounts import benchmark_point
from cge.calibration.atomic import whole
from cge.decomposition import Decomposition
from cge.decomposition import decompose as split
from cge.errors import KeptError, PolicyError, RequestError
from cge.quotas import Quota
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import Policy
from cge.scenarios.results.folder import check_writable, keep_unless
from cge.scenarios.results.proof import matches
from cge.scenarios.results.results import NO_EV, SPENT
from cge.solvers.sensitivity import Shock, trace

from .markets import refuse_binding
from .run import Runner, Source

STEPS = 40
"""Steps of the path; the residual is then under a hundred-thousandth of EV for usual policies."""

TABLE, FACTS = "decomposition.csv", "decomposition.json"


def decomposed(
    runner: Runner,
    scenario: Source,
    out: str | Path | None = None,
    *,
    steps: int = STEPS,
    by_shock: bool = False,
    overwrite: bool = False,
) -> Decomposition:
    """Split the EV of a scenario into its effects.

    The policy is phased in along a straight line from the benchmark, in equal steps; every point is a certified
    solution, and the residual is of the order that `cge.decomposition.decompose` states.

    Args:
        runner: what it is solved on.
        scenario: name in the library, file, or Scenario.
        out: folder of results. `decomposition.csv` and `decomposition.json` go into the scenario's folder, with
            the result if that is not there yet; nothing is written if None.
        steps: of the path.
        by_shock: split every part by the scenario's shocks too. Each shock's share is integrated along the one path
            of all, so that the shares do not depend on an order and sum to the whole.
        overwrite: replace what the folder holds.

    Returns:
        EV, its parts and the residual, by region; with `by_shock` by shock, numbered in the scenario's order.

    Raises:
        RequestError: what is wrong with the names, the number of steps or the folder.
        KeptError: the folder holds a decomposition, or the result of another scenario or setting.
        SolveError: no certified solution somewhere on the path.
    """
    if steps < 1:
        raise RequestError([f"steps is {steps}; a path has at least one"])
    (chosen,) = runner.scenarios([scenario])
    runner = runner.of(chosen)
    if out is not None:
        _prepare(runner, chosen, Path(out), overwrite=overwrite)
    if runner.setting.closure.government == SPENT:
        raise PolicyError([NO_EV], f"scenario {chosen.name}")
    found = _follow(runner, chosen, shocks_of(runner, chosen), steps, by_shock)
    if out is not None:
        facts = {"steps": steps, "by_shock": by_shock} | dict(runner.setting.names) | runner.fingerprints(chosen)
        _write(found, Path(out) / chosen.name, facts)
    return found


def shocks_of(runner: Runner, scenario: Scenario) -> dict[str, Shock]:
    """The shocks of a scenario, each with what it changes after those before it.

    Args:
        runner: what it acts on.
        scenario: each of its parts and each of its own blocks is a shock.

    Returns:
        Shocks by number and words, in order; their changes sum to the policy, but for what swaps free. Quotas that
        the policy baseline has in force are no shock's.
    """
    whole = runner.bind(scenario)
    base = benchmark_point(whole.parameters)
    shocks: dict[str, Shock] = {}
    before: Mapping[str, xr.DataArray] = {}
    owned: set[Any] = {quota.flows for quota in _standing(runner, whole)}
    for text, upto in _prefixes(scenario):
        policy = runner.bind(upto)
        changes = {
            name: policy.instruments.get(name, base[name]) - before.get(name, base[name])
            for name in {**policy.instruments, **before}
        }
        quotas = tuple(quota for quota in whole.quotas if quota in policy.quotas and quota.flows not in owned)
        owned |= {quota.flows for quota in quotas}
        moved = {name: change for name, change in changes.items() if bool((change != 0.0).any())}
        shocks[text] = Shock(moved, quotas)
        before = policy.instruments
    return shocks


def _standing(runner: Runner, policy: Policy) -> tuple[Quota, ...]:
    """Quotas of the policy baseline that stay in force."""
    return tuple(quota for quota in policy.quotas if quota in runner.setting.quotas)


def _prefixes(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """Number and words of each shock, and the scenario with it and those before it."""
    parts = [part.title for part in scenario.parts]
    for number, text in enumerate([*parts, *map(str, scenario.shocks)], start=1):
        first = {"parts": scenario.parts[:number], "shocks": scenario.shocks[: max(0, number - len(parts))]}
        yield f"{number}. {text}", scenario.model_copy(update=first)


def _freed(runner: Runner, scenario: Scenario, policy: Policy, shocks: Mapping[str, Shock]) -> dict[str, Shock]:
    """Shocks where what swaps free has moved to where it ends: a change like any other, of the swap's own shock."""
    problem = runner.problem(policy, scenario.name)
    found = problem.solve(policy.instruments, policy.quotas, policy.swaps)
    refuse_binding(problem, policy, found, "its welfare is not decomposed; leave the limit out")
    solved = found.data
    base = benchmark_point(policy.parameters)
    result = dict(shocks)
    left = {swap.free for swap in policy.swaps}
    for text, upto in _prefixes(scenario):
        swaps = runner.bind(upto).swaps
        for name in left & {swap.free for swap in swaps}:
            given = sum(shock.changes[name] for shock in shocks.values() if name in shock.changes)
            own = solved[name] - base[name] - given
            changes = dict(result[text].changes)
            changes[name] = changes.get(name, 0.0) + own
            result[text] = replace(result[text], changes=changes)
            left.discard(name)
    return result


def _follow(
    runner: Runner, scenario: Scenario, shocks: Mapping[str, Shock], steps: int, by_shock: bool
) -> Decomposition:
    policy = runner.bind(scenario)
    problem = runner.problem(policy, scenario.name)
    try:
        if policy.swaps:
            shocks = _freed(runner, scenario, policy, shocks)
        path = trace(
            problem,
            shocks,
            steps,
            by_shock=by_shock and bool(shocks),
            standing=_standing(runner, policy),
            progress=runner.progress(scenario.name),
        )
    except RequestError as error:  # such as an instrument that the closure frees
        raise PolicyError(error.faults, f"scenario {scenario.name}") from error
    runner.tell(scenario.name, "done", 1.0)
    return split(problem.model.parameters, path)


def _prepare(runner: Runner, scenario: Scenario, out: Path, *, overwrite: bool) -> None:
    """See that the scenario's folder holds its result and has room for the decomposition."""
    folder = out / scenario.name
    check_writable(out)
    if matches(folder, runner.fingerprints(scenario)):
        if (folder / TABLE).exists() and not overwrite:
            raise KeptError(
                f"{folder / TABLE} is there already and is kept; pass --overwrite (overwrite=True) or another folder"
            )
        return
    keep_unless(folder, overwrite=overwrite)
    runner.write(runner.solve(scenario), out, overwrite=overwrite)


def _write(found: Decomposition, folder: Path, facts: Mapping[str, Any]) -> None:
    """Put the table of parts and its facts beside the result, whole or not at all."""
    residual = found.residual.to_series().rename("residual_musd")
    told = dict(facts) | {"ev_musd": found.ev.to_series().to_dict(), "residual_musd": residual.to_dict()}
    _replace(folder / TABLE, table(found).to_csv(index=False))
    _replace(folder / FACTS, json.dumps(told, indent=2) + "\n")


def _replace(file: Path, text: str) -> None:
    with whole(file) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def table(found: Decomposition) -> pd.DataFrame:
    """Every part by market, and the residual as rows of its own, so that a region's rows sum to its EV.

    Returns:
        Columns as `Decomposition.table` has them.
    """
    parts = found.table()
    rest = pd.DataFrame({"region": found.ev["region"].values, "effect": "residual", "part": "residual"})
    rest["musd"] = found.residual.values
    return pd.concat([parts, rest.reindex(columns=parts.columns, fill_value="")], ignore_index=True)
