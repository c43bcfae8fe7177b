"""The answer in words, from the numbers: who gains, who loses, by how much, why, and what the sign hangs on."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cge.scenarios.results.ranges import sentence

MOST = 3
"""Regions that a sentence names."""

NO_EFFECTS = ("ev_musd", "residual")
"""Columns beside the effects."""

SMALL = 0.0005
"""Per cent of income under which a region neither gains nor loses: it shows as zero."""


def answer(
    welfare: pd.DataFrame,
    names: Mapping[str, str],
    world: str,
    effects: pd.DataFrame | None = None,
    ranges: pd.DataFrame | None = None,
) -> list[str]:
    """Sentences on one scenario.

    Args:
        welfare: index `region`, with the row of the world; the columns of the welfare table.
        names: label to name in words.
        world: label of the world's row.
        effects: million USD by region (index) and effect (columns) of a decomposition, if there is one.
        ranges: of the welfare table (index region and column), if its uncertainty is known.

    Returns:
        One sentence each.
    """
    regions = welfare.drop(index=world)
    share = regions["ev_pct"]
    gain, lose = regions[share > SMALL], regions[share < -SMALL]
    rows = {str(label): row for label, row in welfare.iterrows()}
    lines = [_world(rows[world])]
    for verb, some in (("gain", gain.sort_values("ev_musd", ascending=False)), ("lose", lose.sort_values("ev_musd"))):
        lines += [_listed(verb, some, len(regions), names)] if len(some) else [f"No region would {verb}."]
    for who in _most(gain, lose):
        lines.append(_why(who, rows[who], names, effects))
        if ranges is not None and (told := sentence(who, ranges, names)):
            lines.append(told)
    return lines


def _world(row: pd.Series) -> str:
    share = f" ({row['ev_pct']:+.3f} % of income)" if row["ev_pct"] == row["ev_pct"] else ""
    if row["ev_pct"] == row["ev_pct"] and abs(row["ev_pct"]) <= SMALL:
        return f"The world as a whole neither gains nor loses: {row['ev_musd']:+,.0f} million USD{share}."
    verb = "gains" if row["ev_musd"] > 0 else "loses"
    return f"The world as a whole {verb} {abs(row['ev_musd']):,.0f} million USD{share}."


def _listed(verb: str, some: pd.DataFrame, count: int, names: Mapping[str, str]) -> str:
    told = [
        f"{names.get(str(label), str(label))} ({row['ev_musd']:+,.0f} million USD, {row['ev_pct']:+.3f} % of income)"
        for label, row in some.head(MOST).iterrows()
    ]
    share = str(some["ev_pct"].abs().idxmax())
    text = f"{len(some)} of {count} regions {verb if len(some) != 1 else verb + 's'}, most of all {_and(told)}"
    if share != some.index[0]:
        row = some.loc[share]
        text += f"; measured by income {names.get(share, share)} {verb}s most ({row['ev_pct']:+.3f} %)"
    return text + "."


def _most(gain: pd.DataFrame, lose: pd.DataFrame) -> list[str]:
    """The region that gains most, and the one that loses most, million USD."""
    return [str(some["ev_musd"].abs().idxmax()) for some in (gain, lose) if len(some)]


def _why(who: str, row: pd.Series, names: Mapping[str, str], effects: pd.DataFrame | None) -> str:
    """Why a region gains or loses: by the decomposition, or else by real GDP and the terms of trade."""
    name, way = names.get(who, who), "gains" if row["ev_musd"] > 0 else "loses"
    if effects is not None and who in effects.index:
        parts = {str(part): float(effects[part][who]) for part in effects.columns if part not in NO_EFFECTS}
        order = sorted(parts, key=lambda part: -abs(parts[part]))
        shown = [part for part in order[:MOST] if abs(parts[part]) >= 0.005 * abs(parts[order[0]])]
        told = [f"{part.replace('_', ' ')} {parts[part]:+,.0f}" for part in shown]
        main = order[0]
        rest = row["ev_musd"] - parts[main]
        hangs = (
            f"; without the {main.replace('_', ' ')} the sign would turn"
            if rest * row["ev_musd"] < 0
            else "; no single effect decides the sign"
        )
        return f"{name} {way} {abs(row['ev_musd']):,.0f} million USD because of {_and(told)} million USD{hangs}."
    real, terms = row["real_gdp_pct"], row["terms_of_trade_pct"]
    facts = f"real GDP {real:+.3f} %, terms of trade {terms:+.3f} %"
    if real * row["ev_musd"] < 0:
        if terms * row["ev_musd"] > 0:
            return f"{name} {way} though its real GDP moves against it ({facts}): the sign hangs on its terms of trade."
        return f"{name} {way} though its real GDP and its terms of trade move the other way ({facts})."
    if terms * row["ev_musd"] < 0:
        return f"{name} {way} with its real GDP, against its terms of trade ({facts})."
    return f"{name} {way} by both its real GDP and its terms of trade ({facts})."


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
