"""The raw table: two small tables there and back, its checks, and wedges in its accounts."""

from __future__ import annotations

import pandas as pd
import pytest
import xarray as xr

from cge.calibration.log import Entry, Log
from cge.calibration.raw import RawTable
from cge.errors import DataError

ACCOUNTS = pd.DataFrame(
    {
        "account": ["A.x", "B.x", "A.HH", "B.HH", "A.L", "B.L"],
        "region": list("ABABAB"),
        "label": ["x", "x", "HH", "HH", "L", "L"],
        "role": ["industry", "industry", "household", "household", "labour", "labour"],
    }
)
FLOWS = pd.DataFrame(
    [("A.x", "A.HH", 60.0), ("A.x", "B.HH", 40.0), ("B.x", "B.HH", 70.0), ("B.x", "A.x", 20.0), ("A.L", "A.x", 80.0),
     ("B.L", "B.x", 90.0)],
    columns=["seller", "buyer", "value"],
)  # fmt: skip


def test_two_small_tables_there_and_back() -> None:
    raw = RawTable.from_frames(FLOWS, ACCOUNTS)
    flows, accounts = raw.to_frames()
    assert RawTable.from_frames(flows, accounts).sha256 == raw.sha256
    assert raw.gaps()["gap"].abs().max() == 0.0
    assert raw.regions == ["A", "B"]
    assert raw.sectors == ["x"]
    assert raw.use.loc["B.x", "A.x"] == 20.0
    assert raw.paid.to_numpy().sum() == 170.0


def test_a_tariff_is_paid_by_who_imports() -> None:
    rate = xr.DataArray([[[[0.0], [0.0]], [[0.1], [0.0]]]], dims=("layer", "exporter", "importer", "sector"))
    rate = rate.assign_coords(layer=["mfn"], exporter=["A", "B"], importer=["A", "B"], sector=["x"])
    raw = RawTable.from_frames(FLOWS, ACCOUNTS, bilateral=xr.Dataset({"tariff": rate}))
    gaps = raw.gaps()["gap"]
    assert gaps["A.x"] == pytest.approx(2.0)
    assert gaps["B.x"] == pytest.approx(0.0)


def test_all_faults_at_once_with_the_nearest_name() -> None:
    twice = pd.concat([FLOWS, FLOWS.head(1), pd.DataFrame([("A.y", "A.HH", 1.0)], columns=FLOWS.columns)])
    with pytest.raises(DataError) as told:
        RawTable.from_frames(twice, ACCOUNTS)
    assert len(told.value.faults) == 2
    assert "A.y" in str(told.value)
    assert "did you mean A.x?" in str(told.value)
    with pytest.raises(DataError, match="did you mean household"):
        RawTable.from_frames(FLOWS, ACCOUNTS.replace("household", "houshold"))


def test_a_log_adds_up_and_sums_by_step() -> None:
    log = Log.of(Entry("netted", "A x", -3.0, 0.0, -3.0, "rule")) + Log.of(Entry("netted", "B x", amount=2.0))
    assert len(log) == 2
    assert log.summary()[["changes", "amount"]].to_numpy().tolist() == [[2, 5.0]]
