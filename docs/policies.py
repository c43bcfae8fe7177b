"""Write policies.md: tables of the policies whose answer is a range or a comparison.

`python docs/policies.py` solves them at 12 x 12 (two minutes of a processor) and writes the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

import cge
from cge.scenarios.blocks.barriers import bought
from cge.scenarios.economy.economy import Economy
from cge.scenarios.results.results import Result

PAGE = Path(__file__).parent / "policies.md"
BENCHMARK, WHOLE = "world2022-12x12", "world2022-29x28"
REGIONS = ("KOR", "USA", "CHN", "JPN", "EU27", "CAN", "MEX", "VNM")

TABLES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Row 3, Column 2",
        "In place of MFN and of the Section 301 duties, as Wolff and Yeo ask, and beside the latter.",
        ("us-china-column2", "us-china-column2-on-top", "us-china-column2-retaliation"),
    ),
    (
        "Row 5, Korea in the CPTPP: tariffs, and barriers by sector",
        "What falls beside tariffs is 56.3 % (goods) and 37.5 % (services) of measures, the parts that Petri"
        " and Plummer (2016) find"
        " within reach, times how much better the agreement is than those in force: 5, 15 and 30 %. The"
        " sectors' measures (20 % on"
        " farm goods and food, 10 on light manufactures, 5 on other goods, 30 on services) are assumptions"
        " of the order of Cadot and"
        " others (2018) and Fontagné and others (2016). Nearly all of the answer is that assumption.",
        ("korea-cptpp", "korea-cptpp-barriers-low", "korea-cptpp-barriers", "korea-cptpp-barriers-high"),
    ),
    (
        "Row 6, accession one by one and all",
        "Ecuador and Uruguay are in no table of trade that the package has; they join in the last two rows"
        " with the rest of their"
        " region's trade left out. At 12 x 12 most applicants are a part of a region, and count by their trade.",
        ("cptpp-china", "cptpp-taiwan", "cptpp-thailand", "cptpp-costa-rica", "cptpp-ukraine", "cptpp-united-states",
         "cptpp-applicants", "cptpp-everyone"),
    ),
    (
        "Row 10, sectoral agreements: duties and cost cuts told apart",
        "The second row of each is the duties alone; what is left is the assumed cut of 1 or 2 % in the cost"
        " of trading.",
        ("semiconductor-agreement", "semiconductor-agreement-duties", "biopharma-agreement",
         "biopharma-agreement-duties", "critical-minerals-agreement"),
    ),
    (
        "Row 12, subsidies that build capacity",
        "Horizon short-fixed-saving, a direct tax pays. The budget buys investment goods for ten years, and"
        " what has not worn out"
        " makes output; EV is the private household's.",
        ("us-chips-act", "us-chips-act-and-credits", "korea-k-chips", "us-inflation-reduction-act-no-preference",
         "us-inflation-reduction-act"),
    ),
    (
        "Rows 11 and 13, trade that is lost",
        "What is barred or controlled is no longer sold, and nobody earns a rent; [by owner, where licences are worth"
        " something](signs.md#by-who-has-the-rent).",
        ("chips-controls-china", "china-bars-exports", "china-bars-korean-goods"),
    ),
    (
        "Row 16, procurement",
        "Ten points of preference on the products below, both ways.",
        ("procurement-usa-korea", "us-shipbuilding-opened"),
    ),
)  # fmt: skip


def page() -> str:
    """The page."""
    place = cge.economy(BENCHMARK)
    lines = [
        "<!-- Written by docs/policies.py; run it anew when the library changes. -->",
        "",
        "# Policies whose answer is a range or a comparison",
        "",
        f"`{BENCHMARK}`; EV, % of income, and in brackets real GDP, %; each scenario at its own horizon, the"
        f" medium run if it names none.",
        "[By horizon and who pays](horizons.md); [signs of every policy](signs.md).",
    ]
    for title, text, names in TABLES:
        lines += ["", f"## {title}", "", text, "", *_table(place, names)]
    lines += ["", *_investment(), "", *_steel(), "", *_procured()]
    return "\n".join(lines) + "\n"


def _head(*first: str) -> list[str]:
    return ["| " + " | ".join([*first, *REGIONS]) + " |", "|---" * (len(first) + len(REGIONS)) + "|"]


def _cells(welfare: pd.DataFrame, ev: str = "ev_pct") -> str:
    return " | ".join(f"{welfare.loc[r, ev]:.3f} ({welfare.loc[r, 'real_gdp_pct']:.3f})" for r in REGIONS)


def _table(place: Economy, names: Iterable[str]) -> list[str]:
    rows = _head("scenario")
    for name in names:
        result = place.run(name).results[0]
        rows.append(f"| {name} | {_cells(result.welfare)} |")
    return rows


def _investment() -> list[str]:
    """Row 17: plants abroad, and capital that follows returns."""
    lines = [
        "## Row 17, capital that crosses the border",
        "",
        "Plants of Korean firms behind a US tariff, at the horizon short-fixed-saving: real GDP moves with"
        " the plants, EV with who owns",
        "them. Under `mobile-capital` each region's stock follows its return at an elasticity of one, and"
        " the last rows show what",
        "moves (capital at work, % of the benchmark's).",
        "",
        *_head("scenario"),
    ]
    place = cge.economy(BENCHMARK, horizon="short-fixed-saving")
    for name in ("us-universal-10", "us-universal-10-investment"):
        lines.append(f"| {name} | {_cells(place.run(name).results[0].welfare)} |")
    place = cge.economy(BENCHMARK, "mobile-capital")
    for name in ("us-universal-10", "korea-cptpp"):
        result = place.run(name).results[0]
        lines += [f"| {name}, mobile-capital | {_cells(result.welfare)} |", f"| capital at work | {_capital(result)} |"]
    return lines


def _capital(result: Result) -> str:
    stock = result.equilibrium["endow"].sel(factor="CAP")
    return " | ".join(f"{100.0 * (float(stock.sel(region=r)) - 1.0):+.2f}" for r in REGIONS)


def _steel() -> list[str]:
    """Row 8: users' price and the mill's, by horizon."""
    lines = [
        "## Row 8, steel: what users pay, and what the mill gets",
        "",
        "USITC (2023) puts the Section 232 measures' effect on the *average* price of steel that users pay"
        " at +2.4 %: users' price is the",
        "figure to compare, the mill's price moves by a quarter of it in the medium run. US steel when they end:",
        "",
        "| scenario | horizon | users' price, % | mill price, % | output, % |",
        "|---|---|---|---|---|",
    ]
    for horizon in ("medium", "short-fixed-saving", "short-sluggish-labour"):
        place = cge.economy(BENCHMARK, horizon=horizon)
        for name in ("us-steel-removal", "korea-steel-removal", "korea-steel-hard-quota-quarterly"):
            row = place.run(name).results[0].sectors.set_index(["region", "sector"]).loc[("USA", "STL")]
            lines.append(
                f"| {name} | {horizon} | {row['users_price_pct']:.3f} | {row['price_pct']:.3f} |"
                f" {row['output_pct']:.2f} |"
            )
    return lines


def _procured() -> list[str]:
    """What goes into the services that government provides, by product."""
    lines = [
        "## What governments buy, by product",
        "",
        f"`{WHOLE}`: of each product the share that goes to government, itself or in the services that it"
        f" provides, and the value,",
        "billion USD (government's final demand in the accounts is nearly all services of its own).",
        "",
        "| product | USA, share % | USA, bn | KOR, share % | KOR, bn |",
        "|---|---|---|---|---|",
    ]
    parameters = cge.economy(WHOLE).parameters
    share = bought(parameters).sel(agent="G")
    value = share * parameters.data["absorption"]
    for sector in WORDS:
        at = [{"region": r, "sector": sector} for r in ("USA", "KOR")]
        cells = [f"{100.0 * float(share.sel(w)):.1f} | {float(value.sel(w)) / 1000.0:.1f}" for w in at]
        lines.append(f"| {WORDS[sector]} ({sector}) | {' | '.join(cells)} |")
    return lines


WORDS = {
    "PHA": "medicines",
    "SHP": "ships",
    "OTM": "other transport equipment and manufactures",
    "AUT": "motor vehicles",
    "ELE": "electronics",
    "EEQ": "electrical equipment",
    "MCH": "machinery",
    "CON": "construction",
}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
