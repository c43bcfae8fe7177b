r"""CO2 by the fuel that is burnt: its price as a charge on fuels by content, and trade in permits.

    emissions of an industry = sum over fuels of content x volume bought, and process emissions with output
    emissions of households = sum over fuels of content x volume bought

A price of CO2 adds content x price / price of the fuel to the tax rate on it, so that revenue, accounts, decomposition
and updated benchmarks follow. Allowances that an industry gets for its output are a subsidy on output at that price.
Regions that trade permits pay one price; who emits less than its allowances sells the rest abroad, less a share of
proceeds that a fund pays out. It works with or without the nest of energy (`energy`), which makes fuels replaceable.

Source: Burniaux and Truong (2002), GTAP Technical Paper 16 (carbon charges, emissions trading); McDougall and Golub
(2007), GTAP Research Memorandum 15 (blocs of traders, quotas of emissions).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from cge.block import Array, Block, Charge, Given, Outcome, Part, Table
from cge.equation import equation, quantity
from cge.equations.demand import HOUSEHOLD
from cge.notation import Measure, symbols
from cge.symbols import CARBON, FLAG, PART, RGS, RS, RSA, SHARE, WORLD, R

from .energy import ROLES
from .fuel_contents import burnt, burnt_at_home, ratio, world_level

Arrays = dict[str, xr.DataArray]

PRICE = Measure("USD a tonne of CO2, in units of the world price")
TIMES = Measure("times the region's price of CO2")
RATIO = Measure("ratio", low=0.0)
ALLOTTED = Measure("share; the regions' sum is one")
TIMES_BENCHMARK = Measure("times benchmark CO2 over benchmark output")
KEPT = Measure("share", low=0.0, high=0.99)
PER_USD = Measure("rate for one USD a tonne of CO2", low=0.0)

POOL, FUND, PERMITS = symbols(
    "variable",
    ("permit_pool", (), WORLD, "E^{ZW}", "what those who trade permits pay for their CO2", 0.0),
    ("permit_fund", (), WORLD, "E^{ZF}", "shares of proceeds of those who sell permits", 0.0),
    ("permits", R, SHARE, "E^Z_r", "permits sold abroad less those bought", 0.0, "co2_total0"),
).values()
INSTRUMENTS = symbols(
    "instrument",
    ("co2", R, PRICE, r"\varpi_r", "price of CO2", 0.0, "co2_total0"),
    ("covered", RS, TIMES, r"\chi_{rs}", "price of CO2 to an industry over the region's", 1.0, "emissions0"),
    (
        "covered_home",
        R,
        TIMES,
        r"\chi^H_r",
        "price to households over the region's",
        1.0,
        "household_emissions0",
    ),
    ("allotted", R, ALLOTTED, r"\alpha^Z_r", "part of the allowances of those who trade", "share_world_co2"),
    (
        "by_output",
        RS,
        TIMES_BENCHMARK,
        r"\beta^Z_{rs}",
        "allowances that an industry gets for its output",
        0.0,
        "emissions0",
    ),
    ("proceeds", R, KEPT, r"\phi_r", "share of proceeds of the permits that a region sells", 0.0, "co2_total0"),
    ("funded", R, ALLOTTED, r"\psi_r", "part that a region gets of the shares of proceeds", 0.0),
    ("trades", R, FLAG, r"\mathbb{1}^Z_r", "the region trades permits with others", 0.0, "co2_total0"),
)
PARAMETERS = symbols(
    "parameter",
    ("co2_total0", R, CARBON, r"\bar Z^T_r", "CO2 of industries and households"),
    ("share_burnt", RGS, PART, r"\zeta^N_{rgs}", "burning an input in the CO2 of an industry"),
    ("share_process", RS, PART, r"\zeta^Y_{rs}", "processes in the CO2 of an industry"),
    ("share_burnt_home", RS, PART, r"\zeta^C_{rs}", "burning a good in the CO2 of households"),
    ("share_emitter", RS, PART, r"\zeta_{rs}", "industry in the CO2 of a region"),
    ("share_home_emitter", R, PART, r"\zeta^H_r", "households in the CO2 of a region"),
    ("carbon_input", RGS, PER_USD, r"k^N_{rgs}", "CO2 content of an input"),
    ("carbon_output", RS, PER_USD, r"k^Y_{rs}", "CO2 of processes by output"),
    ("carbon_intensity", RS, PER_USD, r"k_{rs}", "all CO2 by output"),
    ("carbon_final", RSA, PER_USD, r"k^C_{rsa}", "CO2 content of final demand"),
    ("share_world_co2", R, PART, r"\zeta^W_r", "region in the CO2 of the world"),
    ("every_region", R, FLAG, r"\mathbb{1}^{ALL}_r", "one"),
    ("pool_value", R, WORLD, r"\bar E^{ZW}_r", "CO2 of the benchmark at one USD a tonne"),
    ("world_income_ratio", R, RATIO, r"\bar E^W_r", "income of the world over that of the region"),
)

GIVENS = {name: ROLES[name] for name in ("primary_fuel", "refined_fuel", "electricity")} | {
    "process_emissions": Given(
        ("region", "sector"),
        0.0,
        0.0,
        1.0,
        "part of an industry's CO2 that no fuel carries (as in cement and metals)",
    ),
}


@quantity(("region", "sector"), r"z_{rs}", replaces=True)
def industry_emissions(m: Any, r: Any, s: Any) -> Any:
    """CO2 of an industry over its benchmark value: fuels that it burns, and its processes."""
    burnt = m.total(("input",), lambda g: m.share_burnt[r, g, s], lambda g: m.input_volume[r, g, s])
    return burnt + m.share_process[r, s] * m.y[r, s]


@quantity(("region",), r"z^H_r", replaces=True)
def household_emissions(m: Any, r: Any) -> Any:
    """CO2 of households over its benchmark value: fuels that they burn."""
    return m.total(("sector",), lambda s: m.share_burnt_home[r, s], lambda s: m.c[r, s])


@quantity(("region",), r"z^T_r")
def regional_emissions(m: Any, r: Any) -> Any:
    """CO2 of a region over its benchmark value."""
    industries = m.total(("sector",), lambda s: m.share_emitter[r, s], lambda s: m.industry_emissions[r, s])
    return industries + m.share_home_emitter[r] * m.household_emissions[r]


@quantity(("region",), r"z^C_r")
def priced_emissions(m: Any, r: Any) -> Any:
    """CO2 of those in a region that pay its price, over the benchmark's CO2 of all."""
    industries = m.total(
        ("sector",), lambda s: m.share_emitter[r, s], lambda s: m.covered[r, s] * m.industry_emissions[r, s]
    )
    return industries + m.share_home_emitter[r] * m.covered_home[r] * m.household_emissions[r]


@quantity(("region",), r"e^Z_r")
def value_of_emissions(m: Any, r: Any) -> Any:
    """What the CO2 of those who pay would cost at the price of the market, over benchmark CO2 at one USD a tonne.

    A region that keeps a share of proceeds from its sellers pays them the price of the market less that share.
    """
    return m.trades[r] * m.co2[r] / (1.0 - m.proceeds[r]) * m.priced_emissions[r]


@quantity(("region",), r"s^Z_r")
def permit_sales(m: Any, r: Any) -> Any:
    """Allowances of a region less its own emissions, at the price of the market (share of world income)."""
    own = m.pworld[()] * m.pool_value[r] * m.value_of_emissions[r]
    return m.allotted[r] * m.permit_pool[()] - own


@equation(POOL, defines=True)
def permit_pool(m: Any) -> tuple[Any, Any]:
    """What those who trade permits pay for their CO2 (share of world income): the value of all their allowances.

    Source: McDougall and Golub (2007), GTAP Research Memorandum 15.
    """
    return m.permit_pool[()], m.pworld[()] * m.total(
        ("region",), lambda r: m.pool_value[r], lambda r: m.value_of_emissions[r]
    )


@equation(FUND, defines=True)
def permit_fund(m: Any) -> tuple[Any, Any]:
    """What the fund keeps of permits sold (share of world income).

    Source: decision 3/CMA.3, "Rules, modalities and procedures for the mechanism established by Article 6, paragraph 4,
    of the Paris Agreement" (2021), annex, section VII.
    """
    return m.permit_fund[()], m.total(
        ("region",), lambda r: m.every_region[r], lambda r: m.proceeds[r] * m.permit_sales[r]
    )


@equation(PERMITS, defines=True)
def permit_trade(m: Any, r: Any) -> tuple[Any, Any]:
    """What a region gets for its allowances less its own emissions, and of the fund (share of benchmark income).

    Source: McDougall and Golub (2007), GTAP Research Memorandum 15.
    """
    received = (1.0 - m.proceeds[r]) * m.permit_sales[r] + m.funded[r] * m.permit_fund[()]
    return m.permits[r], m.world_income_ratio[r] * received


@equation("income", replaces="regional_income")
def income_with_permits(m: Any, r: Any) -> tuple[Any, Any]:
    """Regional income: factors, taxes, rents, and permits sold abroad (share of benchmark income).

    Source: Hertel (1997), "Global Trade Analysis", ch. 2; McDougall and Golub (2007).
    """
    taxes = (
        m.tariffs[r] + m.export_taxes[r] + m.output_taxes[r] + m.factor_taxes[r] + m.input_taxes[r] + m.final_taxes[r]
    )
    rents = m.rent_abroad[r] + m.rent_home[r] + m.rent_treasury[r]
    received = m.transfers0[r] * m.pworld[()] + m.permits[r]
    return m.income[r], m.factor_earnings[r] + taxes + rents + received + m.transfer_from_abroad[r]


def _on_input(m: Any, r: Any, g: Any, s: Any) -> Any:
    return m.co2[r] * m.covered[r, s] * m.carbon_input[r, g, s] * m.pworld[()] / m.input_basic_price[r, g, s]


def _on_output(m: Any, r: Any, s: Any) -> Any:
    return m.co2[r] * m.covered[r, s] * m.carbon_output[r, s] * m.pworld[()] / m.py[r, s]


def _by_output(m: Any, r: Any, s: Any) -> Any:
    price = m.co2[r] * m.covered[r, s] * m.pworld[()] / m.py[r, s]
    return -m.by_output[r, s] * m.carbon_intensity[r, s] * price


def _on_final(m: Any, r: Any, s: Any, a: Any) -> Any:
    return m.co2[r] * m.covered_home[r] * m.carbon_final[r, s, a] * m.pworld[()] / m.final_basic_price[r, s, a]


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> Arrays:
    emitted, at_home = p["emissions0"].drop_attrs(), p["household_emissions0"].drop_attrs()
    total, income = emitted.sum("sector") + at_home, p["income0"].drop_attrs()
    bought = p["input_use"].drop_attrs()
    of_fuels = emitted * (1.0 - given["process_emissions"])
    private = p["final_use"].drop_attrs().isel(agent=HOUSEHOLD, drop=True)
    level = world_level(bought, private, float(of_fuels.sum() + at_home.sum()), given)
    by_fuel = burnt(bought.clip(min=0.0), of_fuels, given, level)
    process = (emitted - by_fuel.sum("input")).clip(min=0.0)
    home = burnt_at_home(private.clip(min=0.0), at_home, given, level)
    is_home = xr.DataArray([1.0 if k == HOUSEHOLD else 0.0 for k in range(p["final_use"].sizes["agent"])], dims="agent")
    return {
        "co2_total0": total,
        "share_burnt": ratio(by_fuel, emitted),
        "share_process": ratio(process, emitted),
        "share_burnt_home": ratio(home, at_home),
        "share_emitter": ratio(emitted, total),
        "share_home_emitter": ratio(at_home, total),
        "carbon_input": 1e-3 * ratio(by_fuel, bought),
        "carbon_output": 1e-3 * ratio(process, p["output"].drop_attrs()),
        "carbon_intensity": 1e-3 * ratio(emitted, p["output"].drop_attrs()),
        "carbon_final": 1e-3 * ratio(home, private) * is_home,
        "share_world_co2": ratio(total, total.sum()),
        "every_region": xr.ones_like(total),
        "pool_value": 1e-3 * total / income.sum(),
        "world_income_ratio": income.sum() / income,
    }


def _coordinates(p: Table, x: Table) -> dict[str, Array]:
    return {"permits": p["income0"] * x["permits"]}


def _weights(p: Table, x: Table) -> dict[str, Array]:
    return {"permits": 1.0 + 0.0 * x["permits"]}


def _accounts(p: Table, x: Table) -> dict[str, Array]:
    """Permits come from abroad and go to the treasury: the accounts pass them on as transfer and direct tax."""
    sold = p["income0"] * x["permits"]
    earned = (p["factor_use"] * x["qf"] * x["pf"]).sum(["factor", "sector"])
    lump_sum = x["lumpsum"] * x["cpi"] * p["income0"]
    claims = x["claims"] if "claims" in x.structure.variables else 0.0  # type: ignore[attr-defined]
    return {
        "net_transfers": p["income0"] * (p["transfers0"] + claims) + sold,
        "direct_tax": x["td"] * earned + lump_sum + sold,
    }


CO2_BY_FUEL = Block(
    name="carbon",
    title="CO2 by the fuel that is burnt, its price by content, permits traded between regions",
    symbols=(POOL, FUND, PERMITS, *INSTRUMENTS.values(), *PARAMETERS.values()),
    equations=(permit_pool, permit_fund, permit_trade, income_with_permits),
    quantities=(
        industry_emissions,
        household_emissions,
        regional_emissions,
        priced_emissions,
        value_of_emissions,
        permit_sales,
    ),
    givens=GIVENS,
    calibrate=_calibrate,
    instruments=frozenset(INSTRUMENTS),
    movable=("co2",),
    moves=frozenset(INSTRUMENTS),
    outcomes={
        "co2": Outcome(
            ("region",),
            "co2_total0",
            lambda m, r: m.regional_emissions[r],
            "kt CO2",
            "CO2 of industries and households",
        ),
        "priced_co2": Outcome(
            ("region",), "co2_total0", lambda m, r: m.priced_emissions[r], "kt CO2", "CO2 of those who pay for it"
        ),
    },
    charges=(
        Charge("ti", "co2", _on_input, "carbon_input"),
        Charge("to", "co2", _on_output, "carbon_output"),
        Charge("to", "by_output", _by_output, "carbon_intensity"),
        Charge("tc", "co2", _on_final, "carbon_final"),
    ),
    parts={"permits": Part("transfers", "region", "permits sold abroad, at the price of CO2")},
    coordinates=_coordinates,
    weights=_weights,
    accounts=_accounts,
    money=("permits", "permit_pool", "permit_fund"),
    closures={"energy": {"blocks": ("energy", "carbon")}},
)
