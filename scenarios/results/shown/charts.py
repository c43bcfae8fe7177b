"""Charts of the report as Vega-Lite specifications with their data; colours differ in grey and for the colour-blind."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from cge.scenarios.results.groups import WORLD, regions_of
from cge.scenarios.results.results import Comparison

from .frames import in_words, shown

WORLD_FILE = Path(__file__).parent / "world.json"
REST = "ROW"
"""Code of all the countries that no region of a benchmark lists."""
LOSS, GAIN = "#c2570c", "#1f5fa8"
DIVERGING = alt.Scale(scheme="blueorange", reverse=True, domainMid=0)
Spec = dict[str, Any]


def specification(chart: Any) -> Spec:
    """A chart as plain values."""
    with alt.data_transformers.disable_max_rows():  # eight scenarios of 29 regions have more than its 5,000
        spec: Spec = json.loads(chart.configure_view(stroke=None).to_json(format="vega-lite"))
    return spec


def _height(results: Comparison) -> int:
    """Of a chart with a row a region: a number, since a step would be told on the console where the width is free."""
    return 16 * len(results.results[0].welfare)


def _digits(frame: pd.DataFrame) -> pd.DataFrame:
    """Six digits of every number: a picture shows no more, and the page is smaller."""
    numbers = frame.select_dtypes("number").columns
    return frame.assign(**{name: frame[name].map(lambda value: float(f"{value:.6g}")) for name in numbers})


def _pick(results: Comparison) -> Any:
    """The choice of a scenario, by number, so that a name is only ever text."""
    count = len(results)
    labels = [f"{k + 1}. {name}" for k, name in enumerate(results.names)]
    return alt.param(
        "pick", value=0, bind=alt.binding_select(options=list(range(count)), labels=labels, name="Scenario: ")
    )


def _numbered(frame: pd.DataFrame, results: Comparison) -> pd.DataFrame:
    return frame.assign(k=frame["scenario"].map({name: k for k, name in enumerate(results.names)}))


def welfare(results: Comparison) -> Spec:
    """EV in per cent of income by region, one scenario at a time."""
    frame = shown(results, "welfare").frame
    frame = _numbered(frame[frame["region"] != WORLD], results)
    rows = _digits(frame[["k", "region", "region_name", "ev_pct", "ev_musd"]])
    pick = _pick(results)
    chart = (
        alt.Chart(rows)
        .add_params(pick)
        .transform_filter("datum.k == pick")
        .mark_bar()
        .encode(
            x=alt.X("ev_pct:Q", title="EV, % of benchmark income"),
            y=alt.Y("region_name:N", sort="-x", title=None, axis=alt.Axis(labelLimit=150)),
            color=alt.condition("datum.ev_pct < 0", alt.value(LOSS), alt.value(GAIN)),
            tooltip=[
                "region:N",
                "region_name:N",
                alt.Tooltip("ev_pct:Q", format="+.3f"),
                alt.Tooltip("ev_musd:Q", format="+,.0f"),
            ],
        )
        .properties(width="container", height=_height(results))
    )
    return specification(chart)


def world(results: Comparison) -> Spec | None:
    """A map of EV in per cent of income; none where no region says which countries it holds."""
    axis = regions_of(results.results[0].equilibrium)
    table = results.table("ev_pct")
    outlines = json.loads(WORLD_FILE.read_text(encoding="utf-8"))
    codes = [country["id"] for country in outlines["objects"]["countries"]["geometries"]]
    rest = axis.holder(REST)  # countries that no region names are in the rest of the world, where there is one
    rows = [
        {"id": code, "region": axis.titles.get(label, label)}
        | {f"s{k}": float(f"{value:.6g}") for k, value in enumerate(table.loc[label])}
        for code in codes
        if code and (label := axis.holder(code) or rest) is not None
    ]
    if not rows:
        return None
    fields = ["region", *(f"s{k}" for k in range(len(results)))]
    countries = alt.InlineData(
        values=outlines,
        format=alt.TopoDataFormat(feature="countries", type="topojson"),
    )
    chart = (
        alt.Chart(countries)
        .add_params(_pick(results))
        .mark_geoshape(stroke="white", strokeWidth=0.4, invalid=None)
        .transform_lookup(lookup="id", from_=alt.LookupData(alt.InlineData(values=rows), key="id", fields=fields))
        .transform_calculate(ev="datum['s' + pick]")
        .encode(
            color=alt.condition(
                "isValid(datum.ev)",
                alt.Color("ev:Q", scale=DIVERGING, title="EV, % of income", legend=alt.Legend(orient="bottom")),
                alt.value("#dddddd"),
            ),
            tooltip=["region:N", alt.Tooltip("ev:Q", format="+.3f", title="EV, %")],
        )
        .project("equalEarth")
        .properties(width="container", height=280)
    )
    return specification(chart)


def trade(results: Comparison) -> Spec:
    """Changes of exports by exporter and importer."""
    frame = _numbered(shown(results, "trade").frame, results)
    frame = frame[frame["exporter"] != frame["importer"]]
    new = frame["base_musd"] * (1.0 + frame["value_pct"] / 100.0)
    sums = (
        frame.assign(new=new)
        .groupby(["k", "exporter", "importer"], sort=False)[["base_musd", "new"]]
        .sum()
        .reset_index()
    )
    sums["change"] = sums["new"] - sums["base_musd"]
    sums["pct"] = 100.0 * sums["change"] / sums["base_musd"]
    labels = [str(label) for label in results.results[0].welfare.index]
    rows = _digits(sums[["k", "exporter", "importer", "base_musd", "change", "pct"]])
    chart = (
        alt.Chart(rows)
        .add_params(_pick(results))
        .transform_filter("datum.k == pick")
        .mark_rect()
        .encode(
            x=alt.X("importer:N", sort=labels, title="importer", axis=alt.Axis(orient="top", labelAngle=-90)),
            y=alt.Y("exporter:N", sort=labels, title="exporter"),
            color=alt.Color("pct:Q", scale=DIVERGING, title="change, %", legend=alt.Legend(orient="bottom")),
            tooltip=[
                "exporter:N",
                "importer:N",
                alt.Tooltip("base_musd:Q", format=",.0f", title="benchmark, m USD"),
                alt.Tooltip("change:Q", format="+,.0f", title="change, m USD"),
                alt.Tooltip("pct:Q", format="+.2f", title="%"),
            ],
        )
        .properties(width="container", height=_height(results))
    )
    return specification(chart)


def diversion(results: Comparison) -> Spec | None:
    """Trade creation and diversion by importer."""
    frame = _numbered(shown(results, "diversion").frame, results)
    if not len(frame):
        return None
    sums = frame.groupby(["k", "importer"], sort=False)[["creation_musd", "diversion_musd"]].sum().reset_index()
    rows = sums.rename(columns={"creation_musd": "creation", "diversion_musd": "diversion"})
    rows = _digits(rows.melt(["k", "importer"], var_name="kind", value_name="musd"))
    chart = (
        alt.Chart(rows)
        .add_params(_pick(results))
        .transform_filter("datum.k == pick")
        .mark_bar()
        .encode(
            x=alt.X("musd:Q", title="million USD at benchmark prices"),
            y=alt.Y("importer:N", title=None, sort=[str(label) for label in results.results[0].welfare.index]),
            yOffset="kind:N",
            color=alt.Color("kind:N", scale=alt.Scale(range=[GAIN, LOSS]), title=None, legend=alt.Legend(orient="top")),
            tooltip=["importer:N", "kind:N", alt.Tooltip("musd:Q", format="+,.0f")],
        )
        .properties(width="container", height=_height(results))
    )
    return specification(chart)


def sectors(results: Comparison) -> Spec:
    """Changes of output by region and sector."""
    frame = _numbered(shown(results, "sectors").frame, results)
    labels = [str(label) for label in results.results[0].welfare.index]
    rows = _digits(frame[["k", "region", "sector", "output_pct", "employment_pct"]])
    chart = (
        alt.Chart(rows)
        .add_params(_pick(results))
        .transform_filter("datum.k == pick")
        .mark_rect()
        .encode(
            x=alt.X("sector:N", title="sector", sort=None, axis=alt.Axis(orient="top", labelAngle=-90)),
            y=alt.Y("region:N", title="region", sort=labels),
            color=alt.Color("output_pct:Q", scale=DIVERGING, title="output, %", legend=alt.Legend(orient="bottom")),
            tooltip=[
                "region:N",
                "sector:N",
                alt.Tooltip("output_pct:Q", format="+.2f"),
                alt.Tooltip("employment_pct:Q", format="+.2f"),
            ],
        )
        .properties(width="container", height=_height(results))
    )
    return specification(chart)


def waterfall(results: Comparison, effects: Sequence[tuple[int, pd.DataFrame]]) -> Spec | None:
    """Effects of the decomposed scenarios, one region at a time, from nothing to EV."""
    rows = []
    for k, table in effects:
        for region, row in table.iterrows():
            level = 0.0
            for order, (effect, value) in enumerate(row.drop("ev_musd").items()):
                rows.append((k, str(region), order, str(effect).replace("_", " "), level, level + value, value))
                level += value
            rows.append((k, str(region), 99, "EV", 0.0, row["ev_musd"], row["ev_musd"]))
    if not rows:
        return None
    frame = _digits(pd.DataFrame(rows, columns=["k", "region", "order", "effect", "start", "end", "musd"]))
    names = results.names
    numbers = [k for k, _ in effects]
    regions = list(frame["region"].unique())
    words = in_words(results)["region"]
    pick = alt.param(
        "pick", value=numbers[0],
        bind=alt.binding_select(options=numbers, labels=[f"{k + 1}. {names[k]}" for k in numbers], name="Scenario: "),
    )  # fmt: skip
    where = alt.param(
        "place", value=regions[0],
        bind=alt.binding_select(options=regions, labels=[words.get(r, r) for r in regions], name=" Region: "),
    )  # fmt: skip
    chart = (
        alt.Chart(frame)
        .add_params(pick, where)
        .transform_filter("datum.k == pick && datum.region == place")
        .mark_bar()
        .encode(
            x=alt.X("start:Q", title="million USD in benchmark prices"),
            x2="end:Q",
            y=alt.Y("effect:N", sort=alt.SortField("order"), title=None, axis=alt.Axis(labelLimit=200)),
            color=alt.condition("datum.musd < 0", alt.value(LOSS), alt.value(GAIN)),
            tooltip=["effect:N", alt.Tooltip("musd:Q", format="+,.1f")],
        )
        .properties(width="container", height=24 * len(frame["effect"].unique()))
    )
    return specification(chart)


CHARTS: dict[str, Callable[[Comparison], Spec | None]] = {
    "welfare": welfare, "world": world, "trade": trade, "diversion": diversion, "sectors": sectors,
}  # fmt: skip
"""Charts by name that need results alone."""
