"""Build the benchmarks that come with the package: `python -m cge.calibration`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cge.errors import DataError

from .benchmark import Benchmark
from .table import DATA
from .world2020 import build as world2020
from .world2020.build import TRADE_HEAD, build, trade_by_country
from .world2020.report import write_report
from .world2020.schedule import COLUMN2_HEAD, us_column2
from .world2022 import build as world2022
from .world2022 import in_force
from .world2022 import report as report2022


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the benchmarks and their report; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m cge.calibration", description=main.__doc__)
    parser.add_argument(
        "--shared", type=Path, default=Path("../shared"), help="folder that holds data/ (default: ../shared)"
    )
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write to (default: the package's)")
    parser.add_argument(
        "--full",
        type=Path,
        metavar="FILE",
        help="write the table of all 77 economies to this .nc file, and nothing else",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace benchmarks that the folder already holds")
    options = parser.parse_args(arguments)
    try:
        if options.full and options.full.exists() and not options.overwrite:
            raise FileExistsError(f"kept {options.full}; pass --overwrite, or --full with another file")
        if options.full:
            path = build(options.shared).countries.save(options.full, overwrite=options.overwrite)
            print(f"{path}: {Benchmark.load(path)!r}")
            return 0
        plans = (*world2020.AGGREGATIONS, *world2022.AGGREGATIONS)
        targets = {plan.name: options.out / f"{plan.name}.nc" for plan in plans}
        kept = [str(path) for path in targets.values() if path.exists() and not options.overwrite]
        if kept:
            raise FileExistsError(f"kept {', '.join(kept)}; pass --overwrite, or --out with another folder")
        result, later = build(options.shared), world2022.build(options.shared)
        made: dict[str, Benchmark] = {**result.benchmarks, **later.benchmarks}
        for name, benchmark in made.items():
            path = benchmark.save(targets[name], overwrite=options.overwrite)
            print(f"{path}: {benchmark!r}")
        trade = options.out / "trade_2020.csv"
        trade.write_text(TRADE_HEAD + trade_by_country(result.countries).round().astype(int).to_csv(), encoding="utf-8")
        column2 = options.out / "us_column2_china.csv"
        rates = us_column2(options.shared).round(4).to_csv(index=False)
        column2.write_text(COLUMN2_HEAD + rates, encoding="utf-8")
        report = options.out / "build-report.md"
        write_report(result, options.shared, report)
        print(f"{report}: {len(result.log)} changes logged")
        report = options.out / "build-report-2022.md"
        report2022.write_report(later, options.shared, report)
        print(f"{report}: {len(later.log)} changes logged")
        for path in in_force.write(options.shared, options.out):
            print(path)
    except (OSError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
