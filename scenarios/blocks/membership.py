"""Agreements in scenarios: who joins, who leaves, what enters into force, and what a club charges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

import xarray as xr
from pydantic import Field, PrivateAttr, field_validator, model_validator

from cge.errors import PolicyError
from cge.scenarios.names import agreements
from cge.scenarios.names.agreements import Agreement, Charge, PhaseIn, Share, made
from cge.scenarios.names.vocabulary import MOST, Selector, Shock, names_of, small

from .instrument_values import FLOW, OWN, InstrumentValues, Where

MFN = "mfn"
"""Layer of the tariff that agreements act on: duties of other purpose (Sections 232 and 301) stay."""

SUPPLIER = 0.01
"""Least share in a region's imports of a good of the partners among whom its MFN rate is looked for."""

FIRST, LAST = 1948, 2100
"""Years that an agreement can enter into force, and that rates can be asked for; GATT was the first of its kind."""

Action = Literal["entry", "accession", "association", "withdrawal", "charge"]


class Membership(Shock):
    """What happens to an agreement.

    Attributes:
        agreement: its name (`cge list` shows all), a YAML file with one of your own, or such a one.
        action: `accession` (members join: flows between them and the present members change, and between the new
            members), `association` (as accession, but not between the new members), `withdrawal` (members leave:
            rates between them and those who stay go back to MFN), `entry` (the agreement enters into force: flows
            between all members), or `charge` (members charge those outside a club).
        members: regions, groups or country codes that join or leave; for entry and charge: in addition to the members.
        year, since: the year whose rates are wanted, and the year of entry; without year all cuts are made. For entry
            `since` is the year that the agreement's file names. They need a phase-in.
        phase_in: years since entry and the share of the cut that is made by then, in place of the agreement's.
        exclude: goods that a region, a group or all leave out of their own cuts, in addition to the agreement's.
        utilisation: share of the trade that claims the preference; the agreement's if not given.
        iceberg_cost: points of trade cost, per cent, on the flows that change (negative for lower costs).
        tariffs: whether tariffs are cut at all.
        charge: of a club, in place of the agreement's.
    """

    agreement: str | Agreement
    action: Action
    members: tuple[str, ...] = ()
    year: int | None = Field(default=None, ge=FIRST, le=LAST)
    since: int | None = Field(default=None, ge=FIRST, le=LAST)
    phase_in: PhaseIn | None = None
    exclude: Mapping[str, Selector] = {}
    utilisation: Share | None = None
    iceberg_cost: float | None = Field(default=None, gt=-100.0, le=MOST)
    tariffs: bool = True
    charge: Charge | None = None

    _data: Agreement = PrivateAttr()

    @field_validator("agreement", mode="before")
    @classmethod
    def _of_values(cls, given: Any) -> Any:
        return agreements.of_values("own", given) if isinstance(given, Mapping) else given

    @model_validator(mode="after")
    def _known(self) -> Self:
        self._data = self.agreement if isinstance(self.agreement, Agreement) else agreements.load(self.agreement)
        return self

    @field_validator("members", mode="before")
    @classmethod
    def _one_name(cls, value: Any) -> Any:
        return names_of(value)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        faults = []
        if self.exporters is not None or self.importers is not None or self.sectors is not None:
            faults.append("an agreement has members and goods of its own; delete exporters, importers and sectors")
        if self.action in ("accession", "association", "withdrawal") and not self.members:
            faults.append(f"{self.action} needs members; name who")
        if self.action == "charge" and (self.charge or self.data.charge) is None:
            faults.append("charge needs a charge; write charge: {points: 25, sectors: steel}, say")
        if self.action != "charge" and self.charge is not None:
            faults.append("a charge is made by action: charge alone; delete it, or write a second block")
        if self.year is not None and self.start is None:
            faults.append("year needs since, the year of entry")
        elif self.year is not None and self.start is not None and self.year < self.start:
            faults.append(f"year {self.year} is before the year of entry {self.start}")
        given = [key for key in ("year", "since", "phase_in", "exclude", "utilisation") if getattr(self, key)]
        if self.action in ("withdrawal", "charge"):
            if given or self.utilisation is not None:
                faults.append(f"{self.action} takes no {', '.join(given) or 'utilisation'}; delete it")
        else:
            faults += self._faults_of_time()
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults_of_time(self) -> list[str]:
        """Years for which nothing is defined, or that would change nothing."""
        if self.year is None:
            loose = [key for key in ("since", "phase_in") if getattr(self, key) is not None]
            return [f"{key} does nothing without year; add the year whose rates are wanted" for key in loose]
        if not self.tariffs or self.data.tariff is None:
            return ["no tariff is cut, so that year does nothing; delete year, since and phase_in"]
        if not self.path:
            example = "phase_in: {0: 0.2, 5: 0.6, 10: 1}"
            return [f"{self.called} has no phase-in, so that all cuts are made at once; add {example}, or delete year"]
        return []

    @property
    def path(self) -> Mapping[int, float]:
        """Years since entry, and the share of the cut that is made by then."""
        return self.data.phase_in if self.phase_in is None else self.phase_in

    @property
    def data(self) -> Agreement:
        """The agreement, as its file was when this was made."""
        return self._data

    @property
    def called(self) -> str:
        """Name of the agreement."""
        return self._data.name

    @property
    def start(self) -> int | None:
        """Year of entry."""
        return self.since or (self.data.in_force if self.action == "entry" else None)

    def __str__(self) -> str:
        who = f" of {', '.join(self.members)}" if self.members else ""
        words = f"{self.called}: {self.action}{who}"
        words += f", rates of {self.year} ({self.start} + {self.year - (self.start or 0)})" if self.year else ""
        steps = ", ".join(f"{100 * share:g} % after {year}" for year, share in sorted((self.phase_in or {}).items()))
        words += f", phased in {steps} years" if steps else ""
        words += "".join(f"; {region} leaves out {goods}" for region, goods in self.exclude.items())
        words += f"; utilisation {self.utilisation:g}" if self.utilisation is not None else ""
        words += f"; iceberg_cost {self.iceberg_cost:+g} points" if self.iceberg_cost is not None else ""
        if self.action == "charge" and (rule := self.charge or self.data.charge):
            words += f": {rule.points:g} points on {rule.sectors} of those outside"
        return words + ("" if self.tariffs or self.action == "charge" else "; no tariff is cut")

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Change tariffs and trade costs on the flows that the action touches."""
        before = len(levels.found.faults)
        inside = self._weight(levels, self.data.members, where("agreement"))
        named = self._weight(levels, self.members, where("members")) if self.members else xr.zeros_like(inside)
        goods = levels.world.weights(self.data.goods, "sector", where("agreement"), levels.found)
        if len(levels.found.faults) > before or not self._sensible(levels, inside, named, where):
            return
        if self.action == "charge":
            self._charge(levels, xr.where(named > inside, named, inside), where)
            return
        pairs = self._pairs(levels, inside, named)
        flows = (pairs * goods).transpose(*FLOW).where(levels.exists("tm"), 0.0)
        if not bool((flows > 0).any()):
            levels.found.fault(where(), f"{self}: the benchmark has no such flow; check the members")
            return
        levels.found.note(*small(self.called, "iceberg_cost", self.iceberg_cost or 0.0))
        if self.iceberg_cost is not None:
            levels.levels["tau"] = levels.level("tau") + flows * self.iceberg_cost / 100.0
        if self.action == "withdrawal":
            self._restore(levels, flows)
        elif self.tariffs and self.data.tariff is not None:
            self._cut(levels, flows, where)

    def _weight(self, levels: InstrumentValues, names: tuple[str, ...], place: str) -> xr.DataArray:
        return levels.world.countries(self.called, names, place, levels.found)

    def _sensible(self, levels: InstrumentValues, inside: xr.DataArray, named: xr.DataArray, where: Where) -> bool:
        """Whether those who join are outside and those who leave inside."""
        for region in [str(r) for r in named["region"].values if float(named.sel(region=r)) > 0.0]:
            member = float(inside.sel(region=region)) >= 1.0
            if self.action == "withdrawal" and not member:
                levels.found.fault(where("members"), f"{region} is no member of {self.called} and cannot leave it")
            elif self.action != "withdrawal" and member:
                levels.found.fault(where("members"), f"{region} is a member of {self.called} already; remove it")
            else:
                continue
            return False
        return True

    def _pairs(self, levels: InstrumentValues, inside: xr.DataArray, named: xr.DataArray) -> xr.DataArray:
        """Weight of the flows between regions [exporter, importer]."""

        def between(left: xr.DataArray, right: xr.DataArray) -> xr.DataArray:
            return left.rename(region="exporter") * right.rename(region="importer")

        if self.action == "entry":
            everyone = xr.where(named > inside, named, inside)
            return between(everyone, everyone)  # an aggregate of members trades inside it, too
        stay = inside * (1.0 - named) if self.action == "withdrawal" else inside
        pairs = between(named, stay) + between(stay, named)
        if self.action == "accession":
            pairs = pairs + between(named, named)
        pairs = pairs.clip(max=1.0)
        return pairs.where(pairs["exporter"] != pairs["importer"], 0.0)

    def _cut(self, levels: InstrumentValues, flows: xr.DataArray, where: Where) -> None:
        """Cut tariffs to the agreement's rate: new = old + share (rate - old), where old is above it."""
        share = self.data.utilisation if self.utilisation is None else self.utilisation
        share *= made(self.path, None if self.year is None else self.year - (self.start or self.year))
        for region, goods in (*self.data.exclude.items(), *self.exclude.items()):
            place = where("exclude", region)
            importer = levels.world.weights(Selector(include=(region,)), "importer", place, levels.found)
            flows = flows * (1.0 - importer * levels.world.weights(goods, "sector", place, levels.found))
        for layer in _layers(levels):
            old = levels.layers[layer]
            gap = (old - (self.data.tariff or 0.0) / 100.0).clip(min=0.0)
            levels.layers[layer] = old - (flows * share).transpose(*FLOW) * gap
        levels.tariff_changed = True

    def _restore(self, levels: InstrumentValues, flows: xr.DataArray) -> None:
        layer = _layers(levels)[0]
        old, rate = levels.layers[layer], mfn_rates(levels)
        levels.layers[layer] = old + flows.transpose(*FLOW) * (rate - old).clip(min=0.0)
        levels.tariff_changed = True
        levels.found.note(
            f"{self.called}: the MFN rate is the importer's highest applied rate on the good among partners with "
            f"{SUPPLIER:.0%} or more of its imports"
        )

    def _charge(self, levels: InstrumentValues, club: xr.DataArray, where: Where) -> None:
        rule = self.charge or self.data.charge
        if rule is None:
            raise PolicyError([f"{where('charge')}: the club has no charge"])
        goods = levels.world.weights(rule.sectors, "sector", where("charge"), levels.found)
        pairs = (1.0 - club).rename(region="exporter") * club.rename(region="importer")
        pairs = pairs.where(pairs["exporter"] != pairs["importer"], 0.0)
        flows = (pairs * goods).transpose(*FLOW).where(levels.exists("tm"), 0.0)
        levels.layers[OWN] = levels.layers[OWN] + flows * rule.points / 100.0
        levels.tariff_changed = True

    @property
    def overwrites(self) -> bool:
        """Whether it says what rates are; a charge adds to them."""
        return self.action != "charge"


def mfn_rates(levels: InstrumentValues) -> xr.DataArray:
    """MFN rate of every importer on every good, from the benchmark.

    The benchmark holds applied rates, which are at or under the MFN rate line by line. The highest of them among
    partners that matter is the nearest to it: partners without a preference pay it, and its average over
    a sector depends a little on what each ships.

    Returns:
        Rates [importer, sector]: the highest among partners with 1 % or more of the importer's imports of the good.
    """
    trade = levels.benchmark.data["trade"]
    trade = trade.where(trade["exporter"] != trade["importer"], 0.0)
    total = trade.sum("exporter")
    share = trade / total.where(total > 0.0, 1.0)
    layer = levels.benchmark.data["tariff"].sel(layer=_layers(levels)[0], drop=True)
    return layer.where(share >= SUPPLIER, 0.0).max("exporter")


def _layers(levels: InstrumentValues) -> list[str]:
    """The layers that agreements act on: MFN rates, or the whole where the benchmark does not tell them apart."""
    return [MFN] if MFN in levels.layers else [name for name in levels.layers if name != OWN]
