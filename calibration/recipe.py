"""Recipes: a benchmark as its inputs with their fingerprints, the steps in their order, and the elasticities."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cge.errors import AbsentError, DataError, RequestError, nearest

from . import layout, store
from .benchmark import Benchmark, available
from .log import Entry, Log
from .raw import RawTable
from .readers import registry
from .readers.grid import Source
from .steps.aggregate import old_to_new
from .steps.all import STEPS

VERSION = "1"
"""Of the fingerprints: a new one makes every kept step be done again."""
OWN_KEYS = ("file", "sha256")


class Recipe(BaseModel):
    """What makes a benchmark.

    Attributes:
        name: of the benchmark's file.
        title: in words.
        inputs: name to `file` (beside the recipe), `sha256` (optional: what it must have), and all that is said
            about it (see `cge.calibration.readers.registry.read`).
        steps: in their order, each a name, or a name with its options. The first reads: `read: INPUT`.
        elasticities: a set of the package, or a file beside the recipe; kept in the proof.
        settle: largest gap that counts as rounding, as a share of an account's turnover.
    """

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[\w][\w .-]*$")
    title: str = ""
    inputs: dict[str, dict[str, Any]]
    steps: list[str | dict[str, Any]]
    elasticities: str = ""
    settle: float = 1e-6


@dataclass(frozen=True)
class Done:
    """A recipe that was carried out.

    Attributes:
        recipe: what was asked.
        benchmark: what it gave.
        log: every change, input by input and step by step.
        steps: name, fingerprint, and whether it was done now or kept from before, in order.
        inputs: sha256 of every input file.
    """

    recipe: Recipe
    benchmark: Benchmark
    log: Log
    steps: tuple[tuple[str, str, bool], ...]
    inputs: Mapping[str, str]


def load(path: str | Path) -> Recipe:
    """Read a recipe.

    Raises:
        RequestError: there is no such file.
        DataError: it is no YAML, or not a recipe: all faults, with the nearest name of a step.
    """
    source = Path(path)
    if not source.is_file():
        raise AbsentError([f"there is no file {path}; check the path"])
    try:
        content = YAML(typ="safe", pure=True).load(source.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise DataError([f"it is no YAML: {' '.join(str(error).split())[:200]}"], source.name) from error
    try:
        recipe = Recipe.model_validate(content)
    except ValidationError as error:
        known = Recipe.model_fields
        told = [
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}{nearest(str(e['loc'][0]), known) if e['loc'] else ''}"
            for e in error.errors()
        ]
        raise DataError(told, source.name) from error
    faults = [fault for k, step in enumerate(recipe.steps) for fault in _step_faults(k + 1, step, recipe)]
    faults += [f"input {name} has no file; say which" for name, said in recipe.inputs.items() if not said.get("file")]
    if not recipe.steps or (step_of(recipe.steps[0])[0] != "read" and ":" not in step_of(recipe.steps[0])[0]):
        faults.append("the first step must read an input: - read: NAME")
    if faults:
        raise DataError(faults, source.name)
    return recipe


def _step_faults(place: int, step: str | Mapping[str, Any], recipe: Recipe) -> list[str]:
    name, options = step_of(step)
    if name == "read":
        known = ", ".join(recipe.inputs)
        told = (
            f"step {place}: there is no input {options!r}{nearest(str(options), recipe.inputs)}; the inputs are {known}"
        )
        return [] if options in recipe.inputs else [told]
    if name in STEPS or ":" in name:
        return []
    return [f"step {place}: {name!r} is unknown{nearest(name, STEPS)}; use read, {', '.join(STEPS)}"]


def run(path: str | Path, kept: Path | None = None, progress: Callable[[str], None] | None = None) -> Done:
    """Carry a recipe out.

    Args:
        path: the recipe; its files are beside it.
        kept: folder of what was done before; a step is done again if its input, its options or a step before it
            changed. None keeps nothing.
        progress: called with the name of every step.

    Raises:
        DataError: an input is not what the recipe says, a step cannot be done, the table has no place in a
            benchmark, or does not balance.
    """
    recipe, folder = load(path), Path(path).parent
    hashes = _inputs(recipe, folder)
    at = _Bench(folder, recipe, hashes)
    table: Any = None
    log, steps, trail = Log(), [], VERSION
    for step in recipe.steps:
        name, options = step_of(step)
        trail = _fingerprint(trail, name, options, at)
        file = kept / f"{trail[:16]}.nc" if kept else None
        if progress:
            progress(name)
        if file and file.is_file():
            table, entries = store.load(file)
            again = False
        else:
            table, entries = _done(table, name, options, at)
            again = True
            if file and isinstance(table, RawTable):
                store.save(table, entries, file)
        log += entries
        steps.append((name, trail, again))
    benchmark, more = _benchmark(table, recipe)
    return Done(recipe, benchmark, log + more, tuple(steps), hashes)


def step_of(step: str | Mapping[str, Any]) -> tuple[str, Any]:
    """Name and options of a step as it is written."""
    if isinstance(step, str):
        return step, {}
    if len(step) != 1:
        raise DataError(
            [f"step {dict(step)} has {len(step)} names; write each step in a line of its own"], "the recipe"
        )
    name, options = next(iter(step.items()))
    return str(name), {} if options is None else options


@dataclass(frozen=True)
class _Bench:
    """Where a recipe works."""

    folder: Path
    recipe: Recipe
    hashes: Mapping[str, str]


def _inputs(recipe: Recipe, folder: Path) -> dict[str, str]:
    faults, hashes = [], {}
    for name, said in recipe.inputs.items():
        path = folder / str(said["file"])
        if said["file"] in available():
            hashes[name] = Benchmark.load(said["file"]).sha256
            continue
        if not path.exists():
            faults.append(f"input {name}: there is no {said['file']} beside the recipe")
            continue
        hashes[name] = Source(path).sha256
        wanted = str(said.get("sha256") or hashes[name])
        if not hashes[name].startswith(wanted):
            faults.append(f"input {name}: {said['file']} was changed: it is {hashes[name][:12]}, not {wanted[:12]}")
    if faults:
        raise DataError(faults, "the recipe")
    return hashes


def _fingerprint(before: str, name: str, options: Any, at: _Bench) -> str:
    """Of a step: what came before it, its name and options, and the files that it reads."""
    said: dict[str, Any] = {"name": name, "options": options}
    if name == "read":
        said |= {"input": at.recipe.inputs[str(options)], "sha256": at.hashes[str(options)]}
    if isinstance(options, Mapping):
        said["files"] = {
            k: Source(at.folder / str(v)).sha256
            for k, v in options.items()
            if k == "file" and (at.folder / str(v)).is_file()
        }
    return hashlib.sha256((before + json.dumps(said, sort_keys=True, default=str)).encode()).hexdigest()


def _done(table: Any, name: str, options: Any, at: _Bench) -> tuple[Any, Log]:
    try:
        if name == "read":
            said = at.recipe.inputs[str(options)]
            if said["file"] in available() or str(said["file"]).endswith(".nc"):
                source = said["file"] if said["file"] in available() else at.folder / said["file"]
                return Benchmark.load(source), Log.of(Entry("benchmark read", str(said["file"])))
            return registry.read(at.folder / str(said["file"]), **{k: v for k, v in said.items() if k not in OWN_KEYS})
        if ":" in name:
            return _own(name)(table, at.folder, **options)
        if isinstance(table, Benchmark):
            return _joined(table, name, options)
        if not isinstance(options, Mapping):
            options = {STEPS[name].first: options}
        unknown = [
            f"option {k!r}{nearest(k, STEPS[name].options)}; it has {', '.join(STEPS[name].options) or 'none'}"
            for k in options
            if k not in STEPS[name].options
        ]
        if unknown:
            raise RequestError(unknown)
        return STEPS[name].do(table, at.folder, dict(options))
    except (DataError, RequestError) as error:
        raise type(error)(error.faults, f"step {name}{f' ({error.what})' if error.what else ''}") from error


def _joined(table: Benchmark, name: str, options: Any) -> tuple[Benchmark, Log]:
    """The one step that a benchmark takes: a map of its regions and sectors."""
    if name != "map" or not isinstance(options, Mapping):
        raise RequestError([f"step {name} works on a table, and this is a benchmark already; it takes map alone"])
    have = {"regions": table.regions, "sectors": table.sectors}
    pairs, faults = (
        {},
        [f"map: unknown axis {axis!r}{nearest(str(axis), have)}" for axis in options if axis not in have],
    )
    for axis, labels in have.items():
        pairs[axis], found = old_to_new(axis.removesuffix("s"), options.get(axis), labels)
        faults += found
    if faults:
        raise DataError(faults, "the map")
    joined = table.aggregate(pairs["regions"], pairs["sectors"])
    order = [Entry(f"{axis} joined", new, why=str(options[axis][new])) for axis in options for new in options[axis]]
    return joined, Log(tuple(order))


def _own(name: str) -> Callable[..., Any]:
    """A step of a package's own: `world2020:countries` is that function of `cge.calibration.world2020.steps`."""
    room, _, function = name.partition(":")
    try:
        return getattr(import_module(f"{__package__}.{room}.steps"), function)
    except (ImportError, AttributeError) as error:
        raise RequestError([f"there is no step {name}; {error}"]) from error


def _benchmark(table: Any, recipe: Recipe) -> tuple[Benchmark, Log]:
    title = recipe.title or recipe.name
    if isinstance(table, Benchmark):
        return Benchmark(table.data.assign_attrs(title=title)), Log()
    benchmark, log = layout.benchmark(table, title=title, settle=recipe.settle)
    return benchmark, log + Log.of(
        Entry("benchmark made", recipe.name, why=f"{len(benchmark.regions)} regions x {len(benchmark.sectors)} sectors")
    )
