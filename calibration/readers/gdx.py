"""Data of GAMS (GDX files), through GAMS's own library; no installation of GAMS is needed.

The extra `gdx` brings `gamsapi` (MIT) and `gamspy_base` (GAMS's end-user licence), which holds the library.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cge.calibration.log import Log
from cge.calibration.raw import About, RawTable
from cge.errors import AbsentError, DataError, InstallError, nearest

from .grid import Source

NAME = "gdx"
EXPECTS = "GDX file of GAMS with a matrix of accounts: a parameter in two dimensions (extra gdx)"
MARK = b"GAMSGDX"
"""Stands within the first letters of every such file."""
END = b"\xff\xff\xff\xff\x06_DOMS_"
"""What a file of version 7, today's, ends with: the close of its last section, of domains."""


@dataclass(frozen=True, eq=False)
class Symbol:
    """One symbol of a file.

    Attributes:
        kind: set, parameter, variable or equation.
        text: what it is.
        domain: names of its dimensions; "*" where the file does not say.
        values: records by element (a MultiIndex for several dimensions): numbers of a parameter, levels of a variable
            or equation, texts of a set's elements. Elements without a record are zero.
    """

    kind: str
    text: str
    domain: tuple[str, ...]
    values: pd.Series


def recognises(source: Source) -> bool:
    """Whether it is a GDX file."""
    return source.path.is_file() and is_gdx(source.path)


def read(source: Source, symbol: str = "") -> tuple[RawTable, Log]:
    """Read the matrix of accounts; `symbol` names it where the file has several.

    Raises:
        DataError, InstallError: as `sam_of`.
    """
    return sam_of(source.path, symbol), Log()


def is_gdx(path: str | Path) -> bool:
    """Whether a file is a GDX file."""
    with Path(path).open("rb") as file:
        return MARK in file.read(64)


def read_gdx(path: str | Path) -> dict[str, Symbol]:
    """Read every symbol of a file.

    Returns:
        Name to symbol; EPS is zero, NA and UNDEF are NaN.

    Raises:
        AbsentError: there is no such file.
        DataError: it is no GDX file, or a damaged one.
        InstallError: the extra `gdx` is not installed.
    """
    file = Path(path)
    if not file.is_file():
        raise AbsentError(f"there is no file {file}; check the path")
    if not is_gdx(file):
        raise DataError(["it is no GDX file"], str(file))
    data = file.read_bytes()
    if MARK + b"\x07" in data[:64] and not data.endswith(END):  # the library itself would read nothing, or crash
        raise DataError(["it is cut short; copy it again, in binary mode"], str(file))
    transfer, folder = _gams()
    try:
        held = transfer.Container(system_directory=folder, load_from=str(file.resolve()))
    except Exception as error:  # the library raises bare exceptions
        raise DataError([f"GAMS's library cannot read it ({error}); write it again"], str(file)) from error
    return {name: _symbol(symbol) for name, symbol in held.data.items()}


def sam_of(path: str | Path, symbol: str = "") -> RawTable:
    """A social accounting matrix that a GDX file holds, as a raw table without roles.

    Args:
        path: of the file.
        symbol: parameter in two dimensions, receiver and payer; if empty, the only one of the file.

    Returns:
        Payments among its accounts; the user says their roles.

    Raises:
        DataError: no such parameter, or several to choose from; numbers that are not available.
    """
    symbols = read_gdx(path)
    square = [name for name, s in symbols.items() if s.kind == "parameter" and len(s.domain) == 2]
    if symbol and symbol not in square:
        told = f"parameter {symbol} in two dimensions is not there{nearest(symbol, square)}"
        raise DataError([f"{told}; it has {', '.join(square) or 'none'}"], str(path))
    if not symbol and len(square) != 1:
        told = f"{len(square)} parameters have two dimensions ({', '.join(square) or 'none'}); name the one to read"
        raise DataError([told], str(path))
    chosen = symbols[symbol or square[0]]
    records = chosen.values[chosen.values != 0.0]
    flows = pd.DataFrame(
        {
            "seller": records.index.get_level_values(0).astype(str),
            "buyer": records.index.get_level_values(1).astype(str),
            "value": records.to_numpy(dtype=float),
        }
    )
    names = list(dict.fromkeys([*flows["seller"], *flows["buyer"]]))
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    about = About(source=chosen.text, files={Path(path).name: digest})
    return RawTable.from_frames(flows, pd.DataFrame({"account": names}), about)


def _gams() -> tuple[Any, str]:
    """GAMS's transfer module, and the folder of its library."""
    try:
        import gams.transfer
        import gamspy_base
    except ImportError as error:
        raise InstallError("GDX files need GAMS's library: pip install gamsapi gamspy_base") from error
    return gams.transfer, str(gamspy_base.directory)


def _symbol(symbol: Any) -> Symbol:
    kind = type(symbol).__name__.lower().replace("alias", "set")
    domain = tuple(str(getattr(part, "name", part)) for part in symbol.domain)
    column = {"set": "element_text", "parameter": "value"}.get(kind, "level")
    records = symbol.records
    if records is None:
        return Symbol(kind, str(symbol.description), domain, pd.Series([], dtype=object if kind == "set" else float))
    values = records[column].to_numpy()
    if kind != "set":
        values = np.where(values == 0.0, 0.0, values.astype(float))  # EPS is a zero of its own
    keys = [records.iloc[:, k].astype(str).to_numpy() for k in range(len(domain))]
    index = pd.MultiIndex.from_arrays(keys) if len(keys) > 1 else pd.Index(keys[0] if keys else [""])
    return Symbol(kind, str(symbol.description), domain, pd.Series(values, index=index))
