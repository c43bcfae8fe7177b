"""The library's numbers in a file, and the largest difference of two such files: behaviour before and after a change.

    python benchmarks/same_numbers.py write FILE [--benchmark NAME] [--closures NAME ...]
    python benchmarks/same_numbers.py compare BEFORE AFTER

Every scenario is solved under the first closure, and a sample of them under each other one. A file holds one row a
scenario, closure, region and measure: EV, CV, tariff revenue and rents as shares of the region's benchmark income, and
real GDP, consumption, terms of trade, industries and flows as ratios. A scenario that is refused, or has no solution,
is a row with the kind of error.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SAMPLE = ("us-universal-10", "korea-cptpp-sensitive-farm", "korea-steel-removal", "us-china-60-on-top")
"""Scenarios that are solved under every closure."""

MOST = 1e-9
"""Largest difference of two files, as a share of income or as a ratio."""

Row = tuple[str, str, str, str, str]


def rows(benchmark: str, closures: list[str]) -> Iterator[Row]:
    """Scenario, closure, region, measure and number, the last as text that keeps every digit."""
    from cge.errors import CgeError
    from cge.scenarios.economy.run import Runner
    from cge.scenarios.economy.setting import setting
    from cge.scenarios.files import library

    for closure in closures:
        runner = Runner(setting(benchmark, closure))
        names = library.names() if closure == closures[0] else SAMPLE
        for name in names:
            try:
                (scenario,) = runner.scenarios([name])
                found = runner.solve(scenario)
            except CgeError as error:
                yield name, closure, "", type(error).__name__, "0"
                continue
            income = runner.parameters.data["income0"].to_series()
            for measure, values in _measures(found, income).items():
                for region, value in values.items():
                    yield name, closure, str(region), measure, repr(float(value))
            print(f"{closure}: {name}", file=sys.stderr, flush=True)


def _measures(found: Any, income: Any) -> dict[str, Any]:
    """Series over regions."""
    table = found.welfare
    result = {name: table[name] / income for name in table if str(name).endswith("_musd")}
    result |= {name: table[name] / 100.0 for name in table if str(name).endswith("_pct")}
    sectors = found.sectors.set_index("region")
    for name in ("output_pct", "price_pct", "employment_pct"):
        result[name] = sectors[name].groupby("region").mean() / 100.0
    trade = found.trade.assign(moved=found.trade["base_musd"] * found.trade["value_pct"] / 100.0)
    for end in ("exporter", "importer"):
        sums = trade.groupby(end)[["moved", "base_musd"]].sum()
        result[f"trade of the {end}"] = sums["moved"] / sums["base_musd"]
    return result


def read(file: Path) -> dict[tuple[str, ...], float]:
    """A file by scenario, closure, region and measure."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {tuple(row[:-1]): float(row[-1]) for row in list(csv.reader(lines))[1:]}


def compare(before: Path, after: Path) -> int:
    """Print the largest differences; zero if none is larger than `MOST` and no row is in one file only."""
    old, new = read(before), read(after)
    alone = sorted(set(old) ^ set(new))
    apart = sorted(((abs(old[key] - new[key]), key) for key in set(old) & set(new)), reverse=True)
    for key in alone[:20]:
        print("only", "before" if key in old else "after", *key)
    for size, key in apart[:5]:
        print(f"{size:.1e}", *key)
    worst = apart[0][0] if apart else 0.0
    print(f"{len(apart):,} numbers, largest difference {worst:.1e} (at most {MOST:.0e}); {len(alone)} rows in one only")
    return int(bool(alone) or not worst <= MOST)


def main(arguments: list[str] | None = None) -> int:
    """Write or compare; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    write = verbs.add_parser("write", help="solve and write a file")
    write.add_argument("file", type=Path)
    write.add_argument("--benchmark", default="world2020-12x12")
    write.add_argument(
        "--closures",
        nargs="+",
        default=["standard", "global-bank", "unemployment", "lump-sum", "direct-tax", "fixed-deficit"],
    )
    two = verbs.add_parser("compare", help="compare two files")
    two.add_argument("before", type=Path)
    two.add_argument("after", type=Path)
    options = parser.parse_args(arguments)
    if options.verb == "compare":
        return compare(options.before, options.after)
    with options.file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(["scenario", "closure", "region", "measure", "value"])
        for row in rows(options.benchmark, options.closures):
            writer.writerow(row)
            lines.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
