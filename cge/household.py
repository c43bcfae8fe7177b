r"""The household of the base structure: Stone-Geary utility over goods, government and saving.

Tables are parameters and a point relative to the world factor price by name (`cge.accounts`); `cge.welfare` says what
the formulas are and where they come from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .block import Array, Table


@dataclass(frozen=True)
class Preferences:
    """What a household's utility is made of; money in shares of benchmark regional income.

    Attributes:
        subsistence: cost of subsistence of a good at benchmark prices [region, sector].
        goods: supernumerary spending on a good at the benchmark [region, sector].
        government: the same on government [region]; zero for the private household.
        saving: the same on saving [region].
    """

    subsistence: Array
    goods: Array
    government: Array
    saving: Array

    @property
    def supernumerary(self) -> Array:
        """Income above the cost of subsistence at the benchmark [region]."""
        return self.goods.sum("sector") + self.government + self.saving


@dataclass(frozen=True)
class StoneGeary:
    """Welfare of a household with Stone-Geary preferences (see `cge.block.Household`).

    Attributes:
        whose: in words.
        preferences: from parameters and a point.
    """

    whose: str
    preferences: Callable[[Table, Table], Preferences]

    def cost_of_subsistence(self, p: Table, x: Table) -> Array:
        """At a point's prices [region], share of benchmark income."""
        return (self.preferences(p, x).subsistence * x["consumer_price"]).sum("sector")

    def price_of_utility(self, p: Table, x: Table) -> Array:
        """Cost of one more unit of utility [region], index."""
        wants = self.preferences(p, x)
        total = wants.supernumerary
        goods = (x["consumer_price"] ** (wants.goods / total)).prod("sector")
        return goods * x["pg"] ** (wants.government / total) * x["saving_price"] ** (wants.saving / total)

    def price_of_spending(self, p: Table, x: Table) -> Array:
        """The same for goods and government alone, saving left out [region], index."""
        wants = self.preferences(p, x)
        total = wants.goods.sum("sector") + wants.government
        return (x["consumer_price"] ** (wants.goods / total)).prod("sector") * x["pg"] ** (wants.government / total)

    def utility(self, p: Table, x: Table) -> Array:
        """Supernumerary income over its price [region], 1 at the benchmark."""
        return x["v"] / self.price_of_utility(p, x)

    def expenditure(self, p: Table, x: Table, level: Array) -> Array:
        """What a level of utility costs at a point's prices [region], million USD."""
        free = self.preferences(p, x).supernumerary * level * self.price_of_utility(p, x)
        return p["income0"] * (self.cost_of_subsistence(p, x) + free)

    def ev_of_spending(self, p: Table, x: Table) -> Array:
        """Equivalent variation of goods and government alone, saving left out [region], million USD."""
        wants = self.preferences(p, x)
        free = wants.goods.sum("sector") + wants.government
        return p["income0"] * free * (x["spending_power"] / self.price_of_spending(p, x) - 1.0)

    def ev(self, p: Table, x: Table) -> Array:
        """Equivalent variation [region], million USD at benchmark prices."""
        return p["income0"] * self.preferences(p, x).supernumerary * (self.utility(p, x) - 1.0)


def regional_preferences(p: Table, x: Table) -> Preferences:
    """Goods, government and saving of the regional household, net of depreciation where income is."""
    goods = p["private"] / p["income0"] - p["subsistence_cost"]
    return Preferences(p["subsistence_cost"], goods, p["government"] / p["income0"], p["saving0"] - x["worn0"])


REGIONAL = StoneGeary("regional household: consumption, government and saving", regional_preferences)
