"""Quota rents with what the quotas do: the solution's rents by owner beside the regimes of its limits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.accounts import numbers
from cge.tables import rents as rents_by_owner

from .table import Solved


def rents(solved: Solved) -> pd.DataFrame:
    """Who gets the rent of every quota, before and after, and what the quota does.

    Returns:
        One row a flow and owner: `exporter`, `importer`, `sector`; `regime` (binding, slack, above; "none" where
        no quota is left); `base_premium_pct`, `premium_pct` (on the fob value of what is limited); `limited_pct` (share
        of the flow's volume that is under the limit); `fill` (imports over the quota; 1 is full); `owner` and the
        `receiver`, its region; `base_musd`, `new_musd`, million USD.
    """
    parameters, solution = solved.parameters, solved.equilibrium
    flow = ["exporter", "importer", "sector"]
    columns = [*flow, "regime", "premium_pct", "fill"]
    rows = [(*cell, q.regime, 100.0 * q.premium, q.fill) for q in solution.quotas for cell in q.flows if q.fill > 0.0]
    quotas = pd.DataFrame(rows, columns=columns).astype({"premium_pct": float, "fill": float})
    table = rents_by_owner(parameters, solution.data).merge(quotas, on=flow, how="outer")
    table = table.astype({"owner": object, "regime": object})
    table = table.fillna({"owner": "nobody", "base_musd": 0.0, "new_musd": 0.0, "regime": "none"})
    cells = [{axis: row[axis] for axis in flow} for row in table.to_dict("records")]
    p, x = numbers(parameters, solution.data)
    part, then, now = x["limited_part"] * x["cover"], p["rho0"] / p["limited"], x["rho"]
    at = [tuple(parameters.labels[axis].index(cell[axis]) for axis in flow) for cell in cells]
    share, base, now = (
        [100.0 * float(of.transpose(*flow).values[cell]) for cell in at] for of in (part, then, now / part)
    )
    table = table.assign(
        base_premium_pct=np.array(base, dtype=float),
        premium_pct=np.array(now, dtype=float),
        limited_pct=np.array(share, dtype=float),
        receiver=table["exporter"].where(table["owner"] == "exporter", table["importer"]),
    )
    order = [*flow, "regime", "base_premium_pct", "premium_pct", "fill"]
    order += ["owner", "receiver", "base_musd", "new_musd", "limited_pct"]
    return table[order]
