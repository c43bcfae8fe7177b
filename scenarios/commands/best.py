"""The commands that tell what drives an outcome, which policy serves it best, and what prices of CO2 cut."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cge.errors import RequestError
from cge.scenarios.economy.options import Options
from cge.scenarios.screen.console import console
from cge.scenarios.screen.told import told

from .options import OverwriteOption, VerboseOption, takes_setting


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(takes_setting(gradient))
    app.command()(takes_setting(optimum))
    app.command()(takes_setting(abatement))


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


def abatement(
    regions: Annotated[list[str], typer.Argument(help="Who prices CO2, a curve each; EU27+KOR act together.")],
    prices: Annotated[str, typer.Option("--prices", help="USD a tonne of CO2, commas between.")] = "10,25,50,100,200",
    supply: Annotated[
        str, typer.Option("--supply", help="Supply of fuels: low, default, high, or elasticities; commas between.")
    ] = "default",
    households: Annotated[bool, typer.Option("--households/--industry", help="Households pay too.")] = True,
    excise: Annotated[bool, typer.Option("--excise", help="Refined fuels bear an estimate of excise.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; results/abatement.")] = None,
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    *,
    where: Options,
) -> None:
    """Tell what prices of CO2 cut, leak and cost, for several supplies of fuels: curves of abatement."""
    with told():
        from cge.scenarios.economy.abatement import abatement as curves
        from cge.scenarios.screen.abatement import abatement as shown
        from cge.scenarios.screen.progress import progress

        folder = out or Path("results") / "abatement"
        with progress(verbose) as watch:
            found = curves(
                regions, _numbers(prices, "--prices"), supply.split(","), out=folder, overwrite=overwrite,
                households=households, excise=excise, progress=watch, **where,
            )  # fmt: skip
        screen = console()
        screen.print(shown(found))
        screen.print(f"files: {folder}/abatement.csv, abatement.png", markup=False)


def _numbers(text: str, option: str) -> list[float]:
    """The numbers of an option, with commas between.

    Raises:
        RequestError: a part is no number.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise RequestError([f"{option} {text!r} is not numbers with commas between, such as 10,25,50"]) from None
