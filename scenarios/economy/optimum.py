"""The policy that serves a player best, or from which no player gains alone; it comes out as a scenario that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from pydantic import Field, ValidationError, model_validator
from ruamel.yaml import YAML

from cge.calibration.benchmark import Benchmark
from cge.closure import Closure
from cge.errors import RequestError
from cge.model import Model
from cge.progress import Progress
from cge.scenarios.files.faults import explain
from cge.scenarios.files.scenario import SHOCKS, Scenario
from cge.scenarios.files.text import parse, plain, text_of
from cge.scenarios.names.resolve import Findings, World
from cge.scenarios.names.vocabulary import MOST, WORDS, Frozen, Selector
from cge.scenarios.results.folder import check_writable, keep_unless, whole
from cge.scenarios.results.results import Result
from cge.shown import card, line
from cge.solvers.optimum import FEW, Game, Player, Verdict, best, judge, nash
from cge.solvers.walk import Walk

from .economy import More, economy
from .gradient import aimed
from .run import Runner
from .setting import Setting

SECOND = 10.0
"""Per cent: the second start of a search of few rates."""

SOURCE = "the optimum of this package, by `cge optimum`"


class Chooser(Frozen):
    """One player: who chooses which rates, for what.

    Attributes:
        region: whose instrument it is.
        instrument: import_tariff, export_tax or output_tax.
        rates: one for all, one a partner, one a sector, or one a cell.
        partners: on whom; all if not given.
        sectors: on what; if not given, goods of a tariff or an export tax (services have no tariffs), and all sectors
            of an output tax.
        goal: outcome, such as ev.KOR (the region's own EV if not given), or several with weights.
        bounds: of the rates, per cent.
    """

    region: str
    instrument: Literal["import_tariff", "export_tax", "output_tax"] = "import_tariff"
    rates: Literal["uniform", "by-partner", "by-sector", "all"] = "uniform"
    partners: Selector = Field(default_factory=Selector)
    sectors: Selector | None = None
    goal: str | dict[str, float] = ""
    bounds: tuple[float, float] = (0.0, 300.0)

    @model_validator(mode="after")
    def _sound(self) -> Chooser:
        low, high = self.bounds
        if not -100.0 < low < high <= MOST:
            raise ValueError(f"bounds {low:g} and {high:g}: give two rates, per cent, the lower first, above -100")
        if self.instrument == "output_tax" and (high >= 100.0 or self.rates in ("by-partner", "all")):
            raise ValueError("an output tax has rates uniform or by-sector, and bounds below 100 per cent")
        return self

    @property
    def goals(self) -> dict[str, float]:
        """Outcomes and their weights."""
        return self.goal if isinstance(self.goal, dict) else {self.goal or f"ev.{self.region}": 1.0}


class Question(Frozen):
    """What is asked: one player, or several that each answer the others.

    Attributes:
        name, title: of the scenario that comes out.
        scenario: what is in force beside the rates; nothing if not given.
        players: at least one.
        start: rate from which the search begins, per cent.
        regret: find by searching anew what each of several players could still gain.
    """

    name: str
    title: str = ""
    scenario: str | None = None
    players: tuple[Chooser, ...] = Field(min_length=1)
    start: float | None = None
    regret: bool = False


@dataclass(frozen=True, eq=False)
class Optimum:
    """What was found.

    Attributes:
        question: that it answers.
        rates: one row a rate: `player`, `instrument`, `rate` (its partner, sector or both), `rate_pct`,
            `size_musd` (what it falls on at the benchmark), `bound` (the bound that it is at, or empty).
        verdict: one row a player: `value` of its outcome, `left` (gain that is left, predicted; of several players the
            predicted regret), `eigenvalue` (largest of the scaled Hessian: negative at a maximum), `bounds` (rates at
            one), `other_start` (largest difference of a rate found from another start, points), `regret` (found by
            searching anew).
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
                yaml.dump(_written(self.question, self.rates), file)
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
        SolveError: no solution on the way, or no equilibrium of the players.
    """
    asked = question if isinstance(question, Question) else read_question(question)
    world = World.of(runner.setting.benchmark, runner.setting.groups)
    whole_ = [each.model_copy(update={"sectors": sectors_of(each, world)}) for each in asked.players]
    asked = asked.model_copy(update={"players": tuple(whole_)})
    if out is not None:
        keep_unless(Path(out), overwrite=overwrite)
        check_writable(Path(out))
    game = _game(asked, runner)
    start = (asked.start if asked.start is not None else 30.0 if len(game.players) == 1 else 10.0) / 100.0
    if len(game.players) > 1:
        logs, apart, regret = nash(game, start), np.nan, [np.nan] * len(game.players)
        if asked.regret:
            regret = [_regret(game, logs, k) for k in range(len(game.players))]
    else:
        logs, apart, regret = best(game, start), np.nan, [np.nan]
        if len(logs) <= FEW:
            apart = 100.0 * float(np.abs(np.expm1(best(game, SECOND / 100.0)) - np.expm1(logs)).max())
    verdicts = judge(game, logs)
    rates = _rates(asked, game, logs, verdicts)
    scenario = Scenario.model_validate(_written(asked, rates))
    (scenario,) = runner.scenarios([scenario])
    result = runner.solve(scenario)
    rows = [
        {
            "player": player.name, "goal": " + ".join(f"{w:g} {goal.name}" for w, goal in player.goals),
            "unit": player.goals[0][1].unit, "value": one.value, "left": one.left, "eigenvalue": one.eigenvalue,
            "bounds": ", ".join(one.bound), "other_start": apart, "regret": lost,
        }
        for player, one, lost in zip(game.players, verdicts, regret, strict=True)
    ]  # fmt: skip
    found = Optimum(asked, rates, pd.DataFrame(rows), scenario, result)
    if out is not None:
        found.save(out, overwrite=overwrite)
    return found


def read_question(source: str | Path | Mapping[str, Any]) -> Question:
    """A question from a file, or from what it holds.

    Raises:
        RequestError: all that is wrong with it.
    """
    content, name = source, "the question"
    if isinstance(source, str | Path):
        name = Path(source).name
        content = plain(parse(name, text_of(Path(source), "a question about the best policy"), "give `players`"))
        content = {"name": Path(source).stem} | content
    try:
        return Question.model_validate(content)
    except ValidationError as error:
        raise RequestError([explain(each, each["loc"], Question) for each in error.errors()], name) from None


def _game(asked: Question, runner: Runner) -> Game:
    symbols = {WORDS[player.instrument] for player in asked.players}
    problem, levels, quotas = runner.plain(), {}, runner.setting.quotas
    if asked.scenario:
        (chosen,) = runner.scenarios([asked.scenario])
        policy = runner.bind(chosen)
        if policy.swaps:
            raise RequestError([f"scenario {chosen.name} holds an outcome; a search needs what is in force as rates"])
        problem, levels, quotas = runner.problem(policy, chosen.name), dict(policy.instruments), tuple(policy.quotas)
    able = problem.prepared({*levels, *symbols}, quotas, store=None)
    findings = Findings()
    players = [
        _player(each, able.model, runner.setting, f"players.{k}", findings) for k, each in enumerate(asked.players)
    ]
    if findings.faults:
        raise RequestError(findings.faults)
    money = float(runner.parameters.arrays["income0"].max())
    return Game(Walk(able, quotas, levels), players, money)


def _player(each: Chooser, model: Model, where: Setting, place: str, found: Findings) -> Player:
    world, symbol = World.of(where.benchmark, where.groups), WORDS[each.instrument]
    own = world.weights(Selector(include=(each.region,)), "region", place, found).values > 0.5
    partners = world.weights(each.partners, "region", place, found).values > 0.5
    sectors = world.weights(sectors_of(each, world), "sector", place, found).values > 0.5
    if symbol == "to":
        taken = own[:, None] & sectors & model.exists[symbol]
    else:
        ends = (partners & ~own)[:, None] & own if symbol == "tm" else own[:, None] & (partners & ~own)
        taken = ends[:, :, None] & sectors & model.exists[symbol]
    groups, names = _numbered(each, symbol, taken, model)
    bases = model.constants["output" if symbol == "to" else "trade"]
    sizes = np.bincount(groups[taken], bases[taken], len(names)).astype(float)
    goals = tuple((weight, aimed(text, model, where)) for text, weight in each.goals.items())
    low, high = (bound / 100.0 for bound in each.bounds)
    return Player(each.region, goals, symbol, groups, names, sizes, low, high)


def sectors_of(each: Chooser, world: World) -> Selector:
    """What a player's rates fall on: all but services unless it says, of what crosses a border."""
    if each.sectors is not None:
        return each.sectors
    weights = world.weights(Selector(include=("services",)), "sector", "", Findings())
    services = tuple(str(label) for label in weights["sector"].values[weights.values > 0.5])
    if each.instrument == "output_tax" or len(services) == weights.size:
        return Selector()
    return Selector.model_validate({"include": ("all",), "except": services})


def _numbered(
    each: Chooser, symbol: str, taken: NDArray[np.bool_], model: Model
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number of the rate of every cell, and names of the rates: partner, sector, or both."""
    dims = model.symbols[symbol].dims
    partner = dims.index("exporter" if symbol == "tm" else "importer") if "exporter" in dims else -1
    axes = {"uniform": (), "by-partner": (partner,), "by-sector": (len(dims) - 1,), "all": (partner, len(dims) - 1)}
    groups = np.full(taken.shape, -1)
    seen: dict[tuple[int, ...], int] = {}
    for cell in map(tuple, np.argwhere(taken)):
        groups[cell] = seen.setdefault(tuple(cell[axis] for axis in axes[each.rates]), len(seen))
    labels = [[model.axis_labels[dims[a]][k] for a, k in zip(axes[each.rates], key, strict=True)] for key in seen]
    return groups, tuple(" ".join(words) or "all" for words in labels)


def _regret(game: Game, logs: NDArray[np.float64], k: int) -> float:
    """What a player gains by answering the others' rates anew."""
    values, _ = game.at(logs)
    alone = Game(game.walk, [game.players[k]], game.money, dict(game.levels(logs)))
    answer = best(alone, float(np.expm1(logs[game.spans[k]]).mean()))
    return max(float(alone.at(answer)[0][0] - values[k]), 0.0)


def _rates(asked: Question, game: Game, logs: NDArray[np.float64], verdicts: list[Verdict]) -> pd.DataFrame:
    rows = []
    for each, player, span, one in zip(asked.players, game.players, game.spans, verdicts, strict=True):
        for name, size, log in zip(player.names, player.sizes, logs[span], strict=True):
            bound = f"{100.0 * one.bound[name]:g} %" if name in one.bound else ""
            rows.append((player.name, each.instrument, name, 100.0 * float(np.expm1(log)), float(size), bound))
    return pd.DataFrame(rows, columns=["player", "instrument", "rate", "rate_pct", "size_musd", "bound"])


def _written(asked: Question, rates: pd.DataFrame) -> dict[str, Any]:
    """The scenario's file: rates as shocks, cells of a sector with the same rate together."""
    shocks: list[dict[str, Any]] = []
    for digits in (8, 3, 2, 1):  # a file holds so many shocks; rates of many cells are rounded as far as it takes
        shocks = [shock for each in asked.players for shock in _shocks(each, rates, digits)]
        if len(shocks) <= SHOCKS:
            break
    title = asked.title or f"Best rates: {', '.join(player.region for player in asked.players)}"
    made: dict[str, Any] = {"name": asked.name, "title": title, "question": f"{title}?", "sources": [SOURCE]}
    if asked.scenario:
        made |= {"parts": [asked.scenario], "wins": "last"}
    return made | {"shocks": shocks}


def _shocks(each: Chooser, rates: pd.DataFrame, digits: int) -> list[dict[str, Any]]:
    own = rates[(rates["player"] == each.region) & (rates["instrument"] == each.instrument)]
    mine, theirs = ("exporters", "importers") if each.instrument == "export_tax" else ("importers", "exporters")
    together: dict[tuple[float, str], list[str]] = {}
    for name, rate_pct in zip(own["rate"].astype(str), own["rate_pct"].tolist(), strict=True):
        partner, _, sector = name.rpartition(" ") if each.rates == "all" else ("", "", name)
        key = (round(rate_pct, digits), sector if each.rates in ("all", "by-sector") else "")
        together.setdefault(key, []).append(partner if each.rates == "all" else sector)
    shocks = []
    for (rate, sector), partners in together.items():
        shock: dict[str, Any] = {"instrument": each.instrument, "set": rate}
        on = [sector] if sector else _selector(each.sectors or Selector())
        if each.instrument == "output_tax":
            shock |= {
                "regions": [each.region],
                "sectors": on,
            }
        else:
            named = each.rates in ("all", "by-partner")
            others = partners if named else _selector(each.partners, each.region)
            shock |= {
                mine: [each.region],
                theirs: others,
                "sectors": on,
            }
        shocks.append(shock)
    return shocks


def _selector(chosen: Selector, but: str = "") -> dict[str, list[str]]:
    """A selector as a file says it, without a region."""
    out = [*chosen.except_, *([but] if but else [])]
    return {"include": list(chosen.include)} | ({"except": out} if out else {})
