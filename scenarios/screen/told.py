"""How the command line ends: a mistake is one message, and anything that is none is a fault of the package."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

from cge.errors import CgeError, InstallError, ModelError, SolveError

from .console import console

FAILED, MISTAKE, BUG, STOPPED = 1, 2, 3, 130
"""Exit status: a solve failed or a part is missing; a mistake in what was asked; a fault of the package; stopped."""

PARTS = ("cge", "cyipopt", "numpy", "pandas", "pyomo", "xarray")


@contextmanager
def told() -> Iterator[None]:
    """Turn a mistake, a failed solve or a fault of the package into one message and an exit status."""
    try:
        yield
    except (InstallError, ModelError, SolveError) as error:
        _print(f"not solved: {whole(error)}")
        raise typer.Exit(FAILED) from None
    except CgeError as error:
        _print(f"error: {whole(error)}")
        raise typer.Exit(MISTAKE) from None
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("cge"):
            _tell_bug(error)
        _print(f"{error}; `cge doctor` says how to repair it")
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        _print("stopped")
        raise typer.Exit(STOPPED) from None
    except BrokenPipeError:  # whoever reads has what they wanted, as with `cge list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(FAILED) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        _tell_bug(error)


def whole(error: CgeError) -> str:
    """The message of an error; where it does not hold all, the rest is in a file that it names."""
    text = str(error)
    if not error.shortened:
        return text
    rest = [error.what, *(f"  - {fault}" for fault in error.faults)] if error.what else error.faults
    return f"{text}\nall of it: {_keep('faults', chr(10).join(rest))}"


def _tell_bug(error: BaseException) -> None:
    """Say that it is a fault of the package, and where the traceback is."""
    lines = [f"Python {platform.python_version()} on {platform.platform()}"]
    for part in PARTS:
        try:
            lines.append(f"{part} {version(part)}")
        except PackageNotFoundError:
            lines.append(f"{part} is not installed")
    lines += ["cge " + " ".join(sys.argv[1:]), "", *traceback.format_exception(error)]
    file = _keep("bug", "\n".join(lines))
    first = " ".join(str(error).split())[:200]
    _print(
        f"this is a fault of the package and not of what you asked for: {type(error).__name__}: {first}\n"
        f"Please report it where you have the package from, with {file} and the files that you used (CONTRIBUTING.md)."
    )
    raise typer.Exit(BUG) from None


def _keep(what: str, text: str) -> Path:
    with tempfile.NamedTemporaryFile(
        "w", prefix=f"cge-{what}-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
    ) as file:
        file.write(text + "\n")
    return Path(file.name)


def _print(text: str) -> None:
    console(stderr=True).print(text, markup=False, style="red", soft_wrap=True)
