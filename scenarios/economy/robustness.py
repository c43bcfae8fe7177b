"""Which signs and ranks survive horizon, closure, financing, elasticities, benchmark and structure; what flips them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Unpack

import numpy as np
import pandas as pd

from cge.errors import RequestError
from cge.progress import Progress, silent
from cge.scenarios.results.registry import WELFARE

from .batch import Batch, run_plan
from .economy import economy
from .options import Options
from .plan import NONE, SETTING, plan
from .run import Runner, Source, several

GRID: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "horizon": ("short", "medium", "long"),
        "financing": ("lump-sum", "direct-tax"),
        "elasticities": ("lower", "default", "upper"),
        "benchmark": ("world2022-12x12", "world2020-12x12"),
    }
)
"""What is tried if nobody says otherwise."""

LEAST = 0.0005
"""Per cent under which a number shows as zero, and has no sign."""


@dataclass(frozen=True, eq=False)
class Robustness:
    """A grid of settings, and what survives on it.

    Attributes:
        batch: its runs.
        factors: parts of the setting that vary.
        column: of the welfare table that signs and ranks are of.
    """

    batch: Batch
    factors: tuple[str, ...]
    column: str

    @property
    def cells(self) -> pd.DataFrame:
        """One row a setting, scenario and region: the factors, `scenario`, `region`, `value`, `sign` (-1, 0, 1), and
        `rank` of the scenario in that region and setting (1 is the highest)."""
        welfare = self.batch.welfare
        rows = welfare[[*self.factors, "scenario", "region", self.column]].rename(columns={self.column: "value"})
        rows = rows.dropna(subset="value").reset_index(drop=True)
        signs = np.where(rows["value"].abs() < LEAST, 0.0, np.sign(rows["value"])).astype(int)
        ranks = rows.groupby([*self.factors, "region"], sort=False, dropna=False)["value"]
        return rows.assign(sign=signs, rank=ranks.rank(ascending=False, method="min").astype(int))

    @property
    def signs(self) -> pd.DataFrame:
        """One row a scenario and region: `settings`, `least`, `most`, `positive` and `negative` (shares of the
        settings), `survives` (all of one sign), and `flips`: the factors that turn it when they alone change, the one
        that does so most often first."""
        return self._table("sign", ["scenario", "region"])

    @property
    def ranks(self) -> pd.DataFrame:
        """One row a pair of scenarios and region: `settings`, `better` (share of the settings where the first is above
        the second), `survives` and `flips`."""
        cells = self.cells
        names = list(dict.fromkeys(cells["scenario"]))
        keys = [*self.factors, "region"]
        wide = cells.pivot(index=keys, columns="scenario", values="value")
        rows = []
        for k, one in enumerate(names):
            for other in names[k + 1 :]:
                gap = wide[one] - wide[other]
                sign = pd.Series(np.where(gap.abs() < LEAST, 0, np.sign(gap)), wide.index, dtype=int)
                rows.append(sign.rename("sign").reset_index().assign(scenario=one, other=other, value=gap.to_numpy()))
        if not rows:
            return pd.DataFrame(columns=["scenario", "other", "region", "settings", "better", "survives", "flips"])
        found = self._table("sign", ["scenario", "other", "region"], pd.concat(rows, ignore_index=True))
        return found.rename(columns={"positive": "better"}).drop(columns=["negative", "least", "most"])

    def _table(self, what: str, by: Sequence[str], cells: pd.DataFrame | None = None) -> pd.DataFrame:
        rows = []
        for key, part in (self.cells if cells is None else cells).groupby(list(by), sort=False):
            signs = part[what]
            rows.append(
                dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
                | {
                    "settings": len(part), "least": part["value"].min(), "most": part["value"].max(),
                    "positive": float((signs > 0).mean()), "negative": float((signs < 0).mean()),
                    "survives": bool(signs.nunique() == 1 and signs.iloc[0] != 0),
                    "flips": ", ".join(f"{name} ({share:.0%})" for name, share in self._flips(part).items()),
                }
            )  # fmt: skip
        return pd.DataFrame(rows)

    def _flips(self, part: pd.DataFrame) -> dict[str, float]:
        """Factors by the share of pairs of settings, which differ in them alone, whose signs are opposite."""
        found = {}
        for factor in self.factors:
            others = [name for name in self.factors if name != factor]
            groups = [own for _, own in part.groupby(others, dropna=False)] if others else [part]
            pairs = turns = 0
            for own in groups:
                signs = own["sign"].to_numpy()
                pairs += len(signs) * (len(signs) - 1) // 2
                turns += int((signs > 0).sum() * (signs < 0).sum())
            if turns:
                found[factor] = turns / pairs
        return dict(sorted(found.items(), key=lambda item: -item[1]))


def robustness(
    scenarios: Source | Iterable[Source],
    out: str | Path = "results/robustness",
    *,
    over: Mapping[str, Sequence[str]] | None = None,
    column: str = "ev_pct",
    workers: int | None = None,
    dask: str | None = None,
    progress: Progress | None = None,
    **more: Unpack[Options],
) -> Robustness:
    """Which signs and ranks survive the assumptions beside the policy.

    Args:
        scenarios, out, over, column, workers, dask: see `robust_of`, as for what is raised.
        progress: called when a run has ended.
        more: what `economy` takes; what varies is given in `over`.
    """
    runner = economy(progress=progress, **more).runner
    return robust_of(
        runner, scenarios, out, over=over, column=column, workers=workers, dask=dask, progress=progress
    )  # fmt: skip


def robust_of(
    runner: Runner,
    scenarios: Source | Iterable[Source],
    out: str | Path = "results/robustness",
    *,
    over: Mapping[str, Sequence[str]] | None = None,
    column: str = "ev_pct",
    workers: int | None = None,
    dask: str | None = None,
    progress: Progress | None = None,
) -> Robustness:
    """Solve scenarios at every combination of settings, and tell what survives.

    Args:
        runner: whose setting holds what does not vary.
        scenarios: names in the library, files, or Scenarios.
        out: folder of the batch, which goes on where it was stopped, and of cells.csv, signs.csv and ranks.csv.
        over: values by part of the setting (horizon, closure, financing, elasticities, benchmark, baseline, structure)
            or elasticity (`esubm`: `x0.5`); `GRID` if not given.
        column: of the welfare table, such as ev_pct or real_gdp_pct.
        workers, dask: see `run_plan`.
        progress: called when a run has ended.

    Raises:
        RequestError: names that are not known.
    """
    if column not in WELFARE.names:
        raise RequestError([WELFARE.unknown(column, WELFARE.names)])
    vary = [{"key": key, "values": list(values)} for key, values in (GRID if over is None else over).items()]
    if not vary:
        raise RequestError([f"nothing varies; name one of {', '.join(SETTING)}, or an elasticity"])
    chosen = plan(several(scenarios), vary, None, ("welfare",))
    done = run_plan(chosen, out, runner, workers=workers, dask=dask, progress=progress or silent)
    if not (done.runs["status"] == "solved").any():
        raise RequestError([f"no setting has a solution: {done.runs['reason'].iloc[0]}"])
    found = Robustness(done, tuple(each.label for each in chosen.vary), column)
    for name in ("cells", "signs", "ranks"):
        getattr(found, name).to_csv(Path(out) / f"{name}.csv", index=False)
    return found


__all__ = ["GRID", "NONE", "Robustness", "robust_of", "robustness"]
