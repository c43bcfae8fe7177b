"""A benchmark or table brought to other numbers: those after a shock, other tariffs, another year."""

from .after_shock import LAYER, identities, updated_benchmark, updated_table

__all__ = ["LAYER", "identities", "updated_benchmark", "updated_table"]
