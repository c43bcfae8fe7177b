"""Memory of this process over many runs of a small world of three regions and three sectors; prints MB as JSON.

python benchmarks/memory.py kept 1000       # cge.run without a folder: every result is held
python benchmarks/memory.py read 1000       # cge.run with out=: results are read back when asked for
python benchmarks/memory.py batch 2000      # cge.batch on two processes
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

for folder in (Path(__file__).parents[1], Path(__file__).parents[1] / "tests"):
    sys.path.insert(0, str(folder))

SHARES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
"""When memory is read: after the first run and at these shares of all."""


class Watch:
    """Reads the memory of this process when as many runs have ended as is asked for."""

    def __init__(self, runs: int) -> None:
        self.at = {max(1, round(share * runs)) for share in SHARES}
        self.ended = 0
        self.found: dict[int, float] = {}

    def __call__(self) -> None:
        """One more run has ended."""
        import psutil

        self.ended += 1
        if self.ended in self.at:
            gc.collect()
            self.found[self.ended] = round(psutil.Process().memory_info().rss / 1e6, 1)


def ran(runs: int, *, kept: bool) -> dict[int, float]:
    """One call of `cge.run` with that many scenarios."""
    from small_world import small_world

    import cge

    watch = Watch(runs)
    about: dict[str, Any] = {"title": "a duty", "question": "?", "sources": ["made"]}
    shock = {"instrument": "import_tariff", "exporters": "KOR", "importers": "USA", "sectors": "goods"}
    scenarios = [
        cge.Scenario(name=f"s{k}", shocks=[shock | {"add": 20.0 * k / runs}], **about) for k in range(1, runs + 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        out = None if kept else Path(folder) / "out"
        results = cge.run(scenarios, benchmark=small_world(), out=out, progress=lambda e: _ended(e, watch))
        results.table("ev_pct")  # reads every result
    return watch.found


def _ended(event: Any, watch: Callable[[], None]) -> None:
    if event.stage == "done":
        watch()


def batched(runs: int) -> dict[int, float]:
    """One call of `cge.batch` with that many runs on two processes."""
    from small_world import small_world

    import cge

    watch = Watch(runs)
    with tempfile.TemporaryDirectory() as folder:
        cge.batch(
            "us-universal-10", Path(folder) / "out", benchmark=small_world(), workers=2,
            vary={"key": "add", "values": [20.0 * k / runs for k in range(runs)]}, progress=lambda *_: watch(),
        )  # fmt: skip
    return watch.found


if __name__ == "__main__":
    what, number = sys.argv[1], int(sys.argv[2])
    print(json.dumps(batched(number) if what == "batch" else ran(number, kept=what == "kept")))
