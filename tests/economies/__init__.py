"""The economies of the tests, in one place: tables, elasticities, and the two together.

Points and shocks over them are drawn by `tests.points`, `tests.solved` and `tests.drawn`.
"""

from .behaviour import elasticities, wide_elasticities
from .economy import HOME, Economy, economy, one_factor
from .tables import ROLES, changed, random_benchmark, rich, small

__all__ = [
    "HOME",
    "ROLES",
    "Economy",
    "changed",
    "economy",
    "elasticities",
    "one_factor",
    "random_benchmark",
    "rich",
    "small",
    "wide_elasticities",
]
