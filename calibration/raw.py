"""The raw table: what a source says, signed and not yet balanced, as flows among accounts with roles.

A multi-regional input-output table, supply and use tables, a social accounting matrix and GTAP's arrays are all
payments among accounts: the buyer (a column) pays the seller (a row). An account belongs to a region and has a
role; what a source does not say has no role (""), and steps that need it say so. Trade by origin, destination and
good bears wedges that no cell of a square can hold (tariffs by layer, export taxes, margins, rents); they stand
in `bilateral`, under the names and axes of the benchmark's own accounts.

The one check: an account that sells and buys receives what it pays. Value added rows of an input-output table only
receive, its final users only pay; nothing is asked of those.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Self

import numpy as np
import pandas as pd
import xarray as xr

from cge.errors import DataError, nearest
from cge.shown import card

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "industry": "makes goods; without accounts of role good, it is the good that it makes",
        "good": "a commodity: sold by industries and imports, bought by users",
        "import": "the imports of a good before they join home goods",
        "labour": "a factor",
        "capital": "a factor",
        "land": "a factor",
        "resource": "a factor",
        "value-added": "value added that is not yet split into factors",
        "household": "a private final user, and what it receives",
        "enterprise": "firms as an institution",
        "government": "a public final user, and what it receives",
        "investment": "gross fixed capital formation, or saving and investment",
        "stocks": "changes in inventories",
        "rest-of-world": "receives for imports, pays for exports",
        "margin": "trade and transport margins, at home or in an international pool",
        "tax:product": "taxes less subsidies on products bought",
        "tax:production": "other taxes less subsidies on production",
        "tax:tariff": "import duties",
        "tax:export": "taxes less subsidies on exports",
        "tax:factor": "taxes on factors",
        "tax:direct": "income taxes and transfers",
        "adjustment": "a row or column that only redistributes (cif/fob, statistical discrepancy)",
    }
)
"""What an account may be; empty where the source does not say."""

FACTOR_ROLES = ("labour", "capital", "land", "resource", "value-added")
AGENT_ROLES = ("household", "government", "investment", "stocks")
BALANCED = ("industry", "good", "import", "margin")
"""Roles whose accounts must balance in every table."""

COLUMNS = ("region", "label", "role", "contents")
PRICES = ("basic", "producer", "purchaser", "mixed", "")
BILATERAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "tariff": ("layer", "exporter", "importer", "sector"),
        "export_tax": ("exporter", "importer", "sector"),
        "rent": ("exporter", "importer", "sector"),
        "rent_share": ("owner", "exporter", "importer", "sector"),
        "margin_use": ("margin", "exporter", "importer", "sector"),
    }
)
"""Wedges on trade and their axes: tariffs are rates on the cif value, the others values in the table's unit."""


@dataclass(frozen=True)
class About:
    """What a table's numbers are.

    Attributes:
        unit: such as "million USD"; empty if the source does not say.
        currency: ISO 4217 code; empty if not said.
        year: of the flows; None if not said.
        prices: basic, producer, purchaser or mixed; empty if not said.
        source, licence: for the report.
        files: sha256 of every file read, by name.
        decimals: decimals that the source prints; None for binary numbers. Rounding explains gaps up to it.
    """

    unit: str = ""
    currency: str = ""
    year: int | None = None
    prices: str = ""
    source: str = ""
    licence: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    decimals: int | None = None


@dataclass(frozen=True, eq=False)
class RawTable:
    """Payments among accounts.

    Args:
        flows: payments [seller, buyer], square, both axes with the labels of `accounts` in their order.
        accounts: index = account; columns region, label, role (a key of `ROLES`, or ""), contents (product codes
            of an industry or good, separated by spaces; or "").
        bilateral: wedges on trade, any of the names of `BILATERAL` with its axes; exporters and importers are
            regions, sectors are labels of industries or goods.
        satellites: physical or other data [satellite, account], each with its own unit (attribute `units`).
        countries: ISO3 codes of every region of which they are known ("ROW" for the rest of the world).
        population: inhabitants by region, millions, where known.
        about: unit, currency, year, prices, source, licence, files.

    Raises:
        DataError: labels, roles, numbers or axes at fault, all of them.
    """

    flows: xr.DataArray
    accounts: pd.DataFrame
    bilateral: xr.Dataset = field(default_factory=xr.Dataset)
    satellites: xr.DataArray | None = None
    countries: Mapping[str, frozenset[str]] = field(default_factory=dict)
    population: Mapping[str, float] = field(default_factory=dict)
    about: About = field(default_factory=About)

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise DataError(faults, "the table")

    @classmethod
    def from_frames(
        cls, flows: pd.DataFrame, accounts: pd.DataFrame, about: About | None = None, **more: object
    ) -> Self:
        """Build a table from its two small tables.

        Args:
            flows: columns seller, buyer, value; a pair that stands twice is a fault.
            accounts: columns account, region, label, role, contents; a missing column is empty, a missing label
                is the account's name.
            about: what the numbers are.
            more: `bilateral`, `satellites`, `countries`, `population`.
        """
        lost = [f"flows lack the column {name}" for name in ("seller", "buyer", "value") if name not in flows]
        if "account" not in accounts:
            lost.append("accounts lack the column account")
        if lost:
            raise DataError(lost, "the table")
        index = accounts.set_index("account").reindex(columns=list(COLUMNS)).astype(object)
        index = index.where(index.notna(), "").astype(str)
        index["label"] = index["label"].where(index["label"] != "", index.index.to_series())
        names = list(index.index)
        faults = [
            f"{side} {name!r} of the flows is no account{nearest(str(name), names)}; add it to the accounts"
            for side in ("seller", "buyer")
            for name in dict.fromkeys(flows[side])
            if name not in index.index
        ]
        twice = flows[flows.duplicated(["seller", "buyer"])]
        faults += [f"{row.seller} to {row.buyer} stands twice in the flows; keep one" for row in twice.itertuples()]
        if index.index.has_duplicates or faults:
            again = index.index[index.index.duplicated()].unique()
            raise DataError([*faults, *(f"account {name} stands twice; keep one" for name in again)], "the table")
        values = np.zeros((len(names), len(names)))
        values[_at(index, flows["seller"]), _at(index, flows["buyer"])] = flows["value"]
        return cls(square(values, names), index, about=about or About(), **more)  # type: ignore[arg-type]

    def to_frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The two small tables: flows that are not zero (seller, buyer, value), and accounts."""
        at = np.argwhere(self.flows.values != 0.0)
        names = self.accounts.index.to_numpy()
        flows = pd.DataFrame(
            {"seller": names[at[:, 0]], "buyer": names[at[:, 1]], "value": self.flows.values[tuple(at.T)]}
        )
        return flows, self.accounts.rename_axis("account").reset_index()

    @property
    def regions(self) -> list[str]:
        """Regions, in the order of the accounts; accounts without a region (a world pool) have none."""
        return [r for r in dict.fromkeys(map(str, self.accounts["region"])) if r]

    def of(self, *roles: str, region: str | None = None) -> list[str]:
        """Accounts of these roles, of one region if asked."""
        chosen = self.accounts["role"].isin(roles)
        if region is not None:
            chosen &= self.accounts["region"] == region
        return [str(name) for name in self.accounts.index[chosen]]

    @cached_property
    def names(self) -> list[str]:
        """Names of the accounts, in order."""
        return [str(name) for name in self.accounts.index]

    @cached_property
    def _order(self) -> dict[str, int]:
        return {name: k for k, name in enumerate(self.names)}

    def place(self, name: str) -> int:
        """Place of an account in the order."""
        return self._order[name]

    def places(self, names: Iterable[str]) -> np.ndarray:
        """Places of accounts in the order."""
        return np.array([self._order[name] for name in names], dtype=int)

    @property
    def sectors(self) -> list[str]:
        """Labels of goods, or of industries where the table has no goods apart."""
        role = "good" if (self.accounts["role"] == "good").any() else "industry"
        return list(dict.fromkeys(map(str, self.accounts.loc[self.accounts["role"] == role, "label"])))

    @property
    def unnamed(self) -> list[str]:
        """Accounts whose role the source does not say."""
        return [str(name) for name in self.accounts.index[self.accounts["role"] == ""]]

    def gaps(self) -> pd.DataFrame:
        """Receipts and payments of every account that must balance, worst first.

        Returns:
            Index account; columns receipts, payments, gap (payments less receipts), relative (gap over the larger).
        """
        receipts = self.flows.values.sum(1) + self._pooled()
        payments = self.flows.values.sum(0) + self._wedges()
        both = (receipts != 0) & (payments != 0)
        asked = self.accounts["role"].isin(BALANCED).to_numpy() | both
        table = pd.DataFrame({"receipts": receipts, "payments": payments}, index=self.accounts.index)[asked]
        table["gap"] = table["payments"] - table["receipts"]
        table["relative"] = table["gap"] / table[["receipts", "payments"]].abs().max(axis=1).replace(0.0, 1.0)
        return table.reindex(table["gap"].abs().sort_values(ascending=False).index)

    def _wedges(self) -> np.ndarray:
        """What buyers pay above the sellers' prices by the wedges on trade [account]."""
        from .wedges import paid

        return paid(self) if len(self.bilateral.data_vars) else np.zeros(len(self.accounts))

    def _pooled(self) -> np.ndarray:
        """What the international pool of margins receives: the margins of all flows [account]."""
        pool = ((self.accounts["role"] == "margin") & (self.accounts["region"] == "")).to_numpy()
        if "margin_use" not in self.bilateral or pool.sum() != 1:
            return np.zeros(len(self.accounts))
        return np.where(pool, float(self.bilateral["margin_use"].sum()), 0.0)

    def block(self, *sellers: str, buyers: Iterable[str] = ()) -> pd.DataFrame:
        """Flows from accounts of some roles to accounts of others (any if not said), labelled by account."""
        rows = self.of(*sellers) if sellers else self.names
        wanted = tuple(buyers)
        columns = self.of(*wanted) if wanted else self.names
        values = self.flows.values[np.ix_(self.places(rows), self.places(columns))]
        return pd.DataFrame(values, index=pd.Index(rows, name="seller"), columns=pd.Index(columns, name="buyer"))

    @property
    def use(self) -> pd.DataFrame:
        """What industries and final users buy of goods, industries and imports."""
        return self.block("good", "industry", "import", buyers=("industry", *AGENT_ROLES, "enterprise"))

    @property
    def make(self) -> pd.DataFrame:
        """What industries sell to goods; empty where every industry is its good."""
        return self.block("industry", buyers=("good",))

    @property
    def paid(self) -> pd.DataFrame:
        """What industries pay for factors."""
        return self.block(*FACTOR_ROLES, buyers=("industry",))

    @property
    def taxes(self) -> pd.DataFrame:
        """Payments to tax accounts by all accounts."""
        return self.block(*(role for role in ROLES if role.startswith("tax:")))

    @property
    def margins(self) -> pd.DataFrame:
        """Payments for margins by all accounts."""
        return self.block("margin")

    @property
    def transfers(self) -> pd.DataFrame:
        """Payments among institutions and factors."""
        who = (*FACTOR_ROLES, "household", "enterprise", "government", "investment", "stocks", "rest-of-world")
        return self.block("household", "enterprise", "government", "investment", "stocks", "rest-of-world", buyers=who)

    def with_flows(self, values: np.ndarray) -> RawTable:
        """The table with other numbers in the same cells."""
        return replace(self, flows=square(values, list(self.accounts.index)))

    @property
    def sha256(self) -> str:
        """Fingerprint of labels, roles and numbers."""
        digest = hashlib.sha256(self.accounts.to_csv().encode())
        digest.update(np.ascontiguousarray(self.flows.values + 0.0, dtype="<f8").tobytes())
        for name in sorted(map(str, self.bilateral.data_vars)):
            digest.update(name.encode() + np.ascontiguousarray(self.bilateral[name].values, dtype="<f8").tobytes())
        if self.satellites is not None:
            digest.update(np.ascontiguousarray(self.satellites.values, dtype="<f8").tobytes())
        return digest.hexdigest()

    def __repr__(self) -> str:
        kinds = self.accounts["role"].replace("", "no role").value_counts()
        unit = self.about.unit or "unit not said"
        return f"<RawTable: {len(self.regions)} regions, {', '.join(f'{n} {k}' for k, n in kinds.items())}, {unit}>"

    def _repr_html_(self) -> str:
        return card("Table", {"regions": ", ".join(self.regions), "unit": self.about.unit or "not said"}, self.accounts)


def square(values: np.ndarray, names: list[str]) -> xr.DataArray:
    """Flows among accounts as a labelled square."""
    return xr.DataArray(
        np.asarray(values, dtype=float), dims=("seller", "buyer"), coords={"seller": names, "buyer": names}
    )


def _at(accounts: pd.DataFrame, names: Iterable[str]) -> np.ndarray:
    """Places of accounts."""
    return accounts.index.get_indexer(pd.Index(list(names)))


def _faults(table: RawTable) -> list[str]:
    accounts, flows = table.accounts, table.flows
    faults = [f"accounts lack the column {name}" for name in COLUMNS if name not in accounts]
    if faults:
        return faults
    names = [str(name) for name in accounts.index]
    faults += [
        f"account {name} stands twice; keep one" for name in accounts.index[accounts.index.duplicated()].unique()
    ]
    if flows.dims != ("seller", "buyer"):
        return [*faults, f"flows have the axes {flows.dims}, not (seller, buyer)"]
    for axis in flows.dims:
        if [str(label) for label in flows[axis].values] != names:
            faults.append(f"the {axis}s of the flows are not the accounts in their order")
    faults += [
        f"account {name} has the unknown role {role!r}{nearest(role, ROLES)}; use one of {', '.join(ROLES)}"
        for name, role in accounts["role"].items()
        if role and role not in ROLES
    ]
    pairs = accounts[["region", "label", "role"]].astype(str)
    again = pairs[pairs.duplicated(keep=False)]
    faults += [f"accounts {', '.join(map(str, group))} have the same region, label and role; tell them apart"
               for group in again.groupby(list(pairs.columns)).groups.values()]  # fmt: skip
    broken = np.argwhere(~np.isfinite(flows.values))
    faults += [f"{names[i]} to {names[j]} is no finite number; give a number or nothing" for i, j in broken[:20]]
    for name, array in table.bilateral.data_vars.items():
        wanted = BILATERAL.get(str(name))
        if wanted is None:
            faults.append(f"bilateral {name} is unknown{nearest(str(name), BILATERAL)}; use {', '.join(BILATERAL)}")
        elif array.dims != wanted:
            faults.append(f"bilateral {name} has the axes {array.dims}, not {wanted}")
    return faults
