"""A benchmark's fingerprint and its file."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.calibration.table import SCHEMA
from cge.errors import DataError
from tests.economies import changed, random_benchmark, rich


def test_fingerprint_sees_every_variable_and_label_and_nothing_else() -> None:
    data = rich().data
    some = data["domestic"] * 1e-3
    abroad = xr.zeros_like(data["direct_tax"])
    abroad[0], abroad[1] = 3.0, -3.0
    capital = {"capital_stock": 9.0 * some.sum("sector"), "depreciation": 0.05 + xr.zeros_like(abroad)}
    data = data.assign(emissions=some, household_emissions=some.sum("sector"), net_transfers=abroad, **capital)
    world = Benchmark(data)
    assert rich().sha256 != world.sha256
    seen = {world.sha256}
    # a harmless relative change that stays inside the tolerance, in one variable at a time
    for name in set(SCHEMA) - {"rent_share"}:
        data = changed(lambda d, n=name: d[n].__setitem__(..., d[n].values * (1 + 1e-14)), world)  # type: ignore[misc]
        seen.add(Benchmark(data).sha256)
    assert len(seen) == len(SCHEMA)
    nameless = world.data.assign_attrs(contents="{}")
    seen.add(Benchmark(nameless).sha256)
    renamed = nameless.assign_coords(factor=["LAB", "CAP", "NAT"])
    assert Benchmark(renamed).sha256 not in seen
    assert Benchmark(world.data.assign_attrs(title="other")).sha256 == world.sha256
    home = random_benchmark(1)  # without inner trade, so with zeros on the diagonal
    signed = changed(
        lambda d: d["export_tax"].__setitem__(..., d["export_tax"].where(d["export_tax"] != 0, -0.0)), home
    )
    assert np.signbit(signed["export_tax"].sel(exporter="r0", importer="r0")).all()
    assert Benchmark(signed).sha256 == home.sha256


def test_fingerprint_is_the_same_on_every_platform() -> None:
    one = Benchmark.from_arrays(
        ["a"], ["x"], factor=["LAB"], domestic=10, trade=0, intermediate=4, final=[[[5, 1, 0]]], factor_income=6
    )
    assert one.sha256 == "1ef72fdc12429f38880779a9f19f92559c5da5b162d4a84728c3a5f3338d475f"


# The file.


@pytest.mark.parametrize("margins", [False, True])
def test_round_trip(tmp_path: Path, margins: bool) -> None:
    world = random_benchmark(5, margins=margins, rents=True)
    world = Benchmark(world.data.assign_attrs(title="Test", year=2020))
    path = world.save(tmp_path / "sub" / "world.nc")
    again = Benchmark.load(path)
    assert again.sha256 == world.sha256
    xr.testing.assert_identical(again.data, world.data)
    kept = path.read_bytes()
    with pytest.raises(FileExistsError, match=r"exists and is kept.*overwrite=True"):
        rich().save(path)
    assert path.read_bytes() == kept
    rich().save(path, overwrite=True)
    assert Benchmark.load(path).sha256 == rich().sha256


def test_a_file_changed_behind_our_back_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "world.nc"
    world = rich()
    world.data.assign_attrs(sha256="0" * 64).to_netcdf(path)
    with pytest.raises(DataError, match="not the stored 000000000000"):
        Benchmark.load(path)


def test_a_file_that_is_no_benchmark(tmp_path: Path) -> None:
    path = tmp_path / "world.nc"
    path.write_text("not a table")
    with pytest.raises(DataError, match="cannot be read as NetCDF"):
        Benchmark.load(path)


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(FileNotFoundError, match=r"did you mean world2020-12x12\?"):
        Benchmark.load("world2020-12x21")
