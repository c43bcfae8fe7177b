"""Results: tables, pictures and the proof of one scenario, and several side by side; written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import xarray as xr

from cge.errors import KeptError, RequestError, nearest

TABLES = ("welfare", "first_order", "trade", "sectors", "rents", "swaps", "emissions")
BY_REGION = ("welfare", "first_order")
"""Tables with one row a region."""
FINGERPRINTS = ("benchmark_sha256", "scenario_sha256", "parameters_sha256", "closure_sha256", "code_sha256")
"""Entries of the proof that say whether two results are of the same scenario in the same setting."""


@dataclass(frozen=True, eq=False)
class Result:
    """What one scenario does against the benchmark.

    Attributes:
        name, title: of the scenario.
        welfare: index `region`; see docs/scenarios.md for every column and its unit.
        first_order: index `region`: welfare by the published formula (`cge.decomposition.first_order`), % of income.
        trade: `exporter, importer, sector, base_musd, value_pct, volume_pct`.
        sectors: `region, sector, output_pct, price_pct, employment_pct`.
        rents: one row a flow and owner: rent before and after, million USD, with the regime of the quota.
        swaps: one row a swap: the outcome that is held, and how far the freed instrument moved.
        emissions: CO2 of industries and households before and after, kt.
        equilibrium: every variable and instrument of the model, with units.
        proof: why it can be believed: residuals, Walras, accounting identities, solver, fingerprints, seconds.
        notes: what the benchmark cannot separate, and what was done about it.
    """

    name: str
    title: str
    welfare: pd.DataFrame
    first_order: pd.DataFrame
    trade: pd.DataFrame
    sectors: pd.DataFrame
    rents: pd.DataFrame
    swaps: pd.DataFrame
    emissions: pd.DataFrame
    equilibrium: xr.Dataset
    proof: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def save(
        self, folder: str | Path, *, overwrite: bool = False, extra: Sequence[Callable[[Path], object]] = ()
    ) -> Path:
        """Write the result: CSV, NetCDF and JSON files, nothing rounded; the folder appears complete or not at all.

        Args:
            folder: of this result; made with its parents.
            overwrite: replace a folder that is there.
            extra: called with the folder while it is made, to add files such as pictures.

        Raises:
            KeptError: the folder is there and holds files; it is kept.
        """
        target = Path(folder)
        keep_unless(target, overwrite=overwrite)
        with _whole(target) as fresh:
            for name in TABLES:
                table: pd.DataFrame = getattr(self, name)
                table.to_csv(fresh / f"{name}.csv", index=name in BY_REGION)
            packed = {name: {"zlib": True, "complevel": 4} for name, array in self.equilibrium.items() if array.ndim}
            self.equilibrium.to_netcdf(fresh / "equilibrium.nc", engine="netcdf4", encoding=packed)
            proof = dict(self.proof) | {"name": self.name, "title": self.title, "notes": list(self.notes)}
            (fresh / "proof.json").write_text(json.dumps(proof, indent=2) + "\n", encoding="utf-8")
            for write in extra:
                write(fresh)
        return target

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a result that was saved.

        Raises:
            RequestError: the folder does not hold a complete result.
        """
        place = Path(folder)
        proof = read_proof(place)
        try:
            tables = {name: pd.read_csv(place / f"{name}.csv", keep_default_na=False) for name in TABLES}
            with xr.open_dataset(place / "equilibrium.nc", engine="netcdf4") as file:
                equilibrium = file.load()
            name, title, notes = proof.pop("name"), proof.pop("title"), tuple(proof.pop("notes"))
        except (OSError, KeyError, ValueError) as error:
            raise RequestError(
                [f"{place} does not hold a complete result ({error}); run it anew with --overwrite"]
            ) from error
        tables |= {name: tables[name].set_index("region") for name in BY_REGION}
        return cls(name, title, **tables, equilibrium=equilibrium, proof=proof, notes=notes)


def read_proof(folder: Path) -> dict[str, Any]:
    """The proof of a saved result.

    Raises:
        RequestError: there is none, or it cannot be read.
    """
    try:
        proof: dict[str, Any] = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RequestError([f"{folder} does not hold a result ({error}); run it first"]) from error
    return proof


def matches(folder: Path, fingerprints: Mapping[str, str]) -> bool:
    """Whether a folder holds a result with these fingerprints."""
    try:
        proof = read_proof(folder)
    except RequestError:
        return False
    return all(proof.get(key) == fingerprints[key] for key in FINGERPRINTS)


def keep_unless(folder: Path, *, overwrite: bool) -> None:
    """Refuse to write into a folder that holds something.

    Raises:
        KeptError: it does, and `overwrite` is not set.
        RequestError: it is a file.
    """
    if folder.is_file():
        raise RequestError([f"{folder} is a file; give a folder"])
    if folder.is_dir() and any(folder.iterdir()) and not overwrite:
        raise KeptError(
            f"{folder} holds results already, which are kept; pass --overwrite (overwrite=True) or another folder"
        )


def check_writable(out: Path) -> None:
    """Require that a folder can be made or written to, so that no solve is lost for want of a place; leaves nothing.

    Raises:
        RequestError: it cannot.
    """
    there = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".cge-", dir=there):
            pass
    except OSError as error:
        raise RequestError([f"cannot write to {out}: {error.strerror or error}; give another folder"]) from error


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A new folder that takes the place of the target at the end, and leaves nothing behind if that fails."""
    check_writable(target.parent)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    fresh.chmod(0o777 & ~_umask())
    try:
        yield fresh
        if target.is_dir():
            old = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
            target.rename(old / "old")
            fresh.rename(target)
            shutil.rmtree(old)
        else:
            fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scenarios side by side, each against the same benchmark.

    Attributes:
        results: in the order in which they were asked for.
    """

    results: tuple[Result, ...]

    @property
    def names(self) -> list[str]:
        """Names of the scenarios."""
        return [result.name for result in self.results]

    @property
    def welfare(self) -> pd.DataFrame:
        """Welfare tables under one another: index (`scenario`, `region`)."""
        return self._stacked("welfare")

    @property
    def rents(self) -> pd.DataFrame:
        """Rents under one another: column `scenario` first."""
        return self._stacked("rents").reset_index(level=1, drop=True).reset_index()

    @property
    def swaps(self) -> pd.DataFrame:
        """Swaps under one another: column `scenario` first."""
        return self._stacked("swaps").reset_index(level=1, drop=True).reset_index()

    @property
    def emissions(self) -> pd.DataFrame:
        """Emissions under one another: column `scenario` first."""
        return self._stacked("emissions").reset_index(level=1, drop=True).reset_index()

    def table(self, column: str = "ev_pct") -> pd.DataFrame:
        """One column of the welfare tables side by side: index `region`, one column a scenario.

        Raises:
            RequestError: there is no such column.
        """
        known = list(self.results[0].welfare.columns)
        if column not in known:
            raise RequestError([f"unknown column {column!r}{nearest(column, known)}; use one of {', '.join(known)}"])
        return pd.DataFrame({result.name: result.welfare[column] for result in self.results})

    def __getitem__(self, name: str) -> Result:
        for result in self.results:
            if result.name == name:
                return result
        raise KeyError(f"no result {name!r}{nearest(name, self.names)}; there are {', '.join(self.names)}")

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def _stacked(self, name: str) -> pd.DataFrame:
        parts = {result.name: getattr(result, name) for result in self.results}
        return pd.concat(parts, names=["scenario"])


def plain(value: Any) -> Any:
    """Numbers of numpy as those of Python, for JSON."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    return value
