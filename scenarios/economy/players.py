"""From a question to a game: which cells each rate of a player falls on; and from rates to the scenario's shocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cge.errors import RequestError
from cge.goal import Goal
from cge.model import Model
from cge.scenarios.files.scenario import SHOCKS
from cge.scenarios.names.resolve import Findings, World
from cge.scenarios.names.vocabulary import WORDS, Selector
from cge.solvers.game import Choice, Game, Player
from cge.solvers.walk import Walk

from .gradient import aimed
from .question import Chooser, Instrument, Question, sectors_of
from .run import Runner
from .setting import Setting

SOURCE = "the optimum of this package, by `cge optimum`"


def game_of(asked: Question, runner: Runner) -> Game:
    """The players of a question, on what a runner solves.

    Raises:
        RequestError: names that are not known, players without instruments, a scenario that holds an outcome.
    """
    symbols = {WORDS[instrument] for player in asked.players for instrument in player.instruments}
    problem, levels, quotas = runner.plain(), {}, runner.setting.quotas
    if asked.scenario:
        (chosen,) = runner.scenarios([asked.scenario])
        policy = runner.bind(chosen)
        if policy.swaps:
            raise RequestError([f"scenario {chosen.name} holds an outcome; a search needs what is in force as rates"])
        problem, levels, quotas = runner.problem(policy, chosen.name), dict(policy.instruments), tuple(policy.quotas)
    able = problem.prepared({*levels, *symbols}, quotas, store=None)
    findings = Findings()
    where = runner.setting
    players = [player_of(each, able.model, where, f"players.{k}", findings) for k, each in enumerate(asked.players)]
    if findings.faults:
        raise RequestError(findings.faults)
    if asked.together:
        players = [_together(players, asked)]
    money = float(runner.parameters.arrays["income0"].max())
    return Game(Walk(able, quotas, levels), players, money)


def _together(players: list[Player], asked: Question) -> Player:
    """All players as one, for the weighted sum of their outcomes."""
    goals = [
        (asked.weights.get(player.name, 1.0) * weight, goal) for player in players for weight, goal in player.goals
    ]
    choices = [choice for player in players for choice in player.choices]
    return Player(" + ".join(player.name for player in players), tuple(goals), tuple(choices))


def player_of(each: Chooser, model: Model, where: Setting, place: str, found: Findings) -> Player:
    """One player, with faults in the findings."""
    world = World.of(where.benchmark, where.groups)
    goals: tuple[tuple[float, Goal], ...] = tuple((w, aimed(text, model, where)) for text, w in each.goals.items())
    units = sorted({goal.unit for _, goal in goals})
    if len(units) > 1:
        found.fault(place, f"the goals are in different units ({', '.join(units)}), which do not add up; take one")
    choices = [_choice(each, instrument, model, world, place, found) for instrument in each.instruments]
    full = tuple(choice for choice in choices if choice.names)
    if full and len(full) < len(choices):
        idle = next(choice.label for choice in choices if not choice.names)
        found.fault(place, f"{idle} falls on nothing; leave it out")
    return Player(each.region, goals, full)


def _choice(each: Chooser, instrument: Instrument, model: Model, world: World, place: str, found: Findings) -> Choice:
    symbol = WORDS[instrument]
    own = world.weights(Selector(include=(each.region,)), "region", place, found).values > 0.5
    partners = world.weights(each.partners, "region", place, found).values > 0.5
    if each.exempt is not None:
        partners &= ~(world.weights(each.exempt, "region", place, found).values > 0.5)
    sectors = world.weights(sectors_of(each, world), "sector", place, found).values > 0.5
    if symbol == "to":
        taken = own[:, None] & sectors & model.exists[symbol]
    else:
        ends = (partners & ~own)[:, None] & own if symbol == "tm" else own[:, None] & (partners & ~own)
        taken = ends[:, :, None] & sectors & model.exists[symbol]
    groups, names = _numbered(each, symbol, taken, model)
    bases = model.constants["output" if symbol == "to" else "trade"]
    sizes = np.bincount(groups[taken], bases[taken], len(names)).astype(float)
    low, high = (bound / 100.0 for bound in each.bounds_of(instrument))
    return Choice(symbol, groups, names, sizes, low, high, f"{each.region} {instrument}")


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


def written(asked: Question, rates: pd.DataFrame) -> dict[str, Any]:
    """The scenario's file: rates as shocks, cells of a sector with the same rate together."""
    shocks: list[dict[str, Any]] = []
    for digits in (8, 3, 2, 1):  # a file holds so many shocks; rates of many cells are rounded as far as it takes
        shocks = [
            shock for each in asked.players for instrument in each.instruments
            for shock in _shocks(each, instrument, rates, digits)
        ]  # fmt: skip
        if len(shocks) <= SHOCKS:
            break
    title = asked.title or f"Best rates: {', '.join(player.region for player in asked.players)}"
    made: dict[str, Any] = {"name": asked.name, "title": title, "question": f"{title}?", "sources": [SOURCE]}
    if asked.scenario:
        made |= {"parts": [asked.scenario], "wins": "last"}
    return made | {"shocks": shocks}


def _shocks(each: Chooser, instrument: Instrument, rates: pd.DataFrame, digits: int) -> list[dict[str, Any]]:
    own = rates[(rates["player"] == each.region) & (rates["instrument"] == instrument)]
    mine, theirs = ("exporters", "importers") if instrument == "export_tax" else ("importers", "exporters")
    together: dict[tuple[float, str], list[str]] = {}
    for name, rate_pct in zip(own["rate"].astype(str), own["rate_pct"].tolist(), strict=True):
        partner, _, sector = name.rpartition(" ") if each.rates == "all" else ("", "", name)
        key = (round(rate_pct, digits), sector if each.rates in ("all", "by-sector") else "")
        together.setdefault(key, []).append(partner if each.rates == "all" else sector)
    shocks = []
    for (rate, sector), partners in together.items():
        shock: dict[str, Any] = {"instrument": instrument, "set": rate}
        on = [sector] if sector else _selector(each.sectors or Selector())
        if instrument == "output_tax":
            shock |= {"regions": [each.region], "sectors": on}
        else:
            left_out = (each.region, *(each.exempt.include if each.exempt else ()))
            others = partners if each.rates in ("all", "by-partner") else _selector(each.partners, left_out)
            shock |= {mine: [each.region], theirs: others, "sectors": on}
        shocks.append(shock)
    return shocks


def _selector(chosen: Selector, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """A selector as a file says it, without some regions."""
    out = [*chosen.except_, *but]
    return {"include": list(chosen.include)} | ({"except": out} if out else {})
