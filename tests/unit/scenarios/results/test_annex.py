"""The annex: sentences, tables with the shown numbers, and every text as text."""

from dataclasses import replace

import pytest

from cge.scenarios.economy.horizons import Horizons
from cge.scenarios.results.results import Comparison
from cge.scenarios.results.shown.annex import annex
from cge.scenarios.results.shown.page import page_data

EVIL = "<script>alert(1)</script>|"


@pytest.fixture(scope="module")
def two(result):
    return Comparison((result, replace(result, name=EVIL, title=EVIL, notes=(EVIL,))))


def test_texts_are_text_and_tables_keep_their_columns(two):
    text = annex(two, {"pair": ["KOR", "USA"]})
    assert "<script" not in text
    for line in text.splitlines():
        if line.startswith("| pair |"):
            assert len(line.replace(r"\|", "").split("|")) >= 5


def test_numbers_are_those_of_the_indicators(two):
    text = annex(two)
    section = text.partition("## Duties collected over imports")[2].partition("\n## ")[0]
    row = next(line for line in section.splitlines() if line.startswith("| USA |"))
    shown = [float(cell) for cell in row.split("|")[3:-1]]
    table = two.indicator("effective_tariff")
    assert shown == [pytest.approx(value, abs=5.1e-3) for value in table.loc["USA"]]


def test_horizons_stand_together_and_can_be_chosen(result):
    def at(horizon, scale):
        welfare = result.welfare.assign(ev_pct=scale * result.welfare["ev_pct"])
        return Comparison((replace(result, proof={**result.proof, "horizon": horizon}).with_tables(welfare=welfare),))

    both = Horizons({"short": at("short", 1.0), "long": at("long", 2.0)})
    name = result.name
    assert both.together.names == [f"{name}, short", f"{name}, long"]
    data = page_data(both.together)
    assert data["horizons"] == ["short", "long"]
    assert repr(both) == f"<Horizons: at short, long, scenarios {name}>"
    short, long = (both.together[f"{name}, {horizon}"].welfare["ev_pct"] for horizon in ("short", "long"))
    assert (long == 2.0 * short).all()


def test_the_bar_of_a_scenario_only_goes_forward():
    from cge.progress import Event
    from cge.scenarios.screen.progress import part_done

    stages = ("bind", "build", "prepare", "solve", "certify", "tables", "done")
    shares = [part_done(Event(stage, share)) for stage in stages for share in (0.0, 0.5, 1.0)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
