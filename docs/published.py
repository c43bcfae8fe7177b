"""Write the tables of published.md: our numbers for the policies that published studies have run.

The page's text stands between the marks and is written by hand; `python docs/published.py` solves every case and puts
the table anew (some minutes).
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

import cge

PAGE = Path(__file__).parent / "published.md"
MARKS = re.compile(r"(<!-- ours: begin -->\n).*?(<!-- ours: end -->)", re.DOTALL)
BENCHMARK = "world2022-29x28"
REGIONS = ("KOR", "USA", "CAN", "MEX", "CHN", "JPN")
SOURCES = ["docs/published.md"]

TRADE_WAR = cge.Scenario(
    name="published-trade-war",
    title="10 points on all but Canada and Mexico, 60 on China, and everyone answers in kind",
    question="The policy of Bouet, Sall and Zheng (2024).",
    sources=SOURCES,
    shocks=[
        {
            "instrument": "import_tariff",
            "exporters": {"except": ["CAN", "MEX", "CHN"]},
            "importers": "USA",
            "sectors": "goods",
            "both_ways": True,
            "add": 10,
        },
        {
            "instrument": "import_tariff",
            "exporters": "CHN",
            "importers": "USA",
            "sectors": "goods",
            "both_ways": True,
            "add": 60,
        },
    ],
)
NEIGHBOURS = cge.Scenario(
    name="published-neighbours-25",
    title="25 points on Canada and Mexico, and both answer in kind",
    question="The policy that Zhang's model answers.",
    sources=SOURCES,
    shocks=[
        {
            "instrument": "import_tariff",
            "exporters": ["CAN", "MEX"],
            "importers": "USA",
            "sectors": "goods",
            "both_ways": True,
            "add": 25,
        }
    ],
)
STEEL = cge.Scenario(
    name="published-no-section-232",
    title="No Section 232 duties on steel",
    question="What the duties did to US steel; the policy of USITC (2023), the other way round.",
    sources=SOURCES,
    shocks=[
        {
            "instrument": "import_tariff",
            "exporters": "all",
            "importers": "USA",
            "sectors": "STL",
            "layer": "section232",
            "set": 0,
        }
    ],
)

CASES = (
    ("us-universal-10", "standard", "default"),
    ("us-universal-10", "standard", "lower"),
    ("us-universal-10", "standard", "upper"),
    ("us-universal-10", "global-bank", "default"),
    ("us-universal-10", "unemployment", "default"),
    ("us-universal-10-retaliation", "standard", "default"),
    ("us-universal-10-fta-exempt", "standard", "default"),
    ("us-china-60-on-top", "standard", "default"),
    (TRADE_WAR, "standard", "default"),
    (TRADE_WAR, "unemployment", "default"),
    (NEIGHBOURS, "standard", "default"),
    (NEIGHBOURS, "unemployment", "default"),
    ("korea-cptpp", "standard", "default"),
    ("korea-cptpp", "standard", "lower"),
    ("korea-cptpp", "standard", "upper"),
    ("korea-cptpp", "unemployment", "default"),
)
"""Scenario, closure, elasticities: each is a row of the table."""


def row(scenario: str | cge.Scenario, closure: str, elasticities: str) -> str:
    """EV and real GDP of one case, as a row of the table."""
    name = scenario if isinstance(scenario, str) else scenario.name
    (result,) = cge.run(scenario, BENCHMARK, closure, elasticities)
    return f"| {name} | {closure}, {elasticities} | " + " | ".join(_pair(result.welfare, r) for r in REGIONS) + " |"


def _pair(welfare: pd.DataFrame, region: str) -> str:
    return f"{welfare.loc[region, 'ev_pct']:.2f} ({welfare.loc[region, 'real_gdp_pct']:.2f})"


def details() -> list[str]:
    """Numbers that single studies report beside welfare."""
    (universal,) = cge.run("us-universal-10", BENCHMARK)
    sales = universal.trade.query("exporter == 'KOR' and importer == 'USA'")
    base = sales["base_musd"].sum()
    value = (sales["base_musd"] * sales["value_pct"]).sum() / base
    (steel,) = cge.run(STEEL, BENCHMARK)
    imports = steel.trade.query("importer == 'USA' and sector == 'STL' and exporter != 'USA'")
    volume = (imports["base_musd"] * imports["volume_pct"]).sum() / imports["base_musd"].sum()
    made = steel.sectors.query("region == 'USA'").set_index("sector")
    undo = {
        "imports": volume,
        "price": made.loc["STL", "price_pct"],
        "production": made.loc["STL", "output_pct"],
    }
    told = ", ".join(f"{name} {100.0 * (1.0 / (1.0 + change / 100.0) - 1.0):+.1f} %" for name, change in undo.items())
    return [
        f"- Korea's exports of goods and services to the United States under us-universal-10, value: {value:+.1f} %.",
        f"- The Section 232 duties of 2020 on steel against none, US steel: {told} (the Korean, Brazilian and "
        "Argentine quotas stay).",
    ]


def ours() -> str:
    """The part of the page that is computed."""
    head = ["| scenario | closure, elasticities | " + " | ".join(REGIONS) + " |", "|---" * (len(REGIONS) + 2) + "|"]
    return "\n".join([*head, *(row(*case) for case in CASES), "", *details()]) + "\n"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    table = ours()
    PAGE.write_text(MARKS.sub(lambda found: found[1] + table + found[2], text), encoding="utf-8")
