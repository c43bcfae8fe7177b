"""Benchmark, homogeneity and Walras (properties 1 to 3)."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from cge import accounts
from cge.accounts import MONEY, PRICES
from cge.closure import CLOSURES, Closure
from cge.model import Model
from cge.solvers import Problem
from cge.solvers.equilibrium import dataset
from tests.drawn import Economy, economies, real
from tests.points import random_point
from tests.truth import record

SEEDS = st.integers(0, 10**6)


@pytest.mark.parametrize("closure", CLOSURES)
@given(economy=economies())
def test_replication(closure: str, economy: Economy) -> None:
    problem = Problem(economy.under(CLOSURES[closure]), CLOSURES[closure], certificate="arrays")
    text = f"1. residual at the benchmark before any iteration, {closure} closure"
    record(text, 0.0, problem.benchmark_residual, 1e-9, "calibration in shares")


@given(economy=economies(), seed=SEEDS)
def test_homogeneity(economy: Economy, seed: int) -> None:
    source = "homogeneity of degree zero"
    levels = economy.tariffs(seed)
    once, twice = economy.solve(levels), economy.solve(levels | {"pworld": 2.0})
    record("2. volumes and utility when the numeraire doubles", real(once), real(twice), 1e-10, source)
    for name in PRICES:
        got = (twice.data[name] / once.data[name]).values
        got = got[(once.data[name] != 1.0).values | (twice.data[name] != 1.0).values]  # the others do not exist
        if got.size == 0:  # no margins
            continue
        record("2. prices when the numeraire doubles", 2.0, got, 1e-9, source)
    other = economy.solve(levels, closure=Closure(numeraire="r1"))
    record("2. volumes and utility with another numeraire", real(once), real(other), 1e-8, source)
    wrong = economy.solve(levels | {"pworld": 2.0, "sf": economy.base["sf"] / 2.0})
    if float(abs(economy.base["sf"]).max()) > 1e-3:
        text = "2. twin: with foreign saving that keeps its number of coins, not its worth"
        record(text, real(once), real(wrong), 1e-8, source, differs=True)


@given(economy=economies(), seed=SEEDS)
def test_homogeneity_off_equilibrium(economy: Economy, seed: int) -> None:
    """Every equation is of degree zero or one in prices and money, wherever it is looked at."""
    model = Model(economy.parameters)
    point = random_point(model, seed)
    scaled = {
        name: array * (2.0 if name in (*PRICES, *MONEY, "pworld", "walras") else 1.0) for name, array in point.items()
    }
    system = model.system()
    once, twice = system.residuals(point), system.residuals(scaled)
    degree_zero, degree_one = abs(twice - once), abs(twice - 2.0 * once)
    smaller = np.minimum(degree_zero, degree_one) / np.maximum(1.0, abs(once))
    record("2. degree of every equation in prices and money, off equilibrium", 0.0, smaller, 1e-10, "homogeneity")


@pytest.mark.parametrize("closure", ["standard", "global-bank", "lump-sum"])
@given(economy=economies(), seed=SEEDS)
def test_walras_at_a_solution(closure: str, economy: Economy, seed: int) -> None:
    found = economy.solve(economy.tariffs(seed), closure=CLOSURES[closure])
    text = f"3. the dropped balance at a solution, share of world income, {closure} closure"
    record(text, 0.0, float(found.data["walras"]), 1e-9, "Walras' law")


def excess_values(economy: Economy, seed: int) -> tuple[xr.Dataset, xr.Dataset]:
    """Values of what is out of balance at a point that only obeys the definitions [region], million USD."""
    model = Model(economy.parameters)
    system = model.system({"pworld": np.array(True)})
    moved = random_point(model, seed, 0.2)
    there = {name: np.where(model.exists[name], array, model.benchmark[name]) for name, array in moved.items()}
    values = system.complete(there)
    p = accounts.table(economy.parameters)
    x = accounts.Point(model.structure, p, dataset(model, values))
    bought = accounts.final_volume(p, x).sum("agent") + accounts.input_volume(p, x).sum("sector").rename(input="sector")
    goods = (x["pa"] * (bought - p["absorption"] * x["qa"])).sum("sector")
    sold = p["domestic"] * x["qd"] + p["exports"] * x["qx"]
    output = (x["py"] * (sold - accounts.output_volume(p, x))).sum("sector")
    factors = (accounts.factor_volume(p, x) * x["pf"] * (1.0 + x["tf"])).sum("factor")
    inputs = (x["pa"].rename(sector="input") * (1.0 + x["ti"]) * accounts.input_volume(p, x)).sum("input")
    profit = (x["py"] * (1.0 - x["to"]) * accounts.output_volume(p, x) - factors - inputs).sum("sector")
    names = [name for name in MONEY if name not in ("income", "saving", "v", "direct_taxes")]
    earned = sum(x[name] for name in names) * p["income0"]
    unspent = earned - x["income"] * p["income0"]
    owed = (x["sf"] * x["pworld"] + x["walras"]) * p["income0"]
    parts = xr.Dataset({"goods": goods, "output": output, "profit": profit, "unspent": unspent, "owed": -owed})
    return parts, x["export_taxes"] * p["income0"]


@given(economy=economies(cet=None), seed=SEEDS)
def test_walras_off_equilibrium(economy: Economy, seed: int) -> None:
    parts, export_taxes = excess_values(economy, seed)
    world = float(economy.parameters.data["income0"].sum())
    total = float(parts.to_array().sum()) / world
    text = "3. excess demands, profits and unspent incomes off equilibrium, share of world income"
    record(text, 0.0, total, 1e-9, "Walras' law")
    for name in ("output", "profit", "unspent"):
        text = f"3. twin: {name} by itself is out of balance there"
        record(text, 0.0, float(abs(parts[name]).sum()) / world, 1e-4, "Walras' law", differs=True)
    if float(abs(export_taxes).sum()) > 1e-3 * world:
        lost = total - float(export_taxes.sum()) / world
        record("3. twin: export taxes lost on the way to income", 0.0, lost, 1e-6, "Walras' law", differs=True)
