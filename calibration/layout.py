"""From a raw table to the accounts of a benchmark: every flow finds its place by the roles of seller and buyer.

By then every sector has one industry a region; goods, where the table has them, are the markets of home goods and
imports together. Final users are households, governments and investment. What has no place is refused, with
the step that makes one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from cge.errors import DataError

from .benchmark import Benchmark, assemble
from .contents import Contents, FactorContents, RegionContents, SectorContents
from .log import Entry, Log
from .raw import RawTable
from .wedges import paid_by_seller

AGENT = {"household": "C", "government": "G", "investment": "I", "stocks": "I"}
FACTORS = ("labour", "capital", "land", "resource", "value-added")
STEPS = {
    "": "say its role under `accounts`",
    "margin": "use the step `margins`",
    "adjustment": "use the step `negatives`, or `drop` it",
    "enterprise": "use the step `agents`",
    "rest-of-world": "use the step `rest_of_world`",
}
"""What makes a place for accounts that have none in a benchmark."""


def benchmark(raw: RawTable, *, title: str = "", settle: float = 1e-6) -> tuple[Benchmark, Log]:
    """The benchmark that a raw table is.

    Args:
        raw: a table whose accounts all have places in a benchmark, and balance.
        title: of the benchmark.
        settle: largest gap, as a share of an account's turnover, that counts as rounding and is closed: a
            good's by its final users, an industry's by its factors.

    Raises:
        DataError: accounts that have no place, with the step that makes one; gaps larger than rounding; all of them.
    """
    from .balancing.settle import settle as settled

    data, log = lay_out(raw)
    data = data.assign_attrs(title=title or raw.about.source or "own table")
    closed = settled(data, settle)
    moved = {name: float(abs(closed[name] - data[name]).sum()) for name in ("final", "factor_income", "direct_tax")}
    for name, amount in moved.items():
        if amount > 0.0:
            log += [
                Entry("rounding closed", name, amount=amount, why=f"gaps up to {settle:g} of an account's turnover")
            ]
    return Benchmark(closed).with_contents(contents(raw, closed)), log


def lay_out(raw: RawTable) -> tuple[xr.Dataset, Log]:
    """A dataset with the benchmark's accounts, not yet checked for balance.

    Raises:
        DataError: accounts that have no place in a benchmark.
    """
    faults = _homeless(raw)
    if faults:
        raise DataError(faults, "the table")
    return _Places(raw).dataset()


def contents(raw: RawTable, data: xr.Dataset) -> Contents:
    """What the labels of a laid-out table contain, as far as the raw table says."""
    goods = raw.accounts[raw.accounts["role"] == "industry"].drop_duplicates("label").set_index("label")["contents"]
    roles = raw.accounts[raw.accounts["role"].isin(FACTORS[:4])].drop_duplicates("label").set_index("label")["role"]
    regions = {
        region: RegionContents("", raw.countries.get(region, frozenset()), raw.population.get(region))
        for region in map(str, data["region"].values)
    }
    sectors = {s: SectorContents("", frozenset(str(goods.get(s, "")).split())) for s in map(str, data["sector"].values)}
    factors = {f: FactorContents("", roles.get(f)) for f in map(str, data["factor"].values)}
    known = raw.about.unit if _is_unit(raw.about.unit) else ""
    return Contents(regions, sectors, factors, known, raw.about.year)


def _is_unit(unit: str) -> bool:
    try:
        Contents(unit=unit)
    except DataError:
        return False
    return bool(unit)


def _homeless(raw: RawTable) -> list[str]:
    """Accounts without a place, by role."""
    used = (raw.flows != 0).any("buyer").values | (raw.flows != 0).any("seller").values
    frame = raw.accounts[used]
    pool = (frame["role"] == "margin") & (frame["region"] == "")
    faults = []
    for role, repair in STEPS.items():
        names = list(frame.index[(frame["role"] == role) & ~pool])
        if names:
            listed = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            faults.append(
                f"{listed}: {f'role {role}' if role else 'no role'}, which has no place in a benchmark; {repair}"
            )
    for region in raw.regions:
        labels = list(frame.loc[(frame["role"] == "industry") & (frame["region"] == region), "label"])
        goods = set(frame.loc[(frame["role"] == "good") & (frame["region"] == region), "label"])
        if goods and not set(labels) <= goods:
            faults.append(f"{region}: industries and goods differ; use the step `make` to have one industry a good")
    return faults


class _Places:
    """The table's flows by the places of their sellers and buyers."""

    def __init__(self, raw: RawTable) -> None:
        self.raw = raw
        self.log = Log()
        a = raw.accounts
        self.regions = raw.regions
        self.sectors = list(dict.fromkeys(a.loc[a["role"].isin(("industry", "good")), "label"]))
        self.factors = list(dict.fromkeys(a.loc[a["role"].isin(FACTORS), "label"]))
        self.region = pd.Index(self.regions).get_indexer(pd.Index(a["region"]))
        self.sector = pd.Index(self.sectors).get_indexer(a["label"])
        self.role = a["role"].to_numpy()
        self.flows = raw.flows.values
        self.market = np.isin(self.role, ("industry", "good", "import"))
        self.home = self.region[:, None] == self.region[None, :]
        self.agent = np.array([" CGI".find(AGENT.get(role, " ")) - 1 for role in self.role])

    def dataset(self) -> tuple[xr.Dataset, Log]:
        n, k = len(self.regions), len(self.sectors)
        bought = self._bought()
        taxes = self._product_taxes(bought)
        is_user = self.role == "industry"
        use, tax = np.zeros((2, n, k, k))
        final, final_tax = np.zeros((2, n, k, 3))
        users = np.flatnonzero(is_user)
        for total, amount in ((use, bought), (tax, taxes)):
            for user in users:
                total[self.region[user], :, self.sector[user]] += amount[:, user]
        agents = np.flatnonzero(self.agent >= 0)
        for total, amount in ((final, bought), (final_tax, taxes)):
            for user in agents:
                total[self.region[user], :, self.agent[user]] += amount[:, user]
        income, factor_tax = self._factors()
        wedges = self._wedges()
        layers = [str(x) for x in wedges["tariff"]["layer"].values]
        margins = self._margin_supply()
        data = assemble(
            self.regions, self.sectors, factor=self.factors, layer=layers,
            margin=[s for s in self.sectors if s in margins],
            domestic=self._domestic(), trade=self._trade(), intermediate=use, intermediate_tax=tax, final=final,
            final_tax=final_tax, factor_income=income, factor_tax=factor_tax, output_tax=self._output_tax(),
            margin_supply=np.array([margins[s] for s in self.sectors if s in margins]).T.reshape(n, -1),
            government_saving=self._government_saving(), **self._optional(), **wedges,
        )  # fmt: skip
        return data, self.log

    def _pairs(self, sellers: np.ndarray, buyers: np.ndarray) -> np.ndarray:
        return np.where(sellers[:, None] & buyers[None, :], self.flows, 0.0)

    def _bought(self) -> np.ndarray:
        """Purchases of every good by every account, wedges on imports included [sector, account]."""
        raw = self.raw
        direct = np.isin(self.role, ("industry",))
        users = (self.role == "industry") | (self.agent >= 0)
        total = np.zeros((len(self.sectors), len(self.role)))
        sellers = np.flatnonzero(self.market)
        np.add.at(total, self.sector[sellers], np.where(users[None, :], self.flows[sellers], 0.0))
        if len(raw.bilateral.data_vars):
            extra = paid_by_seller(raw)
            rows = np.flatnonzero(direct)
            np.add.at(total, self.sector[rows], np.where(users[None, :], extra[rows], 0.0))
        return total

    def _product_taxes(self, bought: np.ndarray) -> np.ndarray:
        """Taxes on products that every account pays by good [sector, account]."""
        total = np.zeros_like(bought)
        users = (self.role == "industry") | (self.agent >= 0)
        for k in np.flatnonzero(self.role == "tax:product"):
            row = np.where(users, self.flows[k], 0.0)
            if self.sector[k] >= 0:  # an account of the taxes on one good
                total[self.sector[k]] += row
                continue
            base = bought.sum(0)
            missing = (row != 0.0) & (base == 0.0)
            if missing.any():
                names = ", ".join(map(str, self.raw.names[missing][:6]))
                raise DataError([f"{names}: taxes on products, but nothing bought; drop or place them"], "the table")
            total += bought * np.divide(row, base, out=np.zeros_like(row), where=base != 0.0)
        return total + self._taxes_on_goods(bought)

    def _taxes_on_goods(self, bought: np.ndarray) -> np.ndarray:
        """Taxes that stand in the column of a good: at one rate for all who buy it at home [sector, account]."""
        goods = np.flatnonzero(self.role == "good")
        if not len(goods):
            return np.zeros_like(bought)
        straight = self.flows[self.role == "government"][:, goods].sum(0)
        if straight.any():
            why = "goods pay them to the government itself: taxes on products, duties included"
            self.log += [Entry("taxes without an account", "goods", amount=float(straight.sum()), why=why)]
        paid = self.flows[self.role == "tax:product"][:, goods].sum(0) + straight
        if not paid.any():
            return np.zeros_like(bought)
        users = (self.role == "industry") | (self.agent >= 0)
        total = np.zeros_like(bought)
        for k, amount in zip(goods, paid, strict=True):
            if not amount:
                continue
            mine = np.where(users & (self.region == self.region[k]), self.flows[k], 0.0)
            # goods are sold with the tax in their price: it leaves the price and stands beside it
            total[self.sector[k]] += amount * mine / mine.sum()
        bought -= total
        return total

    def _domestic(self) -> np.ndarray:
        sold = self._pairs(self.role == "industry", self.role != "import")
        pool = (self.role == "margin") & (self.region < 0)
        sold = np.where(self.home & ~pool[None, :], sold, 0.0).sum(1)
        return self._by(sold, self.role == "industry")

    def _trade(self) -> np.ndarray:
        n, k = len(self.regions), len(self.sectors)
        sold = self._pairs(self.role == "industry", self.region >= 0)
        sold = np.where(self.home & (self.role != "import")[None, :], 0.0, sold)
        member = (self.region[:, None] == np.arange(n)[None, :]).astype(float)
        rows = np.flatnonzero(self.role == "industry")
        total = np.zeros((n, k, n))
        np.add.at(total, (self.region[rows], self.sector[rows]), (sold @ member)[rows])
        return np.asarray(total.transpose(0, 2, 1))

    def _by(self, values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Values of chosen accounts by region and sector."""
        total = np.zeros((len(self.regions), len(self.sectors)))
        rows = np.flatnonzero(chosen)
        np.add.at(total, (self.region[rows], self.sector[rows]), values[rows])
        return total

    def _factors(self) -> tuple[np.ndarray, np.ndarray]:
        n, f, k = len(self.regions), len(self.factors), len(self.sectors)
        income, taxes = np.zeros((2, n, f, k))
        buyers = np.flatnonzero(self.role == "industry")
        at = self.raw.accounts["label"].to_numpy()
        for row in np.flatnonzero(np.isin(self.role, FACTORS)):
            np.add.at(
                income[:, self.factors.index(at[row])],
                (self.region[buyers], self.sector[buyers]),
                self.flows[row, buyers],
            )
        for row in np.flatnonzero(self.role == "tax:factor"):
            amount = np.zeros((n, k))
            np.add.at(amount, (self.region[buyers], self.sector[buyers]), self.flows[row, buyers])
            if at[row] in self.factors:
                taxes[:, self.factors.index(at[row])] += amount
            else:
                whole = income.sum(1)
                taxes += income * np.divide(amount, whole, out=np.zeros_like(amount), where=whole != 0.0)[:, None]
        return income, taxes

    def _output_tax(self) -> np.ndarray:
        straight = self._pairs(self.role == "government", self.role == "industry")
        if straight.any():
            why = "industries pay them to the government itself: taxes on production"
            self.log += [Entry("taxes without an account", "industries", amount=float(straight.sum()), why=why)]
        paid = self.flows[self.role == "tax:production"].sum(0) + straight.sum(0)
        return self._by(paid, self.role == "industry")

    def _margin_supply(self) -> dict[str, np.ndarray]:
        pool = (self.role == "margin") & (self.region < 0)
        sold = self._by(self.flows[:, pool].sum(1), self.role == "industry")
        return {s: sold[:, j] for j, s in enumerate(self.sectors) if sold[:, j].any()}

    def _wedges(self) -> dict[str, Any]:
        """Wedges on trade by flow; duties that stand in the column of a good fall on all its origins alike."""
        axes = {"exporter": self.regions, "importer": self.regions, "sector": self.sectors}
        given = {str(name): array.reindex({a: axes[a] for a in array.dims if a in axes}).fillna(0.0)
                 for name, array in self.raw.bilateral.data_vars.items()}  # fmt: skip
        if "rent_share" in given:
            share = given["rent_share"]
            none = share.sum("owner") == 0.0
            given["rent_share"] = share.where(~none, (share["owner"] == "exporter").astype(float))
        layers = [given.pop("tariff")] if "tariff" in given else []
        cif = xr.DataArray(self._trade(), dims=("exporter", "importer", "sector"), coords=axes)
        for name in ("export_tax", "rent"):
            cif = cif + given.get(name, 0.0)
        cif = cif + (given["margin_use"].sum("margin") if "margin_use" in given else 0.0)
        goods = np.flatnonzero(np.isin(self.role, ("good", "import")))
        for row in np.flatnonzero(self.role == "tax:tariff"):
            amount = np.zeros((len(self.regions), len(self.sectors)))
            np.add.at(amount, (self.region[goods], self.sector[goods]), self.flows[row, goods])
            paid = xr.DataArray(
                amount, dims=("importer", "sector"), coords={a: axes[a] for a in ("importer", "sector")}
            )
            whole = cif.sum("exporter")
            rate = (paid / whole.where(whole != 0.0)).fillna(0.0)
            label = str(self.raw.accounts["label"].iloc[row])
            layers.append((rate * (cif != 0.0)).expand_dims(layer=[label]))
        none = xr.zeros_like(cif).expand_dims(layer=["tariff"])
        joined = (
            xr.concat(layers, "layer").groupby("layer").sum() if len(layers) > 1 else (layers[0] if layers else none)
        )
        return given | {"tariff": joined.transpose("layer", "exporter", "importer", "sector")}

    def _government_saving(self) -> np.ndarray:
        saved = self._pairs(np.isin(self.role, ("investment",)), self.role == "government")
        total = np.zeros(len(self.regions))
        rows = np.flatnonzero(self.role == "investment")
        np.add.at(total, self.region[rows], np.where(self.home, saved, 0.0).sum(1)[rows])
        return total

    def _optional(self) -> dict[str, Any]:
        """Net transfers and emissions, where the table has them."""
        found: dict[str, Any] = {}
        if (net := net_transfers(self.raw)).any():
            found["net_transfers"] = net.to_numpy()
        satellites = self.raw.satellites
        if satellites is not None and "CO2" in satellites["satellite"].values:
            values = satellites.sel(satellite="CO2").values
            found["emissions"] = self._by(values, self.role == "industry")
            rows = np.flatnonzero(self.role == "household")
            home = np.zeros(len(self.regions))
            np.add.at(home, self.region[rows], values[rows])
            found["household_emissions"] = home
        return found


INSTITUTIONS = (*FACTORS, "household", "enterprise", "government", "tax:direct")


def net_transfers(raw: RawTable) -> pd.Series:
    """Transfers and factor income received from other regions less those paid [region], in the table's unit."""
    who = raw.accounts["role"].isin(INSTITUTIONS).to_numpy()
    region = raw.accounts["region"].to_numpy()
    across = np.where(who[:, None] & who[None, :] & (region[:, None] != region[None, :]), raw.flows.values, 0.0)
    received = pd.Series(across.sum(1), index=region).groupby(level=0).sum()
    paid = pd.Series(across.sum(0), index=region).groupby(level=0).sum()
    return (received - paid).reindex(raw.regions).fillna(0.0)


def unplaced(raw: RawTable) -> Iterable[str]:
    """What stands between a table and a benchmark, one sentence each."""
    return _homeless(raw)
