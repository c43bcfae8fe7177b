"""Curves of abatement on the screen."""

from __future__ import annotations

from rich.table import Table

from cge.scenarios.economy.abatement import Abatement

from .console import table as _table

CAPTION = (
    "cut: CO2 of those who act; leakage: of others, over that cut; EV leaves out what CO2 does to the climate; "
    "cost: welfare forgone for a tonne abated at home"
)


def abatement(found: Abatement) -> Table:
    """One row a region, supply of fuels and price."""
    table = _table("What prices of CO2 cut", caption=CAPTION)
    table.add_column("region", no_wrap=True)
    for name in ("supply\nof fuels", "price\nUSD a t", "cut\n%", "abated\nMt", "leakage\n%", "EV\n%", "cost\nUSD a t"):
        table.add_column(name, justify="right")
    for row in found.table.to_dict("records"):
        numbers = (row["cut_pct"], row["abated_mt"], row["leakage_pct"], row["ev_pct"], row["average_cost_usd"])
        formats = (",.1f", ",.1f", ",.1f", "+,.3f", ",.1f")
        cells = (format(number, style) for number, style in zip(numbers, formats, strict=True))
        table.add_row(row["region"], row["supply"], f"{row['price_usd']:g}", *cells)
    return table
