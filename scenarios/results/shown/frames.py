"""What every way of showing results starts from: a table of several scenarios, with labels in words beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec

import pandas as pd

from cge.errors import InstallError, RequestError, nearest
from cge.scenarios.names.groups import load_groups
from cge.scenarios.results.groups import WORLD, Groups, names_of
from cge.scenarios.results.registry import TABLES
from cge.scenarios.results.results import Comparison
from cge.scenarios.results.table import Column, Table

AXES: Mapping[str, str] = {
    "region": "region", "exporter": "region", "importer": "region", "receiver": "region",
    "sector": "sector", "input": "sector", "emitter": "sector", "factor": "factor",
}  # fmt: skip
"""Columns of labels, and the axis whose names in words they have."""

WITH_ROWS = ("welfare", "indicators")
"""Tables in which groups and the world have rows."""

SCENARIO = Column("scenario", "", "scenario")


@dataclass(frozen=True)
class Shown:
    """A table for readers.

    Attributes:
        table: of the registry.
        columns: of the frame in its order: scenario, keys with their names in words, and the rest.
        frame: all scenarios under one another.
    """

    table: Table
    columns: tuple[Column, ...]
    frame: pd.DataFrame


def needs(part: str, what: str) -> None:
    """Require an optional part.

    Raises:
        InstallError: it is not installed; the message says how to get it.
    """
    if find_spec(part) is None:
        raise InstallError(f"{what} needs {part}, which is not installed: pip install {part} (the extra report)")


def shown(results: Comparison, name: str, groups: Groups = ()) -> Shown:
    """A table of all scenarios; welfare and indicators with the rows of groups and of the world.

    Raises:
        RequestError: there is no such table or group.
    """
    if name not in TABLES:
        raise RequestError([f"unknown table {name!r}{nearest(name, TABLES)}; use one of {', '.join(TABLES)}"])
    table = TABLES[name]
    words = in_words(results, groups)
    frames = []
    for result in results:
        frame = result.tables[name]
        if name in WITH_ROWS:
            frame = result.welfare_of(groups) if name == "welfare" else result.indicators_of(groups)
        frame = frame.reset_index() if table.index else frame
        frames.append(frame.assign(scenario=result.name))
    whole = pd.concat(frames, ignore_index=True)
    columns = [SCENARIO]
    for label in (str(label) for label in frames[0].columns if label != "scenario"):
        column = table.column(label)
        if column.text and label not in table.names and whole[label].dtype.kind in "fi":
            column = replace(column, format=",.4g")
        columns.append(column)
        if label in AXES:
            columns.append(Column(f"{label}_name", "", f"{column.heading}, name"))
            whole[f"{label}_name"] = whole[label].map(words[AXES[label]]).fillna(whole[label])
    return Shown(table, tuple(columns), whole[[column.name for column in columns]])


def in_words(results: Comparison, groups: Groups = ()) -> dict[str, dict[str, str]]:
    """By axis: label to name in words, of regions with those of groups and the world."""
    point = results.results[0].equilibrium
    words = {axis: names_of(point, axis) for axis in ("region", "sector", "factor")}
    titles = {} if isinstance(groups, Mapping) else {name: load_groups()["region"][name].title for name in groups}
    words["region"] |= titles | {WORLD: "World"}
    return words


def long(results: Comparison, tables: Iterable[str] = TABLES, groups: Groups = ()) -> pd.DataFrame:
    """Every number of every scenario, one row each.

    Returns:
        Columns `table`, `scenario`, the labels and texts of the tables (empty where they do not apply), `column`,
        `unit`, `value`.
    """
    parts = [_melted(shown(results, name, groups)) for name in tables]
    whole = pd.concat([part for part in parts if len(part)], ignore_index=True)
    last = ["column", "unit", "value"]
    texts = [name for name in whole.columns if name not in (*last, "table", "scenario")]
    return whole[["table", "scenario", *texts, *last]].fillna(dict.fromkeys(texts, ""))


def _melted(of: Shown) -> pd.DataFrame:
    numbers = [column for column in of.columns if not column.text]
    texts = [column.name for column in of.columns if column.text and column.name not in ("unit", "move_unit")]
    frame = of.frame.assign(own_unit=of.frame.get("unit", ""))
    melted = frame.melt([*texts, "own_unit"], [column.name for column in numbers], "column", "number")
    units = {column.name: column.unit for column in numbers}
    unit = melted["column"].map(units)
    return (
        melted.assign(table=of.table.name, unit=unit.where(~unit.str.contains("`unit`"), melted["own_unit"]))
        .drop(columns="own_unit")
        .rename(columns={"number": "value"})
        .dropna(subset="value")
    )


def as_json(results: Comparison, groups: Groups = ()) -> str:
    """Welfare with the rows of groups and of the world, rents and the proof of every scenario, as JSON."""
    found = []
    for result in results:
        one = Comparison((result,))
        tables = {name: shown(one, name, groups).frame.drop(columns="scenario") for name in ("welfare", "rents")}
        rows = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
        found.append({"name": result.name, "title": result.title, **rows, "proof": dict(result.proof)})
    return json.dumps({"scenarios": found}, indent=2, default=str)


def side_by_side(
    results: Comparison, columns: Sequence[str] = ("ev_musd", "ev_pct"), groups: Groups = ()
) -> tuple[list[Column], pd.DataFrame]:
    """Columns of the welfare table for every scenario, with the rows of groups and of the world.

    Returns:
        The columns; and the frame: index `region`, `name`; columns (scenario, column).

    Raises:
        RequestError: there is no such column or group.
    """
    parts = {column: results.table(column, groups=groups, world=True) for column in columns}
    frame = pd.DataFrame({(name, column): parts[column][name] for name in results.names for column in columns})
    names = in_words(results, groups)["region"]
    frame.index = pd.MultiIndex.from_arrays(
        [list(frame.index), [names.get(str(label), str(label)) for label in frame.index]], names=["region", "name"]
    )
    return [TABLES["welfare"].column(column) for column in columns], frame
