"""Lists of duties: what a list may hold, what is refused, and what its rates are on the cells of a benchmark."""

import pandas as pd
import pytest

from cge.calibration.benchmark import Benchmark
from cge.calibration.measures import closest, measures, read_measures
from cge.errors import DataError, RequestError

US = "us-2025-26"
AVERAGES = {
    "2025-01-01": 2.6, "2025-08-30": 16.8, "2025-12-15": 13.9, "2026-03-01": 10.1,
    "2026-06-15": 10.6, "2026-08-20": 11.3, "2026-10-01": 11.8,
}  # fmt: skip
"""Averages that the raw list states, per cent, without chapters 98 and 99."""


def table(*rows, columns="date,importer,exporter,sector,musd,mfn,extra"):
    return pd.DataFrame([row.split(",") for row in rows], columns=columns.split(","))


def contents(name):
    b = Benchmark.load(name)
    return b, {r: b.contents.countries(r) for r in b.regions}, {s: b.contents.products(s) for s in b.sectors}


@pytest.mark.parametrize("name", ["world2020-12x12", "world2020-29x28"])
def test_carried_onto_a_benchmark_the_list_keeps_its_average_on_every_date(name):
    _, regions, sectors = contents(name)
    given = read_measures(US)
    region = {c: label for label, held in regions.items() for c in held}
    sector = {c: label for label, held in sectors.items() for c in held}
    assert given.dates == list(AVERAGES)
    for date, known in AVERAGES.items():
        rate, told = given.rates(date, regions, sectors)
        rows = given.on(date)
        rows = rows[rows["musd"] > 0.0]
        place = rows["exporter"].map(lambda c: region.get("DEU" if c == "EU27" else c, region["ROW"]))
        total = rate.sum("layer").sel(importer="USA")
        paid = [float(total.sel(exporter=e, sector=s)) for e, s in zip(place, rows["sector"].map(sector), strict=True)]
        own = (rows[given.layers].sum(axis=1) * rows["musd"]).sum() / rows["musd"].sum()
        carried = 100.0 * (paid * rows["musd"]).sum() / rows["musd"].sum()
        assert carried == pytest.approx(own, abs=0.05)
        assert own == pytest.approx(known, abs=0.06)
        assert not bool(told.sel(importer="KOR").any())
        assert bool(told.sel(importer="USA", sector="STL").drop_sel(exporter="USA").all())


def test_korea_pays_what_its_deal_says():
    _, regions, sectors = contents("world2020-29x28")
    rate, _ = read_measures(US).rates("2025-12-15", regions, sectors)
    korea = 100.0 * rate.sum("layer").sel(exporter="KOR", importer="USA")
    assert float(korea.sel(sector="AUT")) == pytest.approx(15.1, abs=0.1)
    assert float(korea.sel(sector="STL")) == pytest.approx(49.2, abs=0.1)
    assert float(korea.sel(sector="ELE")) == pytest.approx(2.6, abs=0.1)


REGIONS = {"A": frozenset({"KOR"}), "B": frozenset({"JPN", "TWN"}), "U": frozenset({"USA"}), "R": frozenset({"ROW"})}
SECTORS = {"X": frozenset({"STL", "NFM"}), "Y": frozenset({"AGR"})}


def test_means_are_weighted_and_who_has_no_row_pays_the_row_of_the_rest():
    given = measures(table(
        "2030-01-01,USA,KOR,STL,300,10,0", "2030-01-01,USA,KOR,NFM,100,30,4",
        "2030-01-01,USA,ROW,STL,0,2,0", "2030-01-01,USA,ROW,AGR,0,8,0",
    ))  # fmt: skip
    rate, told = given.rates("2030-01-01", REGIONS, SECTORS)
    us = 100.0 * rate.sel(importer="U")
    assert float(us.sel(exporter="A", sector="X", layer="mfn")) == pytest.approx(15.0)
    assert float(us.sel(exporter="A", sector="X", layer="extra")) == pytest.approx(1.0)
    assert float(us.sel(exporter="B", sector="X", layer="mfn")) == pytest.approx(2.0)
    assert float(us.sel(exporter="A", sector="Y", layer="mfn")) == pytest.approx(8.0)  # the mean of all partners
    assert not bool(told.sel(importer="A").any())
    assert not bool(told.sel(importer="U", exporter="U").any())


def test_without_a_row_for_the_rest_a_list_speaks_of_its_partners_alone():
    given = measures(table("2030-01-01,USA,KOR,STL,300,10,0"))
    _, told = given.rates("2030-01-01", REGIONS, SECTORS)
    assert int(told.sum()) == 1
    assert bool(told.sel(exporter="A", importer="U", sector="X"))


def test_a_partner_of_several_countries_reaches_each_region_that_holds_some():
    given = measures(table("2030-01-01,USA,EU27,STL,270,10,0"))
    regions = {"D": frozenset({"DEU"}), "F": frozenset({"FRA", "ITA"}), "U": frozenset({"USA"})}
    rate, told = given.rates("2030-01-01", regions, SECTORS)
    assert told.sel(importer="U", sector="X").values.tolist() == [True, True, False]
    assert float(rate.sel(layer="mfn", importer="U", exporter="F", sector="X")) == pytest.approx(0.1)


def test_lines_of_the_harmonized_system_find_their_sectors_and_chapter_99_is_left_out():
    columns = "date,importer,exporter,hs8,musd,mfn"
    given = measures(table("2030-01-01,USA,KOR,7208.10.15,10,25", "2030-01-01,USA,KOR,99030188,10,99", columns=columns))
    assert given.table["sector"].tolist() == ["STL"]


def test_a_date_in_between_is_refused_with_the_nearest():
    with pytest.raises(RequestError, match="the nearest is 2025-08-30"):
        read_measures(US).on("2025-09-20")
    assert closest("soon", ["2025-08-30"]) == "; there are 2025-08-30"


def test_every_fault_of_a_list_is_told_at_once(tmp_path):
    file = tmp_path / "duties.csv"
    file.write_text(
        "date,importer,exporter,sector,musd,mfn\n2030-13-01,USA,KOR,STEEL,-1,x\n"
        "2030-01-01,USA,KOR,STL,1,-100\n2030-01-01,USA,KOR,STL,1,2\n"
    )
    with pytest.raises(DataError) as error:
        read_measures(file)
    text = str(error.value)
    for part in ("'2030-13-01' is no date", "sector STEEL", "musd of", "'x' is not a number", "above -100", "twice"):
        assert part in text
    with pytest.raises(DataError, match="did you mean us-2025-26"):
        read_measures("us-2025-27")
    with pytest.raises(DataError, match="no column date, sector"):
        measures(table("USA,KOR,1", columns="importer,exporter,mfn"))
