"""Lists of duties by date, partner, good and layer, and what they are on the regions and sectors of a benchmark.

A list is a CSV file, one row a date, importer, exporter and good:

    date,importer,exporter,sector,musd,mfn,s232_steel,ieepa_recip
    2025-08-30,USA,KOR,STL,2913.1,0.01,48.3,0.02
    2025-08-30,USA,ROW,STL,414.3,0.04,46.67,0.64

Goods are codes of the 28 sectors (`sector`) or of the Harmonized System (`hs8`, `hs6` or `hs10`, which
`data/hs_sectors.csv` maps). Partners are ISO3 codes, a group that the file names as one partner (EU27), or ROW for
whoever has no row. `musd`, imports in million USD, weighs rows that end in one cell. Every other column of numbers is
a layer of duty, in per cent of customs value; those that end in `_share` are kept and not charged.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.errors import DataError, RequestError, nearest

from .hs import concordance, sectors_of
from .sheet import number, read_sheet
from .table import DATA

FOLDER = DATA / "measures"
REST = "ROW"
KEYS = ("date", "importer", "exporter")
CODES = ("hs6", "hs8", "hs10")
WEIGHT = "musd"
SHARE = "_share"

_EU = "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL PRT ROU SVK SVN SWE"
GROUPS: Mapping[str, frozenset[str]] = {"EU27": frozenset(_EU.split())}
"""Partners of a list that are several countries."""

Contents = Mapping[str, frozenset[str]]
"""Label to the codes of the countries, or of the sectors, that it holds."""


@dataclass(frozen=True)
class Measures:
    """A list of duties.

    Attributes:
        name: of the list.
        table: one row a date, importer, exporter and sector: `date`, `importer`, `exporter`, `sector`, `musd`, and one
            column a layer, per cent.
    """

    name: str
    table: pd.DataFrame

    @property
    def layers(self) -> list[str]:
        """Names of the layers of duty."""
        known = {*KEYS, "sector", WEIGHT}
        return [c for c in self.table.columns if c not in known and not c.endswith(SHARE)]

    @property
    def dates(self) -> list[str]:
        """The dates of the list, in order."""
        return sorted(self.table["date"].unique())

    def on(self, date: str) -> pd.DataFrame:
        """The rows of a date.

        Raises:
            RequestError: the list has no such date; the message names the nearest.
        """
        if date not in self.dates:
            raise RequestError([f"{self.name} has no duties of {date}{closest(date, self.dates)}"])
        return self.table[self.table["date"] == date]

    def rates(self, date: str, regions: Contents, sectors: Contents) -> tuple[xr.DataArray, xr.DataArray]:
        """The duties of a date on the cells of a benchmark.

        A cell takes the mean over the list's rows that end in it, weighted with `musd`. A region of which no country
        has a row takes the row of ROW; a partner without a row in a sector takes the mean over all partners there.

        Args:
            date: one of `dates`.
            regions: label to country codes (ROW: those that no label names).
            sectors: label to codes of the 28 sectors.

        Returns:
            Rates [layer, exporter, importer, sector] as fractions, and whether the list speaks of a cell (the list has
            its importer, exporter and sector; not the diagonal).

        Raises:
            RequestError: no such date.
        """
        rows = self.on(date)
        placed = _placed(rows, regions, {code: label for label, held in sectors.items() for code in held})
        everyone = rows.loc[rows["exporter"] == REST, "importer"].map(_holder(regions)).unique()
        axes = ["exporter", "importer", "sector"]
        cells = pd.MultiIndex.from_product([regions, regions, sectors], names=axes)
        mean = _mean(placed, axes, self.layers).reindex(cells)
        usual = _mean(placed, ["importer", "sector"], self.layers)
        rest = _mean(placed[placed["rest"]], ["importer", "sector"], self.layers)
        known = pd.MultiIndex.from_frame(placed[["exporter", "importer"]].drop_duplicates())
        flow, good = cells.droplevel("sector"), cells.droplevel("exporter")
        others = np.where(flow.isin(known)[:, None], usual.reindex(good), rest.reindex(good))
        spoken = cells.get_level_values("importer").isin(everyone)
        others = np.where(spoken[:, None], others, np.nan)
        filled = mean.fillna(pd.DataFrame(others, index=cells, columns=self.layers))
        filled[cells.get_level_values("exporter") == cells.get_level_values("importer")] = np.nan
        shape = (len(regions), len(regions), len(sectors))
        coords = {"exporter": list(regions), "importer": list(regions), "sector": list(sectors)}
        rate = filled.fillna(0.0).to_numpy().T.reshape(-1, *shape) / 100.0
        told = filled.notna().all(axis=1).to_numpy().reshape(shape)
        return (
            xr.DataArray(rate, dims=("layer", *coords), coords={"layer": self.layers, **coords}),
            xr.DataArray(told, dims=tuple(coords), coords=coords),
        )


def read_measures(source: str | Path) -> Measures:
    """Read a list by its name in the package, or from a CSV file, which is read each time.

    Raises:
        DataError: no such list or file, or every fault of it: columns that lack, dates, codes, rates and weights that
            cannot be, rows that come twice.
    """
    names = sorted(path.stem for path in FOLDER.glob("*.csv"))
    if str(source) in names:
        return _stored(str(source))
    try:
        table = read_sheet(Path(source))
    except FileNotFoundError:
        hint, known = nearest(str(source), names), ", ".join(names)
        raise DataError(f"unknown list of measures {str(source)!r}{hint}; use {known}, or a .csv file") from None
    return measures(table, Path(source).name)


@cache
def _stored(name: str) -> Measures:
    """A list of the package, which does not change."""
    return measures(read_sheet(FOLDER / f"{name}.csv"), name)


def measures(table: pd.DataFrame, name: str = "measures") -> Measures:
    """A list from a table of text or numbers with the columns that the module's text names.

    Raises:
        DataError: listing every fault.
    """
    code = next((key for key in CODES if key in table), None)
    absent = [key for key in KEYS if key not in table]
    absent += [] if code or "sector" in table else ["sector (or hs6, hs8, hs10)"]
    if absent:
        raise DataError([f"it has no column {', '.join(absent)}; it has {', '.join(map(str, table.columns))}"], name)
    keys = [*KEYS, code or "sector"]
    decimal = table.attrs.get("decimal", ".")
    table = table.astype(str)
    faults = [f"{' '.join(row)} comes twice; keep one" for row in table.loc[table.duplicated(keys), keys].values]
    if code:
        lines = table[code].str.replace(".", "", regex=False)
        table = table.drop(columns=code).assign(sector=sectors_of(lines, concordance()))
        table = table[table["sector"] != ""]  # chapters 98 and 99 are of no sector
    if WEIGHT not in table:
        table = table.assign(**{WEIGHT: "1"})
    layers = Measures(name, table).layers
    values = {}
    for column in (WEIGHT, *layers):
        values[column], unread = _numbers(table, column, decimal)
        faults += unread
    table = table.assign(**values).reset_index(drop=True)
    faults += _faults(Measures(name, table))
    if faults:
        raise DataError(faults, name)
    return Measures(name, table)


def _numbers(table: pd.DataFrame, column: str, decimal: str) -> tuple[pd.Series, list[str]]:
    """A column of numbers, and the cells that are none or out of range."""
    least = 0.0 if column == WEIGHT else -100.0
    values = pd.to_numeric(table[column], errors="coerce").astype(float)
    faults = []
    for row in table.index[values.isna()]:
        try:
            values[row] = number(str(table.loc[row, column]), decimal)
        except ValueError as error:
            faults.append(f"{column} of {' '.join(table.loc[row, [*KEYS, 'sector']])}: {error}")
    for row in table.index[(values < least) | ((values == -100.0) & (least < 0.0)) | np.isinf(values)]:
        told = "of at least 0" if column == WEIGHT else "above -100 %"
        faults.append(
            f"{column} of {' '.join(table.loc[row, [*KEYS, 'sector']])} is {values[row]:g}, not a number {told}"
        )
    return values, faults


def _faults(given: Measures) -> list[str]:
    table, known = given.table, set(concordance().values())
    faults = [] if given.layers else ["it has no layer; add a column of rates in per cent"]
    faults += [] if len(table) else ["it has no rows under the head"]
    faults += [f"{day!r} is no date; write 2025-08-30" for day in given.dates if not _is_date(day)]
    return faults + [
        f"sector {code} is none of the goods{nearest(code, known)}; use {', '.join(sorted(known))}"
        for code in table["sector"].unique()
        if code not in known
    ]


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2025-08-30")


def closest(date: str, dates: Sequence[str]) -> str:
    """The nearest of some dates, as a hint in brackets, and all of them; what is no date has no nearest."""
    known = f"; there are {', '.join(dates)}"
    if not _is_date(date) or not dates:
        return known
    day = datetime.date.fromisoformat(date)
    near = min(dates, key=lambda other: abs((datetime.date.fromisoformat(other) - day).days))
    return f" (the nearest is {near}){known}"


def nearest_dated(name: str, known: Iterable[str]) -> str:
    """For a name that ends in a date: the nearest date of the known names of the same words; empty if there is none."""
    size = len("2025-08-30")
    words, date = name[:-size], name[-size:]
    dates = sorted(other.removeprefix(words) for other in known if words and other.startswith(words))
    dates = [other for other in dates if _is_date(other)]
    return closest(date, dates) if dates and _is_date(date) else ""


def _holder(regions: Contents) -> dict[str, str]:
    return {code: label for label, held in regions.items() for code in held}


def _placed(rows: pd.DataFrame, regions: Contents, goods: Mapping[str, str]) -> pd.DataFrame:
    """Rows with the benchmark's labels; a partner of several countries has one for every label that holds some."""
    holder = _holder(regions)
    outside = holder.get(REST)
    shares = []
    for partner in rows["exporter"].unique():
        countries = sorted(GROUPS.get(partner, {partner}))
        count = pd.Series([holder.get(c, outside) for c in countries], dtype=object).value_counts()
        shares += [(partner, label, number / len(countries)) for label, number in count.items()]
    where = pd.DataFrame(shares, columns=["partner", "to", "part"])
    joined = rows.rename(columns={"exporter": "partner"}).merge(where, on="partner", how="left")
    joined[WEIGHT] = joined[WEIGHT] * joined["part"].fillna(1.0)
    return joined.assign(
        exporter=joined["to"],
        importer=joined["importer"].map(holder),
        sector=joined["sector"].map(goods),
        rest=joined["partner"] == REST,
    ).dropna(subset=["importer", "sector"])


def _mean(rows: pd.DataFrame, keys: list[str], layers: list[str]) -> pd.DataFrame:
    """Rates by keys, weighted; the plain mean where nothing is imported."""
    weight = rows[WEIGHT].where(rows.groupby(keys)[WEIGHT].transform("sum") > 0.0, 1.0)
    by = [rows[key] for key in keys]
    return rows[layers].mul(weight, axis=0).groupby(by).sum().div(weight.groupby(by).sum(), axis=0)
