"""The model in Pyomo: one `Var` for every symbol, one `Constraint` for every equation, from the same bodies.

Exogenous symbols are variables with equal bounds, so a scenario or a closure changes bounds and never the model. So
are elasticities, except where they are zero or one, which are functional forms of their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray

from .model import Model, Values
from .notation import Symbol
from .system import System


def build(model: Model) -> pyo.ConcreteModel:
    """Build the Pyomo model at the benchmark point.

    Args:
        model: symbols and equations.

    Returns:
        A model with a variable block for every symbol and every elasticity and a constraint block for every
        equation, indexed by labels, and a constant objective: its square systems have no degree of freedom.
    """
    result = pyo.ConcreteModel(name="cge")
    everything: dict[str, Any] = {**model.constants, **model.benchmark}
    for name, (symbol, exists) in _variables(model).items():
        index = [tuple(int(k) for k in row) for row in np.argwhere(exists)]
        labels = [model.labels(symbol, key) for key in index]
        doc = f"{symbol.description} ({symbol.unit})"
        var = pyo.Var(labels, doc=doc) if symbol.dims else pyo.Var(doc=doc)
        result.add_component(name, var)
        array = everything[name].astype(object)
        for key, label in zip(index, labels, strict=True):
            cell = var[label] if symbol.dims else var
            number = float(array[key])
            cell.set_value(number)
            if symbol.kind != "variable":
                cell.setlb(number)
                cell.setub(number)
            array[key] = cell
        everything[name] = array
    view = model.view(everything)
    for equation in model.equations.values():
        sides: dict[tuple[str, ...], Any] = {}
        for row in np.argwhere(model.rows(equation)):
            key = tuple(int(k) for k in row)
            lhs, rhs = equation.body(view, *key)
            sides[model.labels(equation.pairs, key)] = lhs == rhs
        if equation.pairs.dims:
            constraint = pyo.Constraint(list(sides), rule=lambda _, *k, sides=sides: sides[k], doc=equation.doc)
        else:
            constraint = pyo.Constraint(expr=sides[()], doc=equation.doc)
        result.add_component("eq_" + equation.name, constraint)
    result.objective = pyo.Objective(expr=0.0)
    return result


def cells(result: pyo.ConcreteModel, model: Model) -> dict[str, NDArray[Any]]:
    """The Pyomo variables of every symbol and elasticity as arrays over its axes; None where there is none."""
    blocks = {}
    for name, (_, exists) in _variables(model).items():
        blocks[name] = np.full(exists.shape, None, dtype=object)
        blocks[name][exists] = list(getattr(result, name).values())
    return blocks


def set_point(result: pyo.ConcreteModel, system: System, values: Values) -> None:
    """Set every variable to a point: unknowns free, everything else with equal bounds.

    Args:
        result: a model that `build` made.
        system: which symbols are unknown.
        values: the point.
    """
    for name, block in cells(result, system.model).items():
        array = values[name] if name in values else system.model.constants[name]
        columns = system.columns.get(name, np.full(block.shape, -1))
        for key in np.argwhere(block != np.array(None)):
            cell, number = block[tuple(key)], float(array[tuple(key)])
            free = columns[tuple(key)] >= 0
            cell.set_value(number)
            cell.setlb(None if free else number)
            cell.setub(None if free else number)


def _variables(model: Model) -> dict[str, tuple[Symbol, NDArray[np.bool_]]]:
    """What becomes a Pyomo variable, and where."""
    symbols = {name: (symbol, model.exists[name]) for name, symbol in model.symbols.items()}
    return symbols | {
        name: (model.structure.parameters[name], model.varies(name)) for name in sorted(model.elasticities)
    }
