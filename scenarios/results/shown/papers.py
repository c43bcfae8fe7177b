"""Welfare side by side for papers: LaTeX with booktabs, Markdown; and every number in long form, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from cge.errors import KeptError, RequestError
from cge.scenarios.results.folder import check_writable
from cge.scenarios.results.groups import Groups
from cge.scenarios.results.results import Comparison
from cge.scenarios.results.table import Column

from . import spreadsheet
from .frames import long, needs, side_by_side

NEEDED = {".parquet": ("pyarrow",), ".html": ("jinja2", "altair", "vl_convert")}
"""Optional parts by the ending of a file's name."""

WELFARE = ("ev_musd", "ev_pct")

LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


def latex(results: Comparison, columns: Sequence[str] = WELFARE, groups: Groups = ()) -> str:
    """A tabular with booktabs' rules; scenarios over their columns, units in the head, groups under a rule."""
    of, frame = side_by_side(results, columns, groups)
    count, regions = len(of), len(results.results[0].welfare)
    over = " & ".join(rf"\multicolumn{{{count}}}{{c}}{{{_latex(name)}}}" for name in results.names)
    rules = "".join(rf"\cmidrule(lr){{{3 + k * count}-{2 + (k + 1) * count}}}" for k in range(len(results)))
    heads = " & ".join([*(_latex(f"{c.heading}, {c.unit}") for c in of)] * len(results))
    rows = [" & ".join([*map(_latex, index), *cells]) + r" \\" for index, cells in _cells(of, frame)]
    lines = [
        "% needs \\usepackage{booktabs}",
        rf"\begin{{tabular}}{{ll{'r' * count * len(results)}}}",
        r"\toprule",
        rf" & & {over} \\",
        rules,
        rf"region & name & {heads} \\",
        r"\midrule",
        *rows[:regions],
        r"\midrule",
        *rows[regions:],
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def markdown(results: Comparison, columns: Sequence[str] = WELFARE, groups: Groups = ()) -> str:
    """A table of Markdown with pipes; scenarios and units in the head."""
    of, frame = side_by_side(results, columns, groups)
    heads = [piped(f"{name}: {c.heading}, {c.unit}") for name in results.names for c in of]
    lines = ["| region | name | " + " | ".join(heads) + " |", "|---|---|" + "--:|" * len(heads)]
    lines += ["| " + " | ".join([*map(piped, index), *cells]) + " |" for index, cells in _cells(of, frame)]
    return "\n".join(lines) + "\n"


def _cells(of: Sequence[Column], frame: pd.DataFrame) -> list[tuple[tuple[str, str], list[str]]]:
    return [
        ((str(index[0]), str(index[1])), [of[k % len(of)].shown(value) for k, value in enumerate(row)])
        for index, row in zip(frame.index.tolist(), frame.to_numpy(dtype=float).tolist(), strict=True)
    ]


def _latex(text: str) -> str:
    return "".join(LATEX.get(letter, letter) for letter in text)


def piped(text: str) -> str:
    """A text for Markdown, on one line, in a table too."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", r"\|")
    return " ".join(plain.split())


def write(results: Comparison, file: Path, groups: Groups = (), *, overwrite: bool = False) -> Path:
    """Write results to one file, in the form that its name says.

    .xlsx: every table; .csv, .parquet: every number in long form; .tex: welfare side by side; .md: an annex with
    the answers in words; .html: the report.

    Raises:
        RequestError: the name says no form, or the file cannot be written.
        KeptError: the file is there, and `overwrite` is not set.
        InstallError: the form needs an optional part.
    """
    refuse_unwritable(file, overwrite=overwrite)
    if file.suffix != ".html":
        results = Comparison(tuple(results))  # those in folders are read once
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".part-{file.name}")
    try:
        WRITERS[file.suffix](results, part, groups)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return file


def refuse_unwritable(file: Path, *, overwrite: bool) -> None:
    """Require that a file can be written, before anything is computed for it; the errors are those of `write`."""
    if file.suffix not in WRITERS:
        raise RequestError([f"{file}: a file's name ends in one of {', '.join(WRITERS)}"])
    if file.exists() and not overwrite:
        raise KeptError(f"{file} is there already and is kept; pass --overwrite (overwrite=True) or another name")
    for part in NEEDED.get(file.suffix, ()):
        needs(part, f"a file {file.suffix}")
    check_writable(file.parent)


def _parquet(results: Comparison, file: Path, groups: Groups) -> None:
    long(results, groups=groups).to_parquet(file, index=False)


def _report(results: Comparison, file: Path, groups: Groups) -> None:
    from .page import page

    file.write_text(page(results, groups), encoding="utf-8")


def _annex(results: Comparison, file: Path, groups: Groups) -> None:
    from .annex import annex

    file.write_text(annex(results, groups), encoding="utf-8")


WRITERS: dict[str, Callable[[Comparison, Path, Groups], object]] = {
    ".xlsx": spreadsheet.write,
    ".csv": lambda results, file, groups: long(results, groups=groups).to_csv(file, index=False),
    ".parquet": _parquet,
    ".tex": lambda results, file, groups: file.write_text(latex(results, groups=groups), encoding="utf-8"),
    ".html": _report,
    ".md": _annex,
}
"""Forms by the ending of a file's name."""
