"""Scenarios as values: what they accept, what they refuse, and what their fingerprint depends on."""

import pytest
from pydantic import ValidationError

from cge.errors import PolicyError
from cge.scenarios.blocks.quotas import QuotaChange, Volume
from cge.scenarios.blocks.rates import Rates
from cge.scenarios.files.scenario import Scenario
from cge.scenarios.names.vocabulary import WORDS, Selector, unit
from cge.symbols import INSTRUMENTS

TARIFF = {"instrument": "import_tariff", "exporters": "all", "importers": "USA", "add": 10}


def scenario(*shocks, **fields):
    given = {"name": "test", "title": "Test", "question": "What?", "sources": ["none"], "shocks": list(shocks)}
    return Scenario(**given | fields)


def test_every_instrument_of_a_region_has_one_word_and_a_unit():
    assert sorted(WORDS.values()) == sorted(
        name for name, symbol in INSTRUMENTS.items() if symbol.dims and "quota" not in symbol.dims
    )
    assert all(unit(word).startswith("per cent") for word in WORDS)


def test_a_selector_is_a_name_a_list_or_a_mapping():
    assert Selector.model_validate("USA") == Selector(include=("USA",))
    assert Selector.model_validate(["USA", "KOR"]).include == ("USA", "KOR")
    assert Selector.model_validate({"except": "KOR"}) == Selector(include=("all",), except_=("KOR",))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"add": None}, "exactly one of set, add"),
        ({"set": 5}, "exactly one of set, add"),
        ({"importers": None}, "needs importers"),
        ({"regions": "USA"}, "has no regions; it takes exporters, importers, sectors"),
        ({"instrument": "import_tarif"}, "did you mean import_tariff"),
        ({"add": None, "set": -100}, "-100 % or lower"),
        ({"add": None, "scale": -1}, "greater than or equal to 0"),
        ({"add": float("nan")}, "finite"),
        ({"instrument": "export_tax", "layer": "mfn"}, "layer is for import_tariff only"),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused(change, message):
    with pytest.raises(ValidationError, match=message):
        Rates.model_validate(TARIFF | change)


def test_an_output_tax_must_leave_something():
    with pytest.raises(ValidationError, match="under 100 %"):
        Rates.model_validate({"instrument": "output_tax", "regions": "KOR", "set": 100})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"volume": None}, "needs volume"),
        ({"sectors": None}, "a quota needs sectors"),
        ({"volume": {"tonnes": 5}}, "add base_tonnes"),
        ({"volume": {"tonnes": 5, "relative": 1}}, "give one of"),
        ({"volume": {"share": 0.7, "base_tonnes": 5}}, "share and period_tonnes go together"),
        ({"volume": {"share": 0.7, "period_tonnes": 5}}, "share needs a base volume; add base_tonnes"),
        ({"quota": "ban"}, "takes no"),
        ({"volume": 0}, "greater than 0"),
        ({"quota": "hard"}, "nothing enters above a hard quota"),
        ({"quota": "remove"}, "takes no"),
        ({"quota": "tarif-rate"}, "tariff-rate"),
        ({"in_quota_rate": 30}, "exchange them"),
        ({"rent_owners": {"exporter": 0.5}}, "must sum to 1"),
        ({"rent_owners": {"nobody": 1}}, "exporter"),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused(change, message):
    sound = {
        "quota": "tariff-rate",
        "exporters": "KOR",
        "importers": "USA",
        "sectors": "STL",
        "volume": 1.2,
        "in_quota_rate": 0,
        "out_of_quota_rate": 25,
    }
    QuotaChange.model_validate(sound)
    with pytest.raises(ValidationError, match=message):
        QuotaChange.model_validate(sound | change)


def test_volume_in_tonnes_is_relative_to_the_base():
    assert Volume(tonnes=3.83e6, base_tonnes=2.68e6).value == pytest.approx(3.83 / 2.68)


def test_a_scenario_is_frozen_and_names_a_folder():
    frozen = scenario(TARIFF)
    with pytest.raises(ValidationError, match="frozen"):
        frozen.name = "other"
    with pytest.raises(PolicyError, match="lower-case words"):
        scenario(TARIFF, name="../up")


def test_a_scenario_made_in_python_tells_every_fault_as_a_file_does():
    shocks = [TARIFF | {"ad": 3}, TARIFF | {"instrument": "import_tarif", "add": True}, {"foo": 1}]
    with pytest.raises(PolicyError) as caught:
        Scenario(name="X x", title="t", question="q", sources=["s"], shocks=shocks, parts=["korea-cptp"], extra=3)
    told = dict(zip(range(9), caught.value.faults, strict=False))
    assert len(told) == 7
    for text in ("name 'X x' must be lower-case", "unknown key 'ad' (did you mean add?)", "did you mean import_tariff",
                 "shocks.1: add: true is not a number", "shocks.2: a shock needs the key instrument",
                 "did you mean korea-cptpp", "unknown key 'extra'"):  # fmt: skip
        assert any(text in fault for fault in told.values()), text
    with pytest.raises(PolicyError, match="key question is missing; add it"):
        Scenario(name="x", title="t", sources=["s"])


def test_the_fingerprint_is_of_what_acts_and_of_nothing_else(monkeypatch):
    one = scenario(TARIFF)
    assert one.sha256 == scenario(TARIFF, title="Other", sources=["a book"], leaves_out="much").sha256
    assert one.sha256 == scenario(TARIFF | {"exporters": ["all"]}).sha256
    assert one.sha256 != scenario(TARIFF | {"add": 11}).sha256
    assert one.sha256 != scenario(TARIFF, TARIFF).sha256


def test_the_fingerprint_follows_the_groups_that_are_named(monkeypatch):
    from cge.scenarios.files import scenario as schema
    from cge.scenarios.names import groups

    before = scenario(TARIFF | {"exporters": "cptpp"}), scenario(TARIFF)
    prints = [s.sha256 for s in before]
    real = groups.load_groups()
    smaller = real["region"]["cptpp"].model_copy(update={"members": ("JPN",)})
    changed = {"region": real["region"] | {"cptpp": smaller}, "sector": real["sector"]}
    monkeypatch.setattr(schema, "load_groups", lambda: changed)
    assert [s.sha256 != p for s, p in zip(before, prints, strict=True)] == [True, False]
