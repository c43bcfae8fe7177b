"""An equation on the screen: its formula as its body prints it, and one cell of it with the benchmark's numbers."""

from __future__ import annotations

from collections.abc import Sequence

from cge.equation import Equation, Quantity
from cge.errors import RequestError, nearest
from cge.latex import cell, latex, meaning
from cge.model import Model
from cge.scenarios.economy.economy import Options, economy
from cge.structure import Structure

SHOWN = 40
"""Numbers of a cell that are shown."""


def equation(name: str, labels: Sequence[str], where: Options) -> str:
    """The equations or the quantity of a name, or the equations that determine a variable of that name.

    Args:
        name: of an equation, a quantity or a variable.
        labels: of one cell, in the order of its axes, to show with its numbers; none for the formula alone.
        where: benchmark whose numbers, and closure that brings the blocks of the structure.

    Raises:
        RequestError: a name or a label that is not known, or labels that do not fit.
    """
    place = economy(**where)
    chosen = place.closure
    found = _of_name(chosen.structure(), name)
    told = [_told(chosen.structure(), one) for one in found]
    if labels:
        model = Model(place.parameters, chosen.structure())
        told += _cells(model, [one for one in found if isinstance(one, Equation)], labels)
    return "\n\n".join(told)


def _of_name(structure: Structure, name: str) -> list[Equation | Quantity]:
    if name in structure.equations:
        return [structure.equations[name]]
    if name in structure.quantities:
        return [structure.quantities[name]]
    found: list[Equation | Quantity] = [
        one for one in structure.equations.values() if one.pairs.name == name and not one.name.startswith("moved_")
    ]
    if not found:
        known = {*structure.equations, *structure.quantities, *structure.variables}
        raise RequestError([f"there is no equation, quantity or variable {name!r}{nearest(name, known)}"])
    return found


def _told(structure: Structure, one: Equation | Quantity) -> str:
    head = f"{one.name} ({one.home})"
    if isinstance(one, Equation):
        head += f": determines {one.pairs.name}[{', '.join(one.pairs.dims)}]" + (", defines it" if one.defines else "")
    return f"{head}\n\n  {latex(structure, one.name)}\n\n{meaning(one)}"


def _cells(model: Model, equations: Sequence[Equation], labels: Sequence[str]) -> list[str]:
    """One cell of those of the equations that exist there, at the benchmark."""
    if not equations:
        raise RequestError(["a quantity has no cell of its own; name an equation, or a variable"])
    dims = equations[0].pairs.dims
    if len(labels) != len(dims):
        raise RequestError([f"give a label for each of {', '.join(dims) or 'no axes'}, not {len(labels)} labels"])
    faults = [
        f"{label} is no {axis}{nearest(label, model.axis_labels[axis])}"
        for axis, label in zip(dims, labels, strict=True)
        if label not in model.axis_labels[axis]
    ]
    if faults:
        raise RequestError(faults)
    index = tuple(model.axis_labels[axis].index(label) for axis, label in zip(dims, labels, strict=True))
    told = []
    for one in equations:
        if model.rows(one)[index]:
            found = cell(model, one.name, index, model.benchmark)
            rows = [f"  {name} = {number:.8g}" for name, number in found.read.items()]
            more = [f"  and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
            head = f"{one.name}[{', '.join(labels)}] at the benchmark: {found.left:.10g} = {found.right:.10g}, from"
            told.append("\n".join([head, *rows[:SHOWN], *more]))
    return told or [f"it does not exist at {', '.join(labels)}"]
