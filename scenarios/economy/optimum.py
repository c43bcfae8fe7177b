"""The policy that serves a player best, or from which no player gains alone; it comes out as a scenario that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from ruamel.yaml import YAML

from cge.calibration.benchmark import Benchmark
from cge.closure import Closure
from cge.progress import Progress
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.names.resolve import World
from cge.scenarios.results.folder import check_writable, keep_unless, whole
from cge.scenarios.results.results import Result
from cge.shown import card, line
from cge.solvers.game import Game
from cge.solvers.nash import nash
from cge.solvers.optimum import best, best_from, cheapest
from cge.solvers.verdict import FEW, Verdict, judge

from .economy import More, economy
from .gradient import aimed
from .players import game_of, written
from .question import Chooser, Question, read_question
from .run import Runner

SECOND = 10.0
"""Per cent: the second start of a search of few rates."""

__all__ = ["Chooser", "Optimum", "Question", "best_of", "optimum", "read_question"]


@dataclass(frozen=True, eq=False)
class Optimum:
    """What was found.

    Attributes:
        question: that it answers.
        rates: one row a rate: `player`, `instrument`, `rate` (its partner, sector or both), `rate_pct`,
            `size_musd` (what it falls on at the benchmark), `bound` (the bound that it is at, or empty).
        verdict: one row a player: `value` of its outcome, `left` (gain that is left, predicted; of several players the
            predicted regret), `eigenvalue` (largest of the scaled Hessian: negative at a maximum), `ipopt` (0: IPOPT
            accepts the point as a stationary one on the Pyomo model), `infeasible` (largest gradient of the
            Lagrangian, shares of income), `bounds` (rates at one), `other_start` (largest difference of a rate found
            from another start, points), `regret` (found by searching anew), `price` (what a unit of the target costs).
        scenario: with these rates.
        result: its certified solution.
    """

    question: Question
    rates: pd.DataFrame
    verdict: pd.DataFrame
    scenario: Scenario
    result: Result

    def __repr__(self) -> str:
        return line("Optimum", {"players": ", ".join(map(str, self.verdict["player"])), "rates": len(self.rates)})

    def _repr_html_(self) -> str:
        return card(
            self.scenario.title, {"scenario": self.scenario.name}, self.rates, "rates, %; verdict has the proof"
        )

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write rates.csv, verdict.csv and the scenario's file."""
        with whole(Path(folder), overwrite=overwrite) as fresh:
            self.rates.to_csv(fresh / "rates.csv", index=False)
            self.verdict.to_csv(fresh / "verdict.csv", index=False)
            yaml = YAML(typ="safe", pure=True)
            yaml.default_flow_style = None
            with (fresh / f"{self.scenario.name}.yaml").open("w", encoding="utf-8") as file:
                yaml.dump(written(self.question, self.rates), file)
        return Path(folder)


def optimum(
    question: str | Path | Mapping[str, Any] | Question,
    benchmark: str | Path | Benchmark | None = None,
    closure: str | Closure | None = None,
    elasticities: str | Path | xr.Dataset | None = None,
    out: str | Path | None = None,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    **more: Unpack[More],
) -> Optimum:
    """The best policy of one player, or a Nash equilibrium of several.

    Args:
        question, out, overwrite: see `best_of`, as for what is raised.
        benchmark, closure, elasticities, more: what `economy` takes.
        progress: called on the way.
    """
    runner = economy(benchmark, closure, elasticities, progress=progress, **more).runner.watched(progress)
    return best_of(runner, question, out, overwrite=overwrite)


def best_of(
    runner: Runner,
    question: str | Path | Mapping[str, Any] | Question,
    out: str | Path | None = None,
    *,
    overwrite: bool = False,
) -> Optimum:
    """The answer to a question, on what a runner solves.

    Args:
        runner: what is solved on.
        question: a YAML file, what it holds, or a Question.
        out: folder for the rates, the verdict and the scenario's file; nothing is written if None.
        overwrite: replace what the folder holds.

    Raises:
        RequestError: what is wrong with the question: names that are not known, players without instruments.
        SolveError: no solution on the way, no equilibrium of the players, or a target out of reach.
    """
    asked = question if isinstance(question, Question) else read_question(question)
    asked = asked.on(World.of(runner.setting.benchmark, runner.setting.groups))
    if out is not None:
        keep_unless(Path(out), overwrite=overwrite)
        check_writable(Path(out))
    game = game_of(asked, runner)
    found = _searched(asked, game, runner)
    problem = game.walk.problem
    compiled = problem.compiled if problem.certificate == "pyomo" else None
    verdicts = judge(found.game, found.logs, compiled)
    rates = _rates(asked, game, found.logs, verdicts)
    scenario = Scenario.model_validate(written(asked, rates))
    (scenario,) = runner.scenarios([scenario])
    result = runner.solve(scenario)
    rows = [
        {
            "player": player.name, "goal": " + ".join(f"{w:g} {goal.name}" for w, goal in player.goals),
            "unit": player.goals[0][1].unit, "value": one.value, "left": one.left, "eigenvalue": one.eigenvalue,
            "ipopt": one.ipopt, "infeasible": one.infeasible, "bounds": ", ".join(one.bound),
            "other_start": found.apart, "regret": lost, "price": found.price,
        }
        for player, one, lost in zip(found.game.players, verdicts, found.regret, strict=True)
    ]  # fmt: skip
    answer = Optimum(asked, rates, pd.DataFrame(rows), scenario, result)
    if out is not None:
        answer.save(out, overwrite=overwrite)
    return answer


@dataclass(frozen=True)
class _Found:
    """Rates with the game that they are of, and what else is known of them."""

    game: Game
    logs: NDArray[np.float64]
    regret: list[float]
    apart: float = float("nan")
    price: float = float("nan")


def _searched(asked: Question, game: Game, runner: Runner) -> _Found:
    """The rates, by the search that the question asks for."""
    nothing = [float("nan")] * len(game.players)
    start = (asked.start if asked.start is not None else 30.0 if len(game.players) == 1 else 10.0) / 100.0
    if len(game.players) > 1:
        logs = nash(game, start)
        if asked.regret:
            nothing = [_regret(game, logs, k) for k in range(len(game.players))]
        return _Found(game, logs, nothing)
    target = asked.players[0].target
    if target is not None:
        goal = aimed(target.outcome, game.walk.problem.model, runner.setting)
        game, logs, price = cheapest(game, start, goal, target.at_least)
        return _Found(game, logs, nothing, price=price)
    logs, apart = best(game, start), float("nan")
    if len(logs) <= FEW:
        apart = 100.0 * float(np.abs(np.expm1(best(game, SECOND / 100.0)) - np.expm1(logs)).max())
    return _Found(game, logs, nothing, apart)


def _regret(game: Game, logs: NDArray[np.float64], k: int) -> float:
    """What a player gains by answering the others' rates anew."""
    values, _ = game.at(logs)
    alone = Game(game.walk, [game.players[k]], game.money, dict(game.levels(logs)))
    answer = best_from(alone, logs[game.spans[k]])
    return max(float(alone.at(answer)[0][0] - values[k]), 0.0)


def _rates(asked: Question, game: Game, logs: NDArray[np.float64], verdicts: list[Verdict]) -> pd.DataFrame:
    """One row a rate. Players who choose together are one in the game, with each one's choices in order."""
    words = [(each, instrument) for each in asked.players for instrument in each.instruments]
    parts = [(choice, span, k) for k, part in enumerate(game.parts) for choice, span in part]
    rows = []
    for (each, instrument), (choice, span, k) in zip(words, parts, strict=True):
        held, names = verdicts[k].bound, game.players[k].names[span.start - game.spans[k].start :]
        for name, key, size, log in zip(choice.names, names, choice.sizes, logs[span], strict=False):
            bound = f"{100.0 * held[key]:g} %" if key in held else ""
            rows.append((each.region, instrument, name, 100.0 * float(np.expm1(log)), float(size), bound))
    return pd.DataFrame(rows, columns=["player", "instrument", "rate", "rate_pct", "size_musd", "bound"])
