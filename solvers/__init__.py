"""Makes residuals zero and proves it; knows no economics."""

from cge.errors import PolicyError, SolveError
from cge.quotas import Quota

from .equilibrium import Equilibrium, Proof, Regime
from .problem import METHODS, Problem

__all__ = ["METHODS", "Equilibrium", "PolicyError", "Problem", "Proof", "Quota", "Regime", "SolveError"]
