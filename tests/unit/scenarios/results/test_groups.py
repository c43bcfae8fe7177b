"""Rows of groups and of the world, and results of versions that had fewer tables."""

import json

import numpy as np
import pytest

from cge.errors import RequestError
from cge.scenarios.results.groups import RATIOS
from cge.scenarios.results.proof import FILES, SEAL
from cge.scenarios.results.registry import FIRST, TABLES
from cge.scenarios.results.results import Comparison, Result


def test_the_world_and_own_groups_are_rows(result):
    table = result.welfare_of({"two": ["KOR", "USA"]})
    assert list(table.index) == [*result.welfare.index, "two", "world"]
    np.testing.assert_allclose(table.loc["world", "ev_musd"], result.welfare["ev_musd"].sum())
    np.testing.assert_allclose(table.loc["two", "ev_musd"], result.welfare.loc[["KOR", "USA"], "ev_musd"].sum())
    income = 100.0 * result.welfare["ev_musd"] / result.welfare["ev_pct"]
    np.testing.assert_allclose(
        table.loc["two", "ev_pct"], 100.0 * table.loc["two", "ev_musd"] / income[["KOR", "USA"]].sum()
    )
    added = [column for column in table if column.endswith("_musd") or column in (*RATIOS, "ev_pct", "ev_net_pct")]
    assert table[added].notna().all(axis=None)


def test_groups_of_the_package_are_read_from_contents(result):
    side = Comparison((result,)).table("ev_pct", groups=["eu", "korus"])
    assert side.loc["eu"].iloc[0] == pytest.approx(side.loc["EU27"].iloc[0])
    assert "world" not in side.index
    rate = Comparison((result,)).indicator("effective_tariff", groups=["korus"])
    assert list(rate.columns) == ["benchmark", "us-universal-10"]
    assert rate.loc["USA", "us-universal-10"] > rate.loc["USA", "benchmark"] + 5.0


@pytest.mark.parametrize(
    ("groups", "fault"),
    [(["korsu"], "did you mean korus"), (["mercosur"], "no region"), ({"mine": ["KORR"]}, "did you mean KOR")],
)
def test_groups_that_cannot_be_are_told(result, groups, fault):
    with pytest.raises(RequestError, match=fault):
        result.welfare_of(groups)


def test_unknown_indicators_are_told(result):
    with pytest.raises(RequestError, match=r"did you mean effective_tariff(?s:.*)unknown kind 'newer'"):
        Comparison((result,)).indicator("efective_tariff", what="newer")


@pytest.mark.parametrize("hashed", [True, False])
def test_a_folder_of_a_version_with_fewer_tables_is_read(result, tmp_path, hashed):
    folder = result.save(tmp_path / "r")
    proof = json.loads((folder / "proof.json").read_text())
    old = {f"{name}.csv" for name in FIRST} | {"equilibrium.nc"}
    for name in set(proof[FILES]) - old:
        (folder / name).unlink()
    kept = {name: told for name, told in proof[FILES].items() if name in old}
    (folder / "proof.json").write_text(
        json.dumps({k: v for k, v in proof.items() if k not in (FILES, SEAL)} | ({FILES: kept} if hashed else {}))
    )
    again = Result.load(folder)
    for name, table in TABLES.items():
        assert [*([table.index] if table.index else []), *again.tables[name].columns] == table.names
        assert (len(again.tables[name]) == 0) == (name not in FIRST or len(result.tables[name]) == 0)
    world = again.welfare_of()
    assert world.loc["world", "ev_musd"] == pytest.approx(result.welfare["ev_musd"].sum())
    assert np.isnan(world.loc["world", "ev_pct"])
    assert len(again.indicators_of()) == 0


def test_every_table_has_the_columns_that_the_registry_says(result):
    for name, table in TABLES.items():
        frame = result.tables[name]
        assert [*([table.index] if table.index else []), *frame.columns] == table.names, name
        for column in table.columns:
            assert column.meaning or column.heading
            if len(frame):
                assert column.text == (frame[column.name].dtype.kind not in "fi"), (name, column.name)
    assert result.names()["KOR"]
    with pytest.raises(AttributeError, match="did you mean welfare"):
        result.welfar  # noqa: B018
