"""Kinds of faults of a user's table, each with a file, what is told of it, and what would be false to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cge.calibration.check import check
from cge.calibration.readers import registry
from cge.errors import RequestError

FILES = Path(__file__).parent / "faults"
ROLES = {"HH": "household", "GFCF": "investment", "LAB": "labour"}
PEOPLE = {"HOM": {"countries": "KOR"}, "PAR": {"countries": "JPN"}}


def test_regions_that_do_not_trade_are_told_each() -> None:
    found = check(FILES / "disconnected.csv", accounts=ROLES)
    assert [fault.partition(":")[0] for fault in found.faults] == [
        f"{name} neither buys from nor sells to another region, so nothing ties its prices to theirs"
        for name in ("HOM", "PAR")
    ]
    assert "leave its accounts out (drop)" in found.faults[0]


def test_an_industry_without_flows_is_no_fault_and_is_told() -> None:
    found = check(FILES / "industry_without_flows.csv", accounts=ROLES)
    assert found.sound
    assert "industries without any flow: PAR.FRM; they stay at zero" in found.notes


def test_money_of_another_currency_is_told_by_what_a_head_would_earn() -> None:
    found = check(FILES / "korea_in_won.csv", accounts=ROLES, regions=PEOPLE, unit="million USD")
    assert len(found.faults) == 2
    assert "which no country has: the unit is not million USD" in found.faults[0]
    assert "or another currency" in found.faults[0]
    assert check(FILES / "korea_in_won.csv", accounts=ROLES, regions=PEOPLE, unit="million KRW").sound


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"year": 2020}, r"year: the file is of 2018, and 2020 is said; .* with the step convert \(deflator\)"),
        ({"year": "next"}, r"year: 'next' is no year of flows"),
        ({"year": 20222}, r"year: 20222 is no year of flows"),
        ({"currency": "KRW"}, r"the file is in million USD, and KRW is said; .* with the step convert \(to, rate\)"),
        ({"unit": "billion EUR"}, r"the file is in million USD, and EUR is said"),
        ({"currency": "dollars"}, r"currency: 'dollars' is no code of ISO 4217"),
        ({"unit": "million EUR", "currency": "USD"}, r"USD is said, and the unit is million EUR; write both alike"),
    ],
)
def test_a_year_or_currency_that_the_file_denies_is_refused(said: dict[str, Any], told: str) -> None:
    with pytest.raises(RequestError, match=told):
        registry.read(FILES / "ICIO2023_2018.csv", **said)


def test_what_the_file_says_itself_may_be_said_too() -> None:
    raw, _ = registry.read(FILES / "ICIO2023_2018.csv", year=2018, unit="million USD", currency="USD")
    assert (raw.about.year, raw.about.unit, raw.about.currency) == (2018, "million USD", "USD")
