"""What is wrong with a table, the cause first: what would mend most is tried, what follows from it is not listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cge.errors import DataError

from .contents import SCALES
from .contents_text import population_2020
from .layout import unplaced
from .log import Log
from .raw import FACTOR_ROLES, RawTable
from .readers import registry

SHOWN = 6
"""Places that a sentence names."""
FACTORS = (1e3, 1e-3, 1e6, 1e-6)
"""What a unit may be off by."""
HARD = ("USD", "EUR", "GBP", "CHF")
"""Currencies in which value added per head says something about the unit."""
PER_HEAD = (100.0, 300_000.0)
"""Least and most value added per head and year that a country can have in one of them."""


@dataclass(frozen=True)
class Checked:
    """What a file is, and what is wrong with it.

    Attributes:
        file: its name.
        layout: the reader that recognised it.
        faults: causes, each with the repair; what follows from a cause is not among them.
        notes: what is so and needs no repair, or a word of the user.
        table: what was read; None if it could not be.
        log: what reading did.
    """

    file: str
    layout: str
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    table: RawTable | None = None
    log: Log = field(default_factory=Log)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def check(path: str | Path, **options: Any) -> Checked:
    """Read a file and find what is wrong with it.

    Args:
        path: file or folder of any layout that a reader knows.
        options: what is said about it (see `cge.calibration.readers.registry.read`).

    Raises:
        RequestError: there is no such file, or an option is not known.
        DataError: no reader recognises it.
    """
    name = Path(path).name
    layout = registry.detect(path, options.get("reader")).NAME
    try:
        raw, log = registry.read(path, **options)
    except DataError as error:
        return Checked(name, layout, error.faults)
    return Checked(name, layout, tuple(faults(raw)), tuple(notes(raw)), raw, log)


def faults(raw: RawTable) -> list[str]:
    """Causes of what is wrong with a table, the gravest first."""
    out = out_of_balance(raw)
    found = list(_units(raw))
    if len(out):
        found += _scaled(raw, out) or _one_cell(raw, out) or [*_one_sided(raw, out), *_imbalances(raw, out)]
    return [*found, *_negative_factors(raw), *_lonely(raw)]


def notes(raw: RawTable) -> list[str]:
    """What is so: size, balance, cells that a step has to meet, what the user has to say."""
    gaps = raw.gaps()
    worst = float(gaps["gap"].abs().max()) if len(gaps) else 0.0
    lines = []
    if not len(out_of_balance(raw)):
        what = "to the last digit" if worst == 0.0 else f"to {worst:.2g}"
        lines.append(f"all {len(gaps)} accounts that sell and buy balance {what}")
    lines += [*_unit_said(raw), *_negative_uses(raw), *_empty(raw)]
    if raw.unnamed:
        labels = list(dict.fromkeys(raw.accounts.loc[raw.unnamed, "label"]))
        told = ", ".join(labels[:12]) + (" ..." if len(labels) > 12 else "")
        lines.append(f"roles not said: {told}; write them under accounts, such as {labels[0]}: household")
    else:
        lines += [f"before it is a benchmark: {line}" for line in unplaced(raw)]
    return lines


def out_of_balance(raw: RawTable) -> pd.DataFrame:
    """Accounts whose gap neither rounding nor the precision of numbers explains: rows of `RawTable.gaps`."""
    gaps = raw.gaps()
    return gaps[gaps["gap"].abs() > np.maximum(rounding(raw), 1e-7 * gaps[["receipts", "payments"]].abs().max(axis=1))]


def rounding(raw: RawTable) -> float:
    """Largest gap of an account that the printed decimals explain, or the precision of the numbers."""
    if raw.about.decimals is None:
        return 1e-7 * float(np.abs(raw.flows.values).max(initial=0.0))
    there = raw.flows.values != 0
    entries = max(int(there.sum(1).max(initial=1)), int(there.sum(0).max(initial=1)))
    return float(0.75 * 10.0**-raw.about.decimals * np.sqrt(2 * entries)) + 1e-9


def _scaled(raw: RawTable, out: pd.DataFrame) -> list[str]:
    """A region or one account whose columns or rows are in another unit than the rest, if that explains the imbalance.

    What is left is counted against what all accounts receive and pay, since a factor changes both.
    """
    values, asked = raw.flows.values, raw.accounts.index.isin(raw.gaps().index)
    paid, received = values.sum(0), values.sum(1)

    def left(gap: np.ndarray, turnover: np.ndarray) -> float:
        return float(np.abs(gap[asked]).sum() / max(turnover[asked].sum(), 1e-300))

    before = left(paid - received, paid + received)
    best, told = 0.05 * before, ""
    regions = raw.accounts["region"].to_numpy()
    groups = [(name, np.flatnonzero(regions == name)) for name in raw.regions] if len(raw.regions) > 1 else []
    groups += [(name, np.array([k])) for k, name in enumerate(raw.names)]
    for name, mine in groups:
        for side in ("columns", "rows"):
            own = values[:, mine] if side == "columns" else values[mine, :].T
            inside, outside = np.zeros(len(values)), own.sum(1)
            inside[mine] = own.sum(0)
            for factor in FACTORS:
                more = (factor - 1.0) * (inside - outside if side == "columns" else outside - inside)
                after = left(paid - received + more, paid + received + (factor - 1.0) * (inside + outside))
                if after < 0.99 * best:
                    best = after
                    word = f"the {side[:-1]} of {name} is" if len(mine) == 1 else f"{side} of {name} are"
                    key = "buyers" if side == "columns" else "sellers"
                    step = f"step scale: {{{key}: {name}, factor: {factor:g}}}"
                    it = "it" if len(mine) == 1 else "them"
                    told = f"{word} {1 / factor:g} times what the others are in: multiply {it} by {factor:g} ({step})"
    if not told:
        return []
    total = float(out["gap"].abs().sum())
    return [f"{told}; that explains {1 - best / before:.1%} of the {total:,.6g} of imbalance"]


def _one_cell(raw: RawTable, out: pd.DataFrame) -> list[str]:
    """The one cell that explains two accounts out of balance by the same amount, the seller's and the buyer's."""
    if len(out) != 2:
        return []
    gap = out["gap"]
    high, low = str(gap.idxmax()), str(gap.idxmin())
    if not gap[high] > 0.0 > gap[low] or abs(gap[high] + gap[low]) > max(1e-6 * gap[high], 2 * rounding(raw)):
        return []
    amount = float(gap[high])
    wrong, other = float(raw.flows.sel(seller=low, buyer=high)), float(raw.flows.sel(seller=high, buyer=low))
    told = [f"what {high} pays {low} ({wrong:,.6g}) is {amount:,.6g} too much"] if wrong >= amount else []
    told += [f"what {low} pays {high} ({other:,.6g}) is {amount:,.6g} too little"]
    return [
        f"{high} pays {amount:,.6g} more than it receives and {low} receives {amount:,.6g} more than it pays: "
        f"{', or '.join(told)}; correct that cell"
    ]


def _one_sided(raw: RawTable, out: pd.DataFrame) -> Iterator[str]:
    """Accounts that buy and sell nothing, or sell and pay nothing."""
    for name, row in out.iterrows():
        if row["receipts"] == 0.0:
            yield (
                f"{name} pays {row['payments']:,.6g} but sells nothing: fill its row, or remove its column; until then "
                "others lack what they buy from it, which is not listed"
            )
        elif row["payments"] == 0.0:
            yield f"{name} sells {row['receipts']:,.6g} but pays nothing: fill its column, or remove its row"


def _imbalances(raw: RawTable, out: pd.DataFrame) -> Iterator[str]:
    """Accounts out of balance that no empty row explains, worst first."""
    empty = bool((out["receipts"] == 0.0).any())
    own = out[(out["receipts"] != 0.0) & (out["payments"] != 0.0)]
    own = own[own["gap"] > 0.0] if empty else own
    if not len(own):
        return
    first = own.iloc[0]
    name, least = own.index[0], "at least " if empty else ""
    more, less = ("pays", "receives") if first["gap"] > 0 else ("receives", "pays")
    told = f"{name} {more} {least}{abs(first['gap']):,.6g} more than it {less} ({abs(first['relative']):.2%})"
    rest = [f"{x} {g:+,.6g}" for x, g in own["gap"].iloc[1:SHOWN].items()]
    more_told = f"; then {', '.join(rest)}" if rest else ""
    hidden = f" and {len(own) - SHOWN} more" if len(own) > SHOWN else ""
    added = float(raw.flows.sel(seller=raw.of(*FACTOR_ROLES, "") or [], buyer=name).sum())
    hint = f"; its value added and taxes are {added:,.6g}" if added > 0 and first["gap"] > 0 else ""
    yield f"{told}{hint}{more_told}{hidden}: correct the source, or balance it (steps ras, gras, entropy)"


def _units(raw: RawTable) -> Iterator[str]:
    """Regions whose value added per head cannot be in the unit that is said."""
    scale, _, currency = raw.about.unit.rpartition(" ")
    if currency not in HARD or scale not in SCALES:
        return
    people = population_2020()
    paid = raw.of(*FACTOR_ROLES)
    for region in raw.regions:
        countries = raw.countries.get(region, frozenset())
        if not countries or not countries <= set(people) - {"ROW"}:
            continue
        rows = [n for n in paid if raw.accounts.loc[n, "region"] in (region, "")]
        added = float(raw.flows.sel(seller=rows, buyer=raw.of("industry", region=region)).sum()) * SCALES[scale]
        head = added / (1e6 * sum(people[c] for c in countries))
        if added and not PER_HEAD[0] <= head <= PER_HEAD[1]:
            low, high = PER_HEAD
            fits = [word for word, size in SCALES.items() if word and low <= head * size / SCALES[scale] <= high]
            offer = (
                f"; {' or '.join(fits)} {currency} would fit, or another currency"
                if fits
                else "; it is in another currency"
            )
            told = f"{region} has a value added of {head:,.3g} {currency} per head, which no country has"
            yield f"{told}: the unit is not {raw.about.unit}{offer}"


def _unit_said(raw: RawTable) -> Iterator[str]:
    if not raw.about.unit:
        total = float(np.abs(raw.flows.values).sum())
        yield f"unit not said; all flows sum to {total:,.6g}: say it, such as unit: million USD"


def _negative_uses(raw: RawTable) -> Iterator[str]:
    """Negative cells by the kind of seller and buyer."""
    a = raw.accounts
    cells = np.argwhere(raw.flows.values < 0.0)
    kinds: dict[str, list[tuple[float, str]]] = {}
    for i, j in cells:
        seller, buyer = str(a["role"].iloc[i]), str(a["role"].iloc[j])
        if seller not in ("industry", "good", "import"):
            continue
        kind = "uses by industries" if buyer == "industry" else "stocks and other final uses"
        kinds.setdefault(kind, []).append((float(raw.flows.values[i, j]), f"{raw.names[i]} to {raw.names[j]}"))
    for kind, found in kinds.items():
        found.sort()
        listed = ", ".join(f"{where} {value:,.6g}" for value, where in found[:3])
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        yield f"negative {kind}: {len(found)} ({listed}{more}); the step negatives meets them by a rule that you choose"


def _negative_factors(raw: RawTable) -> Iterator[str]:
    table = raw.paid
    if table.empty:
        return
    added = table.sum()
    bad = added[added < 0.0].sort_values()
    if len(bad):
        listed = ", ".join(f"{name} {value:,.6g}" for name, value in bad.iloc[:SHOWN].items())
        told = f"value added is negative in {len(bad)} industries ({listed})"
        yield f"{told}; use the step negatives with value_added_floor"


def _empty(raw: RawTable) -> Iterator[str]:
    names = raw.of("industry")
    flows = raw.flows
    idle = [n for n in names if not flows.sel(seller=n).values.any() and not flows.sel(buyer=n).values.any()]
    if idle:
        yield f"industries without any flow: {_listed(idle)}; they stay at zero"


def _lonely(raw: RawTable) -> Iterator[str]:
    """Regions that trade with no other."""
    regions = raw.regions
    if len(regions) < 2:
        return
    region = raw.accounts["region"].to_numpy()
    for name in regions:
        mine, others = region == name, (region != name) & (region != "")
        if not raw.flows.values[np.ix_(mine, others)].any() and not raw.flows.values[np.ix_(others, mine)].any():
            yield (
                f"{name} neither buys from nor sells to another region, so nothing ties its prices to theirs: add the "
                "trade, leave its accounts out (drop), or make a table of its own"
            )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
