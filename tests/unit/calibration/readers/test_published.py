"""Small tables in the exact layouts of publishers: one world written in each, and read back as the same accounts."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from cge.calibration.readers import registry
from cge.calibration.readers.figaro import products as nace
from cge.calibration.readers.oecd import products as isic
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
