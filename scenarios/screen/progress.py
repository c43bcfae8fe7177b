"""Progress of runs on the screen: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
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

from cge.progress import Event
from cge.progress import Progress as Told

from .console import console
from .told import STOPPED

TOLD = {"done": "solved", "kept": "kept"}
"""Last stages of a scenario, and the words for them."""


STAGES: Mapping[str, tuple[float, float]] = {
    "bind": (0.0, 0.05), "build": (0.05, 0.2), "prepare": (0.2, 0.45), "compile": (0.2, 0.45), "solve": (0.45, 0.75),
    "certify": (0.75, 0.9), "tables": (0.9, 1.0), "done": (1.0, 1.0), "kept": (1.0, 1.0),
}  # fmt: skip
"""Where each stage begins and ends on the way of a scenario, as measured: what the time that is left is told from."""


def part_done(event: Event) -> float:
    """How much of a scenario is done; a stage that is not known counts as half of it."""
    start, end = STAGES.get(event.stage, (0.45, 0.55))
    return start + (end - start) * min(max(event.share, 0.0), 1.0)


@contextmanager
def progress(verbose: bool, *, silent: bool = False) -> Iterator[Told]:
    """Progress on the screen; Ctrl-C ends in one line that says what is saved."""
    saved: list[str] = []
    try:
        with _shown(verbose, silent) as show:

            def watch(event: Event) -> None:
                if event.stage in TOLD:
                    saved.append(event.name)
                show(event)

            yield watch
    except KeyboardInterrupt:
        there = f"{', '.join(saved)} had ended and is kept" if saved else "nothing had ended yet"
        text = f"stopped; {there}; the same command goes on from there"
        console(stderr=True).print(text, markup=False, soft_wrap=True)
        raise typer.Exit(STOPPED) from None


@contextmanager
def _shown(verbose: bool, silent: bool = False) -> Iterator[Told]:
    """A bar for each scenario on a terminal; elsewhere a line when one is done. If verbose, a line for every step."""
    if silent:
        yield lambda event: None
        return
    screen = console(stderr=True)
    if verbose:
        began: dict[tuple[str, str], float] = {}

        def note(event: Event) -> None:
            now = time.perf_counter()
            start = began.setdefault((event.name, event.stage), now)
            took = f", {now - start:.3f} s" if event.share >= 1.0 and now > start else ""
            screen.print(f"{event.name}: {event.stage}{took}", markup=False, highlight=False)

        yield note
        return
    if not screen.is_terminal:

        def tell(event: Event) -> None:
            if event.stage in TOLD:
                screen.print(f"{TOLD[event.stage]} {event.name}", markup=False)

        yield tell
        return
    name_column, stage_column = (
        TextColumn("{task.fields[name]}", markup=False),
        TextColumn("{task.description}", markup=False),
    )
    left = TextColumn("left"), TimeRemainingColumn(compact=True)
    columns = (SpinnerColumn(), name_column, BarColumn(), stage_column, TimeElapsedColumn(), *left)
    with Progress(*columns, console=screen, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def watch(event: Event) -> None:
            if event.name not in tasks:
                tasks[event.name] = bar.add_task(event.stage, total=1.0, name=event.name)
            bar.update(tasks[event.name], description=event.stage, completed=part_done(event))

        yield watch


@contextmanager
def counted() -> Iterator[Told]:
    """One bar for all runs on a terminal; elsewhere a line when one has ended."""
    screen = console(stderr=True)
    if not screen.is_terminal:

        def tell(event: Event) -> None:
            if event.count:
                screen.print(f"{event.done}/{event.count} {event.stage} {event.name}", markup=False)

        yield tell
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

        def watch(event: Event) -> None:
            bar.update(task, description=f"{event.stage} {event.name}", completed=event.done, total=event.count or None)

        yield watch
