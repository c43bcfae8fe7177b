r"""Markusen's small open economy with a quota (M44, M45).

Two goods, two factors. Good 1 is exported, good 2 made at home and imported under a quota of 60 for 50 of foreign
exchange. Settings:

* The rest of the world is an entrepôt: its industry 2 turns imported good 1 into good 2, one for one, at no other
  cost. So world prices are fixed exactly.
* Home and imported good 2 are perfect substitutes: the limit of :math:`\sigma \to \infty`. The solution is a power
  series in :math:`1/\sigma` (but for terms that vanish exponentially), so three solutions at
  :math:`\sigma` = 500, 1000, 2000 and extrapolation give the limit. M44's corner, no output of good 2,
  needs no complementarity: output is of the order of :math:`(p^M/p^D)^\sigma`.
* M45's voluntary export restraint is the exporter's export tax at its rate, which an auctioned quota replaces. In M44
  the exporter keeps a millionth of the rent, so that the region has an income.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.solvers import Equilibrium, Problem, Quota
from tests.limits import limit
from tests.truth import record

SOURCE = "Markusen and Rutherford (1995), MPS/GE examples, {}"
REGIONS, SECTORS, FACTORS = ["HOME", "ROW"], ["good 1", "good 2"], ["LAB", "CAP"]
RENT = {"exporter": "ROW", "importer": "HOME", "sector": "good 2"}
OWN = 1e-6
"""What the rest of the world makes of good 1 for itself; without it, it would have no income when rents are gone."""

SIGMAS = (500.0, 1000.0, 2000.0)
NAMES = ("W", "X1", "X2", "rent premium", "P1", "P2", "PL", "PK")


def benchmark(model: str) -> Benchmark:
    """The table; what foreigners receive of the rent they spend on good 1."""
    abroad = {"M44": 1e-5, "M45": 10.0}[model]
    domestic, trade, intermediate, final = np.zeros((2, 2)), *np.zeros((2, 2, 2, 2)), np.zeros((2, 2, 3))
    domestic[0] = 100.0 - abroad, 40.0
    domestic[1, 0] = OWN
    trade[0, 1, 0], trade[1, 0, 1] = 50.0 + abroad, 50.0
    intermediate[1, 0, 1] = 50.0
    final[0, :, 0], final[1, 0, 0] = (100.0 - abroad, 100.0), abroad + OWN
    wedge, owner = np.zeros((2, 2, 2)), np.zeros((3, 2, 2, 2))
    wedge[1, 0, 1] = 10.0
    owner[0] = 1.0
    if model == "M45":
        owner[:, 1, 0, 1] = 0.0, 0.0, 1.0  # who will own the rent of the quota
        rest = {"export_tax": wedge, "government_saving": [0.0, abroad]}
    else:
        owner[:, 1, 0, 1] = abroad / 10.0, 0.0, 1.0 - abroad / 10.0
        rest = {"rent": wedge, "government_saving": [10.0 - abroad, 0.0]}
    return Benchmark.from_arrays(
        REGIONS,
        SECTORS,
        factor=FACTORS,
        layer=["mfn"],
        domestic=domestic,
        trade=trade,
        intermediate=intermediate,
        final=final,
        factor_income=[[[100.0, 20.0], [50.0, 20.0]], [[OWN, 0.0], [0.0, 0.0]]],
        rent_share=owner,
        direct_tax=0.0,
        **rest,
    )


def elasticities(sigma: float) -> xr.Dataset:
    """Cobb-Douglas but for good 2 at home."""
    one = ("sector", np.ones(2))
    return xr.Dataset(
        {
            "esubd": (("region", "sector"), [[1.0, sigma], [1.0, 1.0]]),
            **dict.fromkeys(("esubm", "esubva", "esubt", "esubn", "income_elasticity"), one),
            "cet": ("sector", np.full(2, np.inf)),
            "esubg": 1.0,
            "esubi": 1.0,
            "frisch": -1.0,
            "eta_factor": ("factor", np.full(2, np.inf)),
        },
        coords={"region": REGIONS, "sector": SECTORS, "factor": FACTORS},
    )


def solve(model: str, sigma: float) -> Equilibrium:
    problem = Problem(calibrate(benchmark(model), elasticities(sigma)))
    if model == "M44":
        return problem.solve(quotas=[Quota((tuple(RENT.values()),), volume=np.inf)])
    return problem.solve({"te": 0.0}, [Quota((tuple(RENT.values()),), volume=1.0)])


def outcome(equilibrium: Equilibrium) -> NDArray[np.float64]:
    """The variables of `NAMES`; Markusen's numeraire is the price of the welfare good."""
    x, shares = (data.sel(region="HOME") for data in (equilibrium.data, equilibrium.parameters.data.share_cpi))
    level = (x.pa**shares).prod()
    premium = equilibrium.data.rho.sel(RENT)
    return np.array([(x.c**shares).prod(), *x.y, premium, *(x.pa / level), *(x.w / level)], dtype=float)


@cache
def at_perfect_substitution(model: str) -> dict[str, float]:
    values = limit(lambda sigma: outcome(solve(model, sigma)), SIGMAS)
    return dict(zip(NAMES, values, strict=True))


def test_m45_an_auctioned_quota_in_place_of_a_voluntary_restraint() -> None:
    expected = {
        "W": 1.052586,
        "rent premium": 0.203925,
        "X1": 0.965971,
        "X2": 1.127399,
        "P1": 0.998283,
        "P2": 1.001548,
        "PL": 0.991785,
        "PK": 1.011407,
    }
    for name, value in expected.items():
        record(
            f"M45, {name}",
            value,
            at_perfect_substitution("M45")[name],
            1e-6,
            SOURCE.format("M45") + ": solution of the program",
        )


def test_m44_free_trade_in_place_of_a_quota() -> None:
    # all factors make good 1, which is sold at home and for good 2 at the world's prices
    output = 1.2 ** (2 / 3) * 1.4 ** (1 / 3) * 150.0
    expected = {
        "W": output * np.sqrt(1.2) / 200.0,
        "X1": output / 150.0,
        "X2": 0.0,
        "P1": np.sqrt(1.2),
        "P2": np.sqrt(1.0 / 1.2),
    }
    for name, value in expected.items():
        record(
            f"M44, {name}", value, at_perfect_substitution("M44")[name], 1e-6, SOURCE.format("M44") + ": closed form"
        )
