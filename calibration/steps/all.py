"""Every step by the name that a recipe calls it, with its options."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import xarray as xr

from cge.calibration.log import Log
from cge.calibration.raw import RawTable
from cge.errors import DataError, RequestError

from . import (
    agents,
    aggregate,
    balance,
    convert,
    factors,
    make,
    margins,
    negatives,
    rest_of_world,
    satellites,
    split,
    taxes,
)

Doing = Callable[[RawTable, Path, dict[str, Any]], tuple[RawTable, Log]]


@dataclass(frozen=True)
class Step:
    """A step of a recipe.

    Attributes:
        do: the table, the recipe's folder and the options to the new table and its log.
        options: their names; those of files are read from the recipe's folder.
        first: the option that a bare value is for.
        text: what it does.
    """

    do: Doing
    options: tuple[str, ...]
    first: str
    text: str


def _plain(function: Callable[..., tuple[RawTable, Log]]) -> Step:
    """A step whose options are the arguments of its function."""
    names = tuple(inspect.signature(function).parameters)[1:]

    def do(raw: RawTable, folder: Path, options: dict[str, Any]) -> tuple[RawTable, Log]:
        try:
            return function(raw, **options)
        except TypeError as error:
            raise RequestError([f"{error}; the options are {', '.join(names)}"]) from error

    return Step(do, names, names[0] if names else "", (function.__doc__ or "").partition("\n")[0])


def _tariffs(raw: RawTable, folder: Path, options: dict[str, Any]) -> tuple[RawTable, Log]:
    frame = _table(folder, options, ("exporter", "importer", "sector", "rate"))
    frame["layer"] = frame.get("layer", "tariff")
    keys = ["layer", "exporter", "importer", "sector"]
    twice = frame[frame.duplicated(keys)]
    if len(twice):
        told = ", ".join(" ".join(map(str, row)) for row in twice[keys].head(5).itertuples(index=False))
        raise DataError([f"rates stand twice: {told}; keep one"], str(options["file"]))
    rates: xr.DataArray = frame.set_index(keys)["rate"].astype(float).to_xarray().fillna(0.0)
    return taxes.carve_tariffs(raw, rates)


def _balance(raw: RawTable, folder: Path, options: dict[str, Any]) -> tuple[RawTable, Log]:
    """Totals stand in a file with the columns account, receipts and payments; what is not known is left empty."""
    given: list[pd.Series | None] = [None, None]
    file = options.pop("file", None)
    if file:
        frame = _table(folder, {"file": file}, ("account", "receipts")).set_index("account")
        given = [frame[c].dropna() if c in frame else None for c in ("receipts", "payments")]
    year = options.pop("year", None)
    options["kept"] = [tuple(map(str, pair)) for pair in options.get("kept") or ()]
    balanced, log = balance.balance(raw, *given, **options)
    return balance.of_year(balanced, log, year) if year else (balanced, log)


def _satellite(raw: RawTable, folder: Path, options: dict[str, Any]) -> tuple[RawTable, Log]:
    frame = _table(folder, options, ("region", "label", "value"))
    return satellites.satellite(raw, str(options.get("name", "CO2")), frame, unit=str(options.get("unit", "")))


def _factors(raw: RawTable, folder: Path, options: dict[str, Any]) -> tuple[RawTable, Log]:
    into: dict[str, dict[str, Any]] = {str(k): dict(v) for k, v in (options.get("into") or {}).items()}
    if options.get("file"):
        frame = _table(folder, options, ("region", "label", "factor", "share"))
        for factor, rows in frame.groupby("factor"):
            into.setdefault(str(factor), {})["share"] = rows.pivot_table(
                index="region", columns="label", values="share", aggfunc="sum"
            )
    return factors.factors(raw, into, account=str(options.get("account", "value-added")))


def _table(folder: Path, options: Mapping[str, Any], columns: tuple[str, ...]) -> pd.DataFrame:
    """A table of numbers beside the recipe."""
    path = folder / str(options.get("file", ""))
    if not path.is_file():
        raise RequestError([f"there is no file {options.get('file')!r} beside the recipe; say file: NAME.csv"])
    frame = pd.read_csv(
        path, comment="#", keep_default_na=False, na_values=[""], dtype=dict.fromkeys(("region", "label"), str)
    )
    lost = [f"column {c} is missing; the columns are {', '.join(columns)}" for c in columns if c not in frame]
    last = columns[-1]
    if not lost and not pd.api.types.is_numeric_dtype(frame[last]):
        lost.append(f"column {last} holds what is no number")
    if lost:
        raise DataError(lost, path.name)
    return frame


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "convert": _plain(convert.convert),
        "scale": _plain(convert.scale),
        "transpose": _plain(convert.transpose),
        "prices": _plain(convert.price_basis),
        "map": _plain(aggregate.aggregate),
        "margins": _plain(margins.margins),
        "make": _plain(make.make),
        "negatives": _plain(negatives.negatives),
        "agents": _plain(agents.agents),
        "consumption": _plain(agents.consumption),
        "place": _plain(taxes.place),
        "carve_tariffs": Step(_tariffs, ("file",), "file", "tariffs out of taxes on products"),
        "carve_rents": _plain(taxes.carve_rents),
        "factors": Step(_factors, ("into", "account", "file"), "into", "value added split into factors"),
        "split_sector": _plain(split.split_sector),
        "split_region": _plain(split.split_region),
        "balance": Step(
            _balance,
            ("file", "method", "kept", "band", "year"),
            "file",
            "the nearest table that balances, to given totals; with a year, the table of that year",
        ),
        "satellite": Step(_satellite, ("name", "file", "unit"), "file", "a satellite beside the table"),
        "rest_of_world": _plain(rest_of_world.rest_of_world),
    }
)
"""Steps by name."""
