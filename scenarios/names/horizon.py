"""Horizons and financing: what an answer hangs on beside the policy, as named pairs of closure and elasticities.

A horizon says how long the world has had to adjust: what is held (`cge.closure`), and which elasticities differ from
those asked for. docs/horizons.md says what each is for and where its numbers are from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from cge.closure import Closure
from cge.errors import RequestError, nearest
from cge.scenarios.names.vocabulary import Selector

if TYPE_CHECKING:
    from cge.calibration.benchmark import Benchmark

SPECIFIC = 0.0
DUST = 1e-9
SLUGGISH = 0.5
"""Transformation of labour among industries in the sluggish variant. Source: Hertel (1997), ch. 2, where sluggish
factors have values from 0 to 1; the middle."""

LOW = (2.0, 1.0)
"""Mean elasticities among origins, and of home goods and imports, at which fixed foreign saving makes no sense."""


@dataclass(frozen=True)
class Horizon:
    """How long the world has had to adjust.

    Attributes:
        title: in one line.
        closure: options that it fixes.
        mobility: elasticity of transformation of a factor among industries, by role.
        trade: esubm and esubd of every sector; none for those asked for.
    """

    title: str
    closure: Mapping[str, str]
    mobility: Mapping[str, float] = field(default_factory=dict)
    trade: tuple[float, float] | None = None


_SHORT = MappingProxyType({"labour": "supply", "saving": "real-exchange-rates", "capital": "fixed"})
_KEPT = MappingProxyType({"labour": "supply", "saving": "fixed", "capital": "fixed"})

HORIZONS: Mapping[str, Horizon] = MappingProxyType(
    {
        "short": Horizon(
            "capital specific to its industry; wage curve; real exchange rates fixed; esubm 2, esubd 1",
            _SHORT, {"capital": SPECIFIC}, (2.0, 1.0),
        ),
        "medium": Horizon(
            "capital and labour move among industries; stocks and foreign saving fixed",
            MappingProxyType({"saving": "fixed", "capital": "fixed"}),
        ),
        "long": Horizon(
            "each region's capital adjusts until its return is the benchmark's", MappingProxyType(
                {"saving": "fixed", "capital": "long"}
            ),
        ),
        "short-fixed-saving": Horizon(
            "as short, with foreign saving fixed and the trade elasticities asked for", _KEPT, {"capital": SPECIFIC}
        ),
        "short-sluggish-labour": Horizon(
            "as short-fixed-saving, and labour moves among industries at 0.5",
            _KEPT, {"capital": SPECIFIC, "labour": SLUGGISH},
        ),
        "short-blp": Horizon(
            "as short, with esubm and esubd 0.76, the response within a year of Boehm, Levchenko and Pandalai-Nayar"
            " (2023)",
            _SHORT, {"capital": SPECIFIC}, (0.76, 0.76),
        ),
    }
)  # fmt: skip
"""Horizons by name: the three, and variants of the short one."""

THREE = ("short", "medium", "long")
"""What `all` runs, side by side."""

BY = MappingProxyType(
    {
        "lump-sum": "lump-sum",
        "direct-tax": "direct-tax",
        "consumption-tax": "consumption-tax",
        "spending": "deficit",
    }
)
"""Ways to balance the government's budget, and the closure's `government` that each is."""


@dataclass(frozen=True)
class Financing:
    """Who pays for what a policy does to the budget, or gets it.

    Attributes:
        by: a key of `BY`.
        regions: where; a lump-sum tax balances the other regions' budgets.

    Raises:
        RequestError: it is no financing.
    """

    by: str
    regions: Selector = field(default_factory=Selector)

    def __post_init__(self) -> None:
        if self.by not in BY:
            raise RequestError([f"unknown financing {self.by!r}{nearest(self.by, BY)}; use one of {', '.join(BY)}"])

    @classmethod
    def read(cls, given: Any) -> Financing:
        """From `direct-tax`, `direct-tax:KOR,USA`, or a mapping with `by` and `regions`.

        Raises:
            RequestError: it is none of them.
        """
        if isinstance(given, Financing):
            return given
        if isinstance(given, str):
            by, _, regions = given.partition(":")
            return cls(by, Selector.model_validate(regions.split(",") if regions else "all"))
        if isinstance(given, Mapping) and "by" in given and set(given) <= {"by", "regions"}:
            return cls(str(given["by"]), Selector.model_validate(given.get("regions", "all")))
        raise RequestError([f"financing is {', '.join(BY)}, or a mapping with by and regions, not {given!r}"])

    @property
    def name(self) -> str:
        """In one word, for results."""
        return self.by if str(self.regions) == "all" else f"{self.by} ({self.regions})"


def horizon_named(name: str) -> Horizon:
    """A horizon.

    Raises:
        RequestError: there is none of that name.
    """
    if name not in HORIZONS:
        raise RequestError([f"unknown horizon {name!r}{nearest(name, HORIZONS)}; use one of {', '.join(HORIZONS)}"])
    return HORIZONS[name]


def closure_at(closure: Closure, name: str) -> Closure:
    """A closure at a horizon.

    Raises:
        RequestError: the closure says otherwise.
    """
    wanted, usual = horizon_named(name).closure, Closure()
    against = [
        f"horizon {name} has {option} {choice!r}, and the closure {getattr(closure, option)!r}; give one of them"
        for option, choice in wanted.items()
        if getattr(closure, option) not in (getattr(usual, option), choice)
    ]
    if against:
        raise RequestError(against)
    return replace(closure, **wanted)  # type: ignore[arg-type]


def closure_financed(closure: Closure, financing: Financing, benchmark: Benchmark) -> Closure:
    """A closure whose budgets are balanced as asked.

    Raises:
        RequestError: the closure says otherwise, or a region is not known.
    """
    government = BY[financing.by]
    if closure.household == "separate" and closure.government != government:
        raise RequestError(
            [f"financing by {financing.by}, and the closure has government {closure.government!r}; give one of them"]
        )
    from cge.scenarios.names.resolve import Findings, World

    found = Findings()
    weight = World.of(benchmark).weights(financing.regions, "region", "financing", found)
    if found.faults:
        raise RequestError(found.faults)
    chosen = tuple(r for r, w in zip(benchmark.regions, weight.values, strict=True) if w > 0.0)
    everywhere = len(chosen) == len(benchmark.regions)
    if not everywhere and financing.by == "spending":
        raise RequestError(["financing by spending is for all regions; give a tax, or regions: all"])
    own = () if everywhere or financing.by == "lump-sum" else chosen
    return replace(closure, household="separate", government=government, financed=own)


def elasticities_at(values: xr.Dataset, name: str, benchmark: Benchmark, chosen: str) -> xr.Dataset:
    """Elasticities at a horizon.

    Args:
        values: those asked for.
        name: of the horizon.
        benchmark: whose factors have roles.
        chosen: what they were asked for as; a set of trade elasticities contradicts a horizon with its own.

    Raises:
        RequestError: a contradiction, or a horizon that needs a role that no factor has.
    """
    wanted = horizon_named(name)
    eta = values["eta_factor"].copy()
    for role, mobility in wanted.mobility.items():
        factors = list(benchmark.contents.with_role(role))  # type: ignore[arg-type]
        if not factors:
            raise RequestError(
                [f"horizon {name} holds {role} in its industry, and no factor has that role (docs/contents.md)"]
            )
        eta.loc[{"factor": factors}] = mobility
    values = values.assign(eta_factor=eta)
    if wanted.trade is None:
        return values
    if chosen not in ("default", "own") and not chosen.partition(":")[0].endswith(".csv"):
        raise RequestError(
            [f"horizon {name} has trade elasticities of its own, and the set {chosen} others; give one of them, or the "
             "horizon short-fixed-saving"]
        )  # fmt: skip
    esubm, esubd = wanted.trade
    return values.assign(esubm=xr.full_like(values["esubm"], esubm), esubd=xr.full_like(values["esubd"], esubd))


def with_wage_curve(values: xr.Dataset, benchmark: Benchmark) -> xr.Dataset:
    """Elasticities with the unemployment of the benchmark's regions, unless they say how labour is supplied."""
    if {"unemployment", "labour_supply"} & set(values):
        return values
    from cge.calibration.unemployment import unemployment

    rates = unemployment(benchmark)
    return values.assign(unemployment=rates) if bool(np.isfinite(rates).all()) else values


def told_low(values: xr.Dataset, closure: Closure, benchmark: Benchmark) -> str:
    """What is wrong with low trade elasticities together with fixed foreign saving; empty if they are not.

    All of it converges, and nothing makes sense: a tariff of 10 % then gains the United States 3 % of income, and costs
    Viet Nam's partners what it gains, 31 %. Means are weighted with trade; both are at most `LOW`.
    """
    if closure.saving == "real-exchange-rates":
        return ""
    trade = benchmark.data["trade"]
    weight = trade.where(trade["exporter"] != trade["importer"], 0.0).sum(["exporter", "importer"])
    fitting = all("sector" in values[name].dims for name in ("esubm", "esubd"))
    if not fitting or set(map(str, values["sector"].values)) != set(benchmark.sectors):
        return ""  # labels that are not the benchmark's are refused where parameters are made
    means = [values[name].mean([axis for axis in values[name].dims if axis != "sector"]) for name in ("esubm", "esubd")]
    both = [float((mean * weight).sum() / weight.sum()) for mean in means]
    if both[0] > LOW[0] + DUST or both[1] > LOW[1] + DUST:
        return ""
    return (
        f"trade elasticities of {both[0]:.2f} among origins and {both[1]:.2f} between home and imports, with "
        "foreign saving that does not adjust, converge to results that make no sense: a country gains by any "
        "tariff; hold real exchange rates (horizon short, or a closure with saving 'real-exchange-rates')"
    )
