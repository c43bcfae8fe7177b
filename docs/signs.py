"""Write the field of signs of the library: EV and real GDP by horizon, by who pays, and by who has a rent.

`python docs/signs.py [NAME...]` solves every case at 12 x 12 and puts the rows of the named scenarios (all if none is
named) into scenarios/files/signs.csv, which `cge show NAME` prints, and its counts into docs/signs.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from cge.scenarios.economy.signs import CASES, signs
from cge.scenarios.files import library
from cge.scenarios.files.signs import SIGNS

BENCHMARK = "world2022-12x12"
REGIONS = ("KOR", "USA", "CHN", "JPN", "EU27", "CAN", "MEX", "VNM")
KEYS = ["scenario", "horizon", "financing", "owner"]
DIGITS = 3
HEAD = ["| scenario | " + " | ".join(REGIONS) + " |", "|---" * (1 + len(REGIONS)) + "|"]
PAGE = Path(__file__).parent / "signs.md"


def rows(names: list[str], case: tuple[str, str]) -> pd.DataFrame:
    """The field of some scenarios in one case: `REGION_ev` and `REGION_gdp`, per cent, and why there is none."""
    found = signs([library.load(name) for name in names], BENCHMARK, [case])
    found = found[found["region"].isin([*REGIONS, ""])]
    columns = {
        f"{region}_{short}": found[found["region"].isin([region, ""])].set_index(KEYS)[column].round(DIGITS)
        for region in REGIONS
        for short, column in (("ev", "ev_net_pct"), ("gdp", "real_gdp_pct"))
    }
    why = found.groupby(KEYS, sort=False)["why"].first()
    return pd.DataFrame(columns).assign(why=why).reset_index()


def page(table: pd.DataFrame) -> str:
    """Counts, what turns, and what has no answer, in Markdown."""
    stated = table[table["owner"] == "as stated"]
    lines = [
        "<!-- Written by docs/signs.py; run it anew when the library changes. -->",
        "",
        "# What the library's answers hang on",
        "",
        f"Every scenario of the library on `{BENCHMARK}`, at each horizon and by who pays, and with a rent in each of",
        "three hands (trade that is lost is then sold by licence): EV net of the cost of added capital, % of",
        "income, and real GDP, %. `cge show NAME` prints signs; `scenarios/files/signs.csv` holds all numbers. Every",
        "solution is certified. A scenario without an answer is one that a horizon does not take, for the"
        " reason below.",
        "",
        "| horizon | who pays | solved | without an answer |",
        "|---|---|---|---|",
    ]
    for horizon, financing in CASES:
        at = stated[(stated["horizon"] == horizon) & (stated["financing"] == financing)]
        missing = at[at["KOR_ev"].isna()]
        lines.append(
            f"| {horizon} | {financing} | {len(at) - len(missing)} of {len(at)} | {', '.join(missing['scenario'])} |"
        )
    lines += [
        "",
        "## Signs that turn",
        "",
        "Scenarios whose EV has both signs (beyond 0.005 %), from its least to its most:",
        "",
    ]
    lines += ["| scenario | " + " | ".join(REGIONS) + " |", "|---" * (1 + len(REGIONS)) + "|"]
    for name, of in table.groupby("scenario"):
        cells = [_range(of[f"{region}_ev"]) for region in REGIONS]
        if any(cells):
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "## By who has the rent",
        "",
        "EV of who sells and who buys, medium run, lump-sum: least and most over owners.",
        "",
    ]
    lines += ["| scenario | " + " | ".join(REGIONS) + " |", "|---" * (1 + len(REGIONS)) + "|"]
    medium = table[(table["horizon"] == "medium") & (table["financing"] == "lump-sum")]
    for name, of in medium.groupby("scenario"):
        if of["owner"].nunique() > 1:
            cells = [f"{of[f'{r}_ev'].min():.2f} to {of[f'{r}_ev'].max():.2f}" for r in REGIONS]
            lines.append(f"| {name} | " + " | ".join(cells) + " |")
    reasons = stated[stated["KOR_ev"].isna()].drop_duplicates("scenario")
    if len(reasons):
        lines += ["", "## Why there is no answer", ""]
        lines += [f"- `{row.scenario}`: {row.why}" for row in reasons.itertuples()]
    return "\n".join(lines) + "\n"


def _range(values: pd.Series) -> str:
    least, most = values.min(), values.max()
    return f"{least:.2f} to {most:.2f}" if least < -0.005 and most > 0.005 else ""


def main(names: list[str]) -> None:
    """Solve, and write the table and the page, case by case."""
    every = library.names()
    table = pd.DataFrame()
    if names and SIGNS.exists():
        kept = pd.read_csv(SIGNS)
        table = kept[~kept["scenario"].isin(names) & kept["scenario"].isin(every)]
    for case in CASES:
        table = pd.concat([table, rows(names or every, case)]).sort_values(KEYS, ignore_index=True)
        table.to_csv(SIGNS, index=False)
        print(*case)
    PAGE.write_text(page(pd.read_csv(SIGNS).fillna({"why": ""})), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
