"""Recipes: what changed is done again and nothing else, nothing of the user's is replaced, and every fault is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from cge.calibration import output, recipe, store
from cge.calibration.benchmark import Benchmark
from cge.calibration.check import check, faults
from cge.calibration.export import export
from cge.calibration.readers import flows
from cge.calibration.readers.har import read_har
from cge.calibration.summary import differences
from cge.errors import DataError, KeptError, RequestError
from tests.unit.calibration.steps.test_steps import national, world

STEPS = """\
name: own
title: An own table
inputs:
  table: {file: world.flows.csv, unit: million USD, year: 2020}
steps:
  - read: table
  - factors: {into: {LAB: {role: labour, share: 0.6}, CAP: {role: capital}}}
  - negatives: net
  - agents
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    flows.write(world(stocks=-5.0), tmp_path, "world")
    (tmp_path / "own.yaml").write_text(STEPS, encoding="utf-8")
    return tmp_path


def test_only_what_changed_is_done_again(folder: Path) -> None:
    path, kept = folder / "own.yaml", folder / "steps"
    first = recipe.run(path, kept)
    assert [again for _, _, again in first.steps] == [True] * 4
    second = recipe.run(path, kept)
    assert [again for _, _, again in second.steps] == [False] * 4
    assert second.benchmark.sha256 == first.benchmark.sha256
    pd.testing.assert_frame_equal(second.log.table(), first.log.table())
    path.write_text(STEPS.replace("negatives: net", "negatives: spread"), encoding="utf-8")
    third = recipe.run(path, kept)
    assert [again for _, _, again in third.steps] == [False, False, True, True]
    assert third.benchmark.sha256 != first.benchmark.sha256
    assert recipe.run(path).benchmark.sha256 == third.benchmark.sha256
    text = (folder / "world.flows.csv").read_text()
    (folder / "world.flows.csv").write_text(text + "\n")
    assert all(again for _, _, again in recipe.run(path, kept).steps)


def test_it_leaves_benchmark_log_report_and_proof_and_replaces_only_its_own(folder: Path) -> None:
    done = recipe.run(folder / "own.yaml")
    paths = output.write(done, folder / "out")
    assert Benchmark.load(paths["benchmark"]).sha256 == done.benchmark.sha256
    proof = json.loads(paths["proof"].read_text())
    assert proof["largest_imbalance"] < 1e-9
    assert proof["inputs"]["table"] == done.inputs["table"]
    page = paths["report"].read_text(encoding="utf-8")
    for word in ("negative stocks met (net)", "value-added split", "image/png", "fingerprint"):
        assert word in page
    assert len(pd.read_csv(paths["log"])) == len(done.log)
    output.write(done, folder / "out")
    paths["log"].write_text("mine")
    with pytest.raises(KeptError, match=r"log\.csv exist and are kept"):
        output.write(done, folder / "out")
    assert paths["log"].read_text() == "mine"


def test_what_a_kill_leaves_is_known_as_the_recipes_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends between two of the four files; the same command goes on, and nothing is half written."""
    path, place = folder / "own.yaml", folder / "out"
    output.write(recipe.run(path), place)
    path.write_text(STEPS.replace("negatives: net", "negatives: spread"), encoding="utf-8")
    done, left = recipe.run(path), [2]
    replace = Path.replace

    def killed(self: Path, target: Path) -> Path:
        if target.parent == place:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        output.write(done, place)
    monkeypatch.undo()
    assert sorted(f.name for f in place.iterdir()) == ["log.csv", "own.nc", "proof.json", "report.html"]
    assert Benchmark.load(place / "own.nc").sha256 != done.benchmark.sha256  # the old one, whole
    output.write(done, place)
    assert Benchmark.load(place / "own.nc").sha256 == done.benchmark.sha256
    output.write(done, place)
    assert json.loads((place / "proof.json").read_text())["replaced"] == {}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("- agents", "- agent", r"step 4: 'agent' is unknown \(did you mean agents\?\)"),
        ("read: table", "read: tables", r"there is no input 'tables' \(did you mean table\?\)"),
        ("inputs:", "input:", "input"),
        ("file: world.flows.csv", "file: none.csv", "there is no none.csv beside the recipe"),
        ("unit: million", "sha256: abc, unit: million", "world.flows.csv was changed"),
        ("negatives: net", "negatives: {rul: net}", r"option 'rul' \(did you mean rule\?\)"),
        ("negatives: net", "negatives: nett", r"rule 'nett' \(did you mean net\?\)"),
        ("  - read: table\n", "", "the first step must read an input"),
        ("name: own", "name: [own", "it is no YAML"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_told_with_the_nearest(folder: Path, old: str, new: str, told: str) -> None:
    path = folder / "own.yaml"
    path.write_text(STEPS.replace(old, new), encoding="utf-8")
    with pytest.raises((DataError, RequestError), match=told):
        recipe.run(path)


def test_a_kept_table_is_the_table(tmp_path: Path) -> None:
    raw = national()
    store.save(raw, recipe.Log(), tmp_path / "t.nc")
    again, _ = store.load(tmp_path / "t.nc")
    assert again.sha256 == raw.sha256
    assert again.about == raw.about


def test_a_benchmark_in_the_forms_of_other_programs(folder: Path) -> None:
    benchmark = recipe.run(folder / "own.yaml").benchmark
    book = export(benchmark, folder / "b.xlsx")
    trade = pd.read_excel(book, sheet_name="trade", engine="calamine")
    assert trade["value"].sum() == pytest.approx(float(benchmark.data["trade"].sum()), rel=1e-12)
    tables = export(benchmark, folder / "csv", "csv")
    assert pd.read_csv(tables / "final.csv")["value"].sum() == pytest.approx(float(benchmark.data["final"].sum()))
    har = read_har(export(benchmark, folder / "b.har"))
    assert har["TRAD"].values.sum() == pytest.approx(float(benchmark.data["trade"].sum()), rel=1e-6)
    with pytest.raises(KeptError):
        export(benchmark, folder / "b.xlsx")
    with pytest.raises(RequestError, match="did you mean xlsx"):
        export(benchmark, folder / "b.xls")


def test_two_benchmarks_side_by_side(folder: Path) -> None:
    one = recipe.run(folder / "own.yaml").benchmark
    assert differences(one, one).empty
    (folder / "own.yaml").write_text(STEPS.replace("share: 0.6", "share: 0.5"), encoding="utf-8")
    table = differences(one, recipe.run(folder / "own.yaml").benchmark)
    assert list(table.index) == ["factor_income"]
    assert table.loc["factor_income", "moved"] == pytest.approx(0.2 * float(one.data["factor_income"].sum()))


def test_the_cause_is_told_and_not_what_follows_from_it() -> None:
    raw = replace(world(), countries={})
    assert faults(raw) == []
    small = raw.flows.values.copy()
    small[:, [raw.place(n) for n in raw.names if n.startswith("A.")]] /= 1000.0
    told = faults(raw.with_flows(small))
    assert len(told) == 1
    assert "columns of A are 0.001 times what the others are in: multiply them by 1000" in told[0]
    for side, key, factor in (("column", "buyers", 1e-3), ("row", "sellers", 1e3)):
        one = raw.flows.values.copy()
        line = one[:, raw.place("B.y")] if side == "column" else one[raw.place("B.y")]
        line *= factor
        (cause,) = faults(raw.with_flows(one))
        assert f"the {side} of B.y is {factor:g} times what the others are in" in cause
        assert f"{{{key}: B.y, factor: {1 / factor:g}}}" in cause
    empty = raw.flows.values.copy()
    empty[raw.place("B.y")] = 0.0
    told = faults(raw.with_flows(empty))
    assert len(told) == 1
    assert told[0].startswith("B.y pays")
    off = raw.flows.values.copy()
    off[raw.place("A.VA"), raw.place("A.x")] *= 1.03
    told = faults(raw.with_flows(off))
    assert len(told) == 1
    assert told[0].startswith("A.x pays")
    cell = raw.flows.values.copy()
    cell[raw.place("B.x"), raw.place("C.y")] += 7.0
    told = faults(raw.with_flows(cell))
    assert len(told) == 1
    assert "what C.y pays B.x" in told[0]
    assert "7 too much" in told[0]


def test_a_unit_that_no_country_can_have_is_told(folder: Path) -> None:
    small = check(folder / "world.flows.csv", unit="billion USD", regions={"A": "KOR"})
    assert small.sound
    large = check(folder / "world.flows.csv", unit="trillion USD", regions={"A": "KOR"})
    assert "A has a value added of" in large.faults[0]
    assert "would fit" in large.faults[0]
