"""Small balanced economies for tests: random tables with every account that the schema has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from cge.calibration.benchmark import Benchmark
from cge.calibration.table import SCHEMA


def random_benchmark(
    seed: int,
    regions: int = 3,
    sectors: int = 3,
    *,
    zeros: float = 0.0,
    taxes: bool = True,
    deficits: bool = True,
    margins: bool = False,
    inner_trade: bool = False,
    rents: bool = False,
    specific: bool = True,
    thin: float = 0.0,
    tiny: float = 1.0,
    lopsided: float = 1.0,
) -> Benchmark:
    """A balanced world with random flows; value added is what sales leave after other costs.

    Args:
        seed: of the random numbers.
        regions: number of regions.
        sectors: number of sectors.
        zeros: probability that a trade flow or an intermediate is zero.
        taxes: taxes and subsidies of every kind, tariffs in two layers.
        deficits: trade need not balance.
        margins: the last sector sells international margins.
        inner_trade: regions trade with themselves (aggregates).
        rents: some flows carry a quota rent, shared by three owners.
        specific: land and natural resources beside labour and capital.
        thin: probability that a trade flow or an intermediate is a millionth of what it would be.
        tiny: size of the first region, and of its trade, relative to what it would be.
        lopsided: exports of the first region relative to what they would be; its deficit makes up the rest.
    """
    draw = _Draw(np.random.default_rng(seed), zeros, thin, taxes)
    size = draw.rng.uniform(0.5, 3.0, regions) * 1000.0
    size[0] *= tiny
    flows = _flows(
        draw, size, sectors, deficits=deficits, margins=margins, inner_trade=inner_trade, rents=rents,
        tiny=tiny, lopsided=lopsided,
    )  # fmt: skip
    domestic = draw.some(regions, sectors) * size[:, None] * 0.5 + size[:, None] * 0.5
    factors = ["LAB", "CAP", "LND"] if specific else ["LAB", "CAP"]
    table = {"domestic": domestic, **flows, **_uses(draw, domestic, flows, factors)}
    table["direct_tax"] = table["factor_income"].sum((1, 2)) * draw.rng.uniform(0.05, 0.2, regions)
    table["government_saving"] = _government_saving(table)
    names = [f"s{i}" for i in range(sectors)]
    return Benchmark.from_arrays(
        [f"r{i}" for i in range(regions)],
        names,
        factor=factors,
        layer=["mfn", "section232"],
        margin=names[-1:] if margins else [],
        contents={"factors": {name: {"role": ROLES[name]} for name in factors}},
        **table,
    )


def rich(seed: int = 1) -> Benchmark:
    """A world of 3 regions and 4 sectors with every account: taxes, margins, rents, inner trade, deficits."""
    return random_benchmark(seed, 3, 4, margins=True, rents=True, inner_trade=True)


def small(**changes: object) -> Benchmark:
    """Two regions and one good, whose accounts can be added up by heart."""
    arrays: dict[str, object] = {
        "domestic": [[8.0], [18.0]],
        "trade": [[[0.0], [2.0]], [[2.0], [0.0]]],
        "intermediate": [[[3.0]], [[5.0]]],
        "final": [[[4.0, 2.0, 1.0]], [[9.0, 3.0, 3.0]]],
        "factor_income": [[[4.0], [3.0]], [[10.0], [5.0]]],
    }
    return Benchmark.from_arrays(["a", "b"], ["x"], factor=["LAB", "CAP"], **(arrays | changes))  # type: ignore[arg-type]


def changed(change: Callable[[xr.Dataset], None], source: Benchmark | None = None) -> xr.Dataset:
    """A writable copy of a sound table with one change."""
    data = (source or rich()).data.copy()
    for name in SCHEMA:
        data[name] = data[name].copy(data=data[name].values.copy())
    change(data)
    return data


ROLES = {"LAB": "labour", "CAP": "capital", "LND": "land"}

Table = dict[str, np.ndarray]


@dataclass(frozen=True)
class _Draw:
    """Random numbers of one economy; the arguments are those of `random_benchmark`."""

    rng: np.random.Generator
    zeros: float
    thin: float
    taxes: bool

    def some(self, *shape: int) -> np.ndarray:
        return self.rng.uniform(0.5, 1.5, shape) * self.kept(*shape)

    def kept(self, *shape: int) -> np.ndarray:
        mask = (self.rng.random(shape) >= self.zeros).astype(float)
        return np.where(self.rng.random(shape) < self.thin, 1e-6 * mask, mask) if self.thin else mask

    def rate(self, scale: float, *shape: int) -> np.ndarray:
        return self.rng.uniform(-0.3, 1.0, shape) * scale * self.taxes


def _flows(
    draw: _Draw,
    size: np.ndarray,
    k: int,
    *,
    deficits: bool,
    margins: bool,
    inner_trade: bool,
    rents: bool,
    tiny: float,
    lopsided: float,
) -> Table:
    """Trade of regions of some sizes in k sectors, with its taxes, rents and transport."""
    n, rng = len(size), draw.rng
    trade = draw.some(n, n, k) * np.sqrt(size[:, None, None] * size[None, :, None]) * 0.05
    trade[0] *= np.sqrt(tiny) * lopsided
    trade[:, 0] *= np.sqrt(tiny)
    trade[np.arange(n), np.arange(n), :] *= float(inner_trade)
    if not deficits:  # equal trade both ways in value, so every balance is zero but for wedges
        trade = np.broadcast_to(trade.mean(axis=2, keepdims=True), trade.shape)
        trade = (trade + trade.transpose(1, 0, 2)) / 2.0
    export_tax = trade * draw.rate(0.05, n, n, k) * deficits
    rent = (trade + export_tax) * (rng.random((n, n, k)) < 0.2) * 0.1 * rents
    tariff = np.stack([abs(draw.rate(0.2, n, n, k)), abs(draw.rate(0.1, n, n, k))])
    margin_use, margin_supply = np.zeros((int(margins), n, n, k)), np.zeros((n, int(margins)))
    if margins:
        margin_use[0] = trade * rng.uniform(0.01, 0.1, (n, n, k))
        weights = rng.uniform(0.5, 1.5, n)
        weights[0] *= tiny
        margin_supply[:, 0] = margin_use.sum() * weights / weights.sum()
    owner = rng.uniform(0.1, 1.0, (3, n, n, k))
    return {
        "trade": trade,
        "export_tax": export_tax,
        "rent": rent,
        "rent_share": np.where(rent > 0, owner / owner.sum(0), np.array([1.0, 0, 0])[:, None, None, None]),
        "margin_use": margin_use,
        "margin_supply": margin_supply,
        "tariff": tariff,
    }


def _cif(flows: Table) -> np.ndarray:
    return np.asarray(flows["trade"] + flows["export_tax"] + flows["rent"] + flows["margin_use"].sum(0))


def _uses(draw: _Draw, domestic: np.ndarray, flows: Table, factors: list[str]) -> Table:
    """What becomes of all goods, and what output costs: inputs, factors and taxes; land is used in the first sector."""
    (n, k), rng = domestic.shape, draw.rng
    absorption = domestic + (_cif(flows) * (1 + flows["tariff"].sum(0))).sum(0)
    use = rng.uniform(0.2, 1.0, (n, k, k + 3)) * draw.kept(n, k, k + 3)
    use[:, :, :k] *= 0.6 / k
    use[:, :, k:] = rng.uniform(0.2, 1.0, (n, k, 3)) * np.array([0.6, 0.2, 0.2])
    use *= (absorption / use.sum(2))[:, :, None]
    intermediate, final = use[:, :, :k], use[:, :, k:]
    intermediate_tax = intermediate * draw.rate(0.05, n, k, k)
    draw.rate(0.1, n, k, 3)  # keeps the numbers that follow what they have always been
    output = domestic + flows["trade"].sum(1)
    output[:, k - 1] += flows["margin_supply"].sum(1)
    output_tax = output * draw.rate(0.03, n, k)
    # scale intermediates down where they would leave too little value added
    room = 0.7 * (output - output_tax)
    spent = (intermediate + intermediate_tax).sum(1)
    shrink = np.minimum(1.0, room / np.maximum(spent, 1e-300))[:, None, :]
    freed = (intermediate * (1 - shrink)).sum(2)
    intermediate, intermediate_tax = intermediate * shrink, intermediate_tax * shrink
    final = final + freed[:, :, None] * final / final.sum(2, keepdims=True)
    final_tax = final * draw.rate(0.1, n, k, 3)
    value_added = output - output_tax - (intermediate + intermediate_tax).sum(1)
    split = rng.uniform(0.3, 1.0, (n, len(factors), k))
    if "LND" in factors:
        split[:, factors.index("LND"), 1:] = 0.0
    split /= split.sum(1, keepdims=True)
    factor_tax_rate = draw.rate(0.1, n, len(factors), k)
    factor_cost = split * value_added[:, None, :]
    factor_income = factor_cost / (1 + factor_tax_rate)
    return {
        "intermediate": intermediate,
        "intermediate_tax": intermediate_tax,
        "final": final,
        "final_tax": final_tax,
        "factor_income": factor_income,
        "factor_tax": factor_cost - factor_income,
        "output_tax": output_tax,
    }


def _government_saving(table: Table) -> np.ndarray:
    """Revenue less spending of every government, on a way of its own beside `cge.calibration.identities`."""
    revenue = (
        (_cif(table) * table["tariff"].sum(0)).sum((0, 2))
        + table["export_tax"].sum((1, 2))
        + table["output_tax"].sum(1)
        + table["factor_tax"].sum((1, 2))
        + table["intermediate_tax"].sum((1, 2))
        + table["final_tax"].sum((1, 2))
        + (table["rent"] * table["rent_share"][2]).sum((0, 2))
    )
    return np.asarray(revenue + table["direct_tax"] - (table["final"] + table["final_tax"])[:, :, 1].sum(1))
