"""An open, calibrated multi-region, multi-sector CGE model of world trade.

The main verbs are here by name and are imported at first use, so that `import cge` costs nothing and the economics
in this package keep importing none of the other rooms:

    import cge

    results = cge.run(["us-universal-10", "korea-cptpp"], benchmark="world2020-12x12")
    print(results.table("ev_pct"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cge.calibration.benchmark import Benchmark
    from cge.calibration.elasticities import load_elasticities
    from cge.calibration.shares import calibrate
    from cge.closure import CLOSURES, Closure
    from cge.decomposition import Decomposition
    from cge.scenarios.batch import Batch, batch
    from cge.scenarios.compose import answered
    from cge.scenarios.diff import diff
    from cge.scenarios.effects import decompose
    from cge.scenarios.library import load as load_scenario
    from cge.scenarios.library import names as scenario_names
    from cge.scenarios.results import Comparison, Result
    from cge.scenarios.run import compare, run
    from cge.scenarios.schema import Scenario
    from cge.solvers import Equilibrium, Problem, Quota, SolveError

_HOMES = {
    "Batch": ("cge.scenarios.batch", "Batch"),
    "Benchmark": ("cge.calibration.benchmark", "Benchmark"),
    "CLOSURES": ("cge.closure", "CLOSURES"),
    "Closure": ("cge.closure", "Closure"),
    "Comparison": ("cge.scenarios.results", "Comparison"),
    "Decomposition": ("cge.decomposition", "Decomposition"),
    "Equilibrium": ("cge.solvers", "Equilibrium"),
    "Problem": ("cge.solvers", "Problem"),
    "Quota": ("cge.solvers", "Quota"),
    "Result": ("cge.scenarios.results", "Result"),
    "Scenario": ("cge.scenarios.schema", "Scenario"),
    "SolveError": ("cge.solvers", "SolveError"),
    "answered": ("cge.scenarios.compose", "answered"),
    "batch": ("cge.scenarios.batch", "batch"),
    "calibrate": ("cge.calibration.shares", "calibrate"),
    "compare": ("cge.scenarios.run", "compare"),
    "diff": ("cge.scenarios.diff", "diff"),
    "decompose": ("cge.scenarios.effects", "decompose"),
    "load_elasticities": ("cge.calibration.elasticities", "load_elasticities"),
    "load_scenario": ("cge.scenarios.library", "load"),
    "run": ("cge.scenarios.run", "run"),
    "scenario_names": ("cge.scenarios.library", "names"),
}
"""Name to module and attribute."""

__all__ = [
    "CLOSURES",
    "Batch",
    "Benchmark",
    "Closure",
    "Comparison",
    "Decomposition",
    "Equilibrium",
    "Problem",
    "Quota",
    "Result",
    "Scenario",
    "SolveError",
    "answered",
    "batch",
    "calibrate",
    "compare",
    "decompose",
    "diff",
    "load_elasticities",
    "load_scenario",
    "run",
    "scenario_names",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
