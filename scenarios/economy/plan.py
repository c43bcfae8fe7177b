"""What a batch may say: scenarios, what varies, draws; a batch file holds the same words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, field_validator, model_validator

from cge.calibration.rules import RULES
from cge.errors import PolicyError, RequestError, nearest
from cge.scenarios.blocks.kinds import Block
from cge.scenarios.files.faults import explain
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.files.sources import Origin
from cge.scenarios.files.text import lines_of, parse, plain, text_of
from cge.scenarios.names.vocabulary import Frozen
from cge.scenarios.results.registry import TABLES

from .draws import Correlation, Draws, Spread

MOST = 10_000
"""Values that one range may have: more is a slip of a digit."""

_BLOCK: TypeAdapter[Block] = TypeAdapter(Block)


SETTING = ("benchmark", "closure", "elasticities", "baseline", "horizon", "financing", "structure")
"""Parts of the setting that may vary, in the order in which they are set."""

NONE = "none"
"""No baseline, horizon, financing or block."""


class Vary(Frozen):
    """What takes several values, each a run of its own.

    Attributes:
        key: what varies: a key of the shock that holds a number, such as add, set, scale or volume; a part of the
            setting (`SETTING`); or an elasticity, `esubm` of all its labels or `esubm.STL` of one.
        values: that it takes; in a file also `{from: 0, to: 60, step: 10}`. Those of a part of the setting are names,
            and those of an elasticity numbers, or factors such as `x0.5`.
        shock: position of the shock in the scenario's list; the first is 1.
        scenario: name of the one that varies; every scenario of the batch if not given.
    """

    key: str
    values: tuple[float | str, ...] = Field(min_length=1)
    shock: int = Field(default=1, ge=1)
    scenario: str | None = None

    @field_validator("values", mode="before")
    @classmethod
    def _spread(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            if value.keys() != {"from", "to", "step"} or not all(isinstance(v, int | float) for v in value.values()):
                raise ValueError("values is a list of numbers, or {from: 0, to: 60, step: 10}")
            return spread(*(float(value[key]) for key in ("from", "to", "step")))
        if isinstance(value, range | np.ndarray):
            return tuple(value)
        return (value,) if isinstance(value, str) else value

    @field_validator("values")
    @classmethod
    def _once(cls, values: tuple[float | str, ...]) -> tuple[float | str, ...]:
        twice = [value for value in values if values.count(value) > 1]
        if twice:
            told = twice[0] if isinstance(twice[0], str) else f"{twice[0]:g}"
            raise ValueError(f"value {told} is given twice; name it once")
        return values

    @model_validator(mode="after")
    def _sort(self) -> Vary:
        """Names where names belong, and numbers where numbers do."""
        if self.of != "shock" and (self.shock != 1 or self.scenario is not None):
            raise ValueError(f"{self.key} is of the setting, of all scenarios alike; leave out shock and scenario")
        wrong = [value for value in self.values if isinstance(value, str) != (self.of == "setting")]
        if self.of == "elasticity":
            wrong = [value for value in wrong if factor(value) is None]
        if wrong:
            wanted = {"setting": "names", "elasticity": "numbers, or factors such as x0.5", "shock": "numbers"}[self.of]
            raise ValueError(f"{self.key} takes {wanted}, not {wrong[0]!r}")
        return self

    @property
    def of(self) -> Literal["shock", "setting", "elasticity"]:
        """What it is a part of."""
        if self.key in SETTING:
            return "setting"
        return "elasticity" if self.key.partition(".")[0] in RULES else "shock"

    @property
    def label(self) -> str:
        """Column of its values in the tables of a batch."""
        return self.key if self.shock == 1 else f"{self.key}_{self.shock}"


class Plan(Frozen):
    """A batch.

    Attributes:
        scenarios: names in the library, files, or Scenarios.
        vary: what varies; several make a grid.
        draws: of uncertain numbers.
        tables: that are kept of every run.
    """

    scenarios: tuple[Scenario | Path | str, ...] = Field(min_length=1)
    vary: tuple[Vary, ...] = ()
    draws: Draws | None = None
    tables: tuple[str, ...] = ("welfare",)

    @field_validator("scenarios", "tables", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str | Path | Scenario) else value

    @field_validator("vary", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, Mapping | Vary) else value

    @field_validator("draws", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        return {"number": value} if isinstance(value, int) else value

    @field_validator("tables")
    @classmethod
    def _known(cls, tables: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [f"{table!r}{nearest(table, TABLES)}" for table in tables if table not in TABLES]
        if unknown:
            raise ValueError(f"unknown table {', '.join(unknown)}; use {', '.join(TABLES)}")
        return tables


def spread(first: float, last: float, step: float) -> tuple[float, ...]:
    """Values from the first to the last, which is one of them, by a step.

    Raises:
        ValueError: the step does not lead from the one to the other.
    """
    steps = (last - first) / step if step else -1.0
    if steps < 0 or abs(steps - round(steps)) > 1e-9 or steps > MOST:
        raise ValueError(f"a step of {step:g} does not lead from {first:g} to {last:g}; give one that divides the way")
    return tuple(float(f"{first + k * step:.12g}") for k in range(round(steps) + 1))


def factor(value: float | str) -> float | None:
    """The factor that a value such as `x0.5` says; none if it is none."""
    try:
        return float(value[1:]) if isinstance(value, str) and value.startswith("x") else None
    except ValueError:
        return None


def read_vary(text: str) -> dict[str, Any]:
    """What the command line says: `add=0,10,20`, `add=0:60:10`, `2.volume=0.5,1` for the second shock,
    `korea-steel-trq.volume=0.5,1` for one scenario of several, `closure=standard,bank`, `esubm.STL=4,x2`.

    Raises:
        RequestError: it says something else.
    """
    name, given, numbers = text.partition("=")
    if given and numbers and (name in SETTING or name.partition(".")[0] in RULES):
        words = [word.strip() for word in numbers.split(",")]
        return {"key": name, "values": words if name in SETTING else [_number(word) for word in words]}
    *before, key = name.split(".")
    shock = int(before.pop()) if before and before[-1].isdigit() else 1
    try:
        if not given or not key or before[1:]:
            raise ValueError("there is no key before =")
        way = [float(number) for number in numbers.split(":")] if ":" in numbers else []
        if way and len(way) != 3:
            raise ValueError("a range has three numbers, from:to:step")
        values = spread(*way) if way else tuple(float(number) for number in numbers.split(","))
    except ValueError as error:
        raise RequestError(
            [
                f"--vary {text}: {error}; write --vary add=0,10,20 or add=0:60:10; 2.add=... for the second shock, and "
                "NAME.add=... or NAME.2.add=... for one scenario of several"
            ]
        ) from None
    return {"key": key, "values": values, "shock": shock} | ({"scenario": before[0]} if before else {})


def _number(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word


def plan(scenarios: Any, vary: Any, draws: Any, tables: Any) -> Plan:
    """A plan from what a user of Python gives.

    Raises:
        RequestError: listing what is wrong.
    """
    try:
        return Plan(scenarios=scenarios, vary=vary, draws=draws, tables=tables)
    except ValidationError as error:
        faults = []
        for detail in error.errors():
            path = tuple(detail["loc"])
            faults.append(f"{'.'.join(map(str, path[:2]))}: {explain(detail, path[-1:], _model(path))}")
        raise RequestError(faults, "the batch") from None


def read_plan(path: Path) -> Plan:
    """The plan that a batch file holds.

    Raises:
        PolicyError: listing every fault with its line.
    """
    raw = parse(str(path), text_of(path, "a batch"), "a batch is a mapping; begin with `scenarios: [...]`")
    origin = Origin(str(path), lines_of(raw))
    data = plain(raw)
    if isinstance(data.get("scenarios"), list):
        data["scenarios"] = [_beside(path, source) for source in data["scenarios"]]
    try:
        return Plan(**data)
    except TypeError:  # a key that is no word, such as 3:
        raise PolicyError([f"{origin.where()}: keys are words; put the number after a key"], str(path)) from None
    except ValidationError as error:
        found = []
        for detail in error.errors():
            place = tuple(detail["loc"])
            text = explain(detail, place[-1:], _model(place))
            found.append((int(origin.where(*place).rpartition(":")[2]), f"{origin.where(*place)}: {text}"))
        raise PolicyError([text for _, text in sorted(dict.fromkeys(found))], str(path)) from None


def _model(path: Sequence[str | int]) -> type[BaseModel]:
    """The model whose keys stand at a path."""
    if len(path) < 2:
        return Plan
    if path[0] == "vary":
        return Vary
    inner: Mapping[str, type[BaseModel]] = {"of": Spread, "correlations": Correlation}
    return inner.get(str(path[1]), Draws) if len(path) > 2 else Draws


def _beside(file: Path, source: Any) -> Any:
    """A scenario's file is looked for beside the batch's."""
    is_file = isinstance(source, str) and source.endswith((".yaml", ".yml"))
    return file.parent / source if is_file else source


def cells(scenario: Scenario, vary: Sequence[Vary]) -> Iterator[tuple[dict[str, float], Scenario]]:
    """Every combination of the values of a scenario's numbers that vary, with the scenario that has them.

    Raises:
        RequestError: a shock has no such number, or cannot have such a value.
    """
    own = [each for each in vary if each.of == "shock" and each.scenario in (None, scenario.name)]
    labels = [each.label for each in own]
    faults = [f"{label} of {scenario.name} varies twice; name it once" for label in labels if labels.count(label) > 1]
    faults += [fault for each in own for fault in _faults(scenario, each)]
    if faults:
        raise RequestError(dict.fromkeys(faults))
    for values in product(*(each.values for each in own)):
        changed = scenario
        for each, value in zip(own, values, strict=True):
            changed = with_number(changed, each.shock, each.key, float(value))
        yield dict(zip(labels, map(float, values), strict=True)), changed


def number_faults(scenario: Scenario, shock: int, key: str) -> list[str]:
    """What is wrong with the place of a number in a scenario; nothing if it has such a number."""
    if shock > len(scenario.shocks):
        count = len(scenario.shocks)
        return [f"{scenario.name} has {count} shock(s) of its own, and no number {shock}; its parts do not vary"]
    block = scenario.shocks[shock - 1]
    known = [name for name in type(block).model_fields if name == "volume" or _is_number(getattr(block, name))]
    known = [name for name in known if getattr(block, name) is not None]
    if key in known:
        return []
    have = ", ".join(known) or "none"
    return [f"shock {shock} of {scenario.name} has no number {key!r}{nearest(key, known)}; it has {have}"]


def with_number(scenario: Scenario, shock: int, key: str, value: float) -> Scenario:
    """A scenario with another number in one of its shocks, checked like any other."""
    shocks = list(scenario.shocks)
    shocks[shock - 1] = _with(shocks[shock - 1], key, value)
    return scenario.model_copy(update={"shocks": tuple(shocks)})


def _faults(scenario: Scenario, each: Vary) -> list[str]:
    if faults := number_faults(scenario, each.shock, each.key):
        return faults
    block, faults = scenario.shocks[each.shock - 1], []
    for value in each.values:
        try:
            _with(block, each.key, float(value))
        except ValidationError as error:
            reasons = "; ".join(explain(d, (each.key,), type(block)) for d in error.errors())
            faults.append(f"{scenario.name}, {each.key} {float(value):g}: {reasons}")
    return faults


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _with(block: Block, key: str, value: float) -> Block:
    """The block with another number, checked like any other."""
    return _BLOCK.validate_python(block.model_dump(by_alias=True, exclude_unset=True) | {key: value})
