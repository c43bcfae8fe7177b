"""Groups on benchmarks that separate their members, and on those that do not."""

import pytest

from cge.calibration import contents_text
from cge.calibration.benchmark import Benchmark
from cge.calibration.world2020.sources import regions, sectors
from cge.errors import PolicyError
from cge.scenarios.names.axes import axes_of
from cge.scenarios.names.groups import load_groups, own_groups

R29 = axes_of(Benchmark.load("world2020-29x28").contents)["region"]
R12 = axes_of(Benchmark.load("world2020-12x12").contents)["region"]


def test_every_group_has_members_once_and_a_source():
    for axis in load_groups().values():
        for group in axis.values():
            assert group.members
            assert len(set(group.members)) == len(group.members)
            assert group.source
            assert group.title


def test_groups_do_not_hide_labels_of_the_published_benchmarks():
    labels = {*regions()["r29"], *regions()["r12"], *sectors()["s28"], *sectors()["s12"], "all"}
    assert labels.isdisjoint(name for axis in load_groups().values() for name in axis)


def test_cptpp_is_separate_at_29_and_whole_at_12():
    cptpp = load_groups()["region"]["cptpp"]
    shares, notes = R29.shares(cptpp)
    assert shares == dict.fromkeys(shares, 1.0)
    assert set(shares) == set(cptpp.members)
    assert notes == []
    shares, notes = R12.shares(cptpp)
    assert shares == {"JPN": 1.0, "XCP": 1.0, "CAN": 1.0, "MEX": 1.0, "VNM": 1.0}
    assert notes == []


def test_a_region_held_in_part_counts_with_its_trade_and_a_note_says_so():
    partners = load_groups()["region"]["us-fta-partners"]
    shares, notes = R12.shares(partners)
    value = partners.weights.values
    held = ["AUS", "CHL", "PER", "SGP"]
    others = ["GBR", "NZL", "MYS"]
    inside = sum(value[c] for c in held)
    assert shares["XCP"] == pytest.approx(inside / (inside + sum(value[c] for c in others)))
    assert shares["KOR"] == 1.0
    assert "GSO" not in shares  # Morocco has no weight in the table
    assert any("Singapore" in n and "XCP" in n and "40.1%" in n for n in notes)
    assert any("Morocco" in n and "left out" in n for n in notes)


def test_without_weights_a_region_held_in_part_is_left_out():
    shares, notes = R12.shares(load_groups()["region"]["asean"])
    assert shares == {"VNM": 1.0}
    assert len(notes) == 2  # other Asia, other CPTPP members
    assert all("left out" in note for note in notes)


def test_sectors_of_the_small_benchmark_add_up_those_of_the_large_one():
    axis = axes_of(Benchmark.load("world2020-12x12").contents)["sector"]
    goods, notes = axis.shares(load_groups()["sector"]["goods"])
    assert set(goods) == {"AGR", "FOO", "EXT", "LIG", "CHM", "MET", "STL", "ELE", "MCH", "AUT"}
    assert notes == []


def axis(own=None, **countries):
    """The regions of a benchmark that says this of some countries."""
    given = {"regions": {label: {"countries": codes} for label, codes in countries.items()}}
    return axes_of(contents_text.read(given), own_groups(own))["region"]


def test_a_group_of_countries_needs_to_know_where_they_are():
    regions = axis(KOR=["KOR"], America=["USA"], HERE=[])
    usmca, korus = (load_groups()["region"][name] for name in ("usmca", "korus"))
    assert regions.unsure(usmca) == ["HERE"]  # Canada and Mexico may be there
    assert regions.unsure(korus) == []
    assert regions.shares(korus)[0] == {"KOR": 1.0, "America": 1.0}


def test_a_label_is_never_taken_for_the_country_that_it_is_spelt_like():
    regions = axis(KOR=[], USA=[])
    korus = load_groups()["region"]["korus"]
    assert regions.shares(korus)[0] == {}
    assert regions.unsure(korus) == ["KOR", "USA"]


def test_a_code_names_the_label_that_holds_it_alone():
    regions = axis(Korea=["KOR"], East=["JPN", "CHN"], rest=["ROW"])
    assert regions.label_of("KOR") == "Korea"
    assert regions.label_of("Korea") == "Korea"
    assert regions.label_of("JPN") is None
    assert regions.holder("JPN") == "East"
    assert regions.holder("BRA") == "rest"  # which no other region names
    assert regions.holder("Brazil") is None


def test_a_label_that_is_the_code_of_another_country_is_refused():
    assert "is the code of China" in axis(CHN=["KOR"], Far=["CHN"]).mistaken("CHN")
    assert axis(CHN=["CHN"]).mistaken("CHN") == ""
    assert axis(CHN=[]).mistaken("CHN") == ""
    assert "a group that is not the same" in axis(asean=["KOR"]).mistaken("asean")


def test_own_groups_are_of_codes_and_labels_with_weights_if_wanted():
    own = {"regions": {"friends": {"members": ["JPN", "Far"], "weights": {"JPN": 3, "CHN": 1}}, "near": "KOR"}}
    regions = axis(own, Korea=["KOR"], East=["JPN", "CHN"], Far=[])
    shares, notes = regions.shares(regions.groups["friends"])
    assert shares == {"East": 0.75, "Far": 1.0}
    assert "own weights" in notes[0]
    assert regions.shares(regions.groups["near"])[0] == {"Korea": 1.0}


def test_all_faults_of_own_groups_are_told(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "regions:\n  eu: [KOR]\n  nobody: {title: none}\n  odd: {members: [KOR], member: 1}\nfactors: {}\n"
    )
    with pytest.raises(PolicyError) as refused:
        own_groups(tmp_path / "mine.yaml")
    told = str(refused.value)
    for part in ("regions.eu: the package has a group", "regions.nobody: it has no members", "odd.member", "'factors'"):
        assert part in told
    with pytest.raises(PolicyError, match="there is no file"):
        own_groups(tmp_path / "none.yaml")


def test_members_of_own_groups_must_be_something():
    regions = axis({"regions": {"mine": ["KOR", "Atlantis"]}}, Korea=["KOR"])
    assert regions.unknown_members(regions.groups["mine"]) == ["Atlantis"]


def test_roles_are_groups_of_factors():
    given = {"factors": {"skilled": {"role": "labour"}, "unskilled": {"role": "labour"}, "K": {}}}
    factors = axes_of(contents_text.read(given))["factor"]
    assert list(factors.groups) == ["labour"]
    assert factors.shares(factors.groups["labour"])[0] == {"skilled": 1.0, "unskilled": 1.0}
