"""Write the tables of us-duties.md: welfare by date, and duties after substitution beside what was collected.

`python docs/duties.py` solves every date with three sets of elasticities, and those with a figure of collections at
three horizons (some minutes), and puts the tables anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from cge.calibration.measures import read_measures
from cge.scenarios.economy.effective import by_date

PAGE = Path(__file__).parent / "us-duties.md"
BENCHMARK = "world2022-29x28"
REGIONS = ("USA", "KOR", "CHN", "MEX", "CAN", "JPN", "EU27", "VNM")
COLLECTED = {"2025-08-30": "11.2 (August 2025)", "2025-12-15": "9.9 (December 2025)", "2026-03-01": "7.3 (March 2026)"}
SETS = ("lower", "default", "upper")
SMALL = "world2022-12x12"
HORIZONS = ("short", "medium", "long")


def marked(name: str, table: str, page: str) -> str:
    """The page with a table between its marks."""
    marks = re.compile(rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)", re.DOTALL)
    return marks.sub(lambda found: found[1] + table + found[2], page)


def by_horizon() -> str:
    """Duties after substitution and China's share by date and horizon, as a table."""
    dates = list(COLLECTED)
    found = {name: by_date(dates, SMALL, horizon=name)[0] for name in HORIZONS}
    shares = (f"China's share {name}" for name in HORIZONS)
    lines = [f"| date | {' | '.join(HORIZONS)} | collected | {' | '.join(shares)} |"]
    lines += ["|" + "---|" * (2 * len(HORIZONS) + 2)]
    for date in dates:
        after, share = ([f"{found[h].loc[date, what]:.1f}" for h in HORIZONS] for what in ("after", "share"))
        lines.append(f"| {' | '.join([date, *after, COLLECTED[date], *share])} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Solve all and write the page."""
    dates = [date for date in read_measures("us-2025-26").dates if date != "2025-01-01"]
    found = {name: by_date(dates, BENCHMARK, name) for name in SETS}
    rates, welfare = found["default"]
    lines = [f"| | {' | '.join(dates)} |", "|" + "---|" * (len(dates) + 1)]
    lines += [f"| {r} | {' | '.join(f'{welfare.loc[r, d]:+.2f}' for d in dates)} |" for r in REGIONS]
    head = ["date", "at the flows before", *SETS, "collected", "China's share before", *(f"{s} " for s in SETS)]
    after = [f"| {' | '.join(h.strip() for h in head)} |", "|" + "---|" * len(head)]
    for date in dates:
        cells = [f"{found[s][0].loc[date, 'after']:.1f}" for s in SETS]
        shares = [f"{found[s][0].loc[date, 'share']:.1f}" for s in SETS]
        before = f"{rates.loc[date, 'share_before']:.1f}"
        known = [date, f"{rates.loc[date, 'statutory']:.1f}", *cells, COLLECTED.get(date, ""), before, *shares]
        after.append(f"| {' | '.join(known)} |")
    page = PAGE.read_text(encoding="utf-8")
    page = marked("horizon", by_horizon(), page)
    page = marked("welfare", "\n".join(lines) + "\n", page)
    PAGE.write_text(marked("effective", "\n".join(after) + "\n", page), encoding="utf-8")


if __name__ == "__main__":
    main()
