"""Duties after substitution: what an importer collects at a solution over what it imports, and from whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.calibration.identities import duty_rate
from cge.scenarios.files import library

from .economy import economy

FROM = "us-duties-2025-01-01"


@dataclass(frozen=True)
class Effective:
    """Duties of an importer on goods at a solution, % of customs value.

    Attributes:
        statutory: at the flows before the change: what nobody's substitution has lowered.
        after: at the solution's flows.
        share: of one partner in the imports, % , at the solution.
        share_before: likewise before.
    """

    statutory: float
    after: float
    share: float
    share_before: float


def effective(benchmark: Benchmark, point: xr.Dataset, importer: str, partner: str) -> Effective:
    """Duties of an importer over the customs value of its imports of goods.

    Args:
        benchmark: that the solution is of.
        point: a solution.
        importer: whose duties.
        partner: whose share in the imports is told.

    Returns:
        The duties before and after substitution. Goods are the sectors that bear a duty before or after.
    """
    data = benchmark.data
    at = {"importer": importer}
    abroad = data["exporter"] != importer
    rate = point["tm"].sel(at)
    taxed = ((rate > 0.0) | (duty_rate(data).sel(at) > 0.0)).any("exporter")
    before = benchmark.cif.sel(at).where(abroad & taxed, 0.0)
    after = before * (point["pms"] * point["flow"] / (1.0 + point["tm"]) * (1.0 + duty_rate(data))).sel(at)
    base = data["valuation"].sel(at)

    def share(value: xr.DataArray) -> float:
        customs = value * base
        return 100.0 * float(customs.sel(exporter=partner).sum() / customs.sum())

    def duty(value: xr.DataArray) -> float:
        return 100.0 * float((value * rate).sum() / (value * base).sum())

    return Effective(duty(before), duty(after), share(after), share(before))


def by_date(
    dates: Sequence[str],
    benchmark: str | Path | Benchmark | None = None,
    elasticities: str = "default",
    partner: str = "CHN",
    horizon: str | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """US duties of several dates against the end of 2024.

    Args:
        dates: of the list, such as 2025-08-30.
        benchmark, elasticities: as `cge.economy` takes them.
        partner: whose share in US imports is told.
        horizon: short, medium or long, whose closure and elasticities hold; the standard closure if not given.

    Returns:
        Columns statutory, after, share, share_before by date; and EV in % of income [region, date].
    """
    runner = economy(benchmark, elasticities=elasticities, baseline=FROM, horizon=horizon).runner
    scenarios = [library.load(f"us-duties-{date}") for date in dates]
    runner.expect(scenarios)
    rows, welfare = {}, {}
    for date, scenario in zip(dates, scenarios, strict=True):
        result = runner.solve(scenario)
        found = effective(runner.setting.benchmark, result.equilibrium, "USA", partner)
        rows[date] = vars(found)
        welfare[date] = result.welfare["ev_pct"]
    return pd.DataFrame(rows).T.rename_axis("date"), pd.DataFrame(welfare)
