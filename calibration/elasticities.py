"""Elasticities: one table with a source for every row, in three sets.

Which trade elasticity, and why. Six studies estimate it by sector with different data and
methods, and differ by a factor of three in most sectors. For the welfare effect of a tariff no
single one is a safe choice (petroleum at 64.9 or motor vehicles at 1.1 in one of them would drive a
result), so the default is the median of the studies sector by sector and the sets `lower`
and `upper` are their quartiles: an outlier moves neither, and the distance between the sets is
the disagreement in the literature. A theta of a study is sigma - 1, so esubm = theta + 1.
Left out: a uniform value of 4 (Simonovska and Waugh, 2014), which says nothing about sectors; a set
whose paper the raw table does not name; and the 4.0 that fills the sectors a study has not.

Gravity identifies the substitution among foreign origins. Between home goods and imports it is
lower (Feenstra, Luck, Obstfeld and Russ, 2018, Review of Economics and Statistics 100(1)); the
default is the rule of two, esubd = esubm / 2, as in GTAP. With esubd = esubm the two nests are one.

The sets differ in the trade elasticities only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from cge.errors import DataError, nearest

from .elasticity_sets import CITATIONS, with_published
from .elasticity_sets import NAMED as NAMED
from .rows import SETS as SETS
from .rows import named, read_rows, unknown, without_bounds
from .rules import RULES
from .world2020.us_measures import raw_folder, sector_codes

DATA = Path(__file__).parent / "data"
TABLE = DATA / "elasticities.csv"
ElasticityError = DataError  # the name of before, for programs that catch it
SetName = Literal["default", "lower", "upper", "BSY", "CP", "FGO", "GYY", "IS", "LL", "Shap", "U4"]

FACTORS = ("LAB", "CAP", "LND", "NAT")
# Studies of the raw table that enter the median, and the 4.0 that stands for "no estimate".
STUDIES = ("BSY", "CP", "FGO", "GYY", "LL", "Shap")
FILLED = {"GYY": 4.0}
# sigma of services: theta 4 (the filler of seven of the raw table's eight sets; Simonovska and
# Waugh, 2014), plus one; GTAP's 2 x 1.9; theta 5 (Egger, Larch and Staub, 2012), plus one.
SERVICES = {"default": 5.0, "lower": 3.8, "upper": 6.0}

# Income per head in USD of 2020: the United States, and its consumer prices over those of
# 1970 (BLS, CPI-U: 258.8 / 38.8).
US_INCOME = 63_600.0
PRICES_SINCE_1970 = 6.67


def load_elasticities(
    set: SetName = "default",  # noqa: A002
    path: Path | None = None,
) -> xr.Dataset:
    """Read one set of the table of elasticities.

    Args:
        set: `default`, `lower` or `upper`, or a study (`cge.calibration.elasticity_sets.CITATIONS`); the trade
            elasticities differ.
        path: A file of rows that differ from the package's table, or of all rows for sectors of its own (see
            `cge.calibration.rows`); the package's table alone if None.

    Returns:
        Dimensionless: `esubm`, `esubd`, `esubva`, `cet`, `income_elasticity`, `income_elasticity_low`,
        `income_elasticity_high` [sector]; `eta_factor` [factor]; `esubt`, `esubn`, `esubg`, `esubi`, `frisch`
        (scalars). Sources: column `source` of the file.

    Raises:
        DataError: listing all faults of the file: unknown names (with the nearest known), missing or repeated rows,
            values that are no numbers or out of range, bounds that are not there.
        AbsentError: if the file is not there.
    """
    if set in CITATIONS and path is None:
        return with_published(load_elasticities(), set)
    if set not in SETS:
        raise DataError([f"unknown set {set!r}{nearest(set, NAMED)}; use {', '.join(NAMED)}"], "the call")
    rows = read_rows(TABLE)
    axes = {"sector": named(rows, "sector"), "factor": list(FACTORS)}
    base = overlaid(empty(axes).assign_attrs(set=set, file=TABLE.name), rows, set)
    if path is None:
        return base
    own = read_rows(Path(path))
    known = {axis: [str(label) for label in base[axis].values] for axis in axes}
    if not frozenset(named(own, "sector")) <= frozenset(known["sector"]):  # sectors of its own: all of their rows
        known["sector"] = [s for s in named(own, "sector") if s not in known["sector"]] or known["sector"]
    known["factor"] += [factor for factor in named(own, "factor") if factor not in known["factor"]]
    start = base.reindex(sector=known["sector"], factor=known["factor"]).assign_attrs(file=Path(path).name)
    data = overlaid(start, own, set)
    if faults := lacking(data):
        raise DataError(faults, Path(path).name)
    return data


def empty(axes: Mapping[str, list[str]]) -> xr.Dataset:
    """Every parameter over some labels of sector and factor, without a value."""
    data = xr.Dataset(coords=axes)
    for name, rule in RULES.items():
        shape = (len(axes[rule.index]),) if rule.index else ()
        dims = (rule.index,) if rule.index else ()
        data[name] = xr.DataArray(
            np.full(shape, math.nan), dims=dims, attrs={"description": rule.text, "unit": "elasticity"}
        )
    return data


def overlaid(base: xr.Dataset, rows: pd.DataFrame, column: str) -> xr.Dataset:
    """Elasticities with the values of rows in the place of theirs.

    A row for `income_elasticity` that differs from the base holds in low- and in high-income countries too, unless
    other rows say what holds there.

    Args:
        base: values [sector], [factor] and scalars; not a number where there is none.
        rows: as `cge.calibration.rows.read_rows` gives them; labels that the base does not have are an error.
        column: `default`, `lower` or `upper`.

    Raises:
        DataError: listing rows whose label the base does not have, and rows without bounds if these are wanted.
    """
    faults = [
        f"{key} has no bounds; give lower and upper, or draw nothing"
        for key in without_bounds(rows)
        if column != "default"
    ]
    data = base.copy(deep=True)
    keys = zip(map(str, rows["parameter"]), map(str, rows["index"]), strict=True)
    given = dict(zip(keys, map(float, rows[column]), strict=True))
    for (name, label), value in given.items():
        axis = RULES[name].index
        if axis and label not in base[axis].values:
            faults.append(f"{name}: " + unknown(axis, label, [str(known) for known in base[axis].values]))
            continue
        at = {axis: label} if axis else {}
        old = float(data[name].sel(at))
        data[name].loc[at] = value
        if name == "income_elasticity" and value != old:
            for other in ("income_elasticity_low", "income_elasticity_high"):
                if (other, label) not in given:
                    data[other].loc[at] = value
    if faults:
        raise DataError(faults, str(base.attrs.get("file", "the rows")))
    return data


def lacking(data: xr.Dataset) -> list[str]:
    """Values that are not there, one sentence each."""
    faults = []
    for name, rule in RULES.items():
        if name not in data or not bool(data[name].isnull().any()):
            continue
        if not rule.index:
            faults.append(f"parameter {name} is missing; add its row ({rule.text})")
            continue
        labels = data[rule.index].values[data[name].isnull().values]
        faults += [f"{name} lacks {rule.index} {label}; add a row" for label in labels]
    return faults


def for_sectors(elasticities: xr.Dataset, mapping: Mapping[str, str], weights: xr.DataArray) -> xr.Dataset:
    """Aggregate elasticities to coarser sectors as value-weighted means.

    Args:
        elasticities: result of `load_elasticities`.
        mapping: new sector of every sector; its order of first appearance is the new axis.
        weights: values [sector], for instance world trade in million USD. A group without value gets its plain mean.

    Returns:
        The same variables over the new sectors.

    Raises:
        DataError: if the mapping or the weights miss a sector or name an unknown one, or weights are negative or
            missing.
    """
    sectors = [str(s) for s in elasticities.sector.values]
    known = [str(s) for s in weights.sector.values]
    faults = [f"sector {s} has no new sector; add it" for s in sectors if s not in mapping]
    faults += [unknown("sector", s, sectors) for s in mapping if s not in sectors]
    faults += [f"sector {s} has no weight; add it" for s in sectors if s not in known]
    if not bool((weights >= 0).all()):
        faults.append("weights are negative or missing; give values of at least 0")
    if faults:
        raise DataError(faults, "the aggregation")

    new = list(dict.fromkeys(mapping[s] for s in sectors if s in mapping))
    new = [s for s in dict.fromkeys(mapping.values()) if s in new]
    return means(elasticities, {group: frozenset(s for s in sectors if mapping[s] == group) for group in new}, weights)


def means(elasticities: xr.Dataset, members: Mapping[str, frozenset[str]], weights: xr.DataArray) -> xr.Dataset:
    """Elasticities of groups of sectors as value-weighted means; a group without value gets its plain mean.

    Args:
        elasticities: values [sector].
        members: sectors of every new sector, in the order of the new axis; one may be in several.
        weights: values of at least zero [sector].
    """
    sectors = [str(s) for s in elasticities.sector.values]
    member = np.array([[s in held for s in sectors] for held in members.values()], dtype=float).reshape(
        -1, len(sectors)
    )
    share = member * weights.sel(sector=sectors).values
    empty_ = share.sum(1) == 0
    share[empty_] = member[empty_]
    share /= np.where(share.sum(1, keepdims=True) == 0.0, 1.0, share.sum(1, keepdims=True))
    result = elasticities.drop_dims("sector").assign_coords(sector=list(members))
    for name, values in elasticities.data_vars.items():
        if "sector" not in values.dims:
            continue
        # An infinite elasticity in a sector of no weight must not make the group's NaN.
        terms = np.where(share > 0, values.values, 0.0) * share
        result[name] = xr.DataArray(terms.sum(1), dims="sector", attrs=values.attrs)
    return result[list(elasticities.data_vars)]


def frisch(income_per_head: xr.DataArray) -> xr.DataArray:
    """Return the Frisch parameter at an income per head.

    It is -36 X^-0.36 with X in USD of 1970 (Lluch, Powell and Williams, 1977, Patterns in
    Household Demand and Saving, Oxford University Press), kept between -7.5 and -1.1.

    Args:
        income_per_head: USD of 2020, any dims.

    Returns:
        Dimensionless, negative, the same dims.
    """
    in_1970: xr.DataArray = income_per_head / PRICES_SINCE_1970
    return (-36.0 * in_1970**-0.36).clip(-7.5, -1.1)


def for_income(elasticities: xr.Dataset, income_per_head: xr.DataArray) -> xr.Dataset:
    """Replace the household's parameters by those of an income per head.

    Income elasticities move with the logarithm of income from those of low-income countries (up to
    15 % of the United States) to those of high-income ones (from 45 %), the bounds of Muhammad,
    Seale, Meade and Regmi (2011, USDA Technical Bulletin 1929).

    Args:
        elasticities: result of `load_elasticities` or `for_sectors`.
        income_per_head: USD of 2020 [region].

    Returns:
        The same with `frisch` [region] and `income_elasticity` [region, sector].

    Raises:
        DataError: if an income is missing or not positive.
    """
    bad = [str(r) for r in income_per_head.region.values[~(income_per_head.values > 0)]]
    if bad:
        raise DataError([f"income per head of {r} is missing or not positive" for r in bad], "the call")
    span = math.log(0.45 / 0.15)
    place = (np.log(income_per_head / US_INCOME / 0.15) / span).clip(0.0, 1.0)
    low, high = elasticities["income_elasticity_low"], elasticities["income_elasticity_high"]
    return elasticities.assign(frisch=frisch(income_per_head), income_elasticity=low + (high - low) * place)


def trade_elasticities(shared: Path) -> pd.DataFrame:
    """Compute the default, lower and upper `esubm` of goods from the published estimates.

    Args:
        shared: folder that holds `data/`, or that folder itself (`elasticities/`; `trade/` for the weights of the model
            sectors that join ICIO products: world trade of 2020).

    Returns:
        Index model sector (goods only), columns `default` (median of studies + 1), `lower` and `upper` (quartiles + 1).
        The committed table holds these numbers rounded to 0.01.

    Raises:
        AbsentError: if raw files are missing.
    """
    raw = pd.read_csv(raw_folder(shared) / "elasticities" / "trade_elasticities_icio28.csv", index_col=0)
    theta = raw[list(STUDIES)].astype(float)
    for study, filler in FILLED.items():
        theta[study] = theta[study].where(theta[study] != filler)
    with np.load(raw_folder(shared) / "trade" / "icio_trade_tariff_cubes.npz") as cube:
        flows = cube["X"][[int(y) for y in cube["years"]].index(2020)].astype(float)
        codes = [str(s) for s in cube["sectors"]]
    traded = flows.sum((0, 1)) - np.trace(flows)
    estimates = pd.DataFrame(
        {
            "default": theta.quantile(0.5, axis=1),
            "lower": theta.quantile(0.25, axis=1),
            "upper": theta.quantile(0.75, axis=1),
            "weight": traded,
        },
        index=codes,
    )
    lines = sector_codes().join(estimates, on="icio", how="inner")
    lines = lines[lines["icio"].isin(codes)]
    for name in SETS:
        lines[name] *= lines["weight"]
    summed = lines.groupby("sector")[[*SETS, "weight"]].sum()
    return summed[list(SETS)].div(summed["weight"], axis=0) + 1
