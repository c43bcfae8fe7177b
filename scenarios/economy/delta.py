"""How sure one outcome is by the delta method: exact derivatives in place of draws, and a check of the second order.

With gradient g of an outcome in standard normal numbers of correlation C its variance is g'Cg to first order. The
check solves at one standard deviation of the outcome to either side, along the direction Cg in which the numbers most
likely lie if it deviates: where the outcome is straight it moves by plus and minus one standard deviation.

Source: Oehlert (1992), "A note on the delta method", The American Statistician 46; the direction is that of the first
order reliability method, Hasofer and Lind (1974), Journal of the Engineering Mechanics Division 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from cge.calibration.shares import with_elasticities
from cge.errors import RequestError
from cge.goal import Goal
from cge.progress import Progress
from cge.scenarios.files.scenario import Scenario
from cge.solvers.gradient import gradient, point

from .draws import Drawn, Draws, Uncertain, at, correlation, uncertain
from .economy import economy
from .gradient import aimed
from .lots import Cell, moved, rates_of
from .options import Options
from .run import Runner, Source
from .uncertainty import INTERVAL, read_draws

STEP = 1e-4
"""Of a standard normal number, in the derivatives of calibrated numbers."""


@dataclass(frozen=True, eq=False)
class Delta:
    """How an outcome spreads, to first order.

    Attributes:
        goal: the outcome.
        value: of it, by default.
        sd: its standard deviation.
        low, high: ends of an interval of a normal distribution.
        positive: probability that it is above zero.
        shares: of its variance, by uncertain number, the largest first; they add up to one.
        below, above: what it is one standard deviation below and above, solved for.
        bend: how far these are from the straight line, at most, standard deviations: under 0.1 the first order is good.
    """

    goal: Goal
    value: float
    sd: float
    low: float
    high: float
    positive: float
    shares: pd.Series
    below: float
    above: float

    @property
    def bend(self) -> float:
        """See the class."""
        if not self.sd:
            return 0.0
        off = (self.above - self.value - self.sd, self.below - self.value + self.sd)
        return max(map(abs, off)) / self.sd


def delta(
    scenario: Source,
    of: str = "ev.KOR",
    *,
    draws: Draws | Mapping[str, Any] | str | Path | None = None,
    interval: float = INTERVAL,
    progress: Progress | None = None,
    **more: Unpack[Options],
) -> Delta:
    """How sure one outcome of a scenario is, by its exact derivatives.

    Args:
        scenario, of, draws, interval: see `delta_of`, as for what is raised.
        progress: called on the way.
        more: what `economy` takes.
    """
    runner = economy(progress=progress, **more).runner.watched(progress)
    return delta_of(runner, scenario, of, draws=draws, interval=interval)


def delta_of(
    runner: Runner,
    scenario: Source,
    of: str = "ev.KOR",
    *,
    draws: Draws | Mapping[str, Any] | str | Path | None = None,
    interval: float = INTERVAL,
) -> Delta:
    """How sure one outcome is, on what a runner solves.

    Args:
        runner: what is solved on.
        scenario: name, file, or Scenario.
        of: outcome and its labels, such as ev.KOR (see `gradient.drivers_of`).
        draws: what is uncertain (`uncertainty.read_draws`); how it is drawn does not matter here.
        interval: probability between `low` and `high`.

    Raises:
        RequestError: an outcome or distribution that cannot be, or a kink at the solution.
        SolveError: no certified solution there, or one standard deviation away.
    """
    asked = read_draws(draws)
    (chosen,) = runner.scenarios([scenario])
    runner = runner.of(chosen)
    line = _Line(runner, chosen, asked)
    slopes = line.slopes(of)
    spread = line.correlation @ slopes
    variance = float(slopes @ spread)
    sd = float(np.sqrt(variance))
    way = spread / sd if sd else spread
    below, above = (line.value(sign * way) if sd else line.at_default for sign in (-1.0, 1.0))
    wide = float(norm.ppf(0.5 + interval / 2.0)) * sd
    value = line.at_default
    names = [number.name for number in line.numbers]
    shares = pd.Series(slopes * spread / variance if sd else slopes * 0.0, index=names, name="share")
    return Delta(
        line.goal, value, sd, value - wide, value + wide, float(norm.cdf(value / sd)) if sd else float(value > 0.0),
        shares.sort_values(key=np.abs, ascending=False), below, above,
    )  # fmt: skip


class _Line:
    """Solutions of a scenario at standard normal numbers of what is uncertain."""

    def __init__(self, runner: Runner, scenario: Scenario, draws: Draws) -> None:
        self.runner, self.scenario = runner, scenario
        rates = rates_of(draws, [scenario])
        self.numbers: Sequence[Uncertain] = uncertain(draws, runner.setting, rates)
        self.correlation: NDArray[np.float64] = correlation(draws, self.numbers)
        if np.linalg.eigvalsh(self.correlation)[0] <= 0.0:
            raise RequestError(["the correlations are not positive definite; move them towards zero"])
        self._policy = runner.bind(scenario)
        self._cell = Cell(scenario, {}, self._policy)
        base = runner.problem(self._policy, scenario.name)
        self._able = base.prepared(self._policy.instruments, self._policy.quotas, self._policy.swaps)

    def slopes(self, of: str) -> NDArray[np.float64]:
        """Derivatives of an outcome in the numbers, by the adjoint; by differences where a number moves the shares."""
        able, policy = self._able, self._policy
        self._of = of
        self.goal: Goal = aimed(of, able.model, self.runner.setting)
        found = able.solve(policy.instruments, policy.quotas, policy.swaps)
        self.at_default = self.goal.value(able.model, point(able.model, found))
        names = [*able.model.elasticities, *policy.instruments]
        exact = gradient(able, found, self.goal, names)
        if exact.kinks:
            raise RequestError(
                [f"the quota on {exact.kinks[0]} is at the edge of its regime: there are two slopes; draw a sample"]
            )
        return np.array([self._slope(k, exact.slopes) for k in range(len(self.numbers))])

    def _slope(self, k: int, exact: Mapping[str, Any]) -> float:
        unit = np.zeros(len(self.numbers))
        unit[k] = STEP
        one, other = self._drawn(unit), self._drawn(-unit)
        total = 0.0
        if self.numbers[k].spread.rate:
            ends = [moved(self._cell, each, [self.scenario], self.runner) for each in (one, other)]
            for name, array in ends[0].instruments.items():
                change = (array - ends[1].instruments[name]) / (2.0 * STEP)
                total += float((exact[name] * change).sum())
            return total
        base = self._able.model.parameters
        above, below = (with_elasticities(base, each.elasticities).arrays for each in (one, other))
        for name, numbers in above.items():
            moves = (numbers - below[name]) / (2.0 * STEP)
            if not moves.any():
                continue
            if name not in exact:
                return self._difference(k)
            total += float((exact[name].values * moves).sum())
        return total

    def _difference(self, k: int) -> float:
        """The slope from two solutions: of a number that moves shares too, such as an income elasticity."""
        unit = np.zeros(len(self.numbers))
        unit[k] = 0.01
        return (self.value(unit) - self.value(-unit)) / 0.02

    def value(self, place: NDArray[np.float64]) -> float:
        """The outcome at standard normal numbers."""
        one = self._drawn(place)
        policy = moved(self._cell, one, [self.scenario], self.runner)
        able = self._able.with_parameters(with_elasticities(self._able.model.parameters, one.elasticities))
        found = able.solve(policy.instruments, policy.quotas, policy.swaps)
        goal = aimed(self._of, able.model, self.runner.setting)
        return goal.value(able.model, point(able.model, found))

    def _drawn(self, place: NDArray[np.float64]) -> Drawn:
        values = np.array([n.at(float(x), linear=False) for n, x in zip(self.numbers, place, strict=True)])
        return at(self.numbers, values, Drawn(self.runner.setting.elasticities), self.runner.setting)
