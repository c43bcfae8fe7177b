"""Labelled values along the axes of a model: by their labels, whatever their order and kind, or refused."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from cge.errors import DataError
from cge.labels import aligned

AXES = {"region": ["KOR", "USA", "CHN"], "sector": ["Y", "X"]}
WANTED = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def frame():
    return pd.DataFrame(WANTED, index=AXES["region"], columns=AXES["sector"])


def array():
    return xr.DataArray(WANTED, dims=tuple(AXES), coords=AXES)


GIVEN = {
    "numbers": WANTED,
    "nested lists": WANTED.tolist(),
    "an array": array(),
    "an array in another order": array().sel(region=["CHN", "KOR", "USA"], sector=["X", "Y"]).T,
    "a frame": frame(),
    "a frame in another order": frame().loc[["USA", "CHN", "KOR"], ["X", "Y"]],
    "a frame turned round, with names": frame().rename_axis(index="region", columns="sector").T,
    "a series": frame().stack(),
    "a series in any order, levels swapped": frame()
    .rename_axis(index="region", columns="sector")
    .stack()
    .sample(frac=1.0, random_state=1)
    .swaplevel(),
}


@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_every_kind_means_the_same(given):
    np.testing.assert_array_equal(aligned("tariff", given, AXES), WANTED)


def test_a_number_is_everywhere_and_an_axis_that_lacks_is_filled_where_it_may():
    assert (aligned("tariff", 3.0, AXES) == 3.0).all()
    by_sector = array().isel(region=0, drop=True).sel(sector=["X", "Y"])
    np.testing.assert_array_equal(aligned("s", by_sector, AXES, broadcast=True), [[1.0, 2.0]] * 3)
    with pytest.raises(DataError, match=r"has the axes \[sector\], not \[region, sector\]"):
        aligned("s", by_sector, AXES)


def test_codes_are_text():
    axes = {"region": ["010", "020"]}
    np.testing.assert_array_equal(aligned("x", pd.Series([2.0, 1.0], index=["020", "010"]), axes), [1.0, 2.0])
    with pytest.raises(DataError, match="lacks 010, 020"):
        aligned("x", pd.Series([2.0, 1.0], index=[20, 10]), axes)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (frame().set_axis(["DE", "FR", "IT"]), "axis region of t lacks KOR, USA, CHN"),
        (frame().reset_index(drop=True), "has 0, 1, 2, unknown"),
        (frame().rename(index={"KOR": "Kor"}), r"has Kor \(did you mean KOR\?\)"),
        (frame().loc[["KOR", "USA"]], "lacks CHN"),
        (pd.concat([frame(), frame()]), "KOR X, .* more than once"),
        (pd.concat([frame(), frame()], axis=1), "axis columns of t repeats X, Y"),
        (frame().stack().iloc[:-1], "gives 5 of 6 cells"),
        (frame().rename_axis(index="country", columns="sector"), r"labels for \[country, sector\]"),
        (frame()["X"], r"labels for \[\(no name\)\]"),
        (array().isel(region=[0, 0, 1]), "axis region of t repeats KOR"),
        (array().drop_vars("region").isel(region=[0, 1]), r"shape \(2, 2\)"),
        (WANTED.T, r"shape \(2, 3\)"),
        ([["a", "b"]] * 3, "cannot be read as numbers"),
        (frame().replace(1.0, "many"), "cannot be read as numbers"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(given, told):
    with pytest.raises(DataError, match=told):
        aligned("t", given, AXES)
