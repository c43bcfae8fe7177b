"""An annex in Markdown: questions with their answers in words, welfare, indicators, exports by partner, assumptions."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cge.scenarios.results.figures import export_shares
from cge.scenarios.results.groups import WORLD, Groups, regions_of
from cge.scenarios.results.results import Comparison

from .answer import answer
from .frames import in_words
from .papers import markdown, piped
from .told import assumptions

EXPORTER = "KOR"
"""Whose exports by partner are shown, where the benchmark has this country."""

INDICATORS: Mapping[str, tuple[str, str]] = {
    "effective_tariff": ("Duties collected over imports, % of the cif value", "new"),
    "consumer_prices": ("Consumer prices over the world factor price, change in %", "change_pct"),
    "real_wage": ("Average reward of labour in consumer prices, change in %", "change_pct"),
    "employment": ("Labour employed, change in %", "change_pct"),
    "exports": ("Exports to other regions, change in %", "change_pct"),
    "trade_balance": ("Trade balance, change in million USD", "change"),
    "tariff_revenue": ("Tariff revenue, change in million USD", "change"),
    "ev_per_head": ("Equivalent variation a head, USD", "new"),
}
"""Indicators that are shown, with their headings and what of them; one that nothing moves is left out."""


def annex(results: Comparison, groups: Groups = ()) -> str:
    """The annex of several scenarios.

    Args:
        results: at least one; read once each.
        groups: rows beside the regions and the world.

    Raises:
        RequestError: there is no such group.
    """
    lines = [f"# {'A policy' if len(results) == 1 else f'{len(results)} policies'} against the benchmark", ""]
    for number, result in enumerate(results, 1):
        lines += [f"## {number}. {piped(result.title)}", "", f"`{piped(result.name)}`", ""]
        lines += [f"*{piped(question)}*", ""] if (question := str(result.proof.get("question") or "")) else []
        lines += [f"- {piped(sentence)}" for sentence in answer(result.welfare_of(), result.names(), WORLD)] + [""]
    lines += ["## Welfare", "", *([f"**{piped(results.mixed)}**", ""] if results.mixed else [])]
    lines += [f"Equivalent variation of the {results.results[0].household}.", "", markdown(results, groups=groups)]
    words = in_words(results, groups)["region"]
    for name, (heading, what) in INDICATORS.items():
        table = results.indicator(name, groups=groups, what=what)
        changes = table.drop(columns="benchmark", errors="ignore")
        if name in ("effective_tariff", "ev_per_head") or float(changes.abs().max().max() or 0.0) > 1e-9:
            table = table if name == "effective_tariff" else changes
            lines += [f"## {heading}", "", _table(table, "region", words, 2 if what != "change" else 0), ""]
    lines += _exports(results)
    lines += ["## What it stands on", ""]
    for result in results:
        told = [(key, text) for key, text in assumptions(result) if not key.endswith("fingerprint")]
        lines += [f"**{piped(result.name)}**", "", *(f"- {piped(f'{key}: {text}')}" for key, text in told), ""]
    return "\n".join(lines)


def _exports(results: Comparison) -> list[str]:
    """Exports by partner of one country, before and after."""
    region = regions_of(results.results[0].equilibrium).label_of(EXPORTER)
    if region is None:
        return []
    shares = [export_shares(result, region) for result in results]
    columns = {"benchmark": shares[0]["base_pct"]}
    columns |= {name: share["new_pct"] for name, share in zip(results.names, shares, strict=True)}
    heading = f"## Exports of {piped(results.results[0].names().get(region, region))} by partner, % of the total"
    return [heading, "", _table(pd.DataFrame(columns).loc[shares[0].index], "partner", {}, 2), ""]


def _table(frame: pd.DataFrame, key: str, words: Mapping[str, str], digits: int) -> str:
    heads = [key, *(["name"] if words else []), *(piped(str(name)) for name in frame.columns)]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * (1 + bool(words)) + "--:|" * len(frame.columns)]
    for label, row in zip(map(str, frame.index), frame.to_numpy(dtype=float).tolist(), strict=True):
        named = [piped(label), *([piped(words.get(label, label))] if words else [])]
        lines.append(f"| {' | '.join([*named, *(_number(value, digits) for value in row)])} |")
    return "\n".join(lines)


def _number(value: float, digits: int) -> str:
    """A number without the sign of a zero; nothing where there is none."""
    if value != value:
        return ""
    text = f"{value:,.{digits}f}"
    return text if any(digit in text for digit in "123456789") else text.removeprefix("-")
