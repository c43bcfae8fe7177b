"""Tariffs by sector from a table, such as a statutory schedule averaged by `cge.calibration.world2020.schedule`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
import xarray as xr
from pydantic import model_validator

from cge.calibration.table import DATA
from cge.errors import DataError, nearest
from cge.scenarios.names.groups import sector_axis
from cge.scenarios.names.vocabulary import Shock

from .levels import FLOW, Levels, Where
from .membership import MFN

TABLES = {"us-column2-china": DATA / "us_column2_china.csv"}
"""Tables that come with the package."""

RATE, WEIGHT = "rate_pct", "musd"


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
            table = self.table
        except DataError as error:
            faults.append(str(error))
        else:
            faults += _faults(table, self.column, self.schedule)
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def table(self) -> pd.DataFrame:
        """The table as it is read."""
        return _read(str(TABLES.get(self.schedule, self.schedule)))

    def __str__(self) -> str:
        goods = f", {self.sectors}" if self.sectors else ""
        return f"import_tariff of {self.schedule} as {self.layer}: from {self.exporters} to {self.importers}{goods}"

    def apply(self, levels: Levels, where: Where) -> None:
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
        old = levels.layers[self.layer]
        levels.layers[self.layer] = (old + weight * (rate.fillna(0.0) - old)).transpose(*FLOW)
        levels.tariff_changed = True

    def _rates(self, levels: Levels, where: Where) -> xr.DataArray | None:
        """Rates [exporter, sector], or [sector] for all exporters alike; NaN where the table has none."""
        table, labels = self.table, levels.parameters.labels
        held = _holders(labels["sector"])
        known = {"sector": held, "exporter": {region: region for region in labels["region"]}}
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


def _holders(sectors: list[str]) -> dict[str, str]:
    """Code of a sector, of the benchmark or of the 28, to the benchmark's sector that holds it."""
    content = sector_axis(sectors).content
    held = {code: label for label in sectors for code in content.get(label) or ()}
    return held | {label: label for label in sectors}


@cache
def _read(path: str) -> pd.DataFrame:
    try:
        return pd.read_csv(Path(path), comment="#")
    except FileNotFoundError:
        hint = nearest(path, TABLES)
        raise DataError(f"unknown schedule {path!r}{hint}; use {', '.join(TABLES)}, or a .csv file") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path} cannot be read as a table: {error}") from None


def _faults(table: pd.DataFrame, column: str, name: str) -> list[str]:
    absent = [key for key in ("sector", column) if key not in table]
    if absent:
        return [f"{name} has no column {', '.join(absent)}; it has {', '.join(map(str, table.columns))}"]
    keys = ["sector", *(["exporter"] if "exporter" in table else [])]
    faults = [
        f"{name}: {' '.join(map(str, row))} comes twice" for row in table.loc[table.duplicated(keys), keys].values
    ]
    rates = pd.to_numeric(table[column], errors="coerce")
    wrong = table.loc[~(rates > -100.0) | ~np.isfinite(rates), "sector"]
    faults += [f"{name}: the rate of {sector} is not a number above -100 %" for sector in wrong]
    if WEIGHT in table and not bool((pd.to_numeric(table[WEIGHT], errors="coerce") >= 0.0).all()):
        faults.append(f"{name}: {WEIGHT} must not be negative")
    return faults
