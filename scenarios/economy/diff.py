"""What differs between two scenarios: the shocks that they say, and the rates and quotas that come of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.quotas import Quota
from cge.scenarios.blocks.instrument_values import InstrumentValues
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.names.resolve import World
from cge.scenarios.names.vocabulary import WORDS
from cge.scenarios.policy.bind import Policy, bound
from cge.shown import card, line
from cge.symbols import INSTRUMENTS

from .baseline import in_force
from .setting import Setting

LABELS = ("exporter", "importer", "region", "sector", "input", "factor", "agent")


@dataclass(frozen=True)
class Difference:
    """Two scenarios, a and b, on one benchmark.

    Attributes:
        names: of the two.
        shocks: what only a says, and what only b says, in words.
        levels: one row a rate that differs: `instrument`, its labels, and `a`, `b` in the per cent of scenarios.
        quotas: what only a limits, and what only b limits, in words.
    """

    names: tuple[str, str]
    shocks: tuple[tuple[str, ...], tuple[str, ...]]
    levels: pd.DataFrame
    quotas: tuple[tuple[str, ...], tuple[str, ...]]

    def __repr__(self) -> str:
        return line("Difference", {"of": " and ".join(self.names), "rates that differ": len(self.levels)})

    def _repr_html_(self) -> str:
        told = dict(zip(self.names, ("; ".join(words) or "nothing more" for words in self.shocks), strict=True))
        return card("Difference", told, self.summary(), "a, b: rates of the first and the second, %")

    @property
    def same(self) -> bool:
        """Whether the two do the same on this benchmark."""
        return self.levels.empty and self.quotas == ((), ())

    def summary(self) -> pd.DataFrame:
        """The levels by instrument and importer (or region).

        Returns:
            Columns instrument, place, `exporters` and `sectors` (how many), `cells`, and the simple means `a`, `b`,
            per cent, with the largest difference `largest` in percentage points.
        """
        columns = ["instrument", "place", "exporters", "sectors", "cells", "a", "b", "largest"]
        if self.levels.empty:
            return pd.DataFrame(columns=columns)
        table = self.levels.assign(
            place=self.levels["importer"].where(self.levels["importer"] != "", self.levels["region"])
        )
        table["largest"] = (table["b"] - table["a"]).abs()
        grouped = table.groupby(["instrument", "place"], sort=False)
        summary = grouped.agg(
            exporters=("exporter", lambda names: names[names != ""].nunique()),
            sectors=("sector", lambda names: names[names != ""].nunique()),
            cells=("a", "size"),
            a=("a", "mean"),
            b=("b", "mean"),
            largest=("largest", "max"),
        )
        return summary.reset_index()[columns]


def difference(where: Setting, first: str | Path | Scenario, second: str | Path | Scenario) -> Difference:
    """Compare two scenarios on a benchmark, without solving them.

    Args:
        where: benchmark and elasticities (a ban and the rates of a quota depend on them), groups.
        first, second: names in the library, files, or Scenarios.

    Raises:
        RequestError: an unknown name, or a scenario that does not fit the benchmark.
    """
    table, parameters = where.benchmark, where.parameters
    pair = [bound(source, table, parameters, where.groups) for source in (first, second)]
    a, b = (in_force(each.policy, where) for each in pair)
    said = [list(_said(each.scenario)) for each in pair]
    limits = [sorted(map(_limit, policy.quotas)) for policy in (a, b)]
    return Difference(
        (pair[0].scenario.name, pair[1].scenario.name),
        (_only(said[0], said[1]), _only(said[1], said[0])),
        _levels(a, b, InstrumentValues(World.of(table), table, parameters)),
        (_only(limits[0], limits[1]), _only(limits[1], limits[0])),
    )


def _said(scenario: Scenario) -> Iterator[str]:
    for part in scenario.parts:
        yield from _said(part)
    yield from map(str, scenario.shocks)


def _only(mine: list[str], other: list[str]) -> tuple[str, ...]:
    return tuple(text for text in mine if text not in other)


def _limit(quota: Quota) -> str:
    if np.isinf(quota.volume):
        return f"{quota.name}: no quota"
    above = "nothing above it" if np.isinf(quota.ceiling) else f"{100 * quota.ceiling:.2f} % of the fob value above it"
    return f"{quota.name}: {quota.volume:.4g} of the benchmark volume, {above}"


def _levels(a: Policy, b: Policy, start: InstrumentValues) -> pd.DataFrame:
    tables = [pd.DataFrame(columns=["instrument", *LABELS, "a", "b"])]
    for word, symbol in WORDS.items():
        if symbol not in a.instruments and symbol not in b.instruments:
            continue
        old = start.duty() if symbol == "tm" else start.level(symbol)
        pair = [policy.instruments.get(symbol, old) for policy in (a, b)]
        differs = (abs(pair[0] - pair[1]) > 1e-12) & start.exists(symbol)
        tables.append(_rows(word, symbol, pair, differs))
    return pd.concat([table for table in tables if not table.empty] or tables[:1], ignore_index=True)


def _rows(word: str, symbol: str, pair: list[xr.DataArray], differs: xr.DataArray) -> pd.DataFrame:
    base = INSTRUMENTS[symbol].neutral
    dims = INSTRUMENTS[symbol].dims
    cells = np.nonzero(differs.transpose(*dims).values)
    labels = {dim: differs[dim].values[at] for dim, at in zip(dims, cells, strict=True)}
    table = pd.DataFrame(
        {"instrument": word} | {dim: labels.get(dim, "") for dim in LABELS}, index=range(len(cells[0]))
    )
    for name, level in zip("ab", pair, strict=True):
        table[name] = 100.0 * (level.transpose(*dims).values[cells] - base)
    return table
