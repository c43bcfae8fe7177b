"""The commands that list what there is and show one thing of it."""

from __future__ import annotations

from typing import Annotated

import typer

from cge.errors import RequestError
from cge.scenarios.economy.options import DEFAULT_BENCHMARK, Options
from cge.scenarios.screen.console import console
from cge.scenarios.screen.told import told

from .options import takes_setting


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(list_)
    app.command()(takes_setting(show))


def list_(
    benchmark: Annotated[
        str, typer.Option("--benchmark", help="Name of a benchmark, or a NetCDF file.")
    ] = DEFAULT_BENCHMARK,
) -> None:
    """List the scenarios by policy, the agreements, benchmarks and closures, and the labels of a benchmark."""
    with told():
        from cge.calibration.elasticity_sets import NAMED
        from cge.calibration.file_contents import available, contents_in
        from cge.closure import CLOSURES
        from cge.scenarios.files.headings import headings
        from cge.scenarios.names import agreements
        from cge.scenarios.names.horizon import BY, HORIZONS
        from cge.scenarios.screen import listing

        screen = console()
        screen.print(listing.scenarios(headings()))
        screen.print(listing.agreements(agreements.load(name) for name in agreements.names()))
        screen.print(f"benchmarks: {', '.join(available())}; default {DEFAULT_BENCHMARK}")
        screen.print(listing.labels(benchmark, contents_in(benchmark)))
        screen.print(f"closures: {', '.join(CLOSURES)}; elasticities: {', '.join(NAMED)}")
        screen.print(f"horizons: {', '.join(HORIZONS)}; financing: {', '.join(BY)}")


def show(
    name: Annotated[
        str,
        typer.Argument(help="Scenario, file, agreement, closure, or benchmark; or `equation` and a name."),
    ],
    more: Annotated[
        list[str] | None, typer.Argument(help="After `equation`: its name, and labels of one cell to see its numbers.")
    ] = None,
    *,
    where: Options,
) -> None:
    """Show what a scenario does, with its sources, what an agreement says, what a closure or a benchmark holds.

    `cge show equation import_price` prints a formula, and `cge show equation pm KOR STL` one cell with its numbers.
    """
    with told():
        if name == "equation" and more:
            from cge.scenarios.screen.equations import equation

            console().print(equation(more[0], more[1:], where), markup=False, soft_wrap=True)
            return
        if more:
            raise RequestError([f"show takes one name, not {1 + len(more)}; `equation` alone is followed by others"])

        from cge.closure import CLOSURES
        from cge.scenarios.files import library
        from cge.scenarios.names import agreements
        from cge.scenarios.names.horizon import HORIZONS
        from cge.scenarios.screen import screen as report

        from . import tables

        if name in HORIZONS:
            console().print(f"{name}: {HORIZONS[name].title}", markup=False)
            return
        if name in CLOSURES:
            console().print(f"{name}\n{CLOSURES[name].describe()}", markup=False)
            return
        if name in agreements.names():
            console().print(report.agreement(agreements.load(name)))
            return
        if tables.is_benchmark(name):
            tables.show_benchmark(name)
            return
        console().print(report.description(library.load(name)))
        for part in report.signs(name):
            console().print(part)
