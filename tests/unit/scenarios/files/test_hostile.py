"""Files that are made to harm, or by mistake: one message each, soon, and nothing is executed."""

import os
import time

import numpy as np
import pytest

from cge.errors import PolicyError
from cge.scenarios.files import library
from cge.scenarios.files.scenario import Scenario
from cge.text import odd_character

HEAD = "name: mine\ntitle: t\nquestion: q\nsources: [me]\n"
SHOCK = "{instrument: import_tariff, exporters: KOR, importers: USA, sectors: AUT, add: 10}"
SOUND = f"{HEAD}shocks:\n  - {SHOCK}\n"


@pytest.fixture
def write(tmp_path):
    def write(text, name="mine.yaml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


def bomb(levels=9):
    lines = ['a: &a ["x","x","x","x","x","x","x","x","x"]']
    for one, two in zip("abcdefghi", "bcdefghij"[: levels - 1], strict=False):
        lines.append(f"{two}: &{two} [{','.join([f'*{one}'] * 9)}]")
    return "\n".join(lines) + f"\n{HEAD}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (bomb(), r":5: more than 10,000 values, with what the aliases stand for"),
        (SOUND.replace("[me]", "&a [*a]"), r":4: \*a stands inside itself"),
        (SOUND.replace("mine", '!!python/object/apply:os.system ["touch PWNED"]'), ":1: the tag !!python/object/apply"),
        (SOUND.replace("mine", "!!python/name:os.system x"), ":1: the tag !!python/name:os.system has no meaning here"),
        (SOUND.replace("[me]", "!mine [me]"), ":4: the tag !mine has no meaning here; delete it"),
        (SOUND.replace("[me]", "!!set {me}"), ":4: the tag !!set has no meaning here"),
        (SOUND.replace("[me]", "!!str {me: 1}"), ":4: the tag !!str has no meaning here"),
        (SOUND.replace("mine", "!!binary aGk="), ":1: the tag !!binary has no meaning"),
        (HEAD + "shocks: " + "[" * 3000 + "]" * 3000, ":5: more than 30 lists stand inside one another"),
        (HEAD + "shocks: " + "{a: " * 3000 + "}" * 3000, ":5: more than 30 mappings"),
        (HEAD + "shocks:\n" + f"  - {SHOCK}\n" * 10_000, "has more than 100,000 characters; make it of parts"),
        (HEAD + "shocks:\n" + "  - 1\n" * 10_000, ":[0-9]+: more than 10,000 values"),
        (HEAD + "shocks:\n" + "  - 1\n" * 600, ":5: there are 600 shocks, at most 500"),
        (SOUND.replace("add: 10", "add: " + "9" * 5000), ":6: a number has 5,000 characters; at most 40"),
        (SOUND.replace("add: 10", "add: -0x" + "f" * 5000), ":6: a number has 5,003 characters"),
        (SOUND.replace("add: 10", 'add: "' + "9" * 5000 + '"'), "finite"),
        (SOUND.replace("mine", "x" * 300), ":1: name has 300 characters; at most 80"),
        (SOUND.replace("mine", "2026-11-28"), "is not text; put it in quotes"),
        (SOUND.replace("mine", "2026-99-99"), "not YAML|not text"),
        (SOUND.replace("add: 10", "add: 1e9"), ":6: add 1000000000.0 is beyond 10,000 per cent, which no measure"),
        (SOUND.replace("add: 10", "add: -1e9"), "add -1000000000.0 is beyond -10,000 per cent"),
        (SOUND.replace("add: 10", "scale: 1e9"), "scale 1000000000.0 is beyond 1,000 times"),
        (SOUND.replace("add: 10", "add: .inf"), "add: input should be a finite number"),
        (SOUND.replace("add: 10", "add: true"), ":6: add: true is not a number; write the number"),
        (SOUND.replace("KOR", "410"), ":6: 410 is read as a number; put a label in quotes"),
        (
            f"{HEAD}shocks:\n  - {{agreement: cptpp, action: accession, members: 410}}\n",
            ":6: 410 is read as a number; put a label in quotes",
        ),
        (SOUND.replace("KOR", "[true, USA]"), ":6: true is read as a truth value; put a label in quotes"),
        (SOUND.replace("title: t", 'title: "\\e[31mred"'), r":2: title holds a control character \(U\+001B\)"),
        (SOUND.replace("title: t", "title: a\x1b[31mred"), "not YAML: unacceptable character #x001b"),
        (SOUND.replace("title: t", 'title: "\\u202Eabc"'), r":2: title holds a control character \(U\+202E\)"),
        (
            SOUND.replace("mine", "us-universal-10"),
            ":1: us-universal-10 is a scenario of the library; give yours a name",
        ),
        (SOUND + "---\n" + SOUND, "not YAML"),
        (SOUND.replace("sources:", "<<: 3\nsources:"), "not YAML"),
    ],
)
def test_each_has_one_message_in_under_two_seconds(write, text, told):
    file = write(text)
    start = time.process_time()
    with pytest.raises(PolicyError, match=told) as error:
        library.load(file)
    assert time.process_time() - start < 2.0
    assert len(error.value.faults) == 1
    assert len(str(error.value)) < 1000
    assert not (file.parent / "PWNED").exists()


def test_an_ordinary_merge_key_works(write):
    text = f"{HEAD}shocks:\n  - &a {SHOCK}\n  - <<: *a\n    exporters: JPN\n"
    scenario = library.load(write(text))
    assert [str(shock.exporters) for shock in scenario.shocks] == ["KOR", "JPN"]
    with pytest.raises(PolicyError, match=r":8: unknown key .exporter"):
        library.load(write(text.replace("exporters: JPN", "exporter: JPN")))


@pytest.mark.parametrize("tag", ["!!str 410", "!!map {include: '410'}", "'410'"])
def test_tags_that_say_what_a_value_is_are_read(write, tag):
    (shock,) = library.load(write(SOUND.replace("KOR", tag))).shocks
    assert shock.exporters.include == ("410",)


@pytest.mark.parametrize("name", ["한국", "приклад-2", "ภาษาไทย", "日本-2", "été"])
def test_names_and_titles_in_any_script(write, name):
    scenario = library.load(write(SOUND.replace("mine", name).replace("title: t", f"title: {name}, {name}")))
    assert (scenario.name, scenario.title) == (name, f"{name}, {name}")


def test_a_name_is_the_same_however_its_letters_are_composed(write):
    assert library.load(write(SOUND.replace("mine", "e\u0301te\u0301"))).name == "\u00e9t\u00e9"


def test_a_doubling_chain_of_parts_is_refused(write):
    write(SOUND, "a0.yaml")
    write(SOUND.replace("mine", "yours"), "b0.yaml")
    for level in range(1, 30):
        for side in "ab":
            parts = f"parts: [a{level - 1}.yaml, b{level - 1}.yaml]\nwins: last\n"
            write(SOUND.replace("mine", f"{side}{level}") + parts, f"{side}{level}.yaml")
    start = time.process_time()
    with pytest.raises(PolicyError, match=r"a29\.yaml is made of more than 50 scenarios") as error:
        library.load(write("").with_name("a29.yaml"))
    assert time.process_time() - start < 2.0
    assert len(error.value.faults) == 1


def test_a_doubling_chain_in_python_is_refused():
    def made(name, *parts):
        return Scenario(name=name, title="t", question="q", sources=["me"], parts=parts, wins="last" if parts else None)

    pair = made("a"), made("b")
    for level in range(4):
        pair = made(f"a{level}", *pair), made(f"b{level}", *pair)
    with pytest.raises(PolicyError, match="made of more than 50 scenarios"):
        made("last", *pair)


def test_loops_of_links_and_what_is_no_file_have_a_message(tmp_path):
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    for name, told in (("loop", "cannot be read|no file"), ("pipe", "is no file"), ("folder", "is no file")):
        with pytest.raises(PolicyError, match=told):
            library.load(tmp_path / f"{name}.yaml")
    with pytest.raises(PolicyError, match=r"unknown scenario"):
        library.load("x" * 300)
    with pytest.raises(PolicyError, match="cannot be read"):
        library.load("x" * 300 + ".yaml")


def test_a_part_that_is_the_scenario_by_another_name_is_a_circle(write):
    file = write(SOUND + "parts: [link.yaml]\n")
    file.with_name("link.yaml").symlink_to(file)
    with pytest.raises(PolicyError, match="cannot be a part of itself"):
        library.load(file)


@pytest.mark.parametrize("text", ["한국 ₩", "a $x$ [b] =c", "עברית", "é\u0301", "👍", "a\u200db"])
def test_what_people_write_has_no_odd_character(text):
    assert odd_character(text) is None


@pytest.mark.parametrize("value", [True, np.True_])
def test_a_truth_value_in_python_is_no_number(value):
    shock = {"instrument": "import_tariff", "exporters": "all", "importers": "KOR", "sectors": "all", "add": value}
    with pytest.raises(PolicyError, match="add: true is not a number"):
        Scenario(name="mine", title="t", question="q", sources=["s"], shocks=[shock])
