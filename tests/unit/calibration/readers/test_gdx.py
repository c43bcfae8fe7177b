"""GDX files, written and read by GAMS's own library."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from cge.calibration.readers import gdx, registry
from cge.errors import AbsentError, DataError, InstallError

transfer = pytest.importorskip("gams.transfer", reason="needs the extra gdx")
base = pytest.importorskip("gamspy_base", reason="needs the extra gdx")

SAM = [("farms", "plants", 10.0), ("plants", "farms", 4.5), ("labour", "farms", 5.5), ("plants", "labour", 5.5)]


@pytest.fixture
def write(tmp_path):
    def written(*more, records=SAM):
        held = transfer.Container(system_directory=base.directory)
        transfer.Set(held, "i", records=[("farms", "the farms"), ("plants", "")], description="industries")
        transfer.Parameter(held, "sam", ["*", "*"], records=list(records), description="a matrix")
        transfer.Parameter(held, "rate", records=0.25)
        for name in more:
            transfer.Parameter(held, name, ["*", "*"], records=[("a", "b", 1.0)])
        held.write(str(tmp_path / "a.gdx"))
        return tmp_path / "a.gdx"

    return written


def test_symbols_are_read_with_their_labels(write):
    eps, na = transfer.SpecialValues.EPS, transfer.SpecialValues.NA
    found = gdx.read_gdx(write(records=[*SAM, ("labour", "labour", eps), ("farms", "labour", na)]))
    assert {name: s.kind for name, s in found.items()} == {"i": "set", "sam": "parameter", "rate": "parameter"}
    assert found["sam"].values["farms", "plants"] == 10.0
    assert found["sam"].values["labour", "labour"] == 0.0
    assert np.isnan(found["sam"].values["farms", "labour"])
    assert list(found["rate"].values) == [0.25]
    assert found["i"].values["farms"] == "the farms"


def test_a_matrix_of_accounts_becomes_a_raw_table(write):
    table = gdx.sam_of(write())
    assert list(table.accounts.index) == ["farms", "plants", "labour"]
    assert float(table.flows.loc["plants", "labour"]) == 5.5
    assert table.unnamed == ["farms", "plants", "labour"]
    assert table.about.source == "a matrix"
    assert len(table.about.files["a.gdx"]) == 64


def test_several_matrices_or_another_name_are_told(write):
    path = write("other")
    with pytest.raises(DataError, match=r"2 parameters have two dimensions \(sam, other\)"):
        gdx.sam_of(path)
    with pytest.raises(DataError, match="did you mean sam"):
        gdx.sam_of(path, "sams")
    assert len(gdx.sam_of(path, "other").accounts) == 2


def test_numbers_that_are_not_available_are_refused(write):
    path = write(records=[*SAM, ("farms", "labour", transfer.SpecialValues.NA)])
    with pytest.raises(DataError, match="farms to labour is no finite number"):
        gdx.sam_of(path)


def test_what_is_no_gdx_file_is_told(tmp_path, write):
    with pytest.raises(AbsentError):
        gdx.read_gdx(tmp_path / "none.gdx")
    (tmp_path / "b.gdx").write_text("seller,buyer\n")
    with pytest.raises(DataError, match="no GDX file"):
        gdx.read_gdx(tmp_path / "b.gdx")
    damaged = tmp_path / "c.gdx"
    whole = write().read_bytes()
    for length in (200, len(whole) - 20, len(whole) - 1):
        damaged.write_bytes(whole[:length])
        with pytest.raises(DataError, match="cut short"):
            gdx.read_gdx(damaged)


def test_without_the_extra_its_name_is_said(write, monkeypatch):
    path = write()
    monkeypatch.setitem(sys.modules, "gamspy_base", None)
    with pytest.raises(InstallError, match="pip install"):
        gdx.read_gdx(path)


def test_any_table_s_door_reads_it(write):
    raw, _ = registry.read(write("other"), symbol="sam", unit="million USD", accounts={"labour": "labour"})
    assert raw.accounts.loc["labour", "role"] == "labour"
    assert raw.about.unit == "million USD"
