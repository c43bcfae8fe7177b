"""Groups on benchmarks that separate their members, and on those that do not."""

import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.world2020.sources import regions, sectors
from cge.scenarios.names.groups import load_groups, region_axis, sector_axis

R29 = list(dict.fromkeys(regions()["r29"]))
R12 = list(dict.fromkeys(regions()["r12"]))


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
    shares, notes = region_axis(R29).shares(cptpp)
    assert shares == dict.fromkeys(shares, 1.0)
    assert set(shares) == set(cptpp.members)
    assert notes == []
    shares, notes = region_axis(R12).shares(cptpp)
    assert shares == {"JPN": 1.0, "XCP": 1.0, "CAN": 1.0, "MEX": 1.0, "VNM": 1.0}
    assert notes == []


def test_a_region_held_in_part_counts_with_its_trade_and_a_note_says_so():
    partners = load_groups()["region"]["us-fta-partners"]
    shares, notes = region_axis(R12).shares(partners)
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
    shares, notes = region_axis(R12).shares(load_groups()["region"]["asean"])
    assert shares == {"VNM": 1.0}
    assert len(notes) == 2  # other Asia, other CPTPP members
    assert all("left out" in note for note in notes)


def test_sectors_of_the_small_benchmark_add_up_those_of_the_large_one():
    axis = sector_axis(Benchmark.load("world2020-12x12").sectors)
    goods, notes = axis.shares(load_groups()["sector"]["goods"])
    assert set(goods) == {"AGR", "FOO", "EXT", "LIG", "CHM", "MET", "STL", "ELE", "MCH", "AUT"}
    assert notes == []


def test_an_aggregate_of_unknown_content_belongs_to_no_group():
    axis = region_axis(["KOR", "USA", "HERE"])
    assert axis.content["HERE"] is None
    assert axis.shares(load_groups()["region"]["usmca"])[0] == {"USA": 1.0}
