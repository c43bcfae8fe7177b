"""Applied tariffs of 2022 that are really paid, in three layers: MFN or preferential, Section 232, Section 301.

The world table is Teti's Global Tariff Database averaged over ICIO products (F. Teti, "Missing Tariffs", CESifo Working
Paper 11590, 2024); its averages count every tariff line alike. Three rules make of them what importers pay:

1. *Agreements on zero duties* (Information Technology Agreement of 1996 and of 2015, pharmaceuticals), by membership
   of the importer. With L the share of a product's lines inside the agreements and c the share of trade on them, the
   average t becomes t (1 - c) / (1 - L): the lines outside keep their mean and are weighted with the trade outside. c
   is the share of the exporter's sales to the United States, the one importer whose trade by line is at hand. Lines are
   counted over the class that the source averages over (`CLASSES`), and the mean of the lines outside, t / (1 - L), is
   at most what the importer charges on the dearest of its other manufactures from there, textiles apart.
2. *Averages over lines.* The schedules of the United States and of Japan give both the mean over lines and the mean
   weighted with trade (of the United States, line by line); other importers' averages, MFN and preferential, are
   multiplied by what the second is of the first, at most 1.
3. *Food* columns with a top rate above 50 %, which alcohol and tobacco make, are scaled as in the 2020 benchmark.

Japan's own schedule replaces averages for Japan, and duties collected by the United States those of the United States.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.calibration.world2020.tariffs import EU27, FOOD_LIMIT, LAYERS, LOG_COLUMNS
from cge.calibration.world2020.us_measures import sector_codes

from . import raw
from .us_duties import us_layers

LINES = "tariffs/hs8_to_icio27.csv"
US_LINES = "tariffs/us_measures_hs8.csv"
ZERO_LINES = "tariffs/zero_duty_agreements_hs6.csv"
ZERO_MEMBERS = "tariffs/zero_duty_agreements_participants.csv"
ZERO_SHARES = "tariffs/zero_duty_shares_icio_us2024.csv"
JAPAN = "tariffs/japan_tariff_hs9_2026.csv"

SHARE_OF = {"ITA1": "share_ita1", "ITA2": "share_ita2_only", "PHARMA": "share_pharma"}
CLASSES = {"C20": ("C20", "C21"), "C21": ("C20", "C21")}
"""Products for which the source has one average: chemicals and pharmaceuticals bear the same rate on every pair."""
TEXTILES = "C13T15"
BOTTOM = 0.25
"""Least part of an average over lines that rule 2 leaves."""
SOUND = 0.005
"""A schedule's mean over lines under this says nothing of the weighted one."""

NEARLY_NONE = 0.1
"""Share of lines inside the agreements under which a product tells what an importer charges outside them."""

FEW = 10
"""Lines under which an average hides nothing (crude oil is one)."""

JAPAN_COLUMNS = {
    **dict.fromkeys(("BRN", "CAN", "NZL"), ("cptpp",)),
    **dict.fromkeys(EU27, ("eu",)),
    **dict.fromkeys(("KHM", "LAO", "MMR"), ("asean", "rcep_asean_aus_nzl")),
    "AUS": ("aus", "cptpp"), "MEX": ("mex", "cptpp"), "CHL": ("chl", "cptpp"), "PER": ("per", "cptpp"),
    "VNM": ("vnm", "cptpp"), "MYS": ("mys", "cptpp"), "SGP": ("sgp", "cptpp"), "THA": ("tha", "asean"),
    "IDN": ("idn", "asean"), "PHL": ("phl", "asean"), "GBR": ("gbr", "cptpp"), "USA": ("usa",), "CHN": ("rcep_chn",),
    "KOR": ("rcep_kor",), "IND": ("ind",), "CHE": ("che",),
}  # fmt: skip
"""Preferences that Japan grants, by partner; the lowest of them and MFN is paid."""

Log = list[tuple[str, str, str, str]]


def tariff_layers(shared: Path, trade: xr.DataArray, *, paid: bool = True) -> tuple[xr.Dataset, pd.DataFrame]:
    """Applied tariffs of 2022 by layer, and a log of what was changed in the raw data.

    Args:
        shared: folder that holds `data/`.
        trade: million USD [exporter, importer, sector], 28 sectors, home sales on the diagonal; gives the labels.
        paid: whether rules 1 and 2, and Japan's schedule, are applied; without them averages are the source's.

    Returns:
        `tariff` [layer, exporter, importer, sector], fractions of customs value; columns what, where, by_how_much, why.
    """
    log: Log = []
    rate = raw.cube(shared, "tariff").drop_sel(product=raw.SERVICES).transpose("exporter", "importer", "product")
    flow = raw.cube(shared, "X").drop_sel(product=raw.SERVICES).transpose("exporter", "importer", "product")
    own = flow["exporter"] == flow["importer"]
    flow = flow.where(~own, 0.0)
    rate = rate.where(~own, 0.0)
    applied = _food(rate, flow, log)
    for what, step, why in (
        ("tariffs inside agreements on zero duties", zero_duties,
         "ITA of 1996 and 2015 and the pharmaceutical agreement: lines inside are free, those outside keep their mean "
         "and the trade outside; shares of trade are those of US imports by partner"),
        ("averages over lines made weighted", weighted_averages,
         "what the weighted mean is of the mean over lines in the schedules of the United States and Japan, at most 1"),
        ("Japan's schedule", japan_schedule,
         "lines of 2026 at the lowest of MFN and preferences, weighted with US imports by HS6; no specific duties"),
    )[: None if paid else 0]:  # fmt: skip
        before = applied
        applied = step(shared, applied)
        _tell(what, why, before, applied, flow, log)
    layers = _by_sector(applied, flow, trade)
    us, us_log = us_layers(shared, trade)
    layers = layers.where(layers["importer"] != "USA", us)
    log += us_log
    why = "the source ends in 2021; agreements that entered into force in 2022 (RCEP) are in Japan's rates alone"
    log.append(("nothing: a limit of the source", "tariffs of 2022", "", why))
    return xr.Dataset({"tariff": layers}), pd.DataFrame(log, columns=list(LOG_COLUMNS))


def line_shares(shared: Path) -> pd.DataFrame:
    """Share of HS6 lines inside each agreement [product, agreement], over the class that the source averages.

    Lines covered in part count half.
    """
    lines = pd.read_csv(raw.open_raw(shared, LINES), dtype=str)
    count = lines.assign(hs6=lines["hs8"].str[:6]).groupby("icio27")["hs6"].nunique()
    inside = pd.read_csv(raw.open_raw(shared, ZERO_LINES), dtype={"hs6_2022": str})
    inside["part"] = np.where(inside["coverage"] == "whole", 1.0, 0.5)
    by_product = (
        inside.groupby(["icio", "agreement"])["part"].sum().unstack(fill_value=0).reindex(count.index).fillna(0)
    )
    classes = {product: list(CLASSES.get(product, (product,))) for product in count.index}
    part = pd.DataFrame({p: by_product.loc[held].sum() / count[held].sum() for p, held in classes.items()}).T
    # one line counts once: what both information technology agreements hold is the first's
    overlap = part.sum(axis=1).clip(lower=1.0)
    return part.div(overlap, axis=0)


def zero_duties(shared: Path, rate: xr.DataArray) -> xr.DataArray:
    """Rule 1: [exporter, importer, product]."""
    inside = line_shares(shared)
    table = pd.read_csv(raw.open_raw(shared, ZERO_SHARES)).set_index(["partner", "icio"])
    members = pd.read_csv(raw.open_raw(shared, ZERO_MEMBERS)).groupby("agreement")["iso3"].agg(set)
    products = [str(p) for p in rate["product"].values]
    exporters = [str(e) for e in rate["exporter"].values]
    outside_lines, outside_trade = xr.ones_like(rate), xr.ones_like(rate)
    for agreement, column in SHARE_OF.items():
        lines = inside[agreement].reindex(products).fillna(0.0)
        shares = table[column].unstack("icio")
        known = ["EU27" if e in EU27 else e for e in exporters]
        share = shares.reindex(known).fillna(shares.loc["TOTAL"]).reindex(columns=products).fillna(0.0)
        member = rate["importer"].isin(sorted(members[agreement]))
        by_line = xr.DataArray(lines.to_numpy(), dims="product", coords={"product": products})
        traded = xr.DataArray(share.to_numpy(), dims=("exporter", "product"),
                              coords={"exporter": exporters, "product": products})  # fmt: skip
        outside_lines = outside_lines - by_line.where(member, 0.0)
        outside_trade = outside_trade - traded.where(member, 0.0)
    made = [p for p in products if p.startswith("C") and p not in {"C10T12", TEXTILES}]
    dearest = rate.sel(product=[p for p in made if float(inside.sum(axis=1).get(p, 0.0)) < NEARLY_NONE]).max("product")
    mean = (rate / outside_lines.clip(min=0.05)).where(outside_lines < 1.0, np.inf)
    mean = mean.where(mean < dearest, np.fmax(dearest, rate))
    left = (mean * outside_trade.clip(min=0.0)).where(outside_lines > 0.05, 0.0)
    return xr.where(left < rate, left, rate).transpose(*rate.dims)


def schedule_ratios(shared: Path) -> pd.Series:
    """Weighted mean over mean over lines [product], of the MFN schedules of the United States and Japan."""
    covered = set(pd.read_csv(raw.open_raw(shared, ZERO_LINES), dtype={"hs6_2022": str})["hs6_2022"])
    weight = _us_imports(shared)
    found = []
    us = pd.read_csv(raw.open_raw(shared, US_LINES), dtype={"hs8": str})
    us = us.assign(hs6=us["hs8"].str[:6], mfn=us["mfn_advalorem"])
    japan = _japan_lines(shared)
    for lines in (us, japan):
        lines = lines[lines["mfn"].notna() & ~lines["hs6"].isin(covered)]
        six = lines.groupby(["icio", "hs6"])["mfn"].mean().reset_index()
        six["weight"] = six["hs6"].map(weight).fillna(0.0)
        simple = six.groupby("icio")["mfn"].mean()
        duty = (six["mfn"] * six["weight"]).groupby(six["icio"]).sum() / six.groupby("icio")["weight"].sum()
        found.append((duty / simple).where((simple >= SOUND) & (six.groupby("icio").size() >= FEW)))
    ratio = pd.concat(found, axis=1).mean(axis=1).clip(BOTTOM, 1.0).dropna()
    for product, held in CLASSES.items():
        if product not in ratio:  # all of it is under an agreement in both schedules: what its class says
            ratio[product] = ratio.reindex(list(held)).mean()
    return ratio


def weighted_averages(shared: Path, rate: xr.DataArray) -> xr.DataArray:
    """Rule 2: [exporter, importer, product]; pairs that are free stay so."""
    products = [str(p) for p in rate["product"].values]
    ratio = schedule_ratios(shared).reindex(products).fillna(1.0)
    return rate * xr.DataArray(ratio.to_numpy(), dims="product", coords={"product": products})


def _us_imports(shared: Path) -> pd.Series:
    """Imports of the United States in 2024 by HS6, million USD."""
    lines = pd.read_csv(raw.open_raw(shared, US_LINES), dtype={"hs8": str})
    return lines.groupby(lines["hs8"].str[:6])["imports_2024_musd"].sum()


def _japan_lines(shared: Path) -> pd.DataFrame:
    lines = pd.read_csv(raw.open_raw(shared, JAPAN), dtype={"hs9": str})
    rates = lines.columns.difference(["hs9", "icio", "mfn_kind"])
    lines[rates] = lines[rates].apply(pd.to_numeric, errors="coerce")
    return lines.assign(hs6=lines["hs9"].str[:6])


def japan_schedule(shared: Path, rate: xr.DataArray) -> xr.DataArray:
    """Rates with Japan's own [exporter, importer, product]."""
    lines = _japan_lines(shared)
    among = lines.groupby("hs6")["hs9"].transform("size")
    weight = lines["hs6"].map(_us_imports(shared)).fillna(0.0) / among
    products = [str(p) for p in rate["product"].values]
    rate = rate.copy()
    for exporter in map(str, rate["exporter"].values):
        columns = ["mfn", *JAPAN_COLUMNS.get(exporter, ())]
        paid = lines[columns].min(axis=1)
        known = paid.notna()
        total = (paid * weight)[known].groupby(lines["icio"]).sum()
        mean = (total / weight[known].groupby(lines["icio"]).sum()).reindex(products)
        old = rate.loc[{"exporter": exporter, "importer": "JPN"}]
        new = xr.DataArray(mean.to_numpy(), dims="product", coords={"product": products})
        rate.loc[{"exporter": exporter, "importer": "JPN"}] = new.where(new.notnull(), old)
    rate.loc[{"exporter": "JPN", "importer": "JPN"}] = 0.0
    return rate


def _food(rate: xr.DataArray, flow: xr.DataArray, log: Log) -> xr.DataArray:
    """Rule 3: the target is the median top rate of the importers under the limit, the EU counting as one."""
    food = rate.sel(product="C10T12")
    top = food.max("exporter").to_series()
    out = [c for c in top.index if top[c] > FOOD_LIMIT and c != "USA"]
    rest = [c for c in top.index if c not in {*out, "USA", *EU27}]
    target = float(np.median([*top[rest], float(np.median(top[list(EU27)]))]))
    factor = xr.DataArray([target / top[c] if c in out else 1.0 for c in top.index], dims="importer",
                          coords={"importer": top.index.tolist()})  # fmt: skip
    scaled = rate.where(rate["product"] != "C10T12", rate * factor)
    why = (
        f"tobacco and alcohol lines dominate the averages of {', '.join(out)}; target: the median top rate of "
        f"the other importers, {target:.0%}"
    )
    _tell("food tariffs scaled down", why, rate, scaled, flow, log)
    return scaled.transpose(*rate.dims)


def _tell(what: str, why: str, before: xr.DataArray, after: xr.DataArray, flow: xr.DataArray, log: Log) -> None:
    """One row with the effect on the importers that it moves most."""
    old, new = ((rate * flow).sum(("exporter", "product")).to_series() for rate in (before, after))
    imports = flow.sum(("exporter", "product")).to_series()
    moved = (old - new).abs().sort_values(ascending=False)
    large = [c for c in moved.index[:8] if moved[c] > 1.0]
    where = "; ".join(f"{c} {old[c] / imports[c]:.2%} to {new[c] / imports[c]:.2%}" for c in large)
    log.append(
        (what, where, f"duties of the world at flows of 2022 {old.sum():,.0f} to {new.sum():,.0f} million USD", why)
    )


def _by_sector(rate: xr.DataArray, flow: xr.DataArray, trade: xr.DataArray) -> xr.DataArray:
    """Layers [layer, exporter, importer, sector]: products of a sector weighted with trade, the plain mean without."""
    sector = dict(sector_codes().itertuples(index=False, name=None)) | {"C301": "SHP", "C302T309": "OTM"}
    parts = {s: [p for p in map(str, rate["product"].values) if sector.get(p) == s] for s in set(sector.values())}
    pieces = {}
    for name, products in parts.items():
        weight, part = flow.sel(product=products), rate.sel(product=products)
        total = weight.sum("product")
        mean = (part * weight).sum("product") / total.where(total > 0.0)
        pieces[name] = mean.fillna(part.mean("product"))
    goods = xr.concat(list(pieces.values()), pd.Index(list(pieces), name="sector"))
    mfn = goods.reindex(sector=trade["sector"].values, fill_value=0.0).reindex(
        exporter=trade["exporter"].values, importer=trade["importer"].values
    )
    layers = mfn.expand_dims(layer=list(LAYERS)) * xr.DataArray(
        [1.0, 0.0, 0.0], dims="layer", coords={"layer": list(LAYERS)}
    )
    return layers.transpose("layer", "exporter", "importer", "sector")
