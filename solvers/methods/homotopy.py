"""The way of everything that is held from one setting to another, on which a path of equilibria lies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cge.model import Values
from cge.notation import Symbol

Vector = NDArray[np.float64]


class Homotopy:
    """Indices go their way in equal proportions, rates as powers (one plus the rate), everything else straight.

    Args:
        start, goal: full arrays by symbol.
        symbols: of the model, whose domain says how each goes.
    """

    def __init__(self, start: Values, goal: Values, symbols: Mapping[str, Symbol]) -> None:
        self.start, self.goal, self._symbols = start, goal, symbols
        self._moving = [name for name, end in goal.items() if not np.array_equal(start[name], end)]

    def holding(self, held: Values) -> Homotopy:
        """The same way with other values of what does not move on it."""
        return Homotopy(self.start | held, self.goal | held, self._symbols)

    def at(self, share: float) -> Values:
        """Everything at a share of the way."""
        return self.goal | {name: self._both(name, share)[0] for name in self._moving}

    def rates(self, share: float) -> Values:
        """Derivatives in the share of what moves."""
        return {name: self._both(name, share)[1] for name in self._moving}

    def _both(self, name: str, share: float) -> tuple[Vector, Vector]:
        """A symbol at a share of the way, and its derivative."""
        begin, end = self.start[name], self.goal[name]
        symbol = self._symbols[name]
        offset = symbol.offset
        powers = (begin + offset > 0.0) & (end + offset > 0.0) & symbol.logged
        with np.errstate(all="ignore"):
            power = (begin + offset) ** (1.0 - share) * (end + offset) ** share
            slope = power * np.log((end + offset) / (begin + offset))
        straight = (1.0 - share) * begin + share * end
        return np.where(powers, power - offset, straight), np.where(powers, slope, end - begin)
