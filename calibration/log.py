"""The log of a calibration: every change to a user's numbers, with its place, size and reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

COLUMNS = ("step", "where", "before", "after", "amount", "why")


@dataclass(frozen=True)
class Entry:
    """One change.

    Attributes:
        step: what was done, in a few words; the same words for changes of one kind.
        where: the cell, account, region or file.
        before, after: value there, in the table's unit; None where a number says nothing.
        amount: how much moved, in the table's unit (a sum where several cells moved).
        why: the reason, with the rule or source.
    """

    step: str
    where: str
    before: float | None = None
    after: float | None = None
    amount: float | None = None
    why: str = ""


@dataclass(frozen=True)
class Log:
    """Changes in the order in which they were made; an immutable value that adds up: `log + log`."""

    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, *entries: Entry) -> Log:
        """A log of these entries."""
        return cls(tuple(entries))

    def __add__(self, other: Log | Iterable[Entry]) -> Log:
        """The log with more entries at its end."""
        return Log((*self.entries, *(other.entries if isinstance(other, Log) else other)))

    def __len__(self) -> int:
        return len(self.entries)

    def table(self) -> pd.DataFrame:
        """All changes: columns step, where, before, after, amount, why."""
        rows = [[getattr(entry, column) for column in COLUMNS] for entry in self.entries]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def summary(self) -> pd.DataFrame:
        """One row a kind of step, in order: columns step, changes, amount (sum of absolute amounts), why."""
        table = self.table()
        if table.empty:
            return pd.DataFrame(columns=["step", "changes", "amount", "why"])
        table["amount"] = pd.to_numeric(table["amount"]).abs()
        return (
            table.groupby("step", sort=False)
            .agg(changes=("where", "size"), amount=("amount", "sum"), why=("why", "first"))
            .reset_index()
        )
