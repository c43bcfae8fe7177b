"""The commands for tables and benchmarks: check, calibrate, export, diff, altertax; and what shows a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cge.errors import AbsentError, RequestError, nearest
from cge.scenarios.economy.options import Options
from cge.scenarios.screen.console import console
from cge.scenarios.screen.told import MISTAKE, told

from .options import OverwriteOption, takes_setting


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(takes_setting(check))
    app.command()(calibrate)
    app.command()(export)
    app.command()(takes_setting(diff))
    app.command()(takes_setting(altertax))


def check(
    what: Annotated[str, typer.Argument(help="A benchmark or scenario by name; or a file: a table, recipe, map ...")],
    against: Annotated[str | None, typer.Option("--against", help="Benchmark or table that a map is for.")] = None,
    *,
    where: Options,
) -> None:
    """Check any file, and tell what is wrong with it, the cause first; nothing is written."""
    with told():
        from cge.calibration.file_contents import available
        from cge.scenarios.economy.economy import economy
        from cge.scenarios.files.headings import names

        file = Path(what)
        if what in available():
            _check_benchmark(what)
            return
        if what not in (known := names()):
            if not file.suffix and not file.exists():
                hint = nearest(what, [*available(), *known])
                raise RequestError([f"{what} is no benchmark, no scenario and no file{hint}; correct it"])
            if _check_file(file, against):
                return
        place = economy(**where)
        (scenario,) = place.runner.scenarios([what])
        screen = console()
        screen.print(f"{what} is sound on {place.setting.names['benchmark']}: {scenario.title}", markup=False)
        for line in place.setting.notes:
            screen.print(f"note: {line}", markup=False)


def _check_file(file: Path, against: str | None = None) -> bool:
    """Check any file but a scenario; whether it was none.

    Raises:
        RequestError: there is no such file, or no reader knows it.
    """
    from cge.calibration import check as checking
    from cge.scenarios.screen import tables

    if not file.exists():
        raise AbsentError([f"there is no file {file}; check the path"])
    if file.suffix in (".yaml", ".yml"):
        return _check_yaml(file, against)
    if file.suffix == ".nc":
        _check_benchmark(file)
        return True
    if file.suffix == ".csv" and file.read_text(encoding="utf-8-sig", errors="replace").lstrip().startswith(
        "parameter"
    ):
        from cge.calibration.elasticities import load_elasticities

        values = load_elasticities("default", file)
        console().print(f"{file} is sound: elasticities of {values.sizes['sector']} sectors", markup=False)
        return True
    found = checking.check(file)
    console().print(tables.checked(found), markup=False, soft_wrap=True)
    if not found.sound:
        raise typer.Exit(MISTAKE)
    return True


def _check_yaml(file: Path, against: str | None) -> bool:
    """A recipe or a map, by its keys."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from cge.calibration import recipe as recipes
    from cge.calibration.maps import check_map

    try:
        content = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8-sig"))
    except (YAMLError, UnicodeDecodeError):
        return False  # the scenario's reader tells it, with its line
    keys = set(content) if isinstance(content, dict) else set()
    if "steps" in keys or "inputs" in keys:
        recipe = recipes.load(file)
        console().print(f"{file} is sound: recipe of {recipe.name}, {len(recipe.steps)} steps", markup=False)
        return True
    if keys and keys <= {"regions", "sectors", "factors"}:
        notes = check_map(content, against)
        console().print("\n  . ".join([f"{file} is sound: a map", *notes]), markup=False)
        return True
    return False


def _check_benchmark(source: str | Path) -> None:
    """Check a benchmark, by name or file, and say what its labels contain that is not known."""
    from cge.calibration.benchmark import Benchmark

    table = Benchmark.load(source)
    worst = float(table.identities()["relative"].abs().max())
    screen = console()
    screen.print(f"{source} is sound: {table!r}, largest imbalance {worst:.1e} of an account", markup=False)
    for line in table.contents.unknown():
        screen.print(f"note: {line} (docs/contents.md)", markup=False)


def calibrate(
    recipe: Annotated[Path, typer.Argument(help="A recipe (.yaml); docs/own-table.md says how to write one.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder; that of the recipe's name beside it.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what the recipe did not leave itself.")
    ] = False,
    afresh: Annotated[bool, typer.Option("--afresh", help="Do every step again, changed or not.")] = False,
) -> None:
    """Make a benchmark by a recipe: benchmark, log of every change, report and proof; redo only what changed."""
    with told():
        from cge.calibration import output
        from cge.calibration import recipe as recipes

        folder = out or recipe.parent / recipe.stem
        screen = console()
        done = recipes.run(recipe, None if afresh else folder / "steps")
        paths = output.write(done, folder, overwrite=overwrite)
        for name, _, again in done.steps:
            screen.print(f"{'done' if again else 'kept'}  {name}", markup=False)
        screen.print(f"{paths['benchmark']}: {done.benchmark!r}", markup=False)
        screen.print(
            f"{len(done.log)} changes in {paths['log']}; read {paths['report']}; proof {paths['proof']}", markup=False
        )


def export(
    benchmark: Annotated[str, typer.Argument(help="Name of a benchmark, or a NetCDF file.")],
    to: Annotated[str, typer.Option("--to", help="xlsx, har or csv.")] = "xlsx",
    out: Annotated[
        Path | None, typer.Option("--out", help="File, or folder for csv; named after the benchmark.")
    ] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Write a benchmark for other programs: a workbook, a header array file, or a folder of tables."""
    with told():
        from cge.calibration.benchmark import Benchmark
        from cge.calibration.export import export as write

        table = Benchmark.load(benchmark)
        stem = Path(benchmark).stem if benchmark.endswith(".nc") else Path(benchmark).name
        target = out or Path(f"{stem}{'' if to == 'csv' else f'.{to}'}")
        console().print(f"{write(table, target, to, overwrite=overwrite)}", markup=False)


def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="Scenario or file, or a benchmark.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    *,
    where: Options,
) -> None:
    """Show what differs between two scenarios on a benchmark, or between two benchmarks."""
    with told():
        if is_benchmark(first) and is_benchmark(second):
            _diff_benchmarks(first, second)
            return
        from cge.scenarios.economy.economy import economy
        from cge.scenarios.screen import screen as report

        console().print(report.difference(economy(**where).diff(first, second)))


def _diff_benchmarks(first: str, second: str) -> None:
    """Print what differs between two benchmarks."""
    from cge.calibration import summary
    from cge.calibration.benchmark import Benchmark
    from cge.scenarios.screen import tables

    one, two = Benchmark.load(first), Benchmark.load(second)
    console().print(tables.differences(summary.differences(one, two)))


def altertax(
    tariffs: Annotated[str, typer.Argument(help="Scenario of the library, or file, that says the tariffs.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.nc", help="File to write the new benchmark to.")],
    overwrite: OverwriteOption = False,
    *,
    where: Options,
) -> None:
    """Put other tariffs into a benchmark and keep its shares as far as theory allows; write the new benchmark."""
    with told():
        from cge.scenarios.economy.altertax import refuse_to_replace
        from cge.scenarios.economy.economy import economy
        from cge.scenarios.screen.altertax import altertax as shown

        refuse_to_replace(out, overwrite=overwrite)
        made = economy(**where).altertax(tariffs)
        screen = console()
        screen.print(shown(made))
        screen.print(f"benchmark: {made.save(out, overwrite=overwrite)}", markup=False)


def is_benchmark(name: str) -> bool:
    """Whether a word names a benchmark rather than a scenario."""
    from cge.calibration.file_contents import available

    return name.endswith(".nc") or name in available()


def show_benchmark(name: str) -> None:
    """Print a benchmark."""
    from cge.calibration.benchmark import Benchmark
    from cge.scenarios.screen import tables

    console().print(tables.benchmark(Benchmark.load(name)))
