"""Before numbers: a system is square, perfectly matched and at rest at the benchmark, or says why not."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from .errors import ModelError
from .model import Model
from .swaps import Swap
from .system import System

REPLICATION = 1e-9
"""Largest residual at the benchmark point."""

SHOWN, FEW = 6, 3

FAR, SMALL = 2.0, 500
"""A core is far above the usual one beyond this many times it, and this many more."""


def check_freed(model: Model, closure: Mapping[str, NDArray[np.bool_]]) -> None:
    """Require that what swaps free is held without them.

    Args:
        model: with its swaps.
        closure: where the closure holds and frees symbols (`Closure.held`).

    Raises:
        ModelError: naming what is free already.
    """
    faults = []
    for name in model.structure.movable:
        moved = model.constants["moved_" + name] != 0.0
        if not moved.any():
            continue
        symbol = model.symbols[name]
        held = closure.get(name, np.full(moved.shape, symbol.kind == "instrument"))
        free = [model.labels(symbol, tuple(cell)) for cell in np.argwhere(moved & ~(held & model.exists[name]))]
        if free:
            some = _some([f"{name}[{', '.join(labels)}]" for labels in free])
            faults.append(
                f"{some} ({symbol.description}) is endogenous under this closure, so no closure swap can free it"
            )
    if faults:
        raise ModelError("; ".join(faults))


def check_matching(system: System) -> None:
    """Require as many equations as unknowns, and a perfect matching between them.

    Raises:
        ModelError: naming the equations and unknowns that nothing can be paired with.
    """
    pattern = _pattern(system)
    match = np.asarray(maximum_bipartite_matching(pattern, perm_type="column"))
    if system.size == system.height and (match >= 0).all():
        return
    equations, unknowns = _culprits(system, pattern)
    named = {*equations, *unknowns}
    if stuck := [s for s in system.model.swaps if {f"held_outcome[{s.name}]", f"lever[{s.name}]"} & named]:
        raise ModelError(f"{no_solution(stuck)} (not determined: {_some(unknowns, FEW)})")
    raise ModelError(
        f"{system.height} equations for {system.size} unknowns do not pair off: the Jacobian is singular. "
        f"Too many equations among: {_some(equations)}. Not determined: {_some(unknowns)}. "
        "Check what the closure makes exogenous and endogenous: a closure swap makes one instrument endogenous for "
        "each outcome that it fixes, and that instrument must enter the equations that lost their variable."
    )


def no_solution(swaps: Sequence[Swap]) -> str:
    """What to say of swaps whose instruments cannot move what is held for them."""
    named = "; ".join(f"hold {swap.name}, free {swap.word or swap.free}" for swap in swaps)
    return (
        f"the closure swap leaves the system without a solution: {named}. The Jacobian is singular: the freed "
        "instrument does not move the outcome, or the closure fixes that already. Try another outcome, another "
        "instrument, or another closure"
    )


def warn_of_core(system: System) -> None:
    """Say, before it is tried, that a solve will take long: most definitions close circles, and none can be eliminated.

    The core of the package's closures is what defines nothing, and little more.
    """
    model = system.model
    plain = sum(int(model.rows(one).sum()) for one in model.equations.values() if not one.defines)
    core = system.core.stop - system.core.start
    if core > FAR * plain + SMALL:
        defining = {name: rows for name, rows in system.rows.items() if model.equations[name].defines}
        left = [name for name, rows in defining.items() if (rows >= system.core.start).any()]
        warnings.warn(
            f"{core:,} unknowns are left after elimination, where {plain:,} would be usual: circles of definitions are "
            f"broken at {_some(left, FEW)}. "
            f"A solve factorises a dense matrix of {8e-9 * core**2:.1f} GB at each step",
            stacklevel=2,
        )


def check_replication(system: System) -> float:
    """Require that the benchmark solves the system.

    Returns:
        The largest absolute residual at the benchmark point.

    Raises:
        ModelError: naming the worst equations.
    """
    residual = np.abs(system.residuals(system.model.benchmark))
    worst = float(np.nan_to_num(residual, nan=np.inf).max(initial=0.0))
    if worst > REPLICATION:
        raise ModelError(
            f"the model does not replicate its benchmark (largest residual {worst:.1e} > {REPLICATION:.0e}): "
            + worst_equations(system, residual)
            + ". Check the benchmark's accounting identities first (Benchmark.check)."
        )
    return worst


def worst_equations(system: System, residual: np.ndarray, count: int = SHOWN) -> str:
    """The equations with the largest residuals, in words."""
    size = np.nan_to_num(np.abs(residual), nan=np.inf)
    order = np.argsort(-size)[:count]
    return ", ".join(f"{system.row_names[k]} ({size[k]:.1e})" for k in order)


def _pattern(system: System) -> csr_array:
    """Which unknown enters which equation, seen at a point where nothing cancels by chance."""
    rng = np.random.default_rng(0)
    values = {name: array + 0.05 * rng.random(array.shape) for name, array in system.model.benchmark.items()}
    matrix = system.linearise(values).jacobian
    matrix.data = (matrix.data != 0.0).astype(float)
    matrix.eliminate_zeros()
    return matrix


def _culprits(system: System, pattern: csr_array) -> tuple[list[str], list[str]]:
    """Overconstrained equations and underdetermined unknowns (Dulmage and Mendelsohn 1958)."""
    from pyomo.contrib.incidence_analysis.dulmage_mendelsohn import dulmage_mendelsohn

    rows, columns = dulmage_mendelsohn(pattern.tocoo())
    return (
        [system.row_names[k] for k in (*rows.unmatched, *rows.overconstrained)],
        [system.column_names[k] for k in (*columns.unmatched, *columns.underconstrained)],
    )


def _some(names: list[str], count: int = SHOWN) -> str:
    shown = ", ".join(names[:count]) or "none"
    return shown + (f" and {len(names) - count:,} more" if len(names) > count else "")
