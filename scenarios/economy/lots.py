"""The runs of a batch on each of its settings: every scenario at every value of what varies and at every draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from cge.calibration.draws import draw
from cge.calibration.matching import Choice, elasticities_for
from cge.calibration.rows import BOUNDS
from cge.calibration.shares import with_elasticities
from cge.errors import RequestError
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.policy.bind import Policy
from cge.solvers.many.batch import Job, differences

from .draws import Drawn, Draws, Spread, drawn
from .markets import refuse_limits
from .places import Place
from .plan import Plan, cells, number_faults, with_number
from .run import Runner
from .setting import Setting


@dataclass(frozen=True)
class Lot:
    """The runs of a batch on one setting.

    Attributes:
        runner: of the setting; none where its values contradict each other.
        jobs: to run.
        what: labels of each run.
        refused: labels of runs that cannot be, by name.
        reason: why.
        notes: by scenario.
        elasticities: draws, listed.
        factors: standard normal numbers [draw, uncertain number]; empty where the draws have no distribution.
    """

    runner: Runner | None
    jobs: list[Job]
    what: dict[str, dict[str, Any]]
    refused: dict[str, dict[str, Any]]
    reason: str
    notes: dict[str, tuple[str, ...]]
    elasticities: pd.DataFrame
    factors: pd.DataFrame = field(default_factory=pd.DataFrame)


def lot_of(chosen: Plan, place: Place, base: Runner) -> Lot:
    """The runs of a plan on one setting.

    Raises:
        RequestError: what is wrong with the scenarios there.
    """
    point = {key: str(value) if isinstance(value, str) else value for key, value in place.point.items()}
    if place.runner is None:
        names = [scenario.name for scenario in base.scenarios(chosen.scenarios)]
        refused = {_key(name, point): {"scenario": name} | point for name in names}
        return Lot(None, [], {}, refused, place.reason, {}, _listed({}, base.setting.elasticities))
    found = place.runner.scenarios(chosen.scenarios)
    runner = _at_baseline(found, place.runner)
    where = runner.setting
    grid = _grid(chosen, found, runner)
    sets = _drawn(chosen.draws, where, rates_of(chosen.draws, found))
    changed = {
        k: differences(where.parameters, with_elasticities(where.parameters, each.elasticities))
        for k, each in sets.items()
    }
    what: dict[str, dict[str, Any]] = {}
    jobs = []
    for cell in grid:
        _refuse_apart(cell.scenario.name, cell.policy, where)
        for number in [0, *sets] if sets else [None]:
            labels = {**point, **cell.point} | ({} if number is None else {"draw": number})
            key = _key(cell.scenario.name, labels)
            what[key] = {"scenario": cell.scenario.name} | labels
            policy = cell.policy if not number else moved(cell, sets[number], found, runner)
            parameters = changed.get(number or 0, {})
            jobs.append(Job(key, policy.instruments, tuple(policy.quotas), tuple(policy.swaps), parameters))
    told = {cell.scenario.name: (*where.notes, *cell.policy.notes) for cell in grid}
    notes = {name: texts for name, texts in told.items() if texts}
    listed = _listed({k: each.elasticities for k, each in sets.items()}, where.elasticities)
    for k, (key, value) in enumerate(point.items()):
        listed.insert(k, key, value)
    factors = pd.DataFrame({k: each.factors for k, each in sets.items() if each.factors}).T.rename_axis("draw")
    return Lot(runner, jobs, what, {}, "", notes, listed, factors)


def _key(scenario: str, labels: Mapping[str, Any]) -> str:
    """The name of a run, good as a file's name: what cannot be in one is a hyphen."""
    words = [f"{name}={_safe(value) if isinstance(value, str) else f'{value:.12g}'}" for name, value in labels.items()]
    return "+".join([scenario, *words])


def _safe(value: str) -> str:
    name = Path(value).name if value.endswith((".nc", ".yaml", ".yml", ".csv")) else value
    return "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name)


def _at_baseline(found: Sequence[Scenario], runner: Runner) -> Runner:
    """The runner at the baseline that the scenarios of a plan name.

    Raises:
        RequestError: they name different ones; a batch has one benchmark.
    """
    for what, otherwise in (("baseline", "the benchmark"), ("horizon", "medium"), ("financing", "as the closure says")):
        asked = what in runner.setting.names
        if not asked and len({str(getattr(scenario, what)) for scenario in found}) > 1:
            told = ", ".join(f"{scenario.name}: {getattr(scenario, what) or otherwise}" for scenario in found)
            raise RequestError([f"the scenarios have different {what}s ({told}); make one batch of each"])
    return runner.of(found[0])


def _grid(chosen: Plan, found: Sequence[Scenario], runner: Runner) -> list[Cell]:
    """Every cell of the grid, checked against the benchmark.

    Raises:
        RequestError: listing the faults of all.
    """
    names = [scenario.name for scenario in found]
    faults = [
        f"{each.label} varies for {each.scenario}, which is not in the batch ({', '.join(names)}); correct the name"
        for each in chosen.vary
        if each.scenario not in (None, *names)
    ]
    grid = []
    for scenario in found:
        try:
            for point, cell in cells(scenario, chosen.vary):
                grid.append(Cell(cell, point, runner.bind(cell)))
        except RequestError as error:
            faults += error.faults
    if faults:
        raise RequestError(faults)
    return grid


@dataclass(frozen=True)
class Cell:
    """A scenario at values of what varies in it."""

    scenario: Scenario
    point: dict[str, float]
    policy: Policy


def rates_of(draws: Draws | None, found: Sequence[Scenario]) -> dict[Spread, float]:
    """What uncertain rates are by default: in the first scenario that they are of.

    Raises:
        RequestError: a scenario has no such number.
    """
    result, faults = {}, []
    for spread in (each for each in (draws.spreads if draws else ()) if each.rate):
        mine = [scenario for scenario in found if spread.scenario in (None, scenario.name)]
        if not mine:
            faults.append(f"rate {spread.rate} is of {spread.scenario}, which is not among the scenarios")
        for scenario in mine:
            faults += number_faults(scenario, spread.shock, spread.rate)
        if not faults:
            result[spread] = float(getattr(mine[0].shocks[spread.shock - 1], spread.rate))
    if faults:
        raise RequestError(dict.fromkeys(faults))
    return result


def moved(cell: Cell, one: Drawn, found: Sequence[Scenario], runner: Runner) -> Policy:
    """The policy of a cell with the rates of a draw: as far from the cell's as the draw is from the default."""
    scenario = cell.scenario
    for spread, value in one.rates.items():
        if spread.scenario in (None, scenario.name):
            mine = next(each for each in found if spread.scenario in (None, each.name))
            usual = float(getattr(mine.shocks[spread.shock - 1], spread.rate))
            here = float(getattr(scenario.shocks[spread.shock - 1], spread.rate))
            there = here * value / usual if spread.distribution == "lognormal" else here + value - usual
            scenario = with_number(scenario, spread.shock, spread.rate, there)
    return cell.policy if scenario is cell.scenario else runner.bind(scenario)


def _drawn(draws: Draws | None, where: Setting, rates: Mapping[Spread, float]) -> dict[int, Drawn]:
    """Draws by number, from 1; none without draws."""
    if draws is None:
        return {}
    if not draws.between_sets:
        return drawn(draws, where, rates)
    name = where.names["elasticities"]
    choice = Choice.read(name) if name != "own" else Choice("lower")
    if choice.base != "default":
        raise RequestError(
            [f"draws lie between the lower and upper sets, not around {name}; use default or a .csv file"]
        )
    lower, upper = (elasticities_for(where.benchmark, choice, column)[0] for column in BOUNDS)
    number = draws.number or 0
    sets = draw(where.elasticities, lower, upper, number, seed=draws.seed, distribution=draws.distribution)
    return {k: Drawn(each) for k, each in enumerate(sets, start=1)}


def _listed(drawn: Mapping[int, xr.Dataset], default: xr.Dataset) -> pd.DataFrame:
    """The elasticities that are drawn, one row each."""
    if not drawn:
        return pd.DataFrame(columns=["draw", "parameter", "value"])
    whole = xr.concat(list(drawn.values()), pd.Index(drawn, name="draw"))
    parts = [
        whole[name].to_series().rename("value").reset_index().assign(parameter=str(name))
        for name in whole.data_vars
        if "draw" in whole[name].dims and bool((whole[name] != default[name]).any())
    ]
    if not parts:  # rates alone are uncertain
        return pd.DataFrame(columns=["draw", "parameter", "value"])
    listed = pd.concat(parts)
    labels = [column for column in listed.columns if column not in ("draw", "parameter", "value")]
    return listed[["draw", "parameter", *labels, "value"]].reset_index(drop=True)


def _refuse_apart(name: str, policy: Policy, where: Setting) -> None:
    """Require what one problem can solve for all jobs: the setting's structure, and markets without limits.

    Raises:
        RequestError: a policy brings blocks that the setting has not, or has a market whose limits might bind.
    """
    refuse_limits(policy, "a batch solves each job once; run such scenarios by themselves")
    if more := [block.name for block in policy.parameters.blocks if block not in where.parameters.blocks]:
        options = " ".join(f"--structure {block}" for block in more)
        raise RequestError([f"scenario {name} needs the blocks {', '.join(more)}; give {options} for all runs"])
