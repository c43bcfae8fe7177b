"""Tariffs by sector from a table, such as a statutory schedule averaged by `cge.calibration.world2020.schedule`."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
import xarray as xr
from pydantic import model_validator

from cge.calibration.sheet import numbers, read_sheet
from cge.calibration.table import DATA
from cge.errors import DataError, nearest
from cge.scenarios.names.axes import Axis
from cge.scenarios.names.vocabulary import MOST, Shock

from .instrument_values import FLOW, InstrumentValues, Where
from .membership import MFN

TABLES = {"us-column2-china": DATA / "us_column2_china.csv"}
"""Tables that come with the package."""

RATE, WEIGHT = "rate_pct", "musd"
KEYS = ("exporter", "sector")
"""Columns that name what a rate falls on."""


class Schedule(Shock):
    """The tariff of a table takes the place of a layer of the benchmark's.

    Attributes:
        schedule: name in `TABLES`, or a CSV file (from where the program runs) with the columns `sector` (of the
            benchmark or of the 28) and the rate in per cent; with `musd`, weights where a benchmark's sector
            holds several; with `exporter`, rates by partner.
        column: of the rate.
        exporters, importers: of the flows; both must be given.
        sectors: of the flows; all that the table has if not given.
        layer: that the rates replace; mfn if not given.
    """

    schedule: str
    column: str = RATE
    layer: str = MFN

    @model_validator(mode="after")
    def _complete(self) -> Self:
        faults = [f"a schedule needs {key}; name them" for key in ("exporters", "importers") if not getattr(self, key)]
        try:
            self.table  # noqa: B018 (faults of the file are told with those of the block)
        except DataError as error:
            faults += [f"{self.schedule}: {fault}" for fault in error.faults]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def table(self) -> pd.DataFrame:
        """The table as it is in the file now: labels as text, and numbers in the columns of the rate and the weight.

        Raises:
            DataError: listing what is wrong with it.
        """
        table = _read(self.schedule)
        faults = _faults(table, self.column)
        if faults:
            raise DataError(faults, self.schedule)
        kept = [key for key in KEYS if key in table]
        rates = {name: numbers(table, name, "sector")[0] for name in (self.column, WEIGHT) if name in table}
        return table[kept].assign(**rates)

    def __str__(self) -> str:
        goods = f", {self.sectors}" if self.sectors else ""
        return f"import_tariff of {self.schedule} as {self.layer}: from {self.exporters} to {self.importers}{goods}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Put the rates of the table into the layer."""
        weight, sound = levels.weights(self, FLOW, where)
        if not sound or not levels.has_layer(self.layer, where):
            return
        rate = self._rates(levels, where)
        if rate is None:
            return
        weight = weight.where(levels.exists("tm") & rate.notnull() & (weight["exporter"] != weight["importer"]), 0.0)
        weight = weight.transpose(*FLOW)
        if not bool((weight > 0).any()):
            levels.found.fault(where(), f"{self.schedule}: the benchmark has no such flow{levels.nothing(self)}")
            return
        if 0.0 < float(abs(rate).max()) < 0.01:
            levels.found.note(f"{self.schedule}: all rates are under 1 and are read as per cent; 10 % is 10")
        old = levels.layers[self.layer]
        levels.layers[self.layer] = (old + weight * (rate.fillna(0.0) - old)).transpose(*FLOW)
        levels.tariff_changed = True

    def _rates(self, levels: InstrumentValues, where: Where) -> xr.DataArray | None:
        """Rates [exporter, sector], or [sector] for all exporters alike; NaN where the table has none."""
        labels = levels.parameters.labels
        try:
            table = self.table
        except DataError as error:  # the file has changed since the scenario was made
            for fault in error.faults:
                levels.found.fault(where("schedule"), f"{self.schedule}: {fault}")
            return None
        known = {axis: _holders(levels.world.axes[axis]) for axis in KEYS}
        axes = [axis for axis in ("exporter", "sector") if axis in table]
        before = len(levels.found.faults)
        for axis in axes:
            unknown = [str(name) for name in table[axis].unique() if name not in known[axis]]
            hints = ", ".join(name + nearest(name, known[axis]) for name in unknown)
            if unknown:
                levels.found.fault(
                    where("schedule"), f"{self.schedule} has {axis}s that the benchmark has not: {hints}"
                )
        if len(levels.found.faults) > before:
            return None
        weights = table[WEIGHT] if WEIGHT in table else pd.Series(1.0, index=table.index)
        keys = [table[axis].map(known[axis]) for axis in axes]
        total = pd.DataFrame({"duty": table[self.column] * weights, "weight": weights}).groupby(keys).sum()
        mean: xr.DataArray = (total["duty"] / total["weight"].where(total["weight"] > 0.0) / 100.0).to_xarray()
        return mean.reindex({axis: labels["region" if axis == "exporter" else axis] for axis in axes})


def _holders(axis: Axis) -> dict[str, str]:
    """Label to itself, and code to the label that holds it: of a sector whole, of a country only if it is alone."""
    held = {code: label for label in axis.labels for code in axis.held(label)}
    alone = {code: label for code, label in held.items() if axis.kind == "sector" or len(axis.held(label)) == 1}
    return alone | {label: label for label in axis.labels}


def _read(schedule: str) -> pd.DataFrame:
    """The file of a schedule; read each time, as its owner may change it."""
    path = TABLES.get(schedule, Path(schedule))
    try:
        return read_sheet(path)
    except FileNotFoundError:
        hint = nearest(schedule, TABLES)
        raise DataError(f"unknown schedule{hint}; use {', '.join(TABLES)}, or a .csv file that is there") from None


def _faults(table: pd.DataFrame, column: str) -> list[str]:
    absent = [key for key in ("sector", column) if key not in table]
    if absent:
        return [f"there is no column {', '.join(absent)}; it has {', '.join(map(str, table.columns))}"]
    if table.empty:
        return ["there are no rows under the head"]
    keys = [key for key in KEYS if key in table]
    faults = [f"{' '.join(map(str, row))} comes twice" for row in table.loc[table.duplicated(keys), keys].values]
    rates, unread = numbers(table, column, "sector")
    faults += unread
    wrong = table.loc[rates.notna() & ~((rates > -100.0) & (rates <= MOST)), "sector"]
    faults += [f"the rate of {sector} is not a number above -100 % and up to {MOST:,.0f} %" for sector in wrong]
    if WEIGHT in table:
        weights, unread = numbers(table, WEIGHT, "sector")
        faults += unread
        if bool((weights < 0.0).any()) or bool(np.isinf(weights).any()):
            faults.append(f"{WEIGHT} must not be negative or infinite")
    return faults
