"""Progress of runs on the screen: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from . import screen as report
from .told import STOPPED

TOLD = {"done": "solved", "kept": "kept"}
"""Last stages of a scenario, and the words for them."""


@contextmanager
def progress(verbose: bool) -> Iterator[Callable[[str, str, float], None]]:
    """Progress on the screen; Ctrl-C ends in one line that says what is saved."""
    saved: list[str] = []
    try:
        with _shown(verbose) as show:

            def watch(name: str, stage: str, share: float) -> None:
                if stage in TOLD:
                    saved.append(name)
                show(name, stage, share)

            yield watch
    except KeyboardInterrupt:
        there = f"{', '.join(saved)} had ended and is kept" if saved else "nothing had ended yet"
        text = f"stopped; {there}; the same command goes on from there"
        report.console(stderr=True).print(text, markup=False, soft_wrap=True)
        raise typer.Exit(STOPPED) from None


@contextmanager
def _shown(verbose: bool) -> Iterator[Callable[[str, str, float], None]]:
    """A bar for each scenario on a terminal; elsewhere a line when one is done. If verbose, a line for every step."""
    screen = report.console(stderr=True)
    if verbose:
        began: dict[tuple[str, str], float] = {}

        def note(name: str, stage: str, share: float) -> None:
            now = time.perf_counter()
            start = began.setdefault((name, stage), now)
            took = f", {now - start:.3f} s" if share >= 1.0 and now > start else ""
            screen.print(f"{name}: {stage}{took}", markup=False, highlight=False)

        yield note
        return
    if not screen.is_terminal:

        def tell(name: str, stage: str, share: float) -> None:
            if stage in TOLD:
                screen.print(f"{TOLD[stage]} {name}", markup=False)

        yield tell
        return
    name_column, stage_column = (
        TextColumn("{task.fields[name]}", markup=False),
        TextColumn("{task.description}", markup=False),
    )
    columns = (SpinnerColumn(), name_column, BarColumn(), stage_column, TimeElapsedColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def watch(name: str, stage: str, share: float) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(stage, total=1.0, name=name)
            bar.update(tasks[name], description=stage, completed=min(share, 1.0))

        yield watch


@contextmanager
def counted() -> Iterator[Callable[[str, str, int, int], None]]:
    """One bar for all runs on a terminal; elsewhere a line when one has ended."""
    screen = report.console(stderr=True)
    if not screen.is_terminal:
        yield lambda name, status, done, count: screen.print(f"{done}/{count} {status} {name}", markup=False)
        return
    columns = (
        SpinnerColumn(),
        MofNCompleteColumn(),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def watch(name: str, status: str, done: int, count: int) -> None:
            bar.update(task, description=f"{status} {name}", completed=done, total=count)

        yield watch
