"""The structure of a model as a value: the base structure, and the blocks that are added to it.

Two structures live side by side in one process; what one holds is none of the other's business. A clash between two
blocks, or between a block and the base, names both writers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from .block import Array, Block, Charge, Household, Outcome, Part, Table
from .equation import Equation, Quantity, equations_of, quantities_of
from .equations import MODULES
from .equations.swaps import CHARGES, OUTCOMES, TAX_BASES, held_outcome, lever_parameters, lever_symbols, moved
from .errors import ModelError
from .household import REGIONAL
from .notation import Symbol, symbols
from .symbols import ELASTICITY, EVERYWHERE, FLAG, INSTRUMENTS, MOVABLE, PARAMETERS, RENTABLE, VARIABLES

CONTRACT = (
    "flow",
    "pm",
    "pa",
    "qa",
    "qd",
    "qm",
    "y",
    "py",
    "income",
    "saving",
    "inv",
    "pinv",
    "g",
    "pg",
    "cpi",
    "pworld",
)
"""Aggregates that every structure determines, so that quotas, tables, welfare and emissions go on unchanged."""

BASE = "the base structure"


@dataclass(frozen=True)
class Structure:
    """The base structure with blocks.

    Attributes:
        blocks: added to the base, in order.
        instruments: those held at every index where they make sense. The others are variables only where their
            benchmark value is not neutral, and constants elsewhere.

    Raises:
        ModelError: blocks that clash, or leave an aggregate undetermined, naming who wrote what.
    """

    blocks: tuple[Block, ...] = ()
    instruments: frozenset[str] = EVERYWHERE

    def __post_init__(self) -> None:
        found = _compose(self.blocks)
        if found.faults:
            raise ModelError(found.faults, "the structure")
        own = frozenset().union(*(block.instruments for block in self.blocks))
        charged = {charge.tax for charge in found.charges if charge.instrument in self.instruments | own}
        object.__setattr__(self, "instruments", self.instruments | own | charged)

    def having(self, blocks: Iterable[Block]) -> Structure:
        """The same with those of these blocks that it does not have yet."""
        return Structure(tuple(dict.fromkeys((*self.blocks, *blocks))), self.instruments)

    @property
    def name(self) -> str:
        """Names of the blocks, in one word; empty for the base structure."""
        return "+".join(block.name for block in self.blocks)

    @cached_property
    def _all(self) -> _Composition:
        return _compose(self.blocks)

    @property
    def variables(self) -> Mapping[str, Symbol]:
        """Variables by name, in order; those of swaps apart."""
        return self._all.variables

    @property
    def held(self) -> Mapping[str, Symbol]:
        """Every instrument by name, those of swaps apart."""
        return self._all.instruments

    @property
    def parameters(self) -> Mapping[str, Symbol]:
        """What is calibrated, by name."""
        return self._all.parameters

    @property
    def elasticities(self) -> frozenset[str]:
        """Parameters that a user may vary without changing the benchmark that the model replicates."""
        return self._all.elasticities

    @property
    def levers(self) -> Mapping[str, Symbol]:
        """Symbols of swaps: outcome, lever, and the levels around which freed symbols move."""
        return self._all.levers

    @property
    def symbols(self) -> Mapping[str, Symbol]:
        """Every name that an equation may use, those that a model computes included."""
        return self._all.symbols

    @property
    def equations(self) -> Mapping[str, Equation]:
        """Equations by name, in order."""
        return self._all.equations

    @property
    def quantities(self) -> Mapping[str, Quantity]:
        """Quantities by name."""
        return self._all.quantities

    @property
    def movable(self) -> tuple[str, ...]:
        """Symbols that swaps may free."""
        return self._all.movable

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What swaps may hold, besides the proceeds of what they free."""
        return self._all.outcomes

    @property
    def tax_bases(self) -> Mapping[str, tuple[str, Callable[..., Any]]]:
        """Instruments that yield revenue, besides taxes on final demand: benchmark base, and the base over it."""
        return self._all.tax_bases

    @property
    def charges(self) -> tuple[Charge, ...]:
        """What adds to the rates of taxes."""
        return self._all.charges

    @property
    def household(self) -> Household:
        """Whose welfare is measured."""
        return self._all.household

    @property
    def parts(self) -> Mapping[str, Part]:
        """Terms of the decomposition that blocks add, by name."""
        return self._all.parts

    @property
    def prices(self) -> tuple[str, ...]:
        """Variables of the blocks that double when the numeraire doubles."""
        return tuple(name for block in self.blocks for name in (*block.prices, *block.money))

    def terms(self, kind: str, p: Table, x: Table) -> dict[str, Array]:
        """What the blocks add to `coordinates` or `weights` of the decomposition, or to `accounts`, by name."""
        result: dict[str, Array] = {}
        for block in self.blocks:
            make = getattr(block, kind)
            result |= make(p, x) if make else {}
        return result


@dataclass(frozen=True)
class _Composition:
    """What blocks together make; the names are those of `Structure`."""

    faults: tuple[str, ...]
    variables: Mapping[str, Symbol]
    instruments: Mapping[str, Symbol]
    parameters: Mapping[str, Symbol]
    elasticities: frozenset[str]
    levers: Mapping[str, Symbol]
    symbols: Mapping[str, Symbol]
    equations: Mapping[str, Equation]
    quantities: Mapping[str, Quantity]
    movable: tuple[str, ...]
    outcomes: Mapping[str, Outcome]
    tax_bases: Mapping[str, tuple[str, Callable[..., Any]]]
    charges: tuple[Charge, ...]
    household: Household
    parts: Mapping[str, Part]


@lru_cache(maxsize=64)
def _compose(blocks: tuple[Block, ...]) -> _Composition:
    faults: list[str] = []
    names = [block.name for block in blocks]
    faults += [f"two blocks are called {name}" for name in dict.fromkeys(names) if names.count(name) > 1]
    symbol = _merged(
        faults, "symbol", {**VARIABLES, **INSTRUMENTS, **PARAMETERS}, blocks, lambda b: {s.name: s for s in b.symbols}
    )
    kinds = {
        kind: {name: s for name, s in symbol.items() if s.kind == kind}
        for kind in ("variable", "instrument", "parameter")
    }
    held_and_free = {**kinds["variable"], **kinds["instrument"]}
    movable = tuple(dict.fromkeys((*MOVABLE, *(name for block in blocks for name in block.movable))))
    outcomes = _merged(faults, "outcome", OUTCOMES, blocks, lambda b: b.outcomes)
    bases = _merged(faults, "tax base", TAX_BASES, blocks, lambda b: b.tax_bases)
    charges = (*CHARGES, *(charge for block in blocks for charge in block.charges))
    moving = [held_and_free[name] for name in movable if name in held_and_free]
    taxes = [held_and_free[name] for name in (*bases, "tc") if name in held_and_free]
    equations = _equations(faults, blocks)
    for s in moving:
        own = moved(s, [charge for charge in charges if charge.tax == s.name])
        equations[own.name] = own
    of_swaps = held_outcome(outcomes, bases, held_and_free)
    determined = {one.pairs.name for one in equations.values()}
    faults += [
        f"no equation determines {name}, which every structure must" for name in CONTRACT if name not in determined
    ]
    equations[of_swaps.name] = of_swaps
    levers = lever_symbols(moving)
    made = {**lever_parameters(moving, outcomes, taxes), **_supports(kinds["instrument"], charges, held_and_free)}
    everything = {**symbol, **levers, **made, RENTABLE.name: RENTABLE}
    for one in equations.values():
        faults += [
            f"{one.name} ({one.home}) exists where {name} does, which is unknown"
            for name in one.where
            if name not in everything
        ]
    households = [block for block in blocks if block.household]
    if len(households) > 1:
        faults.append("whose welfare it is, is said by " + " and ".join(b.name for b in households))
    quantities = _quantities(faults, blocks)
    parts = _merged(faults, "part", {}, blocks, lambda b: b.parts)
    return _Composition(
        tuple(faults), kinds["variable"], kinds["instrument"], kinds["parameter"],
        frozenset(name for name, s in kinds["parameter"].items() if s.unit == ELASTICITY.unit),
        levers, MappingProxyType(everything), MappingProxyType(equations), MappingProxyType(quantities),
        movable, outcomes, bases, charges, (households[0].household if households else None) or REGIONAL,
        parts,
    )  # fmt: skip


def _merged(
    faults: list[str],
    what: str,
    base: Mapping[str, Any],
    blocks: Sequence[Block],
    of: Callable[[Block], Mapping[str, Any]],
) -> dict[str, Any]:
    """The base's values and those of the blocks by name; a name that is taken is a fault of both."""
    result, writer = dict(base), dict.fromkeys(base, BASE)
    for block in blocks:
        for name, value in of(block).items():
            if name in result:
                faults.append(f"the {what} {name} of block {block.name} ({block.home}) is taken by {writer[name]}")
            result[name], writer[name] = value, f"block {block.name} ({block.home})"
    return result


def _equations(faults: list[str], blocks: Sequence[Block]) -> dict[str, Equation]:
    """Equations in order; one that replaces others has the place of the first of them."""
    result = {one.name: one for module in MODULES for one in equations_of(module)}
    replaced: dict[str, str] = {}
    for block in blocks:
        for one in block.equations:
            who = f"{one.name} of block {block.name} ({one.home})"
            for name in one.replaces:
                if name in replaced:
                    faults.append(f"{who} replaces {name}, which {replaced[name]} replaces too")
                elif name not in result:
                    faults.append(f"{who} replaces {name}, which is no equation")
            gone = [name for name in one.replaces if name in result]
            if one.name in result and one.name not in gone:
                faults.append(f"{who} has the name of {result[one.name].name} ({result[one.name].home})")
            items = [
                (one.name, one) if name in gone[:1] else (name, other)
                for name, other in result.items()
                if name not in gone[1:]
            ]
            result = dict(items) | {one.name: one}
            replaced |= dict.fromkeys(gone, who)
    return result


def _quantities(faults: list[str], blocks: Sequence[Block]) -> dict[str, Quantity]:
    result = {one.name: one for module in MODULES for one in quantities_of(module)}
    writer = {name: one.home for name, one in result.items()}
    changed: dict[str, str] = {}
    for block in blocks:
        for one in block.quantities:
            who = f"quantity {one.name} of block {block.name} ({one.home})"
            if one.name in changed or (one.name in result and not one.replaces):
                faults.append(f"{who} is written by {changed.get(one.name, writer.get(one.name))} too")
            elif one.replaces and one.name not in result:
                faults.append(f"{who} replaces what is not there")
            elif one.replaces and result[one.name].dims != one.dims:
                faults.append(f"{who} has the axes {one.dims}, not {result[one.name].dims} as in {writer[one.name]}")
            result[one.name] = one
            changed[one.name] = who
    return result


def _supports(
    instruments: Mapping[str, Symbol], charges: Sequence[Charge], known: Mapping[str, Symbol]
) -> Mapping[str, Symbol]:
    """Where a model holds each instrument, and where each charge falls."""
    rows: list[tuple[object, ...]] = []
    for s in instruments.values():
        letter, _, index = s.latex.rpartition("_")
        rows.append(
            (
                f"has_{s.name}",
                s.dims,
                FLAG,
                rf"\mathbb{{1}}({letter})_{{{index.strip('{}')}}}",
                f"the model holds: {s.description}",
            )
        )
    for charge in charges:
        tax, on = known[charge.tax], known[charge.instrument]
        letter, index = on.latex.rpartition("_")[0], tax.latex.rpartition("_")[2].strip("{}")
        rows.append(
            (
                f"charged_{charge.tax}_{charge.instrument}",
                tax.dims,
                FLAG,
                rf"\mathbb{{1}}({letter})_{{{index}}}",
                f"{on.description} falls on it",
            )
        )
    return symbols("parameter", *rows)
