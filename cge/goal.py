"""Outcomes whose derivatives can be taken: weighted sums of cells, written on the equations' own view.

A goal is EV, an outcome that a swap may hold (`Structure.outcomes`), or one entry of a variable. Money is million USD
at the benchmark's world factor price, as everywhere in results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .accounts import MONEY, PRICES, at_benchmark
from .dual import Dual
from .errors import RequestError, nearest
from .forms import exp, log
from .household import StoneGeary
from .model import Model, Values
from .swaps import weights_of
from .views import ArrayView

EV = "ev"
NOMINAL = (*PRICES, *MONEY)
"""Variables that double when the numeraire doubles."""
Columns = Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True)
class Goal:
    """One number that a point of a model has.

    Attributes:
        name: such as "ev[KOR]".
        unit: "million USD", "kt CO2", or "index".
        body: value of a cell over the equations' view.
        cells: index arrays of its cells, one an axis.
        weights: what each cell counts.
        nominal: divided by the world factor price index.
    """

    name: str
    unit: str
    body: Callable[..., Any]
    cells: tuple[NDArray[np.int64], ...]
    weights: NDArray[np.float64]
    nominal: bool = False

    def value(self, model: Model, values: Values) -> float:
        """Its value at a point."""
        return float(np.sum(self._at(model, values, {})))

    def slopes(self, model: Model, values: Values, columns: Columns, size: int) -> NDArray[np.float64]:
        """Its derivative in everything that has a column [column]."""
        found = self._at(model, values, columns)
        return found.gradient(size) if isinstance(found, Dual) else np.zeros(size)

    def _at(self, model: Model, values: Values, columns: Columns) -> Any:
        view = ArrayView(values, model.constants, columns, model.sizes, 1, None, None, model.structure.quantities)
        with np.errstate(all="ignore"):
            found = self.body(view, *self.cells)
            if self.nominal:
                found = found / view.pworld[()]
        return found * self.weights


def goal(model: Model, name: str, labels: Mapping[str, list[str]] | None = None) -> Goal:
    """A goal by name.

    Args:
        model: that it is taken at.
        name: `ev`, a name of `Structure.outcomes`, or a variable.
        labels: labels that count by axis; all labels of an axis that is not named.

    Raises:
        RequestError: there is no such outcome, axis or label, or nothing at the benchmark.
    """
    outcomes = model.structure.outcomes
    known = [EV, *outcomes, *model.structure.variables]
    if name not in known:
        raise RequestError([f"there is no outcome {name!r}{nearest(name, known)}; take one of {', '.join(known)}"])
    dims = ("region",) if name == EV else outcomes[name].dims if name in outcomes else model.symbols[name].dims
    chosen = _chosen(model, name, dims, labels or {})
    title = f"{name}[{', '.join(_short(model, axis, chosen[axis]) for axis in dims)}]" if dims else name
    cells = tuple(np.array(k).ravel() for k in np.meshgrid(*(chosen[axis] for axis in dims), indexing="ij"))
    if name == EV:
        return Goal(title, "million USD", _ev(model), cells, np.ones(cells[0].size))
    if name in outcomes:
        outcome = outcomes[name]
        weights = weights_of(model.parameters)[name][cells]
        if not weights.any():
            raise RequestError([f"{title} is nothing at the benchmark"])
        there = tuple(k[weights != 0.0] for k in cells)
        weights = weights[weights != 0.0]
        weights = weights if outcome.unit else weights / np.abs(weights).sum()
        return Goal(title, outcome.unit or "index", outcome.body, there, weights, outcome.nominal)
    exists = model.exists[name][cells] if dims else np.ones(1, dtype=bool)
    if exists.sum() != 1:
        raise RequestError([f"{title} is {int(exists.sum())} entries of a variable; name the labels of one"])
    there = tuple(k[exists] for k in cells)
    money = name in (*NOMINAL, *model.structure.prices)
    return Goal(title, "index", lambda m, *c: getattr(m, name)[c if dims else ()], there, np.ones(1), money)


def _chosen(
    model: Model, name: str, dims: tuple[str, ...], labels: Mapping[str, list[str]]
) -> dict[str, NDArray[np.int64]]:
    faults = [f"{name} has no axis {axis}; it has {', '.join(dims)}" for axis in labels if axis not in dims]
    chosen = {}
    for axis in dims:
        known = model.axis_labels[axis]
        wanted = labels.get(axis, known)
        faults += [f"{name}: no {axis} {one!r}{nearest(one, known)}" for one in wanted if one not in known]
        chosen[axis] = np.array([known.index(one) for one in wanted if one in known], dtype=np.int64)
    if faults:
        raise RequestError(faults)
    return chosen


def _short(model: Model, axis: str, chosen: NDArray[np.int64]) -> str:
    names = [model.axis_labels[axis][k] for k in chosen]
    return "all" if len(names) == len(model.axis_labels[axis]) > 1 else "+".join(names)


def _ev(model: Model) -> Callable[..., Any]:
    r"""Equivalent variation of a region on the equations' view, million USD (see `cge.welfare`).

    Supernumerary income over the price of utility, both in current prices: the exponents add up to one, so that no
    price level matters.
    """
    household = model.structure.household
    if not isinstance(household, StoneGeary):
        raise RequestError([f"EV of this household has no derivatives here ({household.whose})"])
    wants = household.preferences(model.parameters.labelled.variables, at_benchmark(model.parameters))
    total = wants.supernumerary
    share = (wants.goods / total).transpose("region", "sector").values
    government, saving = ((part / total).values for part in (wants.government, wants.saving))
    worth = (model.parameters.labelled.variables["income0"] * total).values

    def ev(m: Any, r: Any) -> Any:
        goods = m.total(("sector",), lambda s: share[r, s], lambda s: log(m.consumer_price[r, s]))
        price = goods + government[r] * log(m.pg[r]) + saving[r] * log(m.saving_price[r])
        return worth[r] * (exp(log(m.v[r]) - price) - 1.0)

    return ev
