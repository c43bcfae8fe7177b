"""One scenario by plain IPOPT and by this package, in one process; prints processor seconds as JSON.

python benchmarks/plain_ipopt.py TABLE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.measure import cpu
from benchmarks.stages import FLOW, load, shocked

DEFAULT = {"tol": 1e-8, "constr_viol_tol": 1e-4}
"""IPOPT's own."""


class Flat:
    """A system's functions without curvature: the objective is constant, so a square system needs none."""

    def __init__(self, functions: Any) -> None:
        self.residuals, self.jacobian = functions.residuals, functions.jacobian

    def hessian(self, *_: Any) -> tuple[Any, Any, Any]:
        """An empty triangle."""
        import numpy as np

        return np.array([], dtype=int), np.array([], dtype=int), np.array([])


def main(table: str) -> dict[str, Any]:
    """Time a second scenario, IPOPT's default, and the other options that were tried."""
    import numpy as np

    from cge.solvers import Problem
    from cge.solvers.certificate import ipopt
    from cge.welfare import welfare

    _, parameters = load(table)
    problem = Problem(parameters)
    problem = problem.prepared()
    problem.solve({"tm": shocked(parameters, "KOR")})
    shock = shocked(parameters, "USA")
    kept: list[Any] = []
    certified = cpu(lambda: kept.append(problem.solve({"tm": shock})), 3)
    second = cpu(lambda: welfare(parameters, problem.solve({"tm": shock}).data), 3)
    system = problem.system
    start = problem.model.start() | {"tm": shock.transpose(*FLOW).values}
    functions = problem._functions(start)
    found: list[Any] = []
    default = cpu(lambda: found.append(ipopt.solve(system, start, functions, DEFAULT)))
    tried = {
        "no Hessian": cpu(lambda: ipopt.solve(system, start, Flat(functions), DEFAULT)),
        "no Hessian, MUMPS ordering AMF": cpu(
            lambda: ipopt.solve(system, start, Flat(functions), DEFAULT | {"mumps_pivot_order": 2})
        ),
    }
    mine = {name: kept[-1].data[name].values.astype(float) for name in system.columns}
    apart = float(np.abs(system.pack(mine) - system.pack(found[0].values)).max())
    return {
        "certified": certified,
        "second": second,
        "default": default,
        "tried": tried | {"default": default},
        "iterations": found[0].iterations,
        "difference": apart,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
