"""Every named closure on one benchmark: unknowns of the core, and processor seconds of a repeat solve, as JSON.

python benchmarks/closures.py TABLE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.measure import cpu
from benchmarks.stages import load, shocked


def main(table: str) -> dict[str, dict[str, Any]]:
    """Solve the same shock under each closure, twice."""
    from cge.closure import CLOSURES
    from cge.solvers import Problem

    _, parameters = load(table)
    made = {}
    for name, closure in CLOSURES.items():
        problem = Problem(parameters, closure, certificate="arrays")
        levels = {"tm": shocked(parameters, "USA")}
        found = problem.solve(levels)
        made[name] = {
            "core": problem.system.core.stop - problem.system.core.start,
            "seconds": cpu(lambda problem=problem, levels=levels: problem.solve(levels), 2),  # type: ignore[misc]
            "residual": found.proof.max_residual,
        }
    return made


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
