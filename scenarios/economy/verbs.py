"""The verbs for one call: each makes an economy of its options and lets it do the work.

Whoever asks more than once of one benchmark makes an `economy` and keeps it: it is loaded, calibrated and built once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.closure import Closure
from cge.progress import Progress
from cge.scenarios.results.results import Comparison

from .economy import STEPS, More, Options, economy
from .run import Source

if TYPE_CHECKING:
    from cge.decomposition import Decomposition

    from .altertax import Altertax, Tariffs
    from .batch import Batch
    from .diff import Difference
    from .draws import Draws
    from .plan import Plan, Vary

Table = str | Path | Benchmark | None
Values = str | Path | xr.Dataset | None


def run(
    scenarios: Source | Iterable[Source],
    benchmark: Table = None,
    closure: str | Closure | None = None,
    elasticities: Values = None,
    out: str | Path | None = None,
    *,
    reuse: bool | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    **more: Unpack[More],
) -> Comparison:
    """Solve scenarios against a benchmark.

    Args:
        scenarios, out, reuse, overwrite, progress: see `Economy.run`, as for what is given back and raised.
        benchmark, closure, elasticities, more: what `economy` takes.
    """
    place = economy(benchmark, closure, elasticities, progress=progress, **more)
    return place.run(scenarios, out, reuse=reuse, overwrite=overwrite, progress=progress)


def compare(
    scenarios: Source | Iterable[Source],
    benchmark: Table = None,
    closure: str | Closure | None = None,
    elasticities: Values = None,
    out: str | Path | None = None,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    **more: Unpack[More],
) -> Comparison:
    """`run` with `reuse=True`: `overwrite` replaces only results of another scenario, setting or version."""
    place = economy(benchmark, closure, elasticities, progress=progress, **more)
    return place.compare(scenarios, out, overwrite=overwrite, progress=progress)


def decompose(
    scenario: Source,
    benchmark: Table = None,
    closure: str | Closure | None = None,
    elasticities: Values = None,
    out: str | Path | None = None,
    *,
    steps: int = STEPS,
    by_shock: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
    **more: Unpack[More],
) -> Decomposition:
    """Split the EV of a scenario into its effects.

    Args:
        scenario, out, steps, by_shock, overwrite, progress: see `Economy.decompose`.
        benchmark, closure, elasticities, more: what `economy` takes.
    """
    place = economy(benchmark, closure, elasticities, progress=progress, **more)
    return place.decompose(scenario, out, steps=steps, by_shock=by_shock, overwrite=overwrite, progress=progress)


def batch(
    scenarios: Source | Iterable[Source] | Plan,
    out: str | Path,
    *,
    vary: Vary | Mapping[str, Any] | Sequence[Vary | Mapping[str, Any]] = (),
    draws: Draws | Mapping[str, Any] | int | None = None,
    tables: str | Sequence[str] = ("welfare",),
    workers: int | None = None,
    dask: str | None = None,
    progress: Progress | None = None,
    **more: Unpack[Options],
) -> Batch:
    """Run every scenario at every value of what varies and at every draw.

    Args:
        scenarios, out, vary, draws, tables, workers, dask, progress: see `Economy.batch`.
        more: what `economy` takes.
    """
    return economy(**more).batch(
        scenarios, out, vary=vary, draws=draws, tables=tables, workers=workers, dask=dask, progress=progress
    )


def diff(
    first: Source,
    second: Source,
    benchmark: Table = None,
    elasticities: Values = None,
    *,
    closure: str | Closure | None = None,
    **more: Unpack[More],
) -> Difference:
    """What differs between two scenarios on a benchmark, without solving them.

    Args:
        first, second: see `Economy.diff`.
        benchmark, elasticities, closure, more: what `economy` takes.
    """
    return economy(benchmark, closure, elasticities, **more).diff(first, second)


def altertax(
    benchmark: Table,
    tariffs: Tariffs,
    closure: str | Closure | None = None,
    elasticities: Values = None,
    *,
    progress: Progress | None = None,
    **more: Unpack[More],
) -> Altertax:
    """Put other tariffs into a benchmark and keep its shares as far as theory allows.

    Args:
        tariffs, progress: see `cge.scenarios.economy.altertax.retaxed`.
        benchmark, closure, elasticities, more: what `economy` takes.
    """
    return economy(benchmark, closure, elasticities, progress=progress, **more).altertax(tariffs, progress=progress)
