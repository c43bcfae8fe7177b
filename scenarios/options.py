"""The options of a setting on the command line, written once for every command that takes them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from .economy.options import Options

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
        typer.Option("--structure", metavar="BLOCK", help="Block of equations to add; may be repeated."),
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
