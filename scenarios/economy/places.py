"""The settings of a batch whose closure, baseline, benchmark, horizon, financing, structure or elasticities vary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import xarray as xr

from cge.equations.structures import BLOCKS
from cge.errors import DataError, RequestError, SolveError, nearest
from cge.scenarios.names.horizon import Financing

from .baseline import rebased
from .plan import NONE, SETTING, Vary, factor
from .run import Runner
from .setting import Setting, setting

OWN = "own"
"""What a setting calls elasticities that were given as values."""


@dataclass(frozen=True)
class Place:
    """A setting that a batch runs on.

    Attributes:
        point: values of what varies.
        runner: none where the values contradict each other, or their baseline has no solution.
        reason: why there is none.
    """

    point: dict[str, Any]
    runner: Runner | None
    reason: str = ""


def places(runner: Runner, vary: Sequence[Vary]) -> list[Place]:
    """Every combination of the parts of a setting that vary; the runner's own alone if none does.

    Raises:
        RequestError: values that cannot be even alone, all of them; parts that the setting has fixed already.
    """
    own = [each for each in vary if each.of != "shock"]
    labels = [each.label for each in own]
    faults = [f"{label} varies twice; name it once" for label in labels if labels.count(label) > 1]
    fixed = runner.setting.names
    faults += [
        f"{each.key} is {fixed[each.key]} in the setting and varies too; give it once"
        for each in own
        if each.key in ("baseline", "horizon", "financing") and each.key in fixed
    ]
    if "baseline" in fixed:
        faults += [
            f"{each.key} varies, and the setting's baseline {fixed['baseline']} is solved already; give the baseline "
            "as what varies, with this one value"
            for each in own
            if each.of == "setting" and each.key != "baseline"
        ]
    if faults:
        raise RequestError(dict.fromkeys(faults))
    _check_alone(runner, own)
    return [
        _place(runner, dict(zip(labels, values, strict=True))) for values in product(*(each.values for each in own))
    ]


def _check_alone(runner: Runner, vary: Sequence[Vary]) -> None:
    """Refuse names that are wrong in any combination."""
    faults: list[str] = []
    for each in vary:
        if each.key == "baseline":
            continue  # a scenario, which is solved when it is its turn
        for value in each.values:
            try:
                varied(runner.setting, {each.label: value}, runner.method)
            except (RequestError, DataError) as error:
                faults += error.faults
    if faults:
        raise RequestError(dict.fromkeys(faults))


def _place(runner: Runner, point: dict[str, Any]) -> Place:
    if not point:
        return Place(point, runner)
    try:
        return Place(point, Runner(varied(runner.setting, point, runner.method), method=runner.method))
    except (RequestError, DataError, SolveError) as error:
        return Place(point, None, str(error))


def varied(where: Setting, point: Mapping[str, Any], method: str) -> Setting:
    """A setting with other values of some of its parts.

    Args:
        where: the setting.
        point: values by key (`SETTING`, or elasticities as `Vary` names them).
        method: of the solver of a baseline.

    Raises:
        RequestError: values that are not known, or contradict each other.
        SolveError: the baseline has no certified solution.
    """
    said = {key: None if value == NONE else value for key, value in point.items() if key in SETTING}
    found = _named(where, said) if {"benchmark", "closure", "elasticities"} & set(said) else where
    if block := said.get("structure"):
        if block not in BLOCKS:
            raise RequestError([f"there is no block {block!r}{nearest(block, BLOCKS)}; use one of {', '.join(BLOCKS)}"])
        closure = replace(found.closure, blocks=tuple(dict.fromkeys((*found.closure.blocks, block))))
        found = replace(found, closure=closure, names=dict(found.names) | {"structure": block})
    financing = said.get("financing")
    found = found.at(said.get("horizon"), None if financing is None else Financing.read(financing))
    if own := {key: value for key, value in point.items() if key not in SETTING}:
        told = ", ".join(f"{key} {value}" for key, value in own.items())
        names = dict(found.names) | {"elasticities": f"{found.names['elasticities']} with {told}"}
        found = replace(found, elasticities=changed(found.elasticities, own), names=names)
        _ = found.parameters  # raises if a value is out of its range
    baseline = said.get("baseline")
    return found if baseline is None else rebased(found, baseline, method)


def _named(where: Setting, said: Mapping[str, Any]) -> Setting:
    """Another benchmark, closure or set of elasticities."""
    names = where.names
    values = said.get("elasticities", where.elasticities)
    if "benchmark" in said and "elasticities" not in said:
        if names["elasticities"] == OWN:
            raise RequestError(["elasticities given as values are for one benchmark; name a set if benchmarks vary"])
        values = names["elasticities"]
    found = setting(said.get("benchmark", where.benchmark), said.get("closure", where.closure), values)
    kept = {key: name for key, name in names.items() if key not in said}
    return replace(found, groups=where.groups, quotas=where.quotas, names={**found.names, **kept})


def changed(elasticities: xr.Dataset, values: Mapping[str, float | str]) -> xr.Dataset:
    """Elasticities with other values of some.

    Args:
        elasticities: labelled values.
        values: by `esubm` (all labels) or `esubm.STL`; a number, or a factor such as `x0.5`.

    Raises:
        RequestError: there is no such label.
    """
    result = elasticities.copy(deep=True)
    for key, value in values.items():
        name, _, label = key.partition(".")
        array = result[name]
        axis = next((str(dim) for dim in array.dims if dim != "region"), None)
        if label and (axis is None or label not in array[axis].values):
            known = [] if axis is None else [str(one) for one in array[axis].values]
            raise RequestError([f"{name} has no {axis or 'label'} {label!r}{nearest(label, known)}"])
        at = {axis: label} if label else {}
        times = factor(value)
        array.loc[at] = array.loc[at] * times if times is not None else float(value)
    return result
