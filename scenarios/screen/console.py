"""Where results are printed, and the tables of the house."""

from __future__ import annotations

from functools import partial

from rich import box
from rich.console import Console
from rich.table import Table

WIDTH = 120
"""Columns of output that does not go to a terminal."""


def console(*, stderr: bool = False) -> Console:
    """Where to print, text as it stands; wide enough for tables where it is no terminal."""
    plain = partial(Console, stderr=stderr, highlight=False, markup=False, emoji=False)
    found = plain()
    return found if found.is_terminal else plain(width=WIDTH)


def table(title: str = "", *, caption: str = "") -> Table:
    """A table in the house's style, without columns."""
    return Table(
        title=title or None, caption=caption or None, box=box.SIMPLE_HEAD, title_justify="left", caption_justify="left",
        title_style="bold", caption_style="dim", pad_edge=False,
    )  # fmt: skip
