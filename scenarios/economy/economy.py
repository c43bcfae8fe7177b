"""An economy: benchmark, closure, elasticities, policy baseline and method, held once and used by every verb."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from cge.block import Block
from cge.calibration.benchmark import Benchmark
from cge.closure import Closure
from cge.errors import RequestError
from cge.parameters import Parameters
from cge.progress import Progress, silent
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.files.settings import read_setting
from cge.scenarios.names.groups import OwnGroups
from cge.scenarios.names.horizon import THREE
from cge.scenarios.results.results import Comparison
from cge.shown import card

from .baseline import rebased
from .options import ELASTICITY, HERE, STEPS, More, Options
from .run import Runner, Source, solved, unknown_method
from .setting import DEFAULT_BENCHMARK, DEFAULT_CLOSURE, DEFAULT_ELASTICITIES, DEFAULT_METHOD, Setting, setting

__all__ = ["STEPS", "Economy", "More", "Options", "economy"]

if TYPE_CHECKING:
    from cge.decomposition import Decomposition

    from .altertax import Altertax, Tariffs
    from .batch import Batch
    from .diff import Difference
    from .draws import Draws
    from .gradient import Drivers
    from .horizons import Horizons
    from .optimum import Optimum, Question
    from .plan import Plan, Vary
    from .reply import Reply
    from .robustness import Robustness
    from .uncertainty import Uncertainty

DEFAULTS: Options = {
    "benchmark": DEFAULT_BENCHMARK,
    "closure": DEFAULT_CLOSURE,
    "elasticities": DEFAULT_ELASTICITIES,
    "baseline": None,
    "groups": None,
    "horizon": None,
    "financing": None,
    "structure": (),
    "method": DEFAULT_METHOD,
}


class Economy:
    """A setting, held once, with the verbs that act on it.

    What is built for one call serves the next. Two threads may use one economy at the same time.

    Args:
        where: benchmark, elasticities, closure, quotas in force.
        method: how to solve.

    Attributes:
        setting: the same; at a policy baseline, the benchmark is the baseline's solution.
        runner: that solves on it.
    """

    def __init__(self, where: Setting, method: str = DEFAULT_METHOD) -> None:
        self.setting = where
        self.runner = Runner(where, method=method)

    @property
    def benchmark(self) -> Benchmark:
        """The table that scenarios start from."""
        return self.setting.benchmark

    @property
    def closure(self) -> Closure:
        """Which variables are exogenous and which are endogenous."""
        return self.setting.closure

    @property
    def elasticities(self) -> xr.Dataset:
        """By the benchmark's labels."""
        return self.setting.elasticities

    @property
    def parameters(self) -> Parameters:
        """Calibrated parameters."""
        return self.setting.parameters

    @property
    def method(self) -> str:
        """How it is solved."""
        return self.runner.method

    def __repr__(self) -> str:
        words = ", ".join(f"{key} {value}" for key, value in self.setting.names.items())
        return f"<Economy: {words}, method {self.method}>"

    def _repr_html_(self) -> str:
        return card("Economy", {**self.setting.names, "method": self.method, "benchmark's table": self.benchmark})

    def run(
        self,
        scenarios: Source | Iterable[Source],
        out: str | Path | None = None,
        *,
        reuse: bool | None = None,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Comparison:
        """Solve scenarios.

        Args:
            scenarios: names in the library, files, or Scenarios.
            out: folder to write to, one folder a scenario in it; nothing is written if None. Results are read back
                when they are asked for.
            reuse: read a result that the folder holds with the same fingerprints (benchmark, parameters, scenario,
                closure, code) and do not compute it again, so that the same call goes on where one was stopped. If
                None, that is done unless `overwrite` is set.
            overwrite: replace what the folder holds under the scenarios' names.
            progress: told every stage (`cge.progress.Event`).

        Returns:
            Results in the order of the scenarios, each with its proof.

        Raises:
            RequestError: listing what is wrong with the scenarios.
            KeptError: `out` holds another result of that name; it is kept.
            DataError: `out` holds the result, and it was changed after it was written.
            SolveError: no certified solution; results of the scenarios before it have been written.
        """
        again = not overwrite if reuse is None else reuse
        return solved(self.runner.watched(progress), scenarios, out, reuse=again, overwrite=overwrite)

    def compare(
        self,
        scenarios: Source | Iterable[Source],
        out: str | Path | None = None,
        *,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Comparison:
        """`run` with `reuse=True`: `overwrite` replaces only results of another scenario, setting or version."""
        return self.run(scenarios, out, reuse=True, overwrite=overwrite, progress=progress)

    def decompose(
        self,
        scenario: Source,
        out: str | Path | None = None,
        *,
        steps: int = STEPS,
        by_shock: bool = False,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Decomposition:
        """Split the EV of a scenario into its effects; see `cge.scenarios.economy.decompose.decomposed`."""
        from .decompose import decomposed

        runner = self.runner.watched(progress)
        return decomposed(runner, scenario, out, steps=steps, by_shock=by_shock, overwrite=overwrite)

    def batch(
        self,
        scenarios: Source | Iterable[Source] | Plan,
        out: str | Path,
        *,
        vary: Vary | Mapping[str, Any] | Sequence[Vary | Mapping[str, Any]] = (),
        draws: Draws | Mapping[str, Any] | int | None = None,
        tables: str | Sequence[str] = ("welfare",),
        workers: int | None = None,
        dask: str | None = None,
        progress: Progress | None = None,
    ) -> Batch:
        """Run every scenario at every value of what varies and at every draw of elasticities.

        Args:
            scenarios: names in the library, files, or Scenarios; or a `Plan`, which says all of it.
            out: folder of the batch.
            vary: numbers of shocks that take several values, such as `{"key": "add", "values": [0, 10, 20]}`;
                several make a grid.
            draws: of elasticities between the lower and the upper set; a number, or `Draws`.
            tables: that are kept of every run: welfare, trade, sectors, rents, emissions, swaps.
            workers, dask, progress: see `cge.scenarios.economy.batch.run_plan`, as for what is given back and raised.
        """
        from .batch import run_plan
        from .plan import Plan, plan

        if isinstance(scenarios, Plan):
            chosen = scenarios
        else:
            several = scenarios if isinstance(scenarios, str | Path | Scenario) else list(scenarios)
            chosen = plan(several, vary, draws, tables)
        return run_plan(chosen, out, self.runner, workers=workers, dask=dask, progress=progress or silent)

    def horizons(
        self,
        scenarios: Source | Iterable[Source],
        out: str | Path | None = None,
        *,
        names: Iterable[str] = THREE,
        reuse: bool | None = True,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Horizons:
        """Solve scenarios at several horizons: `names`, each with its folder in `out`; otherwise as `run`.

        Raises:
            RequestError: the economy has a horizon or a policy baseline already; `cge.horizons` solves a baseline at
                each horizon.
        """
        from .horizons import Horizons
        from .run import several

        for word in {"horizon", "baseline"} & set(self.setting.names):
            raise RequestError(
                [f"this economy has the {word} {self.setting.names[word]}; make one without, or call cge.horizons"]
            )
        chosen, found = several(scenarios), {}
        for name in names:
            at = Economy(self.setting.at(name, None), self.method)
            place = None if out is None else Path(out) / name
            found[name] = at.run(chosen, place, reuse=reuse, overwrite=overwrite, progress=progress)
        return Horizons(found)

    def gradient(
        self,
        scenario: Source = HERE,
        of: str = "ev.KOR",
        by: str | Iterable[str] = ("import_tariff", ELASTICITY),
        out: str | Path | None = None,
        *,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Drivers:
        """The exact derivative of an outcome in instruments and elasticities; see `.gradient.drivers_of`."""
        from .gradient import drivers_of

        return drivers_of(self.runner.watched(progress), scenario, of, by, out, overwrite=overwrite)

    def optimum(
        self,
        question: str | Path | Mapping[str, Any] | Question,
        out: str | Path | None = None,
        *,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Optimum:
        """The best policy of one player, or a Nash equilibrium of several; see `.optimum.best_of`."""
        from .optimum import best_of

        return best_of(self.runner.watched(progress), question, out, overwrite=overwrite)

    def uncertainty(
        self, scenarios: Source | Iterable[Source], out: str | Path = "results", **more: Any
    ) -> Uncertainty:
        """How sure results are: ranges of every entry; see `uncertainty.uncertain_of` for what else it takes."""
        from .uncertainty import uncertain_of

        return uncertain_of(self.runner, scenarios, out, **more)

    def robustness(
        self, scenarios: Source | Iterable[Source], out: str | Path = "results/robustness", **more: Any
    ) -> Robustness:
        """Which signs and ranks survive other settings; see `robustness.robust_of` for what else it takes."""
        from .robustness import robust_of

        return robust_of(self.runner, scenarios, out, **more)

    def reply(self, question: str | Path | Mapping[str, Any], out: str | Path = "results/reply", **more: Any) -> Reply:
        """A region's best reply to others; see `reply.reply_of` for what else it takes."""
        from .reply import reply_of

        return reply_of(self.runner, question, out, **more)

    def diff(self, first: Source, second: Source) -> Difference:
        """What differs between two scenarios, without solving them; see `cge.scenarios.economy.diff.difference`."""
        from .diff import difference

        return difference(self.setting, first, second)

    def altertax(self, tariffs: Tariffs, *, progress: Progress | None = None) -> Altertax:
        """Put other tariffs into the benchmark; see `cge.scenarios.economy.altertax.retaxed`."""
        from .altertax import retaxed

        return retaxed(self.setting, tariffs, method=self.method, progress=progress or silent)


def economy(
    benchmark: str | Path | Benchmark | None = None,
    closure: str | Closure | None = None,
    elasticities: str | Path | xr.Dataset | None = None,
    *,
    baseline: Source | None = None,
    groups: OwnGroups = None,
    horizon: str | None = None,
    financing: str | Mapping[str, Any] | None = None,
    structure: Sequence[str | Block] | None = None,
    method: str | None = None,
    setting: str | Path | None = None,
    progress: Progress | None = None,
) -> Economy:
    """An economy to run scenarios on.

    What is not given is taken from the setting file, and what that does not say from the defaults.

    Args:
        benchmark: name of one that comes with the package, a NetCDF file, or a Benchmark.
        closure: name in `cge.closure.CLOSURES`, a YAML file, or a Closure; `standard:KOR` takes Korea's consumer
            prices as the numeraire.
        elasticities: default, lower, upper, a study, a CSV file of rows that differ from the default set,
            `FILE.csv:SET`, or labelled values.
        baseline: scenario whose solution is the benchmark that others are compared with (see `economy.baseline`); if
            not given, each scenario's own baseline, if it names one.
        groups: own groups of regions and sectors that scenarios may name: a YAML file, or what it holds.
        horizon: short, medium, long or a variant (docs/horizons.md); if not given, each scenario's own.
        financing: lump-sum, direct-tax, consumption-tax or spending, or a mapping with `by` and `regions`; likewise.
        structure: gtap7 (docs/gtap.md), standard, or blocks of equations that are added to those of the closure:
            names of `cge.equations.structures.BLOCKS`, or blocks of your own. With gtap7 and no closure, the global
            bank's, unless a horizon says otherwise.
        method: "newton" finds the point by Newton's method and lets IPOPT certify it; "ipopt" lets IPOPT do all.
        setting: YAML file with any of these (docs/economy.md).
        progress: told every stage while the baseline is solved.

    Raises:
        RequestError: listing every name that is not known.
        DataError: a file is at fault, or too little is known of the benchmark's labels.
        SolveError: the baseline has no certified solution.
    """
    given: Options = {
        "benchmark": benchmark, "closure": closure, "elasticities": elasticities, "baseline": baseline,
        "groups": groups, "horizon": horizon, "financing": financing, "structure": structure, "method": method,
    }  # fmt: skip
    told = read_setting(setting) if setting is not None else {}
    chosen: dict[str, Any] = {**DEFAULTS, **told, **{key: value for key, value in given.items() if value is not None}}
    if bank := "closure" not in told and closure is None and horizon is None and _is_gtap(chosen["structure"]):
        chosen["closure"] = GTAP_CLOSURE
    where, method = replace(_loaded(chosen), assumed=bank), chosen["method"]
    if chosen["baseline"] is not None:
        where = rebased(where, chosen["baseline"], method, progress)
    return Economy(where, method)


GTAP_CLOSURE = "global-bank"
"""What GTAP's standard closure is called here."""


def _is_gtap(structure: Any) -> bool:
    return "gtap7" in ((structure,) if isinstance(structure, str | Block) else structure)


def _loaded(chosen: Mapping[str, Any]) -> Setting:
    """The setting before its baseline; all faults at once."""
    faults = unknown_method(chosen["method"])
    keys = ("benchmark", "closure", "elasticities", "groups", "horizon", "financing")
    try:
        where = setting(*(chosen[key] for key in keys))
    except RequestError as error:
        raise RequestError([*error.faults, *faults], error.what) from None
    if faults:
        raise RequestError(faults)
    more = chosen["structure"]
    if not more:
        return where
    more = (more,) if isinstance(more, str | Block) else tuple(more)
    names = [block if isinstance(block, str) else block.name for block in more]
    closure = replace(where.closure, blocks=tuple(dict.fromkeys((*where.closure.blocks, *more))))
    return replace(where, closure=closure, names=dict(where.names) | {"structure": "+".join(names)})
