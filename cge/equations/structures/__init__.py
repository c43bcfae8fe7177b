"""The blocks that come with the package. A new one is a file beside these, and one entry of this list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from cge.block import Block

from .capacity import CAPACITY
from .capital import FIXED_SHARES, NET_INCOME
from .capital_flows import CAPITAL_FLOWS
from .carbon import CO2_BY_FUEL
from .cde import CDE
from .consumption_tax import CONSUMPTION_TAX
from .deflator import EXPORT_DEFLATOR
from .energy import ENERGY
from .income_tax import INCOME_TAX
from .labour import LABOUR_SUPPLY
from .long_run import LONG_RUN
from .margins import MARGIN_SUPPLY
from .ownership import OWNERSHIP
from .saving_price import SAVING_PRICE
from .separate import SEPARATE
from .small_country import SMALL_COUNTRY
from .users import USERS

_ALL = (
    SEPARATE, LABOUR_SUPPLY, LONG_RUN, CONSUMPTION_TAX, ENERGY, CO2_BY_FUEL, CAPACITY, OWNERSHIP, CAPITAL_FLOWS, USERS,
    SMALL_COUNTRY, CDE, NET_INCOME, FIXED_SHARES, SAVING_PRICE, INCOME_TAX, MARGIN_SUPPLY, EXPORT_DEFLATOR,
)  # fmt: skip

BLOCKS: Mapping[str, Block] = MappingProxyType({block.name: block for block in _ALL})
"""Blocks by name."""

STRUCTURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "standard": (),
        "gtap7": ("users", "cde", "net-income", "income-tax", "margin-supply", "saving-price"),
    }
)
"""Structures by name: the blocks that each adds to the base. `gtap7` is the standard GTAP model, version 7."""


def blocks_of(names: Iterable[str | Block]) -> tuple[str | Block, ...]:
    """Blocks with those of named structures in the place of their name, each once."""
    several = (STRUCTURES[name] if isinstance(name, str) and name in STRUCTURES else (name,) for name in names)
    return tuple(dict.fromkeys(block for blocks in several for block in blocks))
