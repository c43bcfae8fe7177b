"""Fit the table of 2020 to what is known of 2022, by multiplicative scaling in turn (iterative proportional fitting).

Known of 2022, all of the 2025 edition of the OECD's tables: output and value added of 20 areas by sector, trade in
goods by exporter, importer and sector with home sales, trade in all services by exporter and importer; of other sources
GDP and investment by country. Value added by country is split inside an area so that countries come near their GDP. The
trade controls are the last to be imposed, so they hold exactly; value added is what is left of output, and private and
public consumption are what is left of supply.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from .raw import GOODS, OTHERS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """What the fitted table must add up to; countries x 30 sectors, 21 goods first, million USD.

    Attributes:
        goods: [exporter, importer, good], home sales on the diagonal.
        services: [exporter, importer], all services.
        area: number of each country's area.
        output, value_added: [area, sector].
        gdp: at market prices [country]; not a number where it is not known.
        gdp_share: value added over GDP of 2020 [country].
        investment_share: investment over GDP [country].
        tax_rate: taxes on products over what a user buys [country, user].
        added_share: value added over output of 2020 [country, sector], where a country's own start from.
    """

    goods: Floats
    services: Floats
    area: npt.NDArray[np.int64]
    output: Floats
    value_added: Floats
    gdp: Floats
    gdp_share: Floats
    investment_share: Floats
    tax_rate: Floats
    added_share: Floats


ROUNDS = 60
CAP = 0.9
"""Largest share of value added in an industry's output: GDP gives way (Egypt, Cote d'Ivoire, Cameroon)."""
SPLIT_ROUNDS = 30


def fit(use: Floats, known: Known, rounds: int = ROUNDS) -> Floats:
    """The table [exporter, sector, importer, user] scaled to what is known; users are 30 industries, C, I, Cx."""
    use = use.copy()
    k = known.output.shape[1]
    g = known.goods.shape[2]
    member = (known.area[:, None] == np.arange(len(known.output))).astype(float)
    for _ in range(rounds):
        _scale_services(use, known, member, g)
        _scale_trade(use, known, g)
        output = use.sum((2, 3))
        added = split_value_added(output, known, member)
        bill = use[..., :k].sum((0, 1)) * (1.0 + known.tax_rate[:, :k])
        use[..., :k] *= _over(output - added, bill)[None, None]
        invested = use[..., k + 1].sum((0, 1)) * (1.0 + known.tax_rate[:, k + 1])
        gdp = added.sum(1) / known.gdp_share
        use[..., k + 1] *= _over(known.investment_share * gdp, invested)[None, None]
        # consumption takes up what the others leave of each product: supply of 2022 less their uses
        _scale_consumption(use, known, g, k)
    _scale_services(use, known, member, g)
    _scale_trade(use, known, g)
    return use


def _over(wanted: Floats, have: Floats) -> Floats:
    return np.where(have > 0.0, wanted / np.where(have > 0.0, have, 1.0), 1.0)


def _scale_services(use: Floats, known: Known, member: Floats, g: int) -> None:
    """Services by area and sector to the control of output."""
    have = member.T @ use[:, g:].sum((2, 3))
    use[:, g:] *= (member @ _over(known.output[:, g:], have))[:, :, None, None]


def _scale_trade(use: Floats, known: Known, g: int) -> None:
    """Goods by exporter, importer and sector, services by exporter and importer, to trade."""
    use[:, :g] *= _over(known.goods.transpose(0, 2, 1), use[:, :g].sum(3))[..., None]
    use[:, g:] *= _over(known.services, use[:, g:].sum((1, 3)))[:, None, :, None]


def _scale_consumption(use: Floats, known: Known, g: int, k: int) -> None:
    """Goods of private and public consumption to what other users leave of each flow, at least a tenth of it."""
    supply = known.goods.transpose(0, 2, 1)
    final = use[:, :g, :, [k, k + 2]].sum(3)
    others = use[:, :g].sum(3) - final
    wanted = np.maximum(supply - others, 0.1 * final)
    use[:, :g, :, k] *= _over(wanted, final)
    use[:, :g, :, k + 2] *= _over(wanted, final)


def split_value_added(output: Floats, known: Known, member: Floats) -> Floats:
    """Value added [country, sector]: areas by sector exactly, countries with a GDP near it.

    Args:
        output: [country, sector].
        known: the controls.
        member: whether a country is in an area [country, area].
    """
    added = known.added_share * output
    target = known.gdp * known.gdp_share
    told = np.isfinite(target)
    for a in range(member.shape[1]):
        inside = member[:, a] > 0.0
        if told[inside].all():  # the area's own total, shared as GDP is
            target[inside] *= known.value_added[a].sum() / target[inside].sum()
    ceiling = CAP * output
    for _ in range(SPLIT_ROUNDS):
        total = added.sum(1)
        added *= np.where(told, _over(np.where(told, target, 0.0), total), 1.0)[:, None]
        added = np.minimum(added, ceiling)
        have = member.T @ added
        added *= member @ _over(known.value_added, have)
    return np.minimum(added, 0.98 * output)


def labels() -> list[str]:
    """The 30 sectors in order."""
    return [*GOODS, *OTHERS]


def as_array(use: Floats, like: xr.DataArray) -> xr.DataArray:
    """The fitted numbers with the labels of the prior."""
    return xr.DataArray(use, dims=like.dims, coords=like.coords)
