"""Prices and volumes of a point of the model, in one unit; what welfare, tables and updated benchmarks are made of.

A *point* is a dataset with every variable and instrument of a model, labelled by the axes of `cge.symbols`, where
entries that do not exist stay at the benchmark. Its attribute `structure` names the blocks of the structure that it
solves; it is empty for the base structure.

A model's prices are only defined up to the numeraire. Here every price and every money flow is divided by the world
factor price index `pworld`, so that no result depends on which price is held, nor at what level: values are
**million USD at the benchmark's world factor price**. Volumes are million USD at benchmark prices, the
price of a volume being 1 at the benchmark before the taxes that its function names.

The functions take datasets, or the bare numbers of `numbers`: the labels are the same everywhere, and aligning them
again takes ten times as long as the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import xarray as xr

from .block import Array, Block, Table
from .equations.structures import BLOCKS
from .errors import ModelError
from .household import REGIONAL
from .parameters import Parameters
from .structure import Structure
from .views import NamedView

PRICES = ("py", "pd", "px", "pt", "pms", "pm", "pa", "pn", "pva", "pf", "w", "pg", "pinv", "cpi")
MONEY = (
    "income", "factor_earnings", "tariffs", "export_taxes", "output_taxes", "factor_taxes", "input_taxes",
    "final_taxes", "direct_taxes", "rent_abroad", "rent_home", "rent_treasury", "saving", "v",
)  # fmt: skip
"""Symbols that double when the numeraire doubles; the others do not move."""

FLOW = ("exporter", "importer", "sector")

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


def benchmark_point(parameters: Parameters, *blocks: Block) -> xr.Dataset:
    """The point at which the model replicates its benchmark, of a structure with more blocks if asked."""
    own = parameters.including(blocks)
    values = {name: array.copy() for name, array in own.benchmark.items()}
    used = {axis for array in values.values() for axis in array.dims}
    coords = {axis: labels for axis, labels in own.labels.items() if axis in used}
    return xr.Dataset(values, coords=coords, attrs=described(own.structure))


def described(structure: Structure) -> dict[str, str]:
    """Attributes of a point: its structure, and whose welfare is measured."""
    return {"structure": structure.name, "household": structure.household.whose}


def completed(parameters: Parameters, point: xr.Dataset) -> Parameters:
    """The parameters with those of the blocks that a point's structure has.

    Raises:
        ModelError: a block that neither the parameters nor the package know.
    """
    known = dict(BLOCKS) | {block.name: block for block in parameters.blocks}
    text = point.attrs.get("structure")
    if text is None:  # a file of an earlier version
        text = {"separate": "separate"}.get(str(point.attrs.get("household", "")), "")
    names = [name for name in str(text).split("+") if name]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ModelError(
            f"the point's structure has the block {', '.join(unknown)}, which its parameters lack; take the parameters "
            "of its equilibrium"
        )
    return parameters.including(known[name] for name in names)


def household(point: xr.Dataset) -> str:
    """Whose welfare it is at a point, and what it covers, in words."""
    text = str(point.attrs.get("household", "regional"))
    private = BLOCKS["separate"].household
    words = {"regional": REGIONAL.whose, "separate": private.whose if private else ""}
    return words.get(text, text)  # one word in files of an earlier version


class Point(Mapping[Any, Any]):
    """Arrays of a point by name: its variables and instruments, and the structure's quantities when they are asked for.

    Args:
        structure: whose quantities.
        parameters: arrays by name.
        values: the point's, relative to the world factor price.
    """

    def __init__(self, structure: Structure, parameters: Table, values: Table) -> None:
        self.structure = structure
        self._values = values
        self._made: dict[str, Array] = {}
        dims = {name: symbol.dims for name, symbol in structure.symbols.items()}
        self._view = NamedView(parameters, values, dims, structure.quantities)

    def __getitem__(self, name: Any) -> Array:
        quantity = self.structure.quantities.get(name)
        if quantity is None:
            return self._values[name]
        if name not in self._made:
            self._made[name] = quantity.body(self._view, *quantity.dims)
        return self._made[name]

    def __iter__(self) -> Iterator[Any]:
        return iter({**dict.fromkeys(self._values), **self.structure.quantities})

    def __len__(self) -> int:
        return len(list(iter(self)))


def deflated(point: xr.Dataset, also: Iterable[str] = ()) -> xr.Dataset:
    """The point with prices and money relative to the world factor price index, those of blocks also."""
    level = point["pworld"].variable
    if level.ndim == 0 and level == 1.0:
        return point
    # arithmetic on the variables: the axes are the point's own, and aligning them again takes longer than dividing
    names = (*PRICES, *MONEY, *also)
    relative = {name: point[name].variable / level for name in names if name in point}
    return point.assign(relative | {"pworld": level / level})


def numbers(parameters: Parameters, point: xr.Dataset) -> tuple[Table, Point]:
    """Parameters and a deflated point without labels, the point's in the order of the parameters'."""
    own = completed(parameters, point)
    p, x = table(own), deflated(point, own.structure.prices)
    return p.variables, Point(own.structure, p.variables, in_order(x, p).variables)


def labelled_point(parameters: Parameters, point: xr.Dataset) -> tuple[Table, Point]:
    """Parameters and a deflated point with labels."""
    own = completed(parameters, point)
    p, x = table(own), deflated(point, own.structure.prices)
    return p, Point(own.structure, p, x)


def at_benchmark(parameters: Parameters) -> Point:
    """The benchmark without labels."""
    return Point(parameters.structure, table(parameters).variables, parameters.benchmark)


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


# Final demand and industries -----------------------------------------------------------------------------------


def final_price(x: Table) -> Array:
    """Users' price of a good with the tax on final demand [region, sector, agent]."""
    return x["final_paid_price"]


def final_volume(p: Table, x: Table) -> Array:
    """Goods bought by household, government and investment [region, sector, agent]."""
    bought = x["c"] * AGENT["C"] + x["government_volume"] * AGENT["G"] + x["investment_volume"] * AGENT["I"]
    return p["final_use"] * bought


def consumption_volume(p: Table, x: Table) -> Array:
    """Household consumption at benchmark prices over its benchmark value [region]."""
    return total(p["share_cpi"] * x["c"], "sector")


def input_volume(p: Table, x: Table) -> Array:
    """Goods bought by industries [region, input, sector]."""
    return p["input_use"] * x["input_volume"]


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


def total(array: Array, axes: str | Iterable[str]) -> Array:
    """Sum over axes; numbers without labels by numpy, several times as fast as the sum over what is not NaN."""
    if not isinstance(array, xr.Variable):
        return array.sum(axes)
    gone = {axes} if isinstance(axes, str) else set(axes)
    left = [axis for axis in array.dims if axis not in gone]
    return xr.Variable(left, array.values.sum(axis=tuple(k for k, axis in enumerate(array.dims) if axis in gone)))


def of_exporter(array: Array) -> Array:
    """Sum of a flow over everything but the exporter [region]."""
    return renamed(total(array, [axis for axis in array.dims if axis != "exporter"]), exporter="region")


def of_importer(array: Array) -> Array:
    """Sum of a flow over everything but the importer [region]."""
    return renamed(total(array, [axis for axis in array.dims if axis != "importer"]), importer="region")


def shipped(p: Table, x: Table) -> Array:
    """Volume that leaves the exporter, iceberg losses included [exporter, importer, sector]."""
    return p["trade"] * per_arrival(x) * x["flow"]


def per_arrival(x: Table) -> Array:
    """Volume shipped for each unit of a flow that arrives: iceberg losses, and the mix of the flow's two parts."""
    return x["tau"] * x["mix"]


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
    return total(x["rent"] * OWNER["exporter"], "owner") * taxed_price(x)


def margins_per_unit(p: Table) -> Array:
    """Transport margins on a shipped unit at benchmark prices [margin, exporter, importer, sector]."""
    cif = p["duty_paid"] / (1.0 + p["tm0"])
    return ratio(p["share_margin"] * cif, p["trade"])


def margin_cost(p: Table, x: Table) -> Array:
    """Price of the transport of a shipped unit [exporter, importer, sector]."""
    return total(margins_per_unit(p) * x["pt"], "margin")


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
    return supply * x["margin_sale"]


def ratio(part: Array, whole: Array) -> Array:
    """Part over whole; zero where there is nothing."""
    there = whole != 0.0
    return xr.where(there, part / xr.where(there, whole, 1.0), 0.0)


def percent(index: Any) -> Any:
    """Change of an index from one, in percent."""
    return 100.0 * (index - 1.0)
