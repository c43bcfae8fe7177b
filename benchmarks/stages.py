"""One economy from a cold start, stage by stage, in a process of its own; prints processor seconds as JSON.

    python benchmarks/stages.py TABLE [--arrays]

TABLE is the name of a benchmark, a NetCDF file, an .npz file of Caliendo and Parro (2015), or "random-NxK". With
--arrays IPOPT certifies on the arrays, without a Pyomo model. The shock is ten points more on all that one region
imports.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.measure import cpu, peak
from cge.progress import Event

STAGES = ("import", "load", "build", "compile", "solve", "certify", "report")


class Stages:
    """Processor seconds by stage; each stage ends where the next is marked."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = 0.0  # the import of the interpreter itself counts too

    def mark(self, stage: str) -> None:
        """End a stage here."""
        now = time.process_time()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now

    def watch(self, event: Event) -> None:
        """Take the stages of a solve from its progress."""
        if event.stage in ("prepare", "solve", "certify"):
            self.mark(event.stage if event.share >= 1.0 else "between")


def main(table: str, certificate: str) -> dict[str, Any]:
    """Run all stages; return their seconds, sizes and memory."""
    stages = Stages()
    import scipy.linalg

    from cge.calibration.update import updated_benchmark
    from cge.solvers import Problem
    from cge.solvers.certificate.store import Store
    from cge.solvers.methods.newton import Newton
    from cge.tables import sectors, trade
    from cge.welfare import welfare

    stages.mark("import")
    benchmark, parameters = load(table)
    stages.mark("load")
    problem = Problem(parameters, certificate=certificate)
    stages.mark("build")
    with tempfile.TemporaryDirectory() as folder:
        problem = problem.prepared(store=Store([Path(folder)]))
        stages.mark("compile")
        found = problem.solve({"tm": shocked(parameters, "USA")}, progress=stages.watch)
        welfare(parameters, found.data), trade(parameters, found.data), sectors(parameters, found.data)
        updated_benchmark(benchmark, parameters, found.data).identities()
        stages.mark("report")
        result: dict[str, Any] = {"seconds": dict(stages.seconds), "peak": peak()}

        def second() -> None:
            welfare(parameters, problem.solve({"tm": shocked(parameters, "KOR")}).data)

        system = problem.system
        result |= {"variables": system.size, "core": system.core.stop - system.core.start}
        result |= {"steps": found.proof.iterations, "residual": found.proof.max_residual}
        if result["core"] < 8000:  # larger ones are measured by the core of their prices
            result["second"] = cpu(second, 3)
            start = problem.model.start() | {"tm": shocked(parameters, "USA").transpose(*FLOW).values}
            system.complete(start)  # what the first evaluation learns is not part of any solve
            own = Newton(system, mend=False)
            steps: list[int] = []
            result["newton"] = cpu(lambda: steps.append(own.solve(start).factorisations), 3)
            result["factorisations"] = steps[-1]
            result["mended"] = cpu(lambda: Newton(system).solve(start), 3)
            core = own.condenser.core(system.linearise(system.complete(start)).jacobian)
            result["lu"] = cpu(lambda: scipy.linalg.lu_factor(core, check_finite=False), 3)
        else:
            prices = _square(parameters.data["output"].size)
            result["price_lu"] = cpu(lambda: scipy.linalg.lu_factor(prices, check_finite=False))
    yardstick = _square(1000)
    result["yardstick"] = cpu(lambda: scipy.linalg.lu_factor(yardstick, check_finite=False), 5)
    return result


def _square(size: int) -> Any:
    """A matrix of random numbers."""
    import numpy as np

    return np.random.default_rng(0).normal(size=(size, size))


FLOW = ("exporter", "importer", "sector")


def load(table: str) -> tuple[Any, Any]:
    """The benchmark and its parameters."""
    if table.startswith("random-"):
        from benchmarks.generate import elasticities, world
        from cge.calibration.shares import calibrate

        regions, sectors = table.removeprefix("random-").split("x")
        made = world(int(regions), int(sectors))
        return made, calibrate(made, elasticities(made))
    if table.endswith(".npz"):
        from cge.calibration.published.caliendo_parro import read_caliendo_parro
        from cge.calibration.shares import calibrate

        case = read_caliendo_parro(Path(table))
        return case.benchmark, calibrate(case.benchmark, case.elasticities)
    from cge.scenarios.economy.setting import setting

    place = setting(table)
    return place.benchmark, place.parameters


def shocked(parameters: Any, importer: str) -> Any:
    """The tariff with ten points more on all that a region imports; the first one if it is not there."""
    regions = parameters.labels["region"]
    tm = parameters.data["tm0"].copy()
    tm.loc[{"importer": importer if importer in regions else regions[0]}] += 0.1
    return tm


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], "arrays" if "--arrays" in sys.argv else "pyomo")))
