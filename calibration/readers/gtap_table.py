"""A GTAP data base as a raw table: industries, imports, taxes by good and user, wedges by flow, endowments.

Endowments have the role value-added: the files do not say which is labour or capital; `accounts` does. Parameters stay
in the file: `cge.calibration.gtap.elasticities_of` reads them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.log import Log
from cge.calibration.raw import About, RawTable, square
from cge.errors import DataError

from .grid import Source
from .gtap import read_gtap
from .har import is_har

NAME = "gtap"
EXPECTS = "GTAP data base in a header array file (.har), version 7 (VDFB, VXSB, MAKB ...) or 6 (VDFA, VXMD ...)"
FINAL = {"household": "P", "government": "G", "investment": "I"}


def recognises(source: Source) -> bool:
    """Whether it is a header array file."""
    return source.path.is_file() and is_har(source.path)


def read(source: Source) -> tuple[RawTable, Log]:
    """Read base data (and parameters, if the file has them; a file of base data alone is read too).

    Raises:
        DataError: arrays that are missing or do not fit, activities with several products.
    """
    return table_of(read_gtap(source.path, parameters=False)), Log()


def table_of(data: xr.Dataset) -> RawTable:
    """The raw table of a data base.

    Raises:
        DataError: activities that make other commodities than that of their name.
    """
    goods, regions, endowments = (list(map(str, data[axis].values)) for axis in ("comm", "reg", "endw"))
    made = data["MAKB"].transpose("comm", "acts", "reg").values
    if list(map(str, data["acts"].values)) != goods or (made * (1.0 - np.eye(len(goods)))[:, :, None]).any():
        raise DataError(["activities make other commodities than that of their name; make the data base diagonal"])
    rows = _accounts(goods, regions, endowments)
    accounts = pd.DataFrame(rows, columns=["account", "region", "label", "role", "contents"]).set_index("account")
    flows = square(np.zeros((len(accounts),) * 2), list(accounts.index))
    for region in regions:
        _fill(flows, data.sel(reg=region, drop=True), region, goods, endowments)
        for good in goods:
            for origin in regions:
                value = float(data["VXSB"].sel(comm=good, src=origin, dst=region))
                flows.loc[f"{origin} {good}", f"{region} imports of {good}"] = value
    for margin in map(str, data["marg"].values):
        for region in regions:
            flows.loc[f"{region} {margin}", "margins"] = float(data["VST"].sel(marg=margin, reg=region))
    people = {r: float(data["POP"].sel(reg=r)) for r in regions} if "POP" in data else {}
    about = About(unit="million USD", currency="USD", prices="basic", source="GTAP data base")
    return RawTable(flows, accounts, _wedges(data), population=people, about=about)


def _accounts(goods: list[str], regions: list[str], endowments: list[str]) -> list[tuple[str, str, str, str, str]]:
    rows = []
    for r in regions:
        rows += [(f"{r} {g}", r, g, "industry", "") for g in goods]
        rows += [(f"{r} imports of {g}", r, g, "import", "") for g in goods]
        rows += [(f"{r} {e}", r, e, "value-added", "") for e in endowments]
        rows += [(f"{r} taxes on {g}", r, g, "tax:product", "") for g in goods]
        rows += [(f"{r} taxes on {e}", r, e, "tax:factor", "") for e in endowments]
        rows += [(f"{r} taxes on output", r, "taxes on output", "tax:production", "")]
        rows += [(f"{r} {agent}", r, agent, agent, "") for agent in FINAL]
    return [*rows, ("margins", "", "margins", "margin", "")]


def _fill(flows: xr.DataArray, one: xr.Dataset, region: str, goods: list[str], endowments: list[str]) -> None:
    """The flows inside a region."""
    industries = [f"{region} {g}" for g in goods]
    imports, taxes = ([f"{region} {what} {g}" for g in goods] for what in ("imports of", "taxes on"))
    for users, letter in ((industries, "F"), *(([f"{region} {agent}"], u) for agent, u in FINAL.items())):
        home, abroad = (one[f"V{side}{letter}B"] for side in "DM")
        paid = one[f"VD{letter}P"] + one[f"VM{letter}P"] - home - abroad
        for sellers, array in ((industries, home), (imports, abroad), (taxes, paid)):
            flows.loc[sellers, users] = array.values.reshape(len(goods), len(users))
    flows.loc[[f"{region} {e}" for e in endowments], industries] = one["EVFB"].values
    flows.loc[[f"{region} taxes on {e}" for e in endowments], industries] = (one["EVFP"] - one["EVFB"]).values
    flows.loc[f"{region} taxes on output", industries] = (one["MAKB"] - one["MAKS"]).sum("comm").values


def _wedges(data: xr.Dataset) -> xr.Dataset:
    names = {"src": "exporter", "dst": "importer", "comm": "sector", "marg": "margin"}
    cif = data["VCIF"]
    rate = ((data["VMSB"] - cif) / cif.where(cif != 0.0)).fillna(0.0).expand_dims(layer=["tariff"])
    arrays = {"tariff": rate, "export_tax": data["VFOB"] - data["VXSB"], "margin_use": data["VTWR"]}
    flow = ("exporter", "importer", "sector")
    return xr.Dataset(
        {
            name: array.drop_attrs()
            .rename({d: names[str(d)] for d in array.dims if str(d) in names})
            .transpose(..., *flow)
            for name, array in arrays.items()
        }
    )
