"""A long batch is shortened on the screen, and says so."""

from io import StringIO
from types import SimpleNamespace

import pandas as pd
import pytest
from rich.console import Console

from cge.scenarios.screen.batch import ROWS, summary


@pytest.mark.parametrize("regions", [3, ROWS + 7])
def test_the_spread_of_many_rows_is_shortened_with_a_notice(regions):
    runs = pd.DataFrame({"scenario": ["a", "a"], "draw": [0, 1], "status": ["solved", "solved"], "reason": ["", ""]})
    index = pd.MultiIndex.from_product([["a"], [f"R{k}" for k in range(regions)]], names=["scenario", "region"])
    spread = pd.DataFrame({"default": 0.1, 0.5: 0.2}, index=index)
    batch = SimpleNamespace(
        runs=runs,
        keys=["scenario", "draw"],
        failures=runs[runs["status"] != "solved"],
        notes={},
        quantiles=lambda: spread,
    )
    console = Console(width=100, record=True, file=StringIO())
    for part in summary(batch):
        console.print(part)
    text = console.export_text()
    assert text.count("0.200") == min(regions, ROWS)
    assert ("7 rows more" in text) == (regions > ROWS)
