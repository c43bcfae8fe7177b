"""A benchmark from a user's own arrays."""

import pytest
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.errors import DataError
from tests.economies import small


def test_from_arrays_fills_what_is_left_out() -> None:
    world = small()
    assert world.data.direct_tax.values.tolist() == [2.0, 3.0]  # pays for the government
    assert float(world.data.tariff.max()) == 0
    assert world.data.rent_share.sel(owner="exporter").min() == 1
    assert world.gdp.values.tolist() == [7.0, 15.0]
    assert world.saving.values.tolist() == [1.0, 3.0]


def test_from_arrays_takes_labelled_arrays_by_label() -> None:
    turned = xr.DataArray([[18.0, 8.0]], dims=("sector", "region"), coords={"region": ["b", "a"], "sector": ["x"]})
    assert small(domestic=turned).sha256 == small().sha256


def test_from_arrays_tells_every_fault() -> None:
    wrong = xr.DataArray([[18.0], [8.0]], dims=("region", "sector"), coords={"region": ["b", "c"]})
    with pytest.raises(DataError) as caught:
        small(domestic=wrong, trade=[[1.0]], tarriff=0.1, final=[["a"], [1, 2]])
    found = caught.value.faults
    assert found == ("variable tarriff is unknown (did you mean tariff?); rename or remove it",)
    with pytest.raises(DataError) as caught:
        small(domestic=wrong, trade=[[1.0]], final=[["a"], [1, 2]], intermediate=xr.DataArray(1.0))
    found = caught.value.faults
    assert found[:4] == (
        "axis region of domestic lacks a, which axis region of the benchmark has; add them",
        "axis region of domestic has c, unknown on axis region of the benchmark; rename or remove them",
        "trade has the shape (1, 1), not (2, 2, 1) for [exporter, importer, sector]; check the order of its axes",
        "intermediate has the axes [], not [region, input, sector]; rename or transpose it",
    )
    assert found[4].startswith("final cannot be read as numbers")


def test_from_arrays_needs_its_variables() -> None:
    with pytest.raises(DataError) as caught:
        Benchmark.from_arrays(["a", "a"], ["x"])
    assert [f.split(" ")[0] for f in caught.value.faults][:5] == [
        "domestic", "trade", "intermediate", "final", "factor_income",
    ]  # fmt: skip
    assert "axis region repeats a; every label must be unique" in caught.value.faults


def test_repr_says_what_it_is() -> None:
    assert repr(small()).startswith("<Benchmark 'Benchmark': 2 regions x 1 sectors, world income 22 million USD, ")
