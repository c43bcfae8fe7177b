"""Welfare: the envelope, the decomposition, variations, and the way back (properties 14 and 15)."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from cge import accounts
from cge.accounts import benchmark_point
from cge.calibration.update import updated_benchmark
from cge.decomposition import decompose
from cge.solvers import Problem, Quota
from cge.solvers.sensitivity import Shock, trace
from cge.welfare import cv, ev, expenditure
from tests.drawn import Economy, economies, real
from tests.truth import record

SEEDS = st.integers(0, 10**6)
UNTAXED = {"taxes": False, "deficits": False, "margins": False, "rents": False}
HUFF = "Huff and Hertel (2000), integrated"


def first_order_gain(economy: Economy, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of EV and of the terms of trade in a random change of tariffs, at the benchmark, % of income."""
    h, p = 1e-4, accounts.table(economy.parameters)
    change = economy.tariffs(seed, 1.0)["tm"] - economy.base["tm"]
    problem = Problem(economy.parameters, certificate="arrays")
    up, down = (problem.solve({"tm": economy.base["tm"] + sign * h * change}).data for sign in (1.0, -1.0))
    welfare = (ev(economy.parameters, up) - ev(economy.parameters, down)) / (2.0 * h)
    price = (accounts.deflated(up)["px"] - accounts.deflated(down)["px"]) / (2.0 * h)
    dearer = p["trade"] * accounts.by_flow(price)
    terms = accounts.of_exporter(dearer) - accounts.of_importer(dearer)
    return (100.0 * welfare / p["income0"]).values, (100.0 * terms / p["income0"]).values


@given(economy=economies(**UNTAXED), taxed=economies(**{**UNTAXED, "taxes": True}), seed=SEEDS)
def test_envelope(economy: Economy, taxed: Economy, seed: int) -> None:
    welfare, terms = first_order_gain(economy, seed)
    record(
        "14. at free trade: slope of EV and of the terms of trade, % of income",
        terms,
        welfare,
        1e-5,
        "envelope theorem",
    )
    welfare, terms = first_order_gain(taxed, seed)
    record("14. twin: with taxes", terms, welfare, 1e-3, "envelope theorem", differs=True)


def closed(economy: Economy, seed: int, steps: int, order: int) -> float:
    """Residual of a decomposition over EV, largest region."""
    problem = Problem(economy.parameters, certificate="arrays")
    change = Shock({"tm": economy.tariffs(seed)["tm"] - economy.base["tm"]})
    found = decompose(economy.parameters, trace(problem, {"tariffs": change}, steps), order)
    return float(abs(found.residual).max() / abs(found.ev).max())


@given(economy=economies(rents=False, regions=2), seed=SEEDS)
def test_the_residual_falls_fourfold(economy: Economy, seed: int) -> None:
    ratio = closed(economy, seed, 4, 2) / closed(economy, seed, 8, 2)
    record("14. residual of the decomposition at 4 steps over that at 8", 4.0, ratio, 0.4, HUFF)


@pytest.mark.slow
@given(economy=economies(regions=2), seed=SEEDS)
def test_the_residual_at_forty_steps(economy: Economy, seed: int) -> None:
    record("14. residual of the decomposition at 40 steps over EV", 0.0, closed(economy, seed, 40, 4), 1e-5, HUFF)


@given(economy=economies(rents=False, regions=2), volume=st.sampled_from([0.8, 0.95]))
def test_a_decomposition_through_a_quota(economy: Economy, volume: float) -> None:
    """A tariff-rate quota that binds, and is then exceeded; each shock's share on the one path."""
    problem = Problem(economy.parameters, certificate="arrays")
    flow = economy.flow()
    quota = Shock({}, (Quota((flow,), volume, ceiling=0.03, licence={"exporter": 0.5, "treasury": 0.5}),))
    change = Shock({"tm": 0.1 * economy.abroad("importer")})
    path = trace(problem, {"quota": quota, "tariff": change}, 6, by_shock=True)
    found = decompose(problem.model.parameters, path)
    text = "14. residual of the decomposition by shock, through the regimes of a quota, over EV"
    record(text, 0.0, found.residual / abs(found.ev).max(), 1e-5, HUFF)


@given(economy=economies(income_elasticity=1.0, frisch=-1.0), seed=SEEDS)
def test_variations(economy: Economy, seed: int) -> None:
    source = "homothetic preferences"

    def both(one: Economy) -> tuple[xr.DataArray, xr.DataArray]:
        data, p = one.solve(one.tariffs(seed)).data, one.parameters
        return ev(p, data) / p.data["income0"], cv(p, data) / expenditure(p, data, 1.0)

    record("15. EV and CV in utility terms, homothetic", *both(economy), 1e-10, source)
    with_subsistence = economy.with_elasticities(frisch=-2.0)
    record("15. twin: with subsistence", *both(with_subsistence), 1e-10, source, differs=True)


@given(economy=economies(income_elasticity=1.0, frisch=-1.0, rents=False), seed=SEEDS)
def test_the_way_back(economy: Economy, seed: int) -> None:
    there = economy.solve(economy.tariffs(seed))
    problem = Problem(economy.parameters, certificate="arrays")
    back = problem.solve({"tm": economy.base["tm"]}, start=there)
    record("15. the reverse shock returns to the benchmark", 1.0, real(back), 1e-9, "reversibility")
    after = updated_benchmark(economy.benchmark, economy.parameters, there.data)
    anew = Economy(after, economy.elasticities)
    reverse = anew.solve({"tm": economy.base["tm"]})
    names = ("y", "flow", "g", "inv", "c")
    text = "15. volumes there times volumes back, the benchmark calibrated anew in between"
    both = real(there, names) * real(reverse, names)
    exists = np.concatenate(
        [
            *(np.isfinite(benchmark_point(anew.parameters)[n].values.ravel()) for n in names),
            np.ones(len(economy.benchmark.regions), dtype=bool),
        ]
    )
    record(text, 1.0, both[exists], 1e-9, "reversibility")
    record("15. twin: volumes there are not one", 1.0, real(there, names), 1e-6, "reversibility", differs=True)
