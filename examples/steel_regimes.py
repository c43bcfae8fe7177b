"""Four regimes for Korean steel in the United States: who ships how much, and who gets the rent."""

import pandas as pd

import cge

regimes = ["korea-steel-25", "no-change", "korea-steel-trq", "korea-steel-removal"]
results = cge.run(regimes, benchmark="world2020-12x12")

rows = []
for result in results:
    flow = result.trade.set_index(["exporter", "importer", "sector"]).loc[("KOR", "USA", "STL")]
    quota = result.rents.set_index("exporter").loc["KOR"]
    rows.append(
        {
            "regime": result.name,
            "volume, %": flow["volume_pct"],
            "quota is": quota["regime"],
            "premium, %": quota["premium_pct"],
            "rent, m USD": quota["new_musd"],
            "EV of Korea, m USD": result.welfare.loc["KOR", "ev_musd"],
            "EV of the US, m USD": result.welfare.loc["USA", "ev_musd"],
        }
    )
print(pd.DataFrame(rows).round(2).to_string(index=False))
