"""What a name of the model is: axes, domains, and symbols with their unit, letter, domain and range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

Kind = Literal["variable", "instrument", "parameter"]

Domain = Literal["positive", "spending", "rate", "signed"]
"""What values make sense, from which solvers, judges and scenarios read all that they do with a symbol.

* positive: must be positive; counts in logarithms, and changes are per cent of it.
* spending: must be positive in an equilibrium, but is linear in income, and may pass below zero on the way to one.
* rate: one plus it must be positive; one plus it counts in logarithms.
* signed: any number.
"""

AXES: Mapping[str, str] = MappingProxyType(
    {
        "region": "region of the world, r",
        "exporter": "region in its role as origin of a flow, i",
        "importer": "region in its role as destination of a flow, r",
        "sector": "industry and the good it makes, s",
        "input": "good in its role as intermediate input, g",
        "factor": "primary factor, f",
        "agent": "final demand: C household, G government, I investment",
        "margin": "sector that supplies international transport margins, m",
        "owner": "who receives a rent: exporter, importer (firms), treasury (of the importer)",
        "quota": "quantity limit on a group of flows, k",
        "swap": "outcome that is held and instrument that is freed for it, l",
    }
)
"""Axes by name. `exporter` and `importer` carry the labels of `region`; `input` and `margin` those of `sector`."""

LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "region": "r",
        "exporter": "i",
        "importer": "r",
        "sector": "s",
        "input": "g",
        "factor": "f",
        "agent": "a",
        "margin": "m",
        "owner": "o",
        "quota": "k",
        "swap": "l",
    }
)
"""Letter of an axis in formulas."""

LABELS: Mapping[str, str] = MappingProxyType({"exporter": "region", "importer": "region", "input": "sector"})
"""Axes that share another axis's labels."""


class Measure(NamedTuple):
    """A unit with the domain of what is measured in it, and the range of a parameter.

    Attributes:
        unit: in words.
        domain: of a variable or instrument.
        low, high: ends of the range of a parameter, which may be reached.
    """

    unit: str
    domain: Domain = "signed"
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Symbol:
    """One name of the model.

    Attributes:
        name: identifier in equations, result files and scenarios.
        dims: axes in order.
        unit: unit of measurement, for people to read.
        latex: its letter, with one subscript for each axis.
        description: meaning in one line.
        kind: variable (an equation determines it), instrument (held at a value by the user) or parameter.
        benchmark: value at the benchmark; a string names the parameter that holds it.
        where: parameter whose non-zero entries say where the symbol exists; empty means everywhere.
        domain: which values make sense.
        low, high: ends of the range of a parameter.
    """

    name: str
    dims: tuple[str, ...]
    unit: str
    latex: str
    description: str
    kind: Kind
    benchmark: float | str = 1.0
    where: str = ""
    domain: Domain = "signed"
    low: float = -math.inf
    high: float = math.inf

    @property
    def positive(self) -> bool:
        """Whether it must be positive in an equilibrium."""
        return self.domain in ("positive", "spending")

    @property
    def offset(self) -> float:
        """What is added to it before a logarithm is taken: one to a rate."""
        return 1.0 if self.domain == "rate" else 0.0

    @property
    def logged(self) -> bool:
        """Whether it counts in logarithms."""
        return self.domain in ("positive", "rate")

    @property
    def neutral(self) -> float:
        """The value from which a change in per cent is measured: one of an index, zero of everything else."""
        return 1.0 if self.positive else 0.0


def symbols(kind: Kind, *rows: tuple[object, ...]) -> Mapping[str, Symbol]:
    """Symbols by name from rows of name, dims, measure, letter, description (benchmark, where)."""
    made = []
    for name, dims, measure, latex, description, *rest in rows:
        if not isinstance(measure, Measure):
            raise TypeError(f"symbol {name} has no measure")
        made.append(
            Symbol(name, dims, measure.unit, latex, description, kind, *rest, domain=measure.domain,  # type: ignore[arg-type, misc]
                   low=measure.low, high=measure.high)
        )  # fmt: skip
    return MappingProxyType({symbol.name: symbol for symbol in made})
