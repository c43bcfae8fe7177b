"""An example or two of every command, shown under its help and in docs/commands.md."""

from __future__ import annotations

from collections.abc import Mapping

import typer

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "list": ("cge list", "cge list --benchmark world2020-12x12"),
    "show": ("cge show korea-cptpp", "cge show equation pm KOR STL"),
    "run": ("cge run us-universal-10 my.yaml", "cge run us-universal-10 --answered-by CHN --benchmark world2020-12x12"),
    "compare": (
        "cge compare korea-cptpp us-universal-10 --groups-shown cptpp,eu --table annex.xlsx",
        "cge compare korea-cptpp us-universal-10 --json",
    ),
    "report": ("cge report korea-cptpp us-universal-10 --groups-shown cptpp,eu -o report.html",),
    "decompose": ("cge decompose korea-cptpp --by-shock",),
    "study": ("cge study",),
    "batch": ("cge batch us-universal-10 --vary add=0:60:10", "cge batch korea-cptpp --draws 100"),
    "uncertainty": ("cge uncertainty us-universal-10 --how stroud", "cge uncertainty korea-cptpp --how delta"),
    "robustness": ("cge robustness korea-cptpp --over horizon=short,long --over financing=none,direct-tax",),
    "reply": ("cge reply examples/korea-best-reply.yaml --benchmark world2022-12x12",),
    "check": ("cge check my.yaml", "cge check table.csv"),
    "abatement": ("cge abatement EU27 KOR --supply low,default,high", "cge abatement EU27+KOR --prices 50,100"),
    "diff": ("cge diff korea-cptpp korea-cptpp-early",),
    "explore": ("cge explore", "cge explore --benchmark world2022-12x12 --horizon short --out my-results"),
    "altertax": ("cge altertax us-universal-10 --out new.nc",),
}
"""Lines of a terminal by command."""

STATUS: Mapping[int, str] = {
    0: "done",
    1: "a solve failed, or a part is missing",
    2: "a mistake in what was asked for",
    3: "a fault of the package",
    130: "stopped by Ctrl-C",
}
"""What the status says with which a command ends."""


def add(app: typer.Typer) -> None:
    """Put the examples under the help of their commands."""
    for command in app.registered_commands:
        name = command.name or (command.callback.__name__ if command.callback else "")
        if name in EXAMPLES:
            command.epilog = "Examples: " + "; ".join(EXAMPLES[name])
