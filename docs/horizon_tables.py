"""Write the tables of horizons.md: the headline policies by horizon, and by who pays.

The page's text stands around the marks and is written by hand; `python docs/horizon_tables.py` solves every case and
puts the tables anew (some minutes), and `python docs/horizon_tables.py whole` that of 29 x 28 (some more).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

import cge
from cge.scenarios.economy.signs import signs
from cge.scenarios.files import library as the_library
from cge.scenarios.names.horizon import THREE

PAGE = Path(__file__).parent / "horizons.md"
MARKS = re.compile(r"(<!-- ours: begin -->\n).*?(<!-- ours: end -->)", re.DOTALL)
WHOLE_MARKS = re.compile(r"(<!-- whole: begin -->\n).*?(<!-- whole: end -->)", re.DOTALL)
BENCHMARK, WHOLE = "world2022-12x12", "world2022-29x28"
AT_29X28 = (("short", "direct-tax"), ("medium", "lump-sum"), ("long", "lump-sum"))
"""Horizons, and who pays, that are solved on the whole world."""
REGIONS = ("KOR", "USA", "CHN", "JPN", "CAN", "MEX", "VNM")
POLICIES = (
    "us-universal-10",
    "us-universal-10-retaliation",
    "us-china-60-on-top",
    "korea-cptpp",
    "korea-cptpp-sensitive-farm",
    "rcep",
)
VARIANTS = ("short", "short-fixed-saving", "medium", "long")
PAYING = ("lump-sum", "direct-tax", "consumption-tax")
LABOUR = {"standard": "fixed", "labour-supply": "wage curve"}


def by_horizon(policy: str) -> tuple[list[str], list[str]]:
    """Rows of a policy, and what could not be solved."""
    rows, failed = [], []
    for name in VARIANTS:
        welfare = _solved(policy, f"{policy} at {name}", failed, horizon=name)
        if welfare is not None:
            rows.append(f"| {policy} | {name} | " + " | ".join(_cells(welfare)) + " |")
            if name == "long":
                steady = [f"{welfare.loc[r, 'ev_steady_pct']:.2f}, {welfare.loc[r, 'ev_pct']:.2f}" for r in REGIONS]
                rows.append(f"| {policy} | long: steady, EV | " + " | ".join(steady) + " |")
    return rows, failed


def by_financing(policy: str) -> tuple[list[str], list[str]]:
    """The same by who pays, with fixed labour and along the wage curve."""
    rows, failed = [], []
    for closure, labour in LABOUR.items():
        for by in PAYING:
            welfare = _solved(policy, f"{policy} by {by}", failed, closure=closure, financing=by)
            if welfare is not None:
                rows.append(f"| {policy} | {labour} | {by} | " + " | ".join(_cells(welfare)) + " |")
    return rows, failed


def _solved(policy: str, what: str, failed: list[str], **options: str) -> pd.DataFrame | None:
    try:
        return cge.run(policy, BENCHMARK, **options).results[0].welfare  # type: ignore[arg-type]
    except cge.SolveError as error:
        failed.append(f"{what}: {error}")
        return None


def _cells(welfare: pd.DataFrame) -> list[str]:
    return [f"{welfare.loc[r, 'ev_net_pct']:.2f} ({welfare.loc[r, 'real_gdp_pct']:.2f})" for r in REGIONS]


def library(names: Sequence[str]) -> list[str]:
    """How many scenarios of the library are solved at each horizon, and which are not."""
    lines = []
    for horizon in THREE:
        failed: list[str] = []
        solved = sum(_solved(name, name, failed, horizon=horizon) is not None for name in names)
        lines += [f"- {horizon}: {solved} of {len(names)} solved and certified.", *(f"  - {told}" for told in failed)]
    return lines


def tables() -> str:
    """Both tables and the count, in Markdown."""
    head = " | ".join(REGIONS)
    lines = [
        f"Benchmark {BENCHMARK}; EV net of the cost of added capital, % of income, and, in brackets, real GDP, %.",
        "",
        f"| policy | horizon | {head} |",
        "|---" * (2 + len(REGIONS)) + "|",
    ]
    failed: list[str] = []
    for policy in POLICIES:
        rows, more = by_horizon(policy)
        lines += rows
        failed += more
    lines += ["", f"| policy | labour | who pays | {head} |", "|---" * (3 + len(REGIONS)) + "|"]
    for policy in ("us-universal-10", "korea-cptpp"):
        rows, more = by_financing(policy)
        lines += rows
        failed += more
    lines += ["", *(f"- not solved: {told}" for told in failed)]
    return "\n".join(lines).rstrip() + "\n"


def whole() -> str:
    """The same policies on the whole world, by horizon, in Markdown."""
    found = signs([the_library.load(name) for name in POLICIES], WHOLE, AT_29X28)
    lines = [
        f"Benchmark {WHOLE}; EV net, % of income, and real GDP, %; the separate household.",
        "",
        f"| policy | horizon | who pays | {' | '.join(REGIONS)} |",
        "|---" * (3 + len(REGIONS)) + "|",
    ]
    found["scenario"] = pd.Categorical(found["scenario"], POLICIES)
    for (policy, horizon, by), of in found.sort_values("scenario", kind="stable").groupby(
        ["scenario", "horizon", "financing"], sort=False, observed=True
    ):
        cells = _cells(of.set_index("region")) if of["why"].eq("").all() else [str(of["why"].iloc[0])]
        lines.append(f"| {policy} | {horizon} | {by} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    marks, made = (WHOLE_MARKS, whole()) if sys.argv[1:] == ["whole"] else (MARKS, tables())
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(marks.sub(lambda found: found[1] + made + found[2], text), encoding="utf-8")
