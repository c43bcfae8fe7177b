"""Calibration at other elasticities."""

import numpy as np
import pytest

from cge.calibration.shares import calibrate, with_elasticities
from tests.economies import elasticities, random_benchmark


@pytest.mark.parametrize("values", [{}, {"cet": 2.0, "eta": 0.5, "frisch": -3.0, "esubg": 0.5}])
def test_other_elasticities_give_what_a_calibration_with_them_gives(values):
    benchmark = random_benchmark(5, margins=True, rents=True)
    base = calibrate(benchmark, elasticities(benchmark, 1))
    other = elasticities(benchmark, 2, **values)
    wanted, found = calibrate(benchmark, other), with_elasticities(base, other)
    assert found.data.identical(wanted.data)
    assert not np.allclose(found.arrays["sigma_m"], base.arrays["sigma_m"])
