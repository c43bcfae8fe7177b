"""CO2 of industries and households by country: the latest open data, fitted to the table's sectors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from . import sources

PATTERN, LEVEL = 2014, 2018
"""Years of the emissions by industry and of the totals by country. The accounts have later years, up to 2016, but break
in 2015 (China's cement and other non-metallic minerals fall by 60 % in one year), so the pattern is that of 2014."""

UTILITIES = "UTL"
HOUSEHOLDS = "households"
REST = "RoW"
POOLED = {"C22": "RUB", "C23": "NMM"}
"""Industries whose lines the accounts of the rest of the world seem to mix: rubber emits there 3.6 times as much as
cement and other minerals, in no country with accounts as much. Their sum is split by the mean intensities of those."""

ENERGY: Mapping[str, float] = {"ENE": 20.0, "PET": 5.0, "UTL": 3.0}
"""What a dollar of energy counts when a lump of several industries is split by the energy that they buy: tonnes of CO2
for 1,000 USD of 2020, as the world's purchases imply them; of utilities half of what gas would hold."""


def emissions(
    shared: Path, output: pd.DataFrame, consumption: pd.Series, energy: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """CO2 of 2018 by country and sector, kt, with a column `households`.

    The pattern over industries and households is that of each country's accounts; countries without accounts share
    what these give for the rest of the world, in proportion to output. Every country is then scaled to its own
    totals, power stations (the sector of utilities) apart from all else.

    Args:
        shared: folder that holds `data/`.
        output: of the table [country, sector], million USD.
        consumption: of households [country], million USD.
        energy: that industries buy, weighted with `ENERGY` [country, sector].

    Returns:
        Emissions [country, sector and households], and the log (columns what, where, by_how_much, why).
    """
    accounts = sources.emissions_by_industry(shared)[PATTERN].unstack("code").fillna(0.0)
    totals = sources.emissions_by_country(shared, [str(country) for country in output.index], LEVEL)
    size = output.assign(**{HOUSEHOLDS: consumption})
    known = size.index.isin(accounts.index)
    mixed = accounts.loc[[REST]].sum()
    clear = _unpooled(accounts.loc[size.index[known]], size[known], mixed, size[~known])
    accounts.loc[REST], moved = clear, float(clear["C23"] - mixed["C23"])
    made = pd.DataFrame(0.0, index=size.index, columns=size.columns)
    made.loc[known] = _by_sector(accounts.loc[size.index[known]], size[known], energy[known])
    world, bought = size[~known].sum(), energy[~known].sum()
    rest = _by_sector(accounts.loc[[REST]], world.to_frame(REST).T, bought.to_frame(REST).T).loc[REST]
    made.loc[~known] = size[~known] * (rest / world.where(world > 0.0, 1.0))
    used = float(made[known].to_numpy().sum() + rest.sum())
    for sort, columns in (("power", [UTILITIES]), ("other", [c for c in made.columns if c != UTILITIES])):
        factor = totals[sort] / made[columns].sum(axis=1).replace(0.0, np.nan)
        made[columns] = made[columns].mul(factor.fillna(1.0), axis=0)
    total, lost = made.to_numpy().sum() / 1e6, (float(accounts.to_numpy().sum()) - used) / 1e6
    log = [
        ("CO2 emissions", "all", f"{total:.2f} Gt of {LEVEL}",
         f"by industry as in {PATTERN}, each country scaled to EDGAR's totals of {LEVEL}; the table is of 2020"),
        ("CO2 emissions by industry", f"{int((~known).sum())} countries without accounts", "",
         "the rest of the world's emissions per unit of output"),
        ("CO2 emissions of lumped industries", "ENE and MIN; STL and NFM; SHP and OTM", "",
         "one figure in the accounts, split by the energy that each buys; by output it would put the coal of steel "
         "on non-ferrous metals, which buy little of it"),
        ("CO2 emissions", "rest of the world: RUB to NMM", f"{moved / 1e3:,.0f} Mt of {PATTERN}",
         "the accounts mix rubber and non-metallic minerals; their sum, split by the mean intensities elsewhere"),
        ("CO2 emissions", "countries' industries without output in the table", f"{abs(lost):.3f} Gt of {PATTERN}",
         "left out"),
    ]  # fmt: skip
    return made, pd.DataFrame(log, columns=["what", "where", "by_how_much", "why"])


def _unpooled(accounts: pd.DataFrame, size: pd.DataFrame, rest: pd.Series, outside: pd.DataFrame) -> pd.Series:
    """The rest's emissions by code, what it pools split by the mean intensities of countries with accounts."""
    codes, sectors = list(POOLED), list(POOLED.values())
    mean = accounts[codes].sum().to_numpy() / size[sectors].sum().to_numpy()
    weight = mean * outside[sectors].sum().to_numpy()
    result = rest.copy()
    result[codes] = rest[codes].sum() * weight / weight.sum()
    return result


def _by_sector(rows: pd.DataFrame, size: pd.DataFrame, energy: pd.DataFrame) -> pd.DataFrame:
    """Emissions by the accounts' industries [country, code] as those of sectors; a lump is split by energy bought.

    Args:
        rows: of the accounts.
        size: output, and consumption of households [country, sector].
        energy: bought [country, sector]; where nobody in a lump buys any, output takes its place.
    """
    made = pd.DataFrame(0.0, index=size.index, columns=size.columns)
    made[HOUSEHOLDS] = rows["FC_HH"]
    content: dict[str, list[str]] = {}
    for sector, group in sources.sectors().groupby("s28", sort=False):
        for code in dict.fromkeys(code for row in group["wiod"] for code in row.split()):
            content.setdefault(code, []).append(str(sector))
    for code, sectors in content.items():
        weight = energy[sectors].where(size[sectors] > 0.0, 0.0)
        weight = weight.where(weight.sum(axis=1) > 0.0, size[sectors])
        whole = weight.sum(axis=1)
        made[sectors] += weight.div(whole.where(whole > 0.0, np.inf), axis=0).mul(rows[code], axis=0)
    return made
