"""The command that runs many scenarios, values and draws."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cge.errors import RequestError
from cge.scenarios.economy.options import Options
from cge.scenarios.screen.console import console
from cge.scenarios.screen.told import FAILED, STOPPED, told

from .options import takes_setting


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(takes_setting(batch))


def batch(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Scenarios, or files.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A batch file, in place of names and options.")] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary", metavar="KEY=VALUES", help="A number that varies: add=0,10,20, add=0:60:10, SCENARIO.add=0,10."
        ),
    ] = None,
    draws: Annotated[int | None, typer.Option("--draws", help="Draws of elasticities.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the draws.")] = 1,
    tables: Annotated[str, typer.Option("--tables", help="Tables to keep, with commas between them.")] = "welfare",
    workers: Annotated[int | None, typer.Option("--workers", help="Local processes; 0 for this one alone.")] = None,
    dask: Annotated[str | None, typer.Option("--dask", help="Address of a Dask scheduler to use.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; results/batch or the file's name.")] = None,
    *,
    where: Options,
) -> None:
    """Run many scenarios, values and draws; the same command again runs what is missing."""
    folder = out or Path("results") / (file.stem if file else "batch")
    with told():
        from cge.scenarios.economy.economy import economy
        from cge.scenarios.economy.plan import plan, read_plan, read_vary
        from cge.scenarios.screen.batch import summary
        from cge.scenarios.screen.progress import counted

        if file and (names or vary or draws):
            raise RequestError([f"{file} says what is run; give it alone, or names, --vary and --draws without --file"])
        drawn = None if draws is None else {"number": draws, "seed": seed}
        asked = (names or [], [read_vary(text) for text in vary or ()], drawn, tables.split(","))
        chosen = read_plan(file) if file else plan(*asked)
        try:
            with counted() as watch:
                place = economy(**where, progress=watch)
                done = place.batch(chosen, folder, workers=workers, dask=dask, progress=watch)
        except KeyboardInterrupt:
            console(stderr=True).print(f"stopped; the same command goes on from what is in {folder}")
            raise typer.Exit(STOPPED) from None
        screen = console()
        for part in summary(done):
            screen.print(part)
        screen.print(f"files: {folder}/runs.csv and one a table; {folder}/jobs/ holds them run by run", markup=False)
        if len(done.failures):
            raise typer.Exit(FAILED)
