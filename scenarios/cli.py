"""The command line: list, show, run, compare, report, decompose, study, batch, check, calibrate, export, diff,
altertax, doctor.

Exit status: 0 done; 1 a solve failed, or a part is missing; 2 a mistake in what was asked for; 3 a fault of the
package.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from cge.calibration.benchmark import available
from cge.calibration.elasticities import NAMED
from cge.closure import CLOSURES
from cge.errors import RequestError, nearest
from cge.scenarios.files import library
from cge.scenarios.names import agreements
from cge.scenarios.results import figures
from cge.scenarios.screen import screen as report
from cge.scenarios.screen.defaults import news

from . import best, doors
from .economy.options import STEPS, Options
from .economy.setting import DEFAULT_BENCHMARK, benchmark_of
from .files.scenario import Scenario
from .names.horizon import BY, HORIZONS
from .options import takes_setting
from .policy.combine import answered
from .results.results import Comparison
from .results.shown.frames import as_json, shown
from .results.shown.papers import refuse_unwritable
from .screen import examples
from .screen.labels import labels_listing
from .screen.progress import counted, progress
from .screen.told import FAILED, STOPPED, told

if TYPE_CHECKING:
    from .economy.economy import Economy

app = typer.Typer(
    help="Counterfactuals of trade policy with a calibrated multi-region, multi-sector CGE model.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

ALL = "all"
"""In place of a horizon: the three side by side."""


def _named(begun: str) -> list[str]:
    """Scenarios of the library whose names begin so, for the shell's completion: names of files, none is read."""
    return sorted(file.stem for file in library.files() if file.stem.startswith(begun))


Names = Annotated[
    list[str],
    typer.Argument(metavar="NAME...", help="Scenarios of the library, or files.", autocompletion=_named),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print results as JSON in place of tables.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print nothing but mistakes.")]
AnswerOption = Annotated[
    list[str] | None,
    typer.Option("--answered-by", metavar="WHO", help="Who answers the tariffs with the same rate; may be repeated."),
]
GroupsShownOption = Annotated[
    str,
    typer.Option("--groups-shown", metavar="NAMES", help="Groups that are rows beside the regions: cptpp,eu,asean."),
]
TableOption = Annotated[
    Path | None,
    typer.Option("--table", metavar="FILE", help="Write all results to one file: .xlsx, .csv, .parquet, .tex, .md."),
]
OutOption = Annotated[Path, typer.Option("--out", help="Folder of results, one folder a scenario in it.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace results that the folder holds.")]
ReuseOption = Annotated[
    bool | None,
    typer.Option("--reuse/--no-reuse", help="Read what the folder holds of the same; so unless --overwrite."),
]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Show iterations, residuals and seconds by stage.")]


def economy(**options: Any) -> Economy:
    """An economy; the solver is imported here, and by no command that needs none."""
    from .economy.economy import economy as make

    return make(**options)


doors.add(app)
best.add(app)


def main() -> None:
    """Run the command line."""
    app()


@app.command("list")
def list_(
    benchmark: Annotated[
        str, typer.Option("--benchmark", help="Name of a benchmark, or a NetCDF file.")
    ] = DEFAULT_BENCHMARK,
) -> None:
    """List the scenarios by policy, the agreements, benchmarks and closures, and the labels of a benchmark."""
    with told():
        screen = report.console()
        screen.print(report.listing(library.headings()))
        screen.print(report.agreements_listing(agreements.load(name) for name in agreements.names()))
        screen.print(f"benchmarks: {', '.join(available())}; default {DEFAULT_BENCHMARK}")
        screen.print(labels_listing(benchmark, benchmark_of(benchmark)))
        screen.print(f"closures: {', '.join(CLOSURES)}; elasticities: {', '.join(NAMED)}")
        screen.print(f"horizons: {', '.join(HORIZONS)}; financing: {', '.join(BY)}")


@app.command()
@takes_setting
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
            from .screen.equations import equation

            report.console().print(equation(more[0], more[1:], where), markup=False, soft_wrap=True)
            return
        if more:
            raise RequestError([f"show takes one name, not {1 + len(more)}; `equation` alone is followed by others"])
        if name in HORIZONS:
            report.console().print(f"{name}: {HORIZONS[name].title}", markup=False)
            return
        if name in CLOSURES:
            report.console().print(f"{name}\n{CLOSURES[name].describe()}", markup=False)
            return
        if name in agreements.names():
            report.console().print(report.agreement(agreements.load(name)))
            return
        if doors.is_benchmark(name):
            doors.show(name)
            return
        report.console().print(report.description(library.load(name)))


@app.command()
@takes_setting
def run(
    names: Names,
    answered_by: AnswerOption = None,
    out: OutOption = Path("results"),
    reuse: ReuseOption = None,
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    *,
    where: Options,
) -> None:
    """Solve scenarios, print their welfare and write their results."""
    if where.get("horizon") == ALL:
        _horizons_together(names, answered_by, where, out, reuse, overwrite, verbose)
        return
    results, said = _solved(names, answered_by, where, out, reuse, overwrite, verbose, silent=json or quiet)
    with told():
        if json:
            typer.echo(as_json(results))
        if json or quiet:
            return
        for result in results:
            report.console().print(report.welfare(result))
        _close(results, out, said)


@app.command()
@takes_setting
def compare(
    names: Names,
    answered_by: AnswerOption = None,
    groups_shown: GroupsShownOption = "",
    table: TableOption = None,
    out: OutOption = Path("results"),
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    *,
    where: Options,
) -> None:
    """Put scenarios side by side; results in the folder with the same fingerprints are not computed again.

    The table is written to comparison.csv in the folder each time, and with --table to a file of its own.
    """
    with told():
        if table is not None:
            refuse_unwritable(table, overwrite=overwrite)
    _side_by_side(names, answered_by, where, out, overwrite, verbose, _words(groups_shown), table, json, quiet)


@app.command("report")
@takes_setting
def report_(
    names: Names,
    file: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.html", help="The page.")] = Path("report.html"),
    groups_shown: GroupsShownOption = "",
    answered_by: AnswerOption = None,
    out: OutOption = Path("results"),
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    *,
    where: Options,
) -> None:
    """Write one page of HTML on scenarios: the answer in words, tables that sort and filter, charts, the proof.

    It opens from disk and asks the network for nothing. Stored results are used again; decompositions that
    `cge decompose` has put beside them are shown.
    """
    with told():
        refuse_unwritable(file, overwrite=overwrite)
        if file.suffix != ".html":
            raise RequestError([f"{file}: a report's name ends in .html; other forms are written by compare --table"])
    results, _ = _solved(names, answered_by, where, out, True, overwrite, verbose)
    with told():
        results.write(file, _words(groups_shown), overwrite=overwrite)
        report.console().print(f"report: {file} ({file.stat().st_size / 1e6:.1f} MB)", markup=False)


@app.command()
@takes_setting
def decompose(
    name: Annotated[str, typer.Argument(help="Scenario of the library, or file.")],
    steps: Annotated[int, typer.Option("--steps", help="Steps of the path from the benchmark.")] = STEPS,
    by_shock: Annotated[bool, typer.Option("--by-shock", help="Split the effects by shock of the scenario.")] = False,
    out: OutOption = Path("results"),
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    *,
    where: Options,
) -> None:
    """Split a scenario's welfare into its effects: efficiency, terms of trade, rents and the rest."""
    with told():
        from cge.scenarios.economy.decompose import TABLE

        with progress(verbose) as watch:
            place = economy(**where, progress=watch)
            found = place.decompose(name, out, steps=steps, by_shock=by_shock, overwrite=overwrite, progress=watch)
        screen = report.console()
        screen.print(report.effects(found, name))
        screen.print(f"files: {out}/<scenario>/{TABLE}", markup=False)


@app.command()
@takes_setting
def study(
    out: OutOption = Path("results"),
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    *,
    where: Options,
) -> None:
    """Run the three headline policies with their variants: one welfare table, and a folder of results."""
    _side_by_side(library.HEADLINE, None, where, out, overwrite, verbose)


def _words(text: str) -> list[str]:
    """Names with commas between them."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _answered(names: Sequence[str], by: list[str] | None) -> Sequence[str | Scenario]:
    return [answered(library.load(name), by) for name in names] if by else names


def _solved(
    names: Sequence[str],
    by: list[str] | None,
    where: Options,
    out: Path,
    reuse: bool | None,
    overwrite: bool,
    verbose: bool,
    *,
    silent: bool = False,
) -> tuple[Comparison, str]:
    """Solve, with progress on the screen, scenarios or their answered forms; and what is said of the benchmark."""
    with told(), progress(verbose, silent=silent) as watch:
        chosen = _answered(names, by)
        place = economy(**where, progress=watch)
        said = news(place.setting.names["benchmark"], out)
        return place.run(chosen, out, reuse=reuse, overwrite=overwrite, progress=watch), said


def _side_by_side(
    names: Sequence[str],
    by: list[str] | None,
    where: Options,
    out: Path,
    overwrite: bool,
    verbose: bool,
    rows: Sequence[str] = (),
    table: Path | None = None,
    json: bool = False,
    quiet: bool = False,
) -> None:
    """One table of welfare, on the screen, in the folder and, if asked for, in a file."""
    if where.get("horizon") == ALL:
        _horizons_together(names, by, where, out, True, overwrite, verbose)
        return
    results, said = _solved(names, by, where, out, True, overwrite, verbose, silent=json or quiet)
    with told():
        shown(results, "welfare", rows).frame.to_csv(out / "comparison.csv", index=False)
        if table is not None:
            results.write(table, rows, overwrite=overwrite)
        if json:
            typer.echo(as_json(results, rows))
        if json or quiet:
            return
        report.console().print(report.comparison(results, rows))
        _close(results, out, said)
        files = [out / "comparison.csv", *([table] if table else [])]
        report.console().print(f"table: {', '.join(map(str, files))}", markup=False)


def _horizons_together(
    names: Sequence[str],
    by: list[str] | None,
    where: Options,
    out: Path,
    reuse: bool | None,
    overwrite: bool,
    verbose: bool,
) -> None:
    """The three horizons in one table, each with its folder of results."""
    with told():
        from .economy.horizons import horizons
        from .screen.horizons import side_by_side

        with progress(verbose) as watch:
            found = horizons(_answered(names, by), out=out, reuse=reuse, overwrite=overwrite, progress=watch, **where)
        report.console().print(side_by_side(found))
        for horizon in found.names:
            report.console().print(f"{horizon}: {HORIZONS[horizon].title}; files: {out}/{horizon}/", markup=False)


def _close(results: Comparison, out: Path, said: str = "") -> None:
    """Print what stands under every table: rents, notes, proofs, where the files are, and what is said of defaults."""
    screen = report.console()
    if len(results.rents):
        screen.print(report.rents(results))
    if len(results.swaps):
        screen.print(report.swaps(results))
    for line in report.notes(results):
        screen.print(line)
    screen.print(report.proofs(results))
    first = results.results[0].proof
    bases = {result.proof.get("baseline") or "" for result in results}
    under = f" under {first['baseline']}" if bases != {""} and len(bases) == 1 else ""
    if len(bases) > 1:
        for result in results:
            start = result.proof.get("baseline") or "the benchmark"
            screen.print(f"{result.name} is compared with {start}", markup=False)
    screen.print(
        f"benchmark {first['benchmark']}{under}, {_horizons(results)}closure {first['closure']}, "
        f"elasticities {first['elasticities']}; files: {out}/<scenario>/",
        markup=False,
    )
    if said:
        screen.print(said, markup=False)
    if not figures.available():
        screen.print("no pictures: matplotlib is not installed (pip install matplotlib)", markup=False)


def _horizons(results: Comparison) -> str:
    """Horizon and financing of the results, in words."""
    proofs = [result.proof for result in results]
    words = {
        key: " or ".join(sorted({str(proof.get(key, usual)) for proof in proofs}))
        for key, usual in (("horizon", "medium"), ("financing", "as the closure says"))
    }
    paid = f"financing {words['financing']}, " if words["financing"] != "as the closure says" else ""
    named = any("horizon" in proof for proof in proofs)
    return (f"horizon {words['horizon']}, " if named else "") + paid


@app.command()
@takes_setting
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
        from .economy.plan import plan, read_plan, read_vary
        from .screen.batch import summary

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
            report.console(stderr=True).print(f"stopped; the same command goes on from what is in {folder}")
            raise typer.Exit(STOPPED) from None
        screen = report.console()
        for part in summary(done):
            screen.print(part)
        screen.print(f"files: {folder}/runs.csv and one a table; {folder}/jobs/ holds them run by run", markup=False)
        if len(done.failures):
            raise typer.Exit(FAILED)


@app.command()
@takes_setting
def check(
    what: Annotated[str, typer.Argument(help="A benchmark or scenario by name; or a file: a table, recipe, map ...")],
    against: Annotated[str | None, typer.Option("--against", help="Benchmark or table that a map is for.")] = None,
    *,
    where: Options,
) -> None:
    """Check any file, and tell what is wrong with it, the cause first; nothing is written."""
    with told():
        file = Path(what)
        if what in available():
            doors.check_benchmark(what)
            return
        if what not in (known := library.names()):
            if not file.suffix and not file.exists():
                hint = nearest(what, [*available(), *known])
                raise RequestError([f"{what} is no benchmark, no scenario and no file{hint}; correct it"])
            if doors.check(file, against):
                return
        place = economy(**where)
        (scenario,) = place.runner.scenarios([what])
        screen = report.console()
        screen.print(f"{what} is sound on {place.setting.names['benchmark']}: {scenario.title}", markup=False)
        for line in place.setting.notes:
            screen.print(f"note: {line}", markup=False)


@app.command()
@takes_setting
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="Scenario or file, or a benchmark.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    *,
    where: Options,
) -> None:
    """Show what differs between two scenarios on a benchmark, or between two benchmarks."""
    with told():
        if doors.is_benchmark(first) and doors.is_benchmark(second):
            doors.diff(first, second)
            return
        report.console().print(report.difference(economy(**where).diff(first, second)))


@app.command()
@takes_setting
def altertax(
    tariffs: Annotated[str, typer.Argument(help="Scenario of the library, or file, that says the tariffs.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.nc", help="File to write the new benchmark to.")],
    overwrite: OverwriteOption = False,
    *,
    where: Options,
) -> None:
    """Put other tariffs into a benchmark and keep its shares as far as theory allows; write the new benchmark."""
    with told():
        from .economy.altertax import refuse_to_replace
        from .screen.altertax import altertax as shown

        refuse_to_replace(out, overwrite=overwrite)
        made = economy(**where).altertax(tariffs)
        screen = report.console()
        screen.print(shown(made))
        screen.print(f"benchmark: {made.save(out, overwrite=overwrite)}", markup=False)


@app.command()
def doctor(
    clean: Annotated[bool, typer.Option("--clean", help="Remove the compiled models that are kept on disk.")] = False,
) -> None:
    """Tell which parts are installed, and the one command that mends each that is not."""
    from cge.solvers.certificate.store import Store
    from cge.solvers.install.doctor import diagnose, repair

    if clean:
        report.console().print(f"removed {len(Store().clean())} compiled models", markup=False)

    table = Table(box=None, pad_edge=False)
    for head in ("", "part", "version", "where", "mend it with"):
        table.add_column(head, overflow="fold")
    parts = diagnose()
    for part in parts:
        mark = "ok" if part.found else ("missing" if part.needed else "optional")
        table.add_row(mark, part.name, part.version, part.where, part.mend)
    report.console().print(table)
    if any(part.needed and not part.found for part in parts):
        report.console().print(f"mend all of it with: {' && '.join(repair(parts))}", markup=False, soft_wrap=True)
        raise typer.Exit(FAILED)


examples.add(app)
