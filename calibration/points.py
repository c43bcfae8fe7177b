r"""Points at which a model is solved to learn how uncertain numbers spread: quadratures and samples, of equal weight.

All are of independent standard normal variables [point, variable]; `correlated` gives them a correlation.

- **Stroud**: 2N points that are exact for polynomials up to the third degree. Stroud (1957), "Remarks on the
  disposition of points in numerical integration formulas", Mathematical Tables and Other Aids to Computation 11; Arndt
  (1996), "An introduction to systematic sensitivity analysis via Gaussian quadrature", GTAP Technical Paper 2.
- **Liu**: 4N points, Stroud's and the same turned by half a step. Exact to the third degree as well; the terms beyond
  it are met from twice as many directions, and the difference between the halves tells how large they are. GEMPACK's
  choice of that name has as many points: Liu (1997), "Gaussian quadrature and its applications", Purdue University.
- **Latin hypercube**: McKay, Beckman and Conover (1979), Technometrics 21(2). **Sobol**: Joe and Kuo (2008), SIAM
  Journal on Scientific Computing 30(5), scrambled after Owen (1998). Both by `scipy.stats.qmc`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc

from cge.errors import RequestError

Points = NDArray[np.float64]
Method = Literal["latin-hypercube", "sobol", "stroud", "liu"]
QUADRATURES = ("stroud", "liu")
"""Methods that say themselves how many points there are."""


def points(method: Method, variables: int, number: int | None, seed: int = 1) -> Points:
    """Points of independent standard normal variables.

    Args:
        method: of choosing them.
        variables: how many.
        number: of points; quadratures have their own.
        seed: of the random numbers; the same seed and number give the same points.

    Raises:
        RequestError: no number for a sample, or another than a quadrature has.
    """
    if method in QUADRATURES:
        own = _stroud(variables) if method == "stroud" else _liu(variables)
        if number is not None and number != len(own):
            raise RequestError(
                [f"{method} has {len(own)} points for {variables} uncertain numbers, not {number}; leave that out"]
            )
        return own
    if number is None:
        raise RequestError([f"{method} needs a number of draws; give one, such as number: 200"])
    random = np.random.default_rng(seed)
    if method == "sobol":  # balanced in powers of two; the first of the next power are as good as any
        share = qmc.Sobol(variables, seed=random).random_base2(int(np.ceil(np.log2(number))))[:number]
    else:
        share = qmc.LatinHypercube(variables, seed=random).random(number)
    return np.asarray(norm.ppf(np.clip(share, 1e-12, 1.0 - 1e-12)))


def correlated(independent: Points, correlation: NDArray[np.float64], names: list[str]) -> Points:
    """Points with a correlation.

    Raises:
        RequestError: the correlations are not positive definite.
    """
    try:
        return independent @ np.linalg.cholesky(correlation).T
    except np.linalg.LinAlgError:
        least, vectors = np.linalg.eigh(correlation)
        worst = np.argsort(-np.abs(vectors[:, 0]))[:3]
        raise RequestError(
            [
                f"the correlations are not positive definite (smallest eigenvalue {least[0]:.2g}): those of "
                f"{', '.join(names[k] for k in worst)} contradict each other; move them towards zero"
            ]
        ) from None


def _stroud(variables: int, turn: float = 0.0) -> Points:
    """Stroud's points, perhaps turned by a share of a step."""
    n = variables
    k = np.arange(1, 2 * n + 1)
    result = np.empty((2 * n, n))
    for pair in range(n // 2):
        angle = (2 * pair + 1) * (k + turn) * np.pi / n
        result[:, 2 * pair] = np.sqrt(2.0) * np.cos(angle)
        result[:, 2 * pair + 1] = np.sqrt(2.0) * np.sin(angle)
    if n % 2:
        result[:, -1] = (-1.0) ** k
    return result


def _liu(variables: int) -> Points:
    return np.vstack([_stroud(variables), _stroud(variables, 0.5)])
