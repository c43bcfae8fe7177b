"""Tables of a solution against the benchmark: trade by flow, industries, rents; see `cge.welfare` for welfare.

Percentages are changes from the benchmark; prices and values are relative to the world factor price index, so that
the numeraire moves none of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from . import accounts
from .block import Array, Table
from .parameters import Parameters


def trade(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Bilateral trade: every flow of the benchmark, that of an aggregate region with itself included.

    Returns:
        Columns `exporter`, `importer`, `sector`; `base_musd`: benchmark fob value, with export tax and quota rent,
        million USD; `value_pct`: change of that value; `volume_pct`: change of the volume that arrives; `new_musd`: the
        fob value after the shock; `import_base_musd`, `import_new_musd`: cif value before tariffs, with rents;
        `tariff_base_pct`, `tariff_pct`: duties, % of that value. Home sales are no flow.
    """
    p, x = accounts.numbers(parameters, point)
    benchmark = accounts.at_benchmark(parameters)
    then, now = (accounts.taxed_price(z) * (1.0 + z["rho"]) * accounts.shipped(p, z) for z in (benchmark, x))
    columns = {
        "base_musd": then,
        "value_pct": accounts.percent(accounts.ratio(now, then)),
        "volume_pct": accounts.percent(x["flow"]),
        "new_musd": now,
        "import_base_musd": import_value(p, benchmark),
        "import_new_musd": import_value(p, x),
        "tariff_base_pct": 100.0 * p["tm0"],
        "tariff_pct": 100.0 * x["tm"],
    }
    return _rows(parameters.labels, columns, accounts.FLOW, p["duty_paid"] != 0.0)


def import_value(p: Table, x: Table) -> Array:
    """What a tariff falls on: the cif value with rents [exporter, importer, sector], million USD."""
    return p["duty_paid"] * x["tariff_base"]


def outside(p: Table) -> Array:
    """One for flows between regions, zero for trade of an aggregate region with itself [exporter, importer]."""
    return (p["exporter"] != p["importer"]) * 1.0


def diversion(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Trade creation and diversion by importer and sector.

    Returns:
        Columns `importer`, `sector`; `base_musd`: imports from other regions in the benchmark, cif; `gained_musd`,
        `lost_musd`: more from some origins, less from others; `creation_musd`, `diversion_musd`: see
        `creation_and_diversion`.
    """
    p, x = accounts.numbers(parameters, point)
    before = (outside(p) * import_value(p, accounts.at_benchmark(parameters))).sum("exporter")
    parts = creation_and_diversion(p, x)
    names = ("gained_musd", "lost_musd", "creation_musd", "diversion_musd")
    columns = {"base_musd": before, **dict(zip(names, parts, strict=True))}
    return _rows(parameters.labels, columns, ("importer", "sector"), before != 0.0)


def creation_and_diversion(p: Table, x: Table) -> tuple[Array, Array, Array, Array]:
    r"""Gains and losses of origins, trade creation and trade diversion [importer, sector], million USD.

    With :math:`\Delta_i` the change of the volume of imports from origin :math:`i` at benchmark cif prices, gains are
    :math:`G = \sum_i \max(\Delta_i, 0)` and losses :math:`L = \sum_i \max(-\Delta_i, 0)`. What some origins gain and
    others lose, :math:`\min(G, L)`, is diverted from one to the other; the rest, :math:`G - L`, is created in place of
    home goods, or, where it is negative, taken back by them.

    Source: Viner (1950), The Customs Union Issue, ch. 4, where the gainers are the partners in a union.
    """
    change = outside(p) * p["duty_paid"] / (1.0 + p["tm0"]) * (x["flow"] - 1.0)
    gained = xr.where(change > 0.0, change, 0.0).sum("exporter")
    lost = xr.where(change < 0.0, -change, 0.0).sum("exporter")
    return gained, lost, gained - lost, xr.where(gained < lost, gained, lost)


def factors(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Factors of each region.

    Returns:
        Columns `region`, `factor`; `base_musd`, `new_musd`: earnings before taxes on the factor's income;
        `reward_pct`: average reward, relative to the world factor price; `real_reward_pct`: the same in consumer
        prices; `employment_pct`: volume employed.
    """
    p, x = accounts.numbers(parameters, point)
    used = accounts.factor_volume(p, x)
    before, volume, earned = p["factor_use"].sum("sector"), used.sum("sector"), (used * x["pf"]).sum("sector")
    reward = accounts.ratio(earned, volume)
    columns = {
        "base_musd": before,
        "new_musd": earned,
        "reward_pct": accounts.percent(reward),
        "real_reward_pct": accounts.percent(reward / x["cpi"]),
        "employment_pct": accounts.percent(accounts.ratio(volume, before)),
    }
    return _rows(parameters.labels, columns, ("region", "factor"), before != 0.0)


def prices(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """What households pay, by good.

    Returns:
        Columns `region`, `sector`; `base_musd`: household consumption in the benchmark; `price_pct`: users' price,
        relative to the world factor price; `real_price_pct`: the same over the consumer price index; `volume_pct`.
    """
    p, x = accounts.numbers(parameters, point)
    price = x["consumer_price"]
    columns = {
        "base_musd": p["private"],
        "price_pct": accounts.percent(price),
        "real_price_pct": accounts.percent(price / x["cpi"]),
        "volume_pct": accounts.percent(x["c"]),
    }
    return _rows(parameters.labels, columns, ("region", "sector"), p["private"] != 0.0)


REVENUES = (
    "tariffs", "export_taxes", "output_taxes", "factor_taxes", "input_taxes", "final_taxes", "direct_taxes",
    "rent_treasury",
)  # fmt: skip
"""What the government takes in, by symbol."""


def revenue(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """What each tax yields.

    Returns:
        Columns `region`, `source` (a symbol of `REVENUES`); `base_musd`, `new_musd`, `change_musd`; `new_real_musd`,
        `change_real_musd`: in the benchmark's consumer prices; `base_pct`, `new_pct`: % of regional income.
    """
    p, x = accounts.numbers(parameters, point)
    base, axes = accounts.at_benchmark(accounts.completed(parameters, point)), ("region", "source")
    before, now = (
        xr.Variable(axes, np.stack([(p["income0"] * at[name]).values for name in REVENUES], axis=1)) for at in (base, x)
    )
    real = now / x["cpi"]
    columns = {
        "base_musd": before,
        "new_musd": now,
        "change_musd": now - before,
        "new_real_musd": real,
        "change_real_musd": real - before,
        "base_pct": 100.0 * before / p["income0"],
        "new_pct": 100.0 * now / (p["income0"] * x["income"]),
    }
    labels = parameters.labels | {"source": list(REVENUES)}
    return _rows(labels, columns, axes, (before != 0.0) | (now != 0.0))


def sectors(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Industries: those that exist at the benchmark.

    Returns:
        Columns `region`, `sector`; `output_pct`: volume of output; `price_pct`: basic price relative to the world
        factor price; `users_price_pct`: the same of the composite of home goods and imports that users there buy;
        `employment_pct`: labour employed, weighted with benchmark wages (all factors in a
        benchmark without labour; zero in an industry without any).
    """
    p, x = accounts.numbers(parameters, point)
    labour = p["is_labour"] != 0.0
    workers = labour if labour.any() else ~labour
    then, now = ((workers * volume).sum("factor") for volume in (p["factor_use"], accounts.factor_volume(p, x)))
    columns = {
        "output_pct": accounts.percent(x["y"]),
        "price_pct": accounts.percent(x["py"]),
        "users_price_pct": accounts.percent(x["pa"]),
        "employment_pct": accounts.percent(xr.where(then == 0.0, 1.0, accounts.ratio(now, then))),
    }
    return _rows(parameters.labels, columns, ("region", "sector"), p["output"] != 0.0)


def rents(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Quota rents by flow and owner, before and after: the flows that carry a rent in either.

    Returns:
        Columns `exporter`, `importer`, `sector`, `owner` ("exporter" is in the exporting region, "importer" and
        "treasury" in the importing one), `base_musd`, `new_musd`: million USD at the benchmark's world
        factor price.
    """
    p, x = accounts.numbers(parameters, point)
    columns = {
        "base_musd": accounts.rent_by_owner(p, accounts.at_benchmark(parameters)),
        "new_musd": accounts.rent_by_owner(p, x),
    }
    there = (columns["base_musd"] != 0.0) | (columns["new_musd"] != 0.0)
    return _rows(parameters.labels, columns, (*accounts.FLOW, "owner"), there)


def emissions(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """CO2 of industries and households, before and after; those that emit in the benchmark.

    Returns:
        Columns `region`; `emitter`: a sector, or "households"; `base_kt`, `new_kt`: kilotonnes of CO2; `change_pct`.
    """
    p, x = accounts.numbers(parameters, point)
    axes = ("region", "emitter")
    base = xr.Variable(axes, np.column_stack([p["emissions0"], p["household_emissions0"]]))
    index = xr.Variable(axes, np.column_stack([x["industry_emissions"], x["household_emissions"]]))
    columns = {"base_kt": base, "new_kt": base * index, "change_pct": accounts.percent(index)}
    labels = parameters.labels | {"emitter": [*parameters.labels["sector"], "households"]}
    return _rows(labels, columns, axes, base != 0.0)


INPUT_RATES = ("tm0", "te0", "rho0", "to0", "tf0", "ti0", "tc0", "td0")
INPUT_SHARES = ("subsistence", "share_capital", "rental", "depreciation", "investment_rate")
INPUT_OF_BLOCKS = ("cde_beta", "cde_gamma", "tinc0")
INFINITE = {"omega": "one_good", "eta": "mobile"}
"""Elasticities that are infinite where another parameter is one."""


def inputs(parameters: Parameters) -> pd.DataFrame:
    """What the model was given: every elasticity, benchmark rate and parameter of capital as it held it, by label.

    Returns:
        Columns `parameter` (see docs/symbols.md), the labels that it has (`exporter`, `importer`, `region`, `sector`,
        `input`, `factor`, `agent`; empty where it is the same for all of them, and where it has no such axis),
        `value`, `unit`. A rate that is not listed is zero.
    """
    a, labels = parameters.arrays, parameters.labels
    parts = []
    of = parameters.structure
    of_blocks = [name for name in INPUT_OF_BLOCKS if name in of.parameters]
    for name in (*sorted(of.elasticities), *INPUT_SHARES, *of_blocks, *INPUT_RATES):
        symbol = of.parameters[name]
        if not a[name].size:  # over margins, of a table without
            continue
        values = a[name] if name not in INFINITE else np.where(a[INFINITE[name]] > 0.0, np.inf, a[name])
        dims = list(symbol.dims)
        for axis in symbol.dims:
            first = values.take([0], axis=dims.index(axis))
            if (values == first).all():  # the same along the axis
                values = first.squeeze(dims.index(axis))
                dims.remove(axis)
        there = np.ones(values.shape, dtype=bool) if name not in INPUT_RATES else values != 0.0
        cells = np.argwhere(there).T
        words = {axis: np.array(labels[axis], dtype=object)[at] for axis, at in zip(dims, cells, strict=True)}
        words = {"sector" if axis == "margin" else axis: names for axis, names in words.items()}  # who sells it
        parts.append(pd.DataFrame({"parameter": name, **words, "value": values[there], "unit": symbol.unit}))
    columns = ["parameter", *INPUT_LABELS, "value", "unit"]
    table = pd.concat(parts, ignore_index=True).reindex(columns=columns)
    return table.astype(dict.fromkeys(INPUT_LABELS, object)).fillna(dict.fromkeys(INPUT_LABELS, ""))


INPUT_LABELS = ("exporter", "importer", "region", "sector", "input", "factor", "agent")


def _rows(
    labels: Mapping[str, list[str]], columns: Mapping[str, xr.Variable], axes: tuple[str, ...], there: xr.Variable
) -> pd.DataFrame:
    """One row for every cell that is there, in the order of the labels."""
    cells = np.nonzero(there.transpose(*axes).values)
    names = {axis: np.array(labels[axis], dtype=object)[at] for axis, at in zip(axes, cells, strict=True)}
    numbers = {name: array.transpose(*axes).values[cells] for name, array in columns.items()}
    return pd.DataFrame(names | numbers)
