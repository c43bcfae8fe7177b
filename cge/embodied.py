"""CO2 in goods: of their own industry, with its electricity, and with all that went into them.

Source: Miller and Blair (2009), "Input-output analysis: foundations and extensions", ch. 10.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from . import accounts
from .block import Table
from .parameters import Parameters

RS = ("region", "sector")


def intensity(parameters: Parameters) -> xr.DataArray:
    """CO2 of production per unit of output [region, sector], kt per million USD of the benchmark."""
    output = parameters.data["output"]
    return (parameters.data["emissions0"] / output.where(output > 0.0)).fillna(0.0)


def with_electricity(parameters: Parameters, direct: xr.DataArray) -> xr.DataArray:
    """Content with that of the electricity that each industry buys of its region's utilities [region, sector].

    Args:
        parameters: whose givens say which sectors sell electricity.
        direct: content of output by itself [region, sector], any unit per million USD.
    """
    p = parameters.data
    sells = parameters.given["electricity"]
    bought = p["input_use"] / p["output"].where(p["output"] > 0.0)
    power = (direct * sells).rename(sector="input")
    made = direct + (bought * power).sum("input").fillna(0.0)
    return made.where(sells == 0.0, direct).transpose(*RS)


def with_all_inputs(parameters: Parameters, direct: xr.DataArray) -> xr.DataArray:
    """Content with that of all inputs, of all regions [region, sector], in the benchmark.

    Args:
        parameters: of the benchmark.
        direct: content of output by itself [region, sector], any unit per million USD.
    """
    p = {str(name): array.variable for name, array in parameters.data.items()}
    made = _with_inputs(p, accounts.at_benchmark(parameters), direct.transpose(*RS).values)
    return direct.transpose(*RS).copy(data=made)


def _with_inputs(p: Table, x: Table, direct: np.ndarray) -> np.ndarray:
    """The same at a point, by its volumes."""
    output = (p["output"] * x["y"]).transpose(*RS).values
    inputs = (p["input_use"] * x["input_volume"]).transpose("region", "input", "sector").values
    uses = (p["absorption"] * x["qa"]).transpose(*RS).values
    trade = (p["trade"] * x["flow"]).transpose("exporter", "importer", "sector").values
    home = (p["domestic"] * x["qd"]).transpose(*RS).values
    regions, sectors = output.shape
    from_ = _over(trade, uses[None])
    own = np.arange(regions)
    from_[own, own] += _over(home, uses)
    needs = np.einsum("irg,rgs->igrs", from_, _over(inputs, output[:, None, :]))
    square = needs.reshape(regions * sectors, regions * sectors)
    whole = np.linalg.solve(np.eye(regions * sectors) - square.T, direct.ravel())
    return whole.reshape(regions, sectors)


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    there = np.broadcast_to(whole > 0.0, part.shape)
    return np.divide(part, np.broadcast_to(whole, part.shape), out=np.zeros_like(part), where=there)


def carbon_trade(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """CO2 in bilateral trade, of the industries that export and of all that went into the goods.

    Empty where the structure has no CO2 by fuel.

    Returns:
        Columns `exporter`, `importer` (other than the exporter); `base_direct_kt`, `new_direct_kt`,
        `base_full_kt`, `new_full_kt`.
    """
    own = accounts.completed(parameters, point)
    columns = ["exporter", "importer", *COLUMNS]
    if "co2_total0" not in own.data or not bool((own.data["co2_total0"] > 0.0).any()):
        return pd.DataFrame({name: pd.Series(dtype=float if name in COLUMNS else object) for name in columns})
    p, now = accounts.numbers(own, point)
    found = {}
    for word, x in (("base", accounts.at_benchmark(own)), ("new", now)):
        output = (p["output"] * x["y"]).transpose(*RS).values
        direct = _over((p["emissions0"] * x["industry_emissions"]).transpose(*RS).values, output)
        trade = (p["trade"] * x["flow"]).transpose("exporter", "importer", "sector").values
        for kind, content in (("direct", direct), ("full", _with_inputs(p, x, direct))):
            found[f"{word}_{kind}_kt"] = np.einsum("irs,is->ir", trade, content)
    labels = np.array(own.labels["region"], dtype=object)
    i, r = np.nonzero((found["base_full_kt"] > 0.0) & ~np.eye(len(labels), dtype=bool))
    rows = {"exporter": labels[i], "importer": labels[r]} | {name: found[name][i, r] for name in COLUMNS}
    return pd.DataFrame(rows, columns=columns)


COLUMNS = ("base_direct_kt", "new_direct_kt", "base_full_kt", "new_full_kt")
