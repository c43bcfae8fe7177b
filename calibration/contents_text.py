"""Contents of labels from plain values and codes, and as the text that a file of a benchmark carries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

import iso3166
import pandas as pd

from cge.errors import DataError, nearest

from . import products
from .contents import KINDS, Contents, Entry, FactorContents, RegionContents, Role, SectorContents
from .table import DATA

FACTORS: Mapping[str, tuple[str, Role]] = {
    "LAB": ("Labour", "labour"),
    "CAP": ("Capital", "capital"),
    "NAT": ("Natural resources", "resource"),
    "LND": ("Land", "land"),
}
"""The package's codes of factors: their names and roles."""

KEYS = tuple(f.name for f in fields(Contents))


def plain(contents: Contents) -> dict[str, Any]:
    """Contents as plain values, as `read` takes them."""
    entries = {kind: {label: entry.plain() for label, entry in getattr(contents, kind).items()} for kind in KINDS}
    money = {"unit": contents.unit, "year": contents.year}
    return entries | {key: value for key, value in money.items() if value}


def write(contents: Contents) -> str:
    """Contents as one text (JSON), which `read` gives back."""
    return json.dumps(plain(contents), ensure_ascii=False)


def read(given: Mapping[str, Any] | str) -> Contents:
    """Contents from plain values.

    Args:
        given: `regions`, `sectors`, `factors`: label to a mapping of what it contains (`name`; `countries` and
            `population`; `products`; `role`), with lists or single words for countries and products; `unit`, `year`. Or
            the text that `write` made.

    Raises:
        DataError: listing all faults: keys that are not known, values of another kind, and those of the contents.
    """
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError as error:
            raise DataError([f"they are no JSON ({error})"], "the contents") from None
    if not isinstance(given, Mapping):
        raise DataError([f"they are {given!r}; give a mapping with {', '.join(KEYS)}"], "the contents")
    faults = [
        f"key {key!r} is unknown{nearest(str(key), KEYS)}; use {', '.join(KEYS)}" for key in given if key not in KEYS
    ]
    found: dict[str, Any] = {}
    for kind in KINDS:
        entries = given.get(kind) or {}
        if isinstance(entries, Mapping):
            found[kind] = {str(label): _entry(kind, str(label), value, faults) for label, value in entries.items()}
        else:
            faults.append(f"{kind} is {entries!r}; give a mapping of labels to what they contain")
    if "unit" in given:
        found["unit"] = str(given["unit"] or "")
    if given.get("year") is not None:
        if isinstance(given["year"], bool) or not str(given["year"]).isdigit():
            faults.append(f"year is {given['year']!r}; give a number such as 2020")
        else:
            found["year"] = int(given["year"])
    if faults:
        raise DataError(faults, "the contents")
    return Contents(**found)


def of_codes(
    regions: Iterable[str] = (),
    sectors: Iterable[str] = (),
    factors: Iterable[str] = (),
    *,
    unit: str = "",
    year: int | None = None,
) -> Contents:
    """Contents of labels that are codes: ISO 3166-1 alpha-3 (and ROW), the 28 sectors, LAB CAP NAT LND.

    Who calls it says that the labels mean what the codes mean. Populations are those of 2020.

    Raises:
        DataError: A label is no such code.
    """
    factors = list(factors)
    strange = [f"factor {f!r} is none of {', '.join(FACTORS)}; give its role" for f in factors if f not in FACTORS]
    if strange:
        raise DataError(strange, "the contents")
    countries, people = country_names(), population_2020()
    return Contents(
        {c: RegionContents(countries.get(c, ""), frozenset({c}), people.get(c)) for c in regions},
        {s: SectorContents(products.names().get(s, ""), frozenset({s})) for s in sectors},
        {f: FactorContents(*FACTORS[f]) for f in factors},
        unit,
        year,
    )


def country_names() -> dict[str, str]:
    """Short names of countries by ISO 3166-1 alpha-3 code; those of the world table as its data name them."""
    named = {code: country.apolitical_name for code, country in iso3166.countries_by_alpha3.items()}
    table = pd.read_csv(DATA / "regions.csv", keep_default_na=False, dtype=str)
    return named | dict(zip(table["country"], table["name"], strict=True))


def population_2020() -> dict[str, float]:
    """Inhabitants in 2020, millions, of the 77 countries of the world table; `ROW` is the rest of 7.84 billion.

    Source: World Bank, World Development Indicators (SP.POP.TOTL); national statistics for TWN; rounded.
    """
    table = pd.read_csv(DATA / "population_2020.csv", comment="#", index_col="country", keep_default_na=False)
    return {str(code): float(million) for code, million in table["million"].items()}


def _entry(kind: str, label: str, value: Any, faults: list[str]) -> Entry:
    """An entry from plain values; what is wrong with them is added to the faults."""
    if isinstance(value, KINDS[kind]):
        return value
    known = [f.name for f in fields(KINDS[kind])]
    if not isinstance(value, Mapping):
        faults.append(f"{kind}.{label} is {value!r}; give a mapping with {', '.join(known)}")
        return KINDS[kind]()
    unknown = [key for key in value if key not in known]
    faults += [
        f"{kind}.{label}: key {key!r} is unknown{nearest(str(key), known)}; use {', '.join(known)}" for key in unknown
    ]
    taken: dict[str, Any] = {}
    for key in known:
        if value.get(key) is None:
            continue
        try:
            taken[key] = _READERS.get(key, str)(value[key])
        except ValueError as error:
            faults.append(f"{kind}.{label}.{key} is {value[key]!r}; {error}")
    return KINDS[kind](**taken)


def _several(given: Any) -> frozenset[str]:
    codes = [given] if isinstance(given, str) else given
    if not isinstance(codes, list | tuple | set | frozenset) or not all(isinstance(code, str) for code in codes):
        raise ValueError("give a list of codes, in quotes where they look like numbers")
    return frozenset(codes)


def _millions(given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError("give millions of people")
    return float(given)


_READERS: Mapping[str, Any] = {"countries": _several, "products": _several, "population": _millions}
