"""What survives other settings, and a region's best reply: tables that follow from the runs themselves."""

import pytest
from typer.testing import CliRunner

from cge.errors import RequestError
from cge.scenarios.cli import app
from cge.scenarios.economy.economy import economy
from cge.scenarios.economy.reply import NOTHING, read_reply, reply_of
from cge.scenarios.economy.robustness import robust_of
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.screen.console import console
from cge.scenarios.screen.reply import reply as reply_shown
from cge.scenarios.screen.robustness import robustness as robustness_shown
from tests.small_world import small_world


@pytest.fixture(scope="module")
def place():
    return economy(small_world(rents=False))


def test_what_survives_is_what_all_settings_say(place, tmp_path):
    over = {"horizon": ["medium", "long"], "esubm": ["x0.6", "x1"]}
    opened = Scenario(name="opened", title="t", question="?", sources=["x"], shocks=[tariff("EU27", {"set": 0})])
    names = ["us-universal-10", opened]
    found = robust_of(place.runner, names, tmp_path / "r", over=over, workers=0)
    cells, signs, ranks = found.cells, found.signs, found.ranks
    assert len(cells) == 2 * 2 * 2 * 3
    for row in signs.to_dict("records"):
        own = cells[(cells["scenario"] == row["scenario"]) & (cells["region"] == row["region"])]
        assert row["survives"] == (own["sign"].nunique() == 1 and own["sign"].iloc[0] != 0)
        assert row["least"] == own["value"].min()
        assert bool(row["flips"]) == ({-1, 1} <= set(own["sign"]))
    assert set(ranks["region"]) == {"KOR", "USA", "EU27"}
    assert ranks["better"].between(0.0, 1.0).all()
    assert (tmp_path / "r" / "signs.csv").is_file()
    with console().capture() as shown:
        console().print(robustness_shown(found, ["KOR"]))
    assert shown.get() is not None


def test_faults(place, tmp_path):
    with pytest.raises(RequestError, match="did you mean ev_pct"):
        robust_of(place.runner, "us-universal-10", tmp_path / "r", column="ev_pc", workers=0)
    with pytest.raises(RequestError, match="did you mean short"):
        robust_of(place.runner, "us-universal-10", tmp_path / "r", over={"horizon": ["shrt"]}, workers=0)
    assert not (tmp_path / "r").exists()


def tariff(exporter, rate):
    """A tariff of Korea's on all goods of a partner."""
    return {"instrument": "import_tariff", "importers": "KOR", "exporters": exporter, "sectors": "all", **rate}


QUESTION = {
    "region": "KOR",
    "situations": {"ten": "us-universal-10"},
    "options": {
        "retaliate": {"shocks": [tariff("USA", {"add": 10})]},
        "open": {"shocks": [tariff("EU27", {"set": 0})]},
    },
    "horizons": ["medium"],
    "draws": {"method": "stroud", "of": [{"parameter": "esubm", "together": ["esubd"], "sd": 0.1}]},
    "games": [{"name": "korea", "players": [{"region": "KOR"}]}],
}


def test_options_are_ranked_by_what_they_add(place, tmp_path):
    found = reply_of(place.runner, QUESTION, tmp_path / "reply", workers=0)
    rows = found.options[found.options["column"] == "ev_pct"].set_index("option")
    assert rows.loc[NOTHING, "gain"] == 0.0
    assert sorted(rows["rank"]) == [1, 2, 3]
    assert rows["gain"].is_monotonic_decreasing
    assert rows["best"].sum() == pytest.approx(1.0)
    pair = found.pairs[found.pairs["column"] == "ev_pct"].set_index(["option", "other"])["better"]
    assert pair["retaliate", "open"] + pair["open", "retaliate"] == pytest.approx(1.0)
    assert found.games[0].verdict["ipopt"].iloc[0] == 0
    assert (tmp_path / "reply" / "korea" / "korea.yaml").is_file()
    console().print(reply_shown(found))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"region": "KRO"}, "there is no region"),
        ({"columns": ["ev_pc"]}, "did you mean ev_pct"),
        ({"uncertain_at": "long"}, "none of the horizons"),
        ({"options": {}}, "at least 1"),
        ({"options": {"x": "us-universal-1"}}, "us-universal-1"),
    ],
)
def test_faults_of_a_reply(place, tmp_path, change, said):
    with pytest.raises(RequestError, match=said):
        reply_of(place.runner, {**QUESTION, **change}, tmp_path / "reply", workers=0)
    assert not (tmp_path / "reply").exists()


def test_the_example_is_a_sound_question():
    assert read_reply("examples/korea-best-reply.yaml").region == "KOR"
    assert CliRunner().invoke(app, ["reply", "none.yaml"]).exit_code == 2
