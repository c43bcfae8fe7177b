"""Spreadsheets, tables for papers and long forms say what the tables say; text stays text in each of them."""

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cge.errors import InstallError, KeptError, RequestError
from cge.scenarios.results import figures
from cge.scenarios.results.registry import TABLES
from cge.scenarios.results.results import Comparison
from cge.scenarios.results.shown import frames
from cge.scenarios.results.shown.frames import shown
from cge.scenarios.results.shown.spreadsheet import head

EVIL = "=1+2 & <b>50% $x_1$</b> | {y} ~^#\\"


@pytest.fixture(scope="module")
def both(result):
    names = result.equilibrium["region_name"].copy()
    names[0] = EVIL
    evil = result.equilibrium.assign_coords(region_name=names)
    return Comparison((replace(result, equilibrium=evil), replace(result, name="again", title=EVIL, equilibrium=evil)))


def test_a_workbook_read_back_is_the_data(both, tmp_path):
    file = both.to_excel(tmp_path / "new" / "all.xlsx", {"two": ["KOR", "USA"]})
    book = pd.read_excel(file, sheet_name=None, engine="calamine", keep_default_na=False, na_values=[""])
    assert list(book) == ["notes", "comparison", *TABLES]
    for name in TABLES:
        of = shown(both, name, {"two": ["KOR", "USA"]})
        assert list(book[name].columns) == [head(column) for column in of.columns], name
        for column, read in zip(of.columns, book[name].columns, strict=True):
            expected, found = of.frame[column.name], book[name][read]
            if column.text:
                assert list(found.fillna("").astype(str)) == list(expected.astype(str)), (name, column.name)
            else:
                found = found.replace("inf", np.inf).astype(float)
                np.testing.assert_allclose(found, expected.astype(float), rtol=1e-14, err_msg=f"{name} {column.name}")
    assert EVIL in set(book["welfare"]["region, name"])
    assert EVIL in set(book["notes"].to_numpy().ravel())
    assert {"two", "world"} <= set(book["welfare"]["region"])


def test_text_that_begins_like_a_formula_is_no_formula(both, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(both.to_excel(tmp_path / "all.xlsx"))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds <= {"s", "n", "inlineStr"}
    assert {cell.number_format for cell in book["welfare"]["C"][1:3]} <= {"General"}
    assert book["welfare"]["D"][1].number_format == "#,##0"


def test_the_long_form_holds_every_number_once(both, tmp_path):
    pytest.importorskip("pyarrow")
    table = both.long()
    assert list(table.columns[:2]) == ["table", "scenario"]
    assert list(table.columns[-3:]) == ["column", "unit", "value"]
    ev = table[(table["column"] == "ev_musd") & (table["scenario"] == "again") & (table["region"] == "KOR")]
    assert ev["value"].item() == both["again"].welfare.loc["KOR", "ev_musd"]
    assert ev["unit"].item() == "million USD"
    rate = table[(table["column"] == "new") & (table["indicator"] == "effective_tariff")]
    assert set(rate["unit"]) == {"% of the cif value"}
    again = pd.read_parquet(both.write(tmp_path / "all.parquet"))
    pd.testing.assert_frame_equal(again, table, check_dtype=False)
    csv = pd.read_csv(both.write(tmp_path / "all.csv"), keep_default_na=False)
    np.testing.assert_array_equal(csv["value"].astype(float), table["value"])


def test_latex_compiles_and_holds_what_is_shown(both, tmp_path):
    text = both.to_latex(groups={"two": ["KOR", "USA"]})
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    column = TABLES["welfare"].column("ev_pct")
    assert f" & {column.shown(both['again'].welfare.loc['USA', 'ev_pct'])} " in text
    compiler = shutil.which("pdflatex")
    if compiler is None:
        pytest.skip("no pdflatex on this machine")
    page = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n" + text + "\\end{document}\n"
    (tmp_path / "page.tex").write_text(page)
    done = subprocess.run(
        [compiler, "-halt-on-error", "-interaction=nonstopmode", "page.tex"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout.decode()[-2000:]


def test_markdown_has_a_cell_for_every_number(both):
    lines = both.to_markdown(["ev_pct"]).splitlines()
    assert len(lines) == 2 + len(both["again"].welfare) + 1
    unescaped = [line.replace(r"\|", "") for line in lines]
    assert {line.count("|") for line in unescaped} == {5}
    assert "<b>" not in "".join(lines)


def test_files_are_kept_and_forms_are_told(both, tmp_path, monkeypatch):
    file = both.write(tmp_path / "a.md")
    with pytest.raises(KeptError, match="is kept"):
        both.write(file)
    both.write(file, overwrite=True)
    with pytest.raises(RequestError, match=r"ends in one of \.xlsx"):
        both.write(tmp_path / "a.doc")
    monkeypatch.setattr(frames, "find_spec", lambda name: None)
    with pytest.raises(InstallError, match="pip install pyarrow"):
        both.write(tmp_path / "a.parquet")
    assert [f.name for f in tmp_path.iterdir()] == ["a.md"]


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_figures_of_any_region_in_every_form(result, tmp_path, suffix):
    pytest.importorskip("matplotlib")
    for kind, who in (("welfare", "KOR"), ("export_shares", "USA"), ("export_shares", "korus")):
        file = result.figure(kind, tmp_path / f"{kind}-{who}{suffix}", who, width=3.5)
        assert file.stat().st_size > 1000
    with pytest.raises(RequestError, match="did you mean USA"):
        result.figure("export_shares", tmp_path / "x.png", "USS")
    with pytest.raises(RequestError, match=r"unknown figure(?s:.*)unknown form"):
        result.figure("welfar", tmp_path / "x.gif")


def test_a_group_s_export_shares_leave_its_own_trade_out(result):
    shares = figures.export_shares(result, "korus")
    assert set(shares.index).isdisjoint({"Korea", "United States"})
    np.testing.assert_allclose(shares.sum(), 100.0)
