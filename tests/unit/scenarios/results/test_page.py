"""The report is one page without requests, in which every text is text; a browser reads it as the files say."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cge.scenarios.results.results import Comparison
from cge.scenarios.results.shown.page import page, safe_json
from cge.scenarios.results.stored import Stored

for part in ("altair", "jinja2", "vl_convert"):
    pytest.importorskip(part, reason=f"{part} of the extra report is not installed")

EVIL = "<script>alert(1)</script>"


def named(result, text):
    """The result with a region and its name replaced by a text."""
    tables = {}
    for name, table in result.tables.items():
        frame = table.rename(index={"USA": text}) if table.index.name == "region" else table
        labels = [c for c in ("region", "exporter", "importer", "receiver", "label", "name") if c in frame]
        tables[name] = frame.assign(**{c: frame[c].replace("USA", text) for c in labels})
    point = result.equilibrium
    regions = [text if label == "USA" else label for label in point["region"].values]
    words = np.array([text if label == text else label for label in regions], dtype=object)
    point = point.assign_coords(region=regions, region_name=("region", words)).drop_attrs(deep=False)
    return replace(result, title=text, notes=(text,), tables=tables, equilibrium=point)


@pytest.fixture(scope="module")
def evil(result):
    first = named(result, EVIL)
    return Comparison((first, replace(first, name=EVIL)))


@pytest.fixture(scope="module")
def file(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    stored = Stored()
    for name in ("one", "two"):
        scale = 1.0 if name == "one" else -2.0
        welfare = result.welfare.assign(ev_pct=scale * result.welfare["ev_pct"])
        stored.add(name, replace(result, name=name).with_tables(welfare=welfare).save(folder / name))
    effects = pd.DataFrame(
        {"region": ["USA", "USA", "KOR"], "effect": ["terms_of_trade", "residual", "rents"], "musd": [5.0, 0.5, -2.0]}
    )
    effects.to_csv(folder / "one" / "decomposition.csv", index=False)
    return Comparison(stored).report(folder / "report.html", {"two": ["KOR", "USA"]})


def test_the_page_is_small_and_names_nothing_outside_it(file):
    text = file.read_text(encoding="utf-8")
    assert file.stat().st_size < 2e6
    own = re.sub(r"<script>.*?</script>", "", text, flags=re.S)  # without the libraries
    own = re.sub(r'<script type="application/json".*?</script>', "", own, flags=re.S)
    assert not re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(?!#)""", own.replace('href="#', ""))
    assert "default-src 'none'" in own


def test_a_region_that_is_a_script_is_text_everywhere(evil):
    text = page(evil)
    assert EVIL not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "\\u003cscript\\u003ealert(1)" in text


def test_a_chart_holds_the_flows_of_eight_scenarios_and_all_regions():
    import altair as alt

    from cge.scenarios.results.shown.charts import specification

    rows = pd.DataFrame({"x": range(8 * 29 * 28)})
    spec = specification(alt.Chart(rows).mark_bar().encode(x="x:Q"))
    assert len(next(iter(spec["datasets"].values()))) == len(rows)


def test_json_in_a_script_element_cannot_end_it():
    value = {"a": "</script><!--", "b": "\u2028&"}
    text = safe_json(value)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == value


# In a browser ---------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(browser):
    def opened(file, width=1200):
        tab = browser.new_page(viewport={"width": width, "height": 900})
        tab.told, tab.asked = [], []
        tab.on("console", lambda message: tab.told.append(message.text))
        tab.on("pageerror", lambda error: tab.told.append(str(error)))
        tab.on("dialog", lambda dialog: tab.told.append("dialog") or dialog.dismiss())
        tab.on("request", lambda request: tab.asked.append(request.url))
        tab.goto(file.as_uri())
        tab.wait_for_selector("#chart-sectors svg", timeout=60_000)
        return tab

    return opened


def cells(tab):
    return tab.eval_on_selector_all(
        "#numbers tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )


@pytest.mark.parametrize("width", [1200, 390])
def test_it_opens_from_disk_without_a_request_or_a_word_on_the_console(file, opened, axe, width):
    tab = opened(file, width)
    assert (tab.told, tab.asked) == ([], [file.as_uri()])
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(tab) == []
    charts = tab.eval_on_selector_all(".chart svg", "all => all.length")
    assert charts == len(tab.query_selector_all(".chart")) >= 5


def test_the_table_says_what_welfare_csv_says_and_sorts_filters_and_switches(file, opened):
    tab = opened(file)
    welfare = pd.read_csv(file.parent / "one" / "welfare.csv").set_index("region")
    other = pd.read_csv(file.parent / "two" / "welfare.csv").set_index("region")
    shown = {row[0]: row[2:] for row in cells(tab)}
    assert list(shown) == [*welfare.index, "two", "world"]
    for region in welfare.index:
        expected = [welfare.loc[region, "ev_pct"], other.loc[region, "ev_pct"]]
        assert [float(text.replace(",", "")) for text in shown[region]] == pytest.approx(expected, abs=5.1e-4)
    tab.click("#numbers thead th:nth-child(3) button")
    values = [float(row[2].replace(",", "")) for row in cells(tab)]
    assert values == sorted(values, reverse=True)
    tab.keyboard.press("Enter")
    assert [float(row[2].replace(",", "")) for row in cells(tab)] == sorted(values)
    tab.select_option("#rows", label="members of two")
    assert {row[0] for row in cells(tab)} == {"KOR", "USA"}
    tab.select_option("#rows", label="all")
    tab.fill("#filter", "kor")
    left = {row[0] for row in cells(tab)}
    assert "KOR" in left
    assert "USA" not in left
    tab.fill("#filter", "")
    tab.select_option("#measure", label="EV, million USD")
    money = {row[0]: float(row[2].replace(",", "")) for row in cells(tab)}
    assert money["USA"] == pytest.approx(welfare.loc["USA", "ev_musd"], abs=0.51)
    assert "welfare.csv" in tab.text_content("#numbers-caption")


def test_a_script_as_a_name_does_not_run(evil, opened, tmp_path):
    tab = opened(evil.report(tmp_path / "evil.html"))
    assert tab.told == []
    assert EVIL in {row[0] for row in cells(tab)}
    assert EVIL in tab.text_content("h2")
