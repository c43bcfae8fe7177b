"""Elasticities: one table with a source for every row, in three sets.

Which trade elasticity, and why. Six studies estimate it by sector with different data and
methods, and differ by a factor of three in most sectors. For the welfare effect of a tariff no
single one is a safe choice (petroleum at 64.9 or motor vehicles at 1.1 in one of them would drive a
result), so the default is the median of the studies sector by sector and the sets ``lower``
and ``upper`` are their quartiles: an outlier moves neither, and the distance between the sets is
the disagreement in the literature. A theta of a study is sigma - 1, so esubm = theta + 1.
Left out: a uniform value of 4 (Simonovska and Waugh, 2014), which says nothing about sectors; a set
whose paper the raw table does not name; and the 4.0 that fills the sectors a study has not.

Gravity identifies the substitution among foreign origins. Between home goods and imports it is
lower (Feenstra, Luck, Obstfeld and Russ, 2018, Review of Economics and Statistics 100(1)); the
default is the rule of two, esubd = esubm / 2, as in GTAP. With esubd = esubm the two nests are one.

The sets differ in the trade elasticities only.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from cge.errors import DataError, nearest

from .elasticity_sets import CITATIONS, with_published
from .rules import RULES
from .sheet import number, read_sheet
from .world2020.us_measures import raw_folder, sector_codes

DATA = Path(__file__).parent / "data"
TABLE = DATA / "elasticities.csv"
COLUMNS = ("parameter", "index", "default", "lower", "upper", "unit", "source")
SETS = ("default", "lower", "upper")
ElasticityError = DataError  # the name of before, for programs that catch it
NAMED = (*SETS, *CITATIONS)
"""Sets of the package's table by name: the three, and those of single studies."""
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

    Parameters
    ----------
    set
        ``default``, ``lower`` or ``upper``, or a study (`cge.calibration.elasticity_sets.CITATIONS`);
        the trade elasticities differ.
    path
        Another file with the same columns, complete in itself; the package's table if None.

    Returns
    -------
    xarray.Dataset
        Dimensionless: ``esubm``, ``esubd``, ``esubva``, ``cet``, ``income_elasticity``,
        ``income_elasticity_low``, ``income_elasticity_high`` [sector]; ``eta_factor`` [factor];
        ``esubt``, ``esubn``, ``esubg``, ``esubi``, ``frisch`` (scalars). Sources: column
        ``source`` of the file.

    Raises
    ------
    DataError
        Listing all faults of the file: unknown names (with the nearest known), missing or
        repeated rows, values that are no numbers or out of range, rows without a source.
    AbsentError
        If the file is not there.
    """
    file = TABLE if path is None else Path(path)
    if set in CITATIONS and path is None:
        return with_published(load_elasticities(), set)
    if set not in SETS:
        raise DataError([f"unknown set {set!r}{nearest(set, NAMED)}; use {', '.join(NAMED)}"], "the call")
    # Strings first, so that what is no number is named with its row and not lost as NaN.
    table = read_sheet(file)
    faults = _faults(table)
    if faults:
        raise DataError(faults, file.name)

    sectors = list(dict.fromkeys(table.loc[table["parameter"] == "esubm", "index"]))
    axes = {"sector": sectors, "factor": list(FACTORS)}
    data = xr.Dataset(coords=axes, attrs={"set": set, "file": file.name})
    for name, rule in RULES.items():
        rows = table[table["parameter"] == name].set_index("index")[set].astype(float)
        if rule.index:
            values = xr.DataArray(rows.reindex(axes[rule.index]).to_numpy(), dims=rule.index)
        else:
            values = xr.DataArray(float(rows.iloc[0]))
        data[name] = values.assign_attrs(description=rule.text, unit="elasticity")
    return data


def for_sectors(elasticities: xr.Dataset, mapping: Mapping[str, str], weights: xr.DataArray) -> xr.Dataset:
    """Aggregate elasticities to coarser sectors as value-weighted means.

    Parameters
    ----------
    elasticities
        Result of :func:`load_elasticities`.
    mapping
        New sector of every sector; its order of first appearance is the new axis.
    weights
        Values [sector], for instance world trade in million USD. A group without value gets its
        plain mean.

    Returns
    -------
    xarray.Dataset
        The same variables over the new sectors.

    Raises
    ------
    DataError
        If the mapping or the weights miss a sector or name an unknown one, or weights are
        negative or missing.
    """
    sectors = [str(s) for s in elasticities.sector.values]
    known = [str(s) for s in weights.sector.values]
    faults = [f"sector {s} has no new sector; add it" for s in sectors if s not in mapping]
    faults += [_unknown("sector", s, sectors) for s in mapping if s not in sectors]
    faults += [f"sector {s} has no weight; add it" for s in sectors if s not in known]
    if not bool((weights >= 0).all()):
        faults.append("weights are negative or missing; give values of at least 0")
    if faults:
        raise DataError(faults, "the aggregation")

    new = list(dict.fromkeys(mapping[s] for s in sectors if s in mapping))
    new = [s for s in dict.fromkeys(mapping.values()) if s in new]
    member = np.array([[mapping[s] == group for s in sectors] for group in new], dtype=float)
    share = member * weights.sel(sector=sectors).values
    empty = share.sum(1) == 0
    share[empty] = member[empty]
    share /= share.sum(1, keepdims=True)
    result = elasticities.drop_dims("sector").assign_coords(sector=new)
    for name, values in elasticities.data_vars.items():
        if "sector" not in values.dims:
            continue
        # An infinite elasticity in a sector of no weight must not make the group's NaN.
        terms = np.where(share > 0, values.values, 0.0) * share
        result[name] = xr.DataArray(terms.sum(1), dims="sector", attrs=values.attrs)
    return result[list(elasticities.data_vars)]


def population_2020() -> pd.Series:
    """Return inhabitants in 2020 [country], millions, for incomes per head.

    World Bank, World Development Indicators (SP.POP.TOTL) and national statistics for TWN, rounded;
    the 77 countries of the world table, ROW being the rest of 7.84 billion.
    """
    table = pd.read_csv(DATA / "population_2020.csv", comment="#", index_col="country")
    return table["million"]


def frisch(income_per_head: xr.DataArray) -> xr.DataArray:
    """Return the Frisch parameter at an income per head.

    It is -36 X^-0.36 with X in USD of 1970 (Lluch, Powell and Williams, 1977, Patterns in
    Household Demand and Saving, Oxford University Press), kept between -7.5 and -1.1.

    Parameters
    ----------
    income_per_head
        USD of 2020, any dims.

    Returns
    -------
    xarray.DataArray
        Dimensionless, negative, the same dims.
    """
    in_1970: xr.DataArray = income_per_head / PRICES_SINCE_1970
    return (-36.0 * in_1970**-0.36).clip(-7.5, -1.1)


def for_income(elasticities: xr.Dataset, income_per_head: xr.DataArray) -> xr.Dataset:
    """Replace the household's parameters by those of an income per head.

    Income elasticities move with the logarithm of income from those of low-income countries (up to
    15 % of the United States) to those of high-income ones (from 45 %), the bounds of Muhammad,
    Seale, Meade and Regmi (2011, USDA Technical Bulletin 1929).

    Parameters
    ----------
    elasticities
        Result of :func:`load_elasticities` or :func:`for_sectors`.
    income_per_head
        USD of 2020 [region].

    Returns
    -------
    xarray.Dataset
        The same with ``frisch`` [region] and ``income_elasticity`` [region, sector].

    Raises
    ------
    DataError
        If an income is missing or not positive.
    """
    bad = [str(r) for r in income_per_head.region.values[~(income_per_head.values > 0)]]
    if bad:
        raise DataError([f"income per head of {r} is missing or not positive" for r in bad], "the call")
    span = math.log(0.45 / 0.15)
    place = (np.log(income_per_head / US_INCOME / 0.15) / span).clip(0.0, 1.0)
    low, high = elasticities["income_elasticity_low"], elasticities["income_elasticity_high"]
    return elasticities.assign(frisch=frisch(income_per_head), income_elasticity=low + (high - low) * place)


def trade_elasticities(shared: Path) -> pd.DataFrame:
    """Compute the default, lower and upper ``esubm`` of goods from the published estimates.

    Parameters
    ----------
    shared
        Folder that holds ``data/``, or that folder itself (``elasticities/``; ``trade/`` for the
        weights of the model sectors that join ICIO products: world trade of 2020).

    Returns
    -------
    pandas.DataFrame
        Index model sector (goods only), columns ``default`` (median of studies + 1), ``lower``
        and ``upper`` (quartiles + 1). The committed table holds these numbers rounded to 0.01.

    Raises
    ------
    FileNotFoundError
        If raw files are missing.
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


def _faults(table: pd.DataFrame) -> list[str]:
    """All faults of a table that was read as strings."""
    lost = [c for c in COLUMNS if c not in table.columns]
    if lost:
        return [f"column {c} is missing; the columns are {', '.join(COLUMNS)}" for c in lost]
    faults: list[str] = []
    for name in SETS:
        table[name] = [_pointed(text, table.attrs["decimal"]) for text in table[name]]
    for row in table.to_dict("records"):
        faults += _row_faults({str(k): str(v).strip() for k, v in row.items()})
    keys = table["parameter"] + " " + table["index"]
    faults += [f"{key.strip()} is given twice; keep one" for key in keys[keys.duplicated()]]

    named = {p: list(g["index"]) for p, g in table.groupby("parameter")}
    sectors = list(dict.fromkeys(named.get("esubm", [])))
    axes = {"sector": sectors, "factor": list(FACTORS), "": [""]}
    for name, rule in RULES.items():
        if name not in named:
            faults.append(f"parameter {name} is missing; add its rows ({rule.text})")
            continue
        wanted = axes[rule.index]
        faults += [f"{name} lacks {rule.index} {k}; add a row" for k in wanted if k not in named[name]]
        faults += [f"{name}: " + _unknown(rule.index or "index", k, wanted) for k in named[name] if k not in wanted]
    return faults


def _pointed(text: str, decimal: str) -> str:
    """A number with a decimal point; as it stands if it is none, which is told by its row."""
    try:
        return repr(number(text, decimal))
    except ValueError:
        return text


def _row_faults(row: Mapping[str, str]) -> list[str]:
    name = row["parameter"]
    if name not in RULES:
        return [_unknown("parameter", name, RULES)]
    label = f"{name} {row['index']}".strip()
    faults = [] if row["source"] else [f"{label} has no source; cite one"]
    rule, numbers = RULES[name], []
    for column in SETS:
        try:
            number = float(row[column])
        except ValueError:
            number = math.nan
        numbers.append(number)
        if math.isnan(number):
            faults.append(f"{label}: {column} is {row[column] or 'empty'}; give a number")
        else:
            faults += rule.fault(f"{label}: {column}", number)
    default, lower, upper = numbers
    if lower > default or default > upper:
        faults.append(f"{label}: lower, default, upper must not fall ({lower:g}, {default:g}, {upper:g})")
    return faults


def _unknown(what: str, word: str, known: Iterable[str]) -> str:
    match = difflib.get_close_matches(word, [k for k in known if k], n=1, cutoff=0.5)
    hint = f" (did you mean {match[0]}?)" if match else ""
    return f"{what} {word or '(empty)'} is unknown{hint}; rename or remove it"
