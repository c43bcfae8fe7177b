"""The command that reports which parts are installed."""

from __future__ import annotations

from typing import Annotated

import typer

from cge.scenarios.screen.console import console
from cge.scenarios.screen.told import FAILED


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    clean: Annotated[bool, typer.Option("--clean", help="Remove the compiled models that are kept on disk.")] = False,
) -> None:
    """Report which parts are installed, and the one command that installs or repairs each that is not."""
    from rich.table import Table

    from cge.solvers.certificate.store import Store
    from cge.solvers.install.doctor import diagnose, repair

    if clean:
        console().print(f"removed {len(Store().clean())} compiled models", markup=False)

    table = Table(box=None, pad_edge=False)
    for head in ("", "part", "version", "where", "repair it with"):
        table.add_column(head, overflow="fold")
    parts = diagnose()
    for part in parts:
        mark = "ok" if part.found else ("missing" if part.needed else "optional")
        table.add_row(mark, part.name, part.version, part.where, part.mend)
    console().print(table)
    if any(part.needed and not part.found for part in parts):
        console().print(f"repair all of it with: {' && '.join(repair(parts))}", markup=False, soft_wrap=True)
        raise typer.Exit(FAILED)
