"""The same table, shock and elasticity in puremacro and here, each in a process of its own.

    python benchmarks/peers.py cge|general|fixed|newton [--alike] [--without-dask]

The table is puremacro's own: OECD (2023), Inter-Country Input-Output Tables, 2019, G20 members and a rest of the world
in 20 ISIC sections. The United States put ten per cent on all imports. All sources of a good, and all inputs of an
industry, substitute with one elasticity; capital and labour are Cobb-Douglas, value added and inputs in fixed
proportions, and foreign saving is a fixed share of world factor income. puremacro has three ways to solve:

- general: `solve_flexible_trade_equilibrium`, the only one in which final users substitute between sources too;
- fixed: `solve_trade_equilibrium` as it comes, fixed proportions throughout;
- newton: `solve_ces_block_newton`, final users in fixed proportions, foreign saving in the numeraire.

The country that acts comes first in the table: with Argentina first, whose first price is then puremacro's numeraire,
the general way stalls with 1,000 million USD of labour unsold there, and the block Newton fails at this elasticity.

Two differences are left between general and here. puremacro gives every user his own shares of origins, and all final
users fixed proportions of goods; here all users of a region share one composite of each good (docs/decisions/0004),
and households spend by LES. With --alike the table's users of a good in a region buy it from the same origins, and here
a government with fixed proportions consumes all but ALIKE of what households did.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

RATE, WHO, SIGMA = 0.1, "USA", 2.0
ALIKE = 1e-4
"""Share of consumption that is left to households, which must have some."""


def table(alike: bool) -> tuple[Any, list[str], list[str]]:
    """The table that comes with puremacro, and its countries and sectors; puremacro itself is not imported."""
    import numpy as np

    spec = find_spec("puremacro")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("puremacro is not installed (pip install 'cge[peers]')")
    with np.load(Path(spec.origin).parent / "trade/_datafiles/icio_oecd2023_2019_isic_g20.npz") as file:
        matrix = file["data"]
        countries, sectors = [str(c) for c in file["country_codes"]], [str(s) for s in file["sector_codes"]]
    n, k = len(countries), len(sectors)
    order = [countries.index(WHO), *(i for i in range(n) if countries[i] != WHO)]
    rows = np.arange(n * k).reshape(n, k)[order].ravel()
    columns = np.concatenate([rows, n * k + np.arange(3 * n).reshape(n, 3)[order].ravel()])
    matrix = matrix[np.ix_([*rows, *range(n * k, n * k + 3)], columns)]
    if alike:
        buyer = np.concatenate([np.repeat(np.arange(n), k), np.repeat(np.arange(n), 3)])
        flows = matrix[: n * k].reshape(n, k, -1)  # a view: origin, good, user
        for region in range(n):
            bought = flows[:, :, buyer == region]
            source = bought.sum(axis=2)
            share = np.divide(source, source.sum(axis=0), out=np.zeros_like(source), where=source.sum(axis=0) > 0.0)
            flows[:, :, buyer == region] = share[:, :, None] * bought.sum(axis=0)
    return matrix, [countries[i] for i in order], sectors


def by_puremacro(way: str, alike: bool) -> dict[str, Any]:
    """Solve in one of puremacro's ways."""
    import numpy as np
    from puremacro import trade

    matrix, countries, sectors = table(alike)
    case = trade.calibrate_trade_model(matrix, country_codes=countries, sector_codes=sectors)
    rate = RATE * (np.array(countries) == WHO)
    shock: dict[str, Any] = {"tau": rate, "tau_fd": rate}
    start = time.process_time()
    if way == "general":
        shock |= {"sigma_inter": SIGMA, "sigma_trade": SIGMA, "foreign_saving_units": "world_income"}
        found = trade.solve_flexible_trade_equilibrium(case, method="quasi_condensed", **shock)
    elif way == "fixed":
        found = trade.solve_trade_equilibrium(case, foreign_saving_units="world_income", **shock)
    else:
        technology = trade.NestedCESTechnology(sigma_origins=SIGMA)
        found = trade.solve_ces_block_newton(case, technology=technology, **shock).equilibrium
    seconds = time.process_time() - start
    if not found.converged:
        worst = float(np.abs(found.metadata["physical_residuals"]).max())
        raise RuntimeError(
            f"puremacro ({way}) stopped after {found.iterations} steps, residual {worst:.0e} million USD"
        )
    return {"seconds": seconds, "wage": _relative(np.asarray(found.w_sol).ravel(), matrix)}


def by_cge(alike: bool) -> dict[str, Any]:
    """Solve with this package, the first solve of the process."""
    from cge.calibration.shares import calibrate
    from cge.solvers import Problem

    matrix, countries, sectors = table(alike)
    parameters = calibrate(*economy(matrix, countries, sectors, ALIKE if alike else 1.0))
    problem = Problem(parameters)
    problem = problem.prepared()
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


def economy(matrix: Any, countries: list[str], sectors: list[str], households: float) -> tuple[Any, Any]:
    """The table as a benchmark of this package, with elasticities; households have a share of consumption."""
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
    paid = matrix[cells, cells:].reshape(n, 3)
    tax = np.zeros((n, 3))
    for used, given in ((final, bought), (tax, paid)):
        consumption = given[..., 0] + given[..., 2]
        used[..., 0], used[..., 1] = households * consumption, (1.0 - households) * consumption
        used[..., 2] = given[..., 1]
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
    every = {"esubm": SIGMA, "esubd": SIGMA, "esubn": SIGMA, "esubva": 1.0, "esubt": 0.0, "income_elasticity": 1.0}
    values: dict[str, Any] = {name: (("sector",), np.full(k, value)) for name, value in every.items()}
    values |= {"cet": (("sector",), np.full(k, np.inf)), "esubg": 0.0, "esubi": 0.0, "frisch": -1.0}
    values["eta_factor"] = (("factor",), np.full(2, np.inf))
    return benchmark, xr.Dataset(values, coords={"sector": benchmark.sectors, "factor": ["LAB", "CAP"]})


if __name__ == "__main__":
    way, alike = sys.argv[1], "--alike" in sys.argv
    if "--without-dask" in sys.argv:
        sys.modules["dask"] = None  # type: ignore[assignment]  # as where it is not installed
    made = by_cge(alike) if way == "cge" else by_puremacro(way, alike)
    print(json.dumps(made | {"whole": time.process_time()}))
