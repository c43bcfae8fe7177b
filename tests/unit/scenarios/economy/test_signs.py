"""The field of signs: who may have a rent, the kept file against the library, and one case of it solved anew."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from cge.scenarios.economy.signs import CASES, OWNERS, STATED, has_rent, owned_by, signs
from cge.scenarios.files import library
from cge.scenarios.files.signs import SIGNS, field_of, sign

WORLD = "world2022-12x12"


def test_rents_are_found_in_parts_and_their_owner_is_told():
    control = library.load("chips-controls-china")
    assert has_rent(control)
    assert has_rent(library.load("china-bars-exports-with-agreement"))
    assert not has_rent(library.load("us-universal-10"))
    assert not has_rent(library.load("korea-steel-removal"))
    sold = owned_by(control, "exporter").shocks[0]
    assert "hard quota" in str(sold)
    assert "rent to exporter 100%" in str(sold)
    assert "lost" in str(control.shocks[0])


def test_the_kept_field_holds_the_library():
    kept = pd.read_csv(SIGNS)
    assert set(kept["scenario"]) == set(library.names()), "run python docs/signs.py with the names that are new or gone"
    for name, rows in kept.groupby("scenario"):
        cases = rows[rows["owner"] == STATED]
        assert list(zip(cases["horizon"], cases["financing"], strict=True)) == sorted(CASES), name
        assert set(rows["owner"]) == {STATED, *(OWNERS if has_rent(library.load(name)) else ())}, name
    answered = kept["KOR_ev"].notna()
    assert answered.mean() > 0.9
    assert kept.loc[~answered, "why"].notna().all()


def test_a_case_solved_anew_has_the_numbers_that_are_kept():
    found = signs([library.load("chips-controls-china")], WORLD, [("medium", "lump-sum")])
    kept = {row["owner"]: row for row in field_of("chips-controls-china") if row["horizon"] == "medium"}
    lost = found[(found["owner"] == STATED) & (found["region"] == "KOR")].iloc[0]
    assert float(kept[STATED]["KOR_ev"]) == pytest.approx(lost["ev_net_pct"], abs=2e-3)
    by_owner = found[found["region"] == "CHN"].set_index("owner")["ev_net_pct"]
    assert by_owner["importer"] > by_owner[STATED], "a licence that China's importers hold is worth something to it"
    assert found["why"].eq("").all()


def test_a_horizon_that_a_policy_does_not_take_says_why():
    found = signs([library.load("taiwan-electronics-loss")], WORLD, [("medium", "lump-sum")])
    assert len(found) == 1
    assert math.isnan(found["ev_net_pct"].iloc[0])
    assert "choose the horizon short" in found["why"].iloc[0]
    assert "/" not in found["why"].iloc[0].split(" ")[0]


@pytest.mark.parametrize(("number", "told"), [("0.2", "+"), ("-0.006", "-"), ("0.004", "0"), ("", "")])
def test_signs(number, told):
    assert sign(number) == told
