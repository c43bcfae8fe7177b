"""A balanced table beside the one that was given: what moved, by how much, and what every control says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from cge.errors import DataError

from .controls import Control, Stack, Vector
from .infeasible import contradictions

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class BalanceError(DataError):
    """Controls that no table with the signs of the given one can meet together."""


@dataclass(frozen=True, eq=False)
class Balanced:
    """The result of balancing.

    Attributes:
        cells: the balanced table, with the axes and labels of the given one.
        before: the given one.
        sums: every sum of every control: columns control, sum, before, target, low, high, after, gap (what the
            target and band leave unexplained) and multiplier (rise of the distance per unit of target; NaN for RAS).
    """

    cells: xr.DataArray
    before: xr.DataArray
    sums: pd.DataFrame = field(repr=False)

    def moved(self, most: int | None = 20) -> pd.DataFrame:
        """Cells that moved, the largest change first: their labels, before, after, change, ratio.

        Args:
            most: rows at most; None: all that moved.
        """
        change = self.cells.values - self.before.values
        flat = np.flatnonzero(change)
        order = flat[np.argsort(-abs(change.ravel()[flat]), kind="stable")][:most]
        at = np.unravel_index(order, self.cells.shape)
        rows = {str(d): self.cells[d].values[k] for d, k in zip(self.cells.dims, at, strict=True)}
        table = pd.DataFrame(rows)
        table["before"], table["after"] = self.before.values[at], self.cells.values[at]
        table["change"] = table["after"] - table["before"]
        table["ratio"] = table["after"] / table["before"].where(table["before"] != 0.0)
        return table

    def report(self, most: int = 10) -> str:
        """What moved and where the bands bind, in a screen of text."""
        old, new = self.before.values, self.cells.values
        turnover = abs(old).sum() or 1.0
        lines = [
            f"{int((old != new).sum()):,} of {int((old != 0).sum()):,} cells moved, "
            f"{100.0 * abs(new - old).sum() / turnover:.4g} % of the table's turnover; "
            f"total {old.sum():,.6g} to {new.sum():,.6g}",
            f"{len(self.sums):,} sums met, the worst gap {abs(self.sums['gap']).max():.2g}",
            "",
            self.moved(most).to_string(index=False, float_format="{:,.6g}".format),
        ]
        bound = self.sums[(self.sums["low"] + self.sums["high"] > 0.0) & (self._room() <= 0.0)]
        if len(bound):
            lines += ["", f"{len(bound)} sums end at the end of their band, the firmest first:"]
            order = bound["multiplier"].abs().sort_values(ascending=False).index[:most]
            shown = bound.loc[order, ["control", "sum", "before", "target", "after", "multiplier"]]
            lines.append(shown.to_string(index=False, float_format="{:,.6g}".format))
        return "\n".join(lines)

    def _room(self) -> pd.Series:
        """How far every sum is inside its band."""
        over = self.sums["after"] - self.sums["target"]
        room = np.minimum(self.sums["high"] - over, self.sums["low"] + over)
        return room - 1e-9 * self.sums["target"].abs()

    def picture(self) -> Figure:
        """Every cell before and after, on logarithmic axes, and the sums that the controls moved most.

        Raises:
            InstallError: matplotlib is not installed.
        """
        from .picture import draw

        return draw(self)


def finished(
    cells: xr.DataArray,
    moved: Vector,
    controls: Sequence[Control],
    tolerance: float,
    multipliers: Vector | None = None,
    stack: Stack | None = None,
) -> Balanced:
    """The result, if it meets every control.

    Args:
        cells: as given.
        moved: balanced, of the same shape.
        controls: what it must meet.
        tolerance: largest gap of a sum, as a share of its turnover.
        multipliers: of every sum.
        stack: the system that was solved.

    Raises:
        BalanceError: naming the controls that are not met.
    """
    old, new = cells.values.astype(float).ravel(), moved.ravel()
    parts = []
    for control in controls:
        after = control.matrix @ np.nan_to_num(new, nan=0.0)
        over = after - control.target
        parts.append(
            pd.DataFrame(
                {
                    "control": control.name,
                    "sum": list(control.labels),
                    "before": control.matrix @ old,
                    "target": control.target,
                    "low": control.low,
                    "high": control.high,
                    "after": after,
                    "gap": over - np.clip(over, -control.low, control.high),
                    "turnover": np.maximum(abs(control.matrix) @ abs(np.nan_to_num(new)), abs(control.target)),
                }
            )
        )
    sums = pd.concat(parts, ignore_index=True)
    sums["multiplier"] = np.nan if multipliers is None else multipliers
    floor = 1e-15 * max(float(abs(old).sum()), 1e-300)
    bad = ~np.isfinite(new).all() or (sums["gap"].abs() > tolerance * np.maximum(sums["turnover"], floor)).any()
    if bad:
        raise BalanceError(contradictions(cells, controls, sums, stack), "the controls")
    result = cells.copy(data=new.reshape(cells.shape))
    return Balanced(result, cells, sums.drop(columns="turnover"))
