"""What elasticities may be, whichever way they come: one table of rules for files, labelled values and draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from cge.equations.structures import BLOCKS
from cge.errors import DataError, nearest
from cge.labels import aligned

SNAP = 1e-6
"""An elasticity this near to one, or to zero, is one (or zero): there the forms of the nests change, and a mean of ones
that rounding has moved must not change them."""


@dataclass(frozen=True)
class Rule:
    """What a parameter is indexed by, its admissible range, and its meaning.

    Attributes:
        index: sector, factor, or nothing.
        low, high: the range, ends included.
        text: the meaning.
        needed: calibration needs it; else it serves to make others.
        wide: what a labelled value may be given over beside `index`; regions always.
    """

    index: str
    low: float
    high: float
    text: str
    needed: bool = True
    wide: tuple[str, ...] = ()

    @property
    def dims(self) -> tuple[str, ...]:
        """Axes that a labelled value may have."""
        return ("region", *((self.index,) if self.index else self.wide))

    def fault(self, what: str, value: float) -> list[str]:
        """What is wrong with a value of the parameter."""
        if math.isnan(value):
            return [f"{what} is no number; give {self.low:g} to {self.high:g}"]
        if not self.low <= value <= self.high:
            return [f"{what} {value:g} is out of range; give {self.low:g} to {self.high:g}"]
        return []


RULES: Mapping[str, Rule] = {
    "esubm": Rule("sector", 0.01, 10_000, "substitution among the origins of imports"),
    "esubd": Rule("sector", 0, 10_000, "substitution between home goods and imports"),
    "esubva": Rule("sector", 0, 20, "substitution among factors in value added"),
    "cet": Rule("sector", 0, math.inf, "transformation of output among markets; inf: one good"),
    "income_elasticity": Rule("sector", 0, 5, "income elasticity of household demand"),
    "income_elasticity_low": Rule("sector", 0, 5, "the same in low-income countries", needed=False),
    "income_elasticity_high": Rule("sector", 0, 5, "the same in high-income countries", needed=False),
    "eta_factor": Rule("factor", 0, math.inf, "transformation of a factor among industries"),
    "esubt": Rule("", 0, 20, "substitution between value added and intermediates", wide=("sector",)),
    "esubn": Rule("", 0, 20, "substitution among intermediate inputs", wide=("sector",)),
    "esubg": Rule("", 0, 20, "substitution among goods in government spending"),
    "esubi": Rule("", 0, 20, "substitution among goods in investment"),
    "frisch": Rule("", -50, -1, "Frisch parameter: minus spending over supernumerary spending"),
}

OF_BLOCKS: Mapping[str, Rule] = {
    name: Rule(
        "",
        given.low,
        given.high,
        given.description,
        needed=False,
        wide=tuple(a for a in given.dims if a != "region"),
    )
    for block in BLOCKS.values()
    for name, given in block.givens.items()
}
"""What blocks of a model's structure may be given, as labelled values."""


def checked(elasticities: object, labels: Mapping[str, Sequence[str]], *, what: str = "elasticities") -> xr.Dataset:
    """Labelled elasticities that keep the rules, in the order of some labels; what is nearly one or zero is.

    Args:
        elasticities: Dataset with the variables of `RULES` that calibration needs, each over some of its `dims`.
        labels: of the axes `region`, `sector` and `factor`, as far as the values have them.
        what: has the faults, for messages.

    Returns:
        The same values [any of region; sector or factor].

    Raises:
        DataError: listing every fault: what is no Dataset, parameters that are missing or unknown, labels that are
            missing or unknown, values that are no numbers or out of range.
    """
    if not isinstance(elasticities, xr.Dataset):
        told = f"elasticities are a {type(elasticities).__name__}, not an xarray.Dataset of labelled values"
        raise DataError([f"{told}; change one that `load_elasticities` or `elasticities_of` gives"], what)
    rules = {**RULES, **OF_BLOCKS}
    given = {str(name): array for name, array in elasticities.data_vars.items()}
    faults = [f"parameter {name} is unknown{nearest(name, rules)}; remove it" for name in given if name not in rules]
    faults += [
        f"parameter {name} is missing; give {rule.text} [{rule.index}]"
        for name, rule in rules.items()
        if rule.needed and name not in given
    ]
    values: dict[str, xr.DataArray] = {}
    for name, rule in rules.items():
        if name not in given:
            continue
        array = given[name]
        if array.dtype == bool:
            faults.append(f"{name} holds true and false, not numbers; give {rule.low:g} to {rule.high:g}")
            continue
        dims = [axis for axis in rule.dims if axis in array.dims]
        axes = {axis: labels.get(axis, ()) for axis in dims}
        try:
            numbers = aligned(name, array, axes if set(array.dims) == set(dims) else dict.fromkeys(rule.dims, ()))
        except DataError as error:
            faults += error.faults
            continue
        faults += _out_of_range(name, rule, numbers, axes)
        values[name] = xr.DataArray(snapped(numbers), dims=dims, coords=axes, attrs=array.attrs)
    if faults:
        raise DataError(faults, what)
    return xr.Dataset(values, attrs=elasticities.attrs)


def snapped(values: np.ndarray) -> np.ndarray:
    """Values with those that are within `SNAP` of one (or zero) at one (or zero)."""
    for whole in (0.0, 1.0):
        values = np.where(np.abs(values - whole) <= SNAP, whole, values)
    return values


def _out_of_range(name: str, rule: Rule, values: np.ndarray, axes: Mapping[str, Sequence[str]]) -> list[str]:
    faults = []
    for cell in np.argwhere(~((values >= rule.low) & (values <= rule.high))):
        place = [str(axes[axis][n]) for axis, n in zip(axes, cell, strict=True)]
        faults += rule.fault(" ".join([name, *place]) + ":", float(values[tuple(cell)]))
    return faults
