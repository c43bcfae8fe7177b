"""The start of the 2022 table: the one of 2020 at 81 economies, without negative cells and with inputs everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import xarray as xr

from cge.calibration.world2020 import sources
from cge.calibration.world2020.world import Log

from .raw import GOODS

Floats = npt.NDArray[np.float64]

REST = "ROW"
OUT_OF_REST = ("AGO", "ARE", "COD", "STP")
"""Economies of the cubes that the 2020 table holds in its rest of the world."""
FINAL = ("C", "I", "Cx")


def expanded(table: xr.Dataset, countries: list[str]) -> xr.Dataset:
    """The table with rows and columns of the rest copied for economies that it holds; levels are imposed later."""
    origin = [c if c not in OUT_OF_REST else REST for c in countries]
    copy = {"exporter": origin, "importer": origin}
    names = {"exporter": countries, "importer": countries}
    use = table["use"].sel(copy).assign_coords(names)
    share = 1.0 / (1 + len(OUT_OF_REST))  # trade within the rest is split evenly, so that no total grows
    inside = [*OUT_OF_REST, REST]
    use = use.where(~use["exporter"].isin(inside), use * share)
    use = use.where(~use["importer"].isin(inside), use * share)
    tax = table["tax"].sel(importer=origin).assign_coords(importer=countries)
    tax = tax.where(~tax["importer"].isin(inside), tax * share)
    return xr.Dataset({"use": use, "tax": tax})


def without_negatives(use: xr.DataArray, log: Log) -> xr.DataArray:
    """The table with its negative final cells (draws on stocks) at zero."""
    drawn = use.where(use < 0.0, 0.0)
    log.add("negative final cells of the 2020 table set to zero", "all countries",
            f"{int((drawn < 0).sum())} cells, {float(drawn.sum()):,.0f} million USD",
            "draws on stocks of 2020 say nothing of 2022")  # fmt: skip
    return use.clip(min=0.0)


def with_inputs(table: xr.Dataset, log: Log) -> xr.Dataset:
    """Give industries with output and no inputs the world's coefficients and their country's sourcing."""
    use, sectors = table["use"].copy(), [s for s in table["user"].values if s not in FINAL]
    bought = use.sel(user=sectors).sum(("exporter", "sector"))
    output = use.sum(("importer", "user")).rename(exporter="importer", sector="user").sel(user=sectors)
    empty = (output > 0.0) & (bought < 1e-3 * output)
    inputs = use.sel(user=sectors).sum("exporter")
    mean = inputs.sum("importer") / output.where(~empty, 0.0).sum("importer")
    sourcing = use.sel(user=sectors).sum("user")
    sourcing = sourcing / sourcing.sum("exporter").where(lambda x: x > 0.0)
    for r, j in np.argwhere(empty.transpose("importer", "user").values):
        country, industry = str(use["importer"].values[r]), str(sectors[j])
        size = float(output.sel(importer=country, user=industry))
        cell = mean.sel(user=industry) * size * sourcing.sel(importer=country)
        use.loc[{"importer": country, "user": industry}] = cell.fillna(0.0).transpose("exporter", "sector")
        log.add("inputs given to an industry without any", f"{country} {industry}",
                f"{float(cell.sum()):,.0f} of an output of {size:,.0f} million USD in 2020",
                "world mean coefficients, the country's own sourcing; value added was all of its output")  # fmt: skip
    return table.assign(use=use)


def seeded(use: xr.DataArray, goods: xr.DataArray, services: xr.DataArray, log: Log) -> xr.DataArray:
    """Cells that the trade of 2022 has and the table has not, by the importer's pattern of use."""
    use = use.copy()
    kinds = {"goods": list(GOODS), "services": [s for s in use["sector"].values if s not in GOODS]}
    count, value = 0, 0.0
    for kind, wanted in (("goods", goods), ("services", services)):
        part = use.sel(sector=kinds[kind])
        have = part.sum("user") if kind == "goods" else part.sum(("user", "sector"))
        lacking = (wanted > 0.0) & (have <= 0.0)
        over = ("user",) if kind == "goods" else ("user", "sector")
        pattern = part.sum("exporter")
        pattern = pattern / pattern.sum(over).where(lambda x: x > 0.0)
        seed = (wanted.where(lacking, 0.0) * pattern).fillna(0.0).transpose(*part.dims)
        use.loc[{"sector": kinds[kind]}] = part + seed
        count, value = count + int(lacking.sum()), value + float(seed.sum())
    log.add("cells seeded", "all countries", f"{count:,} flows, {value:,.0f} million USD",
            "trade of 2022 that the table of 2020 has not, by the importer's pattern of use")  # fmt: skip
    return use


def prior(shared: Path, goods: xr.DataArray, services: xr.DataArray, log: Log) -> xr.Dataset:
    """The table of 2020 that is fitted to 2022.

    Args:
        shared: folder that holds `data/`.
        goods: trade of 2022 [exporter, importer, sector], million USD.
        services: likewise, of all services [exporter, importer].
        log: of changes.

    Returns:
        `use` [exporter, sector, importer, user] and `tax` [importer, user], million USD of 2020, 81 x 30.
    """
    countries = [str(c) for c in goods["exporter"].values]
    table = expanded(sources.mrio(shared)[["use", "tax"]], countries)
    table = table.assign(use=without_negatives(table["use"], log))
    table = with_inputs(table, log)
    return table.assign(use=seeded(table["use"], goods, services, log))
