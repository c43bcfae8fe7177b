"""Steps of recipes that only the world of 2022 has: its table of economies from the raw data, and its aggregations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cge.calibration.benchmark import Benchmark
from cge.calibration.log import Entry, Log
from cge.errors import RequestError

from .build import Aggregation, aggregated, economies


def countries(table: Any, folder: Path, shared: str = "../shared") -> tuple[Benchmark, Log]:
    """The benchmark of 81 economies x 28 sectors from the raw data.

    Args:
        table: what came before; nothing.
        folder: of the recipe; `shared` is relative to it, or to where the command runs.
        shared: folder that holds `data/`.

    Raises:
        DataError: a raw table is absent.
    """
    place = next((p for p in (folder / shared, Path(shared)) if (p / "data").is_dir()), folder / shared)
    made, log, _ = economies(place)
    rows = log.itertuples(index=False)
    return made, Log(tuple(Entry(str(r.what), str(r.where), why=f"{r.by_how_much}; {r.why}") for r in rows))


def aggregation(table: Benchmark, folder: Path, regions: str, sectors: str) -> tuple[Benchmark, Log]:
    """A published aggregation: columns of regions.csv (r29, r12) and sectors.csv (s28, s12)."""
    if not isinstance(table, Benchmark):
        raise RequestError(["it joins a benchmark; put world2022:countries before it"])
    joined = aggregated(table, Aggregation("", regions, sectors))
    size = f"{len(joined.regions)} regions x {len(joined.sectors)} sectors"
    return joined, Log.of(Entry("regions and sectors joined", f"{regions}, {sectors}", why=size))
