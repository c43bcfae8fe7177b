"""The report: one page of HTML that opens from disk, with its data, script, style and charts in it and no request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cge.scenarios.names.groups import load_groups
from cge.scenarios.results.groups import WORLD, Groups, members_of
from cge.scenarios.results.ranges import ranges_of
from cge.scenarios.results.results import Comparison, Result
from cge.scenarios.results.stored import Stored

from .answer import answer
from .frames import in_words, shown
from .told import assumptions, proofs

HERE = Path(__file__).parent
DECOMPOSED = "decomposition.csv"

PICTURES: Mapping[str, tuple[str, str]] = {
    "welfare": ("Equivalent variation by region", "welfare.csv"),
    "world": ("Equivalent variation on the map", "welfare.csv"),
    "waterfall": ("Where the welfare change comes from", DECOMPOSED),
    "trade": ("Change of exports by exporter and importer, at fob prices", "trade.csv"),
    "diversion": ("Trade creation and diversion by importer", "diversion.csv"),
    "sectors": ("Change of the volume of output by region and sector", "sectors.csv"),
}
"""Charts: what each shows, and its file in every scenario's folder."""

STATIC: Mapping[str, tuple[str, ...]] = {
    "Revenue": ("revenue",),
    "Quotas and their rents": ("rents",),
    "Closure swaps": ("swaps",),
    "Factors": ("factors",),
    "Emissions": ("emissions",),
    "CO2 by the fuel that is burnt": ("co2_sources",),
    "Leakage of CO2": ("leakage",),
    "Permits of CO2": ("permits",),
    "CO2 content of trade": ("carbon_trade",),
    "Consumer prices": ("prices",),
}
"""Sections of tables that are shown as they are."""

ROWS = 400
"""Rows of a table that the page holds of each scenario; the files hold all."""


def page(results: Comparison, groups: Groups = ()) -> str:
    """The report of several scenarios.

    Args:
        results: at least one; of those in a folder the decompositions beside them are shown too.
        groups: rows beside the regions and the world.

    Returns:
        HTML; every name, title and note in it is text.

    Raises:
        RequestError: there is no such group.
    """
    import altair
    import jinja2
    import vl_convert

    from .charts import CHARTS, waterfall

    effects, sure = decompositions(results), ranges_of(results)
    results = Comparison(tuple(results))  # those in folders are read once
    charts = {name: make(results) for name, make in CHARTS.items()}
    charts["waterfall"] = waterfall(results, list(effects.items()))
    version = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    script = vl_convert.javascript_bundle(vl_version=version)  # type: ignore[call-arg]
    script = script.replace("</script", r"<\/script")
    return environment.get_template("page.html").render(
        style=_raw(HERE / "page.css"),
        libraries=script,
        script=_raw(HERE / "page.js"),
        data=safe_json(page_data(results, groups)),
        charts={name: safe_json(spec) for name, spec in charts.items() if spec},
        pictures=PICTURES,
        scenarios=[_scenario(k, result, effects.get(k), sure.get(k)) for k, result in enumerate(results)],
        decomposed=bool(effects),
        static=_static(results),
        inputs=_elasticities(results),
        mixed=results.mixed,
        household=results.results[0].household,
    )


def safe_json(value: Any) -> str:
    """JSON that can stand in a script element: nothing in it ends the element or begins another."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return text.translate({ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"})


def decompositions(results: Comparison) -> dict[int, pd.DataFrame]:
    """Effects by region, million USD, of the scenarios whose folder holds a decomposition, by number."""
    found: dict[int, pd.DataFrame] = {}
    if not isinstance(results.results, Stored):
        return found
    for k, folder in enumerate(results.results.folders):
        if (folder / DECOMPOSED).is_file():
            rows = pd.read_csv(folder / DECOMPOSED, dtype={"region": str}, keep_default_na=False)
            parts = rows.pivot_table(index="region", columns="effect", values="musd", aggfunc="sum", fill_value=0.0)
            order = [effect for effect in rows["effect"].unique() if effect != "residual"]
            parts = parts[[*order, "residual"]].reindex(rows["region"].unique())
            found[k] = parts.assign(ev_musd=parts.sum(axis=1))
    return found


def _raw(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _scenario(k: int, result: Result, effects: pd.DataFrame | None, ranges: pd.DataFrame | None) -> dict[str, Any]:
    return {
        "number": k + 1,
        "name": result.name,
        "title": result.title,
        "question": result.proof.get("question", ""),
        "sources": result.proof.get("sources", ()),
        "answer": answer(result.welfare_of(), result.names(), WORLD, effects, ranges),
        "assumptions": [row for row in assumptions(result) if row not in proofs(result)],
        "proofs": proofs(result),
    }


def page_data(results: Comparison, groups: Groups = ()) -> dict[str, Any]:
    """What the welfare table is made of: measures with unit and file, rows, and values by measure and scenario."""
    words = in_words(results, groups)["region"]
    frame = shown(results, "welfare", groups)
    rows = list(dict.fromkeys(map(str, frame.frame["region"])))
    measures, values = [], []
    for column in frame.columns:
        if column.text:
            continue
        wide = frame.frame.pivot(index="region", columns="scenario", values=column.name).loc[rows, results.names]
        measures.append(_measure(column.heading, column.unit, "welfare.csv", 0 if column.format == ",.0f" else 3))
        values.append(_plain(wide))
    indicators = shown(results, "indicators", groups).frame
    for name, of in indicators.groupby("indicator", sort=False):
        if str(name) in ("ev", "ev_pct", "cv", "quota_rents", "tariff_revenue"):
            continue  # of the welfare table
        title, unit = str(name).replace("_", " "), str(of["unit"].iloc[0])
        for what, text, shown_unit in (("base", "benchmark", unit), ("new", "new", unit), ("change", "change", unit)):
            wide = of.pivot(index="region", columns="scenario", values=what).loc[rows, results.names]
            digits = 0 if "million" in unit or "kt" in unit else 3
            measures.append(_measure(f"{title}, {text}", shown_unit, "indicators.csv", digits))
            values.append(_plain(wide))
    inside = members_of(results.results[0].equilibrium, groups)
    titles = {} if isinstance(groups, Mapping) else {name: load_groups()["region"][name].title for name in groups}
    return {
        "scenarios": results.names,
        "horizons": [str(result.proof.get("horizon") or "medium") for result in results],
        "measures": measures,
        "rows": [{"label": row, "name": words.get(row, row), "own": row in (*inside, WORLD)} for row in rows],
        "groups": [{"name": titles.get(name, name), "members": members} for name, members in inside.items()],
        "values": values,
    }


def _measure(title: str, unit: str, file: str, digits: int) -> dict[str, Any]:
    return {"title": title, "unit": unit, "file": file, "digits": digits}


def _plain(wide: pd.DataFrame) -> list[list[float | None]]:
    return [
        [None if value != value else float(f"{value:.9g}") for value in row]
        for row in wide.to_numpy(dtype=float).tolist()
    ]


def _static(results: Comparison) -> list[dict[str, Any]]:
    sections = []
    for title, names in STATIC.items():
        for name in names:
            of = shown(results, name)
            if not len(of.frame):
                continue
            numbers = [column.name for column in of.columns if not column.text]
            size = of.frame[numbers].astype(float).abs().max(axis=1)  # of an empty table they are objects
            kept = of.frame.loc[
                size.groupby(of.frame["scenario"]).nlargest(ROWS).index.get_level_values(-1)
            ].sort_index()
            rows = [
                [column.shown(value) for column, value in zip(of.columns, row, strict=True)] for row in kept.to_numpy()
            ]
            cut = len(of.frame) > len(kept)
            sections.append(
                {
                    "title": title, "file": f"{name}.csv", "columns": of.columns, "rows": rows, "note": of.table.title,
                    "cut": f"the {ROWS} largest rows of each scenario; the file holds all" if cut else "",
                }
            )  # fmt: skip
    return sections


def _elasticities(results: Comparison) -> list[dict[str, Any]]:
    """Elasticities of the first scenario by parameter: smallest, mean and largest over labels."""
    inputs = results.results[0].inputs
    inputs = inputs[inputs["unit"] == "elasticity"]
    found = []
    for name, of in inputs.groupby("parameter", sort=True):
        finite = of["value"][of["value"] < float("inf")]
        numbers = (
            [f"{value:.2f}" for value in (finite.min(), finite.mean(), finite.max())] if len(finite) else ["inf"] * 3
        )
        found.append({"parameter": name, "numbers": numbers, "count": len(of)})
    return found
