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

from .errors import SolveError

if TYPE_CHECKING:
    from cge.calibration.benchmark import Benchmark
    from cge.calibration.check import check
    from cge.calibration.elasticities import load_elasticities
    from cge.calibration.export import export
    from cge.calibration.readers.registry import read as read_table
    from cge.calibration.recipe import run as make_benchmark
    from cge.calibration.shares import calibrate
    from cge.closure import CLOSURES, Closure
    from cge.decomposition import Decomposition
    from cge.progress import Event
    from cge.scenarios.economy.altertax import Altertax
    from cge.scenarios.economy.batch import Batch
    from cge.scenarios.economy.economy import Economy, economy
    from cge.scenarios.economy.horizons import Horizons, horizons
    from cge.scenarios.economy.verbs import altertax, batch, compare, decompose, diff, run
    from cge.scenarios.files.library import load as load_scenario
    from cge.scenarios.files.library import names as scenario_names
    from cge.scenarios.files.scenario import Scenario
    from cge.scenarios.policy.combine import answered
    from cge.scenarios.results.results import Comparison, Result
    from cge.solvers import Equilibrium, Problem, Quota

_HOMES = {
    "Altertax": ("cge.scenarios.economy.altertax", "Altertax"),
    "Batch": ("cge.scenarios.economy.batch", "Batch"),
    "Benchmark": ("cge.calibration.benchmark", "Benchmark"),
    "CLOSURES": ("cge.closure", "CLOSURES"),
    "Closure": ("cge.closure", "Closure"),
    "Comparison": ("cge.scenarios.results.results", "Comparison"),
    "Decomposition": ("cge.decomposition", "Decomposition"),
    "Horizons": ("cge.scenarios.economy.horizons", "Horizons"),
    "Economy": ("cge.scenarios.economy.economy", "Economy"),
    "Event": ("cge.progress", "Event"),
    "Equilibrium": ("cge.solvers", "Equilibrium"),
    "Problem": ("cge.solvers", "Problem"),
    "Quota": ("cge.solvers", "Quota"),
    "Result": ("cge.scenarios.results.results", "Result"),
    "Scenario": ("cge.scenarios.files.scenario", "Scenario"),
    "SolveError": ("cge.solvers", "SolveError"),
    "abatement": ("cge.scenarios.economy.abatement", "abatement"),
    "altertax": ("cge.scenarios.economy.verbs", "altertax"),
    "answered": ("cge.scenarios.policy.combine", "answered"),
    "batch": ("cge.scenarios.economy.verbs", "batch"),
    "calibrate": ("cge.calibration.shares", "calibrate"),
    "check": ("cge.calibration.check", "check"),
    "compare": ("cge.scenarios.economy.verbs", "compare"),
    "diff": ("cge.scenarios.economy.verbs", "diff"),
    "delta": ("cge.scenarios.economy.delta", "delta"),
    "decompose": ("cge.scenarios.economy.verbs", "decompose"),
    "economy": ("cge.scenarios.economy.economy", "economy"),
    "export": ("cge.calibration.export", "export"),
    "horizons": ("cge.scenarios.economy.horizons", "horizons"),
    "gradient": ("cge.scenarios.economy.gradient", "gradient"),
    "load_elasticities": ("cge.calibration.elasticities", "load_elasticities"),
    "load_scenario": ("cge.scenarios.files.library", "load"),
    "make_benchmark": ("cge.calibration.recipe", "run"),
    "optimum": ("cge.scenarios.economy.optimum", "optimum"),
    "read_table": ("cge.calibration.readers.registry", "read"),
    "reply": ("cge.scenarios.economy.reply", "reply"),
    "robustness": ("cge.scenarios.economy.robustness", "robustness"),
    "run": ("cge.scenarios.economy.verbs", "run"),
    "scenario_names": ("cge.scenarios.files.library", "names"),
    "uncertainty": ("cge.scenarios.economy.uncertainty", "uncertainty"),
}
"""Name to module and attribute."""

__all__ = [
    "CLOSURES",
    "Altertax",
    "Batch",
    "Benchmark",
    "Closure",
    "Comparison",
    "Decomposition",
    "Economy",
    "Equilibrium",
    "Event",
    "Horizons",
    "Problem",
    "Quota",
    "Result",
    "Scenario",
    "SolveError",
    "abatement",
    "altertax",
    "answered",
    "batch",
    "calibrate",
    "check",
    "compare",
    "decompose",
    "delta",
    "diff",
    "economy",
    "export",
    "gradient",
    "horizons",
    "load_elasticities",
    "load_scenario",
    "make_benchmark",
    "optimum",
    "read_table",
    "reply",
    "robustness",
    "run",
    "scenario_names",
    "uncertainty",
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
