"""Retaliation: the answer to the tariffs that the shocks before it have raised."""

from __future__ import annotations

from typing import Self

import xarray as xr
from pydantic import Field, model_validator

from cge.scenarios.names.vocabulary import MOST, Selector, Shock, small

from .instrument_values import FLOW, OWN, InstrumentValues, Where


class Retaliation(Shock):
    """Regions raise their tariffs on those who have raised theirs.

    Attributes:
        retaliation: who answers: names, groups, or all.
        against: whom; everyone whose tariffs have risen if not given.
        sectors: on which goods. Without it each good is answered by as many points as its own tariff rose; with it
            the goods named pay the mean rise, over the goods that were hit, weighted with benchmark trade.
        points: percentage points of the answer, in place of the points of the rise.
    """

    retaliation: Selector
    against: Selector | None = None
    points: float | None = Field(default=None, gt=0.0, le=MOST)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.exporters is not None or self.importers is not None:
            raise ValueError("a retaliation has no exporters and importers; name who answers, and against whom")
        return self

    @property
    def overwrites(self) -> bool:
        """It adds to what is there."""
        return False

    def __str__(self) -> str:
        whom = f" against {self.against}" if self.against else ""
        what = f" on {self.sectors}" if self.sectors else ""
        rate = "the same rate back" if self.points is None else f"{self.points:g} points"
        return f"retaliation by {self.retaliation}{whom}{what}: {rate}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Add the answer to the tariffs of those who answer."""
        world, found = levels.world, levels.found
        before = len(found.faults)
        pairs = world.weights(self.retaliation, "importer", where("retaliation"), found) * world.weights(
            self.against or Selector(), "exporter", where("against"), found
        )
        goods = world.weights(self.selector("sectors"), "sector", where("sectors"), found)
        if len(found.faults) > before:
            return
        answer = (pairs * self._points(levels) * goods).where(levels.exists("tm"), 0.0).transpose(*FLOW)
        if not bool((answer > 0).any()):
            found.fault(where(), "no tariff on those who answer has risen; put the retaliation after the tariffs")
            return
        found.note(*small("retaliation", "points", self.points or 0.0))
        levels.layers[OWN] = levels.layers[OWN] + answer
        levels.tariff_changed = True

    def _points(self, levels: InstrumentValues) -> xr.DataArray:
        """Rates that answer the rises, turned: [exporter, importer, sector] of the answering flows."""
        rise = (levels.tariff() - levels.benchmark.data["tariff"].sum("layer")).clip(min=0.0)
        rise = rise.where(levels.exists("tm") & (rise["exporter"] != rise["importer"]), 0.0).where(rise > 1e-12, 0.0)
        if self.sectors is not None:
            hit = levels.benchmark.data["trade"].where(rise > 0.0, 0.0)
            total = hit.sum("sector")
            rise = (rise * hit).sum("sector") / total.where(total > 0.0, 1.0)
        if self.points is not None:
            rise = (rise > 0.0) * (self.points / 100.0)
        return rise.rename(exporter="importer", importer="exporter")
