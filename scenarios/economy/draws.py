"""What is uncertain and how far: distributions of elasticities and rates, correlated, and points that are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator
from scipy.stats import norm, triang

from cge.calibration.draws import Distribution
from cge.calibration.errors_of_trade import common_of_studies, of_quartiles, of_standard_errors, shift
from cge.calibration.matching import Choice
from cge.calibration.points import QUADRATURES, Method, correlated, points
from cge.calibration.rules import RULES
from cge.errors import RequestError, nearest
from cge.scenarios.names.vocabulary import Frozen

from .setting import Setting

TABLE, ERRORS = "quartiles", "standard-errors"
STUDIES: Literal["studies"] = "studies"


class Spread(Frozen):
    """How uncertain one kind of number is.

    Attributes:
        parameter: an elasticity, such as esubm; or
        rate: a key of a shock that holds a number, such as add.
        labels: sectors or factors that are uncertain; all if not given.
        together: elasticities that keep their ratio to the parameter, such as esubd with esubm.
        distribution: lognormal (the value is the median), or normal, triangular or uniform around the value.
        sd: standard deviation: of the logarithm if lognormal, else in the number's own unit; `20 %` is a share of the
            value. `quartiles`: by the sets lower and upper. `standard-errors`: published ones, of esubm.
        common: share of the variance that all labels have in common, 0 to 1; `studies`: as studies differ.
        shock, scenario: of a rate: which shock, the first is 1; of which scenario, every one if not given.
    """

    parameter: str = ""
    rate: str = ""
    labels: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    distribution: Literal["lognormal", "normal", "triangular", "uniform"] = "lognormal"
    sd: float | str = TABLE
    common: float | Literal["studies"] = 0.0
    shock: int = Field(default=1, ge=1)
    scenario: str | None = None

    @field_validator("labels", "together", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _sound(self) -> Spread:
        if bool(self.parameter) == bool(self.rate):
            raise ValueError("name a parameter (an elasticity) or a rate (a key of a shock), one of the two")
        for name in (self.parameter, *self.together):
            if name and name not in RULES:
                raise ValueError(f"there is no elasticity {name!r}{nearest(name, RULES)}")
        if isinstance(self.common, float) and not 0.0 <= self.common < 1.0:
            raise ValueError(f"common {self.common:g} is a share of the variance; give 0 to less than 1")
        if isinstance(self.sd, str) and self.sd not in (TABLE, ERRORS) and self.share is None:
            raise ValueError(f"sd {self.sd!r} is none; give a number, 20 %, {TABLE} or {ERRORS}")
        size = self.sd if isinstance(self.sd, float) else self.share
        if size is not None and not 0.0 < size < 100.0:
            raise ValueError(f"sd {self.sd} is out of range; give a positive number")
        if self.rate and (self.labels or self.together or (self.share is None and not isinstance(self.sd, float))):
            raise ValueError("a rate has no labels and nothing together, and its sd is a number or a per cent of it")
        if self.sd == ERRORS and self.parameter != "esubm":
            raise ValueError(f"{ERRORS} are published of esubm alone; give another sd of {self.parameter}")
        return self

    @property
    def share(self) -> float | None:
        """The share of the value that `20 %` is."""
        text = self.sd.removesuffix("%").strip() if isinstance(self.sd, str) and self.sd.endswith("%") else ""
        try:
            return float(text) / 100.0
        except ValueError:
            return None


BORDER = Spread(parameter="esubm", together=("esubd",), sd=TABLE, common=STUDIES)
"""Trade elasticities as six studies differ: log-normal, with what a study has in common in all sectors, and the rule of
two between home goods and imports."""


class Correlation(Frozen):
    """How two kinds of numbers go together: those of the same label, or all where the labels are of different axes.

    Attributes:
        between: a parameter or rate, and another.
        value: correlation, above -1 and below 1.
    """

    between: tuple[str, str]
    value: float = Field(gt=-1.0, lt=1.0)


class Draws(Frozen):
    """Draws of uncertain numbers; every cell of the batch is run at each, and at the default as draw 0.

    Attributes:
        number: how many; quadratures have their own number.
        seed: of the random numbers.
        method: latin-hypercube or sobol; or a quadrature, stroud (twice as many as there are uncertain numbers) or
            liu (four times).
        of: what is uncertain. If not given, samples lie between the sets lower and upper (`distribution`), and
            quadratures are of `BORDER`.
        correlations: between different kinds.
        distribution: without `of`: triangular with the default as its mode, or uniform.
    """

    number: int | None = Field(default=None, ge=1)
    seed: int = Field(default=1, ge=0)
    method: Method = "latin-hypercube"
    of: tuple[Spread, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    distribution: Distribution = "triangular"

    @model_validator(mode="after")
    def _whole(self) -> Draws:
        if self.method in QUADRATURES and self.number is not None:
            raise ValueError(f"{self.method} says itself how many draws there are; leave out number")
        if self.method not in QUADRATURES and self.number is None:
            raise ValueError(f"{self.method} needs a number of draws, such as 200")
        known = {spread.parameter or spread.rate for spread in self.spreads}
        lost = [name for pair in self.correlations for name in pair.between if name not in known]
        if lost:
            raise ValueError(f"correlations name {lost[0]!r}{nearest(lost[0], known)}, which is not uncertain here")
        return self

    @property
    def spreads(self) -> tuple[Spread, ...]:
        """What is uncertain, by distributions."""
        return self.of or (BORDER,)

    @property
    def between_sets(self) -> bool:
        """Whether draws are those between the lower and the upper set, independent by sector."""
        return not self.of and not self.correlations and self.method == "latin-hypercube"


@dataclass(frozen=True)
class Uncertain:
    """One uncertain number.

    Attributes:
        name: such as esubm.STL.
        spread: that it belongs to.
        label: its sector or factor; empty for a rate or a number without labels.
        value: by default.
        sd: standard deviation, of the logarithm if lognormal.
    """

    name: str
    spread: Spread
    label: str
    value: float
    sd: float

    def at(self, place: float, *, linear: bool) -> float:
        """The value at a standard normal number; where `linear`, moments of the first order are exact."""
        low = shift(self.spread.parameter)
        if self.spread.distribution == "lognormal":
            return float(low + (self.value - low) * np.exp(self.sd * place))
        if linear or self.spread.distribution == "normal":
            return self.value + self.sd * place
        share = float(norm.cdf(place))
        if self.spread.distribution == "uniform":
            return float(self.value + np.sqrt(3.0) * self.sd * (2.0 * share - 1.0))
        return float(self.value + np.sqrt(6.0) * self.sd * (2.0 * float(triang.ppf(share, 0.5)) - 1.0))


@dataclass(frozen=True)
class Drawn:
    """One draw.

    Attributes:
        elasticities: labelled values.
        rates: by spread, of shocks.
        factors: standard normal number by name of the uncertain number.
    """

    elasticities: xr.Dataset
    rates: Mapping[Spread, float] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)


def uncertain(draws: Draws, where: Setting, rates: Mapping[Spread, float]) -> list[Uncertain]:
    """The uncertain numbers on a setting, those without a spread left out.

    Args:
        draws: distributions.
        where: benchmark and elasticities.
        rates: default values of the rates.

    Raises:
        RequestError: labels that are not known, and what cannot be uncertain.
    """
    found, faults = [], []
    for spread in draws.spreads:
        if spread.rate:
            found.append(Uncertain(spread.rate, spread, "", rates[spread], _size(spread, rates[spread], 0.0)))
            continue
        array = where.elasticities[spread.parameter]
        axis = RULES[spread.parameter].index
        known = [str(label) for label in array[axis].values] if axis else [""]
        faults += [f"{spread.parameter} has no {axis} {label!r}{nearest(label, known)}" for label in spread.labels
                   if label not in known]  # fmt: skip
        told = _told(spread, where)
        for label in known if not spread.labels else [each for each in known if each in spread.labels]:
            values = array.sel({axis: label}) if axis else array
            value = float(values.mean())
            size = _size(spread, value, told.get(label, 0.0))
            if not np.isfinite(value) or (spread.distribution == "lognormal" and value <= shift(spread.parameter)):
                faults.append(f"{spread.parameter} {label} is {value:g}, which has no such distribution; leave it out")
            elif size > 0.0:
                found.append(Uncertain(".".join(filter(None, (spread.parameter, label))), spread, label, value, size))
    if not found and not faults:
        faults.append("nothing is uncertain: no number has a spread")
    if faults:
        raise RequestError(faults)
    return found


def _told(spread: Spread, where: Setting) -> dict[str, float]:
    """Standard deviations that are published, by label: of the logarithm, or shares of theta."""
    if spread.sd == ERRORS:
        array = of_standard_errors(where.benchmark)
    elif spread.sd == TABLE:
        name = where.names["elasticities"]
        choice = Choice.read(name) if name.endswith(".csv") else Choice()
        array = of_quartiles(where.benchmark, choice, spread.parameter)
    else:
        return {}
    if not array.dims:
        return {"": float(array)}
    axis = str(array.dims[-1])
    array = array.mean([dim for dim in array.dims if dim != axis])
    return {str(label): float(array.sel({axis: label})) for label in array[axis].values}


def _size(spread: Spread, value: float, told: float) -> float:
    """Standard deviation of one number, of its logarithm if lognormal."""
    logs = spread.distribution == "lognormal"
    if spread.sd == TABLE:
        return told if logs else told * (value - shift(spread.parameter))
    if spread.sd == ERRORS:
        return float(np.sqrt(np.log1p(told**2))) if logs else told * (value - 1.0)
    if spread.share is not None:
        return float(np.sqrt(np.log1p(spread.share**2))) if logs else spread.share * abs(value)
    return float(spread.sd)


def correlation(draws: Draws, numbers: Sequence[Uncertain]) -> NDArray[np.float64]:
    """Correlation of the uncertain numbers [number, number]."""
    shares = {s: common_of_studies() if s.common == STUDIES else float(s.common) for s in draws.spreads}
    pairs = {frozenset(pair.between): pair.value for pair in draws.correlations}
    result = np.eye(len(numbers))
    for i, one in enumerate(numbers):
        for j, other in enumerate(numbers[:i]):
            a, b = one.spread, other.spread
            if a is b:
                value = shares[a]
            else:
                names = frozenset((a.parameter or a.rate, b.parameter or b.rate))
                value = pairs.get(names, 0.0)
                axes = {RULES[s.parameter].index if s.parameter else "" for s in (a, b)}
                if len(axes) == 1 and one.label != other.label:
                    value *= np.sqrt(shares[a] * shares[b])
            result[i, j] = result[j, i] = value
    return result


def drawn(draws: Draws, where: Setting, rates: Mapping[Spread, float]) -> dict[int, Drawn]:
    """Draws by number, from 1.

    Raises:
        RequestError: correlations that contradict each other, values out of the range of an elasticity, and faults of
            `uncertain`.
    """
    numbers = uncertain(draws, where, rates)
    names = [number.name for number in numbers]
    independent = points(draws.method, len(numbers), draws.number, draws.seed)
    places = correlated(independent, correlation(draws, numbers), names)
    linear = draws.method in QUADRATURES
    values = np.array([[n.at(x, linear=linear) for n, x in zip(numbers, row, strict=True)] for row in places])
    _refuse_outside(numbers, values)
    result = {}
    for k, (row, factors) in enumerate(zip(values, places, strict=True), start=1):
        found = Drawn(where.elasticities, {}, dict(zip(names, map(float, factors), strict=True)))
        result[k] = at(numbers, row, found, where)
    return result


def at(numbers: Sequence[Uncertain], values: NDArray[np.float64], found: Drawn, where: Setting) -> Drawn:
    """A draw with its elasticities and rates at values of the uncertain numbers."""
    new, rates = where.elasticities.copy(deep=True), {}
    for number, value in zip(numbers, values, strict=True):
        spread = number.spread
        if spread.rate:
            rates[spread] = float(value)
            continue
        place = {RULES[spread.parameter].index: number.label} if number.label else {}
        for name in (spread.parameter, *spread.together):
            new[name].loc[place] = new[name].loc[place] * (value / number.value)
    return Drawn(new, rates, found.factors)


def _refuse_outside(numbers: Sequence[Uncertain], values: NDArray[np.float64]) -> None:
    faults = []
    for k, number in enumerate(numbers):
        if not (name := number.spread.parameter):
            continue
        rule, low, high = RULES[name], float(values[:, k].min()), float(values[:, k].max())
        if low < rule.low or high > rule.high:
            faults.append(
                f"draws of {number.name} go from {low:.4g} to {high:.4g}, outside {rule.low:g} to {rule.high:g}; "
                "give a smaller sd, or a lognormal distribution"
            )
    if faults:
        raise RequestError(faults)
