"""A charge at the border on the CO2 of imports."""

from __future__ import annotations

import xarray as xr
from pydantic import Field

from cge.embodied import intensity
from cge.scenarios.names.vocabulary import Shock

from .carbon import CONTENTS, DEAREST, THOUSAND, Scope, lacks_power
from .instrument_values import FLOW, InstrumentValues, Where


class BorderCarbon(Shock):
    """A charge on imports by the CO2 of their production; its revenue is the importer's.

    Attributes:
        border_carbon: USD a tonne of CO2, in units of the world factor price, on top of earlier ones.
        importers: members, who charge; what they sell to each other is exempt. Must be given.
        exporters: whom they charge; all who are no members if not given.
        sectors: which goods; all if not given.
        scope: direct (what the industry emits), electricity (and what the utilities emit for it), or full (and what all
            of its inputs did, by input-output analysis).
        deduct: the exporter's own carbon price is taken off.
    """

    border_carbon: float = Field(gt=0.0, le=DEAREST)
    scope: Scope = "direct"
    deduct: bool = True

    @property
    def overwrites(self) -> bool:
        """It adds to what is there."""
        return False

    def __str__(self) -> str:
        less = ", less the exporter's own price" if self.deduct else ""
        flows = f"importers {self.importers}; exporters {self.exporters or 'who are no members'}"
        what = f"border carbon charge of {self.border_carbon:g} USD a tonne ({self.scope}{less})"
        return f"{what}: {flows}; sectors {self.selector('sectors')}"

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Charge imports, or add its faults to those found."""
        if self.importers is None:
            levels.found.fault(where(), "a border carbon charge needs importers; name the members")
            return
        weight, sound = levels.weights(self, FLOW, where)
        p = levels.parameters
        if lacking := lacks_power(p, self.scope):
            levels.found.fault(where("scope"), lacking)
            return
        if not sound:
            return
        members = levels.world.weights(self.importers, "exporter", where("importers"), levels.found)
        weight = (weight * (1.0 - members)).where(levels.exists("tm"), 0.0)
        price = xr.full_like(levels.carbon, self.border_carbon)
        if self.deduct:
            price = (price - levels.carbon).clip(min=0.0)
        e = CONTENTS[self.scope](p, intensity(p))
        embodied = (price * e).rename(region="exporter") * p.data["trade"]
        cif = p.data["duty_paid"] / (1.0 + p.data["tm0"])
        charge = THOUSAND * weight * embodied / cif.where(cif != 0.0, 1.0)
        if not bool((weight * e.rename(region="exporter") > 0).any()):
            levels.found.fault(where(), f"the benchmark has no such emissions{levels.nothing(self)}")
            return
        levels.levels["tm_unit"] = (levels.level("tm_unit") + charge).transpose(*FLOW)
