"""EXIOBASE 3, Eora26 and GLORIA through pymrio (an extra): folders and archives in their publishers' layouts.

pymrio (Stadler 2021, Journal of Open Research Software 9(1)) reads them; here its system becomes accounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import iso3166
import numpy as np
import pandas as pd

from cge.calibration.log import Log
from cge.calibration.raw import About, RawTable
from cge.errors import DataError, InstallError

from . import mrio
from .grid import Source

NAME = "pymrio"
EXPECTS = "a folder or .zip of EXIOBASE 3 (A.txt or Z.txt, Y.txt), Eora26 (Eora26_YEAR_bp) or GLORIA"
ROLES = {
    # EXIOBASE 3
    "Final consumption expenditure by households": "household",
    "Final consumption expenditure by non-profit organisations serving households (NPISH)": "household",
    "Final consumption expenditure by government": "government",
    "Gross fixed capital formation": "investment",
    "Changes in inventories": "stocks",
    "Changes in valuables": "stocks",
    "Exports: Total (fob)": "rest-of-world",
    "Taxes less subsidies on products purchased: Total": "tax:product",
    "Other net taxes on production": "tax:production",
    "Operating surplus: Consumption of fixed capital": "capital",
    "Operating surplus: Rents on land": "land",
    "Operating surplus: Royalties on resources": "resource",
    "Operating surplus: Remaining net operating surplus": "capital",
    # Eora26 and GLORIA
    "Household final consumption P.3h": "household",
    "Non-profit institutions serving households P.3n": "household",
    "Government final consumption P.3g": "government",
    "Gross fixed capital formation P.51": "investment",
    "Changes in inventories P.52": "stocks",
    "Acquisitions less disposals of valuables P.53": "stocks",
    "Compensation of employees D.1": "labour",
    "Taxes on production D.29": "tax:production",
    "Subsidies on production D.39": "tax:production",
    "Net operating surplus B.2n": "capital",
    "Net mixed income B.3n": "capital",
    "Consumption of fixed capital K.1": "capital",
}
"""Names of final users and primary inputs in these sources, and their roles."""


def recognises(source: Source) -> bool:
    """Whether a folder or archive holds the files of one of them."""
    return kind(source) != ""


def kind(source: Source) -> str:
    """Which of them a path holds: exiobase3, eora26, gloria; empty if none."""
    name = source.path.name
    if source.path.is_dir():
        inside = {path.name for path in source.path.iterdir()}
        if {"Y.txt", "file_parameters.json"} <= inside or {"Y.txt", "A.txt"} <= inside:
            return "exiobase3"
        name = " ".join([name, *sorted(inside)])
    elif source.suffix != ".zip":
        return ""
    for pattern, found in ((r"IOT_\d{4}_(ixi|pxp)", "exiobase3"), (r"Eora26_\d{4}", "eora26"), (r"GLORIA_", "gloria")):
        if re.search(pattern, name):
            return found
    return ""


def read(source: Source, *, year_of: int | None = None) -> tuple[RawTable, Log]:
    """Read a source through pymrio.

    Args:
        source: folder or archive.
        year_of: year, where a folder holds several.

    Raises:
        InstallError: pymrio is not installed.
        DataError: pymrio cannot read it.
    """
    if find_spec("pymrio") is None:
        told = f"{source.path.name} needs pymrio, which is not installed: pip install pymrio"
        raise InstallError(told)
    import pymrio

    found = kind(source)
    try:
        system, year = _PARSERS[found](pymrio, source.path, year_of)
    except Exception as error:
        told = f"pymrio cannot read it as {found} ({error}); check that the folder is complete"
        raise DataError([told], source.path.name) from error
    return of_system(system, found, year)


def _exiobase(pymrio: Any, path: Path, year: int | None) -> tuple[Any, int | None]:
    said = re.search(r"IOT_(\d{4})_", path.name)
    return pymrio.parse_exiobase3(path), int(said[1]) if said else year


def _eora(pymrio: Any, path: Path, year: int | None) -> tuple[Any, int | None]:
    """A folder of one year says it in its files' names."""
    there = [path.name] if path.is_file() else [file.name for file in path.iterdir()]
    found = sorted({int(said[1]) for name in there if (said := re.search(r"Eora26_(\d{4})_bp", name))})
    year = year or _only(found, "years", "year_of")
    return pymrio.parse_eora26(path, year=year), year


def _gloria(pymrio: Any, path: Path, year: int | None) -> tuple[Any, int | None]:
    """Three parts lie in one folder: MRIOs, satellite accounts, and the read-me with the labels."""
    folder = path.parent if path.is_file() or path.name.startswith("GLORIA_MRIOs") else path
    named = [said for file in folder.iterdir() if (said := re.search(r"GLORIA_MRIOs_(\d+)_(\d{4})", file.name))]
    year = year or _only(sorted({int(said[2]) for said in named}), "years", "year_of")
    version = _only(sorted({int(said[1]) for said in named if int(said[2]) == year}), "versions", "a folder of one")
    return pymrio.parse_gloria(folder, year=year, version=version), year


def _only(found: list[int], what: str, option: str) -> int:
    if len(found) != 1:
        raise ValueError(f"it has the {what} {', '.join(map(str, found)) or 'of no file'}; say which: {option}")
    return found[0]


_PARSERS = {"exiobase3": _exiobase, "eora26": _eora, "gloria": _gloria}


def of_system(system: Any, source: str, year: int | None = None) -> tuple[RawTable, Log]:
    """A table of pymrio's system of accounts.

    Args:
        system: with Z, or A and x; Y; and the primary inputs among its extensions.
        source: which publisher's, for the report and the meaning of its codes of regions.
        year: of the flows, where it is known.

    Raises:
        DataError: it has no primary inputs.
    """
    system.calc_system()
    inputs = next((e for e in system.get_extensions(data=True) if e.name.lower() in PRIMARY), None)
    if inputs is None:
        raise DataError(["it has no extension of primary inputs (factor_inputs, value_added); add it"], source)
    demand, paid = system.Y, inputs.F
    columns = [*_keys(system.Z.columns), *_keys(demand.columns)]
    rows = [*_keys(system.Z.index), *_paid(paid.index)]
    taxed = inputs.F_Y if inputs.F_Y is not None else pd.DataFrame(0.0, index=paid.index, columns=demand.columns)
    values = np.block([[system.Z.to_numpy(), demand.to_numpy()], [paid.to_numpy(), taxed.to_numpy()]])
    roles = {label: _role(label) for _, label in [*columns, *rows]}
    unit = str(system.unit["unit"].iloc[0]) if getattr(system, "unit", None) is not None else ""
    about = About(unit=_unit(unit), year=year, prices="basic", source=source)
    regions = dict.fromkeys(region for region, _ in columns)
    return mrio.table(rows, columns, values, roles=roles, about=about, countries=_countries(regions, source)), Log()


PRIMARY = ("factor_inputs", "factor inputs", "va", "value added", "value_added", "impacts_va", "primary inputs")
RESTS = ("WA", "WL", "WE", "WF", "WM")
"""EXIOBASE's five rests of continents; two of them are also codes of countries."""


def _countries(regions: Iterable[str], source: str) -> dict[str, frozenset[str]]:
    """Contents of regions whose labels their publisher takes from ISO 3166; nothing is said of its own codes."""
    by = iso3166.countries_by_alpha2 if source == "exiobase3" else iso3166.countries_by_alpha3
    own = RESTS if source == "exiobase3" else ()
    return {r: frozenset({by[r].alpha3}) for r in regions if r in by and r not in own}


def _paid(index: pd.Index) -> list[mrio.Key]:
    """Rows of primary inputs: of a region where the source says whose, else paid where the buyer is."""
    if not isinstance(index, pd.MultiIndex):
        return [("", str(label)) for label in index]
    last = index.get_level_values(index.nlevels - 1)
    regions = index.get_level_values("region") if "region" in index.names else [""] * len(index)
    if "region" not in index.names and last.has_duplicates:
        return [("", " ".join(map(str, label))) for label in index]
    return [(str(region), str(label)) for region, label in zip(regions, last, strict=True)]


def _role(label: str) -> str:
    if label in ROLES:
        return ROLES[label]
    return "labour" if label.startswith("Compensation of employees") else ""


def _unit(unit: str) -> str:
    known = {"M.EUR": "million EUR", "Mill USD": "million USD", "000 USD": "thousand USD", "000 US$": "thousand USD"}
    plain = unit.strip(" \N{LEFT SINGLE QUOTATION MARK}'")
    return known.get(plain, unit)


def _keys(index: pd.Index) -> list[mrio.Key]:
    return [(str(label[0]), " ".join(map(str, label[1:]))) for label in index]
