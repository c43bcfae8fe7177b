"""The benchmark of 2020 against what statistics say of it."""

import numpy as np
import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.world2020 import published_figures
from tests.truth import record

ROWS = [row for row in published_figures.compare(Benchmark.load(published_figures.NAME)) if np.isfinite(row.known)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_a_known_figure_is_within_its_band(row):
    record(row.what, row.known, row.ours, row.band, row.source)


def test_the_small_benchmark_adds_up_to_the_same_world():
    """Korea, the United States and their trade are regions of both."""
    large, small = (Benchmark.load(name) for name in (published_figures.NAME, "world2020-12x12"))
    for region in ("KOR", "USA", "CHN", "JPN", "EU27", "CAN", "MEX", "VNM"):
        record(
            f"GDP of {region}, 12 x 12 against 29 x 28, million USD",
            float(large.gdp.sel(region=region)),
            float(small.gdp.sel(region=region)),
            1e-9,
            "aggregation",
            relative=True,
        )
