"""What is asked of an optimum: who chooses which rates, for what, within which bounds; read from a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from cge.errors import RequestError
from cge.scenarios.files.faults import explain
from cge.scenarios.files.text import parse, plain, text_of
from cge.scenarios.names.resolve import Findings, World
from cge.scenarios.names.vocabulary import MOST, Frozen, Selector

Instrument = Literal["import_tariff", "export_tax", "output_tax"]

USUAL: Mapping[str, tuple[float, float]] = {
    "import_tariff": (0.0, 300.0),
    "export_tax": (0.0, 300.0),
    "output_tax": (-50.0, 50.0),
}
"""Bounds by instrument, per cent: tariffs and export taxes are no subsidies unless bounds say so."""


class Target(Frozen):
    """An outcome that must be reached, at the least cost for the player's own.

    Attributes:
        outcome: such as tariff_revenue.USA.
        at_least: level in its unit.
    """

    outcome: str
    at_least: float


class Chooser(Frozen):
    """One player: who chooses which rates, for what.

    Attributes:
        region: whose instruments these are.
        instrument: import_tariff, export_tax or output_tax (a subsidy where it is negative), or several.
        rates: one for all, one a partner, one a sector (what most-favoured-nation rates are), or one a cell.
        partners: on whom; all if not given.
        sectors: on what; if not given, goods of a tariff or an export tax (services have no tariffs), and all sectors
            of an output tax.
        exempt: partners whose rates stay as they are, such as members of an agreement.
        goal: outcome, such as ev.KOR (the region's own EV if not given), or several with weights.
        target: an outcome that must be reached.
        bounds: of the rates, per cent; `USUAL` if not given.
    """

    region: str
    instrument: Instrument | tuple[Instrument, ...] = "import_tariff"
    rates: Literal["uniform", "by-partner", "by-sector", "all"] = "uniform"
    partners: Selector = Field(default_factory=Selector)
    sectors: Selector | None = None
    exempt: Selector | None = None
    goal: str | dict[str, float] = ""
    target: Target | None = None
    bounds: tuple[float, float] | None = None

    @field_validator("instrument", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @model_validator(mode="after")
    def _sound(self) -> Chooser:
        if not self.instruments or len(set(self.instruments)) < len(self.instruments):
            raise ValueError("instrument names at least one, each once")
        for low, high in map(self.bounds_of, self.instruments):
            if not -100.0 < low < high <= MOST:
                raise ValueError(f"bounds {low:g} and {high:g}: give two rates, per cent, the lower first, above -100")
        taxed = "output_tax" in self.instruments
        if taxed and (self.bounds_of("output_tax")[1] >= 100.0 or self.rates in ("by-partner", "all")):
            raise ValueError("an output tax has rates uniform or by-sector, and bounds below 100 per cent")
        return self

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """As several."""
        return self.instrument if isinstance(self.instrument, tuple) else (self.instrument,)

    def bounds_of(self, instrument: Instrument) -> tuple[float, float]:
        """Bounds of the rates of an instrument, per cent."""
        return self.bounds or USUAL[instrument]

    @property
    def goals(self) -> dict[str, float]:
        """Outcomes and their weights."""
        return self.goal if isinstance(self.goal, dict) else {self.goal or f"ev.{self.region}": 1.0}


class Question(Frozen):
    """What is asked: one player, several that each answer the others, or several that choose together.

    Attributes:
        name, title: of the scenario that comes out.
        scenario: what is in force beside the rates; nothing if not given.
        players: at least one.
        together: all rates are chosen for the sum of the players' outcomes, each times its weight here (one if it is
            not named): cooperative rates.
        start: rate from which the search begins, per cent.
        regret: find by searching anew what each of several players could still gain.
    """

    name: str
    title: str = ""
    scenario: str | None = None
    players: tuple[Chooser, ...] = Field(min_length=1)
    together: dict[str, float] | bool = False
    start: float | None = None
    regret: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Question:
        names = [player.region for player in self.players]
        if len(set(names)) < len(names):
            raise ValueError(f"player {next(n for n in names if names.count(n) > 1)} is given twice; name it once")
        lost = [name for name in self.weights if name not in names]
        if lost:
            raise ValueError(f"together names {lost[0]}, which is no player")
        if len(names) > 1 and any(player.target for player in self.players):
            raise ValueError("a target is of one player alone")
        return self

    @property
    def weights(self) -> dict[str, float]:
        """Of the players who choose together."""
        return dict(self.together) if isinstance(self.together, dict) else {}

    def on(self, world: World) -> Question:
        """The same with the sectors of every player said."""
        players = [each.model_copy(update={"sectors": sectors_of(each, world)}) for each in self.players]
        return self.model_copy(update={"players": tuple(players)})


def sectors_of(each: Chooser, world: World) -> Selector:
    """What a player's rates fall on: all but services unless it says, of what crosses a border."""
    if each.sectors is not None:
        return each.sectors
    weights = world.weights(Selector(include=("services",)), "sector", "", Findings())
    services = tuple(str(label) for label in weights["sector"].values[weights.values > 0.5])
    if "output_tax" in each.instruments or len(services) == weights.size:
        return Selector()
    return Selector.model_validate({"include": ("all",), "except": services})


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
        told = dict.fromkeys(explain(each, each["loc"], _model(each["loc"])) for each in error.errors())
        raise RequestError(told, name) from None


def _model(path: tuple[int | str, ...]) -> type[Frozen]:
    if len(path) > 3 and path[2] == "target":
        return Target
    return Chooser if len(path) > 2 else Question
