"""Tariff schedules: from the lines of a schedule (HS6, HS8, HS10) to ad valorem rates by sector and partner.

A line has a rate for every regime of the schedule: MFN, Column 2 (what the United States charges countries without
normal trade relations), and one for every preferential programme. Rates are free, ad valorem, specific
(money on a quantity) or compound. Specific duties have no ad valorem rate without unit values: they are counted and
listed, never guessed, and the averages say what part of lines and of trade they leave out.

    lines = read_schedule("tariffs.csv", {"mfn": "general", "column2": "col2"}, code="hts8", special="special")
    table = sector_rates(lines, imports)        # imports: columns line, partner, musd

Sectors are the 28 of the package, by `data/hs_sectors.csv` or a concordance of one's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from cge.calibration.hs import DIGITS, concordance, sectors_of
from cge.errors import DataError

from .us_measures import raw_folder, sector_codes

FREE, AD_VALOREM, COMPOUND, SPECIFIC = "free", "ad valorem", "compound", "specific"
REFERENCE, MISSING = "reference", "missing"
KINDS = (FREE, AD_VALOREM, COMPOUND, SPECIFIC, REFERENCE, MISSING)
SHOWN = 20
"""Faults that a message shows at most."""

_PER_CENT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:%|percent|per cent)")
_MONEY = re.compile(r"[$¢€£]|cents?\b|\beach\b|/\s*(?:kg|head|t\b|liter|doz|m\b|gross|No)", re.IGNORECASE)
_REFERENCE = re.compile(r"\b(?:see|rates?|duty|duties|notes?|headings?|subheadings?)\b", re.IGNORECASE)
_PROGRAMME = re.compile(r"([^()]*)\(([^()]*)\)")

Rate = tuple[float, str]
"""Ad valorem rate (NaN if there is none), and its kind."""


def parse_rate(text: object) -> Rate:
    """Read a rate as schedules write it.

    Args:
        text: "Free", "2.5%", "1.5¢/kg + 3%", "68¢/head", or a number in per cent.

    Returns:
        The ad valorem rate, or its ad valorem part if it is compound (dimensionless; NaN if specific, missing or a
        reference to another line or a note), and the kind.

    Raises:
        ValueError: what is written is no rate.
    """
    words = " ".join(str(text).split())
    if words.lower() in ("", "nan", "none"):
        return np.nan, MISSING
    if words.lower().startswith("free"):
        return 0.0, FREE
    numbers = [float(number) for number in _PER_CENT.findall(words)]
    money = bool(_MONEY.search(words))
    if numbers:
        if numbers[0] <= -100.0:
            raise ValueError(f"{words!r} is -100 % or lower")
        return numbers[0] / 100.0, COMPOUND if money else AD_VALOREM
    if money:
        return np.nan, SPECIFIC
    if _REFERENCE.search(words):
        return np.nan, REFERENCE
    try:
        number = float(words)
    except ValueError:
        raise ValueError(f"{words!r} is no rate; write Free, 2.5%, 1.5¢/kg + 3% or a number in per cent") from None
    if not np.isfinite(number) or number <= -100.0:
        raise ValueError(f"{words!r} is not a rate above -100 %")
    return number / 100.0, FREE if number == 0.0 else AD_VALOREM


def parse_programmes(text: object) -> dict[str, Rate]:
    """Rates of preferential programmes as the US schedule writes them: "Free (AU,KR) 2.5% (JP)".

    Returns:
        Programme code to rate; missing where the text cannot be read.
    """
    found: dict[str, Rate] = {}
    for rate, codes in _PROGRAMME.findall(str(text)):
        try:
            parsed = parse_rate(rate.strip())
        except ValueError:  # a slip of the schedule's text, such as "(PA (PA)"
            parsed = (np.nan, MISSING)
        found |= {code.strip(): parsed for code in codes.split(",") if code.strip()}
    return found


def read_schedule(
    source: Path | str | pd.DataFrame,
    regimes: Mapping[str, str] | None = None,
    *,
    code: str = "line",
    special: str | None = None,
) -> pd.DataFrame:
    """Read a schedule with one row a tariff line.

    Args:
        source: CSV file or table.
        regimes: name of a regime to its column; every column but the code's if None.
        code: column of the line's HS code, of 6, 8 or 10 digits; dots are ignored.
        special: column that holds the programmes of the US schedule, each of which becomes a regime.

    Returns:
        One row a line and regime: `line`, `regime`, `rate` (ad valorem, NaN if none), `kind`, `text`. A programme that
        a line does not name has no row.

    Raises:
        DataError: every missing column, code that is no HS code or comes twice, and rate that cannot be read.
        FileNotFoundError: no such file.
    """
    table = source if isinstance(source, pd.DataFrame) else pd.read_csv(source, dtype=str, keep_default_na=False)
    regimes = regimes or {name: name for name in table.columns if name not in (code, special)}
    absent = [name for name in (code, *regimes.values(), *([special] if special else [])) if name not in table.columns]
    if absent:
        raise DataError(f"the schedule has no column {', '.join(absent)}; it has {', '.join(table.columns)}")
    lines = table[code].astype(str).str.replace(".", "", regex=False).str.strip()
    faults = [
        f"row {n + 2}: {line!r} is no HS code of {DIGITS} digits" for n, line in enumerate(lines) if not _is_code(line)
    ]
    faults += [f"row {n + 2}: line {lines.iloc[n]} comes twice" for n in np.flatnonzero(lines.duplicated())]
    rows: list[tuple[str, str, float, str, str]] = []
    for position, (line, texts) in enumerate(zip(lines, table.to_dict("records"), strict=True)):
        for regime, column in regimes.items():
            try:
                rows.append((line, regime, *parse_rate(texts[column]), str(texts[column])))
            except ValueError as error:
                faults.append(f"row {position + 2}, {column}: {error}")
        if special:
            rows += [
                (line, name, *rate, str(texts[special])) for name, rate in parse_programmes(texts[special]).items()
            ]
    if faults:
        raise DataError(_listed("the schedule has faults:", faults))
    return pd.DataFrame(rows, columns=["line", "regime", "rate", "kind", "text"])


def _is_code(line: str) -> bool:
    return line.isdigit() and len(line) in DIGITS


def sector_rates(
    lines: pd.DataFrame, imports: pd.DataFrame | None = None, prefixes: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Average the rates of a schedule by sector, and by partner where trade is given.

    Args:
        lines: from `read_schedule`.
        imports: columns line, partner, musd: imports under a line (or under the HS6 code that lines share), million
            USD; none for simple averages alone.
        prefixes: HS prefix to sector; the package's if not given.

    Returns:
        One row a regime, sector and partner ("" without imports): `lines`, how many have an ad valorem rate;
        `specific`, `compound`, `reference`, `missing`, how many are such; `simple`, the mean over lines with an ad
        valorem rate; `weighted`, the same weighted with the partner's imports; `cover`, the share of these imports
        on lines that have one; `musd`, the imports. Rates are dimensionless; NaN where no line has one.

    Raises:
        DataError: imports without their columns, negative, or on lines that the schedule does not have.
    """
    known = lines.assign(sector=sectors_of(lines["line"], prefixes or concordance()))
    known = known[known["sector"] != ""]
    keys = ["regime", "sector"]
    counts = known.groupby(keys)["kind"].value_counts().unstack(fill_value=0).reindex(columns=list(KINDS), fill_value=0)
    simple = known.groupby(keys)["rate"].agg(simple="mean", lines="count")
    table = simple.join(counts[[SPECIFIC, COMPOUND, REFERENCE, MISSING]])
    if imports is None:
        table = table.assign(weighted=np.nan, cover=np.nan, musd=np.nan, partner="")
    else:
        table = table.join(_weighted(known, _checked(imports, known)), how="left")
        table = table.reset_index("partner")
    order = [
        "regime",
        "sector",
        "partner",
        "lines",
        SPECIFIC,
        COMPOUND,
        REFERENCE,
        MISSING,
        "simple",
        "weighted",
        "cover",
        "musd",
    ]
    return table.reset_index()[order]


def _checked(imports: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    absent = {"line", "partner", "musd"} - set(imports.columns)
    if absent:
        raise DataError(f"imports have no column {', '.join(sorted(absent))}; give line, partner and musd")
    trade = imports.assign(line=imports["line"].astype(str).str.replace(".", "", regex=False))
    lengths = trade["line"].str.len().unique()
    faults = [f"row {n + 2}: imports of {m} million USD" for n, m in enumerate(trade["musd"]) if not m >= 0.0]
    if len(lengths) > 1:
        faults.append(f"codes of {', '.join(map(str, sorted(lengths)))} digits; give one length")
    else:
        have = set(known["line"].str[: lengths[0]])
        faults += [f"line {line} is not in the schedule" for line in trade["line"].unique() if line not in have]
    if faults:
        raise DataError(_listed("the imports have faults:", faults))
    return trade


def _weighted(known: pd.DataFrame, trade: pd.DataFrame) -> pd.DataFrame:
    """Weighted means; imports at HS6 are spread evenly over the lines of the schedule that share the code."""
    digits = int(trade["line"].str.len().iloc[0])
    known = known.assign(key=known["line"].str[:digits])
    known["among"] = known.groupby(["regime", "key"])["line"].transform("size")
    joined = known.merge(trade.rename(columns={"line": "key"})[["key", "partner", "musd"]], on="key")
    joined["musd"] = joined["musd"] / joined["among"]
    rated = joined["rate"].notna()
    joined = joined.assign(covered=joined["musd"].where(rated, 0.0), duty=(joined["rate"] * joined["musd"]).fillna(0.0))
    total = joined.groupby(["regime", "sector", "partner"])[["musd", "covered", "duty"]].sum()
    return pd.DataFrame(
        {
            "weighted": total["duty"] / total["covered"].where(total["covered"] > 0.0),
            "cover": total["covered"] / total["musd"].where(total["musd"] > 0.0),
            "musd": total["musd"],
        }
    )


def _listed(head: str, faults: list[str]) -> str:
    more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
    return "\n  - ".join([head, *faults[:SHOWN], *more])


def us_schedule(shared: Path) -> pd.DataFrame:
    """Lines of the US schedule of 2025 (USITC; US government work): regimes mfn, column2, and the programmes.

    Raises:
        FileNotFoundError: the raw table is not there.
    """
    raw = raw_folder(shared) / "tariffs" / "us_hts8_2025_parsed.csv"
    return read_schedule(raw, {"mfn": "general", "column2": "col2"}, code="hts8", special="special")


def us_column2(shared: Path, partner: str = "CHINA") -> pd.DataFrame:
    """Column 2 and MFN rates of the United States on a partner's goods by sector.

    Trade weights are the partner's imports of 2024 by line (US Census Bureau), which the raw table holds as means by
    ICIO product over the lines with an ad valorem rate. Lines under specific duties keep the MFN rate, so that
    `rate = cover column2 + (1 - cover) mfn`.

    Args:
        shared: folder that holds `data/`.
        partner: name in the Census table.

    Returns:
        One row a sector: `sector`; `rate_pct`; `mfn_pct` and `column2_pct`, weighted, the second over covered lines;
        `simple_column2_pct`, the mean over the schedule's ad valorem lines; `cover`; `lines`, `specific`, `compound`,
        how many in the schedule; `musd`, imports of 2024, million USD.

    Raises:
        FileNotFoundError: a raw table is not there.
    """
    table = pd.read_csv(raw_folder(shared) / "tariffs" / "us_tariffs_2024w_by_partner_icio.csv")
    mine = table[table["CTY_NAME"] == partner].fillna({"mfn_adv_w": 0.0, "col2_adv_w": 0.0, "col2_cover": 0.0})
    mine = mine.merge(sector_codes(), on="icio").rename(columns={"imports_musd": "musd"})
    mine["covered"] = mine["musd"] * mine["col2_cover"]
    mine["mfn"] = mine["musd"] * mine["mfn_adv_w"]
    mine["column2"] = mine["covered"] * mine["col2_adv_w"]
    mine["duty"] = mine["column2"] + (1.0 - mine["col2_cover"]) * mine["mfn"]
    total = mine.groupby("sector")[["musd", "covered", "mfn", "column2", "duty"]].sum()
    simple = sector_rates(us_schedule(shared)).query("regime == 'column2'").set_index("sector")
    return (
        pd.DataFrame(
            {
                "rate_pct": 100.0 * total["duty"] / total["musd"],
                "mfn_pct": 100.0 * total["mfn"] / total["musd"],
                "column2_pct": 100.0 * total["column2"] / total["covered"],
                "simple_column2_pct": 100.0 * simple["simple"],
                "cover": total["covered"] / total["musd"],
                "lines": simple["lines"],
                "specific": simple[SPECIFIC],
                "compound": simple[COMPOUND],
                "musd": total["musd"],
            }
        )
        .loc[total.index]
        .rename_axis("sector")
        .reset_index()
    )


COLUMN2_HEAD = """\
# Column 2 and MFN rates of the United States on goods from China, per cent, by sector.
# Rates: Harmonized Tariff Schedule of the United States 2025 (USITC); weights: imports from China by line, 2024 (US
# Census Bureau); both US government work. rate_pct = cover column2_pct + (1 - cover) mfn_pct: lines whose Column 2 duty
# is specific keep the MFN rate. Made by `python -m cge.calibration`; columns: cge.calibration.world2020.schedule.
"""
