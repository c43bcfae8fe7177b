"""The benchmark after a shock: the same accounts at the counterfactual's prices and volumes.

Its own accounting identities, which every `Benchmark` must pass, are then a proof of the solution that uses none of
the model's equations of income, saving or market balance: prices and volumes go in, and accounts that nobody
imposed must balance. It can also be calibrated anew, as the starting point of further work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import xarray as xr

from cge import accounts
from cge.calibration.benchmark import Benchmark, assemble
from cge.calibration.identities import identities as account_identities
from cge.calibration.table import SCHEMA, labels_of
from cge.identities import accounts_of
from cge.parameters import Parameters

DESCRIBED = ("contents", "unit", "currency", "year")
"""Attributes that a solution keeps of its benchmark."""

LAYER = "scenario"
"""Layer of tariffs that holds what a scenario adds to (or takes off) the benchmark's rates."""


def updated_table(benchmark: Benchmark, parameters: Parameters, point: xr.Dataset) -> xr.Dataset:
    """The accounts of a point of the model, not yet checked for balance.

    Args:
        benchmark: where the parameters come from.
        parameters: calibrated on it.
        point: prices and volumes, usually a solution (see `cge.accounts`).

    Returns:
        Dataset of the benchmark's schema, million USD at the benchmark's world factor price. Tariffs keep the
        benchmark's layers; the difference to the rate of the point is the layer "scenario". Lump-sum
        taxes are part of the direct tax. The regional household has no government budget of its own: there,
        government saving is what its taxes leave after its spending.
    """
    p, x = accounts.numbers(parameters, point)
    b = accounts.in_order(benchmark.data, accounts.table(parameters)).variables
    layers, tariff = _layers(benchmark, b, x["tm"])
    made = accounts_of(p, x) | {
        "tariff": tariff,
        "valuation": b["valuation"],
        "emissions": b["emissions"] * x["industry_emissions"],
        "household_emissions": b["household_emissions"] * x["household_emissions"],
        "capital_stock": b["capital_stock"],
        "depreciation": b["depreciation"],
    }
    return assemble(
        parameters.labels["region"],
        parameters.labels["sector"],
        factor=parameters.labels["factor"],
        layer=layers,
        margin=parameters.labels["margin"],
        attrs=_kept(benchmark)
        | {"title": f"{benchmark.data.attrs.get('title', 'benchmark')}, updated", "updated_from": benchmark.sha256},
        **{name: array.transpose(*SCHEMA[name].dims).values for name, array in made.items()},
    )


def _layers(benchmark: Benchmark, b: Mapping[Any, xr.Variable], rate: xr.Variable) -> tuple[list[str], xr.Variable]:
    """The benchmark's tariffs by layer, and in a layer of its own what they lack to the rate of a point, on cif."""
    layers, tariff = labels_of(benchmark.data, "layer"), b["tariff"]
    if LAYER not in layers:
        layers, tariff = [*layers, LAYER], tariff.pad(layer=(0, 1), constant_values=0.0)
    lacking = rate / b["valuation"] - tariff.sum("layer")
    return layers, tariff + lacking * xr.Variable("layer", [layer == LAYER for layer in layers])


def _kept(benchmark: Benchmark) -> dict[str, object]:
    """What a solution's labels contain, and its money: as in the benchmark."""
    return {key: benchmark.data.attrs[key] for key in DESCRIBED if key in benchmark.data.attrs}


def updated_benchmark(benchmark: Benchmark, parameters: Parameters, point: xr.Dataset) -> Benchmark:
    """The benchmark that a solution is; arguments and units are those of `updated_table`.

    Raises:
        DataError: the point does not satisfy every account to 1e-9 of its turnover.
    """
    return Benchmark(updated_table(benchmark, parameters, point))


def identities(benchmark: Benchmark, parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Deviation of every account of every identity at a point, whether it balances or not.

    Returns:
        Columns identity, account, deviation (million USD), relative (share of the account's turnover).
    """
    return account_identities(updated_table(benchmark, parameters, point))
