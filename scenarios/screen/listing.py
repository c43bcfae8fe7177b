"""What there is to choose from, on the screen: scenarios, agreements, and the labels of a benchmark."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cge.scenarios.files.headings import HEADLINE, POLICIES, Heading

from .console import table as table_of

if TYPE_CHECKING:
    from cge.calibration.contents import Contents
    from cge.scenarios.names.agreements import Agreement


def scenarios(found: Iterable[Heading]) -> Table:
    """Scenarios under the policies that they are of, by row of the table of policies."""
    table = table_of(
        "Scenarios, by row of the table of policies", caption="* run by `cge study`; details: cge show NAME"
    )
    table.add_column("row", justify="right")
    table.add_column("name", no_wrap=True)
    table.add_column("title")
    by_row: dict[int, list[Heading]] = {}
    for scenario in found:
        by_row.setdefault(scenario.row, []).append(scenario)
    for row, members in sorted(by_row.items()):
        table.add_row(str(row or ""), Text(POLICIES.get(row, "of no row"), style="bold"), "")
        for scenario in members:
            star = " *" if scenario.name in HEADLINE else ""
            table.add_row("", f"  {scenario.name}{star}", scenario.title)
    return table


def agreements(found: Iterable[Agreement]) -> Table:
    """Agreements with their members."""
    table = table_of("Agreements, for blocks that begin with `agreement:`", caption="details: cge show NAME")
    table.add_column("name", no_wrap=True)
    table.add_column("title")
    table.add_column("in force", justify="right")
    table.add_column("members", justify="right")
    for agreement in found:
        since = str(agreement.in_force) if agreement.in_force else "proposed"
        table.add_row(agreement.name, agreement.title, since, str(len(agreement.countries)))
    return table


AGENTS = {"C": "households", "G": "government", "I": "investment"}
"""The agents of every benchmark, in words."""

SHOWN = 8
"""Countries or products of a label that a line shows."""


def labels(name: str, contents: Contents) -> Group:
    """Regions, sectors, factors and agents of a benchmark."""
    regions = _labels(f"Regions of {name}", "countries")
    for label, region in contents.regions.items():
        regions.add_row(escape(label), escape(region.name), _few(region.countries))
    sectors = _labels(f"Sectors of {name}", "products")
    for label, sector in contents.sectors.items():
        sectors.add_row(escape(label), escape(sector.name), _few(sector.products))
    others = _labels("Factors and agents", "role")
    for label, factor in contents.factors.items():
        others.add_row(escape(label), escape(factor.name), factor.role or "not known")
    for label, words in AGENTS.items():
        others.add_row(label, words, "")
    return Group(regions, sectors, others)


def _labels(title: str, holds: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    table.add_column("label", no_wrap=True)
    table.add_column("name")
    table.add_column(holds)
    return table


def _few(codes: frozenset[str]) -> str:
    listed = sorted(codes)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return escape(", ".join(listed[:SHOWN]) + more) if listed else "not known"
