"""How good the fit of the 2022 benchmark is on a year that is known: the table of 2020 taken to 2019.

    python benchmarks/out_of_sample.py [SHARED]

20 economies x 12 sectors, OECD's edition of 2023. The controls are those of the 2022 build
(`cge.calibration.world2022.fit`), taken from the OECD's table of 2019: trade in goods by pair and sector with home
sales, services by pair, output and value added by sector, GDP, investment. Who uses what and the rates of product taxes
are of 2020. An error is the sum of absolute deviations over the sum of the true values. It is optimistic: the year is
the next, and the controls are of the truth's own edition.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.calibration.world2020 import sources
from cge.calibration.world2022.fit import Known, fit

Floats = npt.NDArray[np.float64]

TRUTH = "icio_oecd2023_2019_isic_g20.npz"
SECTORS = ("A", "B", "C", "DE", "F", "G", "H", "IJ", "KL", "MNO", "PQ", "RST")
"""Twelve sectors by the ISIC sections that each holds; goods first."""
GOODS = 3
SERVICES = {"UTL": "DE", "CON": "F", "TRD": "G", "TRN": "H", "ACI": "IJ", "FIN": "KL", "PRO": "MNO", "EDH": "PQ"}
OF_2020 = {"AGR": "A", "ENE": "B", "MIN": "B", "ART": "RST", **SERVICES}
"""Sectors of the table of 2020; the others are manufactures, C."""
ROW = "ROW"
INVESTMENT = len(SECTORS) + 1


def member(labels: list[str], group: dict[str, str], groups: list[str], other: str) -> Floats:
    """Matrix [label, group] of what holds what."""
    return np.array([[float(group.get(label, other) == name) for name in groups] for label in labels])


def truth(shared: Path) -> tuple[Floats, Floats, list[str]]:
    """The OECD's table of 2019: use [exporter, sector, importer, user], product taxes [importer, user], economies."""
    with np.load(shared / "data" / "mrio" / TRUTH) as raw:
        countries, sections = [str(c) for c in raw["country_codes"]], [str(s) for s in raw["sector_codes"]]
        data, finals = raw["data"], [str(f) for f in raw["fd_codes"]]
    n, k = len(countries), len(sections)
    to = member(sections, {s: name for name in SECTORS for s in name}, list(SECTORS), "")
    users = np.block([[to, np.zeros((k, len(finals)))], [np.zeros((len(finals), len(SECTORS))), np.eye(len(finals))]])

    def by_user(rows: Floats) -> Floats:
        industries = rows[..., : n * k].reshape(*rows.shape[:-1], n, k)
        final = rows[..., n * k :].reshape(*rows.shape[:-1], n, len(finals))
        return np.concatenate([industries, final], axis=-1) @ users

    use = np.einsum("iskr,st->itkr", by_user(data[: n * k]).reshape(n, k, n, -1), to)
    return np.maximum(use, 0.0), by_user(data[n * k]), countries


def prior(shared: Path, countries: list[str]) -> tuple[Floats, Floats]:
    """The table of 2020 on the same economies and sectors: use and product taxes."""
    table = sources.mrio(shared)
    where = member([str(c) for c in table["exporter"].values], {c: c for c in countries}, countries, ROW)
    labels = [str(s) for s in table["sector"].values]
    to = member(labels, OF_2020, list(SECTORS), "C")
    users = np.zeros((len(table["user"]), len(SECTORS) + 3))
    users[: len(labels), : len(SECTORS)] = to
    users[len(labels) :, len(SECTORS) :] = np.eye(3)
    use = np.einsum("iskr,ia,st,kb,ru->atbu", table["use"].values, where, to, where, users, optimize=True)
    tax = np.einsum("kr,kb,ru->bu", table["tax"].values, where, users, optimize=True)
    return np.maximum(use, 0.0), tax


def known(use: Floats, tax: Floats, before: Floats, tax_before: Floats) -> Known:
    """The controls of 2019, with what the build takes from the table of 2020."""
    k = len(SECTORS)
    output, bought = use.sum((2, 3)), before.sum((0, 1))
    rate = np.divide(tax_before, bought, out=np.zeros_like(bought), where=bought > 0.0)
    added = output - use[..., :k].sum((0, 1)) - tax[:, :k]
    gdp = added.sum(1) + tax.sum(1)
    output_before = before.sum((2, 3))
    share = 1.0 - (bought[:, :k] + tax_before[:, :k]) / np.where(output_before > 0.0, output_before, 1.0)
    return Known(
        goods=use[:, :GOODS].sum(3).transpose(0, 2, 1),
        services=use[:, GOODS:].sum((1, 3)),
        area=np.arange(len(use)),
        output=output,
        value_added=added,
        gdp=gdp,
        gdp_share=added.sum(1) / gdp,
        investment_share=(use[..., INVESTMENT].sum((0, 1)) + tax[:, INVESTMENT]) / gdp,
        tax_rate=rate,
        added_share=np.clip(share, 0.02, 0.9),
    )


def errors(made: Floats, true: Floats) -> dict[str, float]:
    """Error of each part of a table, %."""
    k = len(SECTORS)
    abroad = 1.0 - np.eye(len(true))[:, None, :, None]
    parts = {
        "composite inputs": lambda table: table[..., :k].sum(0),
        "foreign cells": lambda table: table * abroad,
        "services by sector and pair": lambda table: table[:, GOODS:].sum(3) * abroad[..., 0],
        "final demand by product": lambda table: table[..., k:].sum(0),
    }
    return {
        name: 100.0 * float(np.abs(part(made) - part(true)).sum() / part(true).sum()) for name, part in parts.items()
    }


def table(shared: Path) -> pd.DataFrame:
    """Errors of the table of 2020 at the size of 2019, and of the fit, %."""
    use, tax, countries = truth(shared)
    before, tax_before = prior(shared, countries)
    made = fit(before, known(use, tax, before, tax_before))
    return pd.DataFrame({"as in 2020": errors(before * use.sum() / before.sum(), use), "fitted": errors(made, use)})


if __name__ == "__main__":
    print(table(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared")).round(1).to_string())
