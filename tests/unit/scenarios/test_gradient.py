"""Drivers of an outcome as users ask for them: names, tables, files, faults."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from cge.errors import RequestError
from cge.scenarios.cli import app
from cge.scenarios.economy.gradient import gradient
from tests.small_world import small_world

WORLD = "world2020-12x12"


@pytest.fixture(scope="module")
def small():
    return small_world(rents=False)


def test_table_says_the_largest_effect_first_and_files_hold_it(small, tmp_path):
    found = gradient("us-universal-10", "ev.KOR", ["import_tariff", "sigma_m"], small, out=tmp_path / "g")
    effects = found.table["effect"].abs()
    assert (effects.diff().dropna() <= 0.0).all()
    assert set(found.table["instrument"]) == {"import_tariff", "sigma_m"}
    kept = pd.read_csv(tmp_path / "g" / "gradient.csv")
    pd.testing.assert_frame_equal(kept, found.table, check_dtype=False)
    slope = found.gradient.slopes["tm"]
    top = found.table[found.table["instrument"] == "import_tariff"].iloc[0]
    exporter, importer, sector = top["cell"].split()
    assert float(slope.sel(exporter=exporter, importer=importer, sector=sector)) == top["slope"]


def test_at_the_benchmark_no_elasticity_moves_welfare(small):
    assert gradient(of="ev.KOR", by="elasticity", benchmark=small).table.empty


def test_a_group_is_the_sum_of_its_members(small):
    both, one, other = (
        gradient(of=f"ev.{who}", by="import_tariff", benchmark=small).gradient.slopes["tm"]
        for who in ("KOR+USA", "KOR", "USA")
    )
    assert abs(both - one - other).max() < 1e-9 * abs(both).max()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"of": "evv.KOR"}, "did you mean ev"),
        ({"of": "ev.KRO"}, "unknown region"),
        ({"of": "ev.KOR.STL"}, "2 were named"),
        ({"by": "import_tarif"}, "did you mean import_tariff"),
        ({"by": "foreign_saving"}, "what one receives another gives"),
    ],
)
def test_faults_are_said_and_nothing_is_written(small, tmp_path, asked, said):
    with pytest.raises(RequestError, match=said):
        gradient(benchmark=small, out=tmp_path / "g", **asked)
    assert not (tmp_path / "g").exists()


def test_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ["gradient", "us-universal-10", "--of", "ev.KOR", "--by", "import_tariff", "--benchmark", WORLD]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert "KOR CHN ELE" in done.output
    assert (tmp_path / "results/gradient-us-universal-10/gradient.png").is_file()
    assert CliRunner().invoke(app, [*asked[:3], "ev.KOREA", *asked[4:]]).exit_code == 2
