"""Rows of the table, the clock, and processes of their own for what must start cold."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        name, size: what was measured, on which economy.
        value: the figure; None if it was not measured.
        unit: of the figure.
        target: what it should be, "" for a figure that only informs.
        met: whether it is; None without a target or a figure.
        note: how it was measured, or why it was not.
    """

    name: str
    size: str
    value: float | None
    unit: str
    target: str = ""
    met: bool | None = None
    note: str = ""


def at_most(name: str, size: str, value: float, unit: str, most: float, note: str = "") -> Row:
    """A figure that should not exceed a number."""
    return Row(name, size, value, unit, f"<= {most:.3g}", value <= most, note)


def skipped(name: str, size: str, reason: str, target: str = "") -> Row:
    """A figure that could not be measured here."""
    return Row(name, size, None, "", target, None, reason)


def cpu(work: Callable[[], Any], times: int = 1) -> float:
    """Least processor seconds of the process, all threads together, in which the work was done.

    Not the clock on the wall: what else runs on the machine would count.
    """
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def peak() -> float:
    """Most memory that this process has held, GB."""
    scale = 1.0 if sys.platform == "darwin" else 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e9


def child(script: str, *arguments: object) -> dict[str, Any]:
    """Run a script of this folder in a process of its own and return what it prints last, read as JSON.

    Raises:
        RuntimeError: the script failed.
    """
    return dict(json.loads(_last_line(str(HERE / script), *map(str, arguments))))


def cold(code: str, times: int = 5) -> float:
    """Least processor seconds of a line of Python in a process of its own, without the interpreter's own start."""
    clock = "import time as _; _s = _.process_time()"
    return min(float(_last_line("-c", f"{clock}\n{code}\nprint(_.process_time() - _s)")) for _ in range(times))


def _last_line(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise RuntimeError(f"{' '.join(arguments)} failed: {reason[0]}")
    return done.stdout.strip().splitlines()[-1]
