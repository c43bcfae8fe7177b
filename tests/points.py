"""Small models and random points of them, on and off equilibrium."""

from __future__ import annotations

from functools import cache

import numpy as np

from cge.closure import CLOSURES, Closure
from cge.model import Model, Values
from cge.parameters import Parameters
from cge.system import System
from tests.economies import economy

SHAPES = {
    "plain": {"taxes": False, "deficits": False, "specific": False},
    "taxed": {},
    "full": {"margins": True, "rents": True, "inner_trade": True, "zeros": 0.2},
    "CET": {"margins": True, "cet": 2.0, "eta": 0.5},
    "Cobb-Douglas": {"esubm": 1.0, "esubd": 1.0, "esubva": 1.0, "esubt": 1.0, "esubn": 1.0, "frisch": -1.0},
    "Leontief": {"esubva": 0.5, "esubt": 0.0, "esubn": 0.0, "esubg": 0.0, "eta": 1.0},
}
"""Kinds of small economies: options of `random_benchmark` and elasticities."""

EVERY = frozenset({"te", "ntm", "tau", "tf", "ti", "tc"})
"""Instruments that a model holds only where it needs them, unless asked."""


def parameters(shape: str = "full", seed: int = 0, regions: int = 2, sectors: int = 2) -> Parameters:
    """Parameters of a small random economy of one of the `SHAPES`."""
    return economy(seed, regions=regions, sectors=sectors, **SHAPES[shape]).parameters


@cache
def system(shape: str = "full", closure: str = "standard", seed: int = 0, every: bool = True) -> System:
    """A square system, with every instrument at every index unless told otherwise."""
    chosen: Closure = CLOSURES[closure]
    made = economy(seed, regions=2, sectors=2, **SHAPES[shape]).under(chosen)
    model = Model(made, chosen.structure(EVERY if every else frozenset()))
    return model.system(chosen.held(model))


def random_point(model: Model, seed: int, spread: float = 0.3) -> Values:
    """A point that solves nothing: every value off its benchmark by up to the spread, in proportion and in level.

    Entries that do not exist stay at the benchmark, as in every point of a model.
    """
    rng = np.random.default_rng(seed)

    def move(array: np.ndarray) -> np.ndarray:
        moved = array * (1.0 + rng.uniform(-spread, spread, array.shape)) + 0.1 * rng.uniform(0.0, spread, array.shape)
        return np.asarray(moved)

    moved = {name: move(array) for name, array in model.benchmark.items()}
    return {name: np.where(model.exists[name], array, model.benchmark[name]) for name, array in moved.items()}
