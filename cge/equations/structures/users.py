r"""Users' own sourcing: each industry and final user has its own mix of home goods and imports, taxed apart.

A user's price is a CES of the home price and of the price of imports, each with its own tax; demands for the two follow
by Shephard's lemma. Origins of imports are common to all users. Rates are the sum of two: the tax on both sources
(`ti`, `tc`) and what home goods, or imports, bear beside it (`ti_home`, `ti_import`, `tc_home`, `tc_import`), so that
all that moves the first goes on. The aggregates stay: `qd` and `qm` are sums over users, `pa` is the price at the
average mix.

Source: Hertel (1997), "Global Trade Analysis", ch. 2; Corong, Hertel, McDougall, Tsigas and van der Mensbrugghe (2017),
"The standard GTAP model, version 7", Journal of Global Economic Analysis 2(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from cge.block import Array, Block, Given, Part, Table
from cge.equation import equation, quantity
from cge.equations.demand import GOVERNMENT, HOUSEHOLD, INVESTMENT
from cge.errors import ModelError
from cge.forms import power, unit_cost_of_two
from cge.notation import Measure, symbols
from cge.symbols import FLOWS, PART, RGS, RSA, SIGNED

BESIDE = Measure("ad valorem rate, beside that on both sources", "signed")

INSTRUMENTS = symbols(
    "instrument",
    ("ti_home", RGS, BESIDE, "t^{ND}_{rgs}", "tax on a home intermediate, beside ti", "ti_home0", "input_use"),
    ("ti_import", RGS, BESIDE, "t^{NM}_{rgs}", "tax on an imported intermediate, beside ti", "ti_import0", "input_use"),
    ("tc_home", RSA, BESIDE, "t^{CD}_{rsa}", "tax on final demand for a home good, beside tc", "tc_home0", "final_use"),
    ("tc_import", RSA, BESIDE, "t^{CM}_{rsa}", "tax on final demand for imports, beside tc", "tc_import0", "final_use"),
)
PARAMETERS = symbols(
    "parameter",
    ("input_home", RGS, FLOWS, r"\bar N^D_{rgs}", "home intermediates at basic prices"),
    ("input_import", RGS, FLOWS, r"\bar N^M_{rgs}", "imported intermediates at basic prices"),
    ("final_home", RSA, FLOWS, r"\bar C^D_{rsa}", "final demand for home goods at basic prices"),
    ("final_import", RSA, FLOWS, r"\bar C^M_{rsa}", "final demand for imports at basic prices"),
    ("mix_input", RGS, SIGNED, r"\mu^N_{rgs}", "home good in an industry's use, at basic prices"),
    ("mix_final", RSA, SIGNED, r"\mu^C_{rsa}", "home good in an agent's use, at basic prices"),
    ("share_home_input", RGS, PART, r"\theta^{ND}_{rgs}", "home good in an industry's use, at users' prices"),
    ("share_home_final", RSA, PART, r"\theta^{CD}_{rsa}", "home good in an agent's use, at users' prices"),
    ("use_home_input", RGS, SIGNED, r"\phi^{ND}_{rgs}", "industry in the sales of a home good"),
    ("use_import_input", RGS, SIGNED, r"\phi^{NM}_{rgs}", "industry in the sales of imports"),
    ("use_home_final", RSA, SIGNED, r"\phi^{CD}_{rsa}", "agent in the sales of a home good"),
    ("use_import_final", RSA, SIGNED, r"\phi^{CM}_{rsa}", "agent in the sales of imports"),
    ("ti_home0", RGS, BESIDE, r"\bar t^{ND}_{rgs}", "benchmark tax on home intermediates, beside ti"),
    ("ti_import0", RGS, BESIDE, r"\bar t^{NM}_{rgs}", "benchmark tax on imported intermediates, beside ti"),
    ("tc_home0", RSA, BESIDE, r"\bar t^{CD}_{rsa}", "benchmark tax on final demand for home goods, beside tc"),
    ("tc_import0", RSA, BESIDE, r"\bar t^{CM}_{rsa}", "benchmark tax on final demand for imports, beside tc"),
)

_MONEY = "million USD; without it every user has the average mix and rate"
GIVENS = {
    "input_home": Given(RGS, np.nan, -1e12, 1e12, f"home goods that an industry buys, at basic prices, {_MONEY}"),
    "input_home_tax": Given(RGS, np.nan, -1e12, 1e12, f"tax that it pays on them, {_MONEY}"),
    "final_home": Given(RSA, np.nan, -1e12, 1e12, f"home goods that a final user buys, at basic prices, {_MONEY}"),
    "final_home_tax": Given(RSA, np.nan, -1e12, 1e12, f"tax that it pays on them, {_MONEY}"),
}
"""What is imported, and the tax on it, is the rest of the benchmark's use of the good and of the tax on it."""

ROUNDING = 1e-5
"""Largest gap between home goods of all users and home sales that is closed, as a share of these."""


@quantity(RGS, "p^{ND}_{rgs}")
def home_input_price(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Price of a home good to an industry with its taxes, index."""
    return m.pd[r, g] * (1.0 + m.ti[r, g, s] + m.ti_home[r, g, s]) / (1.0 + m.ti0[r, g, s] + m.ti_home0[r, g, s])


@quantity(RGS, "p^{NM}_{rgs}")
def import_input_price(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Price of imports to an industry with its taxes, index."""
    return m.pm[r, g] * (1.0 + m.ti[r, g, s] + m.ti_import[r, g, s]) / (1.0 + m.ti0[r, g, s] + m.ti_import0[r, g, s])


@quantity(RGS, r"p^{NU}_{rgs}", replaces=True)
def input_price(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Price of a good to an industry at its own mix of sources, index."""
    home, abroad = m.home_input_price[r, g, s], m.import_input_price[r, g, s]
    return unit_cost_of_two(m.share_home_input[r, g, s], home, abroad, m.sigma_d[r, g])


@quantity(RGS, "n^D_{rgs}")
def home_input(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Home good in a unit that an industry uses, by Shephard's lemma, index."""
    return power(m.input_price[r, g, s] / m.home_input_price[r, g, s], m.sigma_d[r, g])


@quantity(RGS, "n^M_{rgs}")
def import_input(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Imports in a unit that an industry uses, by Shephard's lemma, index."""
    return power(m.input_price[r, g, s] / m.import_input_price[r, g, s], m.sigma_d[r, g])


@quantity(RGS, r"p^{NB}_{rgs}", replaces=True)
def input_basic_price(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Basic value of a unit that an industry uses, at its own mix of sources, index."""
    mix = m.mix_input[r, g, s]
    return mix * m.pd[r, g] * m.home_input[r, g, s] + (1.0 - mix) * m.pm[r, g] * m.import_input[r, g, s]


@quantity(RSA, "p^{CD}_{rsa}")
def home_final_price(m: Any, r: Any, s: Any, a: Any) -> Any:
    """Price of a home good to a final user with its taxes, index."""
    return m.pd[r, s] * (1.0 + m.tc[r, s, a] + m.tc_home[r, s, a]) / (1.0 + m.tc0[r, s, a] + m.tc_home0[r, s, a])


@quantity(RSA, "p^{CM}_{rsa}")
def import_final_price(m: Any, r: Any, s: Any, a: Any) -> Any:
    """Price of imports to a final user with its taxes, index."""
    return m.pm[r, s] * (1.0 + m.tc[r, s, a] + m.tc_import[r, s, a]) / (1.0 + m.tc0[r, s, a] + m.tc_import0[r, s, a])


@quantity(RSA, r"p^C_{rsa}", replaces=True)
def final_price(m: Any, r: Any, s: Any, a: Any) -> Any:
    """Price of a good to a final user at its own mix of sources, index."""
    home, abroad = m.home_final_price[r, s, a], m.import_final_price[r, s, a]
    return unit_cost_of_two(m.share_home_final[r, s, a], home, abroad, m.sigma_d[r, s])


@quantity(RSA, r"p^{CU}_{rsa}", replaces=True)
def final_paid_price(m: Any, r: Any, s: Any, a: Any) -> Any:
    """What an agent pays for what costs one before tax at the benchmark."""
    return m.final_price[r, s, a] * (1.0 + m.tc0[r, s, a])


@quantity(RSA, "n^{CD}_{rsa}")
def home_final(m: Any, r: Any, s: Any, a: Any) -> Any:
    """Home good in a unit that a final user buys, by Shephard's lemma, index."""
    return power(m.final_price[r, s, a] / m.home_final_price[r, s, a], m.sigma_d[r, s])


@quantity(RSA, "n^{CM}_{rsa}")
def import_final(m: Any, r: Any, s: Any, a: Any) -> Any:
    """Imports in a unit that a final user buys, by Shephard's lemma, index."""
    return power(m.final_price[r, s, a] / m.import_final_price[r, s, a], m.sigma_d[r, s])


@quantity(RSA, r"p^{CB}_{rsa}", replaces=True)
def final_basic_price(m: Any, r: Any, s: Any, a: Any) -> Any:
    """Basic value of a unit that a final user buys, at its own mix of sources, index."""
    mix = m.mix_final[r, s, a]
    return mix * m.pd[r, s] * m.home_final[r, s, a] + (1.0 - mix) * m.pm[r, s] * m.import_final[r, s, a]


def _bought(m: Any, r: Any, s: Any, agent: int) -> Any:
    """Volume of a good that a final user buys, index."""
    return {HOUSEHOLD: m.c, GOVERNMENT: m.government_volume, INVESTMENT: m.investment_volume}[agent][r, s]


def _over_users(m: Any, r: Any, g: Any, inputs: tuple[Any, Any], finals: tuple[Any, Any]) -> Any:
    """Volume of one source that all users buy: industries and final users, each pair a share and a volume per unit."""
    share, part = inputs
    volume = m.total(("sector",), lambda s: share[r, g, s], lambda s: m.input_volume[r, g, s] * part[r, g, s])
    share_final, part_final = finals
    for a in (HOUSEHOLD, GOVERNMENT, INVESTMENT):
        volume = volume + m.total(
            (), lambda a=a: share_final[r, g, a], lambda a=a: _bought(m, r, g, a) * part_final[r, g, a]
        )
    return volume


@equation("qd", defines=True, replaces="home_demand")
def home_demand_of_users(m: Any, r: Any, g: Any) -> tuple[Any, Any]:
    r"""Demand of all users for the home good (index).

    Source: Corong et al. (2017), section 2 (market clearing of domestic commodities).
    """
    inputs, finals = (m.use_home_input, m.home_input), (m.use_home_final, m.home_final)
    return m.qd[r, g], _over_users(m, r, g, inputs, finals)


@equation("qm", defines=True, replaces="import_demand")
def import_demand_of_users(m: Any, r: Any, g: Any) -> tuple[Any, Any]:
    r"""Demand of all users for the import composite (index).

    Source: Corong et al. (2017), section 2 (market clearing of imported commodities).
    """
    inputs, finals = (m.use_import_input, m.import_input), (m.use_import_final, m.import_final)
    return m.qm[r, g], _over_users(m, r, g, inputs, finals)


@equation("qa", defines=True, replaces="composite_market")
def composite_of_users(m: Any, r: Any, g: Any) -> tuple[Any, Any]:
    r"""Value of home goods and imports over the price of their average mix (index).

    Source: Armington (1969), "A theory of demand for products distinguished by place of production".
    """
    share = m.share_home[r, g]
    return m.qa[r, g], (share * m.pd[r, g] * m.qd[r, g] + (1.0 - share) * m.pm[r, g] * m.qm[r, g]) / m.pa[r, g]


@quantity(RGS, "B^{ND}_{rgs}")
def home_input_base(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Basic value of home goods that an industry buys, over its benchmark value."""
    return m.pd[r, g] * m.input_volume[r, g, s] * m.home_input[r, g, s]


@quantity(RGS, "B^{NM}_{rgs}")
def import_input_base(m: Any, r: Any, g: Any, s: Any) -> Any:
    """Basic value of imports that an industry buys, over its benchmark value."""
    return m.pm[r, g] * m.input_volume[r, g, s] * m.import_input[r, g, s]


@equation("input_taxes", defines=True, replaces="input_tax_revenue")
def input_tax_revenue_by_source(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Revenue of taxes on home and imported intermediates (share of benchmark income).

    Source: Corong et al. (2017), section 2 (taxes on firms' domestic and imported inputs).
    """
    over = ("input", "sector")
    both = m.total(
        over,
        lambda g, s: m.has_ti[r, g, s] * m.input_use[r, g, s] / m.income0[r],
        lambda g, s: m.ti[r, g, s] * m.input_tax_base[r, g, s],
    )
    home = m.total(
        over,
        lambda g, s: m.has_ti_home[r, g, s] * m.input_home[r, g, s] / m.income0[r],
        lambda g, s: m.ti_home[r, g, s] * m.home_input_base[r, g, s],
    )
    abroad = m.total(
        over,
        lambda g, s: m.has_ti_import[r, g, s] * m.input_import[r, g, s] / m.income0[r],
        lambda g, s: m.ti_import[r, g, s] * m.import_input_base[r, g, s],
    )
    return m.input_taxes[r], both + home + abroad


@equation("final_taxes", defines=True, replaces="final_tax_revenue")
def final_tax_revenue_by_source(m: Any, r: Any) -> tuple[Any, Any]:
    r"""Revenue of taxes on final demand for home goods and imports (share of benchmark income).

    Source: Corong et al. (2017), section 2 (taxes on domestic and imported final demand).
    """
    revenue: Any = 0.0
    for a in (HOUSEHOLD, GOVERNMENT, INVESTMENT):
        revenue = revenue + m.total(
            ("sector",),
            lambda s, a=a: m.has_tc[r, s, a] * m.final_use[r, s, a] / m.income0[r],
            lambda s, a=a: m.tc[r, s, a] * m.final_basic_price[r, s, a] * _bought(m, r, s, a),
        )
        revenue = revenue + m.total(
            ("sector",),
            lambda s, a=a: m.has_tc_home[r, s, a] * m.final_home[r, s, a] / m.income0[r],
            lambda s, a=a: m.tc_home[r, s, a] * m.pd[r, s] * _bought(m, r, s, a) * m.home_final[r, s, a],
        )
        revenue = revenue + m.total(
            ("sector",),
            lambda s, a=a: m.has_tc_import[r, s, a] * m.final_import[r, s, a] / m.income0[r],
            lambda s, a=a: m.tc_import[r, s, a] * m.pm[r, s] * _bought(m, r, s, a) * m.import_final[r, s, a],
        )
    return m.final_taxes[r], revenue


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    share = p["share_home"]
    of_input = share.rename(sector="input")
    home_n = given["input_home"].where(np.isfinite(given["input_home"]), of_input * p["input_use"])
    home_c = given["final_home"].where(np.isfinite(given["final_home"]), share * p["final_use"])
    home_n, home_c = _closed(p, home_n.transpose(*RGS), home_c.transpose(*RSA))
    abroad_n, abroad_c = p["input_use"] - home_n, p["final_use"] - home_c
    tax_n = given["input_home_tax"].where(np.isfinite(given["input_home_tax"]), p["ti0"] * home_n)
    tax_c = given["final_home_tax"].where(np.isfinite(given["final_home_tax"]), p["tc0"] * home_c)
    rest_n, rest_c = p["ti0"] * p["input_use"] - tax_n, p["tc0"] * p["final_use"] - tax_c
    sold = p["domestic"]
    return {
        "input_home": home_n,
        "input_import": abroad_n,
        "final_home": home_c,
        "final_import": abroad_c,
        "mix_input": _ratio(home_n, p["input_use"], of_input),
        "mix_final": _ratio(home_c, p["final_use"], share),
        "share_home_input": _ratio(home_n + tax_n, p["input_use"] * (1.0 + p["ti0"]), of_input),
        "share_home_final": _ratio(home_c + tax_c, p["final_use"] * (1.0 + p["tc0"]), share),
        "use_home_input": _ratio(home_n, sold.rename(sector="input")),
        "use_import_input": _ratio(abroad_n, p["imports"].rename(sector="input")),
        "use_home_final": _ratio(home_c, sold),
        "use_import_final": _ratio(abroad_c, p["imports"]),
        "ti_home0": _beside(tax_n, home_n, p["ti0"]),
        "ti_import0": _beside(rest_n, abroad_n, p["ti0"]),
        "tc_home0": _beside(tax_c, home_c, p["tc0"]),
        "tc_import0": _beside(rest_c, abroad_c, p["tc0"]),
    }


def _closed(
    p: Mapping[str, xr.DataArray], inputs: xr.DataArray, final: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """Home goods of all users sum to home sales: what rounding leaves goes to the users that buy from both sources.

    Raises:
        ModelError: a gap that is no rounding.
    """
    sold = p["domestic"]
    gap = sold - inputs.sum("sector").rename(input="sector") - final.sum("agent")
    worst = abs(gap) > ROUNDING * abs(sold) + 1e-9
    faults = [
        f"{sold['region'].values[r]} {sold['sector'].values[s]}: users buy {float((sold - gap)[r, s]):,.6g} million "
        f"USD of home goods, and home sales are {float(sold[r, s]):,.6g}; correct input_home or final_home"
        for r, s in np.argwhere(worst.transpose("region", "sector").values)
    ]
    if faults:
        raise ModelError(faults, "block users")
    room_n = _ratio(inputs * (p["input_use"] - inputs), p["input_use"])
    room_c = _ratio(final * (p["final_use"] - final), p["final_use"])
    part = _ratio(gap, room_n.sum("sector").rename(input="sector") + room_c.sum("agent"))
    return inputs + room_n * part.rename(sector="input"), final + room_c * part


def _ratio(part: xr.DataArray, whole: xr.DataArray, otherwise: xr.DataArray | float = 0.0) -> xr.DataArray:
    return (part / whole.where(whole != 0.0)).where(whole != 0.0, otherwise)


def _beside(tax: xr.DataArray, base: xr.DataArray, both: xr.DataArray) -> xr.DataArray:
    """Rate of a tax beside that on both sources; zero where they are the same but for rounding."""
    rate = _ratio(tax, base, both) - both
    return rate.where(abs(rate) > 1e-12, 0.0)


def _coordinates(p: Table, x: Table) -> dict[str, Array]:
    inputs, final = x["input_volume"], _final(x)
    return {
        "input_tax": p["input_home"] * inputs * x["home_input"],
        "input_tax_import": p["input_import"] * inputs * x["import_input"],
        "final_tax": p["final_home"] * final * x["home_final"],
        "final_tax_import": p["final_import"] * final * x["import_final"],
    }


def _weights(p: Table, x: Table) -> dict[str, Array]:
    home, abroad = x["pd"], x["pm"]
    return {
        "input_tax": (x["ti"] + x["ti_home"]) * home.rename(sector="input"),
        "input_tax_import": (x["ti"] + x["ti_import"]) * abroad.rename(sector="input"),
        "final_tax": (x["tc"] + x["tc_home"]) * home,
        "final_tax_import": (x["tc"] + x["tc_import"]) * abroad,
    }


def _final(x: Table) -> Array:
    """What final users buy, index [region, sector, agent]."""
    household, government, investment = (xr.Variable("agent", unit) for unit in np.eye(3))
    return x["c"] * household + x["government_volume"] * government + x["investment_volume"] * investment


def _accounts(p: Table, x: Table) -> dict[str, Array]:
    final = _final(x)
    home_c = p["final_home"] * x["home_final"] * final * x["pd"]
    abroad_c = p["final_import"] * x["import_final"] * final * x["pm"]
    home_n, abroad_n = p["input_home"] * x["home_input_base"], p["input_import"] * x["import_input_base"]
    return {
        "intermediate_tax": (x["ti"] + x["ti_home"]) * home_n + (x["ti"] + x["ti_import"]) * abroad_n,
        "final_tax": (x["tc"] + x["tc_home"]) * home_c + (x["tc"] + x["tc_import"]) * abroad_c,
    }


USERS = Block(
    name="users",
    title="each industry and final user has its own mix of home goods and imports, taxed apart",
    symbols=(*INSTRUMENTS.values(), *PARAMETERS.values()),
    equations=(
        home_demand_of_users,
        import_demand_of_users,
        composite_of_users,
        input_tax_revenue_by_source,
        final_tax_revenue_by_source,
    ),
    quantities=(
        home_input_price, import_input_price, input_price, home_input, import_input, input_basic_price,
        home_final_price, import_final_price, final_price, final_paid_price, home_final, import_final,
        final_basic_price, home_input_base, import_input_base,
    ),
    givens=GIVENS,
    calibrate=_calibrate,
    parts={
        "input_tax_import": Part("allocative_efficiency", "region", "tax on imported intermediates x their use"),
        "final_tax_import": Part("allocative_efficiency", "region", "tax on imports of final users x their demand"),
    },
    coordinates=_coordinates,
    weights=_weights,
    accounts=_accounts,
)  # fmt: skip
