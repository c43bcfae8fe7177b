"""Random economies and random shocks, from the usual to what nobody would try; each follows from its number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.calibration.shares import calibrate
from cge.closure import CLOSURES
from cge.parameters import Parameters
from cge.quotas import Quota
from cge.solvers import Problem
from cge.symbols import INSTRUMENTS
from tests.economies import random_benchmark, wide_elasticities
from tests.solved import shock as every_instrument

SHOCKS = ("tariffs", "subsidies", "prohibitive", "technology", "deficits", "quotas", "everything")
"""Kinds of shocks; each world gets all of them."""

QUICK, ALL = 8, 150
"""Worlds of the sample that always runs, and of the run for the truth; each gets every shock."""


@dataclass(frozen=True)
class World:
    """A random benchmark and its parameters, under one closure."""

    number: int
    benchmark: Benchmark
    parameters: Parameters
    closure: str


@dataclass(frozen=True)
class Shock:
    """What is asked of a world."""

    kind: str
    instruments: dict[str, xr.DataArray]
    quotas: tuple[Quota, ...] = ()


DRAWN = ("standard", "global-bank", "unemployment", "lump-sum", "direct-tax", "fixed-deficit")
"""Closures of the worlds, by number; a new closure does not change those of the others."""


@lru_cache(2)
def world(number: int) -> World:
    """An economy of two or three regions and sectors with any account, under one of the closures."""
    rng = np.random.default_rng([number, 1])
    options: dict[str, Any] = {
        "regions": int(rng.integers(2, 4)),
        "sectors": int(rng.integers(1, 3)),
        "zeros": rng.choice([0.0, 0.2, 0.4]),
        "thin": rng.choice([0.0, 0.0, 0.3]),
        "tiny": rng.choice([1.0, 1.0, 1e-3, 1e-6]),
        "lopsided": rng.choice([1.0, 1.0, 0.3]),
    }
    options |= {name: bool(rng.random() < 0.5) for name in ("margins", "inner_trade", "rents", "specific")}
    benchmark = random_benchmark(number, **options)
    parameters = calibrate(benchmark, wide_elasticities(benchmark, number))
    return World(number, benchmark, parameters, DRAWN[number % len(DRAWN)])


@lru_cache(2)
def problem(number: int, certificate: str) -> Problem:
    """The problem of a world; a model for Pyomo is built once for all shocks."""
    made = world(number)
    result = Problem(made.parameters, CLOSURES[made.closure], certificate=certificate)
    if certificate == "pyomo":
        result = result.prepared({name for kind in SHOCKS for name in shock(number, kind).instruments}, store=None)
    return result


def shock(number: int, kind: str) -> Shock:
    """A shock of one of the kinds to a world."""
    p = world(number).parameters.data
    rng = np.random.default_rng([number, 2, SHOCKS.index(kind)])
    make = {
        "tariffs": lambda: {"tm": xr.where(_flows(p, rng), rng.uniform(0.0, 3.0, p["tm0"].shape), p["tm0"])},
        "subsidies": lambda: _subsidies(p, rng),
        "prohibitive": lambda: _prohibitive(p, rng),
        "technology": lambda: {
            "tfp": _like(p["output"], 10.0 ** rng.uniform(-0.3, 0.3, p["output"].shape)),
            "endow": _like(p["endowment"], 10.0 ** rng.uniform(-0.3, 0.3, p["endowment"].shape)),
        },
        "deficits": lambda: _deficits(p, rng),
        "quotas": lambda: {"tm": p["tm0"] + rng.uniform(0.0, 0.5)},
        "everything": lambda: every_instrument(world(number).parameters, number, scale=3.0),
    }[kind]
    instruments = {name: level for name, level in make().items() if _falls_on_something(p, name)}
    if world(number).closure == "global-bank":
        instruments.pop("sf", None)
    if world(number).closure == "unemployment" and "endow" in instruments:
        instruments["endow"] = instruments["endow"].where(p["factor"] != "LAB", 1.0)
    return Shock(kind, instruments, _quotas(p, rng) if kind == "quotas" else ())


def _falls_on_something(p: xr.Dataset, name: str) -> bool:
    """Whether the random zeros of a table have left anything that an instrument falls on."""
    where = INSTRUMENTS[name].where
    return not where or bool((p[where] > 0.0).any())


def _like(array: xr.DataArray, numbers: np.ndarray) -> xr.DataArray:
    return xr.DataArray(numbers, dims=array.dims, coords=array.coords)


def _flows(p: xr.Dataset, rng: np.random.Generator) -> xr.DataArray:
    """All flows, those of one importer, or a few."""
    chosen = rng.choice(["all", "importer", "few"])
    everywhere = xr.ones_like(p["tm0"], dtype=bool)
    if chosen == "importer":
        return everywhere & (p["tm0"]["importer"] == rng.choice(p["tm0"]["importer"].values))
    return everywhere if chosen == "all" else _like(p["tm0"], rng.random(p["tm0"].shape) < 0.2)


def _subsidies(p: xr.Dataset, rng: np.random.Generator) -> dict[str, xr.DataArray]:
    """Subsidies of up to half the value on imports, exports or output."""
    name = rng.choice(["tm", "te", "to"])
    base = p[f"{name}0"]
    rate = -rng.uniform(0.0, 0.5, base.shape)
    if name == "to":
        return {"to": _like(base, np.where(rng.random(base.shape) < 0.4, rate, base))}
    return {name: xr.where(_flows(p, rng), rate, base)}


def _prohibitive(p: xr.Dataset, rng: np.random.Generator) -> dict[str, xr.DataArray]:
    """Tariffs of up to a million per cent, or a hundred units shipped for one that arrives."""
    where, shape = _flows(p, rng), p["tm0"].shape
    if rng.random() < 0.5:
        return {"tm": xr.where(where, 10.0 ** rng.uniform(1.0, 4.0, shape), p["tm0"])}
    return {"tau": xr.where(where, 10.0 ** rng.uniform(0.3, 2.0, shape), 1.0 + 0.0 * p["tm0"])}


def _deficits(p: xr.Dataset, rng: np.random.Generator) -> dict[str, xr.DataArray]:
    """Balanced trade, or capital flows of up to a third of income."""
    if rng.random() < 0.3:
        return {"sf": 0.0 * p["sf0"]}
    moved = rng.uniform(-1.0, 1.0, p["sf0"].shape) * 0.3 * float(p["income0"].min())
    moved -= moved.mean()
    return {"sf": p["sf0"] + moved / p["income0"]}


def _quotas(p: xr.Dataset, rng: np.random.Generator) -> tuple[Quota, ...]:
    """Hard quotas and tariff-rate quotas on up to four flows."""
    quotas = []
    for cell in rng.permutation(np.argwhere(p["trade"].values > 0.0))[:4]:
        flow = tuple(str(p["trade"][axis].values[k]) for axis, k in zip(p["trade"].dims, cell, strict=True))
        if rng.random() < 0.8:
            ceiling = rng.choice([np.inf, 0.05, 0.5])
            owner = rng.choice(["exporter", "importer", "treasury"])
            quotas.append(Quota((flow,), 10.0 ** rng.uniform(-1.5, 0.3), ceiling, licence={str(owner): 1.0}))
    return tuple(quotas)
