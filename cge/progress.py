"""One type of event tells how far a run is, whoever runs: the solver, a path, a scenario, a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Event:
    """How far something is.

    Attributes:
        stage: what is being done, such as solve, certify, tables; "done" or "kept" at the end of a scenario; the
            status of a run of a batch that has ended.
        share: of the stage that is done, between 0 and 1.
        name: of the scenario, or the key of the run; empty where there is one alone.
        done, count: runs that have ended, and of how many; 0 where they are not counted.
    """

    stage: str
    share: float = 0.0
    name: str = ""
    done: int = 0
    count: int = 0


Progress = Callable[[Event], None]


def silent(event: Event) -> None:
    """No progress shown."""


def named(progress: Progress, name: str) -> Progress:
    """The same progress, told under a name."""
    return lambda event: progress(replace(event, name=name))
