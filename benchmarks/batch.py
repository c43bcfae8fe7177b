"""Throughput of a batch by number of worker processes: `python benchmarks/batch.py`.

A batch of tariffs on the 12 x 12 world is run with one worker and with two, in turn. Throughput counts from the first
result to the last: the start of Dask and the compilation of the model, which every batch pays once, stand apart.
"""

from __future__ import annotations

import sys
import tempfile
import time
from typing import NamedTuple

import cge


class Measured(NamedTuple):
    """A batch.

    Attributes:
        rate: runs a second from the first result to the last.
        seconds: of the whole call.
    """

    rate: float
    seconds: float


def measure(workers: int, runs: int = 200, benchmark: str = "world2020-12x12") -> Measured:
    """Run a batch of that many tariffs into a folder that is thrown away.

    Raises:
        RuntimeError: a run was not solved.
    """
    ended: list[float] = []
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        done = cge.batch(
            "us-universal-10",
            folder,
            vary={"key": "add", "values": [20.0 * k / runs for k in range(runs)]},
            benchmark=benchmark,
            workers=workers,
            progress=lambda *_: ended.append(time.perf_counter()),
        )
    seconds = time.perf_counter() - start
    if len(done.failures):
        raise RuntimeError(f"{len(done.failures)} runs of {runs} were not solved")
    return Measured((runs - workers) / (ended[-1] - ended[workers - 1]), seconds)


def ratio(runs: int = 200) -> tuple[Measured, Measured]:
    """One worker and two, in the same process, after each other."""
    return measure(1, runs), measure(2, runs)


if __name__ == "__main__":
    one, two = ratio(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    print(f"one worker {one.rate:.2f} runs/s ({one.seconds:.0f} s), two {two.rate:.2f} runs/s ({two.seconds:.0f} s)")
    print(f"two over one: throughput {two.rate / one.rate:.2f}, whole call {one.seconds / two.seconds:.2f}; target 1.8")
