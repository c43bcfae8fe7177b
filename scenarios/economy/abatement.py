"""Curves of abatement: what prices of CO2 cut, leak and cost, region by region and for several supplies of fuels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

import pandas as pd
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.calibration.excise import with_excise
from cge.closure import Closure
from cge.equations.structures.energy import FUEL_SUPPLY
from cge.errors import RequestError, nearest
from cge.progress import Progress
from cge.scenarios.blocks.carbon import DEAREST, CarbonPrice, no_fuels
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.files.settings import read_setting
from cge.scenarios.names.vocabulary import Selector
from cge.scenarios.results.figures import abatement_curves
from cge.scenarios.results.folder import check_writable, keep_unless, whole
from cge.scenarios.results.registry import made
from cge.scenarios.results.table import Solved

from .economy import More, economy
from .run import Runner
from .setting import DEFAULT_BENCHMARK, benchmark_of

PRICES = (10.0, 25.0, 50.0, 100.0, 200.0)
"""Prices of a tonne of CO2, USD."""

TABLES = ("welfare", "leakage", "emissions")


@dataclass(frozen=True, eq=False)
class Abatement:
    """Curves of abatement.

    Attributes:
        table: one row a region (or several that act together), supply of fuels and price: `region`, `supply` (a set, or
            a number), `fuel_supply` (its elasticity), `price_usd`, `cut_pct` (of the CO2 of those who act),
            `abated_mt`, `leakage_pct`, `world_cut_mt`, `ev_musd`, `ev_pct` (of those who act), `average_cost_usd`
            (welfare forgone for a tonne abated at home; negative where terms of trade gain more).
    """

    table: pd.DataFrame


def abatement(
    regions: str | Iterable[str],
    prices: Iterable[float] = PRICES,
    supply: str | Iterable[str | float] = "default",
    benchmark: str | Path | Benchmark | None = None,
    closure: str | Closure | None = None,
    elasticities: str | Path | xr.Dataset | None = None,
    out: str | Path | None = None,
    *,
    households: bool = True,
    excise: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
    **more: Unpack[More],
) -> Abatement:
    """What prices of CO2 cut, leak and cost.

    Args:
        regions: who acts, one curve each; `EU27+KOR` act together. Groups and country codes too.
        prices: USD a tonne of CO2, on fuels and processes.
        supply: of coal, oil and gas: low, default, high (`cge.equations.structures.energy.FUEL_SUPPLY`), or
            elasticities.
        benchmark, closure, elasticities, more: what `economy` takes.
        out: folder for abatement.csv and abatement.png; nothing is written if None.
        households: they pay the price too.
        excise: taxes on products fall on refined fuels as an estimate of excise says (`cge.calibration.excise`).
        overwrite: replace what the folder holds.
        progress: called on the way.

    Raises:
        RequestError: unknown regions or supplies, prices that are none, a benchmark that knows no fuels.
        SolveError: a price has no certified solution.
    """
    if excise:
        file = more.get("setting")
        said = read_setting(file) if file else {}
        benchmark = with_excise(benchmark_of(benchmark or said.get("benchmark") or DEFAULT_BENCHMARK))
    runner = economy(benchmark, closure, elasticities, progress=progress, **more).runner.watched(progress)
    wanted, sets = _prices(prices), _supplies([supply] if isinstance(supply, str | float) else supply)
    if lacking := no_fuels(runner.parameters.given):
        raise RequestError([lacking])
    if out is not None:
        keep_unless(Path(out), overwrite=overwrite)
        check_writable(Path(out))
    names = [regions] if isinstance(regions, str) else list(regions)
    rows = []
    for word, eta in sets.items():
        own = _with_supply(runner, eta)
        for name in names:
            for price in wanted:
                found = _at(own, name, price, households=households)
                rows.append({"region": name, "supply": word, "fuel_supply": eta, "price_usd": price} | found)
    result = Abatement(pd.DataFrame(rows))
    if out is not None:
        with whole(Path(out), overwrite=overwrite) as fresh:
            result.table.to_csv(fresh / "abatement.csv", index=False)
            abatement_curves(result.table, fresh / "abatement.png")
    return result


def _prices(prices: Iterable[float]) -> list[float]:
    wanted = [float(price) for price in prices]
    odd = [
        f"{price:g} is no price of CO2; give 0 to {DEAREST:g} USD a tonne"
        for price in wanted
        if not 0 < price <= DEAREST
    ]
    if odd or not wanted:
        raise RequestError(odd or ["give at least one price of CO2"])
    return wanted


def _supplies(supply: Iterable[str | float]) -> Mapping[str, float]:
    found, faults = {}, []
    for word in supply:
        if word in FUEL_SUPPLY:
            found[str(word)] = FUEL_SUPPLY[str(word)]
            continue
        try:
            found[f"{float(word):g}"] = float(word)
        except ValueError:
            hint = nearest(str(word), FUEL_SUPPLY)
            faults.append(f"unknown supply of fuels {word!r}{hint}; use {', '.join(FUEL_SUPPLY)}, or an elasticity")
    if faults:
        raise RequestError(faults)
    return found


def _with_supply(runner: Runner, eta: float) -> Runner:
    """A runner whose fuels are supplied with an elasticity."""
    where = runner.setting
    values = where.elasticities.assign(fuel_supply=xr.DataArray(eta))
    return Runner(replace(where, elasticities=values), runner.progress("abatement"), runner.method)


def _at(runner: Runner, name: str, price: float, *, households: bool) -> dict[str, float]:
    """What a price does."""
    acting = Selector(include=tuple(part.strip() for part in name.split("+")))
    scenario = Scenario(
        name="abatement",
        title=f"{price:g} USD a tonne in {name}",
        question="What does a price of CO2 cut?",
        sources=("own",),
        shocks=(CarbonPrice(carbon_price=price, regions=acting, households=households),),
    )
    policy = runner.bind(scenario)
    solved = runner.problem(policy, scenario.name).solve(policy.instruments, policy.quotas, policy.swaps)
    tables = made(Solved(solved, (), runner.setting.benchmark.contents), TABLES)
    rows = tables["emissions"].groupby("region")[["base_kt", "new_kt"]].sum()
    acts = policy.instruments["co2"].to_series() > 0.0
    home = rows[acts.reindex(rows.index, fill_value=False)].sum()
    abated = (home["base_kt"] - home["new_kt"]) / 1e3
    world = (rows["base_kt"].sum() - rows["new_kt"].sum()) / 1e3
    ev = tables["welfare"].loc[acts[acts].index, "ev_musd"].sum()
    income = float(policy.parameters.data["income0"].sel(region=list(acts[acts].index)).sum())
    return {
        "cut_pct": 100.0 * 1e3 * abated / home["base_kt"],
        "abated_mt": abated,
        "leakage_pct": 100.0 * (1.0 - world / abated) if abated else 0.0,
        "world_cut_mt": world,
        "ev_musd": ev,
        "ev_pct": 100.0 * ev / income,
        "average_cost_usd": -ev / abated if abated else 0.0,
    }
