"""From a benchmark and elasticities to the parameters of the model: shares, rates, and nothing estimated.

Every share is a ratio of benchmark values, so the model replicates its benchmark by construction; a test and
every run check that it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from cge.equations.structures import BLOCKS
from cge.errors import DataError
from cge.labels import aligned
from cge.parameters import Parameters
from cge.quotas import flow_name
from cge.symbols import LABELS, PARAMETERS

from .benchmark import Benchmark, contents_of
from .energy import ROLES_OF_ENERGY, roles_of_energy
from .faults import isolated
from .identities import duty_rate
from .rules import checked
from .table import labels_of

Arrays = dict[str, xr.DataArray]

INDEXED = ("region", "sector", "factor", "input", "agent", "importer", "margin")
"""Axes that elasticities may have."""


@dataclass(frozen=True)
class Capital:
    """Capital stocks, which input-output tables do not show; only the global bank uses them. Numbers, or by region.

    Attributes:
        rental: gross reward per unit of capital and year; the stock is capital income over it.
        depreciation: share of the stock that wears out in a year.
        flexibility: elasticity of the expected return to the stock at the end of the year.

    Source: Hertel (1997), "Global Trade Analysis", ch. 2 and 4 (depreciation 4 %, RORFLEX 10); the gross rental
    is the world average of capital income over capital stock there.
    """

    rental: float | xr.DataArray = 0.10
    depreciation: float | xr.DataArray = 0.04
    flexibility: float | xr.DataArray = 10.0


def calibrate(benchmark: Benchmark, elasticities: xr.Dataset, capital: Capital | None = None) -> Parameters:
    """Compute the parameters of a benchmark.

    Args:
        benchmark: balanced table, million USD.
        elasticities: as `cge.calibration.elasticities.load_elasticities` gives them, in any order of labels.
        capital: assumptions on capital stocks.

    Returns:
        Parameters that replicate the benchmark at elasticities of any value.

    Raises:
        DataError: listing what the rules of elasticities refuse (`cge.calibration.rules`), or the regions that trade
            with nobody.
    """
    if apart := isolated(benchmark.data):
        raise DataError(apart, "the benchmark")
    elasticities = checked(elasticities, {axis: labels_of(benchmark.data, axis) for axis in INDEXED})
    table = _Table(benchmark.data)
    p = table.levels() | table.rates() | table.nests() | table.markets()
    p |= _elasticities(elasticities) | _household(p, elasticities)
    p |= _capital(table, capital or Capital()) | _roles(benchmark.data)
    coords = {
        axis: benchmark.data.coords[axis].values for axis in ("region", "sector", "factor", "agent", "margin", "owner")
    }
    coords["quota"] = p["member"]["quota"].values
    coords |= {axis: coords[label] for axis, label in LABELS.items()}
    data = xr.Dataset(coords=coords)
    data = data.assign({name: _shaped(name, p[name], data) for name in PARAMETERS})
    return Parameters(
        data.assign_attrs(benchmark_sha256=benchmark.sha256),
        given=roles_of_energy(contents_of(benchmark.data)) | _given(elasticities),
    )


def with_elasticities(parameters: Parameters, elasticities: xr.Dataset) -> Parameters:
    """The same benchmark at other elasticities: all that does not depend on them is kept.

    Args:
        parameters: calibrated on the benchmark, at elasticities of any value.
        elasticities: as `calibrate` takes them.

    Returns:
        What `calibrate` gives for these elasticities.
    """
    data = parameters.data
    elasticities = checked(elasticities, {axis: parameters.labels[axis] for axis in INDEXED})
    changed = _elasticities(elasticities) | _household(data, elasticities)
    data = data.assign({name: _shaped(name, array, data) for name, array in changed.items()})
    known = {name: array for name, array in parameters.given.items() if name in ROLES_OF_ENERGY}
    return parameters.anew(data, known | _given(elasticities))


def _given(elasticities: xr.Dataset) -> Arrays:
    """Numbers for blocks of the model's structure, by name (`cge.block.Given`)."""
    names = {name for block in BLOCKS.values() for name in block.givens}
    return {str(name): array for name, array in elasticities.items() if name in names}


def _shaped(name: str, array: xr.DataArray, data: xr.Dataset) -> xr.Variable:
    """An array with the dims that its symbol has, and its unit."""
    symbol = PARAMETERS[name]
    axes = {axis: labels_of(data, axis) for axis in symbol.dims}
    values = aligned(name, array, axes, broadcast=True)
    return xr.Variable(symbol.dims, values, {"unit": symbol.unit, "description": symbol.description})


class _Table:
    """The flows of a benchmark under short names, with the aggregates that several shares need."""

    def __init__(self, b: xr.Dataset) -> None:
        self.b = b
        self.rate = duty_rate(b)
        self.fob = b.trade + b.export_tax + b.rent
        self.margins = b.margin_use.sum("margin")
        self.cif = self.fob + self.margins
        self.duty_paid = self.cif * (1.0 + self.rate)
        self.imports = _as_region(self.duty_paid.sum("exporter"), "importer")
        self.absorption = b.domestic + self.imports
        self.factor_cost = (b.factor_income + b.factor_tax).sum("factor")
        self.input_cost = (b.intermediate + b.intermediate_tax).sum("input")
        self.goods_abroad = _as_region(b.trade.sum("importer"), "exporter")
        # margin services by the sector that sells them
        services = b.margin_supply.rename(margin="sector")
        self.services = services.reindex(sector=b.sector, fill_value=0.0)
        self.exports = self.goods_abroad + self.services
        self.output = b.domestic + self.exports
        self.users = b.final + b.final_tax
        rent = b.rent * b.rent_share
        self.rent_abroad = _as_region(rent.sel(owner="exporter").sum(["importer", "sector"]), "exporter")
        self.rent_home = _as_region(rent.sel(owner="importer").sum(["exporter", "sector"]), "importer")
        self.rent_treasury = _as_region(rent.sel(owner="treasury").sum(["exporter", "sector"]), "importer")
        self.money = {
            "factor_earnings0": b.factor_income.sum(["factor", "sector"]),
            "tariffs0": _as_region((self.cif * self.rate).sum(["exporter", "sector"]), "importer"),
            "export_taxes0": _as_region(b.export_tax.sum(["importer", "sector"]), "exporter"),
            "output_taxes0": b.output_tax.sum("sector"),
            "factor_taxes0": b.factor_tax.sum(["factor", "sector"]),
            "input_taxes0": b.intermediate_tax.sum(["input", "sector"]),
            "final_taxes0": b.final_tax.sum(["sector", "agent"]),
            "rent_abroad0": self.rent_abroad,
            "rent_home0": self.rent_home,
            "rent_treasury0": self.rent_treasury,
        }
        abroad = _as_region(
            (self.cif - b.rent * b.rent_share.sel(owner=["importer", "treasury"]).sum("owner")).sum(
                ["exporter", "sector"]
            ),
            "importer",
        )
        earned = _as_region(
            (b.trade + b.export_tax + b.rent * b.rent_share.sel(owner="exporter")).sum(["importer", "sector"]),
            "exporter",
        )
        self.foreign_saving = abroad - earned - b.margin_supply.sum("margin") - b.net_transfers
        spending = self.users.sum("sector")
        self.private = self.users.sel(agent="C")
        self.government = spending.sel(agent="G")
        self.investment = spending.sel(agent="I")
        invests = (self.investment != 0.0).astype(float)
        self.invests = invests
        self.income: xr.DataArray = sum(self.money.values()) + b.net_transfers + (1.0 - invests) * self.foreign_saving
        self.saving = self.income - self.private.sum("sector") - self.government

    def levels(self) -> Arrays:
        """Benchmark values, million USD."""
        b = self.b
        return {
            "income0": self.income,
            "output": self.output,
            "domestic": b.domestic,
            "exports": self.exports,
            "trade": b.trade,
            "duty_paid": self.duty_paid,
            "imports": self.imports,
            "absorption": self.absorption,
            "input_cost": self.input_cost,
            "factor_cost": self.factor_cost,
            "factor_use": b.factor_income,
            "endowment": b.factor_income.sum("sector"),
            "input_use": b.intermediate,
            "final_use": b.final,
            "private": self.private,
            "government": self.government,
            "investment": self.investment,
            "margin_total": b.margin_supply.sum("region"),
            "rent_share": b.rent_share,
            **self.quotas(),
            "invests": self.invests,
            "emissions0": b.emissions,
            "household_emissions0": b.household_emissions,
        }

    def quotas(self) -> Arrays:
        """Every rent of the benchmark is that of a hard quota on its flow, or on a part of it, which binds."""
        rho = _ratio(self.b.rent, self.b.trade + self.b.export_tax)
        limited = self.b.limited.where(self.b.limited < 1.0 - 1e-6, 1.0)  # what few digits leave of one is one
        cells = np.argwhere(rho.values > 0.0)
        member = np.zeros((len(cells), *rho.shape))
        for k, cell in enumerate(cells):
            member[(k, *cell)] = 1.0
        flows = [tuple(str(rho[axis].values[n]) for axis, n in zip(rho.dims, cell, strict=True)) for cell in cells]
        at = tuple(cells.T)
        names = {"quota": np.array([flow_name(flow) for flow in flows], dtype=str)}
        treasury = self.b.owner == "treasury"
        owners = self.b.rent_share.values[(slice(None), *at)].T
        return {
            "member": xr.DataArray(member, dims=("quota", *rho.dims), coords=names),
            "quota_weight": xr.DataArray(member, dims=("quota", *rho.dims), coords=names),
            "premium0": xr.DataArray((rho / limited).values[at], dims="quota", coords=names),
            "limited": limited,
            "divided": ((limited < 1.0) & (self.b.trade > 0.0)).astype(float),
            "binds0": xr.DataArray(np.ones(len(cells)), dims="quota", coords=names),
            "licence0": xr.DataArray(owners, dims=("quota", "owner"), coords=names),
            "rent0": rho * self.b.rent_share,
            "is_treasury": treasury.astype(float),
            "every_owner": xr.ones_like(treasury, dtype=float),
        }

    def rates(self) -> Arrays:
        """Benchmark rates, and money as shares of regional income."""
        b = self.b
        money = {name: value / self.income for name, value in self.money.items()}
        return money | {
            "tm0": self.rate,
            "te0": _ratio(b.export_tax, b.trade),
            "rho0": _ratio(b.rent, b.trade + b.export_tax),
            "to0": _ratio(b.output_tax, self.output),
            "tf0": _ratio(b.factor_tax, b.factor_income),
            "ti0": _ratio(b.intermediate_tax, b.intermediate),
            "tc0": _ratio(b.final_tax, b.final),
            "td0": _ratio(b.direct_tax, self.money["factor_earnings0"]),
            "direct_taxes0": b.direct_tax / self.income,
            "sg0": b.government_saving / self.income,
            "sf0": self.foreign_saving / self.income,
            "transfers0": b.net_transfers / self.income,
            "saving0": self.saving / self.income,
        }

    def nests(self) -> Arrays:
        """Value shares in the nests of technology and demand."""
        b = self.b
        supply = b.margin_supply
        selling = xr.DataArray(
            (b.sector.values[:, None] == b.margin.values[None, :]).astype(float), dims=("sector", "margin")
        )
        return {
            "share_factor": _ratio(b.factor_income + b.factor_tax, self.factor_cost),
            "share_input": _ratio(b.intermediate + b.intermediate_tax, self.input_cost),
            "share_va": _ratio(self.factor_cost, self.factor_cost + self.input_cost),
            "share_home": _ratio(b.domestic, self.absorption),
            "share_origin": _ratio(self.duty_paid, self.duty_paid.sum("exporter")),
            "share_fob": _ratio(self.fob, self.cif),
            "share_margin": _ratio(b.margin_use, self.cif),
            "share_margin_supply": _ratio(supply, supply.sum("region")) * selling,
            "share_final": _ratio(self.users, self.users.sum("sector")),
            "share_cpi": _ratio(self.private, self.private.sum("sector")),
            "share_world": b.factor_income.sum("sector") / b.factor_income.sum(),
        } | _partners(b.trade.sum("sector"))

    def markets(self) -> Arrays:
        """Shares of uses in the supply of each market."""
        b = self.b
        selling = xr.DataArray(
            (b.sector.values[:, None] == b.margin.values[None, :]).astype(float), dims=("sector", "margin")
        )
        exports = self.exports.rename(region="exporter")
        return {
            "sales_home": _ratio(b.domestic, self.output),
            "sales_flow": _ratio(b.trade, exports),
            "sales_margin": _ratio(b.margin_supply * selling, self.exports),
            "use_input": _ratio(b.intermediate, self.absorption.rename(sector="input")),
            "use_final": _ratio(b.final, self.absorption),
            "use_margin": _ratio(b.margin_use, b.margin_use.sum(["exporter", "importer", "sector"])),
            "employment": _ratio(b.factor_income, b.factor_income.sum("sector")),
        }


def _household(p: Mapping[Any, xr.DataArray], elasticities: xr.Dataset) -> Arrays:
    """Linear expenditure system: marginal shares from income elasticities, subsistence from the Frisch parameter."""
    shares = p["share_cpi"]
    mean = (elasticities.income_elasticity * shares).sum("sector")
    if stuck := [str(region) for region in mean["region"].values[(mean <= 0.0).values]]:
        told = "households spend more of their income on nothing; give one of the goods that they buy more than 0"
        raise DataError([f"income_elasticity of {r}: zero for all that is bought, so {told}" for r in stuck])
    engel = elasticities.income_elasticity / mean
    subsistence = 1.0 - engel / -elasticities.frisch
    cost = subsistence * p["private"] / p["income0"]
    private_income = p["factor_earnings0"] - p["direct_taxes0"] + p["rent_abroad0"] + p["rent_home0"] + p["transfers0"]
    # where nothing is invested, the household spends what comes from abroad and what the government saves
    private_income = private_income + (1.0 - p["invests"]) * (p["sf0"] + p["sg0"])
    household_saving = p["saving0"] - p["invests"] * p["sg0"]
    return {
        "subsistence": subsistence,
        "subsistence_cost": cost,
        "super_regional": 1.0 - cost.sum("sector"),
        "super_private": private_income - cost.sum("sector"),
        "household_saving0": household_saving,
    }


def _elasticities(e: xr.Dataset) -> Arrays:
    finite = np.isfinite(e.cet)
    mobile = np.isinf(e.eta_factor)
    return {
        "sigma_top": e.esubt,
        "sigma_va": e.esubva,
        "sigma_n": e.esubn,
        "sigma_d": e.esubd,
        "sigma_m": e.esubm,
        "sigma_g": e.esubg,
        "sigma_i": e.esubi,
        "omega": e.cet.where(finite, 0.0),
        "transforms": finite.astype(float),
        "one_good": (~finite).astype(float),
        "eta": e.eta_factor.where(~mobile, 0.0),
        "mobile": mobile.astype(float),
        "sluggish": (~mobile).astype(float),
    }


def _roles(data: xr.Dataset) -> Arrays:
    """Which factors are labour, and which capital, as the benchmark's contents say."""
    known = contents_of(data).factors
    names = [str(name) for name in data["factor"].values]
    roles = [known[name].role if name in known else None for name in names]
    return {
        f"is_{role}": xr.DataArray([float(own == role) for own in roles], dims="factor", coords={"factor": names})
        for role in ("labour", "capital")
    }


def _capital(table: _Table, capital: Capital) -> Arrays:
    income = table.b.factor_income.sum("sector")
    owned = income * _roles(table.b)["is_capital"]
    owned = owned.where(owned.sum("factor") > 0.0, income)  # all of it, where nothing is known to be capital
    earned = owned.sum("factor")
    weight = _ratio(owned, earned)
    known = table.b.capital_stock > 0.0
    stock = xr.where(known, table.b.capital_stock, earned / capital.rental)
    return {
        "share_capital": weight,
        "rental": xr.where(known, _ratio(earned, stock), capital.rental),
        "depreciation": xr.where(known, table.b.depreciation, capital.depreciation),
        "investment_rate": _ratio(table.investment, stock),
        "flexibility": xr.full_like(table.income, capital.flexibility),
    }


def _partners(trade: xr.DataArray) -> Arrays:
    """Partners in a region's trade with others, both ways [exporter: the partner, importer: the region]."""
    back = trade.rename(exporter="importer", importer="exporter")
    both = (trade + back).where(trade["exporter"] != trade["importer"], 0.0).transpose("exporter", "importer")
    whole = both.sum("exporter")
    return {"partner": _ratio(both, whole), "trades_abroad": (whole > 0.0).astype(float).rename(importer="region")}


def _ratio(part: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    """Part over whole; zero where there is nothing."""
    return xr.where(whole == 0.0, 0.0, part / xr.where(whole == 0.0, 1.0, whole))


def _as_region(array: xr.DataArray, axis: str) -> xr.DataArray:
    return array.rename({axis: "region"})
