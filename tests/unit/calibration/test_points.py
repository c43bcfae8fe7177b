"""Quadratures are exact to the third degree; samples have the correlation that was asked for."""

import numpy as np
import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.errors_of_trade import common_of_studies, of_quartiles, of_standard_errors
from cge.calibration.matching import Choice
from cge.calibration.points import correlated, points
from cge.errors import RequestError


@pytest.mark.parametrize("variables", [1, 2, 3, 8, 13])
@pytest.mark.parametrize(("method", "times"), [("stroud", 2), ("liu", 4)])
def test_quadratures_have_the_moments_of_the_normal_distribution(method, times, variables):
    z = points(method, variables, None)
    assert z.shape == (times * variables, variables)
    assert np.abs(z.mean(axis=0)).max() < 1e-12
    assert np.abs(z.T @ z / len(z) - np.eye(variables)).max() < 1e-12
    assert np.abs(np.einsum("ki,kj,kl->ijl", z, z, z)).max() < 1e-10


@pytest.mark.parametrize("method", ["latin-hypercube", "sobol"])
def test_samples_are_normal_and_the_same_for_the_same_seed(method):
    z = points(method, 5, 500, seed=3)
    assert np.array_equal(z, points(method, 5, 500, seed=3))
    assert not np.array_equal(z, points(method, 5, 500, seed=4))
    assert np.abs(z.mean(axis=0)).max() < 0.02
    assert z.std(axis=0) == pytest.approx(np.ones(5), abs=0.03)
    c = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    assert np.corrcoef(correlated(z, c, list("abcde")).T) == pytest.approx(c, abs=0.2)


def test_correlations_that_contradict_each_other_are_named():
    c = np.array([[1.0, 0.95, 0.95], [0.95, 1.0, -0.9], [0.95, -0.9, 1.0]])
    with pytest.raises(RequestError, match=r"not positive definite.*contradict each other"):
        correlated(points("stroud", 3, None), c, ["a", "b", "c"])


def test_numbers_of_points():
    with pytest.raises(RequestError, match="has 6 points for 3"):
        points("stroud", 3, 5)
    with pytest.raises(RequestError, match="needs a number"):
        points("sobol", 3, None)


def test_what_is_published_of_trade_elasticities():
    benchmark = Benchmark.load("world2022-12x12")
    spread = of_quartiles(benchmark, Choice(), "esubm").to_series()
    assert ((spread > 0.2) & (spread < 0.7)).all()
    errors = of_standard_errors(benchmark).to_series()
    assert errors["AGR"] == pytest.approx(2.01 / 9.11, rel=1e-3)
    assert errors["SRV"] == 0.0  # nothing is published of services
    assert 0.0 <= common_of_studies() < 0.3
