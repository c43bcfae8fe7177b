"""Random economies for properties that hold in all of them: drawn by Hypothesis, solved, and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from cge.errors import DataError
from cge.solvers import Equilibrium
from cge.welfare import utility
from tests.economies import HOME as HOME
from tests.economies import Economy as Economy
from tests.economies import economy
from tests.economies import one_factor as one_factor

REAL = ("y", "c", "g", "inv", "flow", "qf")
"""Volumes: what a change of prices alone does not move."""

TABLE: Mapping[str, Sequence[Any]] = {
    "regions": (2, 3),
    "sectors": (2, 3),
    "zeros": (0.0, 0.25),
    "taxes": (True, False),
    "deficits": (True, False),
    "margins": (False, True),
    "inner_trade": (False, True),
    "rents": (False, True),
    "specific": (True, False),
}
"""Options of `random_benchmark`, and what is drawn of each."""

BEHAVIOUR: Mapping[str, Sequence[Any]] = {"cet": (None, 2.0), "eta": (0.0, 0.5)}
"""Options of `elasticities`."""


def economies(**fixed: Any) -> st.SearchStrategy[Economy]:
    """Balanced economies of all shapes.

    Args:
        fixed: options of `random_benchmark`, `cet` and `eta`, that a property needs as they are; the others are drawn.
            Names of `elasticities` too, which otherwise are random.
    """
    options = {**TABLE, **BEHAVIOUR}
    drawn = {name: st.sampled_from(list(choices)) for name, choices in options.items() if name not in fixed}

    def make(seed: int, **chosen: Any) -> Economy | None:
        chosen = chosen | fixed
        try:
            return economy(seed, **{name: value for name, value in chosen.items() if value is not None})
        except DataError:  # zeros that leave a good without a use
            return None

    return st.builds(make, st.integers(0, 10**6), **drawn).filter(lambda economy: economy is not None)  # type: ignore[arg-type, return-value]


def real(equilibrium: Equilibrium, names: Sequence[str] = REAL) -> np.ndarray:
    """Volumes and utility of a solution, in one row."""
    data = equilibrium.data
    parts = [data[name].values.ravel() for name in names]
    return np.concatenate([*parts, utility(equilibrium.parameters, data).values])
