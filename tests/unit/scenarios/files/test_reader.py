"""Scenario files: every fault of form with its file and line, all at once, and no traceback."""

from pathlib import Path

import pytest

from cge.errors import PolicyError
from cge.scenarios.files import library
from cge.scenarios.files.scenario import draft

SOUND = """\
name: test
title: Test
question: What?
sources: [none]
shocks:
  - instrument: import_tariff
    exporters: all
    importers: USA
    add: 10
"""


@pytest.fixture
def write(tmp_path):
    def write(text: str) -> Path:
        file = tmp_path / "test.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def faults(file):
    with pytest.raises(PolicyError) as error:
        draft(file).scenario()
    return [line.removeprefix(str(file)) for line in error.value.faults]


def test_a_sound_file_is_read_and_remembers_its_lines(write):
    scenario = draft(write(SOUND)).scenario()
    assert scenario.name == "test"
    assert scenario.origin.where("shocks", 0, "importers").endswith("test.yaml:8")
    assert scenario.origin.where("shocks", 0, "sectors").endswith("test.yaml:6")


def test_all_faults_of_a_file_are_told_at_once_in_its_order(write):
    text = SOUND.replace("sources: [none]\n", "sorces: [none]\n").replace("add: 10", "ad: ten")
    text += "  - quota: hard\n    exporters: KOR\n    importers: USA\n    sectors: STL\n"
    found = faults(write(text))
    assert found == [
        ":1: key sources is missing; add it",
        ":4: unknown key 'sorces' (did you mean sources?); rename or remove it "
        "(known: name, title, question, sources, shocks, parts, wins, baseline, "
        "horizon, financing, row, leaves_out, groups)",
        *[f for f in found if f.startswith(":9: unknown key 'ad' (did you mean add?)")],
        ":10: a hard quota needs volume",
    ]
    assert len(found) == 4


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [1\n", "this is not YAML"),
        ("name: a\nname: b\n", ":2: this is not YAML: found duplicate key"),
        ("- name\n", "a scenario is a mapping"),
        ("", "a scenario is a mapping"),
        (SOUND.replace("shocks:", "shock:"), "key shocks is missing"),
        (SOUND.replace("add: 10", "add: ten"), ":9: add: input should be a valid number"),
        (SOUND.replace("name: test", "name: Test Me"), "must be lower-case words of any script, joined by hyphens"),
        (
            SOUND.replace("instrument:", "instrumnt:"),
            "(did you mean instrument",
        ),
        (SOUND.replace("sources: [none]", "sources: []"), "sources: tuple should have at least 1 item"),
        (SOUND + "  - text\n", ":10: a shock is a mapping"),
        (SOUND.replace("shocks:\n", "shocks: none\n").partition("  - ")[0], ":5: shocks is a list"),
    ],
)
def test_each_fault_says_where_and_what(write, text, fault):
    assert any(fault in found for found in faults(write(text))), faults(write(text))


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path):
    with pytest.raises(PolicyError, match="there is no file"):
        library.load(tmp_path / "none.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyError, match="cannot be read as text"):
        library.load(tmp_path / "binary.yaml")


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(PolicyError, match=r"did you mean korea-cptpp\?"):
        library.load("korea-cptp")


def test_the_library_is_sound_and_each_name_is_its_file():
    headings = library.headings()
    assert set(library.HEADLINE) <= {heading.name for heading in headings}
    for heading in headings:
        name = heading.name
        scenario = library.load(name)
        assert heading == library.Heading(scenario.name, scenario.title, scenario.row)
        assert scenario.sources
        assert name == "no-change" or (scenario.row and scenario.leaves_out)
