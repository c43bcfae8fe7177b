"""The labels of a benchmark with their names in words and what they contain."""

from __future__ import annotations

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table

from cge.calibration.benchmark import Benchmark

AGENTS = {"C": "households", "G": "government", "I": "investment"}
"""The agents of every benchmark, in words."""

SHOWN = 8
"""Countries or products of a label that a line shows."""


def labels_listing(name: str, benchmark: Benchmark) -> Group:
    """Regions, sectors, factors and agents of a benchmark."""
    contents = benchmark.contents
    regions = _table(f"Regions of {name}", "countries")
    for label, region in contents.regions.items():
        regions.add_row(escape(label), escape(region.name), _few(region.countries))
    sectors = _table(f"Sectors of {name}", "products")
    for label, sector in contents.sectors.items():
        sectors.add_row(escape(label), escape(sector.name), _few(sector.products))
    others = _table("Factors and agents", "role")
    for label, factor in contents.factors.items():
        others.add_row(escape(label), escape(factor.name), factor.role or "not known")
    for label, words in AGENTS.items():
        others.add_row(label, words, "")
    return Group(regions, sectors, others)


def _table(title: str, holds: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    table.add_column("label", no_wrap=True)
    table.add_column("name")
    table.add_column(holds)
    return table


def _few(codes: frozenset[str]) -> str:
    listed = sorted(codes)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return escape(", ".join(listed[:SHOWN]) + more) if listed else "not known"
