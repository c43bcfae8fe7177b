"""The report of eight scenarios from saved results, and the compile and solve of one, as JSON.

python benchmarks/report.py BENCHMARK
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.measure import cpu

EIGHT = (
    "us-universal-10", "us-universal-10-fta-exempt", "us-universal-10-retaliation", "us-china-60-on-top", "korea-cptpp",
    "korea-cptpp-sensitive-farm", "korea-steel-trq", "korea-steel-removal",
)  # fmt: skip


def main(table: str) -> dict[str, Any]:
    """Processor seconds of each, and the bytes of the page."""
    import cge
    from cge.scenarios.results.results import Comparison, Result

    folder = Path(mkdtemp())
    place = cge.economy(table)
    one = cpu(lambda: place.run(EIGHT[0], folder))
    place.run(EIGHT, folder)

    def report() -> None:
        results = Comparison(tuple(Result.load(folder / name) for name in EIGHT))
        results.report(folder / "report.html", overwrite=True)

    return {"one": one, "report": cpu(report), "size": (folder / "report.html").stat().st_size}


if __name__ == "__main__":
    os.environ["CGE_CACHE"] = "off"  # a compiled model that is kept on disk would leave the compiling out
    print(json.dumps(main(sys.argv[1])))
