"""The model under the duties in force beside what was collected: after substitution it comes nearer."""

import pytest

from cge.scenarios.economy.effective import by_date

COLLECTED = {"2025-08-30": 11.2, "2025-12-15": 9.9, "2026-03-01": 7.3}
"""Duties over imports of goods, %, in August and December 2025 and March 2026 (US Treasury and Census)."""
BAND = 2.0
"""Points that the model may stay above: offsets, drawback, transit, lags of payment, exempt goods inside a sector."""


@pytest.fixture(scope="module")
def found():
    return by_date(list(COLLECTED), "world2022-12x12")


def test_substitution_brings_the_average_nearer_to_what_is_collected(found):
    rates, _ = found
    for date, collected in COLLECTED.items():
        row = rates.loc[date]
        assert collected < row["after"] < row["statutory"], date
        assert row["after"] - collected < BAND, date


def test_the_short_run_substitutes_less(found):
    rates, _ = found
    short, _ = by_date(["2025-12-15"], "world2022-12x12", horizon="short")
    row = short.loc["2025-12-15"]
    assert rates.loc["2025-12-15", "after"] + 1.0 < row["after"] < row["statutory"]
    assert rates.loc["2025-12-15", "share"] < row["share"] < row["share_before"]


def test_china_loses_its_share_under_the_peak_and_gets_a_part_back_after_the_ruling(found):
    rates, _ = found
    share = rates["share"]
    assert share["2025-08-30"] < share["2025-12-15"] < share["2026-03-01"] <= rates.loc["2026-03-01", "share_before"]


def test_the_peak_costs_partners_and_the_ruling_gives_china_relief(found):
    _, welfare = found
    for region in ("KOR", "CHN", "CAN", "VNM"):
        assert welfare.loc[region, "2025-08-30"] < 0.0, region
    assert welfare.loc["CHN", "2026-03-01"] > welfare.loc["CHN", "2025-08-30"]
