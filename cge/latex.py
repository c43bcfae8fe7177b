"""A third view of an equation: its formula, and one cell of it with its numbers, from the same body as all else."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .equation import Equation, Quantity
from .model import Model, Values
from .notation import LETTERS
from .structure import Structure
from .views import ScalarView

POSITIONS: Mapping[str, tuple[str, ...]] = {"agent": ("C", "G", "I"), "owner": ("X", "M", "T")}
"""Letters of the positions of axes whose labels are the same in every benchmark."""

SUM, PRODUCT, POWER, ATOM = range(4)
"""How strongly an expression binds."""


@dataclass(frozen=True)
class Formula:
    """LaTeX of an expression.

    Attributes:
        text: LaTeX.
        binds: how strongly its last operation does.
        over: numerator and denominator of a fraction.
    """

    text: str
    binds: int = ATOM
    over: tuple[str, str] | None = None

    symbolic = True

    def within(self, binds: int) -> str:
        """The text, in brackets if it binds less."""
        return self.text if self.binds >= binds else rf"\left({self.text}\right)"

    @property
    def negative(self) -> bool:
        """Whether it begins with a minus."""
        return self.text.startswith("-")

    def __add__(self, other: Any) -> Formula:
        other = formula(other)
        if other.text == "0":
            return self
        if self.text == "0":
            return other
        return Formula(f"{self.text} {other.text}" if other.negative else f"{self.text} + {other.text}", SUM)

    def __sub__(self, other: Any) -> Formula:
        return self + -formula(other)

    def __neg__(self) -> Formula:
        if self.negative and self.binds > SUM:
            return Formula(self.text.removeprefix("-").lstrip(), self.binds)
        return Formula(f"- {self.within(PRODUCT)}", PRODUCT)

    def __mul__(self, other: Any) -> Formula:
        other = formula(other)
        if "0" in (self.text, other.text):
            return Formula("0")
        if other.text == "1":
            return self
        if self.text == "1":
            return other
        second = rf"\left({other.text}\right)" if other.negative else other.within(PRODUCT)
        return Formula(rf"{self.within(PRODUCT)} \, {second}", PRODUCT)

    def __truediv__(self, other: Any) -> Formula:
        other = formula(other)
        if other.text == "1":
            return self
        above, below = self.text, other.text
        if self.over:
            above, below = self.over[0], rf"{self.over[1]} \, {other.within(PRODUCT)}"
        return Formula(rf"\frac{{{above}}}{{{below}}}", POWER, (above, below))

    def __pow__(self, exponent: Any) -> Formula:
        exponent = formula(exponent)
        base = rf"{{{self.text}}}" if self.binds == ATOM and "^" not in self.text else rf"\left({self.text}\right)"
        return self if exponent.text == "1" else Formula(f"{base}^{{{exponent.text}}}", POWER)

    def __radd__(self, other: Any) -> Formula:
        return formula(other) + self

    def __rsub__(self, other: Any) -> Formula:
        return formula(other) - self

    def __rmul__(self, other: Any) -> Formula:
        return formula(other) * self

    def __rtruediv__(self, other: Any) -> Formula:
        return formula(other) / self

    def __rpow__(self, other: Any) -> Formula:
        base = formula(other)
        return base if base.text == "1" else base**self

    def log(self) -> Formula:
        """Natural logarithm."""
        return Formula(rf"\log {self.within(ATOM)}", PRODUCT)

    def exp(self) -> Formula:
        """Exponential."""
        return Formula(rf"\exp\left({self.text}\right)", POWER)


def formula(value: Any) -> Formula:
    """A number, or an expression, as a formula."""
    return value if isinstance(value, Formula) else Formula(f"{float(value):g}")


class LatexView:
    """What a body sees as `m` when it prints itself: letters in place of numbers.

    Args:
        structure: whose symbols and quantities.
    """

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._used: list[str] = []

    def __getattr__(self, name: str) -> _Letter:
        known = self._structure.symbols.get(name) or self._structure.quantities.get(name)
        if known is None:
            raise AttributeError(f"the structure has no symbol {name!r}")
        return _Letter(known.latex, known.dims)

    @contextmanager
    def _letters(self, axes: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Letters for axes that are not in use."""
        chosen = []
        for axis in axes:
            letter = LETTERS.get(axis, axis[0])
            while letter in self._used:
                letter += "'"
            self._used.append(letter)
            chosen.append(letter)
        yield tuple(chosen)
        del self._used[len(self._used) - len(chosen) :]

    def total(self, axes: tuple[str, ...], weight: Callable[..., Any], term: Callable[..., Any]) -> Formula:
        """A sum of weight times term."""
        with self._letters(axes) as index:
            body = formula(weight(*index)) * formula(term(*index))
        return Formula(rf"\sum_{{{''.join(index)}}} {body.within(PRODUCT)}", PRODUCT) if axes else body

    def printed(self, one: Equation | Quantity) -> str:
        """Both sides of an equation, or a quantity and what it is."""
        dims = one.pairs.dims if isinstance(one, Equation) else one.dims
        with self._letters(dims) as index:
            if isinstance(one, Equation):
                left, right = (formula(side) for side in one.body(self, *index))
            else:
                left, right = getattr(self, one.name)[index], formula(one.body(self, *index))
        return f"{left.text} = {right.text}"


class _Letter:
    """A symbol, which an index makes a formula."""

    def __init__(self, latex: str, dims: tuple[str, ...]) -> None:
        self._letter = latex.rpartition("_")[0] if dims and "_" in latex else latex
        self._dims = dims

    def __getitem__(self, index: Any) -> Formula:
        index = index if isinstance(index, tuple) else (index,)
        at = [k if isinstance(k, str) else POSITIONS[axis][k] for axis, k in zip(self._dims, index, strict=True)]
        return Formula(f"{self._letter}_{{{''.join(at)}}}" if at else self._letter)


def latex(structure: Structure, name: str) -> str:
    """The formula of an equation or a quantity of a structure, by name.

    Raises:
        KeyError: there is none of that name.
    """
    one: Equation | Quantity = structure.quantities[name] if name in structure.quantities else structure.equations[name]
    return LatexView(structure).printed(one)


@dataclass(frozen=True)
class Cell:
    """An equation at one index, with its numbers.

    Attributes:
        left, right: the two sides.
        read: value of everything that the body read there, by name and labels.
    """

    left: float
    right: float
    read: Mapping[str, float]


def cell(model: Model, name: str, index: tuple[int, ...], values: Values) -> Cell:
    """An equation of a model at one index, at a point."""
    view = _Watched(model, values)
    left, right = model.equations[name].body(view, *index)
    return Cell(float(left), float(right), dict(view.read))


class _Watched(ScalarView):
    """Numbers, with a list of what was read."""

    def __init__(self, model: Model, values: Values) -> None:
        super().__init__({**model.constants, **values}, model.sizes, model.structure.quantities)
        self._model = model
        self.read: dict[str, float] = {}

    def __getattr__(self, name: str) -> Any:
        found = super().__getattr__(name)
        symbol = self._model.structure.symbols.get(name)
        return found if symbol is None else _Read(self, found, name)

    def seen(self, name: str, index: Any, number: float) -> None:
        """Note what was read."""
        symbol = self._model.structure.symbols[name]
        labels = self._model.labels(symbol, index if isinstance(index, tuple) else (index,))
        self.read[f"{name}[{', '.join(labels)}]" if labels else name] = number


class _Read:
    def __init__(self, view: _Watched, cells: Any, name: str) -> None:
        self._view, self._cells, self._name = view, cells, name

    def __getitem__(self, index: Any) -> Any:
        number = self._cells[index]
        self._view.seen(self._name, index, float(number))
        return number


def meaning(one: Equation | Quantity) -> str:
    """Meaning and source, as written."""
    return inspect.cleandoc(one.doc)
