r"""Owned capital: what works in one region and belongs to another, and earns for its owner.

A matrix of owners and hosts, by industry of the host, holds the capital that a policy moves, and a matrix of owners
and hosts what was owned abroad before. It is taxed where it works, and what the host's tax leaves flows to its owner:

    income from abroad = sum over hosts of capital x reward there x (1 - tax there), less the same of foreigners here

What moves is measured by what it earned at the benchmark: a unit that moves takes its reward with it, so that
differences of returns in the data are no reason to gain. The stock that works in an industry is an instrument of its
own (`capacity`), as is that of a region (`endow`): this block keeps the income.

Sources: Walmsley (1998), "Long-run simulations with GTAP: illustrative results from APEC trade liberalisation", GTAP
Technical Paper 9 (foreign income; without it real GDP is no guide to welfare); Ianchovichina and McDougall (2000),
"Theoretical structure of dynamic GTAP", GTAP Technical Paper 17 (owners and hosts, income net of the host's taxes).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from cge.block import Array, Block, Given, Part, Table
from cge.equation import equation, quantity
from cge.notation import Measure, symbols
from cge.symbols import FLAG, FLOW, PART, RFS, SHARE, R

OWNED = Measure("share of the owner's benchmark regional income, at benchmark rewards net of tax")
RATIO = Measure("ratio of benchmark regional incomes", low=0.0)
HOLDING = ("exporter", "importer")

CLAIMS = symbols(
    "variable", ("claims", R, SHARE, "Q^K_r", "income of capital abroad less that of foreigners' capital here", 0.0)
)["claims"]
ABROAD = symbols(
    "instrument", ("abroad", FLOW, OWNED, r"K^A_{irs}", "capital of a region in an industry of another", 0.0, "may_own")
)["abroad"]
MAY_OWN, HELD_ABROAD, RATIO_OF_INCOMES, CAPITAL_PART, REWARD_PART = symbols(
    "parameter",
    ("may_own", FLOW, FLAG, r"\mathbb{1}^O_{irs}", "the first has capital, and so has the industry of the other"),
    ("held_abroad", HOLDING, OWNED, r"\bar K^A_{ir}", "capital of a region in another at the benchmark"),
    ("income_ratio", HOLDING, RATIO, r"\bar E_{ir}", "income of the first over that of the other"),
    ("capital_part", RFS, PART, r"\theta^K_{rfs}", "factor in the capital of an industry"),
    ("reward_part", RFS, PART, r"\omega^{KS}_{rfs}", "factor and industry in the reward of a region's capital"),
).values()

GIVENS = {
    "owned_abroad": Given(
        ("region", "importer"), 0.0, 0.0, np.inf,
        "income of a region's capital in a host (axis importer), net of the host's tax, million USD a year",
    )
}  # fmt: skip


@quantity(("region",), r"\tau^K_r")
def left_by_tax(m: Any, r: Any) -> Any:
    """What direct tax leaves of a reward, index."""
    return (1.0 - m.td[r]) / (1.0 - m.td0[r])


@quantity(("region", "sector"), r"p^K_{rs}")
def capital_reward(m: Any, r: Any, s: Any) -> Any:
    """Reward of an industry's capital net of direct tax, index."""
    return m.left_by_tax[r] * m.total(("factor",), lambda f: m.capital_part[r, f, s], lambda f: m.pf[r, f, s])


@quantity(("region",), r"\tilde p^K_r")
def average_capital_reward(m: Any, r: Any) -> Any:
    """Average reward of a region's capital net of direct tax, index."""
    return m.left_by_tax[r] * m.total(
        ("factor", "sector"), lambda f, s: m.reward_part[r, f, s], lambda f, s: m.pf[r, f, s]
    )


@quantity(("region",), r"Q^{A}_r")
def earned_abroad(m: Any, r: Any) -> Any:
    """Income of a region's capital in others beyond the benchmark's, net of their taxes, share of benchmark income."""
    moved = m.total(
        ("importer", "sector"),
        lambda h, s: m.may_own[r, h, s],
        lambda h, s: m.abroad[r, h, s] * m.capital_reward[h, s],
    )
    before = m.total(("importer",), lambda h: m.held_abroad[r, h], lambda h: m.average_capital_reward[h] - m.pworld[()])
    return moved + before


@quantity(("region",), r"Q^{F}_r")
def earned_here(m: Any, r: Any) -> Any:
    """The same of foreigners' capital here, share of the host's benchmark income."""
    moved = m.total(
        ("exporter", "sector"),
        lambda o, s: m.may_own[o, r, s] * m.income_ratio[o, r],
        lambda o, s: m.abroad[o, r, s] * m.capital_reward[r, s],
    )
    before = m.total(
        ("exporter",),
        lambda o: m.held_abroad[o, r] * m.income_ratio[o, r],
        lambda o: m.average_capital_reward[r] - m.pworld[()],
    )
    return moved + before


@equation(CLAIMS, defines=True)
def claims_on_capital(m: Any, r: Any) -> tuple[Any, Any]:
    """Income of a region's capital abroad less that of foreigners' here, beyond the benchmark's (share of income).

    Source: Walmsley (1998), GTAP Technical Paper 9; Ianchovichina and McDougall (2000), GTAP Technical Paper 17.
    """
    return m.claims[r], m.earned_abroad[r] - m.earned_here[r]


@quantity(("region",), r"E^B_r", replaces=True)
def transfer_from_abroad(m: Any, r: Any) -> Any:
    """Income of capital abroad, and foreign saving of a region that does not invest, share of benchmark income."""
    return (1.0 - m.invests[r]) * (m.sf[r] * m.pworld[()] + m.walras[()]) + m.claims[r]


def _part(value: xr.DataArray, axes: tuple[str, ...]) -> xr.DataArray:
    whole = value.sum(axes)
    return (value / whole.where(whole > 0.0, 1.0)).where(whole > 0.0, 0.0)


def _calibrate(p: Mapping[str, xr.DataArray], given: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    capital = (p["factor_use"] * p["is_capital"]).drop_attrs().transpose(*RFS)
    income = p["income0"].drop_attrs()
    owner, host = income.rename(region="exporter"), income.rename(region="importer")
    there = (capital.sum("factor") > 0.0).rename(region="importer")
    has = (capital.sum(["factor", "sector"]) > 0.0).rename(region="exporter")
    other = owner["exporter"] != host["importer"]
    return {
        "may_own": (has & there & other).astype(float).transpose(*FLOW),
        "held_abroad": (given["owned_abroad"].rename(region="exporter") / owner).where(other, 0.0).transpose(*HOLDING),
        "income_ratio": (owner / host).transpose(*HOLDING),
        "capital_part": _part(capital, ("factor",)).transpose(*RFS),
        "reward_part": _part(capital, ("factor", "sector")).transpose(*RFS),
    }


def _coordinates(p: Table, x: Table) -> dict[str, Array]:
    return {"claims": p["income0"] * x["claims"]}


def _weights(p: Table, x: Table) -> dict[str, Array]:
    return {"claims": 1.0 + 0.0 * x["claims"]}


def _accounts(p: Table, x: Table) -> dict[str, Array]:
    permits = x["permits"] if "permits" in x.structure.variables else 0.0  # type: ignore[attr-defined]
    return {"net_transfers": p["income0"] * (p["transfers0"] + x["claims"] + permits)}


OWNERSHIP = Block(
    name="ownership",
    title="capital has owners: what it earns abroad, net of the host's tax, is their income",
    symbols=(CLAIMS, ABROAD, MAY_OWN, HELD_ABROAD, RATIO_OF_INCOMES, CAPITAL_PART, REWARD_PART),
    equations=(claims_on_capital,),
    quantities=(
        left_by_tax, capital_reward, average_capital_reward, earned_abroad, earned_here, transfer_from_abroad,
    ),
    givens=GIVENS,
    calibrate=_calibrate,
    instruments=frozenset({"abroad"}),
    moves=frozenset({"td"}),
    parts={"claims": Part("ownership", "region", "income of capital abroad less that of foreigners' capital here")},
    coordinates=_coordinates,
    weights=_weights,
    accounts=_accounts,
    money=("claims",),
)  # fmt: skip
