"""Functional forms in calibrated-share form, one body for numbers, arrays and Pyomo expressions.

All prices and quantities are indices that are 1 at the benchmark, all shares are benchmark value shares that add
up to one. With that, a CES aggregate with elasticity of substitution :math:`\\sigma` has the unit cost

.. math:: P = \\Big[\\sum_i \\theta_i p_i^{1-\\sigma}\\Big]^{1/(1-\\sigma)}, \\qquad q_i = Q (P/p_i)^\\sigma,

with Cobb-Douglas at :math:`\\sigma = 1` and Leontief at :math:`\\sigma = 0`. A CET frontier is the same with
:math:`\\sigma = -\\omega`. Source: Rutherford (2002), "Lecture notes on constant elasticity functions".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .dual import Dual

NEAR = 1e-3
"""Distance of an elasticity from one within which a CES aggregate is evaluated by logarithms."""


def unit_cost(m: Any, over: tuple[str, ...], share: Callable[..., Any], price: Callable[..., Any], sigma: Any) -> Any:
    """CES unit cost over one or more axes of the model.

    Args:
        m: view of the model (`cge.views`), whose `total` sums over axes.
        over: axes of the sum.
        share: benchmark value share at an index.
        price: price index at an index.
        sigma: elasticity of substitution; minus the elasticity of transformation for a CET revenue.

    Returns:
        The price index of the aggregate.
    """
    return _by_elasticity(
        sigma,
        lambda e: exp(_log_near_one(e, lambda of: m.total(over, share, lambda *k: of(log(price(*k)))))),
        lambda e: exp(log1p(m.total(over, share, lambda *k: expm1((1.0 - e) * log(price(*k))))) * (1.0 / (1.0 - e))),
        lambda e: m.total(over, share, lambda *k: price(*k) ** (1.0 - e)) ** (1.0 / (1.0 - e)),
    )


def unit_cost_of_two(share: Any, first: Any, second: Any, sigma: Any) -> Any:
    """CES unit cost of two goods, `share` being the first one's; see `unit_cost`."""
    return _by_elasticity(
        sigma,
        lambda e: (
            exp(_log_near_one(e, lambda of: share * of(log(first)) + (1.0 - share) * of(log(second))))
            if isinstance(e, Dual)
            else first**share * second ** (1.0 - share)
        ),
        lambda e: exp(
            log1p(share * expm1((1.0 - e) * log(first)) + (1.0 - share) * expm1((1.0 - e) * log(second)))
            * (1.0 / (1.0 - e))
        ),
        lambda e: (share * first ** (1.0 - e) + (1.0 - share) * second ** (1.0 - e)) ** (1.0 / (1.0 - e)),
    )


def power(x: Any, exponent: Any) -> Any:
    """`x ** exponent`, which is the number one where the exponent is the number zero."""
    if isinstance(exponent, float) and exponent == 0.0:
        return 1.0
    return x**exponent


def log(x: Any) -> Any:
    """Natural logarithm of a number, array, dual or Pyomo expression."""
    return _apply(x, "log", np.log)


def exp(x: Any) -> Any:
    """Exponential of a number, array, dual or Pyomo expression."""
    return _apply(x, "exp", np.exp)


def log1p(x: Any) -> Any:
    """Natural logarithm of one more, exact where `x` is small."""
    return log(1.0 + x) if hasattr(x, "is_potentially_variable") else _apply(x, "log1p", np.log1p)


def expm1(x: Any) -> Any:
    """Exponential less one, exact where `x` is small."""
    return exp(x) - 1.0 if hasattr(x, "is_potentially_variable") else _apply(x, "expm1", np.expm1)


def _apply(x: Any, name: str, on_numbers: Callable[[Any], Any]) -> Any:
    if isinstance(x, Dual) or hasattr(x, "symbolic"):
        return getattr(x, name)()
    if hasattr(x, "is_potentially_variable"):
        from pyomo.core.expr import numeric_expr  # a second of a process that makes no Pyomo model

        return getattr(numeric_expr, name)(x)
    return on_numbers(x)


def _log_near_one(sigma: Any, mean: Callable[[Callable[[Any], Any]], Any]) -> Any:
    """Logarithm of the unit cost at an elasticity of one, Cobb-Douglas: the mean of the prices' logarithms.

    Where a derivative in the elasticity is asked for there is one term more, zero at one: half their variance times one
    less the elasticity.
    """
    first = mean(lambda x: x)
    if not isinstance(sigma, Dual):
        return first
    return first + (1.0 - sigma) * 0.5 * (mean(lambda x: x * x) - first * first)


def _by_elasticity(
    sigma: Any, at_one: Callable[[Any], Any], near: Callable[[Any], Any], elsewhere: Callable[[Any], Any]
) -> Any:
    """The one place that knows that an elasticity of one is a case of its own.

    Near one, where a sum of powers that is nearly one is raised to a large power, rounding is kept small by another
    form of the same function.
    """
    if hasattr(sigma, "is_potentially_variable") or hasattr(sigma, "symbolic"):  # a variable is never one
        return elsewhere(sigma)
    off = np.abs((sigma.value if isinstance(sigma, Dual) else sigma) - 1.0)
    found = None
    for here, form, other in (
        (off >= NEAR, elsewhere, 2.0),
        (off == 0.0, at_one, 1.0),
        ((off > 0.0) & (off < NEAR), near, 1.0 + 0.5 * NEAR),
    ):
        if here.all():
            return form(sigma)
        if here.any():
            there = sigma.replaced(~here, other) if isinstance(sigma, Dual) else np.where(here, sigma, other)
            found = form(there) if found is None else Dual.where(here, form(there), found)
    return found
