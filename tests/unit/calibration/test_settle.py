"""Exact repairs: closing rounding, and dropping specks of trade."""

import numpy as np
import pytest
import xarray as xr

from cge.calibration.balancing.settle import balancing_tax, prune, settle
from cge.calibration.benchmark import Benchmark
from cge.calibration.identities import identities
from cge.calibration.table import SCHEMA
from cge.errors import DataError
from tests.economies import random_benchmark


def noisy(scale: float) -> xr.Dataset:
    """A sound table whose numbers were rounded as if stored in fewer digits."""
    data = random_benchmark(2, 3, 4, margins=True, rents=True, inner_trade=True).data
    rng = np.random.default_rng(0)
    return data.assign(
        {
            name: data[name] * (1 + scale * rng.uniform(-1, 1, data[name].shape))
            for name in SCHEMA
            if name not in ("tariff", "rent_share", "government_saving")
        }
    )


def test_settle_closes_what_single_precision_leaves() -> None:
    data = noisy(1e-7)
    assert identities(data)["relative"].abs().max() > 1e-9
    settled = settle(data)
    assert Benchmark(settled).identities()["relative"].abs().max() < 1e-14
    for name in ("trade", "intermediate", "final", "factor_income"):
        np.testing.assert_allclose(settled[name], data[name], rtol=5e-6)
    xr.testing.assert_identical(settled.trade, data.trade)  # flows between regions stay


def test_settle_refuses_an_error_that_is_no_rounding() -> None:
    data = noisy(0.0)
    data["domestic"].values.setflags(write=True)
    data["domestic"].loc[{"region": "r1", "sector": "s2"}] *= 1.1
    data["margin_use"] = data["margin_use"] * 1.5
    with pytest.raises(DataError) as caught:
        settle(data)
    found = caught.value.faults
    assert any(f.startswith("margin account s3 is out by -") for f in found)
    assert any(f.startswith("commodity account r1 s2 is out by +") for f in found)
    assert any(f.startswith("industry account r1 s2 is out by -") for f in found)


def test_balancing_tax_balances() -> None:
    data = random_benchmark(4, rents=True).data
    shifted = data.assign(direct_tax=data.direct_tax + 7.0)
    np.testing.assert_allclose(balancing_tax(shifted), data.direct_tax)


def test_prune_drops_specks_and_keeps_every_account() -> None:
    world = random_benchmark(6, 4, 4, zeros=0.1)
    trade = world.data.trade
    threshold = float(trade.where(trade > 0).quantile(0.3))
    bare = world.data.assign(export_tax=xr.zeros_like(trade))
    with pytest.raises(DataError):
        Benchmark(bare)  # so that the next lines show that prune keeps what was balanced
    plain = random_benchmark(6, 4, 4, zeros=0.1, taxes=False)
    data = plain.data.assign(tariff=plain.data.tariff)
    pruned, lost = prune(data, threshold)
    after = Benchmark(pruned)
    dropped = (data.trade > 0) & (after.data.trade == 0)
    assert int(lost["count"]) == int(dropped.sum()) > 0
    assert float(lost["value"]) == pytest.approx(float(data.trade.where(dropped).sum()))
    assert float(data.trade.where(dropped).max()) < threshold
    kept = after.data.trade
    assert float(kept.where(kept > 0).min()) >= threshold
    for name in ("factor_income", "intermediate", "tariff"):
        xr.testing.assert_equal(after.data[name], plain.data[name])
    output = after.data.domestic + kept.sum("importer").rename(exporter="region")
    before = data.domestic + data.trade.sum("importer").rename(exporter="region")
    np.testing.assert_allclose(output, before, rtol=1e-13)


def test_prune_leaves_flows_with_wedges() -> None:
    world = random_benchmark(7, 3, 3, margins=True, rents=True)
    pruned, lost = prune(world.data, 1e9)
    assert int(lost["count"]) == 0
    xr.testing.assert_equal(pruned.trade, world.data.trade)


def test_prune_with_tariffs_gives_up_their_revenue() -> None:
    plain = random_benchmark(6, 3, 3, taxes=False).data
    tariff = plain.tariff.copy(data=np.full(plain.tariff.shape, 0.05))
    rate = tariff.sum("layer")
    paid = (plain.trade * rate).sum("exporter").rename(importer="region")
    final = plain.final * (1 + paid / plain.final.sum("agent"))
    table = plain.assign(tariff=tariff, final=final)
    table["direct_tax"] = balancing_tax(table)
    threshold = float(plain.trade.where(plain.trade > 0).quantile(0.2))
    pruned, lost = prune(Benchmark(table).data, threshold)
    after = Benchmark(pruned).data
    assert int(lost["count"]) > 0
    revenue = (after.trade * rate).sum()
    assert float(revenue) == pytest.approx(float((plain.trade * rate).sum()) - 0.1 * float(lost["value"]))
