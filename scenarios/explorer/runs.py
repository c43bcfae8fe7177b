"""Runs of the explorer: one at a time, each with its progress, that can be stopped; results are kept in a folder."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cge.errors import CgeError, RequestError
from cge.progress import Event
from cge.scenarios.economy.economy import Economy, economy
from cge.scenarios.economy.options import Options
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.results.results import Comparison, Result
from cge.scenarios.screen.told import whole

ECONOMIES = 3
"""Economies that are kept ready: the last that were asked for."""

WAITING = 50
"""Runs that may wait or go on at once."""

ASKED = "asked.json"
"""File beside a result that says with which choices it was asked for."""


class StoppedError(Exception):
    """The run was stopped by whoever watches."""


@dataclass
class Run:
    """One scenario that was asked for.

    Attributes:
        number: its name in the address.
        scenario, title: what is run.
        choices: benchmark, horizon, financing.
        state: waiting, running, done, failed, stopped.
        stage, share: how far it is.
        message: of a failure.
        began, seconds: when, and how long it took.
    """

    number: int
    scenario: str
    title: str
    choices: Mapping[str, str]
    state: str = "waiting"
    stage: str = ""
    share: float = 0.0
    message: str = ""
    began: float = 0.0
    seconds: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def told(self) -> dict[str, Any]:
        """For the page."""
        now = time.monotonic() - self.began if self.state == "running" else self.seconds
        return {
            "number": self.number, "scenario": self.scenario, "title": self.title, "choices": dict(self.choices),
            "state": self.state, "stage": self.stage, "share": round(self.share, 3), "message": self.message,
            "seconds": round(now, 1),
        }  # fmt: skip


class Runs:
    """Every run of a folder, earlier ones included.

    Args:
        folder: of results; one folder a run in it.
        where: options of the economy that the page does not choose.
    """

    def __init__(self, folder: Path, where: Options) -> None:
        self.folder = folder
        self.where = where
        self._lock, self._making = threading.Lock(), threading.Lock()
        self._runs: dict[int, Run] = {}
        self._economies: dict[str, Economy] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="run")
        for place in sorted(folder.glob("[0-9]*")):
            self._take_up(place)

    def _take_up(self, place: Path) -> None:
        """An earlier result; a folder that is none is passed over."""
        try:
            told = json.loads((place / ASKED).read_text(encoding="utf-8"))
            number, choices = int(place.name), {str(key): str(value) for key, value in told["choices"].items()}
            run = Run(number, str(told["scenario"]), str(told["title"]), choices, "done", share=1.0)
            if (place / run.scenario / "proof.json").is_file():
                self._runs[number] = run
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return

    @property
    def told(self) -> list[dict[str, Any]]:
        """Every run, the last first."""
        with self._lock:
            return [run.told for run in sorted(self._runs.values(), key=lambda run: -run.number)]

    def economy(self, choices: Mapping[str, str]) -> Economy:
        """The economy of some choices, ready or made.

        Raises:
            CgeError: the choices do not go together.
        """
        key = json.dumps(dict(choices), sort_keys=True)
        with self._making:
            found = self._economies.pop(key, None)
            if found is None:
                found = economy(**{**self.where, **choices})  # type: ignore[arg-type]
            self._economies[key] = found
            while len(self._economies) > ECONOMIES:
                del self._economies[next(iter(self._economies))]
            return found

    def ask(self, scenario: Scenario, choices: Mapping[str, str]) -> Run:
        """Let a scenario run after those that wait.

        Raises:
            RequestError: too many wait, or it does not fit the benchmark.
        """
        self.economy(choices).runner.scenarios([scenario])  # raises what is wrong before it waits
        with self._lock:
            if sum(run.state in ("waiting", "running") for run in self._runs.values()) >= WAITING:
                raise RequestError([f"{WAITING} runs wait already; stop some, or come back later"])
            number = max(self._runs, default=0) + 1
            while (self.folder / f"{number:04d}").exists():
                number += 1
            run = self._runs[number] = Run(number, scenario.name, scenario.title, dict(choices))
        self._worker.submit(self._go, run, scenario)
        return run

    def stop(self, number: int) -> None:
        """Stop a run at its next step; one that has ended stays as it is."""
        run = self._one(number)
        with self._lock:
            run.stop.set()
            if run.state == "waiting":
                run.state = "stopped"

    def result(self, number: int) -> Result:
        """What a run gave, under a name of its own.

        Raises:
            RequestError: there is no such run, or it has not ended well.
        """
        run = self._one(number)
        if run.state != "done":
            raise RequestError([f"run {number} is {run.state}; only those that are done have a result"])
        return Result.load(self.folder / f"{number:04d}" / run.scenario)

    def compared(self, numbers: list[int]) -> Comparison:
        """Results side by side; those of one name carry their number.

        Raises:
            RequestError: no run is named, or one that has no result.
        """
        if not numbers:
            raise RequestError(["choose a run that is done"])
        found = {number: self.result(number) for number in dict.fromkeys(numbers)}
        names = [result.name for result in found.values()]
        return Comparison(
            tuple(
                result if names.count(result.name) == 1 else replace(result, name=f"{result.name} ({number})")
                for number, result in found.items()
            )
        )

    def close(self) -> None:
        """Stop everything."""
        for number in list(self._runs):
            self.stop(number)
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _one(self, number: int) -> Run:
        if number not in self._runs:
            raise RequestError([f"there is no run {number}"])
        return self._runs[number]

    def _go(self, run: Run, scenario: Scenario) -> None:
        if run.stop.is_set():
            return
        run.state, run.began = "running", time.monotonic()
        place = self.folder / f"{run.number:04d}"

        def watch(event: Event) -> None:
            run.stage, run.share = event.stage, event.share
            if run.stop.is_set() and event.stage != "done":
                raise StoppedError

        try:
            self.economy(run.choices).run(scenario, place, progress=watch)
            asked = {"scenario": run.scenario, "title": run.title, "choices": dict(run.choices)}
            (place / ASKED).write_text(json.dumps(asked), encoding="utf-8")
            run.state, run.share = "done", 1.0
        except StoppedError:
            run.state = "stopped"
        except CgeError as error:
            run.state, run.message = "failed", whole(error)
        except Exception as error:  # whatever it is, the next run can go on, and the page says it
            run.state, run.message = "failed", f"a fault of the package: {type(error).__name__}: {error}"
        run.seconds = time.monotonic() - run.began
