"""User text is text on the screen: no markup, no emoji codes, nothing lost."""

from dataclasses import replace
from io import StringIO

import pytest

from cge.scenarios.files.headings import Heading
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.results.results import Comparison
from cge.scenarios.screen import listing, screen

TEXTS = ["[/bad]", "[draft] x", "[red]x[/red]", ":smile:", "a $x$", "한국", "[link=http://x]y[/link]", "\\[x]"]


@pytest.fixture
def shown():
    def shown(part):
        console = screen.console()
        console.file = StringIO()
        console.print(part)
        return console.file.getvalue()

    return shown


@pytest.mark.parametrize("text", TEXTS)
def test_titles_names_and_labels_are_shown_as_they_stand(result, shown, text):
    trade = result.rents.assign(exporter=text)
    named = replace(result, title=text).with_tables(welfare=result.welfare.rename(index={"USA": text}), rents=trade)
    both = Comparison((named,))
    assert shown(screen.welfare(named)).count(text) == 2
    assert text in shown(screen.comparison(both))
    assert text in shown(screen.rents(both))
    assert text in shown(screen.notes(Comparison((replace(named, notes=(text,)),)))[0])


@pytest.mark.parametrize("text", TEXTS)
def test_descriptions_and_lists_are_shown_as_they_stand(shown, text):
    scenario = Scenario(name="mine", title=text, question=text, sources=[text], leaves_out=text)
    assert shown(screen.description(scenario)).count(text) == 4
    assert text in shown(listing.scenarios([Heading("mine", text)]))
