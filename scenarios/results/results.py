"""Results: tables, pictures and the proof of one scenario, and several side by side; written whole or not at all."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, overload

import numpy as np
import pandas as pd
import xarray as xr

from cge.accounts import household
from cge.calibration.netcdf import read_netcdf, write_netcdf
from cge.errors import DataError, RequestError, nearest
from cge.labels import read_table
from cge.tables import INPUT_LABELS

from .folder import whole
from .proof import FILES, SEAL, check, read_proof, write_proof

TABLES = ("welfare", "first_order", "trade", "sectors", "rents", "swaps", "emissions", "inputs")
BY_REGION = ("welfare", "first_order")
"""Tables with one row a region."""
POINT = "equilibrium.nc"
WHOSE = "household"
"""Column of welfare.csv, and entry of the proof, that says whose EV and CV these are."""


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
        inputs: every elasticity, rate and parameter of capital as the model held it, by label (`cge.tables.inputs`);
            empty if an older version wrote the result.
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
    inputs: pd.DataFrame
    equilibrium: xr.Dataset
    proof: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def household(self) -> str:
        """Whose welfare EV and CV are, in words; it depends on the closure."""
        return household(self.equilibrium)

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
        with whole(target, overwrite=overwrite) as fresh:
            numbers: dict[str, list[str]] = {}
            for name in TABLES:
                table: pd.DataFrame = getattr(self, name)
                table = table.reset_index() if name in BY_REGION else table
                table = table.assign(**{WHOSE: self.household}) if name == "welfare" else table
                table.to_csv(fresh / f"{name}.csv", index=False)
                numbers[f"{name}.csv"] = list(table.select_dtypes("number").columns)
            write_netcdf(self.equilibrium, fresh / POINT)
            told = dict(self.proof) | {"name": self.name, "title": self.title, "notes": list(self.notes)}
            write_proof(fresh, told, numbers | {POINT: []})
            for write in extra:
                write(fresh)
        return target

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a result that was saved, if it is proved and as it was written.

        Raises:
            RequestError: the folder does not hold a result.
            DataError: the result is not complete, was changed, or its proof does not keep the tolerances.
        """
        place = Path(folder)
        proof = read_proof(place)
        check(place, proof)
        files = proof.pop(FILES, None) or {}
        proof.pop(SEAL, None)
        try:
            tables = {name: _read_table(place / f"{name}.csv", files.get(f"{name}.csv")) for name in TABLES}
            name, title, notes = proof.pop("name"), proof.pop("title"), tuple(proof.pop("notes"))
            tables |= {each: tables[each].set_index("region") for each in BY_REGION}
            tables["welfare"] = tables["welfare"].drop(columns=WHOSE, errors="ignore")
        except (OSError, LookupError, TypeError, ValueError) as error:
            raise DataError(
                [f"it is not a complete result ({error}); run it anew with --overwrite"], str(place)
            ) from error
        return cls(name, title, **tables, equilibrium=read_netcdf(place / POINT), proof=proof, notes=notes)


def _read_table(file: Path, told: Mapping[str, Any] | None) -> pd.DataFrame:
    """A table as it was written; of an older version's, which does not say, labels are text and the rest numbers."""
    if told is None:
        if file.stem == "inputs" and not file.exists():
            return pd.DataFrame(columns=["parameter", *INPUT_LABELS, "value", "unit"])
        return read_table(file)
    table = pd.read_csv(file, keep_default_na=False, dtype=str)
    exact = {name: table[name].replace("", "nan").to_numpy(dtype=object).astype(float) for name in told["numbers"]}
    return table.assign(**exact)


class Stored(Sequence[Result]):
    """Results in folders, read when they are asked for and not kept, so that memory does not grow with their number."""

    def __init__(self) -> None:
        self._folders: dict[str, tuple[Path, str]] = {}
        self._last: tuple[str, Result] | None = None

    @property
    def names(self) -> list[str]:
        """Names of the scenarios."""
        return list(self._folders)

    def add(self, name: str, folder: Path) -> None:
        """Take up the result in a folder."""
        self._folders[name] = folder, str(read_proof(folder).get(SEAL))

    def __len__(self) -> int:
        return len(self._folders)

    @overload
    def __getitem__(self, index: int) -> Result: ...
    @overload
    def __getitem__(self, index: slice) -> list[Result]: ...
    def __getitem__(self, index: int | slice) -> Result | list[Result]:
        if isinstance(index, slice):
            return [self._read(name) for name in self.names[index]]
        return self._read(self.names[index])

    def _read(self, name: str) -> Result:
        if self._last is None or self._last[0] != name:
            folder, seal = self._folders[name]
            if str(read_proof(folder).get(SEAL)) != seal:
                raise DataError(["it was replaced by another result since; run it anew"], str(folder))
            self._last = name, Result.load(folder)
        return self._last[1]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scenarios side by side, each against the same benchmark.

    Attributes:
        results: in the order in which they were asked for; those in a folder are read when they are asked for.
    """

    results: Sequence[Result]

    @property
    def names(self) -> list[str]:
        """Names of the scenarios."""
        return self.results.names if isinstance(self.results, Stored) else [result.name for result in self.results]

    @property
    def welfare(self) -> pd.DataFrame:
        """Welfare tables under one another: index (`scenario`, `region`)."""
        self._warn_of_two()
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
        if column.startswith(("ev_", "cv_")):
            self._warn_of_two()
        return pd.DataFrame({result.name: result.welfare[column] for result in self.results})

    def _warn_of_two(self) -> None:
        """Warn if EV is of one household here and of another there."""
        if mixed := self.mixed:
            warnings.warn(mixed, UserWarning, stacklevel=3)

    @property
    def mixed(self) -> str:
        """What to know where EV is not of the same household in all results; empty if it is."""
        whose = {result.household.split(":")[0] for result in self.results}
        if len(whose) < 2:
            return ""
        return f"EV and CV are of the {' here and of the '.join(sorted(whose))} there: they are not to be compared"

    def __getitem__(self, name: str) -> Result:
        names = self.names
        if name not in names:
            raise KeyError(f"no result {name!r}{nearest(name, names)}; there are {', '.join(names)}")
        return self.results[names.index(name)]

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def _stacked(self, name: str) -> pd.DataFrame:
        parts = {result.name: getattr(result, name) for result in self}
        return pd.concat(parts, names=["scenario"])


def plain(value: Any) -> Any:
    """Numbers of numpy as those of Python, for JSON."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    return value
