"""A raw table balanced to totals, and brought to another year, with its log."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cge.calibration.balancing import gras
from cge.calibration.raw import About, RawTable
from cge.calibration.steps.all import STEPS
from cge.calibration.steps.balance import balance, to_year
from cge.errors import DataError

ACCOUNTS = pd.DataFrame(
    {
        "account": ["farms", "plants", "labour", "household", "stocks"],
        "region": "X",
        "role": ["industry", "industry", "labour", "household", "stocks"],
    }
)


@pytest.fixture
def table():
    flows = [
        ("farms", "farms", 10.0), ("farms", "plants", 30.0), ("farms", "household", 61.0), ("farms", "stocks", -2.0),
        ("plants", "farms", 20.0), ("plants", "plants", 40.0), ("plants", "household", 90.0), ("plants", "stocks", 5.0),
        ("labour", "farms", 70.0), ("labour", "plants", 80.0),
    ]  # fmt: skip
    frame = pd.DataFrame(flows, columns=["seller", "buyer", "value"])
    return RawTable.from_frames(frame, ACCOUNTS, About(unit="million USD", year=2020))


def test_accounts_become_exact_and_the_log_has_every_cell(table):
    assert abs(table.gaps()["gap"]).max() > 0.5
    balanced, log = balance(table)
    assert abs(balanced.gaps()["gap"]).max() < 1e-7
    entries = log.table()
    change = balanced.flows.values - table.flows.values
    assert entries["amount"].abs().sum() == pytest.approx(abs(change).sum())
    assert entries["amount"].abs().is_monotonic_decreasing
    assert float(balanced.flows.loc["farms", "stocks"]) < 0.0


def test_totals_are_met_and_kept_cells_stay(table):
    receipts = pd.Series({"labour": 160.0, "farms": 105.0})
    balanced, _ = balance(table, receipts, kept=[("*", "stocks"), ("plants", "farms")])
    sold = balanced.flows.sum("buyer")
    assert float(sold.sel(seller="labour")) == pytest.approx(160.0)
    assert float(sold.sel(seller="farms")) == pytest.approx(105.0)
    assert float(balanced.flows.loc["farms", "stocks"]) == -2.0
    assert float(balanced.flows.loc["plants", "farms"]) == 20.0
    assert abs(balanced.gaps()["gap"]).max() < 1e-7


def test_another_year_with_all_totals_is_gras(table):
    start, _ = balance(table)
    growth = np.array([1.04, 1.10, 1.08, 1.0, 1.0])
    receipts = pd.Series(start.flows.sum("buyer").values * growth, index=start.accounts.index)
    payments = receipts.copy()
    payments[["labour", "household"]] = 0.0, 165.0
    payments["stocks"] = receipts.sum() - payments.sum() + payments["stocks"]
    updated, log = to_year(start, 2023, receipts, payments)
    assert updated.about.year == 2023
    assert log.table().iloc[0]["after"] == 2023
    by = {axis: given.to_xarray().rename(account=axis) for axis, given in
          (("seller", receipts.rename_axis("account")), ("buyer", payments.rename_axis("account")))}  # fmt: skip
    other = gras(start.flows, by["seller"], by["buyer"])
    np.testing.assert_allclose(updated.flows, other.cells, atol=1e-6)


def test_faults_are_told(table):
    with pytest.raises(DataError, match="did you mean labour"):
        balance(table, pd.Series({"labor": 1.0}))
    with pytest.raises(DataError, match="did you mean stocks"):
        balance(table, kept=[("*", "stock")])
    with pytest.raises(DataError, match="did you mean entropy"):
        balance(table, method="entrop")
    with pytest.raises(DataError, match="receipts of labour"):
        balance(table, pd.Series({"labour": -3.0}))


def test_a_recipe_calls_it_with_totals_in_a_file(table, tmp_path):
    (tmp_path / "totals.csv").write_text("account,receipts,payments\nlabour,160,\nfarms,105,105\n")
    options = {"file": "totals.csv", "kept": [["*", "stocks"]], "year": 2023}
    balanced, log = STEPS["balance"].do(table, tmp_path, options)
    assert float(balanced.flows.sum("buyer").sel(seller="labour")) == pytest.approx(160.0)
    assert float(balanced.flows.loc["farms", "stocks"]) == -2.0
    assert balanced.about.year == 2023
    assert log.table().iloc[0]["step"] == "another year"
