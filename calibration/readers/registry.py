"""Readers by what they recognise: which one a file is for, and what is said about it that the file does not say.

A reader is a module with `NAME`, `EXPECTS` (the layout in words), `recognises(source)` and `read(source, **options)`.
The first that recognises a file reads it; the order is from the narrowest layout to the widest.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from cge.calibration.log import Entry, Log
from cge.calibration.raw import ROLES, About, RawTable
from cge.errors import AbsentError, DataError, RequestError, nearest

from .grid import Source

ORDER = ("gtap", "gdx", "flows", "pymrio", "oecd", "wiod", "figaro", "sut", "sheet")
MODULES = {"gtap": "gtap_table"}
"""Modules of readers that are named otherwise."""
SAID = ("unit", "currency", "year", "prices", "source", "licence", "accounts", "regions", "sectors", "drop", "reader")
"""What a user can say about any file."""


def readers() -> dict[str, ModuleType]:
    """Every reader by its name, in the order in which they are asked."""
    return {name: import_module(f"{__package__}.{MODULES.get(name, name)}") for name in ORDER}


def detect(path: str | Path, reader: str | None = None) -> ModuleType:
    """The reader for a file.

    Raises:
        RequestError: there is no such file, or no such reader.
        DataError: no reader recognises it; every layout is named.
    """
    source, known = Source(Path(path)), readers()
    if not source.path.exists():
        raise AbsentError([f"there is no file {path}; check the path"])
    if reader is not None and reader not in known:
        raise RequestError([f"unknown reader {reader!r}{nearest(reader, known)}; use one of {', '.join(known)}"])
    if reader is not None:
        return known[reader]
    for module in known.values():
        if module.recognises(source):
            return module
    layouts = [f"no {name} file: {module.EXPECTS}" for name, module in known.items()]
    raise DataError([*layouts, "bring it into one of these layouts, or name a reader"], source.path.name)


def read(path: str | Path, **options: Any) -> tuple[RawTable, Log]:
    """Read a file into a raw table, with what the user says about it.

    Args:
        path: file, or folder of a source that comes as one.
        options: `unit`, `currency`, `year`, `prices`, `source`, `licence`; `accounts` (account: "role", "role label"
            or a mapping with role, label, region, contents); `regions` (region: ISO3 codes, or a mapping with
            countries and population); `sectors` (label: product codes); `drop` (accounts to leave out, logged);
            `reader` (name, in place of detection); and the reader's own.

    Raises:
        RequestError: an option that is not known, or an account that the table does not have.
        DataError: the file is at fault.
    """
    module = detect(path, options.pop("reader", None))
    own = [name for name in inspect.signature(module.read).parameters if name != "source"]
    unknown = [name for name in options if name not in SAID and name not in own]
    if unknown:
        known = [*SAID, *own]
        raise RequestError(
            [f"unknown option {name!r}{nearest(name, known)}; use {', '.join(known)}" for name in unknown]
        )
    source = Source(Path(path))
    try:
        raw, log = module.read(source, **{name: value for name, value in options.items() if name in own})
    except DataError as error:
        raise DataError(error.faults, source.path.name) from error
    raw, more = said(raw, {name: value for name, value in options.items() if name in SAID})
    files = dict(raw.about.files) | {source.path.name: source.sha256}
    return replace(raw, about=replace(raw.about, files=files)), log + more


def said(raw: RawTable, options: Mapping[str, Any]) -> tuple[RawTable, Log]:
    """A table with what a user says about it.

    Raises:
        RequestError: accounts, regions or sectors that it does not have, roles that are unknown; all of them.
    """
    faults = [*_contradicted(raw.about, options)]
    raw, log = _dropped(raw, options.get("drop") or [], faults)
    accounts = raw.accounts.copy()
    for key, value in (options.get("accounts") or {}).items():
        chosen = _chosen(raw, str(key))
        if not chosen:
            faults.append(f"accounts: {key!r} is no account{nearest(str(key), _names(raw))}")
        role, label, region, contents = _account(value)
        if role not in ("", *ROLES):
            faults.append(
                f"accounts: {key}: unknown role {role!r}{nearest(role, ROLES)}; use one of {', '.join(ROLES)}"
            )
        for name in chosen:
            for column, told in (("role", role), ("label", label), ("region", region), ("contents", contents)):
                if told:
                    accounts.loc[name, column] = told
            if role == "rest-of-world" and not region:
                accounts.loc[name, "region"] = ""
    for label, products in (options.get("sectors") or {}).items():
        rows = accounts["label"] == str(label)
        if not rows.any():
            faults.append(f"sectors: {label!r} is no sector{nearest(str(label), raw.sectors)}")
        accounts.loc[rows, "contents"] = products if isinstance(products, str) else " ".join(map(str, products))
    countries, population = dict(raw.countries), dict(raw.population)
    known = list(dict.fromkeys(accounts["region"]))
    for region, value in (options.get("regions") or {}).items():
        if region not in known:
            faults.append(f"regions: {region!r} is no region{nearest(str(region), known)}")
        held = value.get("countries", []) if isinstance(value, Mapping) else value
        countries[region] = frozenset(held.split() if isinstance(held, str) else map(str, held))
        if isinstance(value, Mapping) and value.get("population") is not None:
            population[region] = float(value["population"])
    if faults:
        raise RequestError(faults)
    texts = {k: options[k] for k in ("unit", "currency", "prices", "source", "licence") if options.get(k)}
    year = int(options["year"]) if options.get("year") else raw.about.year
    about = replace(raw.about, year=year, **texts)
    if not about.currency and about.unit:
        about = replace(about, currency=about.unit.rpartition(" ")[2])
    return replace(raw, accounts=accounts, countries=countries, population=population, about=about), log


def _contradicted(about: About, options: Mapping[str, Any]) -> Iterator[str]:
    """Year and currency that the file itself denies, or that cannot be."""
    year = options.get("year")
    if year and not (str(year).isdigit() and 1900 <= int(year) <= 2100):
        yield f"year: {year!r} is no year of flows; give one such as 2022"
    elif year and about.year and int(year) != about.year:
        yield (
            f"year: the file is of {about.year}, and {year} is said; leave it out, and bring the table to another "
            "year's prices with the step convert (deflator)"
        )
    said, held = (currency_of(str(text or "")) for text in (options.get("unit"), about.unit))
    given = str(options.get("currency") or "")
    if given and not (given.isalpha() and given.isupper() and len(given) == 3):
        yield f"currency: {given!r} is no code of ISO 4217; give one such as USD"
    elif given and said and given != said:
        yield f"currency: {given} is said, and the unit is {options['unit']}; write both alike"
    elif (new := given or said) and held and new != held:
        yield (
            f"currency: the file is in {about.unit}, and {new} is said; leave it out, and bring the table to another "
            "currency with the step convert (to, rate)"
        )


def currency_of(unit: str) -> str:
    """The currency of a unit such as "million USD"; empty if it names none."""
    last = unit.rpartition(" ")[2]
    return last if len(last) == 3 and last.isalpha() and last.isupper() else ""


def _dropped(raw: RawTable, drop: list[str], faults: list[str]) -> tuple[RawTable, Log]:
    log, gone = Log(), []
    for key in [drop] if isinstance(drop, str) else drop:
        chosen = _chosen(raw, str(key))
        if not chosen:
            faults.append(f"drop: {key!r} is no account{nearest(str(key), _names(raw))}")
        for name in chosen:
            row, column = raw.flows.sel(seller=name).values, raw.flows.sel(buyer=name).values
            amount = float(abs(row).sum() + abs(column).sum())
            log += [Entry("account left out", name, amount, 0.0, -amount, "the user says so")]
            gone.append(name)
    if not gone:
        return raw, log
    keep = [name for name in raw.accounts.index if name not in gone]
    flows = raw.flows.sel(seller=keep, buyer=keep)
    satellites = None if raw.satellites is None else raw.satellites.sel(account=keep)
    return replace(raw, flows=flows, accounts=raw.accounts.loc[keep], satellites=satellites), log


def _chosen(raw: RawTable, key: str) -> list[str]:
    """The account of a name, or all accounts with a label."""
    if key in raw.accounts.index:
        return [key]
    return list(raw.accounts.index[raw.accounts["label"] == key])


def _names(raw: RawTable) -> list[str]:
    return [*map(str, raw.accounts.index), *raw.accounts["label"].unique()]


def _account(value: Any) -> tuple[str, str, str, str]:
    if isinstance(value, Mapping):
        contents = value.get("contents") or ""
        held = contents if isinstance(contents, str) else " ".join(map(str, contents))
        return str(value.get("role") or ""), str(value.get("label") or ""), str(value.get("region") or ""), held
    role, _, label = str(value).strip().partition(" ")
    return role, label.strip(), "", ""
