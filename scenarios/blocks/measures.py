"""Duties in force on a date, from a list by partner, good and layer (`cge.calibration.measures`)."""

from __future__ import annotations

from functools import cached_property
from typing import Self

import xarray as xr
from pydantic import model_validator

from cge.calibration.measures import Measures, closest, read_measures
from cge.errors import DataError, nearest
from cge.scenarios.names.vocabulary import Shock

from .instrument_values import FLOW, OWN, InstrumentValues, Where


class InForce(Shock):
    """The duties of a list on a date take the place of layers of the benchmark's tariff.

    Attributes:
        measures: name of a list that comes with the package, or a CSV file (from where the program runs).
        date: one of the list's.
        replaces: layers of the benchmark that the list's take the place of: they are zero on the flows that it
            speaks of. Layers of the list's own names are always replaced.
        layers: of the list that are put in place; all if not given.
        without: layers of the list that are left out (zero).
        treated_as: a country of the list whose rates the exporters pay in place of their own.
        exporters, importers, sectors: of the flows; all that the list speaks of if not given.
    """

    measures: str
    date: str
    replaces: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    treated_as: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        try:
            given = self.list
        except DataError as error:
            raise ValueError(str(error)) from None
        faults = []
        if self.date not in given.dates:
            faults.append(f"{self.measures} has no duties of {self.date}{closest(self.date, given.dates)}")
        faults += [
            f"{self.measures} has no layer {name}{nearest(name, given.layers)}; it has {', '.join(given.layers)}"
            for name in (*self.layers, *self.without)
            if name not in given.layers
        ]
        partners = set(given.table["exporter"])
        if self.treated_as and self.treated_as not in partners:
            hint, known = nearest(self.treated_as, partners), ", ".join(sorted(partners))
            faults.append(f"{self.measures} has no partner {self.treated_as}{hint}; it has {known}")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @cached_property
    def list(self) -> Measures:
        """The list as it was read when the block was made."""
        return read_measures(self.measures)

    @property
    def rows(self) -> str:
        """What the list says of the date, as text."""
        return self.list.on(self.date).to_csv(index=False)

    def __str__(self) -> str:
        given = {"from": self.exporters, "to": self.importers, "on": self.sectors}
        text = f"duties of {self.measures} in force on {self.date}"
        text += "".join(f" {word} {selector}" for word, selector in given.items() if selector)
        text += f", layers {', '.join(self.layers)}" if self.layers else ""
        text += f", without {', '.join(self.without)}" if self.without else ""
        text += f", at the rates of {self.treated_as}" if self.treated_as else ""
        return text + (f", in place of {', '.join(self.replaces)}" if self.replaces else "")

    def apply(self, levels: InstrumentValues, where: Where) -> None:
        """Put the layers of the list into the tariff."""
        weight, sound = levels.weights(self, FLOW, where)
        unknown = [name for name in self.replaces if not levels.has_layer(name, where, "replaces")]
        held = levels.benchmark.contents
        regions = {label: held.countries(label) for label in levels.parameters.labels["region"]}
        sectors = {label: held.products(label) for label in levels.parameters.labels["sector"]}
        who = ", ".join(label for label, countries in regions.items() if not countries)
        if who:
            levels.found.fault(
                where("measures"),
                f"which countries {who} hold is not known; give the benchmark the contents of regions",
            )
        if not sound or unknown or who:
            return
        rate, told = self._rates(regions, sectors)
        weight = weight.where(told & levels.exists("tm"), 0.0).transpose(*FLOW)
        if not bool((weight > 0).any()):
            levels.found.fault(where(), f"{self.measures}: the benchmark has no such flow{levels.nothing(self)}")
            return
        for name in self.replaces:
            if not self.layers or name in self.layers:
                levels.layers[name] = (levels.layers[name] * (1.0 - weight)).transpose(*FLOW)
        for name in self.layers or self.list.layers:
            wanted = xr.zeros_like(weight) if name in self.without else rate.sel(layer=name, drop=True)
            old = levels.layers.get(name, xr.zeros_like(weight))
            levels.layers[name] = (old + weight * (wanted - old)).transpose(*FLOW)
        if not self.layers:
            # what a policy baseline added on top of its layers is no part of what is in force
            levels.layers[OWN] = (levels.layers[OWN] * (1.0 - weight)).transpose(*FLOW)
        levels.tariff_changed = True

    def _rates(
        self, regions: dict[str, frozenset[str]], sectors: dict[str, frozenset[str]]
    ) -> tuple[xr.DataArray, xr.DataArray]:
        given = self.list
        if self.treated_as:
            mine = given.table[given.table["exporter"] == self.treated_as]
            keys = ["date", "importer", "sector"]
            table = given.table.drop(columns=given.layers).merge(mine[[*keys, *given.layers]], on=keys)
            given = Measures(given.name, table)
        return given.rates(self.date, regions, sectors)
