"""Applied bilateral tariffs of 2020 in three layers: MFN or preferential, Section 232, Section 301.

The world table is Teti's Global Tariff Database averaged over ICIO products (F. Teti, "Missing
Tariffs", CESifo Working Paper 11590, 2024); it holds the MFN or preferential rate in force. The
column of the United States is replaced from the US schedule and the duty collected, see
`cge.calibration.world2020.us_measures`. Rates are fractions of import value.

>>> layers, log = tariff_layers(Path("../shared"), trade)
>>> check_table(layers, trade)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from .us_measures import FOOD, raw_folder, sector_codes, us_layers

LAYERS = ("mfn", "section232", "section301")
LOG_COLUMNS = ("what", "where", "by_how_much", "why")
US = "USA"

# A food column whose top rate exceeds this is an artefact of tobacco and alcohol lines.
FOOD_LIMIT = 0.5
EU27 = (
    "AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST", "FIN", "FRA", "GRC", "HRV",
    "HUN", "IRL", "ITA", "LTU", "LUX", "LVA", "MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "SWE",
)  # fmt: skip

# Trade-weighted rates of the raw 2020 table on goods, in per cent, to check a build against
# (importer or exporter -> importer). Computed from the table of 77 economies x 21 goods.
EXPECTED: tuple[tuple[str | None, str, str, float], ...] = (
    (None, "KOR", "mfn", 3.0),
    (None, "JPN", "mfn", 1.6),
    (None, "CHN", "mfn", 4.6),
    ("JPN", "KOR", "mfn", 5.8),
    ("KOR", "MEX", "mfn", 4.9),
    ("NZL", "KOR", "mfn", 18.5),
    ("KOR", "USA", "mfn", 0.4),
)

Floats = npt.NDArray[np.float64]
Log = list[tuple[str, str, str, str]]


def tariff_layers(shared: Path, trade: xr.DataArray) -> tuple[xr.Dataset, pd.DataFrame]:
    """Return the applied tariffs of 2020 by layer, and a log of what was changed in the raw data.

    Args:
        shared: folder that holds `data/`, or that folder itself (`mrio/`, `tariffs/`).
        trade: value of trade [exporter, importer, sector], million USD, the diagonal being domestic sales. It gives
            labels and weights; weights matter only for the log and for sectors that join several of the raw table's.

    Returns:
        Tariffs: `tariff` [layer, exporter, importer, sector], ad valorem rate on import value; layers
        `mfn` (applied MFN or preferential), `section232`, `section301`.
        And the log: columns `what`, `where`, `by_how_much`, `why`.

    Raises:
        FileNotFoundError: if raw files are missing; all are named.
        ValueError: if `trade` has other dims or labels than the raw table; all faults are named.
    """
    _require_files(shared)
    with np.load(raw_folder(shared) / "mrio" / "mrio_icio2020_77x30.npz") as raw:
        countries = [str(c) for c in raw["countries"]]
        raw_sectors = [str(s) for s in raw["sectors"]]
        rates = raw["tariff_2020"].astype(float)
        n, k = len(countries), len(raw_sectors)
        sales = raw["Z"].reshape(n, k, n, k).sum(3, dtype=float)
        sales += raw["F"].reshape(n, k, n, -1).sum(3, dtype=float)
    sector_map = model_sectors(shared)
    sectors = list(dict.fromkeys(sector_map.values()))
    _check_trade(trade, countries, sectors)
    trade = trade.sel(exporter=countries, importer=countries, sector=sectors)
    weights: Floats = trade.transpose("exporter", "importer", "sector").values

    log: Log = []
    mfn = _mfn(rates, sales, [sector_map[s] for s in raw_sectors], sectors, log)
    _clear_diagonal(mfn, countries, log)
    _mend_food(mfn, weights, countries, sectors.index(FOOD), log)

    layers = np.zeros((len(LAYERS), n, n, len(sectors)))
    layers[0] = mfn
    _place_us(layers, weights, shared, countries, sectors, log)
    _note_limits(log)

    return _labelled(layers, countries, sectors), pd.DataFrame(log, columns=list(LOG_COLUMNS))


def _mfn(rates: Floats, sales: Floats, sector_of: list[str], sectors: list[str], log: Log) -> Floats:
    """Rates [exporter, importer, sector] on goods, of raw sectors weighted with their sales; none on services."""
    n, known = len(rates), sector_of[: rates.shape[1]]
    mfn = np.zeros((n, n, len(sectors)))
    for sector in dict.fromkeys(known):
        parts = [i for i, s in enumerate(known) if s == sector]
        mfn[:, :, sectors.index(sector)] = _weighted(rates[:, parts, :], sales[:, parts, :])
    services = [s for s in sectors if s not in known]
    log.append((
        "tariffs on services set to zero",
        f"all countries, {' '.join(services)}",
        "2.8 % on average in the source's services column, up to 16.7 %",
        "no customs duty is levied on services; the source's column is spurious",
    ))  # fmt: skip
    return mfn


def _labelled(layers: Floats, countries: list[str], sectors: list[str]) -> xr.Dataset:
    """Rates [layer, exporter, importer, sector] with their labels and source."""
    tariff = xr.DataArray(
        layers,
        dims=("layer", "exporter", "importer", "sector"),
        coords={
            "layer": list(LAYERS),
            "exporter": countries,
            "importer": countries,
            "sector": sectors,
        },
        attrs={"unit": "rate on import value", "year": 2020},
    )
    return xr.Dataset(
        {"tariff": tariff},
        attrs={
            "source": "Teti, Global Tariff Database (2020), averaged over ICIO products; United "
            "States: USITC schedule and US Census Bureau duties"
        },
    )


def model_sectors(shared: Path) -> dict[str, str]:
    """Return the model sector of each sector of the raw world table, in the raw order."""
    with np.load(raw_folder(shared) / "mrio" / "benchmark2020_29x28.npz") as raw:
        pairs = dict(str(pair).split(":") for pair in raw["sector_map"])
        order = [str(s) for s in raw["sectors"]]
    # In the order of the model's sectors, so that the values' first appearances give its axis.
    return dict(sorted(pairs.items(), key=lambda pair: order.index(pair[1])))


def weighted_tariff(
    tariff: xr.DataArray,
    trade: xr.DataArray,
    exporter: str | None = None,
    importer: str | None = None,
) -> float:
    """Return the trade-weighted tariff of a flow or of all flows in goods, without home sales.

    Args:
        tariff: rate [exporter, importer, sector].
        trade: value [exporter, importer, sector], million USD.
        exporter, importer: country, or None for all.

    Returns:
        Rate (a fraction); NaN without trade.
    """
    known = set(sector_codes()["sector"])
    goods = [s for s in tariff.sector.values if s in known]
    pick = {"exporter": exporter, "importer": importer}
    chosen = {"sector": goods} | {dim: label for dim, label in pick.items() if label is not None}
    weight = trade.where(trade.exporter != trade.importer, 0.0).sel(chosen)
    total = float(weight.sum())
    return float((weight * tariff.sel(chosen)).sum()) / total if total > 0 else float("nan")


def check_table(tariffs: xr.Dataset, trade: xr.DataArray) -> pd.DataFrame:
    """Compare the build's trade-weighted tariffs with what is known of 2020.

    Args:
        tariffs: result of `tariff_layers`.
        trade: value [exporter, importer, sector], million USD.

    Returns:
        Columns `flow`, `layer`, `expected_pct`, `built_pct`, `difference` (percentage points; NaN where nothing is
        expected and the row is there for information).
    """
    rate = tariffs["tariff"]
    wanted = [(e, i, layer, x) for e, i, layer, x in EXPECTED]
    told = [(e, US, layer, float("nan")) for e in (None, "CHN", "JPN", "CAN") for layer in LAYERS]
    rows = [
        (
            f"{exporter or 'world'} to {importer}",
            layer,
            expected,
            100 * weighted_tariff(rate.sel(layer=layer), trade, exporter, importer),
        )
        for exporter, importer, layer, expected in wanted + told
    ]
    table = pd.DataFrame(rows, columns=["flow", "layer", "expected_pct", "built_pct"])
    return table.assign(difference=table["built_pct"] - table["expected_pct"])


def _require_files(shared: Path) -> None:
    names = (
        "mrio/mrio_icio2020_77x30.npz",
        "mrio/benchmark2020_29x28.npz",
        "tariffs/us_tariffs_2024w_by_partner_icio.csv",
    )
    missing = [name for name in names if not (raw_folder(shared) / name).is_file()]
    if missing:
        raise FileNotFoundError(f"raw data missing in {raw_folder(shared)}: {', '.join(missing)}")


def _check_trade(trade: xr.DataArray, countries: Sequence[str], sectors: Sequence[str]) -> None:
    axes = {"exporter": countries, "importer": countries, "sector": sectors}
    faults = []
    if set(trade.dims) != set(axes):
        faults.append(f"dims are {list(trade.dims)}, not {list(axes)}")
    for dim, labels in axes.items():
        found = {str(x) for x in trade[dim].values} if dim in trade.coords else set()
        if lost := [label for label in labels if label not in found]:
            faults.append(f"{dim} lacks {', '.join(lost[:8])}" + (" ..." if lost[8:] else ""))
    if not faults and not bool((trade >= 0).all()):
        faults.append("values are negative or missing; give flows of at least 0")
    if faults:
        raise ValueError("trade cannot weight tariffs: " + "; ".join(faults))


def _weighted(rates: Floats, sales: Floats) -> Floats:
    """Average [origin, part, destination] over parts; the plain mean where nothing is traded."""
    total = sales.sum(1)
    mean = (rates * sales).sum(1) / np.where(total > 0, total, 1.0)
    result: Floats = np.where(total > 0, mean, rates.mean(1))
    return result


def _clear_diagonal(mfn: Floats, countries: Sequence[str], log: Log) -> None:
    own = mfn.diagonal(axis1=0, axis2=1)
    hit = [c for c, top in zip(countries, own.max(axis=0), strict=True) if top > 0]
    if not hit:
        return
    log.append((
        "tariff on home sales set to zero",
        " ".join(hit),
        f"at most {100 * own.max():.2f} %",
        "home sales cross no border; tariffs among the countries of a region remain",
    ))  # fmt: skip
    for i in range(len(countries)):
        mfn[i, i] = 0.0


def _mend_food(
    mfn: Floats,
    weights: Floats,
    countries: Sequence[str],
    food: int,
    log: Log,
) -> None:
    """Scale the food columns that tobacco and alcohol lines dominate; the US comes later.

    The source averages a sector's tariff lines plainly, so a few prohibitive lines (alcohol and
    tobacco at several hundred per cent, hardly imported) raise the rate of the whole sector.
    Each importer's column over the limit is scaled so that its top rate, the MFN rate, equals the
    median top rate of the importers under the limit, the EU counting as one. Scaling, unlike a cap,
    keeps every partner's preference in proportion, a zero included.
    """
    top = dict(zip(countries, mfn[:, :, food].max(axis=0), strict=True))
    outliers = [c for c in countries if top[c] > FOOD_LIMIT and c != US]
    rest = [c for c in countries if c not in {*outliers, US, *EU27}]
    europe = float(np.median([top[c] for c in EU27]))
    target = float(np.median([*(top[c] for c in rest), europe]))
    for country in outliers:
        j = countries.index(country)
        column, flow = mfn[:, j, food].copy(), weights[:, j, food].copy()
        flow[j] = 0.0
        mfn[:, j, food] *= target / top[country]
        before, after = (float(r @ flow / flow.sum()) for r in (column, mfn[:, j, food]))
        log.append((
            "food tariffs scaled down",
            f"importer {country}, FOO, {int((column > FOOD_LIMIT).sum())} cells over "
            f"{FOOD_LIMIT:.0%}",
            f"top rate {top[country]:.1%} to {target:.1%}, "
            f"trade-weighted {before:.1%} to {after:.1%}",
            "tobacco and alcohol lines dominate a plain average over lines; target: median top "
            "rate of the other importers",
        ))  # fmt: skip


def _place_us(
    layers: Floats,
    weights: Floats,
    shared: Path,
    countries: Sequence[str],
    sectors: Sequence[str],
    log: Log,
) -> None:
    """Replace the column of the United States in all layers and log the effect."""
    us = countries.index(US)
    old = layers[0, :, us].copy()
    statutory = pd.DataFrame(old, index=list(countries), columns=list(sectors))
    table, charges = us_layers(shared, statutory)
    for k, layer in enumerate(LAYERS):
        wide = table[layer].unstack("sector")
        rows = [countries.index(str(c)) for c in wide.index]
        cols = [sectors.index(str(s)) for s in wide.columns]
        layers[np.ix_([k], rows, [us], cols)] = wide.to_numpy()[None, :, None, :]

    goods = [sectors.index(str(s)) for s in table.index.unique("sector")]
    flow = weights[:, us, :][:, goods]
    flow = np.where((np.arange(len(countries)) == us)[:, None], 0.0, flow)

    def mean(rate: Floats, row: int | None = None) -> float:
        pick = slice(None) if row is None else slice(row, row + 1)
        return float((rate[:, goods] * flow)[pick].sum() / flow[pick].sum())

    new = layers[:, :, us]
    china = countries.index("CHN")
    log.append((
        "MFN and preferential rates of the United States replaced",
        "importer USA, all goods",
        f"trade-weighted {mean(old):.2%} to {mean(new[0]):.2%}",
        "partners with an agreement keep the statutory rates of 2020 (food: duty collected); the "
        "others get the duty collected in 2024, capped by MFN where it holds Sections 232 or 301",
    ))  # fmt: skip
    for sector, rate, charge, _ in charges.itertuples(index=False):
        j = sectors.index(str(sector))
        revenue = float((new[1, :, j] * weights[:, us, j]).sum())
        log.append((
            "Section 232 added as a layer",
            f"importer USA, {sector}",
            f"mean charge {charge:.1%} at a statutory {rate:.0%} (covered {charge / rate:.0%}); "
            f"revenue at 2020 flows {revenue:,.0f} million USD",
            "in force in 2020; own charge of 2024 by partner, the mean where a tariff-rate quota "
            "had replaced the tariff by 2024; quotas and exempt countries zero",
        ))  # fmt: skip
    log.append((
        "Section 301 added as a layer",
        "CHN to USA, all goods",
        f"{mean(new[2], china):.2%} on all goods; all layers {mean(new.sum(0), china):.2%}",
        "duty collected in 2024 less MFN; lists 1-3 at 25 % and 4A at 7.5 % as in 2020, exclusions "
        "of 2020 and increases of late 2024 left out; flows of 2020 were observed under it",
    ))  # fmt: skip


def _note_limits(log: Log) -> None:
    log.append((
        "nothing: a limit of the source",
        "AUT, SHP and OTM; CHM and PHA; RUB and NMM; STL and NFM; ENE and MIN",
        "one rate for each group, except in the United States",
        "the source has these groups only; ships, aircraft and medicines are taxed less than shown",
    ))  # fmt: skip
