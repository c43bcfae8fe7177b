"""Regions and labels (property 12)."""

from __future__ import annotations

import numpy as np
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from cge.calibration.benchmark import Benchmark
from cge.welfare import utility
from tests.drawn import HOME, Economy, economies, real
from tests.truth import record

LAST = "r1"


def split(economy: Economy) -> Economy:
    """The economy with the region r1 in two halves that are alike, in flows and in their trade with each other."""
    data = economy.benchmark.data
    rates = {"tariff", "rent_share", "valuation", "limited"}
    for axis in ("region", "exporter", "importer"):
        labels = list(data[axis].values)
        position = labels.index(LAST)
        parts = data.isel({axis: [*range(len(labels)), position]})
        names = [LAST + "a" if name == LAST else name for name in labels] + [LAST + "b"]
        parts = parts.assign_coords({axis: names})
        half = xr.DataArray([0.5 if str(name).startswith(LAST) else 1.0 for name in names], {axis: names}, axis)
        data = parts.assign(
            {
                name: (array * half).transpose(*array.dims)
                for name, array in parts.items()
                if axis in array.dims and name not in rates
            }
        )
    return Economy(Benchmark(data), economy.elasticities)


def levels(economy: Economy, rate: float, *, between: bool = False) -> dict[str, xr.DataArray]:
    """A tariff of the first region on all imports, and one of the second region (both halves) on one good."""
    tm = economy.base["tm"]
    of = tm["importer"].str.startswith(LAST)
    outside = (tm["exporter"] != tm["importer"]) & ~(of & tm["exporter"].str.startswith(LAST))
    raised = outside * ((tm["importer"] == HOME) * rate + of * (tm["sector"] == "s0") * rate / 2.0)
    if between:
        raised = raised + rate * (of & tm["exporter"].str.startswith(LAST) & (tm["exporter"] != tm["importer"]))
    return {"tm": (tm + raised).transpose(*tm.dims)}


@given(economy=economies(), rate=st.sampled_from([0.1, 0.3]))
def test_splitting_a_region(economy: Economy, rate: float) -> None:
    source, halves = "aggregation", split(economy)
    whole, parts = economy.solve(levels(economy, rate)), halves.solve(levels(halves, rate))
    u, v = utility(economy.parameters, whole.data), utility(halves.parameters, parts.data)
    for name in v["region"].values:
        old = LAST if str(name).startswith(LAST) else str(name)
        record(
            "12. utility when a region is split into two like parts",
            float(u.sel(region=old)),
            float(v.sel(region=name)),
            1e-9,
            source,
        )
    if float(economy.benchmark.data["trade"].sel(exporter=LAST, importer=LAST).sum()) > 0.0:
        torn = halves.solve(levels(halves, rate, between=True))
        record(
            "12. twin: with a tariff between the two parts",
            v,
            utility(halves.parameters, torn.data),
            1e-6,
            source,
            differs=True,
        )


@given(economy=economies(regions=3, sectors=3), seed=st.integers(0, 10**6))
def test_permuting_labels(economy: Economy, seed: int) -> None:
    rng, data = np.random.default_rng(seed), economy.benchmark.data
    turn = {"region": rng.permutation(3), "sector": rng.permutation(3)}
    order = dict.fromkeys(("region", "exporter", "importer"), turn["region"])
    order |= dict.fromkeys(("sector", "input"), turn["sector"])
    turned = Economy(Benchmark(data.isel(order)), economy.elasticities.isel(sector=turn["sector"]))
    change = economy.tariffs(seed)
    first, second = economy.solve(change).data, turned.solve(change).data
    for name in ("y", "c", "flow", "pa", "income"):
        record(
            "12. results when labels are permuted", first[name], second[name].reindex_like(first[name]), 1e-9, "labels"
        )
    moved = real(turned.solve(change))
    record(
        "12. twin: results by position, not by label", real(economy.solve(change)), moved, 1e-9, "labels", differs=True
    )
