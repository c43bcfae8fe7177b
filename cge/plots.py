"""Drawings with matplotlib that values offer: bars, a heat map, a waterfall. Each draws on axes and gives them back."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .errors import InstallError

LOSS, GAIN = "#c2570c", "#1f5fa8"
"""Orange and blue differ for readers who confuse red and green, and in grey."""

COLOURS = ("#1f5fa8", "#c2570c", "#6b7785", "#5aa9e6", "#f0a35e", "#2f4858", "#8c564b", "#bcbd22")


def axes(given: Any, width: float, height: float) -> Any:
    """The axes that were given, or new ones."""
    if given is not None:
        return given
    _, made = ready().subplots(figsize=(width, height), layout="constrained")
    made.spines[["top", "right"]].set_visible(False)
    return made


def ready() -> Any:
    """matplotlib's pyplot; a notebook that imports it inside of other settings would show one picture and no more.

    Raises:
        InstallError: matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot
    except ImportError:
        raise InstallError("a plot needs matplotlib: pip install matplotlib (the extra plot)") from None
    return pyplot


def bars(table: pd.DataFrame, label: str, title: str = "", ax: Any = None) -> Any:
    """Horizontal bars: a group a row of the table, a bar a column; a single column is coloured by its sign."""
    count = len(table.columns)
    on = axes(ax, 7.5, 1.2 + len(table) * (0.12 + 0.16 * max(count, 1)))
    height = 0.8 / max(count, 1)
    for k, (name, column) in enumerate(table.items()):
        rows = [row + (k - (count - 1) / 2.0) * height for row in range(len(table))]
        colours = [LOSS if value < 0 else GAIN for value in column] if count == 1 else COLOURS[k % len(COLOURS)]
        on.barh(rows, column, height, color=colours, label=str(name))
    on.set_yticks(range(len(table)), [str(row) for row in table.index])
    on.invert_yaxis()
    on.axvline(0.0, color="#52606d", linewidth=0.8)
    on.set_xlabel(label)
    on.set_title(title, loc="left")
    if count > 1:
        on.legend(frameon=False)
    return on


def heatmap(table: pd.DataFrame, label: str, title: str = "", ax: Any = None) -> Any:
    """A square of colours: rows and columns of the table; blue above nothing, orange under it, white at it."""
    on = axes(ax, 1.6 + 0.34 * len(table.columns), 1.4 + 0.28 * len(table))
    values = table.to_numpy(dtype=float)
    most = float(pd.DataFrame(values).abs().max().max() or 1.0)
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("loss-gain", [LOSS, "#ffffff", GAIN])
    image = on.imshow(values, cmap=colours, vmin=-most, vmax=most, aspect="auto")
    on.set_xticks(range(len(table.columns)), [str(name) for name in table.columns], rotation=90)
    on.set_yticks(range(len(table)), [str(name) for name in table.index])
    on.set_xlabel(str(table.columns.name or ""))
    on.set_ylabel(str(table.index.name or ""))
    on.set_title(title, loc="left")
    on.figure.colorbar(image, ax=on, label=label)
    return on


def waterfall(effects: pd.Series, total: str, label: str, title: str = "", ax: Any = None) -> Any:
    """Bars that begin where the one before ended, and one for their sum."""
    on = axes(ax, 7.5, 1.4 + 0.34 * (len(effects) + 1))
    starts = [*(effects.cumsum() - effects), 0.0]
    sizes = [*effects, effects.sum()]
    on.barh(range(len(sizes)), sizes, 0.7, left=starts, color=[LOSS if size < 0 else GAIN for size in sizes])
    on.set_yticks(range(len(sizes)), [*(str(name).replace("_", " ") for name in effects.index), total])
    on.invert_yaxis()
    on.axvline(0.0, color="#52606d", linewidth=0.8)
    on.set_xlabel(label)
    on.set_title(title, loc="left")
    return on
