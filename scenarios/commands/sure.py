"""The commands that tell how sure results are: by draws, by other settings, and a region's best reply."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cge.scenarios.economy.options import Options
from cge.scenarios.screen.console import console
from cge.scenarios.screen.told import told

from .options import Names, OutOption, OverwriteOption, takes_setting

WorkersOption = Annotated[int | None, typer.Option("--workers", help="Local processes; 0 for this one alone.")]
DaskOption = Annotated[str | None, typer.Option("--dask", help="Address of a Dask scheduler to use.")]


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(takes_setting(uncertainty))
    app.command()(takes_setting(robustness))
    app.command()(takes_setting(reply))


def uncertainty(
    names: Names,
    file: Annotated[
        Path | None, typer.Option("--file", help="What is uncertain and how it is drawn (.yaml); docs/uncertainty.md.")
    ] = None,
    how: Annotated[
        str | None, typer.Option("--how", help="latin-hypercube, sobol, stroud, liu; or delta: exact derivatives.")
    ] = None,
    draws: Annotated[int | None, typer.Option("--draws", help="Number of draws of a sample; 200.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Of the draws.")] = None,
    of: Annotated[str, typer.Option("--of", help="Outcome of --how delta, such as ev.KOR.")] = "ev.KOR",
    tables: Annotated[str, typer.Option("--tables", help="Tables that get ranges, with commas.")] = "welfare",
    interval: Annotated[float, typer.Option("--interval", help="Share of the draws between the ends.")] = 0.9,
    workers: WorkersOption = None,
    dask: DaskOption = None,
    out: OutOption = Path("results"),
    overwrite: OverwriteOption = False,
    *,
    where: Options,
) -> None:
    """Tell how sure results are: a range and the probability of a sign for every entry, and what it hangs on."""
    with told():
        from cge.scenarios.economy.delta import delta_of
        from cge.scenarios.economy.economy import economy
        from cge.scenarios.economy.uncertainty import asked, uncertain_of
        from cge.scenarios.screen import uncertainty as shown
        from cge.scenarios.screen.progress import counted

        screen = console()
        if how == "delta":
            runner = economy(**where).runner
            for name in names:
                screen.print(shown.delta(delta_of(runner, name, of, draws=file, interval=interval), name))
            return
        chosen = asked(file, how, draws, seed)
        with counted() as watch:
            runner = economy(**where, progress=watch).runner
            found = uncertain_of(
                runner, names, out, draws=chosen, tables=tables.split(","), interval=interval, workers=workers,
                dask=dask, overwrite=overwrite, progress=watch,
            )  # fmt: skip
        screen.print(shown.uncertainty(found))
        if found.told_apart:
            screen.print(shown.drivers(found))
        screen.print(f"files: {out}/uncertainty/ranges.csv, and {out}/<scenario>/ranges.csv for reports", markup=False)


def robustness(
    names: Names,
    over: Annotated[
        list[str] | None,
        typer.Option("--over", metavar="KEY=VALUES", help="horizon=short,long; closure, financing, esubm=x0.5,x1 ..."),
    ] = None,
    column: Annotated[str, typer.Option("--column", help="Of the welfare table.")] = "ev_pct",
    regions: Annotated[str, typer.Option("--regions", help="Shown, with commas; all.")] = "",
    workers: WorkersOption = None,
    dask: DaskOption = None,
    out: Annotated[Path, typer.Option("--out", help="Folder of the runs and tables.")] = Path("results/robustness"),
    *,
    where: Options,
) -> None:
    """Tell which signs and ranks survive other horizons, closures, financing, elasticities and benchmarks."""
    with told():
        from cge.scenarios.economy.economy import economy
        from cge.scenarios.economy.plan import read_vary
        from cge.scenarios.economy.robustness import robust_of
        from cge.scenarios.screen.progress import counted
        from cge.scenarios.screen.robustness import robustness as shown

        asked = {each["key"]: each["values"] for each in map(read_vary, over)} if over else None
        with counted() as watch:
            runner = economy(**where, progress=watch).runner
            found = robust_of(
                runner, names, out, over=asked, column=column, workers=workers, dask=dask, progress=watch
            )  # fmt: skip
        screen = console()
        screen.print(shown(found, [word.strip() for word in regions.split(",") if word.strip()]))
        screen.print(f"files: {out}/cells.csv, signs.csv, ranks.csv", markup=False)


def reply(
    file: Annotated[Path, typer.Argument(help="Question (.yaml): situations and options; docs/best-reply.md.")],
    workers: WorkersOption = None,
    dask: DaskOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; results/reply-FILE.")] = None,
    overwrite: OverwriteOption = False,
    *,
    where: Options,
) -> None:
    """Rank what a region may do in reply to others, over horizons and with probabilities."""
    with told():
        from cge.scenarios.economy.economy import economy
        from cge.scenarios.economy.reply import reply_of
        from cge.scenarios.screen.progress import counted
        from cge.scenarios.screen.reply import reply as shown

        folder = out or Path("results") / f"reply-{file.stem}"
        with counted() as watch:
            runner = economy(**where, progress=watch).runner
            found = reply_of(runner, file, folder, workers=workers, dask=dask, overwrite=overwrite, progress=watch)
        screen = console()
        screen.print(shown(found))
        screen.print(f"files: {folder}/options.csv, pairs.csv, and a folder a game", markup=False)
