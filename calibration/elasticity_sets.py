"""Trade elasticities of single studies, each a set that can be chosen by its name.

The table holds esubm, theta + 1, of the 28 sectors. Goods that join products of the study's classification have means
weighted with world trade of 2020; sectors of services have the study's value for services. Home goods and imports
follow the rule of two as in the other sets, esubd = esubm / 2. Only the trade elasticities differ from `default`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import xarray as xr

from .citations import citation
from .rows import SETS

DATA = Path(__file__).parent / "data"
TABLE = DATA / "trade_elasticity_sets.csv"
SERVICES = "Services (aggregate)"

CITATIONS: Mapping[str, str] = MappingProxyType(
    {
        "BSY": citation("BSY2021"),
        "CP": citation("CP2015"),
        "FGO": citation("FGO2022"),
        "GYY": f"{citation('GYY2021')}; 4.0 where it has no estimate",
        "IS": "a published set whose paper the raw table does not name; it enters no other set",
        "LL": citation("LL2023"),
        "Shap": citation("Shapiro2016"),
        "U4": f"{citation('SW2014')}: one value for all sectors",
    }
)
"""Name of every set, as the raw table has it, and where it is from."""

NAMED = (*SETS, *CITATIONS)
"""Sets of the package's table by name: the three, and those of single studies."""


def published() -> pd.DataFrame:
    """Every set: index sector, columns name of the set; esubm, dimensionless."""
    table = pd.read_csv(TABLE, comment="#", index_col="sector")
    return table[list(CITATIONS)]


def with_published(elasticities: xr.Dataset, name: str) -> xr.Dataset:
    """Elasticities of the 28 sectors with the trade elasticities of a study.

    Args:
        elasticities: as `cge.calibration.elasticities.load_elasticities` gives them.
        name: a key of `CITATIONS`.

    Returns:
        The same with `esubm` and `esubd` [sector] of the study; the attribute `source` cites it.
    """
    values = published()[name].reindex([str(s) for s in elasticities["sector"].values])
    esubm = xr.DataArray(values.to_numpy(), dims="sector", attrs=elasticities["esubm"].attrs)
    esubd = (esubm / 2.0).assign_attrs(elasticities["esubd"].attrs)
    return elasticities.assign(esubm=esubm, esubd=esubd).assign_attrs(set=name, source=CITATIONS[name])


def compute(shared: Path) -> pd.DataFrame:
    """Compute the committed table from the published estimates.

    Args:
        shared: folder that holds `data/`, or that folder itself (`elasticities/`; `trade/` for the weights).

    Returns:
        As `published`, not rounded; the committed table is rounded to 0.001.
    """
    from .world2020.us_measures import raw_folder, sector_codes

    raw = pd.read_csv(raw_folder(shared) / "elasticities" / "trade_elasticities_icio28.csv", index_col=0)
    with np.load(raw_folder(shared) / "trade" / "icio_trade_tariff_cubes.npz") as cube:
        flows = cube["X"][[int(y) for y in cube["years"]].index(2020)].astype(float)
        weight = pd.Series(flows.sum((0, 1)) - np.trace(flows), index=[str(s) for s in cube["sectors"]], name="weight")
    lines = sector_codes().join(raw[list(CITATIONS)], on="icio", how="inner").join(weight, on="icio", how="inner")
    sums = lines[list(CITATIONS)].mul(lines["weight"], axis=0).groupby(lines["sector"]).sum()
    goods = sums.div(lines.groupby("sector")["weight"].sum(), axis=0)
    sectors = pd.read_csv(DATA / "elasticities.csv", comment="#").query("parameter == 'esubm'")["index"]
    table = goods.reindex(list(sectors)).rename_axis("sector")
    return table.fillna(raw.loc[SERVICES, list(CITATIONS)].astype(float)) + 1.0


HEAD = """\
# Trade elasticities of single studies by sector: esubm = theta + 1. Computed from the published estimates by
# cge.calibration.elasticity_sets.compute (weights: world trade of 2020, OECD ICIO); sources: CITATIONS there.
"""
