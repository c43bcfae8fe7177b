"""Tables as people bring them: each is read as it says, or refused with the cause and the repair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cge.calibration.readers import registry
from cge.errors import DataError, RequestError

REGIONS, SECTORS, USERS = ("HOM", "PAR"), ("FRM", "MFG"), ("HH", "GFCF")


def table(seed: int = 1) -> tuple[list[list[str]], np.ndarray]:
    """A balanced table of two regions, two industries and two final users, as lines of text with two label levels."""
    rng = np.random.default_rng(seed)
    industries = [(r, s) for r in REGIONS for s in SECTORS]
    columns = [*industries, *((r, u) for r in REGIONS for u in USERS)]
    values = rng.uniform(5, 60, (4, 8)).round(2)
    added = values.sum(1) - values[:, :4].sum(0)
    values[:, 4] += np.clip(40 - added, 0, None).round(2)
    added = (values.sum(1) - values[:, :4].sum(0)).round(2)
    head = [["", "", *(r for r, _ in columns)], ["", "", *(s for _, s in columns)]]
    body = [[r, s, *(f"{x:.2f}" for x in row)] for (r, s), row in zip(industries, values, strict=True)]
    paid = ["VA", "LAB", *(f"{x:.2f}" for x in added), "", "", "", ""]
    return [*head, *body, paid], values


def written(path: Path, lines: list[list[str]], mark: str = ",", encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join(mark.join(line) for line in lines).encode(encoding))
    return path


def test_a_plain_table_is_read_and_balances(tmp_path: Path) -> None:
    lines, values = table()
    raw, log = registry.read(written(tmp_path / "t.csv", lines))
    assert raw.regions == list(REGIONS)
    assert raw.sectors == list(SECTORS)
    assert raw.gaps()["gap"].abs().max() < 1e-9
    assert float(raw.flows.sel(seller="PAR.FRM", buyer="HOM.HH")) == values[2, 4]
    assert set(raw.unnamed) == {"HOM.HH", "HOM.GFCF", "PAR.HH", "PAR.GFCF", "HOM.LAB", "PAR.LAB"}
    assert not len(log)


@pytest.mark.parametrize(
    ("mark", "encoding", "comma", "nil"),
    [
        (";", "cp1252", True, "-"),
        (",", "utf-8-sig", False, ""),
        ("\t", "utf-16", False, "\u2013"),
        (";", "utf-8", True, ""),
    ],
)
def test_other_ways_to_write_the_same_table(tmp_path: Path, mark: str, encoding: str, comma: bool, nil: str) -> None:
    lines, _ = table()
    plain, _ = registry.read(written(tmp_path / "plain.csv", lines))
    if comma:
        lines = [[x.replace(".", ",") for x in line] for line in lines]
    lines[-1] = [x or nil for x in lines[-1]]
    lines = [["Tableau entrées-sorties, 2019" if mark != "," else "Tableau"], [], *lines, ["Source : (p) provisoire"]]
    raw, _ = registry.read(written(tmp_path / "other.csv", lines, mark, encoding))
    np.testing.assert_allclose(raw.flows.values, plain.flows.values)
    assert "provisoire" in raw.about.source


def test_a_sum_at_the_edge_is_left_out_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    lines, values = table()
    added = [float(x or 0) for x in lines[-1][2:]]
    sums = values.sum(0) + added
    total = ["TOTAL", "OUT", *(f"{x:.2f}" for x in sums)]
    raw, log = registry.read(written(tmp_path / "t.csv", [*lines, total]))
    assert "TOTAL OUT" not in " ".join(raw.names)
    assert "row of totals left out" in set(log.table()["step"])
    total[3] = f"{sums[1] + 5:.2f}"
    with pytest.raises(DataError, match=r"row TOTAL OUT says .* for HOM MFG, whose cells add up to .*: \+5"):
        registry.read(written(tmp_path / "wrong.csv", [*lines, total]))


def test_labels_at_fault_are_told_with_their_places(tmp_path: Path) -> None:
    lines, _ = table()
    with pytest.raises(
        DataError, match=r"row 8 \(HOM FRM\) repeats row 3 \(HOM FRM\), with the same numbers: remove it"
    ):
        registry.read(written(tmp_path / "a.csv", [*lines, lines[2]]))
    other = [*lines[2][:2], *("1.00" for _ in lines[2][2:])]
    with pytest.raises(DataError, match="with other numbers"):
        registry.read(written(tmp_path / "b.csv", [*lines, other]))
    spelt = [line.copy() for line in lines]
    spelt[1][3] = "mfg"
    with pytest.raises(DataError, match="'HOM MFG' and column D 'HOM mfg': one account in two spellings"):
        registry.read(written(tmp_path / "c.csv", spelt))


def test_a_table_that_pandas_wrote_with_merged_labels_and_a_blank_line(tmp_path: Path) -> None:
    plain = written(tmp_path / "plain.csv", table()[0])
    frame = pd.read_csv(plain, header=[0, 1], index_col=[0, 1])
    frame.columns = pd.MultiIndex.from_tuples(list(frame.columns))
    frame.to_excel(tmp_path / "merged.xlsx", startrow=3, startcol=2)
    expected, read = (registry.read(file)[0] for file in (plain, tmp_path / "merged.xlsx"))
    assert read.names == expected.names
    np.testing.assert_allclose(read.flows.values, expected.flows.values)


@pytest.mark.parametrize(("gone", "told"), [("column", "row 4"), ("row", "column D")])
def test_an_industry_with_a_row_or_a_column_alone_is_told(tmp_path: Path, gone: str, told: str) -> None:
    lines, _ = table()
    lines = [line for k, line in enumerate(lines) if k != 3] if gone == "row" else [x[:3] + x[4:] for x in lines]
    with pytest.raises(DataError) as error:
        registry.read(written(tmp_path / "t.csv", lines))
    (fault,) = error.value.faults
    assert fault.startswith(f"{told} (HOM MFG) has no {gone}, though MFG has")
    assert f"in PAR: add its {gone}" in fault


def test_decimals_that_are_all_zero_are_none(tmp_path: Path) -> None:
    lines, _ = table()
    whole = [*lines[:2], *([*x[:2], *(f"{float(c):.0f}.0" if c else c for c in x[2:])] for x in lines[2:])]
    assert registry.read(written(tmp_path / "t.csv", whole))[0].about.decimals == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it holds no numbers"),
        ("from,to,amount\nA,B,1.5\nB,A,2.5\nB,C,1.0\n", "name its columns seller, buyer and value"),
    ],
)
def test_files_without_a_table_say_what_they_are(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DataError, match=told):
        registry.read(tmp_path / "t.csv")


def test_text_where_numbers_belong_is_told_with_its_cell(tmp_path: Path) -> None:
    lines, _ = table()
    lines[2][4], lines[3][5] = "n/a", "12.5 (p)"
    with pytest.raises(DataError) as told:
        registry.read(written(tmp_path / "t.csv", lines))
    assert "line 3, column 5 is 'n/a', a value that is not known" in str(told.value)
    assert "line 4, column 6 is '12.5 (p)', not a number" in str(told.value)


def test_a_transposed_table_is_told_as_such(tmp_path: Path) -> None:
    lines, _ = table()
    width = max(map(len, lines))
    full = [line + [""] * (width - len(line)) for line in lines]
    turned = [list(column) for column in zip(*full, strict=True)]
    with pytest.raises(DataError, match="rows and columns are swapped") as told:
        registry.read(written(tmp_path / "t.csv", turned))
    assert len(told.value.faults) == 1


def test_numbers_that_can_be_read_in_two_ways_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"1,234 may be 1234 or 1\.234"):
        registry.read(written(tmp_path / "t.csv", [["", "a"], ["a", "1,234"]], ";"))
    with pytest.raises(DataError, match=r"decimal comma and .* decimal point"):
        registry.read(written(tmp_path / "u.csv", [["", "a", "b"], ["a", "1,2", "1.25"]], ";"))


def test_what_a_user_says_of_accounts(tmp_path: Path) -> None:
    lines, _ = table()
    path = written(tmp_path / "t.csv", lines)
    said = {"HH": "household", "GFCF": "investment", "LAB": "labour"}
    raw, _ = registry.read(
        path, accounts=said, unit="million EUR", year=2019, regions={"HOM": "DEU", "PAR": ["FRA", "ITA"]}
    )
    assert raw.unnamed == []
    assert raw.about.currency == "EUR"
    assert raw.countries["PAR"] == {"FRA", "ITA"}
    with pytest.raises(RequestError) as told:
        registry.read(path, accounts={"HHH": "household", "HH": "houshold"}, regions={"HOME": "DEU"})
    assert "'HHH' is no account (did you mean HH?)" in str(told.value)
    assert "did you mean household?" in str(told.value)
    assert "'HOME' is no region (did you mean HOM?)" in str(told.value)
    with pytest.raises(RequestError, match=r"unknown option 'units' \(did you mean unit\?\)"):
        registry.read(path, units="million EUR")


def test_a_file_that_no_reader_knows_names_the_layouts(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"flows .*seller, buyer, value"):
        registry.read(path)
    with pytest.raises(RequestError, match="there is no file"):
        registry.read(tmp_path / "none.csv")


def test_two_small_tables_written_and_read(tmp_path: Path) -> None:
    from cge.calibration.readers import flows

    lines, _ = table()
    raw, _ = registry.read(written(tmp_path / "t.csv", lines), accounts={"HH": "household"})
    paths = flows.write(raw, tmp_path / "out", "world")
    again, _ = registry.read(paths[0])
    np.testing.assert_array_equal(again.flows.values, raw.flows.values)
    pd.testing.assert_frame_equal(again.accounts, raw.accounts)
    with pytest.raises(FileExistsError, match="are kept"):
        flows.write(raw, tmp_path / "out", "world")
    (tmp_path / "out" / "world.accounts.csv").unlink()
    with pytest.raises(DataError, match="its accounts are not there"):
        registry.read(paths[0])


def test_headers_and_unknown_columns_of_the_two_tables(tmp_path: Path) -> None:
    written(tmp_path / "flows.csv", [["seller", "buyer", "value"], ["A", "B", "ten"]])
    written(tmp_path / "accounts.csv", [["account", "region"], ["A", "X"], ["B", "X"]])
    with pytest.raises(DataError, match="line 2, column 3 is 'ten', not a number"):
        registry.read(tmp_path / "flows.csv")
