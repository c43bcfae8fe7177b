"""The synthetic world of the GTAP reference, and random ones of the same shape, in GTAP's headers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cge.calibration.contents import Contents, FactorContents
from cge.calibration.readers import gtap as reader
from cge.calibration.readers.har import Header

PLACE = Path(__file__).parents[2].parent / "shared" / "reference" / "gtap7_synthetic"
ROLES = {"Land": "land", "UnSkLab": "labour", "SkLab": "labour", "Capital": "capital", "NatRes": "resource"}
SAID = Contents(factors={name: FactorContents(role=role) for name, role in ROLES.items()}, unit="million USD")


def labelled(arrays: dict[str, np.ndarray], sets: dict[str, tuple[str, ...]]) -> xr.Dataset:
    """Arrays under GTAP's names as the reader gives them; `mb` and `ms` are output after and before its tax."""
    sets = sets | {"acts": sets["comm"], "src": sets["reg"], "dst": sets["reg"], "kind": reader.KINDS}
    square = np.eye(len(sets["comm"]))[:, :, None]
    arrays = arrays | {"MAKB": square * arrays["mb"], "MAKS": square * arrays["ms"], "ESBS": arrays["ESBS"].ravel()}
    headers = {
        name: Header(arrays[name], "", array.dims, tuple(sets[dim] for dim in array.dims))
        for name, array in {**reader.DATA, **reader.PARAMETERS}.items()
        if name in arrays
    }
    return reader.dataset(headers)


def reference() -> tuple[xr.Dataset, dict[str, dict[str, object]]]:
    """The data base, and the solutions of its variants by name."""
    if not PLACE.is_dir():
        pytest.skip("needs ../shared/reference/gtap7_synthetic")
    with np.load(PLACE / "gtap7_synthetic.npz") as z:
        arrays = {name: z[name] for name in z.files}
    sets = {axis: tuple(map(str, arrays[axis.upper()])) for axis in ("reg", "comm", "endw", "marg")}
    return labelled(arrays, sets), json.loads((PLACE / "gtap7_synthetic_solution.json").read_text())
