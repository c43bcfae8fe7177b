r"""The regional household of GTAP: Cobb-Douglas in the utilities of consumption (CDE), government and saving.

    ln U = D_p ln U_p + D_g ln (government) + D_s ln (saving volume)

The weights :math:`D` are those at which the benchmark's shares are chosen. What a level of utility costs at given
prices is found by Newton's method on private utility: at it the CDE gives private spending and its elasticity in
utility, and with them what goes to government and saving.

Source: McDougall (2003), "A new regional household demand system for GTAP", GTAP Technical Paper 20.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from .block import Array, Table

ITERATIONS = 60
SMALL = 1e-13


@dataclass(frozen=True)
class Prices:
    """Logarithms of prices [region, sector] and [region]."""

    goods: Array | float
    government: Array | float
    saving: Array | float


BENCHMARK = Prices(0.0, 0.0, 0.0)


def _log(x: Array) -> Any:
    return np.log(x)


def _exp(x: Array) -> Any:
    return np.exp(x)


class _Wants:
    """What the household's utility is made of, as shares of net income."""

    def __init__(self, p: Table, x: Table, *, saving: bool = True) -> None:
        net = 1.0 - x["worn0"]
        self.beta, self.gamma = p["cde_beta"], p["cde_gamma"]
        self.weight, self.share = p["cde_weight"], p["share_cpi"]
        self.private, self.government = p["private0"] / net, p["government0"] / net
        self.saving = (p["saving0"] - x["worn0"]) / net if saving else 0.0 * self.government
        self.mean = (self.share * self.gamma).sum("sector")
        self.mean = xr.where(p["spends"] == 0.0, 1.0, self.mean)
        self.consumes = p["spends"]

    @property
    def weights(self) -> tuple[Array, Array, Array]:
        """Weights of consumption, government and saving in the logarithm of utility."""
        return self.mean * self.private, self.government, self.saving

    def spending(self, up: Array, goods: Array | float) -> tuple[Array, Array, Array]:
        """Logarithm of private spending, of its elasticity in utility over the benchmark's, and the slope of the latter
        in the logarithm of private utility."""
        up = xr.where(self.consumes == 0.0, 0.0, up)
        fixed = self.beta * (self.gamma * up + goods)
        x = (self.share * (self.gamma * up + goods)).sum("sector")
        for _ in range(ITERATIONS):
            term = self.weight * _exp(fixed - self.beta * x)
            total = term.sum("sector")
            slope = (self.beta * term).sum("sector")
            step = _log(total) * total / xr.where(self.consumes == 0.0, 1.0, slope)
            step = xr.where(self.consumes == 0.0, 0.0, step)
            x = x + step
            if float(abs(step).max()) < SMALL:
                break
        budget = self.share * _exp(fixed - self.beta * x)
        budget = budget / xr.where(self.consumes == 0.0, 1.0, budget.sum("sector"))
        mean = xr.where(self.consumes == 0.0, 1.0, (budget * self.gamma).sum("sector"))
        pull = self.beta * (self.gamma - mean)
        moved = (budget * self.gamma * (pull - (budget * pull).sum("sector"))).sum("sector")
        return x, _log(mean / self.mean), moved / mean

    def at(self, level: Array, prices: Prices) -> tuple[Array, Array, Array]:
        """At a logarithm of utility and prices: private utility, private spending, spending on government (all in
        logarithms); spending on saving moves as that on government."""
        private, government, saving = self.weights
        rest = government + saving
        fixed = government * prices.government + saving * prices.saving
        up = level / xr.where(private + rest == 0.0, 1.0, private + rest)
        for _ in range(ITERATIONS):
            x, phi, slope = self.spending(up, prices.goods)
            own = private * up + rest * (x + phi) - fixed
            step = (level - own) / (private + rest * (self.mean * _exp(phi) + slope))
            up = up + step
            if float(abs(step).max()) < SMALL:
                break
        x, phi, _ = self.spending(up, prices.goods)
        return up, x, x + phi


@dataclass(frozen=True)
class NonHomothetic:
    """Welfare of the regional household with CDE demand (see `cge.block.Household`)."""

    whose: str = "regional household: consumption (CDE), government and saving"

    def _level(self, wants: _Wants, x: Table) -> Array:
        """Logarithm of utility [region]."""
        private, government, saving = wants.weights
        saved = _log(x["saving_power"] * x["upper"] / x["saving_price"])
        public = government * _log(xr.where(government == 0.0, 1.0, x["g"]))
        return private * _log(x["up"]) + public + saving * saved

    def _prices(self, x: Table) -> Prices:
        return Prices(_log(x["consumer_price"]), _log(x["pg"]), _log(x["saving_price"]))

    def utility(self, p: Table, x: Table) -> Array:
        """Index [region], 1 at the benchmark."""
        return _exp(self._level(_Wants(p, x), x))

    def expenditure(self, p: Table, x: Table, level: Array) -> Array:
        """What a level of utility costs at the point's prices, depreciation included [region], million USD."""
        wants = _Wants(p, x)
        cost = self._cost(wants, wants.at(_log(level), self._prices(x)))
        return p["income0"] * (x["worn"] + (1.0 - x["worn0"]) * cost)

    def ev(self, p: Table, x: Table) -> Array:
        """Equivalent variation [region], million USD at benchmark prices."""
        wants = _Wants(p, x)
        cost = self._cost(wants, wants.at(self._level(wants, x), BENCHMARK))
        return p["income0"] * (1.0 - x["worn0"]) * (cost - 1.0)

    def price_of_utility(self, p: Table, x: Table) -> Array:
        """Cost of one more unit of utility at the point's prices over that at the benchmark's [region], index."""
        wants = _Wants(p, x)
        _, _, public = wants.at(self._level(wants, x), BENCHMARK)
        return x["spending_power"] * x["upper"] / _exp(public)

    def price_of_spending(self, p: Table, x: Table) -> Array:
        """The same of goods and government alone, saving left out [region], index."""
        wants = _Wants(p, x, saving=False)
        _, _, public = wants.at(self._level(wants, x), BENCHMARK)
        return x["spending_power"] * x["upper"] / _exp(public)

    def ev_of_spending(self, p: Table, x: Table) -> Array:
        """Equivalent variation of goods and government alone, saving left out [region], million USD."""
        wants = _Wants(p, x, saving=False)
        cost = self._cost(wants, wants.at(self._level(wants, x), BENCHMARK))
        free = wants.private + wants.government
        return p["income0"] * (1.0 - x["worn0"]) * (cost - free)

    @staticmethod
    def _cost(wants: _Wants, found: tuple[Array, Array, Array]) -> Array:
        """Spending on all three, share of benchmark net income."""
        _, private, public = found
        return wants.private * _exp(private) + (wants.government + wants.saving) * _exp(public)


NONHOMOTHETIC = NonHomothetic()
