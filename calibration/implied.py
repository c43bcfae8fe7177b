"""What elasticities of substitution, income elasticities and the Frisch parameter imply for demand, in tables.

Household demand is the linear expenditure system, p_i x_i = p_i c_i + b_i (m - sum_j p_j c_j). At the benchmark, with
budget shares s, income elasticities e, marginal shares b = s e and f = -1 / Frisch:

    income          e_i
    compensated     e_ij = f e_i (b_j - d_ij)
    uncompensated   e_ij - s_j e_i

Imports at given total purchases of a good, with share h of home goods, and share o of an origin in imports:

    imports in their price      -sigma_d h
    imports in the home price    sigma_d h
    an origin in its own price  -(sigma_m (1 - o) + sigma_d h o)
    an origin in another's       (sigma_m - sigma_d h) o'
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

from .benchmark import Benchmark
from .shares import calibrate


@dataclass(frozen=True, eq=False)
class Implied:
    """Elasticities that a benchmark and its parameters imply at the benchmark point.

    Attributes:
        share: budget shares of the household [region, sector].
        income: income elasticities [region, sector].
        frisch: Frisch parameter [region].
        home: share of home goods in purchases of a good [region, sector].
        origin: shares of origins in imports [exporter, importer, sector].
        sigma_d, sigma_m: substitution between home goods and imports, and among origins [region, sector].
    """

    share: xr.DataArray
    income: xr.DataArray
    frisch: xr.DataArray
    home: xr.DataArray
    origin: xr.DataArray
    sigma_d: xr.DataArray
    sigma_m: xr.DataArray

    @cached_property
    def compensated(self) -> xr.DataArray:
        """Price elasticities at given utility [region, sector (quantity), price]."""
        marginal = (self.share * self.income).rename(sector="price")
        same = xr.DataArray(np.eye(self.share.sizes["sector"]), dims=("sector", "price"))
        crossed = -(self.income / self.frisch) * (marginal - same)
        return crossed.transpose("region", "sector", "price")

    @cached_property
    def uncompensated(self) -> xr.DataArray:
        """Price elasticities at given spending [region, sector (quantity), price]."""
        crossed = self.compensated - self.income * self.share.rename(sector="price")
        return crossed.transpose("region", "sector", "price")

    def household(self) -> pd.DataFrame:
        """Household demand: index region, sector; columns share, income, own price at given spending and utility."""
        at = xr.DataArray(range(self.share.sizes["sector"]), dims="sector")
        own = {name: array.isel(price=at, sector=at) for name, array in
               (("own price", self.uncompensated), ("own price, compensated", self.compensated))}  # fmt: skip
        table = {"share": self.share, "income": self.income, **own}
        return pd.DataFrame({name: _series(array.drop_vars("price", errors="ignore")) for name, array in table.items()})

    def cross(self, region: str, *, compensated: bool = False) -> pd.DataFrame:
        """Own- and cross-price elasticities of a region's household: index quantity, columns price."""
        array = (self.compensated if compensated else self.uncompensated).sel(region=region)
        labels = list(map(str, self.share["sector"].values))
        return pd.DataFrame(
            array.values, index=pd.Index(labels, name="quantity"), columns=pd.Index(labels, name="price")
        )

    def imports(self) -> pd.DataFrame:
        """Import demand: index region, sector; share of imports, their own- and cross-price elasticity, and the largest
        origin with its own-price elasticity."""
        origin = self.origin.rename(importer="region")
        largest = origin.argmax("exporter")
        share = origin.max("exporter")
        own = -(self.sigma_m * (1.0 - share) + self.sigma_d * self.home * share)
        table = pd.DataFrame(
            {
                "share": _series(1.0 - self.home),
                "imports, own price": _series(-self.sigma_d * self.home),
                "imports, home price": _series(self.sigma_d * self.home),
                "largest origin": _series(largest.astype(object).copy(data=origin["exporter"].values[largest.values])),
                "largest origin, own price": _series(own),
            }
        )
        return table[table["share"] > 0.0]

    def slutsky(self) -> pd.DataFrame:
        """Whether the matrix of compensated effects is one of a consumer, by region.

        Returns:
            Index region; columns frisch, asymmetry (largest difference of mirrored effects), `largest eigenvalue` (of
            the matrix of shares times compensated elasticities: zero, for all prices together, is the largest that may
            be), engel and homogeneity (by how much the aggregations fail), and `holds`.
        """
        rows = {}
        for region in map(str, self.share["region"].values):
            share, income = (a.sel(region=region).values for a in (self.share, self.income))
            effects = share[:, None] * self.compensated.sel(region=region).values
            top = float(np.linalg.eigvalsh((effects + effects.T) / 2.0).max())
            asymmetry = float(abs(effects - effects.T).max())
            engel = abs(float(share @ income) - 1.0)
            homogeneity = float(abs(self.compensated.sel(region=region).values.sum(1)).max())
            holds = max(asymmetry, top, engel, homogeneity) < 1e-9 and bool((income >= 0.0).all())
            frisch = float(self.frisch.sel(region=region))
            rows[region] = (frisch, asymmetry, top, engel, homogeneity, holds)
        columns = ["frisch", "asymmetry", "largest eigenvalue", "engel", "homogeneity", "holds"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("region")


def implied(benchmark: Benchmark, elasticities: xr.Dataset) -> Implied:
    """Compute what elasticities imply for a benchmark.

    Args:
        benchmark: balanced table.
        elasticities: as `cge.calibration.shares.calibrate` takes them.

    Raises:
        DataError: as `calibrate`.
    """
    p = calibrate(benchmark, elasticities).data
    share = p["share_cpi"]
    frisch = elasticities["frisch"] + 0.0 * p["income0"]
    income = (1.0 - p["subsistence"]) * -frisch
    empty = xr.zeros_like(share)
    return Implied(
        share,
        income.where(share > 0.0, 0.0).transpose(*share.dims),
        frisch,
        p["share_home"],
        p["share_origin"],
        p["sigma_d"] + empty,
        p["sigma_m"] + empty,
    )


def _series(array: xr.DataArray) -> pd.Series:
    return array.transpose("region", "sector").to_series()
