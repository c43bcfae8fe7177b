"""Results on the screen: rounded for reading, with units in every head; files are never rounded."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cge.decomposition import Decomposition
from cge.scenarios.files.headings import POLICIES
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.files.signs import KEYS, field_of, sign
from cge.scenarios.names.agreements import Agreement
from cge.scenarios.names.horizon import Financing
from cge.scenarios.results.cautions import FOREIGN
from cge.scenarios.results.groups import WORLD, Groups
from cge.scenarios.results.ranges import ranges_of
from cge.scenarios.results.ranges import shown as range_shown
from cge.scenarios.results.registry import WELFARE
from cge.scenarios.results.results import Comparison, Result
from cge.scenarios.results.shown.frames import side_by_side

from .console import console as console
from .console import table as _table

if TYPE_CHECKING:
    import pandas as pd

    from cge.scenarios.economy.diff import Difference

TOTALS = ("total_musd", "ev_musd", "residual_musd")
MOVE = "move: of every cell of the freed instrument, around the level that the scenario sets"
EFFECTS_CAPTION = "parts of the equivalent variation in benchmark prices; docs/welfare.md defines them"
WELFARE_CAPTION = "EV, CV: equivalent and compensating variation; revenue and rent: levels after the shock"
EV_SHARE = WELFARE.column("ev_pct")
EV_CAPTION = "equivalent variation in million USD of the benchmark's year and, after it, in % of benchmark income"


UNITS: Mapping[str, str] = {"million USD": "m USD", "% of benchmark income": "% income"}
"""Units that are shorter in the head of a column."""


def _head(heading: str, unit: str = "") -> str:
    """Head of a column: words under one another, and the unit last."""
    lines = textwrap.wrap(heading, 10) or [""]
    return "\n".join([*lines, UNITS.get(unit, unit)] if unit else lines)


def agreement(found: Agreement) -> Group:
    """Everything that an agreement's file says."""
    lines = [f"members: {', '.join(found.countries)}", f"goods: {found.goods}"]
    lines.append("no tariff is cut" if found.tariff is None else f"tariff between members: {found.tariff:g} %")
    lines += [f"{region} leaves out {goods}" for region, goods in found.exclude.items()]
    if found.phase_in:
        steps = ", ".join(f"{100 * share:g} % after {year} years" for year, share in sorted(found.phase_in.items()))
        lines.append(f"cuts made: {steps}")
    if found.charge:
        lines.append(f"charge on those outside: {found.charge.points:g} points on {found.charge.sectors}")
    head = Text(f"{found.name}: {found.title}, {found.in_force or 'proposed'}\n", style="bold")
    parts: list[RenderableType] = [head, _part("Agreement", lines), _part("Sources", found.sources)]
    return Group(*parts, *([_part("Leaves out", [found.leaves_out])] if found.leaves_out else []))


def _part(head: str, lines: Iterable[str]) -> Group:
    return Group(Text(head, style="bold"), *(Padding(Text(line), (0, 0, 0, 2)) for line in lines))


def description(scenario: Scenario) -> Group:
    """Everything that a scenario's file says."""

    parts: list[RenderableType] = [
        Text(f"{scenario.name}: {scenario.title}", style="bold"),
        Padding(Text(scenario.question), (1, 0)),
    ]
    if scenario.baseline:
        parts.append(_part("Compared with", [f"the solution of {scenario.baseline}, unless --baseline names another"]))
    if scenario.horizon:
        parts.append(_part("Horizon", [f"{scenario.horizon}, unless --horizon names another"]))
    if scenario.financing:
        words = Financing.read(scenario.financing).name
        parts.append(_part("Who pays", [f"{words}, unless --financing names another"]))
    if scenario.parts:
        wins = f"; where two differ, {scenario.wins} wins" if scenario.wins else ""
        parts.append(_part(f"Parts, in order{wins}", [f"{p.name}: {p.title}" for p in scenario.parts]))
    parts.append(_part("Shocks, in order", [str(block) for block in scenario.shocks] or ["none"]))
    parts.append(_part("Sources", scenario.sources))
    if scenario.leaves_out:
        parts.append(_part("Leaves out", [scenario.leaves_out]))
    policy = f" ({POLICIES[scenario.row]})" if scenario.row in POLICIES else ""
    parts.append(
        Text(
            f"\nrow {scenario.row or '-'} of the table of policies{policy}; fingerprint {scenario.sha256[:12]}",
            style="dim",
        )
    )
    return Group(*parts)


def difference(found: Difference) -> Group:
    """What differs between two scenarios."""
    if found.same:
        return Group(Text(f"{found.names[0]} and {found.names[1]} do the same on this benchmark", style="bold"))
    parts: list[RenderableType] = []
    for what, pair in (("says", found.shocks), ("limits", found.quotas)):
        for name, lines in zip(found.names, pair, strict=True):
            if lines:
                parts.append(Text(f"only {name} {what}", style="bold"))
                parts += [Padding(Text(line), (0, 0, 0, 2)) for line in lines]
    summary = found.summary()
    if not summary.empty:
        table = _table(
            "Rates that differ",
            caption="a, b: simple means over the cells that differ, per cent; largest: points. "
            "All cells in Python: cge.diff(a, b).levels",
        )
        for column in ("instrument", "importer or region"):
            table.add_column(column, no_wrap=True)
        for column in ("exporters", "sectors", "cells", *found.names, "largest"):
            table.add_column(column, justify="right")
        for row in summary.to_dict("records"):
            counts = [str(row[key] or "") for key in ("exporters", "sectors", "cells")]
            numbers = [f"{row[key]:.2f}" for key in ("a", "b", "largest")]
            table.add_row(row["instrument"], row["place"], *counts, *numbers)
        parts.append(table)
    return Group(*parts)


def welfare(result: Result, ranges: pd.DataFrame | None = None) -> Table:
    """The welfare table of one result, with the range of EV beside it where its uncertainty is known."""
    table = _table(
        f"{result.name}: {result.title}",
        caption=f"{WELFARE_CAPTION}\nof the {result.household}",
    )
    table.add_column("region", no_wrap=True, vertical="bottom")
    columns = [WELFARE.column(name) for name in _told(result)]
    for column in columns:
        table.add_column(_head(column.heading, column.unit), justify="right", no_wrap=True)
        if ranges is not None and column.name == "ev_pct":
            table.add_column(f"range\n{_interval(ranges)}", justify="right", no_wrap=True)
    for region, row in result.welfare_of().iterrows():
        if region == WORLD:
            table.add_section()
        cells = [c.shown(row[c.name]) for c in columns]
        if ranges is not None:
            place = next((k + 1 for k, c in enumerate(columns) if c.name == "ev_pct"), len(cells))
            cells.insert(place, _range(ranges, str(region)))
        table.add_row(str(region), *cells)
    return table


def _interval(ranges: pd.DataFrame) -> str:
    return f"{float(ranges['interval'].iloc[0]):.0%}"


def _range(ranges: pd.DataFrame, region: str) -> str:
    """The range of a region's EV, per cent of income; nothing where there is none, as of the world."""
    key = (region, "ev_pct")
    return range_shown(ranges.loc[key]) if key in ranges.index else ""


def _told(result: Result) -> list[str]:
    """Columns of the welfare table that say something: EV net where capital was added, government where it may move."""
    table = result.welfare
    silent = {"real_government_pct"} if result.household.startswith("regional") else set()
    if FOREIGN not in result.notes:  # nine numbers a row fit on a screen; files hold all
        silent |= {"real_absorption_pct"}
    if bool(table["ev_steady_pct"].isna().all()):
        silent |= {"ev_steady_pct"}
    if bool((table["ev_net_musd"] == table["ev_musd"]).all()):
        silent |= {"ev_net_musd", "ev_net_pct"}
    return [str(column) for column in table.columns if column not in silent]


NAME = 24
"""Columns that a name in words may take."""


def comparison(
    results: Comparison, groups: Groups = (), title: str = "Welfare by region against the benchmark"
) -> Group:
    """Equivalent variation side by side, million USD and per cent of income; groups and the world under the regions."""
    whose = results.mixed or f"of the {results.results[0].household}"
    table = _table(title, caption=f"{EV_CAPTION}\n{whose}")
    columns, frame = side_by_side(results, groups=groups)
    sure = ranges_of(results)
    numbered, wide = len(results) > 4, len(results) <= 3
    table.add_column("region", no_wrap=True, vertical="bottom")
    if wide:
        table.add_column("name", no_wrap=True, vertical="bottom", max_width=NAME, overflow="ellipsis")
    for number, name in enumerate(results.names, start=1):
        head = f"({number})" if numbered else name
        table.add_column(f"{head}\nm USD", justify="right", no_wrap=True)
        table.add_column("\n%", justify="right", no_wrap=True)
        if number - 1 in sure:
            table.add_column(f"range\n{_interval(sure[number - 1])}", justify="right", no_wrap=True)
    last = len(results.results[0].welfare) - 1
    for row, (index, values) in enumerate(zip(frame.index, frame.to_numpy(dtype=float).tolist(), strict=True)):
        cells = [columns[k % len(columns)].shown(value) for k, value in enumerate(values)]
        for number in sorted(sure, reverse=True):
            cells.insert((number + 1) * len(columns), _range(sure[number], str(index[0])))
        table.add_row(*map(str, index if wide else index[:1]), *cells, end_section=row == last)
    key = [Text(f"({n}) {r.name}: {r.title}") for n, r in enumerate(results, start=1)] if numbered else []
    return Group(table, *key)


def effects(found: Decomposition, name: str) -> Group:
    """Effects of a decomposition by region; and by shock, if it has them."""
    summary = found.summary()
    shown = [column for column in summary.columns if column in TOTALS or bool(summary[column].abs().max() > 0.0)]
    table = _table(f"{name}: where welfare comes from, m USD", caption=EFFECTS_CAPTION)
    by_shock = summary.index.nlevels > 1
    table.add_column("region", no_wrap=True)
    if by_shock:
        table.add_column("shock", justify="right")
    for column in shown:
        table.add_column(_effect(column), justify="right", no_wrap=True)
    for index, row in summary.iterrows():
        keys = [str(key) for key in index] if isinstance(index, tuple) else [str(index)]
        table.add_row(keys[0], *(key.split(".")[0] for key in keys[1:]), *(f"{row[c]:,.2f}" for c in shown))
    key = [Text(str(shock)) for shock in found.parts["shock"].values] if by_shock else []
    residual = float(abs(found.residual).max())
    return Group(table, *key, Text(f"largest residual {residual:.1e} m USD"))


def _effect(column: str) -> str:
    """Head of a column of effects."""
    words = column.removesuffix("_musd").replace("_", " ")
    return _head("EV" if words == "ev" else words)


def rents(results: Comparison) -> Table:
    """What every quota does, and who gets its rent."""
    caption = "before -> after; premium on the fob value; fill: imports over the quota"
    table = _table("Quotas and their rents", caption=caption)
    for head, justify in (
        ("scenario", "left"), ("flow", "left"), ("quota is", "left"), ("premium, %", "right"), ("fill", "right"),
        ("rent, m USD", "right"), ("goes to", "left"),
    ):  # fmt: skip
        table.add_column(head, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for row in results.rents.to_dict("records"):
        fill = "" if row["fill"] != row["fill"] else f"{row['fill']:.1%}"
        owner = row["owner"] if row["owner"] == "nobody" else f"{row['owner']} ({row['receiver']})"
        table.add_row(
            row["scenario"], f"{row['exporter']} {row['importer']} {row['sector']}", row["regime"],
            f"{row['base_premium_pct']:.2f} -> {row['premium_pct']:.2f}", fill,
            f"{row['base_musd']:,.1f} -> {row['new_musd']:,.1f}", owner,
        )  # fmt: skip
    return table


def swaps(results: Comparison) -> Table:
    """The outcomes that were fixed, and how far the freed instruments moved."""
    table = _table("Closure swaps: outcomes that are fixed, and the instruments freed for them", caption=MOVE)
    for head, justify in (
        ("scenario", "left"), ("fixed outcome", "left"), ("unit", "left"), ("before -> after", "right"),
        ("freed instrument", "left"), ("move", "right"),
    ):  # fmt: skip
        table.add_column(head, justify=justify)  # type: ignore[arg-type]
    for row in results.swaps.to_dict("records"):
        table.add_row(
            row["scenario"], row["swap"], row["unit"], f"{row['base']:,.4g} -> {row['now']:,.4g}", row["instrument"],
            f"{row['move']:+,.3f} {row['move_unit']}",
        )  # fmt: skip
    return table


def proofs(results: Comparison) -> Table:
    """Why the results can be believed, one line each."""
    table = _table(
        "Proof",
        caption="largest residuals; Walras: share of world income; accounts: of their turnover; IPOPT: 0 is success",
    )
    table.add_column("scenario", no_wrap=True)
    for head in ("at benchmark", "at solution", "Walras", "accounts", "IPOPT", "found by", "seconds"):
        table.add_column(head, justify="right", no_wrap=True)
    for result in results:
        p = result.proof
        table.add_row(
            result.name, f"{p['benchmark_residual']:.0e}", f"{p['max_residual']:.0e}", f"{p['walras']:.0e}",
            f"{p['identities']:.0e}", f"{p['ipopt_status']} ({p['ipopt_version']})", str(p["method"]),
            f"{sum(p['seconds'].values()):.1f}",
        )  # fmt: skip
    return table


def signs(name: str) -> list[RenderableType]:
    """What the answer of a scenario of the library hangs on: signs by case and region; nothing if none are kept."""
    rows = field_of(name)
    if not rows:
        return []
    regions = [key.removesuffix("_ev") for key in rows[0] if key.endswith("_ev")]
    table = _table(
        "Signs of EV net and real GDP at 12 x 12, by what the answer hangs on",
        caption="+ gains, - loses, 0 under 0.005 %; python docs/signs.py writes them; docs/signs.md",
    )
    for head in ("horizon", "who pays", "rent", *regions):
        table.add_column(head, no_wrap=True)
    for row in rows:
        cells = [f"{sign(row[f'{r}_ev'])} {sign(row[f'{r}_gdp'])}" for r in regions]
        table.add_row(*(row[key] for key in KEYS), *(["no answer"] if row["why"] else cells))
    return [table]


def notes(results: Comparison) -> list[Text]:
    """Notes, each once, with the scenarios that they concern."""
    return notes_by_name({result.name: result.notes for result in results})


def notes_by_name(found: Mapping[str, Iterable[str]]) -> list[Text]:
    """Notes of scenarios, each once, with those that they concern."""
    by_note: dict[str, list[str]] = {}
    for name, notes in found.items():
        for note in notes:
            by_note.setdefault(note, []).append(name)
    return [Text(f"note ({', '.join(names)}): {note}", style="yellow") for note, names in by_note.items()]
