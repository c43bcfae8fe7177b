"""A problem is a model that is built once and solved for many scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import xarray as xr

from cge.checks import check_freed, check_matching, check_replication, no_solution, warn_of_core, worst_equations
from cge.closure import Closure
from cge.errors import ModelError, RequestError, SolveError
from cge.identities import imbalance
from cge.model import Model, Values
from cge.parameters import Parameters
from cge.progress import Progress, silent
from cge.quotas import Limits, Quota, flags, limits, violation, with_quotas
from cge.shown import card
from cge.solvers.certificate import ipopt
from cge.swaps import Swap, scales, targets, unit
from cge.system import System

from .certificate.compiled import STORE, CompiledModel, fingerprint
from .certificate.ipopt import SUCCESS, TOLERANCE, IpoptResult
from .certificate.store import Store
from .equilibrium import Equilibrium, Found, Move, Proof, Regime, dataset
from .install.doctor import require
from .methods.logarithms import LogNewton
from .methods.newton import Newton
from .methods.path import PathResult, follow
from .methods.regimes import find, guessed
from .prepared import Clock, Compiled, Family, Setting, Warm, key_of
from .target import started, target

ADVICE = (
    "Try a smaller shock, smaller trade elasticities (--elasticities lower), or another closure; a policy that takes "
    "more income than a region has leaves no equilibrium to find."
)

METHODS = ("newton", "ipopt")
INEQUALITIES = 1e-8
"""Largest violation of an inequality of a quota that a solution may have."""

CERTIFICATES = ("pyomo", "arrays")


class Problem:
    """Parameters and a closure, ready to solve.

    Args:
        parameters: calibrated parameters.
        closure: what is held; the standard closure by default.
        method: "newton" finds the point by Newton's method and lets IPOPT certify it; "ipopt" lets IPOPT do all.
        certificate: where IPOPT takes its functions from: "pyomo", or "arrays" for worlds too large for Pyomo.

    A problem never changes, and threads may share it. A solve that needs more than it has prepares another, which is
    remembered.

    Attributes:
        parameters, closure, method, certificate: as given.
        model, system: equations and unknowns.
        benchmark_residual: largest residual at the benchmark point.

    Raises:
        ModelError: the system is not square and matched, or does not replicate the benchmark.
    """

    parameters: Parameters
    closure: Closure
    method: str
    certificate: str
    model: Model
    system: System
    benchmark_residual: float
    _setting: Setting
    newton: Newton
    logs: LogNewton
    _family: Family
    _functions_of: Compiled

    def __init__(
        self,
        parameters: Parameters,
        closure: Closure | None = None,
        *,
        method: str = "newton",
        certificate: str = "pyomo",
    ) -> None:
        if method not in METHODS or certificate not in CERTIFICATES or (method, certificate) == ("ipopt", "arrays"):
            raise RequestError(
                f"method is one of {', '.join(METHODS)} and certificate one of {', '.join(CERTIFICATES)}, not "
                f"{method!r} and {certificate!r}; IPOPT's own solves need Pyomo's second derivatives"
            )
        require(asl_library=certificate == "pyomo")
        self._hold(
            Setting(parameters, closure or Closure(), method, certificate), parameters, frozenset(), (), Family()
        )

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a problem never changes; `prepared` and `with_parameters` give others")

    def _hold(
        self,
        setting: Setting,
        parameters: Parameters,
        instruments: frozenset[str],
        swaps: Sequence[Swap],
        family: Family,
    ) -> None:
        """Build model and methods; `parameters` have the quota axis of the model."""
        model = Model(parameters, setting.closure.structure(instruments), swaps)
        held = setting.closure.held(model)
        check_freed(model, held)
        system = model.system(held)
        check_matching(system)
        warn_of_core(system)
        self.__dict__.update(
            parameters=setting.parameters,
            closure=setting.closure,
            method=setting.method,
            certificate=setting.certificate,
            model=model,
            system=system,
            benchmark_residual=check_replication(system),
            _setting=setting,
            newton=Newton(system),
            logs=LogNewton(system),
            _family=family,
            _functions_of=Compiled(model),
        )

    def _repr_html_(self) -> str:
        return card(f"Problem, benchmark residual {self.benchmark_residual:.0e}", {"closure": self.closure.describe()})

    def with_parameters(self, parameters: Parameters) -> Problem:
        """The same problem with other parameters; other elasticities need no new Pyomo model."""
        other = object.__new__(Problem)
        setting = replace(self._setting, parameters=parameters)
        other._hold(setting, parameters, self.model.structure.instruments, self.model.swaps, Family())
        if fingerprint(other.model) == fingerprint(self.model):
            other.__dict__["_functions_of"] = self._functions_of
        return other

    def solve(
        self,
        instruments: Mapping[str, xr.DataArray | float] | None = None,
        quotas: Sequence[Quota] = (),
        swaps: Sequence[Swap] = (),
        *,
        start: Equilibrium | None = None,
        progress: Progress | None = None,
    ) -> Equilibrium:
        """Solve for a scenario.

        Args:
            instruments: levels of the instruments that differ from the benchmark, as full labelled arrays (ad
                valorem rates, indices; see `cge.symbols.INSTRUMENTS`). A variable that the closure holds, such as
                the numeraire `pworld`, may be set too; a float stands for the same value everywhere.
            quotas: quantity limits. Those of the benchmark stay hard at their benchmark volume unless they are named
                here, with an infinite volume if they end.
            swaps: outcomes that are held, each for an instrument that is freed around its level.
            start: an earlier solution to start from.
            progress: told every stage and step.

        Returns:
            A certified equilibrium.

        Raises:
            SolveError: no solution was found; nothing else is returned.
            PolicyError, PolicyError: quotas or swaps that cannot be.
            ModelError: a swap leaves the system without a solution.
            RequestError: an instrument is unknown, or its array does not fit.
        """
        clock = Clock(progress or silent)
        with clock("prepare"):
            able = self.prepared(instruments or {}, quotas, swaps, store=None)
            goal = target(able.system, instruments or {})
            if swaps:
                goal["outcome"] = targets(able.model.parameters, swaps, able.model.benchmark["outcome"])
            values = started(able.model, start) if start else able.model.start()
            warm = self._family.warm(start, able.model.parameters.labels["quota"])
        return able._solved(values, goal, limits(able.model.parameters, quotas), clock, warm)

    def _solved(self, start: Values, goal: Values, bounds: Limits, clock: Clock, warm: Warm) -> Equilibrium:
        """Solve and certify, with everything there that the goal needs."""
        with clock("solve"):
            found = self._find(start, goal, bounds, clock, warm)
        with clock("certify"):
            verdict = self._certificate(found.values)
        data = dataset(self.model, found.values)
        self._family.remember(data, warm.factors)
        proof = self._proof(verdict, found, self._balanced(data), clock)
        return Equilibrium(self.model.parameters, data, found.quotas, proof, self._moves(found.values))

    def _moves(self, values: Values) -> tuple[Move, ...]:
        """What every swap does at a point."""
        if not self.model.swaps:
            return ()
        scale = scales(self.model.parameters, self.model.swaps)
        base, now = scale * self.model.benchmark["outcome"], scale * values["outcome"]
        return tuple(
            Move(
                swap.name,
                unit(self.model.structure, swap),
                float(base[k]),
                float(now[k]),
                float(values["lever"][k]),
            )
            for k, swap in enumerate(self.model.swaps)
        )

    def prepared(
        self,
        instruments: Iterable[str] = (),
        quotas: Sequence[Quota] = (),
        swaps: Sequence[Swap] = (),
        store: Store | None = STORE,
    ) -> Problem:
        """This problem with support for what scenarios touch; itself where it has that already.

        Args:
            instruments, quotas, swaps: that scenarios will set.
            store: where compiled models are kept, which is done now; None to compile nothing until a solve needs it.
        """
        parameters = with_quotas(self.parameters, quotas)
        have = self.model.structure.instruments
        need = have | (({*instruments, *(swap.free for swap in swaps)}) & set(self.model.structure.held))
        key = key_of(parameters, need, swaps)
        found = self
        if key != key_of(self.model.parameters, have, self.model.swaps):
            found = self._family.member(key, lambda: self._with(parameters, need, swaps))
        if store is not None and self.certificate == "pyomo":
            found._functions_of.compile(store)
        return found

    def _with(self, parameters: Parameters, instruments: frozenset[str], swaps: Sequence[Swap]) -> Problem:
        other = object.__new__(Problem)
        other._hold(self._setting, parameters, instruments, swaps, self._family)
        return other

    def _find(self, start: Values, target: Values, bounds: Limits, clock: Clock, warm: Warm) -> Found:
        """A solution at the target's instruments, with every quota in the regime that its inequalities ask for."""
        initial = guessed(self.model.constants["binds0"], bounds, warm.state)
        self._refuse_loose({**self.model.benchmark, **flags(initial, bounds)})
        settled = find(partial(self._point, warm, clock), self.logs, start, target, bounds, initial)
        values, state = settled.values, settled.state
        # a premium that does not bind is at its end exactly, not but for rounding
        ends = np.where(values["binds"] > 0.0, values["premium"], values["bound"])
        values = self.system.complete({**values, "premium": ends})
        broken = violation(state, values["premium"], values["volume"], bounds)
        if not broken <= INEQUALITIES:
            raise SolveError(
                f"the regimes of the quotas break an inequality by {broken:.1e} (at most {INEQUALITIES:.0e})"
            )
        fill = values["volume"] / bounds.limit
        groups = self.model.parameters.arrays["member"]
        flow = self.model.symbols["tm"]
        quotas = tuple(
            Regime(
                name,
                tuple(self.model.labels(flow, tuple(cell)) for cell in np.argwhere(groups[k] > 0.0)),  # type: ignore[misc]
                state[k],
                float(values["premium"][k]),
                float(fill[k]),
            )
            for k, name in enumerate(self.model.parameters.labels["quota"])
        )
        return Found(values, quotas, "+".join(sorted(settled.ways)), settled.steps, broken)

    def _refuse_loose(self, values: Values) -> None:
        """Require that levers move what is held for them, with the quotas in their first regimes."""
        if self.model.swaps and (loose := self.newton.loose(values)):
            moved = [swap for swap in self.model.swaps if f"lever[{swap.name}]" in loose]
            raise ModelError(no_solution(moved or self.model.swaps))

    def _point(self, warm: Warm, clock: Clock, start: Values, goal: Values, path: bool) -> tuple[Values, int, str]:
        """A solution of the smooth system at the goal's instruments: see `regimes.Point`."""
        newton = self.newton
        system = newton.system
        # start from the unknowns of the last point, everything that is held from the goal
        first = system.unpack(system.pack(start), goal)
        watched = lambda count, size: clock.watch(f"IPOPT step {count}, residual {size:.1e}", count / 30.0)  # noqa: E731
        if self.method == "ipopt":
            with ipopt.ALONE:
                direct = ipopt.solve(system, first, self._functions(first), watch=watched)
            if direct.status == SUCCESS:
                return direct.values, direct.iterations, "ipopt"
            raise SolveError(self._failure(direct))
        watch = lambda count, size: clock.watch(f"Newton step {count}, residual {size:.1e}", count / 10.0)  # noqa: E731
        logs = self.logs
        begun = warm.factors
        found, way, beyond = newton.solve(first, watch=watch, kept=begun), "newton", False
        warm.factors = found.secants or begun
        if not found.converged or logs.negative(found.values):
            found, way = logs.solve(first, iterations=25, watch=watch), "logarithms"
        if found.converged and not logs.negative(found.values):
            # the benchmark's own factors lead past no turn; a start that solves as it is has not moved
            far = way != "newton" or found.factorisations > 0 or (begun is not None and found.iterations > 0)
            beyond = far and logs.beyond(found.values)
            if not beyond:
                return found.values, found.iterations, way
        if not path:
            raise SolveError("no point in these regimes")  # `regimes.find` goes on from here
        # the benchmark solves the regimes of the goal with the limits and premiums of the benchmark
        base = self.model.benchmark
        base = {**base, "binds": goal["binds"], "above": goal["above"], "bound": base["premium"]}
        end = follow(logs, base, goal, watch=lambda t: clock.watch("path of shocks", t))
        if end.converged:
            return end.values, end.iterations, "path"
        raise SolveError(self._lost(end, beyond))

    def _lost(self, path: PathResult, beyond: bool) -> str:
        """Why there is no solution, as far as the path can tell; whether there is one beyond a turn."""
        system = self.system
        worst = worst_equations(system, system.residuals(system.complete(path.values)))
        why = f"the path of equilibria from the benchmark to the shock {path.end}"
        moves = self._in_vain(path.values)
        other = "There is an equilibrium beyond a turn, to which the benchmark does not lead. " if beyond else ""
        return f"no equilibrium found: {why}. {other}Worst equations: {worst}. {moves}{ADVICE}"

    def _failure(self, result: IpoptResult) -> str:
        system = self.system
        worst = worst_equations(system, system.residuals(result.values))
        moves = self._in_vain(result.values)
        return f"no equilibrium found (IPOPT: {result.message}). Worst equations: {worst}. {moves}{ADVICE}"

    def _in_vain(self, values: Values) -> str:
        """How far the freed instruments of closure swaps were moved for nothing."""
        if not self.model.swaps:
            return ""
        moves = ", ".join(f"{s.name}: {v:+.3g}" for s, v in zip(self.model.swaps, values["lever"], strict=True))
        return f"Perhaps the freed instrument cannot reach the fixed outcome (last moves: {moves}). "

    def _functions(self, values: Values) -> ipopt.Functions:
        """Residuals and derivatives for IPOPT; the Pyomo model is compiled when it is first asked for."""
        if self.certificate == "arrays":
            return ipopt.ArrayFunctions(self.system, values)
        return ipopt.PyomoFunctions(self._functions_of.compile(STORE), self.system, values)

    @property
    def compiled(self) -> CompiledModel:
        """The compiled Pyomo model."""
        return self._functions_of.compile(STORE)

    def _certificate(self, values: Values) -> IpoptResult:
        with ipopt.ALONE:
            verdict = ipopt.certify(self.system, values, self._functions(values))
        if verdict.status != SUCCESS or not verdict.residual <= TOLERANCE:
            raise SolveError(
                f"IPOPT does not certify the point that was found ({verdict.message}, residual "
                f"{verdict.residual:.1e}). " + self._failure(verdict)
            )
        return verdict

    def _balanced(self, point: xr.Dataset) -> float:
        """How far the accounts of a point are out of balance, which uses none of the balances of the model."""
        worst, identity = imbalance(self.model.parameters, point)
        slack = abs(float(point["walras"]))
        if not slack <= TOLERANCE:
            if unspent := self.closure.unspent(self.model, point):
                raise SolveError(
                    f"government consumption of {', '.join(unspent)} is zero, so nothing takes up the revenue that "
                    "this policy raises there; use a closure with the regional household, or leave these regions out"
                )
            raise SolveError(
                f"the solution is not proved (walras {slack:.1e}; at most {TOLERANCE:.0e}). "
                "Look for a shock that gives to one region what none other gives up."
            )
        if not worst <= TOLERANCE:
            raise SolveError(
                f"the accounts do not balance after the shock: {identity} is out by {worst:.1e} of its turnover (at "
                f"most {TOLERANCE:.0e}). Look for a shock that gives to one region what none other gives up."
            )
        return worst

    def _proof(self, verdict: IpoptResult, found: Found, balance: float, clock: Clock) -> Proof:
        return Proof(
            benchmark_residual=self.benchmark_residual,
            max_residual=verdict.residual,
            walras=abs(float(found.values["walras"])),
            identities=balance,
            ipopt_status=verdict.status,
            ipopt_iterations=verdict.iterations,
            ipopt_version=verdict.version,
            method=found.method,
            iterations=found.iterations,
            quotas=found.broken,
            benchmark_sha256=str(self.parameters.data.attrs.get("benchmark_sha256", "")),
            parameters_sha256=self.parameters.sha256,
            seconds=dict(clock.seconds),
        )
