"""Demand and supply are those of utility, cost and revenue functions (properties 4 and 6)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from cge.model import Model, Values
from tests.drawn import Economy, economies, real
from tests.points import random_point
from tests.truth import record

SEEDS = st.integers(0, 10**6)
Array = NDArray[np.float64]


def value(model: Model, equation: str, at: Values) -> Array:
    """The right side of a definition at a point, over all its indices."""
    _, right = model.evaluate(model.equations[equation], at, {})
    shape = model.shape(model.equations[equation].pairs)
    return np.broadcast_to(np.asarray(right), shape).reshape(shape)


def slope(function: Callable[[Values], Array], at: Values, name: str, cell: tuple[int, ...], h: float = 1e-5) -> Array:
    """Derivative in one cell, by central differences."""
    ends = []
    for sign in (1.0, -1.0):
        moved = at[name].copy()
        moved[cell] += sign * h
        ends.append(function({**at, name: moved}))
    return (ends[0] - ends[1]) / (2.0 * h)


def technology(model: Model, seed: int) -> Values:
    """A point at random prices where industries cover their costs and make one unit each."""
    at = random_point(model, seed)
    at |= {"to": model.benchmark["to"], "tfp": np.ones_like(at["tfp"]), "y": np.ones_like(at["y"])}
    return priced(model, at)


def priced(model: Model, at: Values) -> Values:
    at = dict(at)
    for name, equation in (("pva", "value_added_price"), ("pn", "intermediate_price")):
        at[name] = value(model, equation, at)
    at["py"] = value(model, "zero_profit", at)
    return at


@given(economy=economies(), seed=SEEDS)
def test_technology(economy: Economy, seed: int) -> None:
    model = Model(economy.parameters)
    at, c = technology(model, seed), model.constants
    made = model.exists["y"]
    user = at["pf"] * (1.0 + at["tf"]) / (1.0 + c["tf0"])
    price = at["pa"][:, :, None] * (1.0 + at["ti"]) / (1.0 + c["ti0"])
    qf = value(model, "factor_demand", at)
    inputs = np.where(
        c["share_input"] > 0.0,
        (at["py"] / at["pn"])[:, None, :] ** c["sigma_top"][:, None, :]
        * (at["pn"][:, None, :] / price) ** c["sigma_n"][:, None, :],
        0.0,
    )
    paid = (c["share_va"][:, None, :] * c["share_factor"] * user * qf).sum(1) + (
        (1.0 - c["share_va"])[:, None, :] * c["share_input"] * price * inputs
    ).sum(1)
    record("4. cost of all inputs over unit cost (adding-up, Euler)", 1.0, (paid / at["py"])[made], 1e-10, "Euler")
    for cell in np.argwhere(model.exists["pf"])[:6]:
        r, f, s = (int(k) for k in cell)
        got = slope(lambda x: priced(model, x)["py"], at, "pf", (r, f, s))[r, s]
        wedge = (1.0 + at["tf"][r, f, s]) / (1.0 + c["tf0"][r, f, s])
        demand = c["share_va"][r, s] * c["share_factor"][r, f, s] * qf[r, f, s] * wedge
        record("4. demand for a factor is the slope of unit cost", demand, got, 1e-6, "Shephard's lemma")
    used = np.argwhere(c["share_input"] > 0.0)[:6]
    for r, g, s in ((int(a), int(b), int(d)) for a, b, d in used):
        got = slope(lambda x: priced(model, x)["py"], at, "pa", (r, g))[r, s]
        wedge = (1.0 + at["ti"][r, g, s]) / (1.0 + c["ti0"][r, g, s])
        demand = (1.0 - c["share_va"][r, s]) * c["share_input"][r, g, s] * inputs[r, g, s] * wedge
        record("4. demand for an input is the slope of unit cost", demand, got, 1e-6, "Shephard's lemma")


@given(economy=economies(), seed=SEEDS)
def test_armington(economy: Economy, seed: int) -> None:
    model = Model(economy.parameters)
    at, c = random_point(model, seed), model.constants

    def composite(x: Values) -> Array:
        return value(model, "composite_price", {**x, "pm": value(model, "import_price", x)})

    at = {**at, "pm": value(model, "import_price", at), "qa": np.ones_like(at["qa"])}
    at["pa"] = composite(at)
    at["qm"] = value(model, "import_demand", at)
    flow = value(model, "trade_flow", at)
    for i, r, s in ((int(a), int(b), int(d)) for a, b, d in np.argwhere(model.exists["flow"])[:6]):
        got = slope(composite, at, "pms", (i, r, s))[r, s]
        demand = (1.0 - c["share_home"][r, s]) * c["share_origin"][i, r, s] * flow[i, r, s]
        record(
            "4. demand for imports by origin is the slope of the composite's price",
            demand,
            got,
            1e-6,
            "Shephard's lemma",
        )


@given(economy=economies(), seed=SEEDS)
def test_household(economy: Economy, seed: int) -> None:
    """Goods, government and saving of the first region, as demands of prices and income."""
    model = Model(economy.parameters)
    c = model.constants
    rng = np.random.default_rng(seed)
    goods = np.flatnonzero(c["private"][0] > 0.0)
    base = np.concatenate([c["private"][0, goods], [c["government"][0]], [c["saving0"][0] * c["income0"][0]]])
    base = base / c["income0"][0]
    price, income = rng.uniform(0.7, 1.3, base.size), rng.uniform(1.0, 1.3)

    def demand(p: Array, m: float) -> Array:
        """Volumes in shares of benchmark income at users' price indices."""
        at = model.start()
        at["pa"][0, goods], at["pg"][0], at["income"][0] = p[:-2], p[-2], m
        at["v"] = value(model, "supernumerary_income", at)
        c_, g = value(model, "consumption", at), value(model, "government_demand", at)
        saving = value(model, "regional_saving", at)
        return np.concatenate([base[:-2] * c_[0, goods], [base[-2] * g[0]], [saving[0] / p[-1]]])

    h, n = 1e-5, base.size
    by_income = (demand(price, income + h) - demand(price, income - h)) / (2 * h)
    by_price = np.stack(
        [(demand(price + h * unit, income) - demand(price - h * unit, income)) / (2 * h) for unit in np.eye(n)], axis=1
    )
    bought = demand(price, income)
    substitution = by_price + np.outer(by_income, bought)
    record("4. the budget is spent", income, price @ bought, 1e-10, "adding-up")
    record("4. marginal budget shares sum to one", 1.0, price @ by_income, 1e-6, "Engel aggregation")
    record("4. a dearer good is paid for by all", 0.0, price @ by_price + bought, 1e-6, "Cournot aggregation")
    record("4. Slutsky matrix, asymmetry", 0.0, substitution - substitution.T, 1e-6, "Slutsky")
    record("4. Slutsky matrix times prices", 0.0, substitution @ price, 1e-6, "homogeneity of degree zero")
    record(
        "4. twin: uncompensated demands are not symmetric", 0.0, by_price - by_price.T, 1e-6, "Slutsky", differs=True
    )
    if base.min() > 0.0:
        largest = np.linalg.eigvalsh((substitution + substitution.T) / 2.0).max()
        record("4. Slutsky matrix, largest eigenvalue", 0.0, max(0.0, float(largest)), 1e-6, "Slutsky")


NESTS = {"esubm": 1.0, "esubd": 1.0, "esubva": 1.0, "esubt": 1.0, "esubn": 1.0}


@given(economy=economies(cet=None, **NESTS), seed=SEEDS)
def test_cobb_douglas(economy: Economy, seed: int) -> None:
    levels, source = economy.tariffs(seed), "CES at an elasticity of one"
    exact = real(economy.solve(levels))
    up, down = (
        real(economy.with_elasticities(**dict.fromkeys(NESTS, 1.0 + sign * 1e-4)).solve(levels)) for sign in (1.0, -1.0)
    )
    record(
        "6. Cobb-Douglas against the mean of elasticities of 1 + 1e-4 and 1 - 1e-4",
        exact,
        (up + down) / 2,
        1e-6,
        source,
    )
    record("6. Cobb-Douglas against an elasticity of 1 + 1e-4", exact, up, 1e-4, source)
    far = real(economy.with_elasticities(**dict.fromkeys(NESTS, 1.5)).solve(levels))
    record("6. twin: an elasticity of 1.5", exact, far, 1e-4, source, differs=True)


@given(economy=economies(), seed=SEEDS)
def test_leontief(economy: Economy, seed: int) -> None:
    levels, source = economy.tariffs(seed, 0.1), "CES at an elasticity of zero"
    nests = ("esubt", "esubn")
    exact, near, far = (
        real(economy.with_elasticities(**dict.fromkeys(nests, sigma)).solve(levels)) for sigma in (0.0, 1e-5, 0.5)
    )
    record("6. Leontief in the top nest and the intermediates against an elasticity of 1e-5", exact, near, 1e-4, source)
    record("6. twin: an elasticity of 0.5", exact, far, 1e-4, source, differs=True)


@given(economy=economies(regions=3), seed=SEEDS)
def test_flat_nest(economy: Economy, seed: int) -> None:
    source = "two CES nests of one elasticity are one nest"
    for sigma, same in ((economy.elasticities["esubd"], True), (economy.elasticities["esubd"] + 1.0, False)):
        changed = economy.elasticities.assign(esubm=sigma)
        found = Economy(economy.benchmark, changed).solve(economy.tariffs(seed))
        x, p = found.data, found.parameters.data
        absorption = p["absorption"].rename(region="importer")
        home = (p["domestic"] / p["absorption"] * x["pd"] ** (1.0 - p["sigma_d"])).rename(region="importer")
        s = p["sigma_d"].rename(region="importer")
        abroad = (p["duty_paid"] / absorption * x["pms"] ** (1.0 - s)).sum("exporter")
        flat = (home + abroad) ** (1.0 / (1.0 - s))
        flows = (x["qa"].rename(region="importer") * (flat / x["pms"]) ** s).where(p["duty_paid"] > 0.0, 1.0)
        there = np.where(p["absorption"].values > 0.0, x["pa"].values, 1.0)
        expected = np.where(p["absorption"].values > 0.0, flat.transpose("importer", "sector").values, 1.0)
        got = flows.transpose(*x["flow"].dims).values
        if same:
            record("6. price of nests of equal elasticity against one flat nest", expected, there, 1e-9, source)
            record("6. flows of nests of equal elasticity against one flat nest", got, x["flow"], 1e-9, source)
        else:
            record("6. twin: flows of nests of unequal elasticity", got, x["flow"], 1e-9, source, differs=True)
