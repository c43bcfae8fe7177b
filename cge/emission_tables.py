"""Tables of CO2: by the fuel that is burnt, where it leaks to, and the permits that regions trade."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from . import accounts
from .block import Table
from .parameters import Parameters

PROCESS, OTHER, HOUSEHOLDS, WORLD = "process", "other", "households", "world"
"""Sources that are no fuel: processes of an industry, all goods that a household buys; an emitter; a row."""


def nothing(columns: list[str], text: tuple[str, ...]) -> pd.DataFrame:
    """A table without rows: columns of text, and of numbers."""
    return pd.DataFrame({name: pd.Series(dtype=object if name in text else float) for name in columns})


def _by_fuel(parameters: Parameters) -> bool:
    return "co2_total0" in parameters.data


def sources(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """CO2 by region, emitter and source; empty where the structure has no CO2 by fuel.

    Returns:
        Columns `region`; `emitter`: a sector, or "households"; `source`: the fuel that is burnt, by its sector,
        "process", or of households "other"; `base_kt`, `new_kt`.
    """
    own = accounts.completed(parameters, point)
    columns = ["region", "emitter", "source", "base_kt", "new_kt"]
    if not _by_fuel(own):
        return nothing(columns, ("region", "emitter", "source"))
    p, x = accounts.numbers(own, point)
    fuels = _fuels(own)
    burnt = (p["emissions0"] * p["share_burnt"]).transpose("region", "sector", "input").values
    volume = x["input_volume"].transpose("region", "sector", "input").values
    process = (p["emissions0"] * p["share_process"]).transpose("region", "sector").values
    home = (p["household_emissions0"] * p["share_burnt_home"]).transpose("region", "sector").values
    bought = x["c"].transpose("region", "sector").values
    sectors, every = own.labels["sector"], np.ones(len(own.labels["sector"]), dtype=bool)
    every[fuels] = False
    names = [*(sectors[k] for k in fuels), PROCESS, OTHER]
    blocks: list[np.ndarray] = []
    for industries, households in (
        ([burnt[:, :, k] for k in fuels] + [process], [home[:, k] for k in fuels]),
        (
            [burnt[:, :, k] * volume[:, :, k] for k in fuels] + [process * x["y"].transpose("region", "sector").values],
            [home[:, k] * bought[:, k] for k in fuels],
        ),
    ):
        index = bought if blocks else np.ones_like(bought)
        rest = (home * index)[:, every].sum(1)
        of_industry = np.stack([*industries, np.zeros_like(process)], axis=-1)
        of_home = np.stack([*households, np.zeros_like(rest), rest], axis=-1)[:, None, :]
        blocks.append(np.concatenate([of_industry, of_home], axis=1))
    labels = [np.array(x, dtype=object) for x in (own.labels["region"], [*sectors, HOUSEHOLDS], names)]
    at = np.nonzero(blocks[0] > 0.0)
    keys = {key: label[k] for key, label, k in zip(columns[:3], labels, at, strict=True)}
    return pd.DataFrame(keys | {"base_kt": blocks[0][at], "new_kt": blocks[1][at]}, columns=columns)


def _fuels(parameters: Parameters) -> list[int]:
    """Places of the sectors whose goods industries burn, in the order of the sectors."""
    burnt = parameters.arrays["share_burnt"].sum(axis=(0, 2))
    return [int(k) for k in np.nonzero(burnt > 0.0)[0]]


def leakage(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Where CO2 goes when some regions price it; empty where none does, or all do.

    A region acts where it has a price of CO2, or, without CO2 by fuel, a charge on output that emits.

    Returns:
        Index `region`, with a last row "world"; columns `acts`: "yes" or "no"; `base_kt`, `new_kt`, `change_kt`;
        `leakage_pct`: change of a region that does not act, per cent of the cut of those that do; their sum in the
        last row.
    """
    own = accounts.completed(parameters, point)
    columns = ["region", "acts", "base_kt", "new_kt", "change_kt", "leakage_pct"]
    p, x = accounts.numbers(own, point)
    acts = _acts(own, p, x)
    base = ((p["emissions0"]).sum("sector") + p["household_emissions0"]).values
    if not acts.any() or acts.all() or not base.any():
        return nothing(columns, ("region", "acts")).set_index("region")
    industry = (p["emissions0"] * x["industry_emissions"]).sum("sector")
    now = (industry + p["household_emissions0"] * x["household_emissions"]).values
    change = now - base
    cut = -change[acts].sum()
    share = np.where(acts | (cut == 0.0), np.nan, 100.0 * change / (cut or 1.0))
    rows = pd.DataFrame(
        {
            "region": own.labels["region"],
            "acts": np.where(acts, "yes", "no"),
            "base_kt": base,
            "new_kt": now,
            "change_kt": change,
            "leakage_pct": share,
        }
    )
    total = {"region": WORLD, "acts": "", "base_kt": base.sum(), "new_kt": now.sum(), "change_kt": change.sum()}
    whole = pd.DataFrame([total | {"leakage_pct": np.nansum(share)}])
    return pd.concat([rows, whole])[columns].set_index("region")


def _acts(own: Parameters, p: Table, x: Table) -> np.ndarray:
    """Whether a region prices CO2."""
    if _by_fuel(own):
        return np.asarray((x["co2"] > 0.0).values)
    charged = (x["to_unit"] > 0.0) * (p["emissions0"] > 0.0)
    return np.asarray(charged.sum("sector").values > 0.0)


def permits(parameters: Parameters, point: xr.Dataset) -> pd.DataFrame:
    """Permits by region; those that take part in a market where they are traded.

    Returns:
        Index `region`; `price_usd`: of a tonne to those who emit, USD; `allowances_kt`, `emissions_kt`: of those
        covered; `sold_kt`: permits sold abroad less those bought; `sold_musd`: what the region gets for them, with what
        a fund pays it.
    """
    own = accounts.completed(parameters, point)
    columns = ["region", "price_usd", "allowances_kt", "emissions_kt", "sold_kt", "sold_musd"]
    if not _by_fuel(own):
        return nothing(columns, ("region", "acts")).set_index("region")
    p, x = accounts.numbers(own, point)
    trades, covered = x["trades"].values, (p["co2_total0"] * x["priced_emissions"]).values
    value = (p["income0"] * x["permits"]).values
    there = (trades > 0.0) | (abs(value) > 0.0)
    if not there.any():
        return nothing(columns, ("region", "acts")).set_index("region")
    pool = float((trades * covered).sum())
    sold = x["allotted"].values * pool - trades * covered
    rows = pd.DataFrame(
        {
            "region": own.labels["region"],
            "price_usd": x["co2"].values,
            "allowances_kt": sold + covered,
            "emissions_kt": covered,
            "sold_kt": sold,
            "sold_musd": value,
        }
    )
    rows.loc[(trades == 0.0) & (sold == 0.0), ["allowances_kt", "emissions_kt"]] = 0.0  # the fund alone pays it
    return rows[there].set_index("region")


def implied_contents(parameters: Parameters) -> pd.DataFrame:
    """CO2 in a dollar of each fuel as the accounts imply it, and what of the accounts no fuel carries.

    Args:
        parameters: with CO2 by fuel.

    Returns:
        Index `region`, the last row "world"; `SECTOR_power`, `SECTOR_industry`, `SECTOR_households`: tonnes in 1,000
        USD at basic prices of what each buys of a sector whose good is burnt; `process_pct`: of industries' CO2,
        `other_pct`: of households' CO2 that goes with all that they buy.
    """
    a, labels = parameters.labelled, parameters.labels
    fuels = [labels["sector"][k] for k in _fuels(parameters)]
    power = (a["input_use"]["sector"].isin(_power(parameters))).astype(float)
    burnt, bought = a["emissions0"] * a["share_burnt"], a["input_use"]
    home = a["household_emissions0"] * a["share_burnt_home"]
    private = a["final_use"].sel(agent="C", drop=True)
    columns = {}
    for fuel in fuels:
        for word, who in (("power", power), ("industry", 1.0 - power)):
            kt = (burnt.sel(input=fuel, drop=True) * who).sum("sector")
            used = bought.sel(input=fuel, drop=True) * who * (burnt.sel(input=fuel, drop=True) > 0.0)
            columns[f"{fuel}_{word}"] = kt, used.sum("sector")
        kt = home.sel(sector=fuel, drop=True)
        columns[f"{fuel}_households"] = kt, private.sel(sector=fuel, drop=True)
    columns["process_pct"] = 100.0 * (a["emissions0"] * a["share_process"]).sum("sector"), a["emissions0"].sum("sector")
    other = home.sum("sector") - home.sel(sector=fuels).sum("sector")
    columns["other_pct"] = 100.0 * other, a["household_emissions0"]
    rows = {}
    for name, (part, whole) in columns.items():
        values = [
            *zip(part.values.tolist(), whole.values.tolist(), strict=True),
            (float(part.sum()), float(whole.sum())),
        ]
        rows[name] = [above / below if below > 0.0 else np.nan for above, below in values]
    return pd.DataFrame(rows, index=pd.Index([*labels["region"], WORLD], name="region"))


def _power(parameters: Parameters) -> list[str]:
    sells = parameters.given["electricity"]
    return [str(s) for s in sells["sector"].values if float(sells.sel(sector=s).max()) > 0.0]
