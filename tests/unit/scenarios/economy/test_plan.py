"""What a batch may say: its numbers and its grid, and every fault of a batch file at once, with its line."""

import pytest

from cge.errors import PolicyError, RequestError
from cge.scenarios.economy.plan import Vary, cells, plan, read_plan, read_vary, spread
from cge.scenarios.files.library import load

TARIFF, STEEL = load("us-universal-10"), load("korea-steel-trq")


@pytest.fixture
def write(tmp_path):
    def write(text):
        file = tmp_path / "batch.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def grid(scenario, *vary):
    return list(cells(scenario, [Vary(**each) for each in vary]))


def test_a_number_varies_and_nothing_else_does():
    found = grid(TARIFF, {"key": "add", "values": [0, 25]})
    assert [point for point, _ in found] == [{"add": 0.0}, {"add": 25.0}]
    for point, cell in found:
        assert cell.shocks[0].add == point["add"]
        assert cell.shocks[0].model_copy(update={"add": 10.0}) == TARIFF.shocks[0]
        assert (cell.name, cell.sources) == (TARIFF.name, TARIFF.sources)
    assert found[1][1].sha256 != TARIFF.sha256


def test_several_numbers_make_a_grid_with_a_column_each():
    found = grid(
        STEEL,
        {"key": "volume", "values": [0.5, 1.0]},
        {"key": "out_of_quota_rate", "values": [25, 50, 75], "scenario": STEEL.name},
        {"key": "add", "values": [1], "scenario": "another"},
    )
    assert len(found) == 6
    assert found[-1][0] == {"volume": 1.0, "out_of_quota_rate": 75.0}
    assert found[-1][1].shocks[0].volume.value == 1.0
    assert Vary(key="add", shock=2, values=[1]).label == "add_2"


def test_a_scenario_without_anything_that_varies_is_one_cell():
    assert grid(TARIFF) == [({}, TARIFF)]


@pytest.mark.parametrize(
    ("vary", "complaint"),
    [
        ({"key": "ad", "values": [1]}, r"has no number 'ad' \(did you mean add\?\); it has add"),
        ({"key": "add", "values": [1], "shock": 2}, r"has 1 shock\(s\) of its own, and no number 2"),
        ({"key": "instrument", "values": [1]}, "has no number 'instrument'"),
        ({"key": "set", "values": [1]}, "has no number 'set'"),
    ],
)
def test_a_number_that_a_shock_does_not_have_is_told(vary, complaint):
    with pytest.raises(RequestError, match=complaint):
        grid(TARIFF, vary)


def test_a_value_that_a_shock_cannot_have_is_told_before_anything_runs():
    with pytest.raises(RequestError, match=r"in_quota_rate 30: in_quota_rate 30 is above out_of_quota_rate 25"):
        grid(STEEL, {"key": "in_quota_rate", "values": [0, 30]})
    with pytest.raises(RequestError, match="add of us-universal-10 varies twice"):
        grid(TARIFF, {"key": "add", "values": [0]}, {"key": "add", "values": [1]})


def test_values_by_a_step():
    assert spread(0, 0.3, 0.1) == (0.0, 0.1, 0.2, 0.3)
    assert spread(5, -5, -5) == (5.0, 0.0, -5.0)
    assert read_vary("add=0:60:30") == {"key": "add", "values": (0.0, 30.0, 60.0), "shock": 1}
    assert read_vary("2.volume=0.5,1") == {"key": "volume", "values": (0.5, 1.0), "shock": 2}
    named = {"key": "volume", "values": (0.5,), "shock": 2, "scenario": "korea-steel-trq"}
    assert read_vary("korea-steel-trq.2.volume=0.5") == named
    assert read_vary("korea-steel-trq.volume=0.5") == named | {"shock": 1}
    assert plan("a", {"key": "add", "values": range(3)}, 5, "trade").vary[0].values == (0.0, 1.0, 2.0)
    for wrong in ((0, 1, 0.3), (0, 1, -1), (0, 1, 0), (0, 1e9, 1)):
        with pytest.raises(ValueError, match="does not lead from"):
            spread(*wrong)
    for text in ("add", "add=", "add=1:2", "x.y.add=1", "2.=1", "add=one", "add=0:1:0.3"):
        with pytest.raises(RequestError, match="write --vary add=0,10,20"):
            read_vary(text)


def test_a_batch_file_says_what_python_says(write, tmp_path):
    file = write(
        "scenarios: [us-universal-10, own.yaml]\n"
        "vary:\n  - {key: add, values: {from: 0, to: 60, step: 20}, scenario: us-universal-10}\n"
        "draws: {number: 7, seed: 2, distribution: uniform}\ntables: [welfare, trade]\n"
    )
    found = read_plan(file)
    assert found.scenarios == ("us-universal-10", tmp_path / "own.yaml")
    assert found.vary[0].values == (0.0, 20.0, 40.0, 60.0)
    assert (found.draws.number, found.draws.seed, found.draws.distribution) == (7, 2, "uniform")
    assert found == plan(
        ["us-universal-10", tmp_path / "own.yaml"],
        {"key": "add", "values": [0, 20, 40, 60], "scenario": "us-universal-10"},
        {"number": 7, "seed": 2, "distribution": "uniform"},
        ["welfare", "trade"],
    )
    assert read_plan(write("scenarios: us-universal-10\ndraws: 5\n")).draws.number == 5


def test_all_faults_of_a_batch_file_are_told_with_their_lines(write):
    file = write(
        "scenarios: []\n"
        "vary:\n"
        "  - {kye: add, values: [1]}\n"
        "  - key: add\n"
        "    values: [1, 1]\n"
        "  - {key: add, values: {from: 0, to: 1, step: 0.3}}\n"
        "draws: {nmber: 5}\n"
        "tables: [welfar]\n"
        "sead: 3\n"
    )
    with pytest.raises(PolicyError) as error:
        read_plan(file)
    told = str(error.value)
    for line, words in [
        (1, "at least 1 item"),
        (3, "unknown key 'kye' (did you mean key?)"),
        (3, "key key is missing"),
        (5, "value 1 is given twice"),
        (6, "a step of 0.3 does not lead from 0 to 1"),
        (7, "unknown key 'nmber' (did you mean number?)"),
        (8, "did you mean welfare?"),
        (9, "unknown key 'sead'"),
    ]:
        assert any(part.startswith(f"{file}:{line}:") and words in part for part in told.split("\n  - ")), (line, told)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- us-universal-10\n", "a batch is a mapping"),
        ("scenarios: [\n", "this is not YAML"),
        ("3: x\n", "keys are words"),
    ],
)
def test_a_file_that_is_no_batch_is_told(write, text, complaint):
    with pytest.raises(PolicyError, match=complaint):
        read_plan(write(text))
    with pytest.raises(PolicyError, match="there is no file"):
        read_plan(write("").with_name("none.yaml"))
