"""Balancing a table to given controls: RAS, GRAS, entropy and least squares, at any size.

    from cge.calibration import balancing

    rows = balancing.totals(cells, row_totals)                       # exact
    columns = balancing.totals(cells, column_totals, band=50.0)      # within 50 of the target
    result = balancing.entropy(cells, [rows, columns], weight=trust)
    print(result.report())

`ras` and `gras` are the classical iterations for a matrix and its row and column totals. `entropy` and
`least_squares` take any linear control, with cells that are kept and totals that have a band, and solve the dual: one
multiplier a control. `programme` is the same problem as a Pyomo model solved by IPOPT, for small tables.
"""

from .controls import Control, equal, limits, totals
from .dual import entropy, least_squares
from .programme import programme
from .ras import gras, ras
from .report import Balanced, BalanceError

__all__ = [
    "BalanceError",
    "Balanced",
    "Control",
    "entropy",
    "equal",
    "gras",
    "least_squares",
    "limits",
    "programme",
    "ras",
    "totals",
]
