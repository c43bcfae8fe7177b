"""Quantity limits on flows: quotas at either end, tariff-rate quotas, bans, and the end of the benchmark's quotas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal, Self

import xarray as xr
from pydantic import Field, model_validator

from cge.quotas import Quota
from cge.scenarios.names.vocabulary import MOST, MOST_TIMES, Frozen, Owner, Shock, large, small

from .instrument_values import FLOW, Flow, InstrumentValues, Where


class Volume(Frozen):
    """Volume of a quota: relative to the benchmark flow, or in tonnes with the tonnes of that flow.

    Attributes:
        relative: 1 for the benchmark's volume.
        tonnes, base_tonnes: of the quota, and of the benchmark's flow; a year.
        share, period_tonnes: share of the tonnes a year of a base period, in place of tonnes.
    """

    relative: float | None = Field(default=None, gt=0.0, le=MOST_TIMES)
    tonnes: float | None = Field(default=None, gt=0.0)
    base_tonnes: float | None = Field(default=None, gt=0.0)
    share: float | None = Field(default=None, gt=0.0)
    period_tonnes: float | None = Field(default=None, gt=0.0)

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return {"relative": value} if isinstance(value, int | float) else value

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        given = [key for key in ("relative", "tonnes", "share") if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(
                "give one of a number relative to the benchmark's volume, tonnes with base_tonnes, or share with "
                "period_tonnes and base_tonnes"
            )
        if (self.share is None) != (self.period_tonnes is None):
            raise ValueError("share and period_tonnes go together: the share of the tonnes a year of a base period")
        if self.relative is None and self.base_tonnes is None:
            raise ValueError(f"{given[0]} needs a base volume; add base_tonnes, the tonnes of the benchmark's flow")
        return self

    @property
    def limit_tonnes(self) -> float | None:
        """The quota in tonnes a year; None if it is relative."""
        return self.tonnes if self.share is None else self.share * (self.period_tonnes or 0.0)

    @property
    def value(self) -> float:
        """Relative to the benchmark flow."""
        if self.relative is not None:
            return self.relative
        return (self.limit_tonnes or 0.0) / (self.base_tonnes or 1.0)

    def __str__(self) -> str:
        text = f"{self.value:.3g} of the benchmark volume"
        return text if self.limit_tonnes is None else f"{self.limit_tonnes:,.0f} t ({text})"


BANNED = 1e-6
"""Share of its volume that a banned flow keeps while other prices stay: demand for a variety has no end."""

Kind = Literal["remove", "hard", "import", "export", "tariff-rate", "ban", "control"]
HARD = ("hard", "import", "export")


class QuotaChange(Shock):
    """A quota on each of the flows that the selectors name, or one on all of them together.

    Attributes:
        quota: "remove" (none, whatever the benchmark has); "hard" (nothing enters above it), whose licences are the
            benchmark owners', "import" (importing firms'), or "export" (exporters', a voluntary restraint);
            "tariff-rate"; "ban" (nothing is sold, for want of a price that anyone would pay); or "control" (a part of
            the varieties may no longer be sold: trade that is lost, and a rent that nobody has).
        exporters, importers, sectors: which flows; all three must be given.
        volume: of the quota, or what of the varieties may still be sold; required unless removed or banned.
        in_quota_rate, out_of_quota_rate: tariff below and above the quota, per cent; a tariff-rate quota needs both.
        layer: part of the benchmark's tariff that the rates replace; the whole if not given.
        together: one quota on all the flows, with one premium, in place of one on each.
        whole: on whole flows, also where the benchmark limits a part of one (categories whose quotas are full);
            otherwise a quota there is on that part, and its volume is relative to that part's.
        rent_owners: share of the rent by owner (exporter, importer, treasury); those of the kind if not given.
    """

    quota: Kind
    volume: Volume | None = None
    in_quota_rate: float | None = Field(default=None, gt=-100.0, le=MOST)
    out_of_quota_rate: float | None = Field(default=None, gt=-100.0, le=MOST)
    layer: str | None = None
    together: bool = False
    whole: bool = False
    rent_owners: Mapping[Owner, Annotated[float, Field(ge=0.0)]] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        keys = ("exporters", "importers", "sectors")
        faults = [f"a quota needs {key}; name them" for key in keys if getattr(self, key) is None]
        given = {k for k in ("volume", "in_quota_rate", "out_of_quota_rate") if getattr(self, k) is not None}
        wanted: dict[str, set[str]] = {
            "remove": set(),
            "ban": set(),
            **{kind: {"volume"} for kind in HARD},
            "control": {"volume"},
            "tariff-rate": {"volume", "in_quota_rate", "out_of_quota_rate"},
        }
        faults += [f"a {self.quota} quota needs {key}" for key in sorted(wanted[self.quota] - given)]
        if self.quota in ("remove", "ban", "control"):
            given |= {k for k in ("layer", "rent_owners") if getattr(self, k) is not None}
            faults += [f"quota: {self.quota} takes no {key}; delete it" for key in sorted(given - wanted[self.quota])]
        if self.quota == "control" and self.volume is not None and self.volume.value >= 1.0:
            faults.append(f"a control leaves a part of the trade, under 1, not {self.volume.value:g}")
        if self.quota in HARD and self.out_of_quota_rate is not None:
            faults.append("nothing enters above a hard quota; delete out_of_quota_rate, or write quota: tariff-rate")
        low, high = self.in_quota_rate, self.out_of_quota_rate
        if low is not None and high is not None and low > high:
            faults.append(f"in_quota_rate {low:g} is above out_of_quota_rate {high:g}; exchange them")
        if self.rent_owners is not None and abs(sum(self.rent_owners.values()) - 1.0) > 1e-9:
            faults.append(f"rent_owners sum to {sum(self.rent_owners.values()):g}; they must sum to 1")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def rented(self) -> bool:
        """Whether it makes a rent, or loses one."""
        return self.quota not in ("remove", "ban")

    def owned_by(self, owners: Mapping[Owner, float]) -> Self:
        """The same limit with its rent in these hands; trade that was lost is then sold by licence."""
        kind = "hard" if self.quota == "control" else self.quota
        return self.model_copy(update={"quota": kind, "rent_owners": owners})

    @property
    def _owner(self) -> str:
        """Who has the rent, in words."""
        if self.rent_owners is not None:
            return ", ".join(f"{owner} {share:.0%}" for owner, share in self.rent_owners.items() if share)
        return f"{self.quota}er" if self.quota in ("import", "export") else "the benchmark's owner, else the exporter"

    def __str__(self) -> str:
        flows = f"from {self.exporters} to {self.importers}, {self.sectors}"
        if self.quota in ("remove", "ban"):
            return f"quota {flows}: removed" if self.quota == "remove" else f"ban {flows}"
        if self.quota == "control":
            return f"control {flows}: {self.volume}; the rest is lost"
        rates = "" if self.in_quota_rate is None else f", {self.in_quota_rate:g} % in quota"
        rates += "" if self.out_of_quota_rate is None else f", {self.out_of_quota_rate:g} % above"
        kind = f"{self.quota} quota {flows}{' together' if self.together else ''}"
        return f"{kind}: {self.volume}{rates}; rent to {self._owner}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Put the quotas on the flows, and their rates into the tariff."""
        weight, sound = levels.weights(self, FLOW, where)
        if not sound:
            return
        weight = weight.where(levels.exists("tm") & (weight["exporter"] != weight["importer"]), 0.0)
        flows = levels.flows(weight >= 1.0)
        if not flows:
            levels.found.fault(where(), f"quota: the benchmark has no such flow{levels.nothing(self)}")
            return
        levels.named_for_nothing(self, weight, where)
        partly = levels.flows((weight > 0.0) & (weight < 1.0))
        if partly:
            names = ", ".join(" ".join(flow) for flow in partly)
            levels.found.note(f"no quota is put on {names}: only a part of the flow would be under it")
        again = [flow for flow in flows if flow in levels.limited]
        if again:
            levels.found.fault(where(), f"a second quota or ban on {' '.join(again[0])}; keep one")
            return
        if self.layer is not None and not levels.has_layer(self.layer, where):
            return
        levels.limited |= set(flows)
        levels.found.note(*self._understood())
        if self.quota in ("ban", "control"):
            (_ban if self.volume is None else partial(_lose, part=self.volume.value))(levels, flows, where)
            return
        if self.quota == "remove":
            _note_idle(levels, flows)
        for group in [tuple(flows)] if self.together else [(flow,) for flow in flows]:
            levels.quotas.append(self._limit(levels, group, where))

    def _understood(self) -> list[str]:
        """Notes on numbers that look like ones of another unit."""
        times = self.volume.relative if self.volume else None
        notes = large("quota", "volume", times or 0.0, "the benchmark's")
        for key in ("in_quota_rate", "out_of_quota_rate"):
            notes += small("quota", key, getattr(self, key) or 0.0, "per cent")
        return notes

    def _limit(self, levels: InstrumentValues, group: tuple[Flow, ...], where: Where) -> Quota:
        """One quota on a group of flows, whose tariffs become those of the quota."""
        places = [dict(zip(FLOW, flow, strict=True)) for flow in group]
        parts = [float(levels.parameters.data["limited"].loc[at]) for at in places]
        premiums = [
            float(levels.parameters.data["rho0"].loc[at]) / (1.0 if self.whole else part)
            for at, part in zip(places, parts, strict=True)
        ]
        if self.quota == "remove":
            return Quota(group, volume=math.inf)
        if max(premiums) - min(premiums) > 1e-12:
            limited = [" ".join(flow) for flow, premium in zip(group, premiums, strict=True) if premium > 0.0]
            levels.found.fault(
                where("together"),
                "the flows have different premiums in the benchmark, and one quota has one premium; delete together, "
                f"or leave out those with a quota of their own ({', '.join(limited)})",
            )
        ceilings = [math.inf]
        if self.in_quota_rate is not None:
            for at in places:
                _set_rate(levels, self.in_quota_rate, at, self.layer)
            ceilings = [self._margin(levels, at) for at in places]
            if max(ceilings) > min(ceilings) + 1e-9:
                levels.found.fault(
                    where("together"),
                    f"the out-of-quota rate is worth {100 * min(ceilings):.2f} % of the fob value on one flow and "
                    f"{100 * max(ceilings):.2f} % on another, as their other duties or margins differ; delete together",
                )
        volume = self.volume.value if self.volume else 1.0
        owners = None if self.rent_owners is None else {str(o): share for o, share in self.rent_owners.items()}
        if owners is None and self.quota in ("import", "export"):
            owners = {f"{self.quota}er": 1.0}
        self._tell_part(levels, group, parts)
        return Quota(group, volume, ceilings[0], licence=owners, whole=self.whole)

    def _tell_part(self, levels: InstrumentValues, group: tuple[Flow, ...], parts: list[float]) -> None:
        """Say which part of a flow the quota is on, where the benchmark limits a part."""
        for flow, part in zip(group, parts, strict=True):
            if part < 1.0 and not self.whole:
                levels.found.note(
                    f"{' '.join(flow)}: the quota is on the {100 * part:.0f} % of the volume that the benchmark "
                    "limits; whole: true puts it on all"
                )

    def _margin(self, levels: InstrumentValues, at: Mapping[str, str]) -> float:
        """Premium on the fob value at which buying above the quota costs the same; infinite if nothing may.

        (1 + t1) cif = (1 + t0) (cif + premium fob). Where a flow uses transport margins, their share in the cif
        value is that of the benchmark.
        """
        if self.out_of_quota_rate is None or self.in_quota_rate is None:
            return math.inf
        inside = float(levels.duty().loc[at])
        valued = float(levels.benchmark.data["valuation"].loc[at])
        outside = inside + valued * (self.out_of_quota_rate - self.in_quota_rate) / 100.0
        fob = float(levels.parameters.data["share_fob"].loc[at])
        without_rent = fob / (1.0 + float(levels.parameters.data["rho0"].loc[at]))
        return ((1.0 + outside) / (1.0 + inside) - 1.0) * (without_rent + 1.0 - fob) / without_rent


def _ban(levels: InstrumentValues, flows: list[Flow], where: Where) -> None:
    """Make trade so dear that next to nothing is bought; demand for a variety of a CES composite is never zero.

    It is a charge on imports, which no price at either border shows, so that price indices and real GDP do not take a
    price that no one pays for one.
    """
    p = levels.parameters.data
    charge = levels.level("tm_unit").copy()
    tariff = levels.duty()
    for exporter, importer, sector in flows:
        sources = levels.parameters.labels["exporter"]
        left = [i for i in sources if i != importer and (i, importer, sector) not in flows]
        others = float(p["trade"].sel(exporter=left, importer=importer, sector=sector).sum())
        # among origins, or where none is left, of imports by the home good
        substitution = float(p["sigma_m" if others else "sigma_d"].sel(region=importer, sector=sector))
        if substitution <= 1.0:
            levels.found.fault(
                where(),
                f"{exporter} {importer} {sector} cannot be banned: at an elasticity of substitution of "
                f"{substitution:g} its buyers would pay any price; use a quota",
            )
            continue
        at = {"exporter": exporter, "importer": importer, "sector": sector}
        charge.loc[at] = (1.0 + float(tariff.loc[at])) * (BANNED ** (-1.0 / substitution) - 1.0)
    levels.levels["tm_unit"] = charge
    levels.found.note("ban: a prohibitive charge at the border that leaves about a millionth of the volume")


def _lose(levels: InstrumentValues, flows: list[Flow], where: Where, part: float) -> None:
    """Take away a part of the varieties of a flow: at given prices their sales are gone, and nobody earns a rent.

    Of n varieties of equal weight with an elasticity of substitution s, a loss of some raises the price of all as an
    iceberg cost of n ** (-1 / (s - 1)) does, and lowers what is spent on them by as much.

    Source: Feenstra (1994), "New product varieties and the measurement of international prices", American Economic
    Review 84(1).
    """
    p, cost = levels.parameters.data, levels.level("tau").copy()
    for exporter, importer, sector in flows:
        substitution = float(p["sigma_m"].sel(region=importer, sector=sector))
        if substitution <= 1.0:
            levels.found.fault(
                where(),
                f"{exporter} {importer} {sector} cannot lose varieties: at an elasticity of substitution of "
                f"{substitution:g} none can be done without; use a quota",
            )
            continue
        at = {"exporter": exporter, "importer": importer, "sector": sector}
        cost.loc[at] = float(cost.loc[at]) * part ** (-1.0 / (substitution - 1.0))
    levels.levels["tau"] = cost


def _note_idle(levels: InstrumentValues, flows: list[Flow]) -> None:
    """Say if there may be no quota to remove; one that a baseline has left slack shows no premium."""
    limited = {flow for quota in levels.quotas for flow in quota.flows}
    premium = levels.parameters.data["rho0"]
    if all(f not in limited and float(premium.loc[dict(zip(FLOW, f, strict=True))]) == 0.0 for f in flows):
        names = ", ".join(" ".join(flow) for flow in flows[:3]) + (f" and {len(flows) - 3} more" if flows[3:] else "")
        levels.found.note(f"quota: remove ends nothing on {names}, where none binds, unless a baseline left one slack")


def _set_rate(levels: InstrumentValues, rate: float, at: Mapping[str, str], layer: str | None) -> None:
    one = xr.zeros_like(levels.benchmark.data["trade"])
    one.loc[at] = 1.0
    levels.tariff_changed = True
    levels.change_tariff("set", rate, one, layer)
