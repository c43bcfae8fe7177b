"""Gains from trade, optimal tariffs and mark-ups with one factor (properties 13 and 17)."""

from __future__ import annotations

from functools import partial

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from cge.solvers import Equilibrium, Problem
from cge.solvers.sensitivity import slopes
from cge.welfare import utility
from tests.drawn import HOME, Economy, one_factor
from tests.truth import record

SEEDS = st.integers(0, 10**6)
SIGMAS = st.sampled_from([2.5, 5.0, 9.0])
ARKOLAKIS = "Arkolakis, Costinot and Rodríguez-Clare (2012)"
GROS = "Gros (1987); Costinot and Rodríguez-Clare (2014)"


def home_share(found: Equilibrium) -> xr.DataArray:
    """Share of spending on the own good, by region."""
    p, x = found.parameters.data, found.data
    return (p["share_home"] * x["pd"] * x["qd"] / (x["pa"] * x["qa"])).sel(sector="s0", drop=True)


def kept(found: Equilibrium) -> xr.DataArray:
    """One less the share of tariff revenue in income."""
    return 1.0 - found.data["tariffs"] / found.data["income"]


def gain(found: Equilibrium) -> np.ndarray:
    return np.asarray(utility(found.parameters, found.data))


@given(seed=SEEDS, sigma=SIGMAS, regions=st.sampled_from([2, 3]))
def test_gains_from_trade(seed: int, sigma: float, regions: int) -> None:
    economy = one_factor(seed, regions, sigma=sigma)
    epsilon = sigma - 1.0
    rng = np.random.default_rng(seed)
    tau = 1.0 + rng.uniform(-0.1, 0.3, economy.base["tau"].shape) * (economy.parameters.data["trade"] > 0.0)
    base = economy.parameters.data["share_home"].sel(sector="s0", drop=True)
    melting = economy.solve({"tau": tau})
    shares = (home_share(melting) / base) ** (-1.0 / epsilon)
    record("13. welfare after a change of iceberg costs, lambda_jj^(-1/eps)", shares, gain(melting), 1e-9, ARKOLAKIS)

    tariff = economy.solve(economy.tariffs(seed, 0.5))
    formula = (home_share(tariff) / base) ** (-1.0 / epsilon)
    record(
        "13. welfare after tariffs, lambda_jj^(-1/eps) (1-r)/(1-r')",
        formula / kept(tariff),
        gain(tariff),
        1e-9,
        ARKOLAKIS,
    )
    record("13. twin: without the revenue", formula, gain(tariff), 1e-6, ARKOLAKIS, differs=True)


def marginal(problem: Problem, economy: Economy, rate: float) -> float:
    """Slope of the first region's log welfare in its own tariff."""
    where = economy.abroad("importer")
    x = problem.solve({"tm": rate * where}).data
    values = {name: x[name].values.astype(float) for name in problem.model.symbols}
    system = problem.model.system(problem.closure.held(problem.model))
    rates = slopes(system, values, {"tariff": {"tm": where.transpose(*x["tm"].dims).values}})["tariff"]
    return float(rates["income"][0] / values["income"][0] - rates["pa"][0, 0] / values["pa"][0, 0])


def best_tariff(economy: Economy) -> tuple[float, float]:
    """The first region's optimal tariff, and the foreign share of spending on own goods under it."""
    problem = Problem(economy.parameters, certificate="arrays")
    rate = float(brentq(partial(marginal, problem, economy), 0.02, 2.0, xtol=1e-9))
    found = problem.solve({"tm": rate * economy.abroad("importer")})
    return rate, float(home_share(found).sel(region="r1"))


@given(seed=SEEDS, sigma=SIGMAS)
def test_optimal_tariff(seed: int, sigma: float) -> None:
    epsilon = sigma - 1.0
    rate, foreign = best_tariff(one_factor(seed, sigma=sigma))
    record(
        "13. optimal tariff of one of two countries, 1/(eps lambda_ff*)", 1.0 / (epsilon * foreign), rate, 1e-7, GROS
    )
    record("13. twin: 1/eps, as if it were small", 1.0 / epsilon, rate, 1e-4, GROS, differs=True)
    rate, _ = best_tariff(one_factor(seed, sigma=sigma, small=1e-8))
    record("13. optimal tariff of a small country, 1/eps and not zero", 1.0 / epsilon, rate, 1e-5, GROS)


@given(seed=SEEDS, sigma=SIGMAS, markup=st.sampled_from([0.1, 0.3]))
def test_a_mark_up_leaves_the_trade_elasticity(seed: int, sigma: float, markup: float) -> None:
    """Until there are firms: a fixed mark-up, whose profits go to the household, is an output tax in the benchmark."""
    source = "Krugman (1980) with a fixed number of firms; " + ARKOLAKIS
    h, flow = 1e-4, ("r1", HOME, "s0")
    at = dict(zip(("exporter", "importer", "sector"), flow, strict=True))
    welfare = []
    for rate in (0.0, markup):
        economy = one_factor(seed, 3, sigma=sigma, output_tax=rate)
        where = economy.at(flow)
        logs = []
        for sign in (1.0, -1.0):
            x = economy.solve({"tau": 1.0 + sign * h * where}).data
            value, own = (x["pms"] * x["flow"]).loc[at], (x["pd"] * x["qd"]).loc[{"region": HOME, "sector": "s0"}]
            wages = x["px"].loc[{"region": "r1", "sector": "s0"}] / x["pd"].loc[{"region": HOME, "sector": "s0"}]
            logs.append((np.log(float(value / own)), np.log(float(wages)) + np.log(1.0 + sign * h)))
        (up, cost_up), (down, cost_down) = logs
        elasticity = (up - down) / (cost_up - cost_down)
        record("17. Armington trade elasticity, with a mark-up and without", 1.0 - sigma, elasticity, 1e-6, source)
        melting = economy.solve({"tau": 1.0 + 0.2 * economy.abroad("importer")})
        welfare.append(gain(melting))
        base = economy.parameters.data["share_home"].sel(sector="s0", drop=True)
        formula = (home_share(melting) / base) ** (-1.0 / (sigma - 1.0))
        record(
            "17. welfare after iceberg costs under a mark-up, lambda_jj^(-1/eps)", formula, gain(melting), 1e-9, source
        )
    record("17. welfare after iceberg costs, mark-up or not", welfare[0], welfare[1], 1e-9, source)
    two = one_factor(seed, 2, 2, sigma=sigma)
    one_sector = markup * (two.base["to"]["sector"] == "s0") * xr.ones_like(two.base["to"])
    record(
        "17. twin: a mark-up in one of two sectors changes welfare",
        1.0,
        gain(two.solve({"to": one_sector})),
        1e-6,
        source,
        differs=True,
    )
