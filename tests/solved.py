"""Random economies with every account, and shocks that touch every instrument, for tests over solutions."""

from __future__ import annotations

from functools import cache

import numpy as np
import xarray as xr

from cge.closure import Closure
from cge.parameters import Parameters
from cge.solvers.problem import Problem
from tests.economies import Economy, economy

CLOSURES = {
    "regional": Closure(),
    "bank": Closure(saving="bank"),
    "unemployment": Closure(labour="real-wage"),
    "lump-sum": Closure(household="separate", government="lump-sum"),
    "deficit": Closure(household="separate", government="deficit"),
}
FULL = {"margins": True, "rents": True, "inner_trade": True, "zeros": 0.1}


def world(seed: int, cet: float | None = None, eta: float = 0.0, **options: bool | float | int) -> Economy:
    """Every account unless an option says otherwise; `cet` makes transformation finite, `eta` land sluggish."""
    given = {"eta": eta} | ({} if cet is None else {"cet": cet})
    return economy(seed, **(FULL | options), **given)


@cache
def problem(seed: int, closure: str = "regional", cet: float | None = None, eta: float = 0.0) -> Problem:
    return Problem(world(seed, cet, eta).parameters, CLOSURES[closure])


def shock(parameters: Parameters, seed: int, scale: float = 1.0, **only: bool) -> dict[str, xr.DataArray]:
    """Random changes of every instrument that has no closure of its own, or of the named ones."""
    rng = np.random.default_rng(seed)
    p = parameters.data

    def change(like: xr.DataArray, size: float) -> xr.DataArray:
        return xr.DataArray(rng.uniform(-0.5, 1.0, like.shape) * size * scale, dims=like.dims, coords=like.coords)

    one = xr.ones_like(p["duty_paid"])
    levels = {
        "tm": p["tm0"] + abs(change(p["tm0"], 0.2)),
        "te": p["te0"] + change(p["te0"], 0.05),
        "ntm": p["rent_share"] * abs(change(p["rho0"], 0.05)),
        "tau": one + change(one, 0.05),
        "to": p["to0"] + change(p["to0"], 0.02),
        "tf": p["tf0"] + change(p["tf0"], 0.05),
        "ti": p["ti0"] + change(p["ti0"], 0.05),
        "tc": p["tc0"] + change(p["tc0"], 0.05),
        "endow": 1.0 + change(p["endowment"], 0.05),
        "tfp": 1.0 + change(p["output"], 0.05),
        "sf": p["sf0"],
    }
    # foreign savings of all regions stay at zero in sum, in million USD
    moved = change(p["sf0"], 0.02)
    levels["sf"] = p["sf0"] + moved - (moved * p["income0"]).sum() / p["income0"].sum()
    return {name: level for name, level in levels.items() if only.get(name, not only)}
