"""What makes a function an equation of a model, or a quantity that equations and reports share.

Nothing is registered: a decorator gives a value, and a block (`cge.block`) says which of them it brings.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from .notation import Symbol
from .symbols import SYMBOLS

Body = Callable[..., tuple[Any, Any]]


@dataclass(frozen=True, eq=False)
class Equation:
    """One block of equations, paired with one block of variables (or of freed instruments).

    Attributes:
        name: of the function.
        body: `body(m, *index)` returns the two sides.
        pairs: symbol that it determines; the block has that symbol's axes.
        where: parameters whose non-zero entries together say where the block exists.
        defines: the left side is the variable and the right side does not hold it, so it can be eliminated.
        replaces: equations whose place it takes.
    """

    name: str
    body: Body
    pairs: Symbol
    where: tuple[str, ...] = ()
    defines: bool = False
    replaces: tuple[str, ...] = ()

    @property
    def doc(self) -> str:
        """Meaning and source."""
        return inspect.getdoc(self.body) or ""

    @property
    def home(self) -> str:
        """Module that it is written in."""
        return str(self.body.__module__)

    def __reduce__(self) -> tuple[Any, ...]:
        return _reference(self)


@dataclass(frozen=True, eq=False)
class Quantity:
    """A quantity that is no variable: a price with its tax, a volume that a user buys; written once, read everywhere.

    Equations read it as they read a variable, `m.input_volume[r, g, s]`; so do accounts, welfare, updated benchmarks
    and decompositions. A block that replaces it changes all of them.

    Attributes:
        name: of the function.
        body: `body(m, *index)` returns the quantity.
        dims: its axes.
        latex: its letter.
        replaces: it takes the place of the one of its name.
    """

    name: str
    body: Callable[..., Any] = field(repr=False)
    dims: tuple[str, ...]
    latex: str
    replaces: bool = False

    @property
    def doc(self) -> str:
        """Meaning."""
        return inspect.getdoc(self.body) or ""

    @property
    def home(self) -> str:
        """Module that it is written in."""
        return str(self.body.__module__)

    def __reduce__(self) -> tuple[Any, ...]:
        return _reference(self)


def equation(
    pairs: str | Symbol, *, where: tuple[str, ...] = (), defines: bool = False, replaces: str | tuple[str, ...] = ()
) -> Callable[[Body], Equation]:
    """Make a function an equation.

    Args:
        pairs: symbol that the equation determines: a name of the base structure, or a block's own symbol. It is a
            variable, or an instrument that is freed.
        where: parameters that restrict where it exists, besides that of its symbol.
        defines: see `Equation`.
        replaces: equations of the base structure whose place it takes.

    Raises:
        TypeError: for an unknown symbol, axes that are not the symbol's, or a docstring without a source.
    """

    def make(body: Body) -> Equation:
        name, doc = body.__name__, body.__doc__ or ""
        symbol = SYMBOLS.get(pairs) if isinstance(pairs, str) else pairs
        faults = [f"pairs with the unknown symbol {pairs!r}"] if symbol is None else []
        if symbol is not None and (count := _axes(body)) not in (len(symbol.dims), -1):
            faults.append(f"takes {count} indices, and {symbol.name} has the axes {', '.join(symbol.dims) or 'none'}")
        if "Source:" not in doc:
            faults.append("needs a 'Source:' in its docstring")
        if faults or symbol is None:
            raise TypeError(f"equation {name}: " + "; ".join(faults))
        exists = ((symbol.where,) if symbol.where else ()) + where
        others = (replaces,) if isinstance(replaces, str) else replaces
        return Equation(name, body, symbol, exists, defines, others)

    return make


def quantity(dims: tuple[str, ...], latex: str, *, replaces: bool = False) -> Callable[[Callable[..., Any]], Quantity]:
    """Make a function a quantity.

    Args:
        dims: its axes.
        latex: its letter, with one subscript for each axis.
        replaces: it takes the place of the one of its name in the base structure.

    Raises:
        TypeError: the function takes other than one index for each axis, or has no docstring.
    """

    def make(body: Callable[..., Any]) -> Quantity:
        if not body.__doc__ or _axes(body) != len(dims):
            raise TypeError(f"quantity {body.__name__} needs a docstring, and an index for each of its axes")
        return Quantity(body.__name__, body, dims, latex, replaces)

    return make


def equations_of(module: Any) -> tuple[Equation, ...]:
    """The equations of a module, in the order in which they are written."""
    return tuple(value for value in vars(module).values() if isinstance(value, Equation))


def quantities_of(module: Any) -> tuple[Quantity, ...]:
    """The quantities of a module, in the order in which they are written; those that it imports are not its own."""
    found = (value for value in vars(module).values() if isinstance(value, Quantity))
    return tuple(value for value in found if value.home == module.__name__)


def _axes(body: Callable[..., Any]) -> int:
    """How many indices a body takes; -1 for any number."""
    kinds = [parameter.kind for parameter in inspect.signature(body).parameters.values()]
    return -1 if inspect.Parameter.VAR_POSITIONAL in kinds else len(kinds) - 1


def _reference(value: Equation | Quantity) -> tuple[Any, ...]:
    """To another process goes the name of what a module holds, and what no module holds in whole."""
    if getattr(import_module(value.home), value.name, None) is value:
        return _found, (value.home, value.name)
    return type(value), tuple(getattr(value, name) for name in value.__dataclass_fields__)


def _found(home: str, name: str) -> Any:
    return getattr(import_module(home), name)
