"""The equations of the model: one function each, its formula, unit and source in the docstring."""

from . import demand, income, levers, markets, production, quotas, saving, trade
from .registry import EQUATIONS, Equation, equation

__all__ = [
    "EQUATIONS",
    "Equation",
    "demand",
    "equation",
    "income",
    "levers",
    "markets",
    "production",
    "quotas",
    "saving",
    "trade",
]
