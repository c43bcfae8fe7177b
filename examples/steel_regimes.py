"""Regimes for Korean steel in the United States: shipments, rents, who uses the steel, where else it goes.

    python examples/steel_regimes.py [BENCHMARK]

The tables of docs/steel.md. Tariff-rate quotas of rising volume show every regime; the premium falls as they grow.
"""

import sys

import pandas as pd

import cge
from cge.calibration.benchmark import Benchmark
from cge.calibration.world2022.steel import CASES, with_steel_case

REGIMES = ("korea-steel-25", "korea-steel-hard-quota", "korea-steel-trq", "korea-steel-removal")
USERS = ("AUT", "MCH", "CON")
"""Users of steel: motor vehicles, machinery, construction (the 12 x 12 benchmark holds the last in a wider sector)."""

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


def exports(result: cge.Result) -> pd.Series:
    """Change of Korea's steel exports by destination, million USD at prices of the benchmark; largest first."""
    flows = result.trade[(result.trade["exporter"] == "KOR") & (result.trade["sector"] == "STL")]
    flows = flows[flows["importer"] != "KOR"].set_index("importer")
    change = flows["base_musd"] * flows["volume_pct"] / 100
    return change.loc[change.abs().sort_values(ascending=False).index]


def facts(result: cge.Result) -> dict[str, object]:
    """One row of the table."""
    flows = result.trade.set_index(["exporter", "importer", "sector"])
    industries = result.sectors.set_index(["region", "sector"])["output_pct"]
    quota = result.rents[result.rents["exporter"] == "KOR"]
    shipped = exports(result).drop("USA").sum()
    users = {f"US {s}, %": industries[("USA", s)] for s in USERS if ("USA", s) in industries}
    return {
        "regime": result.name,
        "to the US, %": flows.loc[("KOR", "USA", "STL"), "volume_pct"],
        "elsewhere, m USD": shipped,
        "quota": ", ".join(sorted(set(quota["regime"]))),
        "premium, %": quota["premium_pct"].max(),
        "rent of exporters, m USD": quota.loc[quota["owner"] == "exporter", "new_musd"].sum(),
        "KOR STL, %": industries[("KOR", "STL")],
        "US STL, %": industries[("USA", "STL")],
        **users,
        "EV KOR, m USD": result.welfare.loc["KOR", "ev_musd"],
        "EV USA, m USD": result.welfare.loc["USA", "ev_musd"],
    }


if __name__ == "__main__":
    benchmark = sys.argv[1] if len(sys.argv) > 1 else "world2022-29x28"
    regimes = cge.run(REGIMES, benchmark=benchmark)
    for results in (regimes, cge.run([rate_quota(volume) for volume in VOLUMES], benchmark=benchmark)):
        table = pd.DataFrame([facts(result) for result in results])
        print(table.set_index("regime").round(4).T.to_string(), end="\n\n")
    if benchmark.startswith("world2022"):
        for case in CASES[1:]:  # the share that binds and its premium, low and high
            there = with_steel_case(Benchmark.load(benchmark), case)
            table = pd.DataFrame([facts(result) for result in cge.run(REGIMES, benchmark=there)])
            print(f"{case} case", table.set_index("regime").round(4).T.to_string(), sep="\n", end="\n\n")
    print("Change of Korea's steel exports by destination, million USD at prices of the benchmark")
    where = pd.concat([exports(result).rename(result.name) for result in regimes], axis=1)
    print(where.head(9).round(1).to_string())
