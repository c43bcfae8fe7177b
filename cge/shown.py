"""How values show themselves: `repr` of one line, and in a notebook a short card of HTML whose texts are text."""

from __future__ import annotations

import html
from collections.abc import Mapping

import pandas as pd

ROWS, COLUMNS = 12, 8
"""Rows and columns of a table that a card shows at most."""


def line(kind: str, facts: Mapping[str, object]) -> str:
    """The `repr` of a value: its kind and a few facts."""
    return f"<{kind}: {', '.join(f'{name} {value}' for name, value in facts.items())}>"


def card(title: str, facts: Mapping[str, object], table: pd.DataFrame | None = None, note: str = "") -> str:
    """A value in a notebook: title, facts, the first rows of a table, and a note with units or more to ask for."""
    told = "".join(f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in facts.items())
    parts = [f"<div><strong>{_text(title)}</strong>", f"<table>{told}</table>" if told else ""]
    if table is not None:
        shown = table.iloc[:ROWS, :COLUMNS].map(_number)
        parts.append(shown.to_html(escape=True, border=0))
        if table.shape > shown.shape:
            parts.append(f"<p>{table.shape[0]:,} rows, {table.shape[1]} columns</p>")
    parts.append(f"<p>{_text(note)}</p>" if note else "")
    return "".join([*parts, "</div>"])


def _text(value: object) -> str:
    return html.escape(str(value))


def _number(value: object) -> object:
    """A number with five digits, without the sign of a zero; anything else as it is."""
    if not isinstance(value, float):
        return value
    if value != value:
        return ""
    text = f"{value:,.5g}" if abs(value) < 1e5 else f"{value:,.0f}"
    return text if any(digit in text for digit in "123456789") else "0"
