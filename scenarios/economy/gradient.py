"""What drives an outcome: its derivative in every instrument and elasticity at the solution of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.closure import Closure
from cge.errors import RequestError, nearest
from cge.goal import EV, Goal, goal
from cge.model import Model
from cge.parameters import Parameters
from cge.progress import Progress
from cge.quotas import Quota
from cge.scenarios.names.resolve import Findings, World
from cge.scenarios.names.vocabulary import WORDS, Selector
from cge.scenarios.results.figures import drivers
from cge.scenarios.results.folder import check_writable, keep_unless, whole
from cge.shown import card, line
from cge.solvers.gradient import PAIRED, Gradient
from cge.solvers.gradient import gradient as slopes_of
from cge.swaps import Swap

from .economy import More, economy
from .markets import refuse_binding
from .options import ELASTICITY as ELASTICITY
from .options import HERE as HERE
from .run import Runner, Source
from .setting import Setting

Asked = tuple[Mapping[str, xr.DataArray], Sequence[Quota], Sequence[Swap]]

ALL = "all"
LEAST = 1e-9
"""Effects below this, in units of the outcome, are rounding."""
POINT, TENTH = 0.01, 0.1
"""Steps that effects are told for: a percentage point of a rate, a per cent of an index, a tenth of an elasticity."""


@dataclass(frozen=True, eq=False)
class Drivers:
    """What moves an outcome at the solution of a scenario.

    Attributes:
        scenario: its name; "benchmark" for the benchmark itself.
        gradient: value and derivatives by symbol, labelled.
        table: one row an entry that has an effect, the largest first: `instrument`, `cell` (its labels), `level`,
            `slope` (units of the outcome per unit), `step`, `effect` (slope times step), and at a kink `slope_left`
            and `slope_right`, with the larger of the two effects.
    """

    scenario: str
    gradient: Gradient
    table: pd.DataFrame

    def __repr__(self) -> str:
        return line("Drivers", {"of": self.goal.name, "at": self.scenario, "entries": len(self.table)})

    def _repr_html_(self) -> str:
        return card(f"What drives {self.goal.name}", {"at": self.scenario}, self.table, "table has every entry")

    @property
    def goal(self) -> Goal:
        """The outcome."""
        return self.gradient.goal


def gradient(
    scenario: Source = HERE,
    of: str = "ev.KOR",
    by: str | Iterable[str] = ("import_tariff", ELASTICITY),
    benchmark: str | Path | Benchmark | None = None,
    closure: str | Closure | None = None,
    elasticities: str | Path | xr.Dataset | None = None,
    out: str | Path | None = None,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    **more: Unpack[More],
) -> Drivers:
    """The exact derivative of an outcome in instruments and elasticities, all at once.

    Args:
        scenario, of, by, out, overwrite: see `drivers_of`, as for what is raised.
        benchmark, closure, elasticities, more: what `economy` takes.
        progress: called on the way.
    """
    runner = economy(benchmark, closure, elasticities, progress=progress, **more).runner.watched(progress)
    return drivers_of(runner, scenario, of, by, out, overwrite=overwrite)


def drivers_of(
    runner: Runner,
    scenario: Source,
    of: str,
    by: str | Iterable[str],
    out: str | Path | None = None,
    *,
    overwrite: bool = False,
) -> Drivers:
    """What moves an outcome, on what a runner solves.

    Args:
        runner: what is solved on.
        scenario: at whose solution; "benchmark" for the benchmark itself.
        of: outcome and its labels with dots between, in the order of its axes: `ev.KOR`, `output.KOR.STL`,
            `trade_value.KOR.USA.all`. A label may be a group, or several with `+`.
        by: words of instruments as scenarios use them, names of elasticities, `elasticity` for all of these, `all`.
        out: folder for gradient.csv and gradient.png; nothing is written if None.
        overwrite: replace what the folder holds.

    Raises:
        RequestError: an outcome, label, instrument or elasticity that does not exist.
        SolveError: the scenario has no certified solution.
    """
    names = instruments_of([by] if isinstance(by, str) else by, runner.parameters)
    if out is not None:
        keep_unless(Path(out), overwrite=overwrite)
        check_writable(Path(out))
    if scenario == HERE:
        problem, title = runner.plain(), HERE
        asked: Asked = {}, runner.setting.quotas, ()
    else:
        (chosen,) = runner.scenarios([scenario])
        runner = runner.of(chosen)
        policy = runner.bind(chosen)
        problem, title = runner.problem(policy, chosen.name), chosen.name
        asked = policy.instruments, policy.quotas, policy.swaps
    held = {name for name in names if name not in problem.model.elasticities}
    able = problem.prepared({*asked[0], *held}, *asked[1:], store=None)
    aim = aimed(of, able.model, runner.setting)
    found = able.solve(*asked)
    if scenario != HERE:
        refuse_binding(able, policy, found, "gradients are taken without limits")
    here = slopes_of(able, found, aim, names)
    result = Drivers(title, here, _table(able.model, here, found.data))
    if out is not None:
        with whole(Path(out), overwrite=overwrite) as fresh:
            result.table.to_csv(fresh / "gradient.csv", index=False)
            drivers(result.table, f"What moves {aim.name} ({aim.unit}) at {title}", fresh / "gradient.png")
    return result


def instruments_of(words: Iterable[str], parameters: Parameters) -> list[str]:
    """Symbols by their words.

    Raises:
        RequestError: words that are not known, with the nearest.
    """
    elasticities = sorted(parameters.structure.elasticities)
    free = {word: name for word, name in WORDS.items() if name != PAIRED}
    known = [*free, ELASTICITY, ALL, *elasticities]
    names: list[str] = []
    faults = []
    for word in (part.strip() for text in words for part in text.split(",")):
        if word == PAIRED or WORDS.get(word) == PAIRED:
            faults.append("foreign saving has no slopes by region: what one receives another gives")
        elif word not in known and word not in free.values():
            faults.append(f"there is no instrument {word!r}{nearest(word, known)}; take {', '.join(known)}")
        names += list(free.values()) if word == ALL else [free[word]] if word in free else []
        names += elasticities if word in (ALL, ELASTICITY) else []
        names += [word] if word in (*elasticities, *free.values()) else []
    if faults:
        raise RequestError(faults)
    return list(dict.fromkeys(names))


def aimed(text: str, model: Model, where: Setting) -> Goal:
    """An outcome as users write it.

    Raises:
        RequestError: outcome or label that does not exist.
    """
    name, *words = text.split(".")
    dims = _dims(name, model)
    if dims is None:
        return goal(model, name)  # says what there is
    if len(words) > len(dims):
        raise RequestError([f"{text}: {name} has the axes {', '.join(dims) or 'none'}, and {len(words)} were named"])
    found, world = Findings(), World.of(where.benchmark, where.groups)
    chosen: dict[str, list[str]] = {}
    for axis, word in zip(dims, words, strict=False):
        weights = world.weights(Selector(include=tuple(word.split("+"))), axis, text, found)
        part = [str(label) for label in weights[axis].values[(weights.values > 0.0) & (weights.values < 1.0)]]
        if part:
            found.fault(text, f"{word} is only a part of {', '.join(part)}; name labels of the benchmark")
        chosen[axis] = [str(label) for label in weights[axis].values[weights.values == 1.0]]
    if found.faults:
        raise RequestError(found.faults)
    return goal(model, name, chosen)


def _dims(name: str, model: Model) -> Sequence[str] | None:
    if name == EV:
        return ("region",)
    if name in model.structure.outcomes:
        return model.structure.outcomes[name].dims
    return model.symbols[name].dims if name in model.symbols else None


def _table(model: Model, found: Gradient, data: xr.Dataset) -> pd.DataFrame:
    words = {name: word for word, name in WORDS.items()}
    rows = []
    for name, slopes in found.slopes.items():
        symbol = model.structure.symbols[name]
        level = data[name].values if name in data else model.constants[name]
        step = level * TENTH if name in model.elasticities else np.full(level.shape, POINT)
        sides = [found.left[name].values, found.right[name].values] if found.kinks else [slopes.values]
        size = np.max(np.abs(sides), axis=0) * np.abs(step)
        for cell in np.argwhere(size > LEAST):
            at = tuple(cell)
            one = max((side[at] for side in sides), key=abs)
            row = {"instrument": words.get(name, name), "cell": " ".join(model.labels(symbol, at))}
            row |= {"level": level[at], "slope": slopes.values[at], "step": step[at], "effect": one * step[at]}
            row |= {"slope_left": sides[0][at], "slope_right": sides[1][at]} if found.kinks else {}
            rows.append(row)
    columns = ["instrument", "cell", "level", "slope", "step", "effect"]
    columns += ["slope_left", "slope_right"] if found.kinks else []
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("effect", key=np.abs, ascending=False, kind="stable").reset_index(drop=True)
