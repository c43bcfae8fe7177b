"""EV says whose it is, in files and on the screen, and comparing across households warns."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from cge.scenarios.results.results import Comparison, Result
from cge.scenarios.screen import screen


@pytest.fixture
def private(result):
    point = result.equilibrium.assign_attrs(household="separate")
    return replace(result, name="private", equilibrium=point)


def test_files_name_the_household_and_the_table_in_python_holds_numbers_alone(result, tmp_path):
    folder = result.save(tmp_path / "kept")
    words = "regional household: consumption, government and saving"
    assert set(pd.read_csv(folder / "welfare.csv")["household"]) == {words}
    assert json.loads((folder / "proof.json").read_text(encoding="utf-8"))["household"] == words
    again = Result.load(folder)
    pd.testing.assert_frame_equal(again.welfare, result.welfare, check_index_type=False)
    assert again.household == words


def test_the_screen_names_it(result, private):
    assert str(screen.welfare(result).caption).endswith("of the regional household: consumption, government and saving")
    assert str(screen.welfare(private).caption).endswith("of the private household: consumption and saving")


def test_comparing_across_the_two_warns(result, private):
    both = Comparison((result, private))
    with pytest.warns(UserWarning, match="of the private household here and of the regional household there"):
        both.table("ev_pct")
    with pytest.warns(UserWarning, match="not to be compared"):
        assert len(both.welfare)
    assert "not to be compared" in str(screen.comparison(both).renderables[0].caption)
    assert not Comparison((result, replace(result, name="b"))).mixed
