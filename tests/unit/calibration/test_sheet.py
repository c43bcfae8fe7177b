"""A table of a user is read as it stands: text stays text, and what is unusual is read or named."""

import pytest

from cge.calibration.sheet import number, numbers, read_sheet
from cge.errors import DataError


@pytest.fixture
def sheet(tmp_path):
    def sheet(text, encoding="utf-8"):
        file = tmp_path / "sheet.csv"
        file.write_bytes(text.encode(encoding))
        return read_sheet(file)

    return sheet


def test_labels_stay_the_text_that_they_are(sheet):
    table = sheet("sector,rate_pct\n01,1\n1,2\nNA,3\nTrue,4\n#1,5\nnull,6\n1e5,7\n")
    assert list(table["sector"]) == ["01", "1", "NA", "True", "#1", "null", "1e5"]
    assert list(table.index) == [2, 3, 4, 5, 6, 7, 8]


def test_comments_before_the_head_blank_rows_and_a_byte_order_mark_are_passed_over(sheet):
    table = sheet("\ufeff# a note, with a comma\n\nsector,rate_pct,\nA,1,\n,,\n\n")
    assert table.to_dict("records") == [{"sector": "A", "rate_pct": "1"}]
    assert list(table.index) == [4]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_semicolons_and_tabs_with_decimal_commas_are_read(sheet, separator):
    table = sheet(f"sector{separator}rate_pct\r\nA{separator}2,5\r\nB{separator}1.5\r\n")
    values, faults = numbers(table, "rate_pct", "sector")
    assert list(values) == [2.5, 1.5]
    assert not faults


def test_commas_that_may_be_of_thousands_are_refused_unless_another_number_tells(sheet):
    values, faults = numbers(sheet("sector;musd\nA;1,000\nB;2\n"), "musd", "sector")
    assert faults == ["line 2: the musd of A: '1,000' is not a number; write 1000, without separators of thousands"]
    values, faults = numbers(sheet("sector;musd\nA;3,565\nB;2,5\n"), "musd", "sector")
    assert list(values) == [3.565, 2.5]
    assert not faults


@pytest.mark.parametrize(
    ("text", "decimal", "told"),
    [
        ("1,000", ".", "write 1000, without separators"),
        ("1,234,567", ",", "write a point"),
        ("1,234,567.8", ".", "write 1234567.8"),
        ("2,5", ".", "write a point"),
        ("1.000,5", ",", "write a point"),
        ("", ".", "the cell is empty"),
        ("nan", ".", "'nan' is not a number"),
        ("ten", ".", "'ten' is not a number"),
        ("1_0", ".", "'1_0' is not a number"),
        ("10 %", ".", "'10 %' is not a number"),
    ],
)
def test_what_is_no_number_says_what_to_write(text, decimal, told):
    with pytest.raises(ValueError, match=told):
        number(text, decimal)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("# only a note\n", "is empty"),
        ("a,b\n1\n", "line 2 has 1 cells and the head has 2"),
        ("a,b\n1,2,3\n", "line 2 has 3 cells and the head has 2"),
        ("a,a\n1,2\n", "column 'a' comes twice"),
    ],
)
def test_a_table_that_does_not_fit_its_head_is_refused(sheet, text, told):
    with pytest.raises(DataError, match=told):
        sheet(text)


def test_another_encoding_is_named(sheet):
    with pytest.raises(DataError, match="UTF-8"):
        sheet("région,b\n1,2\n", "cp1252")
