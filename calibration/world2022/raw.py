"""Readers of the raw tables of 2022: one function a source, each returning labelled arrays.

`shared` is the folder that holds `data/`, or that folder itself. Nothing here changes a number.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.world2020.us_measures import raw_folder
from cge.errors import DataError

CUBES = "trade/icio_trade_tariff_cubes.npz"
CONTROL = "mrio/icio2025_2022_va_output_20x50.csv"
CONTROL_REGIONS = "mrio/icio2025_20_region_map.csv"
CAPITAL = "factors/capital_parameters_77.csv"
WEO = "macro/imf_weo_oct2025_2017_2030.csv"

SERVICES = "Services (aggregate)"
"""The one sector of services in the cubes."""

GOODS = {
    "AGR": ("A01", "A02", "A03"), "ENE": ("B05", "B06"), "MIN": ("B07", "B08", "B09"), "FOO": ("C10T12",),
    "TEX": ("C13T15",), "WPP": ("C16", "C17_18"), "PET": ("C19",), "CHM": ("C20",), "PHA": ("C21",), "RUB": ("C22",),
    "NMM": ("C23",), "STL": ("C24A",), "NFM": ("C24B",), "FAB": ("C25",), "ELE": ("C26",), "EEQ": ("C27",),
    "MCH": ("C28",), "AUT": ("C29",), "SHP": ("C301",), "OTE": ("C302T309",), "OMF": ("C31T33",),
}  # fmt: skip
"""The world table's 21 goods and the industries of the OECD's tables that they hold."""

OTHERS = {
    "UTL": ("D", "E"), "CON": ("F",), "TRD": ("G",), "TRN": ("H49", "H50", "H51", "H52", "H53"),
    "ACI": ("I", "J58T60", "J61", "J62_63"), "FIN": ("K", "L"), "PRO": ("M", "N", "O"), "EDH": ("P", "Q"),
    "ART": ("R", "S", "T"),
}  # fmt: skip
"""Its nine services, likewise."""


def open_raw(shared: Path, name: str) -> Path:
    """The path of a raw table.

    Raises:
        DataError: it is absent.
    """
    path = raw_folder(shared) / name
    if not path.is_file():
        raise DataError(f"{path} is absent; pass --shared with the folder that holds data/{name}")
    return path


def cube(shared: Path, what: str, year: int = 2022) -> xr.DataArray:
    """Bilateral trade ("X", million USD, home sales on the diagonal) or applied tariffs ("tariff") of a year.

    Returns:
        [exporter, importer, product], 81 economies, 27 goods and one sector of services. OECD ICIO, 2025 edition;
        tariffs of the Global Tariff Database (those of 2022 repeat 2021).
    """
    with np.load(open_raw(shared, CUBES)) as raw:
        countries = [str(c) for c in raw["countries"]]
        values = raw[what][raw["years"].tolist().index(year)].astype(float)
        products = [str(s) for s in raw["sectors"]]
    return xr.DataArray(
        values,
        dims=("exporter", "importer", "product"),
        coords={"exporter": countries, "importer": countries, "product": products},
    )


def trade(shared: Path, year: int = 2022) -> tuple[xr.DataArray, xr.DataArray]:
    """Trade in the 21 goods [exporter, importer, sector], and in all services [exporter, importer], million USD."""
    given = cube(shared, "X", year)
    goods = [given.sel(product=list(parts)).sum("product") for parts in GOODS.values()]
    return xr.concat(goods, pd.Index(list(GOODS), name="sector")).transpose(
        "exporter", "importer", "sector"
    ), given.sel(product=SERVICES, drop=True)


def control(shared: Path) -> xr.Dataset:
    """Value added and output of 2022 [area, sector], million USD: 20 areas x 30 sectors (OECD ICIO, 2025 edition)."""
    table = pd.read_csv(open_raw(shared, CONTROL))
    sector = {code: name for parts in (GOODS, OTHERS) for name, codes in parts.items() for code in codes}
    total = table.groupby(["region", table["industry"].map(sector).rename("sector")])[["va_musd", "output_musd"]].sum()
    order = [*GOODS, *OTHERS]
    data = total.rename(columns={"va_musd": "value_added", "output_musd": "output"}).to_xarray()
    return data.rename(region="area").sel(sector=order)


def areas(shared: Path) -> pd.Series:
    """Area of the control [country]."""
    return pd.read_csv(open_raw(shared, CONTROL_REGIONS), index_col="economy")["region"]


def capital(shared: Path) -> pd.DataFrame:
    """Capital, labour share, GDP and population [country] (Penn World Table 10.01 and 11.0, World Bank, IMF)."""
    return pd.read_csv(open_raw(shared, CAPITAL), index_col="iso3")


def investment_ratio(shared: Path) -> pd.DataFrame:
    """Investment in % of GDP [country, year] (IMF, World Economic Outlook, October 2025)."""
    table = pd.read_csv(open_raw(shared, WEO))
    return table.pivot(index="iso3", columns="year", values="investment_pct_gdp")
