"""What a table of results is: its keys, and its columns with unit, heading, meaning and format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from cge.calibration.contents import Contents
from cge.errors import nearest
from cge.parameters import Parameters
from cge.swaps import Swap

if TYPE_CHECKING:
    from cge.solvers import Equilibrium

AXES = ("region", "exporter", "importer", "partner", "receiver")
"""Keys whose labels are regions."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: in files and in Python.
        unit: of its numbers; empty for text.
        heading: in words, without the unit.
        meaning: one sentence for the pages.
        format: of a number that is shown, as `format` takes it; empty for text.
    """

    name: str
    unit: str
    heading: str
    meaning: str = ""
    format: str = ""

    @property
    def text(self) -> bool:
        """Whether its cells are text."""
        return not self.format

    def shown(self, value: object) -> str:
        """A value for readers: rounded, without the sign of a zero; nothing where there is none."""
        if value is None or value != value:
            return ""
        if self.text or not isinstance(value, int | float):
            return str(value)
        text = format(value, self.format)
        return text.removeprefix("-") if not any(digit in text for digit in "123456789") else text


@dataclass(frozen=True)
class Solved:
    """What the tables of a result are made from.

    Attributes:
        equilibrium: the solution, with its parameters and quotas.
        swaps: what is held, and what gives way.
        contents: what the labels of its benchmark contain.
    """

    equilibrium: Equilibrium
    swaps: tuple[Swap, ...] = ()
    contents: Contents = field(default_factory=Contents)

    @property
    def parameters(self) -> Parameters:
        """Of the model that was solved."""
        return self.equilibrium.parameters


@dataclass(frozen=True)
class Table:
    """One table of every result.

    Attributes:
        name: of its file, and in Python.
        title: in words.
        row: what one row is.
        keys: columns that name a row, all text.
        columns: the others.
        make: the table of a solution; none for one that another command writes.
        note: what to know beside.
    """

    name: str
    title: str
    row: str
    keys: tuple[Column, ...]
    columns: tuple[Column, ...]
    make: Callable[[Solved], pd.DataFrame] | None = None
    note: str = ""

    @property
    def index(self) -> str | None:
        """The only key, where that is the region: the index of the table in Python."""
        return "region" if [key.name for key in self.keys] == ["region"] else None

    @property
    def names(self) -> list[str]:
        """Names of all columns in order, keys first."""
        return [column.name for column in (*self.keys, *self.columns)]

    def column(self, name: str) -> Column:
        """A column by name; one that the registry does not have, such as a user's own, is shown as it stands."""
        known = {column.name: column for column in (*self.keys, *self.columns)}
        return known.get(name) or Column(name, "", name.replace("_", " "))

    def frame(self, rows: pd.DataFrame | None = None) -> pd.DataFrame:
        """A table as Python has it, with its index; without rows, an empty one."""
        if rows is None:
            both = (*self.keys, *self.columns)
            rows = pd.DataFrame({c.name: pd.Series(dtype=object if c.text else float) for c in both})
        return rows.set_index(self.index) if self.index and self.index in rows.columns else rows

    def unknown(self, name: str, known: Iterable[str]) -> str:
        """A fault: there is no such column."""
        listed = list(known)
        return f"unknown column {name!r}{nearest(name, listed)}; use one of {', '.join(listed)}"
