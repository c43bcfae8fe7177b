"""Write the tables of changes-2022.md: what moved each headline welfare figure from the 2020 benchmark to that of 2022.

`python docs/changes.py ../shared` builds the tables between the two from the raw ones, one step at a time, solves the
headline policies on each, and puts the tables anew between the marks of the page; the text around them is by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

import cge
from cge.calibration.benchmark import Benchmark
from cge.calibration.world2020.build import region_map, sector_map
from cge.calibration.world2020.tariffs import tariff_layers
from cge.calibration.world2020.world import build_world
from cge.calibration.world2022.build import places, world
from cge.calibration.world2022.prior import with_inputs

PAGE = Path(__file__).parent / "changes-2022.md"
MARKS = re.compile(r"(<!-- steps: begin -->\n).*?(<!-- steps: end -->)", re.DOTALL)
POLICIES = ("us-universal-10", "korea-cptpp", "korea-steel-removal")
REGIONS = ("KOR", "USA", "CHN", "JPN", "MEX", "CAN", "EU27")
SIZE = "29x28"


def tables(shared: Path) -> Iterator[tuple[str, Benchmark]]:
    """The benchmarks from the old to the new, each with the step that leads to it."""
    yield "old", Benchmark.load(f"world2020-{SIZE}")
    old = region_map("r29"), sector_map("s28")
    new = {str(k): str(v) for k, v in places()["r29"].items()}, sector_map("s28")
    inputs, _ = build_world(shared, tariff_layers, mend=lambda table, log: with_inputs(table, log))
    yield "inputs", inputs.aggregate(*old).with_contents(Benchmark.load(f"world2020-{SIZE}").contents)
    for step, repairs in (
        ("year", ()),
        ("tariffs paid", ("tariffs",)),
        ("base", ("tariffs", "base")),
        ("labour and capital", ("tariffs", "base", "factors")),
    ):
        yield step, world(shared, repairs=repairs)[0].aggregate(*new)
    yield "steel in two parts", Benchmark.load(f"world2022-{SIZE}")


def solved(shared: Path) -> pd.DataFrame:
    """EV in % of income by policy, region and step."""
    rows = []
    for step, table in tables(shared):
        results = cge.run(list(POLICIES), benchmark=table)
        for name in POLICIES:
            ev = results[name].welfare["ev_pct"]
            rows += [(name, region, step, float(ev[region])) for region in REGIONS]
        print(step, flush=True)
    frame = pd.DataFrame(rows, columns=["policy", "region", "step", "ev"])
    return frame.set_index(["policy", "region", "step"])["ev"].unstack("step")[list(dict.fromkeys(frame["step"]))]


def text(frame: pd.DataFrame) -> str:
    """The old figure, what each step adds, and the new figure, one table a policy."""
    steps = list(frame.columns)
    change = frame.diff(axis=1)[steps[1:]]
    parts = []
    for policy in POLICIES:
        head = ["region", "old (2020)", *steps[1:], "new (2022)"]
        lines = [f"`{policy}`, EV in % of income", "", f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
        for region in REGIONS:
            cells = [f"{frame.loc[(policy, region), steps[0]]:.3f}"]
            cells += [f"{value:+.3f}" for value in change.loc[(policy, region)]]
            cells.append(f"{frame.loc[(policy, region), steps[-1]]:.3f}")
            lines.append(f"| {region} | {' | '.join(cells)} |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def main(shared: Path) -> None:
    """Solve all and write the page."""
    made = text(solved(shared))
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(MARKS.sub(lambda found: found[1] + made + found[2], page), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared"))
