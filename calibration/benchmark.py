"""The benchmark: a balanced picture of the world economy as one validated, immutable value.

A `Benchmark` exists only if its table is sound: every axis labelled, every number finite,
nothing negative where that has no meaning, and every accounting identity exact to 1e-9 of the
account's own turnover. Whoever holds one need not check again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from cge.errors import DataError, KeptError
from cge.labels import Given, aligned, repeated
from cge.shown import card

from . import contents_text
from .aggregation import aggregate
from .atomic import whole
from .contents import CONTENTS, SCALES, Contents
from .faults import structural_faults
from .file_contents import available as available
from .file_contents import find
from .identities import cif, foreign_saving, government_gap, identities, income, out_of_balance, saving
from .netcdf import read_netcdf, write_netcdf
from .table import (
    AGENTS,
    AXES,
    FACTORS,
    FIXED,
    LAYERS,
    MONEY,
    OWNERS,
    SAME,
    SCHEMA,
    Account,
    axis_of,
    labels_of,
    unknown,
)


@dataclass(frozen=True, eq=False)
class Benchmark:
    """A balanced, validated world table (see the module's text for its accounts).

    Args:
        data: dataset with the variables of `SCHEMA`, million current USD. It is copied into canonical order as float64
            and made read-only.

    Raises:
        DataError: listing all faults of the table at once.
    """

    data: xr.Dataset

    def __post_init__(self) -> None:
        faults = structural_faults(self.data)
        if faults:
            raise DataError(faults, "the benchmark")
        object.__setattr__(self, "data", _in_millions(_canonical(self.data)))
        self.check()

    @classmethod
    def from_arrays(
        cls,
        region: Sequence[str],
        sector: Sequence[str],
        *,
        factor: Sequence[str] = FACTORS,
        layer: Sequence[str] = LAYERS,
        margin: Sequence[str] = (),
        attrs: Mapping[str, object] | None = None,
        contents: Contents | Mapping[str, Any] | None = None,
        **variables: Given,
    ) -> Self:
        """Build a benchmark from plain arrays, axes in the order of `SCHEMA`.

        `domestic`, `trade`, `intermediate`, `final` and `factor_income` are required.
        A number stands for an array full of it; a DataArray or a table of pandas is taken by its
        labels (`cge.labels.aligned`). What is left out is zero, save that rents go to the
        exporter and that `direct_tax` balances the government's budget at the given (or zero) `government_saving`.

        `contents` says what the labels contain and the unit of the money, as a Contents or as the mapping that
        `cge.calibration.contents_text.read` takes; money in thousands or billions is held in millions.

        Raises:
            DataError: listing all faults: unknown or missing variables, wrong shapes, and those of the table.
        """
        data = assemble(
            region, sector, factor=factor, layer=layer, margin=margin, attrs=attrs, contents=contents, **variables
        )
        return cls(data)

    @property
    def regions(self) -> list[str]:
        """Labels of the regions."""
        return labels_of(self.data, "region")

    @property
    def sectors(self) -> list[str]:
        """Labels of the sectors."""
        return labels_of(self.data, "sector")

    @cached_property
    def contents(self) -> Contents:
        """What the labels contain, in the benchmark's order: an empty entry for a label of which nothing is known."""
        return contents_of(self.data)

    def with_contents(self, contents: Contents | Mapping[str, Any]) -> Benchmark:
        """The same numbers with other contents of their labels.

        Raises:
            DataError: listing all faults of the contents, and labels that the benchmark does not have.
        """
        return Benchmark(described(self.data, contents))

    @cached_property
    def cif(self) -> xr.DataArray:
        """Import value before tariffs [exporter, importer, sector], million USD."""
        return cif(self.data)

    @cached_property
    def saving(self) -> xr.DataArray:
        """Saving of household and government [region], million USD."""
        return saving(self.data)

    @cached_property
    def foreign_saving(self) -> xr.DataArray:
        """Payments to foreigners less receipts from them [region], million USD."""
        return foreign_saving(self.data)

    @cached_property
    def gdp(self) -> xr.DataArray:
        """Gross domestic product at market prices, quota rents included [region], million USD."""
        return income(self.data)

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of labels and numbers; titles, dates and other attributes do not enter."""
        digest = hashlib.sha256()
        for axis in AXES:
            digest.update("\x1f".join((axis, *labels_of(self.data, axis))).encode() + b"\x1e")
        for name, account in SCHEMA.items():
            if account.optional and (self.data[name].values == account.default).all():
                continue  # a table without it keeps the fingerprint that it had before there was such an account
            # Adding 0.0 turns -0.0 into 0.0; "<f8" fixes the byte order.
            numbers = np.ascontiguousarray(self.data[name].values + 0.0, dtype="<f8")
            digest.update(name.encode() + b"\x1f" + numbers.tobytes())
        return digest.hexdigest()

    def identities(self) -> pd.DataFrame:
        """Every identity's deviation: columns identity, account, deviation, relative."""
        return self._deviations.copy()

    @cached_property
    def _deviations(self) -> pd.DataFrame:
        return identities(self.data)

    def check(self, tolerance: float = 1e-9) -> None:
        """Raise if any account is out of balance.

        Args:
            tolerance: largest deviation allowed, as a share of the account's own turnover (of world income for the
                world's own account).

        Raises:
            DataError: naming every account that fails and by how much.
        """
        faults = out_of_balance(self._deviations, tolerance)
        if faults:
            raise DataError(faults, "the benchmark")

    def aggregate(
        self, region_map: Mapping[str, str] | None = None, sector_map: Mapping[str, str] | None = None
    ) -> Benchmark:
        """Add up regions and sectors; see `aggregate`."""
        return Benchmark(aggregate(self.data, region_map, sector_map))

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write a compressed NetCDF file and return its path.

        Raises:
            KeptError: if the file exists and `overwrite` is not set; the file is kept.
        """
        target = Path(path)
        if target.exists() and not overwrite:
            raise KeptError(f"{target} exists and is kept; choose another name or pass overwrite=True")
        stored = self.data.assign_attrs(sha256=self.sha256)
        if CONTENTS in stored.attrs:
            stored = stored.assign_attrs(contents_sha256=self.contents.sha256)
        with whole(target) as unfinished:
            write_netcdf(stored, unfinished, level=9)
        return target

    @classmethod
    def load(cls, source: str | Path) -> Self:
        """Read a benchmark from a file, or by name from those that come with the package.

        Raises:
            AbsentError: if neither exists; the message offers the nearest name.
            DataError: if the table is at fault, or differs from the fingerprint stored with it.
        """
        path = find(source)
        data = read_netcdf(path)
        stored = {key: data.attrs.pop(key, None) for key in ("sha256", "contents_sha256")}
        try:
            benchmark = cls(data)
        except DataError as error:
            raise DataError(error.faults, what=str(path)) from None
        found = {"sha256": benchmark.sha256, "contents_sha256": benchmark.contents.sha256}
        changed = [key for key, value in stored.items() if value is not None and value != found[key]]
        if changed:
            raise DataError(
                [
                    f"its content has the fingerprint {found[key][:12]}, not the stored "
                    f"{str(stored[key])[:12]}: it was changed after it was saved; restore it, or remove "
                    f"the attribute {key} and save it anew"
                    for key in changed
                ],
                what=str(path),
            )
        return benchmark

    def __repr__(self) -> str:
        title = self.data.attrs.get("title", "Benchmark")
        return (
            f"<Benchmark {title!r}: {len(self.regions)} regions x {len(self.sectors)} sectors, "
            f"world income {float(self.gdp.sum()):,.0f} {self.contents.unit or MONEY}, {self.sha256[:12]}>"
        )

    def _repr_html_(self) -> str:
        unit = self.contents.unit or MONEY
        table = pd.DataFrame(
            {"name": self.contents.names("region", self.regions), f"GDP, {unit}": self.gdp.values}, index=self.regions
        )
        facts = {"sectors": ", ".join(self.sectors), "fingerprint": self.sha256[:12]}
        return card(str(self.data.attrs.get("title", "Benchmark")), facts, table.rename_axis("region"))


def contents_of(data: xr.Dataset) -> Contents:
    """What the labels of a table contain, as its attributes say; an empty entry for each of which they say nothing.

    Raises:
        DataError: listing the faults of the contents, and labels that the table does not have.
    """
    given = contents_text.read(str(data.attrs.get(CONTENTS, "{}")))
    return given.over(*(labels_of(data, axis) for axis in ("region", "sector", "factor")))


def described(data: xr.Dataset, contents: Contents | Mapping[str, Any]) -> xr.Dataset:
    """The table with contents in its attributes: all of them as `contents`, and `unit`, `currency`, `year`.

    Raises:
        DataError: listing the faults of the contents.
    """
    given = contents if isinstance(contents, Contents) else contents_text.read(contents)
    money = {"unit": given.unit, "currency": given.currency} if given.unit else {}
    year = {} if given.year is None else {"year": given.year}
    return data.assign_attrs(money | year | {CONTENTS: contents_text.write(given)})


def assemble(
    region: Sequence[str],
    sector: Sequence[str],
    *,
    factor: Sequence[str] = FACTORS,
    layer: Sequence[str] = LAYERS,
    margin: Sequence[str] = (),
    attrs: Mapping[str, object] | None = None,
    contents: Contents | Mapping[str, Any] | None = None,
    **variables: Given,
) -> xr.Dataset:
    """Lay arrays out as a dataset of the benchmark's schema, not yet checked for balance.

    Arguments, defaults and errors are those of `Benchmark.from_arrays`.
    """
    coords: dict[str, list[str]] = {
        "region": list(region), "exporter": list(region), "importer": list(region),
        "sector": list(sector), "input": list(sector), "factor": list(factor),
        "agent": list(AGENTS), "layer": list(layer), "margin": list(margin),
        "owner": list(OWNERS),
    }  # fmt: skip
    faults = [unknown(name) for name in variables if name not in SCHEMA]
    faults += [
        f"{name} is missing; give {SCHEMA[name].description} [{', '.join(SCHEMA[name].dims)}]"
        for name in ("domestic", "trade", "intermediate", "final", "factor_income")
        if name not in variables
    ]
    for axis, labels in coords.items():
        faults += repeated(axis, labels)
    if faults:
        raise DataError(faults, "the benchmark")
    arrays = {}
    for name, account in SCHEMA.items():
        array, found = _lay_out(name, account, variables.get(name, account.default), coords)
        faults += found
        arrays[name] = (account.dims, array)
    if faults:
        raise DataError(faults, "the benchmark")
    data = xr.Dataset(arrays, coords={axis: axis_of(axis, labels) for axis, labels in coords.items()})
    if "rent_share" not in variables:
        data["rent_share"].loc[{"owner": "exporter"}] = 1.0
    data = data.assign_attrs(dict(attrs or {}))
    if contents is not None:
        data = described(data, contents)
    if "direct_tax" not in variables and not structural_faults(data):
        data["direct_tax"] = data["direct_tax"] - government_gap(data)
    return data


def _lay_out(
    name: str,
    account: Account,
    given: Given,
    coords: Mapping[str, list[str]],
) -> tuple[npt.NDArray[np.float64], list[str]]:
    """What a user gave in the schema's shape, by label if it has labels; and its faults."""
    axes = {axis: coords[axis] for axis in account.dims}
    try:
        return aligned(name, given, axes), []
    except DataError as error:
        return np.zeros(tuple(len(labels) for labels in axes.values())), list(error.faults)


def _canonical(data: xr.Dataset) -> xr.Dataset:
    """Copy with every axis and variable in the schema's order, float64, read-only."""
    order = {axis: labels_of(data, axis) for axis in AXES}
    order |= {axis: order[model] for axis, model in SAME.items()}
    order |= {axis: list(labels) for axis, labels in FIXED.items()}
    data = data.assign_coords({axis: axis_of(axis, labels_of(data, axis)) for axis in AXES})
    data = data.reindex(order, copy=False)
    accounts = {}
    for name, account in SCHEMA.items():
        if account.optional and name not in data:
            data[name] = xr.DataArray(account.default).expand_dims({axis: order[axis] for axis in account.dims})
        values = np.array(data.variables[name].transpose(*account.dims).values, dtype=np.float64, order="C")
        values.setflags(write=False)
        accounts[name] = (account.dims, values, {"description": account.description, "unit": account.unit})
    axes = {axis: axis_of(axis, labels) for axis, labels in order.items()}
    return xr.Dataset(accounts, coords=axes, attrs=dict(data.attrs))


def _in_millions(data: xr.Dataset) -> xr.Dataset:
    """The table with its money in millions of its currency, whatever scale its contents name."""
    contents = contents_of(data)
    factor = contents.scale / SCALES["million"]
    if factor == 1.0:
        return data
    money = [name for name, account in SCHEMA.items() if account.unit == MONEY]
    scaled = {name: data[name].copy(data=_frozen(data[name].values * factor)) for name in money}
    return described(data.assign(scaled), replace(contents, unit=f"million {contents.currency}"))


def _frozen(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    values.setflags(write=False)
    return values
