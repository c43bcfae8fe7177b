"""The command line: list, show, run, compare, decompose, study, batch, check, calibrate, export, diff, altertax,
doctor.

Exit status: 0 done; 1 a solve failed, or a part is missing; 2 a mistake in what was asked for; 3 a fault of the
package.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

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
from .economy.setting import (
    DEFAULT_BENCHMARK,
    DEFAULT_CLOSURE,
    DEFAULT_ELASTICITIES,
    DEFAULT_METHOD,
    benchmark_of,
    setting,
)
from .files.scenario import Scenario
from .names.horizon import BY, HORIZONS
from .policy.combine import answered
from .results.results import Comparison
from .results.shown.frames import shown
from .results.shown.papers import refuse_unwritable
from .screen.labels import labels_listing
from .screen.progress import counted, progress
from .screen.told import FAILED, STOPPED, told

app = typer.Typer(
    help="Counterfactuals of trade policy with a calibrated multi-region, multi-sector CGE model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ALL = "all"
"""In place of a horizon: the three side by side."""

Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Scenarios of the library, or files.")]
BenchmarkOption = Annotated[str, typer.Option("--benchmark", help="Name of a benchmark, or a NetCDF file.")]
ClosureOption = Annotated[str, typer.Option("--closure", help="Name of a closure; NAME:REGION for its numeraire.")]
ElasticitiesOption = Annotated[
    str,
    typer.Option(
        "--elasticities",
        help="a set or study; a .csv of rows that differ, or FILE.csv:SET.",
    ),
]
GroupsOption = Annotated[
    Path | None, typer.Option("--groups", metavar="FILE", help="YAML file of own groups of regions and sectors.")
]
AnswerOption = Annotated[
    list[str] | None,
    typer.Option("--answered-by", metavar="WHO", help="Who answers the tariffs with the same rate; may be repeated."),
]
HorizonOption = Annotated[
    str | None, typer.Option("--horizon", help="short, medium, long or a variant (docs/horizons.md); all: the three.")
]
FinancingOption = Annotated[
    str | None,
    typer.Option(
        "--financing", help="Who pays: lump-sum, direct-tax, consumption-tax or spending; TAX:REGION,REGION for some."
    ),
]
GroupsShownOption = Annotated[
    str,
    typer.Option("--groups-shown", metavar="NAMES", help="Groups that are rows beside the regions: cptpp,eu,asean."),
]
TableOption = Annotated[
    Path | None,
    typer.Option("--table", metavar="FILE", help="Write all results to one file: .xlsx, .csv, .parquet, .tex, .md."),
]
BaselineOption = Annotated[
    str | None, typer.Option("--baseline", help="Scenario that comes first: what is compared is the change from it.")
]
OutOption = Annotated[Path, typer.Option("--out", help="Folder of results, one folder a scenario in it.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace results that the folder holds.")]
MethodOption = Annotated[
    str, typer.Option("--method", help="newton: Newton finds the point, IPOPT certifies it; ipopt: IPOPT does it all.")
]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Show iterations, residuals and seconds by stage.")]


doors.add(app)
best.add(app)


def main() -> None:
    """Run the command line."""
    app()


@app.command("list")
def list_(benchmark: BenchmarkOption = DEFAULT_BENCHMARK) -> None:
    """List the scenarios by policy, the agreements, benchmarks and closures, and the labels of a benchmark."""
    with told():
        screen = report.console()
        screen.print(report.listing(library.load(name) for name in library.names()))
        screen.print(report.agreements_listing(agreements.load(name) for name in agreements.names()))
        screen.print(f"benchmarks: {', '.join(available())}; default {DEFAULT_BENCHMARK}")
        screen.print(labels_listing(benchmark, benchmark_of(benchmark)))
        screen.print(f"closures: {', '.join(CLOSURES)}; elasticities: {', '.join(NAMED)}")
        screen.print(f"horizons: {', '.join(HORIZONS)}; financing: {', '.join(BY)}")


@app.command()
def show(
    name: Annotated[
        str,
        typer.Argument(help="Scenario, file, agreement, closure, or benchmark; or `equation` and a name."),
    ],
    more: Annotated[
        list[str] | None, typer.Argument(help="After `equation`: its name, and labels of one cell to see its numbers.")
    ] = None,
    benchmark: BenchmarkOption = DEFAULT_BENCHMARK,
    closure: ClosureOption = DEFAULT_CLOSURE,
) -> None:
    """Show what a scenario does, with its sources, what an agreement says, what a closure or a benchmark holds.

    `cge show equation import_price` prints a formula, and `cge show equation pm KOR STL` one cell with its numbers.
    """
    with told():
        if name == "equation" and more:
            from .screen.equations import equation

            report.console().print(equation(more[0], more[1:], benchmark, closure), markup=False, soft_wrap=True)
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
def run(
    names: Names,
    answered_by: AnswerOption = None,
    baseline: BaselineOption = None,
    benchmark: BenchmarkOption = DEFAULT_BENCHMARK,
    closure: ClosureOption = DEFAULT_CLOSURE,
    elasticities: ElasticitiesOption = DEFAULT_ELASTICITIES,
    groups: GroupsOption = None,
    horizon: HorizonOption = None,
    financing: FinancingOption = None,
    out: OutOption = Path("results"),
    overwrite: OverwriteOption = False,
    method: MethodOption = DEFAULT_METHOD,
    verbose: VerboseOption = False,
) -> None:
    """Solve scenarios, print their welfare and write their results."""
    if horizon == ALL:
        with told():
            place = (benchmark, closure, elasticities, out)
            _side_by_side(_answered(names, answered_by), place, baseline, groups, financing, overwrite, method, verbose)
        return
    with told():
        from .economy.run import run as solve

        with progress(verbose) as watch:
            chosen = _answered(names, answered_by)
            place = (benchmark, closure, elasticities, out)
            said = news(benchmark, out)
            results = solve(
                chosen, *place, baseline=baseline, groups=groups, horizon=horizon, financing=financing,
                overwrite=overwrite, method=method, progress=watch,
            )  # fmt: skip
        screen = report.console()
        for result in results:
            screen.print(report.welfare(result))
        _close(results, out, said)


@app.command()
def compare(
    names: Names,
    answered_by: AnswerOption = None,
    baseline: BaselineOption = None,
    benchmark: BenchmarkOption = DEFAULT_BENCHMARK,
    closure: ClosureOption = DEFAULT_CLOSURE,
    elasticities: ElasticitiesOption = DEFAULT_ELASTICITIES,
    groups: GroupsOption = None,
    groups_shown: GroupsShownOption = "",
    table: TableOption = None,
    horizon: HorizonOption = None,
    financing: FinancingOption = None,
    out: OutOption = Path("results"),
    overwrite: OverwriteOption = False,
    method: MethodOption = DEFAULT_METHOD,
    verbose: VerboseOption = False,
) -> None:
    """Put scenarios side by side; results in the folder with the same fingerprints are not computed again.

    The table is written to comparison.csv in the folder each time, and with --table to a file of its own.
    """
    with told():
        chosen = _answered(names, answered_by)
        if table is not None:
            refuse_unwritable(table, overwrite=overwrite)
    place, rows = (benchmark, closure, elasticities, out), _words(groups_shown)
    _compare(chosen, place, overwrite, method, verbose, baseline, groups, rows, table, horizon, financing)


@app.command()
def decompose(
    name: Annotated[str, typer.Argument(help="Scenario of the library, or file.")],
    benchmark: BenchmarkOption = DEFAULT_BENCHMARK,
    closure: ClosureOption = DEFAULT_CLOSURE,
    elasticities: ElasticitiesOption = DEFAULT_ELASTICITIES,
    groups: GroupsOption = None,
    horizon: HorizonOption = None,
    financing: FinancingOption = None,
    steps: Annotated[int, typer.Option("--steps", help="Steps of the path from the benchmark.")] = 40,
    by_shock: Annotated[bool, typer.Option("--by-shock", help="Split the effects by shock of the scenario.")] = False,
    out: OutOption = Path("results"),
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Split a scenario's welfare into its effects: efficiency, terms of trade, rents and the rest."""
    with told():
        from cge.scenarios.economy import effects

        with progress(verbose) as watch:
            found = effects.decompose(
                name, benchmark, closure, elasticities, out,
                groups=groups, horizon=horizon, financing=financing, steps=steps, by_shock=by_shock,
                overwrite=overwrite, progress=watch,
            )  # fmt: skip
        screen = report.console()
        screen.print(report.effects(found, name))
        screen.print(f"files: {out}/<scenario>/{effects.TABLE}", markup=False)


@app.command()
def study(
    benchmark: BenchmarkOption = DEFAULT_BENCHMARK,
    closure: ClosureOption = DEFAULT_CLOSURE,
    elasticities: ElasticitiesOption = DEFAULT_ELASTICITIES,
    groups: GroupsOption = None,
    horizon: HorizonOption = None,
    financing: FinancingOption = None,
    out: OutOption = Path("results"),
    overwrite: OverwriteOption = False,
    method: MethodOption = DEFAULT_METHOD,
    verbose: VerboseOption = False,
) -> None:
    """Run the three headline policies with their variants: one welfare table, and a folder of results."""
    place = (benchmark, closure, elasticities, out)
    _compare(
        list(library.HEADLINE), place, overwrite, method, verbose, groups=groups, horizon=horizon, financing=financing
    )


def _words(text: str) -> list[str]:
    """Names with commas between them."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _answered(names: list[str], by: list[str] | None) -> Sequence[str | Scenario]:
    return [answered(library.load(name), by) for name in names] if by else names


def _compare(
    names: Sequence[str | Scenario],
    place: tuple[str, str, str, Path],
    overwrite: bool,
    method: str,
    verbose: bool,
    baseline: str | None = None,
    groups: Path | None = None,
    rows: Sequence[str] = (),
    table: Path | None = None,
    horizon: str | None = None,
    financing: str | None = None,
) -> None:
    if horizon == ALL:
        with told():
            _side_by_side(names, place, baseline, groups, financing, overwrite, method, verbose)
        return
    with told():
        from .economy.run import compare as solve

        said = news(place[0], place[-1])
        with progress(verbose) as watch:
            results = solve(
                names, *place, baseline=baseline, groups=groups, horizon=horizon, financing=financing,
                overwrite=overwrite, method=method, progress=watch,
            )  # fmt: skip
        report.console().print(report.comparison(results, rows))
        _close(results, place[-1], said)
        shown(results, "welfare", rows).frame.to_csv(place[-1] / "comparison.csv", index=False)
        if table is not None:
            results.write(table, rows, overwrite=overwrite)
        files = [place[-1] / "comparison.csv", *([table] if table else [])]
        report.console().print(f"table: {', '.join(map(str, files))}", markup=False)


def _side_by_side(
    names: Sequence[str | Scenario],
    place: tuple[str, str, str, Path],
    baseline: str | None,
    groups: Path | None,
    financing: str | None,
    overwrite: bool,
    method: str,
    verbose: bool,
) -> None:
    """The three horizons in one table, each with its folder of results."""
    from .economy.horizons import horizons
    from .screen.horizons import side_by_side

    with progress(verbose) as watch:
        found = horizons(
            names, *place, baseline=baseline, groups=groups, financing=financing, overwrite=overwrite, method=method,
            progress=watch,
        )  # fmt: skip
    report.console().print(side_by_side(found))
    for horizon in found.names:
        report.console().print(f"{horizon}: {HORIZONS[horizon].title}; files: {place[-1]}/{horizon}/", markup=False)


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
    benchmark: BenchmarkOption = DEFAULT_BENCHMARK,
    closure: ClosureOption = DEFAULT_CLOSURE,
    elasticities: ElasticitiesOption = DEFAULT_ELASTICITIES,
    groups: GroupsOption = None,
    horizon: HorizonOption = None,
    financing: FinancingOption = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Local processes; 0 for this one alone.")] = None,
    dask: Annotated[str | None, typer.Option("--dask", help="Address of a Dask scheduler to use.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder; results/batch or the file's name.")] = None,
) -> None:
    """Run many scenarios, values and draws; the same command again runs what is missing."""
    folder = out or Path("results") / (file.stem if file else "batch")
    with told():
        from .economy.batch import run_plan
        from .economy.plan import plan, read_plan, read_vary
        from .screen.batch import summary

        if file and (names or vary or draws):
            raise RequestError([f"{file} says what is run; give it alone, or names, --vary and --draws without --file"])
        drawn = None if draws is None else {"number": draws, "seed": seed}
        asked = (names or [], [read_vary(text) for text in vary or ()], drawn, tables.split(","))
        chosen = read_plan(file) if file else plan(*asked)
        try:
            with counted() as watch:
                where = setting(benchmark, closure, elasticities, groups, horizon, financing)
                done = run_plan(chosen, folder, where, workers=workers, dask=dask, progress=watch)
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
def check(
    what: Annotated[str, typer.Argument(help="A benchmark or scenario by name; or a file: a table, recipe, map ...")],
    benchmark: BenchmarkOption = DEFAULT_BENCHMARK,
    closure: ClosureOption = DEFAULT_CLOSURE,
    elasticities: ElasticitiesOption = DEFAULT_ELASTICITIES,
    groups: GroupsOption = None,
    horizon: HorizonOption = None,
    financing: FinancingOption = None,
    against: Annotated[str | None, typer.Option("--against", help="Benchmark or table that a map is for.")] = None,
) -> None:
    """Check any file, and tell what is wrong with it, the cause first; nothing is written."""
    with told():
        file = Path(what)
        if what in available():
            doors.check_benchmark(what)
            return
        if what not in library.names():
            if not file.suffix and not file.exists():
                hint = nearest(what, [*available(), *library.names()])
                raise RequestError([f"{what} is no benchmark, no scenario and no file{hint}; correct it"])
            if doors.check(file, against):
                return
        from .economy.run import Runner

        where = setting(benchmark, closure, elasticities, groups, horizon, financing)
        (scenario,) = Runner(where).scenarios([what])
        screen = report.console()
        screen.print(f"{what} is sound on {benchmark}: {scenario.title}", markup=False)
        for line in where.notes:
            screen.print(f"note: {line}", markup=False)


@app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="Scenario or file, or a benchmark.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The same.")],
    benchmark: BenchmarkOption = DEFAULT_BENCHMARK,
    elasticities: ElasticitiesOption = DEFAULT_ELASTICITIES,
    groups: GroupsOption = None,
) -> None:
    """Show what differs between two scenarios on a benchmark, or between two benchmarks."""
    with told():
        if doors.is_benchmark(first) and doors.is_benchmark(second):
            doors.diff(first, second)
            return
        from .economy.diff import diff as differ

        report.console().print(report.difference(differ(first, second, benchmark, elasticities, groups=groups)))


@app.command()
def altertax(
    tariffs: Annotated[str, typer.Argument(help="Scenario of the library, or file, that says the tariffs.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.nc", help="File to write the new benchmark to.")],
    benchmark: BenchmarkOption = DEFAULT_BENCHMARK,
    closure: ClosureOption = DEFAULT_CLOSURE,
    elasticities: ElasticitiesOption = DEFAULT_ELASTICITIES,
    overwrite: OverwriteOption = False,
) -> None:
    """Put other tariffs into a benchmark and keep its shares as far as theory allows; write the new benchmark."""
    with told():
        from .economy.altertax import altertax as changed
        from .economy.altertax import refuse_to_replace
        from .screen.altertax import altertax as shown

        refuse_to_replace(out, overwrite=overwrite)
        made = changed(benchmark, tariffs, closure, elasticities)
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
