"""The options that several commands take, each written once: those of a setting, and those of results."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cge.scenarios.economy.options import Options
from cge.scenarios.files.headings import files


def _named(begun: str) -> list[str]:
    """Scenarios of the library whose names begin so, for the shell's completion: names of files, none is read."""
    return sorted(file.stem for file in files() if file.stem.startswith(begun))


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

WHERE = "where"
"""Parameter of a command that gets what the options say."""

OPTIONS: Mapping[str, Any] = {
    "benchmark": Annotated[str | None, typer.Option("--benchmark", help="Name of a benchmark, or a NetCDF file.")],
    "closure": Annotated[
        str | None, typer.Option("--closure", help="Name of a closure, or a file; NAME:REGION for its numeraire.")
    ],
    "elasticities": Annotated[
        str | None,
        typer.Option("--elasticities", help="A set or study; a .csv of rows that differ, or FILE.csv:SET."),
    ],
    "baseline": Annotated[
        str | None,
        typer.Option("--baseline", help="Scenario that comes first: what is compared is the change from it."),
    ],
    "groups": Annotated[
        Path | None,
        typer.Option("--groups", metavar="FILE", help="YAML file of own groups of regions and sectors."),
    ],
    "horizon": Annotated[
        str | None,
        typer.Option("--horizon", help="short, medium, long or a variant (docs/horizons.md); all: the three."),
    ],
    "financing": Annotated[
        str | None,
        typer.Option(
            "--financing",
            help="Who pays: lump-sum, direct-tax, consumption-tax or spending; TAX:REGION,REGION for some.",
        ),
    ],
    "structure": Annotated[
        list[str] | None,
        typer.Option("--structure", metavar="NAME", help="gtap7, or a block of equations to add; may be repeated."),
    ],
    "method": Annotated[
        str | None,
        typer.Option("--method", help="newton: Newton finds the point, IPOPT certifies it; ipopt: IPOPT does it all."),
    ],
    "setting": Annotated[
        Path | None,
        typer.Option("--setting", metavar="FILE", help="YAML file with any of these; single options override it."),
    ],
}
"""By name, as `cge.economy` takes them."""


def takes_setting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a setting; what they say comes to its parameter `where`, as `Options`."""
    own = inspect.signature(command, eval_str=True).parameters

    def with_options(**given: Any) -> None:
        said = {name: given.pop(name) or None for name in OPTIONS}
        command(**given, **{WHERE: Options(**said)})  # type: ignore[typeddict-item]

    parameters = [parameter for name, parameter in own.items() if name != WHERE]
    kind = inspect.Parameter.KEYWORD_ONLY
    every = {parameter.name: parameter.replace(kind=kind) for parameter in parameters}
    every |= {name: inspect.Parameter(name, kind, default=None, annotation=OPTIONS[name]) for name in OPTIONS}
    with_options.__name__, with_options.__doc__ = command.__name__, command.__doc__
    with_options.__module__ = command.__module__
    with_options.__signature__ = inspect.Signature(list(every.values()))  # type: ignore[attr-defined]
    with_options.__annotations__ = {name: parameter.annotation for name, parameter in every.items()}
    return with_options
