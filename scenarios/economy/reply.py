"""A region's best reply to what others do: options ranked by what they add, over horizons, with probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from cge.errors import RequestError
from cge.progress import Progress, silent
from cge.scenarios.files import library
from cge.scenarios.files.faults import explain
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.files.text import parse, plain, text_of
from cge.scenarios.names.horizon import THREE
from cge.scenarios.names.vocabulary import Frozen
from cge.scenarios.results.registry import WELFARE

from .batch import Batch, run_plan
from .draws import Draws
from .economy import economy
from .optimum import Optimum, best_of
from .options import Options
from .plan import plan
from .question import Question
from .run import Runner

NOTHING = "nothing"
"""What an option or a situation is called that changes nothing."""

Act = str | dict[str, Any] | None
"""A scenario by name or file, the shocks of one, or nothing."""


class ReplyQuestion(Frozen):
    """What is asked of a reply.

    Attributes:
        region: who replies.
        situations: what others do, by name: a scenario, the shocks of one, or nothing.
        options: what the region may do in each, the same; doing nothing is among them by itself.
        horizons: at which all of it is solved.
        uncertain_at: horizon of the draws.
        draws: what is uncertain, and how it is drawn; nothing if not given.
        columns: of the welfare table by which options are ranked.
        games: questions of best or Nash tariffs that are answered beside (`Question`), at the setting's own horizon.
    """

    region: str
    situations: dict[str, Act] = Field(min_length=1)
    options: dict[str, Act] = Field(min_length=1)
    horizons: tuple[str, ...] = THREE
    uncertain_at: str = "medium"
    draws: Draws | None = None
    columns: tuple[str, ...] = ("ev_pct", "real_gdp_pct")
    games: tuple[Question, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> ReplyQuestion:
        unknown = [column for column in self.columns if column not in WELFARE.names]
        if unknown:
            raise ValueError(WELFARE.unknown(unknown[0], WELFARE.names))
        if self.draws is not None and self.uncertain_at not in self.horizons:
            raise ValueError(f"uncertain_at {self.uncertain_at} is none of the horizons {', '.join(self.horizons)}")
        return self


@dataclass(frozen=True, eq=False)
class Reply:
    """Options in every situation.

    Attributes:
        question: that is answered.
        options: one row a situation, horizon, option and column: `gain` (over doing nothing), `level` (against the
            benchmark), `rank` (1 is best); with draws at their horizon also `mean`, `low`, `high` (90 % of the draws),
            `positive` (probability that it beats doing nothing) and `best` (that it beats all others).
        pairs: probability that one option (`option`) beats another (`other`), by situation and column.
        games: answers to the questions of games.
    """

    question: ReplyQuestion
    options: pd.DataFrame
    pairs: pd.DataFrame
    games: tuple[Optimum, ...] = ()


def reply(
    question: str | Path | Mapping[str, Any] | ReplyQuestion,
    out: str | Path = "results/reply",
    *,
    workers: int | None = None,
    dask: str | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    **more: Unpack[Options],
) -> Reply:
    """A region's best reply.

    Args:
        question, out, workers, dask, overwrite: see `reply_of`, as for what is raised.
        progress: called when a run has ended.
        more: what `economy` takes.
    """
    runner = economy(progress=progress, **more).runner
    return reply_of(runner, question, out, workers=workers, dask=dask, overwrite=overwrite, progress=progress)


def reply_of(
    runner: Runner,
    question: str | Path | Mapping[str, Any] | ReplyQuestion,
    out: str | Path = "results/reply",
    *,
    workers: int | None = None,
    dask: str | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Reply:
    """Solve every option in every situation, and rank them.

    Args:
        runner: what is solved on, without a horizon of its own.
        question: a YAML file, what it holds, or a ReplyQuestion.
        out: folder of the runs, which go on where they were stopped, and of options.csv, pairs.csv and the games.
        workers, dask: see `run_plan`.
        overwrite: replace answers of games.
        progress: called when a run has ended.

    Raises:
        RequestError: what is wrong with the question.
        SolveError: a game has no answer.
    """
    asked = question if isinstance(question, ReplyQuestion) else read_reply(question)
    faults = [] if asked.region in runner.setting.benchmark.regions else [f"there is no region {asked.region!r}"]
    if faults:
        raise RequestError(faults)
    scenarios = _combined(asked)
    rows = []
    for drawn in (False, True):
        at = [asked.uncertain_at] if drawn else list(asked.horizons)
        if drawn and asked.draws is None:
            continue
        vary = [{"key": "horizon", "values": at}]
        whole = plan(list(scenarios.values()), vary, asked.draws if drawn else None, ("welfare",))
        folder = Path(out) / ("draws" if drawn else "runs")
        done = run_plan(whole, folder, runner, workers=workers, dask=dask, progress=progress or silent)
        rows.append(_gains(done, asked, scenarios))
    options = _ranked(rows[0])
    pairs = pd.DataFrame(columns=["situation", "column", "option", "other", "better"])
    if len(rows) > 1:
        spread, pairs = _spread(rows[1])
        keys = ["situation", "horizon", "option", "column"]
        options = options.merge(spread.assign(horizon=asked.uncertain_at), on=keys, how="left")
    options.to_csv(Path(out) / "options.csv", index=False)
    pairs.to_csv(Path(out) / "pairs.csv", index=False)
    games = [best_of(runner, game, Path(out) / game.name, overwrite=overwrite) for game in asked.games]
    return Reply(asked, options, pairs, tuple(games))


def read_reply(source: str | Path | Mapping[str, Any]) -> ReplyQuestion:
    """A question from a file, or from what it holds; files of scenarios stand beside it.

    Raises:
        RequestError: all that is wrong with it.
    """
    content, name = source, "the question"
    if isinstance(source, str | Path):
        file = Path(source)
        name = file.name
        content = plain(parse(name, text_of(file, "a question about a reply"), "give region, situations and options"))
        for key in ("situations", "options"):
            acts = content.get(key)
            if isinstance(acts, dict):
                content[key] = {word: _beside(file, act) for word, act in acts.items()}
    try:
        return ReplyQuestion.model_validate(content)
    except ValidationError as error:
        raise RequestError([explain(e, e["loc"], ReplyQuestion) for e in error.errors()], name) from None


def _beside(file: Path, act: Any) -> Any:
    return str(file.parent / act) if isinstance(act, str) and act.endswith((".yaml", ".yml")) else act


def _combined(asked: ReplyQuestion) -> dict[tuple[str, str], Scenario]:
    """A scenario for every situation and option, both in force; the option wins where both say a rate."""
    options: dict[str, Act] = {NOTHING: None, **asked.options}
    found = {}
    for s, (situation, first) in enumerate(asked.situations.items()):
        for o, (option, second) in enumerate(options.items()):
            parts = [act for act in (_part(f"situation-{s}", first), _part(f"option-{o}", second)) if act is not None]
            found[situation, option] = Scenario.model_validate(
                {
                    "name": f"s{s}-o{o}", "title": f"{option} under {situation}", "question": f"{option}?",
                    "sources": ["the parts"], "parts": parts, "wins": "last",
                    "shocks": [] if parts else [_no_change(asked.region)],
                }
            )  # fmt: skip
    return found


def _part(name: str, act: Act) -> Scenario | None:
    if act is None:
        return None
    if isinstance(act, str):
        return library.load(act)
    return Scenario.model_validate({"name": name, "title": name, "question": "?", "sources": ["the question"], **act})


def _no_change(region: str) -> dict[str, Any]:
    return {"instrument": "import_tariff", "importers": [region], "add": 0.0}


def _gains(done: Batch, asked: ReplyQuestion, scenarios: Mapping[tuple[str, str], Scenario]) -> pd.DataFrame:
    """The region's outcomes and what each option adds to doing nothing."""
    words = pd.DataFrame(
        [(scenario.name, *key) for key, scenario in scenarios.items()], columns=["scenario", "situation", "option"]
    )
    mine = done.welfare[done.welfare["region"] == asked.region].merge(words, on="scenario")
    keys = ["situation", "horizon", *(["draw"] if "draw" in mine else [])]
    long = mine.melt([*keys, "option"], list(asked.columns), "column", "level").dropna(subset="level")
    base = long[long["option"] == NOTHING].drop(columns="option").rename(columns={"level": "base"})
    found = long.merge(base, on=[*keys, "column"])
    return found.assign(gain=found["level"] - found["base"]).drop(columns="base")


def _ranked(rows: pd.DataFrame) -> pd.DataFrame:
    ranks = rows.groupby(["situation", "horizon", "column"], sort=False)["gain"].rank(ascending=False, method="min")
    found = rows.assign(rank=ranks.astype(int))
    order = {name: k for k, name in enumerate(dict.fromkeys(rows["horizon"]))}
    sort = found.assign(_at=found["horizon"].map(order))
    by = ["situation", "column", "_at", "rank"]
    return sort.sort_values(by, kind="stable").drop(columns="_at").reset_index(drop=True)


def _spread(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ranges of every option, and the probability that one beats another in the same draw."""
    drawn = rows[rows["draw"] > 0]
    spread, pairs = [], []
    for (situation, column), part in drawn.groupby(["situation", "column"], sort=False):
        wide = part.pivot(index="draw", columns="option", values="gain").dropna()
        top = wide.to_numpy().max(axis=1)
        for option in wide:
            own = wide[option]
            low, high = own.quantile(0.05), own.quantile(0.95)
            best = float((own.to_numpy() >= top).mean())
            positive = float((own > 0.0).mean() + 0.5 * (own == 0.0).mean())
            spread.append((situation, column, option, own.mean(), low, high, positive, best))
            pairs += [
                (situation, column, option, other, float((own > wide[other]).mean()))
                for other in wide
                if other != option
            ]
    names = ["situation", "column", "option"]
    return (
        pd.DataFrame(spread, columns=[*names, "mean", "low", "high", "positive", "best"]),
        pd.DataFrame(pairs, columns=[*names, "other", "better"]),
    )
