"""Every value shows itself in a line and as a short card whose texts are text; plots draw what the tables say."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import cge
from cge.errors import RequestError
from cge.plots import bars, heatmap, waterfall
from cge.shown import COLUMNS, ROWS, card, line

mpl.use("Agg")
SCRIPT = "<script>alert(1)</script>"


def test_texts_of_a_card_are_text():
    table = pd.DataFrame({SCRIPT: [1.0, -0.0]}, index=[SCRIPT, "b"])
    shown = card(SCRIPT, {SCRIPT: SCRIPT}, table, SCRIPT)
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") == 6


def test_a_card_is_short_and_says_what_it_leaves_out():
    table = pd.DataFrame(np.ones((ROWS + 5, COLUMNS + 3)))
    shown = card("many", {}, table)
    assert shown.count("<tr>") == ROWS
    assert f"{ROWS + 5} rows, {COLUMNS + 3} columns" in shown


def test_a_line_is_one():
    assert line("Thing", {"a": 1, "b": "two"}) == "<Thing: a 1, b two>"


@pytest.fixture(scope="module")
def small():
    return cge.economy("world2022-12x12")


def test_values_show_themselves(small):
    scenario = cge.load_scenario("korea-cptpp")
    for value in (small, small.benchmark, small.closure, small.parameters, scenario, small.diff("rcep", "korea-cptpp")):
        assert len(repr(value).splitlines()) <= 3
        assert value._repr_html_().startswith("<div><strong>")
        assert len(value._repr_html_()) < 20_000


def test_bars_have_the_lengths_of_the_table():
    axes = bars(pd.DataFrame({"x": [1.5, -2.0]}, index=["a", "b"]), "m USD")
    assert [bar.get_width() for bar in axes.patches] == [1.5, -2.0]
    assert axes.patches[0].get_facecolor() != axes.patches[1].get_facecolor()
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]
    two = bars(pd.DataFrame({"x": [1.0], "y": [2.0]}, index=["a"]), "m USD")
    assert [text.get_text() for text in two.get_legend().get_texts()] == ["x", "y"]


def test_a_waterfall_ends_where_its_parts_do():
    axes = waterfall(pd.Series({"one_effect": 3.0, "other": -1.0}), "EV", "m USD")
    assert [(bar.get_x(), bar.get_width()) for bar in axes.patches] == [(0.0, 3.0), (3.0, -1.0), (0.0, 2.0)]
    assert axes.get_yticklabels()[0].get_text() == "one effect"


def test_a_heatmap_is_white_at_nothing():
    axes = heatmap(pd.DataFrame([[1.0, -4.0]], index=["a"], columns=["b", "c"]), "%")
    assert axes.images[0].get_clim() == (-4.0, 4.0)


def test_plots_of_results(plotted):
    axes = plotted.plot("real_gdp_pct")
    table = plotted.table("real_gdp_pct")
    first = {text.get_text(): bar.get_width() for text, bar in zip(axes.get_yticklabels(), axes.patches, strict=False)}
    assert first == {name: table.iloc[:, 0][name] for name in first}
    assert plotted[plotted.names[0]].plot.exports().images[0].get_array().shape == (2, 2)
    assert plotted.plot.sectors("price_pct", plotted.names[1]).get_xlabel() == "sector"
    for wrong in (
        lambda: plotted.plot("none"),
        lambda: plotted.plot.exports(),
        lambda: plotted.plot.sectors("none", plotted.names[0]),
    ):
        with pytest.raises(RequestError):
            wrong()


@pytest.fixture
def plotted():
    def result(name, scale):
        regions = ["A", "B"]
        welfare = pd.DataFrame({"ev_pct": [1.0, -1.0], "real_gdp_pct": [0.5 * scale, -0.2]}, index=regions)
        flows = [(x, m, "S", 10.0, 10.0 + scale) for x in regions for m in regions]
        tables = {
            "welfare": welfare.rename_axis("region"),
            "trade": pd.DataFrame(flows, columns=["exporter", "importer", "sector", "base_musd", "new_musd"]),
            "sectors": pd.DataFrame({"region": regions, "sector": ["S", "S"], "price_pct": [scale, 0.0]}),
        }
        point = xr.Dataset(coords={"region": regions, "sector": ["S"], "factor": ["L"]})
        return cge.Result(name, name, tables, point, {})

    return cge.Comparison((result("one", 1.0), result("two", 3.0)))
