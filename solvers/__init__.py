"""Makes residuals zero and proves it; knows no economics."""

from cge.quotas import Quota, QuotaError

from . import asl
from .equilibrium import Equilibrium, Proof, Regime, SolveError
from .problem import Problem

asl.point_pyomo_here()

__all__ = ["Equilibrium", "Problem", "Proof", "Quota", "QuotaError", "Regime", "SolveError"]
