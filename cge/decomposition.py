r"""Where a welfare change comes from: EV as a sum of effects that closes.

At a solution of the model the differential of a region's equivalent variation is a sum of terms :math:`w\,dx`, each
a wedge times the change of a volume, or a volume times the change of a price (`docs/welfare.md` derives it). The sum is
exact at every point of a path of solutions, so its integral from the baseline to the counterfactual is the whole EV:

.. math:: EV_r = \int_0^1 \sum w \frac{dx}{dt} dt

Where the instruments run along a straight line, :math:`z(t) = z^0 + t \sum_j \Delta z_j`, the slopes of every
variable in each shock alone split every part by shock, :math:`\int_0^1 w\,\frac{\partial x}{\partial z}\Delta
z_j\,dt`: the shares sum to the whole, whatever the order of the shocks. The integrals are taken through the solutions
of a finite number of steps, and leave a residual that falls with a power of their length; it is part of the result.

Sources: Huff and Hertel (2000), "Decomposing welfare changes in the GTAP model", GTAP Technical Paper 5; McDougall
(2003), GTAP Technical Paper 20; Harrison, Horridge and Pearson (2000), "Decomposing simulation results with respect
to exogenous shocks" (subtotals). Published first-order formula: Caliendo and Parro (2015).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from . import accounts
from .block import Part
from .errors import RequestError, nearest
from .parameters import Parameters
from .plots import waterfall
from .pool import pooled_along
from .quadrature import lagrange, panels
from .shown import card, line
from .welfare import ev

EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        "allocative_efficiency": "wedges times changes of volumes, by instrument and market",
        "terms_of_trade": "prices received for exports less prices paid for imports, by good and partner",
        "rents": "quota rents paid between regions, by good and partner",
        "endowment": "factors added, at their reward",
        "capital": "capital that a long run adds, at its reward, which is its user cost: EV less this is EV net",
        "technology": "productivity and iceberg costs",
        "investment_saving": "price of the capital goods that foreign saving buys",
        "ownership": "income of capital that works in another region than its owner's",
        "transfers": "foreign saving of regions that do not invest, and permits sold abroad",
        "public": "government consumption and saving, which the separate household does not enjoy",
    }
)
"""Effects by name."""


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        name: Part(effect, region, description)
        for name, effect, region, description in (
            ("output_tax", "allocative_efficiency", "region", "output tax x output"),
            ("factor_tax", "allocative_efficiency", "region", "factor tax x employment"),
            ("input_tax", "allocative_efficiency", "region", "tax on intermediates x their use"),
            ("final_tax", "allocative_efficiency", "region", "tax on final demand x final demand"),
            ("tariff", "allocative_efficiency", "importer", "tariff x imports"),
            ("export_tax", "allocative_efficiency", "exporter", "export tax x exports"),
            ("premium_home", "allocative_efficiency", "importer", "quota premium kept at home x imports"),
            ("premium_abroad", "allocative_efficiency", "exporter", "quota premium kept by the exporter x exports"),
            ("export_price", "terms_of_trade", "exporter", "exports x their price with export tax"),
            ("import_price", "terms_of_trade", "importer", "imports x their price at the exporter's border"),
            ("margin_sales", "terms_of_trade", "region", "transport services sold x their price"),
            ("margin_cost", "terms_of_trade", "importer", "transport bought x its price"),
            ("rent_received", "rents", "exporter", "exports x the rent on a unit that the exporter keeps"),
            ("rent_paid", "rents", "importer", "imports x the rent on a unit that the exporter keeps"),
            ("factors", "endowment", "region", "reward x endowment"),
            ("productivity", "technology", "region", "cost of output x total factor productivity"),
            ("iceberg", "technology", "importer", "payments abroad x iceberg cost"),
            ("mix", "allocative_efficiency", "importer", "payments abroad x mix of limited and free parts of a flow"),
            ("capital_goods", "investment_saving", "region", "foreign saving x the price of investment"),
            ("foreign_transfers", "transfers", "region", "foreign saving, where it is income"),
        )
    }
)
"""Kinds of terms of the base structure by name; blocks add theirs (`Structure.parts`)."""

Arrays = dict[str, xr.DataArray]


def coordinates(parameters: Parameters, point: xr.Dataset) -> Arrays:
    """What moves in each part: volumes and prices at a point, by part.

    Smooth functions of the point, complex numbers included, so that slopes can be taken with a complex step.
    """
    p, x = accounts.labelled_point(parameters, point)
    shipped, kept_abroad = accounts.shipped(p, x), accounts.rent_kept_abroad(x)
    arrived = p["trade"] * x["flow"]
    moving = {
        "output_tax": accounts.output_volume(p, x),
        "factor_tax": accounts.factor_volume(p, x),
        "input_tax": accounts.input_volume(p, x),
        "final_tax": accounts.final_volume(p, x),
        "tariff": arrived,
        "export_tax": shipped,
        "premium_home": arrived,
        "premium_abroad": shipped,
        "export_price": accounts.taxed_price(x),
        "import_price": accounts.taxed_price(x),
        "margin_sales": x["px"],
        "margin_cost": accounts.margin_cost(p, x),
        "rent_received": kept_abroad,
        "rent_paid": kept_abroad,
        "factors": p["endowment"] * x["endow"],
        "productivity": _log(x["tfp"]),
        "iceberg": _log(x["tau"]),
        "mix": _log(x["mix"]),
        "capital_goods": _log(x["pinv"]),
        "foreign_transfers": p["income0"] * x["sf"],
    }
    return moving | x.structure.terms("coordinates", p, x)


def weights(parameters: Parameters, point: xr.Dataset) -> Arrays:
    r"""What a unit of each coordinate is worth to the region, by part, in benchmark prices.

    The worth in the point's prices is divided by the price of utility :math:`\Pi_r(p)`, as EV is in those of the
    benchmark.
    """
    p, x = accounts.labelled_point(parameters, point)
    shipped, unit_rent, kept_abroad = accounts.shipped(p, x), accounts.unit_rent(x), accounts.rent_kept_abroad(x)
    cif = accounts.taxed_price(x) + unit_rent + accounts.margin_cost(p, x)
    net_price = x["py"] * (1.0 - x["to"])
    worth = {
        "output_tax": x["to"] * x["py"],
        "factor_tax": x["tf"] * x["pf"],
        "input_tax": x["ti"] * x["input_basic_price"],
        "final_tax": x["tc"] * x["final_basic_price"],
        "tariff": x["tm"] * cif * accounts.per_arrival(x),
        "export_tax": x["te"] * accounts.by_flow(x["px"]),
        "premium_home": (unit_rent - kept_abroad) * accounts.per_arrival(x),
        "premium_abroad": kept_abroad,
        "export_price": shipped,
        "import_price": -shipped,
        "margin_sales": accounts.services(p, x),
        "margin_cost": -shipped,
        "rent_received": shipped,
        "rent_paid": -shipped,
        "factors": x["w"],
        "productivity": net_price * accounts.output_volume(p, x),
        "iceberg": -accounts.paid_price(p, x) * shipped,
        "mix": -accounts.paid_price(p, x) * shipped,
        "capital_goods": p["invests"] * p["income0"] * x["sf"],
        "foreign_transfers": 1.0 - p["invests"],
    }
    worth |= x.structure.terms("weights", p, x)
    level = x.structure.household.price_of_utility(p, x)
    kinds = {**PARTS, **x.structure.parts}
    return {name: value / accounts.by_flow(level, kinds[name].region) for name, value in worth.items()}


@dataclass(frozen=True)
class Stretch:
    r"""Solutions along a smooth part of a path: every quota stays in its regime.

    Attributes:
        at: share of the shocks at each solution, from 0 at the baseline to 1 at the counterfactual.
        points: the solutions.
        slopes: for each of them the derivative of every variable and instrument in that share that each shock alone
            causes, :math:`\frac{\partial x}{\partial z} \Delta z_j`, with a leading axis `shock`; or none. What is
            absent does not move.
    """

    at: tuple[float, ...]
    points: tuple[xr.Dataset, ...]
    slopes: tuple[xr.Dataset, ...] = ()


@dataclass(frozen=True)
class Decomposition:
    """EV and its parts.

    Attributes:
        parts: million USD in benchmark prices; each over the markets to which
            it belongs and, if the path has slopes, over `shock`.
        ev: equivalent variation along the path [region], million USD.
    """

    parts: xr.Dataset
    ev: xr.DataArray

    def __repr__(self) -> str:
        return line(
            "Decomposition", {"regions": self.ev.size, "parts": len(self.parts), "summary()": "has the effects"}
        )

    def _repr_html_(self) -> str:
        return card("Where the welfare change comes from", {}, self.summary(), "million USD in benchmark prices")

    def plot(self, region: str, *, ax: Any = None) -> Any:
        """A waterfall of a region's effects, million USD; gives back the axes of matplotlib (see `cge.plots`)."""
        table = self.summary().groupby("region", sort=False).sum()
        if region not in table.index:
            raise RequestError([f"no region {region!r}{nearest(region, table.index)}"])
        return waterfall(table.T[region].filter(regex="(?<!_musd)$"), "EV", "million USD", region, ax)

    def total(self, name: str) -> xr.DataArray:
        """A part by region, and by shock if there are several [(shock,) region]."""
        axis, array = self.kind(name).region, self.parts[name]
        total = array.sum([a for a in array.dims if a not in ("shock", axis)])
        return total if axis == "region" else total.rename({axis: "region"})

    @property
    def residual(self) -> xr.DataArray:
        """EV less the sum of its parts [region]: the error of integration."""
        parts = xr.concat([self.total(str(name)) for name in self.parts], "part")
        return self.ev - parts.sum([axis for axis in parts.dims if axis != "region"])

    def summary(self) -> pd.DataFrame:
        """Index `region` (and `shock`, if there are several); one column an effect, million USD.

        Without shocks there are also `ev_musd` and `residual_musd`; with them, `total_musd` is a shock's share.
        """
        effects = {
            effect: xr.concat([self.total(name) for name in names], "part").sum("part")
            for effect in EFFECTS
            if (names := [str(name) for name in self.parts if self.kind(str(name)).effect == effect])
        }
        table = xr.Dataset(effects).to_dataframe()[list(effects)]
        if "shock" in self.parts.dims:
            order = [self.ev["region"].to_index(), self.parts["shock"].to_index()]
            table = table.reorder_levels(["region", "shock"]).reindex(pd.MultiIndex.from_product(order))
            return table.assign(total_musd=table.sum(axis=1))
        return table.assign(ev_musd=self.ev.to_series(), residual_musd=self.residual.to_series())

    def kind(self, name: str) -> Part:
        """Effect, region's axis and description of a part."""
        return Part(*(str(self.parts[name].attrs[key]) for key in ("effect", "region", "description")))

    def table(self, smallest: float = 0.0) -> pd.DataFrame:
        """Every cell larger than `smallest`, in million USD: one row a part and market.

        Returns:
            Columns `region`, `effect`, `part`, `partner` (the other end of a flow), `sector`, `detail` (factor,
            input, agent or margin), `shock` if there are several, `musd`. What does not apply is empty.
        """
        rows = [self._rows(str(name), smallest) for name in self.parts]
        return pd.concat(rows, ignore_index=True)

    def _rows(self, name: str, smallest: float) -> pd.DataFrame:
        array, part = self.parts[name], self.kind(name)
        cells = np.nonzero(abs(array.values) > smallest)
        labels = {str(axis): array[axis].values[at] for axis, at in zip(array.dims, cells, strict=True)}
        partner = {"exporter": "importer", "importer": "exporter"}.get(part.region, "")
        detail = next((axis for axis in ("factor", "input", "agent", "margin") if axis in array.dims), "")
        columns = {
            "region": labels[part.region],
            "effect": part.effect,
            "part": name,
            "partner": labels.get(partner, ""),
            "sector": labels.get("sector", ""),
            "detail": labels.get(detail, ""),
        }
        shock = {"shock": labels["shock"]} if "shock" in labels else {}
        return pd.DataFrame(columns | shock | {"musd": array.values[cells]})


def decompose(parameters: Parameters, path: Sequence[Stretch], order: int = 4) -> Decomposition:
    """Split the EV between the first and the last of the solutions along a path, and by shock if it has slopes.

    Args:
        parameters: of the model.
        path: stretches, one after the other.
        order: of the residual when every step is halved: 2, a fourth (lines between neighbouring solutions), or 4,
            a sixteenth (parabolas through three).

    Raises:
        ValueError: there is no path, or the order is neither.
    """
    if order not in (2, 4):
        raise ValueError(f"the order of a decomposition is 2 or 4, not {order}")
    if not path:
        raise ValueError("a decomposition needs a path of two solutions or more")
    parts: dict[str, xr.Variable] = {}
    path = _priced(parameters, path)
    for stretch in path:
        integrate = _by_shock if stretch.slopes else _along
        for name, piece in integrate(parameters, stretch, order):
            parts[name] = parts[name] + piece if name in parts else piece
    labels = accounts.table(parameters).coords
    shocks = path[0].slopes[0]["shock"].values if path[0].slopes else ()
    data = xr.Dataset()
    kinds = {**PARTS, **accounts.completed(parameters, path[-1].points[-1]).structure.parts}
    for name, variable in parts.items():
        part = kinds[name]
        coords = {axis: shocks if axis == "shock" else labels[axis].values for axis in variable.dims}
        array = xr.DataArray(variable, coords=coords)
        front = [axis for axis in ("shock", part.region) if axis in array.dims]
        data[name] = array.transpose(*front, ...)
        data[name].attrs = {"unit": "million USD"} | asdict(part)
    return Decomposition(data, ev(parameters, path[-1].points[-1]) - ev(parameters, path[0].points[0]))


def _priced(parameters: Parameters, path: Sequence[Stretch]) -> list[Stretch]:
    """The path with the price of saving integrated along it, where the structure has one."""
    result: list[Stretch] = []
    for stretch in path:
        points = (result[-1].points[-1] if result else stretch.points[0], *stretch.points[1:])
        result.append(replace(stretch, points=pooled_along(parameters, stretch.at, points)))
    return result


def _along(parameters: Parameters, stretch: Stretch, order: int) -> Iterator[tuple[str, xr.Variable]]:
    """Integrals of worth over movement, panel by panel."""
    worth = [_bare(weights(parameters, point)) for point in stretch.points]
    where = [_bare(coordinates(parameters, point)) for point in stretch.points]
    for panel in panels(len(stretch.at), order):
        value, slope, weight = lagrange(np.array(stretch.at)[panel])
        product = np.einsum("gi,gj,g->ij", value, slope, weight)
        for name in where[0]:
            moved = [sum(share * where[j][name] for j, share in zip(panel, row, strict=True)) for row in product]
            yield name, sum(worth[i][name] * move for i, move in zip(panel, moved, strict=True))


def _by_shock(parameters: Parameters, stretch: Stretch, order: int) -> Iterator[tuple[str, xr.Variable]]:
    """Integrals of each shock's rate, panel by panel."""
    found = [_bare(rates(parameters, *pair)) for pair in zip(stretch.points, stretch.slopes, strict=True)]
    for panel in panels(len(stretch.at), order):
        value, _, weight = lagrange(np.array(stretch.at)[panel])
        for name in found[0]:
            yield name, sum(share * found[i][name] for i, share in zip(panel, weight @ value, strict=True))


def _bare(arrays: Arrays) -> dict[str, xr.Variable]:
    """Without labels, which all have in common: aligning them again takes longer than adding numbers."""
    return {name: array.variable for name, array in arrays.items()}


def rates(parameters: Parameters, point: xr.Dataset, slope: xr.Dataset) -> Arrays:
    """Parts of the rate at which EV rises along a slope at a point, million USD; axes as the slope has them.

    Coordinates are differentiated with a complex step, which is exact to the last digit and needs no formula.
    """
    tiny = 1e-30
    ahead = point.assign({str(name): point[name] + 1j * tiny * slope[name] for name in slope})
    moved = coordinates(parameters, ahead)
    return {name: worth * moved[name].imag / tiny for name, worth in weights(parameters, point).items()}


def _log(x: xr.DataArray) -> xr.DataArray:
    log: Callable[[xr.DataArray], xr.DataArray] = np.log
    return log(x)


def first_order(parameters: Parameters, base: xr.Dataset, new: xr.Dataset) -> pd.DataFrame:
    r"""Welfare by the first-order formula of Caliendo and Parro, with finite changes as they publish it.

    .. math:: \frac{1}{E_n} \sum_{js} \big(X_{njs} \hat p_{njs} - M_{jns} \hat p_{jns}\big)
        + \frac{1}{E_n} \sum_{js} t^M_{jns} M_{jns} \big(\hat M_{jns} - \hat p_{jns}\big)

    with :math:`\hat z = z'/z - 1`, trade :math:`X, M` and tariffs at the base, prices at the exporter's border and
    import values before tariffs: terms of trade, and volume of trade. It is no measure of a large change, since it
    values all of it at the old tariffs; `cge.welfare.ev` is exact.

    Args:
        parameters: of the model.
        base, new: two solutions.

    Returns:
        Index `region`; `total_pct`, `terms_of_trade_pct`, `volume_of_trade_pct`, % of base income.

    Source: Caliendo and Parro (2015), "Estimates of the trade and welfare effects of NAFTA", Review of Economic
    Studies 82(1), section 5.
    """
    (p, x), (_, y) = accounts.numbers(parameters, base), accounts.numbers(parameters, new)
    received, paid = accounts.received_price(p, x), accounts.paid_price(p, x) * accounts.per_arrival(x)
    sold, bought = accounts.shipped(p, x), p["trade"] * x["flow"]
    dearer_sales = accounts.received_price(p, y) - received
    dearer_purchases = accounts.paid_price(p, y) * accounts.per_arrival(y) - paid
    gain = accounts.of_exporter(sold * dearer_sales) - accounts.of_importer(bought * dearer_purchases)
    services = (accounts.services(p, x) * (y["px"] - x["px"])).sum(["sector", "margin"])
    value, new_value = bought * paid, p["trade"] * y["flow"] * (paid + dearer_purchases)
    more = new_value - value - accounts.ratio(value, paid) * dearer_purchases
    volume = accounts.of_importer(x["tm"] * more)
    income = x["income"] * p["income0"] / 100.0
    columns = {
        "total_pct": (gain + services + volume) / income,
        "terms_of_trade_pct": (gain + services) / income,
        "volume_of_trade_pct": volume / income,
    }
    index = pd.Index(parameters.labels["region"], name="region")
    return pd.DataFrame({name: column.values for name, column in columns.items()}, index=index)
