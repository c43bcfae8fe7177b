"""Makes residuals zero and proves it; knows no economics."""

from cge.quotas import Quota, QuotaError

from . import asl
from .equilibrium import Equilibrium, Proof, Regime, SolveError
from .problem import METHODS, Problem

asl.point_pyomo_here()

__all__ = ["METHODS", "Equilibrium", "Problem", "Proof", "Quota", "QuotaError", "Regime", "SolveError"]
