"""Readers of the raw tables: one function a source, each returning labelled arrays.

`shared` is the folder that holds `data/`; its page `data/README.md` describes every file.
Nothing here changes a number: corrections stand in `cge.calibration.world2020.world`, where they are logged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.table import DATA
from cge.errors import DataError

MRIO = "mrio/mrio_icio2020_77x30.npz"
AGGREGATED = "mrio/benchmark2020_29x28.npz"
NATIONAL = "mrio/wiod2016rel_niot2014_43x56.npz"
LABOUR = "factors/labour_shares.csv"
EMISSIONS = "emissions/co2_jrc_wiod_2011_2016.csv"
EDGAR = "emissions/edgar_co2_2010_2018.csv"


def _open(shared: Path, name: str) -> Path:
    path = shared / "data" / name
    if not path.is_file():
        raise DataError(f"{path} is absent; pass --shared with the folder that holds data/{name}")
    return path


def regions() -> pd.DataFrame:
    """Map of countries [country]: name, r29, r12, and the proxies labour_from and government_from."""
    return pd.read_csv(DATA / "regions.csv", index_col="country", keep_default_na=False)


def region_names() -> pd.Series:
    """Names [region] of the regions of the published benchmarks that hold several countries."""
    return pd.read_csv(DATA / "region_names.csv", comment="#", index_col="region", keep_default_na=False)["name"]


def trade_by_country() -> pd.Series:
    """Exports plus imports of 2020 [country], million USD, as the build wrote them."""
    return pd.read_csv(DATA / "trade_2020.csv", comment="#", index_col="country")["musd"]


def sectors() -> pd.DataFrame:
    """Map of the table's 30 sectors [icio]: s28, s12, their names, and WIOD industries."""
    return pd.read_csv(DATA / "sectors.csv", index_col="icio", keep_default_na=False)


def mrio(shared: Path) -> xr.Dataset:
    """World input-output table of 2020, 77 countries x 30 sectors, basic prices, million USD.

    Returns:
        Dataset with `use` [exporter, sector, importer, user], where the users are the importer's
        industries and the final columns C (households, non-profits and government), I (investment)
        and Cx (residents' direct purchases abroad); `tax` [importer, user], taxes less subsidies
        on products; `value_added` [importer, sector].
        Source: OECD ICIO 2023 edition, split to 30 sectors with WIOD 2016 and bilateral trade.
    """
    with np.load(_open(shared, MRIO)) as raw:
        country, sector, final = (raw[k].tolist() for k in ("countries", "sectors", "fd"))
        n, k = len(country), len(sector)
        industries = raw["Z"].reshape(n, k, n, k)
        finals = raw["F"].reshape(n, k, n, len(final))
        use = np.concatenate([industries, finals], axis=3).astype(float)
        tax = np.concatenate([raw["tax_ind"], raw["tax_fd"]], axis=1).astype(float)
        added = raw["va"].astype(float)
    return xr.Dataset(
        {
            "use": (("exporter", "sector", "importer", "user"), use),
            "tax": (("importer", "user"), tax),
            "value_added": (("importer", "sector"), added),
        },
        coords={"exporter": country, "importer": country, "sector": sector, "user": sector + final},
    )


def government_share(shared: Path) -> pd.DataFrame:
    """Government's part of final consumption [country, sector] (28 sectors, 43 countries, 2014).

    Source: WIOD 2016 release, national tables; government CONS_g against households CONS_h and
    non-profits CONS_np, domestic and imported goods together.
    """
    with np.load(_open(shared, NATIONAL)) as raw:
        columns, codes = raw["columns"].tolist(), raw["codes"].tolist()
        used = raw["domestic"].astype(float) + raw["imports"]
        by_agent = used[:, :, [columns.index(c) for c in ("CONS_h", "CONS_np", "CONS_g")]]
        country = raw["countries"].tolist()
    share = {}
    for sector, group in sectors().groupby("s28", sort=False):
        industries = sorted({code for row in group["wiod"] for code in row.split()})
        total = by_agent[:, [codes.index(c) for c in industries]].sum(1)
        share[str(sector)] = total[:, 2] / np.where(total.sum(1) > 0, total.sum(1), 1.0)
    return pd.DataFrame(share, index=country)


def government_tax_ratio(shared: Path) -> pd.Series:
    """Product-tax rate of government consumption over that of households [country], 2014.

    Source: WIOD 2016 release, row TXSP. Not a number where a country's table has no such taxes.
    """
    with np.load(_open(shared, NATIONAL)) as raw:
        columns = raw["columns"].tolist()
        used = (raw["domestic"].astype(float) + raw["imports"]).sum(1)
        tax = raw["TXSP"].astype(float)
        at = {c: columns.index(c) for c in ("CONS_h", "CONS_g")}
        rate = {c: tax[:, k] / used[:, k] for c, k in at.items()}
        country = raw["countries"].tolist()
    household = np.where(rate["CONS_h"] > 1e-6, rate["CONS_h"], np.nan)
    return pd.Series(rate["CONS_g"] / household, index=country)


def labour_income(shared: Path) -> xr.DataArray:
    """Labour and capital income [country, sector, factor] by the table's 30 sectors, as published.

    Source: WIOD socio-economic accounts (November 2016), 2014; Bank of Korea, 2010 (employees
    only). Where the source lumps two sectors (ENE+MIN), each gets half of the lump: its share.
    In million national currency units: only the shares have meaning across countries.
    """
    raw = pd.read_csv(_open(shared, LABOUR))
    raw["sector"] = raw["sec"].str.split("+")
    raw[["LAB", "CAP"]] = raw[["LAB", "CAP"]].div(raw["sector"].str.len(), axis=0)
    table = raw.explode("sector").set_index(["country", "sector"])[["LAB", "CAP"]]
    return table.to_xarray().to_dataarray("factor").reindex(sector=sectors().index.tolist())


def reference(shared: Path) -> tuple[xr.DataArray, Mapping[str, str], Mapping[str, str]]:
    """Output [region, sector] and both maps of the table that was aggregated beforehand (29 x 28).

    It loses the trade between members of a region, so it serves as a check only.
    """
    with np.load(_open(shared, AGGREGATED)) as raw:
        region, sector = raw["regions"].tolist(), raw["sectors"].tolist()
        output = raw["Z"].sum((2, 3)) + raw["F"].sum((2, 3))
        maps = [dict(pair.split(":") for pair in raw[k].tolist()) for k in ("region_map", "sector_map")]
    return (
        xr.DataArray(output, dims=("region", "sector"), coords={"region": region, "sector": sector}),
        maps[0],
        maps[1],
    )


def emissions_by_industry(shared: Path) -> pd.DataFrame:
    """CO2 by country and industry [(country, code), year], kt; countries without accounts are RoW, households FC_HH.

    Source: Joint Research Centre, extension of the WIOD environmental accounts (2011-2016), residence principle.
    """
    raw = pd.read_csv(_open(shared, EMISSIONS), keep_default_na=False, na_values=[""]).dropna(
        subset=["country", "code"]
    )
    return raw.set_index(["country", "code", "year"])["co2_kt"].unstack("year")


def emissions_by_country(shared: Path, countries: Iterable[str], year: int) -> pd.DataFrame:
    """CO2 of power stations and of all else [country, "power" and "other"], kt; ROW is who is not listed.

    Source: EDGAR (Joint Research Centre), fossil CO2 by country and sector, 2010-2018, territorial principle. A
    country's microstates are in it (ESP_AND is Spain with Andorra); international bunkers are left out.
    """
    raw = pd.read_csv(_open(shared, EDGAR), keep_default_na=False, na_values=[""])
    raw = raw[(raw["Year"] == year) & ~raw["Code"].isin(["AIR", "SEA"])]
    listed = list(countries)
    code = raw["Code"].str.partition("_")[0]
    country = code.where(code.isin(listed), "ROW").rename("country")
    sort = pd.Series(np.where(raw["Sector"] == "Power Industry", "power", "other"), raw.index, name="sort")
    return (1e3 * raw["Emissions"]).groupby([country, sort]).sum().unstack("sort").reindex(listed)
