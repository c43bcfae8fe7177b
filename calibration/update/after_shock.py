"""The benchmark after a shock: the same accounts at the counterfactual's prices and volumes.

Its own accounting identities, which every `Benchmark` must pass, are then a proof of the solution that uses none of
the model's equations of income, saving or market balance: prices and volumes go in, and accounts that nobody
imposed must balance. It can also be calibrated anew, as the starting point of further work.
"""

from __future__ import annotations

import pandas as pd
import xarray as xr

from cge import accounts
from cge.calibration.benchmark import Benchmark, assemble
from cge.calibration.identities import government_gap
from cge.calibration.identities import identities as account_identities
from cge.calibration.table import SCHEMA, labels_of
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
    layers = labels_of(benchmark.data, "layer")
    tariff = b["tariff"]
    if LAYER not in layers:
        layers, tariff = [*layers, LAYER], tariff.pad(layer=(0, 1), constant_values=0.0)
    added = (x["tm"] / b["valuation"] - tariff.sum("layer")) * xr.Variable(
        "layer", [layer == LAYER for layer in layers]
    )
    output = accounts.output_volume(p, x) * x["py"]
    factors = accounts.factor_volume(p, x) * x["pf"]
    inputs = accounts.input_volume(p, x) * x["input_basic_price"]
    final = accounts.final_volume(p, x) * x["final_basic_price"]
    shipped = accounts.shipped(p, x)
    trade = shipped * accounts.by_flow(x["px"])
    lump_sum = x["lumpsum"] * x["cpi"] * p["income0"]
    accounts_of_point = {
        "domestic": b["domestic"] * x["pd"] * x["qd"],
        "trade": trade,
        "export_tax": x["te"] * trade,
        "rent": accounts.unit_rent(x) * shipped,
        "rent_share": xr.where(x["rho"] == 0.0, b["rent_share"], x["rent"] / x["rho"].where(x["rho"] != 0.0, 1.0)),
        "limited": x["limited_part"] * x["cover"],
        "margin_use": b["margin_use"] * x["pt"] * accounts.per_arrival(x) * x["flow"],
        "margin_supply": b["margin_supply"] * x["pt"] * x["qt"],
        "tariff": tariff + added,
        "valuation": b["valuation"],
        "intermediate": inputs,
        "intermediate_tax": x["ti"] * inputs,
        "final": final,
        "final_tax": x["tc"] * final,
        "factor_income": factors,
        "factor_tax": x["tf"] * factors,
        "output_tax": x["to"] * output,
        "emissions": b["emissions"] * x["industry_emissions"],
        "capital_stock": b["capital_stock"],
        "depreciation": b["depreciation"],
        "household_emissions": b["household_emissions"] * x["household_emissions"],
        "net_transfers": b["net_transfers"],
        "direct_tax": x["td"] * factors.sum(["factor", "sector"]) + lump_sum,
    }
    data = assemble(
        parameters.labels["region"],
        parameters.labels["sector"],
        factor=parameters.labels["factor"],
        layer=layers,
        margin=parameters.labels["margin"],
        attrs=_kept(benchmark)
        | {"title": f"{benchmark.data.attrs.get('title', 'benchmark')}, updated", "updated_from": benchmark.sha256},
        **{name: array.transpose(*SCHEMA[name].dims).values for name, array in accounts_of_point.items()},
    )
    own = x.structure.terms("accounts", p, x)
    data = data.assign({name: array.transpose(*SCHEMA[name].dims) for name, array in own.items()})
    if "government_saving" in own:
        return data
    return data.assign(government_saving=government_gap(data.variables))  # whose government saves nothing yet


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
