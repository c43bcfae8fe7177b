"""A supplier that is lost: its capacity is cut, or its output; what is left may be rationed at a price that stays."""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray as xr
from pydantic import Field

from cge.equations.structures import BLOCKS
from cge.quotas import Quota
from cge.scenarios.names.vocabulary import Frozen, Selector, Shock
from cge.swaps import Swap

from .instrument_values import Flow, InstrumentValues, Where

By = Literal["capacity", "productivity", "quota", "rationing"]
FREED = {"productivity": ("tfp", -1.0), "quota": ("to", 1.0)}
"""What gives way where output is held: symbol, and its move for one of the lever."""


class Loss(Frozen):
    """Who loses what.

    Attributes:
        regions, sectors: of the supplier.
        per_cent: of its capital, or of its output.
        by: "capacity", its capital in the industry, which must be specific; "productivity", output that inputs no
            longer make; "quota", output that may not be made, whose rent the supplier's treasury takes; "rationing",
            capacity, and every customer abroad gets its share of what was sold at a price that does not clear the
            market: the difference is its gain.
        parties: of an agreement on scarce supply, with rationing: their share is cut last.
    """

    regions: Selector
    sectors: Selector
    per_cent: float = Field(gt=0.0, lt=100.0)
    by: By = "capacity"
    parties: Selector | None = None

    def faults(self) -> list[str]:
        """All that is wrong with it."""
        wrong = self.parties is not None and self.by != "rationing"
        return ["parties share what is rationed; write by: rationing, or delete parties"] if wrong else []


class SupplyLoss(Shock):
    """A supplier that is lost (`Loss`)."""

    supply_loss: Loss

    def __str__(self) -> str:
        loss = self.supply_loss
        parties = f", {loss.parties} first" if loss.parties else ""
        return f"supply lost in {loss.regions}, {loss.sectors}: {loss.per_cent:g} % by {loss.by}{parties}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Cut the capacity, or hold the output; and put the quotas of a rationing."""
        loss, found = self.supply_loss, levels.found
        for fault in loss.faults():
            found.fault(where("supply_loss"), fault)
        before = len(found.faults)
        weight = levels.world.weights(loss.regions, "region", where("supply_loss"), found)
        weight = weight * levels.world.weights(loss.sectors, "sector", where("supply_loss"), found)
        weight = weight.where(levels.parameters.data["output"] > 0.0, 0.0)
        if len(found.faults) > before or loss.faults():
            return
        if not bool((weight > 0.0).any()):
            found.fault(where("supply_loss"), "the benchmark has no such industry; check regions and sectors")
        elif loss.by in FREED:
            _hold_output(levels, weight, loss)
        else:
            _cut(levels, weight, loss)
            if loss.by == "rationing":
                _ration(levels, weight, loss, where)


def _hold_output(levels: InstrumentValues, weight: xr.DataArray, loss: Loss) -> None:
    """One swap an industry: output is held at what is left."""
    free, move = FREED[loss.by]
    for r, s in np.argwhere(weight.values > 0.0):
        cell = xr.zeros_like(weight)
        cell[r, s] = 1.0
        name = f"supply-{weight['region'].values[r]}-{weight['sector'].values[s]}"
        change = -float(weight[r, s]) * loss.per_cent / 100.0
        levels.swaps.append(
            Swap(
                name, "output", cell, free, move * cell, change, word={"tfp": "productivity", "to": "output_tax"}[free]
            )
        )


def _cut(levels: InstrumentValues, weight: xr.DataArray, loss: Loss) -> None:
    """Cut the capital of the industries; that it is specific is seen to when the scenario meets its horizon."""
    block, p = BLOCKS["capacity"], levels.parameters.data
    capital = p["is_capital"] * (p["factor_use"] > 0.0)
    levels.bring(block)
    level = levels.level("capacity")
    levels.levels["capacity"] = level * (1.0 - (capital * weight).transpose(*level.dims) * loss.per_cent / 100.0)


def _ration(levels: InstrumentValues, weight: xr.DataArray, loss: Loss, where: Where) -> None:
    """A quota on every flow in proportion to past trade, parties' last; its rent is the user's."""
    trade = levels.parameters.data["trade"]
    members = None
    if loss.parties is not None:
        members = levels.world.weights(loss.parties, "region", where("supply_loss"), levels.found)
    for r, s in np.argwhere(weight.values > 0.0):
        region, sector = str(weight["region"].values[r]), str(weight["sector"].values[s])
        if float(weight[r, s]) < 1.0:
            levels.found.note(f"no rationing of {sector} from {region}, of which the supplier is a part")
            continue
        sold = trade.sel(exporter=region, sector=sector)
        sold = sold.where(sold["importer"] != region, 0.0)
        share = xr.zeros_like(sold) if members is None else members.rename(region="importer")
        for importer, volume in _shared(sold, share, loss.per_cent / 100.0).items():
            flow: Flow = (region, importer, sector)
            if flow in levels.limited:
                levels.found.fault(where("supply_loss"), f"a second quota or ban on {' '.join(flow)}; keep one")
            levels.limited.add(flow)
            levels.quotas.append(Quota((flow,), volume, licence={"importer": 1.0}))


def _shared(sold: xr.DataArray, party: xr.DataArray, lost: float) -> dict[str, float]:
    """What is left of each flow, by importer: parties keep theirs while the others' lasts."""
    total, theirs = float(sold.sum()), float((sold * party).sum())
    kept_by_parties = min(theirs, (1.0 - lost) * total)
    of_party = kept_by_parties / theirs if theirs else 0.0
    of_other = ((1.0 - lost) * total - kept_by_parties) / (total - theirs) if total > theirs else 0.0
    volumes = party * of_party + (1.0 - party) * max(of_other, LEAST)
    return {
        str(i): float(volumes.sel(importer=i)) for i in sold["importer"].values if float(sold.sel(importer=i)) > 0.0
    }


LEAST = 0.01
"""Least share of its purchases that a customer keeps, for want of a price at which nothing is wanted."""
