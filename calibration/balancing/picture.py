"""The picture of a balanced table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cge.errors import InstallError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .report import Balanced

POINTS = 20_000
BARS = 15


def draw(balanced: Balanced) -> Figure:
    """Cells before and after on the left; on the right the cells that moved most.

    Raises:
        InstallError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InstallError("pictures need matplotlib: pip install matplotlib") from error
    old, new = balanced.before.values.ravel(), balanced.cells.values.ravel()
    shown = np.flatnonzero(old)
    shown = shown[np.argsort(-abs(old[shown]), kind="stable")][:POINTS]
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    for positive, colour, name in ((True, "tab:blue", "positive"), (False, "tab:red", "negative")):
        part = shown[(old[shown] > 0.0) == positive]
        part = part[new[part] != 0.0]
        if len(part):
            left.loglog(abs(old[part]), abs(new[part]), ".", markersize=2, color=colour, label=name)
    size = [abs(old[shown]).min(initial=1.0), abs(old[shown]).max(initial=1.0)]
    left.plot(size, size, color="black", linewidth=0.7)
    left.set(
        xlabel="cell before",
        ylabel="cell after",
        title=f"{len(shown):,} largest cells" if len(shown) == POINTS else "cells",
    )
    left.legend(loc="upper left")
    table = balanced.moved(BARS).iloc[::-1]
    labels = [" ".join(map(str, row)) for row in table[[str(d) for d in balanced.cells.dims]].itertuples(index=False)]
    right.barh(np.arange(len(table)), table["change"], color=np.where(table["change"] > 0.0, "tab:blue", "tab:red"))
    right.set_yticks(np.arange(len(table)), labels, fontsize=7)
    right.axvline(0.0, color="black", linewidth=0.7)
    right.set(xlabel="change", title="largest changes")
    return figure
