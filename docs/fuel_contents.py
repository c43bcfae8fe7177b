"""Write docs/carbon-contents.md: what a dollar of each fuel holds of CO2, as the benchmark's accounts imply it.

python docs/fuel_contents.py
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cge.closure import CLOSURES
from cge.emission_tables import implied_contents
from cge.model import Model
from cge.scenarios.economy.setting import setting

NAME = "world2022-29x28"
HEAD = f"""<!-- Written by docs/fuel_contents.py. -->
# Implied contents of fuels

Tonnes of CO2 in 1,000 USD of each fuel at basic prices, `{NAME}`, as the accounts of CO2 imply them under the rule of
[energy](energy.md): ENE is coal, oil and gas, PET refined fuels and coke, UTL what utilities sell, where only piped gas
is burnt. The last columns are what no fuel carries: processes, per cent of industries' CO2, and, where there is any,
what goes with all that households buy. `cge.emission_tables.implied_contents` makes the table of any benchmark.

"""
TAIL = """
## What is odd

- **ENE differs tenfold between regions**, from coal at home to imported gas: a dollar buys far more carbon in India,
  Mexico, the United States or the Middle East than in Europe, Japan or Korea. 2022 has made this worse: gas and coal
  cost several times as much where they come by ship. In the model a dollar of fuel that Europe sets free is burnt
  elsewhere with the content of that place, so leakage is overstated; with one content everywhere it is less than half
  ([energy](energy.md#leakage)).
- **Bounds.** Industries and households stay under three times the world's content, power stations under seven and a
  half times; SGP and SAU reach the latter, as they buy next to no ENE or have it below cost, and a large part of their
  CO2 is left to processes.
- **CO2 is of 2018, purchases are of 2022**, and who uses what is estimated from older tables.
- **Refined fuels** carry one content from naphtha to coke; what chemicals keep in products counts as burnt where the
  account has no more than that.
"""
NAMES = {"power": "power", "industry": "industry", "households": "homes"}


def page() -> str:
    """The page."""
    place = setting(NAME, "energy")
    table = implied_contents(Model(place.parameters, CLOSURES["energy"].structure()).parameters)
    table = table.loc[:, table.notna().any() & (table.iloc[-1] > 0.0)]
    heads = ["region", *(_head(str(column)) for column in table.columns)]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for region, row in table.iterrows():
        cells = ["" if pd.isna(value) else f"{value:.1f}" for value in row]
        lines.append("| " + " | ".join([str(region), *cells]) + " |")
    return HEAD + "\n".join(lines) + "\n" + TAIL


def _head(column: str) -> str:
    if column.endswith("_pct"):
        return {"process_pct": "processes, %", "other_pct": "all goods, %"}[column]
    fuel, _, who = column.partition("_")
    return f"{fuel}, {NAMES[who]}"


if __name__ == "__main__":
    target = Path(__file__).parent / "carbon-contents.md"
    target.write_text(page(), encoding="utf-8")
    print(f"wrote {target}")
