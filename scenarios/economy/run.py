"""The whole trip: scenario, benchmark and closure in; equilibrium, tables and proof out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import asdict
from functools import partial
from pathlib import Path
from threading import RLock

import numpy as np
import xarray as xr

from cge.accounts import household
from cge.calibration import contents_text
from cge.calibration.contents import CONTENTS, Contents
from cge.errors import KeptError, PolicyError, RequestError, nearest
from cge.parameters import Parameters
from cge.progress import Event, Progress, silent
from cge.progress import named as named_progress
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.names.horizon import Financing
from cge.scenarios.policy.bind import Policy, bind, bound, refuse_idle
from cge.scenarios.results.cautions import cautions
from cge.scenarios.results.columns import WHOSE
from cge.scenarios.results.figures import draw
from cge.scenarios.results.folder import check_writable, keep_unless
from cge.scenarios.results.proof import matches, refuse_unproved
from cge.scenarios.results.registry import made
from cge.scenarios.results.results import NO_EV, SPENT, Comparison, Result, plain, without_ev
from cge.scenarios.results.stored import Stored
from cge.scenarios.results.table import Solved
from cge.solvers import METHODS, Problem
from cge.solvers.saving_price import with_saving_price
from cge.source import source_sha256

from . import markets
from .baseline import in_force, rebased
from .setting import DEFAULT_METHOD, Setting

WORDS = ("cli", "figures", "folder", "install", "letters", "library", "proof", "screen", "shown")
"""Modules that only show or keep them."""

BOUND, PROBLEMS = 16, 4
"""Policies and problems that a runner remembers: each scenario may have elasticities, and so a problem, of its own."""

Source = str | Path | Scenario


def solved(
    runner: Runner,
    scenarios: Source | Iterable[Source],
    out: str | Path | None = None,
    *,
    reuse: bool = True,
    overwrite: bool = False,
) -> Comparison:
    """Solve scenarios; with a folder, solve what it does not hold, and write each at once.

    Args:
        runner: what they are solved on.
        scenarios: names in the library, files, or Scenarios.
        out: folder of results, one folder a scenario in it; nothing is written if None.
        reuse: read a result that the folder holds with the same fingerprints in place of solving again.
        overwrite: replace what else the folder holds under a scenario's name.

    Raises:
        RequestError: listing what is wrong with the scenarios.
        KeptError: `out` holds another result of that name; it is kept.
        DataError: `out` holds the result, and it was changed after it was written.
        SolveError: no certified solution; results of the scenarios before it have been written.
    """
    chosen = runner.scenarios(several(scenarios))
    if out is None:
        runner.expect(chosen)
        return Comparison(tuple(runner.solve(scenario) for scenario in chosen))
    place = Path(out)
    kept = {s.name for s in chosen if reuse and matches(place / s.name, runner.fingerprints(s))}
    for scenario in chosen:
        folder = place / scenario.name
        if scenario.name in kept:
            Result.load(folder)  # raises if it was changed
        elif not overwrite and reuse:
            _keep_other(folder)
        else:
            keep_unless(folder, overwrite=overwrite)
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


def several(scenarios: Source | Iterable[Source]) -> list[Source]:
    """One scenario or several, as several."""
    return [scenarios] if isinstance(scenarios, str | Path | Scenario) else list(scenarios)


class Runner:
    """A setting with its problems, which are built once and solved for many scenarios; threads may share one.

    Args:
        where: benchmark, elasticities, closure.
        progress: called on the way.
        method: how to solve, see `cge.solvers.Problem`.

    Raises:
        RequestError: there is no such method.
    """

    def __init__(self, where: Setting, progress: Progress | None = None, method: str = DEFAULT_METHOD) -> None:
        if faults := unknown_method(method):
            raise RequestError(faults)
        self.method = method
        self.setting = where
        self.parameters = where.parameters
        self._progress = progress or silent
        self._lock = RLock()
        self._problems: dict[str, Problem] = {}
        self._touched: dict[str, set[str]] = {}
        self._policies: dict[str, Policy] = {}
        self._others: dict[str, Runner] = {}

    def watched(self, progress: Progress | None) -> Runner:
        """The same runner, with what it has built, that tells another progress."""
        if progress is None or progress is self._progress:
            return self
        other = copy(self)
        other._progress = progress
        return other

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
        with self._lock:
            key = _wanted(scenario)
            if key not in self._others:
                there = self.setting.at(horizon, None if financing is None else Financing.read(financing))
                if name is not None:
                    there = rebased(there, name, self.method, self._progress)
                self._others[key] = Runner(there, method=self.method)
            return self._others[key].watched(self._progress)

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
        twice = []
        for name in [n for n in dict.fromkeys(names) if names.count(n) > 1]:
            alike = len({scenario.sha256 for scenario in chosen if scenario.name == name}) == 1
            told = f"scenario {name} is given twice; name it once"
            twice.append(told if alike else f"two scenarios are called {name}; give one of them another name")
        if not sources:
            twice.append("name at least one scenario; `cge list` shows all")
        if len(errors) == 1 and not twice:
            raise errors[0]
        if errors or twice:
            raise RequestError([*map(str, errors), *twice])
        return chosen

    def _scenario(self, source: Source) -> Scenario:
        found = bound(source, self.setting.benchmark, self.parameters, self.setting.groups)
        if (runner := self.of(found.scenario)) is self:
            self._take(found.scenario, found.policy)
        else:
            runner.bind(found.scenario)  # raises if it does not fit there
        return found.scenario

    def bind(self, scenario: Scenario) -> Policy:
        """A scenario on the setting, beside the quotas in force there.

        Raises:
            RequestError: it does not fit the benchmark, or sets what does nothing under the closure.
        """
        if (runner := self.of(scenario)) is not self:
            return runner.bind(scenario)
        with self._lock:
            known = self._policies.get(scenario.sha256)
        return known or self._take(scenario, bind(scenario, self.setting.benchmark, self.parameters))

    def _take(self, scenario: Scenario, policy: Policy) -> Policy:
        """Keep a scenario's policy, beside the quotas in force; raises if it does nothing here."""
        policy = in_force(policy, self.setting)
        try:
            refuse_idle(policy, self.setting.closure)
        except RequestError as error:
            raise RequestError(error.faults, scenario.origin.file or f"scenario {scenario.name}") from None
        with self._lock:
            self._policies[scenario.sha256] = policy
            if len(self._policies) > BOUND:  # a thousand would be a gigabyte; binding one anew takes milliseconds
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
            "closure_sha256": self.setting.closure.sha256,
            "code_sha256": code_sha256(),
        }

    def expect(self, scenarios: Iterable[Scenario]) -> None:
        """Note every instrument that these scenarios set, so that those of one problem need no other model."""
        others: dict[str, list[Scenario]] = {}
        for scenario in scenarios:
            if self.of(scenario) is not self:
                others.setdefault(_wanted(scenario), []).append(scenario)
                continue
            policy = self.bind(scenario)
            names = self._touched.setdefault(policy.parameters.sha256, set())
            names |= {*policy.instruments, *(swap.free for swap in policy.swaps)}
        with self._lock:
            for key in self._touched.keys() & self._problems.keys():
                self._problems[key] = self._problems[key].prepared(self._touched[key], store=None)
        for own in others.values():
            self.of(own[0]).expect(own)

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
        watch = partial(self.tell, scenario.name)
        watch("bind", 0.0)
        policy = self.bind(scenario)
        start = time.perf_counter()
        problem = self.problem(policy, scenario.name)
        built = time.perf_counter() - start
        try:
            solved, policy = markets.solve(problem, policy, self.progress(scenario.name))
        except RequestError as error:  # such as an instrument that the closure frees
            raise PolicyError(error.faults, f"scenario {scenario.name}") from error
        freed = tuple(dict.fromkeys(swap.free for swap in policy.swaps))
        standing = self.setting.quotas
        solved, told = with_saving_price(problem, solved, policy.instruments, policy.quotas, freed, standing)
        watch("tables", 0.0)
        start = time.perf_counter()
        point = named(solved.data, self.setting.benchmark.contents)
        tables = dict(made(Solved(solved, tuple(policy.swaps), self.setting.benchmark.contents)))
        seconds = dict(solved.proof.seconds) | {"build": built, "tables": time.perf_counter() - start}
        proof = asdict(solved.proof) | dict(self.setting.names) | self.fingerprints(scenario)
        proof |= {"closure_options": asdict(self.setting.closure), "seconds": seconds}
        proof |= {WHOSE: household(point), "question": scenario.question, "sources": list(scenario.sources)}
        refuse_unproved(proof)
        said = (*cautions(self.setting.closure, policy), *([told] if told else []))
        notes = (*self.setting.notes, *policy.notes, *said)
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
        return self._kept(policy.parameters, partial(self.tell, name, "build"))

    def progress(self, name: str) -> Progress:
        """The progress of a scenario."""
        return named_progress(self._progress, name)

    def plain(self) -> Problem:
        """The problem of the setting itself, with no scenario."""
        return self._kept(self.parameters, lambda _: None)

    def _kept(self, parameters: Parameters, tell: Callable[[float], None]) -> Problem:
        """The problem of these parameters, built if it is not remembered."""
        key = parameters.sha256
        with self._lock:
            problem = self._problems.pop(key, None)
            if problem is None:
                tell(0.0)
                built = Problem(parameters, self.setting.closure, method=self.method)
                problem = built.prepared(self._touched.get(key, ()), store=None)
                tell(1.0)
            self._problems[key] = problem  # the last that was asked for is the last to go
            for old in list(self._problems)[:-PROBLEMS]:
                del self._problems[old]
            return problem

    def tell(self, name: str, stage: str, share: float) -> None:
        """Tell how far a scenario is."""
        self._progress(Event(stage, share, name))


def _wanted(scenario: Scenario) -> str:
    """The baseline, horizon and financing that a scenario names, in one word."""
    return repr((scenario.baseline, scenario.horizon, scenario.financing))


def named(point: xr.Dataset, contents: Contents) -> xr.Dataset:
    """A solution with the names of its labels in words beside them (`region_name`, `sector_name`, `factor_name`)."""
    names = {
        f"{axis}_name": (axis, np.array(contents.names(axis, map(str, point[axis].values)), dtype=object))
        for axis in ("region", "sector", "factor")
    }
    return point.assign_coords(names).assign_attrs({CONTENTS: contents_text.write(contents)})


def unknown_method(method: str) -> list[str]:
    """What is wrong with the name of a method; nothing if there is such a one."""
    if method in METHODS:
        return []
    return [f"unknown method {method!r}{nearest(method, METHODS)}; use {' or '.join(METHODS)}"]


def code_sha256() -> str:
    """Fingerprint of the package's code, so that results of another version are not taken for this one's."""
    return source_sha256(without=WORDS)
