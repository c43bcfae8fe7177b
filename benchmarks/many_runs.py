"""A batch of random tariffs on one and on two local processes; prints its seconds as JSON.

python benchmarks/many_runs.py TABLE RUNS
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.stages import load
from cge.solvers import Equilibrium, Problem
from cge.solvers.many.batch import Job, Kept, run_batch
from cge.welfare import welfare


def kept(solution: Equilibrium, job: Job) -> Kept:
    """What is kept of a run: its welfare table."""
    return Kept({"welfare": welfare(solution.parameters, solution.data).reset_index()})


def main(table: str, runs: int) -> dict[str, Any]:
    """Time the same jobs on one and on two workers, from the first that ends to the last: processes start before."""
    import numpy as np
    import psutil

    this = psutil.Process()

    def clocks() -> tuple[float, float, float]:
        """Seconds of the wall's clock, of this process, and of the workers' processors."""
        children = [child.cpu_times() for child in this.children(recursive=True)]
        return time.perf_counter(), time.process_time(), sum(times.user + times.system for times in children)

    _, parameters = load(table)
    problem = Problem(parameters)
    problem = problem.prepared()
    rng = np.random.default_rng(0)
    regions = parameters.labels["region"]
    jobs = []
    for k in range(runs):
        tm = parameters.data["tm0"].copy()
        tm.loc[{"importer": regions[rng.integers(len(regions))]}] += rng.uniform(0.0, 0.3)
        jobs.append(Job(f"run{k}", {"tm": tm}))
    result: dict[str, Any] = {"failed": 0}  # of parent and workers, the last batch's processor seconds stay
    for name, workers in (("one", 1), ("two", 2)):
        ends: list[tuple[float, float, float]] = []
        with tempfile.TemporaryDirectory() as folder:
            rows = run_batch(
                problem, jobs, Path(folder) / "out", kept, version="bench", workers=workers,
                progress=lambda row, done, of, ends=ends: ends.append(clocks()) if done in (1, of) else None,
            )  # fmt: skip
        result["failed"] += sum(row.status != "solved" for row in rows.values())
        result[name], result["parent"], result["workers"] = (b - a for a, b in zip(*ends, strict=True))
    return result


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
