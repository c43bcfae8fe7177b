"""The decorator that makes a function an equation of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from cge.symbols import SYMBOLS, Symbol

Body = Callable[..., tuple[Any, Any]]


@dataclass(frozen=True)
class Equation:
    """One block of equations, paired with one block of variables (or of freed instruments).

    Attributes:
        name: of the function.
        body: `body(m, *index)` returns the two sides.
        pairs: symbol that it determines; the block has that symbol's axes.
        where: parameters whose non-zero entries together say where the block exists.
        defines: the left side is the variable and the right side does not hold it, so it can be eliminated.
        structure: options of `cge.model.Structure` under which the block is part of the model.
    """

    name: str
    body: Body
    pairs: Symbol
    where: tuple[str, ...]
    defines: bool
    structure: Mapping[str, str] = field(default_factory=dict)

    @property
    def doc(self) -> str:
        """Formula, meaning and source."""
        return self.body.__doc__ or ""


EQUATIONS: dict[str, Equation] = {}
"""Every equation of the package, by name, in order of definition."""


def equation(
    pairs: str, *, where: tuple[str, ...] = (), defines: bool = False, **structure: str
) -> Callable[[Body], Body]:
    """Register a function as an equation.

    Args:
        pairs: variable that the equation determines, or the instrument that its structure frees.
        where: parameters that restrict where it exists, besides that of its variable.
        defines: see `Equation`.
        structure: options under which it exists, such as `household="separate"`.

    Raises:
        TypeError: for an unknown symbol, a name used twice, or a docstring without formula or source.
    """

    def register(body: Body) -> Body:
        name, doc = body.__name__, body.__doc__ or ""
        faults = [
            fault
            for fault, wrong in (
                (f"pairs with the unknown symbol {pairs!r}", pairs not in SYMBOLS),
                (f"exists where unknown parameters do: {where}", not set(where) <= set(SYMBOLS)),
                ("has a name that is taken", name in EQUATIONS),
                ("needs a '.. math::' formula in its docstring", ".. math::" not in doc),
                ("needs a 'Source:' in its docstring", "Source:" not in doc),
            )
            if wrong
        ]
        if faults:
            raise TypeError(f"equation {name}: " + "; ".join(faults))
        symbol = SYMBOLS[pairs]
        exists = ((symbol.where,) if symbol.where else ()) + where
        EQUATIONS[name] = Equation(name, body, symbol, exists, defines, MappingProxyType(structure))
        return body

    return register
