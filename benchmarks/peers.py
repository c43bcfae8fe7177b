"""The same table, shock and elasticity in puremacro and here, each in a process of its own.

    python benchmarks/peers.py puremacro|cge

The table is puremacro's own: OECD (2023), Inter-Country Input-Output Tables, 2019, G20 members and a rest of the world
in 20 ISIC sections. The United States put ten per cent on all imports. Everything is Cobb-Douglas, value added and
inputs in fixed proportions; foreign saving is a fixed share of world factor income. What is left apart are the sources
of a good: puremacro gives every user his own shares of origins, this package gives one composite to all
(docs/decisions/0004).
"""

from __future__ import annotations

import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

RATE, WHO = 0.1, "USA"


def table() -> tuple[Any, list[str], list[str]]:
    """The table that comes with puremacro, and its countries and sectors; puremacro itself is not imported."""
    import numpy as np

    spec = find_spec("puremacro")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("puremacro is not installed (pip install 'cge[peers]')")
    with np.load(Path(spec.origin).parent / "trade/_datafiles/icio_oecd2023_2019_isic_g20.npz") as file:
        return file["data"], [str(c) for c in file["country_codes"]], [str(s) for s in file["sector_codes"]]


def by_puremacro() -> dict[str, Any]:
    """Solve with puremacro's general method."""
    import numpy as np
    from puremacro.trade import calibrate_trade_model, solve_trade_equilibrium

    matrix, countries, sectors = table()
    case = calibrate_trade_model(matrix, country_codes=countries, sector_codes=sectors)
    rate = RATE * (np.array(countries) == WHO)
    start = time.process_time()
    found = solve_trade_equilibrium(
        case, tau=rate, tau_fd=rate, sigma=1.0, foreign_saving_units="world_income", tol=1e-2
    )
    seconds = time.process_time() - start
    if not found.converged:
        raise RuntimeError("puremacro did not converge")
    return {"seconds": seconds, "wage": _relative(np.asarray(found.w_sol).ravel(), matrix)}


def by_cge() -> dict[str, Any]:
    """Solve with this package, the first solve of the process."""
    from cge.calibration.shares import calibrate
    from cge.solvers import Problem

    matrix, countries, sectors = table()
    parameters = calibrate(*economy(matrix, countries, sectors))
    problem = Problem(parameters)
    problem.prepare()
    tm = parameters.data["tm0"].copy()
    tm.loc[{"importer": WHO}] += RATE
    start = time.process_time()
    found = problem.solve({"tm": tm})
    seconds = time.process_time() - start
    wage = found.data["w"].sel(factor="LAB").values
    return {"seconds": seconds, "residual": found.proof.max_residual, "wage": _relative(wage, matrix)}


def _relative(wage: Any, matrix: Any) -> list[float]:
    """Wages over their world average, weighted with benchmark wage bills."""
    labour = matrix[-2, : matrix.shape[0] - 3].reshape(len(wage), -1).sum(axis=1)
    return [float(x) for x in wage / (wage @ labour / labour.sum())]


def economy(matrix: Any, countries: list[str], sectors: list[str]) -> tuple[Any, Any]:
    """The table as a benchmark of this package, with Cobb-Douglas elasticities."""
    import numpy as np
    import xarray as xr

    from cge.calibration.benchmark import Benchmark

    n, k = len(countries), len(sectors)
    cells = n * k
    goods = matrix[:cells, :cells].reshape(n, k, n, k)
    finals = matrix[:cells, cells:].reshape(n, k, n, 3)
    sold = (goods.sum(axis=3) + finals.sum(axis=3)).transpose(0, 2, 1)
    home = np.arange(n)
    domestic, trade = sold[home, home].copy(), sold.copy()
    trade[home, home] = 0.0
    final = np.zeros((n, k, 3))
    bought = finals.sum(axis=0).transpose(1, 0, 2)
    final[:, :, 0], final[:, :, 2] = bought[:, :, 0] + bought[:, :, 2], bought[:, :, 1]
    paid = matrix[cells, cells:].reshape(n, 3)
    tax = np.stack([paid[:, 0] + paid[:, 2], np.zeros(n), paid[:, 1]], axis=1)
    spent = final.sum(axis=1)
    rate = np.divide(tax, spent, out=np.zeros_like(tax), where=spent > 0.0)
    benchmark = Benchmark.from_arrays(
        countries,
        sectors,
        factor=["LAB", "CAP"],
        layer=["mfn"],
        domestic=domestic,
        trade=trade,
        intermediate=goods.sum(axis=0).transpose(1, 0, 2),
        final=final,
        final_tax=final * rate[:, None, :],
        factor_income=matrix[cells + 1 :, :cells].reshape(2, n, k).transpose(1, 0, 2),
        output_tax=matrix[cells, :cells].reshape(n, k),
    )
    one = {name: (("sector",), np.ones(k)) for name in ("esubm", "esubd", "esubva", "esubn", "income_elasticity")}
    other = {"esubt": (("sector",), np.zeros(k)), "cet": (("sector",), np.full(k, np.inf))}
    values = one | other | {"esubg": 1.0, "esubi": 1.0, "frisch": -1.0}
    values["eta_factor"] = (("factor",), np.full(2, np.inf))
    return benchmark, xr.Dataset(values, coords={"sector": benchmark.sectors, "factor": ["LAB", "CAP"]})


if __name__ == "__main__":
    made = by_cge() if sys.argv[1] == "cge" else by_puremacro()
    print(json.dumps(made | {"whole": time.process_time()}))
