"""The commands that tell what drives an outcome, and which policy serves it best."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cge.scenarios.economy.options import Options
from cge.scenarios.screen.console import console
from cge.scenarios.screen.told import told

from .options import OverwriteOption, VerboseOption, takes_setting


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(takes_setting(gradient))
    app.command()(takes_setting(optimum))


def gradient(
    scenario: Annotated[str, typer.Argument(help="Scenario or file; `benchmark` for the benchmark itself.")],
    of: Annotated[str, typer.Option("--of", help="Outcome and labels: ev.KOR, output.KOR.STL, trade_value.KOR.USA.")],
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="Instruments and elasticities, commas between: import_tariff, elasticity, all."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; results/gradient-SCENARIO.")] = None,
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    *,
    where: Options,
) -> None:
    """Tell how an outcome depends on every instrument and elasticity at once, exactly, at a solution."""
    with told():
        from cge.scenarios.economy.gradient import ELASTICITY
        from cge.scenarios.economy.gradient import gradient as slopes
        from cge.scenarios.screen.gradient import gradient as shown
        from cge.scenarios.screen.progress import progress

        folder = out or Path("results") / f"gradient-{Path(scenario).stem}"
        words = by or ["import_tariff", ELASTICITY]
        with progress(verbose) as watch:
            found = slopes(scenario, of, words, out=folder, overwrite=overwrite, progress=watch, **where)
        screen = console()
        screen.print(shown(found))
        screen.print(f"files: {folder}/gradient.csv, gradient.png", markup=False)


def optimum(
    file: Annotated[Path, typer.Argument(help="Question (.yaml): who chooses which rates, for what; docs/optimum.md.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder; results/optimum-FILE.")] = None,
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    *,
    where: Options,
) -> None:
    """Find the rates that serve a player best, or from which no player gains alone; write them as a scenario."""
    with told():
        from cge.scenarios.economy.optimum import optimum as search
        from cge.scenarios.screen import screen as report
        from cge.scenarios.screen.optimum import optimum as shown
        from cge.scenarios.screen.progress import progress

        folder = out or Path("results") / f"optimum-{file.stem}"
        with progress(verbose) as watch:
            found = search(file, out=folder, overwrite=overwrite, progress=watch, **where)
        screen = console()
        screen.print(shown(found))
        screen.print(report.welfare(found.result))
        screen.print(f"files: {folder}/rates.csv, verdict.csv, {found.scenario.name}.yaml (a scenario)", markup=False)
