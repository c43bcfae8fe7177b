"""A market of permits on one benchmark: who buys and sells, and what gives way when a limit binds.

Whether a limit binds, and whether a seller without a cap has anything to sell, is known at a solution alone. So a
market is solved with a guess and asked at the solution whether it holds (`PermitMarket.next`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from cge import accounts
from cge.parameters import Parameters
from cge.swaps import Swap

WORD = "carbon_price"
"""What gives way under a cap, in a user's words."""

CLOSE = 1e-9
"""How far, in shares of benchmark emissions, a limit may be overrun before it binds."""


@dataclass(frozen=True)
class State:
    """What is taken to hold.

    Attributes:
        limited: members that buy all that they may; each has a price of its own.
        out: sellers without a cap that have nothing to sell.
    """

    limited: frozenset[str] = frozenset()
    out: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class PermitMarket:
    """A market in which permits are traded.

    Attributes:
        name: for messages.
        allowances: of members, and baselines of sellers without a cap [region], kt; zero for others.
        members: one for both [region].
        sellers: one for sellers without a cap [region].
        most: what a member may buy [region], kt; infinite without a limit.
        proceeds: share of what permits are sold for that goes to the fund [region].
        state: what is taken to hold.
        told: notes on how it was found.
    """

    name: str
    allowances: xr.DataArray
    members: xr.DataArray
    sellers: xr.DataArray
    most: xr.DataArray
    proceeds: xr.DataArray
    state: State = field(default_factory=State)
    told: tuple[str, ...] = ()

    def _mask(self, names: frozenset[str]) -> xr.DataArray:
        held = [float(str(name) in names) for name in self.members["region"].values]
        return self.members.copy(data=np.array(held))

    @property
    def pool(self) -> xr.DataArray:
        """One for those who share the price of the market [region]."""
        return self.members * (1.0 - self._mask(self.state.limited)) * (1.0 - self._mask(self.state.out))

    @property
    def cap(self) -> float:
        """Emissions of those who share the price, kt."""
        bought = (self.most * self._mask(self.state.limited)).where(self._mask(self.state.limited) > 0.0, 0.0)
        return float((self.allowances * self.pool).sum() - bought.sum())

    def instruments(self) -> dict[str, xr.DataArray]:
        """Levels of the instruments that say who trades, and with which part of the allowances."""
        limited = self._mask(self.state.limited)
        bought = self.most.where(limited > 0.0, 0.0)
        return {"trades": self.pool, "allotted": (self.allowances * self.pool - bought) / self.cap}

    def swaps(self) -> tuple[Swap, ...]:
        """One price for those who share it, and one of its own for each that has bought all that it may."""
        pattern = self.pool * (1.0 - self.proceeds)
        found = [Swap(self.name, "priced_co2", self.pool, "co2", pattern, level=self.cap, word=WORD)]
        for name in sorted(self.state.limited):
            own = self._mask(frozenset({name}))
            level = float((self.allowances + self.most).sel(region=name))
            found.append(Swap(f"{self.name}: {name}", "priced_co2", own, "co2", own, level=level, word=WORD))
        return tuple(found)

    def next(self, parameters: Parameters, point: xr.Dataset) -> State:
        """What should be taken to hold after a solution; the same state if the guess was right.

        Args:
            parameters: of the model that was solved.
            point: its solution with this market's state.
        """
        p, x = accounts.numbers(parameters, point)
        labels = [str(name) for name in self.members["region"].values]
        kt = dict(zip(labels, (p["co2_total0"] * x["priced_emissions"]).values.tolist(), strict=True))
        price = dict(zip(labels, x["co2"].values.tolist(), strict=True))
        market = max(price[n] / (1.0 - float(self.proceeds.sel(region=n))) for n in self._names(self.pool))
        limited, out = set(self.state.limited), set(self.state.out)
        limited -= {name for name in self.state.limited if price[name] < market}
        for name in self._names(self.pool):
            over = kt[name] - float(self.allowances.sel(region=name))
            slack = CLOSE * float(self.allowances.sel(region=name))
            if over > float(self.most.sel(region=name)) + slack:
                limited.add(name)
            if over > slack and float(self.sellers.sel(region=name)) > 0.0:
                out.add(name)
        return State(frozenset(limited), frozenset(out))

    @staticmethod
    def _names(mask: xr.DataArray) -> list[str]:
        return [str(name) for name in mask["region"].values[(mask > 0.0).values]]

    def notes(self) -> list[str]:
        """What the state means, in words."""
        said = [f"{self.name}: {n} buys all that it may, at a price of its own at home" for n in self.state.limited]
        return sorted(said) + sorted(
            f"{self.name}: {n} emits more than its baseline, so it has no credits to sell and stays out"
            for n in self.state.out
        )


def settled(
    markets: Sequence[PermitMarket], instruments: Mapping[str, xr.DataArray], swaps: Sequence[Swap]
) -> tuple[dict[str, xr.DataArray], tuple[Swap, ...]]:
    """Instruments and swaps of a policy with those of its markets in the place of earlier ones."""
    names = {market.name for market in markets}
    others = [swap for swap in swaps if swap.name.split(": ")[0] not in names]
    levels = dict(instruments)
    for market in markets:
        levels |= market.instruments()
    return levels, (*others, *(swap for market in markets for swap in market.swaps()))
