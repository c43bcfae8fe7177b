"""The equations of the base structure, one function each; those of blocks are in `cge.equations.structures`."""

from __future__ import annotations

from cge.equation import Equation, Quantity, equation, equations_of, quantities_of, quantity

from . import demand, income, markets, production, quotas, saving, trade

MODULES = (demand, income, markets, production, quotas, saving, trade)
"""In this order equations are numbered."""

__all__ = ["MODULES", "Equation", "Quantity", "equation", "equations_of", "quantities_of", "quantity"]
