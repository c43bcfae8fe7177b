r"""Energy beside capital: capital with energy, electricity with fuels, fuels with each other.

    value added = CES(labour, land, resources, capital and energy)
    capital and energy = CES(capital, CES(electricity, fuels)),   fuels = CES(primary fuel, refined fuel)

Fuels that are feedstock stay among the intermediates: all energy bought by industries that make fuels, and electricity
bought by those that make it. Of industries that extract fuels, substitution among factors is set so that the supply
elasticity is the one given. A benchmark without such sectors, as its contents say, keeps its own structure.

Source: Burniaux and Truong (2002), "GTAP-E: an energy-environmental version of the GTAP model", GTAP Technical Paper
16; McDougall and Golub (2007), "GTAP-E: a revised energy-environmental version of the GTAP model", GTAP Research
Memorandum 15.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from cge.block import Block, Given
from cge.equation import equation, quantity
from cge.forms import power, unit_cost, unit_cost_of_two
from cge.notation import symbols
from cge.symbols import ELASTICITY, FLAG, INDEX, MONEY, PART, RFS, RGS, RS

Arrays = dict[str, xr.DataArray]

VARIABLES = symbols(
    "variable",
    ("pke", RS, INDEX, "p^{KE}_{rs}", "price of capital with energy", 1.0, "capital_energy_cost"),
    ("pen", RS, INDEX, "p^{EN}_{rs}", "price of energy", 1.0, "energy_cost"),
    ("pel", RS, INDEX, "p^{EL}_{rs}", "price of electricity to an industry", 1.0, "power_cost"),
    ("pfu", RS, INDEX, "p^{NF}_{rs}", "price of fuels to an industry", 1.0, "fuel_cost"),
)
PARAMETERS = symbols(
    "parameter",
    ("capital_energy_cost", RS, MONEY, r"\bar C^{KE}_{rs}", "capital and energy at users' prices"),
    ("energy_cost", RS, MONEY, r"\bar C^{EN}_{rs}", "energy in the nest at users' prices"),
    ("power_cost", RS, MONEY, r"\bar C^{EL}_{rs}", "electricity in the nest at users' prices"),
    ("fuel_cost", RS, MONEY, r"\bar C^{FU}_{rs}", "fuels in the nest at users' prices"),
    ("power_input", RGS, FLAG, r"\mathbb{1}^{EL}_{rgs}", "the input is electricity in the nest of energy"),
    ("fuel_input", RGS, FLAG, r"\mathbb{1}^{FU}_{rgs}", "the input is a fuel in the nest of energy"),
    ("other_input", RGS, FLAG, r"\mathbb{1}^{N}_{rgs}", "the input is in the bundle of intermediates"),
    ("with_energy", RFS, FLAG, r"\mathbb{1}^{KE}_{rfs}", "the factor is capital with energy"),
    ("without_energy", RFS, FLAG, r"\mathbb{1}^{VA}_{rfs}", "the factor stands alone in value added"),
    ("share_primary", RFS, PART, r"\theta^{V}_{rfs}", "factor, capital with its energy, in value added with energy"),
    ("share_bundle", RGS, PART, r"\theta^{B}_{rgs}", "input in the intermediate bundle without energy"),
    ("share_top", RS, PART, r"\theta^{VE}_{rs}", "value added with energy in unit cost"),
    ("share_stock", RFS, PART, r"\theta^{K}_{rfs}", "factor in capital"),
    ("share_capital_ke", RS, PART, r"\theta^{KE}_{rs}", "capital in capital with energy"),
    ("share_power_en", RS, PART, r"\theta^{EL}_{rs}", "electricity in energy"),
    ("share_power", RGS, PART, r"\theta^{EP}_{rgs}", "input in electricity"),
    ("share_fuel", RGS, PART, r"\theta^{FU}_{rgs}", "input in fuels"),
    ("sigma_ke", RS, ELASTICITY, r"\sigma^{KE}_{rs}", "capital against energy"),
    ("sigma_en", RS, ELASTICITY, r"\sigma^{EN}_{rs}", "electricity against fuels"),
    ("sigma_fu", RS, ELASTICITY, r"\sigma^{FU}_{rs}", "among fuels"),
    ("sigma_primary", RS, ELASTICITY, r"\sigma^{V}_{rs}", "among factors, with the given supply of fuels"),
)

ROLES = {
    "primary_fuel": Given(("region", "sector"), 0.0, 0.0, 1.0, "the sector makes coal, crude oil or gas, and no more"),
    "refined_fuel": Given(("region", "sector"), 0.0, 0.0, 1.0, "the sector makes refined petroleum and coke, no more"),
    "electricity": Given(("region", "sector"), 0.0, 0.0, 1.0, "the sector sells electricity, gas and water, no more"),
    "fuel_resource": Given(("region", "factor"), 0.0, 0.0, 1.0, "the factor is a natural resource"),
}
"""What sectors and factors are; calibration reads it in the contents of the benchmark."""

FUEL_SUPPLY: Mapping[str, float] = {"low": 0.5, "default": 2.0, "high": 4.0}
"""Elasticities of the supply of fuels by set. Estimates are below one (Winchester and Rausch 2013, "Unintended
consequences", American Economic Review 103(3)); models of leakage have about one for oil and gas and four or more for
coal, which decides (Burniaux and Oliveira Martins 2012, "Carbon leakages: a general equilibrium view", Economic Theory
49(2)). Here the three are one good: the default is their mean by CO2, of which coal has two fifths to a half; the high
set takes all for coal."""

GIVENS = ROLES | {
    "esubke": Given(
        ("region", "sector"), 0.5, 0.0, 10.0, "capital against energy (Burniaux and Truong 2002: 0.5)"
    ),
    "esuben": Given(
        ("region", "sector"), 1.0, 0.0, 10.0, "electricity against fuels (Burniaux and Truong 2002: 1)"
    ),
    "esubfu": Given(
        ("region", "sector"), 1.0, 0.0, 10.0, "among fuels (Burniaux and Truong 2002: 1 among oil, gas and products)"
    ),
    "fuel_supply": Given(
        ("region", "sector"), FUEL_SUPPLY["default"], 0.05, 50.0,
        "elasticity of supply of coal, oil and gas (Winchester and Rausch 2013; Burniaux and Oliveira Martins 2012)",
    ),
}  # fmt: skip


@quantity(("region", "factor", "sector"), r"p^{V}_{rfs}")
def primary_price(m: Any, r: Any, f: Any, s: Any) -> Any:
    """Price of a factor in value added: that of capital with its energy where it has some, index."""
    alone = m.total((), lambda: m.without_energy[r, f, s], lambda: m.factor_price[r, f, s])
    return alone + m.total((), lambda: m.with_energy[r, f, s], lambda: m.pke[r, s])


@quantity(("region", "sector"), r"e_{rs}")
def capital_and_energy(m: Any, r: Any, s: Any) -> Any:
    """Volume of capital with energy, index."""
    value_added = m.activity[r, s] * power(m.unit_revenue[r, s] / m.pva[r, s], m.sigma_top[r, s])
    return value_added * power(m.pva[r, s] / m.pke[r, s], m.sigma_primary[r, s])


@quantity(("region", "input", "sector"), r"N_{rgs}", replaces=True)
def input_volume(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Demand of an industry for an input, in the bundle of intermediates or in energy, by Shephard's lemma, index."""

    def other() -> Any:
        bundle = m.activity[r, s] * power(m.unit_revenue[r, s] / m.pn[r, s], m.sigma_top[r, s])
        return bundle * power(m.pn[r, s] / m.input_price[r, g, s], m.sigma_n[r, s])

    def energy() -> Any:
        return m.capital_and_energy[r, s] * power(m.pke[r, s] / m.pen[r, s], m.sigma_ke[r, s])

    def electricity() -> Any:
        nest = energy() * power(m.pen[r, s] / m.pel[r, s], m.sigma_en[r, s])
        return nest * power(m.pel[r, s] / m.input_price[r, g, s], m.sigma_en[r, s])

    def fuel() -> Any:
        nest = energy() * power(m.pen[r, s] / m.pfu[r, s], m.sigma_en[r, s])
        return nest * power(m.pfu[r, s] / m.input_price[r, g, s], m.sigma_fu[r, s])

    return (
        m.total((), lambda: m.other_input[r, g, s], other)
        + m.total((), lambda: m.power_input[r, g, s], electricity)
        + m.total((), lambda: m.fuel_input[r, g, s], fuel)
    )


@equation(VARIABLES["pfu"], defines=True)
def fuel_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    """Unit cost of an industry's fuels (index).

    Source: Burniaux and Truong (2002).
    """
    return m.pfu[r, s], unit_cost(
        m, ("input",), lambda g: m.share_fuel[r, g, s], lambda g: m.input_price[r, g, s], m.sigma_fu[r, s]
    )


@equation(VARIABLES["pel"], defines=True)
def electricity_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    """Unit cost of an industry's electricity (index).

    Source: Burniaux and Truong (2002).
    """
    return m.pel[r, s], unit_cost(
        m, ("input",), lambda g: m.share_power[r, g, s], lambda g: m.input_price[r, g, s], m.sigma_en[r, s]
    )


@equation(VARIABLES["pen"], defines=True)
def energy_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    """Unit cost of electricity with fuels (index).

    Source: Burniaux and Truong (2002).
    """
    return m.pen[r, s], unit_cost_of_two(m.share_power_en[r, s], m.pel[r, s], m.pfu[r, s], m.sigma_en[r, s])


@equation(VARIABLES["pke"], defines=True)
def capital_energy_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    """Unit cost of capital with energy (index).

    Source: Burniaux and Truong (2002); McDougall and Golub (2007).
    """
    capital = unit_cost(
        m, ("factor",), lambda f: m.share_stock[r, f, s], lambda f: m.factor_price[r, f, s], m.sigma_ke[r, s]
    )
    return m.pke[r, s], unit_cost_of_two(m.share_capital_ke[r, s], capital, m.pen[r, s], m.sigma_ke[r, s])


@equation("pva", defines=True, replaces="value_added_price")
def value_added_with_energy_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    """Unit cost of value added, in which capital comes with its energy (index).

    Source: Burniaux and Truong (2002).
    """
    return m.pva[r, s], unit_cost(
        m, ("factor",), lambda f: m.share_primary[r, f, s], lambda f: m.primary_price[r, f, s], m.sigma_primary[r, s]
    )


@equation("pn", defines=True, replaces="intermediate_price")
def bundle_price(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    """Unit cost of the intermediate bundle, without the energy that stands beside capital (index).

    Source: Burniaux and Truong (2002).
    """
    return m.pn[r, s], unit_cost(
        m, ("input",), lambda g: m.share_bundle[r, g, s], lambda g: m.input_price[r, g, s], m.sigma_n[r, s]
    )


@equation("y", replaces="zero_profit")
def zero_profit_with_energy(m: Any, r: Any, s: Any) -> tuple[Any, Any]:
    """The price net of the output tax covers unit cost (index).

    Source: Hertel (1997), "Global Trade Analysis", ch. 2.
    """
    return m.unit_revenue[r, s], unit_cost_of_two(m.share_top[r, s], m.pva[r, s], m.pn[r, s], m.sigma_top[r, s])


@equation("qf", defines=True, replaces="factor_demand")
def factor_demand_with_energy(m: Any, r: Any, f: Any, s: Any) -> tuple[Any, Any]:
    """Demand of an industry for a factor, by Shephard's lemma (index).

    Source: Burniaux and Truong (2002).
    """

    def alone() -> Any:
        value_added = m.activity[r, s] * power(m.unit_revenue[r, s] / m.pva[r, s], m.sigma_top[r, s])
        return value_added * power(m.pva[r, s] / m.factor_price[r, f, s], m.sigma_primary[r, s])

    def capital() -> Any:
        return m.capital_and_energy[r, s] * power(m.pke[r, s] / m.factor_price[r, f, s], m.sigma_ke[r, s])

    by_itself = m.total((), lambda: m.without_energy[r, f, s], alone)
    return m.qf[r, f, s], by_itself + m.total((), lambda: m.with_energy[r, f, s], capital)


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> Arrays:
    inputs = _value(p["input_use"] * (1.0 + p["ti0"]))
    factors = _value(p["factor_use"] * (1.0 + p["tf0"]))
    capital = factors * _value(p["is_capital"])
    made = _nest(p, given, inputs, capital)
    power_cost = (inputs * made["power_input"]).sum("input")
    fuel_cost = (inputs * made["fuel_input"]).sum("input")
    energy, stock = power_cost + fuel_cost, capital.sum("factor")
    has = (energy > 0.0).astype(float)
    ke = energy + stock * has
    bundle = inputs * made["other_input"]
    primary = factors + _ratio(capital, stock) * energy
    cost = primary.sum("factor") + bundle.sum("input")
    return made | {
        "capital_energy_cost": ke,
        "energy_cost": energy,
        "power_cost": power_cost,
        "fuel_cost": fuel_cost,
        "with_energy": has * (capital > 0.0),
        "without_energy": 1.0 - has * (capital > 0.0),
        "share_primary": _ratio(primary, primary.sum("factor")),
        "share_bundle": _ratio(bundle, bundle.sum("input")),
        "share_top": _ratio(primary.sum("factor"), cost),
        "share_stock": _ratio(capital, stock),
        "share_capital_ke": _ratio(stock * has, ke),
        "share_power_en": _ratio(power_cost, energy),
        "share_power": _ratio(inputs * made["power_input"], power_cost),
        "share_fuel": _ratio(inputs * made["fuel_input"], fuel_cost),
        "sigma_ke": given["esubke"],
        "sigma_en": given["esuben"],
        "sigma_fu": given["esubfu"],
        "sigma_primary": _primary(p, given, factors, inputs),
    }


def _nest(
    p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray], inputs: xr.DataArray, capital: xr.DataArray
) -> Arrays:
    """Which inputs stand beside capital: not feedstock of who makes fuels, nor electricity of who makes it.

    An industry without capital, or that buys nothing else, keeps its energy among the intermediates.
    """
    fuels = ((given["primary_fuel"] + given["refined_fuel"]) > 0.0).astype(float)
    electric = (given["electricity"] > 0.0).astype(float)
    there = (inputs > 0.0).astype(float)
    burns = there * _as_input(fuels) * (1.0 - fuels)
    plugs = there * _as_input(electric) * (1.0 - electric) * (1.0 - fuels)
    rest = (inputs * (1.0 - burns - plugs)).sum("input")
    nests = ((capital.sum("factor") > 0.0) & (rest > 0.0)).astype(float)
    burns, plugs = burns * nests, plugs * nests
    return {"fuel_input": burns, "power_input": plugs, "other_input": 1.0 - burns - plugs}


def _primary(
    p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray], factors: xr.DataArray, inputs: xr.DataArray
) -> xr.DataArray:
    r"""Substitution among factors; where fuels are extracted, that of the given supply elasticity.

    With a fixed resource at cost share t and value added at v, :math:`\eta = \sigma (1/t - 1/v) + \sigma_T (1/v - 1)`.
    """
    cost = factors.sum("factor") + inputs.sum("input")
    resource = _ratio((factors * given["fuel_resource"]).sum("factor"), cost)
    added = _ratio(factors.sum("factor"), cost)
    ours = (given["primary_fuel"] > 0.0) & (resource > 0.0) & (added > resource)
    slope = 1.0 / resource.where(ours, 1.0) - 1.0 / added.where(ours, 0.5)
    top = _value(p["sigma_top"]) * (1.0 / added.where(ours, 1.0) - 1.0)
    sigma = ((given["fuel_supply"] - top) / slope).clip(min=0.0)
    sigma = sigma.where(abs(sigma - 1.0) > 1e-6, 1.0)
    return sigma.where(ours, _value(p["sigma_va"]))


def _value(array: xr.DataArray) -> xr.DataArray:
    """Without the attributes of a symbol."""
    return array.drop_attrs()


def _as_input(array: xr.DataArray) -> xr.DataArray:
    return array.rename(sector="input")


def _ratio(part: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    return (part / whole.where(whole != 0.0, 1.0)).where(whole != 0.0, 0.0)


ENERGY = Block(
    name="energy",
    title="capital with energy, electricity with fuels, fuels with each other; the supply of fuels as given",
    symbols=(*VARIABLES.values(), *PARAMETERS.values()),
    equations=(
        fuel_price, electricity_price, energy_price, capital_energy_price, value_added_with_energy_price, bundle_price,
        zero_profit_with_energy, factor_demand_with_energy,
    ),
    quantities=(primary_price, capital_and_energy, input_volume),
    givens=GIVENS,
    calibrate=_calibrate,
    prices=("pke", "pen", "pel", "pfu"),
)  # fmt: skip
