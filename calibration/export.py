"""A benchmark in the forms that other programs read: a workbook, a folder of text tables, a header array file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cge.errors import KeptError, RequestError, nearest

from . import summary
from .atomic import whole
from .benchmark import Benchmark
from .readers.har import Header, write_har
from .table import SCHEMA

FORMS = ("xlsx", "har", "csv")
HEADERS = {
    "domestic": "DOMS", "trade": "TRAD", "export_tax": "EXPT", "rent": "RENT", "rent_share": "RSHR",
    "margin_use": "MARU", "margin_supply": "MARS", "tariff": "TARF", "intermediate": "INTM",
    "intermediate_tax": "INTT", "final": "FINL", "final_tax": "FINT", "factor_income": "FACI", "factor_tax": "FACT",
    "output_tax": "OUTT", "direct_tax": "DIRT", "government_saving": "GSAV", "net_transfers": "NTRF",
    "emissions": "EMIS", "household_emissions": "EMIH",
}  # fmt: skip
"""Names of the accounts in a header array file, of four letters; others have their first four."""
ROWS = 1_000_000
"""Rows of a sheet that a workbook holds."""


def export(benchmark: Benchmark, path: str | Path, form: str = "", *, overwrite: bool = False) -> Path:
    """Write every account of a benchmark; the numbers are not rounded (a header array file has single precision).

    Args:
        benchmark: what is written.
        path: a file; for `csv` a folder, with one table an account.
        form: xlsx, har or csv; that of the path's suffix if empty.
        overwrite: replace what is there.

    Raises:
        RequestError: a form that is not known.
        KeptError: the file, or a folder with something in it, is there.
    """
    target = Path(path)
    form = form or target.suffix.removeprefix(".").lower()
    if form not in FORMS:
        raise RequestError([f"unknown form {form!r}{nearest(form, FORMS)}; use one of {', '.join(FORMS)}"])
    there = target.exists() and (not target.is_dir() or any(target.iterdir()))
    if there and not overwrite:
        raise KeptError(f"{target} exists and is kept; choose another name or say overwrite")
    target.parent.mkdir(parents=True, exist_ok=True)
    return {"xlsx": _workbook, "har": _har, "csv": _folder}[form](benchmark, target)


def tables(benchmark: Benchmark) -> dict[str, pd.DataFrame]:
    """Every account as a long table of the cells that are not zero: one column an axis, and value."""
    found = {}
    for name in SCHEMA:
        series = benchmark.data[name].to_series().rename("value")
        frame = series[series != 0.0].reset_index()
        if len(frame) or not SCHEMA[name].optional:
            found[name] = frame
    return found


def about(benchmark: Benchmark) -> pd.DataFrame:
    """What the labels contain: columns axis, label, name, contents."""
    contents = benchmark.contents
    rows = [("unit", contents.unit, "", str(contents.year or ""))]
    rows += [("region", r, c.name, " ".join(sorted(c.countries))) for r, c in contents.regions.items()]
    rows += [("sector", s, c.name, " ".join(sorted(c.products))) for s, c in contents.sectors.items()]
    rows += [("factor", f, c.name, c.role or "") for f, c in contents.factors.items()]
    return pd.DataFrame(rows, columns=["axis", "label", "name", "contents"])


def _workbook(benchmark: Benchmark, target: Path) -> Path:
    frames = {
        "regions": summary.regions(benchmark).reset_index(),
        "sectors": summary.sectors(benchmark).reset_index(),
        "labels": about(benchmark),
    }
    frames |= tables(benchmark)
    with whole(target) as unfinished, pd.ExcelWriter(unfinished, engine="xlsxwriter") as book:
        for name, frame in frames.items():
            for k, start in enumerate(range(0, max(1, len(frame)), ROWS)):
                part = frame.iloc[start : start + ROWS]
                part.to_excel(book, sheet_name=f"{name} {k + 1}" if k else name, index=False, freeze_panes=(1, 0))
    return target


def _folder(benchmark: Benchmark, target: Path) -> Path:
    target.mkdir(parents=True, exist_ok=True)
    for name, frame in ({"labels": about(benchmark)} | tables(benchmark)).items():
        with whole(target / f"{name}.csv") as unfinished:
            frame.to_csv(unfinished, index=False)
    return target


def _har(benchmark: Benchmark, target: Path) -> Path:
    headers = {}
    for name, account in SCHEMA.items():
        array = benchmark.data[name]
        axes = [str(axis) for axis in array.dims]
        if not array.size or (account.optional and not array.values.any()):
            continue
        labels = tuple(tuple(str(x) for x in array[axis].values) for axis in axes)
        sets = tuple(axis[:12].upper() for axis in axes)
        headers[HEADERS.get(name, name[:4].upper())] = Header(
            np.asarray(array.values, dtype=float), account.description[:70], sets, labels
        )
    return write_har(target, headers, overwrite=True)
