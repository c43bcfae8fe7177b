"""Prices and volumes of a point of the model, in one unit; what welfare, tables and updated benchmarks are made of.

A *point* is a dataset with every variable and instrument of a model, labelled by the axes of `cge.symbols`, where
entries that do not exist stay at the benchmark. Its attribute `household` ("regional", the default, or "separate")
names the structure that it solves.

A model's prices are only defined up to the numeraire. Here every price and every money flow is divided by the world
factor price index `pworld`, so that no result depends on which price is held, nor at what level: values are
**million USD at the benchmark's world factor price**. Volumes are million USD at benchmark prices, the
price of a volume being 1 at the benchmark before the taxes that its function names.

The functions take datasets, or the bare numbers of `numbers`: the labels are the same everywhere, and aligning them
again takes ten times as long as the arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from .parameters import Parameters

PRICES = ("py", "pd", "px", "pt", "pms", "pm", "pa", "pn", "pva", "pf", "w", "pg", "pinv", "cpi")
MONEY = (
    "income", "factor_earnings", "tariffs", "export_taxes", "output_taxes", "factor_taxes", "input_taxes",
    "final_taxes", "direct_taxes", "rent_abroad", "rent_home", "rent_treasury", "saving", "v",
)  # fmt: skip
"""Symbols that double when the numeraire doubles; the others do not move."""

FLOW = ("exporter", "importer", "sector")

Array = Any
"""A DataArray, or a Variable: an array without labels whose axes have names."""
Table = Mapping[Any, Any]
"""Arrays by name: a Dataset, or its variables."""

AGENT = {agent: xr.Variable("agent", unit) for agent, unit in zip("CGI", np.eye(3), strict=True)}
"""One for an agent and zero for the others."""
OWNER = {
    owner: xr.Variable("owner", unit)
    for owner, unit in zip(("exporter", "importer", "treasury"), np.eye(3), strict=True)
}
"""The same for the owners of rents."""


def table(parameters: Parameters) -> xr.Dataset:
    """Parameters with labels on every axis, also on those that borrow another's."""
    return parameters.labelled


def benchmark_point(parameters: Parameters, household: str = "regional") -> xr.Dataset:
    """The point at which the model replicates its benchmark."""
    blocks = {name: array.copy() for name, array in parameters.benchmark.items()}
    used = {axis for array in blocks.values() for axis in array.dims}
    coords = {axis: labels for axis, labels in parameters.labels.items() if axis in used}
    return xr.Dataset(blocks, coords=coords, attrs={"household": household})


def deflated(point: xr.Dataset) -> xr.Dataset:
    """The point with prices and money relative to the world factor price index."""
    level = point["pworld"].variable
    if level.ndim == 0 and level == 1.0:
        return point
    # arithmetic on the variables: the axes are the point's own, and aligning them again takes longer than dividing
    relative = {name: point[name].variable / level for name in (*PRICES, *MONEY) if name in point}
    return point.assign(relative | {"pworld": level / level})


def numbers(parameters: Parameters, point: xr.Dataset) -> tuple[Table, Table]:
    """Parameters and a deflated point without labels, the point's in the order of the parameters'."""
    p, x = table(parameters), deflated(point)
    return p.variables, in_order(x, p).variables


def in_order(data: xr.Dataset, like: xr.Dataset) -> xr.Dataset:
    """The data with the labels that it shares with others in their order."""
    axes = [axis for axis in data.dims if axis in like.dims]
    moved = [a for a in axes if not np.array_equal(data.variables[a].values, like.variables[a].values)]
    return data.sel({axis: like.variables[axis].values for axis in moved}) if moved else data


def labelled(parameters: Parameters, array: xr.Variable) -> xr.DataArray:
    """Numbers with the labels of their axes."""
    return xr.DataArray(array, coords={axis: table(parameters).variables[axis] for axis in array.dims})


def renamed(array: Array, **axes: str) -> Array:
    """An array whose axes have other names."""
    if isinstance(array, xr.Variable):
        return xr.Variable([axes.get(str(axis), axis) for axis in array.dims], array.values)
    return array.rename(axes)


def household(point: xr.Dataset) -> str:
    """Whose welfare it is: "regional" or "separate" (the private household).

    Raises:
        ValueError: the point's attribute says something else.
    """
    structure = str(point.attrs.get("household", "regional"))
    if structure not in ("regional", "separate"):
        raise ValueError(f"the attribute household of a point is 'regional' or 'separate', not {structure!r}")
    return structure


# Final demand and industries -----------------------------------------------------------------------------------


def final_price(x: Table) -> Array:
    """Users' price of a good with the tax on final demand [region, sector, agent]."""
    return x["pa"] * (1.0 + x["tc"])


def final_volume(p: Table, x: Table) -> Array:
    """Goods bought by household, government and investment [region, sector, agent].

    The bundles of government and investment are CES, so a good's volume is that of the bundle times
    `(price of the bundle / price of the good) ** sigma`.
    """
    price = final_price(x) / (1.0 + p["tc0"])
    government = x["g"] * (x["pg"] / price) ** p["sigma_g"]
    investment = x["inv"] * (x["pinv"] / price) ** p["sigma_i"]
    return p["final_use"] * (x["c"] * AGENT["C"] + government * AGENT["G"] + investment * AGENT["I"])


def consumption_volume(p: Table, x: Table) -> Array:
    """Household consumption at benchmark prices over its benchmark value [region]."""
    return (p["share_cpi"] * x["c"]).sum("sector")


def input_volume(p: Table, x: Table) -> Array:
    """Goods bought by industries [region, input, sector]."""
    price = renamed(x["pa"], sector="input") * (1.0 + x["ti"]) / (1.0 + p["ti0"])
    cost = x["py"] * (1.0 - x["to"]) / (1.0 - p["to0"]) * x["tfp"]
    bundle = x["y"] / x["tfp"] * (cost / x["pn"]) ** p["sigma_top"]
    return p["input_use"] * bundle * (x["pn"] / price) ** p["sigma_n"]


def output_volume(p: Table, x: Table) -> Array:
    """Output of an industry [region, sector]; its basic price is `py`."""
    return p["output"] * x["y"]


def factor_volume(p: Table, x: Table) -> Array:
    """Factors employed [region, factor, sector]; their reward is `pf`."""
    return p["factor_use"] * x["qf"]


# Trade ---------------------------------------------------------------------------------------------------------


def by_flow(array: Array, end: str = "exporter") -> Array:
    """An array over regions, seen from one end of a flow."""
    return renamed(array, region=end)


def of_exporter(array: Array) -> Array:
    """Sum of a flow over everything but the exporter [region]."""
    return renamed(array.sum([axis for axis in array.dims if axis != "exporter"]), exporter="region")


def of_importer(array: Array) -> Array:
    """Sum of a flow over everything but the importer [region]."""
    return renamed(array.sum([axis for axis in array.dims if axis != "importer"]), importer="region")


def shipped(p: Table, x: Table) -> Array:
    """Volume that leaves the exporter, iceberg losses included [exporter, importer, sector]."""
    return p["trade"] * x["tau"] * x["flow"]


def taxed_price(x: Table) -> Array:
    """Price of a shipped unit with the export tax, before any quota premium [exporter, importer, sector]."""
    return by_flow(x["px"]) * (1.0 + x["te"])


def unit_rent(x: Table) -> Array:
    """Quota rent on a shipped unit [exporter, importer, sector]."""
    return x["rho"] * taxed_price(x)


def rent_by_owner(p: Table, x: Table) -> Array:
    """Quota rents [owner, exporter, importer, sector]; see `cge.welfare.rent_by_owner`."""
    return x["rent"] * taxed_price(x) * shipped(p, x)


def rent_kept_abroad(x: Table) -> Array:
    """Rent on a shipped unit that its exporter keeps [exporter, importer, sector]."""
    return (x["rent"] * OWNER["exporter"]).sum("owner") * taxed_price(x)


def margins_per_unit(p: Table) -> Array:
    """Transport margins on a shipped unit at benchmark prices [margin, exporter, importer, sector]."""
    cif = p["duty_paid"] / (1.0 + p["tm0"])
    return ratio(p["share_margin"] * cif, p["trade"])


def margin_cost(p: Table, x: Table) -> Array:
    """Price of the transport of a shipped unit [exporter, importer, sector]."""
    return (margins_per_unit(p) * x["pt"]).sum("margin")


def received_price(p: Table, x: Table) -> Array:
    """What the exporting region receives for a shipped unit [exporter, importer, sector].

    The price with export tax and with the part of the quota rent that the exporter keeps. The rest of the rent
    never leaves the importing region and is no part of the price between the two.
    """
    return taxed_price(x) + rent_kept_abroad(x)


def paid_price(p: Table, x: Table) -> Array:
    """What the importing region pays abroad for a shipped unit: `received_price` and transport; before tariffs."""
    return received_price(p, x) + margin_cost(p, x)


def services(p: Table, x: Table) -> Array:
    """Sales of margin services [region, sector, margin]; their price is `px`."""
    supply = p["share_margin_supply"] * p["margin_total"]
    return supply * x["qt"] * x["pt"] / x["px"]


def ratio(part: Array, whole: Array) -> Array:
    """Part over whole; zero where there is nothing."""
    there = whole != 0.0
    return xr.where(there, part / xr.where(there, whole, 1.0), 0.0)


def percent(index: Any) -> Any:
    """Change of an index from one, in percent."""
    return 100.0 * (index - 1.0)
