"""Small tables in the exact layouts of publishers: one world written in each, and read back as the same accounts."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from cge.calibration import layout
from cge.calibration.benchmark import Benchmark
from cge.calibration.readers import registry
from cge.calibration.readers.figaro import products as nace
from cge.calibration.readers.oecd import products as isic
from cge.calibration.steps.negatives import negatives
from cge.errors import DataError, InstallError

REGIONS, INDUSTRIES = ("AUS", "AUT"), ("A01_02", "C24A")
rng = np.random.default_rng(7)
USE = rng.uniform(5, 50, (4, 4)).round(3)
"""Seller AUS A, AUS C, AUT A, AUT C to the same as buyers."""
FINAL = rng.uniform(5, 50, (4, 2, 5)).round(3)
"""Seller to region and household, non-profit, government, investment, stocks."""
FINAL[0, 0, 4] = -1.5
TAX = rng.uniform(0, 2, (4 + 10)).round(3)
ADDED = USE.sum(1) + FINAL.sum((1, 2)) - USE.sum(0) - TAX[:4]
OUTPUT = USE.sum(1) + FINAL.sum((1, 2))


def check(
    raw, region=REGIONS, industries=INDUSTRIES, finals=("household", "household", "government", "investment", "stocks")
):
    """The accounts are those of the world, whatever its labels."""
    assert raw.regions == list(region)
    sellers = [f"{r}.{s}" for r in region for s in industries]
    np.testing.assert_allclose(raw.flows.sel(seller=sellers, buyer=sellers).values, USE)
    for k, r in enumerate(region):
        for j, role in enumerate(finals):
            name = list(raw.of(role, region=r))[0 if j != 1 else 1]
            np.testing.assert_allclose(raw.flows.sel(seller=sellers, buyer=name).values, FINAL[:, k, j])
    assert raw.gaps()["gap"].abs().max() < 1e-6
    assert raw.unnamed == []


def oecd(path: Path, edition: int) -> Path:
    new = edition >= 2023
    users = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT"]
    columns = [f"{r}_{s}" for r in REGIONS for s in INDUSTRIES] + [f"{r}_{u}" for r in REGIONS for u in users]
    values = np.concatenate([USE, FINAL.reshape(4, 10)], axis=1)
    rows = {name: [*row, out] for name, row, out in zip(columns[:4], values, OUTPUT, strict=True)}
    if new:
        rows["TLS"] = [*TAX, TAX.sum()]
    else:
        own = np.array([c[:3] for c in columns])
        rows |= {f"{r}_TAXSUB": [*np.where(own == r, TAX, 0.0), 0.0] for r in REGIONS}
    rows["VA" if new else "VALU"] = [*ADDED, *np.zeros(10), ADDED.sum()]
    rows["OUT" if new else "OUTPUT"] = [*OUTPUT, *np.zeros(10), OUTPUT.sum()]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=[*columns, "OUT" if new else "TOTAL"])
    frame.to_csv(path, index_label="V1" if new else "")
    return path


@pytest.mark.parametrize("edition", [2021, 2023, 2025])
def test_oecd(tmp_path, edition):
    raw, log = registry.read(oecd(tmp_path / f"ICIO{edition}_2018.csv", edition))
    check(raw)
    assert raw.about.unit == "million USD"
    assert raw.about.year == 2018
    assert raw.countries["AUS"] == {"AUS"}
    assert raw.accounts.loc["AUS.C24A", "contents"] == "isic:241 isic:2431"
    np.testing.assert_allclose(raw.taxes.to_numpy().sum(), TAX.sum())
    assert "totals left out" in set(log.table()["step"])


def test_oecd_with_a_cell_changed_is_refused(tmp_path):
    path = oecd(tmp_path / "ICIO2023_2018.csv", 2023)
    text = path.read_text().replace(str(USE[0, 0]), "99999.0", 1)
    path.write_text(text)
    with pytest.raises(DataError, match=r"output of AUS_A01_02 is .* its cells add up to"):
        registry.read(path)


def test_codes_of_industries_are_products():
    assert isic("01T02") == isic("A01_02") == "isic:01 isic:02"
    assert isic("C10T12") == "isic:10 isic:11 isic:12"
    assert isic("C17_18") == "isic:17 isic:18"
    assert isic("C302T309").endswith("isic:309")
    assert nace("E37-39") == "isic:37 isic:38 isic:39"
    assert nace("J59_60") == "isic:59 isic:60"


def wiod(path: Path, release: str) -> Path:
    """2013: codes c1 ..., lines r60 ...; 2016: IndustryCode and a block TOT; ADB: as 2013, final users F1 ..."""
    codes = {"2013": ["AtB", "C"], "2016": ["A01", "C24"], "adb": ["c1", "c2"]}[release]
    finals = {"2013": ["c37", "c38", "c39", "c41", "c42"], "2016": ["CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN"],
              "adb": ["F1", "F2", "F3", "F4", "F5"]}[release]  # fmt: skip
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet({"2013": "WIOT_2009", "2016": "2014", "adb": "ADB MRIO 2019"}[release])
    title = {"2013": "Intercountry Input-Output Table: WIOT 2009", "2016": "Intercountry 2014", "adb": "ADB MRIO 2019"}
    sheet.write(0, 0, title[release])
    heads = [(codes[j % 2], "words", REGIONS[j // 2], f"c{j % 2 + 1}") for j in range(4)]
    heads += [(f if release == "2016" else "", "words", r, f"c{57 + k}" if release == "2016" else f)
              for r in REGIONS for k, f in enumerate(finals)]  # fmt: skip
    for j, head in enumerate([*heads, ("GO" if release == "2016" else "", "Total output", "TOT", "c62")]):
        for i, word in enumerate(head):
            sheet.write(2 + i, 4 + j, word)
    values = np.concatenate([USE, FINAL.reshape(4, 10), OUTPUT[:, None]], axis=1)
    below = [
        ("II_fob", "r60", "Total intermediate consumption", [*USE.sum(0), *np.zeros(10)]),
        ("TXSP", "r61", "Taxes less subsidies on products", list(TAX)),
        ("VA", "r64", "Value added at basic prices", [*ADDED, *np.zeros(10)]),
        ("GO", "r69", "Output at basic prices", [*OUTPUT, *np.zeros(10)]),
    ]
    for i in range(4):
        lead = (codes[i % 2], "words", REGIONS[i // 2], f"{'c' if release != 'x' else 'r'}{i % 2 + 1}")
        for j, word in enumerate(lead):
            sheet.write(6 + i, j, word)
        sheet.write_row(6 + i, 4, values[i])
    for i, (code, number, words, row) in enumerate(below):
        for j, word in enumerate((code if release == "2016" else "", words, "TOT", number)):
            sheet.write(10 + i, j, word)
        sheet.write_row(10 + i, 4, row)
    book.close()
    return path


@pytest.mark.parametrize("release", ["2013", "2016", "adb"])
def test_wiod_and_adb(tmp_path, release):
    raw, _ = registry.read(wiod(tmp_path / "table.xlsx", release))
    industries = {"2013": ("AtB", "C"), "2016": ("A01", "C24"), "adb": ("c1", "c2")}[release]
    check(raw, industries=industries)
    assert raw.about.year == {"2013": 2009, "2016": 2014, "adb": 2019}[release]
    assert ("Asian" in raw.about.source) == (release == "adb")


@pytest.mark.parametrize("flat", [False, True])
def test_figaro(tmp_path, flat):
    codes, users = ("A01", "C24"), ("P3_S14", "P3_S15", "P3_S13", "P51G", "P5M")
    areas = ("AT", "FIGW1")
    columns = [f"{r}_{s}" for r in areas for s in codes] + [f"{r}_{u}" for r in areas for u in users]
    values = np.concatenate([USE, FINAL.reshape(4, 10)], axis=1)
    frame = pd.DataFrame(values, index=columns[:4], columns=columns)
    frame.loc["W2_D21X31"] = TAX
    frame.loc["W2_D1"] = [*(0.6 * ADDED), *np.zeros(10)]
    frame.loc["W2_B2A3G"] = [*(0.4 * ADDED), *np.zeros(10)]
    if flat:
        long = frame.rename_axis("row").reset_index().melt("row", var_name="column", value_name="obsValue")
        seller, buyer = long["row"].str.partition("_"), long["column"].str.partition("_")
        parts = {"refArea": seller[0], "rowPi": seller[2], "counterpartArea": buyer[0], "colPi": buyer[2]}
        frame = pd.DataFrame(parts).assign(obsValue=long["obsValue"])
        frame.to_csv(tmp_path / "flatfile_eu-ic-io_ind-by-ind_2021.csv", index=False)
    else:
        frame.to_csv(tmp_path / "matrix_eu-ic-io_ind-by-ind_24ed_2021.csv", index_label="rowLabels")
    raw, _ = registry.read(next(tmp_path.glob("*.csv")))
    check(raw, region=areas, industries=codes)
    assert raw.countries == {"AT": frozenset({"AUT"}), "FIGW1": frozenset({"ROW"})}
    assert (raw.about.unit, raw.about.year) == ("million EUR", 2021)


def exiobase(folder: Path) -> Path:
    """The files of EXIOBASE 3's monetary tables: Z, Y, unit, file parameters, and value added as factor_inputs."""
    sectors = pd.MultiIndex.from_product([["AU", "AT"], ["Wheat", "Steel"]], names=["region", "sector"])
    finals = [
        "Final consumption expenditure by households",
        "Final consumption expenditure by non-profit organisations serving households (NPISH)",
        "Final consumption expenditure by government",
        "Gross fixed capital formation",
        "Changes in inventories",
    ]
    users = pd.MultiIndex.from_product([["AU", "AT"], finals], names=["region", "category"])
    import pymrio

    system = pymrio.IOSystem(
        Z=pd.DataFrame(USE, index=sectors, columns=sectors),
        Y=pd.DataFrame(FINAL.reshape(4, 10), index=sectors, columns=users),
        unit=pd.DataFrame({"unit": ["M.EUR"] * 4}, index=sectors),
    )
    inputs = [
        "Taxes less subsidies on products purchased: Total",
        "Compensation of employees; wages, low-skilled",
        "Operating surplus: Remaining net operating surplus",
    ]
    paid = pd.Index(inputs, name="stressor")
    added = np.stack([TAX[:4], 0.6 * ADDED, 0.4 * ADDED])
    system.factor_inputs = pymrio.Extension(
        name="factor_inputs", F=pd.DataFrame(added, index=paid, columns=sectors),
        F_Y=pd.DataFrame(np.zeros((3, 10)), index=paid, columns=users),
    )  # fmt: skip
    system.save_all(folder)
    return folder


def test_exiobase_through_pymrio(tmp_path):
    pytest.importorskip("pymrio")
    raw, _ = registry.read(exiobase(tmp_path / "IOT_2020_ixi"))
    check(raw, region=("AU", "AT"), industries=("Wheat", "Steel"))
    assert raw.about.unit == "million EUR"


PAID = (
    "Compensation of employees D.1", "Taxes on production D.29", "Subsidies on production D.39",
    "Net operating surplus B.2n", "Net mixed income B.3n", "Consumption of fixed capital K.1",
)  # fmt: skip
BOUGHT = (
    "Household final consumption P.3h", "Non-profit institutions serving households P.3n",
    "Government final consumption P.3g", "Gross fixed capital formation P.51", "Changes in inventories P.52",
    "Acquisitions less disposals of valuables P.53",
)  # fmt: skip
SPLIT = np.stack([0.6 * ADDED, TAX[:4], np.zeros(4), 0.2 * ADDED, 0.1 * ADDED, 0.1 * ADDED])
"""Primary inputs of Eora26 and GLORIA by industry."""
BUYERS = np.concatenate([FINAL, np.zeros((4, 2, 1))], axis=2)
"""With the sixth final user of both, who buys nothing."""


def eora(folder: Path) -> Path:
    """Eora26 as it is unpacked: numbers and labels in files of their own, tabs, a row and a column of discrepancies."""
    folder.mkdir()

    def write(name: str, rows: object) -> None:
        pd.DataFrame(rows).to_csv(folder / f"{name}.txt", sep="\t", header=False, index=False)

    def beside(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
        return np.pad(values, ((0, rows), (0, columns)))

    own = [("Australia", "AUS"), ("Austria", "AUT")]
    sectors = [(*r, "Industries", s, "") for r in own for s in ("Agriculture", "Metal Products")]
    write("labels_T", [*sectors, ("Statistical Discrepancies", "ROW", "Industries", "TOTAL", "")])
    users = [(*r, "Final demand", name, "") for r in own for name in BOUGHT]
    rest = [("Statistical Discrepancies", "ROW", "Final demand", name, "") for name in BOUGHT]
    write("labels_FD", [*users, *rest])
    write("labels_VA", [("Primary Inputs", name, "") for name in PAID])
    write("labels_Q", [("CO2 (Gg)", "Total", "")])
    write("Eora26_2015_bp_T", beside(USE, 1, 1))
    write("Eora26_2015_bp_FD", beside(BUYERS.reshape(4, 12), 1, 6))
    write("Eora26_2015_bp_VA", beside(SPLIT, 0, 1))
    write("Eora26_2015_bp_Q", np.ones((1, 5)))
    write("Eora26_2015_bp_QY", np.ones((1, 18)))
    return folder


def gloria(folder: Path) -> Path:
    """GLORIA as it is unpacked: a transaction matrix of supply and use, and labels in a workbook."""
    mrio, more = folder / "GLORIA_MRIOs_57_2019", folder / "GLORIA_SatelliteAccounts_057_2019"
    mrio.mkdir(parents=True)
    more.mkdir()

    def write(where: Path, kind: str, values: np.ndarray) -> None:
        name = f"20230320_120secMother_AllCountries_002_{kind}-Results_2019_057_Markup001(full).csv"
        pd.DataFrame(values).to_csv(where / name, header=False, index=False)

    flows, paid, bought = np.zeros((8, 8)), np.zeros((12, 8)), np.zeros((8, 12))
    industry, product = np.array([0, 1, 4, 5]), np.array([2, 3, 6, 7])  # by region: industries, then products
    flows[industry, product] = OUTPUT
    flows[np.ix_(product, industry)] = USE
    bought[product] = BUYERS.reshape(4, 12)
    for k, column in enumerate(industry):
        paid[6 * (k // 2) : 6 * (k // 2) + 6, column] = SPLIT[:, k]
    write(mrio, "T", flows)
    write(mrio, "V", paid)
    write(mrio, "Y", bought)
    write(more, "TQ", np.ones((1, 8)))
    write(more, "YQ", np.ones((1, 12)))
    with pd.ExcelWriter(folder / "GLORIA_ReadMe_057.xlsx", engine="xlsxwriter") as book:
        sheets = {
            "Regions": {"Region_acronyms": REGIONS, "Region_names": ("Australia", "Austria")},
            "Sectors": {"Sector_names": ("Growing wheat", "Basic iron and steel")},
            "Value added and final demand": {"Value_added_names": PAID, "Final_demand_names": BOUGHT},
            "Satellites": {"Sat_indicator": ("CO2",), "Sat_head_indicator": ("Emissions",), "Sat_unit": ("kt",)},
        }
        for name, columns in sheets.items():
            pd.DataFrame(columns).to_excel(book, sheet_name=name, index=False)
    return folder


@pytest.mark.parametrize(
    ("make", "industries", "year"),
    [(eora, ("Agriculture", "Metal Products"), 2015), (gloria, ("Growing wheat", "Basic iron and steel"), 2019)],
)
@pytest.mark.filterwarnings("ignore")
def test_eora_and_gloria_through_pymrio(tmp_path, make, industries, year):
    pytest.importorskip("pymrio")
    raw, _ = registry.read(make(tmp_path / "download"))
    check(raw, industries=industries)
    assert (raw.about.unit, raw.about.year) == ("thousand USD", year)
    assert raw.countries == {"AUS": frozenset({"AUS"}), "AUT": frozenset({"AUT"})}
    paid = raw.flows.sel(seller=raw.of("labour", "capital"), buyer=raw.of("industry"))
    np.testing.assert_allclose(paid.sum("seller").values, ADDED)
    np.testing.assert_allclose(raw.flows.sel(seller=raw.of("tax:production")).sum("seller").values.sum(), TAX[:4].sum())
    assert Benchmark(layout.benchmark(negatives(raw)[0])[0].data).regions == list(REGIONS)


@pytest.mark.filterwarnings("ignore")
def test_a_folder_of_several_years_asks_which(tmp_path):
    pytest.importorskip("pymrio")
    folder = eora(tmp_path / "download")
    for file in list(folder.glob("Eora26_*")):
        (folder / file.name.replace("2015", "2016")).write_bytes(file.read_bytes())
    with pytest.raises(DataError, match=r"it has the years 2015, 2016; say which: year_of"):
        registry.read(folder)
    assert registry.read(folder, year_of=2016)[0].about.year == 2016


def test_without_the_extra_its_name_is_said(tmp_path, monkeypatch):
    folder = tmp_path / "IOT_2020_ixi"
    folder.mkdir()
    (folder / "Y.txt").write_text("")
    (folder / "A.txt").write_text("")
    monkeypatch.setattr("cge.calibration.readers.pymrio.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "pymrio", None)
    with pytest.raises(InstallError, match="pip install pymrio"):
        registry.read(folder)


def sut(path: Path) -> Path:
    """Two industries and products, with a by-product, margins, duties, taxes and a cif/fob row that redistributes."""
    book = xlsxwriter.Workbook(path)
    supply, use = book.add_worksheet("Supply"), book.add_worksheet("Use")
    for i, row in enumerate([
        ["", "Farm", "Mill", "P7", "D212", "D21X31", "OTTM"],
        ["Grain", 100.0, 0.0, 20.0, 2.0, 3.0, 5.0],
        ["Trade", 10.0, 80.0, 10.0, 0.0, 4.0, -5.0],
        ["CIF/FOB adjustment", 0.0, -2.0, 2.0, 0.0, 0.0, 0.0],
    ]):  # fmt: skip
        supply.write_row(i, 0, row)
    for i, row in enumerate([
        ["", "Farm", "Mill", "P3_S14", "P3_S13", "P51G", "P6"],
        ["Grain", 20.0, 10.0, 60.0, 0.0, 10.0, 30.0],
        ["Trade", 15.0, 20.0, 40.0, 20.0, 4.0, 0.0],
        ["D1", 50.0, 30.0], ["D29X39", 5.0, -2.0], ["B2A3G", 20.0, 22.0],
    ]):  # fmt: skip
        use.write_row(i, 0, row)
    book.close()
    return path


def test_supply_and_use_with_margins_by_products_and_an_adjustment_row(tmp_path):
    raw, log = registry.read(sut(tmp_path / "sut.xlsx"), region="NLD")
    assert raw.regions == ["NLD"]
    assert raw.unnamed == []
    assert raw.gaps()["gap"].abs().max() < 1e-9
    assert raw.make.loc["i:Farm", "p:Trade"] == 10.0
    told = log.table().set_index("step").loc["adjustment row left out"]
    assert told["amount"] == 2.0
    assert "P7 +2" in told["why"]
