"""Balance a world table to its totals and to blocks within a band; prints processor seconds as JSON.

python benchmarks/balance.py TABLE.npz

The table is the one of 77 economies and 30 sectors, moved by a lognormal error of 20 %; its own totals of rows and
columns are exact controls, and the sums of 17 x 18 blocks, with an error of 2 %, controls with a band of 3 %.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.measure import cpu, peak

ROWS, COLUMNS = 17, 18
"""Groups of sellers and of buyers."""


def made(values: np.ndarray, sectors: int, users: int, seed: int = 1) -> tuple[xr.DataArray, list[Any]]:
    """A table to balance, and its controls.

    Args:
        values: the true table [seller, buyer], industries before final users in its columns.
        sectors: industries of an economy.
        users: final users of an economy.
        seed: of the errors.
    """
    from cge.calibration import balancing

    count, width = values.shape
    seller = [f"s{k}" for k in range(count)]
    buyer = [f"b{k}" for k in range(width)]
    truth = xr.DataArray(values, dims=("seller", "buyer"), coords={"seller": seller, "buyer": buyer})
    rng = np.random.default_rng(seed)
    cells = truth * np.exp(0.2 * rng.standard_normal(values.shape))
    economy = [k // sectors if k < count else (k - count) // users for k in range(width)]
    rows = {name: f"r{k // sectors % ROWS}" for k, name in enumerate(seller)}
    columns = {name: f"c{economy[k] % COLUMNS}" for k, name in enumerate(buyer)}
    blocks = truth.groupby(xr.DataArray(list(rows.values()), dims="seller", name="seller")).sum()
    blocks = blocks.groupby(xr.DataArray(list(columns.values()), dims="buyer", name="buyer")).sum()
    blocks = blocks * (1.0 + 0.02 * rng.standard_normal(blocks.shape))
    controls = [
        balancing.totals(cells, truth.sum("buyer"), name="output of"),
        balancing.totals(cells, truth.sum("seller"), name="costs of"),
        balancing.totals(cells, blocks, {"seller": rows, "buyer": columns}, band=0.03 * abs(blocks), name="block"),
    ]
    return cells, controls


def main(table: str) -> dict[str, Any]:
    """Time GRAS to the totals, and entropy and least squares to totals and blocks."""
    from cge.calibration import balancing

    with np.load(table, allow_pickle=False) as file:
        values = np.hstack([file["Z"], file["F"]]).astype(float)
        sectors, users = len(file["sectors"]), len(file["fd"])
    cells, controls = made(values, sectors, users)
    by_axis = [
        xr.DataArray(control.target, dims=axis, coords={axis: cells[axis].values})
        for axis, control in zip(("seller", "buyer"), controls[:2], strict=True)
    ]
    result: dict[str, Any] = {"cells": int((cells != 0.0).sum()), "controls": sum(map(len, controls))}
    result["gras"] = cpu(lambda: balancing.gras(cells, *by_axis))
    for name, method in (("entropy", balancing.entropy), ("least squares", balancing.least_squares)):
        found: list[balancing.Balanced] = []
        result[name] = cpu(lambda method=method, found=found: found.append(method(cells, controls)))
        sums = found[0].sums
        result[f"{name} gap"] = float((sums["gap"].abs() / sums["target"].abs().clip(1.0)).max())
    result["peak"] = peak()
    return result


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
