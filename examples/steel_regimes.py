"""Regimes for Korean steel in the United States: shipments, rents, who uses the steel, where else it goes.

    python examples/steel_regimes.py [BENCHMARK]

The tables of docs/steel.md. Tariff-rate quotas of rising volume show every regime; the premium falls as they grow.
"""

import sys

import pandas as pd

import cge

REGIMES = ("korea-steel-25", "korea-steel-hard-quota", "korea-steel-trq", "korea-steel-removal")
USERS = ("AUT", "MCH", "CON", "INF")
"""Users of steel: motor vehicles, machinery, construction (which the 12 x 12 benchmark holds inside INF)."""

VOLUMES = (0.2, 0.5, 0.8, 0.9, 1.0, 1.1, 1.2, 1.43, 2.0)


def rate_quota(volume: float) -> cge.Scenario:
    """A tariff-rate quota on Korean steel of a volume relative to the benchmark's."""
    return cge.Scenario(
        name=f"trq-{round(100 * volume)}",
        title=f"tariff-rate quota of {volume:g}",
        question="What is the premium?",
        sources=["Proclamation 10328 of 27 December 2021: 25 % above the quota"],
        shocks=[
            {
                "quota": "tariff-rate",
                "exporters": "KOR",
                "importers": "USA",
                "sectors": "STL",
                "volume": volume,
                "in_quota_rate": 0,
                "out_of_quota_rate": 25,
                "layer": "section232",
            }
        ],
    )


def facts(result: cge.Result) -> dict[str, object]:
    """One row of the table."""
    flows = result.trade.set_index(["exporter", "importer", "sector"])
    industries = result.sectors.set_index(["region", "sector"])["output_pct"]
    quota = result.rents[result.rents["exporter"] == "KOR"]
    elsewhere = result.trade[(result.trade["exporter"] == "KOR") & (result.trade["sector"] == "STL")]
    elsewhere = elsewhere[~elsewhere["importer"].isin(["USA", "KOR"])]
    shipped = (elsewhere["base_musd"] * elsewhere["volume_pct"] / 100).sum()
    users = {f"US {s}, %": industries[("USA", s)] for s in USERS if ("USA", s) in industries}
    return {
        "regime": result.name,
        "to the US, %": flows.loc[("KOR", "USA", "STL"), "volume_pct"],
        "elsewhere, m USD": shipped,
        "quota": ", ".join(sorted(set(quota["regime"]))),
        "premium, %": quota["premium_pct"].max(),
        "rent, m USD": quota["new_musd"].sum(),
        "KOR STL, %": industries[("KOR", "STL")],
        "US STL, %": industries[("USA", "STL")],
        **users,
        "EV KOR, m USD": result.welfare.loc["KOR", "ev_musd"],
        "EV USA, m USD": result.welfare.loc["USA", "ev_musd"],
    }


if __name__ == "__main__":
    benchmark = sys.argv[1] if len(sys.argv) > 1 else "world2020-12x12"
    for scenarios in (REGIMES, [rate_quota(volume) for volume in VOLUMES]):
        table = pd.DataFrame([facts(result) for result in cge.run(scenarios, benchmark=benchmark)])
        print(table.set_index("regime").round(3).T.to_string(), end="\n\n")
