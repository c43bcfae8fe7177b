"""The command line's doors for tables and benchmarks: check, calibrate, show, diff, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cge.calibration import summary
from cge.calibration.benchmark import Benchmark, available
from cge.errors import AbsentError
from cge.scenarios.screen import screen as report
from cge.scenarios.screen import tables
from cge.scenarios.screen.told import told

BOOKS = (".nc", ".yaml", ".yml")
MISTAKE = 2


def add(app: typer.Typer) -> None:
    """Add the doors that are commands of their own."""
    app.command()(calibrate)
    app.command()(export)


def calibrate(
    recipe: Annotated[Path, typer.Argument(help="A recipe (.yaml); docs/own-table.md says how to write one.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder; that of the recipe's name beside it.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what the recipe did not leave itself.")
    ] = False,
    afresh: Annotated[bool, typer.Option("--afresh", help="Do every step again, changed or not.")] = False,
) -> None:
    """Make a benchmark by a recipe: benchmark, log of every change, report and proof; redo only what changed."""
    from cge.calibration import output
    from cge.calibration import recipe as recipes

    with told():
        folder = out or recipe.parent / recipe.stem
        screen = report.console()
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
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Write a benchmark for other programs: a workbook, a header array file, or a folder of tables."""
    from cge.calibration.export import export as write

    with told():
        table = Benchmark.load(benchmark)
        stem = Path(benchmark).stem if benchmark.endswith(".nc") else Path(benchmark).name
        target = out or Path(f"{stem}{'' if to == 'csv' else f'.{to}'}")
        report.console().print(f"{write(table, target, to, overwrite=overwrite)}", markup=False)


def is_benchmark(name: str) -> bool:
    """Whether a word names a benchmark rather than a scenario."""
    return name.endswith(".nc") or name in available()


def show(name: str) -> None:
    """Print a benchmark."""
    report.console().print(tables.benchmark(Benchmark.load(name)))


def diff(first: str, second: str) -> None:
    """Print what differs between two benchmarks."""
    one, two = Benchmark.load(first), Benchmark.load(second)
    report.console().print(tables.differences(summary.differences(one, two)))


def check_benchmark(source: str | Path) -> None:
    """Check a benchmark, by name or file, and say what its labels contain that is not known."""
    table = Benchmark.load(source)
    worst = float(table.identities()["relative"].abs().max())
    screen = report.console()
    screen.print(f"{source} is sound: {table!r}, largest imbalance {worst:.1e} of an account", markup=False)
    for line in table.contents.unknown():
        screen.print(f"note: {line} (docs/contents.md)", markup=False)


def check(file: Path, against: str | None = None) -> bool:
    """Check any file but a scenario; whether it was none.

    Raises:
        RequestError: there is no such file, or no reader knows it.
    """
    from cge.calibration import check as checking

    if not file.exists():
        raise AbsentError([f"there is no file {file}; check the path"])
    if file.suffix in (".yaml", ".yml"):
        return _check_yaml(file, against)
    if file.suffix == ".nc":
        check_benchmark(file)
        return True
    if file.suffix == ".csv" and file.read_text(encoding="utf-8-sig", errors="replace").lstrip().startswith(
        "parameter"
    ):
        from cge.calibration.elasticities import load_elasticities

        values = load_elasticities("default", file)
        report.console().print(f"{file} is sound: elasticities of {values.sizes['sector']} sectors", markup=False)
        return True
    found = checking.check(file)
    report.console().print(tables.checked(found), markup=False, soft_wrap=True)
    if not found.sound:
        raise typer.Exit(MISTAKE)
    return True


def _check_yaml(file: Path, against: str | None) -> bool:
    """A recipe or a map, by its keys."""
    from cge.calibration import recipe as recipes
    from cge.calibration.maps import check_map

    try:
        content = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8-sig"))
    except (YAMLError, UnicodeDecodeError):
        return False  # the scenario's reader tells it, with its line
    keys = set(content) if isinstance(content, dict) else set()
    if "steps" in keys or "inputs" in keys:
        recipe = recipes.load(file)
        report.console().print(f"{file} is sound: recipe of {recipe.name}, {len(recipe.steps)} steps", markup=False)
        return True
    if keys and keys <= {"regions", "sectors", "factors"}:
        notes = check_map(content, against)
        report.console().print("\n  . ".join([f"{file} is sound: a map", *notes]), markup=False)
        return True
    return False
