"""The benchmark: a balanced picture of the world economy as one validated, immutable value.

A :class:`Benchmark` exists only if its table is sound: every axis labelled, every number finite,
nothing negative where that has no meaning, and every accounting identity exact to 1e-9 of world
income. Whoever holds one need not check again.

Flows are in million current US dollars. The accounts, for region r (as exporter e, importer m),
sector i, industry j, factor f, agent a (household C, government G, investment I):

* industry   sum_i (intermediate + intermediate_tax) + sum_f (factor_income + factor_tax)
             + output_tax = domestic + sum_m trade + margin_supply
* commodity  domestic + sum_e cif (1 + sum_layer tariff) = sum_j intermediate + sum_a final,
             where cif = trade + export_tax + rent + margins
* region     investment = saving + foreign_saving, where saving is what income leaves after the
             spending of C and G, and foreign_saving is payments to foreigners less receipts
* margin     margins used by all flows = margins supplied by all regions
* government taxes + direct_tax + treasury rents = spending of G + government_saving
* gdp        GDP by income = GDP by expenditure
* world      the foreign savings of all regions sum to zero
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

AGENTS = ("C", "G", "I")
OWNERS = ("exporter", "importer", "treasury")
LAYERS = ("mfn", "section232", "section301")
FACTORS = ("LAB", "CAP", "NAT", "LND")
DATA = Path(__file__).parent / "data"

_FLOW = ("exporter", "importer", "sector")


@dataclass(frozen=True)
class Account:
    """One variable of the table: its axes, its meaning, whether it may be negative, and be left out (zero)."""

    dims: tuple[str, ...]
    description: str
    signed: bool = False
    unit: str = "million USD"
    optional: bool = False


SCHEMA: Mapping[str, Account] = {
    "domestic": Account(("region", "sector"), "home sales of own output at basic prices"),
    "trade": Account(_FLOW, "sales abroad at basic prices, before export tax and quota rent"),
    "export_tax": Account(_FLOW, "taxes less subsidies on exports", signed=True),
    "rent": Account(_FLOW, "quota rent contained in the price that the importer pays"),
    "rent_share": Account(("owner", *_FLOW), "who receives the quota rent", unit="share"),
    "margin_use": Account(("margin", *_FLOW), "international margins that a flow uses"),
    "margin_supply": Account(("region", "margin"), "international margins that a region sells"),
    "tariff": Account(("layer", *_FLOW), "ad valorem rate on the cif value", True, "rate"),
    "intermediate": Account(
        ("region", "input", "sector"),
        "Armington good bought by an industry, tariffs included, before product tax; negative: a by-product it sells",
        signed=True,
    ),
    "intermediate_tax": Account(("region", "input", "sector"), "taxes less subsidies on intermediate purchases", True),
    "final": Account(
        ("region", "sector", "agent"),
        "Armington good bought by an agent, tariffs included, before product tax",
    ),
    "final_tax": Account(("region", "sector", "agent"), "taxes less subsidies on final purchases", True),
    "factor_income": Account(("region", "factor", "sector"), "factor income net of factor tax"),
    "factor_tax": Account(("region", "factor", "sector"), "taxes less subsidies on factors", True),
    "output_tax": Account(("region", "sector"), "taxes less subsidies on output", True),
    "direct_tax": Account(("region",), "direct taxes less transfers to the household", True),
    "government_saving": Account(("region",), "saving of the government", True),
    "emissions": Account(("region", "sector"), "CO2 that an industry emits", unit="kt CO2", optional=True),
    "household_emissions": Account(("region",), "CO2 that households emit", unit="kt CO2", optional=True),
}

_FIXED: Mapping[str, tuple[str, ...]] = {"agent": AGENTS, "owner": OWNERS}
_SAME = {"exporter": "region", "importer": "region", "input": "sector"}
_AXES = (
    "region", "exporter", "importer", "sector", "input",
    "factor", "agent", "layer", "margin", "owner",
)  # fmt: skip
_SHOWN = 8


class BenchmarkError(ValueError):
    """A table that cannot be a benchmark; the message lists every fault with its repair.

    ``faults`` holds the same list, one string a fault.
    """

    def __init__(self, faults: Iterable[str], what: str = "the benchmark") -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        head = f"{what} has {count} fault{'s' if count != 1 else ''}:"
        super().__init__("\n  - ".join((head, *self.faults)))


@dataclass(frozen=True, eq=False)
class Benchmark:
    """A balanced, validated world table (see the module's text for its accounts).

    Parameters
    ----------
    data
        Dataset with the variables of :data:`SCHEMA`, million current USD. It is copied into
        canonical order as float64 and made read-only.

    Raises
    ------
    BenchmarkError
        Listing all faults of the table at once.
    """

    data: xr.Dataset

    def __post_init__(self) -> None:
        faults = structural_faults(self.data)
        if faults:
            raise BenchmarkError(faults)
        object.__setattr__(self, "data", _canonical(self.data))
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
        **variables: npt.ArrayLike | xr.DataArray,
    ) -> Self:
        """Build a benchmark from plain arrays, axes in the order of :data:`SCHEMA`.

        ``domestic``, ``trade``, ``intermediate``, ``final`` and ``factor_income`` are required.
        A number stands for an array full of it; a DataArray is taken by its labels. What is left
        out is zero, save that rents go to the exporter and that ``direct_tax`` balances the
        government's budget at the given (or zero) ``government_saving``.

        Raises
        ------
        BenchmarkError
            Listing all faults: unknown or missing variables, wrong shapes, and those of the table.
        """
        data = assemble(region, sector, factor=factor, layer=layer, margin=margin, attrs=attrs, **variables)
        return cls(data)

    @property
    def regions(self) -> list[str]:
        """Labels of the regions."""
        return _labels(self.data, "region")

    @property
    def sectors(self) -> list[str]:
        """Labels of the sectors."""
        return _labels(self.data, "sector")

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
        for axis in _AXES:
            digest.update("\x1f".join((axis, *_labels(self.data, axis))).encode() + b"\x1e")
        for name, account in SCHEMA.items():
            if account.optional and not self.data[name].values.any():
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

        Parameters
        ----------
        tolerance
            Largest deviation allowed, as a share of world income.

        Raises
        ------
        BenchmarkError
            Naming every account that fails and by how much.
        """
        faults = _out_of_balance(self._deviations, tolerance)
        if faults:
            raise BenchmarkError(faults)

    def aggregate(
        self, region_map: Mapping[str, str] | None = None, sector_map: Mapping[str, str] | None = None
    ) -> Benchmark:
        """Add up regions and sectors; see :func:`aggregate`."""
        return Benchmark(aggregate(self.data, region_map, sector_map))

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write a compressed NetCDF file and return its path.

        Raises
        ------
        FileExistsError
            If the file exists and ``overwrite`` is not set; the file is kept.
        """
        target = Path(path)
        if target.exists() and not overwrite:
            raise FileExistsError(f"{target} exists and is kept; choose another name or pass overwrite=True")
        target.parent.mkdir(parents=True, exist_ok=True)
        stored = self.data.assign_attrs(sha256=self.sha256)
        encoding = {name: {"zlib": True, "complevel": 9, "shuffle": True} for name in SCHEMA}
        partial = target.with_name(target.name + ".part")
        stored.to_netcdf(partial, engine="netcdf4", format="NETCDF4", encoding=encoding)
        partial.replace(target)  # an interrupted write never leaves half a benchmark
        return target

    @classmethod
    def load(cls, source: str | Path) -> Self:
        """Read a benchmark from a file, or by name from those that come with the package.

        Raises
        ------
        FileNotFoundError
            If neither exists; the message offers the nearest name.
        BenchmarkError
            If the table is at fault, or differs from the fingerprint stored with it.
        """
        path = _find(source)
        try:
            with xr.open_dataset(path, engine="netcdf4") as file:
                data = file.load()
        except OSError as error:
            raise BenchmarkError(
                [f"it cannot be read as NetCDF ({error.strerror or error}); restore the file"],
                what=str(path),
            ) from error
        stored = data.attrs.pop("sha256", None)
        try:
            benchmark = cls(data)
        except BenchmarkError as error:
            raise BenchmarkError(error.faults, what=str(path)) from None
        if stored is not None and stored != benchmark.sha256:
            raise BenchmarkError(
                [
                    f"its content has the fingerprint {benchmark.sha256[:12]}, not the stored "
                    f"{str(stored)[:12]}: it was changed after it was saved; restore it, or remove "
                    "the attribute sha256 and save it anew"
                ],
                what=str(path),
            )
        return benchmark

    def __repr__(self) -> str:
        title = self.data.attrs.get("title", "Benchmark")
        return (
            f"<Benchmark {title!r}: {len(self.regions)} regions x {len(self.sectors)} sectors, "
            f"world income {float(self.gdp.sum()):,.0f} million USD, {self.sha256[:12]}>"
        )


def available() -> list[str]:
    """Names of the benchmarks that come with the package."""
    return sorted(path.stem for path in DATA.glob("*.nc"))


def assemble(
    region: Sequence[str],
    sector: Sequence[str],
    *,
    factor: Sequence[str] = FACTORS,
    layer: Sequence[str] = LAYERS,
    margin: Sequence[str] = (),
    attrs: Mapping[str, object] | None = None,
    **variables: npt.ArrayLike | xr.DataArray,
) -> xr.Dataset:
    """Lay arrays out as a dataset of the benchmark's schema, not yet checked for balance.

    Arguments, defaults and errors are those of :meth:`Benchmark.from_arrays`.
    """
    coords: dict[str, list[str]] = {
        "region": list(region), "exporter": list(region), "importer": list(region),
        "sector": list(sector), "input": list(sector), "factor": list(factor),
        "agent": list(AGENTS), "layer": list(layer), "margin": list(margin),
        "owner": list(OWNERS),
    }  # fmt: skip
    faults = [_unknown(name) for name in variables if name not in SCHEMA]
    faults += [
        f"{name} is missing; give {SCHEMA[name].description} [{', '.join(SCHEMA[name].dims)}]"
        for name in ("domestic", "trade", "intermediate", "final", "factor_income")
        if name not in variables
    ]
    for axis, labels in coords.items():
        faults += _repeated(axis, labels)
    if faults:
        raise BenchmarkError(faults)
    arrays = {}
    for name, account in SCHEMA.items():
        array, found = _lay_out(name, account, variables.get(name, 0.0), coords)
        faults += found
        arrays[name] = (account.dims, array)
    if faults:
        raise BenchmarkError(faults)
    data = xr.Dataset(arrays, coords={axis: _axis(axis, labels) for axis, labels in coords.items()})
    if "rent_share" not in variables:
        data["rent_share"].loc[{"owner": "exporter"}] = 1.0
    data = data.assign_attrs(dict(attrs or {}))
    if "direct_tax" not in variables and not structural_faults(data):
        data["direct_tax"] = data["direct_tax"] - _government_gap(data)
    return data


def _lay_out(
    name: str, account: Account, given: npt.ArrayLike | xr.DataArray, coords: Mapping[str, list[str]]
) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Bring what a user gave into the schema's shape, by label if it has labels; and its faults."""
    shape = tuple(len(coords[axis]) for axis in account.dims)
    none = np.zeros(shape)
    axes = ", ".join(account.dims)
    try:
        if isinstance(given, xr.DataArray):
            if set(given.dims) != set(account.dims):
                wrong = ", ".join(map(str, given.dims))
                return none, [f"{name} has the axes [{wrong}], not [{axes}]; rename or transpose it"]
            faults = []
            for axis in account.dims:
                if axis in given.coords:
                    labels = [str(label) for label in given[axis].values]
                    found = _repeated(f"{axis} of {name}", labels)
                    found += _label_difference(f"{axis} of {name}", labels, f"{axis} of the benchmark", coords[axis])
                    faults += found
                    if not found:
                        given = given.assign_coords({axis: labels}).reindex({axis: coords[axis]})
            if faults:
                return none, faults
            given = given.transpose(*account.dims).values
        values = np.array(given, dtype=float)
    except (TypeError, ValueError) as error:
        return none, [f"{name} cannot be read as numbers ({error}); give a rectangular array of numbers"]
    if values.shape == ():
        return np.full(shape, float(values)), []
    if values.shape != shape:
        told = f"{name} has the shape {values.shape}, not {shape} for [{axes}]; check the order of its axes"
        return none, [told]
    return values, []


# The accounts. Every function takes the dataset, so that a table can be examined before it is one.


def cif(data: xr.Dataset) -> xr.DataArray:
    """Import value before tariffs [exporter, importer, sector], million USD."""
    return data["trade"] + data["export_tax"] + data["rent"] + data["margin_use"].sum("margin")


def tariff_revenue(data: xr.Dataset) -> xr.DataArray:
    """Tariff revenue by layer [layer, exporter, importer, sector], million USD."""
    return data["tariff"] * cif(data)


def tax_revenue(data: xr.Dataset) -> xr.DataArray:
    """All taxes but the direct one, tariffs included [region], million USD."""
    export_tax = data["export_tax"].sum(("importer", "sector")).rename(exporter="region")
    tariffs = tariff_revenue(data).sum(("layer", "exporter", "sector")).rename(importer="region")
    return (
        data["output_tax"].sum("sector")
        + data["factor_tax"].sum(("factor", "sector"))
        + data["intermediate_tax"].sum(("input", "sector"))
        + data["final_tax"].sum(("sector", "agent"))
        + export_tax
        + tariffs
    )


def rents_received(data: xr.Dataset) -> xr.DataArray:
    """Quota rents by owner [owner, region], million USD."""
    rent = data["rent"] * data["rent_share"]
    abroad = rent.sel(owner=["exporter"]).sum(("importer", "sector")).rename(exporter="region")
    home = rent.sel(owner=["importer", "treasury"]).sum(("exporter", "sector"))
    return xr.concat([abroad, home.rename(importer="region")], "owner")


def income(data: xr.Dataset) -> xr.DataArray:
    """GDP by income: factors, taxes and rents received [region], million USD."""
    factors = data["factor_income"].sum(("factor", "sector"))
    return factors + tax_revenue(data) + rents_received(data).sum("owner")


def spending(data: xr.Dataset) -> xr.DataArray:
    """Final purchases with their taxes [region, agent], million USD."""
    return (data["final"] + data["final_tax"]).sum("sector")


def saving(data: xr.Dataset) -> xr.DataArray:
    """Saving of household and government [region], million USD."""
    return income(data) - spending(data).sel(agent=["C", "G"]).sum("agent")


def foreign_saving(data: xr.Dataset) -> xr.DataArray:
    """Payments to foreigners less receipts from them [region], million USD.

    A rent that stays with importers or their treasury is no payment to a foreigner.
    """
    sold = data["trade"] + data["export_tax"] + data["rent"] * data["rent_share"].sel(owner="exporter", drop=True)
    bought = sold + data["margin_use"].sum("margin")
    payments = bought.sum(("exporter", "sector")).rename(importer="region")
    receipts = sold.sum(("importer", "sector")).rename(exporter="region")
    return payments - receipts - data["margin_supply"].sum("margin")


def industry_gap(data: xr.Dataset) -> xr.DataArray:
    """Costs less sales of every industry [region, sector], million USD."""
    costs = (
        (data["intermediate"] + data["intermediate_tax"]).sum("input")
        + (data["factor_income"] + data["factor_tax"]).sum("factor")
        + data["output_tax"]
    )
    exports = data["trade"].sum("importer").rename(exporter="region")
    margins = data["margin_supply"].rename(margin="sector").reindex(sector=data["sector"])
    return costs - data["domestic"] - exports - margins.fillna(0.0)


def commodity_gap(data: xr.Dataset) -> xr.DataArray:
    """Supply less use of every commodity [region, sector], million USD."""
    imports = cif(data) * (1 + data["tariff"].sum("layer"))
    supply = data["domestic"] + imports.sum("exporter").rename(importer="region")
    return supply - data["intermediate"].sum("sector").rename(input="sector") - data["final"].sum("agent")


def _government_gap(data: xr.Dataset) -> xr.DataArray:
    treasury = rents_received(data).sel(owner="treasury", drop=True)
    budget = tax_revenue(data) + data["direct_tax"] + treasury
    return budget - spending(data).sel(agent="G", drop=True) - data["government_saving"]


def identities(data: xr.Dataset) -> pd.DataFrame:
    """Deviation of every account of every identity.

    Returns
    -------
    Columns identity, account, deviation (million USD) and relative (share of world income).
    """
    abroad = foreign_saving(data)
    spent = spending(data)
    by_expenditure = spent.sum("agent") - abroad
    margin_gap = data["margin_use"].sum(_FLOW) - data["margin_supply"].sum("region")
    gaps: dict[str, xr.DataArray] = {
        "industry": industry_gap(data),
        "commodity": commodity_gap(data),
        "region": saving(data) + abroad - spent.sel(agent="I", drop=True),
        "margin": margin_gap,
        "government": _government_gap(data),
        "gdp": income(data) - by_expenditure,
    }
    world = abs(float(income(data).sum())) or 1.0
    rows: list[tuple[str, str, float]] = []
    for identity, gap in gaps.items():
        labels = gap.to_series()
        names = (" ".join(k) if isinstance(k, tuple) else str(k) for k in labels.index)
        rows += [(identity, name, float(value)) for name, value in zip(names, labels, strict=True)]
    rows.append(("world", "foreign saving", float(abroad.sum())))
    table = pd.DataFrame(rows, columns=["identity", "account", "deviation"])
    table["relative"] = table["deviation"] / world
    return table


_REPAIR = {
    "industry": "costs less sales; adjust factor income or the flows of this industry",
    "commodity": "supply less use; adjust final use or the flows of this good",
    "region": "saving plus foreign saving less investment; it closes once industries and commodities do",
    "margin": "margins used less supplied; adjust margin_supply",
    "government": "revenue less spending and saving; adjust direct_tax or government_saving",
    "gdp": "by income less by expenditure; it closes once industries and commodities do",
    "world": "sum over regions; it closes once margins do",
}


def balance_faults(data: xr.Dataset, tolerance: float = 1e-9) -> list[str]:
    """Accounts out of balance by more than ``tolerance`` of world income, worst first."""
    return _out_of_balance(identities(data), tolerance)


def _out_of_balance(table: pd.DataFrame, tolerance: float) -> list[str]:
    bad = table[~(table["relative"].abs() <= tolerance)]
    bad = bad.reindex(bad["relative"].abs().sort_values(ascending=False).index)
    return [
        f"{row.identity} account {row.account} is out by {row.deviation:+.6g} million USD "
        f"({row.relative:+.2e} of world income): {_REPAIR[str(row.identity)]}"
        for row in bad.itertuples()
    ]


def structural_faults(data: xr.Dataset) -> list[str]:
    """Everything wrong with a table short of its balance: names, axes, labels, numbers, signs."""
    faults = [_unknown(str(name)) for name in data.data_vars if name not in SCHEMA]
    faults += [
        f"variable {name} is missing; add {account.description} [{', '.join(account.dims)}]"
        for name, account in SCHEMA.items()
        if name not in data.data_vars and not account.optional
    ]
    faults += _label_faults(data)
    sound = not faults
    for name, account in SCHEMA.items():
        if name not in data.data_vars:
            continue
        array = data[name]
        if set(array.dims) != set(account.dims):
            faults.append(
                f"{name} has the axes [{', '.join(map(str, array.dims))}], "
                f"not [{', '.join(account.dims)}]; rename or transpose it"
            )
            sound = False
        elif not np.issubdtype(array.dtype, np.number):
            faults.append(f"{name} holds {array.dtype}, not numbers; convert it to float")
            sound = False
        else:
            faults += _number_faults(name, account, array)
    if sound:
        faults += _flow_faults(data)
    return faults


def _label_faults(data: xr.Dataset) -> list[str]:
    faults: list[str] = []
    for axis in _AXES:
        if axis not in data.coords:
            faults.append(f"axis {axis} has no labels; add the coordinate {axis}")
            continue
        labels = _labels(data, axis)
        faults += _repeated(axis, labels)
        if not labels and axis != "margin":
            faults.append(f"axis {axis} is empty; it needs at least one label")
        if any(not label.strip() for label in labels):
            faults.append(f"axis {axis} has an empty label; name it")
    for axis, wanted in _FIXED.items():
        if axis in data.coords and sorted(_labels(data, axis)) != sorted(wanted):
            faults.append(f"axis {axis} is [{', '.join(_labels(data, axis))}]; it must be [{', '.join(wanted)}]")
    for axis, model in _SAME.items():
        if axis in data.coords and model in data.coords:
            faults += _label_difference(axis, _labels(data, axis), model, _labels(data, model))
    if "margin" in data.coords and "sector" in data.coords:
        sectors = _labels(data, "sector")
        faults += [
            f"margin {label} is not a sector{_nearest(label, sectors)}; margins are sold by sectors"
            for label in _labels(data, "margin")
            if label not in sectors
        ]
    return faults


def _repeated(axis: str, labels: list[str]) -> list[str]:
    repeated = sorted({label for label in labels if labels.count(label) > 1})
    return [f"axis {axis} repeats {', '.join(repeated)}; every label must be unique"] if repeated else []


def _label_difference(axis: str, have: list[str], model: str, want: list[str]) -> list[str]:
    missing = [label for label in want if label not in have]
    extra = [label for label in have if label not in want]
    faults = []
    if missing:
        faults.append(f"axis {axis} lacks {', '.join(missing)}, which axis {model} has; add them")
    if extra:
        offers = ", ".join(label + _nearest(label, want) for label in extra)
        faults.append(f"axis {axis} has {offers}, unknown on axis {model}; rename or remove them")
    return faults


def _number_faults(name: str, account: Account, array: xr.DataArray) -> list[str]:
    values = np.asarray(array.values, dtype=float)
    faults = []
    broken = ~np.isfinite(values)
    if broken.any():
        faults.append(
            f"{name} has {int(broken.sum())} cells that are no finite number ({_where(array, broken)}); "
            "fill them with data or zero"
        )
    negative = values < 0
    if negative.any() and not account.signed:
        worst = float(values[negative].min())
        faults.append(
            f"{name} has {int(negative.sum())} negative cells, the lowest {worst:.6g} "
            f"({_where(array, negative)}); it must not be negative: move them to another account"
        )
    return faults


def _flow_faults(data: xr.Dataset) -> list[str]:
    """Faults between variables: wedges on flows that do not exist, rent shares, by-products, prohibitive rates."""
    faults = []
    empty = data["trade"] == 0
    for name in ("export_tax", "rent", "margin_use"):
        stray = (data[name] != 0) & empty
        if bool(stray.any()):
            faults.append(
                f"{name} is not zero on {int(stray.sum())} flows without trade "
                f"({_where(stray, stray.values)}); remove it there"
            )
    total = data["rent_share"].sum("owner")
    wrong = ~(abs(total - 1) <= 1e-12)
    if bool(wrong.any()):
        faults.append(
            f"rent_share does not sum to 1 over owners on {int(wrong.sum())} flows "
            f"({_where(wrong, wrong.values)}); where there is no rent give the exporter 1"
        )
    by_product = (data["intermediate"] < 0).any("input") & (data["intermediate"].sum("input") <= 0)
    if bool(by_product.any()):
        faults.append(
            f"intermediate: {int(by_product.sum())} industries sell more by-products than they buy inputs "
            f"({_where(by_product, by_product.values)}); make the by-products output of the industries that make them"
        )
    below = data["tariff"].sum("layer") <= -1
    if bool(below.any()):
        faults.append(
            f"tariff is -100 % or lower on {int(below.sum())} flows ({_where(below, below.values)}); "
            "give rates as fractions above -1"
        )
    return faults


def _where(array: xr.DataArray, mask: npt.NDArray[np.bool_]) -> str:
    """Labels of the first cells where the mask holds."""
    cells = np.argwhere(mask)
    names = [
        " ".join(str(array[dim].values[k]) for dim, k in zip(array.dims, cell, strict=True)) for cell in cells[:_SHOWN]
    ]
    more = f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else ""
    return ", ".join(names) + more


def _nearest(word: str, known: Iterable[str]) -> str:
    match = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {match[0]}?)" if match else ""


def _unknown(name: str) -> str:
    return f"variable {name} is unknown{_nearest(name, SCHEMA)}; rename or remove it"


def _labels(data: xr.Dataset, axis: str) -> list[str]:
    return [str(label) for label in data[axis].values]


def _axis(axis: str, labels: Sequence[str]) -> xr.Variable:
    return xr.Variable((axis,), np.array(list(labels), dtype=object))


def _canonical(data: xr.Dataset) -> xr.Dataset:
    """Copy with every axis and variable in the schema's order, float64, read-only."""
    order = {axis: _labels(data, axis) for axis in _AXES}
    order |= {axis: order[model] for axis, model in _SAME.items()}
    order |= {axis: list(labels) for axis, labels in _FIXED.items()}
    data = data.assign_coords({axis: _axis(axis, _labels(data, axis)) for axis in _AXES})
    data = data.reindex(order)
    accounts = {}
    for name, account in SCHEMA.items():
        if account.optional and name not in data:
            data[name] = xr.DataArray(0.0).expand_dims({axis: order[axis] for axis in account.dims})
        values = np.array(data[name].transpose(*account.dims).values, dtype=np.float64, order="C")
        values.setflags(write=False)
        accounts[name] = (account.dims, values, {"description": account.description, "unit": account.unit})
    axes = {axis: _axis(axis, labels) for axis, labels in order.items()}
    return xr.Dataset(accounts, coords=axes, attrs=dict(data.attrs))


def _find(source: str | Path) -> Path:
    path = Path(source)
    if path.is_file():
        return path
    named = DATA / f"{path.name.removesuffix('.nc')}.nc"
    if len(path.parts) == 1 and named.is_file():
        return named
    names = available()
    raise FileNotFoundError(
        f"no benchmark {str(source)!r}{_nearest(path.stem, names)}; give a file, "
        f"or one of {', '.join(names) or '(none is installed)'}"
    )


def _groups(labels: list[str], mapping: Mapping[str, str] | None) -> tuple[list[str], list[str]]:
    """Group of every label, and the groups in the order in which the map names them."""
    if mapping is None:
        return labels, labels
    return [mapping[label] for label in labels], list(dict.fromkeys(mapping.values()))


def _map_faults(labels: list[str], mapping: Mapping[str, str] | None, axis: str) -> list[str]:
    if mapping is None:
        return []
    faults = [
        f"{axis} {label} of the map is not in the table{_nearest(label, labels)}; correct or remove it"
        for label in mapping
        if label not in labels
    ]
    lost = [label for label in labels if label not in mapping]
    if lost:
        faults.append(f"{axis} {', '.join(lost)} has no group in the map; map every label")
    return faults


def aggregate(
    data: xr.Dataset,
    region_map: Mapping[str, str] | None = None,
    sector_map: Mapping[str, str] | None = None,
) -> xr.Dataset:
    """Add up regions and sectors of a table.

    Flows add up. A tariff becomes the average over its flows with their cif values as weights
    (the plain average where nothing flows); rent shares are weighted with rents. Trade between
    members of one group lands on the diagonal of ``trade`` and keeps its tariff.

    Parameters
    ----------
    region_map, sector_map
        Group of every label; every label must be mapped. Groups keep the order of the map. None
        keeps the axis as it is.

    Raises
    ------
    BenchmarkError
        Listing labels that are unknown (with the nearest name) or unmapped.
    """
    regions, sectors = _labels(data, "region"), _labels(data, "sector")
    faults = _map_faults(regions, region_map, "region") + _map_faults(sectors, sector_map, "sector")
    if faults:
        raise BenchmarkError(faults, what="the aggregation map")
    to_region, region = _groups(regions, region_map)
    to_sector, sector = _groups(sectors, sector_map)
    by_label = dict(zip(sectors, to_sector, strict=True))
    to_margin = [by_label[label] for label in _labels(data, "margin")]
    margin = list(dict.fromkeys(to_margin))
    member = {"sector": (to_sector, sector), "margin": (to_margin, margin)}
    member["input"] = member["sector"]
    for axis in ("region", "exporter", "importer"):
        member[axis] = (to_region, region)

    def total(array: xr.DataArray) -> xr.DataArray:
        for axis, (groups, names) in member.items():
            if axis in array.dims:
                matrix = xr.DataArray(
                    np.array([[float(g == n) for n in names] for g in groups]).reshape(len(groups), len(names)),
                    dims=(axis, "group"),
                )
                array = xr.dot(array.drop_vars(axis), matrix, dim=axis).rename(group=axis)
                array = array.assign_coords({axis: names})
        return array

    flows = {name: total(data[name]) for name in SCHEMA if name in data and name not in ("tariff", "rent_share")}
    flows["tariff"] = _average(data["tariff"], cif(data), total)
    flows["rent_share"] = _average(data["rent_share"], data["rent"], total)
    flows["rent_share"] = flows["rent_share"] / flows["rent_share"].sum("owner")
    coords = {axis: _labels(data, axis) for axis in ("factor", "agent", "layer", "owner")}
    coords |= {"region": region, "exporter": region, "importer": region}
    coords |= {"sector": sector, "input": sector, "margin": margin}
    return xr.Dataset(
        {name: (SCHEMA[name].dims, flow.transpose(*SCHEMA[name].dims).values) for name, flow in flows.items()},
        coords={axis: _axis(axis, labels) for axis, labels in coords.items()},
        attrs=dict(data.attrs),
    )


def _average(rate: xr.DataArray, weight: xr.DataArray, total: Any) -> xr.DataArray:
    weights = total(weight)
    weighted = total(rate * weight) / weights.where(weights != 0)
    plain = total(rate) / total(xr.ones_like(rate))
    return weighted.fillna(plain)
