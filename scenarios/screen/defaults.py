"""What is said once a folder of results when the default benchmark is another than it was."""

from __future__ import annotations

import json
from pathlib import Path

from cge.scenarios.economy.options import DEFAULT_BENCHMARK, FORMER_BENCHMARK


def news(benchmark: str, out: Path) -> str:
    """One sentence if a run takes the default benchmark and its folder holds no result of it; empty otherwise.

    Args:
        benchmark: name that the run takes.
        out: its folder of results, as it was before the run.
    """
    if benchmark != DEFAULT_BENCHMARK or any(_benchmark_of(file) == benchmark for file in out.glob("*/proof.json")):
        return ""
    return (
        f"the default benchmark is {DEFAULT_BENCHMARK} now; results of before are reproduced with "
        f"--benchmark {FORMER_BENCHMARK} (what moved them, step by step: docs/changes-2022.md)"
    )


def _benchmark_of(proof: Path) -> str:
    try:
        return str(json.loads(proof.read_text(encoding="utf-8")).get("benchmark", ""))
    except (OSError, ValueError, AttributeError):
        return ""
