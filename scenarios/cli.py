"""The command line: list, show, run, compare, report, explore, decompose, study, batch, check, calibrate, export, diff,
altertax, doctor.

Exit status: 0 done; 1 a solve failed, or a part is missing; 2 a mistake in what was asked for; 3 a fault of the
package.
"""

from __future__ import annotations

import typer

from .commands import best, explore, installed, listing, many, solving, sure, tables
from .screen import examples

app = typer.Typer(
    help="Counterfactuals of trade policy with a calibrated multi-region, multi-sector CGE model.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

for commands in (listing, solving, many, sure, tables, best, explore, installed):
    commands.add(app)
examples.add(app)


def main() -> None:
    """Run the command line."""
    app()
