"""What a recipe leaves behind: the benchmark, the log of every change, a report to read, and the proof."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from cge.errors import KeptError

from . import summary
from .atomic import whole
from .recipe import Done

STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}th,td{padding:.15rem .6rem;border-bottom:1px solid #ddd}"
    "th{text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}img{max-width:100%}"
)
PROOF, LOG, REPORT = "proof.json", "log.csv", "report.html"
SHOWN = 200
"""Changes that the report lists; the log has all."""


def write(done: Done, folder: Path, *, overwrite: bool = False) -> dict[str, Path]:
    """Write benchmark, log, report and proof of a recipe.

    Args:
        done: the recipe, carried out.
        folder: where; what the same recipe left there is replaced, anything else is kept.
        overwrite: replace it all the same.

    Returns:
        Name to path: benchmark, log, report, proof.

    Raises:
        KeptError: a file of these names is not what this recipe left, or was changed since.
    """
    paths = {
        "benchmark": folder / f"{done.recipe.name}.nc",
        "log": folder / LOG,
        "report": folder / REPORT,
        "proof": folder / PROOF,
    }
    before = _keep(paths, overwrite)
    with ExitStack() as unfinished:
        # they take their places at the end, the proof first: it knows the files that it replaces, so that whatever a
        # kill leaves is known as this recipe's own
        fresh = {name: unfinished.enter_context(whole(path)) for name, path in paths.items()}
        done.benchmark.save(fresh["benchmark"], overwrite=True)
        done.log.table().to_csv(fresh["log"], index=False)
        fresh["report"].write_text(report(done), encoding="utf-8")
        made = {path.name: _sha256(fresh[name]) for name, path in paths.items() if name != "proof"}
        proved = proof(done) | {"files": made, "replaced": {k: v for k, v in before.items() if v != made.get(k)}}
        fresh["proof"].write_text(json.dumps(proved, indent=1), encoding="utf-8")
    return paths


def proof(done: Done) -> dict[str, Any]:
    """What shows that the benchmark is what the recipe makes of its inputs, and that it balances."""
    deviations = done.benchmark.identities()
    return {
        "recipe": done.recipe.model_dump(),
        "inputs": dict(done.inputs),
        "steps": [{"step": name, "fingerprint": trail} for name, trail, _ in done.steps],
        "changes": len(done.log),
        "benchmark_sha256": done.benchmark.sha256,
        "largest_imbalance": float(deviations["relative"].abs().max()),
        "identities": {
            str(k): float(v) for k, v in deviations["relative"].abs().groupby(deviations["identity"]).max().items()
        },
    }


def report(done: Done) -> str:
    """A page with the steps, what each moved, every change, and the benchmark in tables and pictures."""
    benchmark, log, recipe = done.benchmark, done.log, done.recipe
    title, unit = recipe.title or recipe.name, benchmark.contents.unit or "units of the table"
    worst = float(benchmark.identities()["relative"].abs().max())
    size = f"{len(benchmark.regions)} regions, {len(benchmark.sectors)} sectors; {unit}, year {benchmark.contents.year}"
    proved = f"largest imbalance {worst:.1e} of an account; fingerprint {benchmark.sha256[:12]}."
    inputs = [(name, str(recipe.inputs[name]["file"]), digest) for name, digest in done.inputs.items()]
    steps = [(k + 1, name, trail[:12]) for k, (name, trail, _) in enumerate(done.steps)]
    regions, sectors = summary.regions(benchmark), summary.sectors(benchmark)
    body = [
        f"<h1>{_text(title)}</h1><p>{_text(f'{size}; {proved}')}</p>",
        "<h2>Inputs</h2>", _table(inputs, ("input", "file", "sha256")),
        "<h2>Steps</h2>", _table(steps, ("", "step", "fingerprint")),
        f"<h2>What changed</h2><p>Amounts in {_text(unit)}; the file {LOG} lists all {len(log)} changes.</p>",
        _frame(log.summary()), _picture(_moved(log.summary())),
        "<h2>The changes one by one</h2>", _frame(log.table().head(SHOWN)),
        "<h2>Regions</h2>", _frame(regions.reset_index()), _picture(_bars(regions["gdp"], f"GDP, {unit}")),
        "<h2>Sectors of the world</h2>", _frame(sectors.reset_index()),
        _picture(_bars(sectors["output"], f"output, {unit}")),
        "<h2>What is not known of the labels</h2>", _items(benchmark.contents.unknown()),
    ]  # fmt: skip
    head = f"<meta charset=utf-8><title>{_text(title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang=en>{head}{''.join(body)}</html>\n"


def _keep(paths: Mapping[str, Path], overwrite: bool) -> dict[str, str]:
    """The files that are there and will be replaced, with their sha256; raises if a recipe did not leave them."""
    there = {path.name: _sha256(path) for path in paths.values() if path.is_file()}
    kept = there.pop(PROOF, None) is not None
    if overwrite:
        return there
    try:
        proved = json.loads(paths["proof"].read_text(encoding="utf-8"))
        left = [proved["files"], proved.get("replaced", {})]
    except (OSError, ValueError, KeyError, TypeError):
        left = []
    other = [name for name, digest in there.items() if digest not in [known.get(name) for known in left]]
    if kept and not left:
        other.append(PROOF)
    if other:
        names = ", ".join(str(path) for path in paths.values() if path.name in other)
        raise KeptError(f"{names} exist and are kept: no recipe left them so; choose another folder, or say overwrite")
    return there


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _text(value: object) -> str:
    return html.escape(str(value))


def _items(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{_text(line)}</li>" for line in lines) + "</ul>"


def _frame(frame: pd.DataFrame) -> str:
    return _table(list(frame.itertuples(index=False, name=None)), tuple(map(str, frame.columns)))


def _table(rows: list[tuple[Any, ...]], heads: tuple[str, ...]) -> str:
    head = "".join(f"<th>{_text(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return "<td></td>"
    if isinstance(value, float):
        return f"<td class=n>{value:,.6g}</td>" if abs(value) < 1e5 else f"<td class=n>{value:,.0f}</td>"
    return f"<td>{_text(value)}</td>"


def _moved(table: pd.DataFrame) -> Any:
    amounts = table.set_index("step")["amount"]
    return _bars(amounts[amounts > 0.0], "moved, sum of absolute amounts", log=True)


def _bars(values: pd.Series, title: str, *, log: bool = False) -> Any:
    """A bar a label, the largest thirty on top; None where there is nothing, or no matplotlib."""
    if find_spec("matplotlib") is None or not len(values):
        return None
    from matplotlib.figure import Figure

    shown = values.sort_values(ascending=False).head(30)[::-1]
    figure = Figure(figsize=(9, 1 + 0.24 * len(shown)), layout="tight")
    axes = figure.add_subplot()
    axes.barh([str(label) for label in shown.index], shown.to_numpy(), color="#4477aa")
    axes.set_title(title, fontsize=10)
    axes.tick_params(labelsize=8)
    if log:
        axes.set_xscale("log")
    return figure


def _picture(figure: Any) -> str:
    if figure is None:
        return ""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return f'<p><img alt="" src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"></p>'
