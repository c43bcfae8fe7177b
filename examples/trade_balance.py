"""The dollar and the trade balance: three ways to hold an outcome and let something else give way."""

import pandas as pd

import cge

LENDING = {"instrument": "foreign_saving", "regions": "USA"}
SWAPS = {
    "us-deficit-halved": ({"outcome": "trade_balance", "regions": "USA", "at": {"change_pct": -50}}, LENDING),
    "us-dollar-5-down": ({"outcome": "real_exchange_rate", "regions": "USA", "at": {"change_pct": -5}}, LENDING),
    "us-tariff-revenue-doubled": (
        {"outcome": "tariff_revenue", "regions": "USA", "at": {"change_pct": 100}},
        {"instrument": "import_tariff", "exporters": "all", "importers": "USA", "sectors": "goods"},
    ),
}

scenarios = [
    cge.Scenario(
        name=name,
        title=name.replace("-", " "),
        question="What must give way, and what does it cost?",
        sources=["an example"],
        shocks=[{"hold": held, "free": freed}],
    )
    for name, (held, freed) in SWAPS.items()
]
results = cge.run(scenarios, benchmark="world2020-12x12")

rows = []
for result in results:
    swap = result.swaps.iloc[0]
    point = result.equilibrium.sel(region="USA")
    rows.append(
        {
            "scenario": result.name,
            "freed": swap["instrument"],
            "by, points": swap["move"],
            "dollar, %": 100 * (float(point["cpi"] / point["pworld"]) - 1),
            "terms of trade, %": result.welfare.loc["USA", "terms_of_trade_pct"],
            "EV of the US, %": result.welfare.loc["USA", "ev_pct"],
            "EV of Korea, %": result.welfare.loc["KOR", "ev_pct"],
        }
    )
print(pd.DataFrame(rows).round(3).to_string(index=False))
