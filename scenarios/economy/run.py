"""The whole trip: scenario, benchmark and closure in; equilibrium, tables and proof out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cge.accounts import household
from cge.calibration import contents_text
from cge.calibration.benchmark import Benchmark
from cge.calibration.contents import CONTENTS, Contents
from cge.closure import Closure
from cge.errors import KeptError, PolicyError, RequestError, nearest
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.names.groups import OwnGroups
from cge.scenarios.names.horizon import Financing
from cge.scenarios.policy.bind import Policy, bind, load_for, refuse_idle
from cge.scenarios.results.figures import draw
from cge.scenarios.results.folder import check_writable, keep_unless
from cge.scenarios.results.proof import matches, refuse_unproved
from cge.scenarios.results.registry import WHOSE, made
from cge.scenarios.results.results import NO_EV, SPENT, Comparison, Result, Stored, plain, without_ev
from cge.scenarios.results.table import Solved
from cge.solvers import METHODS, Problem
from cge.source import source_sha256

from .baseline import in_force, rebased
from .setting import DEFAULT_BENCHMARK, DEFAULT_CLOSURE, DEFAULT_ELASTICITIES, DEFAULT_METHOD, Setting, setting

WORDS = ("cli", "figures", "folder", "install", "letters", "library", "proof", "screen", "shown")
"""Modules that only show or keep them."""

BOUND = 16
"""Policies that a runner remembers."""

Source = str | Path | Scenario
Progress = Callable[[str, str, float], None]
"""Called with the scenario's name, the stage, and the share of it that is done."""


def run(
    scenarios: Source | Iterable[Source],
    benchmark: str | Path | Benchmark = DEFAULT_BENCHMARK,
    closure: str | Closure = DEFAULT_CLOSURE,
    elasticities: str | Path | xr.Dataset = DEFAULT_ELASTICITIES,
    out: str | Path | None = None,
    *,
    baseline: Source | None = None,
    groups: OwnGroups = None,
    horizon: str | None = None,
    financing: str | Mapping[str, Any] | None = None,
    overwrite: bool = False,
    method: str = DEFAULT_METHOD,
    progress: Progress | None = None,
) -> Comparison:
    """Solve scenarios against a benchmark.

    Args:
        scenarios: names in the library, files, or Scenarios.
        benchmark: name of one that comes with the package, a NetCDF file, or a Benchmark.
        closure: name in `cge.closure.CLOSURES`, or a Closure.
        elasticities: default, lower, upper, a CSV file of rows that differ from the default set, `FILE.csv:SET`, or
            labelled values.
        out: folder to write to, one folder a scenario in it; nothing is written if None. A result that it holds with
            the same fingerprints (benchmark, parameters, scenario, closure, code) is read and not computed again, so
            that the same call goes on where one was stopped. Results are read back when they are asked for.
        baseline: scenario whose solution is the benchmark that these are compared with (see `economy.baseline`); if
            not given, each scenario's own baseline, if it names one.
        groups: own groups of regions and sectors that scenarios may name: a YAML file, or what it holds.
        horizon: short, medium, long or a variant (docs/horizons.md); if not given, each scenario's own.
        financing: lump-sum, direct-tax, consumption-tax or spending, or a mapping with `by` and `regions`; likewise.
        overwrite: compute everything, and replace what the folder holds.
        method: "newton" finds the point by Newton's method and lets IPOPT certify it; "ipopt" lets IPOPT do all.
        progress: called on the way.

    Returns:
        Results in the order of the scenarios, each with its proof.

    Raises:
        RequestError: listing what is wrong with the scenarios, the benchmark's or the closure's name.
        KeptError: `out` holds another result of that name; it is kept.
        DataError: `out` holds the result, and it was changed after it was written.
        SolveError: no certified solution; results of the scenarios before it have been written.
    """
    where = setting(benchmark, closure, elasticities, groups, horizon, financing)
    runner = Runner(_from(where, baseline, method, progress), progress, method)
    return _trip(runner, several(scenarios), out, overwrite=overwrite, again=overwrite)


def compare(
    scenarios: Source | Iterable[Source],
    benchmark: str | Path | Benchmark = DEFAULT_BENCHMARK,
    closure: str | Closure = DEFAULT_CLOSURE,
    elasticities: str | Path | xr.Dataset = DEFAULT_ELASTICITIES,
    out: str | Path | None = None,
    *,
    baseline: Source | None = None,
    groups: OwnGroups = None,
    horizon: str | None = None,
    financing: str | Mapping[str, Any] | None = None,
    overwrite: bool = False,
    method: str = DEFAULT_METHOD,
    progress: Progress | None = None,
) -> Comparison:
    """As `run`, but `overwrite` replaces only what is of another scenario, benchmark, closure or version."""
    where = setting(benchmark, closure, elasticities, groups, horizon, financing)
    runner = Runner(_from(where, baseline, method, progress), progress, method)
    return _trip(runner, several(scenarios), out, overwrite=overwrite, again=False)


def _trip(
    runner: Runner, sources: Sequence[Source], out: str | Path | None, *, overwrite: bool, again: bool
) -> Comparison:
    """Solve what is not stored, write each at once; `again` solves what is stored as well."""
    chosen = runner.scenarios(sources)
    if out is None:
        runner.expect(chosen)
        return Comparison(tuple(runner.solve(scenario) for scenario in chosen))
    place = Path(out)
    kept = set() if again else {s.name for s in chosen if matches(place / s.name, runner.fingerprints(s))}
    for scenario in chosen:
        folder = place / scenario.name
        if scenario.name in kept:
            Result.load(folder)  # raises if it was changed
        elif not overwrite:
            _keep_other(folder)
    check_writable(place)
    runner.expect(scenario for scenario in chosen if scenario.name not in kept)
    results = Stored()
    for scenario in chosen:
        if scenario.name in kept:
            runner.tell(scenario.name, "kept", 1.0)
        else:
            _write(runner, scenario, place, overwrite=overwrite)
        results.add(scenario.name, place / scenario.name)
    return Comparison(results)


def _write(runner: Runner, scenario: Scenario, out: Path, *, overwrite: bool) -> None:
    result = runner.solve(scenario, done=False)
    try:
        runner.write(result, out, overwrite=overwrite)
    except KeptError:
        folder = out / scenario.name
        if not matches(folder, runner.fingerprints(scenario)):
            raise KeptError(
                f"{folder} was written by another run while this one solved, and is kept; this result is not saved: "
                "name another folder, or give the scenario another name"
            ) from None
    runner.tell(scenario.name, "done", 1.0)


def _keep_other(folder: Path) -> None:
    try:
        keep_unless(folder, overwrite=False)
    except KeptError:
        raise KeptError(
            f"{folder} holds the result of another scenario, benchmark, closure or version, which is kept; "
            "pass --overwrite (overwrite=True) or another folder"
        ) from None


def _from(where: Setting, baseline: Source | None, method: str, progress: Progress | None) -> Setting:
    if baseline is None:
        return where
    return rebased(where, baseline, method, partial(progress or _silent, "baseline"))


def several(scenarios: Source | Iterable[Source]) -> list[Source]:
    """One scenario or several, as several."""
    return [scenarios] if isinstance(scenarios, str | Path | Scenario) else list(scenarios)


class Runner:
    """A setting with its problem, which is built once and solved for many scenarios.

    Args:
        where: benchmark, elasticities, closure.
        progress: called on the way.
        method: how to solve, see `run`.

    Raises:
        RequestError: there is no such method.
    """

    def __init__(self, where: Setting, progress: Progress | None = None, method: str = DEFAULT_METHOD) -> None:
        if method not in METHODS:
            raise RequestError([f"unknown method {method!r}{nearest(method, METHODS)}; use {' or '.join(METHODS)}"])
        self.method = method
        self.setting = where
        self.parameters = where.parameters
        self._progress = progress or _silent
        self._problems: dict[str, Problem] = {}
        self._policies: dict[str, Policy] = {}
        self._others: dict[str, Runner] = {}

    def of(self, scenario: Scenario) -> Runner:
        """Who solves a scenario: one at the baseline, horizon and financing that it names, each unless this runner has
        one already.

        Raises:
            RequestError, SolveError: the baseline is not known, or has no certified solution.
        """
        given = self.setting.names
        name = None if "baseline" in given else scenario.baseline
        horizon = None if "horizon" in given else scenario.horizon
        financing = None if "financing" in given else scenario.financing
        if name is None and horizon is None and financing is None:
            return self
        key = repr((name, horizon, financing))
        if key not in self._others:
            there = self.setting.at(horizon, None if financing is None else Financing.read(financing))
            if name is not None:
                there = rebased(there, name, self.method, partial(self._progress, f"baseline {name}"))
            self._others[key] = Runner(there, self._progress, self.method)
        return self._others[key]

    def scenarios(self, sources: Sequence[Source]) -> list[Scenario]:
        """Scenarios by name, file or value, each checked against the benchmark.

        Raises:
            RequestError: listing the faults of all of them.
        """
        chosen: list[Scenario] = []
        errors: list[RequestError] = []
        for source in sources:
            try:
                chosen.append(self._scenario(source))
            except RequestError as error:
                errors.append(error)
        names = [scenario.name for scenario in chosen]
        twice = [f"scenario {n} is given twice; name it once" for n in dict.fromkeys(names) if names.count(n) > 1]
        if not sources:
            twice.append("name at least one scenario; `cge list` shows all")
        if len(errors) == 1 and not twice:
            raise errors[0]
        if errors or twice:
            raise RequestError([*map(str, errors), *twice])
        return chosen

    def _scenario(self, source: Source) -> Scenario:
        groups = self.setting.groups
        if isinstance(source, Scenario):
            source = source.with_groups(groups)
        else:
            source = load_for(source, self.setting.benchmark, self.parameters, groups)
        self.bind(source)  # raises if it does not fit
        return source

    def bind(self, scenario: Scenario) -> Policy:
        """A scenario on the setting, beside the quotas in force there.

        Raises:
            RequestError: it does not fit the benchmark, or sets what does nothing under the closure.
        """
        if (runner := self.of(scenario)) is not self:
            return runner.bind(scenario)
        key = scenario.sha256
        if key in self._policies:
            return self._policies[key]
        policy = in_force(bind(scenario, self.setting.benchmark, self.parameters), self.setting)
        try:
            refuse_idle(policy, self.setting.closure)
        except RequestError as error:
            raise RequestError(error.faults, scenario.origin.file or f"scenario {scenario.name}") from None
        self._policies[key] = policy
        if len(self._policies) > BOUND:  # a thousand of them would be a gigabyte; binding one anew takes milliseconds
            del self._policies[next(iter(self._policies))]
        return policy

    def fingerprints(self, scenario: Scenario) -> dict[str, str]:
        """What a result depends on."""
        if (runner := self.of(scenario)) is not self:
            return runner.fingerprints(scenario)
        policy = self.bind(scenario)
        return {
            "benchmark_sha256": self.setting.benchmark.sha256,
            "contents_sha256": self.setting.benchmark.contents.sha256,
            "scenario_sha256": scenario.sha256,
            "parameters_sha256": policy.parameters.sha256,
            "closure_sha256": hashlib.sha256(repr(self.setting.closure).encode()).hexdigest(),
            "code_sha256": code_sha256(),
        }

    def expect(self, scenarios: Iterable[Scenario]) -> None:
        """Build problems with every instrument that these scenarios set, so that none of them needs another model."""
        touched: dict[str, set[str]] = {}
        problems: dict[str, Problem] = {}
        others: dict[Runner, list[Scenario]] = {}
        for scenario in scenarios:
            if (other := self.of(scenario)) is not self:
                others.setdefault(other, []).append(scenario)
                continue
            policy = self.bind(scenario)
            names = touched.setdefault(policy.parameters.sha256, set())
            names |= {*policy.instruments, *(swap.free for swap in policy.swaps)}
            problems[policy.parameters.sha256] = self.problem(policy, scenario.name)
        for key, problem in problems.items():
            self._problems[key] = problem.prepared(touched[key], store=None)
        for other, own in others.items():
            other.expect(own)

    def solve(self, scenario: Scenario, *, done: bool = True) -> Result:
        """Solve one scenario and make its tables.

        Args:
            scenario: one of those that `scenarios` gave.
            done: whether its end is told now; a caller that saves it tells when it has.

        Raises:
            SolveError: no certified solution, or one whose accounts do not balance.
        """
        if (runner := self.of(scenario)) is not self:
            return runner.solve(scenario, done=done)
        watch = partial(self._progress, scenario.name)
        watch("bind", 0.0)
        policy = self.bind(scenario)
        start = time.perf_counter()
        problem = self.problem(policy, scenario.name)
        built = time.perf_counter() - start
        try:
            solved = problem.solve(policy.instruments, policy.quotas, policy.swaps, progress=watch)
        except RequestError as error:  # such as an instrument that the closure frees
            raise PolicyError(error.faults, f"scenario {scenario.name}") from error
        watch("tables", 0.0)
        start = time.perf_counter()
        point = named(solved.data, self.setting.benchmark.contents)
        tables = dict(made(Solved(solved, tuple(policy.swaps), self.setting.benchmark.contents)))
        seconds = dict(solved.proof.seconds) | {"build": built, "tables": time.perf_counter() - start}
        proof = asdict(solved.proof) | dict(self.setting.names) | self.fingerprints(scenario)
        proof |= {"closure_options": asdict(self.setting.closure), "seconds": seconds}
        proof[WHOSE] = household(point)
        refuse_unproved(proof)
        notes = (*self.setting.notes, *policy.notes)
        if self.setting.closure.government == SPENT:
            tables["welfare"] = without_ev(tables["welfare"])
            notes = (*notes, NO_EV)
        watch("tables", 1.0)
        if done:
            watch("done", 1.0)
        return Result(scenario.name, scenario.title, tables, point, plain(proof), notes)

    def write(self, result: Result, out: Path, *, overwrite: bool) -> Path:
        """Write a result with its pictures into its folder under `out`."""
        return result.save(out / result.name, overwrite=overwrite, extra=[lambda folder: draw(result, folder)])

    def problem(self, policy: Policy, name: str) -> Problem:
        """The problem of a scenario's policy; policies with the same parameters share one."""
        key = policy.parameters.sha256
        if key not in self._problems:
            self.tell(name, "build", 0.0)
            self._problems[key] = Problem(policy.parameters, self.setting.closure, method=self.method)
            self.tell(name, "build", 1.0)
        return self._problems[key]

    def plain(self) -> Problem:
        """The problem of the setting itself, with no scenario."""
        key = self.parameters.sha256
        if key not in self._problems:
            self._problems[key] = Problem(self.parameters, self.setting.closure, method=self.method)
        return self._problems[key]

    def tell(self, name: str, stage: str, share: float) -> None:
        """Tell how far a scenario is."""
        self._progress(name, stage, share)


def named(point: xr.Dataset, contents: Contents) -> xr.Dataset:
    """A solution with the names of its labels in words beside them (`region_name`, `sector_name`, `factor_name`)."""
    names = {
        f"{axis}_name": (axis, np.array(contents.names(axis, map(str, point[axis].values)), dtype=object))
        for axis in ("region", "sector", "factor")
    }
    return point.assign_coords(names).assign_attrs({CONTENTS: contents_text.write(contents)})


def _silent(name: str, stage: str, share: float) -> None:
    """No progress shown."""


def code_sha256() -> str:
    """Fingerprint of the package's code, so that results of another version are not taken for this one's."""
    return source_sha256(without=WORDS)
