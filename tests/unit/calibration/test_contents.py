"""What labels contain: validated, kept by aggregation, carried by files, in the unit that is said."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from cge.calibration import contents_text, products
from cge.calibration.benchmark import Benchmark
from cge.calibration.contents import Contents, FactorContents, RegionContents, SectorContents
from cge.errors import DataError
from tests.economies import random_benchmark

OWN = {
    "regions": {
        "Korea": {"name": "Republic of Korea", "countries": "KOR", "population": 51.8},
        "North": {"countries": ["USA", "CAN"], "population": 370},
        "rest": {"countries": ["ROW"], "population": 7000.0},
    },
    "sectors": {"farms": {"products": ["AGR", "isic:10"]}, "metal": {"products": ["isic:24"]}},
    "factors": {"work": {"role": "labour"}},
    "unit": "million USD",
    "year": 2019,
}


def test_plain_values_and_the_text_of_a_file_give_the_same_contents() -> None:
    contents = contents_text.read(OWN)
    assert contents.regions["North"] == RegionContents("", frozenset({"USA", "CAN"}), 370.0)
    assert contents.role("work") == "labour"
    assert contents.role("unheard-of") is None
    assert contents.name("region", "Korea") == "Republic of Korea"
    assert contents.name("region", "North") == "North"
    assert (contents.currency, contents.scale, contents.year) == ("USD", 1e6, 2019)
    for again in (contents_text.read(contents_text.write(contents)), pickle.loads(pickle.dumps(contents))):  # noqa: S301
        assert again == contents
        assert again.sha256 == contents.sha256


def test_products_of_any_classification_are_read_as_sectors_of_the_package() -> None:
    contents = contents_text.read(OWN)
    assert contents.products("farms") == {"AGR", "FOO"}
    assert contents.products("metal") == {"STL", "NFM"}
    assert products.sectors_of(["hs:72", "isic:2432"]) == {"STL", "NFM"}
    assert products.sectors_of(["hs:07"]) == {"AGR", "FOO"}  # frozen and dried vegetables are food
    assert products.sectors_of(["hs:0701"]) == {"AGR"}
    assert set(products.ISIC) == set(products.names())
    divisions = [code for codes in products.ISIC.values() for code in codes]
    assert len(divisions) == len(set(divisions))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(DataError) as refused:
        Contents(
            {
                "a": RegionContents("", frozenset({"Korea", "USA"})),
                "b": RegionContents("", frozenset({"USA"}), -1.0),
            },
            {
                "x": SectorContents("", frozenset({"hs:7", "STEEL"})),
                "y": SectorContents("", frozenset({"AGR"})),
                "z": SectorContents("", frozenset({"AGR", "sitc:1"})),
            },
            {"L": FactorContents("", "labor")},  # type: ignore[arg-type]
            "million dollars",
            20200,
        )
    told = str(refused.value)
    for part in ("'Korea' is no ISO", "USA is in a and in b", "-1 is no number of millions", "hs:7", "'STEEL' is none"):
        assert part in told
    for part in ("AGR is in y and in z", "'sitc'", "(did you mean labour?)", "million dollars", "20200"):
        assert part in told


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"region": {}}, "did you mean regions"),
        ({"regions": ["KOR"]}, "give a mapping of labels"),
        ({"regions": {"KOR": "Korea"}}, "give a mapping with name, countries"),
        ({"regions": {"KOR": {"country": "KOR"}}}, "did you mean countries"),
        ({"regions": {"KOR": {"countries": [410]}}}, "in quotes"),
        ({"regions": {"KOR": {"population": "51"}}}, "millions of people"),
        ({"year": "last"}, "give a number such as 2020"),
        ("{", "no JSON"),
    ],
)
def test_plain_values_that_cannot_be(given: object, part: str) -> None:
    with pytest.raises(DataError, match=part):
        contents_text.read(given)  # type: ignore[arg-type]


def test_aggregation_unites_countries_and_products_and_adds_people() -> None:
    whole = Contents(
        {"a": RegionContents("A", frozenset({"KOR"}), 50.0), "b": RegionContents("B", frozenset({"JPN"}), 126.0)},
        {
            "x": SectorContents("X", frozenset({"AGR"})),
            "y": SectorContents("Y", frozenset({"FOO"})),
            "z": SectorContents(),
        },
        {"L": FactorContents("", "labour"), "H": FactorContents("", "labour"), "K": FactorContents("", "capital")},
        "million USD",
    )
    joined = whole.aggregate(
        {"a": "ab", "b": "ab"}, {"x": "farm", "y": "farm", "z": "z"}, {"L": "W", "H": "W", "K": "K"}
    )
    assert joined.regions == {"ab": RegionContents("A, B", frozenset({"KOR", "JPN"}), 176.0)}
    assert joined.sectors["farm"].products == {"AGR", "FOO"}
    assert joined.role("W") == "labour"
    assert joined.unit == "million USD"
    unsure = whole.aggregate(None, {"x": "all", "y": "all", "z": "all"})
    assert not unsure.sectors["all"].products  # z is not known, so the whole is not
    with pytest.raises(DataError, match=r"L \(labour\), K \(capital\)"):
        whole.aggregate(factor_map={"L": "F", "K": "F", "H": "H"})


def test_a_benchmark_keeps_its_contents(tmp_path: Path) -> None:
    world = random_benchmark(3)
    first, second, *_ = world.regions
    told = world.with_contents({"regions": {first: {"countries": "KOR"}, second: {"countries": "JPN"}}})
    assert told.sha256 == world.sha256
    assert told.contents.sha256 != world.contents.sha256
    again = Benchmark.load(told.save(tmp_path / "told.nc"))
    assert again.contents == told.contents
    groups = {label: ("east" if label in (first, second) else label) for label in world.regions}
    assert told.aggregate(groups).contents.countries("east") == {"KOR", "JPN"}
    bare = Benchmark.load(world.save(tmp_path / "bare.nc"))
    assert bare.contents.countries(first) == frozenset()
    assert any("countries" in line for line in bare.contents.unknown())
    with pytest.raises(DataError, match="is no region"):
        world.with_contents({"regions": {"nowhere": {"countries": "KOR"}}})
    renamed = told.data.assign_coords(
        {axis: [f"{r}!" for r in told.regions] for axis in ("region", "exporter", "importer")}
    )
    with pytest.raises(DataError, match="name its labels"):
        Benchmark(renamed)


def test_contents_that_were_changed_in_the_file_are_refused(tmp_path: Path) -> None:
    world = random_benchmark(3)
    told = world.with_contents({"regions": {world.regions[0]: {"countries": "KOR"}}})
    other = told.data.assign_attrs(
        contents=told.data.attrs["contents"].replace('["KOR"]', '["PRK"]'),
        sha256=told.sha256,
        contents_sha256=told.contents.sha256,
    )
    other.to_netcdf(tmp_path / "other.nc")
    with pytest.raises(DataError, match="contents_sha256"):
        Benchmark.load(tmp_path / "other.nc")


def test_money_of_any_scale_is_held_in_millions() -> None:
    world = random_benchmark(3)
    thousands = world.data.copy(deep=True)
    for name, account in thousands.items():
        if account.attrs["unit"] == "million USD":
            thousands[name] = account * 1000.0
    held = Benchmark(thousands).with_contents({"unit": "thousand EUR"})
    assert held.contents.unit == "million EUR"
    assert held.data.attrs["currency"] == "EUR"
    np.testing.assert_allclose(held.data["trade"], world.data["trade"], rtol=1e-15)
    np.testing.assert_array_equal(held.data["tariff"], world.data["tariff"])
    np.testing.assert_array_equal(held.data["rent_share"], world.data["rent_share"])


@pytest.mark.parametrize("name", ["world2020-12x12", "world2020-29x28"])
def test_the_published_benchmarks_say_what_their_labels_contain(name: str) -> None:
    contents = Benchmark.load(name).contents
    assert contents.unknown() == []
    held = [code for region in contents.regions.values() for code in region.countries]
    assert len(held) == 77
    assert sum(region.population or 0.0 for region in contents.regions.values()) == pytest.approx(7840, rel=1e-2)
    assert {code for sector in contents.sectors for code in contents.products(sector)} == set(products.names())
    assert contents.with_role("labour") == ["LAB"]
    assert (contents.unit, contents.year) == ("million USD", 2020)
    assert all(entry.name for kind in (contents.regions, contents.sectors, contents.factors) for entry in kind.values())
