"""Write docs/annex.md: what one command writes on six policies, at 12 x 12.

Run by hand (half a minute of one core); a test compares the committed page with what this writes.
"""

from __future__ import annotations

from pathlib import Path

import cge
from cge.scenarios.results.shown.annex import annex

PAGE = Path(__file__).parent / "annex.md"
SIX = (
    "us-universal-10", "us-china-60-on-top", "us-universal-10-retaliation", "korea-cptpp", "korea-steel-trq",
    "us-duties-latest",
)  # fmt: skip
GROUPS = ("cptpp", "eu")
BENCHMARK = "world2022-12x12"


def page() -> str:
    """The page: the command, and its file with headings one step down."""
    text = annex(cge.run(SIX, benchmark=BENCHMARK), GROUPS)
    head = [
        "<!-- Written by docs/annex.py; run it again where a number moved. -->",
        "",
        "# An annex on six policies",
        "",
        "One command writes this page, answers, tables and all; with `.xlsx` in the place of `.md` a workbook of every",
        "table, with `cge report` the [page of HTML](gallery.md). The small benchmark is for quick work: leave",
        "`--benchmark` out for figures to quote.",
        "",
        "```sh",
        f"cge compare {' '.join(SIX)} \\",
        f"    --benchmark {BENCHMARK} --groups-shown {','.join(GROUPS)} --table annex.md",
        "```",
        "",
    ]
    body = "\n".join(f"#{line}" if line.startswith("#") else line for line in text.splitlines())
    return "\n".join(head) + body + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE.name}")
