"""The commands that solve scenarios and show them: run, compare, report, decompose, study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cge.errors import RequestError
from cge.scenarios.economy.options import STEPS, Options
from cge.scenarios.files.headings import HEADLINE
from cge.scenarios.screen.console import console
from cge.scenarios.screen.told import told

from .options import (
    AnswerOption,
    GroupsShownOption,
    JsonOption,
    Names,
    OutOption,
    OverwriteOption,
    QuietOption,
    ReuseOption,
    TableOption,
    VerboseOption,
    takes_setting,
)

if TYPE_CHECKING:
    from cge.scenarios.economy.horizons import Horizons
    from cge.scenarios.files.scenario import Scenario
    from cge.scenarios.results.results import Comparison

ALL = "all"
"""In place of a horizon: the three side by side."""


def add(app: typer.Typer) -> None:
    """Add the commands."""
    for name, command in (
        ("run", run),
        ("compare", compare),
        ("report", report_),
        ("decompose", decompose),
        ("study", study),
    ):
        app.command(name)(takes_setting(command))


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
        from cge.scenarios.results.ranges import ranges_of
        from cge.scenarios.results.shown.frames import as_json
        from cge.scenarios.screen import screen as report

        if json:
            typer.echo(as_json(results))
        if json or quiet:
            return
        sure = ranges_of(results)
        for k, result in enumerate(results):
            console().print(report.welfare(result, sure.get(k)))
        _close(results, out, said)


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
        from cge.scenarios.results.shown.papers import refuse_unwritable

        if table is not None:
            refuse_unwritable(table, overwrite=overwrite)
    _side_by_side(names, answered_by, where, out, overwrite, verbose, _words(groups_shown), table, json, quiet)


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
        from cge.scenarios.results.shown.papers import refuse_unwritable

        refuse_unwritable(file, overwrite=overwrite)
        if file.suffix != ".html":
            raise RequestError([f"{file}: a report's name ends in .html; other forms are written by compare --table"])
    if where.get("horizon") == ALL:
        results = _horizons(names, answered_by, where, out, True, overwrite, verbose).together
    else:
        results, _ = _solved(names, answered_by, where, out, True, overwrite, verbose)
    with told():
        results.write(file, _words(groups_shown), overwrite=overwrite)
        console().print(f"report: {file} ({file.stat().st_size / 1e6:.1f} MB)", markup=False)


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
        from cge.scenarios.economy.economy import economy
        from cge.scenarios.screen import screen as report
        from cge.scenarios.screen.progress import progress

        with progress(verbose) as watch:
            place = economy(**where, progress=watch)
            found = place.decompose(name, out, steps=steps, by_shock=by_shock, overwrite=overwrite, progress=watch)
        screen = console()
        screen.print(report.effects(found, name))
        screen.print(f"files: {out}/<scenario>/{TABLE}", markup=False)


def study(
    out: OutOption = Path("results"),
    overwrite: OverwriteOption = False,
    verbose: VerboseOption = False,
    *,
    where: Options,
) -> None:
    """Run the three headline policies with their variants: one welfare table, and a folder of results."""
    _side_by_side(HEADLINE, None, where, out, overwrite, verbose)


def _words(text: str) -> list[str]:
    """Names with commas between them."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _answered(names: Sequence[str], by: list[str] | None) -> Sequence[str | Scenario]:
    from cge.scenarios.files import library
    from cge.scenarios.policy.combine import answered

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
    with told():
        from cge.scenarios.economy.economy import economy
        from cge.scenarios.screen.defaults import news
        from cge.scenarios.screen.progress import progress

        with progress(verbose, silent=silent) as watch:
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
        from cge.scenarios.results.shown.frames import as_json, shown
        from cge.scenarios.screen import screen as report

        shown(results, "welfare", rows).frame.to_csv(out / "comparison.csv", index=False)
        if table is not None:
            results.write(table, rows, overwrite=overwrite)
        if json:
            typer.echo(as_json(results, rows))
        if json or quiet:
            return
        console().print(report.comparison(results, rows))
        _close(results, out, said)
        files = [out / "comparison.csv", *([table] if table else [])]
        console().print(f"table: {', '.join(map(str, files))}", markup=False)


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
    found = _horizons(names, by, where, out, reuse, overwrite, verbose)
    with told():
        from cge.scenarios.names.horizon import HORIZONS
        from cge.scenarios.screen.horizons import side_by_side

        console().print(side_by_side(found))
        for horizon in found.names:
            console().print(f"{horizon}: {HORIZONS[horizon].title}; files: {out}/{horizon}/", markup=False)


def _horizons(
    names: Sequence[str],
    by: list[str] | None,
    where: Options,
    out: Path,
    reuse: bool | None,
    overwrite: bool,
    verbose: bool,
) -> Horizons:
    """The three horizons, each with its folder of results."""
    with told():
        from cge.scenarios.economy.horizons import horizons
        from cge.scenarios.screen.progress import progress

        with progress(verbose) as watch:
            return horizons(_answered(names, by), out=out, reuse=reuse, overwrite=overwrite, progress=watch, **where)


def _close(results: Comparison, out: Path, said: str = "") -> None:
    """Print what stands under every table: rents, notes, proofs, where the files are, and what is said of defaults."""
    from cge.scenarios.results import figures
    from cge.scenarios.screen import screen as report

    screen = console()
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
        f"benchmark {first['benchmark']}{under}, {_horizon_words(results)}closure {first['closure']}, "
        f"elasticities {first['elasticities']}; files: {out}/<scenario>/",
        markup=False,
    )
    if said:
        screen.print(said, markup=False)
    if not figures.available():
        screen.print("no pictures: matplotlib is not installed (pip install matplotlib)", markup=False)


def _horizon_words(results: Comparison) -> str:
    """Horizon and financing of the results, in words."""
    proofs = [result.proof for result in results]
    words = {
        key: " or ".join(sorted({str(proof.get(key, usual)) for proof in proofs}))
        for key, usual in (("horizon", "medium"), ("financing", "as the closure says"))
    }
    paid = f"financing {words['financing']}, " if words["financing"] != "as the closure says" else ""
    named = any("horizon" in proof for proof in proofs)
    return (f"horizon {words['horizon']}, " if named else "") + paid
