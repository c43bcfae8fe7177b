"""Units, currency, price basis: one factor for all numbers, or for those of some accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from cge.calibration.contents import SCALES
from cge.calibration.log import Entry, Log
from cge.calibration.raw import PRICES, RawTable
from cge.errors import RequestError, nearest

VALUES = ("export_tax", "rent", "margin_use")
"""Wedges that are values; tariffs and shares are not."""


def convert(
    raw: RawTable, to: str, *, rate: float | None = None, deflator: float = 1.0, why: str = ""
) -> tuple[RawTable, Log]:
    """Put a table into another unit, currency, or year's prices.

    Args:
        raw: a table whose unit is known.
        to: unit, such as "million USD".
        rate: units of the new currency for one of the old; needed if and only if the currency changes.
        deflator: price level of the wanted year over that of the table's.
        why: source of rate and deflator, for the log.

    Raises:
        RequestError: a unit that is not known, a rate that is missing or not needed.
    """
    faults = [
        f"unit {unit!r} is no scale and currency; write million USD"
        for unit in (raw.about.unit, to)
        if not _known(unit)
    ]
    if faults:
        raise RequestError(faults)
    (old_scale, old), (new_scale, new) = _split(raw.about.unit), _split(to)
    if old != new and rate is None:
        raise RequestError([f"from {old} to {new} needs a rate: {new} for one {old}"])
    if old == new and rate not in (None, 1.0):
        raise RequestError([f"the currency stays {old}: no rate is needed; give a deflator for another year's prices"])
    factor = SCALES[old_scale] / SCALES[new_scale] * (rate or 1.0) * deflator
    table = _times(raw, factor)
    entry = Entry("converted", f"{raw.about.unit} to {to}", 1.0, factor, why=why or "every value times the factor")
    return replace(table, about=replace(table.about, unit=to, currency=new)), Log.of(entry)


def scale(raw: RawTable, factor: float, *, buyers: str | Iterable[str] = (), sellers: str | Iterable[str] = (),
          why: str = "") -> tuple[RawTable, Log]:  # fmt: skip
    """Multiply the payments of some buyers, or to some sellers; such as a region that is in billions.

    Args:
        raw: the table.
        factor: of every value concerned.
        buyers, sellers: accounts or regions; a cell that is of both is multiplied once.
        why: for the log.

    Raises:
        RequestError: an account or region that is not known.
    """
    columns, rows = _chosen(raw, buyers), _chosen(raw, sellers)
    cells = columns[None, :] | rows[:, None]
    values = np.where(cells, raw.flows.values * factor, raw.flows.values)
    moved = float(np.abs(values - raw.flows.values).sum())
    where = ", ".join([buyers] if isinstance(buyers, str) else buyers) or ", ".join(
        [sellers] if isinstance(sellers, str) else sellers
    )
    return raw.with_flows(values), Log.of(Entry("scaled", where, 1.0, factor, moved, why or "the user says so"))


def price_basis(raw: RawTable, prices: str) -> tuple[RawTable, Log]:
    """Say at which prices the table is; steps that change them (`margins`, `place`) follow it."""
    if prices not in PRICES:
        raise RequestError(
            [f"prices {prices!r}{nearest(prices, PRICES)} are none of {', '.join(filter(None, PRICES))}"]
        )
    return replace(raw, about=replace(raw.about, prices=prices)), Log.of(Entry("price basis said", prices))


def transpose(raw: RawTable) -> tuple[RawTable, Log]:
    """Exchange buyers and sellers, of a table that was read with rows that buy."""
    return raw.with_flows(raw.flows.values.T), Log.of(
        Entry("rows and columns exchanged", "all cells", why="the user says so")
    )


def _times(raw: RawTable, factor: float) -> RawTable:
    values = {str(name): array * (factor if name in VALUES else 1.0) for name, array in raw.bilateral.data_vars.items()}
    return replace(raw.with_flows(raw.flows.values * factor), bilateral=raw.bilateral.assign(values))


def _chosen(raw: RawTable, names: str | Iterable[str]) -> np.ndarray:
    wanted = [names] if isinstance(names, str) else list(names)
    known = [*raw.regions, *map(str, raw.accounts.index)]
    faults = [f"{name!r} is neither region nor account{nearest(name, known)}" for name in wanted if name not in known]
    if faults:
        raise RequestError(faults)
    return np.asarray(raw.accounts["region"].isin(wanted) | raw.accounts.index.isin(wanted))


def _known(unit: str) -> bool:
    scale, currency = _split(unit)
    return scale in SCALES and len(currency) == 3 and currency.isalpha() and currency.isupper()


def _split(unit: str) -> tuple[str, str]:
    head, _, currency = unit.rpartition(" ")
    return head, currency
