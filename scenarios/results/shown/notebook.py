"""Results in a notebook: a short table of HTML, and a summary as text."""

from __future__ import annotations

import html
import textwrap

from cge.scenarios.results.groups import Groups
from cge.scenarios.results.results import Comparison

from .frames import side_by_side
from .told import assumptions

ROWS = 12
"""Regions that a table of a notebook shows at most: those with the largest EV in per cent of income."""

WIDTH = 100


def table(results: Comparison) -> str:
    """EV side by side as HTML, whose texts are text: the regions that it moves most, and the world."""
    columns, frame = side_by_side(results)
    world = frame.iloc[[-1]]
    shares = frame.iloc[:-1][[(name, "ev_pct") for name in results.names]].abs().max(axis=1)
    kept = frame.iloc[:-1].loc[shares.nlargest(ROWS).index]
    over = "".join(f'<th colspan="{len(columns)}">{html.escape(name)}</th>' for name in results.names)
    heads = "".join(f"<th>{html.escape(f'{c.heading}, {c.unit}')}</th>" for c in columns) * len(results)
    rows = []
    for part in (kept, world):
        for index, values in zip(part.index, part.to_numpy(dtype=float).tolist(), strict=True):
            cells = "".join(f"<td>{columns[k % len(columns)].shown(value)}</td>" for k, value in enumerate(values))
            rows.append(f"<tr><th>{html.escape(str(index[0]))}</th><td>{html.escape(str(index[1]))}</td>{cells}</tr>")
    left = len(frame) - 1 - len(kept)
    more = f"; {left} regions more in <code>.welfare</code>" if left else ""
    return (
        f"<table><caption>Equivalent variation against the benchmark{more}</caption>"
        f"<thead><tr><th></th><th></th>{over}</tr>"
        f"<tr><th>region</th><th>name</th>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def summary(results: Comparison, groups: Groups = ()) -> str:
    """Welfare side by side with its units, then what each scenario stands on and its proof, as text."""
    columns, frame = side_by_side(results, groups=groups)
    shown = frame.copy().astype(object)
    for name in results.names:
        for column in columns:
            shown[(name, column.name)] = [column.shown(value) for value in frame[(name, column.name)]]
    units = "; ".join(f"{column.name}: {column.heading}, {column.unit}" for column in columns)
    lines = ["=" * WIDTH, "Welfare by region against the benchmark", units, "=" * WIDTH, shown.to_string(), "=" * WIDTH]
    for result in results:
        lines.append(f"{result.name}: {result.title}")
        for key, text in assumptions(result):
            lines += textwrap.wrap(f"{key}: {text}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines)
